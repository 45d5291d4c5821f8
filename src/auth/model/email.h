/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUTH_MODEL_EMAIL_H
#define AUTH_MODEL_EMAIL_H
/*
 * E-mail addresses as account names: a conservative part of RFC 5321 §4.1.2.
 *
 * Accepted: a dot-atom of at most 64 ASCII bytes, '@', a host name of two labels or more. Refused:
 * quoted local parts, comments, address literals, internationalised addresses, white space, and
 * anything over 254 bytes (the longest that fits a mail path).
 *
 * `address` is what we show and send mail to: as typed, the domain in lower case. `key` is the
 * identity: all lower case, so that two accounts never differ by case alone. Pure functions.
 */
#include "base/arena.h"

enum { EMAIL_MAX = 254, EMAIL_LOCAL_MAX = 64, EMAIL_LABEL_MAX = 63 };

struct email {
    str address;
    str key;
};

/* ERR_SYNTAX or ERR_LIMIT with a reason fit for the person who typed it; ERR_NOMEM. */
err email_parse(struct arena *a, str text, struct email *ret, struct error *reterr) MUST_CHECK;

#endif
