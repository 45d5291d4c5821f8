/* SPDX-License-Identifier: Apache-2.0 */
/* From closed entities to a frozen store: copies of them, mentions, tables. */
#include "cedar/value/copying.h"

#include "base/assert.h"

enum { OTHER_BYTES = 512 }; /* names and shapes, which are few */

struct freezing {
    struct copying copying;
    struct entity_mention **mentions; /* by node; NULL: nobody's parent */
    size_t mention_count;
    size_t mention_bytes;
};

/* ---- mentions ---- */

static void measure_mentions(struct freezing *f) {
    const struct copying *c = &f->copying;
    for (size_t i = 0; i < c->index->nodes.count; i++) {
        if (c->children[i] > 0) {
            f->mention_count++;
            f->mention_bytes += sizeof(struct entity_mention) +
                                pack_rounded(c->children[i] * sizeof(uint32_t)) +
                                c->index->nodes.items[i].uid->id_len;
        }
    }
}

/* One for each parent. Those that are no entities have their uid here, and nowhere else. */
static err make_mentions(struct freezing *f) {
    struct copying *c = &f->copying;
    f->mentions = ARENA_ARRAY(c->temp, struct entity_mention *, c->index->nodes.count);
    if (f->mentions == NULL) {
        return arena_error(c->temp);
    }
    for (size_t i = 0; i < c->index->nodes.count; i++) {
        if (c->children[i] == 0) {
            continue;
        }
        struct entity_mention *mention = PACK_NEW(&c->pack, struct entity_mention);
        uint32_t *marks = PACK_ARRAY(&c->pack, uint32_t, c->children[i]);
        if (mention == NULL || marks == NULL) {
            return arena_error(c->pack.arena);
        }
        mention->marks = marks;
        f->mentions[i] = mention;
        if (c->copies[i] == NULL) {
            TRY(copying_uid(c, c->index->nodes.items[i].uid, &mention->uid));
            c->copies[i] = &mention->uid;
        }
    }
    return ERR_OK;
}

static void fill_mentions(struct freezing *f) {
    struct copying *c = &f->copying;
    for (size_t i = 0; i < c->count; i++) {
        const struct copying_item *item = &c->items[i];
        for (size_t k = 0; k < item->to->parent_count; k++) {
            size_t number = item->first + 1 + entity_parent_place(item->to, k);
            struct entity_mention *mention = f->mentions[c->numbers.items[number]];
            /* made by make_mentions, with room for as many as were counted */
            ((uint32_t *)(uintptr_t)mention->marks)[mention->mark_count++] =
                entity_mark(&item->to->uid);
        }
    }
    for (size_t i = 0; i < c->index->nodes.count; i++) {
        if (f->mentions[i] != NULL) {
            f->mentions[i]->uid = *c->copies[i]; /* of an entity, they share its id */
        }
    }
}

/* ---- tables ---- */

static err make_tables(struct freezing *f, struct entities *to) {
    struct copying *c = &f->copying;
    const struct uid **items = ARENA_ARRAY(c->temp, const struct uid *, c->count);
    const struct uid **mentions = ARENA_ARRAY(c->temp, const struct uid *, f->mention_count);
    if (items == NULL || mentions == NULL) {
        return arena_error(c->temp);
    }
    for (size_t i = 0; i < c->count; i++) {
        items[i] = &c->items[i].to->uid;
    }
    size_t count = 0;
    for (size_t i = 0; i < c->index->nodes.count; i++) {
        if (f->mentions[i] != NULL) {
            mentions[count++] = &f->mentions[i]->uid;
        }
    }
    TRY(uid_table_build(&to->entities, &c->pack, c->temp, items, c->count));
    return uid_table_build(&to->mentions, &c->pack, c->temp, mentions, count);
}

static err freeze(struct freezing *f, struct arena *a, const struct entities **ret) {
    struct copying *c = &f->copying;
    TRY(copying_measure(c));
    measure_mentions(f);
    size_t expected = sizeof(struct entities) + copying_size(c) + f->mention_bytes +
                      uid_table_size(c->count) + uid_table_size(f->mention_count) + OTHER_BYTES;
    pack_init(&c->pack, a, expected);
    struct entities *to = PACK_NEW(&c->pack, struct entities);
    if (to == NULL) {
        return arena_error(a);
    }
    TRY(copying_place(c));
    TRY(make_mentions(f));
    TRY(copying_run(c));
    fill_mentions(f);
    TRY(make_tables(f, to));
    to->is_frozen = true;
    to->count = c->count;
    *ret = to;
    return ERR_OK;
}

err entities_rebuild(const struct entities *from, const struct hash_key *key, struct arena *temp,
                     struct arena *a, const struct entities **ret) {
    struct freezing f = {0};
    struct entity_builder builder; /* for a table of nodes */
    TRY(entity_builder_init(&builder, temp, key, NULL));
    TRY(copying_init(&f.copying, temp, key, from->count, builder.store, NULL));
    if (!entities_reserve(builder.store, temp, from->count + from->mentions.count)) {
        return arena_error(temp);
    }
    struct entities_cursor cursor;
    entities_each(&cursor, from);
    for (size_t i = 0; i < from->count; i++) {
        f.copying.items[i].from = entities_next(&cursor);
    }
    return freeze(&f, a, ret);
}

err entities_freeze(struct entity_builder *builder, struct arena *a, const struct entities **ret) {
    if (!HOLDS(builder->base == NULL)) {
        return ERR_INTERNAL;
    }
    const struct entities *from = builder->store;
    struct freezing f = {0};
    TRY(copying_init(&f.copying, builder->arena, &builder->key, from->drafts.count, builder->store,
                     NULL));
    for (size_t i = 0; i < from->drafts.count; i++) {
        f.copying.items[i].from = from->drafts.items[i]->closed;
    }
    return freeze(&f, a, ret);
}
