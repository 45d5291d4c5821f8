/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUTH_API_BROWSER_H
#define AUTH_API_BROWSER_H
/*
 * What is special about answering a person's browser: cookies, pages and their headers, and the
 * question whether a form was posted by one of our own pages.
 *
 *   cookie            holds                       lives
 *   ironwood_flow     random; holder of tickets   until the browser closes
 *   ironwood_session  random; the session         until the session's absolute end
 *
 * Both have the prefix __Host- and Secure when browsers reach us over TLS (the issuer's scheme),
 * HttpOnly and SameSite=Lax always. Lax, not Strict, because a sign-in begins on another site.
 */
#include "auth/api/reply.h"

enum browser_cookie { BROWSER_FLOW, BROWSER_SESSION };

/* The value, absent when there is none or it is not one we could have made. */
str browser_cookie_get(struct http_request *req, enum browser_cookie cookie);
/* Sets it; an absent value deletes it. max_age_s 0: until the browser closes. */
err browser_cookie_set(struct http_request *req, struct http_response *resp,
                       enum browser_cookie cookie, str value, int64_t max_age_s) MUST_CHECK;

/* The flow cookie's value, made (and set) when the browser has none yet. */
err browser_flow(struct http_request *req, struct http_response *resp, str *ret) MUST_CHECK;

/* True unless the browser says that the form came from elsewhere (Origin, Sec-Fetch-Site). The
 * ticket is the proof; this is the second line (attack class 18). */
bool browser_is_own_form(struct http_request *req);

/* A page with its security headers. `form_origin` (may be absent) is where the form's answer may
 * lead to besides ourselves. On failure of `rendered` the answer is a plain 500. */
void browser_page(struct http_request *req, struct http_response *resp, const struct call *c,
                  int status, err rendered, str html, str form_origin);

/* A page that only says something. */
void browser_message(struct http_request *req, struct http_response *resp, const struct call *c,
                     int status, str title, str text);

/* A failure of ours, as a page. */
void browser_failure(struct http_request *req, struct http_response *resp, const struct call *c,
                     err code);

#endif
