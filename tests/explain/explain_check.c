/* SPDX-License-Identifier: Apache-2.0 */
#include "explain_check.h"

#include <string.h>

enum { PARTS = 3 };

#define REQUIRE(condition, words) \
    do {                          \
        if (!(condition)) {       \
            return (words);       \
        }                         \
    } while (0)

static bool same(cedar_str a, cedar_str b) {
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/* ---- against the decision ---- */

static const char *check_response(const cedar_response *a, const cedar_response *b) {
    REQUIRE(a->decision == b->decision && a->is_timeout == b->is_timeout, "another decision");
    REQUIRE(a->reason_count == b->reason_count, "other reasons");
    REQUIRE(a->error_count == b->error_count, "other errors");
    for (size_t i = 0; i < a->reason_count; i++) {
        REQUIRE(same(a->reasons[i], b->reasons[i]), "another reason");
    }
    for (size_t i = 0; i < a->error_count; i++) {
        REQUIRE(same(a->errors[i].policy_id, b->errors[i].policy_id) &&
                    same(a->errors[i].message, b->errors[i].message) &&
                    a->errors[i].effect == b->errors[i].effect,
                "another error");
    }
    return NULL;
}

static const cedar_policy_error *find_error(const cedar_response *response, cedar_str id) {
    for (size_t i = 0; i < response->error_count; i++) {
        if (same(response->errors[i].policy_id, id)) {
            return &response->errors[i];
        }
    }
    return NULL;
}

struct tally {
    size_t outcomes[CEDAR_OUTCOME_COUNT];
    size_t satisfied[2]; /* by effect */
    size_t errors[2];
    size_t reasons;
};

static const char *check_verdict(const cedar_policies *policies, const cedar_explanation *e,
                                 const cedar_explained_policy *policy, struct tally *tally) {
    const cedar_policy_error *error = find_error(&e->response, policy->info.id);
    bool is_satisfied = policy->outcome == CEDAR_OUTCOME_SATISFIED;
    tally->outcomes[policy->outcome]++;
    tally->satisfied[policy->info.effect] += is_satisfied;
    tally->errors[policy->info.effect] += policy->outcome == CEDAR_OUTCOME_ERROR;
    REQUIRE(!policy->info.is_template, "a template has no outcome");
    REQUIRE(same(cedar_policies_get(policies, policy->index).id, policy->info.id), "wrong index");
    REQUIRE((error != NULL) == (policy->outcome == CEDAR_OUTCOME_ERROR), "wrong errors");
    REQUIRE(error == NULL || same(error->message, policy->message), "another message");
    if (policy->is_reason) {
        REQUIRE(is_satisfied, "a reason that is not satisfied");
        REQUIRE(tally->reasons < e->response.reason_count &&
                    same(e->response.reasons[tally->reasons], policy->info.id),
                "a policy that is no reason");
        tally->reasons++;
    }
    return NULL;
}

static bool is_right_cause(const cedar_explanation *e, const struct tally *tally) {
    switch (e->cause) {
    case CEDAR_CAUSE_PERMITTED:
        return e->response.decision == CEDAR_ALLOW;
    case CEDAR_CAUSE_FORBIDDEN:
        return e->response.decision == CEDAR_DENY && tally->satisfied[CEDAR_FORBID] > 0;
    case CEDAR_CAUSE_TIMEOUT:
        return e->response.is_timeout && tally->satisfied[CEDAR_FORBID] == 0;
    case CEDAR_CAUSE_NOT_PERMITTED:
    case CEDAR_CAUSE_PERMIT_FAILED:
        return e->response.decision == CEDAR_DENY && tally->satisfied[CEDAR_FORBID] == 0 &&
               tally->satisfied[CEDAR_PERMIT] == 0 &&
               (tally->errors[CEDAR_PERMIT] > 0) == (e->cause == CEDAR_CAUSE_PERMIT_FAILED);
    }
    return false;
}

static const char *check_outcomes(const cedar_policies *policies, const cedar_explanation *e) {
    struct tally tally = {.reasons = 0};
    for (size_t i = 0; i < e->policy_count; i++) {
        const char *wrong = check_verdict(policies, e, &e->policies[i], &tally);
        REQUIRE(wrong == NULL, wrong);
    }
    size_t templates = 0;
    for (size_t i = 0; i < cedar_policies_count(policies); i++) {
        templates += cedar_policies_get(policies, i).is_template;
    }
    REQUIRE(e->omitted == 0 && e->policy_count + templates == cedar_policies_count(policies),
            "policies are missing");
    for (int i = 0; i < CEDAR_OUTCOME_COUNT; i++) {
        REQUIRE(tally.outcomes[i] == e->totals[i], "wrong totals");
    }
    REQUIRE(tally.errors[CEDAR_PERMIT] == e->permit_errors &&
                tally.errors[CEDAR_FORBID] == e->forbid_errors,
            "wrong numbers of errors");
    REQUIRE(tally.reasons == e->response.reason_count, "a reason is missing");
    REQUIRE(is_right_cause(e, &tally), "wrong cause");
    return NULL;
}

/* ---- against itself ---- */

/* It ends with U+2026. */
static bool is_cut(cedar_str text) {
    static const char ellipsis[] = "\xE2\x80\xA6";
    size_t length = sizeof ellipsis - 1;
    return text.len >= length && memcmp(text.ptr + text.len - length, ellipsis, length) == 0;
}

/* The message of an error stands at some expression, unless it is too long. */
static bool tells_message(const cedar_explained_policy *policy,
                          const cedar_explained_clause *clause) {
    for (size_t i = 0; i < clause->seen_count; i++) {
        const cedar_seen *seen = &clause->seen[i];
        if (seen->kind == CEDAR_SEEN_ERROR && seen->value.len > 0) {
            return same(seen->value, policy->message) || is_cut(seen->value);
        }
    }
    return false;
}

static bool has_outcome_of(cedar_clause_state decided, cedar_outcome outcome) {
    switch (outcome) {
    case CEDAR_OUTCOME_SATISFIED:
        return decided == CEDAR_CLAUSE_HOLDS;
    case CEDAR_OUTCOME_ERROR:
        return decided == CEDAR_CLAUSE_ERROR;
    case CEDAR_OUTCOME_CLAUSE:
        return decided == CEDAR_CLAUSE_FAILS;
    case CEDAR_OUTCOME_SCOPE:
        return true;
    }
    return false;
}

/* Depths are those of a tree: no entry is more than one level below the one before it. */
static bool is_tree(const cedar_explained_clause *clause) {
    uint32_t depth = 0;
    for (size_t i = 0; i < clause->seen_count; i++) {
        if (clause->seen[i].depth > depth) {
            return false;
        }
        depth = clause->seen[i].depth + 1;
    }
    return true;
}

const char *explain_check_policy(const cedar_explained_policy *policy) {
    bool is_matched = true;
    for (int i = 0; i < PARTS; i++) {
        is_matched = is_matched && policy->scopes[i].is_matched;
    }
    REQUIRE(is_matched == (policy->outcome != CEDAR_OUTCOME_SCOPE), "wrong scope");
    cedar_clause_state decided = CEDAR_CLAUSE_HOLDS;
    for (size_t i = 0; i < policy->clause_count; i++) {
        const cedar_explained_clause *clause = &policy->clauses[i];
        if (!is_matched || decided != CEDAR_CLAUSE_HOLDS) {
            REQUIRE(clause->state == CEDAR_CLAUSE_SKIPPED && clause->seen_count == 0,
                    "a clause was evaluated that should not");
            continue;
        }
        decided = clause->state;
        REQUIRE(decided != CEDAR_CLAUSE_SKIPPED, "a clause was not evaluated");
        REQUIRE(is_tree(clause), "no tree");
        REQUIRE(decided != CEDAR_CLAUSE_ERROR || tells_message(policy, clause),
                "an error without its message");
    }
    REQUIRE(has_outcome_of(decided, policy->outcome), "clauses with another outcome");
    return NULL;
}

const char *explain_check(const cedar_policies *policies, const cedar_response *response,
                          const cedar_explanation *explanation) {
    const char *wrong = check_response(response, &explanation->response);
    REQUIRE(wrong == NULL, wrong);
    wrong = check_outcomes(policies, explanation);
    REQUIRE(wrong == NULL, wrong);
    for (size_t i = 0; i < explanation->policy_count; i++) {
        bool is_whole = !explanation->is_cut && !response->is_timeout;
        wrong = is_whole ? explain_check_policy(&explanation->policies[i]) : NULL;
        REQUIRE(wrong == NULL, wrong);
    }
    return NULL;
}
