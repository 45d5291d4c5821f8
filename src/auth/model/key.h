/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUTH_MODEL_KEY_H
#define AUTH_MODEL_KEY_H
/*
 * The record of a signing key: what other replicas and later runs must know to verify what it
 * signed. Keys derived from the root secret have no private part here; a generated one (RSA) is
 * kept sealed under a key derived from the root secret, which this layer cannot open.
 *
 *     created ──────────► retired ──────────► not_after
 *      signs and verifies    verifies only       gone
 */
#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct key_record {
    str kid;
    str alg;            /* "ES256", "EdDSA", … */
    str public_jwk;     /* JSON object (RFC 7517), no private members */
    str sealed_private; /* bytes; absent when derived */
    int64_t created_ms;
    bool is_retired;
    int64_t retired_ms; /* when is_retired */
    int64_t not_after_ms;
};

err key_record_check(const struct key_record *key, struct error *reterr) MUST_CHECK;

#endif
