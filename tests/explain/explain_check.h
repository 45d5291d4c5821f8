/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXPLAIN_CHECK_H
#define EXPLAIN_CHECK_H
/*
 * Does an explanation agree with the decision, and with itself? For the corpus and the fuzz target.
 *
 * It must have been made with CEDAR_EXPLAIN_ALL and without a limit, of the same request that
 * `response` is the answer to. NULL, or in words what does not agree. Pure function.
 */
#include "cedar.h"

const char *explain_check(const cedar_policies *policies, const cedar_response *response,
                          const cedar_explanation *explanation);

/* One policy alone: constraints and clauses agree with its outcome. Not when time has ended. */
const char *explain_check_policy(const cedar_explained_policy *policy);

#endif
