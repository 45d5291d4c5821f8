/* SPDX-License-Identifier: Apache-2.0 */
/* Entities that are found on demand. */
#include "cedar/value/entities_int.h"

struct entity_loader {
    struct entity_builder builder;
    entity_find_function *find;
    void *ctx;
    size_t asked;
    size_t max_asked;
    size_t edges; /* steps through the hierarchy so far */
    err error;
};

err entity_loader_new(struct arena *a, const struct hash_key *key, const struct entities *base,
                      entity_find_function *find, void *ctx, size_t max_asked,
                      struct entity_loader **ret) {
    struct entity_loader *loader = ARENA_NEW(a, struct entity_loader);
    if (loader == NULL) {
        return arena_error(a);
    }
    *loader = (struct entity_loader){.find = find, .ctx = ctx, .max_asked = max_asked};
    TRY(entity_builder_init(&loader->builder, a, key, base));
    loader->builder.store->loader = loader;
    *ret = loader;
    return ERR_OK;
}

const struct entities *entity_loader_store(const struct entity_loader *loader) {
    return loader->builder.store;
}

err entity_loader_error(const struct entity_loader *loader) {
    return loader->error;
}

/* ---- asking ---- */

static err add(struct entity_loader *loader, const struct uid *uid,
               const struct entity_parts *parts) {
    struct entity_builder *builder = &loader->builder;
    struct entity *open = ARENA_NEW(builder->arena, struct entity);
    if (open == NULL) {
        return arena_error(builder->arena);
    }
    struct entity_draft *draft;
    TRY(entity_builder_insert(builder, uid, parts->attrs, parts->tags, parts->parents,
                              parts->parent_count, &draft));
    *open = (struct entity){.uid = *uid, .attrs = draft->attrs, .tags = draft->tags};
    draft->open = open;
    return ERR_OK;
}

static err ask(struct entity_loader *loader, struct entity_node *node) {
    const struct uid *uid = node->uid;
    struct entity_parts parts = {0};
    bool is_there = false;
    if (loader->asked == loader->max_asked) {
        return ERR_LIMIT;
    }
    loader->asked++;
    node->is_asked = true; /* before the call: nodes move when more come */
    TRY(loader->find(loader->ctx, uid, &parts, &is_there));
    return is_there ? add(loader, uid, &parts) : ERR_OK;
}

static struct entity_node *intern(struct entity_loader *loader, const struct uid *uid) {
    struct entity_builder *builder = &loader->builder;
    struct entity_node *node = entities_intern(builder->store, builder->arena, uid);
    if (node == NULL) {
        loader->error = arena_error(builder->arena);
    }
    return node;
}

/* Makes sure that the uid has been asked for. Neither the store nor its base has it. */
const struct entity *loader_find(struct entity_loader *loader, const struct uid *uid) {
    if (loader->error != ERR_OK) {
        return NULL;
    }
    struct entity_node *node = intern(loader, uid);
    if (node == NULL || node->is_asked) {
        return NULL;
    }
    loader->error = ask(loader, node);
    return loader->error == ERR_OK ? entities_own(loader->builder.store, uid) : NULL;
}

/* ---- climbing ---- */

struct climb {
    struct entity_loader *loader;
    VEC(uint32_t) met; /* nodes; what lies above them is to be met too */
};

static err meet(struct climb *c, const struct uid *uid) {
    struct entity_builder *builder = &c->loader->builder;
    struct entity_node *node = intern(c->loader, uid);
    if (node == NULL) {
        return c->loader->error;
    }
    if (++c->loader->edges > ENTITY_EDGES_REQUEST_MAX) {
        return ERR_LIMIT;
    }
    if (node->is_climbed) {
        return ERR_OK;
    }
    node->is_climbed = true;
    uint32_t number = (uint32_t)(node - builder->store->nodes.items);
    return VEC_PUSH(builder->arena, &c->met, number) ? ERR_OK : arena_error(builder->arena);
}

static err meet_above(struct climb *c, uint32_t number) {
    struct entities *store = c->loader->builder.store;
    const struct uid *uid = store->nodes.items[number].uid;
    const struct entity *entity = entities_find(store, uid);
    TRY(c->loader->error);
    const struct entity_draft *draft = store->nodes.items[number].draft;
    if (draft != NULL) {
        for (size_t i = 0; i < draft->parent_count; i++) {
            TRY(meet(c, draft->parents[i]));
        }
        return ERR_OK;
    }
    if (entity == NULL) {
        return ERR_OK;
    }
    struct ancestor_cursor cursor;
    const struct uid *ancestor;
    uint32_t mark;
    ancestors_start(&cursor, store->base, entity);
    while ((ancestor = ancestors_next(&cursor, &mark)) != NULL) {
        TRY(meet(c, ancestor));
    }
    return ERR_OK;
}

/* Whatever lies above what was met has been met, now or earlier. */
static err close_met(struct climb *c) {
    struct entity_builder *builder = &c->loader->builder;
    for (size_t i = 0; i < c->met.count; i++) {
        struct entity_draft *draft = builder->store->nodes.items[c->met.items[i]].draft;
        if (draft != NULL && draft->closed == NULL) {
            TRY(closure_close(builder, draft, &c->loader->edges));
        }
    }
    return ERR_OK;
}

/* An entity of the base does not know what was found above it: here is one that does. */
static err complete(struct entity_loader *loader, const struct uid *uid) {
    struct entity_builder *builder = &loader->builder;
    const struct entity_node *node = entities_node(builder->store, uid);
    const struct entity *below = entities_find(builder->base, uid);
    if (below == NULL || below->parent_count == 0 || node == NULL || node->draft != NULL ||
        builder->store->drafts.count == 0) {
        return ERR_OK;
    }
    struct entity_draft *draft;
    TRY(entity_builder_carry(builder, below, &draft));
    return closure_close(builder, draft, &loader->edges);
}

static err climb(struct entity_loader *loader, const struct uid *uid) {
    struct climb c = {.loader = loader};
    TRY(meet(&c, uid));
    for (size_t i = 0; i < c.met.count; i++) {
        TRY(meet_above(&c, c.met.items[i]));
    }
    TRY(close_met(&c));
    return complete(loader, uid);
}

bool loader_climb(struct entity_loader *loader, const struct uid *uid) {
    struct entity_node *node = loader->error == ERR_OK ? intern(loader, uid) : NULL;
    if (node == NULL || node->is_complete) {
        return false;
    }
    node->is_complete = true;
    loader->error = climb(loader, uid);
    return loader->error == ERR_OK;
}
