/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_COMPILE_EMIT_INT_H
#define CEDAR_COMPILE_EMIT_INT_H
/*
 * Inside of emit.h: instructions in emit.c, what they point to in emit_pool.c. All of them add at
 * the end, and say under which number.
 */
#include "cedar/compile/emit.h"

enum { CODE_MAX = 1 << 30 };

err emit_put(struct emitter *m, enum op op, enum program_var var, uint32_t arg) MUST_CHECK;
/* The code so far leaves one more value on the stack. */
void emit_pushed(struct emitter *m);

err emit_name(struct emitter *m, str name, uint32_t *ret) MUST_CHECK;
/* Names that stand one after the other. */
err emit_field_names(struct emitter *m, const struct node_field *fields, size_t count,
                     uint32_t *ret) MUST_CHECK;
err emit_path_names(struct emitter *m, const str *path, size_t count, uint32_t *ret) MUST_CHECK;
err emit_pattern(struct emitter *m, const struct pattern *pattern, uint32_t *ret) MUST_CHECK;
/* A copy of the value. */
err emit_add_constant(struct emitter *m, const struct value *value, uint32_t *ret) MUST_CHECK;
/* An instruction that pushes a copy of the value. */
err emit_constant(struct emitter *m, const struct value *value) MUST_CHECK;

#endif
