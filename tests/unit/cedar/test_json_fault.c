/* SPDX-License-Identifier: Apache-2.0 */
/* Reading schemas and data when the n-th allocation fails, for every n. */
#include "schema_unit.h"

#include "cedar/schema/fragment.h"

#include <stdlib.h>

struct fault {
    size_t calls;
    size_t fail_at; /* 1 = the first */
    size_t live;    /* bytes */
};

static void *fault_resize(void *ctx, void *ptr, size_t old_size, size_t new_size) {
    struct fault *fault = ctx;
    if (new_size > 0 && ++fault->calls == fault->fail_at) {
        return NULL;
    }
    fault->live += new_size - old_size;
    if (new_size == 0) {
        free(ptr);
        return NULL;
    }
    return realloc(ptr, new_size);
}

static const char schema_text[] =
    "@d(\"x\") entity U in [G] {s: String, \"a\\n\"?: Set<{x: ipaddr}>} tags Long; entity G;"
    "type T = {u: U}; action v in g appliesTo {principal: U, resource: G, context: T}; action g;"
    "namespace N { entity X {u: U}; action w in Action::\"g\"; }";

static const char schema_json[] =
    "{\"N\": {\"commonTypes\": {\"T\": {\"type\": \"Long\"}}, \"entityTypes\": {\"A\": {\"shape\": "
    "{\"type\": \"Record\", \"attributes\": {\"x\": {\"type\": \"T\"}}}}}, \"actions\": {\"a\": "
    "{\"appliesTo\": {\"principalTypes\": [\"A\"], \"resourceTypes\": [\"A\"]}}}}}";

static const char entities[] = "[{\"uid\":{\"type\":\"U\",\"id\":\"x\"},\"attrs\":{\"s\":\"a\","
                               "\"a\\n\":[{\"x\":\"1.1.1.1\"}]},"
                               "\"parents\":[{\"type\":\"G\",\"id\":\"g\"}],\"tags\":{\"k\":1}}]";

static const char context[] = "{\"u\": {\"type\": \"U\", \"id\": \"x\"}}";

static err write_all(struct arena *a, const struct schema *schema) {
    struct buf out;
    str text;
    buf_init_arena(&out, a, 1 << 20);
    TRY(fragment_write_text(a, schema->fragment, schema->names, NULL, &out));
    TRY(fragment_write_json(a, schema->fragment, NULL, &out));
    TRY(fragment_write_json(a, schema->fragment, schema->names, &out));
    return buf_finish(&out, &text);
}

static err read_all(struct arena *a) {
    struct diag_list diags;
    const struct schema *schema;
    const struct schema *other;
    diag_list_init(&diags, a);
    TRY(schema_read(a, &unit_key, str_c(schema_json), SCHEMA_FORMAT_JSON, &unit_limits, &diags,
                    &other));
    TRY(schema_read(a, &unit_key, str_c(schema_text), SCHEMA_FORMAT_CEDAR, &unit_limits, &diags,
                    &schema));
    TRY(write_all(a, schema));
    TRY(write_all(a, other));
    struct data_options options = {.schema = schema, .scratch = a, .limits = {1 << 20, 100, 10000}};
    struct entity_builder builder;
    const struct entities *store;
    TRY(entity_builder_init(&builder, a, &unit_key, NULL));
    TRY(entities_json_read(&builder, str_c(entities), &options, &diags));
    TRY(entities_json_finish(&builder, &options, &diags, &store));
    struct uid action = uid_make(&unit_key, STR("Action"), STR("v"));
    struct value value;
    TRY(context_json_read(a, &unit_key, str_c(context), &options, &action, &diags, &value));
    return conform_request(schema, store == NULL ? NULL : &entities_get(store, 0)->uid, &action,
                           entity_parent(entities_get(store, 0), 0), &value, &diags);
}

static void every_failed_allocation_is_reported_and_nothing_leaks(void **state) {
    IGNORE(state);
    size_t failures = 0;
    for (size_t n = 1;; n++) {
        struct fault fault = {.fail_at = n};
        struct allocator allocator = {
            .resize = fault_resize, .ctx = &fault, .wants_separate_blocks = true};
        struct arena a;
        arena_init(&a, &allocator, 64 << 20);
        err result = read_all(&a);
        arena_done(&a);
        assert_int_equal(fault.live, 0);
        if (fault.calls < n) {
            assert_string_equal(err_name(result), "ok");
            break;
        }
        assert_string_equal(err_name(result), "nomem");
        failures++;
    }
    assert_true(failures > 100);
}

static void arena_that_is_too_small_is_a_limit(void **state) {
    IGNORE(state);
    for (size_t max = 64; max < 16384; max += 512) {
        struct arena a;
        arena_init(&a, allocator_libc(), max);
        err result = read_all(&a);
        arena_done(&a);
        assert_true(result == ERR_LIMIT || result == ERR_OK);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_failed_allocation_is_reported_and_nothing_leaks),
        cmocka_unit_test(arena_that_is_too_small_is_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
