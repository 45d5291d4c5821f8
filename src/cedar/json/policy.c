/* SPDX-License-Identifier: Apache-2.0 */
/* One policy: effect, scope, conditions, annotations. */
#include "cedar/json/policy.h"

#include "base/assert.h"
#include "cedar/json/policy_int.h"
#include "cedar/text/lex.h"
#include "cedar/text/print.h"
#include "cedar/value/value.h"

struct json_limits policy_json_limits(const struct parse_limits *limits) {
    return (struct json_limits){
        .max_bytes = limits->max_bytes,
        .max_depth = UINT32_MAX, /* chains may be deep; the readers here count nesting */
        .max_values = UINT32_MAX,
    };
}

/* ---- scope ---- */

static err no_variant(struct policy_reader *r, const struct json *json, const char *name) {
    return POLICY_FAIL(r, json, "data did not match any variant of untagged enum %s", name);
}

static bool slot_of(const struct json *json, enum ast_slot *ret) {
    for (enum ast_slot slot = AST_SLOT_PRINCIPAL; slot <= AST_SLOT_RESOURCE; slot++) {
        if (json->kind == JSON_STRING && str_equal(json->text, print_slot_text(slot))) {
            *ret = slot;
            return true;
        }
    }
    return false;
}

static err misplaced_slot(struct policy_reader *r, const struct json *json, enum ast_var var) {
    if (var == AST_ACTION) {
        return POLICY_FAIL(r, json, "slots are not allowed for actions");
    }
    struct diag *diag = diag_add(r->diags, DIAG_ERROR, policy_span(json),
                                 "invalid slot name or slot used in wrong position");
    diag_help(r->diags, diag,
              "principal slots must be named `?principal` and resource slots must be named "
              "`?resource`");
    return ERR_SYNTAX;
}

/* The type's last name must be `Action`. */
static err check_action(struct policy_reader *r, const struct json *json,
                        const struct ast_uid *uid) {
    if (str_equal_c(uid->type.text, "Action") || str_has_suffix(uid->type.text, STR("::Action"))) {
        return ERR_OK;
    }
    struct buf text;
    buf_init_arena(&text, r->diags == NULL ? r->arena : r->diags->arena, SIZE_MAX / 2);
    print_uid(&text, uid);
    struct diag *diag = diag_add(r->diags, DIAG_ERROR, policy_span(json),
                                 "expected an entity uid with type `Action` but got `%.*s`",
                                 STR_FMT(buf_str(&text)));
    diag_help(r->diags, diag, "action entities must have type `Action`, optionally in a namespace");
    return ERR_SYNTAX;
}

static err read_uid(struct policy_reader *r, enum ast_var var, const struct json *json,
                    struct ast_uid *ret) {
    TRY(policy_read_entity(r, json, ret));
    return var == AST_ACTION ? check_action(r, json, ret) : ERR_OK;
}

/* `entity` or `slot` of the object. */
static err read_target(struct policy_reader *r, enum ast_var var, const struct json *json,
                       const char *what, struct ast_scope *scope) {
    const struct json *entity = json_get(json, STR("entity"));
    const struct json *slot = json_get(json, STR("slot"));
    if (entity != NULL) {
        return read_uid(r, var, entity, &scope->uid);
    }
    if (slot == NULL || !slot_of(slot, &scope->slot)) {
        return no_variant(r, json, what);
    }
    bool fits = (var == AST_PRINCIPAL && scope->slot == AST_SLOT_PRINCIPAL) ||
                (var == AST_RESOURCE && scope->slot == AST_SLOT_RESOURCE);
    return fits ? ERR_OK : misplaced_slot(r, slot, var);
}

static err read_action_in(struct policy_reader *r, const struct json *json,
                          struct ast_scope *scope) {
    const struct json *entities = json_get(json, STR("entities"));
    if (json_get(json, STR("entity")) != NULL) {
        return read_target(r, AST_ACTION, json, "ActionInConstraint", scope);
    }
    if (entities == NULL || entities->kind != JSON_ARRAY) {
        return no_variant(r, json, "ActionInConstraint");
    }
    struct ast_uid *list = ARENA_ARRAY(r->arena, struct ast_uid, entities->count);
    if (list == NULL) {
        return arena_error(r->arena);
    }
    for (uint32_t i = 0; i < entities->count; i++) {
        TRY(read_uid(r, AST_ACTION, &entities->items[i], &list[i]));
    }
    scope->is_list = true;
    scope->is_json_list = true;
    scope->list = list;
    scope->list_count = entities->count;
    return ERR_OK;
}

static err read_scope_is(struct policy_reader *r, enum ast_var var, const struct json *json,
                         struct ast_scope *scope) {
    /* `op` has chosen the constraint and is no field of it. */
    struct policy_field fields[] = {
        {STR("entity_type"), true, NULL}, {STR("in"), false, NULL}, {STR("op"), true, NULL}};
    for (uint32_t i = 0; i < json->count; i++) {
        str name = json->members[i].name;
        if (!str_equal_c(name, "entity_type") && !str_equal_c(name, "in") &&
            !str_equal_c(name, "op")) {
            return policy_read_fields(r, json, "a map", true, fields, 2);
        }
    }
    TRY(policy_read_fields(r, json, "a map", true, fields, 3));
    TRY(policy_read_type(r, fields[0].value, &scope->type));
    if (fields[1].value == NULL || fields[1].value->kind == JSON_NULL) {
        scope->kind = AST_SCOPE_IS;
        return ERR_OK;
    }
    scope->kind = AST_SCOPE_IS_IN;
    return read_target(r, var, fields[1].value, "PrincipalOrResourceInConstraint", scope);
}

static err read_scope(struct policy_reader *r, enum ast_var var, const struct json *json,
                      struct ast_scope *scope) {
    scope->span = policy_span(json);
    struct policy_field op = {STR("op"), true, NULL};
    TRY(policy_read_fields(r, json, "a map", false, &op, 1));
    if (op.value->kind != JSON_STRING) {
        return policy_wrong_type(r, op.value, "a string");
    }
    str text = op.value->text;
    if (str_equal_c(text, "All") || str_equal_c(text, "all")) {
        scope->kind = AST_SCOPE_ANY;
        return ERR_OK;
    }
    if (str_equal_c(text, "==")) {
        scope->kind = AST_SCOPE_EQ;
        return read_target(r, var, json, "EqConstraint", scope);
    }
    if (str_equal_c(text, "in")) {
        scope->kind = AST_SCOPE_IN;
        return var == AST_ACTION
                   ? read_action_in(r, json, scope)
                   : read_target(r, var, json, "PrincipalOrResourceInConstraint", scope);
    }
    if (str_equal_c(text, "is") && var != AST_ACTION) {
        return read_scope_is(r, var, json, scope);
    }
    return policy_unknown_variant(r, op.value, text,
                                  var == AST_ACTION ? "one of `All`, `all`, `==`, `in`"
                                                    : "one of `All`, `all`, `==`, `in`, `is`");
}

/* ---- conditions and annotations ---- */

static err read_clause(struct policy_reader *r, const struct json *json,
                       struct ast_clause *clause) {
    struct policy_field fields[] = {{STR("kind"), true, NULL}, {STR("body"), true, NULL}};
    TRY(policy_read_fields(r, json, "struct Clause", true, fields, 2));
    if (fields[0].value->kind != JSON_STRING) {
        return policy_wrong_type(r, fields[0].value, "string or map");
    }
    str kind = fields[0].value->text;
    clause->is_unless = str_equal_c(kind, "unless");
    if (!clause->is_unless && !str_equal_c(kind, "when")) {
        return policy_unknown_variant(r, fields[0].value, kind, "`when` or `unless`");
    }
    clause->span = policy_span(json);
    r->where = clause->is_unless ? "unless" : "when";
    return policy_read_expr(r, fields[1].value, &clause->body);
}

static err read_clauses(struct policy_reader *r, const struct json *json,
                        struct ast_policy *policy) {
    if (json->kind != JSON_ARRAY) {
        return policy_wrong_type(r, json, "a sequence");
    }
    struct ast_clause *clauses = ARENA_ARRAY(r->arena, struct ast_clause, json->count);
    if (clauses == NULL) {
        return arena_error(r->arena);
    }
    for (uint32_t i = 0; i < json->count; i++) {
        TRY(read_clause(r, &json->items[i], &clauses[i]));
        policy->depth = policy_higher(policy->depth, r->height);
    }
    policy->clauses = clauses;
    policy->clause_count = json->count;
    return ERR_OK;
}

/* Any word, also a reserved one. */
static bool is_word(str name) {
    for (size_t i = 0; i < name.len; i++) {
        if (!byte_is_alnum(name.ptr[i]) && name.ptr[i] != '_') {
            return false;
        }
    }
    return name.len > 0 && !byte_is_digit(name.ptr[0]);
}

/* What the parser of policies finds where it wants a word and nothing else. */
static err no_word(struct policy_reader *r, const struct json_member *member) {
    str name = member->name;
    struct lexer lexer = {.text = name};
    struct token token;
    lex_next(&lexer, &token);
    bool is_word = lex_is_word(token.kind);
    if (is_word) {
        lex_next(&lexer, &token);
    }
    if (is_word && token.kind == TOKEN_END) {
        return POLICY_FAIL(r, &member->value,
                           "invalid id `%.*s`: `AnyId` needs to be normalized (e.g., whitespace "
                           "removed): %.*s",
                           STR_FMT(name), STR_FMT(name));
    }
    if (token.kind == TOKEN_END || token.kind == TOKEN_INVALID) {
        return POLICY_FAIL(r, &member->value, "invalid id `%.*s`: %s", STR_FMT(name),
                           token.kind == TOKEN_END ? "unexpected end of input" : "invalid token");
    }
    return POLICY_FAIL(r, &member->value, "invalid id `%.*s`: unexpected token `%.*s`",
                       STR_FMT(name), STR_FMT(str_slice(name, token.span.start, token.span.end)));
}

static err read_annotation(struct policy_reader *r, const struct json_member *member,
                           struct ast_annotation *annotation) {
    if (!is_word(member->name)) {
        return no_word(r, member);
    }
    annotation->span = policy_span(&member->value);
    TRY(arena_copy(r->arena, member->name, &annotation->name));
    annotation->has_value = member->value.kind != JSON_NULL;
    annotation->value = STR("");
    return annotation->has_value ? policy_read_string(r, &member->value, &annotation->value)
                                 : ERR_OK;
}

static err read_annotations(struct policy_reader *r, const struct json *json,
                            struct ast_policy *policy) {
    if (json->kind != JSON_OBJECT) {
        return policy_wrong_type(r, json, "a map");
    }
    struct ast_annotation *list = ARENA_ARRAY(r->arena, struct ast_annotation, json->count);
    if (list == NULL) {
        return arena_error(r->arena);
    }
    for (uint32_t i = 0; i < json->count; i++) {
        TRY(read_annotation(r, &json->members[i], &list[i]));
    }
    policy->annotations = list;
    policy->annotation_count = json->count;
    return ERR_OK;
}

/* ---- policies ---- */

static err read_effect(struct policy_reader *r, const struct json *json, bool *ret_is_forbid) {
    if (json->kind != JSON_STRING) {
        return policy_wrong_type(r, json, "string or map");
    }
    *ret_is_forbid = str_equal_c(json->text, "forbid");
    if (!*ret_is_forbid && !str_equal_c(json->text, "permit")) {
        return policy_unknown_variant(r, json, json->text, "`permit` or `forbid`");
    }
    return ERR_OK;
}

err policy_json_read(struct arena *a, const struct json *json, str id,
                     const struct parse_limits *limits, struct diag_list *diags,
                     struct ast_policy *ret) {
    struct policy_reader r = {.arena = a, .diags = diags, .limits = limits, .id = id};
    struct ast_policy policy = {.id = id, .span = policy_span(json)};
    struct policy_field fields[] = {
        {STR("effect"), true, NULL},     {STR("principal"), true, NULL},
        {STR("action"), true, NULL},     {STR("resource"), true, NULL},
        {STR("conditions"), true, NULL}, {STR("annotations"), false, NULL},
    };
    TRY(policy_read_fields(&r, json, "struct Policy", true, fields, ARRAY_LEN(fields)));
    TRY(read_effect(&r, fields[0].value, &policy.is_forbid));
    TRY(read_scope(&r, AST_PRINCIPAL, fields[1].value, &policy.principal));
    TRY(read_scope(&r, AST_ACTION, fields[2].value, &policy.action));
    TRY(read_scope(&r, AST_RESOURCE, fields[3].value, &policy.resource));
    TRY(read_clauses(&r, fields[4].value, &policy));
    if (fields[5].value != NULL) {
        TRY(read_annotations(&r, fields[5].value, &policy));
    }
    policy.is_template =
        policy.principal.slot != AST_SLOT_NONE || policy.resource.slot != AST_SLOT_NONE;
    *ret = policy;
    return ERR_OK;
}
