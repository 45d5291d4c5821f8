/* SPDX-License-Identifier: Apache-2.0 */
#ifndef POLICY_PDP_SNAPSHOT_H
#define POLICY_PDP_SNAPSHOT_H
/*
 * What decisions are made from: one policy set, its schema and its entities, checked as a whole.
 *
 * Immutable once built, except for the per-policy counters, which are atomics. Shared between
 * threads by reference count. A build either succeeds completely or leaves nothing behind: one
 * file that does not parse refuses the whole directory, because a forbid could be missing.
 */
#include <cedar.h>

#include <stdatomic.h>

#include "base/buf.h"
#include "policy/pdp/source.h"

struct policy_counters {
    _Atomic uint64_t determined; /* decisions this policy was a reason of */
    _Atomic uint64_t errors;
};

struct snapshot {
    _Atomic uint64_t references;
    uint64_t generation; /* 1, 2, … ; also sent as X-Policy-Epoch */
    uint64_t identity;   /* of the files it was built from */
    int64_t loaded_ms;
    cedar_policies *policies;
    cedar_entities *entities;
    cedar_schema *schema;   /* or NULL */
    cedar_report *warnings; /* of the validation; or NULL */
    size_t policy_count;
    struct policy_counters *counters; /* one per policy */
};

/* On failure *reterr has the first finding as "file:line:column: message", line and column also
 * as numbers. */
err snapshot_build(cedar_engine *engine, const char *directory, struct snapshot **ret,
                   struct error *reterr) MUST_CHECK;
struct snapshot *snapshot_ref(struct snapshot *snapshot);
void snapshot_unref(struct snapshot *snapshot); /* accepts NULL */

/* "documents.cedar:3:7: unexpected token `a`; expected `(`". */
void finding_format(struct buf *out, cedar_finding finding);
/* The same for the first error in a report, and how many there are besides. */
void report_format(struct buf *out, const cedar_report *report);

#endif
