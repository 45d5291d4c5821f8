/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/json.h"

#include <locale.h>
#include <math.h>

static void write_sample(struct json_writer *w) {
    json_open_object(w);
    json_name_string(w, STR("name"), STR("a\"b"));
    json_name_string(w, STR("absent"), (str){NULL, 0});
    json_name_int(w, STR("n"), -5);
    json_name_bool(w, STR("yes"), true);
    json_name(w, STR("list"));
    json_open_array(w);
    json_uint(w, UINT64_MAX);
    json_null(w);
    json_open_array(w);
    json_close_array(w);
    json_open_object(w);
    json_close_object(w);
    json_raw(w, STR("[1]"));
    json_close_array(w);
    json_close_object(w);
}

static void commas_and_colons_are_placed(void **state) {
    IGNORE(state);
    struct buf b;
    struct json_writer w;
    buf_init(&b, allocator_libc(), 1000);
    json_writer_init(&w, &b);
    write_sample(&w);
    assert_str_is(buf_str(&b),
                  STR("{\"name\":\"a\\\"b\",\"absent\":null,\"n\":-5,\"yes\":true,\"list\":["
                      "18446744073709551615,null,[],{},[1]]}"));
    buf_done(&b);
}

static void pretty_form_is_indented(void **state) {
    IGNORE(state);
    struct buf b;
    struct json_writer w;
    buf_init(&b, allocator_libc(), 1000);
    json_writer_init(&w, &b);
    w.is_pretty = true;
    write_sample(&w);
    assert_str_is(buf_str(&b), STR("{\n"
                                   "  \"name\": \"a\\\"b\",\n"
                                   "  \"absent\": null,\n"
                                   "  \"n\": -5,\n"
                                   "  \"yes\": true,\n"
                                   "  \"list\": [\n"
                                   "    18446744073709551615,\n"
                                   "    null,\n"
                                   "    [],\n"
                                   "    {},\n"
                                   "    [1]\n"
                                   "  ]\n"
                                   "}"));
    buf_done(&b);
}

static void keys_are_names_without_escapes(void **state) {
    IGNORE(state);
    for (int is_pretty = 0; is_pretty < 2; is_pretty++) {
        struct buf plain;
        struct buf exact;
        struct json_writer w;
        buf_init(&plain, allocator_libc(), 100);
        for (int use_key = 0; use_key < 2; use_key++) {
            struct buf *b = use_key ? &exact : &plain;
            if (use_key) {
                buf_init(&exact, allocator_libc(), plain.len);
            }
            json_writer_init(&w, b);
            w.is_pretty = is_pretty == 1;
            json_open_object(&w);
            use_key ? json_key(&w, STR("one")) : json_name(&w, STR("one"));
            json_int(&w, 1);
            use_key ? json_key(&w, STR("two")) : json_name(&w, STR("two"));
            json_open_object(&w);
            json_close_object(&w);
            json_close_object(&w);
        }
        assert_ok(exact.error); /* not a byte more than it writes */
        assert_str_is(buf_str(&exact), buf_str(&plain));
        buf_done(&plain);
        buf_done(&exact);
    }
}

/* A special byte at every place of strings of every length, for the eight-byte steps. */
static void every_byte_at_every_place_survives(void **state) {
    IGNORE(state);
    for (int byte = 0; byte < 128; byte++) {
        for (size_t len = 1; len < 20; len++) {
            for (size_t at = 0; at < len; at++) {
                char text[20];
                struct arena a;
                struct buf b;
                const struct json *value;
                memset(text, 'x', sizeof text);
                text[at] = (char)byte;
                arena_init(&a, allocator_libc(), 1 << 16);
                buf_init_arena(&b, &a, 1000);
                json_escape(&b, str_make(text, len));
                assert_ok(json_parse(&a, buf_str(&b), &json_limits_default, &value, NULL));
                assert_str_is(value->text, str_make(text, len));
                arena_done(&a);
            }
        }
    }
}

static void strings_are_escaped(void **state) {
    IGNORE(state);
    static const struct {
        str value;
        str text;
    } rows[] = {
        {STR_INIT(""), STR_INIT("\"\"")},
        {{NULL, 0}, STR_INIT("\"\"")},
        {STR_INIT("a\"b\\c/"), STR_INIT("\"a\\\"b\\\\c/\"")},
        {STR_INIT("\b\f\n\r\t"), STR_INIT("\"\\b\\f\\n\\r\\t\"")},
        {STR_INIT("\0\x01\x1F\x7F"), STR_INIT("\"\\u0000\\u0001\\u001f\x7F\"")},
        {STR_INIT("caf\xC3\xA9 \xF0\x9F\x98\x80"), STR_INIT("\"caf\xC3\xA9 \xF0\x9F\x98\x80\"")},
        {STR_INIT("a\xFF"
                  "b"),
         STR_INIT("\"a\xEF\xBF\xBD"
                  "b\"")},
        {STR_INIT("\xE2\x82"), STR_INIT("\"\xEF\xBF\xBD\xEF\xBF\xBD\"")},
        {STR_INIT("\xED\xA0\x80"), STR_INIT("\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"")},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf b;
        buf_init(&b, allocator_libc(), 1000);
        json_escape(&b, rows[i].value);
        assert_str_is(buf_str(&b), rows[i].text);
        buf_done(&b);
    }
}

static void fixed_decimals(void **state) {
    IGNORE(state);
    static const struct {
        double value;
        int decimals;
        str text;
    } rows[] = {
        {0.0, 0, STR_INIT("0")},
        {1.5, 3, STR_INIT("1.500")},
        {-0.25, 2, STR_INIT("-0.25")},
        {1e15, 1, STR_INIT("1000000000000000.0")},
        {2.0, -1, STR_INIT("2")},
        {0.5, 40, STR_INIT("0.50000000000000000")},
        {(double)NAN, 2, STR_INIT("null")},
        {(double)INFINITY, 2, STR_INIT("null")},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf b;
        struct json_writer w;
        buf_init(&b, allocator_libc(), 1000);
        json_writer_init(&w, &b);
        json_fixed(&w, rows[i].value, rows[i].decimals);
        assert_str_is(buf_str(&b), rows[i].text);
        buf_clear(&b);
        json_writer_init(&w, &b);
        json_fixed(&w, 1.7e308, 17);
        assert_int_equal(b.len, 309 + 1 + 17);
        buf_done(&b);
    }
}

static void fixed_decimals_ignore_the_locale(void **state) {
    IGNORE(state);
    if (setlocale(LC_NUMERIC, "de_DE.UTF-8") == NULL &&
        setlocale(LC_NUMERIC, "fr_FR.UTF-8") == NULL) {
        skip(); /* no such locale on this machine */
    }
    struct buf b;
    struct json_writer w;
    buf_init(&b, allocator_libc(), 1000);
    json_writer_init(&w, &b);
    json_fixed(&w, 1.5, 2);
    assert_str_is(buf_str(&b), STR("1.50"));
    buf_done(&b);
    setlocale(LC_NUMERIC, "C");
}

static void failure_of_the_buffer_sticks(void **state) {
    IGNORE(state);
    struct buf b;
    struct json_writer w;
    str text;
    for (size_t max = 0; max < 92; max++) {
        buf_init(&b, allocator_libc(), max);
        json_writer_init(&w, &b);
        write_sample(&w);
        assert_err(buf_finish(&b, &text), ERR_LIMIT);
        buf_done(&b);
    }
}

static void depth_is_bounded(void **state) {
    IGNORE(state);
    for (int depth = JSON_WRITER_DEPTH; depth <= JSON_WRITER_DEPTH + 1; depth++) {
        struct buf b;
        struct json_writer w;
        str text;
        buf_init(&b, allocator_libc(), 1000);
        json_writer_init(&w, &b);
        for (int i = 0; i < depth; i++) {
            json_open_array(&w);
        }
        for (int i = 0; i < depth; i++) {
            json_close_array(&w);
        }
        assert_err(buf_finish(&b, &text), depth == JSON_WRITER_DEPTH ? ERR_OK : ERR_LIMIT);
        buf_done(&b);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commas_and_colons_are_placed),
        cmocka_unit_test(pretty_form_is_indented),
        cmocka_unit_test(keys_are_names_without_escapes),
        cmocka_unit_test(every_byte_at_every_place_survives),
        cmocka_unit_test(strings_are_escaped),
        cmocka_unit_test(fixed_decimals),
        cmocka_unit_test(fixed_decimals_ignore_the_locale),
        cmocka_unit_test(failure_of_the_buffer_sticks),
        cmocka_unit_test(depth_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
