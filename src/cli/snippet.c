/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/snippet.h"

#include "base/buf.h"
#include "base/utf8.h"

enum { TAB_WIDTH = 4, BLOCK = 4096 };

/* ---- text for a terminal --------------------------------------------------------------------- */

struct range {
    uint32_t first;
    uint32_t last;
};

/* Controls of the terminal and of text direction: shown as code points. */
static const struct range unsafe[] = {
    {0, 0x1F}, {0x7F, 0x9F}, {0x200E, 0x200F}, {0x2028, 0x202E}, {0x2066, 0x2069}, {0xFEFF, 0xFEFF},
};

/* Columns of a terminal; blocks are near enough to put a caret under a letter. */
static const struct range combining[] = {
    {0x300, 0x36F}, {0x200B, 0x200D}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}, {0x1F3FB, 0x1F3FF},
};
static const struct range wide[] = {
    {0x1100, 0x115F}, {0x2E80, 0xA4CF}, {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},
    {0xFE30, 0xFE6F}, {0xFF00, 0xFF60}, {0x1F300, 0x1FAFF}, {0x20000, 0x3FFFD},
};

#define IS_IN(c, ranges) is_in((c), (ranges), ARRAY_LEN(ranges))

static bool is_in(uint32_t c, const struct range *ranges, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (c >= ranges[i].first && c <= ranges[i].last) {
            return true;
        }
    }
    return false;
}

static size_t width_of(uint32_t c) {
    return c < 0x300 ? 1 : IS_IN(c, combining) ? 0 : IS_IN(c, wide) ? 2 : 1;
}

size_t snippet_add_safe(struct buf *out, str text) {
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
        } else if (IS_IN(c, unsafe)) {
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

static void add_spaces(struct buf *out, size_t count) {
    for (size_t i = 0; i < count; i++) {
        buf_add_byte(out, ' ');
    }
}

/* Columns that a text takes; in the few cases where it is more bytes than columns that is known
 * by writing it. */
static size_t width_of_text(str text) {
    char storage[256];
    struct buf safe;
    buf_init_fixed(&safe, storage, sizeof storage);
    size_t width = snippet_add_safe(&safe, text);
    return safe.error == ERR_OK ? width : text.len;
}

void snippet_add_wrapped(struct buf *out, str text, size_t indent, size_t wrap) {
    size_t column = indent;
    while (text.len > 0) {
        str word;
        str rest;
        bool is_cut = str_cut(text, ' ', &word, &rest);
        size_t width = width_of_text(word);
        if (wrap > 0 && column > indent && column + width > wrap) {
            buf_add_byte(out, '\n');
            add_spaces(out, indent);
            column = indent;
        }
        snippet_add_safe(out, word);
        column += width;
        if (is_cut) {
            buf_add_byte(out, ' ');
            column++;
        }
        text = is_cut ? rest : STR("");
    }
}

/* ---- lines ----------------------------------------------------------------------------------- */

struct place {
    str text;
    size_t start;
    size_t end;
};

static size_t line_start(str text, size_t at) {
    bool is_near = false; /* the end of the line before: long lines are passed over in blocks */
    while (at > 0 && !is_near) {
        size_t from = at > BLOCK ? at - BLOCK : 0;
        is_near = memchr(text.ptr + from, '\n', at - from) != NULL;
        at = is_near ? at : from;
    }
    while (at > 0 && text.ptr[at - 1] != '\n') {
        at--;
    }
    return at;
}

/* Where the line ends, without its end. */
static size_t line_end(str text, size_t at) {
    const char *found = at < text.len ? memchr(text.ptr + at, '\n', text.len - at) : NULL;
    return found == NULL ? text.len : (size_t)(found - text.ptr);
}

static str without_return(str line) {
    return str_has_suffix(line, STR("\r")) ? str_slice(line, 0, line.len - 1) : line;
}

/* Not into the middle of a character. */
static size_t boundary(str text, size_t at) {
    while (at > 0 && at < text.len && ((unsigned char)text.ptr[at] & 0xC0) == 0x80) {
        at--;
    }
    return at;
}

/* Cuts a long line around [from, to). */
static struct snippet_line cut(str line, size_t from, size_t to, size_t columns) {
    size_t left = 0;
    size_t right = line.len;
    if (line.len > columns) {
        size_t lead = columns / 3;
        left = boundary(line, from > lead ? from - lead : 0);
        right = boundary(line, line.len - left > columns ? left + columns : line.len);
        to = to < right ? to : right;
    }
    return (struct snippet_line){.is_cut_left = left > 0,
                                 .is_cut_right = right < line.len,
                                 .before = str_slice(line, left, from),
                                 .marked = str_slice(line, from, to),
                                 .after = str_slice(line, to, right)};
}

/* The line that begins at `start`, and what of the place is in it. */
static struct snippet_line line_at(const struct place *place, size_t start, uint32_t number,
                                   size_t columns) {
    str line = without_return(str_slice(place->text, start, line_end(place->text, start)));
    size_t end = start + line.len;
    bool is_in = place->start <= end && place->end >= start;
    size_t from = place->start > start ? place->start - start : 0;
    size_t to = place->end > start ? place->end - start : 0;
    from = from < line.len ? from : line.len;
    to = to < line.len ? to : line.len;
    struct snippet_line made =
        is_in ? cut(line, from, to > from ? to : from, columns) : cut(line, 0, 0, columns);
    made.number = number;
    made.is_in_place = is_in;
    return made;
}

/* ---- snippets -------------------------------------------------------------------------------- */

static void add(struct snippet *s, struct snippet_line line) {
    if (line.is_in_place) {
        s->first_in_place = s->last_in_place < s->first_in_place ? s->count : s->first_in_place;
        s->last_in_place = s->count;
    }
    s->lines[s->count++] = line;
}

static void mark_end(const struct place *place, uint32_t start_line, struct snippet *s) {
    s->end_line = start_line;
    for (size_t i = place->start; i < place->end; i++) {
        s->end_line += place->text.ptr[i] == '\n';
    }
    size_t start = line_start(place->text, place->end);
    s->end_column = (uint32_t)(place->end > start ? place->end - start : 1);
}

static bool is_long(const struct snippet_line *line) {
    return line->is_cut_left || line->is_cut_right;
}

/* From a whole text: the line before, the first one or two of the place, its last, the next. */
static void from_text(const struct place *place, uint32_t line, size_t columns, struct snippet *s) {
    str text = place->text;
    size_t first = line_start(text, place->start);
    size_t last = line_start(text, place->end);
    mark_end(place, line, s);
    struct snippet_line head = line_at(place, first, line, columns);
    bool has_context = !is_long(&head);
    if (has_context && first > 0) {
        struct place nothing = {text, SIZE_MAX, 0};
        add(s, line_at(&nothing, line_start(text, first - 1), line - 1, columns));
    }
    s->first_in_place = s->last_in_place = s->count;
    add(s, head);
    size_t next = line_end(text, first) + 1;
    if (last > first && next < last) {
        add(s, line_at(place, next, line + 1, columns));
        if (line_end(text, next) + 1 < last) {
            add(s, (struct snippet_line){.is_gap = true, .is_in_place = true});
        }
    }
    if (last > first) {
        add(s, line_at(place, last, s->end_line, columns));
    }
    size_t behind = line_end(text, last) + 1;
    if (has_context && behind < text.len) {
        struct place nothing = {text, SIZE_MAX, 0};
        add(s, line_at(&nothing, behind, s->end_line + 1, columns));
    }
}

static void from_line(const cedar_finding *finding, size_t columns, struct snippet *s) {
    str line = str_make(finding->source_line.ptr, finding->source_line.len);
    size_t from = finding->column > 0 ? finding->column - 1 : 0;
    from = from < line.len ? from : line.len;
    size_t length = finding->end > finding->start ? finding->end - finding->start : 0;
    struct place place = {line, from, length < line.len - from ? from + length : line.len};
    add(s, line_at(&place, 0, finding->line, columns));
    s->end_line = finding->line;
    s->end_column = (uint32_t)(place.end > 0 ? place.end : 1);
}

void snippet_make(const cedar_finding *finding, str text, size_t columns, struct snippet *ret) {
    *ret = (struct snippet){0};
    if (text.ptr == NULL || finding->start > text.len) {
        from_line(finding, columns, ret);
        return;
    }
    struct place place = {text, finding->start, finding->end};
    place.end = place.end < place.start ? place.start : place.end;
    place.end = place.end < text.len ? place.end : text.len;
    /* A place that ends with a line end does not reach into the next line. */
    while (place.end > place.start && text.ptr[place.end - 1] == '\n') {
        place.end--;
    }
    from_text(&place, finding->line, columns, ret);
}
