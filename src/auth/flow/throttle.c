/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/flow/throttle.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "crypto/digest.h"

enum { KEY_INPUT_MAX = 1024 };

str throttle_network(str address, char out[THROTTLE_NETWORK_MAX]) {
    char text[INET6_ADDRSTRLEN] = {0};
    struct in6_addr ip;
    if (address.len < sizeof text && str_find_byte(address, ':') != SIZE_MAX) {
        memcpy(text, address.ptr, address.len);
        if (inet_pton(AF_INET6, text, &ip) == 1 && !IN6_IS_ADDR_V4MAPPED(&ip)) {
            memset(ip.s6_addr + 8, 0, 8);
            if (inet_ntop(AF_INET6, &ip, out, INET6_ADDRSTRLEN) != NULL) {
                size_t len = strlen(out);
                memcpy(out + len, "/64", 4);
                return str_make(out, len + 3);
            }
        }
    }
    size_t len = address.len < THROTTLE_NETWORK_MAX ? address.len : THROTTLE_NETWORK_MAX - 1;
    if (len > 0) {
        memcpy(out, address.ptr, len);
    }
    out[len] = '\0';
    return str_make(out, len);
}

/* "throttle:<kind>:<digest of account and network>" */
static err throttle_key(struct call *c, const char *kind, str account, str *ret) {
    char network[THROTTLE_NETWORK_MAX];
    struct buf input;
    str joined;
    str digest;
    buf_init_arena(&input, c->arena, KEY_INPUT_MAX);
    buf_add(&input, throttle_network(c->address, network));
    buf_add_byte(&input, '\n');
    buf_add(&input, account);
    TRY(buf_finish(&input, &joined));
    TRY(digest_sha256_text(c->arena, joined, &digest));
    return arena_format(c->arena, ret, "throttle:%s:%.*s", kind, STR_FMT(digest));
}

static err throttled(struct fault *ret_fault, uint64_t wait_ms) {
    ret_fault->kind = FAULT_THROTTLED;
    ret_fault->text = STR("too many attempts; wait a moment and try again");
    ret_fault->retry_after_s = (unsigned)((wait_ms + 999) / 1000);
    return ERR_DENIED;
}

static err address_check(struct call *c, struct fault *ret_fault) {
    str key;
    struct kv_count count;
    uint64_t window_ms = c->flow->settings.throttle_window_s * 1000;
    TRY(throttle_key(c, "address", STR(""), &key));
    TRY(kv_increment(c->flow->kv, key, 0, window_ms, &count));
    return count.value < c->flow->settings.throttle_address
               ? ERR_OK
               : throttled(ret_fault, count.resets_in_ms);
}

static uint64_t wait_s(uint64_t above_free) {
    return above_free > 6 ? THROTTLE_WAIT_MAX_S : UINT64_C(1) << (above_free - 1);
}

static err pair_claim(struct call *c, str account, struct fault *ret_fault) {
    str count_key;
    str wait_key;
    str value;
    struct kv_count count;
    const struct flow_settings *settings = &c->flow->settings;
    TRY(throttle_key(c, "count", account, &count_key));
    TRY(throttle_key(c, "wait", account, &wait_key));
    err e = kv_get(c->flow->kv, c->arena, wait_key, &value);
    if (e == ERR_OK) {
        uint64_t until_ms = 0;
        bool is_later = str_to_u64(value, &until_ms) && until_ms > (uint64_t)c->now_ms;
        return throttled(ret_fault, is_later ? until_ms - (uint64_t)c->now_ms : 1000);
    }
    if (e != ERR_NOT_FOUND) {
        return e;
    }
    TRY(kv_increment(c->flow->kv, count_key, 1, settings->throttle_window_s * 1000, &count));
    if (count.value <= settings->throttle_free) {
        return ERR_OK;
    }
    uint64_t pause_s = wait_s(count.value - settings->throttle_free);
    TRY(arena_format(c->arena, &value, "%llu",
                     (unsigned long long)c->now_ms + (unsigned long long)pause_s * 1000));
    e = kv_add(c->flow->kv, wait_key, value, pause_s * 1000);
    return e == ERR_EXISTS ? throttled(ret_fault, pause_s * 1000) : e;
}

/* Only a refusal and lack of memory stop a sign-in; silent counters do not (contract C6). */
static err unless_unreachable(err e) {
    return e == ERR_DENIED || e == ERR_NOMEM || e == ERR_LIMIT ? e : ERR_OK;
}

err throttle_claim(struct call *c, str account, struct fault *ret_fault) {
    TRY(unless_unreachable(address_check(c, ret_fault)));
    return unless_unreachable(pair_claim(c, account, ret_fault));
}

void throttle_failed(struct call *c) {
    str key;
    struct kv_count count;
    if (throttle_key(c, "address", STR(""), &key) == ERR_OK) {
        /* Nothing to do when the counter cannot be reached. */
        IGNORE(
            kv_increment(c->flow->kv, key, 1, c->flow->settings.throttle_window_s * 1000, &count));
    }
}

void throttle_succeeded(struct call *c, str account) {
    static const char *const kinds[] = {"count", "wait"};
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        str key;
        if (throttle_key(c, kinds[i], account, &key) == ERR_OK) {
            IGNORE(kv_remove(c->flow->kv, key)); /* it would have expired by itself */
        }
    }
}
