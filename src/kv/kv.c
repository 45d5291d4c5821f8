/* SPDX-License-Identifier: Apache-2.0 */
#include "kv/kv.h"

static err key_check(str key) {
    return key.len == 0 || key.len > KV_KEY_MAX ? ERR_RANGE : ERR_OK;
}

static err life_check(uint64_t ms) {
    return ms == 0 || ms > KV_TTL_MAX_MS ? ERR_RANGE : ERR_OK;
}

err kv_get(struct kv *kv, struct arena *a, str key, str *ret_value) {
    TRY(key_check(key));
    return kv->ops->get(kv, a, key, ret_value);
}

static err store(struct kv *kv, str key, str value, uint64_t ttl_ms, bool only_if_absent) {
    TRY(key_check(key));
    TRY(life_check(ttl_ms));
    if (value.len > KV_VALUE_MAX) {
        return ERR_LIMIT;
    }
    return kv->ops->set(kv, key, value, ttl_ms, only_if_absent);
}

err kv_set(struct kv *kv, str key, str value, uint64_t ttl_ms) {
    return store(kv, key, value, ttl_ms, false);
}

err kv_add(struct kv *kv, str key, str value, uint64_t ttl_ms) {
    return store(kv, key, value, ttl_ms, true);
}

err kv_remove(struct kv *kv, str key) {
    TRY(key_check(key));
    return kv->ops->remove(kv, key);
}

err kv_increment(struct kv *kv, str key, uint64_t amount, uint64_t window_ms,
                 struct kv_count *ret) {
    TRY(key_check(key));
    TRY(life_check(window_ms));
    return kv->ops->increment(kv, key, amount, window_ms, ret);
}

err kv_clear(struct kv *kv) {
    return kv->ops->clear(kv);
}

void kv_stats_get(struct kv *kv, struct kv_stats *ret) {
    kv->ops->stats(kv, ret);
}

void kv_free(struct kv *kv) {
    if (kv != NULL) {
        kv->ops->free(kv);
    }
}
