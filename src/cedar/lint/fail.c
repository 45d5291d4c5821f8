/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A forbid whose condition fails is skipped, and the request may be allowed: what can fail in it?
 *
 *     access to an attribute or tag that no test in reach has shown to be there, unless the schema
 *     makes a record have it; an entity may always be missing from the store
 *     arithmetic (overflow), constructors of something computed, dates near the ends of time
 *
 * Types that do not fit are the validator's business and not looked at. The walk follows the
 * order of evaluation and knows at each place which tests have been passed (facts, as the
 * validator has them). The first thing that can fail is told.
 */
#include "cedar/lint/lint_int.h"

#include "cedar/ext/functions.h"

enum { TYPES_MAX = 64 };

struct fail {
    struct lint *lint;
    const struct lint_policy *policy;
    const char *why; /* NULL: nothing found yet */
    str name;        /* goes with it; may be absent */
    struct ast_span span;
};

static void found(struct fail *f, struct ast_span span, const char *why, str name) {
    if (f->why == NULL) {
        f->why = why;
        f->name = name;
        f->span = span;
    }
}

/* ---- what the schema says ---- */

/* Types an expression may have, as far as paths from the request go. */
struct types_of {
    size_t count;
    const struct schema_type *items[TYPES_MAX];
    bool is_unknown;
};

static void add_type(struct types_of *types, const struct schema_type *type) {
    for (size_t i = 0; i < types->count; i++) {
        if (types->items[i] == type) {
            return;
        }
    }
    if (types->count == TYPES_MAX) {
        types->is_unknown = true;
        return;
    }
    types->items[types->count++] = type;
}

static bool may_be_action(const struct fail *f, const struct schema_action *action) {
    const struct ast_scope *scope = &f->policy->tree->action;
    const struct ast_uid *list;
    size_t count = lint_actions(scope, &list);
    for (size_t i = 0; i < count; i++) {
        struct uid uid = uid_make(&f->lint->schema->key, list[i].type.text, list[i].id);
        if (uid_equal(&uid, action->uid)) {
            return true;
        }
        for (size_t k = 0; k < action->ancestor_count && scope->kind == AST_SCOPE_IN; k++) {
            if (uid_equal(&uid, action->ancestors[k])) {
                return true;
            }
        }
    }
    return scope->kind == AST_SCOPE_ANY;
}

static void types_of_context(const struct fail *f, struct types_of *ret) {
    const struct schema *schema = f->lint->schema;
    for (size_t i = 0; i < schema->action_count; i++) {
        if (may_be_action(f, schema->actions[i])) {
            add_type(ret, schema->actions[i]->context);
        }
    }
}

/* The attributes of values of the type; NULL: it has none. */
static const struct schema_record *attributes_of(const struct schema_type *type) {
    return type->kind == SCHEMA_RECORD   ? type->record
           : type->kind == SCHEMA_ENTITY ? type->entity->attrs
                                         : NULL;
}

/* Paths that start at principal and resource begin behind an access that must have been tested
 * anyway, so only those that start at the context are followed. */
static struct types_of types_of(const struct fail *f, const struct ast_expr *expr) {
    struct types_of types = {0};
    if (expr->kind == AST_VAR && expr->var == AST_CONTEXT) {
        types_of_context(f, &types);
    } else if (expr->kind == AST_GET) {
        struct types_of objects = types_of(f, expr->get.object);
        types.is_unknown = objects.is_unknown;
        for (size_t i = 0; i < objects.count; i++) {
            const struct schema_record *record = attributes_of(objects.items[i]);
            const struct schema_attr *attr =
                record == NULL ? NULL : schema_find_attr(record, expr->get.attr);
            if (attr != NULL) {
                add_type(&types, attr->type);
            }
        }
    } else {
        types.is_unknown = true;
    }
    return types;
}

/* Every value the object may have is a record with the attribute. */
static bool is_always_there(const struct fail *f, const struct ast_expr *get) {
    if (get->get.object->kind == AST_RECORD) {
        return true;
    }
    if (f->lint->schema == NULL) {
        return false;
    }
    struct types_of types = types_of(f, get->get.object);
    for (size_t i = 0; i < types.count; i++) {
        const struct schema_type *type = types.items[i];
        const struct schema_attr *attr =
            type->kind == SCHEMA_RECORD ? schema_find_attr(type->record, get->get.attr) : NULL;
        if (attr == NULL || !attr->is_required) {
            return false;
        }
    }
    return !types.is_unknown && types.count > 0;
}

/* ---- the walk: visits an expression, returns the facts that hold when it is true ---- */

static struct fact_set visit(struct fail *f, const struct ast_expr *expr);

static const struct fact_set no_facts = {0, NULL};

static void visit_all(struct fail *f, const struct ast_expr *const *items, size_t count) {
    for (size_t i = 0; i < count; i++) {
        IGNORE(visit(f, items[i])); /* arguments show nothing */
    }
}

static struct fact_set visit_has(struct fail *f, const struct ast_expr *expr) {
    struct facts *facts = &f->lint->facts;
    struct fact_set all = no_facts;
    uint32_t object = facts_shape(facts, expr->has.object);
    IGNORE(visit(f, expr->has.object)); /* an object shows nothing */
    for (size_t i = 0; i < expr->has.count; i++) {
        struct fact_set one =
            facts_one(f->lint->arena, facts_attr(facts, object, expr->has.path[i]));
        all = facts_union(facts, f->lint->arena, all, one);
        object = facts_get(facts, object, expr->has.path[i]);
    }
    return all;
}

static void visit_get(struct fail *f, const struct ast_expr *expr) {
    struct facts *facts = &f->lint->facts;
    IGNORE(visit(f, expr->get.object)); /* an object shows nothing */
    uint32_t object = facts_shape(facts, expr->get.object);
    if (!facts_holds(facts, facts_attr(facts, object, expr->get.attr)) &&
        !is_always_there(f, expr)) {
        found(f, expr->span, "nothing shows that there is an attribute `", expr->get.attr);
    }
}

static void visit_get_tag(struct fail *f, const struct ast_expr *expr) {
    struct facts *facts = &f->lint->facts;
    uint32_t object = facts_shape(facts, expr->binary.left);
    uint32_t tag = facts_shape(facts, expr->binary.right);
    if (!facts_holds(facts, facts_tag(facts, object, tag))) {
        found(f, expr->span, "nothing shows that there is this tag", (str){NULL, 0});
    }
}

static struct fact_set visit_binary(struct fail *f, const struct ast_expr *expr) {
    struct facts *facts = &f->lint->facts;
    IGNORE(visit(f, expr->binary.left)); /* operands show nothing */
    IGNORE(visit(f, expr->binary.right));
    if (expr->binary.op == AST_OP_GET_TAG) {
        visit_get_tag(f, expr);
    }
    if (expr->binary.op != AST_OP_HAS_TAG) {
        return no_facts;
    }
    return facts_one(f->lint->arena, facts_tag(facts, facts_shape(facts, expr->binary.left),
                                               facts_shape(facts, expr->binary.right)));
}

/* Facts that hold together; they grow at the end, so that a long chain is not copied for each
 * operand. */
struct shown {
    VEC(uint32_t) facts;
};

static void show(struct fail *f, struct shown *shown, struct fact_set facts) {
    for (uint32_t i = 0; i < facts.count; i++) {
        if (VEC_PUSH(f->lint->arena, &shown->facts, facts.items[i])) {
            facts_enter(&f->lint->facts, (struct fact_set){1, &facts.items[i]});
        }
    }
}

static struct fact_set leave(struct fail *f, const struct shown *shown) {
    struct fact_set facts = {(uint32_t)shown->facts.count, shown->facts.items};
    facts_leave(&f->lint->facts, facts);
    return facts;
}

static struct fact_set visit_and(struct fail *f, const struct ast_expr *expr) {
    struct shown shown = {0};
    for (size_t i = 0; i < expr->chain.count; i++) {
        show(f, &shown, visit(f, expr->chain.operands[i]));
    }
    return leave(f, &shown);
}

static struct fact_set visit_or(struct fail *f, const struct ast_expr *expr) {
    struct fact_set common = visit(f, expr->chain.operands[0]);
    for (size_t i = 1; i < expr->chain.count; i++) {
        struct fact_set one = visit(f, expr->chain.operands[i]);
        common = facts_intersection(&f->lint->facts, f->lint->arena, common, one);
    }
    return common;
}

static struct fact_set visit_chain(struct fail *f, const struct ast_expr *expr) {
    switch ((enum ast_op)expr->chain.ops[1]) {
    case AST_OP_AND:
        return visit_and(f, expr);
    case AST_OP_OR:
        return visit_or(f, expr);
    default: /* + - * */
        visit_all(f, expr->chain.operands, expr->chain.count);
        found(f, expr->span, "arithmetic may overflow", (str){NULL, 0});
        return no_facts;
    }
}

static struct fact_set visit_if(struct fail *f, const struct ast_expr *expr) {
    struct facts *facts = &f->lint->facts;
    struct fact_set test = visit(f, expr->cond.test);
    facts_enter(facts, test);
    struct fact_set yes = visit(f, expr->cond.yes);
    facts_leave(facts, test);
    yes = facts_union(facts, f->lint->arena, test, yes);
    return facts_intersection(facts, f->lint->arena, yes, visit(f, expr->cond.no));
}

static bool is_well_formed(struct fail *f, const struct ast_expr *expr) {
    const struct ext_function *function = ext_function_find(expr->call.name);
    struct value argument = value_string(expr->call.args[0]->string);
    struct value made;
    struct ext_error error;
    return ext_call(function, f->lint->arena, &argument, 1, &made, &error) == ERR_OK;
}

static void visit_call(struct fail *f, const struct ast_expr *expr) {
    static const str overflowing[] = {STR_INIT("offset"), STR_INIT("durationSince"),
                                      STR_INIT("toDate")};
    const struct ext_function *function = ext_function_find(expr->call.name);
    visit_all(f, expr->call.args, expr->call.count);
    if (function == NULL || expr->call.count != function->arity) {
        found(f, expr->span, "the number of arguments is wrong for `", expr->call.name);
    } else if (ext_function_is_constructor(function) &&
               (expr->call.args[0]->kind != AST_STRING || !is_well_formed(f, expr))) {
        found(f, expr->span, "there are texts that this function refuses: `", expr->call.name);
    }
    for (size_t i = 0; i < ARRAY_LEN(overflowing); i++) {
        if (str_equal(expr->call.name, overflowing[i])) {
            found(f, expr->span, "a time may leave its range in `", expr->call.name);
        }
    }
}

static struct fact_set visit_unary(struct fail *f, const struct ast_expr *expr) {
    IGNORE(visit(f, expr->unary.operand)); /* nothing survives a negation */
    if (expr->unary.op == AST_OP_NEG) {
        found(f, expr->span, "a negation may overflow", (str){NULL, 0});
    }
    return no_facts;
}

/* Recursion is bounded by the height of the tree. */
static struct fact_set visit(struct fail *f, const struct ast_expr *expr) {
    switch (expr->kind) {
    case AST_BOOL:
    case AST_LONG:
    case AST_STRING:
    case AST_ENTITY:
    case AST_VAR:
    case AST_SLOT:
        break;
    case AST_CHAIN:
        return visit_chain(f, expr);
    case AST_BINARY:
        return visit_binary(f, expr);
    case AST_UNARY:
        return visit_unary(f, expr);
    case AST_GET:
        visit_get(f, expr);
        break;
    case AST_HAS:
        return visit_has(f, expr);
    case AST_LIKE:
        return visit(f, expr->like.object);
    case AST_IS:
        if (expr->is.in != NULL) {
            IGNORE(visit(f, expr->is.in)); /* an operand shows nothing */
        }
        IGNORE(visit(f, expr->is.object));
        break;
    case AST_IF:
        return visit_if(f, expr);
    case AST_SET:
        visit_all(f, expr->set.items, expr->set.count);
        break;
    case AST_RECORD:
        for (size_t i = 0; i < expr->record.count; i++) {
            IGNORE(visit(f, expr->record.fields[i].value)); /* a field shows nothing */
        }
        break;
    case AST_CALL:
        visit_call(f, expr);
        break;
    }
    return no_facts;
}

void lint_fail(struct lint *lint, const struct lint_policy *policy) {
    struct fail f = {.lint = lint, .policy = policy};
    const struct ast_policy *tree = policy->tree;
    struct shown shown = {0};
    for (size_t i = 0; i < tree->clause_count; i++) {
        struct fact_set one = visit(&f, tree->clauses[i].body);
        show(&f, &shown, tree->clauses[i].is_unless ? no_facts : one);
    }
    IGNORE(leave(&f, &shown)); /* nothing comes after the clauses */
    if (f.why == NULL) {
        return;
    }
    str why;
    str tail = str_is_absent(f.name) ? STR("") : STR("`");
    struct buf text;
    buf_init_arena(&text, lint->arena, 1 << 20);
    buf_add_c(&text, f.why);
    buf_add(&text, str_is_absent(f.name) ? STR("") : f.name);
    buf_add(&text, tail);
    if (buf_finish(&text, &why) == ERR_OK) {
        lint_file(lint, LINT_MAY_FAIL, policy, f.span,
                  "may fail, and then it forbids nothing: ", why, "",
                  "test with `has` or `hasTag` first, or say what to do without the value");
    }
}
