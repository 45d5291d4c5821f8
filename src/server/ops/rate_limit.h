/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_OPS_RATE_LIMIT_H
#define SERVER_OPS_RATE_LIMIT_H
/*
 * Rate limits per client address and rate class, in this process.
 *
 * Token bucket in its GCRA form: per client one time stamp. IPv6 clients count by /64, IPv4
 * addresses written as IPv6 by the IPv4 address. The table has a fixed size; when a set of it is
 * full, the client nearest to a full bucket is forgotten. Keyed hash, tiny locks: any thread.
 */
#include "base/hash.h"
#include "server/http/router.h"

struct rate_rule {
    uint32_t per_minute; /* 0: no limit */
    uint32_t burst;      /* requests at once from a fresh client; at least 1 */
};

struct rate_limit;

/* `key` should be random. Rules are indexed by enum rate_class. */
err rate_limit_new(const struct rate_rule rules[RATE_CLASS_COUNT], const struct hash_key *key,
                   struct rate_limit **ret) MUST_CHECK;
void rate_limit_free(struct rate_limit *limit);

/* Changes the rules; clients keep their state. */
void rate_limit_set_rules(struct rate_limit *limit, const struct rate_rule rules[RATE_CLASS_COUNT]);

/* Takes one token; false when there is none, then *ret_retry_after_s is at least 1. */
bool rate_limit_take(struct rate_limit *limit, const char *address, enum rate_class rate,
                     uint64_t now_ns, unsigned *ret_retry_after_s);

#endif
