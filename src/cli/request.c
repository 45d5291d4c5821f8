/* SPDX-License-Identifier: Apache-2.0 */
/* The request of `authorize` and `evaluate`, from four options or one JSON file. */
#include "base/json.h"
#include "cli/load.h"
#include "cli/render.h"

enum { OUT_MAX = 128 << 20 };

struct request_text {
    str principal; /* absent when not given */
    str action;
    str resource;
    str context; /* JSON */
    const char *context_name;
};

/* ---- from JSON ------------------------------------------------------------------------------- */

/* The limits of the tool, not of a service: whole files are read. */
static const struct json_limits json_limits = {
    .max_bytes = 64 << 20, .max_depth = 64, .max_values = 10000000};

static const char headline_file[] = "failed to parse request";

static bool get_uid_text(struct cli *cli, const struct json *object, str name, str *ret) {
    const struct json *member = json_get(object, name);
    str cause;
    if (member != NULL && member->kind == JSON_STRING) {
        *ret = member->text;
        return true;
    }
    bool is_made = arena_format(&cli->arena, &cause,
                                member == NULL ? "missing field `%.*s`"
                                               : "`%.*s` must be a string such as "
                                                 "\"User::\\\"alice\\\"\"",
                                STR_FMT(name)) == ERR_OK;
    render_error(cli, headline_file, is_made ? cause.ptr : NULL, NULL);
    return false;
}

static bool read_file(struct cli *cli, const char *path, struct request_text *ret) {
    str text;
    const struct json *object;
    struct error error = {.text = ""};
    struct buf context;
    struct json_writer writer;
    if (!load_file(cli, path, "failed to read request", &text)) {
        return false;
    }
    if (json_parse(&cli->arena, text, &json_limits, &object, &error) != ERR_OK) {
        str cause;
        bool is_made = arena_format(&cli->arena, &cause, "%s:%u:%u: %s", path, error.line,
                                    error.column, error.text) == ERR_OK;
        render_error(cli, headline_file, is_made ? cause.ptr : error.text, NULL);
        return false;
    }
    if (object->kind != JSON_OBJECT) {
        render_error(cli, headline_file, "a request must be a JSON object", NULL);
        return false;
    }
    const struct json *member = json_get(object, STR("context"));
    if (!get_uid_text(cli, object, STR("principal"), &ret->principal) ||
        !get_uid_text(cli, object, STR("action"), &ret->action) ||
        !get_uid_text(cli, object, STR("resource"), &ret->resource)) {
        return false;
    }
    if (member == NULL) {
        render_error(cli, headline_file, "missing field `context`", NULL);
        return false;
    }
    buf_init_arena(&context, &cli->arena, OUT_MAX);
    json_writer_init(&writer, &context);
    json_tree(&writer, member);
    ret->context_name = path;
    if (buf_finish(&context, &ret->context) != ERR_OK) {
        render_error(cli, headline_file, "out of memory", NULL);
        return false;
    }
    return true;
}

/* ---- from options ---------------------------------------------------------------------------- */

static bool read_options(struct cli *cli, struct request_text *ret) {
    const struct options *options = cli->options;
    ret->principal = str_c(options->texts[OPTION_PRINCIPAL]);
    ret->action = str_c(options->texts[OPTION_ACTION]);
    ret->resource = str_c(options->texts[OPTION_RESOURCE]);
    ret->context_name = options->texts[OPTION_CONTEXT];
    return ret->context_name == NULL ||
           load_file(cli, ret->context_name, "failed to read context", &ret->context);
}

static bool parse_uid(struct cli *cli, str text, const char *headline, cedar_uid *ret) {
    cedar_report *report = NULL;
    cedar_status status = cedar_uid_parse(cli->scratch, cli_cedar_str(text), ret, &report);
    if (status != CEDAR_OK) {
        render_report(cli, headline, report, cedar_status_name(status));
    }
    cedar_report_free(report);
    return status == CEDAR_OK;
}

static bool parse_context(struct cli *cli, const struct request_text *text,
                          const cedar_schema *schema, cedar_request *request) {
    cedar_report *report = NULL;
    if (text->context.ptr == NULL) {
        if (schema == NULL) {
            return true;
        }
        /* With a schema an absent context may lack required attributes. */
        return parse_context(cli, &(struct request_text){.context = STR("{}")}, schema, request);
    }
    cedar_status status =
        cedar_context_parse_json(cli->scratch, cli_cedar_str(text->context), schema,
                                 &request->action, &request->context, &report);
    if (status != CEDAR_OK) {
        render_report(cli, "failed to create a context", report, cedar_status_name(status));
    }
    cedar_report_free(report);
    return status == CEDAR_OK;
}

static bool validate(struct cli *cli, const cedar_schema *schema, const cedar_request *request) {
    cedar_report *report = NULL;
    if (schema == NULL || cli->options->choices[OPTION_REQUEST_VALIDATION] == TRUTH_FALSE) {
        return true;
    }
    cedar_status status = cedar_request_validate(cli->scratch, schema, request, &report);
    if (status != CEDAR_OK) {
        render_report(cli, "failed to validate request", report, cedar_status_name(status));
    }
    cedar_report_free(report);
    return status == CEDAR_OK;
}

bool load_request(struct cli *cli, const cedar_schema *schema, cedar_request *ret) {
    struct request_text text = {0};
    cedar_request request = {0};
    const char *path = cli->options->texts[OPTION_REQUEST_JSON];
    if (!(path == NULL ? read_options(cli, &text) : read_file(cli, path, &text))) {
        return false;
    }
    if (text.principal.ptr == NULL || text.action.ptr == NULL || text.resource.ptr == NULL) {
        render_error(cli,
                     "All three (`principal`, `action`, `resource`) variables must be specified",
                     NULL, NULL);
        return false;
    }
    bool is_good = parse_uid(cli, text.principal, "failed to parse principal", &request.principal);
    is_good = parse_uid(cli, text.action, "failed to parse action", &request.action) && is_good;
    is_good =
        parse_uid(cli, text.resource, "failed to parse resource", &request.resource) && is_good;
    if (!is_good || !parse_context(cli, &text, schema, &request) ||
        !validate(cli, schema, &request)) {
        return false;
    }
    *ret = request;
    return true;
}
