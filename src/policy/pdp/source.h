/* SPDX-License-Identifier: Apache-2.0 */
#ifndef POLICY_PDP_SOURCE_H
#define POLICY_PDP_SOURCE_H
/*
 * The policy directory as one consistent reading of its files.
 *
 * Policies are `*.cedar` anywhere below the directory, in byte order of their relative path;
 * the schema is `*.cedarschema` or `*.cedarschema.json` (at most one file), entities are
 * `entities.json` at the top. Names that begin with a dot are skipped, symbolic links are
 * followed: that is how Kubernetes mounts a ConfigMap (`..data` is swapped as a whole). The
 * files' identities are compared before and after reading, so that a swap in between is noticed
 * and the reading repeated.
 *
 * Everything lives in the caller's arena. Blocking; never called on an event loop.
 */
#include "base/arena.h"

struct source_file {
    str path; /* relative to the directory */
    str text;
};

struct source {
    const struct source_file *policies;
    size_t policy_count;
    struct source_file entities; /* absent text when there is none */
    struct source_file schema;   /* likewise */
    bool schema_is_json;
};

/* A number that changes when any file of the directory appears, vanishes or changes. Cheap:
 * looks at names, inodes, sizes and times only. */
err source_identity(const char *directory, uint64_t *ret, struct error *reterr) MUST_CHECK;

err source_read(struct arena *a, const char *directory, struct source *ret, uint64_t *ret_identity,
                struct error *reterr) MUST_CHECK;

#endif
