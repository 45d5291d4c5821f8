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
#include "fuzz.h"

#include "base/buf.h"

#include "cedar.h"

enum { SCRATCH_MAX = 4 << 20, DEPTH_MAX = 100, POLLS_MAX = 200 };

struct outcome {
    cedar_status status;
    cedar_str text; /* of the value, or the message */
};

struct world {
    cedar_engine *engine;
    cedar_scratch *scratch;
    cedar_entities *entities;
    cedar_request request;
    int polls;
};

static cedar_str part(str text) {
    return (cedar_str){text.ptr, text.len};
}

/* A limit may be met at any place; then the input says nothing. */
static bool is_limit(cedar_status status) {
    return status == CEDAR_ERR_LIMIT;
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
    return str_equal_c((str){text.ptr, text.len}, expected);
}

static bool same_text(cedar_str a, cedar_str b) {
    return str_equal((str){a.ptr, a.len}, (str){b.ptr, b.len});
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
            FUZZ_CHECK(str_has_prefix((str){message.ptr, message.len},
                                      STR("type error: expected bool, got ")));
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
        cedar_policies_parse(w->engine, part(buf_str(&text)), NULL, &policies, NULL);
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
    struct outcome outcome = evaluate(w, part(expression));
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
    cedar_config config = {.max_object_bytes = 64 << 20, .max_depth = DEPTH_MAX};
    struct world w = {.polls = 0};
    FUZZ_CHECK(cedar_engine_new(&config, &w.engine) == CEDAR_OK);
    FUZZ_CHECK(cedar_scratch_new(w.engine, SCRATCH_MAX, &w.scratch) == CEDAR_OK);
    str rest = fuzz_input(data, size);
    str expression = next_part(&rest);
    str entities = next_part(&rest);
    w.request = (cedar_request){
        .principal = {part(STR("User")), part(STR("alice"))},
        .action = {part(STR("Action")), part(STR("view"))},
        .resource = {part(STR("Photo")), part(STR("p"))},
        .is_expired = is_expired,
        .expired_ctx = &w,
    };
    if (cedar_entities_parse_json(w.engine, part(entities), NULL, NULL, &w.entities, NULL) !=
        CEDAR_OK) {
        FUZZ_CHECK(cedar_entities_empty(w.engine, &w.entities) == CEDAR_OK);
    }
    IGNORE(cedar_context_parse_json(w.scratch, part(rest), NULL, NULL, &w.request.context,
                                    NULL)); /* none will do */
    check_expression(&w, expression);
    cedar_entities_unref(w.entities);
    cedar_scratch_free(w.scratch);
    cedar_engine_unref(w.engine);
    return 0;
}
