/* SPDX-License-Identifier: Apache-2.0 */
/* Validation of a case's policies: the verdict in the case file, and, where there is a file
 * ../validation/ID.validation.json, verdicts and messages in both modes. All are of version 4.12.
 */
#include "corpus_int.h"

#include <stdio.h>
#include <string.h>

static const struct mode {
    cedar_validation_mode mode;
    const char *verdict;
    const char *errors;
} modes[] = {
    {CEDAR_VALIDATE_STRICT, "strict", "strictErrors"},
    {CEDAR_VALIDATE_PERMISSIVE, "permissive", "permissiveErrors"},
};

static void count(struct corpus_counts *counts, bool is_passed) {
    counts->passed += is_passed;
    counts->failed += !is_passed;
}

static bool get_bool(const struct json *object, const char *name, bool *ret) {
    const struct json *value = object == NULL ? NULL : json_get(object, str_c(name));
    if (value == NULL || value->kind != JSON_BOOL) {
        return false;
    }
    *ret = value->boolean;
    return true;
}

/* The messages are older than the verdicts: some begin with a capital letter. */
static bool is_same_message(str old, cedar_str message) {
    return str_equal_nocase(old, str_make(message.ptr, message.len));
}

static bool has_message(const cedar_report *report, str message) {
    for (size_t i = 0; i < cedar_report_count(report); i++) {
        cedar_finding finding = cedar_report_get(report, i);
        if (finding.severity == CEDAR_ERROR && is_same_message(message, finding.message)) {
            return true;
        }
    }
    return false;
}

static bool is_listed(const struct json *messages, cedar_str message) {
    for (uint32_t i = 0; messages != NULL && i < messages->count; i++) {
        if (is_same_message(messages->items[i].text, message)) {
            return true;
        }
    }
    return false;
}

/* As sets: the file has a message once for each place. */
static bool has_same_messages(struct unit *u, const cedar_report *report,
                              const struct json *messages) {
    for (uint32_t i = 0; messages != NULL && i < messages->count; i++) {
        if (!has_message(report, messages->items[i].text)) {
            corpus_say(u, "validation: not found: %.*s", STR_FMT(messages->items[i].text));
            return false;
        }
    }
    for (size_t i = 0; i < cedar_report_count(report); i++) {
        cedar_finding finding = cedar_report_get(report, i);
        if (finding.severity == CEDAR_ERROR && !is_listed(messages, finding.message)) {
            corpus_say(u, "validation: not expected: %.*s", (int)finding.message.len,
                       finding.message.ptr);
            return false;
        }
    }
    return true;
}

/* `messages` NULL: not compared. */
static bool check(struct unit *u, cedar_validation_mode mode, bool expected,
                  const struct json *messages) {
    cedar_validate_options options = {.mode = mode, .compat = CEDAR_COMPAT_4_12};
    cedar_report *report = NULL;
    cedar_status status = cedar_validate(u->policies, u->schema, &options, &report);
    bool is_same = status == (expected ? CEDAR_OK : CEDAR_ERR_SCHEMA);
    if (!is_same) {
        corpus_say(u, "validation: %s, expected %s", cedar_status_name(status),
                   expected ? "success" : "errors");
    }
    is_same = is_same && (messages == NULL || has_same_messages(u, report, messages));
    cedar_report_free(report);
    return is_same;
}

static bool has_kind(const cedar_report *report, const char *kind) {
    for (size_t i = 0; i < cedar_report_count(report); i++) {
        cedar_str found = cedar_report_get(report, i).kind;
        if (str_equal_c(str_make(found.ptr, found.len), kind)) {
            return true;
        }
    }
    return false;
}

/* Since 4.13 the lack of an action is a warning: policies with no other fault are valid now. */
static bool check_current(struct unit *u, bool was_valid) {
    cedar_report *report = NULL;
    cedar_status status = cedar_validate(u->policies, u->schema, NULL, &report);
    bool is_valid = status == CEDAR_OK;
    bool is_right = is_valid == was_valid || (is_valid && has_kind(report, "no-applicable-action"));
    if (!is_right) {
        corpus_say(u, "validation: %s, in 4.12 it was %s", cedar_status_name(status),
                   was_valid ? "success" : "errors");
    }
    cedar_report_free(report);
    return is_right;
}

/* DIR/cases/ID.json -> DIR/validation/ID.validation.json; NULL when there is none. */
static const struct json *read_expectations(struct unit *u) {
    enum { PATH_SIZE = 4096 };
    char path[PATH_SIZE];
    str all = str_c(u->path);
    size_t at = str_find(all, STR("/cases/"));
    size_t name = at == SIZE_MAX ? 0 : at + strlen("/cases/");
    str text;
    const struct json *document;
    if (at == SIZE_MAX || !str_has_suffix(all, STR(".json"))) {
        return NULL;
    }
    int length = snprintf(path, sizeof path, "%.*s/validation/%.*s.validation.json", (int)at,
                          all.ptr, (int)(all.len - name - strlen(".json")), all.ptr + name);
    if (length < 0 || length >= PATH_SIZE || !corpus_read_file(&u->arena, path, &text) ||
        json_parse(&u->arena, text, &corpus_json_limits, &document, NULL) != ERR_OK) {
        return NULL;
    }
    return json_get(document, STR("policyValidation"));
}

void corpus_validate(struct unit *u, const struct json *document, struct corpus_counts *counts) {
    static const struct json none = {.kind = JSON_ARRAY};
    const struct json *expectations = read_expectations(u);
    bool expected;
    if (u->schema == NULL) {
        return;
    }
    if (get_bool(document, "shouldValidate", &expected)) {
        count(counts, check(u, CEDAR_VALIDATE_STRICT, expected, NULL));
        count(counts, check_current(u, expected));
    }
    for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
        if (get_bool(expectations, modes[i].verdict, &expected)) {
            const struct json *messages = json_get(expectations, str_c(modes[i].errors));
            count(counts, check(u, modes[i].mode, expected, messages == NULL ? &none : messages));
        }
    }
}
