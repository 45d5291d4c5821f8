/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONFORMANCE_CORPUS_H
#define CONFORMANCE_CORPUS_H
/*
 * The parts of the conformance runner: finding cases and running one. Test code; out of memory
 * ends the program. corpus_run_case may be called from several threads at once.
 */
#include "base/compiler.h"

#include <cedar.h>

struct corpus_cases {
    size_t count;
    size_t capacity;
    char **paths;
};

/* Cases below DIR/cases, or below DIR; `words` ends with NULL. False when DIR cannot be read. */
bool corpus_find_cases(const char *dir, char *const *words, struct corpus_cases *ret);
void corpus_free_cases(struct corpus_cases *cases);

struct corpus_counts {
    size_t passed; /* requests and verdicts of validation */
    size_t failed;
};

typedef void corpus_show(void *ctx, const char *text);

/* A file that is JSON but no case adds nothing. */
void corpus_run_case(cedar_engine *engine, const char *path, corpus_show *show, void *ctx,
                     struct corpus_counts *ret);

#endif
