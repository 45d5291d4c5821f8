/* SPDX-License-Identifier: Apache-2.0 */
/* What is in a segment of a policy set. */
#include "cedar/api_segment.h"

struct segment *segment_ref(struct segment *segment) {
    atomic_fetch_add_explicit(&segment->refs, 1, memory_order_relaxed);
    return segment;
}

void segment_unref(struct segment *segment) {
    if (segment == NULL ||
        atomic_fetch_sub_explicit(&segment->refs, 1, memory_order_acq_rel) != 1) {
        return;
    }
    cedar_engine *engine = segment->engine;
    arena_done(&segment->arena);
    allocator_free(&engine->allocator, segment, sizeof *segment);
    cedar_engine_unref(engine);
}

uint32_t id_table_find(const struct id_table *table, const struct program_policy *policies,
                       uint64_t hash, str id) {
    if (table->slot_count == 0) {
        return SEGMENT_NONE;
    }
    size_t mask = table->slot_count - 1;
    for (size_t at = (size_t)(hash >> 32) & mask; table->slots[at] != 0; at = (at + 1) & mask) {
        uint32_t number = (uint32_t)table->slots[at] - 1;
        if (((table->slots[at] ^ hash) >> 32) == 0 && str_same(policies[number].id, id)) {
            return number;
        }
    }
    return SEGMENT_NONE;
}

uint32_t segment_find(const struct segment *segment, str id) {
    return id_table_find(&segment->ids, segment->program.policies,
                         hash_bytes(&segment->engine->key, id), id);
}

cedar_policy_info segment_info(const struct segment *segment, uint32_t number) {
    const struct program_policy *policy = &segment->program.policies[number];
    const struct policy_record *record = &segment->records[number];
    cedar_policy_info info = {.effect = policy->is_forbid ? CEDAR_FORBID : CEDAR_PERMIT};
    if (record->link != 0) {
        info.link = &segment->links[record->link - 1].link;
        record = &segment->records[record->source];
    }
    const struct segment_source *source = &segment->sources[record->source];
    info.id = api_public(policy->id);
    info.is_template = policy->is_template;
    info.source = api_public(source->name);
    info.line = record->line;
    info.column = record->column;
    info.text = api_public(str_make(source->text.ptr + record->start, record->len));
    info.depth = record->depth;
    info.nodes = record->nodes;
    info.clauses = record->clauses;
    if (record->notes != 0) {
        info.annotation_count = segment->notes[record->notes - 1].count;
        info.annotations = segment->notes[record->notes - 1].items;
    }
    return info;
}

struct policy_place segment_place(const struct segment *segment, uint32_t number,
                                  struct diag_origin *room) {
    const struct policy_record *record = &segment->records[number];
    if (record->link != 0) {
        record = &segment->records[record->source];
    }
    const struct segment_source *source = &segment->sources[record->source];
    struct policy_place place = {source->name, source->text, record->start, NULL};
    if (source->is_pieces) {
        *room = (struct diag_origin){record->offset, record->line, record->column};
        place.text = str_make(source->text.ptr + record->start, record->len);
        place.start = 0;
        place.origin = room;
    }
    return place;
}
