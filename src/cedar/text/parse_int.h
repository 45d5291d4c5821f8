/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_TEXT_PARSE_INT_H
#define CEDAR_TEXT_PARSE_INT_H
/*
 * What the files of the parser share; nobody else includes it.
 *
 *     parse.c    entry points, policies, annotations, clauses
 *     scope.c    the three constraints of a policy's head
 *     expr.c     expressions: a loop with a stack of open constructs (no recursion)
 *     want.c     … where an operand is wanted
 *     follow.c   … what may follow an operand
 *     build.c    nodes: names and literals, lists, records
 *     operator.c nodes of operators
 *     member.c   names, entity literals, attributes, calls
 *     report.c   findings
 *     recover.c  reading on after an error
 *
 * Two sorts of errors. The text does not follow the grammar: the function returns ERR_SYNTAX, and
 * an expression around it, or else the policy, is abandoned. The grammar is kept but a rule is
 * broken: the finding is noted, the operand becomes OPERAND_BAD (which nobody complains about
 * again) and reading goes on. Rules are for texts that follow the grammar: with the first error
 * of the other sort all findings about them are forgotten. Any other `err` ends the parse.
 */
#include "cedar/text/lex.h"
#include "cedar/text/parse.h"
#include "cedar/text/unescape.h"

/* Binding strength of what an operand is made of; also the order of operator frames. */
enum level {
    LEVEL_OR,
    LEVEL_AND,
    LEVEL_RELATION,
    LEVEL_SUM,
    LEVEL_PRODUCT,
    LEVEL_UNARY,
    LEVEL_MEMBER,
};

/* An operand that is a lone name or literal stays what it is until its place in the text says
 * what it means: a variable, a type, an attribute, a record key, a pattern. */
enum operand_kind {
    OPERAND_BAD,
    OPERAND_EXPR,
    OPERAND_NAME,
    OPERAND_STRING, /* the literal is the span */
    OPERAND_NUMBER,
};

struct operand {
    enum operand_kind kind;
    enum level level;
    uint32_t height;      /* levels of the tree below and with it */
    struct ast_span span; /* with its parentheses */
    const char *what;     /* for messages about the scope; NULL for an entity, slot or list */
    size_t finding;       /* OPERAND_BAD: number of the one about its members, from 1 */
    union {
        const struct ast_expr *expr;
        struct ast_name name;
        uint64_t number;
    };
};

/* What is open. The first six take a level (enum level) each; frames from FRAME_NO on are no
 * operators, and from FRAME_BODY on they are brackets: something has to close them. */
enum frame_kind {
    FRAME_OR = LEVEL_OR,
    FRAME_AND = LEVEL_AND,
    FRAME_RELATION = LEVEL_RELATION,
    FRAME_SUM = LEVEL_SUM,
    FRAME_PRODUCT = LEVEL_PRODUCT,
    FRAME_UNARY = LEVEL_UNARY,
    FRAME_NO, /* the else branch, which swallows everything to its right */
    FRAME_BODY,
    FRAME_PAREN,
    FRAME_SET,
    FRAME_KEY,   /* { key */
    FRAME_FIELD, /* { key: value */
    FRAME_CALL,
    FRAME_INDEX,
    FRAME_TEST, /* if */
    FRAME_YES,  /* then */
};

enum { UNARY_MAX = 4 }; /* that many `!` or `-` in a row; more of them are an error */

struct frame {
    enum frame_kind kind;
    enum token_kind op;     /* RELATION; UNARY */
    bool is_repeated;       /* RELATION: a second comparison followed */
    bool has_type;          /* RELATION: `is T in` was read, T is left.name */
    bool is_method;         /* CALL */
    uint32_t count;         /* UNARY: how often */
    uint32_t at[UNARY_MAX]; /* UNARY: where each is; the first is also `start` */
    uint32_t start;         /* where the construct begins */
    uint32_t height;        /* tallest part so far */
    size_t base;            /* first of its items (or fields) on the shared stack */
    bool has_if_key;        /* FIELD: { if: …, which is no name */
    size_t diag_mark; /* RELATION of `has`: findings before its right side; FIELD: its value */
    size_t error_mark;
    struct operand left; /* CALL: function or receiver; INDEX: the object */
    str name;            /* CALL: the method */
};

/* A finished part of an open chain, list or argument list. NULL is a bad one. */
struct item {
    const struct ast_expr *expr;
    enum token_kind op; /* before it; for chains */
};

struct parser {
    struct arena *arena;  /* of the tree */
    struct arena *stacks; /* of what is open; lives as long as the parser */
    str text;
    const struct parse_limits *limits;
    struct diag_list *diags;
    size_t error_count;  /* broken rules */
    size_t syntax_count; /* errors of grammar */
    size_t first_diag;   /* where the findings of this text begin */
    bool is_over;        /* nothing more is read */
    bool has_large;      /* the operand is a number that is too large, if it may stand here */
    struct lexer lexer;
    struct token token;  /* the next one */
    uint32_t last_end;   /* end of the one before it */
    uint32_t name_end;   /* end of the last name; when it is last_end, `::` might go on */
    uint32_t open_count; /* brackets open now */
    /* The bracket that was closed by the token that ends here; see recover.c. */
    enum frame_kind closed_kind;
    uint32_t closed_end;

    /* One expression at a time. */
    struct operand operand; /* the one read last */
    token_set closers;      /* what may follow the whole expression */
    bool is_sum_only;       /* it ends before a relational operator: `is` in the scope */
    bool is_scope_value;    /* names in parentheses are left alone: scope constraints */
    const char *clause;     /* "when", "unless", NULL outside: for slots */
    VEC(struct frame) frames;
    VEC(struct item) items;
    VEC(struct ast_field) fields;
};

/* ---- report.c */

/* Source text of a span. */
str parse_slice(const struct parser *p, struct ast_span span);
/* The same for a message: long pieces are cut, NUL is replaced. Never fails. */
str parse_quote(const struct parser *p, struct ast_span span);
void parse_advance(struct parser *p);
/* ERR_SYNTAX, after "unexpected token" with the list of what could have stood there. */
err parse_unexpected(struct parser *p, token_set expected) MUST_CHECK;
/* ERR_SYNTAX and the end of the reading. */
err parse_number_too_large(struct parser *p, struct ast_span span) MUST_CHECK;
/* The error noted last comes first, and nothing more is read. */
void parse_end_with(struct parser *p);
/* The same with "invalid token" for the next token, instead of the error noted last. */
void parse_replace_invalid(struct parser *p);
/* The next token if it is of that kind, else as above. */
err parse_expect(struct parser *p, enum token_kind kind, token_set expected) MUST_CHECK;
/* Notes a broken rule. */
struct diag *parse_broken(struct parser *p, struct ast_span span, const char *format, ...)
    PRINTF_LIKE(3, 4);
/* Forgets the broken rules noted since `diag_count` and `error_count` had these values. */
void parse_forget(struct parser *p, size_t diag_mark, size_t error_mark);
size_t parse_diag_count(const struct parser *p);
/* Depth: a finding and ERR_LIMIT. */
err parse_too_deep(struct parser *p, struct ast_span span) MUST_CHECK;
/* Position of the first name that occurred before, or SIZE_MAX. */
err parse_first_repeat(struct parser *p, const str *names, size_t count,
                       size_t *ret_index) MUST_CHECK;

/* ---- expr.c */

enum step { STEP_WANT, STEP_HAVE, STEP_DONE };

/* One expression into p->operand, up to one of `closers`. */
err expr_parse(struct parser *p, token_set closers) MUST_CHECK;
/* Opens a construct; checks the depth of brackets. */
err expr_open(struct parser *p, struct frame frame) MUST_CHECK;
/* Takes the innermost one off the stack. */
struct frame expr_pop(struct parser *p);
/* Closes the innermost operator or else branch: its result becomes the operand. */
err expr_reduce_top(struct parser *p) MUST_CHECK;
/* The same for all operators that bind tighter than `level`. */
err expr_reduce(struct parser *p, enum level level) MUST_CHECK;

static inline struct frame *expr_top(const struct parser *p) {
    return &p->frames.items[p->frames.count - 1];
}
static inline bool expr_is_operator(enum frame_kind kind) {
    return kind <= FRAME_UNARY;
}

/* ---- want.c, follow.c: one turn of the loop each */

/* Tokens that can stand behind some literal or bracket. */
#define TOKENS_BEHIND                                                                             \
    (TOKENS_FOLLOW | TOKEN_BIT(TOKEN_DOT) | TOKEN_BIT(TOKEN_LPAREN) | TOKEN_BIT(TOKEN_LBRACKET) | \
     TOKEN_BIT(TOKEN_OR) | TOKEN_BIT(TOKEN_AND) | TOKEN_BIT(TOKEN_EQ) | TOKEN_BIT(TOKEN_NE) |     \
     TOKEN_BIT(TOKEN_LT) | TOKEN_BIT(TOKEN_LE) | TOKEN_BIT(TOKEN_GT) | TOKEN_BIT(TOKEN_GE) |      \
     TOKEN_BIT(TOKEN_ASSIGN) | TOKEN_BIT(TOKEN_IN) | TOKEN_BIT(TOKEN_HAS) |                       \
     TOKEN_BIT(TOKEN_LIKE) | TOKEN_BIT(TOKEN_IS) | TOKEN_BIT(TOKEN_PLUS) |                        \
     TOKEN_BIT(TOKEN_MINUS) | TOKEN_BIT(TOKEN_STAR) | TOKEN_BIT(TOKEN_SLASH) |                    \
     TOKEN_BIT(TOKEN_PERCENT))

/* Tokens that can stand behind some expression, so that a wrong one of them ends the expression
 * and only the bracket's own closers were expected. */
#define TOKENS_FOLLOW                                                                \
    (TOKEN_BIT(TOKEN_RPAREN) | TOKEN_BIT(TOKEN_RBRACKET) | TOKEN_BIT(TOKEN_RBRACE) | \
     TOKEN_BIT(TOKEN_COMMA) | TOKEN_BIT(TOKEN_COLON) | TOKEN_BIT(TOKEN_THEN) |       \
     TOKEN_BIT(TOKEN_ELSE))

err want_operand(struct parser *p, enum step *ret_step) MUST_CHECK;
err follow_operand(struct parser *p, enum step *ret_step) MUST_CHECK;
/* What closes or continues a bracket. */
token_set follow_closers(const struct parser *p, enum frame_kind kind);

/* ---- recover.c */

/* After ERR_SYNTAX where an operand was wanted, or what follows one: true when an operand (a bad
 * one) is there again and reading goes on. */
bool recover_expr(struct parser *p, enum step step);
/* After an error behind a clause: true when the end of another one has been read. */
bool recover_clause(struct parser *p);
/* Goes behind the policy. */
void recover_policy(struct parser *p);

/* ---- build.c */

/* Sets p->operand. */
void build_bad(struct parser *p, struct ast_span span, const char *what);
err build_node(struct parser *p, const struct ast_expr *node, uint32_t children_height,
               enum level level, const char *what) MUST_CHECK;

/* Turns a lone name or literal into an expression; *ret is NULL when it was bad. */
err build_resolve(struct parser *p, const struct operand *operand,
                  const struct ast_expr **ret) MUST_CHECK;
/* The expression of p->operand as an item of the innermost frame. */
err build_push_item(struct parser *p, enum token_kind op) MUST_CHECK;

err build_set(struct parser *p, const struct frame *frame) MUST_CHECK;
err build_record(struct parser *p, const struct frame *frame) MUST_CHECK;
/* The items from `base` on as an array in the arena, and off the stack; NULL when one was bad. */
err build_take_items(struct parser *p, size_t base, const struct ast_expr *const **ret,
                     size_t *ret_count) MUST_CHECK;
/* The string literal's value; reports every bad escape, then *ret is absent. `where` is the span
 * of the findings. */
err build_string(struct parser *p, struct ast_span literal, struct ast_span where,
                 str *ret) MUST_CHECK;

/* What stands between the quotes of a literal. */
str build_string_body(const struct parser *p, struct ast_span literal);
/* A finding for every bad escape; `mode` as in unescape.h. */
void build_report_escapes(struct parser *p, str body, enum unescape_mode mode,
                          struct ast_span where);
void build_report_large(struct parser *p, struct ast_span span, uint64_t number);

/* ---- operator.c: the operand that ends the frame is p->operand */

err operator_unary(struct parser *p, const struct frame *frame) MUST_CHECK;
err operator_chain(struct parser *p, const struct frame *frame) MUST_CHECK;
err operator_relation(struct parser *p, const struct frame *frame) MUST_CHECK;
err operator_if(struct parser *p, const struct frame *frame) MUST_CHECK;
/* The type on the right of `is`, from p->operand; ret->text is absent when it was bad. */
err operator_is_type(struct parser *p, struct ast_span left, struct ast_name *ret) MUST_CHECK;

/* ---- member.c */

/* The word stands where a name is wanted; `span` is what is shown. */
void member_reserved(struct parser *p, struct ast_span span, struct ast_span word);
/* True when the word may be an attribute; otherwise says why not. */
bool member_check_word(struct parser *p, struct ast_span word);
/* A name or an entity literal whose first word has been read. */
err member_name(struct parser *p, struct ast_span first) MUST_CHECK;
/* p->token is `.`, `(` or `[` behind an operand; may open a frame. */
err member_dot(struct parser *p, bool *ret_is_open) MUST_CHECK;
err member_open_call(struct parser *p) MUST_CHECK;
err member_open_index(struct parser *p) MUST_CHECK;
err member_call(struct parser *p, const struct frame *frame) MUST_CHECK;
err member_index(struct parser *p, const struct frame *frame) MUST_CHECK;
/* Behind `has`; *ret_is_path is false when it is something else, and nothing has been read. */
err member_has(struct parser *p, const struct operand *left, bool *ret_is_path) MUST_CHECK;

/* ---- scope.c */

/* `( principal …, action …, resource … )` of a policy. */
err scope_parse(struct parser *p, struct ast_policy *policy) MUST_CHECK;

/* What messages underline: without parentheses around it. */
static inline struct ast_span parse_inner_span(const struct operand *operand) {
    return operand->kind == OPERAND_EXPR ? operand->expr->span : operand->span;
}

/* Between two tokens. */
static inline struct ast_span parse_span(uint32_t start, uint32_t end) {
    return (struct ast_span){start, end};
}

#endif
