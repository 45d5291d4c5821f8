/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The input is tried as a token, as the claims and as the header of a properly signed token, and
 * as an edit of a good token. The keys are derived from a fixed root, so that seeds can be valid.
 *
 * Properties: an accepted Ed25519 token is, byte for byte, what the key's owner would have signed
 * (those signatures are deterministic); an accepted ES256 token has one spelling; an edited token
 * is never accepted; an accepted token has the issuer, audience and times that were asked for.
 */
#include "fuzz.h"

#include "base/base64.h"
#include "jose/jwt.h"

enum { ARENA_MAX = 8 << 20, NOW_S = 1700000000, SKEW_S = 60 };

#define GOOD_CLAIMS                                                                                \
    STR("{\"iss\":\"https://a.example\",\"aud\":[\"x\",\"https://b.example\"],\"exp\":1700000300," \
        "\"iat\":1700000000,\"sub\":\"alice\",\"client_id\":\"web\",\"jti\":\"1\"}")

struct world {
    struct sign_key *es256;
    struct sign_key *eddsa;
    struct keyset *keys;
};

/* Made once; immutable afterwards. */
static const struct world *world_get(void) {
    static struct world world;
    if (world.keys == NULL) {
        AUTO(secret_freep) struct secret *root = NULL;
        FUZZ_CHECK(secret_new("root secret of the fuzz targets!", 32, &root) == ERR_OK);
        FUZZ_CHECK(sign_key_derive(SIGN_ES256, root, STR("fuzz"), &world.es256) == ERR_OK);
        FUZZ_CHECK(sign_key_derive(SIGN_EDDSA, root, STR("fuzz"), &world.eddsa) == ERR_OK);
        const struct keyset_entry entries[] = {{STR("e"), world.es256}, {STR("d"), world.eddsa}};
        FUZZ_CHECK(keyset_new(entries, ARRAY_LEN(entries), &world.keys) == ERR_OK);
    }
    return &world;
}

static enum jwt_reason verify(struct arena *a, const struct world *world, str token) {
    struct jwt_expect expect =
        jwt_expect_access_token(STR("https://a.example"), STR("https://b.example"));
    expect.skew_s = SKEW_S;
    const struct verified_token *verified = NULL;
    enum jwt_reason reason = jwt_verify(a, token, world->keys, &expect, NOW_S, &verified);
    FUZZ_CHECK((verified != NULL) == (reason == JWT_VALID) && reason != JWT_NO_MEMORY);
    if (verified != NULL) {
        const struct jwt_claims *claims = verified_token_claims(verified);
        FUZZ_CHECK(str_equal(claims->issuer, expect.issuer));
        FUZZ_CHECK(jwt_has_audience(claims, expect.audience));
        FUZZ_CHECK(claims->expires_s > NOW_S - SKEW_S && claims->issued_s <= NOW_S + SKEW_S &&
                   claims->not_before_s <= NOW_S + SKEW_S);
        FUZZ_CHECK(claims->subject.len > 0 && claims->id.len > 0 && claims->client_id.len > 0);
    }
    return reason;
}

/* header.payload.signature with the signature that `key` makes over the first two. */
static str sign_input(struct arena *a, const struct sign_key *key, str input) {
    uint8_t signature[SIGN_SIGNATURE_SIZE];
    FUZZ_CHECK(sign_message(key, input, signature) == ERR_OK);
    struct buf out;
    buf_init_arena(&out, a, ARENA_MAX);
    buf_add(&out, input);
    buf_add_byte(&out, '.');
    base64_encode(&out, BASE64_URL, str_make((const char *)signature, sizeof signature));
    str token;
    FUZZ_CHECK(buf_finish(&out, &token) == ERR_OK);
    return token;
}

static str sign_parts(struct arena *a, const struct sign_key *key, str header, str claims) {
    struct buf out;
    buf_init_arena(&out, a, ARENA_MAX);
    base64_encode(&out, BASE64_URL, header);
    buf_add_byte(&out, '.');
    base64_encode(&out, BASE64_URL, claims);
    str input;
    FUZZ_CHECK(buf_finish(&out, &input) == ERR_OK);
    return sign_input(a, key, input);
}

static void check_accepted(struct arena *a, const struct world *world, str token) {
    struct jws jws;
    FUZZ_CHECK(jws_parse(a, token, token.len, &jws) == ERR_OK);
    if (str_equal(jws.alg, STR("EdDSA"))) {
        FUZZ_CHECK(str_equal(sign_input(a, world->eddsa, jws.signing_input), token));
        return;
    }
    struct buf out;
    buf_init_arena(&out, a, ARENA_MAX);
    buf_add(&out, jws.signing_input);
    buf_add_byte(&out, '.');
    base64_encode(&out, BASE64_URL, jws.signature);
    FUZZ_CHECK(str_equal(buf_str(&out), token));
}

/* Two bytes choose a place in a good token, the rest is written over it. */
static void check_edit(struct arena *a, const struct world *world, str input) {
    if (input.len < 3) {
        return;
    }
    str good = sign_parts(a, world->eddsa,
                          STR("{\"alg\":\"EdDSA\",\"typ\":\"at+jwt\",\"kid\":\"d\"}"), GOOD_CLAIMS);
    char *edited = arena_alloc(a, good.len);
    FUZZ_CHECK(edited != NULL);
    memcpy(edited, good.ptr, good.len);
    size_t at = ((size_t)(uint8_t)input.ptr[0] << 8 | (uint8_t)input.ptr[1]) % good.len;
    size_t len = input.len - 2 < good.len - at ? input.len - 2 : good.len - at;
    memcpy(edited + at, input.ptr + 2, len);
    str token = str_make(edited, good.len);
    FUZZ_CHECK((verify(a, world, token) == JWT_VALID) == str_equal(token, good));
    FUZZ_CHECK(verify(a, world, str_slice(good, 0, at)) != JWT_VALID);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const struct world *world = world_get();
    str input = fuzz_input(data, size);
    if (input.len > 6 * 1024) {
        return 0;
    }
    AUTO(arena_done) struct arena a;
    arena_init(&a, allocator_libc(), ARENA_MAX);
    if (verify(&a, world, input) == JWT_VALID) {
        check_accepted(&a, world, input);
    }
    str as_claims = sign_parts(&a, world->eddsa,
                               STR("{\"alg\":\"EdDSA\",\"typ\":\"at+jwt\",\"kid\":\"d\"}"), input);
    enum jwt_reason reason = verify(&a, world, as_claims);
    FUZZ_CHECK(reason != JWT_ALG && reason != JWT_TYP && reason != JWT_UNKNOWN_KID &&
               reason != JWT_SIGNATURE);

    str as_header = sign_parts(&a, world->eddsa, input, GOOD_CLAIMS);
    if (verify(&a, world, as_header) == JWT_VALID) {
        check_accepted(&a, world, as_header);
    }
    check_edit(&a, world, input);
    return 0;
}
