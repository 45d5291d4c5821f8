/* SPDX-License-Identifier: Apache-2.0 */
#include "jose/jwt.h"

#include "fixture.h"

#include <pthread.h>

#include "jose/limits.h"

static void a_good_token_gives_its_claims(void **state) {
    struct fixture *f = *state;
    str token;
    assert_int_equal(jwt_sign(&f->arena, f->es256, STR("e"), STR("at+jwt"),
                              STR("{" GOOD_CLAIMS ",\"scope\":\"openid profile\",\"nbf\":1699999990"
                                  ",\"groups\":[\"staff\"]}"),
                              &token),
                     ERR_OK);
    char *text = arena_alloc(&f->arena, token.len);
    assert_non_null(text);
    memcpy(text, token.ptr, token.len);
    struct jwt_expect expect = jwt_expect_access_token(STR(ISSUER), STR(AUDIENCE));
    const struct verified_token *verified = NULL;
    assert_int_equal(
        jwt_verify(&f->arena, str_make(text, token.len), f->keys, &expect, NOW_S, &verified),
        JWT_VALID);
    memset(text, '#', token.len); /* nothing of the result may point into the token */

    const struct jwt_claims *claims = verified_token_claims(verified);
    assert_str(claims->issuer, STR(ISSUER));
    assert_str(claims->subject, STR("alice"));
    assert_int_equal(claims->audience_count, 1);
    assert_str(claims->audiences[0], STR(AUDIENCE));
    assert_int_equal(claims->expires_s, 1700000300);
    assert_int_equal(claims->issued_s, 1699999990);
    assert_int_equal(claims->not_before_s, 1699999990);
    assert_str(claims->id, STR("id-1"));
    assert_str(claims->client_id, STR("web"));
    assert_str(claims->typ, STR("at+jwt"));
    assert_str(claims->kid, STR("e"));
    assert_true(jwt_has_scope(claims, STR("profile")));
    assert_int_equal(json_get(claims->all, STR("groups"))->count, 1);
}

static void both_algorithms_are_accepted(void **state) {
    struct fixture *f = *state;
    str token = forge_token(&f->arena, f->eddsa,
                            STR("{\"alg\":\"EdDSA\",\"typ\":\"at+jwt\",\"kid\":\"d\"}"),
                            STR("{" GOOD_CLAIMS "}"));
    assert_int_equal(verify(f, token), JWT_VALID);
}

#define ISS "\"iss\":\"" ISSUER "\""
#define AUD "\"aud\":\"" AUDIENCE "\""
#define REST "\"sub\":\"a\",\"client_id\":\"c\",\"jti\":\"j\""
#define IAT "\"iat\":1700000000"
#define EXP "\"exp\":1700000300"

/* Claims of a token whose signature, header and key are good. */
static const struct {
    const char *claims;
    enum jwt_reason expected;
} claim_cases[] = {
    {"{" ISS "," AUD "," REST "," IAT "," EXP "}", JWT_VALID},
    /* audience */
    {"{" ISS ",\"aud\":[\"x\",\"" AUDIENCE "\"]," REST "," IAT "," EXP "}", JWT_VALID},
    {"{" ISS ",\"aud\":[\"x\",\"y\"]," REST "," IAT "," EXP "}", JWT_AUDIENCE},
    {"{" ISS ",\"aud\":\"" AUDIENCE "/\"," REST "," IAT "," EXP "}", JWT_AUDIENCE},
    {"{" ISS ",\"aud\":\"https://api.example.co\"," REST "," IAT "," EXP "}", JWT_AUDIENCE},
    {"{" ISS ",\"aud\":[]," REST "," IAT "," EXP "}", JWT_MISSING_CLAIM},
    {"{" ISS "," REST "," IAT "," EXP "}", JWT_MISSING_CLAIM},
    {"{" ISS ",\"aud\":null," REST "," IAT "," EXP "}", JWT_MALFORMED},
    {"{" ISS ",\"aud\":{\"a\":1}," REST "," IAT "," EXP "}", JWT_MALFORMED},
    {"{" ISS ",\"aud\":[\"" AUDIENCE "\",1]," REST "," IAT "," EXP "}", JWT_MALFORMED},
    {"{" ISS ",\"aud\":[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\",\"10\",\"11\",\"12\","
     "\"13\",\"14\",\"15\",\"16\",\"" AUDIENCE "\"]," REST "," IAT "," EXP "}",
     JWT_MALFORMED},
    /* issuer */
    {"{\"iss\":\"" ISSUER "/\"," AUD "," REST "," IAT "," EXP "}", JWT_ISSUER},
    {"{\"iss\":\"HTTPS://auth.example.com\"," AUD "," REST "," IAT "," EXP "}", JWT_ISSUER},
    {"{\"iss\":\"\"," AUD "," REST "," IAT "," EXP "}", JWT_MISSING_CLAIM},
    {"{" AUD "," REST "," IAT "," EXP "}", JWT_MISSING_CLAIM},
    {"{\"iss\":[\"" ISSUER "\"]," AUD "," REST "," IAT "," EXP "}", JWT_MALFORMED},
    /* times; the tolerance is 60 seconds */
    {"{" ISS "," AUD "," REST "," IAT "}", JWT_MISSING_CLAIM},
    {"{" ISS "," AUD "," REST "," IAT ",\"exp\":1699999941}", JWT_VALID},
    {"{" ISS "," AUD "," REST "," IAT ",\"exp\":1699999940}", JWT_EXPIRED},
    {"{" ISS "," AUD "," REST "," IAT ",\"exp\":0}", JWT_EXPIRED},
    {"{" ISS "," AUD "," REST "," IAT ",\"exp\":\"1700000300\"}", JWT_MALFORMED},
    {"{" ISS "," AUD "," REST "," IAT ",\"exp\":1700000300.5}", JWT_MALFORMED},
    {"{" ISS "," AUD "," REST "," IAT ",\"exp\":1.7000003e9}", JWT_MALFORMED},
    {"{" ISS "," AUD "," REST "," IAT ",\"exp\":-1}", JWT_MALFORMED},
    {"{" ISS "," AUD "," REST "," IAT ",\"exp\":9223372036854775807}", JWT_MALFORMED},
    {"{" ISS "," AUD "," REST "," IAT ",\"exp\":99999999999999999999}", JWT_MALFORMED},
    {"{" ISS "," AUD "," REST "," IAT ",\"exp\":253402300799}", JWT_VALID},
    {"{" ISS "," AUD "," REST "," IAT ",\"exp\":null}", JWT_MALFORMED},
    {"{" ISS "," AUD "," REST "," IAT "," EXP ",\"nbf\":1700000060}", JWT_VALID},
    {"{" ISS "," AUD "," REST "," IAT "," EXP ",\"nbf\":1700000061}", JWT_NOT_YET_VALID},
    {"{" ISS "," AUD "," REST "," IAT "," EXP ",\"nbf\":true}", JWT_MALFORMED},
    {"{" ISS "," AUD "," REST ",\"iat\":1700000060," EXP "}", JWT_VALID},
    {"{" ISS "," AUD "," REST ",\"iat\":1700000061," EXP "}", JWT_NOT_YET_VALID},
    {"{" ISS "," AUD "," REST "," EXP "}", JWT_MISSING_CLAIM},
    /* who */
    {"{" ISS "," AUD ",\"client_id\":\"c\",\"jti\":\"j\"," IAT "," EXP "}", JWT_MISSING_CLAIM},
    {"{" ISS "," AUD ",\"sub\":\"\",\"client_id\":\"c\",\"jti\":\"j\"," IAT "," EXP "}",
     JWT_MISSING_CLAIM},
    {"{" ISS "," AUD ",\"sub\":7,\"client_id\":\"c\",\"jti\":\"j\"," IAT "," EXP "}",
     JWT_MALFORMED},
    {"{" ISS "," AUD ",\"sub\":\"a\",\"jti\":\"j\"," IAT "," EXP "}", JWT_MISSING_CLAIM},
    {"{" ISS "," AUD ",\"sub\":\"a\",\"client_id\":\"c\"," IAT "," EXP "}", JWT_MISSING_CLAIM},
    {"{" ISS "," AUD "," REST "," IAT "," EXP ",\"scope\":[\"openid\"]}", JWT_MALFORMED},
    /* form */
    {"{" ISS "," AUD "," REST "," IAT "," EXP ",\"sub\":\"admin\"}", JWT_MALFORMED},
    {"{" ISS "," AUD "," REST "," IAT "," EXP "}{}", JWT_MALFORMED},
    {"[]", JWT_MALFORMED},
    {"", JWT_MALFORMED},
    {"null", JWT_MALFORMED},
    {"{}", JWT_MISSING_CLAIM},
    {"{\"sub\":\"\xff\"}", JWT_MALFORMED},
};

static void claims_are_checked_with_their_reason(void **state) {
    struct fixture *f = *state;
    for (size_t i = 0; i < ARRAY_LEN(claim_cases); i++) {
        str token =
            forge_token(&f->arena, f->es256, STR(GOOD_HEADER), str_c(claim_cases[i].claims));
        assert_reason(verify(f, token), claim_cases[i].expected, claim_cases[i].claims);
    }
}

/* Threat class 11: an ID token is not an access token, and the other way round. */
static void the_type_must_be_the_expected_one(void **state) {
    struct fixture *f = *state;
    static const struct {
        const char *header;
        enum jwt_reason as_access_token, as_id_token;
    } cases[] = {
        {"{\"alg\":\"ES256\",\"kid\":\"e\",\"typ\":\"at+jwt\"}", JWT_VALID, JWT_TYP},
        {"{\"alg\":\"ES256\",\"kid\":\"e\",\"typ\":\"AT+jwt\"}", JWT_VALID, JWT_TYP},
        {"{\"alg\":\"ES256\",\"kid\":\"e\",\"typ\":\"application/at+jwt\"}", JWT_VALID, JWT_TYP},
        {"{\"alg\":\"ES256\",\"kid\":\"e\",\"typ\":\"JWT\"}", JWT_TYP, JWT_VALID},
        {"{\"alg\":\"ES256\",\"kid\":\"e\"}", JWT_TYP, JWT_VALID},
        {"{\"alg\":\"ES256\",\"kid\":\"e\",\"typ\":\"logout+jwt\"}", JWT_TYP, JWT_TYP},
    };
    struct jwt_expect id_token = {
        .issuer = STR(ISSUER), .audience = STR(AUDIENCE), .required = JWT_CLAIM_SUB};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        str token =
            forge_token(&f->arena, f->es256, str_c(cases[i].header), STR("{" GOOD_CLAIMS "}"));
        assert_reason(verify(f, token), cases[i].as_access_token, cases[i].header);
        const struct verified_token *verified = NULL;
        assert_reason(jwt_verify(&f->arena, token, f->keys, &id_token, NOW_S, &verified),
                      cases[i].as_id_token, cases[i].header);
    }
}

static void claims_that_are_not_required_may_be_absent(void **state) {
    struct fixture *f = *state;
    struct jwt_expect expect = {
        .typ = STR("at+jwt"), .issuer = STR(ISSUER), .audience = STR(AUDIENCE)};
    str token =
        forge_token(&f->arena, f->es256, STR(GOOD_HEADER),
                    STR("{\"iss\":\"" ISSUER "\",\"aud\":\"" AUDIENCE "\",\"exp\":1700000001}"));
    const struct verified_token *verified = NULL;
    assert_int_equal(jwt_verify(&f->arena, token, f->keys, &expect, NOW_S, &verified), JWT_VALID);
    const struct jwt_claims *claims = verified_token_claims(verified);
    assert_true(str_is_absent(claims->subject) && str_is_absent(claims->scope) &&
                str_is_absent(claims->id) && str_is_absent(claims->client_id));
    assert_true(claims->issued_s == JWT_NO_TIME && claims->not_before_s == JWT_NO_TIME);
    /* Without tolerance the last good second is the one before `exp`. */
    assert_int_equal(jwt_verify(&f->arena, token, f->keys, &expect, NOW_S + 1, &verified),
                     JWT_EXPIRED);
}

static void scopes_are_whole_words(void **state) {
    (void)state;
    static const struct {
        const char *scope, *wanted;
        bool has;
    } cases[] = {
        {"openid profile email", "openid", true},
        {"openid profile email", "email", true},
        {"openid profile email", "mail", false},
        {"openid profile email", "open", false},
        {"openid profile email", "OpenID", false},
        {"admin", "admin", true},
        {"not-admin", "admin", false},
        {"admin:read", "admin", false},
        {"openid  admin ", "admin", true},
        {"openid", "openid profile", false},
        {"openid profile", "openid profile", false},
        {"openid  admin", "", false},
        {"", "", false},
        {"", "admin", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct jwt_claims claims = {.scope = str_c(cases[i].scope)};
        assert_int_equal(jwt_has_scope(&claims, str_c(cases[i].wanted)), cases[i].has);
    }
    struct jwt_claims none = {0};
    assert_false(jwt_has_scope(&none, STR("admin")));
}

/* Not the token's fault: must not look like an invalid token. */
static void lack_of_memory_is_its_own_outcome(void **state) {
    struct fixture *f = *state;
    str token = forge_token(&f->arena, f->es256, STR(GOOD_HEADER), STR("{" GOOD_CLAIMS "}"));
    struct jwt_expect expect = jwt_expect_access_token(STR(ISSUER), STR(AUDIENCE));
    bool was_valid = false;
    for (size_t max = 64; max < 64 * 1024; max += 64) {
        struct arena small;
        arena_init(&small, allocator_libc(), max);
        const struct verified_token *verified = NULL;
        enum jwt_reason reason = jwt_verify(&small, token, f->keys, &expect, NOW_S, &verified);
        assert_true(reason == JWT_VALID || (reason == JWT_NO_MEMORY && !was_valid));
        was_valid = reason == JWT_VALID;
        arena_done(&small);
    }
    assert_true(was_valid);
}

enum { THREADS = 4, ROUNDS = 50 };

struct reader {
    struct keyset *keys;
    str token;
    bool is_good;
};

static void *verify_often(void *arg) {
    struct reader *reader = arg;
    struct jwt_expect expect = jwt_expect_access_token(STR(ISSUER), STR(AUDIENCE));
    reader->is_good = true;
    for (int i = 0; i < ROUNDS; i++) {
        struct arena a;
        arena_init(&a, allocator_libc(), 1u << 20);
        struct keyset *keys = keyset_ref(reader->keys);
        const struct verified_token *verified = NULL;
        reader->is_good &=
            jwt_verify(&a, reader->token, keys, &expect, NOW_S, &verified) == JWT_VALID;
        keyset_unref(keys);
        arena_done(&a);
    }
    return NULL;
}

static void threads_verify_with_one_set(void **state) {
    struct fixture *f = *state;
    str token = forge_token(&f->arena, f->es256, STR(GOOD_HEADER), STR("{" GOOD_CLAIMS "}"));
    pthread_t threads[THREADS];
    struct reader readers[THREADS];
    for (int i = 0; i < THREADS; i++) {
        readers[i] = (struct reader){.keys = f->keys, .token = token};
        assert_int_equal(pthread_create(&threads[i], NULL, verify_often, &readers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_true(readers[i].is_good);
    }
}

static void every_reason_has_its_own_name(void **state) {
    (void)state;
    for (int i = 0; i < JWT_REASON_COUNT; i++) {
        for (int k = 0; k < i; k++) {
            assert_string_not_equal(jwt_reason_name((enum jwt_reason)i),
                                    jwt_reason_name((enum jwt_reason)k));
        }
    }
    assert_string_equal(jwt_reason_name(JWT_UNKNOWN_KID), "unknown_kid");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(a_good_token_gives_its_claims),
        FIXTURE_TEST(both_algorithms_are_accepted),
        FIXTURE_TEST(claims_are_checked_with_their_reason),
        FIXTURE_TEST(the_type_must_be_the_expected_one),
        FIXTURE_TEST(claims_that_are_not_required_may_be_absent),
        FIXTURE_TEST(scopes_are_whole_words),
        FIXTURE_TEST(lack_of_memory_is_its_own_outcome),
        FIXTURE_TEST(threads_verify_with_one_set),
        FIXTURE_TEST(every_reason_has_its_own_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
