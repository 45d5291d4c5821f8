/* SPDX-License-Identifier: Apache-2.0 */
/* What is told about a decision: outcomes, constraints, clauses, values; order, limits, links. */
#include "explain_unit.h"

static const char entities_json[] =
    "[{\"uid\":{\"type\":\"User\",\"id\":\"alice\"},"
    "\"attrs\":{\"age\":17,\"boss\":{\"__entity\":{\"type\":\"User\",\"id\":\"bob\"}},"
    "\"addr\":{\"zip\":\"123\"}},\"parents\":[{\"type\":\"G\",\"id\":\"staff\"},"
    "{\"type\":\"G\",\"id\":\"eve\"}],\"tags\":{\"k\":\"v\"}},"
    "{\"uid\":{\"type\":\"G\",\"id\":\"staff\"},\"attrs\":{},"
    "\"parents\":[{\"type\":\"G\",\"id\":\"all\"}]}]";

static const char context_json[] =
    "{\"n\":2,\"mfa\":false,\"ip\":{\"__extn\":{\"fn\":\"ip\",\"arg\":\"10.0.0.1\"}}}";

struct world {
    const struct api *api;
    cedar_entities *entities;
    cedar_request request;
};

static struct world world_new(const struct api *api) {
    struct world w = {.api = api, .request = request()};
    assert_int_equal(
        cedar_entities_parse_json(api->engine, text(entities_json), NULL, "e", &w.entities, NULL),
        CEDAR_OK);
    assert_int_equal(cedar_context_parse_json(api->scratch, text(context_json), NULL, NULL,
                                              &w.request.context, NULL),
                     CEDAR_OK);
    return w;
}

static void world_done(struct world *w) {
    cedar_entities_unref(w->entities);
    cedar_scratch_reset(w->api->scratch);
}

static const cedar_explanation *explain(const struct world *w, const cedar_policies *policies,
                                        const cedar_explain_options *options) {
    const cedar_explanation *explanation = NULL;
    assert_int_equal(
        cedar_explain(policies, w->entities, &w->request, w->api->scratch, options, &explanation),
        CEDAR_OK);
    return explanation;
}

static void check(const struct world *w, const cedar_policies *policies,
                  const cedar_explain_options *options, const char *expected) {
    char *actual = dump_explanation(explain(w, policies, options));
    if (strcmp(actual, expected) != 0) {
        fail_msg("\n%s\ninstead of\n%s", actual, expected);
    }
    free(actual);
}

static void check_text(const struct world *w, const char *policies,
                       const cedar_explain_options *options, const char *expected) {
    cedar_policies *set = parse(w->api, policies);
    check(w, set, options, expected);
    cedar_policies_unref(set);
}

/* ---- one condition ---- */

/* permit(principal, action, resource) with this behind it; what is told below the policy. */
struct clause_case {
    const char *clauses;
    const char *expected;
};

#define DENY "deny NOT_PERMITTED 0 0 1 0\npolicy0 CLAUSE\n"
#define ALLOW "allow PERMITTED 1 0 0 0\npolicy0 SATISFIED +\n"
#define FAILED "deny PERMIT_FAILED 0 1 0 0\npolicy0 ERROR "

static const struct clause_case clause_cases[] = {
    {"", ALLOW},
    {"when { true }", ALLOW "  HOLDS 1:43 when true\n"},
    {"unless { false } when { false } unless { true }",
     DENY "  HOLDS 1:45 unless false\n  FAILS 1:60 when false\n  SKIPPED 1:77 unless true\n"},
    {"when { context.mfa }", DENY "  FAILS 1:43 when context.mfa\n"},

    /* values */
    {"when { principal.age >= 18 }",
     DENY "  FAILS 1:43 when principal.age >= 18\n    principal.age = 17\n"},
    {"when { principal.age + context.n * 2 < 20 }",
     DENY "  FAILS 1:43 when principal.age + context.n * 2 < 20\n"
          "    principal.age = 17\n    context.n = 2\n    context.n * 2 = 4\n"
          "    principal.age + context.n * 2 = 21\n"},
    {"when { principal.addr.zip == \"124\" }",
     DENY "  FAILS 1:43 when principal.addr.zip == \"124\"\n    principal.addr.zip = \"123\"\n"},
    {"when { principal == principal.boss }",
     DENY "  FAILS 1:43 when principal == principal.boss\n    principal = User::\"alice\"\n"
          "    principal.boss = User::\"bob\"\n"},
    {"when { context.ip.isInRange(ip(\"192.168.0.0/16\")) }",
     DENY "  FAILS 1:43 when context.ip.isInRange(ip(\"192.168.0.0/16\"))\n"
          "    context.ip = ip(\"10.0.0.1\")\n"},
    {"when { principal.getTag(\"k\") like \"w*\" }",
     DENY "  FAILS 1:43 when principal.getTag(\"k\") like \"w*\"\n    principal = User::\"alice\"\n"
          "    principal.getTag(\"k\") = \"v\"\n"},
    {"when { [principal, {b: 1, a: context.n}].contains(resource) }",
     DENY "  FAILS 1:43 when [principal, {b: 1, a: context.n}].contains(resource)\n"
          "    principal = User::\"alice\"\n    context.n = 2\n"
          "    {b: 1, a: context.n} = {\"a\": 2, \"b\": 1}\n"
          "    [principal, {b: 1, a: context.n}] = [User::\"alice\", {\"a\": 2, \"b\": 1}]\n"
          "    resource = Photo::\"p\"\n"},
    {"when { [context.n].isEmpty() }",
     DENY "  FAILS 1:43 when [context.n].isEmpty()\n    context.n = 2\n    [context.n] = [2]\n"},
    {"when { -context.n > 0 }",
     DENY "  FAILS 1:43 when -context.n > 0\n    context.n = 2\n    -context.n = -2\n"},
    {"when { (if context.mfa then 1 else context.n) == 1 }",
     DENY "  FAILS 1:43 when (if context.mfa then 1 else context.n) == 1\n"
          "   *context.mfa = false\n    context.n = 2\n"
          "    if context.mfa then 1 else context.n = 2\n"},

    /* on one line, without what only people read */
    {"when {\n  // why\n  context.n\n    ==\t3 }",
     DENY "  FAILS 3:3 when context.n == 3\n    context.n = 2\n"},

    /* each value once */
    {"when { context.n > 0 && context.n > 1 && context.n > 2 }",
     DENY "  FAILS 1:43 when context.n > 0 && context.n > 1 && context.n > 2\n"
          "    context.n > 0 = true\n      context.n = 2\n    context.n > 1 = true\n"
          "   *context.n > 2 = false\n"},

    /* only what was evaluated */
    {"when { principal.age > 18 && principal.missing }",
     DENY "  FAILS 1:43 when principal.age > 18 && principal.missing\n"
          "   *principal.age > 18 = false\n      principal.age = 17\n    principal.missing -\n"},
    {"when { true || principal.missing }",
     ALLOW "  HOLDS 1:43 when true || principal.missing\n   *true = true\n"
           "    principal.missing -\n"},
    {"when { context.mfa || principal == User::\"bob\" }",
     DENY "  FAILS 1:43 when context.mfa || principal == User::\"bob\"\n   *context.mfa = false\n"
          "   *principal == User::\"bob\" = false\n      principal = User::\"alice\"\n"},
    {"unless { !(context.n == 3) }",
     DENY "  FAILS 1:45 unless !(context.n == 3)\n   *context.n == 3 = false\n"
          "      context.n = 2\n"},
    {"when { (context.n == 2 || context.n == 4) && (context.mfa || context.n == 3) }",
     DENY "  FAILS 1:43 when (context.n == 2 || context.n == 4) && (context.mfa || context.n == 3)"
          "\n    context.n == 2 || context.n == 4 = true\n      context.n == 2 = true\n"
          "        context.n = 2\n      context.n == 4 -\n"
          "   *context.mfa || context.n == 3 = false\n   *  context.mfa = false\n"
          "   *  context.n == 3 = false\n"},
    {"when { if context.mfa then principal.missing else principal.age > 20 }",
     DENY "  FAILS 1:43 when if context.mfa then principal.missing else principal.age > 20\n"
          "   *context.mfa = false\n   *principal.age > 20 = false\n      principal.age = 17\n"},
    {"when { principal is G in G::\"x\" }",
     DENY "  FAILS 1:43 when principal is G in G::\"x\"\n    principal = User::\"alice\"\n"
          "    ancestors of User::\"alice\": [G::\"all\", G::\"eve\", G::\"staff\"]\n"},

    /* facts about entities */
    {"when { principal in G::\"x\" }",
     DENY "  FAILS 1:43 when principal in G::\"x\"\n    principal = User::\"alice\"\n"
          "    ancestors of User::\"alice\": [G::\"all\", G::\"eve\", G::\"staff\"]\n"},
    {"when { principal.boss in G::\"x\" }",
     DENY "  FAILS 1:43 when principal.boss in G::\"x\"\n    principal.boss = User::\"bob\"\n"
          "    User::\"bob\": not among the entities\n"},
    {"when { principal has name }",
     DENY "  FAILS 1:43 when principal has name\n    principal = User::\"alice\"\n"
          "    attributes of User::\"alice\": [addr, age, boss]\n"},
    {"when { context has name }",
     DENY "  FAILS 1:43 when context has name\n"
          "    context = {\"ip\": ip(\"10.0.0.1\"), \"mfa\": false, \"n\": 2}\n"},
    {"when { principal.hasTag(\"q\") }",
     DENY "  FAILS 1:43 when principal.hasTag(\"q\")\n    principal = User::\"alice\"\n"
          "    tags of User::\"alice\": [k]\n"},
    {"when { resource has a || resource has b }",
     DENY "  FAILS 1:43 when resource has a || resource has b\n   *resource has a = false\n"
          "      resource = Photo::\"p\"\n      Photo::\"p\": not among the entities\n"
          "   *resource has b = false\n"},

    /* one sign of several in a row */
    {"when { !!!(context.n == 2) }",
     DENY "  FAILS 1:43 when !!!(context.n == 2)\n   *!!(context.n == 2) = true\n"
          "   *  !(context.n == 2) = false\n   *    context.n == 2 = true\n"
          "          context.n = 2\n"},

    /* errors */
    {"when { principal.addr.zap == \"1\" } when { true }",
     FAILED "record does not have the attribute `zap`\n"
            "  ERROR 1:43 when principal.addr.zap == \"1\"\n"
            "    principal.addr = {\"zip\": \"123\"}\n"
            "   *principal.addr.zap ! record does not have the attribute `zap`\n"
            "  SKIPPED 1:78 when true\n"},
    {"when { principal has boss.name || principal.boss.name == \"a\" || true }",
     FAILED "entity `User::\"bob\"` does not exist\n"
            "  ERROR 1:43 when principal has boss.name || principal.boss.name == \"a\" || true\n"
            "    principal has boss.name = false\n      principal = User::\"alice\"\n"
            "      attributes of User::\"alice\": [addr, age, boss]\n"
            "   *principal.boss.name == \"a\" !\n      principal.boss = User::\"bob\"\n"
            "   *  principal.boss.name ! entity `User::\"bob\"` does not exist\n    true -\n"},
    {"when { 9223372036854775807 + context.n + principal.missing > 1 }",
     FAILED "integer overflow while attempting to add the values `9223372036854775807` and `2`\n"
            "  ERROR 1:43 when 9223372036854775807 + context.n + principal.missing > 1\n"
            "    context.n = 2\n"
            "   *9223372036854775807 + context.n + principal.missing ! integer overflow while "
            "attempting to add the values `9223372036854775807` and `2`\n"},
    {"when { context.n && true }",
     FAILED "type error: expected bool, got long\n  ERROR 1:43 when context.n && true\n"
            "   *context.n ! type error: expected bool, got long\n    true -\n"},
    {"when { context.n }",
     FAILED "type error: expected bool, got long\n  ERROR 1:43 when context.n\n"
            "   *context.n ! type error: expected bool, got long\n"},
    {"when { context.n < \"a\" }",
     FAILED "type error: expected long, got string\n  ERROR 1:43 when context.n < \"a\"\n"
            "    context.n = 2\n   *context.n < \"a\" ! type error: expected long, got string\n"},
    {"when { ip(\"x\").isIpv4() }",
     FAILED "error while evaluating `ipaddr` extension function: invalid IP address: x\n"
            "  ERROR 1:43 when ip(\"x\").isIpv4()\n"
            "   *ip(\"x\") ! error while evaluating `ipaddr` extension function: invalid IP "
            "address: x\n"},
    {"when { [{a: ip(\"x\")}] == principal.missing }",
     FAILED "error while evaluating `ipaddr` extension function: invalid IP address: x\n"
            "  ERROR 1:43 when [{a: ip(\"x\")}] == principal.missing\n"
            "   *[{a: ip(\"x\")}] ! error while evaluating `ipaddr` extension function: invalid IP "
            "address: x\n"},
    {"when { context.n is T in principal.missing }",
     FAILED "type error: expected (entity of type `any_entity_type`), got long\n"
            "  ERROR 1:43 when context.n is T in principal.missing\n    context.n = 2\n"
            "   *context.n is T in principal.missing ! type error: expected (entity of type "
            "`any_entity_type`), got long\n"},
};

static void clauses_say_what_was_seen(void **state) {
    struct world w = world_new(*state);
    for (size_t i = 0; i < LENGTH(clause_cases); i++) {
        char policy[512];
        snprintf(policy, sizeof policy, "permit(principal,action,resource)  %s;",
                 clause_cases[i].clauses);
        check_text(&w, policy, NULL, clause_cases[i].expected);
    }
    world_done(&w);
}

/* ---- decisions and order ---- */

static const cedar_explain_options all = {.filter = CEDAR_EXPLAIN_ALL};
static const cedar_explain_options reached = {.filter = CEDAR_EXPLAIN_REACHED};

static const char many[] =
    "permit(principal == User::\"x\", action, resource == Photo::\"y\");\n"
    "forbid(principal, action, resource is File);\n"
    "permit(principal in G::\"x\", action in [Action::\"view\"], resource);\n"
    "forbid(principal, action, resource) when { context.mfa };\n"
    "permit(principal, action, resource) when { context.mfa };\n"
    "forbid(principal, action, resource) when { context.no };\n"
    "permit(principal, action, resource) when { context.no };\n"
    "permit(principal == User::\"x\", action == Action::\"y\","
    " resource == Photo::\"z\");\n";

#define NO_FIELD "ERROR record does not have the attribute `no`\n"
#define CONTEXT_SEEN                                                       \
    "    context = {\"ip\": ip(\"10.0.0.1\"), \"mfa\": false, \"n\": 2}\n" \
    "   *context.no ! record does not have the attribute `no`\n"

static void what_could_have_permitted_comes_first(void **state) {
    struct world w = world_new(*state);
    check_text(&w, many, &all,
               "deny PERMIT_FAILED 0 2 2 4\n"
               "policy6 " NO_FIELD "  ERROR 7:44 when context.no\n" CONTEXT_SEEN "policy5 " NO_FIELD
               "  ERROR 6:44 when context.no\n" CONTEXT_SEEN
               "policy4 CLAUSE\n  FAILS 5:44 when context.mfa\n"
               "policy3 CLAUSE\n  FAILS 4:44 when context.mfa\n"
               "policy2 SCOPE\n  3:8 not principal in G::\"x\"\n"
               "policy1 SCOPE\n  2:27 not resource is File\n"
               "policy0 SCOPE\n  1:8 not principal == User::\"x\"\n"
               "  1:40 not resource == Photo::\"y\"\n"
               "policy7 SCOPE\n  8:8 not principal == User::\"x\"\n"
               "  8:32 not action == Action::\"y\"\n  8:55 not resource == Photo::\"z\"\n");
    world_done(&w);
}

static void filters_and_the_limit_leave_the_totals(void **state) {
    struct world w = world_new(*state);
    cedar_policies *set = parse(w.api, many);
    const cedar_explanation *e = explain(&w, set, NULL);
    assert_int_equal(e->policy_count, 5); /* reached, and a permit one constraint away */
    assert_int_equal(e->omitted, 0);
    assert_int_equal(e->permit_errors, 1);
    assert_int_equal(e->forbid_errors, 1);
    assert_int_equal(explain(&w, set, &reached)->policy_count, 4);
    e = explain(&w, set, &(cedar_explain_options){.filter = CEDAR_EXPLAIN_ALL, .limit = 3});
    assert_int_equal(e->policy_count, 3);
    assert_int_equal(e->omitted, 5);
    assert_int_equal(e->policies[2].index, 4);
    assert_int_equal(e->totals[CEDAR_OUTCOME_SCOPE], 4);
    cedar_policies_unref(set);
    world_done(&w);
}

/* Only what would have changed the decision is near. */
static void near_depends_on_the_decision(void **state) {
    struct world w = world_new(*state);
    check_text(&w,
               "permit(principal, action, resource is File);"
               "forbid(principal, action, resource is File);",
               NULL, "deny NOT_PERMITTED 0 0 0 2\npolicy0 SCOPE\n  1:27 not resource is File\n");
    check_text(&w,
               "permit(principal, action, resource);"
               "permit(principal, action, resource is File);"
               "forbid(principal, action, resource is File);",
               NULL,
               "allow PERMITTED 1 0 0 2\npolicy0 SATISFIED +\n"
               "policy2 SCOPE\n  1:107 not resource is File\n");
    check_text(&w,
               "forbid(principal, action, resource);"
               "permit(principal, action, resource is File);"
               "forbid(principal, action, resource is File);",
               NULL, "deny FORBIDDEN 1 0 0 2\npolicy0 SATISFIED +\n");
    world_done(&w);
}

static void one_policy_can_be_asked_for(void **state) {
    struct world w = world_new(*state);
    cedar_policies *set = parse(w.api, many);
    check(&w, set, &(cedar_explain_options){.policy_id = text("policy0")},
          "deny PERMIT_FAILED 0 2 2 4\npolicy0 SCOPE\n  1:8 not principal == User::\"x\"\n"
          "  1:40 not resource == Photo::\"y\"\n");
    const cedar_explanation *explanation = NULL;
    assert_int_equal(cedar_explain(set, w.entities, &w.request, w.api->scratch,
                                   &(cedar_explain_options){.policy_id = text("policy8")},
                                   &explanation),
                     CEDAR_ERR_NOT_FOUND);
    assert_null(explanation);
    cedar_policies_unref(set);
    world_done(&w);
}

static const struct {
    const char *policies;
    const char *expected;
} decision_cases[] = {
    {"", "deny NOT_PERMITTED 0 0 0 0\n"},
    {"permit(principal == ?principal, action, resource);", "deny NOT_PERMITTED 0 0 0 0\n"},
    {"permit(principal, action, resource); forbid(principal, action, resource);"
     "forbid(principal, action, resource) when { context.no };",
     "deny FORBIDDEN 2 1 0 0\npolicy1 SATISFIED +\npolicy0 SATISFIED\n"
     "policy2 " NO_FIELD "  ERROR 1:117 when context.no\n" CONTEXT_SEEN},
    {"permit(principal, action, resource); forbid(principal, action, resource) when { false };"
     "forbid(principal, action, resource) when { context.no };",
     "allow PERMITTED 1 1 1 0\npolicy0 SATISFIED +\n"
     "policy2 " NO_FIELD "  ERROR 1:132 when context.no\n" CONTEXT_SEEN
     "policy1 CLAUSE\n  FAILS 1:81 when false\n"},
    /* what no request can match, told by each of its constraints */
    {"permit(principal in G::\"all\", action in [], resource is Photo);",
     "deny NOT_PERMITTED 0 0 0 1\npolicy0 SCOPE\n  1:31 not action in []\n"},
    /* a forbid that fails is no reason for a deny */
    {"forbid(principal, action, resource) when { context.no };",
     "deny NOT_PERMITTED 0 1 0 0\npolicy0 " NO_FIELD "  ERROR 1:44 when context.no\n" CONTEXT_SEEN},
};

static void the_cause_is_told(void **state) {
    struct world w = world_new(*state);
    for (size_t i = 0; i < LENGTH(decision_cases); i++) {
        check_text(&w, decision_cases[i].policies, &all, decision_cases[i].expected);
    }
    world_done(&w);
}

static void the_request_is_told(void **state) {
    struct world w = world_new(*state);
    cedar_policies *set = parse(w.api, "");
    const cedar_explained_entity *entities =
        explain(&w, set, &(cedar_explain_options){.max_seen = 2})->entities;
    assert_text(entities[0].text, "User::\"alice\"");
    assert_true(entities[0].is_known);
    assert_int_equal(entities[0].ancestor_count, 3);
    assert_int_equal(entities[0].shown_count, 2);
    assert_text(entities[0].ancestors[0], "G::\"all\"");
    assert_text(entities[0].ancestors[1], "G::\"eve\"");
    assert_text(entities[2].text, "Photo::\"p\"");
    assert_false(entities[2].is_known);
    assert_int_equal(entities[2].ancestor_count, 0);
    cedar_policies_unref(set);
    world_done(&w);
}

static void entities_of_the_request_count(void **state) {
    struct world w = world_new(*state);
    cedar_overlay *overlay;
    cedar_uid group = uid("G", "x");
    assert_int_equal(cedar_overlay_new(w.api->scratch, w.entities, NULL, &overlay), CEDAR_OK);
    assert_int_equal(cedar_overlay_add_parents(overlay, w.request.principal, &group, 1, NULL),
                     CEDAR_OK);
    assert_int_equal(cedar_overlay_finish(overlay, NULL), CEDAR_OK);
    w.request.overlay = overlay;
    check_text(
        &w, "permit(principal in G::\"x\", action, resource) when { principal in G::\"y\" };", NULL,
        "deny NOT_PERMITTED 0 0 1 0\npolicy0 CLAUSE\n  FAILS 1:54 when principal in G::\"y\""
        "\n    principal = User::\"alice\"\n    ancestors of User::\"alice\": "
        "[G::\"all\", G::\"eve\", G::\"staff\", G::\"x\"]\n");
    world_done(&w);
}

/* ---- where policies come from ---- */

static void links_are_told_with_their_values(void **state) {
    struct world w = world_new(*state);
    cedar_policies_builder *builder;
    cedar_policies *set = NULL;
    cedar_slot_value values[] = {{text("?principal"), uid("G", "x")}};
    assert_int_equal(cedar_policies_builder_new(w.api->engine, 0, &builder), CEDAR_OK);
    assert_int_equal(
        cedar_policies_builder_add(builder,
                                   text("permit(principal, action, resource);\n"
                                        "  permit(principal in ?principal, action, resource) "
                                        "when { false };"),
                                   "t.cedar", NULL),
        CEDAR_OK);
    assert_int_equal(cedar_policies_builder_link(builder, text("policy1"), text("far"), values, 1),
                     CEDAR_OK);
    values[0].uid = uid("G", "all");
    assert_int_equal(cedar_policies_builder_link(builder, text("policy1"), text("near"), values, 1),
                     CEDAR_OK);
    assert_int_equal(cedar_policies_builder_build(builder, &set, NULL), CEDAR_OK);
    cedar_policies_builder_free(builder);
    /* the template's id asks for its links */
    cedar_explain_options options = {.policy_id = text("policy1")};
    check(&w, set, &options,
          "allow PERMITTED 1 0 1 1\nnear CLAUSE\n  FAILS 2:60 when false\n"
          "far SCOPE\n  2:10 not principal in G::\"x\"\n");
    const cedar_explained_policy *near = &explain(&w, set, &options)->policies[0];
    assert_text(near->scopes[0].text, "principal in G::\"all\"");
    assert_text(near->info.source, "t.cedar");
    assert_int_equal(near->info.line, 2);
    assert_int_equal(near->info.column, 3);
    assert_text(near->info.link->template_id, "policy1");
    cedar_policies_unref(set);
    world_done(&w);
}

static void policies_in_json_are_printed(void **state) {
    struct world w = world_new(*state);
    cedar_policies *set = NULL;
    const char *json =
        "{\n \"effect\": \"permit\",\n \"principal\": {\"op\": \"in\", \"entity\": "
        "{\"type\": \"G\", \"id\": \"all\"}},\n \"action\": {\"op\": \"All\"},\n"
        " \"resource\": {\"op\": \"All\"},\n \"conditions\": [\n  {\"kind\": \"unless\", "
        "\"body\": {\"!=\": {\"left\": {\".\": {\"left\": {\"Var\": \"context\"}, \"attr\": "
        "\"n\"}}, \"right\": {\"Value\": 3}}}}]}";
    assert_int_equal(cedar_policies_parse_json(w.api->engine, text(json), "p.json", &set, NULL),
                     CEDAR_OK);
    check(&w, set, NULL,
          "deny NOT_PERMITTED 0 0 1 0\nJSON policy CLAUSE\n"
          "  FAILS 7:30 unless context.n != 3\n    context.n = 2\n");
    cedar_policies_unref(set);
    world_done(&w);
}

/* Sets made from sets keep the places. */
static void a_policy_knows_its_column(void **state) {
    struct world w = world_new(*state);
    cedar_policies *set = parse(w.api, "permit(principal, action, resource); permit(principal, "
                                       "action, resource)\n when { false };");
    cedar_policies *rest = NULL;
    assert_int_equal(cedar_policies_remove(set, text("policy0"), &rest, NULL), CEDAR_OK);
    assert_int_equal(cedar_policies_get(rest, 0).column, 38);
    assert_int_equal(cedar_policies_get(rest, 0).line, 1);
    check(&w, rest, NULL, "deny NOT_PERMITTED 0 0 1 0\npolicy1 CLAUSE\n  FAILS 2:9 when false\n");
    cedar_policies_unref(rest);
    cedar_policies_unref(set);
    world_done(&w);
}

/* ---- bounds ---- */

static void texts_are_cut_between_characters(void **state) {
    struct world w = world_new(*state);
    check_text(&w,
               "permit(principal, action, resource) when { [context.n, \"\xC3\xA4\xC3\xA4\xC3\xA4"
               "\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\"] == [context.n] };",
               &(cedar_explain_options){.max_text = 20},
               "deny NOT_PERMITTED 0 0 1 0\npolicy0 CLAUSE\n"
               "  FAILS 1:44 when [context.n, \"\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4"
               "\xC3\xA4\xC3\xA4\xC3\xA4\"] == [context.n]\n    context.n = 2\n"
               "    [context.n, \"\xC3\xA4\xC3\xA4… = [2, \"\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3"
               "\xA4\xC3\xA4…\n    [context.n] = [2]\n");
    world_done(&w);
}

/* What decides is told, however many come before it. */
static void what_decides_is_never_cut(void **state) {
    struct world w = world_new(*state);
    char policy[4096];
    int length = snprintf(policy, sizeof policy, "permit(principal, action, resource) when { ");
    for (int i = 0; i < 50; i++) {
        length += snprintf(policy + length, sizeof policy - (size_t)length, "context.n != %d && ",
                           i + 50);
    }
    snprintf(policy + length, sizeof policy - (size_t)length, "context.n != 2 && true };");
    cedar_policies *set = parse(w.api, policy);
    const cedar_explained_clause *clause =
        explain(&w, set, &(cedar_explain_options){.max_seen = 4})->policies[0].clauses;
    assert_int_equal(clause->state, CEDAR_CLAUSE_FAILS);
    assert_int_equal(clause->seen_count, 5);
    assert_int_equal(clause->seen_omitted, 48);
    assert_text(clause->seen[4].text, "context.n != 2");
    assert_text(clause->seen[4].value, "false");
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(clause->seen[i].is_cause, i == 4);
    }
    cedar_policies_unref(set);
    world_done(&w);
}

static bool always(void *ctx) {
    UNUSED(ctx);
    return true;
}

static const char long_policy_start[] = "permit(principal, action, resource) when { ";

/* Longer than the steps between two looks at the clock. */
static cedar_policies *parse_long(const struct api *api) {
    size_t size = 64 << 10;
    char *policy = malloc(size);
    assert_non_null(policy);
    size_t length = (size_t)snprintf(policy, size, "%s", long_policy_start);
    for (int i = 0; i < 2000; i++) {
        length += (size_t)snprintf(policy + length, size - length, "context.n != 3 && ");
    }
    snprintf(policy + length, size - length, "false };permit(principal, action, resource);");
    cedar_policies *set = parse(api, policy);
    free(policy);
    return set;
}

static void an_evaluation_that_expires_is_told(void **state) {
    struct world w = world_new(*state);
    cedar_policies *set = parse_long(w.api);
    w.request.is_expired = always;
    const cedar_explanation *e = explain(&w, set, &(cedar_explain_options){.max_text = 16});
    assert_int_equal(e->cause, CEDAR_CAUSE_TIMEOUT);
    assert_int_equal(e->totals[CEDAR_OUTCOME_ERROR], 2);
    assert_text(e->policies[0].message, "timeout");
    assert_int_equal(e->policies[0].clauses[0].state, CEDAR_CLAUSE_SKIPPED);
    assert_false(e->is_cut);
    cedar_policies_unref(set);
    world_done(&w);
}

static bool later(void *ctx) {
    int *calls = ctx;
    return (*calls)++ > 10;
}

/* The decision stands, values are missing. */
static void looking_for_values_may_expire(void **state) {
    struct world w = world_new(*state);
    cedar_policies *set = parse_long(w.api);
    int calls = 0;
    w.request.is_expired = later;
    w.request.expired_ctx = &calls;
    const cedar_explanation *e = explain(&w, set, &(cedar_explain_options){.max_text = 16});
    assert_int_equal(e->cause, CEDAR_CAUSE_PERMITTED);
    assert_true(e->is_cut);
    assert_int_equal(e->policies[1].outcome, CEDAR_OUTCOME_CLAUSE);
    assert_int_equal(e->policies[1].clauses[0].state, CEDAR_CLAUSE_SKIPPED);
    cedar_policies_unref(set);
    world_done(&w);
}

static void a_full_scratch_is_a_limit(void **state) {
    struct world w = world_new(*state);
    cedar_policies *set = parse_long(w.api);
    cedar_scratch *small;
    const cedar_explanation *explanation = NULL;
    cedar_request plain = request();
    assert_int_equal(cedar_scratch_new(w.api->engine, 100 << 10, &small), CEDAR_OK);
    assert_int_equal(cedar_explain(set, w.entities, &plain, small, NULL, &explanation),
                     CEDAR_ERR_LIMIT);
    assert_null(explanation);
    cedar_scratch_free(small);
    cedar_policies_unref(set);
    world_done(&w);
}

static void misuse_is_refused(void **state) {
    struct world w = world_new(*state);
    const struct api *api = w.api;
    cedar_policies *set = parse(api, "");
    const cedar_explanation *e = NULL;
    cedar_request *r = &w.request;
    cedar_explain_options bad = {.policy_id = {NULL, 1}};
    assert_int_equal(cedar_explain(NULL, w.entities, r, api->scratch, NULL, &e), CEDAR_ERR_MISUSE);
    assert_int_equal(cedar_explain(set, NULL, r, api->scratch, NULL, &e), CEDAR_ERR_MISUSE);
    assert_int_equal(cedar_explain(set, w.entities, NULL, api->scratch, NULL, &e),
                     CEDAR_ERR_MISUSE);
    assert_int_equal(cedar_explain(set, w.entities, r, NULL, NULL, &e), CEDAR_ERR_MISUSE);
    assert_int_equal(cedar_explain(set, w.entities, r, api->scratch, NULL, NULL), CEDAR_ERR_MISUSE);
    assert_int_equal(cedar_explain(set, w.entities, r, api->scratch, &bad, &e), CEDAR_ERR_MISUSE);
    w.request.principal.type = text("no name");
    assert_int_equal(cedar_explain(set, w.entities, r, api->scratch, NULL, &e), CEDAR_ERR_SYNTAX);
    assert_null(e);
    cedar_policies_unref(set);
    world_done(&w);
}

/* ---- memory ---- */

struct meter {
    size_t calls;   /* that want memory */
    size_t fail_at; /* 0: never */
};

static void *meter_resize(void *ctx, void *ptr, size_t old_size, size_t new_size) {
    struct meter *meter = ctx;
    UNUSED(old_size);
    if (new_size == 0) {
        free(ptr);
        return NULL;
    }
    return ++meter->calls == meter->fail_at ? NULL : realloc(ptr, new_size);
}

static void every_failing_allocation_is_a_clean_error(void **state) {
    UNUSED(state);
    struct meter meter = {0};
    cedar_config config = {.allocator = {meter_resize, &meter}};
    struct api api;
    assert_int_equal(cedar_engine_new(&config, &api.engine), CEDAR_OK);
    cedar_policies *set = parse(&api, many);
    cedar_status status = CEDAR_ERR_NOMEM;
    size_t n = 0;
    while (status != CEDAR_OK) {
        meter.fail_at = 0;
        assert_int_equal(cedar_scratch_new(api.engine, 0, &api.scratch), CEDAR_OK);
        struct world w = world_new(&api);
        const cedar_explanation *explanation = NULL;
        meter.calls = 0;
        meter.fail_at = ++n;
        status = cedar_explain(set, w.entities, &w.request, api.scratch, &all, &explanation);
        assert_true(status == CEDAR_OK || status == CEDAR_ERR_NOMEM);
        assert_int_equal(status == CEDAR_OK, explanation != NULL);
        world_done(&w);
        cedar_scratch_free(api.scratch);
    }
    assert_true(n > 10);
    cedar_policies_unref(set);
    cedar_engine_unref(api.engine);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        API_TEST(clauses_say_what_was_seen),
        API_TEST(what_could_have_permitted_comes_first),
        API_TEST(filters_and_the_limit_leave_the_totals),
        API_TEST(near_depends_on_the_decision),
        API_TEST(one_policy_can_be_asked_for),
        API_TEST(the_cause_is_told),
        API_TEST(the_request_is_told),
        API_TEST(entities_of_the_request_count),
        API_TEST(links_are_told_with_their_values),
        API_TEST(policies_in_json_are_printed),
        API_TEST(a_policy_knows_its_column),
        API_TEST(texts_are_cut_between_characters),
        API_TEST(what_decides_is_never_cut),
        API_TEST(an_evaluation_that_expires_is_told),
        API_TEST(looking_for_values_may_expire),
        API_TEST(a_full_scratch_is_a_limit),
        API_TEST(misuse_is_refused),
        cmocka_unit_test(every_failing_allocation_is_a_clean_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
