/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/text/parse.h"

#include "base/utf8.h"
#include "cedar/text/parse_int.h"

const struct parse_limits parse_limits_default = {.max_bytes = (size_t)64 << 20, .max_depth = 1000};

/* ---- start --------------------------------------------------------------------------- */

static err start(struct parser *p, struct arena *a, str text, const struct parse_limits *limits,
                 struct diag_list *diags) {
    *p = (struct parser){.arena = a,
                         .stacks = a,
                         .text = text.ptr == NULL ? STR("") : text,
                         .limits = limits == NULL ? &parse_limits_default : limits,
                         .diags = diags,
                         .first_diag = diags == NULL ? 0 : diags->items.count,
                         .lexer = {.text = text}};
    size_t max_bytes = p->limits->max_bytes < UINT32_MAX ? p->limits->max_bytes : UINT32_MAX - 1;
    if (text.len > max_bytes) {
        parse_broken(p, parse_span(0, 0), "the text has %zu bytes, the limit is %zu", text.len,
                     max_bytes);
        return ERR_LIMIT;
    }
    size_t bad;
    if (!utf8_is_valid(text, &bad)) {
        parse_broken(p, parse_span((uint32_t)bad, (uint32_t)bad + 1),
                     "the text is not valid UTF-8");
        return ERR_SYNTAX;
    }
    lex_next(&p->lexer, &p->token);
    return ERR_OK;
}

static err finish(const struct parser *p) {
    return p->error_count + p->syntax_count == 0 ? ERR_OK : ERR_SYNTAX;
}

/* ---- policies ------------------------------------------------------------------------ */

static err parse_annotation(struct parser *p, struct ast_annotation *ret) {
    struct ast_span span = p->token.span;
    parse_advance(p);
    if (!lex_is_word(p->token.kind)) {
        return parse_unexpected(p, TOKEN_BIT(TOKEN_IDENT));
    }
    *ret = (struct ast_annotation){.name = parse_slice(p, p->token.span), .value = STR("")};
    parse_advance(p);
    ret->span = parse_span(span.start, p->last_end);
    if (p->token.kind != TOKEN_LPAREN) {
        return ERR_OK;
    }
    parse_advance(p);
    struct ast_span literal = p->token.span;
    TRY(parse_expect(p, TOKEN_STRING, TOKEN_BIT(TOKEN_STRING)));
    TRY(parse_expect(p, TOKEN_RPAREN, TOKEN_BIT(TOKEN_RPAREN)));
    ret->span.end = p->last_end;
    ret->has_value = true;
    return build_string(p, literal, ret->span, &ret->value);
}

static err check_annotations(struct parser *p, const struct ast_policy *policy) {
    struct arena_mark mark = arena_mark(p->arena);
    str *names = ARENA_ARRAY(p->arena, str, policy->annotation_count);
    if (names == NULL) {
        return arena_error(p->arena);
    }
    for (size_t i = 0; i < policy->annotation_count; i++) {
        names[i] = policy->annotations[i].name;
    }
    size_t repeat;
    TRY(parse_first_repeat(p, names, policy->annotation_count, &repeat));
    arena_reset(p->arena, mark);
    if (repeat != SIZE_MAX) {
        parse_broken(p, policy->annotations[repeat].span, "duplicate annotation: @%.*s",
                     STR_FMT(policy->annotations[repeat].name));
    }
    return ERR_OK;
}

static err parse_annotations(struct parser *p, struct ast_policy *policy) {
    VEC(struct ast_annotation) list = {0};
    while (p->token.kind == TOKEN_AT) {
        struct ast_annotation annotation;
        TRY(parse_annotation(p, &annotation));
        if (!VEC_PUSH(p->arena, &list, annotation)) {
            return arena_error(p->arena);
        }
    }
    policy->annotations = list.items;
    policy->annotation_count = list.count;
    return list.count > 1 ? check_annotations(p, policy) : ERR_OK;
}

static err parse_effect(struct parser *p, struct ast_policy *policy) {
    if (!lex_is_word(p->token.kind)) {
        bool is_bare = policy->annotation_count > 0 &&
                       !policy->annotations[policy->annotation_count - 1].has_value;
        return parse_unexpected(p, TOKEN_BIT(TOKEN_AT) | TOKEN_BIT(TOKEN_IDENT) |
                                       (is_bare ? TOKEN_BIT(TOKEN_LPAREN) : 0));
    }
    str word = parse_slice(p, p->token.span);
    policy->is_forbid = str_equal(word, STR("forbid"));
    if (!policy->is_forbid && !str_equal(word, STR("permit"))) {
        struct diag *diag = parse_broken(p, p->token.span, "invalid policy effect: %.*s",
                                         STR_FMT(parse_quote(p, p->token.span)));
        diag_help(p->diags, diag, "effect must be either `permit` or `forbid`");
    }
    parse_advance(p);
    return ERR_OK;
}

/* `when { … }` or `unless { … }`; ret->body is NULL when it was bad. */
static err parse_clause(struct parser *p, struct ast_clause *ret, uint32_t *ret_depth) {
    struct ast_span word = p->token.span;
    str text = parse_slice(p, word);
    *ret = (struct ast_clause){.is_unless = str_equal(text, STR("unless"))};
    if (!ret->is_unless && !str_equal(text, STR("when"))) {
        struct diag *diag =
            parse_broken(p, word, "invalid policy condition: %.*s", STR_FMT(parse_quote(p, word)));
        diag_help(p->diags, diag, "condition must be either `when` or `unless`");
    }
    parse_advance(p);
    TRY(parse_expect(p, TOKEN_LBRACE, TOKEN_BIT(TOKEN_LBRACE)));
    *ret_depth = 0;
    if (p->token.kind == TOKEN_RBRACE) {
        parse_advance(p);
        p->closed_kind = FRAME_BODY;
        p->closed_end = p->last_end;
        ret->span = parse_span(word.start, p->last_end);
        parse_broken(p, ret->span, "`%.*s` condition clause cannot be empty",
                     STR_FMT(parse_quote(p, word)));
        return ERR_OK;
    }
    p->clause = ret->is_unless ? "unless" : "when";
    err error = expr_parse(p, TOKEN_BIT(TOKEN_RBRACE));
    p->clause = NULL;
    TRY(error);
    parse_advance(p);
    p->closed_kind = FRAME_BODY;
    p->closed_end = p->last_end;
    ret->span = parse_span(word.start, p->last_end);
    *ret_depth = p->operand.height;
    return build_resolve(p, &p->operand, &ret->body);
}

static err parse_clauses(struct parser *p, struct ast_policy *policy) {
    VEC(struct ast_clause) list = {0};
    err error;
    do {
        while (lex_is_word(p->token.kind)) {
            struct ast_clause clause;
            uint32_t depth;
            TRY(parse_clause(p, &clause, &depth));
            policy->depth = depth > policy->depth ? depth : policy->depth;
            if (!VEC_PUSH(p->arena, &list, clause)) {
                return arena_error(p->arena);
            }
        }
        token_set expected = TOKEN_BIT(TOKEN_SEMICOLON) | TOKEN_BIT(TOKEN_IDENT);
        error = parse_expect(p, TOKEN_SEMICOLON, expected);
    } while (error == ERR_SYNTAX && recover_clause(p));
    policy->clauses = list.items;
    policy->clause_count = list.count;
    return error;
}

static err parse_policy(struct parser *p, struct ast_policy *policy) {
    uint32_t begin = p->token.span.start;
    TRY(parse_annotations(p, policy));
    TRY(parse_effect(p, policy));
    TRY(scope_parse(p, policy));
    TRY(parse_clauses(p, policy));
    policy->span = parse_span(begin, p->last_end);
    return ERR_OK;
}

struct policy_stream {
    struct parser parser;
    size_t count;             /* of policies met */
    struct ast_policy policy; /* the one at hand */
};

err policy_stream_open(struct arena *a, str text, const struct parse_limits *limits,
                       struct diag_list *diags, struct policy_stream **ret) {
    struct policy_stream *stream = ARENA_NEW(a, struct policy_stream);
    if (stream == NULL) {
        return arena_error(a);
    }
    TRY(start(&stream->parser, a, text, limits, diags));
    *ret = stream;
    return ERR_OK;
}

/* "policy7" */
static err make_id(struct arena *a, size_t number, str *ret) {
    char text[32] = "policy";
    char digits[24];
    size_t count = 0;
    do {
        digits[count++] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    size_t len = 6;
    while (count > 0) {
        text[len++] = digits[--count];
    }
    return arena_copy(a, str_make(text, len), ret);
}

static err next_policy(struct policy_stream *stream, struct arena *tree) {
    struct parser *p = &stream->parser;
    p->arena = tree;
    stream->policy = (struct ast_policy){0};
    TRY(make_id(tree, stream->count++, &stream->policy.id));
    err error = parse_policy(p, &stream->policy);
    if (error == ERR_SYNTAX) {
        recover_policy(p);
        return ERR_OK; /* it has a finding */
    }
    return error;
}

err policy_stream_next(struct policy_stream *stream, struct arena *tree,
                       const struct ast_policy **ret_policy) {
    struct parser *p = &stream->parser;
    while (p->token.kind != TOKEN_END) {
        struct arena_mark mark = arena_mark(tree);
        TRY(next_policy(stream, tree));
        if (finish(p) == ERR_OK) {
            *ret_policy = &stream->policy;
            return ERR_OK;
        }
        if (tree != p->stacks) {
            arena_reset(tree, mark);
        }
    }
    *ret_policy = NULL;
    return finish(p);
}

err parse_policy_set(struct arena *a, str text, const struct parse_limits *limits,
                     const struct ast_policy_set **ret, struct diag_list *diags) {
    struct policy_stream *stream = NULL; /* for compilers that do not follow TRY */
    const struct ast_policy *policy = NULL;
    VEC(struct ast_policy) policies = {0};
    TRY(policy_stream_open(a, text, limits, diags, &stream));
    for (;;) {
        TRY(policy_stream_next(stream, a, &policy));
        if (policy == NULL) {
            break;
        }
        if (!VEC_PUSH(a, &policies, *policy)) {
            return arena_error(a);
        }
    }
    struct ast_policy_set *set = ARENA_NEW(a, struct ast_policy_set);
    if (set == NULL) {
        return arena_error(a);
    }
    *set = (struct ast_policy_set){
        .source = stream->parser.text, .count = policies.count, .policies = policies.items};
    *ret = set;
    return ERR_OK;
}

/* ---- parts --------------------------------------------------------------------------- */

err parse_expr(struct arena *a, str text, const struct parse_limits *limits,
               const struct ast_expr **ret, struct diag_list *diags) {
    struct parser p;
    TRY(start(&p, a, text, limits, diags));
    TRY(expr_parse(&p, TOKEN_BIT(TOKEN_END)));
    const struct ast_expr *expr;
    TRY(build_resolve(&p, &p.operand, &expr));
    TRY(finish(&p));
    *ret = expr;
    return ERR_OK;
}

/* A name or entity literal as the whole text, into p->operand. */
static err parse_name_only(struct parser *p) {
    struct ast_span first = p->token.span;
    if (!lex_is_word(p->token.kind)) {
        return parse_unexpected(p, TOKEN_BIT(TOKEN_IDENT));
    }
    bool is_keyword =
        p->token.kind == TOKEN_IF || p->token.kind == TOKEN_TRUE || p->token.kind == TOKEN_FALSE;
    parse_advance(p);
    if (is_keyword && p->token.kind != TOKEN_PATH) {
        return parse_unexpected(p, TOKEN_BIT(TOKEN_PATH));
    }
    TRY(member_name(p, first));
    if (p->token.kind != TOKEN_END) {
        return parse_unexpected(p, p->operand.kind == OPERAND_NAME ? TOKEN_BIT(TOKEN_PATH) : 0);
    }
    return finish(p);
}

err parse_uid(struct arena *a, str text, const struct parse_limits *limits, struct ast_uid *ret,
              struct diag_list *diags) {
    struct parser p;
    TRY(start(&p, a, text, limits, diags));
    TRY(parse_name_only(&p));
    if (p.operand.kind != OPERAND_EXPR) {
        return parse_unexpected(&p, TOKEN_BIT(TOKEN_PATH));
    }
    *ret = p.operand.expr->uid;
    return ERR_OK;
}

err parse_type_name(struct arena *a, str text, const struct parse_limits *limits,
                    struct ast_name *ret, struct diag_list *diags) {
    struct parser p;
    TRY(start(&p, a, text, limits, diags));
    TRY(parse_name_only(&p));
    if (p.operand.kind != OPERAND_NAME) {
        parse_broken(&p, p.operand.span, "expected an entity type name, found an entity uid");
        return ERR_SYNTAX;
    }
    *ret = p.operand.name;
    return ERR_OK;
}
