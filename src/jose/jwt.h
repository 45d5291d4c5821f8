/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JOSE_JWT_H
#define JOSE_JWT_H
/*
 * JSON Web Tokens (RFC 7519) under the rules of RFC 8725; access tokens as RFC 9068.
 *
 * jwt_verify is the only maker of a `struct verified_token`: who holds one holds the proof that
 * signature, type, issuer, audience and times were right at the time given. Whether the token or
 * its user was revoked since is the service's question. The clock is an argument.
 *
 * Order of checks: form, algorithm, type, key, signature, then claims, so that nothing of the
 * payload is read before the signature holds.
 */
#include "jose/jws.h"
#include "jose/keyset.h"

/* Why a token was refused: label of token_validation_errors_total{reason}, field of the log. */
#define JWT_REASON_TABLE(X)               \
    X(JWT_VALID, "valid")                 \
    X(JWT_MALFORMED, "malformed")         \
    X(JWT_ALG, "alg")                     \
    X(JWT_TYP, "typ")                     \
    X(JWT_UNKNOWN_KID, "unknown_kid")     \
    X(JWT_SIGNATURE, "signature")         \
    X(JWT_MISSING_CLAIM, "missing_claim") \
    X(JWT_ISSUER, "issuer")               \
    X(JWT_AUDIENCE, "audience")           \
    X(JWT_EXPIRED, "expired")             \
    X(JWT_NOT_YET_VALID, "not_yet_valid") \
    X(JWT_NO_MEMORY, "no_memory") /* not the token's fault: answer 503, not 401 */

enum jwt_reason {
#define X(code, name) code,
    JWT_REASON_TABLE(X)
#undef X
        JWT_REASON_COUNT,
};

const char *jwt_reason_name(enum jwt_reason reason);

/* Claims that must be there besides `exp`, `iss` and `aud`. */
enum jwt_claim {
    JWT_CLAIM_SUB = 1 << 0,
    JWT_CLAIM_IAT = 1 << 1,
    JWT_CLAIM_JTI = 1 << 2,
    JWT_CLAIM_CLIENT_ID = 1 << 3,
    JWT_CLAIM_ACCESS_TOKEN = /* RFC 9068 §2.2 */
    JWT_CLAIM_SUB | JWT_CLAIM_IAT | JWT_CLAIM_JTI | JWT_CLAIM_CLIENT_ID,
};

struct jwt_expect {
    str typ;               /* "at+jwt"; absent: the header's typ is absent or "JWT" (ID tokens) */
    str issuer;            /* required, compared byte by byte */
    str audience;          /* required, one of the token's must be equal */
    bool has_any_audience; /* instead: for the issuer, who is asked about its own tokens */
    bool may_be_expired;   /* likewise: to end what an old token stands for */
    unsigned required;     /* set of enum jwt_claim */
    uint32_t skew_s;       /* tolerance between clocks, at most JOSE_SKEW_MAX_S */
    uint32_t max_bytes;    /* 0: JOSE_TOKEN_DEFAULT; at most JOSE_TOKEN_MAX */
};

/* RFC 9068: typ "at+jwt", all its required claims, 60 seconds of tolerance. */
struct jwt_expect jwt_expect_access_token(str issuer, str audience);

/* Absent strings are claims that the token does not have; absent times are JWT_NO_TIME. */
#define JWT_NO_TIME INT64_MIN

struct jwt_claims {
    str issuer;
    str subject;
    const str *audiences;
    size_t audience_count;
    int64_t expires_s;
    int64_t issued_s;
    int64_t not_before_s;
    str id; /* jti */
    str client_id;
    str scope; /* space-separated, as written (RFC 8693 §4.2) */
    str typ;   /* of the header */
    str kid;
    const struct json *all; /* the whole claims set */
};

struct verified_token;

/* Everything of the token lives in the arena; the token's text may go away. ASSERTs that
 * `expect` names issuer and audience: a verifier without them is a bug. */
enum jwt_reason jwt_verify(struct arena *a, str token, const struct keyset *keys,
                           const struct jwt_expect *expect, int64_t now_s,
                           const struct verified_token **ret) MUST_CHECK;

const struct jwt_claims *verified_token_claims(const struct verified_token *token);

/* True when `scope` is one of the words of claims->scope. */
bool jwt_has_scope(const struct jwt_claims *claims, str scope);
bool jwt_has_audience(const struct jwt_claims *claims, str audience);

/* Signs a claims set (a JSON object made by the caller). ERR_LIMIT above JOSE_TOKEN_MAX. */
err jwt_sign(struct arena *a, const struct sign_key *key, str kid, str typ, str claims_json,
             str *ret) MUST_CHECK;

#endif
