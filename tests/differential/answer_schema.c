/* SPDX-License-Identifier: Apache-2.0 */
#include "answer.h"

/* ---- the other form of a schema ---- */

/* What the reference warns of while it reads the schema. */
static void write_warnings(struct answer *a, const cedar_report *report) {
    struct json_writer *w = &a->out;
    json_key(w, STR("warnings"));
    json_open_array(w);
    for (size_t i = 0; i < cedar_report_count(report); i++) {
        cedar_finding finding = cedar_report_get(report, i);
        answer_open_error(a, w, &finding);
        json_close_object(w);
    }
    json_close_array(w);
}

static void write_schema(struct answer *a, const cedar_schema *schema, enum schema_form form) {
    cedar_report *report = NULL;
    cedar_str text;
    cedar_status status =
        form == SCHEMA_FORM_TEXT   ? cedar_schema_to_text(a->scratch, schema, &text, &report)
        : form == SCHEMA_FORM_JSON ? cedar_schema_to_json(a->scratch, schema, &text)
                                   : cedar_schema_to_json_resolved(a->scratch, schema, &text);
    if (!answer_check(a, status, report)) {
        return;
    }
    json_open_object(&a->out);
    json_name_string(&a->out, STR("type"), STR("success"));
    if (form == SCHEMA_FORM_TEXT) {
        json_name_string(&a->out, STR("text"), inner(text));
    } else {
        json_key(&a->out, STR("json"));
        json_raw(&a->out, inner(text));
    }
}

void answer_schema(struct answer *a, const struct json *input, enum schema_form form) {
    bool is_text = input->kind == JSON_STRING;
    cedar_report *report = NULL;
    cedar_schema *schema = NULL;
    cedar_status status = cedar_schema_parse(
        a->engine, outer(is_text ? input->text : answer_source(a, input)),
        is_text ? CEDAR_FORMAT_CEDAR : CEDAR_FORMAT_JSON, NULL, &schema, &report);
    if (status != CEDAR_OK) {
        IGNORE(answer_check(a, status, report));
        answer_failure(a);
        return;
    }
    write_schema(a, schema, form);
    if (a->has_failed) {
        answer_failure(a);
    } else {
        write_warnings(a, report);
        json_close_object(&a->out);
    }
    cedar_report_free(report);
    cedar_schema_unref(schema);
}

/* ---- validation ---- */

static void write_findings(struct answer *a, str name, const cedar_report *report,
                           cedar_severity severity) {
    struct json_writer *w = &a->out;
    json_key(w, name);
    json_open_array(w);
    for (size_t i = 0; i < cedar_report_count(report); i++) {
        cedar_finding finding = cedar_report_get(report, i);
        if (finding.severity == severity) {
            json_open_object(w);
            json_name_string(w, STR("policyId"), named_as_asked(a, finding.policy_id));
            json_key(w, STR("error"));
            answer_open_error(a, w, &finding);
            json_close_object(w);
            json_close_object(w);
        }
    }
    json_close_array(w);
}

static bool is_permissive(const struct json *input) {
    const struct json *settings = json_get(input, STR("validationSettings"));
    const struct json *mode = settings == NULL ? NULL : json_get(settings, STR("mode"));
    return mode != NULL && mode->kind == JSON_STRING && str_equal(mode->text, STR("permissive"));
}

void answer_validate(struct answer *a, const struct json *input) {
    /* In the order in which the reference reads them. */
    cedar_policies *policies = load_policies(a, json_get(input, STR("policies")));
    cedar_schema *schema = load_schema(a, json_get(input, STR("schema")));
    cedar_validate_options options = {.mode = is_permissive(input) ? CEDAR_VALIDATE_PERMISSIVE
                                                                   : CEDAR_VALIDATE_STRICT};
    cedar_report *report = NULL;
    if (policies != NULL && schema != NULL) {
        cedar_status status = cedar_validate(policies, schema, &options, &report);
        if (status != CEDAR_OK && status != CEDAR_ERR_SCHEMA) {
            answer_fail(a, cedar_status_name(status));
        }
    }
    if (a->has_failed) {
        answer_failure(a);
    } else {
        json_open_object(&a->out);
        json_name_string(&a->out, STR("type"), STR("success"));
        write_findings(a, STR("validationErrors"), report, CEDAR_ERROR);
        write_findings(a, STR("validationWarnings"), report, CEDAR_WARNING);
        json_close_object(&a->out);
    }
    cedar_report_free(report);
    cedar_schema_unref(schema);
    cedar_policies_unref(policies);
}
