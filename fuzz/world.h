/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FUZZ_WORLD_H
#define FUZZ_WORLD_H
/*
 * Entities and a request for targets whose input has three parts, divided by lines `---`: what the
 * target is about, entities, a context. Entities or a context that cannot be read are none.
 */
#include "fuzz.h"

#include "cedar.h"

struct world {
    cedar_engine *engine;
    cedar_scratch *scratch;
    cedar_entities *entities;
    cedar_request request;
    int polls; /* of the deadline, since this was last set to 0 */
    int max_polls;
};

static inline str from_cedar(cedar_str text) {
    return (str){text.ptr, text.len};
}

static inline cedar_str to_cedar(str text) {
    return (cedar_str){text.ptr, text.len};
}

static inline bool same_text(cedar_str a, cedar_str b) {
    return str_equal(from_cedar(a), from_cedar(b));
}

static inline bool world_is_expired(void *ctx) {
    struct world *world = ctx;
    return ++world->polls > world->max_polls;
}

/* Cuts off what stands before the next line `---`. */
static inline str world_next_part(str *rest) {
    str mark = STR("\n---\n");
    size_t at = str_find(*rest, mark);
    if (at == SIZE_MAX) {
        str all = *rest;
        *rest = STR("");
        return all;
    }
    str head = str_slice(*rest, 0, at);
    *rest = str_slice(*rest, at + mark.len, rest->len);
    return head;
}

/* Takes the second and third part; what the first one is, it returns. */
static inline str world_init(struct world *w, str input, size_t scratch_max, uint32_t depth_max,
                             int max_polls) {
    cedar_config config = {.max_object_bytes = 64 << 20, .max_depth = depth_max};
    *w = (struct world){.max_polls = max_polls};
    FUZZ_CHECK(cedar_engine_new(&config, &w->engine) == CEDAR_OK);
    FUZZ_CHECK(cedar_scratch_new(w->engine, scratch_max, &w->scratch) == CEDAR_OK);
    str first = world_next_part(&input);
    str entities = world_next_part(&input);
    w->request = (cedar_request){
        .principal = {to_cedar(STR("User")), to_cedar(STR("alice"))},
        .action = {to_cedar(STR("Action")), to_cedar(STR("view"))},
        .resource = {to_cedar(STR("Photo")), to_cedar(STR("p"))},
        .is_expired = world_is_expired,
        .expired_ctx = w,
    };
    if (cedar_entities_parse_json(w->engine, to_cedar(entities), NULL, NULL, &w->entities, NULL) !=
        CEDAR_OK) {
        FUZZ_CHECK(cedar_entities_empty(w->engine, &w->entities) == CEDAR_OK);
    }
    IGNORE(cedar_context_parse_json(w->scratch, to_cedar(input), NULL, NULL, &w->request.context,
                                    NULL)); /* none will do */
    return first;
}

static inline void world_done(struct world *w) {
    cedar_entities_unref(w->entities);
    cedar_scratch_free(w->scratch);
    cedar_engine_unref(w->engine);
}

#endif
