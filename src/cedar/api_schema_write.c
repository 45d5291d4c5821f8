/* SPDX-License-Identifier: Apache-2.0 */
/* Schemas in the other form. */
#include "cedar/api_schema_int.h"

static cedar_status finish(cedar_scratch *scratch, err error, const struct buf *out,
                           struct diag_list *diags, cedar_str *ret, cedar_report **ret_report) {
    str text;
    if (error == ERR_OK) {
        error = buf_finish(out, &text);
    }
    cedar_status status = api_finish(scratch->engine, error, diags, ret_report);
    arena_clear(&scratch->temp);
    if (error == ERR_OK) {
        *ret = api_public(text);
    }
    return status;
}

cedar_status cedar_schema_to_text(cedar_scratch *scratch, const cedar_schema *schema,
                                  cedar_str *ret_text, cedar_report **ret_report) {
    struct buf out;
    struct diag_list diags;
    if (ret_report != NULL) {
        *ret_report = NULL;
    }
    if (scratch == NULL || schema == NULL || ret_text == NULL) {
        return CEDAR_ERR_MISUSE;
    }
    buf_init_arena(&out, &scratch->arena, SIZE_MAX / 2);
    diag_list_init(&diags, &scratch->temp);
    err error = fragment_write_text(&scratch->temp, schema->schema->fragment, schema->schema->names,
                                    &diags, &out);
    return finish(scratch, error, &out, &diags, ret_text, ret_report);
}

static cedar_status to_json(cedar_scratch *scratch, const cedar_schema *schema, bool is_resolved,
                            cedar_str *ret) {
    struct buf out;
    struct diag_list diags;
    if (scratch == NULL || schema == NULL || ret == NULL) {
        return CEDAR_ERR_MISUSE;
    }
    buf_init_arena(&out, &scratch->arena, SIZE_MAX / 2);
    diag_list_init(&diags, &scratch->temp);
    err error = fragment_write_json(&scratch->temp, schema->schema->fragment,
                                    is_resolved ? schema->schema->names : NULL, &out);
    return finish(scratch, error, &out, &diags, ret, NULL);
}

cedar_status cedar_schema_to_json(cedar_scratch *scratch, const cedar_schema *schema,
                                  cedar_str *ret_json) {
    return to_json(scratch, schema, false, ret_json);
}

cedar_status cedar_schema_to_json_resolved(cedar_scratch *scratch, const cedar_schema *schema,
                                           cedar_str *ret_json) {
    return to_json(scratch, schema, true, ret_json);
}

static err translate(cedar_scratch *scratch, str text, cedar_format from, const char *name,
                     cedar_format to, struct diag_list *diags, struct buf *out) {
    const cedar_engine *engine = scratch->engine;
    struct fragment fragment = {0};
    const struct schema_names *names = NULL;
    TRY(api_schema_read(&scratch->temp, engine, text, from, name, diags, &fragment));
    TRY(fragment_declare(&scratch->temp, &engine->key, &fragment, diags, &names));
    return to == CEDAR_FORMAT_JSON
               ? fragment_write_json(&scratch->temp, &fragment, NULL, out)
               : fragment_write_text(&scratch->temp, &fragment, names, diags, out);
}

cedar_status cedar_schema_translate(cedar_scratch *scratch, cedar_str text, cedar_format from,
                                    const char *source_name, cedar_format to, cedar_str *ret_text,
                                    cedar_report **ret_report) {
    struct buf out;
    struct diag_list diags;
    if (ret_report != NULL) {
        *ret_report = NULL;
    }
    if (scratch == NULL || ret_text == NULL || api_is_bad(text) || !api_is_format(from) ||
        !api_is_format(to)) {
        return CEDAR_ERR_MISUSE;
    }
    buf_init_arena(&out, &scratch->arena, SIZE_MAX / 2);
    diag_list_init(&diags, &scratch->temp);
    err error = translate(scratch, api_str(text), from, source_name, to, &diags, &out);
    return finish(scratch, error, &out, &diags, ret_text, ret_report);
}
