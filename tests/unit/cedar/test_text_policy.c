/* SPDX-License-Identifier: Apache-2.0 */
/* Policies: head, scope, clauses, annotations, ids, templates. */
#include "text_unit.h"

static const struct ast_policy_set *parse(struct text_unit *unit, const char *text) {
    const struct ast_policy_set *set = NULL;
    text_unit_init(unit, str_c(text));
    err error = parse_policy_set(&unit->arena, str_c(text), NULL, &set, &unit->diags);
    if (error != ERR_OK && unit->diags.items.count > 0) {
        print_error("%s: %.*s\n", text, STR_FMT(unit->diags.items.items[0].message));
    }
    assert_int_equal(error, ERR_OK);
    return set;
}

static void show_ref(struct buf *out, const struct ast_scope *scope) {
    static const char *const slots[] = {"", "?principal", "?resource"};
    if (scope->is_list) {
        buf_add_c(out, "[");
        for (size_t i = 0; i < scope->list_count; i++) {
            buf_add_c(out, i == 0 ? "" : " ");
            text_show_uid(out, &scope->list[i]);
        }
        buf_add_c(out, "]");
    } else if (scope->slot != AST_SLOT_NONE) {
        buf_add_c(out, slots[scope->slot]);
    } else {
        text_show_uid(out, &scope->uid);
    }
}

static void show_scope(struct buf *out, const struct ast_scope *scope) {
    switch (scope->kind) {
    case AST_SCOPE_ANY:
        buf_add_c(out, "any");
        return;
    case AST_SCOPE_EQ:
        buf_add_c(out, "== ");
        break;
    case AST_SCOPE_IN:
        buf_add_c(out, "in ");
        break;
    case AST_SCOPE_IS:
        buf_format(out, "is %.*s", STR_FMT(scope->type.text));
        return;
    case AST_SCOPE_IS_IN:
        buf_format(out, "is %.*s in ", STR_FMT(scope->type.text));
        break;
    }
    show_ref(out, scope);
}

static const struct {
    const char *scope;
    const char *shown;
    bool is_template;
} scopes[] = {
    {"principal, action, resource", "any; any; any", false},
    {"principal, action, resource,", "any; any; any", false},
    {"principal == User::\"a\", action == Action::\"v\", resource in Album::\"x\"",
     "== User::\"a\"; == Action::\"v\"; in Album::\"x\"", false},
    {"principal is User, action in [Action::\"a\", NS::Action::\"b\",], resource is A::P in "
     "A::Q::\"x\"",
     "is User; in [Action::\"a\" NS::Action::\"b\"]; is A::P in A::Q::\"x\"", false},
    {"principal, action in [], resource", "any; in []; any", false},
    {"principal, action in Action::\"g\", resource", "any; in Action::\"g\"; any", false},
    {"principal == (User::\"a\"), action in ([(Action::\"a\")]), resource",
     "== User::\"a\"; in [Action::\"a\"]; any", false},
    {"principal == ?principal, action, resource in ?resource", "== ?principal; any; in ?resource",
     true},
    {"principal is T in ((?principal)), action, resource is R in ?resource",
     "is T in ?principal; any; is R in ?resource", true},
};

static void scopes_are_read_in_every_shape(void **state) {
    IGNORE(state);
    for (size_t i = 0; i < ARRAY_LEN(scopes); i++) {
        struct text_unit unit;
        char text[400];
        snprintf(text, sizeof text, "permit(%s);", scopes[i].scope);
        const struct ast_policy_set *set = parse(&unit, text);
        assert_int_equal(set->count, 1);
        const struct ast_policy *policy = &set->policies[0];
        show_scope(&unit.out, &policy->principal);
        buf_add_c(&unit.out, "; ");
        show_scope(&unit.out, &policy->action);
        buf_add_c(&unit.out, "; ");
        show_scope(&unit.out, &policy->resource);
        assert_text(buf_str(&unit.out), scopes[i].shown, text);
        assert_int_equal(policy->is_template, scopes[i].is_template);
        text_unit_done(&unit);
    }
}

static void policies_are_numbered_over_all_and_know_their_place(void **state) {
    IGNORE(state);
    static const char text[] = "// first\n"
                               "@id(\"a\") @note @if(\"x\\n\")\n"
                               "permit(principal == ?principal, action, resource)\n"
                               "when { true } unless { 1 == 2 } when { 3 < -4 };\n"
                               "forbid(principal, action, resource); // last";
    struct text_unit unit;
    const struct ast_policy_set *set = parse(&unit, text);
    assert_int_equal(set->count, 2);
    assert_true(set->source.ptr == text);
    const struct ast_policy *first = &set->policies[0];
    const struct ast_policy *second = &set->policies[1];
    assert_text(first->id, "policy0", text);
    assert_text(second->id, "policy1", text);
    assert_true(first->is_template && !first->is_forbid);
    assert_true(!second->is_template && second->is_forbid);
    assert_int_equal(first->annotation_count, 3);
    assert_text(first->annotations[0].name, "id", text);
    assert_text(first->annotations[0].value, "a", text);
    assert_true(first->annotations[0].has_value && !first->annotations[1].has_value);
    assert_text(first->annotations[2].name, "if", text);
    assert_text(first->annotations[2].value, "x\n", text);
    assert_int_equal(first->clause_count, 3);
    assert_true(!first->clauses[0].is_unless && first->clauses[1].is_unless);
    assert_int_equal(first->depth, 2);
    assert_int_equal(second->depth, 0);
    assert_int_equal(text[first->span.start], '@');
    assert_int_equal(text[first->span.end - 1], ';');
    assert_int_equal(text[second->span.start], 'f');
    assert_int_equal(text[second->span.end - 1], ';');
    const struct ast_span body = first->clauses[2].body->span;
    assert_memory_equal(text + body.start, "3 < -4", body.end - body.start);
    text_unit_done(&unit);
}

static void a_comment_ends_at_a_lone_carriage_return(void **state) {
    IGNORE(state);
    struct text_unit unit;
    const struct ast_policy_set *set = parse(&unit, "// x\rforbid(principal, action, resource);");
    assert_int_equal(set->count, 1);
    text_unit_done(&unit);
}

static void empty_texts_are_empty_sets(void **state) {
    IGNORE(state);
    static const char *const texts[] = {"", "  \n", "// x", "//", "\xC2\xA0"};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct text_unit unit;
        assert_int_equal(parse(&unit, texts[i])->count, 0);
        text_unit_done(&unit);
    }
    struct arena arena;
    const struct ast_policy_set *set;
    arena_init(&arena, allocator_libc(), 1 << 16);
    assert_int_equal(parse_policy_set(&arena, (str){NULL, 0}, NULL, &set, NULL), ERR_OK);
    assert_int_equal(set->count, 0);
    arena_done(&arena);
}

static void effects_and_variables_are_ordinary_words_elsewhere(void **state) {
    IGNORE(state);
    struct text_unit unit;
    parse(&unit, "permit(principal is permit, action, resource in resource::\"a\") "
                 "when { principal.when has unless && context::\"x\" is when::forbid };");
    text_unit_done(&unit);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scopes_are_read_in_every_shape),
        cmocka_unit_test(policies_are_numbered_over_all_and_know_their_place),
        cmocka_unit_test(a_comment_ends_at_a_lone_carriage_return),
        cmocka_unit_test(empty_texts_are_empty_sets),
        cmocka_unit_test(effects_and_variables_are_ordinary_words_elsewhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
