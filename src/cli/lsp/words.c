/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/lsp/words.h"

#include "base/buf.h"
#include "base/utf8.h"

static bool is_name_byte(char c) {
    return byte_is_alnum(c) || c == '_';
}

static size_t end_of_string(str text, size_t at, bool *ret_is_open) {
    *ret_is_open = true;
    for (at++; at < text.len && text.ptr[at] != '\n'; at++) {
        if (text.ptr[at] == '\\' && at + 1 < text.len) {
            at++;
        } else if (text.ptr[at] == '"') {
            *ret_is_open = false;
            return at + 1;
        }
    }
    return at;
}

static size_t end_of_run(str text, size_t at) {
    while (at < text.len && is_name_byte(text.ptr[at])) {
        at++;
    }
    return at;
}

static size_t end_of_sign(str text, size_t at) {
    static const char *const pairs[] = {"::", "==", "!=", "<=", ">=", "&&", "||"};
    for (size_t i = 0; i < ARRAY_LEN(pairs) && at + 1 < text.len; i++) {
        if (text.ptr[at] == pairs[i][0] && text.ptr[at + 1] == pairs[i][1]) {
            return at + 2;
        }
    }
    size_t end = at;
    uint32_t scalar;
    return utf8_next(text, &end, &scalar) ? end : at + 1;
}

/* White space and comments. */
static size_t skip(str text, size_t at) {
    while (at < text.len) {
        char c = text.ptr[at];
        if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
            at++;
        } else if (c == '/' && at + 1 < text.len && text.ptr[at + 1] == '/') {
            while (at < text.len && text.ptr[at] != '\n' && text.ptr[at] != '\r') {
                at++;
            }
        } else {
            break;
        }
    }
    return at;
}

err words_cut(struct arena *a, str text, struct words *ret) {
    *ret = (struct words){0};
    for (size_t at = skip(text, 0); at < text.len;) {
        struct word word = {.start = at};
        char c = text.ptr[at];
        if (c == '"') {
            word.kind = WORD_STRING;
            word.end = end_of_string(text, at, &word.is_open);
        } else if (is_name_byte(c)) {
            word.kind = byte_is_digit(c) ? WORD_NUMBER : WORD_NAME;
            word.end = end_of_run(text, at);
        } else if (c == '?' && at + 1 < text.len && byte_is_alpha(text.ptr[at + 1])) {
            word.kind = WORD_NAME;
            word.end = end_of_run(text, at + 1);
        } else {
            word.kind = WORD_SIGN;
            word.end = end_of_sign(text, at);
        }
        word.text = str_slice(text, word.start, word.end);
        if (!VEC_PUSH(a, &ret->list, word)) {
            return arena_error(a);
        }
        at = skip(text, word.end);
    }
    return ERR_OK;
}

size_t words_at(const struct words *words, size_t offset) {
    size_t found = words->list.count;
    for (size_t i = 0; i < words->list.count; i++) {
        const struct word *word = &words->list.items[i];
        if (word->start <= offset && offset < word->end) {
            return i;
        }
        if (word->end == offset) { /* one that begins here is nearer */
            found = i;
        }
    }
    return found;
}

size_t words_before(const struct words *words, size_t offset) {
    size_t count = 0;
    while (count < words->list.count && words->list.items[count].end <= offset) {
        count++;
    }
    return count;
}

size_t words_policy(const struct words *words, size_t index) {
    while (index > 0 && !word_is(&words->list.items[index - 1], ";")) {
        index--;
    }
    return index;
}

bool words_qualified(struct arena *a, const struct words *words, size_t index, str *ret,
                     size_t *ret_first, size_t *ret_behind) {
    if (word_is(words_get(words, index), "::") && index > 0) {
        index--;
    }
    if (!word_is_name(words_get(words, index))) {
        return false;
    }
    size_t first = index;
    while (first >= 2 && word_is(&words->list.items[first - 1], "::") &&
           word_is_name(&words->list.items[first - 2])) {
        first -= 2;
    }
    size_t behind = index + 1;
    while (word_is(words_get(words, behind), "::") && word_is_name(words_get(words, behind + 1))) {
        behind += 2;
    }
    struct buf name;
    buf_init_arena(&name, a, 1 << 16);
    for (size_t i = first; i < behind; i++) {
        buf_add(&name, words->list.items[i].text);
    }
    *ret_first = first;
    *ret_behind = behind;
    return buf_finish(&name, ret) == ERR_OK;
}

err words_unquote(struct arena *a, const struct word *word, str *ret) {
    struct buf out;
    size_t end = word->is_open ? word->text.len : word->text.len - 1;
    buf_init_arena(&out, a, 1 << 20);
    for (size_t i = 1; i < end; i++) {
        char c = word->text.ptr[i];
        if (c == '\\' && i + 1 < end) {
            c = word->text.ptr[++i];
            c = c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c == '0' ? '\0' : c;
        }
        buf_add_byte(&out, c);
    }
    return buf_finish(&out, ret);
}
