/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_ASSERT_H
#define BASE_ASSERT_H
/*
 * ASSERT states what must hold if our own code is right; it stays on in release builds.
 *
 * A failed assertion prints one line to standard error and aborts: a security service in an
 * unknown state must stop. It is never used for input: bad input is an `enum err`.
 */
#include "base/compiler.h"

NORETURN void assert_failed(const char *expression, const char *file, int line);

#define ASSERT(expr) ((expr) ? (void)0 : assert_failed(#expr, __FILE__, __LINE__))

/* A place that cannot be reached: after a `switch` over all enumerators. */
#define UNREACHABLE() assert_failed("unreachable", __FILE__, __LINE__)

#endif
