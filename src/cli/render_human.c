/* SPDX-License-Identifier: Apache-2.0 */
/* The form for people: causes, a frame of source lines, what stands under the place, help. */
#include "cli/render_int.h"

enum { NUMBER_WIDTH_MAX = 10 };

struct glyphs {
    const char *error, *warning, *advice;
    const char *cause, *last_cause;
    const char *open, *close, *bar, *dots, *gap;
    const char *line, *tee, *label, *caret;
    const char *first, *middle, *last, *last_labelled, *behind;
};

static const struct glyphs unicode = {
    .error = "\xC3\x97",                                        /* × */
    .warning = "\xE2\x9A\xA0",                                  /* ⚠ */
    .advice = "\xE2\x98\x9E",                                   /* ☞ */
    .cause = "\xE2\x94\x9C\xE2\x94\x80\xE2\x96\xB6 ",           /* ├─▶ */
    .last_cause = "\xE2\x95\xB0\xE2\x94\x80\xE2\x96\xB6 ",      /* ╰─▶ */
    .open = "\xE2\x95\xAD\xE2\x94\x80",                         /* ╭─ */
    .close = "\xE2\x95\xB0\xE2\x94\x80\xE2\x94\x80\xE2\x94\x80" /* ╰──── */
             "\xE2\x94\x80",
    .bar = "\xE2\x94\x82",                                         /* │ */
    .dots = "\xC2\xB7",                                            /* · */
    .gap = "\xE2\x8B\xAE",                                         /* ⋮ */
    .line = "\xE2\x94\x80",                                        /* ─ */
    .tee = "\xE2\x94\xAC",                                         /* ┬ */
    .label = "\xE2\x95\xB0\xE2\x94\x80\xE2\x94\x80 ",              /* ╰── */
    .caret = "\xE2\x96\xB2",                                       /* ▲ */
    .first = "\xE2\x95\xAD\xE2\x94\x80\xE2\x96\xB6 ",              /* ╭─▶ */
    .middle = "\xE2\x94\x82   ",                                   /* │ */
    .last = "\xE2\x95\xB0\xE2\x94\x80\xE2\x96\xB6 ",               /* ╰─▶ */
    .last_labelled = "\xE2\x94\x9C\xE2\x94\x80\xE2\x96\xB6 ",      /* ├─▶ */
    .behind = "\xE2\x95\xB0\xE2\x94\x80\xE2\x94\x80\xE2\x94\x80 ", /* ╰─── */
};

static const struct glyphs ascii = {
    .error = "x",
    .warning = "!",
    .advice = ">",
    .cause = "|-> ",
    .last_cause = "`-> ",
    .open = ",-",
    .close = "`----",
    .bar = "|",
    .dots = ":",
    .gap = ":",
    .line = "-",
    .tee = "-",
    .label = "`-- ",
    .caret = "^",
    .first = ",-> ",
    .middle = "|   ",
    .last = "`-> ",
    .last_labelled = "|-> ",
    .behind = "`--- ",
};

enum colour { COLOUR_NONE, COLOUR_RED, COLOUR_YELLOW, COLOUR_CYAN, COLOUR_DIM };

/* One rendering under way. */
struct frame {
    struct buf *out;
    const struct glyphs *glyphs;
    bool has_colour;
    enum colour colour; /* of the severity */
    size_t wrap;        /* columns, 0: no limit */
    size_t gutter;      /* columns of the numbers, with a space at each side */
    bool has_arc;       /* the place has several lines: they are joined at the left */
};

static void set_colour(const struct frame *f, enum colour colour) {
    static const char *const codes[] = {"\x1b[0m", "\x1b[31m", "\x1b[33m", "\x1b[36m", "\x1b[2m"};
    if (f->has_colour) {
        buf_add_c(f->out, codes[colour]);
    }
}

static void add_coloured(const struct frame *f, enum colour colour, const char *text) {
    set_colour(f, colour);
    buf_add_c(f->out, text);
    set_colour(f, COLOUR_NONE);
}

static void add_times(struct buf *out, const char *text, size_t count) {
    for (size_t i = 0; i < count; i++) {
        buf_add_c(out, text);
    }
}

/* ---- the frame ------------------------------------------------------------------------------- */

static size_t digits_of(uint32_t number) {
    size_t digits = 1;
    while (number >= 10) {
        number /= 10;
        digits++;
    }
    return digits;
}

static void add_gutter(const struct frame *f, const char *mark) {
    set_colour(f, COLOUR_DIM);
    add_times(f->out, " ", f->gutter);
    buf_add_c(f->out, mark);
    set_colour(f, COLOUR_NONE);
}

static void add_arc(const struct frame *f, const char *arc) {
    if (f->has_arc) {
        add_coloured(f, f->colour, arc);
    }
}

/* ───┬─── under the place, and the label below its middle. */
static void add_underline(const struct frame *f, size_t indent, size_t width, str label) {
    const struct glyphs *g = f->glyphs;
    size_t middle = width / 2;
    add_gutter(f, g->dots);
    add_times(f->out, " ", indent + 1);
    set_colour(f, f->colour);
    if (width == 0) {
        buf_add_c(f->out, g->caret); /* between two characters */
    } else {
        add_times(f->out, g->line, middle);
        buf_add_c(f->out, label.len > 0 ? g->tee : g->line);
        add_times(f->out, g->line, width - middle - 1);
    }
    set_colour(f, COLOUR_NONE);
    buf_add_byte(f->out, '\n');
    if (label.len > 0) {
        add_gutter(f, g->dots);
        add_times(f->out, " ", indent + middle + 1);
        set_colour(f, f->colour);
        buf_add_c(f->out, g->label);
        snippet_add_safe(f->out, label);
        set_colour(f, COLOUR_NONE);
        buf_add_byte(f->out, '\n');
    }
}

static void add_gap(const struct frame *f) {
    add_gutter(f, f->glyphs->gap);
    buf_add_byte(f->out, ' ');
    add_arc(f, f->glyphs->middle);
    buf_add_byte(f->out, '\n');
}

static const char *arc_of(const struct frame *f, const struct snippet *s, size_t index, str label) {
    const struct glyphs *g = f->glyphs;
    if (index < s->first_in_place || index > s->last_in_place) {
        return "    ";
    }
    return index == s->first_in_place ? g->first
           : index < s->last_in_place ? g->middle
           : label.len > 0            ? g->last_labelled
                                      : g->last;
}

static void add_line(const struct frame *f, const struct snippet *s, size_t index, str label) {
    const struct snippet_line *line = &s->lines[index];
    if (line->is_gap) {
        add_gap(f);
        return;
    }
    set_colour(f, COLOUR_DIM);
    add_times(f->out, " ", f->gutter - 1 - digits_of(line->number));
    buf_add_u64(f->out, line->number);
    buf_format(f->out, " %s ", f->glyphs->bar);
    set_colour(f, COLOUR_NONE);
    add_arc(f, arc_of(f, s, index, label));
    size_t indent = line->is_cut_left ? 3 : 0;
    buf_add_c(f->out, line->is_cut_left ? "..." : "");
    indent += snippet_add_safe(f->out, line->before);
    size_t width = snippet_add_safe(f->out, line->marked);
    snippet_add_safe(f->out, line->after);
    buf_add_c(f->out, line->is_cut_right ? "...\n" : "\n");
    if (line->is_in_place && !f->has_arc) {
        add_underline(f, indent, width, label);
    } else if (f->has_arc && index == s->last_in_place && label.len > 0) {
        add_gutter(f, f->glyphs->dots);
        buf_add_byte(f->out, ' ');
        set_colour(f, f->colour);
        buf_add_c(f->out, f->glyphs->behind);
        snippet_add_safe(f->out, label);
        set_colour(f, COLOUR_NONE);
        buf_add_byte(f->out, '\n');
    }
}

static void add_frame(struct frame *f, const struct rendering *r, size_t columns) {
    const cedar_finding *finding = r->finding;
    struct snippet snippet;
    snippet_make(finding, r->text, columns, &snippet);
    f->gutter = digits_of(snippet.lines[snippet.count - 1].number) + 2;
    f->has_arc = snippet.last_in_place > snippet.first_in_place;
    add_gutter(f, f->glyphs->open);
    buf_add_byte(f->out, '[');
    snippet_add_safe(f->out, r->source.len > 0 ? r->source : STR("input"));
    buf_format(f->out, ":%u:%u]\n", finding->line, finding->column);
    for (size_t i = 0; i < snippet.count; i++) {
        add_line(f, &snippet, i, cli_str(finding->label));
    }
    add_gutter(f, f->glyphs->close);
    buf_add_byte(f->out, '\n');
}

/* ---- all ------------------------------------------------------------------------------------- */

static void add_causes(const struct frame *f, const struct rendering *r, const char *mark) {
    for (size_t i = 0; i < r->cause_count; i++) {
        buf_add_c(f->out, "  ");
        set_colour(f, f->colour);
        if (i == 0) {
            buf_add_c(f->out, mark);
            buf_add_byte(f->out, ' ');
        } else {
            buf_add_c(f->out, i + 1 < r->cause_count ? f->glyphs->cause : f->glyphs->last_cause);
        }
        set_colour(f, COLOUR_NONE);
        snippet_add_wrapped(f->out, r->causes[i], i == 0 ? 4 : 6, f->wrap);
        buf_add_byte(f->out, '\n');
    }
}

/* `for this action: [schema.cedarschema:2:8]` */
static void add_other(const struct frame *f, const struct rendering *r) {
    str label = cli_str(r->finding->other_label);
    str source = cli_str(r->finding->other_source);
    if (label.len > 0) {
        snippet_add_safe(f->out, label);
        buf_add_c(f->out, ": ");
    }
    buf_add_byte(f->out, '[');
    snippet_add_safe(f->out, source.len > 0 ? source : STR("input"));
    buf_format(f->out, ":%u:%u]\n", r->finding->other.line, r->finding->other.column);
}

void render_human(struct cli *cli, const struct rendering *r) {
    cedar_severity severity = r->finding->severity;
    const struct glyphs *glyphs = cli->has_ascii_only ? &ascii : &unicode;
    struct frame f = {.out = cli->reports,
                      .glyphs = glyphs,
                      .has_colour =
                          cli->reports == &cli->err ? cli->err_has_colour : cli->has_colour,
                      .wrap = cli->wrap,
                      .colour = severity == CEDAR_ERROR     ? COLOUR_RED
                                : severity == CEDAR_WARNING ? COLOUR_YELLOW
                                                            : COLOUR_CYAN};
    add_causes(&f, r,
               severity == CEDAR_ERROR     ? glyphs->error
               : severity == CEDAR_WARNING ? glyphs->warning
                                           : glyphs->advice);
    if (r->finding->has_span) {
        add_frame(&f, r, cli->columns);
    }
    if (r->finding->has_other) {
        add_coloured(&f, COLOUR_CYAN, "  see also: ");
        add_other(&f, r);
    }
    if (r->help.len > 0) {
        add_coloured(&f, COLOUR_CYAN, "  help: ");
        snippet_add_wrapped(f.out, r->help, 8, f.wrap);
        buf_add_byte(f.out, '\n');
    }
    buf_add_byte(f.out, '\n');
}
