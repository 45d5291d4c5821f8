/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUTH_API_REPLY_H
#define AUTH_API_REPLY_H
/*
 * Outcomes of flows as HTTP: the one place that maps an err or a fault to a status.
 *
 * ERR_DENIED carries a fault and is the caller's doing; everything else is ours, is logged with
 * its detail, and tells the caller nothing but 500 or 503.
 */
#include "auth/flow/call.h"
#include "auth/flow/issue.h"
#include "server/http/problem.h"

/* application/problem+json, for our own API. */
void reply_problem(struct http_request *req, struct http_response *resp, const struct call *c,
                   err code, const struct fault *fault);

/* {"error","error_description"} of RFC 6749 §5.2, for the OAuth endpoints. */
void reply_oauth_error(struct http_request *req, struct http_response *resp, const struct call *c,
                       err code, const struct fault *fault);

/* The token response of RFC 6749 §5.1. `must_change_password` adds a member of ours. */
void reply_tokens(struct http_request *req, struct http_response *resp, const struct call *c,
                  const struct tokens *tokens, bool must_change_password);

/* A finished JSON document, or 500 when it did not fit. */
void reply_json(struct http_request *req, struct http_response *resp, const struct call *c,
                int status, const struct buf *json);

/* Status for a failure of ours: 503 when it may pass, otherwise 500. Logs it. */
enum problem_kind reply_failure(const struct call *c, err code);

#endif
