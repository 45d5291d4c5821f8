/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_HTTP_COOKIE_H
#define SERVER_HTTP_COOKIE_H
/*
 * Cookies (RFC 6265bis): reading the Cookie header and writing Set-Cookie.
 *
 * Reading borrows from the request. Pairs outside the grammar are skipped, because other
 * applications on the same host may have set them; a name of ours that occurs twice with
 * different values is refused, because that is what cookie tossing looks like.
 *
 * Writing is safe when zeroed: Secure, HttpOnly, SameSite=Lax, Path=/ and no Domain, ever. The
 * rules of the prefixes "__Host-" and "__Secure-" are enforced.
 */
#include "server/http/http.h"

enum { COOKIE_NAME_MAX = 128, COOKIE_VALUE_MAX = 3584 };

/* Steps through the text of one Cookie header: cuts the next well-formed pair off *rest. */
bool cookie_next(str *rest, str *ret_name, str *ret_value);

/* The value of the cookie. ERR_NOT_FOUND, or ERR_EXISTS when two values claim the name. */
err cookie_find(const struct http_request *req, str name, str *ret_value) MUST_CHECK;

enum cookie_same_site { COOKIE_LAX, COOKIE_STRICT, COOKIE_NONE };

struct cookie {
    str name;
    str value;
    str path;          /* absent: "/" */
    int64_t max_age_s; /* 0: until the browser closes */
    enum cookie_same_site same_site;
    bool is_deleted;     /* tells the browser to forget it; value and max_age_s are ignored */
    bool is_for_scripts; /* leaves HttpOnly out */
    bool is_for_plain;   /* leaves Secure out, for development over plain HTTP */
};

/* The value of Set-Cookie, in the arena. ERR_MISUSE when the name, value or path cannot be
 * written or the attributes break the rule of the prefix. */
err cookie_format(struct arena *a, const struct cookie *cookie, str *ret) MUST_CHECK;

/* Formats it and adds the Set-Cookie header. */
err cookie_set(struct http_request *req, struct http_response *resp,
               const struct cookie *cookie) MUST_CHECK;

#endif
