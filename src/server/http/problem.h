/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_HTTP_PROBLEM_H
#define SERVER_HTTP_PROBLEM_H
/*
 * The peer broke a rule: application/problem+json (RFC 9457).
 *
 *   {"type":"urn:ironwood:problem:invalid-json","title":"The body is not valid JSON",
 *    "status":400,"detail":"line 3, column 7: …","request_id":"…"}
 *
 * The type is stable and documented (docs/problems.md is generated from the table). `detail` is
 * written by us for the caller: it never contains internals, secrets or the text of an err.
 */
#include "server/http/http.h"

/* kind, type, status, title */
#define PROBLEM_TABLE(X)                                                                        \
    X(PROBLEM_BAD_REQUEST, "bad-request", 400, "The request is malformed")                      \
    X(PROBLEM_INVALID_JSON, "invalid-json", 400, "The body is not valid JSON")                  \
    X(PROBLEM_INVALID_FIELD, "invalid-field", 400,                                              \
      "A field is missing, unknown or has a bad value")                                         \
    X(PROBLEM_INVALID_FORM, "invalid-form", 400, "The form is malformed")                       \
    X(PROBLEM_UNAUTHENTICATED, "unauthenticated", 401, "Authentication is required")            \
    X(PROBLEM_INVALID_CREDENTIALS, "invalid-credentials", 401, "The credentials are wrong")     \
    X(PROBLEM_INVALID_TOKEN, "invalid-token", 401, "The token is not valid")                    \
    X(PROBLEM_FORBIDDEN, "forbidden", 403, "The caller may not do this")                        \
    X(PROBLEM_NOT_FOUND, "not-found", 404, "There is nothing here")                             \
    X(PROBLEM_METHOD_NOT_ALLOWED, "method-not-allowed", 405, "The method is not allowed here")  \
    X(PROBLEM_NOT_ACCEPTABLE, "not-acceptable", 406, "No acceptable form of the answer exists") \
    X(PROBLEM_REQUEST_TIMEOUT, "request-timeout", 408, "The request took too long to arrive")   \
    X(PROBLEM_CONFLICT, "conflict", 409, "The object exists already")                           \
    X(PROBLEM_LENGTH_REQUIRED, "length-required", 411, "A length is required")                  \
    X(PROBLEM_TOO_LARGE, "too-large", 413, "The body is too large")                             \
    X(PROBLEM_URI_TOO_LONG, "uri-too-long", 414, "The request target is too long")              \
    X(PROBLEM_UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", 415,                            \
      "The content type is not supported")                                                      \
    X(PROBLEM_EXPECTATION_FAILED, "expectation-failed", 417, "The expectation cannot be met")   \
    X(PROBLEM_MISDIRECTED, "misdirected", 421, "This host is not served here")                  \
    X(PROBLEM_INVALID_POLICIES, "invalid-policies", 422, "The policies do not load")            \
    X(PROBLEM_RATE_LIMITED, "rate-limited", 429, "Too many requests")                           \
    X(PROBLEM_HEADERS_TOO_LARGE, "headers-too-large", 431, "The header section is too large")   \
    X(PROBLEM_INTERNAL, "internal", 500, "An internal error occurred")                          \
    X(PROBLEM_NOT_IMPLEMENTED, "not-implemented", 501, "This is not implemented")               \
    X(PROBLEM_OVERLOADED, "overloaded", 503, "The service is overloaded")                       \
    X(PROBLEM_UNAVAILABLE, "unavailable", 503, "The service cannot answer now")                 \
    X(PROBLEM_VERSION, "http-version", 505, "The HTTP version is not supported")

enum problem_kind {
#define X(kind, type, status, title) kind,
    PROBLEM_TABLE(X)
#undef X
};

int problem_status(enum problem_kind kind);

/* Fills the response: problem document, Content-Type, no-store. 401 gets WWW-Authenticate:
 * Bearer, 429 and 503 Retry-After: 1 unless the header is set before. `detail` may be absent. */
void problem_response(struct http_request *req, struct http_response *resp, enum problem_kind kind,
                      str detail);
void problem_format(struct http_request *req, struct http_response *resp, enum problem_kind kind,
                    const char *format, ...) PRINTF_LIKE(4, 5);

/* An `err` of a lower layer as an answer; the fall-through is 500 without detail. */
void problem_from_err(struct http_request *req, struct http_response *resp, err code);

#endif
