/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_ORACLE_INT_H
#define TEST_ORACLE_INT_H
/* Inside of the referee: the walker (oracle.c), operators (oracle_data.c), policies (the rest). */
#include "oracle.h"

#include "cedar/eval/eval_int.h"

err oracle_condition(struct eval *e, const struct node *node, bool *ret) MUST_CHECK;

err oracle_get(struct eval *e, const struct value *object, str attr, struct value *ret) MUST_CHECK;
err oracle_has(struct eval *e, const struct value *object, str attr,
               const struct value **ret_found) MUST_CHECK;
err oracle_in(struct eval *e, const struct value *left, const struct value *right,
              bool *ret) MUST_CHECK;
err oracle_contains(struct eval *e, const struct value *left, const struct value *right,
                    bool *ret) MUST_CHECK;
err oracle_contains_all(struct eval *e, const struct value *left, const struct value *right,
                        bool *ret) MUST_CHECK;
err oracle_contains_any(struct eval *e, const struct value *left, const struct value *right,
                        bool *ret) MUST_CHECK;
err oracle_get_tag(struct eval *e, const struct value *left, const struct value *right,
                   struct value *ret) MUST_CHECK;
err oracle_has_tag(struct eval *e, const struct value *left, const struct value *right,
                   bool *ret) MUST_CHECK;
err oracle_less(struct eval *e, const struct value *left, const struct value *right, bool or_equal,
                bool *ret) MUST_CHECK;
err oracle_arith(struct eval *e, enum arith_op op, const struct value *left,
                 const struct value *right, struct value *ret) MUST_CHECK;
err oracle_negate(struct eval *e, const struct value *operand, struct value *ret) MUST_CHECK;
err oracle_like(struct eval *e, str text, const struct pattern *pattern, bool *ret) MUST_CHECK;
bool oracle_is_same(const struct uid *a, const struct uid *b);
bool oracle_is_in(const struct entities *entities, const struct uid *uid,
                  const struct uid *ancestor);

#endif
