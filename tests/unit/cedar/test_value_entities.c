/* SPDX-License-Identifier: Apache-2.0 */
/* The entity store: closure, cycles, duplicates, stores on top of stores. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cedar/value/entities.h"

static const struct hash_key key = {3, 4};

/* A store whose entities are single letters. */
struct letters {
    struct arena arena;
    struct uid uids[256];
    struct entity_builder builder;
    const struct entities *store;
};

static void letters_init(struct letters *l, const struct entities *base) {
    static char names[256];
    arena_init(&l->arena, allocator_libc(), 256 << 20);
    for (size_t i = 0; i < ARRAY_LEN(l->uids); i++) {
        names[i] = (char)i;
        l->uids[i] = uid_make(&key, STR("T"), str_make(&names[i], 1));
    }
    assert_int_equal(entity_builder_init(&l->builder, &l->arena, &key, base), ERR_OK);
}

static const struct value_record *one_field(struct letters *l) {
    const struct value_field field = {STR("x"), value_long(1)};
    struct value record;
    assert_int_equal(value_record_make(&l->arena, &field, 1, &record), ERR_OK);
    return record.record;
}

static err add_letter(struct letters *l, char name, const char *parents) {
    const struct uid *list[16];
    size_t count = 0;
    for (; parents[count] != '\0'; count++) {
        list[count] = &l->uids[(unsigned char)parents[count]];
    }
    return entity_builder_add(&l->builder, &l->uids[(unsigned char)name], NULL, NULL, list, count);
}

/* "a:bc b:d" adds a with parents b and c, and b with parent d. */
static void add_all(struct letters *l, const char *text) {
    while (*text != '\0') {
        char parents[16] = {0};
        char name = *text;
        text += 2;
        for (size_t i = 0; *text != ' ' && *text != '\0'; i++) {
            parents[i] = *text++;
        }
        assert_int_equal(add_letter(l, name, parents), ERR_OK);
        text += *text == ' ';
    }
}

static void finish(struct letters *l) {
    assert_int_equal(entity_builder_finish(&l->builder, &l->store, NULL), ERR_OK);
}

static bool is_in(const struct letters *l, char name, char ancestor) {
    return entities_is_in(l->store, &l->uids[(unsigned char)name],
                          &l->uids[(unsigned char)ancestor]);
}

/* `name` is in exactly these and itself. */
static void expect_ancestors(const struct letters *l, char name, const char *ancestors) {
    for (char c = 'a'; c <= 'z'; c++) {
        bool expected = c == name || strchr(ancestors, c) != NULL;
        if (is_in(l, name, c) != expected) {
            fail_msg("%c in %c should be %d", name, c, expected);
        }
    }
}

static void ancestors_are_closed(void **state) {
    IGNORE(state);
    struct letters l;
    letters_init(&l, NULL);
    add_all(&l, "a:bc b:d c:d d:e f:");
    finish(&l);
    expect_ancestors(&l, 'a', "bcde");
    expect_ancestors(&l, 'b', "de");
    expect_ancestors(&l, 'd', "e");
    expect_ancestors(&l, 'e', "");
    expect_ancestors(&l, 'f', "");
    expect_ancestors(&l, 'z', "");
    assert_int_equal(entities_count(l.store), 5);
    arena_done(&l.arena);
}

static void absent_parents_count_but_lead_nowhere(void **state) {
    IGNORE(state);
    struct letters l;
    letters_init(&l, NULL);
    add_all(&l, "a:m b:c");
    finish(&l);
    expect_ancestors(&l, 'a', "m");
    assert_null(entities_find(l.store, &l.uids['m']));
    assert_non_null(entities_find(l.store, &l.uids['a']));
    arena_done(&l.arena);
}

static void cycles_are_refused_with_a_member_named(void **state) {
    IGNORE(state);
    static const struct {
        const char *entities;
        const char *on_cycle;
    } cases[] = {
        {"a:a", "a"},
        {"a:b b:a", "ab"},
        {"x:a a:b b:c c:a", "abc"},
        {"a:b b:c c:d d:b", "bcd"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct letters l;
        letters_init(&l, NULL);
        add_all(&l, cases[i].entities);
        const struct uid *cycle = NULL;
        const struct entities *store = NULL;
        assert_int_equal(entity_builder_finish(&l.builder, &store, &cycle), ERR_SYNTAX);
        assert_null(store);
        assert_non_null(cycle);
        assert_non_null(strchr(cases[i].on_cycle, uid_id(cycle).ptr[0]));
        arena_done(&l.arena);
    }
}

/* `count` uids in the arena: T::"0", T::"1", … */
static struct uid *numbers(struct arena *a, size_t count) {
    struct uid *uids = ARENA_ARRAY(a, struct uid, count);
    for (size_t i = 0; i < count; i++) {
        str id;
        assert_int_equal(arena_format(a, &id, "%zu", i), ERR_OK);
        uids[i] = uid_make(&key, STR("T"), id);
    }
    return uids;
}

static void a_long_chain_needs_no_stack_and_no_order(void **state) {
    IGNORE(state);
    enum { LENGTH = 1500 };
    for (int is_upside_down = 0; is_upside_down < 2; is_upside_down++) {
        struct arena a;
        arena_init(&a, allocator_libc(), 256 << 20);
        struct uid *uids = numbers(&a, LENGTH + 1);
        struct entity_builder builder;
        assert_int_equal(entity_builder_init(&builder, &a, &key, NULL), ERR_OK);
        for (size_t i = 0; i < LENGTH; i++) {
            size_t at = is_upside_down ? LENGTH - 1 - i : i;
            const struct uid *parent[] = {&uids[at + 1]};
            assert_int_equal(entity_builder_add(&builder, &uids[at], NULL, NULL, parent, 1),
                             ERR_OK);
        }
        const struct entities *store;
        assert_int_equal(entity_builder_finish(&builder, &store, NULL), ERR_OK);
        assert_int_equal(entities_find(store, &uids[0])->ancestor_count, LENGTH);
        assert_true(entities_is_in(store, &uids[0], &uids[LENGTH]));
        assert_false(entities_is_in(store, &uids[LENGTH], &uids[0]));
        arena_done(&a);
    }
}

/* A megabyte of JSON could otherwise keep a thread busy for seconds. */
static void a_store_on_top_takes_fewer_steps(void **state) {
    IGNORE(state);
    enum { LENGTH = 3000 };
    for (int is_on_top = 0; is_on_top < 2; is_on_top++) {
        struct letters base;
        letters_init(&base, NULL);
        finish(&base);
        struct uid *uids = numbers(&base.arena, LENGTH + 1);
        struct entity_builder builder;
        assert_int_equal(
            entity_builder_init(&builder, &base.arena, &key, is_on_top ? base.store : NULL),
            ERR_OK);
        for (size_t i = 0; i < LENGTH; i++) {
            const struct uid *parent[] = {&uids[i + 1]};
            assert_int_equal(entity_builder_add(&builder, &uids[i], NULL, NULL, parent, 1), ERR_OK);
        }
        const struct entities *store;
        assert_int_equal(entity_builder_finish(&builder, &store, NULL),
                         is_on_top ? ERR_LIMIT : ERR_OK);
        arena_done(&base.arena);
    }
}

static void the_same_entity_twice_is_accepted_another_is_not(void **state) {
    IGNORE(state);
    struct letters l;
    letters_init(&l, NULL);
    assert_int_equal(add_letter(&l, 'a', "bc"), ERR_OK);
    assert_int_equal(add_letter(&l, 'a', "cb"), ERR_OK);
    assert_int_equal(add_letter(&l, 'a', "bccb"), ERR_OK);
    assert_int_equal(add_letter(&l, 'a', "b"), ERR_EXISTS);
    assert_int_equal(add_letter(&l, 'a', "bcd"), ERR_EXISTS);
    const struct value_record *attrs = one_field(&l);
    assert_int_equal(entity_builder_add(&l.builder, &l.uids['a'], attrs, NULL, NULL, 0),
                     ERR_EXISTS);
    assert_int_equal(entity_builder_add(&l.builder, &l.uids['q'], attrs, NULL, NULL, 0), ERR_OK);
    assert_int_equal(entity_builder_add(&l.builder, &l.uids['q'], NULL, attrs, NULL, 0),
                     ERR_EXISTS);
    finish(&l);
    assert_int_equal(entities_count(l.store), 2);
    arena_done(&l.arena);
}

static void a_store_on_top_sees_and_extends_the_one_below(void **state) {
    IGNORE(state);
    struct letters base;
    letters_init(&base, NULL);
    /* m is mentioned only; the store on top will say what m is in */
    add_all(&base, "a:b b:c k:m c:");
    finish(&base);
    struct letters top;
    letters_init(&top, base.store);
    add_all(&top, "x:a m:n n:b y:k");
    finish(&top);
    expect_ancestors(&top, 'x', "abc");
    expect_ancestors(&top, 'm', "nbc");
    expect_ancestors(&top, 'k', "mnbc");
    expect_ancestors(&top, 'y', "kmnbc");
    expect_ancestors(&top, 'a', "bc");
    expect_ancestors(&base, 'k', "m"); /* as before */
    assert_int_equal(entities_count(top.store), 4);
    assert_ptr_equal(entities_find(top.store, &top.uids['a']),
                     entities_find(base.store, &base.uids['a']));
    arena_done(&top.arena);
    arena_done(&base.arena);
}

static void an_entity_below_may_only_be_repeated(void **state) {
    IGNORE(state);
    struct letters base;
    letters_init(&base, NULL);
    add_all(&base, "a:b");
    finish(&base);
    struct letters top;
    letters_init(&top, base.store);
    assert_int_equal(add_letter(&top, 'a', "b"), ERR_OK);
    assert_int_equal(add_letter(&top, 'a', "c"), ERR_EXISTS);
    finish(&top);
    assert_int_equal(entities_count(top.store), 0);
    arena_done(&top.arena);
    arena_done(&base.arena);
}

static void a_cycle_through_both_stores_is_refused(void **state) {
    IGNORE(state);
    struct letters base;
    letters_init(&base, NULL);
    add_all(&base, "a:m");
    finish(&base);
    struct letters top;
    letters_init(&top, base.store);
    add_all(&top, "m:a");
    assert_int_equal(entity_builder_finish(&top.builder, &top.store, NULL), ERR_SYNTAX);
    arena_done(&top.arena);
    arena_done(&base.arena);
}

static void add_parents(struct letters *l, char name, char parent) {
    const struct uid *list[] = {&l->uids[(unsigned char)parent]};
    assert_int_equal(
        entity_builder_add_parents(&l->builder, &l->uids[(unsigned char)name], list, 1), ERR_OK);
}

static void parents_can_be_added_wherever_the_entity_is(void **state) {
    IGNORE(state);
    struct letters base;
    letters_init(&base, NULL);
    const struct value_record *attrs = one_field(&base);
    const struct uid *parent[] = {&base.uids['b']};
    assert_int_equal(entity_builder_add(&base.builder, &base.uids['a'], attrs, NULL, parent, 1),
                     ERR_OK);
    add_all(&base, "c:a");
    finish(&base);
    struct letters top;
    letters_init(&top, base.store);
    add_all(&top, "t:u");
    add_parents(&top, 'a', 'g'); /* below */
    add_parents(&top, 'a', 'h');
    add_parents(&top, 'a', 'b'); /* has it already */
    add_parents(&top, 't', 'g'); /* here */
    add_parents(&top, 'z', 'g'); /* nowhere */
    finish(&top);
    expect_ancestors(&top, 'a', "bgh");
    expect_ancestors(&top, 'c', "abgh");
    expect_ancestors(&top, 't', "ug");
    expect_ancestors(&top, 'z', "g");
    expect_ancestors(&base, 'c', "ab");
    const struct entity *copy = entities_find(top.store, &top.uids['a']);
    assert_int_equal(value_record_count(copy->attrs), 1);
    assert_int_equal(copy->parent_count, 3);
    arena_done(&top.arena);
    arena_done(&base.arena);
}

/* Against a plain search over random graphs without cycles, split between two stores. */
static void closure_agrees_with_a_plain_search(void **state) {
    IGNORE(state);
    uint32_t random = 99;
    for (int round = 0; round < 200; round++) {
        bool reach[26][26] = {{false}};
        struct letters base;
        struct letters top;
        letters_init(&base, NULL);
        char parents[26][16];
        for (int i = 25; i >= 0; i--) { /* edges go to later letters only */
            size_t count = 0;
            for (int j = i + 1; j < 26 && count < 4; j++) {
                random = random * 1664525u + 1013904223u;
                if (random >> 28 < 2) {
                    parents[i][count++] = (char)('a' + j);
                    reach[i][j] = true;
                    for (int k = 0; k < 26; k++) {
                        reach[i][k] = reach[i][k] || reach[j][k];
                    }
                }
            }
            parents[i][count] = '\0';
        }
        for (int i = 0; i < 26; i += 2) {
            assert_int_equal(add_letter(&base, (char)('a' + i), parents[i]), ERR_OK);
        }
        finish(&base);
        letters_init(&top, base.store);
        for (int i = 1; i < 26; i += 2) {
            assert_int_equal(add_letter(&top, (char)('a' + i), parents[i]), ERR_OK);
        }
        finish(&top);
        for (int i = 0; i < 26; i++) {
            for (int j = 0; j < 26; j++) {
                assert_int_equal(is_in(&top, (char)('a' + i), (char)('a' + j)),
                                 i == j || reach[i][j]);
            }
        }
        arena_done(&top.arena);
        arena_done(&base.arena);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ancestors_are_closed),
        cmocka_unit_test(absent_parents_count_but_lead_nowhere),
        cmocka_unit_test(cycles_are_refused_with_a_member_named),
        cmocka_unit_test(a_long_chain_needs_no_stack_and_no_order),
        cmocka_unit_test(a_store_on_top_takes_fewer_steps),
        cmocka_unit_test(the_same_entity_twice_is_accepted_another_is_not),
        cmocka_unit_test(a_store_on_top_sees_and_extends_the_one_below),
        cmocka_unit_test(an_entity_below_may_only_be_repeated),
        cmocka_unit_test(a_cycle_through_both_stores_is_refused),
        cmocka_unit_test(parents_can_be_added_wherever_the_entity_is),
        cmocka_unit_test(closure_agrees_with_a_plain_search),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
