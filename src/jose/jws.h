/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JOSE_JWS_H
#define JOSE_JWS_H
/*
 * Signed objects in compact form (RFC 7515 §3.1): header.payload.signature.
 *
 * Parsing proves nothing: the fields of `struct jws` are what a stranger wrote, and are only
 * there to choose a key. Refused while parsing: other than three parts, non-canonical base64url,
 * a header that is not a JSON object, duplicate members, `crit` and `b64` (RFC 7797), keys brought
 * along (`jwk jku x5u x5c`), encryption (`enc`, `zip`), wrong types, anything over the limits.
 *
 * SECURITY: the key chooses the algorithm, never the header (RFC 8725 §3.1).
 */
#include "base/json.h"
#include "crypto/sign.h"

struct jws {
    str alg; /* never absent */
    str kid; /* may be absent */
    str typ; /* may be absent; as written */
    str payload;
    str signature;
    str signing_input; /* borrowed from the token */
    const struct json *header;
};

/* max_bytes is at most JOSE_TOKEN_MAX. Everything lives in the arena or in the token. */
err jws_parse(struct arena *a, str token, size_t max_bytes, struct jws *ret) MUST_CHECK;

/* ERR_UNSUPPORTED when `alg` is not the key's algorithm, ERR_SIGNATURE when it does not verify. */
err jws_verify(const struct jws *jws, const struct sign_key *key) MUST_CHECK;

/* Header members in the order alg, typ, kid; typ and kid may be absent. ERR_LIMIT when the result
 * is longer than JOSE_TOKEN_MAX. */
err jws_sign(struct arena *a, const struct sign_key *key, str kid, str typ, str payload,
             str *ret) MUST_CHECK;

/* Media types are compared without case and without an "application/" in front (RFC 7515 §4.1.9).
 */
bool jws_typ_is(str typ, str expected);

#endif
