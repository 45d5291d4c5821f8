/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Properties: decoding and encoding again gives the same bytes; the decoder and the validity
 * check stop at the same byte; every scalar value is one (no surrogate, at most U+10FFFF).
 */
#include "fuzz.h"

#include "base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    str text = fuzz_input(data, size);
    size_t bad = SIZE_MAX;
    bool is_valid = utf8_is_valid(text, &bad);
    size_t at = 0;
    uint32_t scalar;
    for (size_t start = 0; utf8_next(text, &at, &scalar); start = at) {
        char encoded[UTF8_MAX_BYTES];
        FUZZ_CHECK(scalar <= 0x10FFFF && (scalar < 0xD800 || scalar > 0xDFFF));
        FUZZ_CHECK(at > start && at <= text.len);
        size_t len = utf8_encode(scalar, encoded);
        FUZZ_CHECK(str_equal(str_make(encoded, len), str_slice(text, start, at)));
    }
    FUZZ_CHECK(is_valid == (at == text.len));
    FUZZ_CHECK(is_valid || bad == at);
    return 0;
}
