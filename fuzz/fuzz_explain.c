/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Policies, entities and a context: three parts, divided by lines `---`.
 *
 *     permit(principal in G::"g", action, resource) when { principal.age > context.least };
 *     ---
 *     [{"uid": {"type": "User", "id": "alice"}, "attrs": {"age": 3}, "parents": []}]
 *     ---
 *     {"least": 2}
 *
 * An explanation agrees with what cedar_authorize says, and with itself (explain_check.h). Every
 * expression that was seen has the value that it has when it is evaluated alone. Small limits leave
 * out what is told and change nothing else; policies that have been written as JSON come out alike.
 */
#include "world.h"

#include <stdio.h>

#include "explain_check.h"

enum {
    SCRATCH_MAX = 16 << 20,
    DEPTH_MAX = 60,
    POLLS_MAX = 100,
    TEXT_MAX = 1 << 14,
    EVALUATED_MAX = 100, /* seen expressions that are evaluated again */
};

/* ---- what was seen ---- */

/* An expression alone has the value, or the error, that it had in its clause. */
static void check_seen(struct world *w, const cedar_seen *seen, int *evaluated) {
    const cedar_value *value = NULL;
    cedar_report *report = NULL;
    cedar_str text;
    if (seen->kind == CEDAR_SEEN_SKIPPED || seen->kind == CEDAR_SEEN_FACT ||
        seen->text.len >= TEXT_MAX - 4 || seen->value.len >= TEXT_MAX - 4 ||
        (*evaluated)++ > EVALUATED_MAX) {
        return;
    }
    w->polls = 0;
    cedar_status status =
        cedar_evaluate(w->scratch, seen->text, w->entities, &w->request, &value, &report);
    if (status == CEDAR_OK && seen->kind == CEDAR_SEEN_VALUE) {
        status = cedar_value_format(w->scratch, value, &text);
        FUZZ_CHECK(status != CEDAR_OK || same_text(text, seen->value));
    } else if (status == CEDAR_OK && seen->value.len > 0) {
        FUZZ_CHECK(str_has_prefix(from_cedar(seen->value), STR("type error: expected bool, got ")));
    } else if (status == CEDAR_ERR_EVALUATION) {
        cedar_str message = cedar_report_get(report, 0).message;
        FUZZ_CHECK(seen->kind == CEDAR_SEEN_ERROR || str_equal_c(from_cedar(message), "timeout"));
        FUZZ_CHECK(seen->value.len == 0 || same_text(message, seen->value) ||
                   str_equal_c(from_cedar(message), "timeout"));
    }
    FUZZ_CHECK(status == CEDAR_OK || status == CEDAR_ERR_EVALUATION || status == CEDAR_ERR_LIMIT);
    cedar_report_free(report);
}

static void check_clauses(struct world *w, const cedar_explained_policy *policy, int *evaluated) {
    for (size_t i = 0; i < policy->clause_count; i++) {
        const cedar_explained_clause *clause = &policy->clauses[i];
        for (size_t k = 0; k < clause->seen_count; k++) {
            check_seen(w, &clause->seen[k], evaluated);
        }
    }
}

/* ---- with other words ---- */

static const cedar_explanation *explain(struct world *w, const cedar_policies *policies,
                                        const cedar_explain_options *options) {
    const cedar_explanation *explanation = NULL;
    w->polls = 0;
    cedar_status status =
        cedar_explain(policies, w->entities, &w->request, w->scratch, options, &explanation);
    FUZZ_CHECK(status == CEDAR_OK || status == CEDAR_ERR_LIMIT);
    return explanation;
}

static void check_small(struct world *w, const cedar_policies *policies,
                        const cedar_explanation *whole) {
    cedar_explain_options options = {
        .filter = CEDAR_EXPLAIN_ALL, .limit = SIZE_MAX, .max_seen = 2, .max_text = 16};
    const cedar_explanation *e = explain(w, policies, &options);
    if (e == NULL || e->is_cut || whole->is_cut || e->response.is_timeout) {
        return;
    }
    FUZZ_CHECK(e->policy_count == whole->policy_count);
    for (size_t i = 0; i < e->policy_count; i++) {
        FUZZ_CHECK(e->policies[i].index == whole->policies[i].index);
        FUZZ_CHECK(e->policies[i].outcome == whole->policies[i].outcome);
        FUZZ_CHECK(explain_check_policy(&e->policies[i]) == NULL);
    }
}

static void check_json(struct world *w, const cedar_policies *policies,
                       const cedar_explanation *whole) {
    cedar_policies *copy = NULL;
    cedar_str json;
    if (cedar_policies_to_json(w->scratch, policies, &json) != CEDAR_OK ||
        cedar_policies_parse_json(w->engine, json, NULL, &copy, NULL) != CEDAR_OK) {
        return;
    }
    cedar_explain_options options = {.filter = CEDAR_EXPLAIN_ALL, .limit = SIZE_MAX};
    const cedar_explanation *e = explain(w, copy, &options);
    if (e != NULL && !e->is_cut && !whole->is_cut && !e->response.is_timeout) {
        for (int i = 0; i < CEDAR_OUTCOME_COUNT; i++) {
            FUZZ_CHECK(e->totals[i] == whole->totals[i]);
        }
        for (size_t i = 0; i < e->policy_count; i++) {
            FUZZ_CHECK(explain_check_policy(&e->policies[i]) == NULL);
        }
    }
    cedar_policies_unref(copy);
}

static void check(struct world *w, const cedar_policies *policies) {
    cedar_explain_options options = {
        .filter = CEDAR_EXPLAIN_ALL, .limit = SIZE_MAX, .max_seen = 1000, .max_text = TEXT_MAX};
    cedar_response response;
    w->polls = 0;
    cedar_status status =
        cedar_authorize(policies, w->entities, &w->request, w->scratch, &response);
    const cedar_explanation *e = explain(w, policies, &options);
    if (status != CEDAR_OK || e == NULL) {
        return;
    }
    const char *wrong = explain_check(policies, &response, e);
    if (wrong != NULL) {
        fprintf(stderr, "%s\n", wrong);
    }
    FUZZ_CHECK(wrong == NULL);
    if (e->response.is_timeout || e->is_cut) {
        return;
    }
    int evaluated = 0;
    for (size_t i = 0; i < e->policy_count; i++) {
        check_clauses(w, &e->policies[i], &evaluated);
    }
    check_small(w, policies, e);
    check_json(w, policies, e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    cedar_policies *policies = NULL;
    struct world w;
    str text = world_init(&w, fuzz_input(data, size), SCRATCH_MAX, DEPTH_MAX, POLLS_MAX);
    if (cedar_policies_parse(w.engine, to_cedar(text), NULL, &policies, NULL) == CEDAR_OK) {
        check(&w, policies);
    }
    cedar_policies_unref(policies);
    world_done(&w);
    return 0;
}
