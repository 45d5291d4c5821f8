/* SPDX-License-Identifier: Apache-2.0 */
/* The heads of policies as data. */
#include "cedar/api_segment.h"

#include "base/assert.h"

static cedar_constraint_kind kind_of(const struct scope *scope) {
    switch ((enum scope_kind)scope->kind) {
    case SCOPE_ANY:
        return CEDAR_CONSTRAINT_ANY;
    case SCOPE_EQ:
        return CEDAR_CONSTRAINT_EQ;
    case SCOPE_IN:
        return CEDAR_CONSTRAINT_IN;
    case SCOPE_IS:
        return CEDAR_CONSTRAINT_IS;
    case SCOPE_IS_IN:
        return CEDAR_CONSTRAINT_IS_IN;
    case SCOPE_IN_LIST:
        return CEDAR_CONSTRAINT_IN_LIST;
    }
    NOT_REACHED();
    return CEDAR_CONSTRAINT_ANY;
}

static cedar_uid uid_of(const struct symbols *symbols, uint32_t number) {
    const struct symbol *symbol = &symbols->uids.items[number];
    return (cedar_uid){api_public(symbols->types.items[symbol_type(symbol)]),
                       api_public(symbol_id(symbol))};
}

static err tell(struct arena *a, const struct program *program, const struct scope *scope,
                cedar_constraint *ret) {
    bool is_list = scope->kind == SCOPE_IN_LIST;
    bool has_type = scope->kind == SCOPE_IS || scope->kind == SCOPE_IS_IN;
    const uint32_t *numbers = is_list ? program->lists + scope->uid : &scope->uid;
    size_t count = is_list ? scope->type : scope->uid != SYMBOL_NONE;
    cedar_uid *uids = ARENA_ARRAY(a, cedar_uid, count);
    if (uids == NULL) {
        return arena_error(a);
    }
    for (size_t i = 0; i < count; i++) {
        uids[i] = uid_of(&program->symbols, numbers[i]);
    }
    *ret = (cedar_constraint){
        .kind = kind_of(scope),
        .has_slot = scope->has_slot,
        .type = api_public(has_type ? program->symbols.types.items[scope->type] : STR("")),
        .uid_count = count,
        .uids = uids,
    };
    return ERR_OK;
}

static err tell_all(struct arena *a, const struct program *program,
                    const struct program_policy *policy, cedar_scope *ret) {
    cedar_scope told;
    TRY(tell(a, program, &policy->scopes[PART_PRINCIPAL], &told.principal));
    TRY(tell(a, program, &policy->scopes[PART_ACTION], &told.action));
    TRY(tell(a, program, &policy->scopes[PART_RESOURCE], &told.resource));
    *ret = told;
    return ERR_OK;
}

cedar_status cedar_policy_scope(cedar_scratch *scratch, const cedar_policies *policies,
                                size_t index, cedar_scope *ret_scope) {
    if (scratch == NULL || policies == NULL || ret_scope == NULL) {
        return CEDAR_ERR_MISUSE;
    }
    if (index >= policies->count) {
        return CEDAR_ERR_NOT_FOUND;
    }
    uint32_t number;
    const struct segment *segment = policies_locate(policies, index, &number);
    return api_status(tell_all(&scratch->arena, &segment->program,
                               &segment->program.policies[number], ret_scope));
}
