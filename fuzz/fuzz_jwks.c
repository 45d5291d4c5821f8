/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Properties: a set that was read is written as a document that reads back as the same set and is
 * written the same way again; every key in it is found by its kid, is public and can be used.
 */
#include "fuzz.h"

#include "jose/keyset.h"
#include "jose/limits.h"

enum { ARENA_MAX = 4 << 20 };

static void check_keys(const struct keyset *keys) {
    FUZZ_CHECK(keyset_count(keys) + keyset_skipped(keys) <= JOSE_JWKS_KEYS);
    for (size_t i = 0; i < keyset_count(keys); i++) {
        struct keyset_entry entry = keyset_at(keys, i);
        FUZZ_CHECK(entry.kid.len > 0 && entry.kid.len <= JOSE_KID_MAX);
        FUZZ_CHECK(keyset_find(keys, entry.kid) == entry.key);
        FUZZ_CHECK(!sign_key_is_private(entry.key));
        static const char zero[SIGN_SIGNATURE_SIZE];
        FUZZ_CHECK(sign_verify(entry.key, STR("x"), str_make(zero, sizeof zero)) == ERR_SIGNATURE ||
                   sign_key_alg(entry.key) == SIGN_EDDSA); /* small-order points exist there */
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    AUTO(keyset_unrefp) struct keyset *keys = NULL;
    struct error error = {0};
    err code = keyset_decode(fuzz_input(data, size), &keys, &error);
    FUZZ_CHECK((keys != NULL) == (code == ERR_OK) && error.code == code);
    if (code != ERR_OK) {
        return 0;
    }
    check_keys(keys);

    AUTO(arena_done) struct arena a;
    arena_init(&a, allocator_libc(), ARENA_MAX);
    str text, again;
    FUZZ_CHECK(keyset_encode(keys, &a, &text) == ERR_OK);
    AUTO(keyset_unrefp) struct keyset *copy = NULL;
    FUZZ_CHECK(keyset_decode(text, &copy, NULL) == ERR_OK);
    FUZZ_CHECK(keyset_skipped(copy) == 0 && keyset_count(copy) == keyset_count(keys));
    FUZZ_CHECK(keyset_encode(copy, &a, &again) == ERR_OK && str_equal(text, again));
    return 0;
}
