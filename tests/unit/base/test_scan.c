/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/scan.h"

static bool is_printable(char c) {
    return (unsigned char)c >= 0x20 && (unsigned char)c < 0x7F;
}

/* In a block of its own size, so that sanitizers see a read beyond it. */
static void check(const char *bytes, size_t len) {
    char *copy = malloc(len == 0 ? 1 : len);
    assert_non_null(copy);
    memcpy(copy, bytes, len);
    size_t plain = 0;
    while (plain < len && is_printable(copy[plain])) {
        plain++;
    }
    size_t until = 0;
    while (until < plain && copy[until] != '"' && copy[until] != '\\' && copy[until] != '~') {
        until++;
    }
    assert_int_equal(scan_printable(copy, len), plain);
    assert_int_equal(scan_printable_until(copy, len, '"', '\\', '~'), until);
    free(copy);
}

static void runs_end_at_every_byte_that_must_end_them(void **state) {
    IGNORE(state);
    for (size_t len = 0; len < 26; len++) {
        for (size_t at = 0; at <= len; at++) {
            for (int byte = 0; byte < 256; byte++) {
                char bytes[32];
                memset(bytes, 'm', sizeof bytes);
                bytes[at] = (char)byte;
                check(bytes, len);
            }
        }
    }
}

static void two_special_bytes_in_one_word(void **state) {
    IGNORE(state);
    static const char special[] = {'\0', '\x1F', ' ', '"',    '!',   '#',
                                   '\\', ']',    '~', '\x7F', '\x80'};
    for (size_t i = 0; i < sizeof special; i++) {
        for (size_t j = 0; j < sizeof special; j++) {
            for (size_t first = 0; first < 8; first++) {
                for (size_t second = first + 1; second < 9; second++) {
                    char bytes[16];
                    memset(bytes, 'm', sizeof bytes);
                    bytes[first] = special[i];
                    bytes[second] = special[j];
                    check(bytes, sizeof bytes);
                }
            }
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_end_at_every_byte_that_must_end_them),
        cmocka_unit_test(two_special_bytes_in_one_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
