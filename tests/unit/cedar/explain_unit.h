/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_CEDAR_EXPLAIN_UNIT_H
#define TEST_CEDAR_EXPLAIN_UNIT_H
/*
 * An explanation as text, for tests to compare with what they expect. One line each: what decided,
 * a policy (`+` a reason), a constraint that does not match, a clause, and what was seen in it:
 *
 *     deny NOT_PERMITTED 0 0 1 0          totals: satisfied, error, clause, scope
 *     policy0 CLAUSE
 *       FAILS 1:41 when context.n > 3
 *         context.n = 2                   `*` in front: the cause
 *
 * Not a test itself.
 */
#include "api_unit.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct dump {
    char *text;
    size_t len;
    size_t size;
};

__attribute__((format(printf, 2, 3))) static inline void dump_add(struct dump *dump,
                                                                  const char *format, ...) {
    va_list args;
    va_start(args, format);
    int length = vsnprintf(dump->text + dump->len, dump->size - dump->len, format, args);
    va_end(args);
    assert_true(length >= 0 && (size_t)length < dump->size - dump->len);
    dump->len += (size_t)length;
}

#define DUMP_STR(s) (int)(s).len, (s).ptr

static inline void dump_seen(struct dump *dump, const cedar_seen *seen) {
    static const char *const signs[] = {" =", " !", " -", ":"};
    dump_add(dump, "   %s%*s%.*s%s", seen->is_cause ? "*" : " ", 2 * (int)seen->depth, "",
             DUMP_STR(seen->text), signs[seen->kind]);
    dump_add(dump, "%s%.*s\n", seen->value.len == 0 ? "" : " ", DUMP_STR(seen->value));
}

static inline void dump_clause(struct dump *dump, const cedar_explained_clause *clause) {
    static const char *const states[] = {"HOLDS", "FAILS", "ERROR", "SKIPPED"};
    dump_add(dump, "  %s %u:%u %s %.*s\n", states[clause->state], clause->place.line,
             clause->place.column, clause->is_unless ? "unless" : "when", DUMP_STR(clause->text));
    for (size_t i = 0; i < clause->seen_count; i++) {
        dump_seen(dump, &clause->seen[i]);
    }
    if (clause->seen_omitted > 0) {
        dump_add(dump, "    … %zu more\n", clause->seen_omitted);
    }
}

static inline void dump_policy(struct dump *dump, const cedar_explained_policy *policy) {
    static const char *const outcomes[] = {"SATISFIED", "ERROR", "CLAUSE", "SCOPE"};
    dump_add(dump, "%.*s %s%s", DUMP_STR(policy->info.id), outcomes[policy->outcome],
             policy->is_reason ? " +" : "");
    if (policy->message.len > 0) {
        dump_add(dump, " %.*s", DUMP_STR(policy->message));
    }
    dump_add(dump, "\n");
    for (size_t i = 0; i < 3; i++) {
        const cedar_explained_scope *scope = &policy->scopes[i];
        if (!scope->is_matched) {
            dump_add(dump, "  %u:%u not %.*s\n", scope->place.line, scope->place.column,
                     DUMP_STR(scope->text));
        }
    }
    for (size_t i = 0; i < policy->clause_count && policy->outcome != CEDAR_OUTCOME_SCOPE; i++) {
        dump_clause(dump, &policy->clauses[i]);
    }
}

static inline char *dump_explanation(const cedar_explanation *e) {
    static const char *const causes[] = {"PERMITTED", "FORBIDDEN", "NOT_PERMITTED", "PERMIT_FAILED",
                                         "TIMEOUT"};
    struct dump dump = {.size = 1 << 16};
    dump.text = malloc(dump.size);
    assert_non_null(dump.text);
    dump_add(&dump, "%s %s %zu %zu %zu %zu\n",
             e->response.decision == CEDAR_ALLOW ? "allow" : "deny", causes[e->cause], e->totals[0],
             e->totals[1], e->totals[2], e->totals[3]);
    for (size_t i = 0; i < e->policy_count; i++) {
        dump_policy(&dump, &e->policies[i]);
    }
    if (e->omitted > 0) {
        dump_add(&dump, "… %zu more\n", e->omitted);
    }
    if (e->is_cut) {
        dump_add(&dump, "cut\n");
    }
    return dump.text;
}

#endif
