/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/flow/ticket.h"

#include "base/assert.h"
#include "base/base64.h"
#include "crypto/mac.h"

enum { EXPIRY_SIZE = 8, TICKET_SIZE = EXPIRY_SIZE + MAC_SHA256_SIZE, TICKET_INPUT_MAX = 64 * 1024 };

static str purpose_name(enum ticket_purpose purpose) {
    switch (purpose) {
    case TICKET_SIGN_IN:
        return STR("sign-in");
    case TICKET_CONSENT:
        return STR("consent");
    case TICKET_SIGN_OUT:
        return STR("sign-out");
    }
    UNREACHABLE();
}

static void put_u64(uint64_t value, char out[8]) {
    for (int i = 7; i >= 0; i--) {
        out[i] = (char)(value & 0xff);
        value >>= 8;
    }
}

static uint64_t get_u64(const char in[8]) {
    uint64_t value = 0;
    for (int i = 0; i < 8; i++) {
        value = value << 8 | (uint8_t)in[i];
    }
    return value;
}

static err ticket_input(struct arena *a, enum ticket_purpose purpose, str expiry, str holder,
                        str payload, str *ret) {
    char holder_len[8];
    put_u64(holder.len, holder_len);
    struct buf input;
    buf_init_arena(&input, a, TICKET_INPUT_MAX);
    buf_add(&input, purpose_name(purpose));
    buf_add_byte(&input, '\0');
    buf_add(&input, expiry);
    buf_add(&input, str_make(holder_len, sizeof holder_len));
    buf_add(&input, holder);
    buf_add(&input, payload);
    return buf_finish(&input, ret);
}

err ticket_make(struct arena *a, const struct secret *key, enum ticket_purpose purpose, str holder,
                str payload, int64_t now_s, str *ret) {
    char bytes[TICKET_SIZE];
    put_u64((uint64_t)now_s + TICKET_TTL_S, bytes);
    str input;
    TRY(ticket_input(a, purpose, str_make(bytes, EXPIRY_SIZE), holder, payload, &input));
    uint8_t mac[MAC_SHA256_SIZE];
    mac_sha256(key, input, mac);
    memcpy(bytes + EXPIRY_SIZE, mac, sizeof mac);
    struct buf text;
    buf_init_arena(&text, a, sizeof bytes * 2);
    base64_encode(&text, BASE64_URL, str_make(bytes, sizeof bytes));
    return buf_finish(&text, ret);
}

err ticket_check(struct arena *a, const struct secret *key, enum ticket_purpose purpose, str holder,
                 str payload, str ticket, int64_t now_s) {
    str bytes;
    if (ticket.len > TICKET_SIZE * 2) {
        return ERR_SIGNATURE;
    }
    err e = base64_decode(a, BASE64_URL, ticket, &bytes);
    if (e == ERR_NOMEM || e == ERR_LIMIT) {
        return e;
    }
    if (e != ERR_OK || bytes.len != TICKET_SIZE || holder.len == 0) {
        return ERR_SIGNATURE;
    }
    str expiry = str_slice(bytes, 0, EXPIRY_SIZE);
    str input;
    TRY(ticket_input(a, purpose, expiry, holder, payload, &input));
    if (!mac_sha256_verify(key, input, str_slice(bytes, EXPIRY_SIZE, bytes.len))) {
        return ERR_SIGNATURE;
    }
    return get_u64(expiry.ptr) > (uint64_t)now_s ? ERR_OK : ERR_EXPIRED;
}
