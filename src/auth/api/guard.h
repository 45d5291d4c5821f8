/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUTH_API_GUARD_H
#define AUTH_API_GUARD_H
/*
 * Who calls: the access token of routes that want one, the loopback exception of operators
 * (contract C2). req->caller is the proof, a `struct bearer`; it is NULL only for an operator on
 * loopback.
 */
#include "auth/flow/bearer.h"
#include "server/http/router.h"

http_guard guard_check;

static inline const struct bearer *guard_caller(const struct http_request *req) {
    return req->caller;
}

#endif
