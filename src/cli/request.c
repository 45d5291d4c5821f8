/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/request.h"

#include "cli/load.h"
#include "cli/render.h"

static const char headline[] = "failed to parse request";
static const char help_uid[] =
    "write an entity as its type and its id in quotes: User::\"alice\" (in a shell, put single "
    "quotes around it)";

/* ---- from JSON ------------------------------------------------------------------------------- */

/* Where an object stands. */
struct origin {
    struct cli *cli;
    const struct json *object;
    const char *name;
    str text;
};

/* In a stream the line is known, and its text is not one of a file. */
static bool complain(const struct origin *o, size_t offset, const char *cause, const char *help) {
    if (o->cli->is_streaming) {
        render_error(o->cli, headline, cause, help);
    } else {
        struct complaint complaint = {.headline = headline, .help = help};
        render_at(o->cli, &complaint, cause, o->name, o->text, offset);
    }
    return false;
}

static bool complain_missing(const struct origin *o, const char *name, const char *help) {
    return complain(o, o->object->offset, load_phrase(o->cli, "missing field `%s`", name), help);
}

static bool get_uid_text(const struct origin *o, const char *name, str *ret) {
    const struct json *member = json_get(o->object, str_c(name));
    if (member == NULL) {
        return complain_missing(o, name, NULL);
    }
    if (member->kind != JSON_STRING) {
        const char *cause = load_phrase(o->cli, "`%s` must be a string, not %s", name,
                                        json_kind_name(member->kind));
        return complain(o, member->offset, cause, "such as \"User::\\\"alice\\\"\"");
    }
    *ret = member->text;
    return true;
}

bool request_read_json(struct cli *cli, const struct json *object, str text, const char *name,
                       bool is_context_optional, struct request_text *ret) {
    const struct origin o = {cli, object, name, text};
    struct request_text made = {0};
    if (object->kind != JSON_OBJECT) {
        return complain(&o, object->offset,
                        load_phrase(cli, "a request must be a JSON object, not %s",
                                    json_kind_name(object->kind)),
                        NULL);
    }
    const struct json *context = json_get(object, STR("context"));
    bool is_good = get_uid_text(&o, "principal", &made.principal);
    is_good = get_uid_text(&o, "action", &made.action) && is_good;
    is_good = get_uid_text(&o, "resource", &made.resource) && is_good;
    if (context == NULL && !is_context_optional) {
        return complain_missing(&o, "context", "an empty one is written as {}");
    }
    if (context != NULL) {
        made.context = str_slice(text, context->offset, context->end);
        made.context_name =
            load_phrase(cli, "%s (context)", name); /* places count from its start */
    }
    if (is_good) {
        *ret = made;
    }
    return is_good;
}

/* ---- from options ---------------------------------------------------------------------------- */

static bool read_options(struct cli *cli, struct request_text *ret) {
    const struct options *options = cli->options;
    ret->principal = str_c(options->texts[OPTION_PRINCIPAL]);
    ret->action = str_c(options->texts[OPTION_ACTION]);
    ret->resource = str_c(options->texts[OPTION_RESOURCE]);
    const char *path = options->texts[OPTION_CONTEXT];
    if (path == NULL) {
        return true;
    }
    ret->context_name = load_shown_name(path);
    if (!load_file(cli, path, "context", &ret->context)) {
        return false;
    }
    load_remember(cli, "", ret->context); /* findings about a context have no source of theirs */
    return true;
}

/* ---- making ---------------------------------------------------------------------------------- */

static bool parse_uid(struct cli *cli, str text, const char *what, cedar_uid *ret) {
    cedar_report *report = NULL;
    cedar_status status = cedar_uid_parse(cli->scratch, cli_cedar_str(text), ret, &report);
    if (status != CEDAR_OK) {
        struct complaint complaint = {
            .headline = headline,
            .detail =
                load_phrase(cli, "failed to parse %s %.*s as entity Uid", what, STR_FMT(text)),
            .source = what,
            .help = help_uid};
        render_complaint(cli, &complaint, report, cedar_status_name(status));
    }
    cedar_report_free(report);
    return status == CEDAR_OK;
}

static bool is_validated(const struct cli *cli, const cedar_schema *schema) {
    return schema != NULL && cli->options->choices[OPTION_REQUEST_VALIDATION] != TRUTH_FALSE;
}

static bool parse_context(struct cli *cli, const struct request_text *text,
                          const cedar_schema *schema, cedar_request *request) {
    cedar_report *report = NULL;
    str json = text->context;
    if (json.ptr == NULL) {
        if (!is_validated(cli, schema)) {
            return true; /* an empty one */
        }
        json = STR("{}"); /* so that what the action requires is named */
    }
    cedar_status status = cedar_context_parse_json(cli->scratch, cli_cedar_str(json), schema,
                                                   &request->action, &request->context, &report);
    if (status != CEDAR_OK) {
        const char *name = text->context_name;
        struct complaint complaint = {
            .headline = headline,
            .detail = name == NULL ? "failed to create a context"
                                   : load_phrase(cli, "failed to create a context from %s", name),
            .source = name == NULL ? "context" : name};
        render_complaint(cli, &complaint, report, cedar_status_name(status));
    }
    cedar_report_free(report);
    return status == CEDAR_OK;
}

static bool validate(struct cli *cli, const cedar_schema *schema, const cedar_request *request) {
    cedar_report *report = NULL;
    if (!is_validated(cli, schema)) {
        return true;
    }
    cedar_status status = cedar_request_validate(cli->scratch, schema, request, &report);
    if (status != CEDAR_OK) {
        render_report(cli, headline, report, cedar_status_name(status));
    }
    cedar_report_free(report);
    return status == CEDAR_OK;
}

bool request_make(struct cli *cli, const struct request_text *text, const cedar_schema *schema,
                  cedar_request *ret) {
    cedar_request request = {0};
    bool is_good = parse_uid(cli, text->principal, "principal", &request.principal);
    is_good = parse_uid(cli, text->action, "action", &request.action) && is_good;
    is_good = parse_uid(cli, text->resource, "resource", &request.resource) && is_good;
    if (!is_good || !parse_context(cli, text, schema, &request) ||
        !validate(cli, schema, &request)) {
        return false;
    }
    *ret = request;
    return true;
}

static bool read_file(struct cli *cli, const char *path, struct request_text *ret) {
    const struct json *object;
    str text;
    return load_json(cli, path, "request-json", &object, &text) &&
           request_read_json(cli, object, text, load_shown_name(path), false, ret);
}

bool load_request(struct cli *cli, const cedar_schema *schema, cedar_request *ret) {
    struct request_text text = {0};
    const char *path = cli->options->texts[OPTION_REQUEST_JSON];
    if (!(path == NULL ? read_options(cli, &text) : read_file(cli, path, &text))) {
        return false;
    }
    if (text.principal.ptr == NULL || text.action.ptr == NULL || text.resource.ptr == NULL) {
        render_error(cli, headline,
                     "All three (`principal`, `action`, `resource`) variables must be specified",
                     "give --principal, --action and --resource, or --request-json");
        return false;
    }
    return request_make(cli, &text, schema, ret);
}
