/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_COMPILE_EMIT_H
#define CEDAR_COMPILE_EMIT_H
/*
 * From nodes to instructions. The pools grow in blocks, what they point to lives in `arena`.
 * Recursion follows the nesting of the nodes, which lower.h limits.
 */
#include "base/map.h"
#include "cedar/compile/code.h"
#include "cedar/compile/symbols.h"

struct emitter {
    struct arena *arena;
    struct blocks *blocks;
    struct packer *packer; /* of names in `arena` */
    struct symbols *symbols;
    VEC(struct instruction) instructions;
    VEC(struct value) constants;
    VEC(str) names;
    VEC(struct pattern) patterns;
    VEC(const struct uid *) uids; /* of entities in constants, by number of the symbol; or NULL */
    struct map name_numbers;      /* of single names: number + 1 */
    uint32_t stack;               /* depth here */
    uint32_t stack_max;
};

void emitter_init(struct emitter *m, struct blocks *blocks, struct packer *packer,
                  struct symbols *symbols, const struct hash_key *key);

/* Where the code of a condition (ends with YES or NO) or expression (ends with END) starts. */
err emit_condition(struct emitter *m, const struct node *node, uint32_t *ret_start) MUST_CHECK;
err emit_expression(struct emitter *m, const struct node *node, uint32_t *ret_start) MUST_CHECK;

/* The pools in their final form, but without the types; the emitter cannot be used afterwards. */
err emitter_finish(struct emitter *m, struct code *ret) MUST_CHECK;

#endif
