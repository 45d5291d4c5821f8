/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_VALUE_UNICODE_H
#define CEDAR_VALUE_UNICODE_H
/*
 * The few Unicode properties that Cedar's texts depend on (Unicode 17.0). Pure functions over
 * scalar values.
 */
#include "base/compiler.h"

/* Shown as itself in escaped text: not a control, format, unassigned, separator or default
 * ignorable code point. */
bool unicode_is_printable(uint32_t scalar);
bool unicode_is_grapheme_extend(uint32_t scalar);
/* General_Category Nd: a decimal digit of any script. */
bool unicode_is_decimal_digit(uint32_t scalar);

#endif
