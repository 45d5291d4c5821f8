/* SPDX-License-Identifier: Apache-2.0 */
#include "base/utf8.h"
#include "cedar/schema/read_text_int.h"
#include "cedar/value/sort.h"

static err read_enum(struct text_reader *r, struct fragment_entity *entity) {
    VEC(str) ids = {0};
    TRY(text_expect(r, TOKEN_LBRACKET));
    do {
        str id;
        TRY(text_string(r, &id));
        if (!VEC_PUSH(r->arena, &ids, id)) {
            return arena_error(r->arena);
        }
    } while (text_accept(r, TOKEN_COMMA));
    if (r->token.kind != TOKEN_RBRACKET) {
        return text_unexpected(r, "`,` or `]`");
    }
    text_advance(r);
    entity->is_enum = true;
    entity->id_count = ids.count;
    entity->ids = ids.items;
    return ERR_OK;
}

/* What all entity types of one declaration share. */
static err read_entity_body(struct text_reader *r, struct fragment_entity *entity) {
    if (text_accept_word(r, "enum")) {
        TRY(read_enum(r, entity));
        return r->token.kind == TOKEN_SEMICOLON ? ERR_OK : text_unexpected(r, "`;`");
    }
    const char *expected = "`,`, `;`, `=`, `{`, `enum`, `in`, or `tags`";
    if (text_accept(r, TOKEN_IN)) {
        TRY(text_types(r, &entity->parents));
        expected = "`::`, `;`, `=`, `{`, or `tags`";
    }
    bool has_equals = text_accept(r, TOKEN_ASSIGN);
    if (has_equals || r->token.kind == TOKEN_LBRACE) {
        TRY(text_record(r, &entity->shape));
        expected = "`;` or `tags`";
    }
    if (text_accept_word(r, "tags")) {
        TRY(text_type(r, &entity->tags));
        expected = "`::` or `;`";
    }
    return r->token.kind == TOKEN_SEMICOLON ? ERR_OK : text_unexpected(r, expected);
}

/* 'entity' Ident {',' Ident} … ';' */
static err read_entities(struct text_reader *r, struct fragment_namespace *ns,
                         const struct schema_annotations *annotations) {
    size_t first = ns->entities.count;
    do {
        struct fragment_entity entity = {.annotations = *annotations, .span = r->token.span};
        TRY(text_identifier(r, "identifier", &entity.name));
        TRY(text_check_declared(r, entity.name, entity.span));
        if (!VEC_PUSH(r->arena, &ns->entities, entity)) {
            return arena_error(r->arena);
        }
    } while (text_accept(r, TOKEN_COMMA));
    struct fragment_entity body = {0};
    TRY(read_entity_body(r, &body));
    for (size_t i = first; i < ns->entities.count; i++) {
        struct fragment_entity *entity = &ns->entities.items[i];
        body.name = entity->name;
        body.span = entity->span;
        body.annotations = entity->annotations;
        *entity = body;
    }
    return text_expect(r, TOKEN_SEMICOLON);
}

static err read_action_parent(struct text_reader *r, struct fragment_action_ref *ret) {
    *ret = (struct fragment_action_ref){.span = r->token.span};
    if (r->token.kind == TOKEN_STRING) {
        return text_string(r, &ret->id);
    }
    struct lexer behind = r->lexer;
    struct token next;
    lex_next(&behind, &next);
    if (!lex_is_word(r->token.kind) || next.kind != TOKEN_PATH) {
        return text_identifier(r, "identifier or string literal", &ret->id);
    }
    struct ast_name type;
    ret->id = (str){NULL, 0};
    TRY(text_path(r, &type, &ret->id));
    if (ret->id.ptr == NULL) {
        return text_unexpected(r, "`::`");
    }
    ret->type = type.text;
    ret->span = type.span;
    return ERR_OK;
}

static err read_action_parents(struct text_reader *r, struct fragment_action *action) {
    VEC(struct fragment_action_ref) parents = {0};
    bool is_list = text_accept(r, TOKEN_LBRACKET);
    do {
        struct fragment_action_ref parent;
        TRY(read_action_parent(r, &parent));
        if (!VEC_PUSH(r->arena, &parents, parent)) {
            return arena_error(r->arena);
        }
    } while (is_list && text_accept(r, TOKEN_COMMA));
    if (is_list && r->token.kind != TOKEN_RBRACKET) {
        return text_unexpected(r, "`,` or `]`");
    }
    if (is_list) {
        text_advance(r);
    }
    action->parent_count = parents.count;
    action->parents = parents.items;
    return ERR_OK;
}

/* The context of an action: a record, or the name of a common type. */
static err read_context(struct text_reader *r, const struct fragment_type **ret) {
    if (r->token.kind == TOKEN_LBRACE) {
        return text_record(r, ret);
    }
    struct fragment_type *type = ARENA_NEW(r->arena, struct fragment_type);
    if (type == NULL) {
        return arena_error(r->arena);
    }
    if (!lex_is_word(r->token.kind)) {
        return text_unexpected(r, "`{` or identifier");
    }
    struct ast_name name;
    TRY(text_path(r, &name, NULL));
    *type = (struct fragment_type){.kind = FRAGMENT_COMMON, .span = name.span, .name = name.text};
    *ret = type;
    return ERR_OK;
}

enum { APP_PRINCIPAL, APP_RESOURCE, APP_CONTEXT, APP_COUNT };

struct applies_to {
    str action; /* the first of the declaration, for messages */
    struct ast_span span;
    bool is_given[APP_COUNT];
};

static err read_app(struct text_reader *r, struct applies_to *seen,
                    struct fragment_action *action) {
    static const char *const words[APP_COUNT] = {"principal", "resource", "context"};
    size_t which = 0;
    while (which < APP_COUNT && !text_is_word(r, words[which])) {
        which++;
    }
    if (which == APP_COUNT) {
        return text_unexpected(r, "`context`, `principal`, or `resource`");
    }
    struct ast_span span = r->token.span;
    if (seen->is_given[which]) {
        return TEXT_FAIL(r, span, "duplicate `%s` declaration in action `%.*s`", words[which],
                         STR_FMT(seen->action));
    }
    seen->is_given[which] = true;
    text_advance(r);
    TRY(text_expect(r, TOKEN_COLON));
    if (which == APP_CONTEXT) {
        return read_context(r, &action->context);
    }
    struct fragment_names *names =
        which == APP_PRINCIPAL ? &action->principals : &action->resources;
    TRY(text_types(r, names));
    if (names->count == 0) {
        return TEXT_FAIL(r, span, "for action `%.*s`, `%s` is `[]`, which is invalid",
                         STR_FMT(seen->action), words[which]);
    }
    return ERR_OK;
}

/* 'appliesTo' '{' app {',' app} [','] '}' */
static err read_applies_to(struct text_reader *r, struct applies_to *seen,
                           struct fragment_action *action) {
    TRY(text_expect(r, TOKEN_LBRACE));
    do {
        TRY(read_app(r, seen, action));
        if (r->token.kind != TOKEN_RBRACE && r->token.kind != TOKEN_COMMA) {
            return text_unexpected(r, "`,` or `}`");
        }
        text_accept(r, TOKEN_COMMA);
    } while (r->token.kind != TOKEN_RBRACE);
    text_advance(r);
    action->has_applies_to = true;
    if (seen->is_given[APP_PRINCIPAL] && seen->is_given[APP_RESOURCE]) {
        return ERR_OK;
    }
    struct diag *diag =
        diag_add(r->diags, DIAG_ERROR, seen->span,
                 "error parsing schema: missing `%s` declaration for `%.*s`",
                 seen->is_given[APP_RESOURCE] ? "principal" : "resource", STR_FMT(seen->action));
    diag_help(r->diags, diag, "an action names both its `principal` and its `resource` types");
    return ERR_SYNTAX;
}

static err read_action_body(struct text_reader *r, struct applies_to *seen,
                            struct fragment_action *body) {
    const char *expected = "`,`, `;`, `appliesTo`, `attributes`, or `in`";
    if (text_accept(r, TOKEN_IN)) {
        TRY(read_action_parents(r, body));
        expected = "`;`, `appliesTo`, or `attributes`";
    }
    if (text_accept_word(r, "appliesTo")) {
        TRY(read_applies_to(r, seen, body));
        expected = "`;` or `attributes`";
    }
    if (text_accept_word(r, "attributes")) {
        TRY(text_expect(r, TOKEN_LBRACE)); /* allowed for old schemas, and always empty */
        TRY(text_expect(r, TOKEN_RBRACE));
        expected = "`;`";
    }
    return r->token.kind == TOKEN_SEMICOLON ? ERR_OK : text_unexpected(r, expected);
}

/* 'action' Name {',' Name} … ';' */
static err read_actions(struct text_reader *r, struct fragment_namespace *ns,
                        const struct schema_annotations *annotations) {
    size_t first = ns->actions.count;
    do {
        struct fragment_action action = {.annotations = *annotations, .span = r->token.span};
        TRY(text_name(r, "identifier or string literal", &action.id));
        if (!VEC_PUSH(r->arena, &ns->actions, action)) {
            return arena_error(r->arena);
        }
    } while (text_accept(r, TOKEN_COMMA));
    struct fragment_action body = {0};
    struct applies_to seen = {.action = ns->actions.items[first].id,
                              .span = ns->actions.items[first].span};
    TRY(read_action_body(r, &seen, &body));
    for (size_t i = first; i < ns->actions.count; i++) {
        struct fragment_action *action = &ns->actions.items[i];
        body.id = action->id;
        body.span = action->span;
        body.annotations = action->annotations;
        *action = body;
    }
    return text_expect(r, TOKEN_SEMICOLON);
}

/* 'type' Ident '=' Type ';' */
static err read_common(struct text_reader *r, struct fragment_namespace *ns,
                       const struct schema_annotations *annotations) {
    struct fragment_common common = {.annotations = *annotations, .span = r->token.span};
    TRY(text_identifier(r, "identifier", &common.name));
    TRY(text_check_declared(r, common.name, common.span));
    if (fragment_is_reserved_type(common.name)) {
        return TEXT_FAIL(r, common.span, "this uses a reserved schema keyword: `%.*s`",
                         STR_FMT(common.name));
    }
    TRY(text_expect(r, TOKEN_ASSIGN));
    TRY(text_type(r, &common.type));
    if (r->token.kind != TOKEN_SEMICOLON) {
        return text_unexpected(r, common.type->kind == FRAGMENT_NAME ? "`::` or `;`" : "`;`");
    }
    text_advance(r);
    return VEC_PUSH(r->arena, &ns->commons, common) ? ERR_OK : arena_error(r->arena);
}

/* One declaration, its keyword is the token to look at; false when it is none. */
static err read_declaration(struct text_reader *r, struct fragment_namespace *ns,
                            const struct schema_annotations *annotations, bool *ret_is_one) {
    *ret_is_one = true;
    if (text_accept_word(r, "entity")) {
        return read_entities(r, ns, annotations);
    }
    if (text_accept_word(r, "action")) {
        return read_actions(r, ns, annotations);
    }
    if (text_accept_word(r, "type")) {
        return read_common(r, ns, annotations);
    }
    *ret_is_one = false;
    return ERR_OK;
}

static err read_namespace(struct text_reader *r, struct fragment *fragment,
                          const struct schema_annotations *annotations) {
    struct fragment_namespace ns = {.annotations = *annotations};
    struct ast_name name;
    TRY(text_path(r, &name, NULL));
    TRY(text_check_declared(r, name.text, name.span));
    ns.name = name.text;
    ns.span = name.span;
    TRY(text_expect(r, TOKEN_LBRACE));
    while (!text_accept(r, TOKEN_RBRACE)) {
        struct schema_annotations inner;
        bool is_declaration;
        TRY(text_annotations(r, &inner));
        TRY(read_declaration(r, &ns, &inner, &is_declaration));
        if (!is_declaration) {
            return text_unexpected(r, "`@`, `}`, `action`, `entity`, or `type`");
        }
    }
    return VEC_PUSH(r->arena, &fragment->namespaces, ns) ? ERR_OK : arena_error(r->arena);
}

static int compare_namespaces(const void *a, const void *b) {
    const struct fragment_namespace *left = *(const struct fragment_namespace *const *)a;
    const struct fragment_namespace *right = *(const struct fragment_namespace *const *)b;
    int order = str_compare(left->name, right->name);
    if (order != 0) {
        return order;
    }
    return left->span.start < right->span.start ? -1 : left->span.start > right->span.start;
}

/* Reports the first one whose name occurred before. */
static err check_namespaces(struct text_reader *r, const struct fragment *fragment) {
    size_t count = fragment->namespaces.count;
    const struct fragment_namespace **order =
        ARENA_ARRAY(r->arena, const struct fragment_namespace *, count);
    if (order == NULL) {
        return arena_error(r->arena);
    }
    for (size_t i = 0; i < count; i++) {
        order[i] = &fragment->namespaces.items[i];
    }
    sort_items(order, count, sizeof *order, compare_namespaces);
    const struct fragment_namespace *second = NULL;
    for (size_t i = 1; i < count; i++) {
        bool is_repeated = str_equal(order[i - 1]->name, order[i]->name);
        if (is_repeated && (second == NULL || order[i]->span.start < second->span.start)) {
            second = order[i];
        }
    }
    return second == NULL ? ERR_OK
                          : TEXT_FAIL(r, second->span, "duplicate namespace id: `%.*s`",
                                      STR_FMT(second->name));
}

err fragment_read_text(struct arena *a, str text, const struct schema_limits *limits,
                       struct diag_list *diags, struct fragment *ret) {
    struct text_reader reader = {.arena = a, .diags = diags, .max_depth = limits->max_depth};
    struct text_reader *r = &reader;
    struct ast_span at = {0, 0};
    if (text.len > limits->max_bytes || text.len >= UINT32_MAX) {
        diag_add(diags, DIAG_ERROR, at, "error parsing schema: the text is too long");
        return ERR_LIMIT;
    }
    size_t bad;
    if (!utf8_is_valid(text, &bad)) {
        at = (struct ast_span){(uint32_t)bad, (uint32_t)bad + 1};
        return TEXT_FAIL(r, at, "the text is not valid UTF-8");
    }
    r->lexer.text = text;
    text_advance(r);
    struct fragment fragment = {0};
    /* the empty namespace first; declarations outside of the others may be scattered */
    if (!VEC_PUSH(a, &fragment.namespaces, (struct fragment_namespace){.name = STR("")})) {
        return arena_error(a);
    }
    while (r->token.kind != TOKEN_END) {
        struct schema_annotations annotations;
        bool is_declaration;
        TRY(text_annotations(r, &annotations));
        if (text_accept_word(r, "namespace")) {
            TRY(read_namespace(r, &fragment, &annotations));
            continue;
        }
        TRY(read_declaration(r, &fragment.namespaces.items[0], &annotations, &is_declaration));
        if (!is_declaration) {
            return text_unexpected(r, "`@`, `action`, `entity`, `namespace`, or `type`");
        }
    }
    TRY(check_namespaces(r, &fragment));
    *ret = fragment;
    return ERR_OK;
}
