/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_HTTP_FORM_H
#define SERVER_HTTP_FORM_H
/*
 * application/x-www-form-urlencoded: bodies of forms and OAuth requests, and query strings.
 *
 * Parsing gives a list of names and values, decoded, in source order, in the arena (or borrowed
 * from the text where nothing was encoded). Malformed escapes, NUL and invalid UTF-8 are
 * ERR_SYNTAX; more fields or longer names and values than the limits below are ERR_LIMIT.
 * Whether a repeated or unknown name is an error is the caller's rule: OAuth refuses repeated
 * parameters (RFC 6749 §3.1), which form_repeated finds.
 */
#include "server/http/http.h"

enum { FORM_FIELDS_MAX = 64, FORM_NAME_MAX = 128, FORM_VALUE_MAX = 16384 };

struct form_field {
    str name;
    str value; /* empty for "name" and "name=" */
};

struct form {
    const struct form_field *fields;
    size_t count;
};

/* An absent or empty text is an empty form. */
err form_parse(struct arena *a, str text, struct form *ret, struct error *reterr) MUST_CHECK;

/* The request's body as a form; ERR_TYPE when its Content-Type says something else. */
err form_from_body(struct http_request *req, struct form *ret, struct error *reterr) MUST_CHECK;
/* The request's query string as a form. */
err form_from_query(struct http_request *req, struct form *ret, struct error *reterr) MUST_CHECK;

/* As above, answering the peer itself: on false the response is a problem document. */
bool form_body_or_problem(struct http_request *req, struct http_response *resp,
                          struct form *ret) MUST_CHECK;
bool form_query_or_problem(struct http_request *req, struct http_response *resp,
                           struct form *ret) MUST_CHECK;

/* The first value of that name, absent when there is none. */
str form_get(const struct form *form, str name);
size_t form_count(const struct form *form, str name);
/* A name that occurs more than once; absent when all differ. */
str form_repeated(const struct form *form);

/* Appends [separator] name=value, both encoded; the separator is '?', '&' or 0 for none. */
void form_add(struct buf *out, char separator, str name, str value);

#endif
