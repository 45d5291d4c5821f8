/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H
/*
 * What a fuzz target defines, and how it states its property.
 *
 * The function is called once per input, by libFuzzer or by standalone.c; it keeps nothing
 * between calls and returns 0. `data` is not terminated and may be NULL when size is 0.
 */
#include "base/assert.h"
#include "base/str.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The property: aborts with file and line when it does not hold. */
#define FUZZ_CHECK(expr) ASSERT(expr)

static inline str fuzz_input(const uint8_t *data, size_t size) {
    return size == 0 ? STR("") : str_make((const char *)data, size);
}

#endif
