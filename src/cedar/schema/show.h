/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_SCHEMA_SHOW_H
#define CEDAR_SCHEMA_SHOW_H
/*
 * Values as messages about data show them. value_format is what evaluation prints; these differ
 * in small things that people compare: names stand without quotes where they can, numbers below
 * zero in parentheses where an expression is meant, and long values may be cut.
 */
#include "base/buf.h"
#include "cedar/value/value.h"

/* At most `most` items or fields of each set and record: `{a: 1, .. }`. */
void show_value(struct buf *out, const struct value *value, size_t most);
/* As it could stand in a policy. */
void show_expression(struct buf *out, const struct value *value);
/* The same, but the names of the outermost record have quotes. */
void show_data(struct buf *out, const struct value *value);

#endif
