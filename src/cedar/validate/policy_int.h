/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_VALIDATE_POLICY_INT_H
#define CEDAR_VALIDATE_POLICY_INT_H
/*
 * The passes that validate.c runs over a policy. They work on the policy that the validator's
 * findings name; when memory is out, its arenas say so.
 */
#include "cedar/validate/validate.h"

/* names.c */
void names_check(struct validator *v, const struct ast_policy *policy);
/* The entity type of a link's value. */
void names_check_value(struct validator *v, const struct ast_uid *uid);

/* scope.c: a scope with its names looked up, in `scratch` */
struct place_plan { /* principal or resource */
    const struct ast_scope *scope;
    const struct schema_entity_type *type;  /* of `is`; NULL: not declared */
    const struct schema_entity_type *group; /* of the uid; NULL: not declared */
};

struct scope_plan {
    struct place_plan principal;
    struct place_plan resource;
    bool has_known_actions; /* all actions in it are declared */
    bool has_bad_list;      /* strict: empty, or of several types */
    /* Those for which the action's constraint holds; none when some are not known. */
    size_t action_count;
    const struct schema_action *const *actions;
};

/* False when memory is out. */
bool scope_plan_make(struct validator *v, const struct ast_policy *policy,
                     struct scope_plan *ret_plan) MUST_CHECK;

/* What one constraint is worth in an environment. */
struct scope_answer {
    enum type_kind type; /* BOOL, TRUE, FALSE */
    bool is_right;       /* false: something in it is not declared, or not allowed */
};

struct scope_answer scope_answer(struct validator *v, const struct place_plan *plan,
                                 const struct schema_entity_type *type);
bool scope_plan_has(const struct scope_plan *plan, const struct schema_action *action);
/* Files what is wrong with the list of actions itself; true when nothing is. */
bool scope_check_actions(struct validator *v, const struct ast_scope *scope);
/* Is there an action for principals and resources of the scope? */
void scope_check_applies(struct validator *v, const struct ast_policy *policy,
                         const struct scope_plan *plan);

/* policy.c */
void policy_check_types(struct validator *v, const struct ast_policy *policy,
                        const struct scope_plan *plan);
/* Without a schema: what is wrong whatever the types of variables and entities are. */
void policy_check_alone(struct validator *v, const struct ast_policy *policy);

/* level.c */
void level_check(struct validator *v, struct typed *typed);
void level_check_scope(struct validator *v, const struct ast_scope *scope);

/* strings.c */
void strings_check(struct validator *v, const struct ast_policy *policy);

#endif
