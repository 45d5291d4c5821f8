/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_HTTP_ROUTER_INT_H
#define SERVER_HTTP_ROUTER_INT_H
/*
 * Finding the row for a request; between the router and the server's loops only.
 *
 * A router is immutable after router_new and may be used from any thread.
 */
#include "server/http/router.h"

enum route_match {
    ROUTE_FOUND,
    ROUTE_NO_PATH,   /* 404 */
    ROUTE_NO_METHOD, /* 405, with *ret_allow */
    ROUTE_OPTIONS,   /* 204, with *ret_allow */
};

/* Fills req->route and req->params from req->path and req->method. Exact paths are stronger
 * than paths with parameters; among those the first row wins. */
enum route_match router_match(const struct router *router, struct http_request *req,
                              str *ret_allow);

#endif
