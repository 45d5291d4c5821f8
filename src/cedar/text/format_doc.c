/* SPDX-License-Identifier: Apache-2.0 */
/* Documents: a list of instructions, laid out in one pass. */
#include "cedar/text/format_int.h"

#include "base/assert.h"
#include "base/utf8.h"
#include "cedar/value/unicode.h"

/* East Asian wide characters and pictures take two columns, marks none. */
static uint32_t columns_of_scalar(uint32_t scalar) {
    static const uint32_t wide[][2] = {
        {0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0xa4cf},   {0xa960, 0xa97c},
        {0xac00, 0xd7a3},   {0xf900, 0xfaff},   {0xfe30, 0xfe6f},   {0xff00, 0xff60},
        {0xffe0, 0xffe6},   {0x1f300, 0x1f64f}, {0x1f680, 0x1f6ff}, {0x1f900, 0x1f9ff},
        {0x20000, 0x3fffd},
    };
    if (scalar < 0x300) {
        return 1;
    }
    if (unicode_is_grapheme_extend(scalar)) {
        return 0;
    }
    for (size_t i = 0; i < ARRAY_LEN(wide); i++) {
        if (scalar >= wide[i][0] && scalar <= wide[i][1]) {
            return 2;
        }
    }
    return 1;
}

static uint32_t columns_of(str text) {
    size_t at = 0;
    uint32_t count = 0;
    uint32_t scalar;
    while (utf8_next(text, &at, &scalar)) {
        count += columns_of_scalar(scalar);
    }
    return count;
}

static void push(struct doc *doc, struct doc_item item) {
    if (doc->error == ERR_OK && !VEC_PUSH(doc->arena, &doc->items, item)) {
        doc->error = arena_error(doc->arena);
    }
}

void doc_add(struct doc *doc, enum doc_kind kind) {
    if (kind == DOC_GROUP) {
        push(doc, (struct doc_item){.kind = DOC_NOTHING});
        doc_group_at(doc, doc->items.count - 1);
    } else {
        push(doc, (struct doc_item){.kind = kind});
    }
}

void doc_text(struct doc *doc, str text) {
    push(doc, (struct doc_item){.kind = DOC_TEXT, .amount = columns_of(text), .text = text});
}

void doc_nest(struct doc *doc, uint32_t amount) {
    push(doc, (struct doc_item){.kind = DOC_NEST, .amount = amount});
}

void doc_group_at(struct doc *doc, size_t index) {
    if (doc->error != ERR_OK) {
        return;
    }
    doc->items.items[index].kind = DOC_GROUP;
    if (!VEC_PUSH(doc->arena, &doc->open, (uint32_t)index)) {
        doc->error = arena_error(doc->arena);
    }
}

void doc_group_end(struct doc *doc) {
    if (doc->error != ERR_OK) {
        return;
    }
    if (!HOLDS(doc->open.count > 0)) {
        doc->error = ERR_INTERNAL;
        return;
    }
    uint32_t start = doc->open.items[--doc->open.count];
    doc->items.items[start].match = (uint32_t)doc->items.count;
    push(doc, (struct doc_item){.kind = DOC_GROUP_END});
}

/* ---- laying out ---- */

/* Where things are, counted from the left, so that "does it fit" costs nothing. */
struct measure {
    uint64_t flat; /* columns of all items before this one, on one line */
    uint32_t hard; /* index of the first hard line end from here on */
    uint32_t line; /* index of the first line end of any kind */
};

struct layout {
    const struct doc *doc;
    const struct measure *measures;
    struct buf *out;
    uint32_t width;
    uint64_t column;
    size_t line_start; /* in the output */
    bool has_text;     /* on this line */
    uint32_t flat_end; /* inside a group that stays on one line: its end */
    uint64_t indent;
};

static uint64_t flat_columns(const struct doc_item *item) {
    return item->kind == DOC_TEXT ? item->amount : item->kind == DOC_LINE ? 1 : 0;
}

static const struct measure *measure(struct doc *doc) {
    size_t count = doc->items.count;
    struct measure *m = ARENA_ARRAY(doc->arena, struct measure, count + 1);
    if (m == NULL) {
        doc->error = arena_error(doc->arena);
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        m[i + 1].flat = m[i].flat + flat_columns(&doc->items.items[i]);
    }
    m[count].hard = m[count].line = (uint32_t)count;
    for (size_t i = count; i-- > 0;) {
        enum doc_kind kind = doc->items.items[i].kind;
        bool is_line = kind == DOC_LINE || kind == DOC_SOFTLINE || kind == DOC_HARDLINE;
        m[i].hard = kind == DOC_HARDLINE ? (uint32_t)i : m[i + 1].hard;
        m[i].line = is_line ? (uint32_t)i : m[i + 1].line;
    }
    return m;
}

/* The group and what follows it up to the next place for a line end. */
static bool fits(const struct layout *l, uint32_t start, uint32_t end) {
    if (l->measures[start].hard < end) {
        return false;
    }
    uint64_t columns = l->measures[l->measures[end].line].flat - l->measures[start].flat;
    return l->column + columns <= l->width;
}

/* The indentation of what comes next, which may stand outside of nests that end here. */
static uint64_t indent_behind(const struct layout *l, size_t i) {
    const struct doc *doc = l->doc;
    uint64_t indent = l->indent;
    for (i++; i < doc->items.count; i++) {
        switch (doc->items.items[i].kind) {
        case DOC_NEST_END:
            indent -= doc->items.items[i].amount;
            break;
        case DOC_NOTHING:
        case DOC_GROUP:
        case DOC_GROUP_END:
            break;
        case DOC_TEXT:
        case DOC_LINE:
        case DOC_SOFTLINE:
        case DOC_HARDLINE:
        case DOC_NEST:
            return indent;
        }
    }
    return l->indent;
}

static void end_line(struct layout *l, size_t i) {
    if (l->has_text) {
        buf_add_byte(l->out, '\n');
    } else if (l->out->error == ERR_OK) {
        l->out->len = l->line_start; /* white space alone */
    }
    l->line_start = l->out->len;
    l->has_text = false;
    l->column = indent_behind(l, i);
    for (uint64_t column = 0; column < l->column; column++) {
        buf_add_byte(l->out, ' ');
    }
}

static void add_text(struct layout *l, const struct doc_item *item) {
    l->has_text = l->has_text || !str_equal(item->text, STR(" "));
    l->column += item->amount;
    buf_add(l->out, item->text);
}

static void lay_out(struct layout *l, uint32_t i) {
    const struct doc_item *item = &l->doc->items.items[i];
    bool is_flat = i < l->flat_end;
    switch (item->kind) {
    case DOC_TEXT:
        add_text(l, item);
        return;
    case DOC_LINE:
        if (is_flat) {
            buf_add_byte(l->out, ' ');
            l->column++;
        } else {
            end_line(l, i);
        }
        return;
    case DOC_SOFTLINE:
        if (!is_flat) {
            end_line(l, i);
        }
        return;
    case DOC_HARDLINE:
        end_line(l, i);
        return;
    case DOC_GROUP:
        if (!is_flat && fits(l, i, item->match)) {
            l->flat_end = item->match;
        }
        return;
    case DOC_NEST:
        l->indent += item->amount;
        return;
    case DOC_NEST_END:
        l->indent -= item->amount;
        return;
    case DOC_NOTHING:
    case DOC_GROUP_END:
        return;
    }
    NOT_REACHED();
    buf_fail(l->out, ERR_INTERNAL);
}

/* The ends of DOC_NEST know by how much. */
static void match_nests(struct doc *doc) {
    VEC(uint32_t) open = {0};
    for (size_t i = 0; i < doc->items.count && doc->error == ERR_OK; i++) {
        struct doc_item *item = &doc->items.items[i];
        if (item->kind == DOC_NEST) {
            if (!VEC_PUSH(doc->arena, &open, item->amount)) {
                doc->error = arena_error(doc->arena);
            }
        } else if (item->kind == DOC_NEST_END) {
            if (!HOLDS(open.count > 0)) {
                doc->error = ERR_INTERNAL;
                return;
            }
            item->amount = open.items[--open.count];
        }
    }
}

void doc_render(struct doc *doc, uint32_t width, struct buf *out) {
    match_nests(doc);
    const struct measure *measures = measure(doc);
    size_t start = out->len;
    struct layout l = {
        .doc = doc, .measures = measures, .out = out, .width = width, .line_start = start};
    for (uint32_t i = 0; doc->error == ERR_OK && i < doc->items.count; i++) {
        lay_out(&l, i);
    }
    if (out->error == ERR_OK) {
        while (out->len > start &&
               (out->data[out->len - 1] == ' ' || out->data[out->len - 1] == '\n')) {
            out->len--;
        }
    }
}
