/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Updates of entity stores: the bytes say what is put, deleted, published, rebuilt, and from which
 * version an update starts. Every version is what a store made afresh from the same entities is;
 * an update is refused exactly when making the store afresh is; older versions stay what they were.
 */
#include "fuzz.h"

#include "cedar/value/entities.h"

enum { THINGS = 14, PARENTS = 3, VERSIONS = 6, OPERATIONS_MAX = 80, MEMORY_MAX = 64 << 20 };

static const struct hash_key key = {0x0123456789abcdef, 0xfedcba9876543210};
static const char names[] = "abcdefghijklmn";

struct thing {
    bool is_there;
    uint8_t attr;
    uint8_t parent_count;
    uint8_t parents[PARENTS];
};

struct version {
    struct thing things[THINGS];
    const struct entities *store; /* NULL: none yet */
};

struct world {
    const uint8_t *data;
    size_t size;
    struct arena arena; /* of all versions */
    struct uid uids[THINGS];
    struct version versions[VERSIONS];
    size_t newest;
};

static uint8_t next(struct world *w) {
    if (w->size == 0) {
        return 0;
    }
    w->size--;
    return *w->data++;
}

static const struct value_record *attrs_of(struct arena *a, const struct world *w, uint8_t attr) {
    const struct value_field fields[] = {
        {STR("n"), value_long(attr)},
        {STR("who"), value_entity(&w->uids[attr % THINGS])},
    };
    struct value record;
    FUZZ_CHECK(value_record_make(a, fields, attr % 3, &record) == ERR_OK);
    return record.record;
}

static void put(struct entity_builder *builder, const struct world *w, size_t i,
                const struct thing *thing) {
    const struct uid *parents[PARENTS];
    for (size_t k = 0; k < thing->parent_count; k++) {
        parents[k] = &w->uids[thing->parents[k]];
    }
    FUZZ_CHECK(entity_builder_add(builder, &w->uids[i], attrs_of(builder->arena, w, thing->attr),
                                  attrs_of(builder->arena, w, thing->attr / 3), parents,
                                  thing->parent_count) == ERR_OK);
}

static err make_afresh(struct arena *a, const struct world *w, const struct thing *things,
                       const struct entities **ret) {
    struct entity_builder builder;
    const struct entities *finished;
    FUZZ_CHECK(entity_builder_init(&builder, a, &key, NULL) == ERR_OK);
    for (size_t i = 0; i < THINGS; i++) {
        if (things[i].is_there) {
            put(&builder, w, i, &things[i]);
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

static void check_same(const struct world *w, const struct entities *left,
                       const struct entities *right) {
    FUZZ_CHECK(entities_count(left) == entities_count(right));
    for (size_t i = 0; i < THINGS; i++) {
        const struct entity *one = entities_find(left, &w->uids[i]);
        const struct entity *other = entities_find(right, &w->uids[i]);
        FUZZ_CHECK((one == NULL) == (other == NULL));
        for (size_t k = 0; k < THINGS; k++) {
            FUZZ_CHECK(entities_is_in(left, &w->uids[i], &w->uids[k]) ==
                       entities_is_in(right, &w->uids[i], &w->uids[k]));
        }
        if (one != NULL) {
            FUZZ_CHECK(same_records(one->attrs, other->attrs));
            FUZZ_CHECK(same_records(one->tags, other->tags));
            FUZZ_CHECK(one->ancestor_count == other->ancestor_count);
            FUZZ_CHECK(one->parent_count == other->parent_count);
            for (size_t k = 0; k < one->parent_count; k++) {
                FUZZ_CHECK(uid_equal(entity_parent(one, k), entity_parent(other, k)));
            }
        }
    }
}

/* One change, to the things and to the update. */
static void change(struct world *w, struct entity_builder *builder, struct thing *things) {
    uint8_t what = next(w);
    size_t i = next(w) % THINGS;
    if (what % 4 == 0) {
        things[i] = (struct thing){.is_there = false};
        FUZZ_CHECK(entity_builder_delete(builder, &w->uids[i]) == ERR_OK);
    } else {
        things[i].is_there = true;
        things[i].attr = what / 4;
        if (what % 4 != 1) { /* the parents stay */
            uint8_t edges = next(w);
            things[i].parent_count = edges % (PARENTS + 1);
            for (size_t k = 0; k < things[i].parent_count; k++) {
                things[i].parents[k] = next(w) % THINGS;
            }
        }
        put(builder, w, i, &things[i]);
    }
    FUZZ_CHECK(entity_builder_has(builder, &w->uids[i]) == things[i].is_there);
}

static void update(struct world *w, const struct version *from) {
    struct arena temp;
    struct entity_builder builder;
    struct version to = *from;
    arena_init(&temp, allocator_libc(), MEMORY_MAX);
    FUZZ_CHECK(entity_builder_init_update(&builder, &temp, &key, from->store) == ERR_OK);
    for (uint8_t count = next(w) % 6; count > 0; count--) {
        change(w, &builder, to.things);
    }
    const struct entities *finished;
    const struct entities *fresh = NULL;
    err expected = make_afresh(&temp, w, to.things, &fresh);
    err result = entity_builder_finish(&builder, &finished, NULL);
    FUZZ_CHECK(result == expected && (result == ERR_OK || result == ERR_SYNTAX));
    if (result == ERR_OK) {
        FUZZ_CHECK(entities_freeze_update(&builder, &w->arena, &to.store) == ERR_OK);
        check_same(w, to.store, fresh);
        w->newest = (w->newest + 1) % VERSIONS;
        w->versions[w->newest] = to;
    }
    arena_done(&temp);
}

static void rebuild(struct world *w, struct version *version) {
    struct arena temp;
    const struct entities *rebuilt;
    arena_init(&temp, allocator_libc(), MEMORY_MAX);
    FUZZ_CHECK(entities_rebuild(version->store, &key, &temp, &w->arena, &rebuilt) == ERR_OK);
    check_same(w, version->store, rebuilt);
    version->store = rebuilt;
    arena_done(&temp);
}

static void check_versions(struct world *w) {
    for (size_t i = 0; i < VERSIONS; i++) {
        if (w->versions[i].store != NULL) {
            struct arena temp;
            const struct entities *fresh;
            arena_init(&temp, allocator_libc(), MEMORY_MAX);
            FUZZ_CHECK(make_afresh(&temp, w, w->versions[i].things, &fresh) == ERR_OK);
            check_same(w, w->versions[i].store, fresh);
            arena_done(&temp);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct world w = {.data = data, .size = size};
    arena_init(&w.arena, allocator_libc(), MEMORY_MAX);
    for (size_t i = 0; i < THINGS; i++) {
        w.uids[i] = uid_make(&key, i % 2 == 0 ? STR("A") : STR("B::C"), str_make(&names[i], 1));
    }
    FUZZ_CHECK(make_afresh(&w.arena, &w, w.versions[0].things, &w.versions[0].store) == ERR_OK);
    for (int i = 0; i < OPERATIONS_MAX && w.size > 0; i++) {
        uint8_t what = next(&w);
        struct version *from = &w.versions[w.newest];
        if (what % 8 == 7 && w.versions[what / 8 % VERSIONS].store != NULL) {
            from = &w.versions[what / 8 % VERSIONS];
        }
        if (what % 8 == 6) {
            rebuild(&w, from);
        } else {
            update(&w, from);
        }
    }
    check_versions(&w);
    arena_done(&w.arena);
    return 0;
}
