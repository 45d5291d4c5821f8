/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_CEDAR_CORNERS_UNIT_H
#define TEST_CEDAR_CORNERS_UNIT_H
/*
 * The corners of the language that implementations get wrong, each a test that carries its number
 * (corner_07_…). They go through cedar.h alone. Not a test itself.
 *
 * The world of the expressions: User::"alice" is in Group::"g", which is in Group::"top";
 * Group::"top" itself is not in the store. She has the attributes and tags below. The request is
 * hers, Action::"view" on Photo::"p", which the store does not have; the context is {n: 1, r: {}}.
 */
#include "api_unit.h"

#include <stdio.h>
#include <stdlib.h>

#define CORNER_ENTITIES                                                                         \
    "[{\"uid\":{\"type\":\"User\",\"id\":\"alice\"},\"attrs\":{\"age\":30,\"name\":\"Al\","     \
    "\"r\":{\"x\":{\"y\":1}},\"boss\":{\"__entity\":{\"type\":\"User\",\"id\":\"gone\"}}},"     \
    "\"parents\":[{\"type\":\"Group\",\"id\":\"g\"}],\"tags\":{\"t\":\"v\"}},"                  \
    "{\"uid\":{\"type\":\"Group\",\"id\":\"g\"},\"attrs\":{},\"parents\":[{\"type\":\"Group\"," \
    "\"id\":\"top\"}]}]"

struct corner {
    struct api *api;
    cedar_entities *entities;
    cedar_request request;
};

static inline int corner_init(void **state) {
    static struct corner corner;
    if (api_init(state) != 0) {
        return -1;
    }
    corner.api = *state;
    corner.request = request();
    *state = &corner;
    return cedar_entities_parse_json(corner.api->engine, text(CORNER_ENTITIES), NULL, NULL,
                                     &corner.entities, NULL) == CEDAR_OK &&
                   cedar_context_parse_json(corner.api->scratch, text("{\"n\":1,\"r\":{}}"), NULL,
                                            NULL, &corner.request.context, NULL) == CEDAR_OK
               ? 0
               : -1;
}

static inline int corner_done(void **state) {
    struct corner *corner = *state;
    void *api = corner->api;
    cedar_entities_unref(corner->entities);
    return api_done(&api);
}

#define CORNER(function) cmocka_unit_test_setup_teardown(function, corner_init, corner_done)

/* What a report says: the first finding's message, label and help on one line. */
static inline const char *report_words(cedar_report *report, char *out, size_t size) {
    out[0] = '\0';
    if (cedar_report_count(report) > 0) {
        cedar_finding f = cedar_report_get(report, 0);
        snprintf(out, size, "%.*s|%.*s|%.*s", (int)f.message.len, f.message.ptr, (int)f.label.len,
                 f.label.ptr, (int)f.help.len, f.help.ptr);
    }
    cedar_report_free(report);
    return out;
}

static inline void assert_says(cedar_report *report, const char *expected, const char *input) {
    char words[2000];
    if (strstr(report_words(report, words, sizeof words), expected) == NULL) {
        fail_msg("%s: \"%s\" does not say \"%s\"", input, words, expected);
    }
}

/* The expression has this value, printed. */
static inline void gives(const struct corner *c, const char *expression, const char *expected) {
    const cedar_value *value;
    cedar_str printed;
    cedar_report *report = NULL;
    cedar_status status = cedar_evaluate(c->api->scratch, text(expression), c->entities,
                                         &c->request, &value, &report);
    if (status != CEDAR_OK) {
        char words[2000];
        fail_msg("%s: %s", expression, report_words(report, words, sizeof words));
    }
    cedar_report_free(report);
    assert_int_equal(cedar_value_format(c->api->scratch, value, &printed), CEDAR_OK);
    if (printed.len != strlen(expected) || memcmp(printed.ptr, expected, printed.len) != 0) {
        fail_msg("%s: %.*s instead of %s", expression, (int)printed.len, printed.ptr, expected);
    }
}

static inline void evaluates_to(const struct corner *c, const char *expression,
                                cedar_status expected, const char *words) {
    const cedar_value *value;
    cedar_report *report = NULL;
    cedar_status status = cedar_evaluate(c->api->scratch, text(expression), c->entities,
                                         &c->request, &value, &report);
    if (status != expected) {
        fail_msg("%s: %s", expression, cedar_status_name(status));
    }
    assert_says(report, words, expression);
}

/* The expression parses and fails when it is evaluated. */
static inline void fails(const struct corner *c, const char *expression, const char *words) {
    evaluates_to(c, expression, CEDAR_ERR_EVALUATION, words);
}

/* The expression does not parse. */
static inline void refused(const struct corner *c, const char *expression, const char *words) {
    evaluates_to(c, expression, CEDAR_ERR_SYNTAX, words);
}

static inline void policy_refused(const struct corner *c, const char *policy, const char *words) {
    cedar_policies *set = NULL;
    cedar_report *report = NULL;
    assert_int_equal(cedar_policies_parse(c->api->engine, text(policy), NULL, &set, &report),
                     CEDAR_ERR_SYNTAX);
    assert_says(report, words, policy);
}

static inline void policy_accepted(const struct corner *c, const char *policy) {
    cedar_policies_unref(parse(c->api, policy));
}

/* The answer to the request, as "allow policy0,policy2 ! policy1" (reasons, then errors). */
static inline void decides(const struct corner *c, const char *policies, const char *expected) {
    cedar_policies *set = parse(c->api, policies);
    cedar_response response;
    assert_int_equal(cedar_authorize(set, c->entities, &c->request, c->api->scratch, &response),
                     CEDAR_OK);
    char got[400];
    int at = snprintf(got, sizeof got, "%s", response.decision == CEDAR_ALLOW ? "allow" : "deny");
    for (size_t i = 0; i < response.reason_count; i++) {
        at += snprintf(got + at, sizeof got - (size_t)at, "%c%.*s", i == 0 ? ' ' : ',',
                       (int)response.reasons[i].len, response.reasons[i].ptr);
    }
    for (size_t i = 0; i < response.error_count; i++) {
        at += snprintf(got + at, sizeof got - (size_t)at, "%s%.*s", i == 0 ? " ! " : ",",
                       (int)response.errors[i].policy_id.len, response.errors[i].policy_id.ptr);
    }
    assert_string_equal(got, expected);
    cedar_policies_unref(set);
}

/* Entities alone, or with a schema text. `words` NULL: they load. */
static inline void entities_load(const struct corner *c, const char *json, const char *schema,
                                 const char *words) {
    cedar_schema *types = NULL;
    if (schema != NULL) {
        assert_int_equal(cedar_schema_parse(c->api->engine, text(schema), CEDAR_FORMAT_CEDAR, NULL,
                                            &types, NULL),
                         CEDAR_OK);
    }
    cedar_entities *store = NULL;
    cedar_report *report = NULL;
    cedar_status status =
        cedar_entities_parse_json(c->api->engine, text(json), types, NULL, &store, &report);
    if ((status == CEDAR_OK) != (words == NULL)) {
        char said[2000];
        fail_msg("%s: %s", json, report_words(report, said, sizeof said));
    }
    if (words != NULL) {
        assert_says(report, words, json);
    } else {
        cedar_report_free(report);
    }
    cedar_entities_unref(store);
    cedar_schema_unref(types);
}

#endif
