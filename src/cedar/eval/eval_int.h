/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_EVAL_EVAL_INT_H
#define CEDAR_EVAL_EVAL_INT_H
/*
 * Inside of the evaluator: operators on data, and the texts of errors. All functions use the
 * arena, the entities and the budget of the struct eval they are given.
 */
#include "cedar/eval/eval.h"

/* eval_data.c: operators whose operands are values already. What they return through a pointer to
 * a pointer is part of an operand or of the entities. */
err eval_get(struct eval *e, const struct value *object, str attr,
             const struct value **ret) MUST_CHECK;
/* *ret_found is NULL when the attribute is not there. */
err eval_has(struct eval *e, const struct value *object, str attr,
             const struct value **ret_found) MUST_CHECK;
err eval_in(struct eval *e, const struct value *left, const struct value *right,
            bool *ret) MUST_CHECK;
err eval_contains(struct eval *e, const struct value *left, const struct value *right,
                  bool *ret) MUST_CHECK;
err eval_contains_all(struct eval *e, const struct value *left, const struct value *right,
                      bool *ret) MUST_CHECK;
err eval_contains_any(struct eval *e, const struct value *left, const struct value *right,
                      bool *ret) MUST_CHECK;
err eval_get_tag(struct eval *e, const struct value *left, const struct value *right,
                 const struct value **ret) MUST_CHECK;
err eval_has_tag(struct eval *e, const struct value *left, const struct value *right,
                 bool *ret) MUST_CHECK;
err eval_less(struct eval *e, const struct value *left, const struct value *right, bool or_equal,
              bool *ret) MUST_CHECK;
err eval_equal(struct eval *e, const struct value *left, const struct value *right,
               bool *ret) MUST_CHECK;
/* Pays for comparing the value with others so many times, as far as it is more than a step. */
err eval_charge_value(struct eval *e, const struct value *value, size_t times) MUST_CHECK;
/* ADD, SUB, MUL; *ret may be an operand. */
err eval_arith(struct eval *e, enum op op, const struct value *left, const struct value *right,
               struct value *ret) MUST_CHECK;
err eval_negate(struct eval *e, const struct value *operand, struct value *ret) MUST_CHECK;

/* errors.c: fill e->error and return the code, or the arena's error. */
err fail_type(struct eval *e, enum value_kind expected, const struct value *got);
err fail_types(struct eval *e, const enum value_kind *expected, size_t count,
               const struct value *got, const char *help);
err fail_no_entity(struct eval *e, const struct uid *uid);
err fail_no_attribute(struct eval *e, const struct entity *entity, str attr);
err fail_no_tag(struct eval *e, const struct entity *entity, str tag);
err fail_no_field(struct eval *e, const struct value_record *record, str attr);
err fail_overflow(struct eval *e, const char *verb, int64_t left, int64_t right);
err fail_negate(struct eval *e, int64_t operand);
err fail_recursion(struct eval *e);

#endif
