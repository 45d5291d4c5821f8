/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sets made from sets, many times over: after each step a set is what a list of its policies says,
 * and it decides as a set that was built of them at once.
 */
#include "api_unit.h"

#include <stdio.h>
#include <stdlib.h>

enum { POLICIES_MAX = 3000, STEPS = 1500, USERS = 12, TEXT_MAX = 256, ID_MAX = 24 };

/* What a set should have: one policy. */
struct member {
    char id[ID_MAX];
    char text[TEXT_MAX];      /* of a link: its template's */
    char template_id[ID_MAX]; /* empty: no link */
    char principal[ID_MAX];   /* of a link */
    bool is_template;
};

struct model {
    const struct api *api;
    struct member *members;
    size_t count;
    unsigned next; /* number for ids */
    uint64_t state;
    cedar_policies *set;
};

static unsigned pick(struct model *m, unsigned count) {
    m->state = m->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(m->state >> 33) % count;
}

static void write_policy(struct model *m, struct member *member) {
    unsigned number = m->next++;
    unsigned user = pick(m, USERS);
    memset(member, 0, sizeof *member);
    snprintf(member->id, sizeof member->id, "p%u", number);
    switch (pick(m, 6)) {
    case 0:
        snprintf(member->text, TEXT_MAX,
                 "@id(\"p%u\")\n@note(\"n\")\npermit(principal == User::\"u%u\", action, resource)"
                 " when { context.n < %u };",
                 number, user, pick(m, 10));
        break;
    case 1:
        snprintf(member->text, TEXT_MAX,
                 "@id(\"p%u\") forbid(principal == User::\"u%u\", action == Action::\"a%u\", "
                 "resource) when { [context.t, \"x\"].contains(\"x\") && context.t like \"x*\" };",
                 number, user, pick(m, 3));
        break;
    case 2:
        snprintf(member->text, TEXT_MAX,
                 "@id(\"p%u\") permit(principal is User in User::\"u%u\", action in "
                 "[Action::\"a0\", Action::\"a1\"], resource is Photo) unless { context.missing };",
                 number, user);
        break;
    case 3:
        snprintf(member->text, TEXT_MAX,
                 "@id(\"p%u\") permit(principal, action, resource == Photo::\"f%u\") when { "
                 "context has o.p && {a: 1, b: User::\"u%u\"}.b == principal && context.t < 1 };",
                 number, pick(m, 4), user);
        break;
    case 4:
        member->is_template = true;
        snprintf(member->text, TEXT_MAX,
                 "@id(\"p%u\") permit(principal == ?principal, action in Action::\"a%u\", resource)"
                 " when { context.n + %u > 3 };",
                 number, pick(m, 3), pick(m, 5));
        break;
    default:
        snprintf(member->text, TEXT_MAX,
                 "@id(\"p%u\") permit(principal == User::\"u%u\", action, resource);", number,
                 user);
        break;
    }
}

/* ---- the set that is built at once ---- */

static cedar_policies *build(const struct model *m, const struct member *members, size_t count) {
    cedar_policies_builder *builder;
    cedar_policies *set = NULL;
    assert_int_equal(
        cedar_policies_builder_new(m->api->engine, CEDAR_IDS_FROM_ANNOTATION, &builder), CEDAR_OK);
    for (size_t i = 0; i < count; i++) {
        const struct member *member = &members[i];
        if (member->template_id[0] == '\0') {
            assert_int_equal(
                cedar_policies_builder_add(builder, text(member->text), member->id, NULL),
                CEDAR_OK);
        } else {
            cedar_slot_value value = {text("?principal"), uid("User", member->principal)};
            assert_int_equal(cedar_policies_builder_link(builder, text(member->template_id),
                                                         text(member->id), &value, 1),
                             CEDAR_OK);
        }
    }
    assert_int_equal(cedar_policies_builder_build(builder, &set, NULL), CEDAR_OK);
    cedar_policies_builder_free(builder);
    return set;
}

/* ---- steps ---- */

static void replace(struct model *m, cedar_policies *set) {
    cedar_policies_unref(m->set);
    m->set = set;
}

static void step_merge(struct model *m) {
    size_t count = 1 + pick(m, pick(m, 20) == 0 ? 60 : 3);
    cedar_policies *merged = NULL;
    for (size_t i = 0; i < count; i++) {
        write_policy(m, &m->members[m->count + i]);
    }
    cedar_policies *added = build(m, m->members + m->count, count);
    assert_int_equal(cedar_policies_merge(m->set, added, &merged, NULL), CEDAR_OK);
    cedar_policies_unref(added);
    m->count += count;
    replace(m, merged);
}

static void step_link(struct model *m) {
    size_t at = pick(m, (unsigned)m->count);
    while (at < m->count && !m->members[at].is_template) {
        at++;
    }
    if (at == m->count) {
        return;
    }
    struct member *member = &m->members[m->count];
    *member = m->members[at];
    member->is_template = false;
    snprintf(member->template_id, ID_MAX, "%s", m->members[at].id);
    snprintf(member->id, ID_MAX, "l%u", m->next++);
    snprintf(member->principal, ID_MAX, "u%u", pick(m, USERS));
    cedar_slot_value value = {text("?principal"), uid("User", member->principal)};
    cedar_policies *linked = NULL;
    assert_int_equal(cedar_policies_link(m->set, text(member->template_id), text(member->id),
                                         &value, 1, &linked, NULL),
                     CEDAR_OK);
    m->count++;
    replace(m, linked);
}

static bool has_links(const struct model *m, const char *id) {
    for (size_t i = 0; i < m->count; i++) {
        if (strcmp(m->members[i].template_id, id) == 0) {
            return true;
        }
    }
    return false;
}

static void step_remove(struct model *m) {
    size_t at = pick(m, (unsigned)m->count);
    cedar_policies *less = NULL;
    cedar_status status = cedar_policies_remove(m->set, text(m->members[at].id), &less, NULL);
    if (m->members[at].is_template && has_links(m, m->members[at].id)) {
        assert_int_equal(status, CEDAR_ERR_EXISTS);
        return;
    }
    assert_int_equal(status, CEDAR_OK);
    assert_int_equal(cedar_policies_find(less, text(m->members[at].id)), SIZE_MAX);
    memmove(&m->members[at], &m->members[at + 1], (m->count - at - 1) * sizeof *m->members);
    m->count--;
    replace(m, less);
}

/* ---- what has to be true ---- */

static void check_member(const struct model *m, size_t index) {
    const struct member *member = &m->members[index];
    cedar_policy_info info = cedar_policies_get(m->set, index);
    assert_text(info.id, member->id);
    assert_text(info.text, member->text);
    assert_int_equal(info.is_template, member->is_template);
    assert_int_equal(info.line, 1);
    assert_int_equal(info.column, 1);
    assert_text(info.annotations[0].name, "id");
    if (member->template_id[0] == '\0') {
        assert_null(info.link);
        assert_text(info.source, member->id);
        assert_text(info.annotations[0].value, member->id);
    } else {
        assert_text(info.link->template_id, member->template_id);
        assert_text(info.link->values[0].uid.id, member->principal);
        assert_text(info.source, member->template_id);
    }
    assert_int_equal(cedar_policies_find(m->set, text(member->id)), index);
}

static cedar_response ask(struct model *m, const cedar_policies *set, cedar_scratch *scratch,
                          const unsigned *choice) {
    cedar_response response;
    cedar_request asked = request();
    char user[ID_MAX];
    char action[ID_MAX];
    char photo[ID_MAX];
    snprintf(user, sizeof user, "u%u", choice[0]);
    snprintf(action, sizeof action, "a%u", choice[1]);
    snprintf(photo, sizeof photo, "f%u", choice[2]);
    asked.principal = uid("User", user);
    asked.action = uid("Action", action);
    asked.resource = uid("Photo", photo);
    assert_int_equal(cedar_context_parse_json(scratch,
                                              text("{\"n\":3,\"o\":{\"p\":1},\"t\":\"xyz\"}"), NULL,
                                              NULL, &asked.context, NULL),
                     CEDAR_OK);
    assert_int_equal(cedar_authorize(set, m->api->entities, &asked, scratch, &response), CEDAR_OK);
    return response;
}

static bool is_same(cedar_str a, cedar_str b) {
    return a.len == b.len && memcmp(a.ptr, b.ptr, a.len) == 0;
}

/* The same policies, and in the order of the set. */
static void compare_answers(const cedar_policies *set, const cedar_response *actual,
                            const cedar_response *expected) {
    size_t last = 0;
    assert_int_equal(actual->decision, expected->decision);
    assert_int_equal(actual->reason_count, expected->reason_count);
    assert_int_equal(actual->error_count, expected->error_count);
    for (size_t i = 0; i < actual->reason_count; i++) {
        bool is_there = false;
        for (size_t k = 0; k < expected->reason_count; k++) {
            is_there = is_there || is_same(actual->reasons[i], expected->reasons[k]);
        }
        assert_true(is_there);
        size_t index = cedar_policies_find(set, actual->reasons[i]);
        assert_true(i == 0 || index > last);
        last = index;
    }
    for (size_t i = 0; i < actual->error_count; i++) {
        bool is_there = false;
        for (size_t k = 0; k < expected->error_count; k++) {
            is_there =
                is_there || (is_same(actual->errors[i].policy_id, expected->errors[k].policy_id) &&
                             is_same(actual->errors[i].message, expected->errors[k].message));
        }
        assert_true(is_there);
        size_t index = cedar_policies_find(set, actual->errors[i].policy_id);
        assert_true(i == 0 || index > last);
        last = index;
    }
}

static void check_decisions(struct model *m) {
    cedar_policies *whole = build(m, m->members, m->count);
    cedar_scratch *other;
    cedar_str json;
    assert_int_equal(cedar_scratch_new(m->api->engine, 0, &other), CEDAR_OK);
    for (unsigned user = 0; user < USERS; user++) {
        const unsigned choice[] = {user, user % 3, user % 4};
        cedar_response actual = ask(m, m->set, m->api->scratch, choice);
        cedar_response expected = ask(m, whole, other, choice);
        compare_answers(m->set, &actual, &expected);
        cedar_scratch_reset(m->api->scratch);
        cedar_scratch_reset(other);
    }
    cedar_policies *again = NULL;
    assert_int_equal(cedar_policies_to_json(other, m->set, &json), CEDAR_OK);
    assert_int_equal(cedar_policies_parse_json(m->api->engine, json, NULL, &again, NULL), CEDAR_OK);
    assert_int_equal(cedar_policies_count(again), m->count);
    cedar_policies_unref(again);
    cedar_scratch_free(other);
    cedar_policies_unref(whole);
}

static void sets_from_sets_are_what_they_were_made_of(void **state) {
    struct model m = {.api = *state, .state = 7};
    m.members = calloc(POLICIES_MAX, sizeof *m.members);
    assert_non_null(m.members);
    for (m.count = 0; m.count < 300; m.count++) {
        write_policy(&m, &m.members[m.count]);
    }
    m.set = build(&m, m.members, m.count);
    cedar_policies *first = cedar_policies_ref(m.set);
    for (unsigned step = 0; step < STEPS; step++) {
        /* at first more and more, then fewer and fewer */
        unsigned kind = pick(&m, 10);
        bool is_growing = step < STEPS / 2 && m.count < POLICIES_MAX - 100;
        if (m.count > 1 && kind < (is_growing ? 2 : 8)) {
            step_remove(&m);
        } else if (kind % 2 == 0) {
            step_merge(&m);
        } else {
            step_link(&m);
        }
        assert_int_equal(cedar_policies_count(m.set), m.count);
        for (size_t i = step % 7; i < m.count; i += 7) {
            check_member(&m, i);
        }
        if (step % 60 == 0) {
            check_decisions(&m);
        }
    }
    check_decisions(&m);
    assert_int_equal(cedar_policies_count(first), 300); /* it is as it was */
    assert_int_equal(cedar_policies_find(first, text("p299")), 299);
    cedar_policies_unref(first);
    while (m.count > 0) { /* links stand behind their templates */
        cedar_policies *less = NULL;
        m.count--;
        assert_int_equal(cedar_policies_remove(m.set, text(m.members[m.count].id), &less, NULL),
                         CEDAR_OK);
        replace(&m, less);
    }
    assert_int_equal(cedar_policies_count(m.set), 0);
    check_decisions(&m);
    cedar_policies_unref(m.set);
    free(m.members);
}

static void a_removed_id_can_be_used_again(void **state) {
    struct api *api = *state;
    cedar_policies *set = parse(api, "permit(principal == ?principal, action, resource);"
                                     "forbid(principal, action, resource);");
    cedar_policies *less = NULL;
    cedar_policies *other = NULL;
    cedar_policies *linked = NULL;
    cedar_slot_value alice = {text("?principal"), uid("User", "alice")};
    cedar_slot_value bob = {text("?principal"), uid("User", "bob")};
    assert_int_equal(cedar_policies_remove(set, text("policy1"), &less, NULL), CEDAR_OK);
    assert_int_equal(
        cedar_policies_link(less, text("policy0"), text("policy1"), &alice, 1, &other, NULL),
        CEDAR_OK);
    assert_int_equal(cedar_policies_find(other, text("policy1")), 1);
    assert_non_null(cedar_policies_get(other, 1).link);
    assert_int_equal(cedar_policies_link(other, text("policy0"), text("x"), &bob, 1, &linked, NULL),
                     CEDAR_OK);
    assert_int_equal(cedar_policies_count(linked), 3);
    cedar_policies_unref(set);
    cedar_policies_unref(less);
    cedar_policies_unref(other);
    assert_text(cedar_policies_get(linked, 2).link->template_id, "policy0");
    cedar_policies_unref(linked);
}

static void a_builder_goes_on_from_a_set(void **state) {
    struct api *api = *state;
    cedar_policies *set = parse(api, "permit(principal == ?principal, action, resource);");
    cedar_policies_builder *builder;
    cedar_policies *more = NULL;
    cedar_report *report = NULL;
    cedar_slot_value alice = {text("?principal"), uid("User", "alice")};
    assert_int_equal(cedar_policies_builder_new(api->engine, 0, &builder), CEDAR_OK);
    assert_int_equal(cedar_policies_builder_add_policies(builder, set), CEDAR_OK);
    assert_int_equal(cedar_policies_builder_add(
                         builder, text("forbid(principal, action, resource);"), "b.cedar", NULL),
                     CEDAR_OK);
    assert_int_equal(cedar_policies_builder_build(builder, &more, &report), CEDAR_ERR_EXISTS);
    cedar_finding finding = cedar_report_get(report, 0);
    assert_text(finding.message, "duplicate template or policy id `policy0`");
    assert_text(finding.help, "the policy at p.cedar:1 has the same id");
    assert_text(finding.source, "b.cedar");
    cedar_report_free(report);
    cedar_policies_builder_free(builder);

    assert_int_equal(cedar_policies_builder_new(api->engine, 0, &builder), CEDAR_OK);
    assert_int_equal(cedar_policies_builder_add_policies(builder, set), CEDAR_OK);
    assert_int_equal(cedar_policies_builder_add(
                         builder, text("forbid(principal, action, resource);"), "b.cedar", "b"),
                     CEDAR_OK);
    assert_int_equal(cedar_policies_builder_link(builder, text("policy0"), text("l"), &alice, 1),
                     CEDAR_OK);
    assert_int_equal(cedar_policies_builder_build(builder, &more, NULL), CEDAR_OK);
    assert_int_equal(cedar_policies_count(more), 3);
    assert_text(cedar_policies_get(more, 1).id, "bpolicy0");
    assert_text(cedar_policies_get(more, 2).id, "l");
    cedar_policies_unref(more);

    /* The builder is empty again. */
    more = NULL;
    assert_int_equal(cedar_policies_builder_build(builder, &more, NULL), CEDAR_OK);
    assert_int_equal(cedar_policies_count(more), 0);
    cedar_policies_unref(more);
    cedar_policies_builder_free(builder);
    cedar_policies_unref(set);
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        API_TEST(sets_from_sets_are_what_they_were_made_of),
        API_TEST(a_removed_id_can_be_used_again),
        API_TEST(a_builder_goes_on_from_a_set),
    };
    return cmocka_run_group_tests_name("policy_sets", tests, NULL, NULL);
}
