/* SPDX-License-Identifier: Apache-2.0 */
#include "base/utf8.h"
#include "cedar/schema/read_text_int.h"

static err read_enum(struct text_reader *r, struct fragment_entity *entity) {
    VEC(str) ids = {0};
    TRY(text_expect(r, TOKEN_LBRACKET, EXPECT_LBRACKET));
    do {
        str id;
        TRY(text_string(r, EXPECT_STRING, &id));
        if (!VEC_PUSH(r->arena, &ids, id)) {
            return arena_error(r->arena);
        }
    } while (text_accept(r, TOKEN_COMMA));
    TRY(text_expect(r, TOKEN_RBRACKET, EXPECT_COMMA | EXPECT_RBRACKET));
    entity->is_enum = true;
    entity->id_count = ids.count;
    entity->ids = ids.items;
    return ERR_OK;
}

/* What all entity types of one declaration share. */
static err read_entity_body(struct text_reader *r, struct fragment_entity *entity) {
    if (text_accept_word(r, "enum")) {
        TRY(read_enum(r, entity));
        return text_expect(r, TOKEN_SEMICOLON, EXPECT_SEMICOLON);
    }
    const unsigned behind = EXPECT_SEMICOLON | EXPECT_TAGS;
    unsigned expected =
        behind | EXPECT_ASSIGN | EXPECT_LBRACE | EXPECT_COMMA | EXPECT_ENUM | EXPECT_IN;
    if (text_accept(r, TOKEN_IN)) {
        TRY(text_types(r, &entity->parents));
        expected = behind | EXPECT_ASSIGN | EXPECT_LBRACE;
    }
    if (text_accept(r, TOKEN_ASSIGN) || r->token.kind == TOKEN_LBRACE) {
        TRY(text_record(r, &entity->shape));
        expected = behind;
    }
    if (text_accept_word(r, "tags")) {
        TRY(text_type(r, &entity->tags));
        expected = EXPECT_SEMICOLON;
    }
    return text_expect(r, TOKEN_SEMICOLON, expected);
}

static void reserved_name(struct text_reader *r, str name, struct ast_span span) {
    if (text_is_reserved(name)) {
        struct diag *diag = diag_add(&r->later, DIAG_ERROR, span,
                                     TEXT_PREFIX "use of the reserved `__cedar` namespace");
        text_help(r, &r->later, diag, TEXT_RESERVED_HELP);
        r->is_refused = true;
    }
}

/* 'entity' Ident {',' Ident} … ';' */
static err read_entities(struct text_reader *r, struct fragment_namespace *ns,
                         const struct text_annotations *annotations) {
    size_t first = ns->entities.count;
    uint32_t start = r->token.span.start;
    text_advance(r);
    do {
        struct fragment_entity entity = {.place.name = r->token.span};
        TRY(text_identifier(r, EXPECT_IDENTIFIER, &entity.name));
        reserved_name(r, entity.name, entity.place.name);
        if (!VEC_PUSH(r->arena, &ns->entities, entity)) {
            return arena_error(r->arena);
        }
    } while (text_accept(r, TOKEN_COMMA));
    struct fragment_entity body = {.annotations = annotations->sorted};
    TRY(read_entity_body(r, &body));
    for (size_t i = first; i < ns->entities.count; i++) {
        struct fragment_entity *entity = &ns->entities.items[i];
        body.name = entity->name;
        body.place = text_place(r, entity->place.name, start);
        *entity = body;
    }
    return ERR_OK;
}

static err read_action_parent(struct text_reader *r, unsigned expected,
                              struct fragment_action_ref *ret) {
    *ret = (struct fragment_action_ref){.span = r->token.span};
    if (r->token.kind == TOKEN_STRING) {
        return text_string(r, expected, &ret->id);
    }
    struct ast_name name;
    str id = {NULL, 0};
    TRY(text_path(r, expected, &name, &id));
    ret->span.end = r->last_end;
    if (id.ptr != NULL) {
        ret->type = name.text;
        ret->id = id;
        return ERR_OK;
    }
    ret->id = name.text;
    r->after = AFTER_PARENT;
    return str_find_byte(name.text, ':') == SIZE_MAX ? ERR_OK : text_unexpected(r, EXPECT_PATH);
}

static err read_action_parents(struct text_reader *r, struct fragment_action *action) {
    VEC(struct fragment_action_ref) parents = {0};
    bool is_list = text_accept(r, TOKEN_LBRACKET);
    unsigned expected = EXPECT_IDENTIFIER | EXPECT_STRING | (is_list ? 0u : EXPECT_LBRACKET);
    do {
        struct fragment_action_ref parent;
        TRY(read_action_parent(r, expected, &parent));
        if (!VEC_PUSH(r->arena, &parents, parent)) {
            return arena_error(r->arena);
        }
    } while (is_list && text_accept(r, TOKEN_COMMA));
    if (is_list) {
        TRY(text_expect(r, TOKEN_RBRACKET, EXPECT_COMMA | EXPECT_RBRACKET));
    }
    action->has_parents = true;
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
    struct ast_name name;
    TRY(text_path(r, EXPECT_LBRACE | EXPECT_IDENTIFIER | EXPECT_SET, &name, NULL));
    *type = (struct fragment_type){.kind = FRAGMENT_COMMON, .span = name.span, .name = name.text};
    *ret = type;
    return ERR_OK;
}

/* ---- appliesTo ------------------------------------------------------------------------------- */

enum app { APP_PRINCIPAL, APP_RESOURCE, APP_CONTEXT, APP_COUNT };

static const char *const app_words[APP_COUNT] = {"principal", "resource", "context"};

struct applies_to {
    str action; /* the first of the declaration, for messages */
    struct ast_span span;
    bool is_given[APP_COUNT];
    struct ast_span given[APP_COUNT];
};

/* A finding for the last step, about an action. */
static struct diag *app_finding(struct text_reader *r, struct ast_span span, const char *before,
                                str action, const char *behind) {
    r->is_refused = true;
    return diag_add(&r->later, DIAG_ERROR, span, TEXT_PREFIX "%s%.*s%s", before, STR_FMT(action),
                    behind);
}

static void app_twice(struct text_reader *r, const struct applies_to *seen, enum app app,
                      struct ast_span span) {
    static const struct {
        const char *before;
        const char *help;
    } texts[APP_COUNT] = {
        [APP_PRINCIPAL] = {"duplicate `principal` declaration in action `",
                           "Actions may only have a single principal declaration, but a principal "
                           "declaration may specify a list of entity types like `principal: [X, Y, "
                           "Z]`"},
        [APP_RESOURCE] = {"duplicate `resource` declaration in action `",
                          "Actions may only have a single resource declaration, but a resource "
                          "declaration may specify a list of entity types like `resource: [X, Y, "
                          "Z]`"},
        [APP_CONTEXT] = {"duplicate context declaration in action `",
                         "Try either deleting one of the declarations, or merging into a single "
                         "declaration"},
    };
    struct diag *diag = app_finding(r, span, texts[app].before, seen->action, "`");
    diag_other(diag, seen->given[app], STR(""));
    text_help(r, &r->later, diag, texts[app].help);
}

static const char app_help[] = "Every action must define both `principal` and `resource` targets, "
                               "and the `principal` and `resource` lists must not be `[]`.";

static void app_empty(struct text_reader *r, const struct applies_to *seen, enum app app,
                      struct ast_span span) {
    struct diag *diag =
        app_finding(r, span, "for action `", seen->action,
                    app == APP_PRINCIPAL ? "`, `principal` is `[]`, which is invalid"
                                         : "`, `resource` is `[]`, which is invalid");
    diag_label(&r->later, diag, "must not be `[]`");
    diag_other(diag, seen->span, STR("for this action"));
    text_help(r, &r->later, diag, app_help);
}

static void app_missing(struct text_reader *r, const struct applies_to *seen, enum app app) {
    if (seen->is_given[app]) {
        return;
    }
    struct diag *diag = app_finding(r, seen->span,
                                    app == APP_PRINCIPAL ? "missing `principal` declaration for `"
                                                         : "missing `resource` declaration for `",
                                    seen->action, "`");
    text_help(r, &r->later, diag, app_help);
}

static err read_app(struct text_reader *r, bool is_first, struct applies_to *seen,
                    struct fragment_action *action) {
    enum app app = APP_PRINCIPAL;
    while (app < APP_COUNT && !text_is_word(r, app_words[app])) {
        app++;
    }
    if (app == APP_COUNT) {
        return text_unexpected(r, EXPECT_CONTEXT | EXPECT_PRINCIPAL | EXPECT_RESOURCE |
                                      (is_first ? 0u : EXPECT_RBRACE));
    }
    struct ast_span span = r->token.span;
    text_advance(r);
    TRY(text_expect(r, TOKEN_COLON, EXPECT_COLON));
    struct fragment_names names = {0};
    TRY(app == APP_CONTEXT ? read_context(r, &action->context) : text_types(r, &names));
    span.end = r->last_end;
    if (r->token.kind != TOKEN_RBRACE && r->token.kind != TOKEN_COMMA) {
        return text_unexpected(r, EXPECT_COMMA | EXPECT_RBRACE);
    }
    text_accept(r, TOKEN_COMMA);
    span.end = app == APP_CONTEXT ? r->last_end : span.end;
    if (seen->is_given[app]) {
        app_twice(r, seen, app, span);
    } else if (app != APP_CONTEXT && names.count == 0) {
        app_empty(r, seen, app, span);
    }
    seen->is_given[app] = true;
    seen->given[app] = span;
    if (app != APP_CONTEXT) {
        *(app == APP_PRINCIPAL ? &action->principals : &action->resources) = names;
    }
    return ERR_OK;
}

/* '{' app {',' app} [','] '}' */
static err read_applies_to(struct text_reader *r, struct applies_to *seen,
                           struct fragment_action *action) {
    TRY(text_expect(r, TOKEN_LBRACE, EXPECT_LBRACE));
    bool is_first = true;
    do {
        TRY(read_app(r, is_first, seen, action));
        is_first = false;
    } while (r->token.kind != TOKEN_RBRACE);
    text_advance(r);
    app_missing(r, seen, APP_RESOURCE);
    app_missing(r, seen, APP_PRINCIPAL);
    return ERR_OK;
}

/* ---- actions, common types ------------------------------------------------------------------- */

static err read_action_body(struct text_reader *r, struct applies_to *seen,
                            struct fragment_action *body) {
    unsigned expected =
        EXPECT_COMMA | EXPECT_SEMICOLON | EXPECT_APPLIES_TO | EXPECT_ATTRIBUTES | EXPECT_IN;
    if (text_accept(r, TOKEN_IN)) {
        TRY(read_action_parents(r, body));
        expected = EXPECT_SEMICOLON | EXPECT_APPLIES_TO | EXPECT_ATTRIBUTES;
    }
    if (text_accept_word(r, "appliesTo")) {
        TRY(read_applies_to(r, seen, body));
        expected = EXPECT_SEMICOLON | EXPECT_ATTRIBUTES;
    }
    if (text_accept_word(r, "attributes")) {
        /* allowed for old schemas, and always empty */
        TRY(text_expect(r, TOKEN_LBRACE, EXPECT_LBRACE));
        TRY(text_expect(r, TOKEN_RBRACE, EXPECT_RBRACE));
        expected = EXPECT_SEMICOLON;
    }
    return text_expect(r, TOKEN_SEMICOLON, expected);
}

/* 'action' Name {',' Name} … ';' */
static err read_actions(struct text_reader *r, struct fragment_namespace *ns,
                        const struct text_annotations *annotations) {
    size_t first = ns->actions.count;
    uint32_t start = r->token.span.start;
    text_advance(r);
    do {
        struct fragment_action action = {.place.name = r->token.span};
        TRY(text_name(r, EXPECT_IDENTIFIER | EXPECT_STRING, &action.id));
        if (!VEC_PUSH(r->arena, &ns->actions, action)) {
            return arena_error(r->arena);
        }
    } while (text_accept(r, TOKEN_COMMA));
    struct fragment_action body = {.annotations = annotations->sorted, .has_applies_to = true};
    struct applies_to seen = {.action = ns->actions.items[first].id,
                              .span = ns->actions.items[first].place.name};
    TRY(read_action_body(r, &seen, &body));
    for (size_t i = first; i < ns->actions.count; i++) {
        struct fragment_action *action = &ns->actions.items[i];
        body.id = action->id;
        body.place = text_place(r, action->place.name, start);
        *action = body;
    }
    return ERR_OK;
}

/* 'type' Ident '=' Type ';' */
static err read_common(struct text_reader *r, struct fragment_namespace *ns,
                       const struct text_annotations *annotations) {
    struct fragment_common common = {.annotations = annotations->sorted};
    uint32_t start = r->token.span.start;
    text_advance(r);
    struct ast_span name = r->token.span;
    TRY(text_identifier(r, EXPECT_IDENTIFIER, &common.name));
    TRY(text_expect(r, TOKEN_ASSIGN, EXPECT_ASSIGN));
    TRY(text_type(r, &common.type));
    TRY(text_expect(r, TOKEN_SEMICOLON, EXPECT_SEMICOLON));
    common.place = text_place(r, name, start);
    reserved_name(r, common.name, name);
    if (fragment_is_reserved_type(common.name)) {
        struct diag *diag = diag_add(&r->later, DIAG_ERROR, name,
                                     TEXT_PREFIX "this uses a reserved schema keyword: `%.*s`",
                                     STR_FMT(common.name));
        text_help(r, &r->later, diag,
                  "Keywords such as `entity`, `extension`, `set` and `record` cannot be used as "
                  "common type names");
        r->is_refused = true;
    }
    return VEC_PUSH(r->arena, &ns->commons, common) ? ERR_OK : arena_error(r->arena);
}

/* One declaration, its keyword is the token to look at. */
static err read_declaration(struct text_reader *r, struct fragment_namespace *ns,
                            const struct text_annotations *annotations, unsigned expected) {
    err result = text_is_word(r, "entity")   ? read_entities(r, ns, annotations)
                 : text_is_word(r, "action") ? read_actions(r, ns, annotations)
                 : text_is_word(r, "type")   ? read_common(r, ns, annotations)
                                             : text_unexpected(r, expected);
    TRY(result);
    return text_check_annotations(r, annotations, false);
}

/* ---- namespaces ------------------------------------------------------------------------------ */

static err read_namespace(struct text_reader *r, struct fragment *fragment,
                          const struct text_annotations *annotations) {
    struct fragment_namespace ns = {.annotations = annotations->sorted};
    uint32_t start = r->token.span.start;
    text_advance(r);
    struct ast_name name;
    TRY(text_path(r, EXPECT_IDENTIFIER, &name, NULL));
    TRY(text_expect(r, TOKEN_LBRACE, EXPECT_LBRACE));
    while (!text_accept(r, TOKEN_RBRACE)) {
        struct text_annotations inner;
        TRY(text_annotations(r, &inner));
        TRY(read_declaration(r, &ns, &inner,
                             EXPECT_DECLARATION | (inner.sorted.count > 0 ? 0u : EXPECT_RBRACE)));
    }
    ns.name = name.text;
    ns.place = text_place(r, name.span, start);
    TRY(text_check_annotations(r, annotations, true));
    return VEC_PUSH(r->arena, &fragment->namespaces, ns) ? ERR_OK : arena_error(r->arena);
}

static err read_all(struct text_reader *r, struct fragment *fragment) {
    /* declarations outside of namespaces may be scattered */
    struct fragment_namespace unnamed = {.name = STR(""), .place.source = r->source};
    while (r->token.kind != TOKEN_END) {
        struct text_annotations annotations;
        TRY(text_annotations(r, &annotations));
        if (text_is_word(r, "namespace")) {
            TRY(read_namespace(r, fragment, &annotations));
        } else {
            TRY(read_declaration(r, &unnamed, &annotations, EXPECT_DECLARATION | EXPECT_NAMESPACE));
        }
    }
    if (unnamed.commons.count + unnamed.entities.count + unnamed.actions.count == 0) {
        return ERR_OK;
    }
    return VEC_PUSH(r->arena, &fragment->namespaces, unnamed) ? ERR_OK : arena_error(r->arena);
}

/* The findings of the last step; ERR_SYNTAX when an error is among them. */
static err report_later(struct text_reader *r) {
    for (size_t i = 0; i < r->later.items.count; i++) {
        if (r->diags != NULL) {
            diag_take(r->diags, &r->later.items.items[i]);
        }
    }
    return r->is_refused ? ERR_SYNTAX : ERR_OK;
}

static err read_text(struct text_reader *r, struct fragment *ret) {
    struct fragment fragment = {0};
    text_advance(r);
    r->last_end = 0;
    TRY(read_all(r, &fragment));
    TRY(text_check_names(r, &fragment));
    TRY(report_later(r));
    *ret = fragment;
    return ERR_OK;
}

/* That the schema does not parse is said once, however much is wrong with it. */
static void shorten_others(struct diag_list *diags, size_t first) {
    bool is_said = false;
    for (size_t i = first; i < diags->items.count; i++) {
        str *message = &diags->items.items[i].message;
        if (!str_has_prefix(*message, STR(TEXT_PREFIX))) {
            continue;
        }
        if (is_said) {
            *message = str_slice(*message, STR(TEXT_PREFIX).len, message->len);
        }
        is_said = true;
    }
}

err fragment_read_text(struct arena *a, const struct schema_source *source,
                       const struct schema_limits *limits, struct diag_list *diags,
                       struct fragment *ret) {
    struct text_reader reader = {
        .arena = a, .diags = diags, .source = source, .max_depth = limits->max_depth};
    struct text_reader *r = &reader;
    size_t bad;
    if (!utf8_is_valid(source->text, &bad)) {
        struct ast_span at = {(uint32_t)bad, (uint32_t)bad + 1};
        diag_add(diags, DIAG_ERROR, at, TEXT_PREFIX "the text is not valid UTF-8");
        return ERR_SYNTAX;
    }
    diag_list_init(&r->later, a);
    if (diags != NULL) {
        r->later.source_name = diags->source_name;
        r->later.source_text = diags->source_text;
    }
    r->lexer.text = source->text;
    size_t before = diags == NULL ? 0 : diags->items.count;
    err result = read_text(r, ret);
    if (diags != NULL) {
        shorten_others(diags, before);
    }
    return result;
}
