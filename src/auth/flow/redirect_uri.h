/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUTH_FLOW_REDIRECT_URI_H
#define AUTH_FLOW_REDIRECT_URI_H
/*
 * Redirect URIs: which may be registered, and whether one presented is one registered.
 *
 * SECURITY: matching is byte-exact (RFC 9700 §4.1.3); the one exception is the port of a
 * loopback address (RFC 8252 §7.3). There is no prefix, no pattern and no normalisation, so
 * nothing can be read in two ways. Refused everywhere: user information, fragments, control
 * bytes, spaces, backslashes, non-ASCII, schemes outside the allow-list (`https`; `http` on a
 * loopback host; private-use schemes that contain a dot, RFC 8252 §7.1). Pure functions.
 */
#include "base/err.h"
#include "base/str.h"

enum { REDIRECT_URI_MAX = 2000 };

struct redirect_uri {
    str scheme;
    str host;         /* empty for private-use schemes; "[::1]" keeps its brackets */
    str port;         /* absent when there is none */
    str rest;         /* path and query, as written */
    str origin;       /* "https://host:port", or "com.example.app:" (also "http:" for IPv6): fit for
                         a CSP source list */
    bool is_loopback; /* http on 127.0.0.1 or [::1]: any port matches */
};

/* ERR_SYNTAX, ERR_LIMIT, or ERR_DENIED (a scheme or host that is not allowed). The parts borrow
 * from `uri`. */
err redirect_uri_parse(str uri, struct redirect_uri *ret) MUST_CHECK;

/* Both must parse; anything else is no match. */
bool redirect_uri_matches(str registered, str presented);

#endif
