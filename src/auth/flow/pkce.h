/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUTH_FLOW_PKCE_H
#define AUTH_FLOW_PKCE_H
/*
 * Proof Key for Code Exchange (RFC 7636), method S256 only: `plain` protects nobody. Pure.
 */
#include "base/str.h"

enum { PKCE_VERIFIER_MIN = 43, PKCE_VERIFIER_MAX = 128, PKCE_CHALLENGE_LEN = 43 };

/* 43 characters of base64url (RFC 7636 §4.2). */
bool pkce_challenge_is_valid(str challenge);

/* 43 to 128 unreserved characters (RFC 7636 §4.1). */
bool pkce_verifier_is_valid(str verifier);

/* BASE64URL(SHA256(verifier)) == challenge, compared in constant time; false when either has the
 * wrong form. */
bool pkce_verify(str challenge, str verifier);

#endif
