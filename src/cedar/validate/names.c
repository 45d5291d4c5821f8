/* SPDX-License-Identifier: Apache-2.0 */
/* Names that the schema does not declare: looked for once per policy, wherever they stand. */
#include "cedar/validate/policy_int.h"
#include "cedar/validate/suggest.h"
#include "cedar/validate/walk.h"

/* ---- entity types ---- */

/* Any type called Action is known: its actions are checked one by one. */
static bool is_known_type(const struct validator *v, str name) {
    return schema_name_is_action(name) || schema_find_entity_type(v->schema, name) != NULL;
}

static str nearest_type(struct validator *v, str name) {
    const struct schema *schema = v->schema;
    str *known = ARENA_ARRAY(&v->temp, str, schema->entity_type_count);
    size_t count = 0;
    for (size_t i = 0; known != NULL && i < schema->entity_type_count; i++) {
        if (schema->entity_types[i]->kind != SCHEMA_ENTITY_ACTION) {
            known[count++] = schema->entity_types[i]->name;
        }
    }
    return known == NULL ? (str){NULL, 0}
                         : suggest_nearest(&v->temp, name, known, count, &v->findings.suggested);
}

static void add_suggestion(struct draft *d, const char *before, str name, const char *after) {
    if (name.ptr != NULL) {
        buf_add_c(&d->help, before);
        buf_add(&d->help, name);
        buf_add_c(&d->help, after);
    }
}

static void check_type(struct validator *v, str name, struct ast_span span) {
    if (is_known_type(v, name)) {
        return;
    }
    struct draft d;
    draft_init(&d, &v->findings, VALIDATE_ENTITY_TYPE, span);
    buf_add_c(&d.message, "unrecognized entity type `");
    buf_add(&d.message, name);
    buf_add_byte(&d.message, '`');
    add_suggestion(&d, "did you mean `", nearest_type(v, name), "`?");
    draft_file(&d);
}

void names_check_value(struct validator *v, const struct ast_uid *uid) {
    check_type(v, uid->type.text, (struct ast_span){0, 0});
}

/* ---- ids of enumerated types ---- */

static void check_enum_id(struct validator *v, const struct ast_uid *uid) {
    const struct schema_entity_type *type = schema_find_entity_type(v->schema, uid->type.text);
    if (type == NULL || type->kind != SCHEMA_ENTITY_ENUM || schema_enum_has_id(type, uid->id)) {
        return;
    }
    struct uid value = uid_make(&v->schema->key, uid->type.text, uid->id);
    struct draft d;
    draft_init_bare(&d, &v->findings, VALIDATE_ENUM_ID, uid->span);
    buf_add_c(&d.message, "for policy `");
    escape_debug(&d.message, v->findings.policy->id);
    buf_add_c(&d.message, "`: entity `");
    uid_format(&d.message, &value);
    buf_add_c(&d.message, "` is of an enumerated entity type, but `\"");
    escape_debug(&d.message, uid->id);
    buf_add_c(&d.message, "\"` is not declared as a valid eid");
    for (size_t i = 0; i < type->id_count; i++) {
        buf_add_c(&d.help, i == 0 ? "valid entity eids: \"" : ", \"");
        escape_debug(&d.help, type->ids[i]);
        buf_add_byte(&d.help, '"');
    }
    draft_file(&d);
}

/* ---- actions ---- */

static str action_text(struct validator *v, const struct schema_action *action) {
    struct buf text;
    buf_init_arena(&text, &v->temp, SIZE_MAX / 2);
    uid_format(&text, action->uid);
    return buf_str(&text);
}

/* An action whose id contains the type, as in Action::"Action::view". */
static const struct schema_action *action_with_type_in_id(struct validator *v, str id) {
    str forms[2];
    if (arena_format(&v->temp, &forms[0], "Action::%.*s", STR_FMT(id)) != ERR_OK ||
        arena_format(&v->temp, &forms[1], "Action::\"%.*s\"", STR_FMT(id)) != ERR_OK) {
        return NULL;
    }
    for (size_t i = 0; i < v->schema->action_count; i++) {
        str known = uid_id(v->schema->actions[i]->uid);
        if (str_find(known, forms[0]) != SIZE_MAX || str_find(known, forms[1]) != SIZE_MAX) {
            return v->schema->actions[i];
        }
    }
    return NULL;
}

static str nearest_action(struct validator *v, str id) {
    size_t count = v->schema->action_count;
    str *known = v->findings.suggested > SUGGEST_MAX ? NULL : ARENA_ARRAY(&v->temp, str, count);
    for (size_t i = 0; known != NULL && i < count; i++) {
        known[i] = action_text(v, v->schema->actions[i]);
    }
    return known == NULL ? (str){NULL, 0}
                         : suggest_nearest(&v->temp, id, known, count, &v->findings.suggested);
}

static void check_action(struct validator *v, const struct ast_uid *uid) {
    struct uid value = uid_make(&v->schema->key, uid->type.text, uid->id);
    if (!schema_name_is_action(uid->type.text) || schema_find_action(v->schema, &value) != NULL) {
        return;
    }
    struct draft d;
    draft_init(&d, &v->findings, VALIDATE_ACTION, uid->span);
    buf_add_c(&d.message, "unrecognized action `");
    uid_format(&d.message, &value);
    buf_add_byte(&d.message, '`');
    const struct schema_action *meant = action_with_type_in_id(v, uid->id);
    if (meant != NULL) {
        add_suggestion(&d, "did you intend to include the type in action `", action_text(v, meant),
                       "`?");
    } else {
        add_suggestion(&d, "did you mean `", nearest_action(v, uid->id), "`?");
    }
    draft_file(&d);
}

/* ---- the places of names ---- */

enum pass { PASS_TYPES, PASS_ENUM_IDS, PASS_ACTIONS };

struct walk {
    struct validator *v;
    enum pass pass;
};

static void check_uid(const struct walk *w, const struct ast_uid *uid) {
    struct arena_mark mark = arena_mark(&w->v->temp);
    switch (w->pass) {
    case PASS_TYPES:
        check_type(w->v, uid->type.text, uid->type.span);
        break;
    case PASS_ENUM_IDS:
        check_enum_id(w->v, uid);
        break;
    case PASS_ACTIONS:
        check_action(w->v, uid);
        break;
    }
    arena_reset(&w->v->temp, mark);
}

static void visit(void *ctx, const struct ast_expr *expr) {
    const struct walk *w = ctx;
    if (expr->kind == AST_ENTITY) {
        check_uid(w, &expr->uid);
    } else if (expr->kind == AST_IS && w->pass == PASS_TYPES) {
        check_type(w->v, expr->is.type.text, expr->is.type.span);
    }
}

static void check_scope(const struct walk *w, const struct ast_scope *scope) {
    bool has_type = scope->kind == AST_SCOPE_IS || scope->kind == AST_SCOPE_IS_IN;
    bool has_uid = (scope->kind == AST_SCOPE_EQ || scope->kind == AST_SCOPE_IN ||
                    scope->kind == AST_SCOPE_IS_IN) &&
                   scope->slot == AST_SLOT_NONE;
    if (has_type && w->pass == PASS_TYPES) {
        check_type(w->v, scope->type.text, scope->type.span);
    }
    if (has_uid && !scope->is_list) {
        check_uid(w, &scope->uid);
    }
    for (size_t i = 0; scope->is_list && i < scope->list_count; i++) {
        check_uid(w, &scope->list[i]);
    }
}

void names_check(struct validator *v, const struct ast_policy *policy) {
    static const enum pass passes[] = {PASS_TYPES, PASS_ENUM_IDS, PASS_ACTIONS};
    for (size_t i = 0; i < ARRAY_LEN(passes); i++) {
        struct walk w = {v, passes[i]};
        check_scope(&w, &policy->principal);
        check_scope(&w, &policy->action);
        check_scope(&w, &policy->resource);
        walk_clauses(policy, visit, &w);
    }
}
