/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JOSE_JWK_H
#define JOSE_JWK_H
/*
 * One public key as JSON (RFC 7517; EC P-256 of RFC 7518 §6.2, Ed25519 of RFC 8037 §2).
 *
 * Private members are never written, and a key that carries one ("d") is refused: whoever sends
 * us a private key has a problem that must not be hidden. Strings live in the arena given.
 */
#include "base/json.h"
#include "crypto/sign.h"

/* RFC 7638: base64url SHA-256 of the required members in canonical order; our kid. */
err jwk_thumbprint(struct arena *a, const struct sign_key *key, str *ret) MUST_CHECK;

/* {"kty","crv","x"[,"y"],"use":"sig","alg","kid"}; kid may be absent. */
void jwk_write(struct json_writer *w, const struct sign_key *key, str kid);

/*
 * Reads a public key. The kid is absent when the key has none.
 * ERR_UNSUPPORTED: a kty, crv, alg, use or key_ops that is not for us.
 * ERR_DENIED: it has a private part. ERR_SYNTAX, ERR_TYPE, ERR_RANGE, ERR_MISSING, ERR_LIMIT: of a
 * kind we know, but broken. A set skips all of these (RFC 7517 §5). ERR_NOMEM is no verdict.
 */
err jwk_decode(struct arena *a, const struct json *jwk, struct sign_key **ret_key, str *ret_kid,
               struct error *reterr) MUST_CHECK;

#endif
