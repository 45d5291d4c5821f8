/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An explanation for people:
 *
 *     DENY: no policy permits this
 *
 *       principal  User::"bob"            in no group
 *       …
 *
 *     A condition does not hold:
 *
 *       owners (permit, documents.cedar:21)
 *         ✓ principal is User
 *         ✗ when { resource.owner == principal }
 *             resource.owner  User::"alice"
 *             principal       User::"bob"
 */
#include "cli/explain.h"
#include "cli/snippet.h"

enum {
    NAMES_SHOWN = 5,
    GROUPS_SHOWN = 8,
    VALUE_COLUMN_MAX = 44, /* further to the right a value does not move for a longer neighbour */
    INDENT_POLICY = 2,
    INDENT_SCOPE = 4,
    INDENT_SEEN = 8,
    INDENT_LEVEL = 2,
};

struct sheet {
    struct cli *cli;
    struct buf *out;
    const cedar_explanation *explanation;
    const struct explain_context *context;
};

/* ---- pieces ---- */

enum tone { TONE_PLAIN, TONE_BAD, TONE_GOOD, TONE_WARNING, TONE_STRONG, TONE_FAINT };

static void set_tone(const struct sheet *s, enum tone tone) {
    static const char *const codes[] = {"\x1b[0m",  "\x1b[31m", "\x1b[32m",
                                        "\x1b[33m", "\x1b[1m",  "\x1b[2m"};
    if (s->cli->has_colour) {
        buf_add_c(s->out, codes[tone]);
    }
}

static size_t add_toned(const struct sheet *s, enum tone tone, str text) {
    set_tone(s, tone);
    size_t width = snippet_add_safe(s->out, text);
    set_tone(s, TONE_PLAIN);
    return width;
}

static void add_spaces(const struct sheet *s, size_t count) {
    for (size_t i = 0; i < count; i++) {
        buf_add_byte(s->out, ' ');
    }
}

static void add_line(const struct sheet *s, const char *text) {
    buf_add_c(s->out, text);
    buf_add_byte(s->out, '\n');
}

enum mark { MARK_YES, MARK_NO, MARK_ERROR, MARK_SKIPPED, MARK_CAUSE, MARK_NONE };

static void add_mark(const struct sheet *s, enum mark mark) {
    static const char *const unicode[] = {"\xE2\x9C\x93", "\xE2\x9C\x97", "!",
                                          "\xC2\xB7",     "\xE2\x96\xB8", " "}; /* ✓ ✗ · ▸ */
    static const char *const ascii[] = {"+", "x", "!", "-", ">", " "};
    static const enum tone tones[] = {TONE_GOOD,  TONE_BAD, TONE_BAD,
                                      TONE_FAINT, TONE_BAD, TONE_PLAIN};
    set_tone(s, tones[mark]);
    buf_add_c(s->out, (s->cli->has_ascii_only ? ascii : unicode)[mark]);
    set_tone(s, TONE_PLAIN);
    buf_add_byte(s->out, ' ');
}

/* Width of a text on the terminal. */
static size_t width_of(const struct sheet *s, str text) {
    struct buf copy;
    buf_init(&copy, allocator_libc(), SIZE_MAX / 2);
    size_t width = snippet_add_safe(&copy, text);
    if (copy.error != ERR_OK) {
        buf_fail(s->out, copy.error);
    }
    buf_done(&copy);
    return width;
}

static void add_count(const struct sheet *s, size_t count, const char *one, const char *many) {
    buf_add_u64(s->out, count);
    buf_add_byte(s->out, ' ');
    buf_add_c(s->out, count == 1 ? one : many);
}

/* ---- headline ---- */

static void add_reasons(const struct sheet *s) {
    const cedar_response *response = &s->explanation->response;
    for (size_t i = 0; i < response->reason_count && i < NAMES_SHOWN; i++) {
        buf_add_c(s->out, i == 0 ? "" : ", ");
        snippet_add_safe(s->out, cli_str(response->reasons[i]));
    }
    if (response->reason_count > NAMES_SHOWN) {
        buf_add_c(s->out, " and ");
        add_count(s, response->reason_count - NAMES_SHOWN, "other", "others");
    }
}

static void add_headline(const struct sheet *s) {
    const cedar_explanation *e = s->explanation;
    bool is_allow = e->response.decision == CEDAR_ALLOW;
    set_tone(s, TONE_STRONG);
    set_tone(s, is_allow ? TONE_GOOD : TONE_BAD);
    buf_add_c(s->out, is_allow ? "ALLOW" : "DENY");
    set_tone(s, TONE_PLAIN);
    switch (e->cause) {
    case CEDAR_CAUSE_PERMITTED:
        buf_add_c(s->out, ": permitted by ");
        add_reasons(s);
        break;
    case CEDAR_CAUSE_FORBIDDEN:
        buf_add_c(s->out, ": forbidden by ");
        add_reasons(s);
        break;
    case CEDAR_CAUSE_NOT_PERMITTED:
        buf_add_c(s->out, ": no policy permits this");
        break;
    case CEDAR_CAUSE_PERMIT_FAILED:
        buf_add_c(s->out, ": no policy permits this, but ");
        add_count(s, e->permit_errors, "permit", "permits");
        buf_add_c(s->out, " failed with an error, which may be why");
        break;
    case CEDAR_CAUSE_TIMEOUT:
        buf_add_c(s->out, ": the evaluation took too long");
        break;
    }
    buf_add_byte(s->out, '\n');
}

/* ---- the request ---- */

static void add_groups(const struct sheet *s, const cedar_explained_entity *entity) {
    for (size_t i = 0; i < entity->shown_count && i < GROUPS_SHOWN; i++) {
        buf_add_c(s->out, i == 0 ? "in " : ", ");
        snippet_add_safe(s->out, cli_str(entity->ancestors[i]));
    }
    if (entity->ancestor_count > GROUPS_SHOWN) {
        buf_add_c(s->out, " and ");
        add_count(s, entity->ancestor_count - GROUPS_SHOWN, "other", "others");
    }
}

static const char *const part_names[] = {"principal", "action", "resource"};
enum { PARTS = 3, PART_ACTION = 1, PART_WIDTH = 11 };

static void add_request(const struct sheet *s) {
    size_t widest = 0;
    for (size_t i = 0; i < PARTS; i++) {
        size_t width = width_of(s, cli_str(s->explanation->entities[i].text));
        widest = width > widest ? width : widest;
    }
    for (size_t i = 0; i < PARTS; i++) {
        const cedar_explained_entity *entity = &s->explanation->entities[i];
        add_spaces(s, INDENT_POLICY);
        add_toned(s, TONE_FAINT, str_c(part_names[i]));
        add_spaces(s, PART_WIDTH - str_c(part_names[i]).len);
        size_t width = snippet_add_safe(s->out, cli_str(entity->text));
        if (entity->ancestor_count > 0) {
            add_spaces(s, widest - width + 2);
            add_groups(s, entity);
        } else if (!entity->is_known && i != PART_ACTION) {
            add_spaces(s, widest - width + 2);
            add_toned(s, TONE_WARNING, STR("not among the entities"));
        }
        buf_add_byte(s->out, '\n');
    }
}

/* ---- policies ---- */

static void add_policy_head(const struct sheet *s, const cedar_policy_info *info) {
    add_spaces(s, INDENT_POLICY);
    add_toned(s, TONE_STRONG, cli_str(info->id));
    buf_add_c(s->out, info->effect == CEDAR_PERMIT ? " (permit, " : " (forbid, ");
    if (info->source.len > 0) {
        snippet_add_safe(s->out, cli_str(info->source));
        buf_add_byte(s->out, ':');
    } else {
        buf_add_c(s->out, "line ");
    }
    buf_add_u64(s->out, info->line);
    if (info->link != NULL) {
        buf_add_c(s->out, ", template ");
        snippet_add_safe(s->out, cli_str(info->link->template_id));
        for (size_t i = 0; i < info->link->value_count; i++) {
            const cedar_slot_value *value = &info->link->values[i];
            buf_add_c(s->out, i == 0 ? " with " : ", ");
            snippet_add_safe(s->out, cli_str(value->slot));
            buf_add_c(s->out, " = ");
            snippet_add_safe(s->out, explain_uid(s->cli, value->uid));
        }
    }
    add_line(s, ")");
}

/* Behind a constraint that does not match: what the request has instead. */
static void add_instead(const struct sheet *s, size_t part, str constraint) {
    const cedar_explained_entity *entity = &s->explanation->entities[part];
    bool is_about_groups = str_find(constraint, STR(" in ")) != SIZE_MAX;
    buf_add_c(s->out, "  ");
    set_tone(s, TONE_FAINT);
    buf_add_c(s->out, "it is ");
    snippet_add_safe(s->out, cli_str(entity->text));
    if (is_about_groups && entity->ancestor_count > 0) {
        buf_add_c(s->out, ", ");
        add_groups(s, entity);
    } else if (is_about_groups && part != PART_ACTION) {
        buf_add_c(s->out, entity->is_known ? ", in nothing" : ", not among the entities");
    }
    set_tone(s, TONE_PLAIN);
}

/* Constraints that match share a line. */
static void add_scopes(const struct sheet *s, const cedar_explained_policy *policy) {
    bool has_match = false;
    for (size_t i = 0; i < PARTS; i++) {
        const cedar_explained_scope *scope = &policy->scopes[i];
        if (!scope->is_matched) {
            continue;
        }
        if (!has_match) {
            add_spaces(s, INDENT_SCOPE);
            add_mark(s, MARK_YES);
        }
        buf_add_c(s->out, has_match ? ", " : "");
        snippet_add_safe(s->out, cli_str(scope->text));
        has_match = true;
    }
    buf_add_c(s->out, has_match ? "\n" : "");
    for (size_t i = 0; i < PARTS; i++) {
        str text = cli_str(policy->scopes[i].text);
        if (!policy->scopes[i].is_matched) {
            add_spaces(s, INDENT_SCOPE);
            add_mark(s, MARK_NO);
            snippet_add_safe(s->out, text);
            add_instead(s, i, text);
            buf_add_byte(s->out, '\n');
        }
    }
}

static size_t indent_of(const cedar_seen *seen) {
    return INDENT_SEEN + INDENT_LEVEL * (size_t)seen->depth;
}

/* Where the values of a clause begin: behind the longest text, within reason. */
static size_t value_column(const struct sheet *s, const cedar_explained_clause *clause) {
    size_t column = 0;
    for (size_t i = 0; i < clause->seen_count; i++) {
        const cedar_seen *seen = &clause->seen[i];
        size_t end = indent_of(seen) + width_of(s, cli_str(seen->text)) + 2;
        if (end <= INDENT_SEEN + VALUE_COLUMN_MAX && end > column) {
            column = end;
        }
    }
    return column;
}

static void add_value(const struct sheet *s, const cedar_seen *seen) {
    switch (seen->kind) {
    case CEDAR_SEEN_VALUE:
    case CEDAR_SEEN_FACT:
        snippet_add_safe(s->out, cli_str(seen->value));
        return;
    case CEDAR_SEEN_ERROR:
        set_tone(s, TONE_BAD);
        buf_add_c(s->out, seen->value.len > 0 ? "error: " : "error");
        snippet_add_safe(s->out, cli_str(seen->value));
        set_tone(s, TONE_PLAIN);
        return;
    case CEDAR_SEEN_SKIPPED:
        add_toned(s, TONE_FAINT, STR("not evaluated"));
        return;
    }
}

static void add_seen(const struct sheet *s, const cedar_explained_clause *clause) {
    size_t column = value_column(s, clause);
    bool is_wanted = clause->state == CEDAR_CLAUSE_FAILS || clause->state == CEDAR_CLAUSE_ERROR;
    for (size_t i = 0; i < clause->seen_count; i++) {
        const cedar_seen *seen = &clause->seen[i];
        add_spaces(s, indent_of(seen) - 2);
        add_mark(s, is_wanted && seen->is_cause ? MARK_CAUSE : MARK_NONE);
        size_t end = indent_of(seen) + snippet_add_safe(s->out, cli_str(seen->text));
        add_spaces(s, end + 2 <= column ? column - end : 2);
        add_value(s, seen);
        buf_add_byte(s->out, '\n');
    }
    if (clause->seen_omitted > 0) {
        add_spaces(s, INDENT_SEEN);
        buf_add_c(s->out, "and ");
        add_count(s, clause->seen_omitted, "more expression\n", "more expressions\n");
    }
}

static void add_clause(const struct sheet *s, const cedar_explained_clause *clause) {
    static const enum mark marks[] = {
        [CEDAR_CLAUSE_HOLDS] = MARK_YES,
        [CEDAR_CLAUSE_FAILS] = MARK_NO,
        [CEDAR_CLAUSE_ERROR] = MARK_ERROR,
        [CEDAR_CLAUSE_SKIPPED] = MARK_SKIPPED,
    };
    add_spaces(s, INDENT_SCOPE);
    add_mark(s, marks[clause->state]);
    buf_add_c(s->out, clause->is_unless ? "unless { " : "when { ");
    snippet_add_safe(s->out, cli_str(clause->text));
    buf_add_c(s->out, " }");
    set_tone(s, TONE_FAINT);
    if (clause->state == CEDAR_CLAUSE_SKIPPED) {
        buf_add_c(s->out, "  not evaluated");
    } else {
        buf_add_c(s->out, "  line ");
        buf_add_u64(s->out, clause->place.line);
    }
    set_tone(s, TONE_PLAIN);
    buf_add_byte(s->out, '\n');
    add_seen(s, clause);
}

static void add_policy(const struct sheet *s, const cedar_explained_policy *policy) {
    buf_add_byte(s->out, '\n');
    add_policy_head(s, &policy->info);
    if (policy->message.len > 0) {
        add_spaces(s, INDENT_SCOPE);
        add_mark(s, MARK_ERROR);
        add_toned(s, TONE_BAD, cli_str(policy->message));
        buf_add_byte(s->out, '\n');
    }
    if (policy->help.len > 0) {
        add_spaces(s, INDENT_SCOPE + 2);
        buf_add_c(s->out, "help: ");
        snippet_add_safe(s->out, cli_str(policy->help));
        buf_add_byte(s->out, '\n');
    }
    add_scopes(s, policy);
    /* Conditions of a policy that is out of scope are no news. */
    for (size_t i = 0; i < policy->clause_count && policy->outcome != CEDAR_OUTCOME_SCOPE; i++) {
        add_clause(s, &policy->clauses[i]);
    }
}

/* ---- sections ---- */

static const char *section_of(const cedar_explanation *e, const cedar_explained_policy *policy) {
    size_t matched = 0;
    for (size_t i = 0; i < PARTS; i++) {
        matched += policy->scopes[i].is_matched;
    }
    switch (policy->outcome) {
    case CEDAR_OUTCOME_SATISFIED:
        return policy->is_reason
                   ? e->response.decision == CEDAR_ALLOW ? "Permitted by:" : "Forbidden by:"
               : e->cause == CEDAR_CAUSE_FORBIDDEN ? "Satisfied, but a forbid overrides it:"
                                                   : "Satisfied, before time ran out:";
    case CEDAR_OUTCOME_ERROR:
        return "Failed with an error, and skipped:";
    case CEDAR_OUTCOME_CLAUSE:
        return "A condition does not hold:";
    case CEDAR_OUTCOME_SCOPE:
        break;
    }
    return matched == PARTS - 1 ? "Out of scope by one constraint:" : "Out of scope:";
}

static void add_policies(const struct sheet *s) {
    const cedar_explanation *e = s->explanation;
    const char *section = "";
    for (size_t i = 0; i < e->policy_count; i++) {
        const char *next = section_of(e, &e->policies[i]);
        if (!str_equal_c(str_c(section), next)) {
            section = next;
            buf_add_byte(s->out, '\n');
            add_toned(s, TONE_STRONG, str_c(section));
            buf_add_byte(s->out, '\n');
        }
        add_policy(s, &e->policies[i]);
    }
}

/* ---- at the end ---- */

static void add_rest(const struct sheet *s) {
    const cedar_explanation *e = s->explanation;
    if (e->omitted > 0 || (s->context->left_out > 0 && !s->context->is_one)) {
        buf_add_byte(s->out, '\n');
    }
    if (e->omitted > 0) {
        add_count(s, e->omitted, "more policy", "more policies");
        add_line(s, " like these: --limit shows more");
    }
    if (s->context->left_out > 0 && !s->context->is_one) {
        add_count(s, s->context->left_out, "policy is", "policies are");
        add_line(s, " out of scope: --all shows them");
    }
}

static void add_hint(const struct sheet *s) {
    buf_add_byte(s->out, '\n');
    add_toned(s, TONE_WARNING, STR("hint: "));
}

static bool fails_at_action_group(const cedar_explanation *e) {
    for (size_t i = 0; i < e->policy_count; i++) {
        const cedar_explained_scope *scope = &e->policies[i].scopes[PART_ACTION];
        if (!scope->is_matched && str_find(cli_str(scope->text), STR(" in ")) != SIZE_MAX) {
            return true;
        }
    }
    return false;
}

static void add_hints(const struct sheet *s) {
    const cedar_explanation *e = s->explanation;
    for (size_t i = 0; i < PARTS; i++) {
        if (i != PART_ACTION && !e->entities[i].is_known && e->response.decision == CEDAR_DENY &&
            e->cause != CEDAR_CAUSE_FORBIDDEN) {
            add_hint(s);
            snippet_add_safe(s->out, cli_str(e->entities[i].text));
            add_line(s, " is not among the entities: it has no attributes and is in no group");
        }
    }
    if (!s->context->has_schema && !e->entities[PART_ACTION].is_known && fails_at_action_group(e)) {
        add_hint(s);
        add_line(s, "groups of actions come from the schema (--schema) or the entities");
    }
    if (e->response.decision == CEDAR_ALLOW && e->forbid_errors > 0) {
        add_hint(s);
        add_count(s, e->forbid_errors, "forbid", "forbids");
        add_line(s, " failed with an error and did not forbid this; mend the policy or the data");
    }
    if (e->is_cut) {
        add_hint(s);
        add_line(s, "looking for values took too long, some are missing");
    }
}

void explain_text(struct cli *cli, const cedar_explanation *e,
                  const struct explain_context *context) {
    struct sheet s = {.cli = cli, .out = &cli->out, .explanation = e, .context = context};
    add_headline(&s);
    buf_add_byte(s.out, '\n');
    add_request(&s);
    add_policies(&s);
    add_rest(&s);
    add_hints(&s);
}
