/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/schema/read_text_int.h"
#include "cedar/value/sort.h"

err text_path(struct text_reader *r, unsigned expected, struct ast_name *ret, str *ret_id) {
    struct ast_name name = {.span = r->token.span};
    TRY(text_identifier(r, expected, &name.text));
    struct buf joined; /* without the space between the parts: no longer than the source */
    buf_init_arena(&joined, r->arena, r->lexer.text.len);
    while (r->token.kind == TOKEN_PATH) {
        text_advance(r);
        if (ret_id != NULL && r->token.kind == TOKEN_STRING) {
            TRY(text_string(r, EXPECT_STRING, ret_id));
            break;
        }
        str part = {0};
        name.span.end = r->token.span.end;
        TRY(text_identifier(r, EXPECT_IDENTIFIER | (ret_id == NULL ? 0u : EXPECT_STRING), &part));
        if (joined.len == 0) {
            buf_add(&joined, name.text);
        }
        buf_add(&joined, STR("::"));
        buf_add(&joined, part);
    }
    if (joined.len > 0) {
        TRY(buf_finish(&joined, &name.text));
    }
    r->after = ret_id == NULL ? AFTER_PATH : AFTER_OTHER;
    *ret = name;
    return ERR_OK;
}

bool text_is_reserved(str name) {
    str rest = name;
    str part;
    while (str_cut(rest, ':', &part, &rest)) {
        if (str_equal_c(part, "__cedar")) {
            return true;
        }
    }
    return str_equal_c(part, "__cedar");
}

/* ---- annotations ----------------------------------------------------------------------------- */

struct annotation {
    struct schema_annotation item;
    struct ast_span span; /* of the name */
};

struct annotation_list {
    VEC(struct annotation) items;
};

static err read_annotation(struct text_reader *r, struct annotation_list *list) {
    struct annotation annotation = {.item.name = text_token(r), .span = r->token.span};
    annotation.item.has_value = true; /* none is the same as "" */
    annotation.item.value = STR("");
    if (!lex_is_word(r->token.kind)) {
        return text_unexpected(r, EXPECT_IDENTIFIER);
    }
    text_advance(r);
    if (text_accept(r, TOKEN_LPAREN)) {
        TRY(text_string(r, EXPECT_STRING, &annotation.item.value));
        TRY(text_expect(r, TOKEN_RPAREN, EXPECT_RPAREN));
    } else {
        r->after = AFTER_ANNOTATION;
    }
    return VEC_PUSH(r->arena, &list->items, annotation) ? ERR_OK : arena_error(r->arena);
}

static int compare_annotations(const void *a, const void *b) {
    const struct annotation *left = a;
    const struct annotation *right = b;
    int order = str_compare(left->item.name, right->item.name);
    if (order != 0) {
        return order;
    }
    return left->span.start < right->span.start ? -1 : left->span.start > right->span.start;
}

err text_annotations(struct text_reader *r, struct text_annotations *ret) {
    struct annotation_list list = {0};
    while (text_accept(r, TOKEN_AT)) {
        TRY(read_annotation(r, &list));
    }
    size_t count = list.items.count;
    struct schema_annotation *sorted = ARENA_ARRAY(r->arena, struct schema_annotation, count);
    if (sorted == NULL) {
        return arena_error(r->arena);
    }
    *ret = (struct text_annotations){.sorted = {count, sorted}};
    sort_items(list.items.items, count, sizeof *list.items.items, compare_annotations);
    for (size_t i = 0; i < count; i++) {
        const struct annotation *annotation = &list.items.items[i];
        sorted[i] = annotation->item;
        if (i == 0 || !str_equal(sorted[i - 1].name, sorted[i].name)) {
            continue;
        }
        if (ret->doubled.ptr == NULL || annotation->span.start < ret->doubled_span.start) {
            ret->doubled = annotation->item.name;
            ret->doubled_span = annotation->span;
            ret->first_span = list.items.items[i - 1].span;
        }
    }
    return ERR_OK;
}

/* ---- types ----------------------------------------------------------------------------------- */

static err read_attr(struct text_reader *r, struct fragment_attr *ret,
                     struct text_annotations *annotations) {
    struct fragment_attr attr = {.is_required = true};
    uint32_t start = r->token.span.start;
    TRY(text_annotations(r, annotations));
    attr.annotations = annotations->sorted;
    struct ast_span name = r->token.span;
    TRY(text_name(r,
                  EXPECT_AT | EXPECT_IDENTIFIER | EXPECT_STRING |
                      (annotations->sorted.count > 0 ? 0u : EXPECT_RBRACE),
                  &attr.name));
    if (text_is_question(r)) {
        text_advance(r);
        attr.is_required = false;
    }
    TRY(text_expect(r, TOKEN_COLON, EXPECT_COLON | (attr.is_required ? EXPECT_QUESTION : 0u)));
    TRY(text_type(r, &attr.type));
    attr.place = text_place(r, name, start);
    *ret = attr;
    return ERR_OK;
}

struct attr_list {
    VEC(struct fragment_attr) attrs;
    struct text_annotations doubled; /* of the last attribute that has any */
};

static err read_attrs(struct text_reader *r, struct attr_list *list) {
    while (r->token.kind != TOKEN_RBRACE) {
        struct fragment_attr attr;
        struct text_annotations annotations;
        TRY(read_attr(r, &attr, &annotations));
        if (!VEC_PUSH(r->arena, &list->attrs, attr)) {
            return arena_error(r->arena);
        }
        if (annotations.doubled.ptr != NULL) {
            list->doubled = annotations;
        }
        if (r->token.kind != TOKEN_RBRACE && r->token.kind != TOKEN_COMMA) {
            return text_unexpected(r, EXPECT_COMMA | EXPECT_RBRACE);
        }
        text_accept(r, TOKEN_COMMA);
    }
    return ERR_OK;
}

/* '{' [attr {',' attr} [',']] '}' */
err text_record(struct text_reader *r, const struct fragment_type **ret) {
    struct fragment_type *type = ARENA_NEW(r->arena, struct fragment_type);
    if (type == NULL) {
        return arena_error(r->arena);
    }
    *type = (struct fragment_type){.kind = FRAGMENT_RECORD, .span = r->token.span};
    TRY(text_expect(r, TOKEN_LBRACE, EXPECT_LBRACE));
    if (++r->depth > r->max_depth) {
        return text_too_deep(r);
    }
    struct attr_list list = {0};
    TRY(read_attrs(r, &list));
    TRY(text_check_annotations(r, &list.doubled, false));
    text_advance(r);
    type->span.end = r->last_end;
    r->depth--;
    type->record.count = fragment_sort_attrs(list.attrs.items, list.attrs.count, &r->later);
    type->record.attrs = list.attrs.items;
    *ret = type;
    return ERR_OK;
}

static err read_set(struct text_reader *r, struct fragment_type *type) {
    if (++r->depth > r->max_depth) {
        return text_too_deep(r);
    }
    type->kind = FRAGMENT_SET;
    text_advance(r); /* < */
    TRY(text_type(r, &type->element));
    TRY(text_expect(r, TOKEN_GT, EXPECT_GT));
    type->span.end = r->last_end;
    r->depth--;
    return ERR_OK;
}

/* Path | 'Set' '<' Type '>' | record. `Set` without `<` is a name like any other. */
err text_type(struct text_reader *r, const struct fragment_type **ret) {
    if (r->token.kind == TOKEN_LBRACE) {
        return text_record(r, ret);
    }
    struct fragment_type *type = ARENA_NEW(r->arena, struct fragment_type);
    if (type == NULL) {
        return arena_error(r->arena);
    }
    type->span = r->token.span;
    *ret = type;
    bool is_set = text_is_word(r, "Set");
    struct ast_name name;
    TRY(text_path(r, EXPECT_LBRACE | EXPECT_IDENTIFIER | EXPECT_SET, &name, NULL));
    is_set = is_set && str_equal_c(name.text, "Set"); /* and nothing behind it */
    if (is_set && r->token.kind == TOKEN_LT) {
        return read_set(r, type);
    }
    r->after = is_set ? AFTER_SET : AFTER_PATH;
    type->kind = FRAGMENT_NAME;
    type->name = name.text;
    type->span = name.span;
    return ERR_OK;
}

/* Path | '[' [Path {',' Path}] ']' */
err text_types(struct text_reader *r, struct fragment_names *ret) {
    VEC(struct ast_name) names = {0};
    bool is_list = text_accept(r, TOKEN_LBRACKET);
    if (is_list && text_accept(r, TOKEN_RBRACKET)) {
        return ERR_OK;
    }
    do {
        struct ast_name name;
        unsigned expected = EXPECT_IDENTIFIER | (!is_list           ? EXPECT_LBRACKET
                                                 : names.count == 0 ? EXPECT_RBRACKET
                                                                    : 0u);
        TRY(text_path(r, expected, &name, NULL));
        if (!VEC_PUSH(r->arena, &names, name)) {
            return arena_error(r->arena);
        }
    } while (is_list && text_accept(r, TOKEN_COMMA));
    if (is_list) {
        TRY(text_expect(r, TOKEN_RBRACKET, EXPECT_COMMA | EXPECT_RBRACKET));
    }
    *ret = (struct fragment_names){names.count, names.items};
    return ERR_OK;
}
