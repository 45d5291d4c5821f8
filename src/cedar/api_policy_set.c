/* SPDX-License-Identifier: Apache-2.0 */
/* Policy sets as lists of segments: references and looking up. */
#include "cedar/api_segment.h"

cedar_policies *cedar_policies_ref(cedar_policies *policies) {
    if (policies != NULL) {
        atomic_fetch_add_explicit(&policies->refs, 1, memory_order_relaxed);
    }
    return policies;
}

void cedar_policies_unref(cedar_policies *policies) {
    if (policies == NULL ||
        atomic_fetch_sub_explicit(&policies->refs, 1, memory_order_acq_rel) != 1) {
        return;
    }
    cedar_engine *engine = policies->engine;
    for (size_t i = 0; i < policies->part_count; i++) {
        segment_unref(policies->parts[i].segment);
    }
    allocator_free(&engine->allocator, policies, policies->size);
    cedar_engine_unref(engine);
}

/* ---- looking up ---- */

/* How many hidden policies have a smaller number. */
static size_t hidden_below(const struct decide_piece *piece, uint32_t number) {
    size_t low = 0;
    size_t high = piece->hidden_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (piece->hidden[middle] < number) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* The number of the n-th policy that is not hidden. */
static uint32_t nth_number(const struct decide_piece *piece, size_t n) {
    size_t low = 0; /* hidden ones before it */
    size_t high = piece->hidden_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (piece->hidden[middle] - middle <= n) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return (uint32_t)(n + low);
}

const struct segment *policies_locate(const cedar_policies *policies, size_t index,
                                      uint32_t *ret_number) {
    size_t i = 0;
    while (index - policies->parts[i].first >= policies->parts[i].count) {
        i++;
    }
    *ret_number = nth_number(&policies->pieces[i], index - policies->parts[i].first);
    return policies->parts[i].segment;
}

size_t cedar_policies_count(const cedar_policies *policies) {
    return policies == NULL ? 0 : policies->count;
}

cedar_policy_info cedar_policies_get(const cedar_policies *policies, size_t index) {
    if (policies == NULL || index >= policies->count) {
        return (cedar_policy_info){.effect = CEDAR_PERMIT};
    }
    uint32_t number;
    const struct segment *segment = policies_locate(policies, index, &number);
    return segment_info(segment, number);
}

size_t cedar_policies_find(const cedar_policies *policies, cedar_str id) {
    if (policies == NULL || api_is_bad(id)) {
        return SIZE_MAX;
    }
    uint64_t hash = hash_bytes(&policies->engine->key, api_str(id));
    for (size_t i = 0; i < policies->part_count; i++) {
        const struct policy_part *part = &policies->parts[i];
        const struct decide_piece *piece = &policies->pieces[i];
        uint32_t number =
            id_table_find(&part->segment->ids, piece->program->policies, hash, api_str(id));
        if (number != SEGMENT_NONE && !decide_is_hidden(piece, number)) {
            return part->first + number - hidden_below(piece, number);
        }
    }
    return SIZE_MAX;
}

bool policies_share_ids(const cedar_policies *a, const cedar_policies *b) {
    const cedar_policies *few = a->count < b->count ? a : b;
    const cedar_policies *many = few == a ? b : a;
    for (size_t i = 0; i < few->count; i++) {
        uint32_t number;
        const struct segment *segment = policies_locate(few, i, &number);
        str id = segment->program.policies[number].id;
        if (cedar_policies_find(many, api_public(id)) != SIZE_MAX) {
            return true;
        }
    }
    return false;
}
