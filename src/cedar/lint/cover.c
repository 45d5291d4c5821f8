/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Policies that other policies make idle: said twice, or covered by an unconditional one.
 *
 * A policy without conditions covers another when each of its scope constraints is as wide as the
 * other's. Constraints as wide as a given one are few: the same, `in` the same entity, `is` its
 * type, none. So the unconditional policies are kept by effect and by their constraints on
 * principal and resource, and a policy asks for each of the few combinations; actions are then
 * compared one by one.
 */
#include "cedar/lint/lint_int.h"

enum { WIDER_MAX = 6 };

struct cover {
    struct lint *lint;
    struct table same;          /* what a policy says -> its number + 1 */
    struct table unconditional; /* effect, principal, resource -> number + 1 of the newest */
    VEC(uint32_t) older;        /* by number: the next one with the same key, number + 1 */
};

static uint64_t mix(uint64_t hash, uint64_t more) {
    hash = (hash ^ more) * 0x9e3779b97f4a7c15u;
    return hash ^ hash >> 29;
}

/* ---- constraints ---- */

static uint64_t hash_scope(const struct lint *lint, enum ast_scope_kind kind,
                           const struct ast_uid *uid, str type) {
    uint64_t hash = mix(0, (uint64_t)kind + 1);
    if (kind == AST_SCOPE_IS || kind == AST_SCOPE_IS_IN) {
        hash = mix(hash, hash_bytes(&lint->facts.key, type));
    }
    return uid == NULL ? hash : mix(hash, lint_hash(lint, uid));
}

static uint64_t hash_own(const struct lint *lint, const struct ast_scope *scope) {
    bool has_uid = scope->kind == AST_SCOPE_EQ || scope->kind == AST_SCOPE_IN ||
                   scope->kind == AST_SCOPE_IS_IN;
    return hash_scope(lint, scope->kind, has_uid ? &scope->uid : NULL, scope->type.text);
}

/* The constraints that admit everything that this one admits, itself among them. */
static size_t wider(const struct lint *lint, const struct ast_scope *scope, uint64_t *ret) {
    size_t count = 0;
    const struct ast_uid *uid = &scope->uid;
    str type = scope->type.text;
    ret[count++] = hash_scope(lint, AST_SCOPE_ANY, NULL, STR(""));
    switch (scope->kind) {
    case AST_SCOPE_ANY:
        break;
    case AST_SCOPE_EQ: /* every entity is in itself */
        ret[count++] = hash_scope(lint, AST_SCOPE_EQ, uid, type);
        ret[count++] = hash_scope(lint, AST_SCOPE_IN, uid, type);
        ret[count++] = hash_scope(lint, AST_SCOPE_IS, NULL, uid->type.text);
        ret[count++] = hash_scope(lint, AST_SCOPE_IS_IN, uid, uid->type.text);
        break;
    case AST_SCOPE_IN:
        ret[count++] = hash_scope(lint, AST_SCOPE_IN, uid, type);
        break;
    case AST_SCOPE_IS:
        ret[count++] = hash_scope(lint, AST_SCOPE_IS, NULL, type);
        break;
    case AST_SCOPE_IS_IN:
        ret[count++] = hash_scope(lint, AST_SCOPE_IS_IN, uid, type);
        ret[count++] = hash_scope(lint, AST_SCOPE_IS, NULL, type);
        ret[count++] = hash_scope(lint, AST_SCOPE_IN, uid, type);
        break;
    }
    return count;
}

static const struct schema_action *declared(const struct lint *lint, const struct ast_uid *uid) {
    if (lint->schema == NULL) {
        return NULL;
    }
    struct uid key = uid_make(&lint->schema->key, uid->type.text, uid->id);
    return schema_find_action(lint->schema, &key);
}

/* The action is one of the list, or, for `in`, below one. */
static bool is_admitted(const struct lint *lint, const struct ast_scope *scope,
                        const struct ast_uid *action) {
    const struct ast_uid *list;
    size_t count = lint_actions(scope, &list);
    const struct schema_action *known = declared(lint, action);
    for (size_t i = 0; i < count; i++) {
        if (lint_same_uid(&list[i], action)) {
            return true;
        }
        if (scope->kind != AST_SCOPE_IN || known == NULL) {
            continue;
        }
        struct uid group = uid_make(&lint->schema->key, list[i].type.text, list[i].id);
        for (size_t k = 0; k < known->ancestor_count; k++) {
            if (uid_equal(known->ancestors[k], &group)) {
                return true;
            }
        }
    }
    return false;
}

static bool covers_action(const struct lint *lint, const struct ast_scope *wide,
                          const struct ast_scope *narrow) {
    if (wide->kind == AST_SCOPE_ANY) {
        return true;
    }
    if (narrow->kind == AST_SCOPE_ANY ||
        (narrow->kind == AST_SCOPE_IN && wide->kind == AST_SCOPE_EQ)) {
        return false; /* `in` may reach more than the action itself */
    }
    const struct ast_uid *list;
    size_t count = lint_actions(narrow, &list);
    for (size_t i = 0; i < count; i++) {
        if (!is_admitted(lint, wide, &list[i])) {
            return false;
        }
    }
    return true;
}

/* ---- covered ---- */

static bool has_slots(const struct ast_policy *policy) {
    return policy->principal.slot != AST_SLOT_NONE || policy->resource.slot != AST_SLOT_NONE;
}

static uint64_t cover_key(bool is_forbid, uint64_t principal, uint64_t resource) {
    return mix(mix(mix(1, is_forbid), principal), resource);
}

static void remember(struct cover *c, uint32_t number) {
    struct lint *lint = c->lint;
    const struct ast_policy *policy = lint->policies.items[number].tree;
    uint64_t key = cover_key(policy->is_forbid, hash_own(lint, &policy->principal),
                             hash_own(lint, &policy->resource));
    const uint64_t *newest = table_find(&c->unconditional, key);
    c->older.items[number] = newest == NULL ? 0 : (uint32_t)*newest;
    IGNORE(table_put(&c->unconditional, key, (uint64_t)number + 1)); /* the arena remembers */
}

/* Two unconditional policies that cover each other: only the later one is worth a word. */
static bool is_earlier_twin(const struct lint *lint, uint32_t number, uint32_t other_number) {
    const struct ast_policy *policy = lint->policies.items[number].tree;
    const struct ast_policy *other = lint->policies.items[other_number].tree;
    return number < other_number && policy->clause_count == 0 &&
           policy->is_forbid == other->is_forbid &&
           hash_own(lint, &policy->principal) == hash_own(lint, &other->principal) &&
           hash_own(lint, &policy->resource) == hash_own(lint, &other->resource) &&
           covers_action(lint, &policy->action, &other->action);
}

/* An unconditional policy of the effect that covers it, number + 1; 0: none. */
static uint32_t find_cover(const struct cover *c, uint32_t number, bool is_forbid) {
    const struct lint *lint = c->lint;
    const struct ast_policy *policy = lint->policies.items[number].tree;
    uint64_t principals[WIDER_MAX];
    uint64_t resources[WIDER_MAX];
    size_t principal_count = wider(lint, &policy->principal, principals);
    size_t resource_count = wider(lint, &policy->resource, resources);
    for (size_t i = 0; i < principal_count * resource_count; i++) {
        uint64_t key =
            cover_key(is_forbid, principals[i / resource_count], resources[i % resource_count]);
        const uint64_t *newest = table_find(&c->unconditional, key);
        for (uint32_t at = newest == NULL ? 0 : (uint32_t)*newest; at != 0;
             at = c->older.items[at - 1]) {
            const struct ast_policy *other = lint->policies.items[at - 1].tree;
            if (at - 1 != number && !is_earlier_twin(lint, number, at - 1) &&
                covers_action(lint, &other->action, &policy->action)) {
                return at;
            }
        }
    }
    return 0;
}

static void check_covered(struct cover *c, uint32_t number, enum lint_rule rule, bool is_forbid) {
    struct lint *lint = c->lint;
    if (!lint_wants(lint, rule)) {
        return;
    }
    const struct lint_policy *policy = &lint->policies.items[number];
    uint32_t found = find_cover(c, number, is_forbid);
    if (found == 0) {
        return;
    }
    str other = lint->policies.items[found - 1].tree->id;
    if (rule == LINT_SHADOWED) {
        lint_file(lint, rule, policy, policy->tree->span, "changes no decision: policy `", other,
                  "` covers it without conditions", "remove it, or narrow the other one");
    } else {
        lint_file(lint, rule, policy, policy->tree->span, "permits nothing: policy `", other,
                  "` forbids all of it without conditions", "remove it, or narrow the forbid");
    }
}

/* ---- said twice ---- */

static uint64_t hash_action(const struct lint *lint, const struct ast_scope *scope) {
    const struct ast_uid *list;
    size_t count = lint_actions(scope, &list);
    uint64_t sum = 0; /* the order of a list does not matter, nor how often */
    for (size_t i = 0; i < count; i++) {
        bool is_new = true;
        for (size_t k = 0; k < i && is_new; k++) {
            is_new = !lint_same_uid(&list[k], &list[i]);
        }
        sum += is_new ? mix(7, lint_hash(lint, &list[i])) : 0;
    }
    return mix(mix(scope->kind, sum), (uint64_t)scope->is_list && count == 0);
}

/* Equal for policies that say the same; the shapes of conditions are as good as their text. */
static uint64_t hash_policy(struct lint *lint, const struct ast_policy *policy) {
    uint64_t hash = mix(policy->is_forbid, hash_own(lint, &policy->principal));
    hash = mix(hash, (uint64_t)policy->principal.slot << 2 | policy->resource.slot);
    hash = mix(hash, hash_action(lint, &policy->action));
    hash = mix(hash, hash_own(lint, &policy->resource));
    for (size_t i = 0; i < policy->clause_count; i++) {
        const struct ast_clause *clause = &policy->clauses[i];
        hash =
            mix(hash, (uint64_t)facts_shape(&lint->facts, clause->body) << 1 | clause->is_unless);
    }
    return hash;
}

static bool check_duplicate(struct cover *c, uint32_t number) {
    struct lint *lint = c->lint;
    const struct lint_policy *policy = &lint->policies.items[number];
    uint64_t hash = hash_policy(lint, policy->tree);
    const uint64_t *first = table_find(&c->same, hash);
    if (first == NULL) {
        IGNORE(table_put(&c->same, hash, (uint64_t)number + 1)); /* the arena remembers */
        return false;
    }
    if (lint_wants(lint, LINT_DUPLICATE)) {
        lint_file(lint, LINT_DUPLICATE, policy, policy->tree->span, "says the same as policy `",
                  lint->policies.items[*first - 1].tree->id, "`", "remove one of them");
    }
    return true;
}

void lint_cover(struct lint *lint) {
    struct cover c = {.lint = lint};
    uint32_t count = (uint32_t)lint->policies.count;
    c.same.arena = lint->arena;
    c.unconditional.arena = lint->arena;
    c.older.items = ARENA_ARRAY(lint->arena, uint32_t, count);
    if (c.older.items == NULL) {
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        const struct ast_policy *policy = lint->policies.items[i].tree;
        if (policy->clause_count == 0 && !has_slots(policy)) {
            remember(&c, i);
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        const struct ast_policy *policy = lint->policies.items[i].tree;
        if (check_duplicate(&c, i) || has_slots(policy)) {
            continue;
        }
        check_covered(&c, i, LINT_SHADOWED, policy->is_forbid);
        if (!policy->is_forbid) {
            check_covered(&c, i, LINT_OVERRIDDEN, true);
        }
    }
}
