/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Growing stores of entities: bench/cedar_entities [MOST]
 *
 * Half are users in two of many groups, half documents in two folders; each has three attributes
 * and two parents. Memory is what the store keeps. Decisions are asked of random users and
 * documents, so a large store also shows what the caches of the machine cannot hold; "again" is
 * the time when the same 256 requests are asked in turn.
 */
#include "cedar_bench.h"

enum { FEW = 256, MANY = 20000, ROUNDS = 7 };

static const char policies_text[] =
    "permit(principal in Group::\"g1\", action == Action::\"view\", resource);\n"
    "permit(principal, action in [Action::\"view\", Action::\"edit\"], resource in Folder::\"f2\")"
    " when { resource.owner == principal };\n"
    "permit(principal is User, action == Action::\"view\", resource is Document)"
    " when { resource.level <= principal.level && principal.department == \"research\" };\n"
    "forbid(principal, action, resource) when { resource.level > 90 };\n";

static cedar_entities *load(cedar_engine *engine, unsigned count) {
    struct text json = {0};
    struct random r = {count};
    unsigned groups = count / 20 + 1;
    text_add(&json, "[");
    for (unsigned i = 0; i < count; i++) {
        bool is_user = i % 2 == 0;
        text_add(&json, "%s{\"uid\":{\"type\":\"%s\",\"id\":\"%c%u\"},\"attrs\":{",
                 i == 0 ? "" : ",", is_user ? "User" : "Document", is_user ? 'u' : 'd', i / 2);
        if (is_user) {
            text_add(&json, "\"department\":\"%s\",\"level\":%u,\"active\":true",
                     random_below(&r, 2) ? "research" : "sales", random_below(&r, 100));
        } else {
            text_add(&json,
                     "\"owner\":{\"__entity\":{\"type\":\"User\",\"id\":\"u%u\"}},\"level\":%u,"
                     "\"title\":\"document %u\"",
                     random_below(&r, count / 2), random_below(&r, 100), i / 2);
        }
        char prefix = is_user ? 'g' : 'f';
        const char *type = is_user ? "Group" : "Folder";
        unsigned first = random_below(&r, groups);
        text_add(&json,
                 "},\"parents\":[{\"type\":\"%s\",\"id\":\"%c%u\"},{\"type\":\"%s\",\"id\":"
                 "\"%c%u\"}]}",
                 type, prefix, first, type, prefix, (first + 1) % groups);
    }
    text_add(&json, "]");
    cedar_entities *entities;
    check(cedar_entities_parse_json(engine, text_str(&json), NULL, NULL, &entities, NULL),
          "entities");
    text_free(&json);
    return entities;
}

static double measure(cedar_policies *policies, cedar_entities *entities, cedar_scratch *scratch,
                      const struct numbered (*uids)[3], size_t count) {
    double best = 1e18;
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t start = now_ns();
        for (size_t i = 0; i < MANY; i++) {
            const struct numbered *of = uids[i % count];
            cedar_request request = {
                .principal = of[0].uid, .action = of[1].uid, .resource = of[2].uid};
            cedar_response response;
            check(cedar_authorize(policies, entities, &request, scratch, &response), "authorize");
            cedar_scratch_reset(scratch);
        }
        double time = (double)(now_ns() - start) / MANY;
        best = time < best ? time : best;
    }
    return best;
}

static void run_size(unsigned count) {
    static struct numbered uids[MANY][3];
    struct memory memory = {0};
    cedar_engine *engine = counted_engine(&memory);
    cedar_policies *policies;
    cedar_scratch *scratch;
    check(cedar_policies_parse(engine, cedar_str_from(policies_text), NULL, &policies, NULL),
          "policies");
    check(cedar_scratch_new(engine, 0, &scratch), "scratch");
    size_t before = memory.bytes;
    uint64_t start = now_ns();
    cedar_entities *entities = load(engine, count);
    double seconds = (double)(now_ns() - start) / 1e9;
    size_t bytes = memory.bytes - before;
    struct random r = {count};
    for (unsigned i = 0; i < MANY; i++) {
        numbered_set(&uids[i][0], "User", "u", random_below(&r, count / 2));
        uids[i][1].uid = (cedar_uid){cedar_str_from("Action"),
                                     cedar_str_from(random_below(&r, 2) ? "view" : "edit")};
        numbered_set(&uids[i][2], "Document", "d", random_below(&r, count / 2));
    }
    const struct numbered(*all)[3] = (const struct numbered(*)[3])uids;
    printf("%7u entities  %4.0f bytes each  %7.0f entities/s loaded  %4.0f ns per decision, "
           "again %4.0f ns\n",
           count, (double)bytes / count, count / seconds,
           measure(policies, entities, scratch, all, MANY),
           measure(policies, entities, scratch, all, FEW));
    cedar_scratch_free(scratch);
    cedar_entities_unref(entities);
    cedar_policies_unref(policies);
    cedar_engine_unref(engine);
}

int main(int argc, char **argv) {
    unsigned most = argc > 1 ? (unsigned)atoi(argv[1]) : 1000000;
    for (unsigned count = 1000; count <= most; count *= 10) {
        run_size(count);
    }
    return 0;
}
