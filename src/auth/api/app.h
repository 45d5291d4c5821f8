/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUTH_API_APP_H
#define AUTH_API_APP_H
/*
 * What the handlers of auth-service share: the router's `app`. Made by main before the server
 * runs, read-only afterwards; what its members point to is safe for any thread.
 */
#include "auth/flow/call.h"
#include "server/http/http.h"

struct app {
    struct ops *ops; /* first: see ops.h */
    struct flow flow;
    bool is_https;                   /* browsers reach us over TLS: the issuer's scheme */
    str origin;                      /* scheme, host and port of the issuer */
    str base;                        /* its path, which a proxy before us takes off; mostly empty */
    str discovery;                   /* the metadata document */
    const char *admin_password_file; /* NULL: there is none */
};

static inline struct app *app_of(const struct http_request *req) {
    return req->app;
}

/* Builds `origin`, `base`, `is_https` and `discovery` from the issuer, in the arena. */
err app_prepare(struct app *app, struct arena *a) MUST_CHECK;

/* The facts of one request, for the flows. */
struct call app_call(struct http_request *req);

#endif
