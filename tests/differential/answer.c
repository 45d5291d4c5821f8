/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers made-up cases with libcedar: a case per line of the input (see generate.c), an answer
 * per line of the output: {"n":17,"answer":{…}}
 */
#include "answer.h"

#include <stdio.h>
#include <stdlib.h>

enum { MEMORY_MAX = 256 << 20, LINE_MAX_BYTES = 64 << 20 };

static const struct json_limits limits = {
    .max_bytes = LINE_MAX_BYTES, .max_depth = 1000, .max_values = 1 << 24};

/* ---- errors ---- */

str answer_source(const struct answer *a, const struct json *value) {
    return str_slice(a->line, value->offset, value->end);
}

static void add_text(struct json_writer *w, str name, cedar_str text) {
    json_name_string(w, name, text.len > 0 ? inner(text) : str_make(NULL, 0));
}

void answer_open_error(struct answer *a, struct json_writer *w, const cedar_finding *finding) {
    json_open_object(w);
    add_text(w, STR("message"), outer(named_as_asked(a, finding->message)));
    add_text(w, STR("help"), outer(named_as_asked(a, finding->help)));
    json_key(w, STR("sourceLocations"));
    json_open_array(w);
    if (finding->has_span) {
        json_open_object(w);
        add_text(w, STR("label"), finding->label);
        json_name_int(w, STR("start"), (int64_t)finding->start);
        json_name_int(w, STR("end"), (int64_t)finding->end);
        json_close_object(w);
    }
    if (finding->has_other) {
        json_open_object(w);
        add_text(w, STR("label"), finding->other_label);
        json_name_int(w, STR("start"), (int64_t)finding->other.start);
        json_name_int(w, STR("end"), (int64_t)finding->other.end);
        json_close_object(w);
    }
    json_close_array(w);
}

/* What else a text has wrong stands below the first. */
static void add_errors(struct answer *a, const cedar_finding *findings, size_t count) {
    struct json_writer w;
    buf_add_c(&a->errors, a->has_failed ? "," : "");
    a->has_failed = true;
    json_writer_init(&w, &a->errors);
    answer_open_error(a, &w, &findings[0]);
    json_key(&w, STR("related"));
    json_open_array(&w);
    for (size_t i = 1; i < count; i++) {
        answer_open_error(a, &w, &findings[i]);
        json_close_object(&w);
    }
    json_close_array(&w);
    json_close_object(&w);
}

void answer_fail(struct answer *a, const char *message) {
    cedar_finding finding = {.message = cedar_str_from(message)};
    add_errors(a, &finding, 1);
}

void answer_not_one(struct answer *a, str source, const cedar_policies *policies,
                    bool is_template) {
    cedar_finding finding = {0};
    bool has_resource = str_find(source, STR("?resource")) != SIZE_MAX;
    if (cedar_policies_count(policies) != 1) {
        finding.message = cedar_str_from("not one policy");
    } else if (is_template) {
        finding.message = cedar_str_from("expected a template, got a static policy");
        finding.help =
            cedar_str_from("a template should include slot(s) `?principal` or `?resource`");
    } else {
        finding.message = cedar_str_from(
            has_resource
                ? "expected a static policy, got a template containing the slot ?resource"
                : "expected a static policy, got a template containing the slot ?principal");
        finding.help = cedar_str_from("try removing the template slot(s) from this policy");
    }
    add_errors(a, &finding, 1);
}

bool answer_check(struct answer *a, cedar_status status, cedar_report *take_report) {
    size_t count = cedar_report_count(take_report);
    cedar_finding *findings = ARENA_ARRAY(&a->arena, cedar_finding, count);
    size_t errors = 0;
    for (size_t i = 0; findings != NULL && i < count; i++) {
        findings[errors] = cedar_report_get(take_report, i);
        errors += findings[errors].severity == CEDAR_ERROR ? 1 : 0;
    }
    if (status != CEDAR_OK && errors > 0) {
        add_errors(a, findings, errors);
    } else if (status != CEDAR_OK) {
        answer_fail(a, cedar_status_name(status));
    }
    cedar_report_free(take_report);
    return status == CEDAR_OK;
}

void answer_failure(struct answer *a) {
    json_open_object(&a->out);
    json_name_string(&a->out, STR("type"), STR("failure"));
    json_key(&a->out, STR("errors"));
    json_open_array(&a->out);
    json_raw(&a->out, buf_str(&a->errors));
    json_close_array(&a->out);
    json_close_object(&a->out);
}

static void answer_success(struct answer *a) {
    json_open_object(&a->out);
    json_name_string(&a->out, STR("type"), STR("success"));
    json_close_object(&a->out);
}

/* ---- requests ---- */

static bool load_context(struct answer *a, const struct json *input, const cedar_schema *schema,
                         const cedar_uid *action, const cedar_value **ret) {
    cedar_report *report = NULL;
    cedar_status status = cedar_context_parse_json(
        a->scratch, outer(answer_source(a, json_get(input, STR("context")))), schema, action, ret,
        &report);
    return answer_check(a, status, report);
}

static bool load_uids(struct answer *a, const struct json *input, cedar_request *ret) {
    bool is_loaded = load_uid(a, input, STR("principal"), &ret->principal);
    is_loaded = load_uid(a, input, STR("action"), &ret->action) && is_loaded;
    return load_uid(a, input, STR("resource"), &ret->resource) && is_loaded;
}

static void write_response(struct answer *a, const cedar_response *response) {
    struct json_writer *w = &a->out;
    json_open_object(w);
    json_name_string(w, STR("type"), STR("success"));
    json_key(w, STR("response"));
    json_open_object(w);
    json_name_string(w, STR("decision"),
                     response->decision == CEDAR_ALLOW ? STR("allow") : STR("deny"));
    json_key(w, STR("diagnostics"));
    json_open_object(w);
    json_key(w, STR("reason"));
    json_open_array(w);
    for (size_t i = 0; i < response->reason_count; i++) {
        json_string(w, named_as_asked(a, response->reasons[i]));
    }
    json_close_array(w);
    json_key(w, STR("errors"));
    json_open_array(w);
    for (size_t i = 0; i < response->error_count; i++) {
        const cedar_policy_error *error = &response->errors[i];
        json_open_object(w);
        json_name_string(w, STR("policyId"), named_as_asked(a, error->policy_id));
        json_key(w, STR("error"));
        json_open_object(w);
        add_text(w, STR("message"), error->message);
        add_text(w, STR("help"), error->help);
        json_close_object(w);
        json_close_object(w);
    }
    json_close_array(w);
    json_close_object(w);
    json_close_object(w);
    json_close_object(w);
}

/* The objects that a request needs. */
struct parts {
    cedar_schema *schema;
    cedar_entities *entities;
    cedar_policies *policies;
    cedar_request request;
};

static void parts_done(struct parts *p) {
    cedar_policies_unref(p->policies);
    cedar_entities_unref(p->entities);
    cedar_schema_unref(p->schema);
}

/* In the order in which the reference reads them, which says what is reported. */
static bool load_parts(struct answer *a, const struct json *input, struct parts *p) {
    const struct json *schema = json_get(input, STR("schema"));
    const struct json *validates = json_get(input, STR("validateRequest"));
    if (schema != NULL) {
        p->schema = load_schema(a, schema);
    }
    if (!load_uids(a, input, &p->request) || a->has_failed ||
        !load_context(a, input, p->schema, p->schema != NULL ? &p->request.action : NULL,
                      &p->request.context)) {
        return false;
    }
    if (p->schema != NULL && (validates == NULL || validates->boolean)) {
        cedar_report *report = NULL;
        cedar_status status = cedar_request_validate(a->scratch, p->schema, &p->request, &report);
        IGNORE(answer_check(a, status, report)); /* more may be wrong */
    }
    p->entities = load_entities(a, json_get(input, STR("entities")), p->schema);
    if (json_get(input, STR("policies")) != NULL) {
        p->policies = load_policies(a, json_get(input, STR("policies")));
    }
    return !a->has_failed;
}

static void answer_authorize(struct answer *a, const struct json *input) {
    AUTO(parts_done) struct parts parts = {0};
    cedar_response response;
    if (!load_parts(a, input, &parts) ||
        !answer_check(
            a,
            cedar_authorize(parts.policies, parts.entities, &parts.request, a->scratch, &response),
            NULL)) {
        answer_failure(a);
    } else {
        write_response(a, &response);
    }
}

static void answer_evaluate(struct answer *a, const struct json *input) {
    AUTO(parts_done) struct parts parts = {0};
    const cedar_value *value;
    cedar_str text;
    cedar_report *report = NULL;
    if (!load_parts(a, input, &parts)) {
        answer_failure(a);
        return;
    }
    cedar_status status =
        cedar_evaluate(a->scratch, outer(json_get(input, STR("expression"))->text), parts.entities,
                       &parts.request, &value, &report);
    if (!answer_check(a, status, report) ||
        !answer_check(a, cedar_value_format(a->scratch, value, &text), NULL)) {
        answer_failure(a);
        return;
    }
    json_open_object(&a->out);
    json_name_string(&a->out, STR("type"), STR("success"));
    json_name_string(&a->out, STR("value"), inner(text));
    json_close_object(&a->out);
}

/* ---- parsing ---- */

static void answer_check_policies(struct answer *a, const struct json *input) {
    cedar_policies_unref(load_policies(a, input));
}

static void answer_check_schema(struct answer *a, const struct json *input) {
    cedar_schema_unref(load_schema(a, input));
}

static void answer_check_entities(struct answer *a, const struct json *input) {
    AUTO(parts_done) struct parts parts = {0};
    const struct json *schema = json_get(input, STR("schema"));
    if (schema != NULL) {
        parts.schema = load_schema(a, schema);
    }
    if (schema == NULL || parts.schema != NULL) {
        parts.entities = load_entities(a, json_get(input, STR("entities")), parts.schema);
    }
}

static void answer_check_context(struct answer *a, const struct json *input) {
    AUTO(parts_done) struct parts parts = {0};
    const struct json *schema = json_get(input, STR("schema"));
    const cedar_value *context;
    cedar_uid action;
    bool has_action = json_get(input, STR("action")) != NULL;
    if ((schema != NULL && (parts.schema = load_schema(a, schema)) == NULL) ||
        (has_action && !load_uid(a, input, STR("action"), &action))) {
        return;
    }
    IGNORE(load_context(a, input, parts.schema, has_action ? &action : NULL, &context));
}

/* ---- cases ---- */

static void answer_op(struct answer *a, str op, const struct json *input) {
    static const struct {
        str name;
        void (*check)(struct answer *a, const struct json *input);
    } checks[] = {
        {STR_INIT("checkParsePolicySet"), answer_check_policies},
        {STR_INIT("checkParseEntities"), answer_check_entities},
        {STR_INIT("checkParseContext"), answer_check_context},
        {STR_INIT("checkParseSchema"), answer_check_schema},
    };
    for (size_t i = 0; i < ARRAY_LEN(checks); i++) {
        if (str_equal(op, checks[i].name)) {
            checks[i].check(a, input);
            if (a->has_failed) {
                answer_failure(a);
            } else {
                answer_success(a);
            }
            return;
        }
    }
    if (str_equal(op, STR("isAuthorized"))) {
        answer_authorize(a, input);
    } else if (str_equal(op, STR("evaluate"))) {
        answer_evaluate(a, input);
    } else if (str_equal(op, STR("schemaToJson"))) {
        answer_schema(a, input, SCHEMA_FORM_JSON);
    } else if (str_equal(op, STR("schemaToJsonWithResolvedTypes"))) {
        answer_schema(a, input, SCHEMA_FORM_RESOLVED);
    } else if (str_equal(op, STR("schemaToText"))) {
        answer_schema(a, input, SCHEMA_FORM_TEXT);
    } else if (str_equal(op, STR("validate"))) {
        answer_validate(a, input);
    } else if (str_has_suffix(op, STR("ToJson"))) {
        answer_policy_to_json(a, input, str_has_prefix(op, STR("template")));
    } else if (str_has_suffix(op, STR("ToText"))) {
        answer_policy_to_text(a, input, str_has_prefix(op, STR("template")));
    } else if (str_equal(op, STR("formatPolicies"))) {
        answer_format(a, input);
    } else {
        json_raw(&a->out, STR("{\"type\":\"unsupported\"}"));
    }
}

static bool answer_line(struct answer *a, str line) {
    const struct json *json;
    struct error error = {0};
    struct buf out;
    if (json_parse(&a->arena, line, &limits, &json, &error) != ERR_OK) {
        fprintf(stderr, "answer: %s in: %.*s\n", error.text, STR_FMT(line));
        return false;
    }
    buf_init_arena(&out, &a->arena, MEMORY_MAX);
    a->line = line;
    a->has_failed = false;
    buf_clear(&a->errors);
    json_writer_init(&a->out, &out);
    json_open_object(&a->out);
    json_name_int(&a->out, STR("n"), json_get(json, STR("n"))->integer);
    json_key(&a->out, STR("answer"));
    answer_op(a, json_get(json, STR("op"))->text, json_get(json, STR("input")));
    json_close_object(&a->out);
    buf_add_c(&out, "\n");
    bool is_written = out.error == ERR_OK && fwrite(out.data, 1, out.len, stdout) == out.len;
    cedar_scratch_reset(a->scratch);
    arena_clear(&a->arena);
    return is_written;
}

int main(void) {
    struct answer a = {0};
    cedar_config config = {.max_depth = 2000};
    if (cedar_engine_new(&config, &a.engine) != CEDAR_OK ||
        cedar_scratch_new(a.engine, MEMORY_MAX, &a.scratch) != CEDAR_OK) {
        return 1;
    }
    arena_init(&a.arena, allocator_libc(), (size_t)MEMORY_MAX * 2);
    buf_init(&a.errors, allocator_libc(), MEMORY_MAX);
    char *line = NULL;
    size_t size = 0;
    ssize_t len;
    bool is_well = true;
    while (is_well && (len = getline(&line, &size, stdin)) > 0) {
        is_well = answer_line(&a, str_make(line, (size_t)len));
    }
    free(line);
    buf_done(&a.errors);
    arena_done(&a.arena);
    cedar_scratch_free(a.scratch);
    cedar_engine_unref(a.engine);
    return is_well && fflush(stdout) == 0 ? 0 : 1;
}
