/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Policy sets put together of segments, and taken apart.
 *
 * Segments become fewer and larger by themselves: each has at least RATIO times as many policies
 * as the one behind it, so a set of n policies has about log n of them, and a policy is copied
 * about RATIO times for each. What is hidden goes away when its segment is made anew.
 */
#include "cedar/api_segment_build.h"

enum {
    RATIO = 16,
    HIDDEN_FEW = 32, /* not worth making a segment anew */
    HIDDEN_PART = 4, /* of this part of its policies it is */
};

static void unref_pieces(const struct policies_piece *pieces, size_t count) {
    for (size_t i = 0; i < count; i++) {
        segment_unref(pieces[i].take_segment);
    }
}

static size_t live_count(const struct policies_piece *piece) {
    return piece->take_segment->program.count - piece->hidden_count;
}

/* ---- a set of pieces as they are ---- */

/* Of a set with its parts, pieces and lists of hidden policies. False: too large. */
static bool size_of(const struct policies_piece *pieces, size_t count, size_t *ret) {
    size_t each = sizeof(struct policy_part) + sizeof(struct decide_piece);
    size_t size = sizeof(cedar_policies);
    size_t bytes;
    if (MUL_OVERFLOWS(count, each, &bytes) || ADD_OVERFLOWS(size, bytes, &size)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (MUL_OVERFLOWS(pieces[i].hidden_count, sizeof(uint32_t), &bytes) ||
            ADD_OVERFLOWS(size, bytes, &size)) {
            return false;
        }
    }
    *ret = size;
    return true;
}

static void fill(cedar_policies *policies, const struct policies_piece *pieces, size_t count) {
    policies->parts = (struct policy_part *)(void *)(policies + 1);
    policies->pieces = (struct decide_piece *)(void *)(policies->parts + count);
    policies->part_count = count;
    uint32_t *hidden = (uint32_t *)(void *)(policies->pieces + count);
    for (size_t i = 0; i < count; i++) {
        struct segment *segment = pieces[i].take_segment;
        size_t hidden_count = pieces[i].hidden_count;
        policies->parts[i] = (struct policy_part){
            .segment = segment,
            .first = policies->count,
            .count = live_count(&pieces[i]),
        };
        policies->pieces[i] = (struct decide_piece){
            .program = &segment->program,
            .hidden = hidden,
            .hidden_count = hidden_count,
        };
        if (hidden_count > 0) {
            memcpy(hidden, pieces[i].hidden, hidden_count * sizeof *hidden);
        }
        hidden += hidden_count;
        policies->count += policies->parts[i].count;
    }
}

static err make_set(cedar_engine *engine, const struct policies_piece *pieces, size_t count,
                    cedar_policies **ret) {
    size_t size;
    if (!size_of(pieces, count, &size) || size > engine->max_object_bytes) {
        unref_pieces(pieces, count);
        return ERR_LIMIT;
    }
    cedar_policies *policies = allocator_new(&engine->allocator, size);
    if (policies == NULL) {
        unref_pieces(pieces, count);
        return ERR_NOMEM;
    }
    atomic_init(&policies->refs, 1);
    policies->engine = cedar_engine_ref(engine);
    policies->size = size;
    fill(policies, pieces, count);
    *ret = policies;
    return ERR_OK;
}

/* ---- putting together ---- */

static err append_all(struct segment_builder *b, const struct policies_piece *pieces, size_t count,
                      struct number_list *hidden) {
    for (size_t i = 0; i < count; i++) {
        struct segment_piece piece = {
            .segment = pieces[i].take_segment,
            .hidden = pieces[i].hidden,
            .hidden_count = pieces[i].hidden_count,
        };
        TRY(segment_append(b, &piece, hidden));
    }
    return ERR_OK;
}

/* One segment of all; lists of hidden policies live in the arena. The pieces stay the caller's. */
static err put_together(cedar_engine *engine, struct arena *a, const struct policies_piece *pieces,
                        size_t count, struct policies_piece *ret) {
    struct segment_builder *b;
    struct number_list hidden = {.arena = a};
    struct segment *segment;
    TRY(segment_builder_new(engine, &b));
    err error = append_all(b, pieces, count, &hidden);
    if (error == ERR_OK) {
        error = segment_finish(b, &segment);
    }
    segment_builder_free(b);
    TRY(error);
    segment->copy_count = hidden.numbers.count;
    *ret = (struct policies_piece){segment, hidden.numbers.items, hidden.numbers.count};
    return ERR_OK;
}

/* Neighbours that become one segment. */
struct run {
    size_t first;
    size_t count;
    size_t live;
};

static bool is_too_hidden(const struct policies_piece *piece) {
    size_t copies = piece->take_segment->copy_count;
    size_t removed = piece->hidden_count > copies ? piece->hidden_count - copies : 0;
    return removed > HIDDEN_FEW && removed > live_count(piece) / HIDDEN_PART;
}

/* Runs, each with enough more policies than the one behind it; segments without any are left out.
 */
static size_t find_runs(const struct policies_piece *pieces, size_t count, struct run *runs) {
    size_t run_count = 0;
    for (size_t i = 0; i < count; i++) {
        struct run run = {i, 1, live_count(&pieces[i])};
        if (run.live == 0) {
            continue;
        }
        while (run_count > 0 && run.live >= runs[run_count - 1].live / RATIO) {
            const struct run *last = &runs[--run_count];
            run = (struct run){last->first, i + 1 - last->first, last->live + run.live};
        }
        runs[run_count++] = run;
    }
    return run_count;
}

/* *ret_done counts the pieces made, each with a reference of its own. */
static err make_pieces(cedar_engine *engine, struct arena *a, const struct policies_piece *pieces,
                       const struct run *runs, size_t run_count, struct policies_piece *made,
                       size_t *ret_done) {
    for (size_t i = 0; i < run_count; i++) {
        const struct policies_piece *first = &pieces[runs[i].first];
        if (runs[i].count > 1 || is_too_hidden(first)) {
            TRY(put_together(engine, a, first, runs[i].count, &made[i]));
        } else {
            made[i] = *first;
            segment_ref(first->take_segment);
        }
        *ret_done = i + 1;
    }
    return ERR_OK;
}

static err tidy(cedar_engine *engine, struct arena *a, const struct policies_piece *pieces,
                size_t count, cedar_policies **ret) {
    struct run *runs = ARENA_ARRAY(a, struct run, count);
    struct policies_piece *made = ARENA_ARRAY(a, struct policies_piece, count);
    size_t done = 0;
    if (runs == NULL || made == NULL) {
        return arena_error(a);
    }
    size_t run_count = find_runs(pieces, count, runs);
    err error = make_pieces(engine, a, pieces, runs, run_count, made, &done);
    if (error != ERR_OK) {
        unref_pieces(made, done);
        return error;
    }
    return make_set(engine, made, run_count, ret);
}

err policies_new(cedar_engine *engine, const struct policies_piece *pieces, size_t count,
                 cedar_policies **ret) {
    if (count == 1 && !is_too_hidden(&pieces[0])) {
        return make_set(engine, pieces, 1, ret);
    }
    struct arena arena;
    api_arena_init(&arena, engine);
    err error = tidy(engine, &arena, pieces, count, ret);
    arena_done(&arena);
    unref_pieces(pieces, count);
    return error;
}

void policies_pieces(const cedar_policies *policies, struct policies_piece *ret) {
    for (size_t i = 0; i < policies->part_count; i++) {
        const struct decide_piece *piece = &policies->pieces[i];
        ret[i] = (struct policies_piece){
            .take_segment = segment_ref(policies->parts[i].segment),
            .hidden = piece->hidden,
            .hidden_count = piece->hidden_count,
        };
    }
}

/* ---- removing ---- */

/* Whether a link that is to be seen was made of the template. */
static bool has_links(const cedar_policies *policies, str template_id) {
    for (size_t i = 0; i < policies->part_count; i++) {
        const struct segment *segment = policies->parts[i].segment;
        uint32_t template = segment_find(segment, template_id);
        for (uint32_t n = 0; template != SEGMENT_NONE && n < segment->program.count; n++) {
            const struct policy_record *record = &segment->records[n];
            if (record->link != 0 && record->source == template &&
                !decide_is_hidden(&policies->pieces[i], n)) {
                return true;
            }
        }
    }
    return false;
}

/* One more hidden policy in the piece of `segment`. */
static err hide(struct arena *a, struct policies_piece *pieces, const struct segment *segment,
                uint32_t number) {
    while (pieces->take_segment != segment) {
        pieces++;
    }
    uint32_t *hidden = ARENA_ARRAY(a, uint32_t, pieces->hidden_count + 1);
    if (hidden == NULL) {
        return arena_error(a);
    }
    size_t below = 0;
    for (; below < pieces->hidden_count && pieces->hidden[below] < number; below++) {
        hidden[below] = pieces->hidden[below];
    }
    hidden[below] = number;
    for (size_t i = below; i < pieces->hidden_count; i++) {
        hidden[i + 1] = pieces->hidden[i];
    }
    pieces->hidden = hidden;
    pieces->hidden_count++;
    return ERR_OK;
}

static err without(const cedar_policies *policies, struct arena *a, size_t index,
                   cedar_policies **ret) {
    uint32_t number;
    const struct segment *segment = policies_locate(policies, index, &number);
    struct policies_piece *pieces = ARENA_ARRAY(a, struct policies_piece, policies->part_count);
    if (pieces == NULL) {
        return arena_error(a);
    }
    policies_pieces(policies, pieces);
    err error = hide(a, pieces, segment, number);
    if (error != ERR_OK) {
        unref_pieces(pieces, policies->part_count);
        return error;
    }
    return policies_new(policies->engine, pieces, policies->part_count, ret);
}

cedar_status cedar_policies_remove(const cedar_policies *policies, cedar_str id,
                                   cedar_policies **ret_policies, cedar_report **ret_report) {
    if (ret_report != NULL) {
        *ret_report = NULL;
    }
    if (policies == NULL || ret_policies == NULL || api_is_bad(id)) {
        return CEDAR_ERR_MISUSE;
    }
    size_t index = cedar_policies_find(policies, id);
    if (index == SIZE_MAX) {
        return CEDAR_ERR_NOT_FOUND;
    }
    uint32_t number;
    const struct segment *segment = policies_locate(policies, index, &number);
    if (segment->program.policies[number].is_template && has_links(policies, api_str(id))) {
        return CEDAR_ERR_EXISTS;
    }
    struct arena arena;
    api_arena_init(&arena, policies->engine);
    err error = without(policies, &arena, index, ret_policies);
    arena_done(&arena);
    return api_status(error);
}
