/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H
/*
 * Base64 (RFC 4648): the standard alphabet with padding (§4) and the URL-safe one without (§5).
 *
 * Decoding is strict: no white space, no foreign characters, padding exactly as the form
 * demands, and no bits set behind the last byte (so that one value has one spelling). Not
 * constant time; secrets are decoded once at start.
 */
#include "base/arena.h"
#include "base/buf.h"

enum base64_form { BASE64_STANDARD, BASE64_URL };

void base64_encode(struct buf *out, enum base64_form form, str bytes);
err base64_decode(struct arena *a, enum base64_form form, str text, str *ret) MUST_CHECK;

#endif
