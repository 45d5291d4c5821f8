/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/junit.h"

#include <stdlib.h>

#include "base/utf8.h"
#include "cli/render_int.h"

/* ---- XML ------------------------------------------------------------------------------------- */

/* Text of an attribute or element. XML 1.0 has no form for most control characters. */
static void add_text(struct buf *out, str text) {
    size_t at = 0;
    while (at < text.len) {
        size_t start = at;
        uint32_t c;
        if (!utf8_next(text, &at, &c)) {
            at = start + 1;
            c = 0;
        }
        if ((c < 0x20 && c != '\n' && c != '\t') || c == 0xFFFE || c == 0xFFFF) {
            buf_add_c(out, "\xEF\xBF\xBD");
        } else if (c == '&' || c == '<' || c == '>' || c == '"' || c == '\n') {
            buf_format(out, "&#%u;", (unsigned)c);
        } else {
            buf_add(out, str_slice(text, start, at));
        }
    }
}

static void add_attribute(struct buf *out, const char *name, str value) {
    buf_format(out, " %s=\"", name);
    add_text(out, value);
    buf_add_byte(out, '"');
}

static void open_case(struct cli *cli, str name, str source) {
    buf_add_c(&cli->findings, "    <testcase");
    add_attribute(&cli->findings, "name", name);
    add_attribute(&cli->findings, "classname", source.len > 0 ? source : STR("cedar"));
    buf_add_c(&cli->findings, ">\n");
    cli->test_count++;
}

static void close_case(struct cli *cli) {
    buf_add_c(&cli->findings, "    </testcase>\n");
}

static void add_place(struct buf *out, const cedar_finding *finding) {
    if (finding->source.len > 0) {
        add_text(out, cli_str(finding->source));
        if (finding->has_span) {
            buf_format(out, ":%u:%u", finding->line, finding->column);
        }
        buf_add_c(out, ": ");
    }
}

static void add_body(struct buf *out, const cedar_finding *finding, str help) {
    add_place(out, finding);
    add_text(out, cli_str(finding->message));
    if (finding->label.len > 0) {
        buf_add_c(out, "; ");
        add_text(out, cli_str(finding->label));
    }
    if (help.len > 0) {
        buf_add_c(out, " (");
        add_text(out, help);
        buf_add_byte(out, ')');
    }
}

/* ---- inputs ---------------------------------------------------------------------------------- */

void junit_add_error(struct cli *cli, const struct rendering *r) {
    struct buf *out = &cli->findings;
    str what = r->cause_count > 0 ? r->causes[0] : STR("input");
    open_case(cli, what, r->source);
    buf_add_c(out, "      <error");
    add_attribute(out, "message", r->cause_count > 0 ? r->causes[r->cause_count - 1] : STR(""));
    add_attribute(out, "type", STR("bad-input"));
    buf_add_byte(out, '>');
    add_body(out, r->finding, r->help);
    buf_add_c(out, "</error>\n");
    close_case(cli);
    cli->error_count++;
}

/* ---- policies -------------------------------------------------------------------------------- */

/* A finding under its policy's id; sorted, so that a policy finds its own. */
struct entry {
    str id;
    size_t index;
};

static int compare_entries(const void *a, const void *b) {
    const struct entry *left = a;
    const struct entry *right = b;
    int order = str_compare(left->id, right->id);
    return order != 0 ? order : left->index < right->index ? -1 : left->index > right->index;
}

/* Position of the first entry with that id, or where it would be. */
static size_t first_entry(const struct entry *entries, size_t count, str id) {
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (str_compare(entries[middle].id, id) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* All findings of a test that has failed stand in one element, as readers expect. */
static void add_findings(struct cli *cli, const cedar_report *report, const struct entry *entries,
                         size_t count, const char *element) {
    struct buf *out = &cli->findings;
    cedar_finding first = cedar_report_get(report, entries[0].index);
    buf_format(out, "      <%s", element);
    if (!str_equal_c(STR("system-out"), element)) {
        add_attribute(out, "message", cli_str(first.message));
        add_attribute(out, "type", cli_str(first.kind));
    }
    buf_add_byte(out, '>');
    for (size_t i = 0; i < count; i++) {
        cedar_finding finding = cedar_report_get(report, entries[i].index);
        buf_add_c(out, i > 0 ? "&#10;" : "");
        buf_add_c(out, finding.severity == CEDAR_WARNING ? "warning: " : "");
        add_body(out, &finding, cli_str(finding.help));
    }
    buf_format(out, "</%s>\n", element);
}

static void add_policy(struct cli *cli, const cedar_policy_info *info, const cedar_report *report,
                       const struct entry *entries, size_t count, bool deny_warnings) {
    open_case(cli, cli_str(info->id), cli_str(info->source));
    bool has_failed = false;
    for (size_t i = 0; i < count; i++) {
        cedar_severity severity = cedar_report_get(report, entries[i].index).severity;
        has_failed =
            has_failed || severity == CEDAR_ERROR || (severity == CEDAR_WARNING && deny_warnings);
    }
    if (count > 0) {
        add_findings(cli, report, entries, count, has_failed ? "failure" : "system-out");
    }
    cli->failure_count += has_failed;
    close_case(cli);
}

void junit_add_policies(struct cli *cli, const cedar_policies *policies, const cedar_report *report,
                        bool deny_warnings) {
    size_t count = cedar_report_count(report);
    struct entry *entries = ARENA_ARRAY(&cli->arena, struct entry, count);
    if (entries == NULL) {
        buf_fail(&cli->findings, ERR_NOMEM);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        entries[i] = (struct entry){cli_str(cedar_report_get(report, i).policy_id), i};
    }
    qsort(entries, count, sizeof *entries, compare_entries);
    for (size_t i = 0; i < cedar_policies_count(policies); i++) {
        cedar_policy_info info = cedar_policies_get(policies, i);
        size_t first = first_entry(entries, count, cli_str(info.id));
        size_t end = first;
        while (end < count && str_equal(entries[end].id, cli_str(info.id))) {
            end++;
        }
        add_policy(cli, &info, report, entries + first, end - first, deny_warnings);
    }
}

void junit_add_skipped(struct cli *cli, const char *name, const char *reason) {
    open_case(cli, str_c(name), STR(""));
    buf_add_c(&cli->findings, "      <skipped");
    add_attribute(&cli->findings, "message", str_c(reason));
    buf_add_c(&cli->findings, "/>\n");
    close_case(cli);
}

/* ---- the document ---------------------------------------------------------------------------- */

void junit_finish(struct cli *cli) {
    struct buf *out = &cli->out;
    buf_add_c(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    buf_format(out, "<testsuites tests=\"%u\" failures=\"%u\" errors=\"%u\">\n", cli->test_count,
               cli->failure_count, cli->error_count);
    buf_format(out, "  <testsuite name=\"cedar %s\" tests=\"%u\" failures=\"%u\" errors=\"%u\">\n",
               cli->command->name, cli->test_count, cli->failure_count, cli->error_count);
    buf_add(out, buf_str(&cli->findings));
    buf_add_c(out, "  </testsuite>\n</testsuites>\n");
    if (cli->findings.error != ERR_OK) {
        buf_fail(out, cli->findings.error);
    }
}
