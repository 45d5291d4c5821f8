/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/json.h"

static err parse(struct arena *a, str text, const struct json **ret, struct error *reterr) {
    arena_init(a, allocator_libc(), 1 << 22);
    return json_parse(a, text, &json_limits_default, ret, reterr);
}

static void good_documents(void **state) {
    IGNORE(state);
    static const struct {
        str text;
        enum json_kind kind;
        uint32_t count;
    } rows[] = {
        {STR_INIT("null"), JSON_NULL, 0},
        {STR_INIT("true"), JSON_BOOL, 0},
        {STR_INIT("false"), JSON_BOOL, 0},
        {STR_INIT(" \t\r\n 1 \t\r\n "), JSON_INT, 0},
        {STR_INIT("-0"), JSON_INT, 0},
        {STR_INIT("0.0"), JSON_NUMBER, 0},
        {STR_INIT("-0.1"), JSON_NUMBER, 0},
        {STR_INIT("1e5"), JSON_NUMBER, 0},
        {STR_INIT("1E+5"), JSON_NUMBER, 0},
        {STR_INIT("0e0"), JSON_NUMBER, 0},
        {STR_INIT("1.5e-300"), JSON_NUMBER, 0},
        {STR_INIT("1e999999"), JSON_NUMBER, 0},
        {STR_INIT("123456789012345678901234567890"), JSON_NUMBER, 0},
        {STR_INIT("\"\""), JSON_STRING, 0},
        {STR_INIT("\"\x7F\""), JSON_STRING, 0},
        {STR_INIT("\"\xF4\x8F\xBF\xBF\""), JSON_STRING, 0},
        {STR_INIT("\"\xEF\xBB\xBF\""), JSON_STRING, 0}, /* inside a string it is a character */
        {STR_INIT("[]"), JSON_ARRAY, 0},
        {STR_INIT("[ ]"), JSON_ARRAY, 0},
        {STR_INIT("[[],[[]],{}]"), JSON_ARRAY, 3},
        {STR_INIT("[1,\n2\t, 3 ]"), JSON_ARRAY, 3},
        {STR_INIT("{}"), JSON_OBJECT, 0},
        {STR_INIT("{ }"), JSON_OBJECT, 0},
        {STR_INIT("{\"\":0}"), JSON_OBJECT, 1},
        {STR_INIT("{\"a\":{\"a\":{\"a\":[]}}}"), JSON_OBJECT, 1},
        {STR_INIT("{ \"a\" : 1 , \"b\" : [ ] }"), JSON_OBJECT, 2},
        {STR_INIT("{\"a\":1,\"A\":1,\"a \":1}"), JSON_OBJECT, 3},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena a;
        struct error error = {0};
        const struct json *value = NULL;
        if (parse(&a, rows[i].text, &value, &error) != ERR_OK) {
            fail_msg("%.*s: %s", STR_FMT(rows[i].text), error.text);
        }
        assert_int_equal(value->kind, rows[i].kind);
        assert_int_equal(value->count, rows[i].count);
        arena_done(&a);
    }
}

static void bad_documents_and_where_they_are_bad(void **state) {
    IGNORE(state);
    static const struct {
        str text;
        size_t offset;
    } rows[] = {
        {STR_INIT(""), 0},
        {STR_INIT("  "), 2},
        {STR_INIT("\0"), 0},
        {STR_INIT("\xEF\xBB\xBF{}"), 0},
        {STR_INIT("\xFF"), 0},
        {STR_INIT("\x0C[]"), 0},
        {STR_INIT("\xC2\xA0[]"), 0},
        {STR_INIT("nul"), 0},
        {STR_INIT("nulL"), 0},
        {STR_INIT("nullx"), 4},
        {STR_INIT("True"), 0},
        {STR_INIT("NaN"), 0},
        {STR_INIT("Infinity"), 0},
        {STR_INIT("-Infinity"), 1},
        {STR_INIT("undefined"), 0},
        {STR_INIT("1 2"), 2},
        {STR_INIT("{} []"), 3},
        {STR_INIT("1,"), 1},
        {STR_INIT("]"), 0},
        {STR_INIT("}"), 0},
        {STR_INIT("// x\n1"), 0},
        {STR_INIT("1 /* x */"), 2},
        /* numbers */
        {STR_INIT("01"), 0},
        {STR_INIT("-01"), 0},
        {STR_INIT("00"), 0},
        {STR_INIT("+1"), 0},
        {STR_INIT(".5"), 0},
        {STR_INIT("-"), 1},
        {STR_INIT("-a"), 1},
        {STR_INIT("--1"), 1},
        {STR_INIT("1."), 2},
        {STR_INIT("1.e5"), 2},
        {STR_INIT("-.5"), 1},
        {STR_INIT("1e"), 2},
        {STR_INIT("1e+"), 3},
        {STR_INIT("1e1.5"), 3},
        {STR_INIT("1.2.3"), 3},
        {STR_INIT("0x10"), 1},
        {STR_INIT("1_000"), 1},
        {STR_INIT("1\xEF\xBC\x91"), 1}, /* a full-width digit */
        {STR_INIT("[1 000]"), 3},
        /* strings */
        {STR_INIT("\""), 1},
        {STR_INIT("\"abc"), 4},
        {STR_INIT("'a'"), 0},
        {STR_INIT("\"\t\""), 1},
        {STR_INIT("\"a\nb\""), 2},
        {STR_INIT("\"\0\""), 1},
        {STR_INIT("\"\x1F\""), 1},
        {STR_INIT("\"\\\""), 3},
        {STR_INIT("\"\\"), 2},
        {STR_INIT("\"\\x41\""), 2},
        {STR_INIT("\"\\a\""), 2},
        {STR_INIT("\"\\'\""), 2},
        {STR_INIT("\"\\U0041\""), 2},
        {STR_INIT("\"\\u\""), 1},
        {STR_INIT("\"\\u12\""), 1},
        {STR_INIT("\"\\u12G4\""), 1},
        {STR_INIT("\"\\u+123\""), 1},
        {STR_INIT("\"\\ud800\""), 1},
        {STR_INIT("\"\\ud800x\""), 1},
        {STR_INIT("\"\\ud800\\n\""), 1},
        {STR_INIT("\"\\ud800\\ud800\""), 1},
        {STR_INIT("\"\\ud800\\u0041\""), 1},
        {STR_INIT("\"\\udc00\""), 1},
        {STR_INIT("\"\\udc00\\ud800\""), 1},
        {STR_INIT("\"\\ud83d\\ude0"), 1},
        {STR_INIT("\"abcdefgh\xFF\""), 9},
        {STR_INIT("\"\xC0\x80\""), 1},
        {STR_INIT("\"\xED\xA0\x80\""), 1},
        {STR_INIT("\"\xE2\x82\""), 1},
        {STR_INIT("\"\xF4\x90\x80\x80\""), 1},
        /* arrays */
        {STR_INIT("["), 1},
        {STR_INIT("[1"), 2},
        {STR_INIT("[1,"), 3},
        {STR_INIT("[1,]"), 3},
        {STR_INIT("[,1]"), 1},
        {STR_INIT("[1,,2]"), 3},
        {STR_INIT("[1:2]"), 2},
        {STR_INIT("[1}"), 2},
        {STR_INIT("[1]]"), 3},
        {STR_INIT("[\"a\":1]"), 4},
        /* objects */
        {STR_INIT("{"), 1},
        {STR_INIT("{]"), 1},
        {STR_INIT("{\"a\""), 4},
        {STR_INIT("{\"a\":"), 5},
        {STR_INIT("{\"a\":}"), 5},
        {STR_INIT("{\"a\" 1}"), 5},
        {STR_INIT("{\"a\",1}"), 4},
        {STR_INIT("{\"a\":1"), 6},
        {STR_INIT("{\"a\":1,}"), 7},
        {STR_INIT("{\"a\":1,,\"b\":2}"), 7},
        {STR_INIT("{,\"a\":1}"), 1},
        {STR_INIT("{a:1}"), 1},
        {STR_INIT("{1:1}"), 1},
        {STR_INIT("{null:1}"), 1},
        {STR_INIT("{\"a\":1 \"b\":2}"), 7},
        {STR_INIT("{\"a\":1]"), 6},
        {STR_INIT("{\"a\"::1}"), 5},
        /* names that occur twice */
        {STR_INIT("{\"a\":1,\"a\":1}"), 7},
        {STR_INIT("{\"a\":1,\"b\":2,\"\\u0061\":3}"), 13},
        {STR_INIT("{\"\":1,\"\":2}"), 6},
        {STR_INIT("[{\"x\":{\"a\":1,\"a\":2}}]"), 13},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena a;
        struct error error = {0};
        const struct json *value = NULL;
        if (parse(&a, rows[i].text, &value, &error) != ERR_SYNTAX) {
            fail_msg("row %zu is accepted: %.*s", i, STR_FMT(rows[i].text));
        }
        assert_null(value);
        assert_err(error.code, ERR_SYNTAX);
        assert_true(error.text[0] != '\0');
        if (error.offset != rows[i].offset) {
            fail_msg("%.*s: offset %zu (%s)", STR_FMT(rows[i].text), error.offset, error.text);
        }
        arena_done(&a);
    }
}

static void errors_help(void **state) {
    IGNORE(state);
    static const struct {
        str text;
        uint32_t line;
        uint32_t column;
        const char *message;
    } rows[] = {
        {STR_INIT("{\n  \"a\": 1,\n}"), 3, 1, "a comma must not stand before '}'"},
        {STR_INIT("[\n1,\n\n2 3]"), 4, 3, "expected ',' or ']'"},
        {STR_INIT("{\"a\" 1}"), 1, 6, "expected ':' behind the name"},
        {STR_INIT("{'a': 1}"), 1, 2, "expected a name in double quotes"},
        {STR_INIT("['a']"), 1, 2, "strings are written in double quotes"},
        {STR_INIT("[\"\xC3\xA9\", NaN]"), 1, 8,
         "the only words are true, false and null; NaN and infinity do not exist"},
        {STR_INIT("[1,\n"), 2, 1, "the text ends too early"},
        {STR_INIT("[1] // x"), 1, 5, "only space may follow the value"},
        {STR_INIT("[007]"), 1, 2, "a number must not start with a zero"},
        {STR_INIT("\xEF\xBB\xBF[]"), 1, 1, "a byte order mark is not allowed"},
        {STR_INIT("{\"a\":1,\n \"a\":2}"), 2, 2, "the name occurs twice in the same object"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena a;
        struct error error = {0};
        const struct json *value;
        assert_err(parse(&a, rows[i].text, &value, &error), ERR_SYNTAX);
        assert_string_equal(error.text, rows[i].message);
        assert_int_equal(error.line, rows[i].line);
        assert_int_equal(error.column, rows[i].column);
        arena_done(&a);
    }
}

static void integers_are_exact(void **state) {
    IGNORE(state);
    static const struct {
        str text;
        bool is_int;
        int64_t value;
    } rows[] = {
        {STR_INIT("9007199254740993"), true, 9007199254740993}, /* not a double */
        {STR_INIT("9223372036854775807"), true, INT64_MAX},
        {STR_INIT("-9223372036854775808"), true, INT64_MIN},
        {STR_INIT("9223372036854775808"), false, 0},
        {STR_INIT("-9223372036854775809"), false, 0},
        {STR_INIT("1.0"), false, 0},
        {STR_INIT("1e2"), false, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena a;
        const struct json *value;
        assert_ok(parse(&a, rows[i].text, &value, NULL));
        if (rows[i].is_int) {
            assert_int_equal(value->kind, JSON_INT);
            assert_true(value->integer == rows[i].value);
        } else {
            assert_int_equal(value->kind, JSON_NUMBER);
            assert_str_is(value->text, rows[i].text);
        }
        arena_done(&a);
    }
}

static void strings_are_unescaped(void **state) {
    IGNORE(state);
    static const struct {
        str text;
        str value;
    } rows[] = {
        {STR_INIT("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""), STR_INIT("\"\\/\b\f\n\r\t")},
        {STR_INIT("\"\\u0041\\u00e9\\u20AC\\uD83D\\uDE00\""),
         STR_INIT("A\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80")},
        {STR_INIT("\"a\\u0000b\""), STR_INIT("a\0b")},
        {STR_INIT("\"\\uDBFF\\uDFFF\""), STR_INIT("\xF4\x8F\xBF\xBF")},
        {STR_INIT("\"long enough \\n for two words of eight \\u007f\""),
         STR_INIT("long enough \n for two words of eight \x7F")},
        {STR_INIT("\"caf\xC3\xA9\""), STR_INIT("caf\xC3\xA9")},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena a;
        const struct json *value;
        assert_ok(parse(&a, rows[i].text, &value, NULL));
        assert_int_equal(value->kind, JSON_STRING);
        assert_str_is(value->text, rows[i].value);
        arena_done(&a);
    }
}

/* A special byte at every distance from the start, for the eight-byte steps. */
static void strings_of_every_length_end_where_they_end(void **state) {
    IGNORE(state);
    static const str ends[] = {STR_INIT("\""), STR_INIT("\\n\""), STR_INIT("\xC3\xA9\""),
                               STR_INIT("\x1F\""), STR_INIT("\xFF\"")};
    for (size_t len = 0; len < 40; len++) {
        for (size_t end = 0; end < ARRAY_LEN(ends); end++) {
            char text[64];
            struct arena a;
            const struct json *value;
            struct error error;
            text[0] = '"';
            memset(text + 1, 'x', len);
            memcpy(text + 1 + len, ends[end].ptr, ends[end].len);
            err code = parse(&a, str_make(text, 1 + len + ends[end].len), &value, &error);
            if (end < 3) {
                assert_ok(code);
                assert_int_equal(value->text.len, len + (end == 0 ? 0 : end == 1 ? 1 : 2));
            } else {
                assert_err(code, ERR_SYNTAX);
                assert_int_equal(error.offset, 1 + len);
            }
            arena_done(&a);
        }
    }
}

static void plain_strings_borrow_from_the_source(void **state) {
    IGNORE(state);
    struct arena a;
    const struct json *value;
    str text = STR("{\"name\":\"value\"}");
    assert_ok(parse(&a, text, &value, NULL));
    assert_ptr_equal(value->members[0].name.ptr, text.ptr + 2);
    assert_ptr_equal(value->members[0].value.text.ptr, text.ptr + 9);
    arena_done(&a);
}

static void values_know_their_place(void **state) {
    IGNORE(state);
    struct arena a;
    const struct json *value;
    str text = STR(" {\"a\": [10, \"x\"], \"b\":{} }");
    assert_ok(parse(&a, text, &value, NULL));
    const struct json *list = json_get(value, STR("a"));
    const struct json *empty = json_get(value, STR("b"));
    assert_int_equal(value->offset, 1);
    assert_str_is(str_slice(text, list->offset, list->end), STR("[10, \"x\"]"));
    assert_str_is(str_slice(text, list->items[0].offset, list->items[0].end), STR("10"));
    assert_str_is(str_slice(text, list->items[1].offset, list->items[1].end), STR("\"x\""));
    assert_str_is(str_slice(text, empty->offset, empty->end), STR("{}"));
    assert_int_equal(value->end, text.len);
    arena_done(&a);
}

static void members_are_found_by_name(void **state) {
    IGNORE(state);
    struct arena a;
    const struct json *value;
    assert_ok(parse(&a, STR("{\"a\":1,\"\\u0062\":null,\"\":[]}"), &value, NULL));
    assert_int_equal(json_get(value, STR("a"))->integer, 1);
    assert_int_equal(json_get(value, STR("b"))->kind, JSON_NULL);
    assert_int_equal(json_get(value, STR(""))->kind, JSON_ARRAY);
    assert_null(json_get(value, STR("c")));
    assert_null(json_get(json_get(value, STR("a")), STR("a")));
    assert_null(json_get(NULL, STR("a")));
    arena_done(&a);
}

static void large_objects_keep_order_and_refuse_duplicates(void **state) {
    IGNORE(state);
    for (uint32_t count = 1; count < 400; count += 7) {
        for (int has_duplicate = 0; has_duplicate < 2; has_duplicate++) {
            struct buf b;
            struct arena a;
            const struct json *value;
            struct error error;
            buf_init(&b, allocator_libc(), 1 << 16);
            buf_add_byte(&b, '{');
            for (uint32_t i = 0; i < count; i++) {
                buf_format(&b, "\"n%u\":%u,", i * 7919 % 1000, i);
            }
            size_t last = b.len;
            buf_format(&b, "\"%s\":0}", has_duplicate ? "n0" : "last");
            err code = parse(&a, buf_str(&b), &value, &error);
            if (has_duplicate) {
                assert_err(code, ERR_SYNTAX);
                assert_int_equal(error.offset, last);
            } else {
                assert_ok(code);
                assert_int_equal(value->count, count + 1);
                for (uint32_t i = 0; i < count; i++) {
                    assert_int_equal(value->members[i].value.integer, i);
                }
            }
            arena_done(&a);
            buf_done(&b);
        }
    }
}

static void limits_are_exact(void **state) {
    IGNORE(state);
    static const struct json_limits limits = {.max_bytes = 20, .max_depth = 3, .max_values = 5};
    static const struct {
        str text;
        err code;
    } rows[] = {
        {STR_INIT("[[[1]]]"), ERR_OK},
        {STR_INIT("[[[[1]]]]"), ERR_LIMIT},
        {STR_INIT("[[[{}]]]"), ERR_LIMIT},
        {STR_INIT("[[],[],[[]]]"), ERR_OK}, /* five values */
        {STR_INIT("[1,2,3,4]"), ERR_OK},
        {STR_INIT("[1,2,3,4,5]"), ERR_LIMIT},
        {STR_INIT("{\"a\":1,\"b\":[[2,3]]}"), ERR_LIMIT},
        {STR_INIT("\"123456789012345678\""), ERR_OK},
        {STR_INIT("\"1234567890123456789\""), ERR_LIMIT},
        {STR_INIT("1                    "), ERR_LIMIT},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena a;
        const struct json *value;
        struct error error;
        arena_init(&a, allocator_libc(), 1 << 16);
        assert_err(json_parse(&a, rows[i].text, &limits, &value, &error), rows[i].code);
        assert_true(rows[i].code == ERR_OK || strlen(error.text) > 0);
        arena_done(&a);
    }
}

static void depth_costs_no_stack(void **state) {
    IGNORE(state);
    enum { DEPTH = 200000 };
    static char text[DEPTH * 2];
    static const struct json_limits deep = {
        .max_bytes = sizeof text, .max_depth = DEPTH, .max_values = DEPTH};
    struct arena a;
    const struct json *value;
    memset(text, '[', DEPTH);
    memset(text + DEPTH, ']', DEPTH);
    arena_init(&a, allocator_libc(), 1 << 27);
    assert_ok(json_parse(&a, str_make(text, sizeof text), &deep, &value, NULL));
    uint32_t depth = 1;
    for (; value->count > 0; value = &value->items[0]) {
        depth++;
    }
    assert_int_equal(depth, DEPTH);
    arena_done(&a);
}

static void a_full_arena_is_a_limit_and_nothing_stays_in_it(void **state) {
    IGNORE(state);
    static char text[2000];
    memset(text, '1', sizeof text);
    text[0] = '[';
    for (size_t i = 2; i < sizeof text; i += 2) {
        text[i] = ',';
    }
    text[sizeof text - 2] = ']';
    text[sizeof text - 1] = ' ';
    for (size_t cap = 1024; cap < 40000; cap += 4096) {
        struct arena a;
        const struct json *value;
        struct error error;
        arena_init(&a, allocator_libc(), cap);
        assert_err(
            json_parse(&a, str_make(text, sizeof text), &json_limits_default, &value, &error),
            ERR_LIMIT);
        assert_int_equal(arena_total(&a), 0);
        arena_done(&a);
    }
}

static void a_typical_request_fits_into_one_chunk(void **state) {
    IGNORE(state);
    struct fault_allocator fault;
    struct arena a;
    const struct json *value;
    str text =
        STR("{\"principal\":{\"type\":\"User\",\"id\":\"alice\"},\"action\":{\"type\":\"Action\","
            "\"id\":\"viewPhoto\"},\"resource\":{\"type\":\"Photo\",\"id\":\"a.jpg\"},"
            "\"context\":{\"authenticated\":true,\"ip\":\"192.0.2.7\",\"tags\":[\"a\",\"b\"]}}");
    fault_init(&fault, 0);
    arena_init(&a, &fault.allocator, 1 << 20);
    assert_ok(json_parse(&a, text, &json_limits_default, &value, NULL));
    assert_int_equal(fault.calls, 1);
    arena_done(&a);
}

static void kinds_have_names(void **state) {
    IGNORE(state);
    assert_string_equal(json_kind_name(JSON_NULL), "null");
    assert_string_equal(json_kind_name(JSON_INT), "a number");
    assert_string_equal(json_kind_name(JSON_NUMBER), "a number");
    assert_string_equal(json_kind_name(JSON_OBJECT), "an object");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_documents),
        cmocka_unit_test(bad_documents_and_where_they_are_bad),
        cmocka_unit_test(errors_help),
        cmocka_unit_test(integers_are_exact),
        cmocka_unit_test(strings_are_unescaped),
        cmocka_unit_test(strings_of_every_length_end_where_they_end),
        cmocka_unit_test(plain_strings_borrow_from_the_source),
        cmocka_unit_test(values_know_their_place),
        cmocka_unit_test(members_are_found_by_name),
        cmocka_unit_test(large_objects_keep_order_and_refuse_duplicates),
        cmocka_unit_test(limits_are_exact),
        cmocka_unit_test(depth_costs_no_stack),
        cmocka_unit_test(a_full_arena_is_a_limit_and_nothing_stays_in_it),
        cmocka_unit_test(a_typical_request_fits_into_one_chunk),
        cmocka_unit_test(kinds_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
