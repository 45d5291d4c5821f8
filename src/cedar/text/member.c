/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/text/parse_int.h"

#include "cedar/ext/functions.h"
#include "cedar/value/value.h"

static const char what_member[] = "a `.` expression";

/* ---- names --------------------------------------------------------------------------- */

static bool is_reserved(enum token_kind kind) {
    return kind != TOKEN_IDENT;
}

void member_reserved(struct parser *p, struct ast_span span, struct ast_span word) {
    parse_broken(p, span, "this identifier is reserved and cannot be used: %.*s",
                 STR_FMT(parse_quote(p, word)));
}

static void report_cedar(struct parser *p, struct ast_span span, str name) {
    str shown = name.len > 100 ? parse_quote(p, span) : name;
    parse_broken(p, span, "The name `%.*s` contains `__cedar`, which is reserved", STR_FMT(shown));
}

static bool is_cedar(str word) {
    return str_equal(word, STR("__cedar"));
}

bool member_check_word(struct parser *p, struct ast_span word) {
    str text = parse_slice(p, word);
    if (is_cedar(text)) {
        report_cedar(p, word, text);
        return false;
    }
    if (!ast_is_identifier(text)) {
        member_reserved(p, word, word);
        return false;
    }
    return true;
}

/* The words of a name, joined without the space between them. */
static err join_name(struct parser *p, struct ast_span span, str *ret) {
    char *joined = arena_alloc(p->arena, span.end - span.start);
    if (joined == NULL) {
        return arena_error(p->arena);
    }
    struct lexer lexer = {.text = str_slice(p->text, 0, span.end), .at = span.start};
    struct token token;
    size_t len = 0;
    for (lex_next(&lexer, &token); token.kind != TOKEN_END; lex_next(&lexer, &token)) {
        str piece = parse_slice(p, token.span);
        memcpy(joined + len, piece.ptr, piece.len);
        len += piece.len;
    }
    *ret = str_make(joined, len);
    return ERR_OK;
}

/* Checks every word of a name; reports each bad one. */
static bool check_name(struct parser *p, struct ast_span span, str name) {
    struct lexer lexer = {.text = str_slice(p->text, 0, span.end), .at = span.start};
    struct token token;
    bool is_good = true;
    bool has_cedar = false;
    for (lex_next(&lexer, &token); token.kind != TOKEN_END; lex_next(&lexer, &token)) {
        if (token.kind == TOKEN_PATH) {
            continue;
        }
        if (is_reserved(token.kind)) {
            member_reserved(p, token.span, token.span);
            is_good = false;
        }
        has_cedar = has_cedar || is_cedar(parse_slice(p, token.span));
    }
    if (is_good && has_cedar) {
        report_cedar(p, span, name);
        is_good = false;
    }
    return is_good;
}

/* `::` "id", with the type's name read and checked. */
static err entity_literal(struct parser *p, const struct ast_name *type, bool is_bad) {
    struct ast_span literal = p->token.span;
    struct ast_span span = parse_span(type->span.start, literal.end);
    struct ast_expr node = {.kind = AST_ENTITY, .span = span, .uid = {.type = *type, .span = span}};
    parse_advance(p);
    TRY(build_string(p, literal, span, &node.uid.id));
    if (is_bad || node.uid.id.ptr == NULL) {
        build_bad(p, span, NULL);
        return ERR_OK;
    }
    return build_node(p, &node, 0, LEVEL_MEMBER, NULL);
}

/* `T::{ name: literal, … }`, an old form that is read to be refused. */
static err record_entity(struct parser *p, uint32_t start) {
    parse_advance(p);
    while (p->token.kind != TOKEN_RBRACE) {
        if (!lex_is_word(p->token.kind)) {
            return parse_unexpected(p, TOKEN_BIT(TOKEN_IDENT) | TOKEN_BIT(TOKEN_RBRACE));
        }
        parse_advance(p);
        TRY(parse_expect(p, TOKEN_COLON, TOKEN_BIT(TOKEN_COLON)));
        token_set literals = TOKEN_BIT(TOKEN_TRUE) | TOKEN_BIT(TOKEN_FALSE) |
                             TOKEN_BIT(TOKEN_NUMBER) | TOKEN_BIT(TOKEN_STRING);
        if ((literals & TOKEN_BIT(p->token.kind)) == 0) {
            return parse_unexpected(p, literals);
        }
        parse_advance(p);
        if (p->token.kind != TOKEN_COMMA) {
            break;
        }
        parse_advance(p);
    }
    TRY(parse_expect(p, TOKEN_RBRACE, TOKEN_BIT(TOKEN_COMMA) | TOKEN_BIT(TOKEN_RBRACE)));
    struct ast_span span = parse_span(start, p->last_end);
    struct diag *diag =
        parse_broken(p, span, "invalid entity literal: %.*s", STR_FMT(parse_quote(p, span)));
    diag_help(p->diags, diag,
              "entity literals should have a form like `Namespace::User::\"alice\"`");
    build_bad(p, span, NULL);
    return ERR_OK;
}

/* `if`, `true` and `false` begin names of several words only. */
static bool needs_more(const struct parser *p, struct ast_span word) {
    str text = parse_slice(p, word);
    return str_equal(text, STR("if")) || str_equal(text, STR("true")) ||
           str_equal(text, STR("false"));
}

err member_name(struct parser *p, struct ast_span first) {
    struct ast_span span = first;
    bool has_gap = false;
    bool is_path = false;
    bool is_entity = false;
    while (p->token.kind == TOKEN_PATH && !is_entity) {
        uint32_t path_start = p->token.span.start;
        parse_advance(p);
        if (!is_path && !lex_is_word(p->token.kind) && needs_more(p, first)) {
            return parse_unexpected(p, TOKEN_BIT(TOKEN_IDENT));
        }
        if (p->token.kind == TOKEN_LBRACE) {
            return record_entity(p, span.start);
        }
        if (p->token.kind == TOKEN_STRING) {
            is_entity = true;
        } else if (lex_is_word(p->token.kind)) {
            has_gap = has_gap || path_start != span.end || p->token.span.start != path_start + 2;
            span.end = p->token.span.end;
            is_path = true;
            parse_advance(p);
        } else {
            return parse_unexpected(p, TOKEN_BIT(TOKEN_LBRACE) | TOKEN_BIT(TOKEN_IDENT) |
                                           TOKEN_BIT(TOKEN_STRING));
        }
    }
    p->name_end = is_entity ? 0 : p->last_end;
    struct ast_name name = {.text = parse_slice(p, span), .span = span};
    if (has_gap) {
        TRY(join_name(p, span, &name.text));
    }
    bool is_bad = is_path ? !check_name(p, span, name.text) : !member_check_word(p, span);
    if (is_entity) {
        return entity_literal(p, &name, is_bad);
    }
    if (is_bad) {
        build_bad(p, span, "name");
    } else {
        p->operand = (struct operand){.kind = OPERAND_NAME,
                                      .level = LEVEL_MEMBER,
                                      .height = 1,
                                      .span = span,
                                      .what = "name",
                                      .name = name};
    }
    return ERR_OK;
}

/* ---- attributes ---------------------------------------------------------------------- */

/* A name that is no variable has no members: says so, up to `end`. */
static bool is_bare_name(const struct operand *operand) {
    static const str variables[] = {STR_INIT("principal"), STR_INIT("action"), STR_INIT("resource"),
                                    STR_INIT("context")};
    if (operand->kind != OPERAND_NAME) {
        return false;
    }
    for (size_t i = 0; i < ARRAY_LEN(variables); i++) {
        if (str_equal(operand->name.text, variables[i])) {
            return false;
        }
    }
    return true;
}

/* A finding about a member is about all of its operand: it grows with the members behind it. */
static void bad_member(struct parser *p, struct ast_span span, size_t finding) {
    build_bad(p, span, what_member);
    p->operand.finding = finding;
    if (finding > 0 && finding <= parse_diag_count(p)) {
        struct diag *diag = &p->diags->items.items[finding - 1];
        if (diag->span.start == span.start) {
            diag->span.end = span.end;
        }
    }
}

static err get_attribute(struct parser *p, const struct operand *object, str attr,
                         struct ast_span span) {
    const struct ast_expr *expr;
    uint32_t height = object->height;
    TRY(build_resolve(p, object, &expr));
    if (expr == NULL || attr.ptr == NULL) {
        bad_member(p, span, object->finding);
        return ERR_OK;
    }
    struct ast_expr node = {.kind = AST_GET, .span = span, .get = {.object = expr, .attr = attr}};
    return build_node(p, &node, height, LEVEL_MEMBER, what_member);
}

static err open_method(struct parser *p, str name) {
    struct frame frame = {.kind = FRAME_CALL,
                          .is_method = true,
                          .start = p->operand.span.start,
                          .left = p->operand,
                          .name = name};
    TRY(expr_open(p, frame));
    if (is_bare_name(&p->operand)) {
        build_bad(p, frame.left.span, what_member); /* member_call says why */
    }
    TRY(build_push_item(p, TOKEN_END));
    parse_advance(p);
    return ERR_OK;
}

err member_dot(struct parser *p, bool *ret_is_open) {
    parse_advance(p);
    if (!lex_is_word(p->token.kind)) {
        return parse_unexpected(p, TOKEN_BIT(TOKEN_IDENT));
    }
    struct ast_span word = p->token.span;
    struct operand object = p->operand;
    struct ast_span span = parse_span(object.span.start, word.end);
    str attr = member_check_word(p, word) ? parse_slice(p, word) : str_make(NULL, 0);
    parse_advance(p);
    *ret_is_open = p->token.kind == TOKEN_LPAREN;
    if (*ret_is_open) {
        return open_method(p, attr);
    }
    if (is_bare_name(&object)) {
        parse_broken(p, span, "invalid member access `%.*s`, `%.*s` has no fields or methods",
                     STR_FMT(parse_quote(p, span)), STR_FMT(parse_quote(p, object.span)));
        bad_member(p, span, parse_diag_count(p));
        return ERR_OK;
    }
    return get_attribute(p, &object, attr, span);
}

err member_open_index(struct parser *p) {
    struct frame frame = {.kind = FRAME_INDEX, .start = p->operand.span.start, .left = p->operand};
    TRY(expr_open(p, frame));
    parse_advance(p);
    return ERR_OK;
}

err member_index(struct parser *p, const struct frame *frame) {
    struct ast_span span = parse_span(frame->start, p->last_end);
    str attr = {NULL, 0};
    if (p->operand.kind == OPERAND_STRING) {
        TRY(build_string(p, p->operand.span, p->operand.span, &attr));
    } else if (p->operand.kind != OPERAND_BAD) {
        struct ast_span inner = parse_inner_span(&p->operand);
        parse_broken(p, inner, "invalid string literal: %.*s", STR_FMT(parse_quote(p, inner)));
    }
    struct operand object = frame->left;
    if (is_bare_name(&object)) {
        char shown[200];
        struct buf index;
        buf_init_fixed(&index, shown, sizeof shown);
        escape_debug(&index, attr);
        str name = parse_quote(p, object.span);
        parse_broken(p, span, "invalid indexing expression `%.*s[\"%.*s\"]`, `%.*s` has no fields",
                     STR_FMT(name), STR_FMT(buf_str(&index)), STR_FMT(name));
        bad_member(p, span, parse_diag_count(p));
        return ERR_OK;
    }
    return get_attribute(p, &object, attr, span);
}

/* ---- has ----------------------------------------------------------------------------- */

/* What would make more of an operand that has just been read. */
static bool continues_operand(enum token_kind kind) {
    token_set tokens = TOKEN_BIT(TOKEN_DOT) | TOKEN_BIT(TOKEN_LPAREN) | TOKEN_BIT(TOKEN_LBRACKET) |
                       TOKEN_BIT(TOKEN_PATH) | TOKEN_BIT(TOKEN_PLUS) | TOKEN_BIT(TOKEN_MINUS) |
                       TOKEN_BIT(TOKEN_STAR) | TOKEN_BIT(TOKEN_SLASH) | TOKEN_BIT(TOKEN_PERCENT);
    return (tokens & TOKEN_BIT(kind)) != 0;
}

/* Looks ahead: a path or one string, and nothing that makes it something else. */
static bool is_has_path(const struct parser *p, size_t *ret_count) {
    struct lexer lexer = p->lexer;
    struct token token = p->token;
    *ret_count = 1;
    if (token.kind == TOKEN_STRING) {
        lex_next(&lexer, &token);
        return !continues_operand(token.kind);
    }
    while (lex_is_word(token.kind)) {
        lex_next(&lexer, &token);
        if (token.kind != TOKEN_DOT) {
            return !continues_operand(token.kind);
        }
        lex_next(&lexer, &token);
        ++*ret_count;
    }
    return false;
}

err member_has(struct parser *p, const struct operand *left, bool *ret_is_path) {
    size_t count;
    *ret_is_path = is_has_path(p, &count);
    if (!*ret_is_path) {
        return ERR_OK;
    }
    str *path = ARENA_ARRAY(p->arena, str, count);
    if (path == NULL) {
        return arena_error(p->arena);
    }
    bool is_bad = left->kind == OPERAND_BAD;
    for (size_t i = 0; i < count; i++) {
        if (i > 0) {
            parse_advance(p); /* the dot */
        }
        struct ast_span span = p->token.span;
        if (p->token.kind == TOKEN_STRING) {
            TRY(build_string(p, span, span, &path[i]));
        } else if (member_check_word(p, span)) {
            path[i] = parse_slice(p, span);
        }
        bool is_name = count == 1 && p->token.kind != TOKEN_STRING && p->token.kind != TOKEN_IF;
        is_bad = is_bad || path[i].ptr == NULL;
        parse_advance(p);
        p->name_end = is_name ? p->last_end : 0;
    }
    struct ast_span span = parse_span(left->span.start, p->last_end);
    if (is_bad) {
        build_bad(p, span, "a `has` expression");
        p->operand.level = LEVEL_RELATION;
        return ERR_OK;
    }
    struct ast_expr node = {
        .kind = AST_HAS,
        .span = span,
        .has = {.object = left->expr, .path = path, .count = count},
    };
    return build_node(p, &node, left->height, LEVEL_RELATION, "a `has` expression");
}

/* ---- calls --------------------------------------------------------------------------- */

/* Methods that are operators of the language; every other function is an extension. */
static const struct builtin {
    str name;
    enum ast_op op;
    size_t arity; /* without the receiver */
} builtins[] = {
    {STR_INIT("contains"), AST_OP_CONTAINS, 1},
    {STR_INIT("containsAll"), AST_OP_CONTAINS_ALL, 1},
    {STR_INIT("containsAny"), AST_OP_CONTAINS_ANY, 1},
    {STR_INIT("getTag"), AST_OP_GET_TAG, 1},
    {STR_INIT("hasTag"), AST_OP_HAS_TAG, 1},
    {STR_INIT("isEmpty"), AST_OP_IS_EMPTY, 0},
};

static const struct builtin *find_builtin(str name) {
    for (size_t i = 0; i < ARRAY_LEN(builtins); i++) {
        if (str_equal(name, builtins[i].name)) {
            return &builtins[i];
        }
    }
    return NULL;
}

enum { SUGGESTIONS_MAX = 64, SUGGESTION_DISTANCE = 3 };

static void report_unknown(struct parser *p, struct ast_span span, str name, bool is_method) {
    str known[SUGGESTIONS_MAX];
    size_t count = 0;
    for (size_t i = 0; is_method && i < ARRAY_LEN(builtins); i++) {
        known[count++] = builtins[i].name;
    }
    for (size_t i = 0; i < ext_function_count() && count < SUGGESTIONS_MAX; i++) {
        const struct ext_function *function = ext_function_get(i);
        if ((function->style == EXT_METHOD) == is_method) {
            known[count++] = function->name;
        }
    }
    struct diag *diag = parse_broken(p, span, "`%.*s` is not a valid %s",
                                     STR_FMT(str_slice(name, 0, name.len < 100 ? name.len : 100)),
                                     is_method ? "method" : "function");
    str nearest = str_nearest_within(name, known, count, SUGGESTION_DISTANCE);
    if (nearest.ptr == NULL) {
        nearest = str_nearest(name, known, count); /* longer names, or in the other case */
    }
    if (nearest.ptr != NULL) {
        diag_help(p->diags, diag, "did you mean `%.*s`?", STR_FMT(nearest));
    }
}

/* The style is the function's own; says so when the other one was written. */
static bool check_style(struct parser *p, struct ast_span span, str name, bool is_method) {
    const struct ext_function *function = ext_function_find(name);
    bool is_known_method =
        find_builtin(name) != NULL || (function != NULL && function->style == EXT_METHOD);
    bool is_known_function = function != NULL && function->style == EXT_FUNCTION;
    if (!is_known_method && !is_known_function) {
        report_unknown(p, span, name, is_method);
        return false;
    }
    if (is_method && !is_known_method) {
        struct diag *diag =
            parse_broken(p, span, "`%.*s` is a function, not a method", STR_FMT(name));
        diag_help(p->diags, diag, "use a function-style call `%.*s(..)`", STR_FMT(name));
        return false;
    }
    if (!is_method && !is_known_function) {
        struct diag *diag =
            parse_broken(p, span, "`%.*s` is a method, not a function", STR_FMT(name));
        diag_help(p->diags, diag, "use a method-style call `e.%.*s(..)`", STR_FMT(name));
        return false;
    }
    return true;
}

err member_open_call(struct parser *p) {
    TRY(expr_open(
        p, (struct frame){.kind = FRAME_CALL, .start = p->operand.span.start, .left = p->operand}));
    parse_advance(p);
    return ERR_OK;
}

/* The function's name, or absent after a finding. */
static str called_name(struct parser *p, const struct frame *frame, struct ast_span span) {
    const struct operand *callee = &frame->left;
    str none = {NULL, 0};
    if (frame->is_method) {
        if (is_bare_name(callee) && frame->name.ptr != NULL) {
            str object = parse_quote(p, callee->span);
            parse_broken(p, span,
                         "attempted to call `%.*s.%.*s(...)`, but `%.*s` does not have any methods",
                         STR_FMT(object), STR_FMT(frame->name), STR_FMT(object));
        }
        return frame->name;
    }
    if (callee->kind == OPERAND_BAD) {
        return none;
    }
    if (callee->kind != OPERAND_NAME) {
        parse_broken(p, span, "function calls must be of the form `<name>(arg1, arg2, ...)`");
        return none;
    }
    if (!is_bare_name(callee)) {
        struct diag *diag = parse_broken(p, span, "`%.*s(...)` is not a valid function call",
                                         STR_FMT(callee->name.text));
        diag_help(p->diags, diag, "variables cannot be called as functions");
        return none;
    }
    return callee->name.text;
}

static err build_builtin(struct parser *p, const struct builtin *builtin,
                         const struct ast_expr *const *args, size_t count, uint32_t height,
                         struct ast_span span) {
    size_t given = count - 1;
    if (given != builtin->arity) {
        parse_broken(p, span,
                     "call to `%.*s` requires exactly %zu argument%s, but got %zu argument%s",
                     STR_FMT(builtin->name), builtin->arity, builtin->arity == 1 ? "" : "s", given,
                     given == 1 ? "" : "s");
        bad_member(p, span, parse_diag_count(p));
        return ERR_OK;
    }
    struct ast_expr node = {.span = span};
    if (builtin->arity == 0) {
        node.kind = AST_UNARY;
        node.unary.op = builtin->op;
        node.unary.operand = args[0];
    } else {
        node.kind = AST_BINARY;
        node.binary.op = builtin->op;
        node.binary.left = args[0];
        node.binary.right = args[1];
    }
    return build_node(p, &node, height, LEVEL_MEMBER, what_member);
}

err member_call(struct parser *p, const struct frame *frame) {
    struct ast_span span = parse_span(frame->start, p->last_end);
    const struct ast_expr *const *args;
    size_t count;
    TRY(build_take_items(p, frame->base, &args, &count));
    size_t before = parse_diag_count(p);
    str name = called_name(p, frame, span);
    if (args == NULL || name.ptr == NULL || !check_style(p, span, name, frame->is_method)) {
        size_t now = parse_diag_count(p);
        bad_member(p, span, now > before ? now : frame->left.finding);
        return ERR_OK;
    }
    const struct builtin *builtin = find_builtin(name);
    if (builtin != NULL) {
        return build_builtin(p, builtin, args, count, frame->height, span);
    }
    struct ast_expr node = {
        .kind = AST_CALL,
        .span = span,
        .call = {.name = name, .is_method = frame->is_method, .count = count, .args = args},
    };
    return build_node(p, &node, frame->height, LEVEL_MEMBER, what_member);
}
