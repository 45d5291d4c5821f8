/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/json/context.h"

#include "cedar/json/values.h"
#include "cedar/schema/conform.h"
#include "cedar/schema/show.h"

static err no_action(const struct uid *action, struct diag_list *diags) {
    struct diag *diag = diag_add(diags, DIAG_ERROR, (struct ast_span){0, 0},
                                 "action `%.*s` does not exist in the supplied schema",
                                 STR_FMT(conform_uid_text(diags, action)));
    if (diag != NULL) {
        diag->has_span = false; /* it is not the text that is wrong */
    }
    return ERR_TYPE;
}

err context_json_read(struct arena *a, const struct hash_key *key, str text,
                      const struct data_options *options, const struct uid *action,
                      struct diag_list *diags, struct value *ret) {
    const struct schema_type *type = NULL;
    if (options->schema != NULL) {
        const struct schema_action *declared = schema_find_action(options->schema, action);
        if (declared == NULL) {
            return no_action(action, diags);
        }
        type = declared->context;
    }
    const struct json *json;
    TRY(values_parse(options->scratch, text, &options->limits, "while parsing context", diags,
                     &json));
    struct values_reader reader;
    values_reader_init(&reader, a, options->scratch, key, text, diags);
    reader.where = VALUES_CONTEXT;
    struct value value;
    TRY(values_read(&reader, json, type, &value));
    if (value.kind != VALUE_RECORD) {
        struct buf shown;
        buf_init_arena(&shown, options->scratch, 1000);
        show_expression(&shown, &value);
        diag_add(diags, DIAG_ERROR, values_span(json), "expression is not a record: %.*s",
                 STR_FMT(buf_str(&shown)));
        return ERR_SYNTAX;
    }
    *ret = value;
    return ERR_OK;
}
