/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/text/parse_int.h"

#include "cedar/value/value.h"

#include <stdio.h>

#define TOKENS_SCOPE_OPERATOR                                                                \
    (TOKEN_BIT(TOKEN_EQ) | TOKEN_BIT(TOKEN_NE) | TOKEN_BIT(TOKEN_LT) | TOKEN_BIT(TOKEN_LE) | \
     TOKEN_BIT(TOKEN_GT) | TOKEN_BIT(TOKEN_GE) | TOKEN_BIT(TOKEN_IN) | TOKEN_BIT(TOKEN_ASSIGN))
#define TOKENS_ELEMENT_END (TOKEN_BIT(TOKEN_COMMA) | TOKEN_BIT(TOKEN_RPAREN))

static const char help_order[] =
    "policy scopes must contain a `principal`, `action`, and `resource` element in that order";

static const struct {
    str name;
    enum ast_slot slot;
} variables[] = {
    {STR_INIT("principal"), AST_SLOT_PRINCIPAL},
    {STR_INIT("action"), AST_SLOT_NONE},
    {STR_INIT("resource"), AST_SLOT_RESOURCE},
};

enum { SCOPE_PRINCIPAL, SCOPE_ACTION, SCOPE_RESOURCE };

/* One element of the scope as it was written. */
struct element {
    size_t index; /* its place: 0 principal, 1 action, 2 resource, more: too many */
    struct ast_span span;
    struct ast_span word;
    bool has_colon;
    struct ast_span colon_type;
    bool has_is;
    struct ast_name is_type;
    enum token_kind op; /* TOKEN_END: none */
    struct ast_span op_span;
    struct operand value;
};

/* ---- values -------------------------------------------------------------------------- */

/* What was expected at this place, as messages put it. */
struct wanted {
    const char *uid;  /* "an entity uid", … */
    const char *only; /* instead of a list or slot: "single entity uid", … */
    bool is_action;
};

static void report_found(struct parser *p, const struct wanted *wanted,
                         const struct operand *value) {
    struct ast_span span = value->kind == OPERAND_NAME ? value->name.span : parse_inner_span(value);
    bool is_name = str_equal_c(STR("name"), value->what);
    bool is_quoted = is_name || str_equal_c(STR("literal"), value->what);
    struct diag *diag =
        is_quoted ? parse_broken(p, span, "expected %s, found %s `%.*s`", wanted->uid, value->what,
                                 STR_FMT(parse_quote(p, span)))
                  : parse_broken(p, span, "expected %s, found %s", wanted->uid, value->what);
    if (is_name) {
        diag_help(p->diags, diag,
                  "try %sincluding an identifier string if you intended this name to be an entity "
                  "uid",
                  wanted->is_action ? "" : "using `is` to test for an entity type or ");
    } else if (value->kind == OPERAND_STRING) {
        diag_help(p->diags, diag,
                  "try including the entity type if you intended this string to be an entity uid");
    } else if (str_equal_c(STR("a `||` expression"), value->what)) {
        diag_help(p->diags, diag,
                  "the policy scope can only contain one constraint per variable. Consider moving "
                  "the second operand of this `||` into a new policy");
    } else if (str_equal_c(STR("a `&&` expression"), value->what)) {
        diag_help(p->diags, diag,
                  "the policy scope can only contain one constraint per variable. Consider moving "
                  "the second operand of this `&&` into a `when` condition");
    } else if (str_equal_c(STR("a `+/-` expression"), value->what)) {
        diag_help(p->diags, diag,
                  "entity types and namespaces cannot use `+` or `-` characters -- perhaps try "
                  "`_` or `::` instead?");
    } else if (str_equal_c(STR("a `.` expression"), value->what)) {
        diag_help(p->diags, diag,
                  "entity types and namespaces cannot use `.` characters -- perhaps try `_` or "
                  "`::` instead?");
    }
}

static err parse_value(struct parser *p, const struct element *element, struct operand *ret) {
    size_t diag_mark = parse_diag_count(p);
    size_t error_mark = p->error_count;
    p->is_scope_value = true;
    err error = expr_parse(p, TOKENS_ELEMENT_END);
    p->is_scope_value = false;
    TRY(error);
    bool is_usable = element->op == TOKEN_EQ || element->op == TOKEN_IN ||
                     element->index != SCOPE_ACTION; /* see check_operand */
    if (p->operand.what != NULL || !is_usable) {
        /* It has the wrong shape as a whole; what is wrong inside does not matter. */
        parse_forget(p, diag_mark, error_mark);
    }
    *ret = p->operand;
    return ERR_OK;
}

/* Principal and resource: an entity, or the slot of that name. */
static void check_entity_or_slot(struct parser *p, const struct element *element,
                                 struct ast_scope *scope) {
    static const struct wanted wanted = {"an entity uid or matching template slot",
                                         "single entity uid or template slot", false};
    const struct operand *value = &element->value;
    if (value->what != NULL) {
        report_found(p, &wanted, value);
    } else if (value->kind != OPERAND_EXPR) {
        return; /* said already */
    } else if (value->expr->kind == AST_SET) {
        parse_broken(p, value->expr->span, "expected %s, found set of entity uids", wanted.only);
    } else if (value->expr->kind == AST_ENTITY) {
        scope->uid = value->expr->uid;
    } else if (value->expr->slot != variables[element->index].slot) {
        parse_broken(p, value->expr->span, "expected %s, found %.*s instead of ?%.*s", wanted.uid,
                     STR_FMT(parse_quote(p, value->expr->span)),
                     STR_FMT(variables[element->index].name));
    } else {
        scope->slot = value->expr->slot;
    }
}

static bool is_action_type(str type) {
    return str_equal(type, STR("Action")) || str_has_suffix(type, STR("::Action"));
}

/* Every action has a type that ends in `Action`; lists those that have not. */
static void check_action_types(struct parser *p, const struct ast_uid *uids, size_t count,
                               struct ast_span span) {
    char list[320];
    size_t len = 0;
    size_t bad = 0;
    size_t total = 0;
    for (size_t i = 0; i < count; i++) {
        total += !is_action_type(uids[i].type.text);
    }
    for (size_t i = 0; i < count && len < sizeof list; i++) {
        if (is_action_type(uids[i].type.text)) {
            continue;
        }
        const char *between = bad == 0          ? ""
                              : bad + 1 < total ? ", "
                              : total == 2      ? " and "
                                                : ", and ";
        char id[200];
        struct buf shown;
        buf_init_fixed(&shown, id, sizeof id);
        escape_debug(&shown, uids[i].id);
        int size = snprintf(list + len, sizeof list - len, "%s`%.*s::\"%.*s\"`", between,
                            STR_FMT(uids[i].type.text), STR_FMT(buf_str(&shown)));
        len += size > 0 ? (size_t)size : 0;
        bad++;
    }
    if (total > 0) {
        len = len < sizeof list ? len : sizeof list - 1;
        struct diag *diag = parse_broken(p, span, "expected %s with type `Action` but got %.*s",
                                         total == 1 ? "an entity uid" : "entity uids",
                                         STR_FMT(str_make(list, len)));
        diag_help(p->diags, diag,
                  "action entities must have type `Action`, optionally in a namespace");
    }
}

static const char *list_item_what(const struct ast_expr *item) {
    switch (item->kind) {
    case AST_BOOL:
    case AST_LONG:
    case AST_STRING:
        return "literal";
    case AST_VAR:
        return "name";
    case AST_CHAIN:
        return item->chain.ops[1] == AST_OP_AND   ? "a `&&` expression"
               : item->chain.ops[1] == AST_OP_OR  ? "a `||` expression"
               : item->chain.ops[1] == AST_OP_MUL ? "a `*` expression"
                                                  : "a `+/-` expression";
    case AST_UNARY:
        return item->unary.op == AST_OP_NOT   ? "a `!` expression"
               : item->unary.op == AST_OP_NEG ? "a `-` expression"
                                              : "a `.` expression";
    case AST_BINARY:
        return item->binary.op >= AST_OP_CONTAINS ? "a `.` expression" : "a binary operator";
    case AST_GET:
    case AST_CALL:
        return "a `.` expression";
    case AST_HAS:
        return "a `has` expression";
    case AST_LIKE:
        return "a `like` expression";
    case AST_IS:
        return "an `is` expression";
    case AST_IF:
        return "an `if` expression";
    case AST_RECORD:
        return "record initializer";
    case AST_ENTITY:
    case AST_SLOT:
    case AST_SET:
        break;
    }
    return NULL;
}

static err check_action_list(struct parser *p, const struct ast_expr *set, struct ast_span span,
                             struct ast_scope *scope) {
    static const struct wanted wanted = {"an entity uid", "single entity uid", true};
    struct ast_uid *uids = ARENA_ARRAY(p->arena, struct ast_uid, set->set.count);
    if (uids == NULL) {
        return arena_error(p->arena);
    }
    size_t errors = p->error_count;
    for (size_t i = 0; i < set->set.count; i++) {
        const struct ast_expr *item = set->set.items[i];
        const char *what = list_item_what(item);
        if (what != NULL) {
            struct operand value = {.kind = item->kind == AST_STRING ? OPERAND_STRING
                                            : item->kind == AST_VAR  ? OPERAND_NAME
                                                                     : OPERAND_EXPR,
                                    .expr = item,
                                    .span = item->span,
                                    .what = what};
            value.name.span = item->span;
            report_found(p, &wanted, &value);
        } else if (item->kind != AST_ENTITY) {
            parse_broken(p, item->span, "expected %s, found %s", wanted.only,
                         item->kind == AST_SLOT ? "template slot" : "set of entity uids");
        } else {
            uids[i] = item->uid;
        }
    }
    if (errors == p->error_count) {
        check_action_types(p, uids, set->set.count, span);
    }
    scope->is_list = true;
    scope->list = uids;
    scope->list_count = set->set.count;
    return ERR_OK;
}

static err check_action(struct parser *p, const struct element *element, struct ast_scope *scope) {
    static const struct wanted wanted_eq = {"an entity uid", "single entity uid", true};
    static const struct wanted wanted_in = {"an entity uid or set of entity uids",
                                            "single entity uid or set of entity uids", true};
    const struct wanted *wanted = element->op == TOKEN_IN ? &wanted_in : &wanted_eq;
    const struct operand *value = &element->value;
    if (value->what != NULL) {
        report_found(p, wanted, value);
        return ERR_OK;
    }
    if (value->kind != OPERAND_EXPR) {
        return ERR_OK; /* said already */
    }
    if (value->expr->kind == AST_SET && element->op == TOKEN_IN) {
        return check_action_list(p, value->expr, value->span, scope);
    }
    if (value->expr->kind != AST_ENTITY) {
        parse_broken(p, value->expr->span, "expected %s, found %s", wanted->only,
                     value->expr->kind == AST_SLOT ? "template slot" : "set of entity uids");
        return ERR_OK;
    }
    check_action_types(p, &value->expr->uid, 1, value->span);
    scope->uid = value->expr->uid;
    return ERR_OK;
}

/* ---- elements ------------------------------------------------------------------------ */

static bool is_variable(const struct parser *p, const struct element *element) {
    str word = parse_slice(p, element->word);
    return str_equal(word, variables[element->index].name);
}

static void report_variable(struct parser *p, const struct element *element) {
    str word = parse_slice(p, element->word);
    bool is_known = false;
    for (size_t i = 0; i < ARRAY_LEN(variables); i++) {
        is_known = is_known || str_equal(word, variables[i].name);
    }
    str shown = parse_quote(p, element->word);
    struct diag *diag =
        is_known
            ? parse_broken(p, element->span,
                           "found the variable `%.*s` where the variable `%.*s` must be used",
                           STR_FMT(shown), STR_FMT(variables[element->index].name))
            : parse_broken(p, element->word, "found an invalid variable in the policy scope: %.*s",
                           STR_FMT(shown));
    diag_help(p->diags, diag, "%s", help_order);
}

/* Operators and combinations that have no place here; false when one was found. */
static bool check_operator(struct parser *p, const struct element *element) {
    bool is_action = element->index == SCOPE_ACTION;
    struct diag *diag;
    if (element->has_colon) {
        diag = parse_broken(p, element->colon_type, "type constraints using `:` are not supported");
        diag_help(p->diags, diag, "try using `is` instead");
        return false;
    }
    if (element->has_is && is_action) {
        diag = parse_broken(p, element->span, "`is` cannot appear in the action scope");
        diag_help(p->diags, diag, "try moving `action is ..` into a `when` condition");
        return false;
    }
    if (element->op == TOKEN_ASSIGN) {
        diag = parse_broken(p, element->span, "'=' is not a valid operator in Cedar");
        diag_help(p->diags, diag, "try using '==' instead");
        return false;
    }
    if (element->op == TOKEN_EQ && element->has_is) {
        diag = parse_broken(p, element->span, "`is` cannot be used together with `==`");
        diag_help(p->diags, diag, "try using `_ is _ in _`");
        return false;
    }
    if (element->op == TOKEN_IN && !is_action &&
        str_equal_c(STR("an `is` expression"), element->value.what)) {
        diag = parse_broken(p, element->span,
                            "when `is` and `in` are used together, `is` must come first");
        diag_help(p->diags, diag, "try `_ is _ in _`");
        return false;
    }
    if (element->op != TOKEN_END && element->op != TOKEN_EQ && element->op != TOKEN_IN) {
        diag = parse_broken(p, element->span, "invalid operator in the %s scope: %.*s",
                            is_action ? "action" : "policy",
                            STR_FMT(parse_slice(p, element->op_span)));
        diag_help(p->diags, diag, "%s",
                  is_action
                      ? "action scope clauses can only use `==` or `in`"
                      : "policy scope clauses can only use `==`, `in`, `is`, or `_ is _ in _`");
        return false;
    }
    return true;
}

/* Of principal and resource what is compared with is looked at before a wrong operator; false if
 * it is wrong already. */
static bool check_operand(struct parser *p, const struct element *element,
                          struct ast_scope *scope) {
    bool is_right = element->op == TOKEN_END || element->op == TOKEN_IN ||
                    (element->op == TOKEN_EQ && !element->has_is);
    if (is_right || element->index == SCOPE_ACTION || element->has_colon) {
        return true;
    }
    size_t errors = p->error_count;
    check_entity_or_slot(p, element, scope);
    return p->error_count == errors && element->value.kind == OPERAND_EXPR;
}

static err check_element(struct parser *p, const struct element *element, struct ast_scope *scope) {
    *scope = (struct ast_scope){.span = element->span};
    if (!is_variable(p, element)) {
        report_variable(p, element);
        return ERR_OK;
    }
    if (!check_operand(p, element, scope) || !check_operator(p, element)) {
        return ERR_OK;
    }
    scope->type = element->is_type;
    scope->kind = element->has_is           ? AST_SCOPE_IS
                  : element->op == TOKEN_EQ ? AST_SCOPE_EQ
                  : element->op == TOKEN_IN ? AST_SCOPE_IN
                                            : AST_SCOPE_ANY;
    if (element->op == TOKEN_END) {
        return ERR_OK;
    }
    if (element->has_is) {
        scope->kind = AST_SCOPE_IS_IN;
    }
    if (element->index == SCOPE_ACTION) {
        return check_action(p, element, scope);
    }
    check_entity_or_slot(p, element, scope);
    return ERR_OK;
}

/* `: T` was never part of the language; it is read to say so. */
static err parse_colon(struct parser *p, struct element *element) {
    parse_advance(p);
    if (!lex_is_word(p->token.kind)) {
        return parse_unexpected(p, TOKEN_BIT(TOKEN_IDENT));
    }
    element->has_colon = true;
    element->colon_type.start = p->token.span.start;
    for (;;) {
        parse_advance(p);
        element->colon_type.end = p->last_end;
        if (p->token.kind != TOKEN_PATH) {
            return ERR_OK;
        }
        parse_advance(p);
        if (!lex_is_word(p->token.kind)) {
            return parse_unexpected(p, TOKEN_BIT(TOKEN_IDENT));
        }
    }
}

static err parse_is(struct parser *p, struct element *element) {
    size_t diag_mark = parse_diag_count(p);
    size_t error_mark = p->error_count;
    parse_advance(p);
    p->is_sum_only = true;
    err error = expr_parse(p, TOKENS_ELEMENT_END | TOKENS_SCOPE_OPERATOR);
    p->is_sum_only = false;
    TRY(error);
    TRY(operator_is_type(p, element->word, &element->is_type));
    element->has_is = true;
    if (element->index == SCOPE_ACTION || element->has_colon) {
        parse_forget(p, diag_mark, error_mark); /* something else is wrong first */
    }
    return ERR_OK;
}

static err parse_element(struct parser *p, size_t index, struct element *ret) {
    token_set next = TOKENS_ELEMENT_END | TOKEN_BIT(TOKEN_COLON) | TOKEN_BIT(TOKEN_IS) |
                     (TOKENS_SCOPE_OPERATOR & ~TOKEN_BIT(TOKEN_ASSIGN));
    struct element *element = ret; /* in place: there are many */
    element->index = index;
    element->word = p->token.span;
    element->has_colon = false;
    element->has_is = false;
    element->is_type = (struct ast_name){.text = {NULL, 0}};
    element->op = TOKEN_END;
    parse_advance(p);
    if (p->token.kind == TOKEN_COLON) {
        TRY(parse_colon(p, element));
        next = (next & ~TOKEN_BIT(TOKEN_COLON)) | TOKEN_BIT(TOKEN_PATH);
    }
    if (p->token.kind == TOKEN_IS) {
        TRY(parse_is(p, element));
        next &= ~(TOKEN_BIT(TOKEN_IS) | TOKEN_BIT(TOKEN_PATH));
    }
    if ((TOKENS_SCOPE_OPERATOR & TOKEN_BIT(p->token.kind)) != 0) {
        element->op = p->token.kind;
        element->op_span = p->token.span;
        parse_advance(p);
        TRY(parse_value(p, element, &element->value));
        next &= ~TOKEN_BIT(TOKEN_PATH);
    }
    if ((TOKENS_ELEMENT_END & TOKEN_BIT(p->token.kind)) == 0) {
        return parse_unexpected(p, next);
    }
    element->span = parse_span(element->word.start, p->last_end);
    return ERR_OK;
}

static void report_extra(struct parser *p, const struct element *element) {
    struct diag *diag =
        parse_broken(p, element->span, "this policy has an extra element in the scope: %.*s",
                     STR_FMT(parse_quote(p, element->span)));
    diag_help(p->diags, diag, "%s", help_order);
}

err scope_parse(struct parser *p, struct ast_policy *policy) {
    struct ast_scope *scopes[] = {&policy->principal, &policy->action, &policy->resource};
    uint32_t end = p->last_end;
    size_t count = 0;
    TRY(parse_expect(p, TOKEN_LPAREN, TOKEN_BIT(TOKEN_LPAREN)));
    while (p->token.kind != TOKEN_RPAREN) {
        if (!lex_is_word(p->token.kind)) {
            return parse_unexpected(p, TOKEN_BIT(TOKEN_RPAREN) | TOKEN_BIT(TOKEN_IDENT));
        }
        size_t diag_mark = parse_diag_count(p);
        size_t error_mark = p->error_count;
        struct element element;
        TRY(parse_element(p, count, &element));
        end = p->last_end;
        if (count < ARRAY_LEN(scopes)) {
            TRY(check_element(p, &element, scopes[count]));
        } else {
            parse_forget(p, diag_mark, error_mark);
            report_extra(p, &element);
        }
        count++;
        if (p->token.kind == TOKEN_COMMA) {
            parse_advance(p);
        }
    }
    parse_advance(p);
    for (size_t i = count; i < ARRAY_LEN(scopes); i++) {
        struct diag *diag = parse_broken(p, parse_span(end, end),
                                         "this policy is missing the `%.*s` variable in the scope",
                                         STR_FMT(variables[i].name));
        diag_help(p->diags, diag, "%s", help_order);
    }
    policy->is_template =
        policy->principal.slot != AST_SLOT_NONE || policy->resource.slot != AST_SLOT_NONE;
    return ERR_OK;
}
