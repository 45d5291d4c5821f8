/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/schema/read_json_int.h"
#include "cedar/text/lex.h"

struct ast_span field_span(const struct json *json) {
    return (struct ast_span){json->offset, json->end};
}

/* A name without escapes is a slice of the text, so its place is known. */
struct schema_place field_place(const struct json_reader *r, const struct json_member *member) {
    str text = r->source->text;
    str name = member->name;
    struct schema_place place = {.source = r->source,
                                 .name = field_span(&member->value),
                                 .whole = field_span(&member->value)};
    if (name.len > 0 && name.ptr > text.ptr && name.ptr < text.ptr + text.len) {
        place.name.start = (uint32_t)(name.ptr - text.ptr) - 1;
        place.name.end = place.name.start + (uint32_t)name.len + 2;
        place.whole.start = place.name.start;
    }
    return place;
}

/* ---- kinds ----------------------------------------------------------------------------------- */

static bool is_integer_text(str text) {
    uint64_t number;
    return str_to_u64(text, &number);
}

/* "boolean `true`", "string \"x\"", … */
static void describe(struct buf *out, const struct json *json) {
    switch (json->kind) {
    case JSON_NULL:
        buf_add_c(out, "null");
        return;
    case JSON_BOOL:
        buf_format(out, "boolean `%s`", json->boolean ? "true" : "false");
        return;
    case JSON_INT:
        buf_format(out, "integer `%lld`", (long long)json->integer);
        return;
    case JSON_NUMBER:
        buf_format(out, "%s `%.*s`", is_integer_text(json->text) ? "integer" : "floating point",
                   STR_FMT(json->text));
        return;
    case JSON_STRING:
        buf_add_c(out, "string ");
        quote_debug(out, json->text);
        return;
    case JSON_ARRAY:
        buf_add_c(out, "sequence");
        return;
    case JSON_OBJECT:
        buf_add_c(out, "map");
        return;
    }
}

err field_expect(struct json_reader *r, const struct json *json, enum json_kind kind,
                 const char *expected) {
    if (json->kind == kind) {
        return ERR_OK;
    }
    struct buf found;
    buf_init_arena(&found, r->arena, 4096);
    describe(&found, json);
    return JSON_FAIL(r, json, "invalid type: %.*s, expected %s", STR_FMT(buf_str(&found)),
                     expected);
}

err field_string(struct json_reader *r, const struct json *json, str *ret) {
    TRY(field_expect(r, json, JSON_STRING, "a string"));
    *ret = json->text;
    return ERR_OK;
}

err field_bool(struct json_reader *r, const struct json *json, bool *ret) {
    TRY(field_expect(r, json, JSON_BOOL, "a boolean"));
    *ret = json->boolean;
    return ERR_OK;
}

/* ---- members --------------------------------------------------------------------------------- */

err field_unknown(struct json_reader *r, const struct json *at, const char *name,
                  const char *const *names, size_t count) {
    struct buf known;
    buf_init_arena(&known, r->arena, 1000);
    buf_add_c(&known, count == 0  ? "there are no fields"
                      : count > 2 ? "expected one of "
                                  : "expected ");
    for (size_t i = 0; i < count; i++) {
        buf_format(&known, "%s`%s`", i == 0 ? "" : count == 2 ? " or " : ", ", names[i]);
    }
    return JSON_FAIL(r, at, "unknown field `%s`, %.*s", name, STR_FMT(buf_str(&known)));
}

err field_find(struct json_reader *r, const struct json_member *member, const char *const *names,
               size_t count, size_t *ret) {
    for (size_t i = 0; i < count; i++) {
        if (str_equal_c(member->name, names[i])) {
            *ret = i;
            return ERR_OK;
        }
    }
    str shown;
    TRY(arena_format(r->arena, &shown, "%.*s", STR_FMT(member->name)));
    return field_unknown(r, &member->value, shown.ptr, names, count);
}

err field_missing(struct json_reader *r, const struct json *object, const char *name) {
    return JSON_FAIL(r, object, "missing field `%s`", name);
}

/* ---- names ----------------------------------------------------------------------------------- */

static const char *const normal_names[] = {
    [FIELD_NAME_ID] = "Id",
    [FIELD_NAME_ANY_ID] = "AnyId",
    [FIELD_NAME_EXTENSION] = "Unreserved Id",
    [FIELD_NAME_REFERENCE] = "internal name",
    [FIELD_NAME_SPACE] = "Name",
};

/* A name is read with the tokens of policies, so that a finding says what a parser would. */
struct name_reader {
    struct lexer lexer;
    struct token token;
    str reserved; /* the first word that is none of an identifier */
    bool has_cedar;
};

static void unexpected(struct buf *why, const struct name_reader *n) {
    if (n->token.kind == TOKEN_END) {
        buf_add_c(why, "unexpected end of input");
    } else if (n->token.kind == TOKEN_INVALID) {
        buf_add_c(why, "invalid token");
    } else {
        str token = str_slice(n->lexer.text, n->token.span.start, n->token.span.end);
        buf_format(why, "unexpected token `%.*s`", STR_FMT(token));
    }
}

/* One word; `must_go_on`: no name can end with it. */
static bool read_word(struct name_reader *n, struct buf *why, bool *ret_must_go_on) {
    enum token_kind kind = n->token.kind;
    str word = str_slice(n->lexer.text, n->token.span.start, n->token.span.end);
    if (!lex_is_word(kind)) {
        unexpected(why, n);
        return false;
    }
    if (kind != TOKEN_IDENT && n->reserved.ptr == NULL) {
        n->reserved = word;
    }
    n->has_cedar = n->has_cedar || str_equal_c(word, "__cedar");
    *ret_must_go_on = kind == TOKEN_IF || kind == TOKEN_TRUE || kind == TOKEN_FALSE;
    lex_next(&n->lexer, &n->token);
    return true;
}

static bool read_words(struct name_reader *n, enum field_name kind, struct buf *why) {
    bool is_path = kind == FIELD_NAME_REFERENCE || kind == FIELD_NAME_SPACE;
    bool must_go_on = false;
    bool is_first = true;
    do {
        if (!is_first) {
            lex_next(&n->lexer, &n->token);
        }
        if (!read_word(n, why, &must_go_on)) {
            return false;
        }
        /* `if`, `true` and `false` begin names, and stand in them, but are none themselves */
        must_go_on = is_path && is_first && must_go_on;
        is_first = false;
    } while (is_path && n->token.kind == TOKEN_PATH);
    if (n->token.kind != TOKEN_END || must_go_on) {
        unexpected(why, n);
        return false;
    }
    return true;
}

static bool is_normal(str name) {
    for (size_t i = 0; i < name.len; i++) {
        if (!byte_is_alnum(name.ptr[i]) && name.ptr[i] != '_' && name.ptr[i] != ':') {
            return false;
        }
    }
    return true;
}

/* Nothing is written for a good name. *ret_is_cedar: all is well but for `__cedar` in it. */
static void why_bad(str name, enum field_name kind, struct buf *why, bool *ret_is_cedar) {
    struct name_reader n = {.lexer.text = name};
    lex_next(&n.lexer, &n.token);
    if (!read_words(&n, kind, why)) {
        return;
    }
    if (n.reserved.ptr != NULL && kind != FIELD_NAME_ANY_ID) {
        buf_format(why, "this identifier is reserved and cannot be used: %.*s",
                   STR_FMT(n.reserved));
    } else if (!is_normal(name)) {
        buf_format(why, "`%s` needs to be normalized (e.g., whitespace removed): %.*s",
                   normal_names[kind], STR_FMT(name));
    } else if (n.has_cedar && kind != FIELD_NAME_ANY_ID && kind != FIELD_NAME_REFERENCE) {
        buf_format(why, "The name `%.*s` contains `__cedar`, which is reserved", STR_FMT(name));
        *ret_is_cedar = true;
    }
}

err field_check_name(struct json_reader *r, const struct json *at, str name, enum field_name kind,
                     const char *what) {
    struct buf why;
    struct arena_mark mark = arena_mark(r->arena);
    buf_init_arena(&why, r->arena, 4096);
    bool is_cedar = false;
    why_bad(name, kind, &why, &is_cedar);
    if (why.len == 0) {
        arena_reset(r->arena, mark);
        return ERR_OK;
    }
    return is_cedar && kind == FIELD_NAME_ID ? JSON_FAIL(r, at, "%.*s", STR_FMT(buf_str(&why)))
                                             : JSON_FAIL(r, at, "invalid %s `%.*s`: %.*s", what,
                                                         STR_FMT(name), STR_FMT(buf_str(&why)));
}

err field_annotations(struct json_reader *r, const struct json *json,
                      struct schema_annotations *ret) {
    TRY(field_expect(r, json, JSON_OBJECT, "a map"));
    struct schema_annotation *items = ARENA_ARRAY(r->arena, struct schema_annotation, json->count);
    if (items == NULL) {
        return arena_error(r->arena);
    }
    for (uint32_t i = 0; i < json->count; i++) {
        const struct json_member *member = &json->members[i];
        TRY(field_check_name(r, &member->value, member->name, FIELD_NAME_ANY_ID, "id"));
        items[i].name = member->name;
        if (member->value.kind != JSON_NULL) {
            items[i].has_value = true;
            TRY(field_string(r, &member->value, &items[i].value));
        }
    }
    fragment_sort_annotations(items, json->count);
    *ret = (struct schema_annotations){json->count, items};
    return ERR_OK;
}
