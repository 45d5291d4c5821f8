/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUTH_MODEL_NAMES_H
#define AUTH_MODEL_NAMES_H
/*
 * A short list of names: roles, groups, redirect URIs, scopes, authentication methods.
 *
 * Items are non-empty UTF-8 without control bytes, at most MODEL_LIST_ITEM_MAX long unless said
 * otherwise. Items and their bytes are borrowed. The stored form puts a line feed between items,
 * which no item can contain.
 */
#include "base/buf.h"

struct names {
    const str *items;
    size_t count;
};

/* Counts, lengths, bytes, repetitions: ERR_LIMIT, ERR_SYNTAX, ERR_EXISTS. `what` is a word for
 * the message ("role"). */
err names_check(struct names names, const char *what, size_t max_count, size_t max_item,
                struct error *reterr) MUST_CHECK;

bool names_has(struct names names, str name);

/* The stored form and back; split(join(x)) is x. Both live in the arena. An absent or empty text
 * is the empty list. */
err names_join(struct arena *a, struct names names, str *ret) MUST_CHECK;
err names_split(struct arena *a, str text, struct names *ret) MUST_CHECK;

#endif
