/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_LSP_WORDS_H
#define CLI_LSP_WORDS_H
/*
 * A text as words, around the place of a cursor. Texts are cut as the language is, but nothing is
 * ever refused: what is no word is a word of one byte.
 */
#include "base/vec.h"

enum word_kind { WORD_NAME, WORD_STRING, WORD_NUMBER, WORD_SIGN };

struct word {
    enum word_kind kind;
    str text; /* as written, a string with its quotes */
    size_t start;
    size_t end;
    bool is_open; /* a string without its closing quote */
};

struct words {
    VEC(struct word) list;
};

err words_cut(struct arena *a, str text, struct words *ret) MUST_CHECK;

/* The word that the offset is in or directly behind; count when there is none. */
size_t words_at(const struct words *words, size_t offset);
/* How many words end at or before the offset, a word that it is inside of not among them. */
size_t words_before(const struct words *words, size_t offset);

static inline const struct word *words_get(const struct words *words, size_t index) {
    return index < words->list.count ? &words->list.items[index] : NULL;
}
static inline bool word_is(const struct word *word, const char *text) {
    return word != NULL && str_equal_c(word->text, text);
}
static inline bool word_is_name(const struct word *word) {
    return word != NULL && word->kind == WORD_NAME;
}

/* The first word of the policy that the word belongs to. */
size_t words_policy(const struct words *words, size_t index);

/* A name with its `::` parts: from the word that the index is at or in. False when there is none.
 */
bool words_qualified(struct arena *a, const struct words *words, size_t index, str *ret,
                     size_t *ret_first, size_t *ret_behind);

/* The content of a string word, unescaped as far as the usual escapes go. */
err words_unquote(struct arena *a, const struct word *word, str *ret) MUST_CHECK;

#endif
