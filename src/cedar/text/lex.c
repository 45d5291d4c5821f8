/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/text/lex.h"

#include "base/utf8.h"

const char *lex_kind_text(enum token_kind kind) {
    static const char *const texts[] = {
#define X(token, text) text,
        TOKEN_TABLE(X)
#undef X
    };
    return texts[kind];
}

/* Property White_Space of Unicode, above ASCII. */
static bool is_wide_space(uint32_t scalar) {
    return scalar == 0x85 || scalar == 0xA0 || scalar == 0x1680 ||
           (scalar >= 0x2000 && scalar <= 0x200A) || scalar == 0x2028 || scalar == 0x2029 ||
           scalar == 0x202F || scalar == 0x205F || scalar == 0x3000;
}

/* A comment ends at LF and, unlike in most languages, at a lone CR too. */
static size_t skip_comment(str text, size_t at) {
    while (at < text.len && text.ptr[at] != '\n' && text.ptr[at] != '\r') {
        at++;
    }
    return at;
}

static size_t skip_blank(str text, size_t at) {
    while (at < text.len) {
        char c = text.ptr[at];
        if (c == ' ' || (c >= '\t' && c <= '\r')) {
            at++;
        } else if (c == '/' && at + 1 < text.len && text.ptr[at + 1] == '/') {
            at = skip_comment(text, at);
        } else if ((unsigned char)c >= 0x80) {
            size_t behind = at;
            uint32_t scalar;
            if (!utf8_next(text, &behind, &scalar) || !is_wide_space(scalar)) {
                break;
            }
            at = behind;
        } else {
            break;
        }
    }
    return at;
}

static bool is_word_start(char c) {
    return byte_is_alpha(c) || c == '_';
}

static size_t skip_word(str text, size_t at) {
    while (at < text.len && (byte_is_alnum(text.ptr[at]) || text.ptr[at] == '_')) {
        at++;
    }
    return at;
}

static bool is_word(str word, const char *text) {
    return memcmp(word.ptr, text, word.len) == 0;
}

static enum token_kind word_kind(str word) {
    switch (word.len) {
    case 2:
        return is_word(word, "in")   ? TOKEN_IN
               : is_word(word, "is") ? TOKEN_IS
               : is_word(word, "if") ? TOKEN_IF
                                     : TOKEN_IDENT;
    case 3:
        return is_word(word, "has") ? TOKEN_HAS : TOKEN_IDENT;
    case 4:
        return is_word(word, "then")   ? TOKEN_THEN
               : is_word(word, "else") ? TOKEN_ELSE
               : is_word(word, "true") ? TOKEN_TRUE
               : is_word(word, "like") ? TOKEN_LIKE
                                       : TOKEN_IDENT;
    case 5:
        return is_word(word, "false") ? TOKEN_FALSE : TOKEN_IDENT;
    default: /* any other length */
        return TOKEN_IDENT;
    }
}

/* Behind the closing quote, or SIZE_MAX: a backslash takes any character but LF with it. */
static size_t skip_string(str text, size_t at) {
    for (at++; at < text.len; at++) {
        if (text.ptr[at] == '"') {
            return at + 1;
        }
        if (text.ptr[at] == '\\') {
            at++;
            if (at < text.len && text.ptr[at] == '\n') {
                return SIZE_MAX;
            }
        }
    }
    return SIZE_MAX;
}

static enum token_kind slot_kind(str slot) {
    return str_equal(slot, STR("?principal"))  ? TOKEN_SLOT_PRINCIPAL
           : str_equal(slot, STR("?resource")) ? TOKEN_SLOT_RESOURCE
                                               : TOKEN_SLOT_OTHER;
}

/* One or two bytes of punctuation. */
static enum token_kind punctuation_kind(char first, char second, size_t *ret_len) {
    *ret_len = 1;
    switch (first) {
    case '@':
        return TOKEN_AT;
    case '.':
        return TOKEN_DOT;
    case ',':
        return TOKEN_COMMA;
    case ';':
        return TOKEN_SEMICOLON;
    case '(':
        return TOKEN_LPAREN;
    case ')':
        return TOKEN_RPAREN;
    case '{':
        return TOKEN_LBRACE;
    case '}':
        return TOKEN_RBRACE;
    case '[':
        return TOKEN_LBRACKET;
    case ']':
        return TOKEN_RBRACKET;
    case '+':
        return TOKEN_PLUS;
    case '-':
        return TOKEN_MINUS;
    case '*':
        return TOKEN_STAR;
    case '/':
        return TOKEN_SLASH;
    case '%':
        return TOKEN_PERCENT;
    case ':':
        *ret_len = second == ':' ? 2 : 1;
        return second == ':' ? TOKEN_PATH : TOKEN_COLON;
    case '=':
        *ret_len = second == '=' ? 2 : 1;
        return second == '=' ? TOKEN_EQ : TOKEN_ASSIGN;
    case '!':
        *ret_len = second == '=' ? 2 : 1;
        return second == '=' ? TOKEN_NE : TOKEN_NOT;
    case '<':
        *ret_len = second == '=' ? 2 : 1;
        return second == '=' ? TOKEN_LE : TOKEN_LT;
    case '>':
        *ret_len = second == '=' ? 2 : 1;
        return second == '=' ? TOKEN_GE : TOKEN_GT;
    case '&':
        *ret_len = second == '&' ? 2 : 1;
        return second == '&' ? TOKEN_AND : TOKEN_INVALID;
    case '|':
        *ret_len = second == '|' ? 2 : 1;
        return second == '|' ? TOKEN_OR : TOKEN_INVALID;
    default: /* any other byte */
        return TOKEN_INVALID;
    }
}

void lex_next(struct lexer *lexer, struct token *ret) {
    str text = lexer->text;
    size_t at = skip_blank(text, lexer->at);
    size_t end = at;
    enum token_kind kind;
    if (at == text.len) {
        kind = TOKEN_END;
    } else if (is_word_start(text.ptr[at])) {
        end = skip_word(text, at);
        kind = word_kind(str_make(text.ptr + at, end - at));
    } else if (byte_is_digit(text.ptr[at])) {
        while (end < text.len && byte_is_digit(text.ptr[end])) {
            end++;
        }
        kind = TOKEN_NUMBER;
    } else if (text.ptr[at] == '"') {
        end = skip_string(text, at);
        kind = end == SIZE_MAX ? TOKEN_INVALID : TOKEN_STRING;
        end = end == SIZE_MAX ? at + 1 : end;
    } else if (text.ptr[at] == '?' && at + 1 < text.len && is_word_start(text.ptr[at + 1])) {
        end = skip_word(text, at + 1);
        kind = slot_kind(str_make(text.ptr + at, end - at));
    } else {
        size_t len;
        kind = punctuation_kind(text.ptr[at], at + 1 < text.len ? text.ptr[at + 1] : '\0', &len);
        end = at + len;
        uint32_t scalar;
        if ((unsigned char)text.ptr[at] >= 0x80) {
            end = at;
            IGNORE(utf8_next(text, &end, &scalar)); /* the text was checked: it is valid */
        }
    }
    lexer->at = end;
    *ret = (struct token){kind, {(uint32_t)at, (uint32_t)end}};
}
