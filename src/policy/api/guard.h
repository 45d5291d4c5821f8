/* SPDX-License-Identifier: Apache-2.0 */
#ifndef POLICY_API_GUARD_H
#define POLICY_API_GUARD_H
/*
 * Who calls: the http_guard of policy-service, and the proof it leaves in the request.
 */
#include "policy/model/caller.h"
#include "server/http/router.h"

http_guard guard_check;

/* The caller of a route that is not CALLER_ANYONE. */
static inline const struct caller *guard_caller(const struct http_request *req) {
    return req->caller;
}

#endif
