/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRYPTO_CT_H
#define CRYPTO_CT_H
/*
 * Comparison whose time does not depend on the values (style: secrets and constant time).
 *
 * Pure functions. A test runs them under valgrind with the inputs marked undefined, so that a
 * branch or an index that depends on them is reported.
 */
#include "base/str.h"

/* Exactly `len` bytes of each. The length is not secret. */
bool ct_equal(const void *a, const void *b, size_t len);

/* For values whose length is secret or may differ: compares their SHA-256 digests. */
bool ct_equal_digest(str a, str b);

#endif
