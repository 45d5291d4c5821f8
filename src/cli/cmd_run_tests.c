/* SPDX-License-Identifier: Apache-2.0 */
/* `cedar run-tests`: requests with their entities, and what the policies are expected to say. */
#include "cli/decision.h"
#include "cli/load.h"
#include "cli/output.h"
#include "cli/render.h"
#include "cli/request.h"
#include "cli/snippet.h"

enum { REPORT_MAX = 16 << 20 };

struct suite {
    struct cli *cli;
    const char *name; /* of the file */
    str text;
    const cedar_policies *policies;
    const cedar_schema *schema;
    cedar_report *findings; /* of the validation: then no test passes */
    bool has_shown_findings;
    struct buf report; /* of the test at hand */
    uint32_t passed;
    uint32_t failed;
};

enum result { RESULT_PASS, RESULT_FAIL, RESULT_ERROR };

/* A test, as far as it is not the request. */
struct expectation {
    cedar_decision decision;
    const struct json *reason;
    uint64_t error_count;
};

/* ---- reading --------------------------------------------------------------------------------- */

static bool complain(struct cli *cli, const char *message) {
    render_error(cli, message, NULL, NULL);
    return false;
}

static bool complain_kind(struct cli *cli, const char *what, const struct json *json) {
    return complain(cli, load_phrase(cli, "%s, not %s", what, json_kind_name(json->kind)));
}

static bool read_decision(struct cli *cli, const struct json *json, cedar_decision *ret) {
    if (json->kind != JSON_STRING) {
        return complain_kind(cli, "`decision` must be a string", json);
    }
    if (!str_equal_c(json->text, "allow") && !str_equal_c(json->text, "deny")) {
        return complain(cli, load_phrase(cli, "unknown variant `%.*s`, expected `allow` or `deny`",
                                         STR_FMT(json->text)));
    }
    *ret = str_equal_c(json->text, "allow") ? CEDAR_ALLOW : CEDAR_DENY;
    return true;
}

static bool read_reason(struct cli *cli, const struct json *json, const struct json **ret) {
    if (json->kind != JSON_ARRAY) {
        return complain_kind(cli, "`reason` must be an array", json);
    }
    for (uint32_t i = 0; i < json->count; i++) {
        if (json->items[i].kind != JSON_STRING) {
            return complain_kind(cli, "`reason` has strings", &json->items[i]);
        }
    }
    *ret = json;
    return true;
}

static bool read_expectation(struct cli *cli, const struct json *test, struct expectation *ret) {
    const struct json *count = json_get(test, STR("num_errors"));
    if (!read_decision(cli, json_get(test, STR("decision")), &ret->decision) ||
        !read_reason(cli, json_get(test, STR("reason")), &ret->reason)) {
        return false;
    }
    if (count->kind != JSON_INT || count->integer < 0) {
        return complain(cli, "`num_errors` must be a number that is not negative");
    }
    ret->error_count = (uint64_t)count->integer;
    return true;
}

static bool check_fields(struct cli *cli, const struct json *test) {
    static const char *const names[] = {"request", "entities", "decision", "reason", "num_errors"};
    if (test->kind != JSON_OBJECT) {
        return complain_kind(cli, "a test must be a JSON object", test);
    }
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (json_get(test, str_c(names[i])) == NULL) {
            return complain(cli, load_phrase(cli, "missing field `%s`", names[i]));
        }
    }
    return true;
}

static bool read_entities(const struct suite *s, const struct json *json, cedar_entities **ret) {
    struct cli *cli = s->cli;
    cedar_report *report = NULL;
    str text = str_slice(s->text, json->offset, json->end);
    cedar_status status =
        cedar_entities_parse_json(cli->engine, cli_cedar_str(text), s->schema,
                                  load_phrase(cli, "%s (entities)", s->name), ret, &report);
    if (status != CEDAR_OK) {
        render_report(cli, "failed to parse entities", report, cedar_status_name(status));
    }
    cedar_report_free(report);
    return status == CEDAR_OK;
}

/* ---- comparing ------------------------------------------------------------------------------- */

static bool has_reason(const cedar_response *response, str id) {
    for (size_t i = 0; i < response->reason_count; i++) {
        if (str_equal(cli_str(response->reasons[i]), id)) {
            return true;
        }
    }
    return false;
}

static void compare_reasons(struct cli *cli, struct buf *out, const struct json *reason,
                            const cedar_response *response) {
    for (uint32_t i = 0; i < reason->count; i++) {
        str id = reason->items[i].text;
        if (!has_reason(response, id)) {
            buf_add_c(out, out->len == 0 ? "missing reason(s): `" : ", `");
            decision_add_id(cli, out, id);
            buf_add_byte(out, '`');
        }
    }
}

static void compare_errors(struct cli *cli, struct buf *out, uint64_t expected,
                           const cedar_response *response) {
    if (response->error_count == expected) {
        return;
    }
    buf_format(out, "%sexpected %llu error(s), but got %zu runtime error(s)",
               out->len == 0 ? "" : "; ", (unsigned long long)expected, response->error_count);
    for (size_t i = 0; i < response->error_count; i++) {
        buf_add_c(out, i == 0 ? ": " : ", ");
        decision_add_error(cli, out, &response->errors[i]);
    }
}

/* Says in `out` what is not as expected; reasons are a part of those there are. */
static void compare(struct cli *cli, struct buf *out, const struct expectation *expected,
                    const cedar_response *response) {
    if (response->decision != expected->decision) {
        buf_format(out, "expected %s, got %s", expected->decision == CEDAR_ALLOW ? "Allow" : "Deny",
                   response->decision == CEDAR_ALLOW ? "Allow" : "Deny");
        return;
    }
    compare_reasons(cli, out, expected->reason, response);
    compare_errors(cli, out, expected->error_count, response);
}

/* ---- one test -------------------------------------------------------------------------------- */

static enum result decide(struct suite *s, const struct expectation *expected,
                          const cedar_entities *entities, const cedar_request *request) {
    struct cli *cli = s->cli;
    cedar_response response;
    cedar_status status = cedar_authorize(s->policies, entities, request, cli->scratch, &response);
    if (status != CEDAR_OK) {
        render_error(cli, "failed to authorize the request", cedar_status_name(status), NULL);
        return RESULT_ERROR;
    }
    compare(cli, &s->report, expected, &response);
    return s->report.len == 0 ? RESULT_PASS : RESULT_FAIL;
}

/* Tests of policies that do not fit the schema say nothing. The findings are shown once. */
static bool check_validation(struct suite *s) {
    static const char headline[] = "policy set validation failed";
    if (s->findings == NULL) {
        return true;
    }
    if (s->has_shown_findings) {
        render_error(s->cli, headline, "the findings stand with the first test", NULL);
    } else {
        render_report(s->cli, headline, s->findings, NULL);
        s->has_shown_findings = true;
    }
    return false;
}

static enum result run_test(struct suite *s, const struct json *test) {
    struct cli *cli = s->cli;
    struct expectation expected;
    struct request_text text;
    cedar_request request;
    cedar_entities *entities = NULL;
    if (!check_fields(cli, test) || !read_expectation(cli, test, &expected)) {
        return RESULT_ERROR;
    }
    bool is_good =
        request_read_json(cli, json_get(test, STR("request")), s->text, s->name, false, &text) &&
        request_make(cli, &text, s->schema, &request);
    is_good = read_entities(s, json_get(test, STR("entities")), &entities) && is_good;
    is_good = is_good && check_validation(s);
    enum result result = is_good ? decide(s, &expected, entities, &request) : RESULT_ERROR;
    cedar_entities_unref(entities);
    return result;
}

static void print_json(struct suite *s, const struct json *name, enum result result) {
    static const char *const names[] = {"pass", "fail", "error"};
    struct json_writer *w = &s->cli->json;
    json_open_object(w);
    json_name_string(w, STR("name"), name == NULL ? str_make(NULL, 0) : name->text);
    json_name_string(w, STR("result"), str_c(names[result]));
    if (result == RESULT_FAIL) {
        json_name_string(w, STR("message"), buf_str(&s->report));
    } else if (result == RESULT_ERROR) {
        output_take_findings(s->cli, w);
    }
    json_close_object(w);
}

static void print_word(struct cli *cli, const char *colour, const char *word) {
    buf_add_c(&cli->out, cli->has_colour ? colour : "");
    buf_add_c(&cli->out, word);
    buf_add_c(&cli->out, cli->has_colour ? "\x1b[0m" : "");
}

/* A report, two columns to the right. */
static void print_report(struct buf *out, str report) {
    while (report.len > 0) {
        str line;
        str rest;
        IGNORE(str_cut(report, '\n', &line, &rest)); /* it ends with a line end */
        buf_add_c(out, line.len > 0 ? "  " : "");
        buf_add(out, line);
        buf_add_byte(out, '\n');
        report = rest;
    }
}

static void print_text(struct suite *s, const struct json *name, enum result result) {
    struct cli *cli = s->cli;
    buf_add_c(&cli->out, "  test ");
    if (name == NULL) {
        buf_add_c(&cli->out, "(unnamed)");
    } else {
        snippet_add_safe(&cli->out, name->text);
    }
    buf_add_c(&cli->out, " ... ");
    if (result == RESULT_PASS) {
        print_word(cli, "\x1b[32m", "ok");
        buf_add_byte(&cli->out, '\n');
    } else if (result == RESULT_FAIL) {
        print_word(cli, "\x1b[31m", "fail");
        buf_add_c(&cli->out, ": ");
        snippet_add_safe(&cli->out, buf_str(&s->report));
        buf_add_byte(&cli->out, '\n');
    } else {
        print_word(cli, "\x1b[31m", "error");
        buf_add_c(&cli->out, ":\n");
        print_report(&cli->out, buf_str(&s->report));
    }
}

/* ---- all tests ------------------------------------------------------------------------------- */

static bool run_all(struct suite *s, const struct json *tests) {
    struct cli *cli = s->cli;
    struct arena_mark mark = arena_mark(&cli->arena);
    for (uint32_t i = 0; i < tests->count; i++) {
        const struct json *name = json_get(&tests->items[i], STR("name"));
        name = name != NULL && name->kind == JSON_STRING ? name : NULL;
        enum result result = run_test(s, &tests->items[i]);
        s->passed += result == RESULT_PASS;
        s->failed += result != RESULT_PASS;
        if (cli->has_json) {
            print_json(s, name, result);
        } else {
            print_text(s, name, result);
        }
        buf_clear(&s->report);
        cedar_scratch_reset(cli->scratch);
        arena_reset(&cli->arena, mark);
        if (!cli->has_json && !output_flush(cli)) {
            return false;
        }
    }
    return true;
}

static void print_results(struct suite *s) {
    struct cli *cli = s->cli;
    buf_format(&cli->out, "results: %u ", s->passed);
    print_word(cli, s->failed == 0 ? "\x1b[32m" : "", "passed");
    buf_format(&cli->out, ", %u ", s->failed);
    print_word(cli, s->failed > 0 ? "\x1b[31m" : "", "failed");
    buf_add_byte(&cli->out, '\n');
}

static int run_suite(struct suite *s, const struct json *tests) {
    struct cli *cli = s->cli;
    bool is_written;
    struct buf findings = cli->findings; /* about the inputs, not about a test */
    buf_init(&cli->findings, allocator_libc(), REPORT_MAX);
    buf_init(&s->report, allocator_libc(), REPORT_MAX);
    cli->reports = &s->report;
    if (cli->has_json) {
        json_key(&cli->json, STR("tests"));
        json_open_array(&cli->json);
        is_written = run_all(s, tests);
        json_close_array(&cli->json);
        json_name_int(&cli->json, STR("passed"), s->passed);
        json_name_int(&cli->json, STR("failed"), s->failed);
    } else {
        buf_format(&cli->out, "running %u test(s)\n", tests->count);
        is_written = run_all(s, tests);
        print_results(s);
    }
    cli->reports = &cli->out;
    buf_done(&cli->findings);
    cli->findings = findings;
    buf_done(&s->report);
    return is_written && s->failed == 0 ? CLI_OK : CLI_FAILURE;
}

static bool load_tests(struct cli *cli, struct suite *s, const struct json **ret) {
    const char *path = cli->options->texts[OPTION_TESTS];
    s->name = load_shown_name(path);
    if (!load_json(cli, path, "tests", ret, &s->text)) {
        return false;
    }
    if ((*ret)->kind != JSON_ARRAY) {
        render_error(
            cli, load_phrase(cli, "failed to parse tests file %s", s->name),
            load_phrase(cli, "tests are an array of objects, not %s", json_kind_name((*ret)->kind)),
            NULL);
        return false;
    }
    return true;
}

/* Keeps the findings, warnings too. False: it could not be done. */
static bool validate(struct suite *s) {
    if (s->schema == NULL) {
        return true;
    }
    cedar_status status = cedar_validate(s->policies, s->schema, NULL, &s->findings);
    if (status == CEDAR_OK || status == CEDAR_ERR_SCHEMA) {
        return true;
    }
    render_report(s->cli, "failed to validate", s->findings, cedar_status_name(status));
    return false;
}

int cmd_run_tests(struct cli *cli) {
    struct suite s = {.cli = cli};
    cedar_policies *policies = NULL;
    cedar_schema *schema = NULL;
    const struct json *tests;
    int status = CLI_FAILURE;
    bool is_good = load_policies(cli, &policies);
    is_good = load_schema(cli, &schema) && is_good;
    is_good = load_tests(cli, &s, &tests) && is_good;
    if (is_good) {
        s.policies = policies;
        s.schema = schema;
        status = validate(&s) ? run_suite(&s, tests) : CLI_FAILURE;
    }
    cedar_report_free(s.findings);
    cedar_schema_unref(schema);
    cedar_policies_unref(policies);
    return status;
}
