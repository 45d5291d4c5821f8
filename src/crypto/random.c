/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/random.h"

#include "base/base64.h"

void random_bytes(void *out, size_t size) {
    random_fill(out, size);
}

uint64_t random_u64(void) {
    uint64_t value;
    random_fill(&value, sizeof value);
    return value;
}

err random_token(struct arena *a, str *ret) {
    char bytes[RANDOM_TOKEN_BYTES];
    random_fill(bytes, sizeof bytes);
    struct buf text;
    buf_init_arena(&text, a, RANDOM_TOKEN_LEN + 1); /* the encoder reserves whole groups */
    base64_encode(&text, BASE64_URL, str_make(bytes, sizeof bytes));
    memory_wipe(bytes, sizeof bytes);
    return buf_finish(&text, ret);
}
