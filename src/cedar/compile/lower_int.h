/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_COMPILE_LOWER_INT_H
#define CEDAR_COMPILE_LOWER_INT_H
/*
 * Inside of lower.h: policies in lower.c, expressions in lower_expr.c.
 */
#include "cedar/compile/lower.h"

struct lowering {
    struct arena *arena;
    const struct lower_options *options;
    uint32_t depth;
    uint32_t nodes; /* expressions met so far */
};

err lowering_expr(struct lowering *l, const struct ast_expr *expr,
                  const struct node **ret) MUST_CHECK;
err lowering_uid(struct lowering *l, const struct ast_uid *ast, const struct uid **ret) MUST_CHECK;

/* A node with everything but the kind zero, or NULL. */
struct node *lowering_node(struct lowering *l, enum node_kind kind);
/* !operand */
err lowering_not(struct lowering *l, const struct node *operand,
                 const struct node **ret) MUST_CHECK;

#endif
