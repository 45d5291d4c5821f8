/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_HTTP_AUTH_HEADER_H
#define SERVER_HTTP_AUTH_HEADER_H
/*
 * The Authorization header (RFC 9110 §11.6.2): schemes Bearer (RFC 6750) and Basic (RFC 7617).
 *
 * Only the form is checked here, never the truth of the credentials. The scheme is compared
 * without case. Results borrow from the request or live in its arena (routes that carry
 * passwords set is_wiped).
 */
#include "server/http/http.h"

enum auth_scheme {
    AUTH_SCHEME_NONE, /* no Authorization header */
    AUTH_SCHEME_BASIC,
    AUTH_SCHEME_BEARER,
    AUTH_SCHEME_DPOP,
    AUTH_SCHEME_OTHER,
};

struct auth_header {
    enum auth_scheme scheme;
    str credentials; /* token68 for BASIC, BEARER and DPOP; for OTHER whatever follows */
};

/* ERR_SYNTAX when the header is repeated, has no credentials, or they are not token68. */
err auth_header_parse(const struct http_request *req, struct auth_header *ret) MUST_CHECK;

/* The token of "Authorization: Bearer …". ERR_MISSING when there is no such header or it has
 * another scheme, ERR_SYNTAX when it is malformed. */
err auth_header_bearer(const struct http_request *req, str *ret_token) MUST_CHECK;

struct basic_credentials {
    str user;
    str password;
};

/* The pair of "Authorization: Basic …": UTF-8, no control characters. With `is_form_encoded`
 * both are percent-decoded, as OAuth clients send them (RFC 6749 §2.3.1). ERR_MISSING and
 * ERR_SYNTAX as above. */
err auth_header_basic(const struct http_request *req, bool is_form_encoded,
                      struct basic_credentials *ret) MUST_CHECK;

#endif
