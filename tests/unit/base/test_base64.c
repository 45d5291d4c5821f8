/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/base64.h"

static void check_round_trip(enum base64_form form, str bytes, str text) {
    struct arena a;
    struct buf b;
    str decoded;
    arena_init(&a, allocator_libc(), 1 << 20);
    buf_init_arena(&b, &a, 1 << 16);
    base64_encode(&b, form, bytes);
    assert_ok(b.error);
    assert_str_is(buf_str(&b), text);
    assert_ok(base64_decode(&a, form, text, &decoded));
    assert_str_is(decoded, bytes);
    assert_false(str_is_absent(decoded));
    arena_done(&a);
}

static void vectors_of_rfc_4648(void **state) {
    IGNORE(state);
    static const struct {
        str bytes;
        str standard;
        str url;
    } rows[] = {
        {STR_INIT(""), STR_INIT(""), STR_INIT("")},
        {STR_INIT("f"), STR_INIT("Zg=="), STR_INIT("Zg")},
        {STR_INIT("fo"), STR_INIT("Zm8="), STR_INIT("Zm8")},
        {STR_INIT("foo"), STR_INIT("Zm9v"), STR_INIT("Zm9v")},
        {STR_INIT("foob"), STR_INIT("Zm9vYg=="), STR_INIT("Zm9vYg")},
        {STR_INIT("fooba"), STR_INIT("Zm9vYmE="), STR_INIT("Zm9vYmE")},
        {STR_INIT("foobar"), STR_INIT("Zm9vYmFy"), STR_INIT("Zm9vYmFy")},
        {STR_INIT("\xFB\xEF\xFF\xFE"), STR_INIT("++///g=="), STR_INIT("--___g")},
        {STR_INIT("\0\0\0"), STR_INIT("AAAA"), STR_INIT("AAAA")},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        check_round_trip(BASE64_STANDARD, rows[i].bytes, rows[i].standard);
        check_round_trip(BASE64_URL, rows[i].bytes, rows[i].url);
    }
}

static void every_byte_in_every_position_survives(void **state) {
    IGNORE(state);
    for (int form = BASE64_STANDARD; form <= BASE64_URL; form++) {
        for (size_t len = 1; len <= 6; len++) {
            for (int byte = 0; byte < 256; byte++) {
                struct arena a;
                struct buf b;
                char bytes[6] = {0};
                str decoded;
                bytes[len - 1] = (char)byte;
                arena_init(&a, allocator_libc(), 1 << 16);
                buf_init_arena(&b, &a, 64);
                base64_encode(&b, (enum base64_form)form, str_make(bytes, len));
                assert_ok(base64_decode(&a, (enum base64_form)form, buf_str(&b), &decoded));
                assert_str_is(decoded, str_make(bytes, len));
                arena_done(&a);
            }
        }
    }
}

static void only_one_spelling_is_accepted(void **state) {
    IGNORE(state);
    static const struct {
        enum base64_form form;
        str text;
    } rows[] = {
        {BASE64_STANDARD, STR_INIT("Zg")}, /* padding missing */
        {BASE64_STANDARD, STR_INIT("Zg=")},
        {BASE64_STANDARD, STR_INIT("Zm8")},
        {BASE64_STANDARD, STR_INIT("Zh==")}, /* bits behind the last byte */
        {BASE64_STANDARD, STR_INIT("Zm9=")},
        {BASE64_STANDARD, STR_INIT("Zm9v=")}, /* padding too much */
        {BASE64_STANDARD, STR_INIT("Zm9v====")},
        {BASE64_STANDARD, STR_INIT("Z===")},
        {BASE64_STANDARD, STR_INIT("====")},
        {BASE64_STANDARD, STR_INIT("=")},
        {BASE64_STANDARD, STR_INIT("Zg==Zg==")}, /* padding inside */
        {BASE64_STANDARD, STR_INIT("Z=g=")},
        {BASE64_STANDARD, STR_INIT("Zm9v\n")}, /* white space */
        {BASE64_STANDARD, STR_INIT("Zm9v\nYmF")},
        {BASE64_STANDARD, STR_INIT(" Zm9")},
        {BASE64_STANDARD, STR_INIT("Zm\0v")},
        {BASE64_STANDARD, STR_INIT("--__")}, /* the other alphabet */
        {BASE64_STANDARD, STR_INIT("Zm9\x80")},
        {BASE64_STANDARD, STR_INIT("Zm9v\xC3\xA9==")},
        {BASE64_URL, STR_INIT("Zg==")}, /* padding */
        {BASE64_URL, STR_INIT("Z")},
        {BASE64_URL, STR_INIT("Zm9vY")},
        {BASE64_URL, STR_INIT("Zh")},
        {BASE64_URL, STR_INIT("Zm9")},
        {BASE64_URL, STR_INIT("++//")},
        {BASE64_URL, STR_INIT("Zm9v.")},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena a;
        str decoded = STR("unchanged");
        arena_init(&a, allocator_libc(), 1 << 16);
        if (base64_decode(&a, rows[i].form, rows[i].text, &decoded) != ERR_SYNTAX) {
            fail_msg("row %zu is accepted", i);
        }
        assert_str_is(decoded, STR("unchanged"));
        arena_done(&a);
    }
}

static void limits_are_errors(void **state) {
    IGNORE(state);
    struct arena a;
    struct buf b;
    str decoded;
    char text[1000];
    memset(text, 'A', sizeof text);
    arena_init(&a, allocator_libc(), 128);
    assert_err(base64_decode(&a, BASE64_URL, str_make(text, sizeof text), &decoded), ERR_LIMIT);
    arena_done(&a);
    buf_init(&b, allocator_libc(), 7);
    base64_encode(&b, BASE64_STANDARD, STR("foob"));
    assert_err(buf_finish(&b, &decoded), ERR_LIMIT);
    buf_clear(&b);
    base64_encode(&b, BASE64_URL, STR("fooba"));
    assert_ok(buf_finish(&b, &decoded));
    buf_done(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_of_rfc_4648),
        cmocka_unit_test(every_byte_in_every_position_survives),
        cmocka_unit_test(only_one_spelling_is_accepted),
        cmocka_unit_test(limits_are_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
