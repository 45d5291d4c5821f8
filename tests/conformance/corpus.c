/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a directory of conformance cases through the public interface of libcedar.
 *
 *     corpus DIR [WORD…]       cases below DIR (DIR/cases, if there is one); with words, only
 *                              those whose path contains one of them
 *
 * A case is a JSON object with `requests`; it names files with policies, entities and a schema,
 * looked for beside it. Requests that ask for it are validated. Decisions are compared exactly,
 * reasons and errors as sets. The policies are validated against the schema, in the modes for
 * which verdicts are known. When a case does not load, all of its requests have failed. The last
 * line is `N passed, N failed`, counting requests and verdicts; exit status 1 when one failed or
 * none ran.
 */
#include "corpus.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { THREADS_MAX = 8, SHOWN_MAX = 100 };

struct run {
    const struct corpus_cases *cases;
    cedar_engine *engine;
    atomic_size_t next;
    atomic_size_t done;
    atomic_size_t passed;
    atomic_size_t failed;
    atomic_size_t shown;
    bool is_terminal;
};

static void show(void *ctx, const char *text) {
    struct run *run = ctx;
    size_t before = atomic_fetch_add(&run->shown, 1);
    if (before < SHOWN_MAX) {
        printf("%s%s\n", run->is_terminal ? "\r\033[K" : "", text);
    } else if (before == SHOWN_MAX) {
        printf("… and more\n");
    }
}

static void show_progress(struct run *run) {
    size_t done = atomic_fetch_add(&run->done, 1) + 1;
    if (run->is_terminal && (done % 50 == 0 || done == run->cases->count)) {
        printf("\r%zu of %zu cases", done, run->cases->count);
        IGNORE(fflush(stdout)); /* progress only */
    }
}

static void *work(void *ctx) {
    struct run *run = ctx;
    for (;;) {
        size_t index = atomic_fetch_add(&run->next, 1);
        if (index >= run->cases->count) {
            return NULL;
        }
        struct corpus_counts counts = {0};
        corpus_run_case(run->engine, run->cases->paths[index], show, run, &counts);
        atomic_fetch_add(&run->passed, counts.passed);
        atomic_fetch_add(&run->failed, counts.failed);
        show_progress(run);
    }
}

static void run_all(struct run *run) {
    pthread_t threads[THREADS_MAX];
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    size_t wanted = processors < 1 ? 1 : (size_t)processors;
    size_t count = 0;
    while (count + 1 < wanted && count < THREADS_MAX) {
        if (pthread_create(&threads[count], NULL, work, run) != 0) {
            break; /* fewer threads, same result */
        }
        count++;
    }
    work(run);
    for (size_t i = 0; i < count; i++) {
        pthread_join(threads[i], NULL);
    }
}

int main(int argc, char **argv) {
    if (argc < 2) {
        fprintf(stderr, "usage: %s DIR [WORD...]\n", argv[0]);
        return 2;
    }
    struct corpus_cases cases = {0};
    if (!corpus_find_cases(argv[1], argv + 2, &cases)) {
        fprintf(stderr, "%s: cannot be read\n", argv[1]);
        return 2;
    }
    struct run run = {.cases = &cases, .is_terminal = isatty(STDOUT_FILENO) == 1};
    if (cedar_engine_new(NULL, &run.engine) != CEDAR_OK) {
        fprintf(stderr, "out of memory\n");
        return 2;
    }
    run_all(&run);
    cedar_engine_unref(run.engine);
    corpus_free_cases(&cases);
    size_t passed = atomic_load(&run.passed);
    size_t failed = atomic_load(&run.failed);
    printf("%s%zu passed, %zu failed\n", run.is_terminal ? "\r\033[K" : "", passed, failed);
    return failed == 0 && passed > 0 ? 0 : 1;
}
