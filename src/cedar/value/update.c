/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changed copies of a frozen store: which entities an update reaches, and the tables that share
 * with the old ones all but what has changed.
 *
 * Who has other parents than before lies elsewhere, and so does everything below, by the hierarchy
 * as it was: on any new way up to something that has moved, the part before the first thing whose
 * own parents have changed is an old way.
 */
#include "base/assert.h"
#include "cedar/value/copying.h"

/* ---- what an update reaches ---- */

/* Parents are distinct on both sides. */
static bool has_other_parents(const struct entity_draft *draft) {
    uint32_t old_count = draft->old == NULL ? 0 : draft->old->parent_count;
    if (draft->parent_count != old_count) {
        return true;
    }
    for (size_t i = 0; i < old_count; i++) {
        if (!entity_has_parent(draft->old, draft->parents[i])) {
            return true;
        }
    }
    return false;
}

struct spread {
    struct entity_builder *builder;
    VEC(struct entity_draft *) moved;
    size_t steps;
};

static err move(struct spread *s, struct entity_draft *draft) {
    if (draft->is_moved) {
        return ERR_OK;
    }
    draft->is_moved = true;
    return VEC_PUSH(s->builder->arena, &s->moved, draft) ? ERR_OK : arena_error(s->builder->arena);
}

/* A draft for an entity that has not changed itself. */
static err carry(struct spread *s, const struct entity *entity) {
    struct entity_draft *draft;
    TRY(entity_builder_carry(s->builder, entity, &draft));
    return move(s, draft);
}

/* Moves what may be a child. */
static err spread_to(struct spread *s, const struct uid *parent, uint32_t mark) {
    const struct entities *base = s->builder->base;
    struct uid_table_cursor cursor;
    uid_table_each_marked(&cursor, &base->entities, mark);
    const struct entity *child;
    while ((child = (const void *)uid_table_next(&cursor)) != NULL) {
        if (++s->steps > ENTITY_EDGES_MAX) {
            return ERR_LIMIT;
        }
        if (entity_mark(&child->uid) != mark || !entity_has_parent(child, parent)) {
            continue;
        }
        const struct entity_node *node = entities_node(s->builder->store, &child->uid);
        if (node == NULL || node->draft == NULL) {
            TRY(carry(s, child));
        } else {
            TRY(move(s, node->draft));
        }
    }
    return ERR_OK;
}

static err spread_below(struct spread *s, const struct uid *parent) {
    const struct entity_mention *mention =
        (const void *)uid_table_find(&s->builder->base->mentions, parent);
    if (mention == NULL) {
        return ERR_OK;
    }
    for (size_t i = 0; i < mention->mark_count; i++) {
        TRY(spread_to(s, parent, mention->marks[i]));
    }
    for (const struct mention_link *link = mention->added; link != NULL; link = link->next) {
        TRY(spread_to(s, parent, link->mark));
    }
    return ERR_OK;
}

err update_spread(struct entity_builder *builder) {
    struct spread s = {.builder = builder};
    for (size_t i = 0; i < builder->store->drafts.count; i++) {
        struct entity_draft *draft = builder->store->drafts.items[i];
        if (has_other_parents(draft)) {
            TRY(move(&s, draft));
        }
    }
    for (size_t i = 0; i < s.moved.count; i++) {
        TRY(spread_below(&s, s.moved.items[i]->uid));
    }
    return ERR_OK;
}

/* ---- the changed copy ---- */

struct changing {
    struct copying copying;
    struct entities *to;
    struct entity_mention **mentions; /* by node: those that were made new */
};

/* The mention of a node, which this update may change. */
static err own_mention(struct changing *ch, uint32_t node, struct entity_mention **ret) {
    struct copying *c = &ch->copying;
    if (ch->mentions[node] == NULL) {
        const struct uid *uid = c->copies[node];
        struct entity_mention *mention = PACK_NEW(&c->pack, struct entity_mention);
        if (mention == NULL) {
            return arena_error(c->pack.arena);
        }
        const struct uid *known = uid_table_find(&ch->to->mentions, uid);
        if (known != NULL) {
            *mention = *(const struct entity_mention *)(const void *)known;
        } else {
            mention->uid = *uid;
        }
        TRY(uid_table_put(&ch->to->mentions, &c->pack, &mention->uid, ch->to));
        ch->mentions[node] = mention;
    }
    *ret = ch->mentions[node];
    return ERR_OK;
}

static err mention_parents(struct changing *ch, const struct copying_item *item) {
    struct copying *c = &ch->copying;
    for (size_t i = 0; i < item->to->parent_count; i++) {
        size_t place = entity_parent_place(item->to, i);
        if (item->old != NULL && entity_has_parent(item->old, item->to->ancestors[place])) {
            continue; /* it says so already */
        }
        struct mention_link *link = PACK_NEW(&c->pack, struct mention_link);
        struct entity_mention *mention = NULL;
        if (link == NULL) {
            return arena_error(c->pack.arena);
        }
        TRY(own_mention(ch, c->numbers.items[item->first + 1 + place], &mention));
        *link = (struct mention_link){mention->added, entity_mark(&item->to->uid)};
        mention->added = link;
    }
    return ERR_OK;
}

static err change_tables(struct changing *ch, const struct entities *from) {
    struct copying *c = &ch->copying;
    for (size_t i = 0; i < c->count; i++) {
        TRY(uid_table_put(&ch->to->entities, &c->pack, &c->items[i].to->uid, ch->to));
        TRY(mention_parents(ch, &c->items[i]));
    }
    for (size_t i = 0; i < from->drafts.count; i++) {
        const struct entity_draft *draft = from->drafts.items[i];
        if (draft->is_deleted) {
            TRY(uid_table_remove(&ch->to->entities, &c->pack, draft->uid, ch->to));
        }
    }
    ch->to->count = ch->to->entities.count;
    return ERR_OK;
}

static void choose_items(struct copying *c, const struct entities *from) {
    c->count = 0;
    for (size_t i = 0; i < from->drafts.count; i++) {
        const struct entity_draft *draft = from->drafts.items[i];
        if (!draft->is_deleted) {
            c->items[c->count++] = (struct copying_item){.from = draft->closed, .old = draft->old};
        }
    }
}

/* Changes of many share nodes of the tables; a few of them tell how much there is at least. */
static size_t expected_size(const struct entity_builder *builder, const struct copying *c) {
    enum { FEW = 8, NAMES = 192 };
    size_t few = builder->store->drafts.count < FEW ? builder->store->drafts.count : FEW;
    size_t expected = sizeof(struct entities) + copying_size(c);
    expected += few * uid_table_change_size(&builder->base->entities);
    for (size_t i = 0; i < few && i < c->count; i++) {
        const struct copying_item *item = &c->items[i];
        expected += item->old == NULL ? NAMES : 0;
        if (item->old == NULL || item->old->parent_count != item->from->parent_count) {
            expected += uid_table_change_size(&builder->base->mentions);
        }
    }
    return expected;
}

err entities_freeze_update(struct entity_builder *builder, struct arena *a,
                           const struct entities **ret) {
    struct changing ch = {0};
    struct copying *c = &ch.copying;
    if (!HOLDS(builder->is_update)) {
        return ERR_INTERNAL;
    }
    TRY(copying_init(c, builder->arena, &builder->key, builder->store->drafts.count, builder->store,
                     builder->base));
    choose_items(c, builder->store);
    TRY(copying_measure(c));
    ch.mentions = ARENA_ARRAY(builder->arena, struct entity_mention *, c->index->nodes.count);
    if (ch.mentions == NULL) {
        return arena_error(builder->arena);
    }
    pack_init(&c->pack, a, expected_size(builder, c));
    ch.to = PACK_NEW(&c->pack, struct entities);
    if (ch.to == NULL) {
        return arena_error(a);
    }
    *ch.to = (struct entities){
        .is_frozen = true,
        .entities = builder->base->entities,
        .mentions = builder->base->mentions,
    };
    TRY(copying_place(c));
    TRY(copying_run(c));
    TRY(change_tables(&ch, builder->store));
    *ret = ch.to;
    return ERR_OK;
}
