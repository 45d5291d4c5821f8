/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/render.h"

#include "base/json.h"
#include "base/utf8.h"

enum { BEFORE_MAX = 80, AFTER_MAX = 120, TAB_WIDTH = 4, GUTTER_MAX = 10 };

/* ---- text for a terminal --------------------------------------------------------------------- */

enum colour { COLOUR_NONE, COLOUR_RED, COLOUR_YELLOW, COLOUR_CYAN, COLOUR_DIM };

static void set_colour(struct cli *cli, enum colour colour) {
    static const char *const codes[] = {"\x1b[0m", "\x1b[31m", "\x1b[33m", "\x1b[36m", "\x1b[2m"};
    if (cli->has_colour) {
        buf_add_c(&cli->out, codes[colour]);
    }
}

/* Controls of the terminal and of text direction: shown as code points. */
static bool is_unsafe(uint32_t c) {
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x200E || c == 0x200F ||
           (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF;
}

/* Columns of a terminal; a table of blocks is near enough to put a caret under a letter. */
static size_t width_of(uint32_t c) {
    bool is_combining =
        (c >= 0x300 && c <= 0x36F) || (c >= 0x200B && c <= 0x200D) || (c >= 0xFE00 && c <= 0xFE0F);
    bool is_wide = (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0xA4CF) ||
                   (c >= 0xAC00 && c <= 0xD7A3) || (c >= 0xF900 && c <= 0xFAFF) ||
                   (c >= 0xFE30 && c <= 0xFE6F) || (c >= 0xFF00 && c <= 0xFF60) ||
                   (c >= 0x1F300 && c <= 0x1FAFF) || (c >= 0x20000 && c <= 0x3FFFD);
    return is_combining ? 0 : is_wide ? 2 : 1;
}

/* Appends text made safe and returns its width. */
static size_t add_safe(struct buf *out, str text) {
    size_t width = 0;
    size_t at = 0;
    while (at < text.len) {
        size_t start = at;
        uint32_t c;
        if (!utf8_next(text, &at, &c)) {
            c = 0xFFFD;
            at = start + 1;
            buf_add_c(out, "\xEF\xBF\xBD");
            width++;
        } else if (c == '\t') {
            buf_add_c(out, "    ");
            width += TAB_WIDTH;
        } else if (is_unsafe(c)) {
            size_t before = out->len;
            buf_format(out, c == '\n' ? "\\n" : "\\u{%x}", (unsigned)c);
            width += out->len - before;
        } else {
            buf_add(out, str_slice(text, start, at));
            width += width_of(c);
        }
    }
    return width;
}

static void add_times(struct buf *out, const char *text, size_t count) {
    for (size_t i = 0; i < count; i++) {
        buf_add_c(out, text);
    }
}

/* ---- human ----------------------------------------------------------------------------------- */

/* The part of a source line that is shown, and what of it is underlined. */
struct window {
    str before;
    str marked;
    str after;
};

static size_t boundary(str text, size_t at) {
    while (at > 0 && at < text.len && ((unsigned char)text.ptr[at] & 0xC0) == 0x80) {
        at--;
    }
    return at;
}

static struct window window_of(const cedar_finding *finding) {
    str line = cli_str(finding->source_line);
    size_t start = finding->column > 0 ? finding->column - 1 : 0;
    start = start < line.len ? start : line.len;
    size_t length = finding->end - finding->start;
    size_t end = length < line.len - start ? start + length : line.len;
    size_t from = boundary(line, start > BEFORE_MAX ? start - BEFORE_MAX : 0);
    size_t to = boundary(line, line.len - start > AFTER_MAX ? start + AFTER_MAX : line.len);
    end = end < to ? end : to;
    return (struct window){str_slice(line, from, start), str_slice(line, start, end),
                           str_slice(line, end, to)};
}

static void add_gutter(struct cli *cli, size_t width, const char *mark) {
    set_colour(cli, COLOUR_DIM);
    add_times(&cli->out, " ", width);
    buf_add_c(&cli->out, mark);
    set_colour(cli, COLOUR_NONE);
}

/* ───┬─── under the mark, and the label below its middle. */
static void add_underline(struct cli *cli, size_t gutter, size_t indent, size_t width, str label) {
    struct buf *out = &cli->out;
    size_t middle = width / 2;
    add_gutter(cli, gutter, "\xC2\xB7 ");
    add_times(out, " ", indent);
    set_colour(cli, COLOUR_RED);
    if (width == 0) {
        buf_add_c(out, "\xE2\x96\xB2"); /* ▲ between two characters */
    } else {
        add_times(out, "\xE2\x94\x80", middle);                          /* ─ */
        buf_add_c(out, label.len > 0 ? "\xE2\x94\xAC" : "\xE2\x94\x80"); /* ┬ */
        add_times(out, "\xE2\x94\x80", width - middle - 1);
    }
    set_colour(cli, COLOUR_NONE);
    buf_add_byte(out, '\n');
    if (label.len > 0) {
        add_gutter(cli, gutter, "\xC2\xB7 ");
        add_times(out, " ", indent + middle);
        set_colour(cli, COLOUR_RED);
        buf_add_c(out, "\xE2\x95\xB0\xE2\x94\x80\xE2\x94\x80 "); /* ╰── */
        add_safe(out, label);
        set_colour(cli, COLOUR_NONE);
        buf_add_byte(out, '\n');
    }
}

static void human_frame(struct cli *cli, const cedar_finding *finding) {
    struct buf *out = &cli->out;
    char number[GUTTER_MAX + 1];
    struct buf digits;
    buf_init_arena(&digits, &cli->arena, sizeof number * 8);
    buf_add_u64(&digits, finding->line);
    size_t gutter = digits.len + 2;
    add_gutter(cli, gutter, "\xE2\x95\xAD\xE2\x94\x80["); /* ╭─[ */
    add_safe(out, finding->source.len > 0 ? cli_str(finding->source) : STR("input"));
    buf_format(out, ":%u:%u]\n", finding->line, finding->column);
    buf_add_byte(out, ' ');
    add_gutter(cli, 0, "");
    buf_add(out, buf_str(&digits));
    add_gutter(cli, 1, "\xE2\x94\x82 "); /* │ */
    struct window window = window_of(finding);
    size_t indent = add_safe(out, window.before);
    size_t width = add_safe(out, window.marked);
    add_safe(out, window.after);
    buf_add_byte(out, '\n');
    add_underline(cli, gutter, indent, width, cli_str(finding->label));
    add_gutter(cli, gutter, "\xE2\x95\xB0\xE2\x94\x80\xE2\x94\x80\xE2\x94\x80\xE2\x94\x80\n");
}

static void human_headline(struct cli *cli, cedar_severity severity, str headline, str cause) {
    struct buf *out = &cli->out;
    set_colour(cli, severity == CEDAR_WARNING ? COLOUR_YELLOW : COLOUR_RED);
    buf_add_c(out, severity == CEDAR_WARNING ? "  \xE2\x9A\xA0 " : "  \xC3\x97 "); /* ⚠ × */
    set_colour(cli, COLOUR_NONE);
    add_safe(out, headline.len > 0 ? headline : cause);
    buf_add_byte(out, '\n');
    if (headline.len > 0 && cause.len > 0) {
        set_colour(cli, COLOUR_RED);
        buf_add_c(out, "  \xE2\x95\xB0\xE2\x94\x80\xE2\x96\xB6 "); /* ╰─▶ */
        set_colour(cli, COLOUR_NONE);
        add_safe(out, cause);
        buf_add_byte(out, '\n');
    }
}

static void human_help(struct cli *cli, str help) {
    if (help.len > 0) {
        set_colour(cli, COLOUR_CYAN);
        buf_add_c(&cli->out, "  help: ");
        set_colour(cli, COLOUR_NONE);
        add_safe(&cli->out, help);
        buf_add_byte(&cli->out, '\n');
    }
}

static void human(struct cli *cli, str headline, const cedar_finding *finding) {
    human_headline(cli, finding->severity, headline, cli_str(finding->message));
    if (finding->has_span) {
        human_frame(cli, finding);
    }
    human_help(cli, cli_str(finding->help));
}

/* ---- plain ----------------------------------------------------------------------------------- */

static void plain_line(struct cli *cli, const char *head, str text) {
    if (text.len > 0) {
        buf_add_c(&cli->out, head);
        add_safe(&cli->out, text);
        buf_add_byte(&cli->out, '\n');
    }
}

static void plain(struct cli *cli, str headline, const cedar_finding *finding) {
    struct buf *out = &cli->out;
    str message = cli_str(finding->message);
    plain_line(cli, "", headline.len > 0 ? headline : message);
    plain_line(cli, "    Diagnostic severity: ",
               finding->severity == CEDAR_ERROR     ? STR("error")
               : finding->severity == CEDAR_WARNING ? STR("warning")
                                                    : STR("advice"));
    plain_line(cli, "    Caused by: ", headline.len > 0 ? message : STR(""));
    if (finding->has_span) {
        struct window window = window_of(finding);
        buf_add_c(out, "Begin snippet");
        plain_line(cli, " for ", finding->source.len > 0 ? cli_str(finding->source) : STR("input"));
        buf_format(out, "snippet line %u: ", finding->line);
        add_safe(out, window.before);
        add_safe(out, window.marked);
        add_safe(out, window.after);
        buf_format(out, "\n    label at line %u, column %u", finding->line, finding->column);
        plain_line(cli, ": ", finding->label.len > 0 ? cli_str(finding->label) : STR("here"));
    }
    plain_line(cli, "diagnostic help: ", cli_str(finding->help));
}

/* ---- json ------------------------------------------------------------------------------------ */

static void json_finding(struct json_writer *w, const char *headline,
                         const cedar_finding *finding) {
    bool has_headline = headline != NULL;
    str message = cli_str(finding->message);
    json_name_string(w, STR("message"), has_headline ? str_c(headline) : message);
    json_name_string(w, STR("severity"),
                     finding->severity == CEDAR_ERROR     ? STR("error")
                     : finding->severity == CEDAR_WARNING ? STR("warning")
                                                          : STR("advice"));
    json_key(w, STR("causes"));
    json_open_array(w);
    if (has_headline && message.len > 0) {
        json_string(w, message);
    }
    json_close_array(w);
    if (finding->help.len > 0) {
        json_name_string(w, STR("help"), cli_str(finding->help));
    }
    json_name_string(w, STR("filename"),
                     finding->source.len > 0 ? cli_str(finding->source) : STR(""));
    json_key(w, STR("labels"));
    json_open_array(w);
    if (finding->has_span) {
        json_open_object(w);
        json_name_string(w, STR("label"),
                         finding->label.len > 0 ? cli_str(finding->label) : STR(""));
        json_key(w, STR("span"));
        json_open_object(w);
        json_name_int(w, STR("offset"), (int64_t)finding->start);
        json_name_int(w, STR("length"), (int64_t)(finding->end - finding->start));
        json_close_object(w);
        json_close_object(w);
    }
    json_close_array(w);
}

/* The first finding is the report, the others are related to it. */
static void json_report(struct cli *cli, const char *headline, const cedar_report *report) {
    struct json_writer w;
    cedar_finding first = cedar_report_get(report, 0);
    json_writer_init(&w, &cli->out);
    json_open_object(&w);
    json_finding(&w, headline, &first);
    json_key(&w, STR("related"));
    json_open_array(&w);
    for (size_t i = 1; i < cedar_report_count(report); i++) {
        cedar_finding finding = cedar_report_get(report, i);
        json_open_object(&w);
        json_finding(&w, NULL, &finding);
        json_close_object(&w);
    }
    json_close_array(&w);
    json_close_object(&w);
    buf_add_byte(&cli->out, '\n');
}

/* ---- all ------------------------------------------------------------------------------------- */

static enum error_format format_of(const struct cli *cli) {
    return (enum error_format)cli->options->choices[OPTION_ERROR_FORMAT];
}

void render_report(struct cli *cli, const char *headline, const cedar_report *report,
                   const char *fallback) {
    size_t count = cedar_report_count(report);
    if (count == 0) {
        render_error(cli, headline, fallback, NULL);
        return;
    }
    if (format_of(cli) == ERROR_FORMAT_JSON) {
        json_report(cli, headline, report);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        cedar_finding finding = cedar_report_get(report, i);
        str head = i == 0 ? str_c(headline) : STR("");
        if (format_of(cli) == ERROR_FORMAT_HUMAN) {
            human(cli, head, &finding);
        } else {
            plain(cli, head, &finding);
        }
    }
}

void render_error(struct cli *cli, const char *headline, const char *cause, const char *help) {
    cedar_finding finding = {.severity = CEDAR_ERROR,
                             .message = cedar_str_from(cause == NULL ? "" : cause),
                             .help = cedar_str_from(help == NULL ? "" : help)};
    if (format_of(cli) == ERROR_FORMAT_HUMAN) {
        human(cli, str_c(headline), &finding);
    } else if (format_of(cli) == ERROR_FORMAT_PLAIN) {
        plain(cli, str_c(headline), &finding);
    } else {
        struct json_writer w;
        json_writer_init(&w, &cli->out);
        json_open_object(&w);
        json_finding(&w, headline, &finding);
        json_key(&w, STR("related"));
        json_open_array(&w);
        json_close_array(&w);
        json_close_object(&w);
        buf_add_byte(&cli->out, '\n');
    }
}
