/* SPDX-License-Identifier: Apache-2.0 */
#include "jose/jwt.h"

#include "base/assert.h"
#include "jose/limits.h"

/* 9999-12-31T23:59:59Z; keeps sums with the tolerance far from overflow. */
#define TIME_MAX INT64_C(253402300799)

enum { DEFAULT_SKEW_S = 60 };

struct verified_token {
    struct jwt_claims claims;
};

const char *jwt_reason_name(enum jwt_reason reason) {
    static const char *const names[] = {
#define X(code, name) [code] = name,
        JWT_REASON_TABLE(X)
#undef X
    };
    ASSERT((size_t)reason < ARRAY_LEN(names));
    return names[reason];
}

struct jwt_expect jwt_expect_access_token(str issuer, str audience) {
    return (struct jwt_expect){.typ = STR("at+jwt"),
                               .issuer = issuer,
                               .audience = audience,
                               .required = JWT_CLAIM_ACCESS_TOKEN,
                               .skew_s = DEFAULT_SKEW_S};
}

/* A lack of memory is not the token's fault. */
static enum jwt_reason reason_of(const struct arena *a, err error, enum jwt_reason otherwise) {
    return error == ERR_NOMEM || arena_has_failed(a) ? JWT_NO_MEMORY : otherwise;
}

static bool typ_is_expected(str typ, str expected) {
    if (str_is_absent(expected)) {
        return str_is_absent(typ) || jws_typ_is(typ, STR("JWT"));
    }
    return jws_typ_is(typ, expected);
}

/* Absent stays absent; anything but a string is malformed. */
static bool claim_text(const struct json *all, str name, str *ret) {
    const struct json *claim = json_get(all, name);
    if (claim == NULL) {
        *ret = (str){0};
        return true;
    }
    *ret = claim->text;
    return claim->kind == JSON_STRING;
}

/* NumericDate (RFC 7519 §2), whole seconds only. */
static bool claim_time(const struct json *all, str name, int64_t *ret) {
    const struct json *claim = json_get(all, name);
    if (claim == NULL) {
        *ret = JWT_NO_TIME;
        return true;
    }
    if (claim->kind != JSON_INT || claim->integer < 0 || claim->integer > TIME_MAX) {
        return false;
    }
    *ret = claim->integer;
    return true;
}

/* One string or an array of them (RFC 7519 §4.1.3). */
static err claim_audiences(struct arena *a, const struct json *all, struct jwt_claims *ret) {
    const struct json *claim = json_get(all, STR("aud"));
    if (claim == NULL) {
        return ERR_OK;
    }
    bool is_list = claim->kind == JSON_ARRAY;
    const struct json *items = is_list ? claim->items : claim;
    size_t count = is_list ? claim->count : 1;
    if (count > JOSE_AUDIENCES_MAX) {
        return ERR_LIMIT;
    }
    str *audiences = ARENA_ARRAY(a, str, count);
    if (audiences == NULL) {
        return arena_error(a);
    }
    for (size_t i = 0; i < count; i++) {
        if (items[i].kind != JSON_STRING) {
            return ERR_TYPE;
        }
        audiences[i] = items[i].text;
    }
    ret->audiences = audiences;
    ret->audience_count = count;
    return ERR_OK;
}

static err claims_decode(struct arena *a, str payload, struct jwt_claims *ret) {
    static const struct json_limits limits = {.max_bytes = JOSE_TOKEN_MAX,
                                              .max_depth = JOSE_CLAIMS_DEPTH,
                                              .max_values = JOSE_CLAIMS_VALUES};
    const struct json *all;
    TRY(json_parse(a, payload, &limits, &all, NULL));
    if (all->kind != JSON_OBJECT) {
        return ERR_TYPE;
    }
    ret->all = all;
    TRY(claim_audiences(a, all, ret));
    bool is_good = claim_text(all, STR("iss"), &ret->issuer) &&
                   claim_text(all, STR("sub"), &ret->subject) &&
                   claim_text(all, STR("jti"), &ret->id) &&
                   claim_text(all, STR("client_id"), &ret->client_id) &&
                   claim_text(all, STR("scope"), &ret->scope) &&
                   claim_time(all, STR("exp"), &ret->expires_s) &&
                   claim_time(all, STR("iat"), &ret->issued_s) &&
                   claim_time(all, STR("nbf"), &ret->not_before_s);
    return is_good ? ERR_OK : ERR_TYPE;
}

/* An empty string names nobody, so it counts as missing. */
static bool has_required(const struct jwt_claims *claims, unsigned required) {
    return claims->issuer.len > 0 && claims->audience_count > 0 &&
           claims->expires_s != JWT_NO_TIME &&
           ((required & JWT_CLAIM_SUB) == 0 || claims->subject.len > 0) &&
           ((required & JWT_CLAIM_IAT) == 0 || claims->issued_s != JWT_NO_TIME) &&
           ((required & JWT_CLAIM_JTI) == 0 || claims->id.len > 0) &&
           ((required & JWT_CLAIM_CLIENT_ID) == 0 || claims->client_id.len > 0);
}

static enum jwt_reason claims_check(const struct jwt_claims *claims,
                                    const struct jwt_expect *expect, int64_t now_s) {
    if (!has_required(claims, expect->required)) {
        return JWT_MISSING_CLAIM;
    }
    if (!str_equal(claims->issuer, expect->issuer)) {
        return JWT_ISSUER;
    }
    if (!expect->has_any_audience && !jwt_has_audience(claims, expect->audience)) {
        return JWT_AUDIENCE;
    }
    int64_t skew_s = expect->skew_s;
    if (!expect->may_be_expired && now_s - skew_s >= claims->expires_s) {
        return JWT_EXPIRED;
    }
    /* JWT_NO_TIME is smaller than any time. */
    if (claims->not_before_s > now_s + skew_s || claims->issued_s > now_s + skew_s) {
        return JWT_NOT_YET_VALID;
    }
    return JWT_VALID;
}

/* Everything that needs no claims: form, algorithm, type, key, signature. */
static enum jwt_reason token_check(struct arena *a, str token, const struct keyset *keys,
                                   const struct jwt_expect *expect, struct jws *ret) {
    size_t max_bytes = expect->max_bytes == 0 ? JOSE_TOKEN_DEFAULT : expect->max_bytes;
    err error = jws_parse(a, token, max_bytes, ret);
    if (error != ERR_OK) {
        return reason_of(a, error, JWT_MALFORMED);
    }
    if (sign_alg_find(ret->alg) == SIGN_UNSET) {
        return JWT_ALG;
    }
    if (!typ_is_expected(ret->typ, expect->typ)) {
        return JWT_TYP;
    }
    const struct sign_key *key = keyset_find(keys, ret->kid);
    if (key == NULL) {
        return JWT_UNKNOWN_KID;
    }
    error = jws_verify(ret, key);
    if (error == ERR_OK) {
        return JWT_VALID;
    }
    return error == ERR_UNSUPPORTED ? JWT_ALG : JWT_SIGNATURE;
}

enum jwt_reason jwt_verify(struct arena *a, str token, const struct keyset *keys,
                           const struct jwt_expect *expect, int64_t now_s,
                           const struct verified_token **ret) {
    ASSERT(expect->issuer.len > 0 && (expect->audience.len > 0) != expect->has_any_audience);
    ASSERT(expect->skew_s <= JOSE_SKEW_MAX_S && expect->max_bytes <= JOSE_TOKEN_MAX);
    ASSERT(now_s >= 0 && now_s <= TIME_MAX);
    struct jws jws;
    enum jwt_reason reason = token_check(a, token, keys, expect, &jws);
    if (reason != JWT_VALID) {
        return reason;
    }
    struct verified_token *verified = ARENA_NEW(a, struct verified_token);
    if (verified == NULL) {
        return JWT_NO_MEMORY;
    }
    err error = claims_decode(a, jws.payload, &verified->claims);
    if (error != ERR_OK) {
        return reason_of(a, error, JWT_MALFORMED);
    }
    verified->claims.typ = jws.typ;
    verified->claims.kid = jws.kid;
    reason = claims_check(&verified->claims, expect, now_s);
    if (reason == JWT_VALID) {
        *ret = verified;
    }
    return reason;
}

const struct jwt_claims *verified_token_claims(const struct verified_token *token) {
    return &token->claims;
}

bool jwt_has_scope(const struct jwt_claims *claims, str scope) {
    str rest = claims->scope;
    while (!str_is_absent(rest)) {
        str word;
        IGNORE(str_cut(rest, ' ', &word, &rest)); /* false: the last word, rest is absent */
        if (scope.len > 0 && str_equal(word, scope)) {
            return true;
        }
    }
    return false;
}

bool jwt_has_audience(const struct jwt_claims *claims, str audience) {
    for (size_t i = 0; i < claims->audience_count; i++) {
        if (str_equal(claims->audiences[i], audience)) {
            return true;
        }
    }
    return false;
}

err jwt_sign(struct arena *a, const struct sign_key *key, str kid, str typ, str claims_json,
             str *ret) {
    return jws_sign(a, key, kid, typ, claims_json, ret);
}
