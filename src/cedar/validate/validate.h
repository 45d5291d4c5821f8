/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_VALIDATE_VALIDATE_H
#define CEDAR_VALIDATE_VALIDATE_H
/*
 * Policies against a schema (maps: §1.10): can a policy fail, or never apply?
 *
 *     names.c     entity types, actions and ids of enumerated types that are not declared
 *     scope.c     which request types a scope admits; is there an action it can apply to
 *     policy.c    type checking of a policy in every request type that its scope leaves
 *     level.c     how far from the request the policy reaches (RFC 76)
 *     strings.c   texts that may deceive a reader
 *
 * One validator checks any number of policies against one schema on one thread. What does not
 * depend on the policy (types, how they relate) is kept from one to the next; what a policy needs
 * while it is checked is forgotten after it. Findings are added to a list; an error among them is
 * no failure of the call. Calls fail with ERR_NOMEM and ERR_LIMIT only.
 */
#include "cedar/validate/check.h"

struct validate_options {
    bool has_no_schema; /* what can be told without one; the schema is an empty one */
    bool is_permissive;
    bool is_4_12; /* verdicts of that version */
    bool has_level;
    uint32_t level;
};

struct validator {
    const struct schema *schema;
    struct validate_options options;
    struct types types;
    struct findings findings;
    struct checker checker;
    struct arena arena;   /* types */
    struct arena scratch; /* of a policy */
    struct arena temp;    /* of an environment */
    struct typed lost;
};

/* `diags` is where findings go; its source is that of the policy at hand, set by the caller. The
 * arenas get their memory from `allocator` and are capped by `max_bytes` each. */
err validator_init(struct validator *v, const struct schema *schema,
                   const struct validate_options *options, const struct allocator *allocator,
                   size_t max_bytes, struct diag_list *diags) MUST_CHECK;
void validator_done(struct validator *v);

/* A policy or template. Its id is named in findings; `base` is added to its spans. */
err validator_check(struct validator *v, const struct ast_policy *policy, uint32_t base) MUST_CHECK;
/* A policy that was linked from a template, with its values in the slots' places: what the
 * template's check cannot know. Spans of the template are used. */
err validator_check_link(struct validator *v, const struct ast_policy *policy, uint32_t base,
                         bool links_principal, bool links_resource) MUST_CHECK;

bool validator_has_errors(const struct validator *v);

#endif
