/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_JOSE_FORGE_H
#define TESTS_UNIT_JOSE_FORGE_H
/*
 * Makes tokens of any shape, good and bad, for the tests of jose/. Everything lives in the arena;
 * a failure of a step that must work fails the test.
 */
#include "../crypto/vectors.h"

#include "base/base64.h"
#include "crypto/sign.h"

static inline str forge_base64(struct arena *a, str bytes) {
    struct buf out;
    buf_init_arena(&out, a, 64 * 1024);
    base64_encode(&out, BASE64_URL, bytes);
    str text;
    assert_int_equal(buf_finish(&out, &text), ERR_OK);
    return text;
}

static inline str forge_join(struct arena *a, str left, str right) {
    str joined;
    assert_int_equal(arena_format(a, &joined, "%.*s.%.*s", STR_FMT(left), STR_FMT(right)), ERR_OK);
    return joined;
}

/* header.claims, each as given. */
static inline str forge_input(struct arena *a, str header, str claims) {
    return forge_join(a, forge_base64(a, header), forge_base64(a, claims));
}

/* With a genuine signature over whatever header and claims say. */
static inline str forge_token(struct arena *a, const struct sign_key *key, str header, str claims) {
    str input = forge_input(a, header, claims);
    uint8_t signature[SIGN_SIGNATURE_SIZE];
    assert_int_equal(sign_message(key, input, signature), ERR_OK);
    return forge_join(a, input,
                      forge_base64(a, str_make((const char *)signature, sizeof signature)));
}

#endif
