/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Made-up cases for the comparison with the reference, one JSON object per line:
 * generate [--seed S] [--first N] [--cases N] [--op NAME]
 *
 *     {"n":17,"op":"isAuthorized","input":{…}}
 *
 * Case n of seed s is always the same, whatever comes before it.
 */
#include "cases.h"

#include "base/assert.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 64 << 20 };

static const struct kind *pick_kind(struct maker *m, const char *op) {
    unsigned total = 0;
    for (size_t i = 0; i < kind_count; i++) {
        total += op == NULL || strcmp(op, kinds[i].op) == 0 ? kinds[i].weight : 0;
    }
    ASSERT(total > 0);
    unsigned at = pick(m, total);
    for (size_t i = 0; i < kind_count; i++) {
        unsigned weight = op == NULL || strcmp(op, kinds[i].op) == 0 ? kinds[i].weight : 0;
        if (at < weight) {
            return &kinds[i];
        }
        at -= weight;
    }
    return &kinds[0];
}

static void generate(struct maker *m, cedar_engine *engine, uint64_t seed, uint64_t number,
                     const char *op) {
    m->state = (seed + 1) * UINT64_C(0x9e3779b97f4a7c15) ^ number * UINT64_C(0xd6e8feb86659fd93);
    maker_next(m);
    struct world world;
    world_make(m, &world);
    const struct kind *kind = pick_kind(m, op);
    kind->say_input(m, &world, engine);
    str input = maker_take(m, 0);
    printf("{\"n\":%llu,\"op\":\"%s\",\"input\":%.*s}\n", (unsigned long long)number, kind->op,
           STR_FMT(input));
}

static const char *option(int argc, char **argv, const char *name, const char *otherwise) {
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], name) == 0) {
            return argv[i + 1];
        }
    }
    return otherwise;
}

int main(int argc, char **argv) {
    uint64_t seed = strtoull(option(argc, argv, "--seed", "0"), NULL, 10);
    uint64_t first = strtoull(option(argc, argv, "--first", "0"), NULL, 10);
    uint64_t cases = strtoull(option(argc, argv, "--cases", "1000"), NULL, 10);
    cedar_engine *engine;
    if (cedar_engine_new(NULL, &engine) != CEDAR_OK) {
        return 1;
    }
    struct arena arena;
    arena_init(&arena, allocator_libc(), (size_t)TEXT_MAX * 4);
    struct maker maker = {.arena = &arena};
    buf_init(&maker.out, allocator_libc(), TEXT_MAX);
    for (uint64_t i = first; i < first + cases; i++) {
        generate(&maker, engine, seed, i, option(argc, argv, "--op", NULL));
        arena_clear(&arena);
    }
    buf_done(&maker.out);
    arena_done(&arena);
    cedar_engine_unref(engine);
    return ferror(stdout) != 0 || fflush(stdout) != 0;
}
