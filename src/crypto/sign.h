/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRYPTO_SIGN_H
#define CRYPTO_SIGN_H
/*
 * Digital signatures behind one narrow interface: a key, sign, verify.
 *
 * Nothing above sees private key material: it goes in as a root secret and never comes out, so
 * that private keys can move into a process of their own later without a change above.
 *
 *   algorithm  curve    signature (RFC 7518 §3.4, RFC 8037 §3.1)
 *   ES256      P-256    r || s, 32 bytes each, big endian; DER is refused
 *   EdDSA      Ed25519  64 bytes of RFC 8032
 *
 * A key is immutable, reference-counted and usable from any number of threads at once. ECDSA
 * signatures are malleable (s and n - s both verify): never identify a token by its bytes.
 */
#include "crypto/secret.h"

/* Zero is no algorithm, so that a forgotten field fails. */
enum sign_alg { SIGN_UNSET = 0, SIGN_ES256, SIGN_EDDSA };

enum { SIGN_COORDINATE_SIZE = 32, SIGN_SIGNATURE_SIZE = 64 };

struct sign_key;

/* A public key as JWK writes it: Ed25519 has x only. */
struct sign_public {
    enum sign_alg alg;
    uint8_t x[SIGN_COORDINATE_SIZE];
    uint8_t y[SIGN_COORDINATE_SIZE];
};

/*
 * The same root, algorithm and label always give the same key, so that replicas need not talk.
 *
 *   okm = HKDF-SHA256(ikm = root, salt = none, info = "ironwood sign v1 " alg-name " " label)
 *   ES256: 48 bytes c of okm, d = (c mod (n - 1)) + 1       (FIPS 186-5 A.2.1, 128 extra bits)
 *   EdDSA: 32 bytes of okm are the seed                      (RFC 8032 §5.1.5)
 *
 * The label separates uses of one algorithm ("access", "id"). A root of less than 16 bytes is
 * ERR_RANGE. INVARIANT: this derivation never changes; a new one gets a new version in `info`.
 */
err sign_key_derive(enum sign_alg alg, const struct secret *root, str label,
                    struct sign_key **ret) MUST_CHECK;

/* From randomness; for tests and for keys that live as long as the process. */
err sign_key_generate(enum sign_alg alg, struct sign_key **ret) MUST_CHECK;

/* Coordinates of exactly SIGN_COORDINATE_SIZE bytes (y absent for EdDSA): ERR_SYNTAX otherwise,
 * ERR_RANGE when the point is not on the curve. The key can only verify. */
err sign_key_from_public(enum sign_alg alg, str x, str y, struct sign_key **ret) MUST_CHECK;

struct sign_key *sign_key_ref(struct sign_key *key);
void sign_key_unref(struct sign_key *key); /* accepts NULL */
static inline void sign_key_unrefp(struct sign_key **key) {
    sign_key_unref(*key);
}

enum sign_alg sign_key_alg(const struct sign_key *key);
bool sign_key_is_private(const struct sign_key *key);
const struct sign_public *sign_key_public(const struct sign_key *key);

/* ERR_MISUSE when the key is public only. */
err sign_message(const struct sign_key *key, str message,
                 uint8_t ret_signature[SIGN_SIGNATURE_SIZE]) MUST_CHECK;

/* ERR_OK or ERR_SIGNATURE; nothing else means "valid". */
err sign_verify(const struct sign_key *key, str message, str signature) MUST_CHECK;

/* "ES256", "EdDSA": the `alg` of RFC 7518 and RFC 8037. */
const char *sign_alg_name(enum sign_alg alg);
/* Exact, case-sensitive; SIGN_UNSET for every other text. */
enum sign_alg sign_alg_find(str name);

#endif
