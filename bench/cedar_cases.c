/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Times requests that another program writes to standard input (cedar_wasm.mjs does).
 *
 * Input is a row of strings, each as its length in decimal, a line feed, and its bytes. A case is:
 * policies, schema (empty: none), entities, number of requests, and for each request the types and
 * ids of principal, action and resource, and the context. For each request a line is printed:
 * `allow` or `deny`, and the nanoseconds of one cedar_authorize with everything parsed before
 * (the best of ROUNDS means of BLOCK calls).
 */
#include "cedar_bench.h"

enum { BLOCK = 64, ROUNDS = 5, STRING_MAX = 1 << 26 };

static bool read_string(struct text *t) {
    unsigned long len;
    text_free(t);
    if (scanf("%lu", &len) != 1 || len > STRING_MAX || getchar() != '\n') {
        return false;
    }
    t->ptr = must(malloc(len + 1));
    t->len = fread(t->ptr, 1, len, stdin);
    t->ptr[t->len] = '\0';
    return t->len == len;
}

static void need_string(struct text *t) {
    if (!read_string(t)) {
        fprintf(stderr, "the input ends too early\n");
        exit(1);
    }
}

struct setting {
    cedar_policies *policies;
    cedar_schema *schema;
    cedar_entities *entities;
    cedar_scratch *scratch;
    cedar_scratch *contexts;
};

static void time_request(struct setting *s, struct text *parts) {
    cedar_request request = {
        .principal = {text_str(&parts[0]), text_str(&parts[1])},
        .action = {text_str(&parts[2]), text_str(&parts[3])},
        .resource = {text_str(&parts[4]), text_str(&parts[5])},
    };
    cedar_response response = {0};
    check(cedar_context_parse_json(s->contexts, text_str(&parts[6]), s->schema, &request.action,
                                   &request.context, NULL),
          "context");
    double best = 1e18;
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t start = now_ns();
        for (int i = 0; i < BLOCK; i++) {
            cedar_scratch_reset(s->scratch);
            check(cedar_authorize(s->policies, s->entities, &request, s->scratch, &response),
                  "authorize");
        }
        double time = (double)(now_ns() - start) / BLOCK;
        best = time < best ? time : best;
    }
    printf("%s %.0f\n", response.decision == CEDAR_ALLOW ? "allow" : "deny", best);
    cedar_scratch_reset(s->contexts);
}

static void time_case(cedar_engine *engine, struct setting *s, const struct text *policies) {
    struct text parts[7] = {{0}};
    need_string(&parts[0]);
    need_string(&parts[1]);
    check(cedar_policies_parse(engine, text_str(policies), NULL, &s->policies, NULL), "policies");
    s->schema = NULL;
    if (parts[0].len > 0) {
        check(cedar_schema_parse(engine, text_str(&parts[0]), CEDAR_FORMAT_CEDAR, NULL, &s->schema,
                                 NULL),
              "schema");
    }
    check(
        cedar_entities_parse_json(engine, text_str(&parts[1]), s->schema, NULL, &s->entities, NULL),
        "entities");
    need_string(&parts[0]);
    for (int count = atoi(parts[0].ptr); count > 0; count--) {
        for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
            need_string(&parts[i]);
        }
        time_request(s, parts);
    }
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        text_free(&parts[i]);
    }
    cedar_entities_unref(s->entities);
    cedar_schema_unref(s->schema);
    cedar_policies_unref(s->policies);
}

int main(void) {
    cedar_engine *engine;
    struct setting s = {0};
    struct text policies = {0};
    check(cedar_engine_new(NULL, &engine), "engine");
    check(cedar_scratch_new(engine, 0, &s.scratch), "scratch");
    check(cedar_scratch_new(engine, 0, &s.contexts), "scratch");
    while (read_string(&policies)) {
        time_case(engine, &s, &policies);
    }
    text_free(&policies);
    cedar_scratch_free(s.contexts);
    cedar_scratch_free(s.scratch);
    cedar_engine_unref(engine);
    return 0;
}
