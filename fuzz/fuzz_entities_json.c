/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first byte chooses: with a schema ('s') or without. Properties: a refusal has a finding
 * whose place lies in the text. What was accepted is accepted a second time on top of itself
 * and changes nothing (equal duplicates are equal); every entity is below all of its parents
 * and never below itself through others; with a schema, every entity passes the checker that
 * knows nothing of JSON.
 */
#include "fuzz.h"

#include "cedar/json/entities.h"
#include "cedar/schema/conform.h"

enum { ARENA_MAX = 32 << 20, TEXT_MAX = 1 << 15 };

static const struct hash_key key = {3, 4};

static const char schema_text[] =
    "entity U in [U, G] {s?: String, l?: Long, b?: Bool, e?: G, i?: ipaddr, d?: decimal,"
    "  t?: datetime, u?: duration, c?: C, a?: Action, r?: {x: Long, y?: Set<{z: ipaddr}>},"
    "  n?: Set<Set<N::X>>} tags Set<decimal>;"
    "entity G; entity C enum [\"red\", \"green\"];"
    "action g; action v in g appliesTo {principal: U, resource: G};"
    "namespace N { entity X in U; action w in Action::\"g\"; }";

static const struct schema *read_schema(struct arena *a) {
    const struct schema_limits limits = {.max_bytes = 1 << 14, .max_depth = 20};
    const struct schema *schema = NULL;
    FUZZ_CHECK(schema_read(a, &key, str_c(schema_text), SCHEMA_FORMAT_CEDAR, &limits, NULL,
                           &schema) == ERR_OK);
    return schema;
}

static void check_refusal(err result, const struct diag_list *diags, size_t len) {
    FUZZ_CHECK(result == ERR_SYNTAX || result == ERR_LIMIT || result == ERR_TYPE ||
               result == ERR_EXISTS);
    FUZZ_CHECK(result == ERR_LIMIT || diags->items.count > 0 || diags->is_cut);
    for (size_t i = 0; i < diags->items.count; i++) {
        struct ast_span span = diags->items.items[i].span;
        FUZZ_CHECK(span.start <= span.end && span.end <= len);
    }
}

static void check_store(struct arena *a, const struct schema *schema,
                        const struct entities *store) {
    for (size_t i = 0; i < entities_count(store); i++) {
        const struct entity *entity = entities_get(store, i);
        const struct uid **parents = ARENA_ARRAY(a, const struct uid *, entity->parent_count);
        FUZZ_CHECK(parents != NULL);
        for (size_t k = 0; k < entity->parent_count; k++) {
            parents[k] = entity_parent(entity, k);
            FUZZ_CHECK(entities_is_in(store, &entity->uid, parents[k]));
            FUZZ_CHECK(!entities_is_in(store, parents[k], &entity->uid));
        }
        if (schema != NULL) {
            const struct conform_entity parts = {
                .uid = &entity->uid,
                .attrs = entity->attrs,
                .tags = entity->tags,
                .parents = parents,
                .parent_count = entity->parent_count,
            };
            FUZZ_CHECK(conform_entity(schema, &parts, NULL) == ERR_OK);
        }
    }
}

static err read_all(struct entity_builder *builder, str text, const struct data_options *options,
                    struct diag_list *diags, const struct entities **ret) {
    TRY(entities_json_read(builder, text, options, diags));
    return entities_json_finish(builder, options, diags, ret);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0 || size > TEXT_MAX) {
        return 0;
    }
    struct arena arena;
    struct diag_list diags;
    arena_init(&arena, allocator_libc(), ARENA_MAX);
    diag_list_init(&diags, &arena);
    const struct data_options options = {
        .schema = data[0] == 's' ? read_schema(&arena) : NULL,
        .scratch = &arena,
        .limits = {.max_bytes = TEXT_MAX, .max_depth = 30, .max_values = 10000},
    };
    str text = str_make((const char *)data + 1, size - 1);
    struct entity_builder builder;
    const struct entities *store;
    FUZZ_CHECK(entity_builder_init(&builder, &arena, &key, NULL) == ERR_OK);
    err result = read_all(&builder, text, &options, &diags, &store);
    if (result == ERR_OK) {
        check_store(&arena, options.schema, store);
        struct entity_builder again;
        const struct entities *doubled;
        FUZZ_CHECK(entity_builder_init(&again, &arena, &key, NULL) == ERR_OK);
        FUZZ_CHECK(entities_json_read(&again, text, &options, &diags) == ERR_OK);
        FUZZ_CHECK(read_all(&again, text, &options, &diags, &doubled) == ERR_OK);
        FUZZ_CHECK(entities_count(doubled) == entities_count(store));
    } else {
        check_refusal(result, &diags, text.len);
    }
    arena_done(&arena);
    return 0;
}
