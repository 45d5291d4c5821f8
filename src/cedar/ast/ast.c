/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/ast/ast.h"

#include "base/assert.h"

const char *ast_op_text(enum ast_op op) {
    switch (op) {
    case AST_OP_NONE:
        return "";
    case AST_OP_AND:
        return "&&";
    case AST_OP_OR:
        return "||";
    case AST_OP_ADD:
        return "+";
    case AST_OP_SUB:
    case AST_OP_NEG:
        return "-";
    case AST_OP_MUL:
        return "*";
    case AST_OP_EQ:
        return "==";
    case AST_OP_NE:
        return "!=";
    case AST_OP_LT:
        return "<";
    case AST_OP_LE:
        return "<=";
    case AST_OP_GT:
        return ">";
    case AST_OP_GE:
        return ">=";
    case AST_OP_IN:
        return "in";
    case AST_OP_CONTAINS:
        return "contains";
    case AST_OP_CONTAINS_ALL:
        return "containsAll";
    case AST_OP_CONTAINS_ANY:
        return "containsAny";
    case AST_OP_GET_TAG:
        return "getTag";
    case AST_OP_HAS_TAG:
        return "hasTag";
    case AST_OP_NOT:
        return "!";
    case AST_OP_IS_EMPTY:
        return "isEmpty";
    }
    NOT_REACHED();
    return "";
}

static bool is_word(str text) {
    if (text.len == 0 || byte_is_digit(text.ptr[0])) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        if (!byte_is_alnum(text.ptr[i]) && text.ptr[i] != '_') {
            return false;
        }
    }
    return true;
}

bool ast_is_identifier(str text) {
    static const str reserved[] = {
        STR_INIT("true"), STR_INIT("false"),   STR_INIT("if"), STR_INIT("then"),
        STR_INIT("else"), STR_INIT("in"),      STR_INIT("is"), STR_INIT("like"),
        STR_INIT("has"),  STR_INIT("__cedar"),
    };
    for (size_t i = 0; i < ARRAY_LEN(reserved); i++) {
        if (str_equal(text, reserved[i])) {
            return false;
        }
    }
    return is_word(text);
}

bool ast_is_name(str text) {
    size_t at;
    while ((at = str_find(text, STR("::"))) != SIZE_MAX) {
        if (!ast_is_identifier(str_slice(text, 0, at))) {
            return false;
        }
        text = str_slice(text, at + 2, text.len);
    }
    return ast_is_identifier(text);
}
