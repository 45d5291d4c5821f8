/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/lint/lint.h"

#include "cedar/lint/lint_int.h"
#include "cedar/value/value.h"

enum { LINT_MESSAGE_MAX = 1 << 20 };

str lint_rule_name(enum lint_rule rule) {
    static const str names[] = {
#define X(code, name, summary) STR_INIT(name),
        LINT_RULE_TABLE(X)
#undef X
    };
    return names[rule];
}

str lint_rule_summary(enum lint_rule rule) {
    static const str summaries[] = {
#define X(code, name, summary) STR_INIT(summary),
        LINT_RULE_TABLE(X)
#undef X
    };
    return summaries[rule];
}

void lint_init(struct lint *lint, const struct schema *schema, const struct lint_options *options,
               const struct hash_key *key, struct arena *arena, struct diag_list *diags) {
    *lint = (struct lint){.schema = schema, .options = *options, .arena = arena, .diags = diags};
    facts_init(&lint->facts, arena, key);
}

err lint_add(struct lint *lint, const struct lint_policy *policy) {
    struct lint_policy added = *policy;
    added.cost = lint_cost_of(policy->tree);
    return VEC_PUSH(lint->arena, &lint->policies, added) ? ERR_OK : arena_error(lint->arena);
}

static err message_of(struct lint *lint, const struct lint_policy *policy, const char *before,
                      str name, const char *after, str *ret) {
    struct buf message;
    buf_init_arena(&message, lint->arena, LINT_MESSAGE_MAX);
    buf_add_c(&message, "policy `");
    escape_debug(&message, policy->tree->id);
    buf_add_c(&message, "` ");
    buf_add_c(&message, before);
    if (!str_is_absent(name)) {
        escape_debug(&message, name);
        buf_add_c(&message, after);
    }
    return buf_finish(&message, ret);
}

void lint_file(struct lint *lint, enum lint_rule rule, const struct lint_policy *policy,
               struct ast_span span, const char *before, str name, const char *after,
               const char *help) {
    bool is_error = rule == LINT_POLICY_COST || rule == LINT_SET_COST;
    lint->error_count += is_error;
    struct diag diag = {
        .severity = is_error ? DIAG_ERROR : DIAG_WARNING,
        .has_span = policy->source_text.ptr != NULL,
        .span = {span.start + policy->base, span.end + policy->base},
        .help = help == NULL ? (str){NULL, 0} : str_c(help),
        .policy_id = policy->tree->id,
        .kind = lint_rule_name(rule),
    };
    struct diag_list *diags = lint->diags;
    diags->source_name = policy->source_name;
    diags->source_text = policy->source_text;
    diags->origin = policy->origin;
    if (message_of(lint, policy, before, name, after, &diag.message) == ERR_OK) {
        IGNORE(diag_take(diags, &diag)); /* the list remembers that it is cut */
    }
}

uint64_t lint_hash(const struct lint *lint, const struct ast_uid *uid) {
    return hash_pair(&lint->facts.key, uid->type.text, uid->id);
}

err lint_finish(struct lint *lint, uint64_t *ret_cost) {
    for (size_t i = 0; i < lint->policies.count; i++) {
        const struct lint_policy *policy = &lint->policies.items[i];
        if (lint_wants(lint, LINT_CONTRADICTORY)) {
            lint_contradict(lint, policy);
        }
        if (policy->tree->is_forbid && lint_wants(lint, LINT_MAY_FAIL)) {
            lint_fail(lint, policy);
        }
    }
    lint_cover(lint);
    *ret_cost = lint_cost(lint);
    TRY(lint->arena->error);
    return lint->diags->arena->error;
}
