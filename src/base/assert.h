/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_ASSERT_H
#define BASE_ASSERT_H
/*
 * ASSERT states what must hold if our own code is right; it stays on in release builds.
 *
 * A failed assertion prints one line to standard error and aborts: a security service in an
 * unknown state must stop. It is never used for input: bad input is an `enum err`.
 *
 * A library must not stop its host. What libcedar is made of says the same with HOLDS and
 * NOT_REACHED, behind which stands what happens otherwise: a return of ERR_INTERNAL, or of what
 * denies. In our own programs, tests and fuzz targets they stop like ASSERT; where libcedar is
 * built for others (CEDAR_EMBEDDED) they tell CEDAR_ASSERT_HOOK, a function of the host's, if the
 * macro names one, and go on (docs/design/0006-embedding.md).
 */
#include "base/compiler.h"

#ifndef CEDAR_EMBEDDED
NORETURN void assert_failed(const char *expression, const char *file, int line);
#define ASSERT(expr) ((expr) ? (void)0 : assert_failed(#expr, __FILE__, __LINE__))
#define ASSERT_TELL(expression) assert_failed(expression, __FILE__, __LINE__)
/* A place that cannot be reached: after a `switch` over all enumerators. */
#define UNREACHABLE() assert_failed("unreachable", __FILE__, __LINE__)
#elif defined(CEDAR_ASSERT_HOOK)
void CEDAR_ASSERT_HOOK(const char *expression, const char *file, int line);
#define ASSERT_TELL(expression) CEDAR_ASSERT_HOOK(expression, __FILE__, __LINE__)
#else
#define ASSERT_TELL(expression) ((void)0)
#endif

/* `if (!HOLDS(count > 0)) { return ERR_INTERNAL; }` */
#define HOLDS(expr) (LIKELY(expr) || (ASSERT_TELL(#expr), false))

/* A place that cannot be reached: after a `switch` over all enumerators. What stands behind it is
 * what happens otherwise. */
#define NOT_REACHED() ASSERT_TELL("not reached")

#endif
