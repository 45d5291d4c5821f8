/* SPDX-License-Identifier: Apache-2.0 */
/* Merging with new ids, heads of policies as data, and memory that fails on the way. */
#include "meter.h"

#include <stdio.h>
#include <stdlib.h>

static cedar_slot_value value(const char *slot, const char *type, const char *id) {
    return (cedar_slot_value){text(slot), uid(type, id)};
}

/* A set of texts with @id, and links of "t". */
struct link_row {
    const char *id;
    const char *principal;
};

static cedar_policies *make(const struct api *api, const char *policies,
                            const struct link_row *links, size_t count) {
    cedar_policies_builder *builder;
    cedar_policies *set = NULL;
    assert_int_equal(cedar_policies_builder_new(api->engine, CEDAR_IDS_FROM_ANNOTATION, &builder),
                     CEDAR_OK);
    assert_int_equal(cedar_policies_builder_add(builder, text(policies), "p.cedar", NULL),
                     CEDAR_OK);
    for (size_t i = 0; i < count; i++) {
        cedar_slot_value slot = value("?principal", "User", links[i].principal);
        assert_int_equal(
            cedar_policies_builder_link(builder, text("t"), text(links[i].id), &slot, 1), CEDAR_OK);
    }
    assert_int_equal(cedar_policies_builder_build(builder, &set, NULL), CEDAR_OK);
    cedar_policies_builder_free(builder);
    return set;
}

static const char template_a[] = "@id(\"t\") permit(principal == ?principal, action, resource);";
/* the same, written in another way */
static const char template_b[] =
    "@id(\"t\")\npermit ( principal == ?principal , action, resource ) ; // x";
static const char other_template[] =
    "@id(\"t\") forbid(principal == ?principal, action, resource);";

struct expected_renaming {
    const char *old_id;
    const char *new_id;
};

static cedar_policies *merge(struct api *api, const cedar_policies *a, const cedar_policies *b,
                             const struct expected_renaming *expected, size_t count) {
    cedar_policies *both = NULL;
    const cedar_renaming *renamings = NULL;
    size_t renaming_count = 0;
    assert_int_equal(
        cedar_policies_merge_renaming(api->scratch, a, b, &both, &renamings, &renaming_count),
        CEDAR_OK);
    assert_int_equal(renaming_count, count);
    for (size_t i = 0; i < count; i++) {
        assert_text(renamings[i].old_id, expected[i].old_id);
        assert_text(renamings[i].new_id, expected[i].new_id);
    }
    return both;
}

static void ids_in_use_are_changed_and_links_follow(void **state) {
    struct api *api = *state;
    const struct link_row links_a[] = {{"l", "alice"}};
    const struct link_row links_b[] = {{"l", "alice"}, {"m", "bob"}, {"policy1", "eve"}};
    cedar_policies *a = make(api, template_a, links_a, 1);
    cedar_policies *b = make(api, other_template, links_b, 3);
    /* policy1 is taken in b: the names that are free are given in order */
    const struct expected_renaming expected[] = {{"t", "policy0"}, {"l", "policy2"}};
    cedar_policies *both = merge(api, a, b, expected, LENGTH(expected));
    assert_int_equal(cedar_policies_count(both), 6);
    assert_int_equal(cedar_policies_get(both, cedar_policies_find(both, text("t"))).effect,
                     CEDAR_PERMIT);
    assert_int_equal(cedar_policies_get(both, cedar_policies_find(both, text("policy0"))).effect,
                     CEDAR_FORBID);
    static const char *const linked[] = {"policy2", "m", "policy1"};
    for (size_t i = 0; i < LENGTH(linked); i++) {
        cedar_policy_info info =
            cedar_policies_get(both, cedar_policies_find(both, text(linked[i])));
        assert_int_equal(info.effect, CEDAR_FORBID);
        assert_text(info.link->template_id, "policy0");
    }
    cedar_policy_info info = cedar_policies_get(both, cedar_policies_find(both, text("l")));
    assert_text(info.link->template_id, "t");
    cedar_policies_unref(both);
    cedar_policies_unref(a);
    cedar_policies_unref(b);
}

static void what_is_the_same_in_both_is_there_once(void **state) {
    struct api *api = *state;
    const struct link_row links_a[] = {{"l", "alice"}, {"k", "alice"}};
    const struct link_row links_b[] = {{"l", "alice"}, {"k", "bob"}, {"m", "bob"}};
    cedar_policies *a = make(api, template_a, links_a, 2);
    cedar_policies *b = make(api, template_b, links_b, 3);
    const struct expected_renaming expected[] = {{"k", "policy0"}};
    cedar_policies *both = merge(api, a, b, expected, LENGTH(expected));
    assert_int_equal(cedar_policies_count(both), 5);
    cedar_policy_info info = cedar_policies_get(both, cedar_policies_find(both, text("policy0")));
    assert_text(info.link->template_id, "t");
    assert_text(info.link->values[0].uid.id, "bob");
    /* the links of b keep the template that both have from being removed */
    cedar_policies *less = NULL;
    static const char *const links[] = {"l", "k", "policy0", "m"};
    for (size_t i = 0; i < LENGTH(links); i++) {
        assert_int_equal(cedar_policies_remove(both, text("t"), &less, NULL), CEDAR_ERR_EXISTS);
        assert_int_equal(cedar_policies_remove(both, text(links[i]), &less, NULL), CEDAR_OK);
        cedar_policies_unref(both);
        both = less;
    }
    assert_int_equal(cedar_policies_remove(both, text("t"), &less, NULL), CEDAR_OK);
    assert_int_equal(cedar_policies_count(less), 0);
    cedar_policies_unref(less);
    cedar_policies_unref(both);
    cedar_policies_unref(a);
    cedar_policies_unref(b);
}

static void merging_a_set_with_itself_changes_nothing(void **state) {
    struct api *api = *state;
    const struct link_row links[] = {{"l", "alice"}};
    cedar_policies *set = make(api, template_a, links, 1);
    cedar_policies *both = merge(api, set, set, NULL, 0);
    assert_int_equal(cedar_policies_count(both), 2);
    cedar_policies_unref(both);
    cedar_policies_unref(set);
}

static void without_common_ids_nothing_is_changed(void **state) {
    struct api *api = *state;
    cedar_policies *a = parse(api, "permit(principal, action, resource);");
    cedar_policies *b = make(api, template_a, NULL, 0);
    cedar_policies *both = merge(api, a, b, NULL, 0);
    assert_int_equal(cedar_policies_count(both), 2);
    cedar_policies_unref(both);
    cedar_policies_unref(a);
    cedar_policies_unref(b);
}

static void differences_that_count(void **state) {
    static const char *const texts[] = {
        "permit(principal, action, resource);",
        "forbid(principal, action, resource);",
        "@a permit(principal, action, resource);",
        "permit(principal == U::\"x\", action, resource);",
        "permit(principal, action, resource) when { true };",
        "permit(principal, action, resource == ?resource);",
    };
    struct api *api = *state;
    cedar_policies *first = parse(api, texts[0]);
    for (size_t i = 1; i < LENGTH(texts); i++) {
        const struct expected_renaming expected[] = {{"policy0", "policy1"}};
        cedar_policies *second = parse(api, texts[i]);
        cedar_policies *both = merge(api, first, second, expected, 1);
        assert_int_equal(cedar_policies_count(both), 2);
        assert_text(cedar_policies_get(both, 1).text, texts[i]);
        cedar_policies_unref(both);
        cedar_policies_unref(second);
    }
    cedar_policies_unref(first);
}

/* ---- heads ---- */

static void assert_constraint(const cedar_constraint *constraint, cedar_constraint_kind kind,
                              const char *type, const char *ids) {
    char told[64] = "";
    size_t len = 0;
    assert_int_equal(constraint->kind, kind);
    assert_text(constraint->type, type);
    for (size_t i = 0; i < constraint->uid_count; i++) {
        cedar_uid one = constraint->uids[i];
        len += (size_t)snprintf(told + len, sizeof told - len, "%.*s:%.*s ", (int)one.type.len,
                                one.type.ptr, (int)one.id.len, one.id.ptr);
    }
    assert_string_equal(told, ids);
}

static void heads_are_told_as_data(void **state) {
    struct api *api = *state;
    cedar_policies *set =
        parse(api, "permit(principal == N::U::\"a\\nb\", action == Action::\"v\", resource);"
                   "permit(principal in G::\"g\", action in Action::\"v\", resource is P) "
                   "when { true } unless { false };"
                   "permit(principal is U in G::\"g\", action in [Action::\"v\", Action::\"w\"], "
                   "resource is P in ?resource);"
                   "permit(principal == ?principal, action in [], resource in ?resource);");
    cedar_scope scope;
    assert_int_equal(cedar_policy_scope(api->scratch, set, 0, &scope), CEDAR_OK);
    assert_constraint(&scope.principal, CEDAR_CONSTRAINT_EQ, "", "N::U:a\nb ");
    assert_constraint(&scope.action, CEDAR_CONSTRAINT_EQ, "", "Action:v ");
    assert_constraint(&scope.resource, CEDAR_CONSTRAINT_ANY, "", "");
    assert_int_equal(cedar_policies_get(set, 0).clauses, 0);
    assert_int_equal(cedar_policy_scope(api->scratch, set, 1, &scope), CEDAR_OK);
    assert_constraint(&scope.principal, CEDAR_CONSTRAINT_IN, "", "G:g ");
    assert_constraint(&scope.action, CEDAR_CONSTRAINT_IN, "", "Action:v ");
    assert_constraint(&scope.resource, CEDAR_CONSTRAINT_IS, "P", "");
    assert_int_equal(cedar_policies_get(set, 1).clauses, 2);
    assert_int_equal(cedar_policy_scope(api->scratch, set, 2, &scope), CEDAR_OK);
    assert_constraint(&scope.principal, CEDAR_CONSTRAINT_IS_IN, "U", "G:g ");
    assert_constraint(&scope.action, CEDAR_CONSTRAINT_IN_LIST, "", "Action:v Action:w ");
    assert_constraint(&scope.resource, CEDAR_CONSTRAINT_IS_IN, "P", "");
    assert_true(scope.resource.has_slot && !scope.principal.has_slot);
    assert_int_equal(cedar_policy_scope(api->scratch, set, 3, &scope), CEDAR_OK);
    assert_constraint(&scope.principal, CEDAR_CONSTRAINT_EQ, "", "");
    assert_constraint(&scope.action, CEDAR_CONSTRAINT_IN_LIST, "", "");
    assert_true(scope.principal.has_slot && scope.resource.has_slot);
    assert_int_equal(cedar_policy_scope(api->scratch, set, 4, &scope), CEDAR_ERR_NOT_FOUND);
    cedar_slot_value values[] = {value("?principal", "U", "alice"), value("?resource", "P", "p")};
    cedar_policies *linked = NULL;
    assert_int_equal(cedar_policies_link(set, text("policy3"), text("l"), values, 2, &linked, NULL),
                     CEDAR_OK);
    assert_int_equal(cedar_policy_scope(api->scratch, linked, 4, &scope), CEDAR_OK);
    assert_constraint(&scope.principal, CEDAR_CONSTRAINT_EQ, "", "U:alice ");
    assert_constraint(&scope.resource, CEDAR_CONSTRAINT_IN, "", "P:p ");
    assert_false(scope.principal.has_slot || scope.resource.has_slot);
    cedar_policies_unref(linked);
    cedar_policies_unref(set);
}

/* ---- memory ---- */

/* Enough of everything that arrays need blocks. */
static char *large_text(void) {
    enum { COUNT = 700, SIZE = 160 };
    char *policies = malloc(COUNT * SIZE);
    assert_non_null(policies);
    size_t len = 0;
    for (int i = 0; i < COUNT; i++) {
        len += (size_t)snprintf(policies + len, SIZE,
                                "@n(\"%d\") permit(principal == U::\"%d\", action, resource in "
                                "R::\"%d\") when { context.a%d like \"%d*\" };\n",
                                i, i, i % 50, i % 100, i);
    }
    return policies;
}

struct session {
    cedar_engine *engine;
    cedar_scratch *scratch;
    cedar_policies *sets[8];
    size_t count;
};

/* Keeps the set, and is the set that comes next. */
static cedar_policies **next(struct session *s) {
    return &s->sets[s->count];
}

static cedar_status kept(struct session *s, cedar_status status) {
    s->count += status == CEDAR_OK;
    return status;
}

static cedar_status load(struct session *s, const char *policies) {
    cedar_policies_builder *builder;
    cedar_slot_value bob = value("?principal", "U", "bob");
    cedar_status status =
        cedar_policies_builder_new(s->engine, CEDAR_IDS_FROM_ANNOTATION, &builder);
    if (status != CEDAR_OK) {
        return status;
    }
    status = cedar_policies_builder_add(builder, text(policies), "p", NULL);
    if (status == CEDAR_OK) {
        status = cedar_policies_builder_add(builder, text(template_a), "t", NULL);
    }
    if (status == CEDAR_OK) {
        status = cedar_policies_builder_link(builder, text("t"), text("first"), &bob, 1);
    }
    if (status == CEDAR_OK) {
        status = cedar_policies_builder_add_json(
            builder,
            text("{\"staticPolicies\":{\"json\":{\"effect\":\"permit\",\"principal\":{\"op\":"
                 "\"All\"},\"action\":{\"op\":\"All\"},\"resource\":{\"op\":\"All\"},"
                 "\"conditions\":[]}},\"templates\":{},\"templateLinks\":[{\"templateId\":\"t\","
                 "\"newId\":\"second\",\"values\":{\"?principal\":{\"type\":\"U\",\"id\":"
                 "\"eve\"}}}]}"),
            "j", NULL);
    }
    cedar_status built = cedar_policies_builder_build(builder, next(s), NULL);
    assert_true(status == CEDAR_OK || built != CEDAR_OK);
    cedar_policies_builder_free(builder);
    return kept(s, built);
}

static cedar_status change(struct session *s) {
    const cedar_renaming *renamings;
    size_t count;
    cedar_slot_value alice = value("?principal", "U", "alice");
    cedar_status status =
        kept(s, cedar_policies_link(s->sets[0], text("t"), text("l"), &alice, 1, next(s), NULL));
    if (status == CEDAR_OK) {
        status = kept(s, cedar_policies_remove(s->sets[1], text("policy5"), next(s), NULL));
    }
    if (status == CEDAR_OK) {
        status = kept(s, cedar_policies_parse(
                             s->engine,
                             text("permit(principal in U::\"x\", action, resource) when { "
                                  "[U::\"a\", U::\"b\"].contains(principal) };"
                                  "@a(\"b\") forbid(principal, action, resource == ?resource);"),
                             "n", next(s), NULL));
    }
    if (status == CEDAR_OK) {
        status = kept(s, cedar_policies_merge_renaming(s->scratch, s->sets[2], s->sets[3], next(s),
                                                       &renamings, &count));
    }
    if (status == CEDAR_OK) {
        assert_int_equal(count, 2);
        status = kept(s, cedar_policies_merge(s->sets[3], s->sets[4], next(s), NULL));
        assert_true(status == CEDAR_ERR_EXISTS || status == CEDAR_ERR_NOMEM);
        status = status == CEDAR_ERR_EXISTS ? CEDAR_OK : status;
    }
    return status;
}

static cedar_status run(struct session *s, struct meter *meter, const char *policies) {
    cedar_config config = {.allocator = {meter_resize, meter}};
    cedar_status status = cedar_engine_new(&config, &s->engine);
    if (status == CEDAR_OK) {
        status = cedar_scratch_new(s->engine, 0, &s->scratch);
    }
    if (status == CEDAR_OK) {
        status = load(s, policies);
    }
    return status == CEDAR_OK ? change(s) : status;
}

static void every_failing_allocation_is_a_clean_error(void **state) {
    UNUSED(state);
    char *policies = large_text();
    for (size_t n = 1;; n++) {
        struct meter meter = {.fail_at = n};
        struct session session = {.engine = NULL};
        cedar_status status = run(&session, &meter, policies);
        if (session.count > 0) { /* what was there before is as it was */
            assert_int_equal(cedar_policies_count(session.sets[0]), 704);
            assert_int_equal(cedar_policies_find(session.sets[0], text("policy5")), 5);
            assert_int_equal(cedar_policies_find(session.sets[0], text("l")), SIZE_MAX);
        }
        for (size_t i = 0; i < session.count; i++) {
            cedar_policies_unref(session.sets[i]);
        }
        cedar_scratch_free(session.scratch);
        cedar_engine_unref(session.engine);
        assert_int_equal(meter.bytes, 0);
        if (meter.calls < n) {
            assert_int_equal(status, CEDAR_OK);
            assert_true(n > 100);
            break;
        }
        assert_int_equal(status, CEDAR_ERR_NOMEM);
    }
    free(policies);
}

static void misuse_is_told(void **state) {
    struct api *api = *state;
    cedar_policies *set = parse(api, "permit(principal, action, resource);");
    cedar_policies *both = NULL;
    const cedar_renaming *renamings;
    size_t count;
    cedar_scope scope;
    cedar_config config = {.hash_key = {1, 2}};
    cedar_engine *other;
    cedar_scratch *scratch;
    assert_int_equal(cedar_engine_new(&config, &other), CEDAR_OK);
    assert_int_equal(cedar_scratch_new(other, 0, &scratch), CEDAR_OK);
    assert_int_equal(cedar_policies_merge_renaming(scratch, set, set, &both, &renamings, &count),
                     CEDAR_ERR_MISUSE);
    assert_int_equal(
        cedar_policies_merge_renaming(api->scratch, set, NULL, &both, &renamings, &count),
        CEDAR_ERR_MISUSE);
    assert_int_equal(
        cedar_policies_merge_renaming(api->scratch, set, set, NULL, &renamings, &count),
        CEDAR_ERR_MISUSE);
    assert_int_equal(cedar_policy_scope(NULL, set, 0, &scope), CEDAR_ERR_MISUSE);
    assert_int_equal(cedar_policy_scope(api->scratch, NULL, 0, &scope), CEDAR_ERR_MISUSE);
    assert_int_equal(cedar_policy_scope(api->scratch, set, 0, NULL), CEDAR_ERR_MISUSE);
    cedar_scratch_free(scratch);
    cedar_engine_unref(other);
    cedar_policies_unref(set);
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        API_TEST(ids_in_use_are_changed_and_links_follow),
        API_TEST(what_is_the_same_in_both_is_there_once),
        API_TEST(merging_a_set_with_itself_changes_nothing),
        API_TEST(without_common_ids_nothing_is_changed),
        API_TEST(differences_that_count),
        API_TEST(heads_are_told_as_data),
        API_TEST(every_failing_allocation_is_a_clean_error),
        API_TEST(misuse_is_told),
    };
    return cmocka_run_group_tests_name("policy_merge", tests, NULL, NULL);
}
