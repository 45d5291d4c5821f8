/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/render_int.h"

#include "cli/junit.h"
#include "cli/sarif.h"

/* ---- what to render -------------------------------------------------------------------------- */

/* The text of a source that was read; absent when it is not known, or not this one. */
static str text_of(const struct cli *cli, const cedar_finding *finding) {
    for (size_t i = cli->sources.count; i > 0; i--) {
        const struct cli_source *source = &cli->sources.items[i - 1];
        if (!str_equal_c(cli_str(finding->source), source->name) ||
            finding->start > source->text.len || finding->column > finding->start + 1) {
            continue;
        }
        /* Several files may have the same name; the finding brings its own line. */
        str line = cli_str(finding->source_line);
        size_t start = finding->start - (finding->column - 1);
        if (line.len <= source->text.len - start &&
            str_equal(str_slice(source->text, start, start + line.len), line)) {
            return source->text;
        }
    }
    return str_make(NULL, 0);
}

static void add_cause(struct rendering *r, str cause) {
    if (cause.len > 0) {
        r->causes[r->cause_count++] = cause;
    }
}

/* The message, without the headline if it says that itself. */
static str message_below(const char *headline, str message) {
    str begin = str_c(headline);
    size_t len = begin.len + 2;
    bool is_said = begin.len > 0 && str_has_prefix(message, begin) &&
                   str_has_prefix(str_slice(message, begin.len, message.len), STR(": "));
    return is_said ? str_slice(message, len, message.len) : message;
}

static struct rendering rendering_of(const struct cli *cli, const struct complaint *complaint,
                                     const cedar_finding *finding, bool is_first) {
    struct rendering r = {
        .finding = finding, .source = cli_str(finding->source), .help = cli_str(finding->help)};
    if (is_first) {
        add_cause(&r, str_c(complaint->headline));
        add_cause(&r, str_c(complaint->detail));
    }
    add_cause(&r, message_below(is_first ? complaint->headline : NULL, cli_str(finding->message)));
    if (finding->has_span) {
        r.text = text_of(cli, finding);
    }
    if (r.source.len == 0) {
        r.source = str_c(complaint->source);
    }
    if (r.help.len == 0) {
        r.help = str_c(complaint->help);
    }
    return r;
}

/* ---- for programs ---------------------------------------------------------------------------- */

static void collect(struct cli *cli, const struct rendering *r) {
    struct json_writer w;
    if (cli->format == OUTPUT_JUNIT) {
        junit_add_error(cli, r);
        return;
    }
    if (cli->findings.len > 0) {
        buf_add_byte(&cli->findings, ',');
    }
    json_writer_init(&w, &cli->findings);
    if (cli->format == OUTPUT_SARIF) {
        sarif_add_result(cli, &w, r);
    } else {
        render_finding(&w, r);
    }
}

/* ---- for people ------------------------------------------------------------------------------ */

/* A result of a stream has one line: all findings, with their causes. */
static void add_line(struct cli *cli, const struct rendering *r) {
    struct buf *out = cli->reports;
    buf_add_c(out, out->len > 0 ? "; " : "");
    for (size_t i = 0; i < r->cause_count; i++) {
        buf_add_c(out, i > 0 ? ": " : "");
        snippet_add_safe(out, r->causes[i]);
    }
}

static void add_finding(struct cli *cli, const struct rendering *r) {
    if (cli->format != OUTPUT_TEXT) {
        collect(cli, r);
    } else if (cli->is_streaming) {
        add_line(cli, r);
    } else if (cli->options->choices[OPTION_ERROR_FORMAT] == ERROR_FORMAT_PLAIN) {
        render_plain(cli, r);
    } else {
        render_human(cli, r);
    }
}

/* ---- all ------------------------------------------------------------------------------------- */

struct job {
    const struct complaint *complaint;
    const cedar_report *report;
    size_t count;
    cedar_finding only; /* when the report is empty */
};

static cedar_finding finding_of(const struct job *job, size_t index) {
    return cedar_report_count(job->report) > 0 ? cedar_report_get(job->report, index) : job->only;
}

/* One object per report: the first finding, and the others as related to it. */
static void error_json(struct cli *cli, const struct job *job) {
    struct json_writer w;
    json_writer_init(&w, cli->reports);
    for (size_t i = 0; i < job->count; i++) {
        cedar_finding finding = finding_of(job, i);
        struct rendering r = rendering_of(cli, job->complaint, &finding, i == 0);
        json_open_object(&w);
        render_json_members(&w, &r);
        json_key(&w, STR("related"));
        json_open_array(&w);
        if (i > 0) {
            json_close_array(&w);
            json_close_object(&w);
        }
    }
    json_close_array(&w);
    json_close_object(&w);
    buf_add_byte(cli->reports, '\n');
}

static void render_job(struct cli *cli, const struct job *job) {
    if (cli->format == OUTPUT_TEXT && !cli->is_streaming &&
        cli->options->choices[OPTION_ERROR_FORMAT] == ERROR_FORMAT_JSON) {
        error_json(cli, job);
        return;
    }
    for (size_t i = 0; i < job->count; i++) {
        cedar_finding finding = finding_of(job, i);
        /* People read the headline once, programs look at one finding at a time. */
        bool has_headline = i == 0 || cli->format != OUTPUT_TEXT;
        struct rendering r = rendering_of(cli, job->complaint, &finding, has_headline);
        add_finding(cli, &r);
    }
}

void render_complaint(struct cli *cli, const struct complaint *complaint,
                      const cedar_report *report, const char *fallback) {
    size_t count = cedar_report_count(report);
    struct job job = {complaint,
                      report,
                      count > 0 ? count : 1,
                      {.severity = CEDAR_ERROR, .message = cedar_str_from(fallback)}};
    render_job(cli, &job);
}

void render_report(struct cli *cli, const char *headline, const cedar_report *report,
                   const char *fallback) {
    render_complaint(cli, &(struct complaint){.headline = headline}, report, fallback);
}

void render_error(struct cli *cli, const char *headline, const char *cause, const char *help) {
    render_complaint(cli, &(struct complaint){.headline = headline, .help = help}, NULL, cause);
}

void render_note(struct cli *cli, const char *headline, const char *cause) {
    struct complaint complaint = {.headline = headline};
    struct job job = {
        &complaint, NULL, 1, {.severity = CEDAR_ADVICE, .message = cedar_str_from(cause)}};
    render_job(cli, &job);
}

void render_at(struct cli *cli, const struct complaint *complaint, const char *message,
               const char *name, str text, size_t offset) {
    offset = offset < text.len ? offset : text.len;
    struct job job = {complaint,
                      NULL,
                      1,
                      {.severity = CEDAR_ERROR,
                       .message = cedar_str_from(message),
                       .source = cedar_str_from(name),
                       .has_span = true,
                       .start = offset,
                       .end = offset}};
    json_position(text, offset, &job.only.line, &job.only.column);
    size_t start = offset - (job.only.column - 1);
    size_t length = str_find_byte(str_slice(text, start, text.len), '\n');
    length = length == SIZE_MAX ? text.len - start : length;
    job.only.source_line = cli_cedar_str(str_slice(text, start, start + length));
    render_job(cli, &job);
}
