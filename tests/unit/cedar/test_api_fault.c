/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory through the public interface: the n-th allocation fails, for all n; every byte comes
 * back; and a decision takes nothing from the allocator once the scratch is warm.
 */
#include "meter.h"

#include <stdlib.h>

/* All that a host does, from the engine to the decision. CEDAR_OK or the first failure. */
struct session {
    cedar_engine *engine;
    cedar_scratch *scratch;
    cedar_schema *schema;
    cedar_policies *policies;
    cedar_entities *entities;
    cedar_overlay *overlay;
    cedar_report *report;
    cedar_request request;
    cedar_response response;
};

static const char policies_text[] =
    "@id(\"a\") permit(principal in G::\"g\", action in [Action::\"view\"], resource is Photo) "
    "when "
    "{ resource.n == 1 && context.ip.isInRange(ip(\"10.0.0.0/8\")) };"
    "permit(principal, action, resource) when { [context, {a: principal}].contains(resource.zz) };"
    "forbid(principal, action, resource) unless { \"abc\" like \"a*\\*\" || true };";

static const char schema_text[] =
    "entity G; entity User in [G]; entity Photo = {n: Long};"
    "action read; action view in [read] appliesTo {principal: User, resource: Photo, context: {ip: "
    "ipaddr}};";

static const char entities_json[] =
    "[{\"uid\":{\"type\":\"Photo\",\"id\":\"p\"},\"attrs\":{\"n\":1},\"parents\":[]},"
    "{\"uid\":{\"type\":\"G\",\"id\":\"g\"},\"attrs\":{},\"parents\":[]}]";

static cedar_status build_policies(struct session *s) {
    cedar_policies_builder *builder;
    cedar_status status =
        cedar_policies_builder_new(s->engine, CEDAR_IDS_FROM_ANNOTATION, &builder);
    if (status != CEDAR_OK) {
        return status;
    }
    status = cedar_policies_builder_add(builder, text(policies_text), "p", "p#");
    cedar_status built = cedar_policies_builder_build(builder, &s->policies, &s->report);
    /* a set without the text must not come to be */
    assert_true(status == CEDAR_OK || built != CEDAR_OK);
    cedar_policies_builder_free(builder);
    return status != CEDAR_OK ? status : built;
}

static cedar_status prepare(struct session *s, struct meter *meter) {
    cedar_config config = {.allocator = {meter_resize, meter}};
    cedar_status status = cedar_engine_new(&config, &s->engine);
    if (status == CEDAR_OK) {
        status = cedar_scratch_new(s->engine, 0, &s->scratch);
    }
    if (status == CEDAR_OK) {
        status = cedar_schema_parse(s->engine, text(schema_text), CEDAR_FORMAT_CEDAR, "s",
                                    &s->schema, &s->report);
    }
    if (status == CEDAR_OK) {
        status = build_policies(s);
    }
    if (status == CEDAR_OK) {
        status = cedar_entities_parse_json(s->engine, text(entities_json), s->schema, "e",
                                           &s->entities, &s->report);
    }
    return status;
}

static cedar_status ask(struct session *s) {
    s->request = request();
    cedar_uid group = uid("G", "g");
    cedar_status status = cedar_overlay_new(s->scratch, s->entities, s->schema, &s->overlay);
    if (status == CEDAR_OK) {
        status = cedar_overlay_add_json(s->overlay,
                                        text("[{\"uid\":{\"type\":\"User\",\"id\":\"alice\"},"
                                             "\"attrs\":{},\"parents\":[]}]"),
                                        &s->report);
    }
    if (status == CEDAR_OK) {
        status = cedar_overlay_add_parents(s->overlay, s->request.principal, &group, 1, &s->report);
    }
    if (status == CEDAR_OK) {
        status = cedar_overlay_finish(s->overlay, &s->report);
    }
    if (status == CEDAR_OK) {
        status = cedar_context_parse_json(s->scratch, text("{\"ip\":\"10.1.2.3\"}"), s->schema,
                                          &s->request.action, &s->request.context, &s->report);
    }
    s->request.overlay = s->overlay;
    return status != CEDAR_OK
               ? status
               : cedar_authorize(s->policies, s->entities, &s->request, s->scratch, &s->response);
}

static cedar_status evaluate(struct session *s) {
    const cedar_value *value;
    cedar_str printed;
    cedar_status status = cedar_evaluate(s->scratch, text("[{a: principal}, decimal(\"1.5\")]"),
                                         s->entities, &s->request, &value, &s->report);
    return status != CEDAR_OK ? status : cedar_value_format(s->scratch, value, &printed);
}

static void end(struct session *s) {
    cedar_report_free(s->report);
    cedar_entities_unref(s->entities);
    cedar_policies_unref(s->policies);
    cedar_schema_unref(s->schema);
    cedar_scratch_free(s->scratch);
    cedar_engine_unref(s->engine);
}

static void every_failing_allocation_is_a_clean_error(void **state) {
    UNUSED(state);
    size_t failures = 0;
    for (size_t n = 1;; n++) {
        struct meter meter = {.fail_at = n};
        struct session session = {.engine = NULL};
        cedar_status status = prepare(&session, &meter);
        if (status == CEDAR_OK) {
            status = ask(&session);
        }
        if (status == CEDAR_OK) {
            assert_int_equal(session.response.decision, CEDAR_ALLOW);
            assert_int_equal(session.response.error_count, 1);
            status = evaluate(&session);
        }
        end(&session);
        assert_int_equal(meter.bytes, 0);
        if (meter.calls < n) {
            assert_int_equal(status, CEDAR_OK); /* n is beyond the last allocation */
            break;
        }
        /* The report alone may have gone missing; no answer may be made up. */
        assert_int_equal(status, CEDAR_ERR_NOMEM);
        failures++;
    }
    assert_true(failures > 10);
}

/* ---- versions of a store ---- */

struct store {
    cedar_engine *engine;
    cedar_scratch *scratch;
    cedar_schema *schema;
    cedar_entities *first;
    cedar_entities *second;
    cedar_entities_update *update;
    cedar_report *report;
};

static cedar_status open_store(struct store *s, struct meter *meter) {
    cedar_config config = {.allocator = {meter_resize, meter}};
    cedar_status status = cedar_engine_new(&config, &s->engine);
    if (status == CEDAR_OK) {
        status = cedar_scratch_new(s->engine, 0, &s->scratch);
    }
    if (status == CEDAR_OK) {
        status = cedar_schema_parse(s->engine, text(schema_text), CEDAR_FORMAT_CEDAR, "s",
                                    &s->schema, &s->report);
    }
    if (status == CEDAR_OK) {
        status = cedar_entities_parse_json(s->engine, text(entities_json), s->schema, "e",
                                           &s->first, &s->report);
    }
    return status;
}

/* `size` of the id that is added: a large one makes the new version a whole one. */
static cedar_status change_store(struct store *s, const char *long_id, size_t size) {
    cedar_uid above = uid("G", "above");
    cedar_entity group = {.uid = uid("G", "g")};
    cedar_entity user = {
        .uid = {text("User"), {long_id, size}}, .parents = &above, .parent_count = 1};
    cedar_status status = cedar_entities_update_new(s->first, s->schema, &s->update);
    if (status == CEDAR_OK) {
        status = cedar_entities_update_upsert(s->update, &group, &s->report);
    }
    if (status == CEDAR_OK) {
        status = cedar_entities_update_upsert(s->update, &user, &s->report);
    }
    if (status == CEDAR_OK) {
        status = cedar_entities_update_upsert_json(
            s->update,
            text(
                "[{\"uid\":{\"type\":\"Photo\",\"id\":\"q\"},\"attrs\":{\"n\":2},\"parents\":[]}]"),
            "u", &s->report);
    }
    if (status == CEDAR_OK) {
        status = cedar_entities_update_delete(s->update, uid("Photo", "p"));
    }
    if (status == CEDAR_OK) {
        status = cedar_entities_update_publish(s->update, &s->second, &s->report);
    }
    return status;
}

static cedar_status read_store(struct store *s) {
    cedar_entity entity;
    cedar_str json;
    const cedar_uid *ancestors;
    size_t count;
    cedar_uid photo = uid("Photo", "q");
    cedar_status status = cedar_entities_get(s->scratch, s->second, photo, &entity);
    if (status == CEDAR_OK) {
        status = cedar_entities_ancestors(s->scratch, s->second, photo, &ancestors, &count);
    }
    if (status == CEDAR_OK) {
        status = cedar_entities_to_json(s->scratch, s->second, &json, &s->report);
    }
    return status;
}

static void close_store(struct store *s) {
    cedar_report_free(s->report);
    cedar_entities_update_free(s->update);
    cedar_entities_unref(s->first);
    cedar_entities_unref(s->second);
    cedar_schema_unref(s->schema);
    cedar_scratch_free(s->scratch);
    cedar_engine_unref(s->engine);
}

static void a_new_version_comes_whole_or_not_at_all(void **state) {
    UNUSED(state);
    enum { LONG = 100000 };
    static char id[LONG];
    memset(id, 'x', sizeof id);
    for (size_t size = 1; size <= LONG; size += LONG - 1) {
        size_t failures = 0;
        for (size_t n = 1;; n++) {
            struct meter meter = {.fail_at = n};
            struct store store = {.engine = NULL};
            cedar_status status = open_store(&store, &meter);
            if (status == CEDAR_OK) {
                status = change_store(&store, id, size);
                assert_int_equal(status == CEDAR_OK, store.second != NULL);
                assert_int_equal(cedar_entities_count(store.first), 4);
            }
            if (status == CEDAR_OK) {
                assert_int_equal(cedar_entities_count(store.second), 5);
                status = read_store(&store);
            }
            close_store(&store);
            assert_int_equal(meter.bytes, 0);
            if (meter.calls < n) {
                assert_int_equal(status, CEDAR_OK);
                break;
            }
            assert_int_equal(status, CEDAR_ERR_NOMEM);
            failures++;
        }
        assert_true(failures > 15);
    }
}

/* ---- entities that the host finds ---- */

static cedar_status find_alice(void *ctx, const cedar_uid *name, cedar_scratch *scratch,
                               const cedar_entity **ret_entity) {
    static const cedar_uid group = {{"G", 1}, {"g", 1}};
    cedar_entity *alice = ctx;
    if (name->id.len != 5) {
        return CEDAR_OK;
    }
    const cedar_value *one;
    cedar_str key = text("n");
    *alice = (cedar_entity){.uid = *name, .parents = &group, .parent_count = 1};
    cedar_status status = cedar_value_long(scratch, 1, &one);
    if (status == CEDAR_OK) {
        status = cedar_value_record(scratch, &key, &one, 1, &alice->attrs);
    }
    *ret_entity = alice;
    return status;
}

static cedar_status ask_source(struct session *s) {
    cedar_entity alice;
    cedar_entity_source source = {find_alice, &alice, 0};
    s->request = request();
    s->request.source = &source;
    return cedar_authorize(s->policies, s->entities, &s->request, s->scratch, &s->response);
}

static cedar_status prepare_source(struct session *s, struct meter *meter) {
    cedar_config config = {.allocator = {meter_resize, meter}};
    cedar_status status = cedar_engine_new(&config, &s->engine);
    if (status == CEDAR_OK) {
        status = cedar_scratch_new(s->engine, 0, &s->scratch);
    }
    if (status == CEDAR_OK) {
        status = cedar_entities_empty(s->engine, &s->entities);
    }
    if (status == CEDAR_OK) {
        status = cedar_policies_parse(
            s->engine,
            text("permit(principal in G::\"g\", action, resource) when { principal.n == 1 };"), "p",
            &s->policies, NULL);
    }
    return status;
}

static void a_source_without_memory_is_a_deny(void **state) {
    UNUSED(state);
    for (size_t n = 1;; n++) {
        struct meter meter = {.fail_at = n};
        struct session session = {.engine = NULL};
        cedar_status status = prepare_source(&session, &meter);
        if (status == CEDAR_OK) {
            status = ask_source(&session);
            assert_int_equal(session.response.decision,
                             status == CEDAR_OK ? CEDAR_ALLOW : CEDAR_DENY);
        }
        end(&session);
        assert_int_equal(meter.bytes, 0);
        if (meter.calls < n) {
            assert_int_equal(status, CEDAR_OK);
            break;
        }
        assert_int_equal(status, CEDAR_ERR_NOMEM);
    }
    struct meter meter = {.fail_at = 0};
    struct session session = {.engine = NULL};
    assert_int_equal(prepare_source(&session, &meter), CEDAR_OK);
    size_t calls = 0;
    for (int i = 0; i < 10; i++) {
        assert_int_equal(ask_source(&session), CEDAR_OK);
        cedar_scratch_reset(session.scratch);
        calls = i == 0 ? meter.calls : calls;
    }
    assert_int_equal(meter.calls, calls); /* a warm scratch takes nothing */
    end(&session);
}

static void broken_input_is_reported_or_at_least_refused_without_memory(void **state) {
    UNUSED(state);
    for (size_t n = 1;; n++) {
        struct meter meter = {.fail_at = n};
        cedar_config config = {.allocator = {meter_resize, &meter}};
        cedar_engine *engine = NULL;
        cedar_policies *policies = NULL;
        cedar_report *report = NULL;
        cedar_status status = cedar_engine_new(&config, &engine);
        if (status == CEDAR_OK) {
            status = cedar_policies_parse(engine, text("permit(principal, action, resource"), "p",
                                          &policies, &report);
            assert_true(status == CEDAR_ERR_SYNTAX || status == CEDAR_ERR_NOMEM);
            assert_null(policies);
        }
        cedar_report_free(report);
        cedar_engine_unref(engine);
        assert_int_equal(meter.bytes, 0);
        if (meter.calls < n) {
            assert_int_equal(status, CEDAR_ERR_SYNTAX);
            break;
        }
    }
}

static void a_warm_scratch_takes_nothing_from_the_allocator(void **state) {
    UNUSED(state);
    struct meter meter = {.fail_at = 0};
    struct session session = {.engine = NULL};
    assert_int_equal(prepare(&session, &meter), CEDAR_OK);
    assert_int_equal(ask(&session), CEDAR_OK);
    cedar_scratch_reset(session.scratch);
    size_t calls = meter.calls;
    for (int i = 0; i < 100; i++) {
        assert_int_equal(ask(&session), CEDAR_OK);
        assert_int_equal(session.response.decision, CEDAR_ALLOW);
        cedar_scratch_reset(session.scratch);
    }
    assert_int_equal(meter.calls, calls);
    end(&session);
    assert_int_equal(meter.bytes, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_failing_allocation_is_a_clean_error),
        cmocka_unit_test(a_source_without_memory_is_a_deny),
        cmocka_unit_test(a_new_version_comes_whole_or_not_at_all),
        cmocka_unit_test(broken_input_is_reported_or_at_least_refused_without_memory),
        cmocka_unit_test(a_warm_scratch_takes_nothing_from_the_allocator),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
