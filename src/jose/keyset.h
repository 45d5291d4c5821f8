/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JOSE_KEYSET_H
#define JOSE_KEYSET_H
/*
 * An immutable set of verification keys, found by kid. A snapshot: built aside, published,
 * reference-counted, read by any number of threads without a lock.
 *
 * A kid is an opaque name and nothing else: never a path, a URL or a part of a query. At most
 * JOSE_JWKS_KEYS keys, each kid 1 to JOSE_KID_MAX bytes.
 */
#include "base/arena.h"
#include "crypto/sign.h"

struct keyset;

struct keyset_entry {
    str kid; /* absent: the key's thumbprint (RFC 7638) */
    struct sign_key *key;
};

/* Copies kids, refs keys. An empty set is fine. ERR_EXISTS when two keys have one kid. */
err keyset_new(const struct keyset_entry *entries, size_t count, struct keyset **ret) MUST_CHECK;

/* From a JWKS document. Keys that we cannot use are skipped and counted (RFC 7517 §5): unknown
 * kinds, not for signatures, broken, with a private part. A key without kid gets its thumbprint.
 * Two usable keys with one kid fail the whole document (ERR_EXISTS): it would be ambiguous. */
err keyset_decode(str jwks, struct keyset **ret, struct error *reterr) MUST_CHECK;

/* {"keys":[…]}, public members only, in the order they were added. */
err keyset_encode(const struct keyset *keys, struct arena *a, str *ret) MUST_CHECK;

struct keyset *keyset_ref(struct keyset *keys);
void keyset_unref(struct keyset *keys); /* accepts NULL */
static inline void keyset_unrefp(struct keyset **keys) {
    keyset_unref(*keys);
}

/* Borrowed, NULL when there is none. An absent kid is never found. */
const struct sign_key *keyset_find(const struct keyset *keys, str kid);

size_t keyset_count(const struct keyset *keys);
/* Keys of the document that were not usable. */
size_t keyset_skipped(const struct keyset *keys);
/* In order of addition; index < count. Borrowed from the set. */
struct keyset_entry keyset_at(const struct keyset *keys, size_t index);

#endif
