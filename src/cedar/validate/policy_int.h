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

/* scope.c: what one constraint is worth in an environment */
struct scope_answer {
    enum type_kind type; /* BOOL, TRUE, FALSE */
    bool is_right;       /* false: something in it is not declared, or not allowed */
};

struct scope_answer scope_answer(struct validator *v, const struct ast_scope *scope,
                                 const struct schema_entity_type *type);
struct scope_answer scope_answer_action(struct validator *v, const struct ast_scope *scope,
                                        const struct schema_action *action);
/* Files what is wrong with the list of actions itself; true when nothing is. */
bool scope_check_actions(struct validator *v, const struct ast_scope *scope);
/* Is there an action for principals and resources of the scope? */
void scope_check_applies(struct validator *v, const struct ast_policy *policy);

/* policy.c */
void policy_check_types(struct validator *v, const struct ast_policy *policy);
/* Without a schema: what is wrong whatever the types of variables and entities are. */
void policy_check_alone(struct validator *v, const struct ast_policy *policy);

/* level.c */
void level_check(struct validator *v, const struct typed *typed);
void level_check_scope(struct validator *v, const struct ast_scope *scope);

/* strings.c */
void strings_check(struct validator *v, const struct ast_policy *policy);

#endif
