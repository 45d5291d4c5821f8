/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An expression against entities and a context: three parts, divided by lines `---`.
 *
 *     principal.age > context.least
 *     ---
 *     [{"uid": {"type": "User", "id": "alice"}, "attrs": {"age": 3}, "parents": []}]
 *     ---
 *     {"least": 2}
 *
 * A value is printed as an expression whose value prints the same. The expression as the only
 * condition of a policy decides what its value says: true satisfies the policy, false does not,
 * anything else is an error with the same message; and a forbid with that condition takes back
 * what a permit gives exactly when the condition is true.
 */
#include "world.h"

#include "base/buf.h"

enum { SCRATCH_MAX = 4 << 20, DEPTH_MAX = 100, POLLS_MAX = 200 };

struct outcome {
    cedar_status status;
    cedar_str text; /* of the value, or the message */
};

/* A limit may be met at any place; then the input says nothing. */
static bool is_limit(cedar_status status) {
    return status == CEDAR_ERR_LIMIT;
}

static struct outcome evaluate(struct world *w, cedar_str expression) {
    const cedar_value *value = NULL;
    cedar_report *report = NULL;
    struct outcome outcome = {.status = CEDAR_OK};
    w->polls = 0;
    outcome.status =
        cedar_evaluate(w->scratch, expression, w->entities, &w->request, &value, &report);
    if (outcome.status == CEDAR_OK) {
        FUZZ_CHECK(report == NULL);
        outcome.status = cedar_value_format(w->scratch, value, &outcome.text);
        return outcome;
    }
    FUZZ_CHECK(cedar_report_count(report) > 0);
    cedar_str message = cedar_report_get(report, 0).message;
    const cedar_value *kept; /* copies the message into the scratch */
    FUZZ_CHECK(message.len > 0);
    if (cedar_value_string(w->scratch, message, &kept) != CEDAR_OK ||
        cedar_value_format(w->scratch, kept, &outcome.text) != CEDAR_OK) {
        outcome.status = CEDAR_ERR_LIMIT;
    }
    cedar_report_free(report);
    return outcome;
}

static bool is_text(cedar_str text, const char *expected) {
    return str_equal_c(from_cedar(text), expected);
}

static void check_reads_back(struct world *w, cedar_str printed) {
    struct outcome again = evaluate(w, printed);
    if (!is_limit(again.status)) {
        FUZZ_CHECK(again.status == CEDAR_OK);
        FUZZ_CHECK(same_text(printed, again.text));
    }
}

/* The message of an error in the form in which evaluate() keeps it. */
static bool same_message(struct world *w, cedar_str message, cedar_str kept) {
    const cedar_value *value;
    cedar_str text;
    return cedar_value_string(w->scratch, message, &value) != CEDAR_OK ||
           cedar_value_format(w->scratch, value, &text) != CEDAR_OK || same_text(text, kept);
}

static void check_response(struct world *w, const struct outcome *outcome, bool is_forbid,
                           const cedar_response *response) {
    bool is_true = outcome->status == CEDAR_OK && is_text(outcome->text, "true");
    bool is_false = outcome->status == CEDAR_OK && is_text(outcome->text, "false");
    FUZZ_CHECK(response->decision == (is_true != is_forbid ? CEDAR_ALLOW : CEDAR_DENY));
    FUZZ_CHECK(response->reason_count == (is_true || is_forbid ? 1 : 0));
    FUZZ_CHECK(response->error_count == (is_true || is_false ? 0 : 1));
    if (response->error_count == 1) {
        cedar_str message = response->errors[0].message;
        if (outcome->status == CEDAR_OK) {
            FUZZ_CHECK(str_has_prefix(from_cedar(message), STR("type error: expected bool, got ")));
        } else {
            FUZZ_CHECK(same_message(w, message, outcome->text));
        }
    }
}

static void check_policy(struct world *w, str expression, const struct outcome *outcome,
                         bool is_forbid) {
    static const str permit = STR_INIT("permit(principal, action, resource) when {\n");
    static const str forbid = STR_INIT("permit(principal, action, resource);"
                                       "forbid(principal, action, resource) when {\n");
    static const str end = STR_INIT("\n};");
    str start = is_forbid ? forbid : permit;
    struct buf text;
    buf_init(&text, allocator_libc(), SIZE_MAX / 2);
    buf_add(&text, start);
    buf_add(&text, expression);
    buf_add(&text, end);
    cedar_policies *policies = NULL;
    cedar_status status =
        cedar_policies_parse(w->engine, to_cedar(buf_str(&text)), NULL, &policies, NULL);
    FUZZ_CHECK(status == CEDAR_OK || is_limit(status));
    if (status == CEDAR_OK) {
        cedar_response response;
        w->polls = 0;
        status = cedar_authorize(policies, w->entities, &w->request, w->scratch, &response);
        FUZZ_CHECK(status == CEDAR_OK || is_limit(status));
        FUZZ_CHECK(status == CEDAR_OK || response.decision == CEDAR_DENY);
        if (response.is_timeout) {
            FUZZ_CHECK(response.decision == CEDAR_DENY);
        } else if (status == CEDAR_OK) {
            check_response(w, outcome, is_forbid, &response);
        }
    }
    cedar_policies_unref(policies);
    buf_done(&text);
}

static void check_expression(struct world *w, str expression) {
    struct outcome outcome = evaluate(w, to_cedar(expression));
    if (outcome.status == CEDAR_OK) {
        check_reads_back(w, outcome.text);
    }
    bool is_timeout =
        outcome.status == CEDAR_ERR_EVALUATION && is_text(outcome.text, "\"timeout\"");
    if (!is_timeout && (outcome.status == CEDAR_OK || outcome.status == CEDAR_ERR_EVALUATION)) {
        check_policy(w, expression, &outcome, false);
        check_policy(w, expression, &outcome, true);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct world w;
    str expression = world_init(&w, fuzz_input(data, size), SCRATCH_MAX, DEPTH_MAX, POLLS_MAX);
    check_expression(&w, expression);
    world_done(&w);
    return 0;
}
