/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decisions per second in process on the demo set: bench/decide DIRECTORY [SECONDS]
 *
 * Policies and entities are loaded once; the loop asks a fixed round of questions with contexts
 * parsed beforehand, so only cedar_authorize is measured. Prints one line of JSON.
 */
#define _GNU_SOURCE
#include <cedar.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static char *read_file(const char *path) {
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        exit(1);
    }
    size_t size = 0;
    size_t capacity = 1 << 16;
    char *text = malloc(capacity);
    while (text != NULL && !feof(file)) {
        size += fread(text + size, 1, capacity - size - 1, file);
        if (size + 1 == capacity) {
            capacity *= 2;
            text = realloc(text, capacity);
        }
    }
    fclose(file);
    if (text == NULL) {
        exit(1);
    }
    text[size] = '\0';
    return text;
}

static void check(cedar_status status, const char *what) {
    if (status != CEDAR_OK) {
        fprintf(stderr, "%s: %s\n", what, cedar_status_name(status));
        exit(1);
    }
}

static cedar_uid uid(const char *type, const char *id) {
    cedar_uid made = {cedar_str_from(type), cedar_str_from(id)};
    return made;
}

static uint64_t now_ns(void) {
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

int main(int argc, char **argv) {
    const char *directory = argc > 1 ? argv[1] : "demo/policies";
    double seconds = argc > 2 ? atof(argv[2]) : 3;
    char path[4096];
    cedar_engine *engine;
    cedar_policies *policies;
    cedar_entities *entities;
    cedar_scratch *scratch;
    cedar_scratch *contexts;
    check(cedar_engine_new(NULL, &engine), "engine");
    snprintf(path, sizeof path, "%s/documents.cedar", directory);
    char *text = read_file(path);
    check(cedar_policies_parse(engine, cedar_str_from(text), path, &policies, NULL), "policies");
    snprintf(path, sizeof path, "%s/entities.json", directory);
    char *json = read_file(path);
    check(cedar_entities_parse_json(engine, cedar_str_from(json), NULL, path, &entities, NULL),
          "entities");
    check(cedar_scratch_new(engine, 0, &scratch), "scratch");
    check(cedar_scratch_new(engine, 0, &contexts), "scratch");
    const cedar_value *export_context;
    check(cedar_context_parse_json(contexts,
                                   cedar_str_from("{\"pages\":10,\"source_ip\":{\"__extn\":{"
                                                  "\"fn\":\"ip\",\"arg\":\"10.1.2.3\"}}}"),
                                   NULL, NULL, &export_context, NULL),
          "context");
    const cedar_request requests[] = {
        {.principal = uid("User", "bob"),
         .action = uid("Action", "view"),
         .resource = uid("Document", "handbook")},
        {.principal = uid("User", "alice"),
         .action = uid("Action", "edit"),
         .resource = uid("Document", "roadmap")},
        {.principal = uid("User", "bob"),
         .action = uid("Action", "delete"),
         .resource = uid("Document", "contract")},
        {.principal = uid("User", "alice"),
         .action = uid("Action", "export"),
         .resource = uid("Document", "roadmap"),
         .context = export_context},
    };
    const size_t round = sizeof requests / sizeof requests[0];
    uint64_t count = 0;
    uint64_t allowed = 0;
    uint64_t begin = now_ns();
    uint64_t end = begin + (uint64_t)(seconds * 1e9);
    uint64_t now = begin;
    while (now < end) {
        for (int i = 0; i < 1000; i++, count++) {
            cedar_response response;
            check(cedar_authorize(policies, entities, &requests[count % round], scratch, &response),
                  "authorize");
            allowed += response.decision == CEDAR_ALLOW;
            cedar_scratch_reset(scratch);
        }
        now = now_ns();
    }
    double elapsed = (double)(now - begin) / 1e9;
    printf("{\"policies\":%zu,\"entities\":%zu,\"decisions\":%llu,\"allowed\":%llu,"
           "\"decisions_per_second\":%.0f,\"ns_per_decision\":%.0f}\n",
           cedar_policies_count(policies), cedar_entities_count(entities),
           (unsigned long long)count, (unsigned long long)allowed, (double)count / elapsed,
           elapsed * 1e9 / (double)count);
    cedar_scratch_free(contexts);
    cedar_scratch_free(scratch);
    cedar_entities_unref(entities);
    cedar_policies_unref(policies);
    cedar_engine_unref(engine);
    free(json);
    free(text);
    return 0;
}
