/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_HTTP_URL_H
#define SERVER_HTTP_URL_H
/*
 * Percent-encoding and the path of a request target (RFC 3986, RFC 9112 §3.2).
 *
 * Everything here is strict: what RFC 3986 does not allow unencoded is refused, a `%` must be
 * followed by two hexadecimal digits, and what could be read in two ways by a proxy before us
 * (encoded slashes, dot segments, empty segments, matrix parameters, control bytes) is refused
 * rather than repaired. Pure functions; results borrow from the input when nothing had to be
 * decoded, otherwise they live in the arena.
 */
#include "base/arena.h"
#include "base/buf.h"

/* Decodes `%xx` once; with `plus_is_space` also '+' (forms and queries). ERR_SYNTAX for a
 * malformed escape, a NUL or bytes that are not UTF-8. */
err url_decode(struct arena *a, str text, bool plus_is_space, str *ret) MUST_CHECK;

/* A raw path, beginning with '/', as one decoded path without any ambiguity. ERR_SYNTAX for
 * bytes outside RFC 3986, malformed escapes, `%00` and other control bytes, encoded slashes and
 * backslashes, "." and ".." segments (encoded or not), "//", ';', or bytes that are not UTF-8. */
err url_path_decode(struct arena *a, str raw, str *ret) MUST_CHECK;

/* Whether all bytes may stand in a query (RFC 3986 §3.4) and all escapes are well formed. */
bool url_query_is_valid(str raw);

/* host [":" port] with a registered name, an IPv4 or a bracketed IPv6 literal; no user part. */
bool url_authority_is_valid(str authority);

/* Appends the text with everything but unreserved characters (RFC 3986 §2.3) as `%XX`. */
void url_encode(struct buf *out, str text);

#endif
