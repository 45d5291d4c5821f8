/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FUZZ_SCHEMA_PROPERTY_H
#define FUZZ_SCHEMA_PROPERTY_H
/*
 * The property of both readers of schemas.
 *
 * A refusal has a finding whose place lies in the text. An accepted schema, written in either form
 * and read again, is an equal schema; so is its JSON form with all names resolved. What is written
 * of the copy, and of its copy, is the same, byte for byte. (Not yet of the original: text makes
 * an annotation that is null in JSON an empty one.)
 */
#include "fuzz.h"

#include "cedar/schema/fragment.h"

enum { SCHEMA_ARENA_MAX = 128 << 20, SCHEMA_TEXT_MAX = 1 << 14, SCHEMA_WRITTEN_MAX = 1 << 22 };

static const struct hash_key schema_key = {1, 2};
/* Types nest deeper in JSON than in text. */
static const struct schema_limits schema_first = {.max_bytes = SCHEMA_TEXT_MAX, .max_depth = 60};
static const struct schema_limits schema_again = {.max_bytes = SCHEMA_WRITTEN_MAX,
                                                  .max_depth = 300};

static inline void schema_check_refusal(err result, const struct diag_list *diags, size_t len) {
    FUZZ_CHECK(result == ERR_SYNTAX || result == ERR_LIMIT);
    FUZZ_CHECK(result == ERR_LIMIT || diags->items.count > 0 || diags->is_cut);
    for (size_t i = 0; i < diags->items.count; i++) {
        struct ast_span span = diags->items.items[i].span;
        FUZZ_CHECK(span.start <= span.end && span.end <= len);
    }
}

/* False when it is too long or has no such form; is_less: not all of it has. */
static inline bool schema_write(struct arena *a, const struct schema *schema,
                                enum schema_format format, const struct schema_names *names,
                                str *ret, bool *ret_is_less) {
    struct buf out;
    struct diag_list diags;
    diag_list_init(&diags, a);
    buf_init_arena(&out, a, SCHEMA_WRITTEN_MAX);
    err result = format == SCHEMA_FORMAT_CEDAR
                     ? fragment_write_text(a, schema->fragment, schema->names, &diags, &out)
                     : fragment_write_json(a, schema->fragment, names, &out);
    *ret_is_less = diags.items.count > 0;
    FUZZ_CHECK(result == ERR_OK || result == ERR_LIMIT ||
               (result == ERR_UNSUPPORTED && format == SCHEMA_FORMAT_CEDAR));
    return result == ERR_OK && buf_finish(&out, ret) == ERR_OK;
}

static inline void schema_check_form(struct arena *a, const struct schema *schema,
                                     enum schema_format format, bool is_resolved) {
    const struct schema *copies[3] = {schema};
    str written[3];
    bool is_less;
    for (size_t i = 0; i < 3; i++) {
        const struct schema_names *names = is_resolved ? copies[i]->names : NULL;
        bool is_written = schema_write(a, copies[i], format, names, &written[i], &is_less);
        if (i == 0 && !is_written) {
            return;
        }
        FUZZ_CHECK(is_written);
        if (i == 2) {
            break;
        }
        err result =
            schema_read(a, &schema_key, written[i], format, &schema_again, NULL, &copies[i + 1]);
        if (result == ERR_LIMIT) {
            return;
        }
        FUZZ_CHECK(result == ERR_OK && (is_less || schema_equal(copies[i], copies[i + 1])));
    }
    FUZZ_CHECK(str_equal(written[1], written[2]));
}

static inline int schema_property(str text, enum schema_format format) {
    struct arena arena;
    struct diag_list diags;
    const struct schema *schema = NULL;
    arena_init(&arena, allocator_libc(), SCHEMA_ARENA_MAX);
    diag_list_init(&diags, &arena);
    if (text.len <= SCHEMA_TEXT_MAX) {
        err result = schema_read(&arena, &schema_key, text, format, &schema_first, &diags, &schema);
        if (result != ERR_OK) {
            schema_check_refusal(result, &diags, text.len);
        }
    }
    if (schema != NULL) {
        schema_check_form(&arena, schema, SCHEMA_FORMAT_CEDAR, false);
        schema_check_form(&arena, schema, SCHEMA_FORMAT_JSON, false);
        schema_check_form(&arena, schema, SCHEMA_FORMAT_JSON, true);
    }
    arena_done(&arena);
    return 0;
}

#endif
