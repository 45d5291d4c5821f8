/* SPDX-License-Identifier: Apache-2.0 */
/* An explanation for programs; docs/explain.md has the members. */
#include "cli/decision.h"
#include "cli/explain.h"

static const str part_names[] = {STR_INIT("principal"), STR_INIT("action"), STR_INIT("resource")};

static str name_of(size_t index, const char *const *names, size_t count) {
    return index < count ? str_c(names[index]) : STR("");
}

#define NAME(index, names) name_of((size_t)(index), (names), ARRAY_LEN(names))

static const char *const cause_names[] = {
    [CEDAR_CAUSE_PERMITTED] = "permitted",
    [CEDAR_CAUSE_FORBIDDEN] = "forbidden",
    [CEDAR_CAUSE_NOT_PERMITTED] = "not_permitted",
    [CEDAR_CAUSE_PERMIT_FAILED] = "permit_failed",
    [CEDAR_CAUSE_TIMEOUT] = "timeout",
};
static const char *const outcome_names[] = {
    [CEDAR_OUTCOME_SATISFIED] = "satisfied",
    [CEDAR_OUTCOME_ERROR] = "error",
    [CEDAR_OUTCOME_CLAUSE] = "clause",
    [CEDAR_OUTCOME_SCOPE] = "scope",
};
static const char *const state_names[] = {
    [CEDAR_CLAUSE_HOLDS] = "holds",
    [CEDAR_CLAUSE_FAILS] = "fails",
    [CEDAR_CLAUSE_ERROR] = "error",
    [CEDAR_CLAUSE_SKIPPED] = "skipped",
};
static const char *const seen_names[] = {
    [CEDAR_SEEN_VALUE] = "value",
    [CEDAR_SEEN_ERROR] = "error",
    [CEDAR_SEEN_SKIPPED] = "skipped",
    [CEDAR_SEEN_FACT] = "fact",
};

static void add_size(struct json_writer *w, str name, size_t number) {
    json_key(w, name);
    json_uint(w, number);
}

static void add_place(struct json_writer *w, const cedar_place *place) {
    add_size(w, STR("line"), place->line);
    add_size(w, STR("column"), place->column);
    add_size(w, STR("length"), place->end - place->start);
}

static void add_entities(struct json_writer *w, const cedar_explanation *e) {
    json_key(w, STR("request"));
    json_open_object(w);
    for (size_t i = 0; i < ARRAY_LEN(part_names); i++) {
        const cedar_explained_entity *entity = &e->entities[i];
        json_key(w, part_names[i]);
        json_open_object(w);
        json_name_string(w, STR("uid"), cli_str(entity->text));
        json_name_bool(w, STR("is_known"), entity->is_known);
        add_size(w, STR("ancestor_count"), entity->ancestor_count);
        json_key(w, STR("ancestors"));
        json_open_array(w);
        for (size_t k = 0; k < entity->shown_count; k++) {
            json_string(w, cli_str(entity->ancestors[k]));
        }
        json_close_array(w);
        json_close_object(w);
    }
    json_close_object(w);
}

/* What a link was made of. */
static void add_link(struct cli *cli, const cedar_link *link) {
    struct json_writer *w = &cli->json;
    if (link == NULL) {
        return;
    }
    json_name_string(w, STR("template"), cli_str(link->template_id));
    json_key(w, STR("values"));
    json_open_object(w);
    for (size_t i = 0; i < link->value_count; i++) {
        json_name_string(w, cli_str(link->values[i].slot), explain_uid(cli, link->values[i].uid));
    }
    json_close_object(w);
}

static void add_scopes(struct json_writer *w, const cedar_explained_policy *policy) {
    json_key(w, STR("scope"));
    json_open_object(w);
    for (size_t i = 0; i < ARRAY_LEN(part_names); i++) {
        const cedar_explained_scope *scope = &policy->scopes[i];
        json_key(w, part_names[i]);
        json_open_object(w);
        json_name_bool(w, STR("is_matched"), scope->is_matched);
        json_name_string(w, STR("text"), cli_str(scope->text));
        add_place(w, &scope->place);
        json_close_object(w);
    }
    json_close_object(w);
}

static void add_seen(struct json_writer *w, const cedar_explained_clause *clause) {
    json_key(w, STR("seen"));
    json_open_array(w);
    for (size_t i = 0; i < clause->seen_count; i++) {
        const cedar_seen *seen = &clause->seen[i];
        json_open_object(w);
        json_name_string(w, STR("kind"), NAME(seen->kind, seen_names));
        json_name_bool(w, STR("is_cause"), seen->is_cause);
        add_size(w, STR("depth"), seen->depth);
        json_name_string(w, STR("text"), cli_str(seen->text));
        if (seen->value.len > 0) {
            json_name_string(w, STR("value"), cli_str(seen->value));
        }
        add_place(w, &seen->place);
        json_close_object(w);
    }
    json_close_array(w);
    add_size(w, STR("seen_omitted"), clause->seen_omitted);
}

static void add_clauses(struct json_writer *w, const cedar_explained_policy *policy) {
    json_key(w, STR("clauses"));
    json_open_array(w);
    for (size_t i = 0; i < policy->clause_count; i++) {
        const cedar_explained_clause *clause = &policy->clauses[i];
        json_open_object(w);
        json_name_string(w, STR("kind"), clause->is_unless ? STR("unless") : STR("when"));
        json_name_string(w, STR("state"), NAME(clause->state, state_names));
        json_name_string(w, STR("text"), cli_str(clause->text));
        add_place(w, &clause->place);
        add_seen(w, clause);
        json_close_object(w);
    }
    json_close_array(w);
}

static void add_policy(struct cli *cli, const cedar_explained_policy *policy) {
    struct json_writer *w = &cli->json;
    const cedar_policy_info *info = &policy->info;
    json_open_object(w);
    json_name_string(w, STR("id"), cli_str(info->id));
    json_name_string(w, STR("effect"),
                     info->effect == CEDAR_PERMIT ? STR("permit") : STR("forbid"));
    json_name_string(w, STR("source"), cli_str(info->source));
    add_size(w, STR("line"), info->line);
    add_size(w, STR("column"), info->column);
    add_link(cli, info->link);
    json_name_string(w, STR("outcome"), NAME(policy->outcome, outcome_names));
    json_name_bool(w, STR("is_reason"), policy->is_reason);
    if (policy->message.len > 0) {
        json_name_string(w, STR("message"), cli_str(policy->message));
    }
    if (policy->help.len > 0) {
        json_name_string(w, STR("help"), cli_str(policy->help));
    }
    add_scopes(w, policy);
    add_clauses(w, policy);
    json_close_object(w);
}

static void add_totals(struct json_writer *w, const cedar_explanation *e) {
    json_key(w, STR("totals"));
    json_open_object(w);
    for (size_t i = 0; i < CEDAR_OUTCOME_COUNT; i++) {
        add_size(w, NAME(i, outcome_names), e->totals[i]);
    }
    json_close_object(w);
}

void explain_json(struct cli *cli, const cedar_explanation *e) {
    struct json_writer *w = &cli->json;
    decision_json(w, &e->response);
    json_name_string(w, STR("cause"), NAME(e->cause, cause_names));
    add_totals(w, e);
    add_entities(w, e);
    json_key(w, STR("policies"));
    json_open_array(w);
    for (size_t i = 0; i < e->policy_count; i++) {
        add_policy(cli, &e->policies[i]);
    }
    json_close_array(w);
    add_size(w, STR("omitted"), e->omitted);
    json_name_bool(w, STR("is_cut"), e->is_cut);
}
