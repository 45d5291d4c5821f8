/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUTH_FLOW_TICKET_H
#define AUTH_FLOW_TICKET_H
/*
 * A ticket: proof that this browser was shown this form for this request, a short while ago.
 *
 *   ticket  = base64url( expiry, 8 bytes big endian | HMAC-SHA-256(key, input) )
 *   input   = purpose NUL | expiry | length of holder | holder | payload
 *
 * It is the CSRF token of the sign-in, consent and sign-out forms (OWASP: signed double submit).
 * `holder` is the value of a cookie that only this browser has, `payload` the request that the
 * form continues, so a ticket cannot be carried to another browser, another request or another
 * step. Nothing is stored; a ticket may be used again until it expires, which does no harm
 * because every step proves its own completion. Pure; the clock is an argument.
 */
#include "base/arena.h"
#include "crypto/secret.h"

enum ticket_purpose { TICKET_SIGN_IN, TICKET_CONSENT, TICKET_SIGN_OUT };

enum { TICKET_TTL_S = 1800 };

err ticket_make(struct arena *a, const struct secret *key, enum ticket_purpose purpose, str holder,
                str payload, int64_t now_s, str *ret) MUST_CHECK;

/* ERR_SIGNATURE when it is not ours or was made for something else, ERR_EXPIRED when too old. */
err ticket_check(struct arena *a, const struct secret *key, enum ticket_purpose purpose, str holder,
                 str payload, str ticket, int64_t now_s) MUST_CHECK;

#endif
