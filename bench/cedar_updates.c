/* SPDX-License-Identifier: Apache-2.0 */
/*
 * New versions of entity stores: bench/cedar_updates [MOST [PUBLISHES]]
 *
 * Stores of 1 k to 1 M users with three attributes, each in two groups of about twenty members.
 * Every publish has one change, and the version before is given back after it, as a service would.
 * The mean has in it the times when the store is copied whole; the longest is one of these, if
 * there was one. "bytes" is what a version keeps beside the one before.
 */
#include "cedar_bench.h"

struct store {
    cedar_engine *engine;
    cedar_scratch *scratch;
    cedar_entities *entities;
    struct memory memory;
    struct random random;
    unsigned users;
    unsigned groups;
    unsigned added;
};

enum change { SET_ATTRIBUTE, MOVE_USER, MOVE_GROUP, ADD_USER, DELETE_USER, CHANGES };

static const char *const names[CHANGES] = {
    "attribute of a user", "user to other groups", "group of twenty moved", "new user",
    "user deleted",
};

static void load(struct store *s) {
    struct text json = {0};
    for (unsigned i = 0; i < s->users; i++) {
        unsigned group = random_below(&s->random, s->groups);
        text_add(&json,
                 "%s{\"uid\":{\"type\":\"User\",\"id\":\"u%u\"},\"attrs\":{\"department\":\"%s\","
                 "\"level\":%u,\"active\":true},\"parents\":[{\"type\":\"Group\",\"id\":\"g%u\"},"
                 "{\"type\":\"Group\",\"id\":\"g%u\"}]}",
                 i == 0 ? "[" : ",", i, random_below(&s->random, 2) ? "research" : "sales",
                 random_below(&s->random, 100), group, (group + 1) % s->groups);
    }
    text_add(&json, "]");
    check(cedar_entities_parse_json(s->engine, text_str(&json), NULL, NULL, &s->entities, NULL),
          "entities");
    text_free(&json);
}

static const cedar_value *attributes(struct store *s) {
    const cedar_value *values[3];
    cedar_str keys[] = {cedar_str_from("department"), cedar_str_from("level"),
                        cedar_str_from("active")};
    const cedar_value *record;
    check(cedar_value_string(s->scratch, cedar_str_from("research"), &values[0]), "string");
    check(cedar_value_long(s->scratch, random_below(&s->random, 100), &values[1]), "long");
    check(cedar_value_bool(s->scratch, true, &values[2]), "bool");
    check(cedar_value_record(s->scratch, keys, values, 3, &record), "record");
    return record;
}

static void change(struct store *s, cedar_entities_update *update, enum change what) {
    char id[24];
    char group_ids[2][24];
    cedar_uid groups[2];
    unsigned group = random_below(&s->random, s->groups);
    for (unsigned i = 0; i < 2; i++) {
        snprintf(group_ids[i], sizeof group_ids[i], "g%u", (group + i) % s->groups);
        groups[i] = (cedar_uid){cedar_str_from("Group"), cedar_str_from(group_ids[i])};
    }
    snprintf(id, sizeof id, "u%u",
             what == ADD_USER ? s->users + s->added++ : random_below(&s->random, s->users));
    cedar_entity entity = {.uid = {cedar_str_from("User"), cedar_str_from(id)},
                           .parents = groups,
                           .parent_count = 2,
                           .attrs = attributes(s)};
    cedar_entity known;
    cedar_status found = cedar_entities_get(s->scratch, s->entities, entity.uid, &known);
    if (what == DELETE_USER) {
        check(cedar_entities_update_delete(update, entity.uid), "delete");
        return;
    }
    if (what == SET_ATTRIBUTE && found == CEDAR_OK) {
        entity.parents = known.parents;
        entity.parent_count = known.parent_count;
    }
    snprintf(group_ids[1], sizeof group_ids[1], "o%u", random_below(&s->random, 1000));
    cedar_uid above = {cedar_str_from("Organisation"), cedar_str_from(group_ids[1])};
    if (what == MOVE_GROUP) {
        entity = (cedar_entity){.uid = groups[0], .parents = &above, .parent_count = 1};
    } else {
        snprintf(group_ids[1], sizeof group_ids[1], "g%u", (group + 1) % s->groups);
    }
    check(cedar_entities_update_upsert(update, &entity, NULL), "upsert");
}

static int compare_times(const void *a, const void *b) {
    const uint64_t *left = a;
    const uint64_t *right = b;
    return (*left > *right) - (*left < *right);
}

static void run_change(struct store *s, enum change what, unsigned publishes) {
    uint64_t *times = must(malloc(publishes * sizeof *times));
    uint64_t *bytes = must(malloc(publishes * sizeof *bytes));
    uint64_t total = 0;
    for (unsigned i = 0; i < publishes; i++) {
        cedar_entities *next;
        cedar_entities_update *update;
        size_t before = s->memory.bytes;
        uint64_t start = now_ns();
        check(cedar_entities_update_new(s->entities, NULL, &update), "update");
        change(s, update, what);
        check(cedar_entities_update_publish(update, &next, NULL), "publish");
        cedar_entities_update_free(update);
        cedar_scratch_reset(s->scratch);
        bytes[i] = s->memory.bytes > before ? s->memory.bytes - before : 0;
        cedar_entities_unref(s->entities);
        s->entities = next;
        times[i] = now_ns() - start;
        total += times[i];
    }
    qsort(times, publishes, sizeof *times, compare_times);
    qsort(bytes, publishes, sizeof *bytes, compare_times);
    printf("%8u  %-22s median %7.1f us  mean %7.1f us  longest %9.1f us  %5.0f bytes\n", s->users,
           names[what], (double)times[publishes / 2] / 1e3, (double)total / publishes / 1e3,
           (double)times[publishes - 1] / 1e3, (double)bytes[publishes / 2]);
    free(times);
    free(bytes);
}

static void run_size(unsigned users, unsigned publishes) {
    struct store s = {.users = users, .groups = users / 10 + 2, .random = {users}};
    s.engine = counted_engine(&s.memory);
    check(cedar_scratch_new(s.engine, 0, &s.scratch), "scratch");
    load(&s);
    for (enum change what = 0; what < CHANGES; what++) {
        run_change(&s, what, publishes);
    }
    cedar_entities_unref(s.entities);
    cedar_scratch_free(s.scratch);
    cedar_engine_unref(s.engine);
}

int main(int argc, char **argv) {
    unsigned most = argc > 1 ? (unsigned)atoi(argv[1]) : 1000000;
    unsigned publishes = argc > 2 ? (unsigned)atoi(argv[2]) : 10000;
    for (unsigned users = 1000; users <= most; users *= users < 100000 ? 100 : 10) {
        run_size(users, publishes);
    }
    return 0;
}
