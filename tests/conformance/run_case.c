/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus_int.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "explain_check.h"

enum { FILE_MAX = 256 << 20, TEXT_MAX = 2000 };

const struct json_limits corpus_json_limits = {
    .max_bytes = FILE_MAX, .max_depth = 1000, .max_values = UINT32_MAX};

void corpus_say(const struct unit *u, const char *format, ...) {
    char text[TEXT_MAX];
    int used = snprintf(text, sizeof text, "%s: ", u->path);
    va_list args;
    va_start(args, format);
    if (used > 0 && used < TEXT_MAX) {
        vsnprintf(text + used, sizeof text - (size_t)used, format, args);
    }
    va_end(args);
    u->show(u->ctx, text);
}

bool corpus_read_file(struct arena *a, const char *path, str *ret) {
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return false;
    }
    struct buf content;
    buf_init_arena(&content, a, FILE_MAX);
    size_t got = 1;
    while (got > 0) {
        char *room = buf_reserve(&content, 1 << 16);
        got = room == NULL ? 0 : fread(room, 1, 1 << 16, file);
        buf_advance(&content, got);
    }
    bool is_read = ferror(file) == 0;
    fclose(file);
    return is_read && buf_finish(&content, ret) == ERR_OK;
}

static str folder_of(str path) {
    size_t at = path.len;
    while (at > 0 && path.ptr[at - 1] != '/') {
        at--;
    }
    return str_make(path.ptr, at);
}

/* A file that the case names: beside it, or the name is a path from a folder above. */
static bool read_named(struct unit *u, const struct json *name, str *ret) {
    if (name == NULL || name->kind != JSON_STRING) {
        return false;
    }
    str folder = folder_of(str_c(u->path));
    str inner = name->text;
    while (inner.len > 0) {
        str path;
        const char *c_path;
        if (arena_format(&u->arena, &path, "%.*s%.*s", STR_FMT(folder), STR_FMT(inner)) == ERR_OK &&
            arena_c_string(&u->arena, path, &c_path) == ERR_OK &&
            corpus_read_file(&u->arena, c_path, ret)) {
            return true;
        }
        str first;
        if (!str_cut(inner, '/', &first, &inner)) {
            break;
        }
    }
    return false;
}

static cedar_str outer(str s) {
    return (cedar_str){s.ptr, s.len};
}

static bool succeeded(struct unit *u, const char *what, cedar_status status,
                      cedar_report *take_report) {
    if (status != CEDAR_OK) {
        corpus_say(u, "%s: %s", what, cedar_status_name(status));
        for (size_t i = 0; i < cedar_report_count(take_report); i++) {
            cedar_finding finding = cedar_report_get(take_report, i);
            if (finding.severity == CEDAR_ERROR) {
                corpus_say(u, "%s: line %u: %.*s", what, (unsigned)finding.line,
                           (int)finding.message.len, finding.message.ptr);
            }
        }
    }
    cedar_report_free(take_report);
    return status == CEDAR_OK;
}

static bool load_schema(struct unit *u, const struct json *document) {
    const struct json *name = json_get(document, STR("schema"));
    str text;
    if (name == NULL || name->kind == JSON_NULL) {
        return true;
    }
    if (!read_named(u, name, &text)) {
        corpus_say(u, "the schema cannot be read");
        return false;
    }
    cedar_format format =
        str_has_suffix(name->text, STR(".json")) ? CEDAR_FORMAT_JSON : CEDAR_FORMAT_CEDAR;
    cedar_report *report = NULL;
    cedar_status status =
        cedar_schema_parse(u->engine, outer(text), format, "schema", &u->schema, &report);
    return succeeded(u, "schema", status, report);
}

static bool load_policies(struct unit *u, const struct json *document) {
    str text;
    if (!read_named(u, json_get(document, STR("policies")), &text)) {
        corpus_say(u, "the policies cannot be read");
        return false;
    }
    cedar_report *report = NULL;
    cedar_status status =
        cedar_policies_parse(u->engine, outer(text), "policies", &u->policies, &report);
    return succeeded(u, "policies", status, report);
}

static bool load_entities(struct unit *u, const struct json *document) {
    str text;
    if (!read_named(u, json_get(document, STR("entities")), &text)) {
        corpus_say(u, "the entities cannot be read");
        return false;
    }
    cedar_report *report = NULL;
    cedar_status status = cedar_entities_parse_json(u->engine, outer(text), u->schema, "entities",
                                                    &u->entities, &report);
    return succeeded(u, "entities", status, report);
}

static bool get_uid(const struct json *request, const char *name, cedar_uid *ret) {
    const struct json *uid = json_get(request, str_c(name));
    const struct json *type = uid == NULL ? NULL : json_get(uid, STR("type"));
    const struct json *id = uid == NULL ? NULL : json_get(uid, STR("id"));
    if (type == NULL || type->kind != JSON_STRING || id == NULL || id->kind != JSON_STRING) {
        return false;
    }
    *ret = (cedar_uid){outer(type->text), outer(id->text)};
    return true;
}

static bool has_id(const struct json *list, cedar_str id) {
    for (uint32_t i = 0; i < list->count; i++) {
        if (list->items[i].kind == JSON_STRING &&
            str_equal(list->items[i].text, str_make(id.ptr, id.len))) {
            return true;
        }
    }
    return false;
}

/* Ids are distinct on both sides, so equal counts and one inclusion make equal sets. */
static bool has_same_reasons(const struct json *expected, const cedar_response *response) {
    bool is_same = expected->count == response->reason_count;
    for (size_t i = 0; is_same && i < response->reason_count; i++) {
        is_same = has_id(expected, response->reasons[i]);
    }
    return is_same;
}

static bool has_same_errors(const struct json *expected, const cedar_response *response) {
    bool is_same = expected->count == response->error_count;
    for (size_t i = 0; is_same && i < response->error_count; i++) {
        is_same = has_id(expected, response->errors[i].policy_id);
    }
    return is_same;
}

static void say_response(struct unit *u, uint32_t number, const char *what,
                         const struct json *request, const cedar_response *response) {
    const struct json *decision = json_get(request, STR("decision"));
    corpus_say(u, "request %u: %s differ: %s with %zu reasons, %zu errors; expected %.*s", number,
               what, response->decision == CEDAR_ALLOW ? "allow" : "deny", response->reason_count,
               response->error_count, STR_FMT(decision->text));
    for (size_t i = 0; i < response->error_count; i++) {
        const cedar_policy_error *error = &response->errors[i];
        corpus_say(u, "request %u: %.*s: %.*s", number, (int)error->policy_id.len,
                   error->policy_id.ptr, (int)error->message.len, error->message.ptr);
    }
}

static bool check_response(struct unit *u, uint32_t number, const struct json *request,
                           const cedar_response *response) {
    const struct json *decision = json_get(request, STR("decision"));
    const struct json *reasons = json_get(request, STR("reason"));
    const struct json *errors = json_get(request, STR("errors"));
    if (decision == NULL || decision->kind != JSON_STRING || reasons == NULL ||
        reasons->kind != JSON_ARRAY || errors == NULL || errors->kind != JSON_ARRAY) {
        corpus_say(u, "request %u: decision, reason or errors are missing", number);
        return false;
    }
    str got = response->decision == CEDAR_ALLOW ? STR("allow") : STR("deny");
    if (!str_equal_nocase(decision->text, got)) {
        say_response(u, number, "decisions", request, response);
        return false;
    }
    if (!has_same_reasons(reasons, response)) {
        say_response(u, number, "reasons", request, response);
        return false;
    }
    if (!has_same_errors(errors, response)) {
        say_response(u, number, "errors", request, response);
        return false;
    }
    return true;
}

/* The explanation of the same request must agree. */
static bool check_explanation(struct unit *u, uint32_t number, const cedar_request *request,
                              const cedar_response *response) {
    cedar_explain_options options = {.filter = CEDAR_EXPLAIN_ALL, .limit = SIZE_MAX};
    const cedar_explanation *explanation;
    cedar_status status =
        cedar_explain(u->policies, u->entities, request, u->scratch, &options, &explanation);
    if (!succeeded(u, "explain", status, NULL)) {
        return false;
    }
    const char *wrong = explain_check(u->policies, response, explanation);
    if (wrong != NULL) {
        corpus_say(u, "request %u: explanation: %s", number, wrong);
    }
    return wrong == NULL;
}

static bool wants_validation(const struct json *request) {
    const struct json *wish = json_get(request, STR("validateRequest"));
    return wish != NULL && wish->kind == JSON_BOOL && wish->boolean;
}

static bool run_request(struct unit *u, uint32_t number, const struct json *json) {
    cedar_request request = {0};
    const struct json *context = json_get(json, STR("context"));
    if (!get_uid(json, "principal", &request.principal) ||
        !get_uid(json, "action", &request.action) ||
        !get_uid(json, "resource", &request.resource) || context == NULL) {
        corpus_say(u, "request %u: principal, action, resource or context are missing", number);
        return false;
    }
    cedar_scratch_reset(u->scratch);
    cedar_report *report = NULL;
    str source = str_slice(u->text, context->offset, context->end);
    cedar_status status = cedar_context_parse_json(u->scratch, outer(source), u->schema,
                                                   u->schema == NULL ? NULL : &request.action,
                                                   &request.context, &report);
    if (!succeeded(u, "context", status, report)) {
        return false;
    }
    if (u->schema != NULL && wants_validation(json)) {
        status = cedar_request_validate(u->scratch, u->schema, &request, &report);
        if (!succeeded(u, "request", status, report)) {
            return false;
        }
    }
    cedar_response response;
    status = cedar_authorize(u->policies, u->entities, &request, u->scratch, &response);
    return succeeded(u, "authorize", status, NULL) && check_response(u, number, json, &response) &&
           check_explanation(u, number, &request, &response);
}

static void run_requests(struct unit *u, const struct json *document, struct corpus_counts *ret) {
    const struct json *requests = json_get(document, STR("requests"));
    if (requests == NULL || requests->kind != JSON_ARRAY) {
        return; /* some other file */
    }
    if (!load_schema(u, document) || !load_policies(u, document) || !load_entities(u, document) ||
        !succeeded(u, "scratch", cedar_scratch_new(u->engine, 0, &u->scratch), NULL)) {
        ret->failed += requests->count;
        return;
    }
    corpus_validate(u, document, ret);
    for (uint32_t i = 0; i < requests->count; i++) {
        if (run_request(u, i, &requests->items[i])) {
            ret->passed++;
        } else {
            ret->failed++;
        }
    }
}

void corpus_run_case(cedar_engine *engine, const char *path, corpus_show *show, void *ctx,
                     struct corpus_counts *ret) {
    struct unit unit = {.engine = engine, .path = path, .show = show, .ctx = ctx};
    struct unit *u = &unit;
    arena_init(&u->arena, allocator_libc(), (size_t)FILE_MAX * 8);
    const struct json *document;
    struct error error = {0};
    if (!corpus_read_file(&u->arena, path, &u->text)) {
        corpus_say(u, "cannot be read");
        ret->failed++;
    } else if (json_parse(&u->arena, u->text, &corpus_json_limits, &document, &error) != ERR_OK) {
        corpus_say(u, "line %u: %s", (unsigned)error.line, error.text);
        ret->failed++;
    } else {
        run_requests(u, document, ret);
    }
    cedar_scratch_free(u->scratch);
    cedar_entities_unref(u->entities);
    cedar_policies_unref(u->policies);
    cedar_schema_unref(u->schema);
    arena_done(&u->arena);
}
