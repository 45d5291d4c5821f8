/* SPDX-License-Identifier: Apache-2.0 */
/* Texts of an explanation: bounded, whatever they are made from. */
#include "cedar/api_explain_int.h"

#include "cedar/text/lex.h"
#include "cedar/text/print.h"
#include "cedar/value/sort.h"

static const str ellipsis = STR_INIT("\xE2\x80\xA6");

/* A piece that does not fit is left out as a whole, so that there is more room than is shown. */
enum { ROOM_FACTOR = 8, ROOM_MORE = 4096 };

err explain_text_init(struct explainer *x) {
    x->room_size = x->max_text * ROOM_FACTOR + ROOM_MORE;
    x->room = arena_alloc(x->temp, x->room_size);
    return x->room == NULL ? arena_error(x->temp) : ERR_OK;
}

static void start(struct explainer *x, struct buf *b) {
    buf_init_fixed(b, x->room, x->room_size);
}

/* Not inside of a character. */
static str cut(str text, size_t most) {
    size_t end = text.len < most ? text.len : most;
    while (end > 0 && end < text.len && ((unsigned char)text.ptr[end] & 0xC0) == 0x80) {
        end--;
    }
    return str_slice(text, 0, end);
}

/* What is in the room, as a text of the explanation. */
static err finish(struct explainer *x, const struct buf *b, size_t max, cedar_str *ret) {
    if (b->error != ERR_OK && b->error != ERR_LIMIT) {
        return b->error;
    }
    str text = buf_str(b);
    bool is_long = b->error != ERR_OK || text.len > max;
    struct buf copy;
    buf_init_arena(&copy, x->arena, SIZE_MAX / 2);
    if (is_long) {
        buf_add(&copy, cut(text, max - ellipsis.len));
        buf_add(&copy, ellipsis);
    } else {
        buf_add(&copy, text);
    }
    str made;
    TRY(buf_finish(&copy, &made));
    *ret = api_public(made);
    return ERR_OK;
}

err explain_plain_text(struct explainer *x, str text, cedar_str *ret) {
    struct buf b;
    start(x, &b);
    buf_add(&b, cut(text, x->max_text + 1));
    return finish(x, &b, x->max_text, ret);
}

/* ---- policies ---- */

/* As written, but on one line and without comments. */
static void add_source(struct buf *out, str text, size_t max) {
    struct lexer lexer = {.text = text};
    struct token token;
    uint32_t end = 0;
    lex_next(&lexer, &token);
    for (; token.kind != TOKEN_END && out->len <= max; lex_next(&lexer, &token)) {
        if (token.span.start > end && out->len > 0) {
            buf_add_byte(out, ' ');
        }
        end = token.span.end;
        buf_add(out, cut(str_slice(text, token.span.start, end), max + 1));
    }
}

err explain_expr_text(struct explainer *x, const struct ast_expr *expr, size_t max,
                      cedar_str *ret) {
    struct buf b;
    start(x, &b);
    str text = api_str_of(x->info.text);
    struct ast_span span = expr->span;
    if (x->is_json || span.end <= span.start || span.end > text.len) {
        print_expr(&b, x->temp, expr);
    } else {
        add_source(&b, str_slice(text, span.start, span.end), max);
    }
    return finish(x, &b, max, ret);
}

err explain_scope_text(struct explainer *x, enum ast_var var, const struct ast_scope *scope,
                       cedar_str *ret) {
    struct buf b;
    start(x, &b);
    print_scope(&b, var, scope);
    return finish(x, &b, x->max_text, ret);
}

cedar_place explain_place(struct explainer *x, struct ast_span span) {
    const cedar_policy_info *info = &x->info;
    struct explain_lines *lines = &x->lines;
    size_t start = span.start < info->text.len ? span.start : info->text.len;
    if (start < lines->at || lines->line == 0) {
        *lines = (struct explain_lines){.line = info->line};
    }
    for (; lines->at < start; lines->at++) {
        if (info->text.ptr[lines->at] == '\n') {
            lines->line++;
            lines->line_start = lines->at + 1;
        }
    }
    uint32_t column = (uint32_t)(start - lines->line_start) + 1;
    return (cedar_place){
        .start = start,
        .end = span.end < info->text.len ? span.end : info->text.len,
        .line = lines->line,
        .column = lines->line_start == 0 ? info->column + column - 1 : column,
    };
}

/* ---- values ---- */

err explain_value_text(struct explainer *x, const struct value *value, cedar_str *ret) {
    struct value shown = *value;
    if (shown.kind == VALUE_STRING) {
        shown = value_string(cut(value_text(value), x->max_text + 1));
    }
    struct buf b;
    start(x, &b);
    value_format(&b, &shown);
    return finish(x, &b, x->max_text, ret);
}

err explain_uid_text(struct explainer *x, const struct uid *uid, cedar_str *ret) {
    struct value value = value_entity(uid);
    return explain_value_text(x, &value, ret);
}

/* ---- facts ---- */

static int compare_uids(const void *a, const void *b) {
    const struct uid *const *left = a;
    const struct uid *const *right = b;
    int order = str_compare(uid_type(*left), uid_type(*right));
    return order != 0 ? order : str_compare(uid_id(*left), uid_id(*right));
}

err explain_ancestors(struct explainer *x, const struct entity *entity, struct uid_list *ret) {
    struct ancestor_cursor cursor;
    const struct uid *ancestor;
    uint32_t mark;
    *ret = (struct uid_list){.list.count = 0};
    IGNORE(entities_climb(x->eval.entities, &entity->uid)); /* it is looked for below */
    entity = entities_find(x->eval.entities, &entity->uid); /* it knows its ancestors now */
    if (entity == NULL) {
        return ERR_OK; /* nor is anything else found any more */
    }
    ancestors_start(&cursor, x->eval.entities, entity);
    while ((ancestor = ancestors_next(&cursor, &mark)) != NULL) {
        if (!VEC_PUSH(x->temp, &ret->list, ancestor)) {
            return arena_error(x->temp);
        }
    }
    size_t count = ret->list.count;
    const struct uid **items = ret->list.items;
    sort_items(items, count, sizeof *items, compare_uids);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || !uid_equal(items[kept - 1], items[i])) {
            items[kept++] = items[i];
        }
    }
    ret->list.count = kept;
    return ERR_OK;
}

static err add_ancestors(struct explainer *x, struct buf *out, const struct entity *entity) {
    struct arena_mark mark = arena_mark(x->temp);
    struct uid_list ancestors;
    TRY(explain_ancestors(x, entity, &ancestors));
    buf_add_byte(out, '[');
    for (size_t i = 0; i < ancestors.list.count && out->error == ERR_OK; i++) {
        buf_add_c(out, i == 0 ? "" : ", ");
        uid_format(out, ancestors.list.items[i]);
    }
    buf_add_byte(out, ']');
    arena_reset(x->temp, mark);
    return ERR_OK;
}

static void add_names(struct buf *out, const struct value_record *record) {
    buf_add_byte(out, '[');
    for (size_t i = 0; i < value_record_count(record) && out->error == ERR_OK; i++) {
        buf_add_c(out, i == 0 ? "" : ", ");
        print_name(out, value_record_name(record, i));
    }
    buf_add_byte(out, ']');
}

static const char *const fact_words[] = {
    [FACT_ANCESTORS] = "ancestors of ",
    [FACT_ATTRIBUTES] = "attributes of ",
    [FACT_TAGS] = "tags of ",
};

err explain_fact_text(struct explainer *x, enum explain_fact fact, const struct uid *uid,
                      cedar_str *ret_text, cedar_str *ret_value) {
    const struct entity *entity = entities_find(x->eval.entities, uid);
    struct buf b;
    start(x, &b);
    if (entity == NULL) {
        TRY(explain_uid_text(x, uid, ret_text));
        return explain_plain_text(x, STR("not among the entities"), ret_value);
    }
    buf_add_c(&b, fact_words[fact]);
    uid_format(&b, uid);
    TRY(finish(x, &b, x->max_text, ret_text));
    start(x, &b);
    if (fact == FACT_ANCESTORS) {
        TRY(add_ancestors(x, &b, entity));
    } else {
        add_names(&b, fact == FACT_TAGS ? entity->tags : entity->attrs);
    }
    return finish(x, &b, x->max_text, ret_value);
}
