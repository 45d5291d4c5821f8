/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUTH_FLOW_SCOPE_H
#define AUTH_FLOW_SCOPE_H
/*
 * Scopes: the closed list of what a token may be asked for, as a set of bits.
 *
 * The text form is RFC 6749 §3.3 (tokens separated by single spaces). A scope we do not know is
 * left out of the set, as OIDC Core §3.1.2.1 wants; malformed text is an error. What was granted
 * is always told to the client in `scope`, so nothing is dropped in silence. Pure functions.
 */
#include "base/buf.h"

/* bit, text, meaning shown on the consent page */
#define SCOPE_TABLE(X)                                                            \
    X(SCOPE_OPENID, 0, "openid", "know who you are")                              \
    X(SCOPE_PROFILE, 1, "profile", "see your name")                               \
    X(SCOPE_EMAIL, 2, "email", "see your e-mail address")                         \
    X(SCOPE_OFFLINE_ACCESS, 3, "offline_access", "stay signed in on your behalf") \
    X(SCOPE_GROUPS, 4, "groups", "see the groups and roles you belong to")        \
    X(SCOPE_ADMIN, 5, "admin", "administer this installation")

typedef uint32_t scope_set;

enum scope {
#define X(name, bit, text, meaning) name = 1 << (bit),
    SCOPE_TABLE(X)
#undef X
};

enum { SCOPE_TEXT_MAX = 512, SCOPE_COUNT = 6 };

/* ERR_SYNTAX on bytes or spacing RFC 6749 does not allow, ERR_LIMIT when too long. Absent or
 * empty text is the empty set. Unknown scopes set *ret_has_unknown (may be NULL). */
err scope_parse(str text, scope_set *ret, bool *ret_has_unknown) MUST_CHECK;

/* Appends the text form, in the order of the table. */
void scope_format(struct buf *out, scope_set set);

static inline bool scope_has(scope_set set, enum scope scope) {
    return (set & (scope_set)scope) != 0;
}

/* The i-th scope of the table, 0 ≤ i < SCOPE_COUNT: for discovery and the consent page. */
enum scope scope_at(size_t i);
str scope_text(size_t i);
str scope_meaning(size_t i);

#endif
