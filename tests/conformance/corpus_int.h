/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONFORMANCE_CORPUS_INT_H
#define CONFORMANCE_CORPUS_INT_H
/*
 * What the files that run one case share.
 */
#include "corpus.h"

#include "base/json.h"

/* One case while it runs. */
struct unit {
    cedar_engine *engine;
    const char *path;
    corpus_show *show;
    void *ctx;
    struct arena arena;
    str text; /* of the case file */
    cedar_schema *schema;
    cedar_policies *policies;
    cedar_entities *entities;
    cedar_scratch *scratch;
};

extern const struct json_limits corpus_json_limits;

void corpus_say(const struct unit *u, const char *format, ...) PRINTF_LIKE(2, 3);
bool corpus_read_file(struct arena *a, const char *path, str *ret);

/* Counts one for each verdict that there is for the case. */
void corpus_validate(struct unit *u, const struct json *document, struct corpus_counts *counts);

#endif
