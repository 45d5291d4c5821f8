/* SPDX-License-Identifier: Apache-2.0 */
/*
 * E-mail addresses. An accepted one has a single '@', printable ASCII only and nothing a header,
 * a shell list or HTML takes for syntax; parsing what was accepted, in either form, changes
 * nothing; and the key does not depend on the case it was typed in.
 */
#include "fuzz.h"

#include "auth/model/email.h"

static void bytes_check(str text) {
    size_t ats = 0;
    FUZZ_CHECK(text.len <= EMAIL_MAX);
    for (size_t i = 0; i < text.len; i++) {
        FUZZ_CHECK(text.ptr[i] > 0x20 && text.ptr[i] < 0x7f);
        FUZZ_CHECK(strchr("<>\"\\,;:()[]`|{}", text.ptr[i]) == NULL);
        ats += text.ptr[i] == '@';
    }
    FUZZ_CHECK(ats == 1);
}

static void same_check(struct arena *a, str text, struct email expected, bool is_key) {
    struct email email;
    FUZZ_CHECK(email_parse(a, text, &email, NULL) == ERR_OK);
    FUZZ_CHECK(str_equal(email.key, expected.key));
    FUZZ_CHECK(str_equal(email.address, is_key ? expected.key : expected.address));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena a;
    struct email email;
    struct error error = {0};
    str text = fuzz_input(data, size);
    arena_init(&a, allocator_libc(), 1 << 16);
    err result = email_parse(&a, text, &email, &error);
    if (result == ERR_OK) {
        bytes_check(email.address);
        bytes_check(email.key);
        FUZZ_CHECK(str_equal_nocase(email.address, text));
        same_check(&a, email.address, email, false);
        same_check(&a, email.key, email, true);
    } else {
        FUZZ_CHECK(result == ERR_SYNTAX || result == ERR_LIMIT);
        FUZZ_CHECK(error.text[0] != '\0');
    }
    arena_done(&a);
    return 0;
}
