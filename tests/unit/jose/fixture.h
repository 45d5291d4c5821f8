/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_JOSE_FIXTURE_H
#define TESTS_UNIT_JOSE_FIXTURE_H
/*
 * An issuer with one ES256 and one EdDSA key, their published set, and a good access token.
 */
#include "forge.h"

#include "jose/jwt.h"

#define ISSUER "https://auth.example.com"
#define AUDIENCE "https://api.example.com"

enum { NOW_S = 1700000000 };

/* All claims of an access token that is good at NOW_S. */
#define GOOD_CLAIMS                                                                            \
    "\"iss\":\"" ISSUER "\",\"aud\":\"" AUDIENCE "\",\"sub\":\"alice\",\"client_id\":\"web\"," \
    "\"jti\":\"id-1\",\"iat\":1699999990,\"exp\":1700000300"

#define GOOD_HEADER "{\"alg\":\"ES256\",\"typ\":\"at+jwt\",\"kid\":\"e\"}"

struct fixture {
    struct arena arena;
    struct sign_key *es256; /* kid "e" */
    struct sign_key *eddsa; /* kid "d" */
    struct keyset *keys;
};

static inline int fixture_setup(void **state) {
    struct fixture *f = test_calloc(1, sizeof *f);
    arena_init(&f->arena, allocator_libc(), 32u << 20);
    assert_int_equal(sign_key_generate(SIGN_ES256, &f->es256), ERR_OK);
    assert_int_equal(sign_key_generate(SIGN_EDDSA, &f->eddsa), ERR_OK);
    const struct keyset_entry entries[] = {{STR("e"), f->es256}, {STR("d"), f->eddsa}};
    assert_int_equal(keyset_new(entries, 2, &f->keys), ERR_OK);
    *state = f;
    return 0;
}

static inline int fixture_teardown(void **state) {
    struct fixture *f = *state;
    keyset_unref(f->keys);
    sign_key_unref(f->es256);
    sign_key_unref(f->eddsa);
    arena_done(&f->arena);
    test_free(f);
    return 0;
}

#define FIXTURE_TEST(function) \
    cmocka_unit_test_setup_teardown(function, fixture_setup, fixture_teardown)

/* The outcome of verifying as a resource server would; a token is handed out only if valid. */
static inline enum jwt_reason verify(struct fixture *f, str token) {
    struct jwt_expect expect = jwt_expect_access_token(STR(ISSUER), STR(AUDIENCE));
    const struct verified_token *verified = NULL;
    enum jwt_reason reason = jwt_verify(&f->arena, token, f->keys, &expect, NOW_S, &verified);
    assert_true((verified != NULL) == (reason == JWT_VALID));
    return reason;
}

static inline void assert_reason(enum jwt_reason actual, enum jwt_reason expected,
                                 const char *what) {
    if (actual != expected) {
        fail_msg("%s: got %s, expected %s", what, jwt_reason_name(actual),
                 jwt_reason_name(expected));
    }
}

#endif
