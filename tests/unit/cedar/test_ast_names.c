/* SPDX-License-Identifier: Apache-2.0 */
#include "text_unit.h"

static void identifiers_are_ascii_words_that_are_not_reserved(void **state) {
    IGNORE(state);
    static const struct {
        const char *text;
        bool is_identifier;
        bool is_name;
    } cases[] = {
        {"a", true, true},         {"_", true, true},          {"A9_z", true, true},
        {"", false, false},        {"9a", false, false},       {"a-b", false, false},
        {"a b", false, false},     {"\xC3\xBC", false, false}, {"true", false, false},
        {"has", false, false},     {"permit", true, true},     {"principal", true, true},
        {"__cedar", false, false}, {"__cedarx", true, true},   {"a::b", false, true},
        {"a::b::c", false, true},  {"a::", false, false},      {"::a", false, false},
        {"a:b", false, false},     {"a::if", false, false},    {"__cedar::a", false, false},
        {"a:: b", false, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(ast_is_identifier(str_c(cases[i].text)), cases[i].is_identifier);
        assert_int_equal(ast_is_name(str_c(cases[i].text)), cases[i].is_name);
    }
}

static void a_list_keeps_at_most_the_maximum_and_remembers_the_rest(void **state) {
    IGNORE(state);
    struct text_unit unit;
    text_unit_init(&unit, STR("text"));
    unit.diags.source_name = STR("p.cedar");
    for (int i = 0; i < DIAG_MAX; i++) {
        struct diag *diag = diag_add(&unit.diags, DIAG_WARNING, (struct ast_span){1, 2}, "n%d", i);
        assert_non_null(diag);
        diag_label(&unit.diags, diag, "label");
        diag_help(&unit.diags, diag, "help");
    }
    assert_false(unit.diags.is_cut);
    assert_null(diag_add(&unit.diags, DIAG_ERROR, (struct ast_span){0, 0}, "more"));
    assert_true(unit.diags.is_cut);
    assert_int_equal(unit.diags.items.count, DIAG_MAX);
    const struct diag *last = &unit.diags.items.items[DIAG_MAX - 1];
    assert_text(last->message, "n99", "message");
    assert_text(last->label, "label", "label");
    assert_text(last->help, "help", "help");
    assert_text(last->source_name, "p.cedar", "source");
    assert_true(last->has_span && last->severity == DIAG_WARNING);
    text_unit_done(&unit);
}

static void a_missing_list_and_a_full_arena_are_harmless(void **state) {
    IGNORE(state);
    assert_null(diag_add(NULL, DIAG_ERROR, (struct ast_span){0, 0}, "x"));
    diag_label(NULL, NULL, "x");
    diag_help(NULL, NULL, "x");
    struct arena arena;
    struct diag_list diags;
    arena_init(&arena, allocator_libc(), 16);
    diag_list_init(&diags, &arena);
    assert_null(diag_add(&diags, DIAG_ERROR, (struct ast_span){0, 0}, "x"));
    assert_true(diags.is_cut);
    arena_done(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(identifiers_are_ascii_words_that_are_not_reserved),
        cmocka_unit_test(a_list_keeps_at_most_the_maximum_and_remembers_the_rest),
        cmocka_unit_test(a_missing_list_and_a_full_arena_are_harmless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
