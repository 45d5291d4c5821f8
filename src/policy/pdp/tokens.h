/* SPDX-License-Identifier: Apache-2.0 */
#ifndef POLICY_PDP_TOKENS_H
#define POLICY_PDP_TOKENS_H
/*
 * Access tokens into callers, with a memory of tokens that have verified.
 *
 * A signature check costs a hundred times a decision, so each thread remembers the callers of
 * the tokens it has seen, under a keyed hash of the token. An entry counts only while the key set
 * it was verified with is the current one and the token has not expired.
 *
 * One cache belongs to one thread. A caller that is handed out lives in the arena given and owes
 * nothing to the cache: it may be used on another thread.
 */
#include "jose/jwt.h"
#include "policy/model/caller.h"

struct token_rules {
    str issuer;
    str audience;
    str admin_scope;
    uint32_t skew_s;
};

struct token_cache;

err token_cache_new(struct token_cache **ret) MUST_CHECK;
void token_cache_free(struct token_cache *cache);

/* JWT_VALID and the caller, or why not. `generation` is that of `keys`. */
enum jwt_reason tokens_verify(struct token_cache *cache, const struct token_rules *rules,
                              const struct keyset *keys, uint64_t generation, str token,
                              int64_t now_s, struct arena *a, const struct caller **ret) MUST_CHECK;

#endif
