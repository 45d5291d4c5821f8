/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DIFFERENTIAL_CASES_H
#define DIFFERENTIAL_CASES_H
/* The kinds of cases: what is asked, in the shape in which the reference's functions are called. */
#include "policy.h"

#include <cedar.h>

struct kind {
    const char *op;
    void (*say_input)(struct maker *m, const struct world *w, cedar_engine *engine);
    unsigned weight;
};

extern const struct kind kinds[];
extern const size_t kind_count;

/* The policies of a call: {"staticPolicies": …}. */
void say_policy_set(struct maker *m, const struct world *w, cedar_engine *engine, unsigned broken);
/* One policy (or template) as JSON, from its text; absent if it does not parse. */
str policy_json(struct maker *m, cedar_engine *engine, str text);

#endif
