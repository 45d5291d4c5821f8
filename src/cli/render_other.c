/* SPDX-License-Identifier: Apache-2.0 */
/* The other forms of a finding: sentences, and two kinds of JSON. */
#include "cli/render_int.h"

static str severity_name(cedar_severity severity) {
    return severity == CEDAR_ERROR     ? STR("error")
           : severity == CEDAR_WARNING ? STR("warning")
                                       : STR("advice");
}

/* ---- plain ----------------------------------------------------------------------------------- */

static void plain_line(struct cli *cli, const char *head, str text) {
    buf_add_c(cli->reports, head);
    snippet_add_safe(cli->reports, text);
    buf_add_byte(cli->reports, '\n');
}

/* Says where the place is, after its line (one line), or after its first and its last line. */
static void plain_label(struct cli *cli, const struct rendering *r, const struct snippet *s,
                        size_t index) {
    const cedar_finding *finding = r->finding;
    struct buf *out = cli->reports;
    bool is_one = s->first_in_place == s->last_in_place;
    if (is_one && index == s->first_in_place) {
        buf_format(out, "    label at line %u, column", finding->line);
        if (s->end_column > finding->column) {
            buf_format(out, "s %u to %u", finding->column, s->end_column);
        } else {
            buf_format(out, " %u", finding->column);
        }
    } else if (!is_one && index == s->first_in_place) {
        buf_format(out, "    label starting at line %u, column %u", finding->line, finding->column);
    } else if (!is_one && index == s->last_in_place) {
        buf_format(out, "    label ending at line %u, column %u", s->end_line, s->end_column);
    } else {
        return;
    }
    if (finding->label.len > 0) {
        buf_add_c(out, ": ");
        snippet_add_safe(out, cli_str(finding->label));
    }
    buf_add_byte(out, '\n');
}

static void plain_snippet(struct cli *cli, const struct rendering *r) {
    struct buf *out = cli->reports;
    struct snippet snippet;
    snippet_make(r->finding, r->text, cli->columns, &snippet);
    buf_add_c(out, "Begin snippet");
    if (r->source.len > 0) {
        buf_add_c(out, " for ");
        snippet_add_safe(out, r->source);
    }
    buf_format(out, " starting at line %u, column 1\n\n", snippet.lines[0].number);
    for (size_t i = 0; i < snippet.count; i++) {
        const struct snippet_line *line = &snippet.lines[i];
        if (line->is_gap) {
            continue;
        }
        buf_format(out, "snippet line %u: %s", line->number, line->is_cut_left ? "..." : "");
        snippet_add_safe(out, line->before);
        snippet_add_safe(out, line->marked);
        plain_line(cli, "", line->after);
        plain_label(cli, r, &snippet, i);
    }
}

void render_plain(struct cli *cli, const struct rendering *r) {
    plain_line(cli, "", r->cause_count > 0 ? r->causes[0] : STR(""));
    plain_line(cli, "    Diagnostic severity: ", severity_name(r->finding->severity));
    for (size_t i = 1; i < r->cause_count; i++) {
        plain_line(cli, "    Caused by: ", r->causes[i]);
    }
    if (r->finding->has_span) {
        plain_snippet(cli, r);
    }
    if (r->help.len > 0) {
        plain_line(cli, "diagnostic help: ", r->help);
    }
    buf_add_byte(cli->reports, '\n');
}

/* ---- json ------------------------------------------------------------------------------------ */

static void json_label(struct json_writer *w, cedar_str label, size_t start, size_t end) {
    json_open_object(w);
    json_name_string(w, STR("label"), label.len > 0 ? cli_str(label) : STR(""));
    json_key(w, STR("span"));
    json_open_object(w);
    json_name_int(w, STR("offset"), (int64_t)start);
    json_name_int(w, STR("length"), (int64_t)(end - start));
    json_close_object(w);
    json_close_object(w);
}

/* In the order of the text. */
static void json_labels(struct json_writer *w, const cedar_finding *finding) {
    const cedar_place *other = &finding->other;
    bool has_other =
        finding->has_other && str_equal(cli_str(finding->other_source), cli_str(finding->source));
    json_key(w, STR("labels"));
    json_open_array(w);
    if (has_other && other->start < finding->start) {
        json_label(w, finding->other_label, other->start, other->end);
    }
    if (finding->has_span) {
        json_label(w, finding->label, finding->start, finding->end);
    }
    if (has_other && other->start >= finding->start) {
        json_label(w, finding->other_label, other->start, other->end);
    }
    json_close_array(w);
}

void render_json_members(struct json_writer *w, const struct rendering *r) {
    const cedar_finding *finding = r->finding;
    json_name_string(w, STR("message"), r->cause_count > 0 ? r->causes[0] : STR(""));
    json_name_string(w, STR("severity"), severity_name(finding->severity));
    json_key(w, STR("causes"));
    json_open_array(w);
    for (size_t i = 1; i < r->cause_count; i++) {
        json_string(w, r->causes[i]);
    }
    json_close_array(w);
    if (r->help.len > 0) {
        json_name_string(w, STR("help"), r->help);
    }
    json_name_string(w, STR("filename"), r->source.len > 0 ? r->source : STR(""));
    json_labels(w, finding);
}

/* ---- --output json --------------------------------------------------------------------------- */

static void add_member(struct json_writer *w, str name, str text) {
    if (text.len > 0) {
        json_name_string(w, name, text);
    }
}

void render_finding(struct json_writer *w, const struct rendering *r) {
    const cedar_finding *finding = r->finding;
    json_open_object(w);
    json_name_string(w, STR("severity"), severity_name(finding->severity));
    json_name_string(w, STR("message"),
                     r->cause_count > 0 ? r->causes[r->cause_count - 1] : STR(""));
    if (r->cause_count > 1) {
        json_key(w, STR("context"));
        json_open_array(w);
        for (size_t i = 0; i + 1 < r->cause_count; i++) {
            json_string(w, r->causes[i]);
        }
        json_close_array(w);
    }
    add_member(w, STR("label"), cli_str(finding->label));
    add_member(w, STR("help"), r->help);
    add_member(w, STR("kind"), cli_str(finding->kind));
    add_member(w, STR("policy"), cli_str(finding->policy_id));
    add_member(w, STR("source"), r->source);
    if (finding->has_span) {
        json_name_int(w, STR("start"), (int64_t)finding->start);
        json_name_int(w, STR("end"), (int64_t)finding->end);
        json_name_int(w, STR("line"), finding->line);
        json_name_int(w, STR("column"), finding->column);
    }
    if (finding->has_other) {
        json_key(w, STR("other"));
        json_open_object(w);
        add_member(w, STR("label"), cli_str(finding->other_label));
        add_member(w, STR("source"), cli_str(finding->other_source));
        json_name_int(w, STR("start"), (int64_t)finding->other.start);
        json_name_int(w, STR("end"), (int64_t)finding->other.end);
        json_name_int(w, STR("line"), finding->other.line);
        json_name_int(w, STR("column"), finding->other.column);
        json_close_object(w);
    }
    json_close_object(w);
}
