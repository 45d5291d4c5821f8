/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DIFFERENTIAL_EXPR_INT_H
#define DIFFERENTIAL_EXPR_INT_H
/* The parts of expr.h that know each other. */
#include "expr.h"

/* expr_leaf.c */
void say_literal(struct maker *m, struct scene *s, const struct type *want, unsigned depth);
/* A variable or what can be reached from one; false if nothing there has the type. */
bool say_path(struct maker *m, struct scene *s, const struct type *want);
/* An optional attribute that can be reached: where it hangs, and its name; false: none. */
bool pick_optional(struct maker *m, struct scene *s, str *ret_base, const char **ret_name);
/* Something that has a tag of the type. */
bool say_tag(struct maker *m, struct scene *s, const struct type *want);
void say_access(struct maker *m, const char *name);
void add_guard(struct maker *m, struct scene *s, str base, const char *name);

/* expr_bool.c */
void say_bool(struct maker *m, struct scene *s, unsigned depth);
/* An expression that is an entity, and what type it was given. */
void say_some_entity(struct maker *m, struct scene *s, unsigned depth, unsigned *ret_type);

#endif
