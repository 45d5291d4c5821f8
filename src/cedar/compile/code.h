/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_COMPILE_CODE_H
#define CEDAR_COMPILE_CODE_H
/*
 * Instructions: conditions and expressions in a form that runs without recursion.
 *
 * Values are pushed on and taken from a stack whose greatest depth is known. A test leaves one
 * bool, and the instruction behind it says what becomes of that: a jump, or a value. Jumps only go
 * forward, so a run ends after at most as many steps as there are instructions.
 *
 *     resource has owner && resource.owner == principal
 *
 *     0  HAS_VAR  resource, owner
 *     1  UNLESS   7                  jumps when the test was false
 *     2  GET_VAR  resource, owner
 *     3  VAR      principal
 *     4  EQ
 *     5  UNLESS   7
 *     6  YES
 *     7  NO
 *
 * Arguments are numbers into the pools of struct code.
 */
#include "cedar/compile/node.h"

enum op {
    /* values: push one */
    OP_CONST,   /* arg: constant */
    OP_VAR,     /* var */
    OP_GET_VAR, /* var, arg: name */
    OP_GET,     /* arg: name; takes the object */
    OP_GET_TAG,
    OP_ADD,
    OP_SUB,
    OP_MUL,
    OP_NEG,
    OP_SET,    /* arg: number of items */
    OP_RECORD, /* arg: first of its names; DATA: their number */
    OP_CALL,   /* arg: function; DATA: number of arguments */
    /* tests: take their operands; WHEN, UNLESS or TRUTH comes next */
    OP_TEST, /* a value that should be a bool */
    OP_EQ,
    OP_LESS,
    OP_LESS_EQ,
    OP_IN,
    OP_CONTAINS,
    OP_CONTAINS_ALL,
    OP_CONTAINS_ANY,
    OP_IS_EMPTY,
    OP_HAS_TAG,
    OP_HAS,      /* arg: name */
    OP_HAS_VAR,  /* var, arg: name */
    OP_HAS_PATH, /* arg: first of the names; DATA: their number */
    OP_LIKE,     /* arg: pattern */
    OP_IS,       /* arg: type */
    /* behind a test */
    OP_WHEN,   /* arg: where to go on when it was true */
    OP_UNLESS, /* … when it was false */
    OP_TRUTH,  /* pushes it */
    OP_DATA,   /* arg: more of the instruction before */
    /* flow */
    OP_JUMP, /* arg: where to */
    OP_DROP, /* forgets the topmost value */
    OP_COPY, /* pushes the topmost value again */
    OP_YES,  /* ends a condition: true */
    OP_NO,
    OP_END, /* ends an expression; its value is on the stack */
};

struct instruction {
    uint8_t op;
    uint8_t var; /* enum program_var */
    uint32_t arg;
};

struct code {
    const struct instruction *instructions;
    const struct value *constants;
    const str *names;
    const str *types;
    const struct pattern *patterns;
    size_t instruction_count;
    size_t constant_count;
    size_t name_count;
    size_t pattern_count;
    uint32_t stack_max;
};

#endif
