/* SPDX-License-Identifier: Apache-2.0 */
/* Changed copies of a store: always what a store made afresh would be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cedar/value/entities.h"

enum { THINGS = 40, PARENTS = 4 };

static const struct hash_key key = {3, 4};

/* What an entity should be, told plainly. */
struct thing {
    bool is_there;
    int attr;
    int tag; /* 0: none */
    size_t parent_count;
    size_t parents[PARENTS];
};

struct world {
    struct arena uid_arena;
    struct uid uids[THINGS];
};

static uint32_t random_state;

static uint32_t below(uint32_t limit) {
    random_state = random_state * 1664525u + 1013904223u;
    return (random_state >> 8) % limit;
}

static void world_init(struct world *w) {
    arena_init(&w->uid_arena, allocator_libc(), 1 << 20);
    for (size_t i = 0; i < THINGS; i++) {
        str id;
        assert_int_equal(arena_format(&w->uid_arena, &id, "%zu", i), ERR_OK);
        w->uids[i] = uid_make(&key, i % 3 == 0 ? STR("Group") : STR("User"), id);
    }
}

static const struct value_record *record(struct arena *a, const struct world *w, str name,
                                         int number) {
    const struct value_field fields[] = {
        {name, value_long(number)},
        {STR("friend"), value_entity(&w->uids[(size_t)number % THINGS])},
        {STR("text"), value_string(STR("a longer text that takes some place"))},
    };
    struct value made;
    assert_int_equal(value_record_make(a, fields, ARRAY_LEN(fields), &made), ERR_OK);
    return made.record;
}

static err add(struct entity_builder *builder, const struct world *w, size_t i,
               const struct thing *thing) {
    const struct uid *parents[PARENTS];
    for (size_t k = 0; k < thing->parent_count; k++) {
        parents[k] = &w->uids[thing->parents[k]];
    }
    return entity_builder_add(
        builder, &w->uids[i], record(builder->arena, w, STR("attr"), thing->attr),
        thing->tag == 0 ? NULL : record(builder->arena, w, STR("tag"), thing->tag), parents,
        thing->parent_count);
}

/* The store made afresh, in `a`. ERR_SYNTAX: a cycle. */
static err make(struct arena *a, const struct world *w, const struct thing *things,
                const struct entities **ret) {
    struct entity_builder builder;
    const struct entities *finished;
    TRY(entity_builder_init(&builder, a, &key, NULL));
    for (size_t i = 0; i < THINGS; i++) {
        if (things[i].is_there) {
            TRY(add(&builder, w, i, &things[i]));
        }
    }
    TRY(entity_builder_finish(&builder, &finished, NULL));
    return entities_freeze(&builder, a, ret);
}

static bool same_records(const struct value_record *a, const struct value_record *b) {
    struct value left = value_record(a);
    struct value right = value_record(b);
    return value_equal(&left, &right);
}

static void expect_same_entity(const struct entity *left, const struct entity *right) {
    assert_int_equal(left == NULL, right == NULL);
    if (left == NULL) {
        return;
    }
    assert_true(uid_equal(&left->uid, &right->uid));
    assert_true(same_records(left->attrs, right->attrs));
    assert_true(same_records(left->tags, right->tags));
    assert_int_equal(left->ancestor_count, right->ancestor_count);
    assert_int_equal(left->parent_count, right->parent_count);
    for (size_t i = 0; i < left->ancestor_count; i++) {
        assert_true(uid_equal(left->ancestors[i], right->ancestors[i]));
        assert_int_equal(entity_marks(left)[i], entity_marks(right)[i]);
    }
    for (size_t i = 0; i < left->parent_count; i++) {
        assert_true(uid_equal(entity_parent(left, i), entity_parent(right, i)));
    }
}

static void expect_same(const struct world *w, const struct entities *left,
                        const struct entities *right) {
    assert_int_equal(entities_count(left), entities_count(right));
    for (size_t i = 0; i < THINGS; i++) {
        expect_same_entity(entities_find(left, &w->uids[i]), entities_find(right, &w->uids[i]));
    }
    struct entities_cursor cursor;
    const struct entity *entity;
    size_t count = 0;
    entities_each(&cursor, left);
    while ((entity = entities_next(&cursor)) != NULL) {
        assert_ptr_equal(entity, entities_find(left, &entity->uid));
        count++;
    }
    assert_int_equal(count, entities_count(left));
}

static void expect_things(const struct world *w, const struct entities *store,
                          const struct thing *things) {
    struct arena a;
    const struct entities *fresh = NULL;
    arena_init(&a, allocator_libc(), 1 << 24);
    assert_int_equal(make(&a, w, things, &fresh), ERR_OK);
    expect_same(w, store, fresh);
    arena_done(&a);
}

/* Changes a thing at random; is_cyclic also lets edges go where they may close a circle. */
static void change(struct thing *thing, size_t i, bool is_cyclic) {
    uint32_t what = below(10);
    if (what == 0) {
        *thing = (struct thing){.is_there = false};
        return;
    }
    if (!thing->is_there || what < 5) {
        thing->parent_count = below(PARENTS);
        for (size_t k = 0; k < thing->parent_count; k++) {
            thing->parents[k] = is_cyclic && below(4) == 0 ? below(THINGS)
                                : i + 1 < THINGS ? i + 1 + below((uint32_t)(THINGS - i - 1))
                                                 : i;
        }
        if (i + 1 == THINGS && !is_cyclic) {
            thing->parent_count = 0;
        }
    }
    thing->is_there = true;
    thing->attr = (int)below(3);
    thing->tag = (int)below(2);
}

static err update(struct arena *temp, struct arena *a, const struct world *w,
                  const struct entities *base, const struct thing *things, const size_t *changed,
                  size_t count, const struct entities **ret) {
    struct entity_builder builder;
    const struct entities *finished;
    TRY(entity_builder_init_update(&builder, temp, &key, base));
    for (size_t i = 0; i < count; i++) {
        size_t at = changed[i];
        if (things[at].is_there) {
            TRY(add(&builder, w, at, &things[at]));
        } else {
            TRY(entity_builder_delete(&builder, &w->uids[at]));
        }
        assert_int_equal(entity_builder_has(&builder, &w->uids[at]), things[at].is_there);
    }
    TRY(entity_builder_finish(&builder, &finished, NULL));
    return entities_freeze_update(&builder, a, ret);
}

struct version {
    struct thing things[THINGS];
    const struct entities *store;
};

/* One update; a cycle leaves everything as it was. True when there is a new version. */
static bool step(const struct world *w, struct arena *a, const struct version *from,
                 struct version *to) {
    struct arena temp;
    size_t changed[5];
    size_t count = 1 + below(ARRAY_LEN(changed));
    bool is_cyclic = below(3) == 0;
    *to = *from;
    for (size_t i = 0; i < count; i++) {
        changed[i] = below(THINGS);
        change(&to->things[changed[i]], changed[i], is_cyclic);
    }
    arena_init(&temp, allocator_libc(), 1 << 24);
    const struct entities *fresh = NULL;
    err expected = make(&temp, w, to->things, &fresh);
    err result = update(&temp, a, w, from->store, to->things, changed, count, &to->store);
    assert_int_equal(result, expected);
    if (result == ERR_OK) {
        expect_same(w, to->store, fresh);
    }
    arena_done(&temp);
    return result == ERR_OK;
}

static void updates_are_what_a_store_made_afresh_would_be(void **state) {
    IGNORE(state);
    enum { RUNS = 20, VERSIONS = 120, STEPS = 200 };
    static struct version versions[VERSIONS];
    size_t refused = 0;
    struct world w;
    world_init(&w);
    for (uint32_t run = 0; run < RUNS; run++) {
        random_state = 77 + run;
        struct arena a;
        arena_init(&a, allocator_libc(), 1 << 26);
        versions[0] = (struct version){.store = NULL};
        for (size_t i = 0; run % 3 != 0 && i < THINGS; i++) {
            change(&versions[0].things[i], i, false);
        }
        assert_int_equal(make(&a, &w, versions[0].things, &versions[0].store), ERR_OK);
        size_t count = 1;
        for (size_t i = 0; i < STEPS && count < VERSIONS; i++) {
            /* mostly on from the newest, at times from an old one */
            size_t from = below(8) == 0 ? below((uint32_t)count) : count - 1;
            bool is_new = step(&w, &a, &versions[from], &versions[count]);
            count += is_new;
            refused += !is_new;
        }
        for (size_t i = 0; i < count; i++) { /* all are still what they were */
            expect_things(&w, versions[i].store, versions[i].things);
        }
        arena_done(&a);
    }
    arena_done(&w.uid_arena);
    assert_true(refused > 20);
}

static void a_rebuilt_store_is_the_same_and_stands_alone(void **state) {
    IGNORE(state);
    struct world w;
    struct arena first;
    struct arena second;
    struct arena temp;
    world_init(&w);
    random_state = 5;
    arena_init(&first, allocator_libc(), 1 << 26);
    arena_init(&second, allocator_libc(), 1 << 26);
    arena_init(&temp, allocator_libc(), 1 << 26);
    struct version version = {.store = NULL};
    assert_int_equal(make(&first, &w, version.things, &version.store), ERR_OK);
    for (size_t i = 0; i < 100; i++) {
        struct version next;
        if (step(&w, &first, &version, &next)) {
            version = next;
        }
    }
    const struct entities *rebuilt = NULL;
    assert_int_equal(entities_rebuild(version.store, &key, &temp, &second, &rebuilt), ERR_OK);
    arena_done(&temp);
    arena_done(&first);
    expect_things(&w, rebuilt, version.things);
    arena_done(&second);
    arena_done(&w.uid_arena);
}

/* Five hundred users in one group: only what is below something that moved is touched. */
static void what_did_not_change_is_shared(void **state) {
    IGNORE(state);
    enum { USERS = 500 };
    struct arena a;
    struct uid uids[USERS + 3];
    arena_init(&a, allocator_libc(), 1 << 26);
    struct entity_builder builder;
    const struct entities *base = NULL;
    const struct entities *finished;
    assert_int_equal(entity_builder_init(&builder, &a, &key, NULL), ERR_OK);
    for (size_t i = 0; i < USERS + 3; i++) {
        str id;
        assert_int_equal(arena_format(&a, &id, "%zu", i), ERR_OK);
        uids[i] = uid_make(&key, STR("T"), id);
    }
    const struct uid *group[] = {&uids[USERS]};
    for (size_t i = 0; i < USERS; i++) {
        assert_int_equal(entity_builder_add(&builder, &uids[i], NULL, NULL, group, 1), ERR_OK);
    }
    assert_int_equal(entity_builder_add(&builder, &uids[USERS], NULL, NULL, NULL, 0), ERR_OK);
    assert_int_equal(entity_builder_finish(&builder, &finished, NULL), ERR_OK);
    assert_int_equal(entities_freeze(&builder, &a, &base), ERR_OK);

    struct value_field field = {STR("x"), value_long(1)};
    struct value attrs;
    assert_int_equal(value_record_make(&a, &field, 1, &attrs), ERR_OK);
    const struct entities *second = NULL;
    assert_int_equal(entity_builder_init_update(&builder, &a, &key, base), ERR_OK);
    assert_int_equal(entity_builder_add(&builder, &uids[USERS], attrs.record, NULL, NULL, 0),
                     ERR_OK);
    assert_int_equal(entity_builder_finish(&builder, &finished, NULL), ERR_OK);
    assert_int_equal(entities_count(finished), 1); /* the group alone */
    assert_int_equal(entities_freeze_update(&builder, &a, &second), ERR_OK);
    for (size_t i = 0; i < USERS; i++) {
        assert_ptr_equal(entities_find(base, &uids[i]), entities_find(second, &uids[i]));
    }

    const struct uid *above[] = {&uids[USERS + 1]};
    const struct entities *third = NULL;
    assert_int_equal(entity_builder_init_update(&builder, &a, &key, second), ERR_OK);
    assert_int_equal(entity_builder_add(&builder, &uids[USERS], attrs.record, NULL, above, 1),
                     ERR_OK);
    assert_int_equal(entity_builder_finish(&builder, &finished, NULL), ERR_OK);
    assert_int_equal(entities_count(finished), USERS + 1);
    assert_int_equal(entities_freeze_update(&builder, &a, &third), ERR_OK);
    for (size_t i = 0; i < USERS; i++) {
        assert_true(entities_is_in(third, &uids[i], &uids[USERS + 1]));
        assert_false(entities_is_in(second, &uids[i], &uids[USERS + 1]));
        assert_ptr_equal(entities_find(third, &uids[i])->attrs,
                         entities_find(base, &uids[i])->attrs);
    }
    arena_done(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(updates_are_what_a_store_made_afresh_would_be),
        cmocka_unit_test(a_rebuilt_store_is_the_same_and_stands_alone),
        cmocka_unit_test(what_did_not_change_is_shared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
