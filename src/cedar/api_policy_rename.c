/* SPDX-License-Identifier: Apache-2.0 */
/* Merging sets that use the same ids. */
#include "cedar/api_policies_int.h"

#include "cedar/ast/equal.h"
#include "cedar/value/sort.h"

struct renaming {
    cedar_scratch *scratch;
    const cedar_policies *a;
    const cedar_policies *b;
    struct arena *temp;
    VEC(cedar_renaming) list;
    struct map by_old_id;        /* number in the list + 1 */
    struct number_list *dropped; /* by part of b: policies that are in `a` already */
    size_t next;                 /* for new ids */
};

static bool has_id(const cedar_policies *policies, cedar_str id) {
    return cedar_policies_find(policies, id) != SIZE_MAX;
}

/* ---- which are the same ---- */

static err is_same_tree(const struct renaming *r, size_t in_a, size_t in_b, bool *ret) {
    struct arena_mark mark = arena_mark(r->temp);
    struct ast_policy left;
    struct ast_policy right;
    TRY(api_policy_tree(r->temp, r->a, in_a, &left));
    TRY(api_policy_tree(r->temp, r->b, in_b, &right));
    *ret = ast_policy_equal(&left, &right);
    arena_reset(r->temp, mark);
    return ERR_OK;
}

static bool is_same_str(cedar_str a, cedar_str b) {
    return str_equal(api_str(a), api_str(b));
}

/* Templates come before links: one that is not renamed is the same in both sets. */
static bool is_same_link(const struct renaming *r, const cedar_link *left,
                         const cedar_link *right) {
    if (!is_same_str(left->template_id, right->template_id) ||
        map_find(&r->by_old_id, api_str(right->template_id)) != NULL) {
        return false;
    }
    for (size_t i = 0; i < left->value_count; i++) { /* of the same slots */
        if (!is_same_str(left->values[i].uid.type, right->values[i].uid.type) ||
            !is_same_str(left->values[i].uid.id, right->values[i].uid.id)) {
            return false;
        }
    }
    return true;
}

static err is_same(const struct renaming *r, size_t in_a, size_t in_b, bool *ret) {
    cedar_policy_info left = cedar_policies_get(r->a, in_a);
    cedar_policy_info right = cedar_policies_get(r->b, in_b);
    if ((left.link == NULL) != (right.link == NULL)) {
        *ret = false;
        return ERR_OK;
    }
    if (left.link != NULL) {
        *ret = is_same_link(r, left.link, right.link);
        return ERR_OK;
    }
    return is_same_tree(r, in_a, in_b, ret);
}

/* ---- new ids ---- */

static err new_id(struct renaming *r, cedar_str *ret) {
    str id;
    do {
        TRY(arena_format(&r->scratch->arena, &id, "policy%zu", r->next++));
    } while (has_id(r->a, api_public(id)) || has_id(r->b, api_public(id)));
    *ret = api_public(id);
    return ERR_OK;
}

static err rename_policy(struct renaming *r, cedar_str old_id) {
    cedar_renaming item;
    str kept;
    TRY(arena_copy(&r->scratch->arena, api_str(old_id), &kept));
    item.old_id = api_public(kept);
    TRY(new_id(r, &item.new_id));
    if (!VEC_PUSH(&r->scratch->arena, &r->list, item)) {
        return arena_error(&r->scratch->arena);
    }
    return map_add(&r->by_old_id, kept, (void *)(uintptr_t)r->list.count);
}

static err look_at(struct renaming *r, size_t part, uint32_t number, size_t index) {
    cedar_str id = api_public(r->b->pieces[part].program->policies[number].id);
    size_t in_a = cedar_policies_find(r->a, id);
    bool is_there = false;
    if (in_a == SIZE_MAX) {
        return ERR_OK;
    }
    TRY(is_same(r, in_a, index, &is_there));
    if (!is_there) {
        return rename_policy(r, id);
    }
    struct number_list *dropped = &r->dropped[part];
    return VEC_PUSH(r->temp, &dropped->numbers, number) ? ERR_OK : arena_error(r->temp);
}

static err look_at_all(struct renaming *r, bool wants_links) {
    for (size_t part = 0; part < r->b->part_count; part++) {
        const struct decide_piece *piece = &r->b->pieces[part];
        const struct policy_record *records = r->b->parts[part].segment->records;
        size_t index = r->b->parts[part].first;
        for (uint32_t i = 0; i < piece->program->count; i++) {
            if (decide_is_hidden(piece, i)) {
                continue;
            }
            if ((records[i].link != 0) == wants_links) {
                TRY(look_at(r, part, i, index));
            }
            index++;
        }
    }
    return ERR_OK;
}

/* ---- the second set, with its new ids ---- */

static int compare_numbers(const void *a, const void *b) {
    const uint32_t *left = a;
    const uint32_t *right = b;
    return (*left > *right) - (*left < *right);
}

static err append_part(struct renaming *r, size_t part, struct segment_builder *builder,
                       struct number_list *hidden) {
    const struct decide_piece *piece = &r->b->pieces[part];
    const struct program *program = piece->program;
    struct number_list *dropped = &r->dropped[part];
    str *new_ids = ARENA_ARRAY(r->temp, str, program->count);
    if (new_ids == NULL) {
        return arena_error(r->temp);
    }
    for (size_t i = 0; i < program->count; i++) {
        void **found = map_find(&r->by_old_id, program->policies[i].id);
        if (found != NULL) { /* also hidden copies of templates */
            new_ids[i] = api_str(r->list.items[(uintptr_t)*found - 1].new_id);
        }
    }
    for (size_t i = 0; i < piece->hidden_count; i++) {
        if (!VEC_PUSH(r->temp, &dropped->numbers, piece->hidden[i])) {
            return arena_error(r->temp);
        }
    }
    sort_items(dropped->numbers.items, dropped->numbers.count, sizeof(uint32_t), compare_numbers);
    struct segment_piece appended = {
        .segment = r->b->parts[part].segment,
        .hidden = dropped->numbers.items,
        .hidden_count = dropped->numbers.count,
        .new_ids = new_ids,
    };
    return segment_append(builder, &appended, hidden);
}

static err append_all(struct renaming *r, struct segment_builder *builder,
                      struct number_list *hidden, struct segment **ret) {
    for (size_t part = 0; part < r->b->part_count; part++) {
        TRY(append_part(r, part, builder, hidden));
    }
    return segment_finish(builder, ret);
}

static err make_segment(struct renaming *r, struct number_list *hidden, struct segment **ret) {
    struct segment_builder *builder;
    TRY(segment_builder_new(r->a->engine, &builder));
    err error = append_all(r, builder, hidden, ret);
    segment_builder_free(builder);
    return error;
}

static err merge(struct renaming *r, cedar_policies **ret) {
    struct number_list hidden = {.arena = r->temp};
    size_t count = r->a->part_count;
    struct policies_piece *pieces = ARENA_ARRAY(r->temp, struct policies_piece, count + 1);
    struct segment *segment;
    if (pieces == NULL) {
        return arena_error(r->temp);
    }
    TRY(make_segment(r, &hidden, &segment));
    segment->copy_count = hidden.numbers.count;
    policies_pieces(r->a, pieces);
    pieces[count] = (struct policies_piece){segment, hidden.numbers.items, hidden.numbers.count};
    return policies_new(r->a->engine, pieces, count + 1, ret);
}

/* ---- the call ---- */

static err run(struct renaming *r, cedar_policies **ret) {
    r->dropped = ARENA_ARRAY(r->temp, struct number_list, r->b->part_count);
    if (r->dropped == NULL) {
        return arena_error(r->temp);
    }
    map_init(&r->by_old_id, r->temp, &r->scratch->engine->key);
    TRY(look_at_all(r, false));
    TRY(look_at_all(r, true));
    return merge(r, ret);
}

cedar_status cedar_policies_merge_renaming(cedar_scratch *scratch, const cedar_policies *a,
                                           const cedar_policies *b, cedar_policies **ret_policies,
                                           const cedar_renaming **ret_renamings,
                                           size_t *ret_count) {
    if (scratch == NULL || a == NULL || b == NULL || ret_policies == NULL ||
        ret_renamings == NULL || ret_count == NULL || !api_same_key(a->engine, b->engine) ||
        !api_same_key(a->engine, scratch->engine)) {
        return CEDAR_ERR_MISUSE;
    }
    struct arena temp;
    struct renaming r = {.scratch = scratch, .a = a, .b = b, .temp = &temp};
    cedar_status status;
    if (policies_share_ids(a, b)) {
        api_arena_init(&temp, a->engine);
        status = api_status(run(&r, ret_policies));
        arena_done(&temp);
    } else {
        status = cedar_policies_merge(a, b, ret_policies, NULL);
    }
    if (status == CEDAR_OK) {
        *ret_renamings = r.list.items;
        *ret_count = r.list.count;
    }
    return status;
}
