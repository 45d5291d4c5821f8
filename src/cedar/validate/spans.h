/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_VALIDATE_SPANS_H
#define CEDAR_VALIDATE_SPANS_H
/*
 * Where findings about a part of a member chain point to.
 *
 * In `principal.manager.name` the reference gives every access the place of the whole chain, and
 * a negative number the place of its digits. Trees have exact places, so those that differ are
 * translated when there is something to say.
 */
#include "cedar/ast/ast.h"
#include "cedar/validate/table.h"

/* Notes the places of the policy that differ, in the table's arena; a full arena leaves some
 * out. `text` is the policy's source, which begins `base` bytes before its spans. */
void spans_note(struct table *spans, const struct ast_policy *policy, str text, uint32_t base);
struct ast_span spans_find(const struct table *spans, struct ast_span span);

#endif
