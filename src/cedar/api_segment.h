/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_API_SEGMENT_H
#define CEDAR_API_SEGMENT_H
/*
 * Segments: what policy sets are made of.
 *
 * A segment is an immutable program together with what is told about its policies. It is counted
 * by references and shared by sets; a set is a list of segments one after the other, of which some
 * policies may be hidden. A link keeps its template: either the template is in the same
 * segment, or the segment has a copy of it that is hidden.
 *
 *     api_segment.c         what is in a segment
 *     api_segment_build.c   making one, from trees or from other segments
 *     api_policy_set.c      sets of segments: looking up
 *     api_policy_scope.c    … heads of policies
 *     api_policy_merge.c    … putting together
 *     api_policy_rename.c   … with other ids
 */
#include "cedar/api_int.h"

#include "cedar/compile/append.h"
#include "cedar/json/policy.h"

/* Beside each policy of the program. */
struct policy_record {
    uint32_t source; /* of the text; of a link: the number of its template, which has the rest */
    uint32_t start;  /* of the policy in the source's text */
    uint32_t len;
    uint32_t line;
    uint32_t column;
    uint32_t offset; /* in the text that it came from, when that is not here: a piece */
    uint32_t depth;  /* nesting of its conditions */
    uint32_t nodes;  /* expressions in them */
    uint32_t clauses;
    uint32_t notes; /* + 1: its annotations; 0: none */
    uint32_t link;  /* + 1; 0: no link */
};

struct segment_source {
    str name;
    str text;
    bool is_pieces; /* policies of a text that is not here, each by itself */
};

struct segment_notes {
    size_t count;
    const cedar_annotation *items;
};

struct segment_link {
    cedar_link link;
    cedar_slot_value values[2];
};

/* Numbers of policies by id: upper half of the hash, number + 1. */
struct id_table {
    uint64_t *slots;
    size_t slot_count; /* a power of two, or 0 */
    size_t count;
};

struct segment {
    atomic_size_t refs;
    cedar_engine *engine;
    struct arena arena;
    struct program program;
    const struct policy_record *records; /* parallel to program.policies */
    const struct segment_source *sources;
    const struct segment_notes *notes;
    const struct segment_link *links;
    struct id_table ids;
    size_t copy_count; /* of templates that were never meant to be seen here */
};

#define SEGMENT_NONE UINT32_MAX
/* First piece of memory: most sets are small. */
enum { SEGMENT_CHUNK = 1024 };

struct segment *segment_ref(struct segment *segment);
void segment_unref(struct segment *segment);

/* The number of the policy with that id, hidden or not; or SEGMENT_NONE. */
uint32_t segment_find(const struct segment *segment, str id);
/* Where a policy stands, for findings about it. */
struct policy_place {
    str name;
    str text;                         /* its source, or as much of it as is there */
    uint32_t start;                   /* of the policy in `text` */
    const struct diag_origin *origin; /* of `text` in the source; NULL at its beginning */
};
/* `room` is for the origin, and must live as long as the place. */
struct policy_place segment_place(const struct segment *segment, uint32_t number,
                                  struct diag_origin *room);

cedar_policy_info segment_info(const struct segment *segment, uint32_t number);

uint32_t id_table_find(const struct id_table *table, const struct program_policy *policies,
                       uint64_t hash, str id);

/* Where the policies of a segment stand in a set. */
struct policy_part {
    struct segment *segment;
    size_t first; /* index of the first one that is not hidden */
    size_t count; /* of those */
};

struct cedar_policies {
    atomic_size_t refs;
    cedar_engine *engine;
    size_t size; /* of this object, with the lists behind it */
    size_t count;
    size_t part_count;
    struct policy_part *parts;
    struct decide_piece *pieces; /* of the parts: programs and what is hidden of them */
};

/* A segment and what is hidden of it, on the way into a set. */
struct policies_piece {
    struct segment *take_segment;
    const uint32_t *hidden; /* in order; copied */
    size_t hidden_count;
};

/* A set of these pieces in this order; the segments belong to it from now on, also on failure.
 * Segments that are small beside what comes before them are put together with it, and one of
 * which much is hidden is made anew, so that there are never many. */
err policies_new(cedar_engine *engine, const struct policies_piece *pieces, size_t count,
                 cedar_policies **ret) MUST_CHECK;
/* The parts of a set as pieces, with references of their own; `ret` has room for them. */
void policies_pieces(const cedar_policies *policies, struct policies_piece *ret);

/* Whether any id is in use in both: costs what the smaller set costs. */
bool policies_share_ids(const cedar_policies *a, const cedar_policies *b);

/* The segment and number of the policy with that index, which is less than the count. */
const struct segment *policies_locate(const cedar_policies *policies, size_t index,
                                      uint32_t *ret_number);

#endif
