/* SPDX-License-Identifier: Apache-2.0 */
/* The table of uids: building, changed copies, all items. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "cedar/value/uid_table.h"

static const struct hash_key key = {3, 4};

struct thing {
    struct uid uid;
    unsigned version;
};

struct world {
    struct arena arena;
    struct arena tables;
    struct pack pack; /* in it */
    struct uid *uids;
};

static void world_init(struct world *w, size_t count) {
    arena_init(&w->arena, allocator_libc(), (size_t)1 << 30);
    arena_init(&w->tables, allocator_libc(), (size_t)1 << 30);
    pack_init(&w->pack, &w->tables, 0);
    w->uids = ARENA_ARRAY(&w->arena, struct uid, count);
    for (size_t i = 0; i < count; i++) {
        str id;
        assert_int_equal(arena_format(&w->arena, &id, "%zu", i), ERR_OK);
        w->uids[i] = uid_make(&key, STR("T"), id);
    }
}

static void world_done(struct world *w) {
    arena_done(&w->arena);
    arena_done(&w->tables);
}

static const struct uid *thing(struct world *w, size_t number, unsigned version) {
    struct thing *made = ARENA_NEW(&w->arena, struct thing);
    assert_non_null(made);
    *made = (struct thing){w->uids[number], version};
    return &made->uid;
}

static unsigned version_of(const struct uid_table *table, const struct uid *uid) {
    const struct uid *found = uid_table_find(table, uid);
    return found == NULL ? 0 : ((const struct thing *)(const void *)found)->version;
}

static void build(struct world *w, struct uid_table *table, size_t count) {
    const struct uid **items = ARENA_ARRAY(&w->arena, const struct uid *, count);
    for (size_t i = 0; i < count; i++) {
        items[i] = thing(w, i, 1);
    }
    assert_int_equal(uid_table_build(table, &w->pack, &w->arena, items, count), ERR_OK);
}

static void tables_of_every_size_find_what_is_in_them(void **state) {
    IGNORE(state);
    static const size_t sizes[] = {0, 1, 2, 48, 49, 100, 1000, 6200, 6300, 100000, 250000};
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        struct world w;
        struct uid_table table;
        world_init(&w, sizes[i] + 1000);
        build(&w, &table, sizes[i]);
        assert_int_equal(table.count, sizes[i]);
        for (size_t k = 0; k < sizes[i] + 1000; k++) {
            assert_int_equal(version_of(&table, &w.uids[k]), k < sizes[i]);
        }
        struct uid_table_cursor cursor;
        size_t seen = 0;
        uid_table_each(&cursor, &table);
        while (uid_table_next(&cursor) != NULL) {
            seen++;
        }
        assert_int_equal(seen, sizes[i]);
        world_done(&w);
    }
}

static void the_promised_size_is_enough_and_not_much_too_much(void **state) {
    IGNORE(state);
    for (size_t count = 1; count < 100000; count = count * 3 + 1) {
        struct world w;
        struct uid_table table;
        world_init(&w, count);
        struct arena own;
        arena_init(&own, allocator_libc(), (size_t)1 << 30);
        struct pack pack;
        size_t size = uid_table_size(count);
        pack_init(&pack, &own, SIZE_MAX / 2);
        const struct uid **items = ARENA_ARRAY(&w.arena, const struct uid *, count);
        for (size_t i = 0; i < count; i++) {
            items[i] = &w.uids[i];
        }
        assert_int_equal(uid_table_build(&table, &pack, &w.arena, items, count), ERR_OK);
        size_t taken = SIZE_MAX / 2 - pack.expected;
        assert_true(taken <= size);
        assert_true(size - taken <= 64 + size / 4);
        arena_done(&own);
        world_done(&w);
    }
}

/* Random puts and removals on copies of copies, each version against a plain array. */
static void copies_change_and_leave_the_old_ones_as_they_were(void **state) {
    IGNORE(state);
    enum { UIDS = 600, VERSIONS = 200 };
    static const size_t starts[] = {0, 1, 40, 300, 500};
    uint32_t random = 7;
    for (size_t start = 0; start < ARRAY_LEN(starts); start++) {
        static unsigned expected[VERSIONS][UIDS];
        static struct uid_table tables[VERSIONS];
        struct world w;
        world_init(&w, UIDS);
        build(&w, &tables[0], starts[start]);
        for (size_t i = 0; i < UIDS; i++) {
            expected[0][i] = i < starts[start];
        }
        for (unsigned v = 1; v < VERSIONS; v++) {
            tables[v] = tables[v - 1];
            memcpy(expected[v], expected[v - 1], sizeof expected[v]);
            for (int change = 0; change < 20; change++) {
                random = random * 1664525u + 1013904223u;
                size_t i = (random >> 8) % UIDS;
                bool is_removal = (random >> 28) < 6;
                expected[v][i] = is_removal ? 0 : v + 1;
                err error =
                    is_removal
                        ? uid_table_remove(&tables[v], &w.pack, &w.uids[i], &tables[v])
                        : uid_table_put(&tables[v], &w.pack, thing(&w, i, v + 1), &tables[v]);
                assert_int_equal(error, ERR_OK);
            }
        }
        for (size_t v = 0; v < VERSIONS; v++) {
            size_t count = 0;
            for (size_t i = 0; i < UIDS; i++) {
                count += expected[v][i] != 0;
                assert_int_equal(version_of(&tables[v], &w.uids[i]), expected[v][i]);
            }
            assert_int_equal(tables[v].count, count);
        }
        world_done(&w);
    }
}

static void items_are_told_by_the_upper_half_of_their_hash(void **state) {
    IGNORE(state);
    struct world w;
    struct uid_table table;
    world_init(&w, 5000);
    build(&w, &table, 5000);
    for (size_t i = 0; i < 5000; i++) {
        struct uid_table_cursor cursor;
        uid_table_each_marked(&cursor, &table, (uint32_t)(w.uids[i].hash >> 32));
        size_t seen = 0;
        bool is_told = false;
        const struct uid *item;
        while ((item = uid_table_next(&cursor)) != NULL) {
            seen++;
            is_told = is_told || uid_equal(item, &w.uids[i]);
        }
        assert_true(is_told);
        assert_true(seen < 10);
    }
    world_done(&w);
}

/* When a put fails for want of memory, the version it started from is as it was. */
static void a_full_arena_is_an_error(void **state) {
    IGNORE(state);
    struct world w;
    struct uid_table table;
    world_init(&w, 5000);
    build(&w, &table, 4000);
    struct arena small;
    struct pack pack;
    arena_init(&small, allocator_libc(), 8192);
    pack_init(&pack, &small, 0);
    struct uid_table copy = table;
    err error = ERR_OK;
    for (size_t i = 4000; i < 5000 && error == ERR_OK; i++) {
        error = uid_table_put(&copy, &pack, &w.uids[i], &copy);
    }
    assert_int_equal(error, ERR_LIMIT);
    for (size_t i = 0; i < 5000; i++) {
        assert_int_equal(version_of(&table, &w.uids[i]), i < 4000);
    }
    arena_done(&small);
    world_done(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_of_every_size_find_what_is_in_them),
        cmocka_unit_test(the_promised_size_is_enough_and_not_much_too_much),
        cmocka_unit_test(copies_change_and_leave_the_old_ones_as_they_were),
        cmocka_unit_test(items_are_told_by_the_upper_half_of_their_hash),
        cmocka_unit_test(a_full_arena_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
