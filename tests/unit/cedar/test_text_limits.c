/* SPDX-License-Identifier: Apache-2.0 */
/* Size and depth: long is fine, deep is refused cleanly, and neither needs stack. */
#include "text_unit.h"

#include <stdlib.h>

enum { LONG_CHAIN = 100000 };

/* head, `count` times `part`, middle, `count` times `close`, tail. */
static str repeat(struct buf *text, const char *head, size_t count, const char *part,
                  const char *middle, const char *close, const char *tail) {
    buf_init(text, allocator_libc(), (size_t)64 << 20);
    buf_add_c(text, head);
    for (size_t i = 0; i < count; i++) {
        buf_add_c(text, part);
    }
    buf_add_c(text, middle);
    for (size_t i = 0; i < count; i++) {
        buf_add_c(text, close);
    }
    buf_add_c(text, tail);
    return buf_str(text);
}

static const struct {
    const char *part;
    const char *middle;
    const char *close;
} nestings[] = {
    {"(", "1", ")"},
    {"[", "1", "]"},
    {"{a:", "1", "}"},
    {"!(", "true", ")"},
    {"-(", "1", ")"},
    {"ip(", "1", ")"},
    {"[].contains(", "1", ")"},
    {"if true then 1 else ", "2", ""},
    {"if ", "true", " then true else false"},
    {"if true then ", "2", " else 1"},
    {"1 + (", "2", ")"},
    {"true && (1 == ", "2", ")"},
    {"", "principal", ".a"},
    {"", "principal", "[\"a\"]"},
    {"", "principal", ".getTag(\"a\")"},
};

static void nesting_is_limited_by_a_number(void **state) {
    IGNORE(state);
    for (size_t i = 0; i < ARRAY_LEN(nestings); i++) {
        static const size_t counts[] = {400, 10000};
        for (size_t k = 0; k < ARRAY_LEN(counts); k++) {
            struct text_unit unit;
            struct buf text;
            const struct ast_expr *expr;
            str source = repeat(&text, "", counts[k], nestings[i].part, nestings[i].middle,
                                nestings[i].close, "");
            text_unit_init(&unit, source);
            err error = parse_expr(&unit.arena, source, NULL, &expr, &unit.diags);
            assert_int_equal(error, k == 0 ? ERR_OK : ERR_LIMIT);
            assert_int_equal(unit.diags.items.count, k == 0 ? 0 : 1);
            if (k == 1) {
                assert_text(unit.diags.items.items[0].message,
                            "the expression is nested more than 1000 levels deep",
                            nestings[i].part);
            }
            text_unit_done(&unit);
            buf_done(&text);
        }
    }
}

static void the_limit_is_exact(void **state) {
    IGNORE(state);
    static const struct parse_limits limits = {.max_bytes = 1000, .max_depth = 3};
    static const struct {
        const char *text;
        err error;
    } cases[] = {
        {"(((1)))", ERR_OK},
        {"((((1))))", ERR_LIMIT},
        {"[[1]]", ERR_OK},
        {"[[[1]]]", ERR_LIMIT},
        {"principal.a.b", ERR_OK},
        {"principal.a.b.c", ERR_LIMIT},
        {"1+1+1+1+1+1+1", ERR_OK},
        {"!!true", ERR_OK},
        {"!!!true", ERR_LIMIT},
        {"[1,2,3,4].contains(5)", ERR_OK},
        {"principal has a.b.c.d.e.f", ERR_OK},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct text_unit unit;
        const struct ast_expr *expr;
        text_unit_init(&unit, str_c(cases[i].text));
        err error = parse_expr(&unit.arena, str_c(cases[i].text), &limits, &expr, &unit.diags);
        if (error != cases[i].error) {
            print_error("%s: %s\n", cases[i].text, err_name(error));
        }
        assert_int_equal(error, cases[i].error);
        text_unit_done(&unit);
    }
}

static void chains_of_any_length_nest_nothing(void **state) {
    IGNORE(state);
    static const struct {
        const char *head;
        const char *part;
        const char *tail;
    } chains[] = {
        {"true", "&& true", ""}, {"true", "||true", ""},
        {"1", "+ 1 - 1", ""},    {"1", "*1", ""},
        {"[0", ",1", "]"},       {"decimal(0", ",1", ")"},
        {"a", "::a", "::\"\""},  {"principal has a", ".b", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(chains); i++) {
        struct text_unit unit;
        struct buf text;
        const struct ast_expr *expr;
        str source =
            repeat(&text, chains[i].head, LONG_CHAIN, chains[i].part, "", "", chains[i].tail);
        text_unit_init(&unit, source);
        assert_int_equal(parse_expr(&unit.arena, source, NULL, &expr, &unit.diags), ERR_OK);
        text_unit_done(&unit);
        buf_done(&text);
    }
}

static void many_clauses_policies_keys_and_annotations_are_fine(void **state) {
    IGNORE(state);
    struct text_unit unit;
    struct buf text;
    const struct ast_policy_set *set;
    str source = repeat(&text, "permit(principal,action,resource)", LONG_CHAIN, "when{true}", ";",
                        "\nforbid(principal,action,resource);", "");
    text_unit_init(&unit, source);
    assert_int_equal(parse_policy_set(&unit.arena, source, NULL, &set, &unit.diags), ERR_OK);
    assert_int_equal(set->count, LONG_CHAIN + 1);
    assert_int_equal(set->policies[0].clause_count, LONG_CHAIN);
    text_unit_done(&unit);
    buf_done(&text);

    buf_init(&text, allocator_libc(), (size_t)64 << 20);
    for (size_t i = 0; i < LONG_CHAIN; i++) {
        buf_format(&text, "@a%zu ", i);
    }
    buf_add_c(&text, "permit(principal,action,resource)when{{");
    for (size_t i = 0; i < LONG_CHAIN; i++) {
        buf_format(&text, "k%zu:1,", i * 7919 % LONG_CHAIN);
    }
    buf_add_c(&text, "k5:2}};");
    text_unit_init(&unit, buf_str(&text));
    assert_int_equal(parse_policy_set(&unit.arena, buf_str(&text), NULL, &set, &unit.diags),
                     ERR_SYNTAX);
    assert_int_equal(unit.diags.items.count, 1);
    assert_text(unit.diags.items.items[0].message, "duplicate key `k5` in record literal", "");
    text_unit_done(&unit);
    buf_done(&text);
}

static void long_strings_are_fine_and_long_quotes_are_cut(void **state) {
    IGNORE(state);
    struct text_unit unit;
    struct buf text;
    const struct ast_expr *expr;
    str source = repeat(&text, "\"", (size_t)1 << 20, "x", "", "", "\"");
    text_unit_init(&unit, source);
    assert_int_equal(parse_expr(&unit.arena, source, NULL, &expr, &unit.diags), ERR_OK);
    assert_int_equal(expr->string.len, 1 << 20);
    text_unit_done(&unit);
    buf_done(&text);

    source = repeat(&text, "1 \"", (size_t)1 << 20, "\xC3\xA9", "", "", "\"");
    text_unit_init(&unit, source);
    assert_int_equal(parse_expr(&unit.arena, source, NULL, &expr, &unit.diags), ERR_SYNTAX);
    str message = unit.diags.items.items[0].message;
    assert_true(message.len < 300);
    assert_true(utf8_is_valid(message, NULL));
    text_unit_done(&unit);
    buf_done(&text);
}

/* Each of these quotes opens a string that nothing closes. */
static void open_strings_behind_a_mistake_are_read_once(void **state) {
    IGNORE(state);
    struct text_unit unit;
    struct buf text;
    const struct ast_policy_set *set;
    str source = repeat(&text, "permit permit \"", 5 * LONG_CHAIN, "\\\"", "", "", "");
    text_unit_init(&unit, source);
    assert_int_equal(parse_policy_set(&unit.arena, source, NULL, &set, &unit.diags), ERR_SYNTAX);
    assert_int_equal(unit.diags.items.count, 1);
    text_unit_done(&unit);
    buf_done(&text);
}

static void a_text_over_the_byte_limit_is_refused(void **state) {
    IGNORE(state);
    static const struct parse_limits limits = {.max_bytes = 5, .max_depth = 10};
    struct text_unit unit;
    const struct ast_expr *expr;
    text_unit_init(&unit, STR("100000"));
    assert_int_equal(parse_expr(&unit.arena, STR("10000"), &limits, &expr, &unit.diags), ERR_OK);
    assert_int_equal(parse_expr(&unit.arena, STR("100000"), &limits, &expr, &unit.diags),
                     ERR_LIMIT);
    assert_int_equal(unit.diags.items.count, 1);
    text_unit_done(&unit);
}

/* Fails the n-th allocation. */
static void *failing_resize(void *ctx, void *ptr, size_t old_size, size_t new_size) {
    size_t *left = ctx;
    if (new_size > 0 && (*left)-- == 0) {
        *left = 0;
        return NULL;
    }
    return allocator_libc()->resize(allocator_libc()->ctx, ptr, old_size, new_size);
}

static void running_out_of_memory_anywhere_is_an_error_and_nothing_else(void **state) {
    IGNORE(state);
    static const char text[] =
        "@id(\"a\") @b permit(principal == ?principal, action in [Action::\"a\", Action::\"b\"], "
        "resource is A :: B in C::\"d\") when { {a: [1, -2, \"\\n\"], b: !(1 < 2)}.a has c.d && "
        "context.e.contains(ip(\"1.1.1.1\")) || \"x\" like \"*\\*\" } unless { if principal is T "
        "in resource[\"q\"] then 1 + 2 * 3 - 4 == 5 else principal == User::\"\\u{41}\" };";
    bool is_done = false;
    for (size_t n = 0; !is_done; n++) {
        size_t left = n;
        struct allocator allocator = {failing_resize, &left, true};
        struct arena arena;
        const struct ast_policy_set *set = NULL;
        arena_init(&arena, &allocator, 1 << 20);
        err error = parse_policy_set(&arena, str_c(text), NULL, &set, NULL);
        is_done = error == ERR_OK;
        assert_true(is_done || (error == ERR_NOMEM && set == NULL));
        arena_done(&arena);
        assert_true(n < 1000);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nesting_is_limited_by_a_number),
        cmocka_unit_test(the_limit_is_exact),
        cmocka_unit_test(chains_of_any_length_nest_nothing),
        cmocka_unit_test(many_clauses_policies_keys_and_annotations_are_fine),
        cmocka_unit_test(long_strings_are_fine_and_long_quotes_are_cut),
        cmocka_unit_test(open_strings_behind_a_mistake_are_read_once),
        cmocka_unit_test(a_text_over_the_byte_limit_is_refused),
        cmocka_unit_test(running_out_of_memory_anywhere_is_an_error_and_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
