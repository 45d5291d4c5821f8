/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libcedar from C: policies, entities, questions, answers, and what a mistake looks like.
 *
 *     cc authorize.c $(pkg-config --cflags --libs cedar) -o authorize
 *     ./authorize [POLICY_FILE]
 *
 * Without a file it asks the policies below. A policy file that does not parse is explained, exit
 * status 1. ../cpp/authorize.cpp and ../python/authorize.py do and print the same.
 */
#include <cedar.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char policy_text[] =
    "@id(\"team\")\n"
    "permit(principal in Team::\"writers\", action == Action::\"view\", resource);\n"
    "@id(\"owner\")\n"
    "permit(principal, action, resource) when { resource.owner == principal };\n"
    "@id(\"hours\")\n"
    "forbid(principal, action == Action::\"edit\", resource)\n"
    "unless { 8 <= context.hour && context.hour < 18 };\n"
    "@id(\"share\")\n"
    "permit(principal == ?principal, action == Action::\"view\", resource == ?resource);\n";

static const char entity_text[] =
    "[{\"uid\": {\"type\": \"User\", \"id\": \"alice\"}, \"attrs\": {},\n"
    "  \"parents\": [{\"type\": \"Team\", \"id\": \"writers\"}]},\n"
    " {\"uid\": {\"type\": \"Doc\", \"id\": \"plan\"}, \"parents\": [],\n"
    "  \"attrs\": {\"owner\": {\"__entity\": {\"type\": \"User\", \"id\": \"bob\"}}}}]\n";

struct question {
    const char *who;
    const char *what;
    const char *context;
};

static const struct question questions[] = {
    {"alice", "view", "{\"hour\": 9}"}, {"bob", "edit", "{\"hour\": 9}"},
    {"bob", "edit", "{\"hour\": 22}"},  {"carol", "view", "{\"hour\": 9}"},
    {"carol", "edit", "{\"hour\": 9}"}, {"alice", "edit", "{}"},
};

/* Everything that lives as long as the program. */
struct app {
    cedar_engine *engine;
    cedar_policies *policies;
    cedar_entities *entities;
    cedar_scratch *scratch;
};

/* ---- mistakes ----------------------------------------------------------------------------- */

/* Prints what a call had to say, gives the report back, and says whether all is well. */
static bool check(const char *what, cedar_status status, cedar_report *report) {
    for (size_t i = 0; i < cedar_report_count(report); i++) {
        cedar_finding f = cedar_report_get(report, i);
        fprintf(stderr, "%.*s:%u:%u: %s: %.*s\n", (int)f.source.len, f.source.ptr, (unsigned)f.line,
                (unsigned)f.column, f.severity == CEDAR_ERROR ? "error" : "warning",
                (int)f.message.len, f.message.ptr);
        if (f.label.len > 0) {
            fprintf(stderr, "  %.*s\n", (int)f.label.len, f.label.ptr);
        }
        if (f.help.len > 0) {
            fprintf(stderr, "  help: %.*s\n", (int)f.help.len, f.help.ptr);
        }
    }
    if (status != CEDAR_OK) {
        fprintf(stderr, "%s: %s\n", what, cedar_status_name(status));
    }
    cedar_report_free(report);
    return status == CEDAR_OK;
}

/* ---- once ------------------------------------------------------------------------------------ */

static char *read_file(const char *path) {
    FILE *file = fopen(path, "rb");
    char *text = NULL;
    long size = file != NULL && fseek(file, 0, SEEK_END) == 0 ? ftell(file) : -1;
    if (size >= 0 && fseek(file, 0, SEEK_SET) == 0) {
        text = malloc((size_t)size + 1);
    }
    if (text != NULL) {
        text[fread(text, 1, (size_t)size, file)] = '\0';
    }
    if (file != NULL) {
        fclose(file);
    }
    return text;
}

/* One set from several sources: a text, and a link of the template in it. */
static bool load_policies(struct app *app, const char *text, const char *name, bool has_link) {
    cedar_policies_builder *builder;
    cedar_report *report = NULL;
    cedar_status status =
        cedar_policies_builder_new(app->engine, CEDAR_IDS_FROM_ANNOTATION, &builder);
    if (status != CEDAR_OK) {
        return check("policies", status, NULL);
    }
    /* Mistakes in these two are told by build, all at once. */
    status = cedar_policies_builder_add(builder, cedar_str_from(text), name, "");
    if (status == CEDAR_OK && has_link) {
        const cedar_slot_value values[] = {
            {cedar_str_from("?principal"), {cedar_str_from("User"), cedar_str_from("carol")}},
            {cedar_str_from("?resource"), {cedar_str_from("Doc"), cedar_str_from("plan")}},
        };
        status = cedar_policies_builder_link(builder, cedar_str_from("share"),
                                             cedar_str_from("share-carol"), values, 2);
    }
    if (status == CEDAR_OK) {
        status = cedar_policies_builder_build(builder, &app->policies, &report);
    }
    cedar_policies_builder_free(builder);
    return check("policies", status, report);
}

static bool load_entities(struct app *app) {
    cedar_report *report = NULL;
    cedar_status status = cedar_entities_parse_json(app->engine, cedar_str_from(entity_text), NULL,
                                                    "entities", &app->entities, &report);
    return check("entities", status, report);
}

/* ---- per question -----------------------------------------------------------------------------
 */

static bool make_request(struct app *app, const struct question *q, cedar_request *ret) {
    memset(ret, 0, sizeof *ret);
    ret->principal.type = cedar_str_from("User");
    ret->principal.id = cedar_str_from(q->who);
    ret->action.type = cedar_str_from("Action");
    ret->action.id = cedar_str_from(q->what);
    ret->resource.type = cedar_str_from("Doc");
    ret->resource.id = cedar_str_from("plan");
    cedar_report *report = NULL;
    cedar_status status = cedar_context_parse_json(app->scratch, cedar_str_from(q->context), NULL,
                                                   NULL, &ret->context, &report);
    return check("context", status, report);
}

static bool ask(struct app *app, const struct question *q) {
    cedar_request request;
    cedar_response response;
    if (!make_request(app, q, &request) ||
        !check("authorize",
               cedar_authorize(app->policies, app->entities, &request, app->scratch, &response),
               NULL)) {
        return false;
    }
    printf("%s %s: %s", q->who, q->what, response.decision == CEDAR_ALLOW ? "Allow" : "Deny");
    for (size_t i = 0; i < response.reason_count; i++) {
        printf("%s%.*s", i == 0 ? " by " : ", ", (int)response.reasons[i].len,
               response.reasons[i].ptr);
    }
    printf("\n");
    for (size_t i = 0; i < response.error_count; i++) {
        const cedar_policy_error *e = &response.errors[i];
        printf("  %.*s was skipped: %.*s\n", (int)e->policy_id.len, e->policy_id.ptr,
               (int)e->message.len, e->message.ptr);
    }
    return true;
}

static bool evaluate(struct app *app, const char *expression) {
    cedar_request request;
    const cedar_value *value;
    cedar_str text;
    cedar_report *report = NULL;
    if (!make_request(app, &questions[1], &request)) {
        return false;
    }
    cedar_status status = cedar_evaluate(app->scratch, cedar_str_from(expression), app->entities,
                                         &request, &value, &report);
    if (!check(expression, status, report) ||
        !check("format", cedar_value_format(app->scratch, value, &text), NULL)) {
        return false;
    }
    printf("%s is %.*s\n", expression, (int)text.len, text.ptr);
    return true;
}

static bool run(struct app *app, const char *text, const char *name, bool has_link) {
    if (!check("engine", cedar_engine_new(NULL, &app->engine), NULL) ||
        !load_policies(app, text, name, has_link) || !load_entities(app) ||
        !check("scratch", cedar_scratch_new(app->engine, 0, &app->scratch), NULL)) {
        return false;
    }
    for (size_t i = 0; i < sizeof questions / sizeof questions[0]; i++) {
        bool is_good = ask(app, &questions[i]);
        cedar_scratch_reset(app->scratch); /* the answer is gone now */
        if (!is_good) {
            return false;
        }
    }
    return evaluate(app, "resource.owner == principal && context.hour + 1 == 10");
}

int main(int argc, char **argv) {
    struct app app = {NULL, NULL, NULL, NULL};
    char *text = NULL;
    if (argc > 1 && (text = read_file(argv[1])) == NULL) {
        perror(argv[1]);
        return 1;
    }
    bool is_good =
        run(&app, text != NULL ? text : policy_text, argc > 1 ? argv[1] : "policies", argc == 1);
    free(text);
    cedar_scratch_free(app.scratch);
    cedar_entities_unref(app.entities);
    cedar_policies_unref(app.policies);
    cedar_engine_unref(app.engine);
    return is_good ? 0 : 1;
}
