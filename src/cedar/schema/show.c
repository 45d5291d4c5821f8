/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/schema/show.h"

#include "cedar/ast/ast.h"

struct style {
    size_t most;        /* items and fields */
    bool has_quotes;    /* around all names of this record */
    bool is_expression; /* numbers below zero in parentheses, names with escapes */
};

static void show(struct buf *out, const struct value *value, struct style style);

static void show_items(struct buf *out, const struct value_set *set, struct style style) {
    buf_add_byte(out, '[');
    for (size_t i = 0; i < set->count && i < style.most; i++) {
        buf_add_c(out, i == 0 ? "" : ", ");
        show(out, &set->items[i], style);
    }
    buf_add_c(out, set->count > style.most ? ", .. ]" : "]");
}

static void show_name(struct buf *out, str name, struct style style) {
    if (!style.has_quotes && ast_is_identifier(name)) {
        buf_add(out, name);
        return;
    }
    buf_add_byte(out, '"');
    if (style.is_expression) {
        escape_debug(out, name);
    } else {
        buf_add(out, name);
    }
    buf_add_byte(out, '"');
}

static void show_fields(struct buf *out, const struct value_record *record, struct style style) {
    struct style inner = style;
    inner.has_quotes = false;
    size_t count = value_record_count(record);
    buf_add_byte(out, '{');
    for (size_t i = 0; i < count && i < style.most; i++) {
        buf_add_c(out, i == 0 ? "" : ", ");
        show_name(out, value_record_name(record, i), style);
        buf_add_c(out, ": ");
        show(out, &record->values[i], inner);
    }
    buf_add_c(out, count > style.most ? ", .. }" : "}");
}

static void show(struct buf *out, const struct value *value, struct style style) {
    if (out->error != ERR_OK) {
        return; /* full: a value that shares its parts may be far longer than its memory */
    }
    if (value->kind == VALUE_SET) {
        show_items(out, value->set, style);
    } else if (value->kind == VALUE_RECORD) {
        show_fields(out, value->record, style);
    } else {
        bool is_wrapped = style.is_expression && value->kind == VALUE_LONG && value->integer < 0;
        buf_add_c(out, is_wrapped ? "(" : "");
        value_format(out, value);
        buf_add_c(out, is_wrapped ? ")" : "");
    }
}

void show_value(struct buf *out, const struct value *value, size_t most) {
    show(out, value, (struct style){.most = most});
}

void show_expression(struct buf *out, const struct value *value) {
    show(out, value, (struct style){.most = SIZE_MAX, .is_expression = true});
}

void show_data(struct buf *out, const struct value *value) {
    show(out, value, (struct style){.most = SIZE_MAX, .is_expression = true, .has_quotes = true});
}
