/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_HTTP_HTTP1_INT_H
#define SERVER_HTTP_HTTP1_INT_H
/*
 * Shared by the files of http1: syntax (http1.c), meaning of the fields that frame a message
 * (http1_fields.c) and chunked bodies (http1_chunked.c). Pure functions.
 */
#include "server/http/http1.h"

extern const char http1_token_lower[256];

enum http_method http1_method(str text);

/* One header line with its CR LF; the name becomes lower case in place. */
enum http1_result http1_field_parse(char *bytes, size_t len, size_t *ret_used,
                                    struct http_header *ret,
                                    struct http1_error *ret_error) MUST_CHECK;

/* Fills host, request_id, body, content_length and the flags from the parsed fields. */
enum http1_result http1_head_interpret(struct http1_head *head, struct http_header *headers,
                                       struct http1_error *ret_error) MUST_CHECK;

#endif
