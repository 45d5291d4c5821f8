/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DIFFERENTIAL_POLICY_H
#define DIFFERENTIAL_POLICY_H
/* Policies and templates over a world, as text. */
#include "expr.h"

enum { POLICIES_MAX = 8 };

struct policy {
    str text;
    bool has_principal_slot;
    bool has_resource_slot;
    struct scene scene;
};

/* `may_be_template` allows slots. */
void policy_make(struct maker *m, const struct world *w, unsigned wrong, bool may_be_template,
                 struct policy *ret);
/* The place of an expression: an action with a principal and a resource that it applies to. */
void scene_make(struct maker *m, const struct world *w, unsigned wrong, struct scene *ret);

#endif
