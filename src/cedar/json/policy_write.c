/* SPDX-License-Identifier: Apache-2.0 */
/* The syntax tree as JSON. Written straight into the buf, because json_writer limits nesting. */
#include "base/assert.h"
#include "base/utf8.h"
#include "cedar/json/policy.h"
#include "cedar/text/print.h"

struct writer {
    struct buf *out;
    struct arena *temp;
};

static void write_expr(struct writer *w, const struct ast_expr *expr);

static void write_uid(struct buf *out, const struct ast_uid *uid) {
    buf_add_c(out, "{\"type\":");
    json_escape(out, uid->type.text);
    buf_add_c(out, ",\"id\":");
    json_escape(out, uid->id);
    buf_add_byte(out, '}');
}

/* ---- literals ---- */

static void write_literal(struct writer *w, const struct ast_expr *expr);

static void write_literals(struct writer *w, const struct ast_expr *const *items, size_t count) {
    buf_add_byte(w->out, '[');
    for (size_t i = 0; i < count; i++) {
        buf_add_c(w->out, i == 0 ? "" : ",");
        write_literal(w, items[i]);
    }
    buf_add_byte(w->out, ']');
}

static void write_fields(struct writer *w, const struct ast_expr *expr,
                         void (*write)(struct writer *w, const struct ast_expr *expr)) {
    struct arena_mark mark = arena_mark(w->temp);
    const struct ast_field **sorted = print_sorted_fields(w->temp, expr);
    if (sorted == NULL) {
        buf_fail(w->out, arena_error(w->temp));
        return;
    }
    buf_add_byte(w->out, '{');
    for (size_t i = 0; i < expr->record.count; i++) {
        buf_add_c(w->out, i == 0 ? "" : ",");
        json_escape(w->out, sorted[i]->name);
        buf_add_byte(w->out, ':');
        write(w, sorted[i]->value);
    }
    buf_add_byte(w->out, '}');
    arena_reset(w->temp, mark);
}

static void write_literal_call(struct writer *w, const struct ast_expr *expr) {
    buf_add_c(w->out, "{\"__extn\":{\"fn\":");
    json_escape(w->out, expr->call.name);
    if (expr->call.count == 1 && !expr->call.is_list) {
        buf_add_c(w->out, ",\"arg\":");
        write_literal(w, expr->call.args[0]);
    } else {
        buf_add_c(w->out, ",\"args\":");
        write_literals(w, expr->call.args, expr->call.count);
    }
    buf_add_c(w->out, "}}");
}

static bool is_literal(const struct ast_expr *expr) {
    switch (expr->kind) {
    case AST_BOOL:
    case AST_LONG:
    case AST_STRING:
    case AST_ENTITY:
        return true;
    case AST_SET:
        return expr->set.is_value;
    case AST_RECORD:
        return expr->record.is_value;
    case AST_CALL:
        return expr->call.is_value;
    case AST_VAR:
    case AST_SLOT:
    case AST_CHAIN:
    case AST_BINARY:
    case AST_UNARY:
    case AST_GET:
    case AST_HAS:
    case AST_LIKE:
    case AST_IS:
    case AST_IF:
        return false;
    }
    NOT_REACHED();
    return false;
}

static void write_literal(struct writer *w, const struct ast_expr *expr) {
    if (!HOLDS(is_literal(expr))) {
        buf_fail(w->out, ERR_INTERNAL);
        return;
    }
    if (expr->kind == AST_BOOL) {
        buf_add_c(w->out, expr->boolean ? "true" : "false");
    } else if (expr->kind == AST_LONG) {
        buf_add_i64(w->out, expr->integer);
    } else if (expr->kind == AST_STRING) {
        json_escape(w->out, expr->string);
    } else if (expr->kind == AST_ENTITY) {
        buf_add_c(w->out, "{\"__entity\":");
        write_uid(w->out, &expr->uid);
        buf_add_byte(w->out, '}');
    } else if (expr->kind == AST_SET) {
        write_literals(w, expr->set.items, expr->set.count);
    } else if (expr->kind == AST_RECORD) {
        write_fields(w, expr, write_literal);
    } else {
        write_literal_call(w, expr);
    }
}

/* ---- operators ---- */

static void write_key(struct writer *w, const char *name) {
    buf_add_c(w->out, "{\"");
    buf_add_c(w->out, name);
    buf_add_c(w->out, "\":");
}

static void write_part(struct writer *w, const char *before, const struct ast_expr *expr) {
    buf_add_c(w->out, before);
    write_expr(w, expr);
}

static void write_binary(struct writer *w, const struct ast_expr *expr) {
    write_key(w, ast_op_text(expr->binary.op));
    write_part(w, "{\"left\":", expr->binary.left);
    write_part(w, ",\"right\":", expr->binary.right);
    buf_add_c(w->out, "}}");
}

/* a && b && c is {"&&": {"left": {"&&": {"left": a, "right": b}}, "right": c}}. */
static void write_chain(struct writer *w, const struct ast_expr *expr) {
    for (size_t i = expr->chain.count - 1; i > 0; i--) {
        write_key(w, ast_op_text((enum ast_op)expr->chain.ops[i]));
        buf_add_c(w->out, "{\"left\":");
    }
    write_expr(w, expr->chain.operands[0]);
    for (size_t i = 1; i < expr->chain.count; i++) {
        write_part(w, ",\"right\":", expr->chain.operands[i]);
        buf_add_c(w->out, "}}");
    }
}

static void write_unary(struct writer *w, const struct ast_expr *expr) {
    write_key(w, expr->unary.op == AST_OP_NEG ? "neg" : ast_op_text(expr->unary.op));
    write_part(w, "{\"arg\":", expr->unary.operand);
    buf_add_c(w->out, "}}");
}

/* ---- attributes, patterns, types ---- */

static void write_get(struct writer *w, const struct ast_expr *expr) {
    write_part(w, "{\".\":{\"left\":", expr->get.object);
    buf_add_c(w->out, ",\"attr\":");
    json_escape(w->out, expr->get.attr);
    buf_add_c(w->out, "}}");
}

static void write_has(struct writer *w, const struct ast_expr *expr) {
    bool is_list = expr->has.count > 1 || expr->has.is_list;
    write_part(w, "{\"has\":{\"left\":", expr->has.object);
    buf_add_c(w->out, is_list ? ",\"attr\":[" : ",\"attr\":");
    for (size_t i = 0; i < expr->has.count; i++) {
        buf_add_c(w->out, i == 0 ? "" : ",");
        json_escape(w->out, expr->has.path[i]);
    }
    buf_add_c(w->out, is_list ? "]}}" : "}}");
}

static void write_like(struct writer *w, const struct ast_expr *expr) {
    write_part(w, "{\"like\":{\"left\":", expr->like.object);
    buf_add_c(w->out, ",\"pattern\":[");
    for (size_t i = 0; i < expr->like.pattern.count; i++) {
        uint32_t item = expr->like.pattern.items[i];
        char bytes[UTF8_MAX_BYTES];
        buf_add_c(w->out, i == 0 ? "" : ",");
        if (item == AST_WILDCARD) {
            buf_add_c(w->out, "\"Wildcard\"");
        } else {
            buf_add_c(w->out, "{\"Literal\":");
            json_escape(w->out, str_make(bytes, utf8_encode(item, bytes)));
            buf_add_byte(w->out, '}');
        }
    }
    buf_add_c(w->out, "]}}");
}

static void write_is(struct writer *w, const struct ast_expr *expr) {
    write_part(w, "{\"is\":{\"left\":", expr->is.object);
    buf_add_c(w->out, ",\"entity_type\":");
    json_escape(w->out, expr->is.type.text);
    if (expr->is.in != NULL) {
        write_part(w, ",\"in\":", expr->is.in);
    }
    buf_add_c(w->out, "}}");
}

static void write_if(struct writer *w, const struct ast_expr *expr) {
    write_part(w, "{\"if-then-else\":{\"if\":", expr->cond.test);
    write_part(w, ",\"then\":", expr->cond.yes);
    write_part(w, ",\"else\":", expr->cond.no);
    buf_add_c(w->out, "}}");
}

static void write_list(struct writer *w, const struct ast_expr *const *items, size_t count) {
    buf_add_byte(w->out, '[');
    for (size_t i = 0; i < count; i++) {
        write_part(w, i == 0 ? "" : ",", items[i]);
    }
    buf_add_c(w->out, "]}");
}

static void write_compound(struct writer *w, const struct ast_expr *expr) {
    switch (expr->kind) {
    case AST_CHAIN:
        write_chain(w, expr);
        return;
    case AST_BINARY:
        write_binary(w, expr);
        return;
    case AST_UNARY:
        write_unary(w, expr);
        return;
    case AST_GET:
        write_get(w, expr);
        return;
    case AST_HAS:
        write_has(w, expr);
        return;
    case AST_LIKE:
        write_like(w, expr);
        return;
    case AST_IS:
        write_is(w, expr);
        return;
    case AST_IF:
        write_if(w, expr);
        return;
    case AST_SET:
        buf_add_c(w->out, "{\"Set\":");
        write_list(w, expr->set.items, expr->set.count);
        return;
    case AST_RECORD:
        buf_add_c(w->out, "{\"Record\":");
        write_fields(w, expr, write_expr);
        buf_add_byte(w->out, '}');
        return;
    case AST_CALL:
        buf_add_byte(w->out, '{');
        json_escape(w->out, expr->call.name);
        buf_add_byte(w->out, ':');
        write_list(w, expr->call.args, expr->call.count);
        return;
    case AST_VAR:
        buf_format(w->out, "{\"Var\":\"%.*s\"}", STR_FMT(print_var_text(expr->var)));
        return;
    case AST_SLOT:
        buf_format(w->out, "{\"Slot\":\"%.*s\"}", STR_FMT(print_slot_text(expr->slot)));
        return;
    case AST_BOOL:
    case AST_LONG:
    case AST_STRING:
    case AST_ENTITY:
        break; /* literals */
    }
    NOT_REACHED();
    buf_fail(w->out, ERR_INTERNAL);
}

static void write_expr(struct writer *w, const struct ast_expr *expr) {
    if (is_literal(expr)) {
        buf_add_c(w->out, "{\"Value\":");
        write_literal(w, expr);
        buf_add_byte(w->out, '}');
    } else {
        write_compound(w, expr);
    }
}

/* ---- policies ---- */

static void write_target(struct buf *out, const struct ast_scope *scope) {
    if (scope->slot != AST_SLOT_NONE) {
        buf_format(out, "\"slot\":\"%.*s\"", STR_FMT(print_slot_text(scope->slot)));
    } else if (!scope->is_list || (scope->list_count == 1 && !scope->is_json_list)) {
        buf_add_c(out, "\"entity\":");
        write_uid(out, scope->is_list ? &scope->list[0] : &scope->uid);
    } else {
        buf_add_c(out, "\"entities\":[");
        for (size_t i = 0; i < scope->list_count; i++) {
            buf_add_c(out, i == 0 ? "" : ",");
            write_uid(out, &scope->list[i]);
        }
        buf_add_byte(out, ']');
    }
}

static void write_scope(struct buf *out, const char *before, const struct ast_scope *scope) {
    buf_add_c(out, before);
    switch (scope->kind) {
    case AST_SCOPE_ANY:
        buf_add_c(out, "{\"op\":\"All\"}");
        return;
    case AST_SCOPE_EQ:
    case AST_SCOPE_IN:
        buf_add_c(out, scope->kind == AST_SCOPE_EQ ? "{\"op\":\"==\"," : "{\"op\":\"in\",");
        write_target(out, scope);
        buf_add_byte(out, '}');
        return;
    case AST_SCOPE_IS:
    case AST_SCOPE_IS_IN:
        buf_add_c(out, "{\"op\":\"is\",\"entity_type\":");
        json_escape(out, scope->type.text);
        if (scope->kind == AST_SCOPE_IS_IN) {
            buf_add_c(out, ",\"in\":{");
            write_target(out, scope);
            buf_add_byte(out, '}');
        }
        buf_add_byte(out, '}');
        return;
    }
    NOT_REACHED();
    buf_fail(out, ERR_INTERNAL);
}

static void write_annotations(struct writer *w, const struct ast_policy *policy) {
    struct arena_mark mark = arena_mark(w->temp);
    const struct ast_annotation **sorted = print_sorted_annotations(w->temp, policy);
    if (sorted == NULL) {
        buf_fail(w->out, arena_error(w->temp));
        return;
    }
    buf_add_c(w->out, ",\"annotations\":{");
    for (size_t i = 0; i < policy->annotation_count; i++) {
        buf_add_c(w->out, i == 0 ? "" : ",");
        json_escape(w->out, sorted[i]->name);
        buf_add_byte(w->out, ':');
        if (sorted[i]->has_value) {
            json_escape(w->out, sorted[i]->value);
        } else {
            buf_add_c(w->out, "null");
        }
    }
    buf_add_byte(w->out, '}');
    arena_reset(w->temp, mark);
}

void policy_json_write(struct buf *out, struct arena *temp, const struct ast_policy *policy) {
    struct writer w = {out, temp};
    buf_add_c(out, policy->is_forbid ? "{\"effect\":\"forbid\"" : "{\"effect\":\"permit\"");
    write_scope(out, ",\"principal\":", &policy->principal);
    write_scope(out, ",\"action\":", &policy->action);
    write_scope(out, ",\"resource\":", &policy->resource);
    buf_add_c(out, ",\"conditions\":[");
    for (size_t i = 0; i < policy->clause_count; i++) {
        buf_add_c(out, i == 0 ? "" : ",");
        buf_add_c(out, policy->clauses[i].is_unless ? "{\"kind\":\"unless\",\"body\":"
                                                    : "{\"kind\":\"when\",\"body\":");
        write_expr(&w, policy->clauses[i].body);
        buf_add_byte(out, '}');
    }
    buf_add_byte(out, ']');
    if (policy->annotation_count > 0) {
        write_annotations(&w, policy);
    }
    buf_add_byte(out, '}');
}

void policy_json_write_link(struct buf *out, const struct policy_link *link) {
    buf_add_c(out, "{\"templateId\":");
    json_escape(out, link->template_id);
    buf_add_c(out, ",\"newId\":");
    json_escape(out, link->new_id);
    buf_add_c(out, ",\"values\":{");
    if (link->has_principal) {
        buf_add_c(out, "\"?principal\":");
        write_uid(out, &link->principal);
    }
    if (link->has_resource) {
        buf_add_c(out, link->has_principal ? ",\"?resource\":" : "\"?resource\":");
        write_uid(out, &link->resource);
    }
    buf_add_c(out, "}}");
}
