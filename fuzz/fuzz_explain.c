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
 * An explanation says what cedar_authorize says: decision, reasons, errors. Its policies agree
 * with that, each in itself: constraints and clauses with the outcome, and every expression that
 * was seen has the value that it has when it is evaluated alone. Small limits leave out what is
 * told and change nothing else; policies that have been written as JSON come out alike.
 */
#include "fuzz.h"

#include "cedar.h"

enum {
    SCRATCH_MAX = 16 << 20,
    DEPTH_MAX = 60,
    POLLS_MAX = 100,
    TEXT_MAX = 1 << 14,
    EVALUATED_MAX = 100, /* seen expressions that are evaluated again */
};

struct world {
    cedar_engine *engine;
    cedar_scratch *scratch;
    cedar_entities *entities;
    cedar_request request;
    int polls;
    int evaluated;
};

static str from(cedar_str text) {
    return (str){text.ptr, text.len};
}

static cedar_str to(str text) {
    return (cedar_str){text.ptr, text.len};
}

static bool same(cedar_str a, cedar_str b) {
    return str_equal(from(a), from(b));
}

static bool is_expired(void *ctx) {
    struct world *world = ctx;
    return ++world->polls > POLLS_MAX;
}

/* Cuts off what stands before the next line `---`. */
static str next_part(str *rest) {
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

/* ---- against the decision ---- */

static void check_response(const cedar_response *response, const cedar_response *explained) {
    FUZZ_CHECK(response->decision == explained->decision);
    FUZZ_CHECK(response->is_timeout == explained->is_timeout);
    FUZZ_CHECK(response->reason_count == explained->reason_count);
    FUZZ_CHECK(response->error_count == explained->error_count);
    for (size_t i = 0; i < response->reason_count; i++) {
        FUZZ_CHECK(same(response->reasons[i], explained->reasons[i]));
    }
    for (size_t i = 0; i < response->error_count; i++) {
        FUZZ_CHECK(same(response->errors[i].policy_id, explained->errors[i].policy_id));
        FUZZ_CHECK(same(response->errors[i].message, explained->errors[i].message));
    }
}

static const cedar_policy_error *find_error(const cedar_response *response, cedar_str id) {
    for (size_t i = 0; i < response->error_count; i++) {
        if (same(response->errors[i].policy_id, id)) {
            return &response->errors[i];
        }
    }
    return NULL;
}

static void check_outcomes(const cedar_policies *policies, const cedar_explanation *e) {
    size_t counts[CEDAR_OUTCOME_COUNT] = {0};
    size_t satisfied[2] = {0};
    size_t reasons = 0;
    for (size_t i = 0; i < e->policy_count; i++) {
        const cedar_explained_policy *policy = &e->policies[i];
        const cedar_policy_error *error = find_error(&e->response, policy->info.id);
        counts[policy->outcome]++;
        satisfied[policy->info.effect] += policy->outcome == CEDAR_OUTCOME_SATISFIED;
        FUZZ_CHECK(!policy->info.is_template);
        FUZZ_CHECK(same(cedar_policies_get(policies, policy->index).id, policy->info.id));
        FUZZ_CHECK((error != NULL) == (policy->outcome == CEDAR_OUTCOME_ERROR));
        FUZZ_CHECK(error == NULL || same(error->message, policy->message));
        if (policy->is_reason) {
            FUZZ_CHECK(same(e->response.reasons[reasons++], policy->info.id));
        }
    }
    for (int i = 0; i < CEDAR_OUTCOME_COUNT; i++) {
        FUZZ_CHECK(counts[i] == e->totals[i]);
    }
    FUZZ_CHECK(reasons == e->response.reason_count);
    FUZZ_CHECK((satisfied[CEDAR_FORBID] > 0) == (e->cause == CEDAR_CAUSE_FORBIDDEN));
    FUZZ_CHECK((e->response.decision == CEDAR_ALLOW) == (e->cause == CEDAR_CAUSE_PERMITTED));
    if (!e->response.is_timeout) {
        bool is_allow = satisfied[CEDAR_PERMIT] > 0 && satisfied[CEDAR_FORBID] == 0;
        FUZZ_CHECK(is_allow == (e->response.decision == CEDAR_ALLOW));
    }
}

/* ---- against itself ---- */

/* Constraints and clauses before the one that decides hold, those behind it were not reached. */
static void check_policy(const cedar_explained_policy *policy) {
    bool is_matched = true;
    for (int i = 0; i < 3; i++) {
        is_matched = is_matched && policy->scopes[i].is_matched;
    }
    FUZZ_CHECK(is_matched == (policy->outcome != CEDAR_OUTCOME_SCOPE));
    cedar_clause_state decided = CEDAR_CLAUSE_HOLDS;
    for (size_t i = 0; i < policy->clause_count; i++) {
        cedar_clause_state state = policy->clauses[i].state;
        if (!is_matched || decided != CEDAR_CLAUSE_HOLDS) {
            FUZZ_CHECK(state == CEDAR_CLAUSE_SKIPPED);
        } else {
            decided = state;
        }
    }
    switch (policy->outcome) {
    case CEDAR_OUTCOME_SATISFIED:
        FUZZ_CHECK(decided == CEDAR_CLAUSE_HOLDS);
        return;
    case CEDAR_OUTCOME_ERROR:
        FUZZ_CHECK(decided == CEDAR_CLAUSE_ERROR);
        return;
    case CEDAR_OUTCOME_CLAUSE:
        FUZZ_CHECK(decided == CEDAR_CLAUSE_FAILS);
        return;
    case CEDAR_OUTCOME_SCOPE:
        return;
    }
}

/* Some entry of a clause that failed with an error has its message. */
static void check_message(const cedar_explained_policy *policy,
                          const cedar_explained_clause *clause) {
    bool is_told = clause->state != CEDAR_CLAUSE_ERROR || policy->message.len > TEXT_MAX;
    for (size_t i = 0; i < clause->seen_count; i++) {
        const cedar_seen *seen = &clause->seen[i];
        if (seen->kind == CEDAR_SEEN_ERROR) {
            FUZZ_CHECK(clause->state == CEDAR_CLAUSE_ERROR);
            is_told = is_told || same(seen->value, policy->message);
        }
    }
    FUZZ_CHECK(is_told);
}

/* An expression alone has the value, or the error, that it had in its clause. */
static void check_seen(struct world *w, const cedar_seen *seen) {
    const cedar_value *value = NULL;
    cedar_report *report = NULL;
    cedar_str text;
    if (seen->kind == CEDAR_SEEN_SKIPPED || seen->kind == CEDAR_SEEN_FACT ||
        seen->text.len >= TEXT_MAX - 4 || seen->value.len >= TEXT_MAX - 4 ||
        w->evaluated++ > EVALUATED_MAX) {
        return;
    }
    w->polls = 0;
    cedar_status status =
        cedar_evaluate(w->scratch, seen->text, w->entities, &w->request, &value, &report);
    if (status == CEDAR_OK && seen->kind == CEDAR_SEEN_VALUE) {
        status = cedar_value_format(w->scratch, value, &text);
        FUZZ_CHECK(status != CEDAR_OK || same(text, seen->value));
    } else if (status == CEDAR_OK && seen->value.len > 0) {
        FUZZ_CHECK(str_has_prefix(from(seen->value), STR("type error: expected bool, got ")));
    } else if (status == CEDAR_ERR_EVALUATION) {
        cedar_str message = cedar_report_get(report, 0).message;
        FUZZ_CHECK(seen->kind == CEDAR_SEEN_ERROR || str_equal_c(from(message), "timeout"));
        FUZZ_CHECK(seen->value.len == 0 || same(message, seen->value) ||
                   str_equal_c(from(message), "timeout"));
    }
    FUZZ_CHECK(status == CEDAR_OK || status == CEDAR_ERR_EVALUATION || status == CEDAR_ERR_LIMIT);
    cedar_report_free(report);
}

static void check_clauses(struct world *w, const cedar_explained_policy *policy) {
    for (size_t i = 0; i < policy->clause_count; i++) {
        const cedar_explained_clause *clause = &policy->clauses[i];
        check_message(policy, clause);
        for (size_t k = 0; k < clause->seen_count; k++) {
            check_seen(w, &clause->seen[k]);
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
        check_policy(&e->policies[i]);
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
            check_policy(&e->policies[i]);
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
    check_response(&response, &e->response);
    check_outcomes(policies, e);
    if (e->response.is_timeout || e->is_cut) {
        return;
    }
    for (size_t i = 0; i < e->policy_count; i++) {
        check_policy(&e->policies[i]);
        check_clauses(w, &e->policies[i]);
    }
    check_small(w, policies, e);
    check_json(w, policies, e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    cedar_config config = {.max_object_bytes = 64 << 20, .max_depth = DEPTH_MAX};
    cedar_policies *policies = NULL;
    struct world w = {.polls = 0};
    FUZZ_CHECK(cedar_engine_new(&config, &w.engine) == CEDAR_OK);
    FUZZ_CHECK(cedar_scratch_new(w.engine, SCRATCH_MAX, &w.scratch) == CEDAR_OK);
    str rest = fuzz_input(data, size);
    str text = next_part(&rest);
    str entities = next_part(&rest);
    w.request = (cedar_request){
        .principal = {to(STR("User")), to(STR("alice"))},
        .action = {to(STR("Action")), to(STR("view"))},
        .resource = {to(STR("Photo")), to(STR("p"))},
        .is_expired = is_expired,
        .expired_ctx = &w,
    };
    if (cedar_entities_parse_json(w.engine, to(entities), NULL, NULL, &w.entities, NULL) !=
        CEDAR_OK) {
        FUZZ_CHECK(cedar_entities_empty(w.engine, &w.entities) == CEDAR_OK);
    }
    IGNORE(cedar_context_parse_json(w.scratch, to(rest), NULL, NULL, &w.request.context,
                                    NULL)); /* none will do */
    if (cedar_policies_parse(w.engine, to(text), NULL, &policies, NULL) == CEDAR_OK) {
        check(&w, policies);
    }
    cedar_policies_unref(policies);
    cedar_entities_unref(w.entities);
    cedar_scratch_free(w.scratch);
    cedar_engine_unref(w.engine);
    return 0;
}
