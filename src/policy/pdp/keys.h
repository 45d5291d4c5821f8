/* SPDX-License-Identifier: Apache-2.0 */
#ifndef POLICY_PDP_KEYS_H
#define POLICY_PDP_KEYS_H
/*
 * The public keys of auth-service, fetched from its JWKS document and kept.
 *
 * Readers look at a generation number and take the set only when it has changed; nobody waits
 * for a fetch but the thread that asked for it. When the fetch fails the old keys stay: tokens
 * that verified a minute ago verify now. Fetches are at least KEYS_MIN_INTERVAL_MS apart however
 * many tokens with unknown kids arrive (policy map, failure 59). One fetch serves everybody who
 * asked before it began: a thousand such tokens at once cost one fetch and hold no worker longer.
 *
 * All functions may be called from any thread; keys_refresh blocks.
 */
#include <stdatomic.h>

#include "jose/keyset.h"

enum { KEYS_MIN_INTERVAL_MS = 250 };

struct keys;

/* The URL is copied. Starts with an empty set of generation 0. */
err keys_new(str url, unsigned timeout_s, struct keys **ret) MUST_CHECK;
void keys_free(struct keys *keys);

/* Changes whenever the set changes; 0 while none has been fetched. */
uint64_t keys_generation(const struct keys *keys);
/* A reference to the current set, and its generation. */
struct keyset *keys_take(struct keys *keys, uint64_t *ret_generation);

/* Fetches the document unless a fetch that began at `since_ns` (monotonic clock, not in the
 * future) or later has ended already; the result is that of the newest fetch. */
err keys_refresh(struct keys *keys, uint64_t since_ns, struct error *reterr) MUST_CHECK;

/* What the last fetch came to. */
struct keys_status {
    uint64_t generation;
    bool has_tried;
    err last_result;
    struct error last_error;
};
void keys_status_get(struct keys *keys, struct keys_status *ret);

#endif
