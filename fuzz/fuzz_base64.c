/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Properties: encode then decode is the identity; whatever decodes is spelled exactly as the
 * encoder spells it (one value, one spelling).
 */
#include "fuzz.h"

#include "base/base64.h"

enum { ARENA_MAX = 64 << 20 };

static void check_form(enum base64_form form, str input) {
    struct arena a;
    struct buf buf;
    str decoded;
    str text;
    arena_init(&a, allocator_libc(), ARENA_MAX);
    buf_init_arena(&buf, &a, ARENA_MAX);
    base64_encode(&buf, form, input);
    FUZZ_CHECK(buf_finish(&buf, &text) == ERR_OK);
    FUZZ_CHECK(base64_decode(&a, form, text, &decoded) == ERR_OK && str_equal(decoded, input));

    buf_clear(&buf);
    err code = base64_decode(&a, form, input, &decoded);
    FUZZ_CHECK(code == ERR_OK || code == ERR_SYNTAX);
    if (code == ERR_OK) {
        base64_encode(&buf, form, decoded);
        FUZZ_CHECK(str_equal(buf_str(&buf), input));
    }
    arena_done(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    check_form(BASE64_STANDARD, fuzz_input(data, size));
    check_form(BASE64_URL, fuzz_input(data, size));
    return 0;
}
