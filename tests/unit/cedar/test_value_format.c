/* SPDX-License-Identifier: Apache-2.0 */
/* Text of values: escaping, Cedar syntax that reads back, names of types. */
#include "eval_unit.h"

struct escape_case {
    str text;
    const char *escaped;
};

#define BYTES(literal) STR_INIT(literal)

static const struct escape_case escapes[] = {
    {BYTES(""), ""},
    {BYTES("plain"), "plain"},
    {BYTES("it's \"q\" \\"), "it\\'s \\\"q\\\" \\\\"},
    {BYTES("\0\t\r\n"), "\\0\\t\\r\\n"},
    {BYTES("\x07\x7f"), "\\u{7}\\u{7f}"},
    {BYTES("\xc3\xa9\xe4\xb8\xad\xf0\x9f\x98\x80"), "\xc3\xa9\xe4\xb8\xad\xf0\x9f\x98\x80"},
    /* U+00A0 space, U+00AD soft hyphen, U+200B format, U+2028 line, U+E000 private, U+FE0F
     * default ignorable, U+0378 unassigned */
    {BYTES("a\xc2\xa0\xc2\xad\xe2\x80\x8b\xe2\x80\xa8\xee\x80\x80\xef\xb8\x8f\xcd\xb8"),
     "a\\u{a0}\\u{ad}\\u{200b}\\u{2028}\\u{e000}\\u{fe0f}\\u{378}"},
    /* A combining mark only where it would combine with the quote before it. */
    {BYTES("\xcc\x81"
           "a\xcc\x81"),
     "\\u{301}a\xcc\x81"},
    {BYTES("a\xff\xfe"), "a\\u{fffd}\\u{fffd}"},
};

static void strings_are_escaped_as_the_reference_does(void **state) {
    IGNORE(state);
    struct arena a;
    arena_init(&a, allocator_libc(), 1 << 16);
    for (size_t i = 0; i < ARRAY_LEN(escapes); i++) {
        struct buf b;
        buf_init_arena(&b, &a, 1000);
        escape_debug(&b, escapes[i].text);
        if (!str_equal_c(buf_str(&b), escapes[i].escaped)) {
            fail_msg("got %.*s, expected %s", STR_FMT(buf_str(&b)), escapes[i].escaped);
        }
    }
    arena_done(&a);
}

static void quoted_strings_keep_single_quotes_and_escape_every_mark(void **state) {
    IGNORE(state);
    struct arena a;
    arena_init(&a, allocator_libc(), 1 << 16);
    struct buf b;
    buf_init_arena(&b, &a, 1000);
    quote_debug(&b, STR("it's \"a\xcc\x81\""));
    assert_true(str_equal_c(buf_str(&b), "\"it's \\\"a\\u{301}\\\"\""));
    arena_done(&a);
}

static const struct world_case texts[] = {
    {"true", "true"},
    {"-5", "-5"},
    {"\"a'b\"", "\"a\\'b\""},
    {"A::B::\"x\\n\"", "A::B::\"x\\n\""},
    {"[]", "[]"},
    {"{}", "{}"},
    {"{\"a b\": [1, {c: decimal(\"1.50\")}], a: ip(\"::1/64\")}",
     "{\"a\": ip(\"::1/64\"), \"a b\": [1, {\"c\": decimal(\"1.5\")}]}"},
};

/* What is printed reads back as the same value, and prints the same again. */
static void values_print_as_cedar_that_reads_back(void **state) {
    IGNORE(state);
    world_check(texts, ARRAY_LEN(texts));
    struct world w;
    world_init(&w);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        assert_true(str_equal_c(world_eval(&w, texts[i].expected), texts[i].expected));
    }
    world_done(&w);
}

static void type_names_are_those_of_messages(void **state) {
    IGNORE(state);
    static const struct {
        const char *expression;
        const char *name;
    } cases[] = {
        {"true", "bool"},
        {"1", "long"},
        {"\"\"", "string"},
        {"A::B::\"x\"", "(entity of type `A::B`)"},
        {"[]", "set"},
        {"{}", "record"},
        {"decimal(\"1.0\")", "decimal"},
        {"ip(\"::\")", "ipaddr"},
        {"datetime(\"2024-01-01\")", "datetime"},
        {"duration(\"1h\")", "duration"},
    };
    struct world w;
    world_init(&w);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct program program = world_compile(&w, cases[i].expression);
        assert_int_equal(program.code.instructions[0].op, OP_CONST); /* all of them are folded */
        struct buf b;
        buf_init_arena(&b, &w.scratch, 100);
        value_type_name(&b, &program.code.constants[0]);
        assert_true(str_equal_c(buf_str(&b), cases[i].name));
    }
    assert_true(str_equal_c(value_kind_name(VALUE_ENTITY), "(entity of type `any_entity_type`)"));
    world_done(&w);
}

/* Hosts may build values that share their parts: small in memory, endless as text. */
static void a_full_buffer_ends_the_printing(void **state) {
    IGNORE(state);
    struct arena a;
    arena_init(&a, allocator_libc(), 1 << 20);
    struct value value = value_long(1);
    for (int i = 0; i < 64; i++) {
        const struct value_field fields[] = {{STR("a"), value}, {STR("b"), value}};
        assert_int_equal(value_record_make(&a, fields, ARRAY_LEN(fields), &value), ERR_OK);
    }
    struct buf b;
    str text;
    buf_init_arena(&b, &a, 1000);
    value_format(&b, &value);
    assert_int_equal(buf_finish(&b, &text), ERR_LIMIT);
    arena_done(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strings_are_escaped_as_the_reference_does),
        cmocka_unit_test(quoted_strings_keep_single_quotes_and_escape_every_mark),
        cmocka_unit_test(values_print_as_cedar_that_reads_back),
        cmocka_unit_test(type_names_are_those_of_messages),
        cmocka_unit_test(a_full_buffer_ends_the_printing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
