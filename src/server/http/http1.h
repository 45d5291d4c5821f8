/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_HTTP_HTTP1_H
#define SERVER_HTTP_HTTP1_H
/*
 * HTTP/1.1 on the wire (RFC 9112): the head of a request and the framing of a chunked body.
 *
 * Functions over a slice, no I/O, no memory of their own. The head is parsed in place: names
 * of header fields are turned into lower case where they stand, everything else is untouched,
 * and the result borrows from the bytes. A call with too few bytes says HTTP1_MORE and may be
 * repeated with more of them.
 *
 * Strict: what RFC 9112 allows a server to refuse is refused, because every tolerance is a
 * chance for two parsers to disagree (request smuggling). In particular bare CR or LF, folded
 * lines, white space around names, repeated or non-digit lengths, a length together with
 * Transfer-Encoding, any transfer coding but one `chunked`, and a missing, repeated or
 * malformed Host are errors. A version other than 1.0 and 1.1 is refused with 505: RFC 9110
 * §2.5 would let us read a higher minor version as 1.1, but none exists, so only probes send it.
 */
#include "server/http/problem.h"

enum {
    HTTP1_METHOD_MAX = 32,       /* bytes of a method before it is called unknown */
    HTTP1_CHUNK_LINE_MAX = 256,  /* size and extensions of one chunk */
    HTTP1_EXTENSIONS_MAX = 4096, /* bytes of all extensions of one body */
    HTTP1_TRAILER_LINE_MAX = 2048,
    HTTP1_TRAILERS_MAX = 8192, /* bytes of the trailer section */
};

enum http1_result {
    HTTP1_OK,
    HTTP1_MORE,
    HTTP1_ERROR,
};

struct http1_limits {
    size_t head_max;
    size_t target_max;
    size_t headers_max; /* also the room in the array given to http1_head_parse */
};

enum http1_body {
    HTTP1_BODY_NONE,
    HTTP1_BODY_LENGTH,
    HTTP1_BODY_CHUNKED,
};

/* What was wrong, for the peer. */
struct http1_error {
    enum problem_kind kind;
    const char *text;
};

struct http1_head {
    size_t length; /* bytes of the head, an empty line before it included */
    enum http_method method;
    str target;     /* as sent */
    str path;       /* raw; absent for "*" */
    str query;      /* raw, without '?'; absent when there is none */
    str host;       /* the authority of an absolute target, otherwise Host; may be absent in 1.0 */
    str request_id; /* X-Request-ID, when it occurs once; otherwise absent */
    const struct http_header *headers;
    size_t header_count;
    enum http1_body body;
    uint64_t content_length; /* HTTP1_BODY_LENGTH */
    bool is_http10;
    bool is_kept_alive;
    bool expects_continue;
    bool has_other_expectation;
};

/* `headers` has room for limits->headers_max. On HTTP1_ERROR *ret_error is filled. */
enum http1_result http1_head_parse(char *bytes, size_t len, const struct http1_limits *limits,
                                   struct http_header *headers, struct http1_head *ret,
                                   struct http1_error *ret_error) MUST_CHECK;

enum http1_chunk_phase {
    HTTP1_CHUNK_SIZE,
    HTTP1_CHUNK_DATA,
    HTTP1_CHUNK_DATA_END,
    HTTP1_CHUNK_TRAILER,
    HTTP1_CHUNK_DONE,
};

/* Zeroed at the start of a body. */
struct http1_chunked {
    enum http1_chunk_phase phase;
    uint64_t left; /* of the current chunk */
    size_t extension_bytes;
    size_t trailer_bytes;
};

/* Takes the next step in a chunked body: *ret_used bytes of the input are finished with, and
 * *ret_data (may be empty, borrows from the input) belongs to the body. Both are set whatever
 * the result. HTTP1_OK: the body is complete. HTTP1_MORE: call again with the rest of the
 * input, if *ret_used > 0, or with more bytes. Trailers are checked and dropped. */
enum http1_result http1_chunked_next(struct http1_chunked *state, str input, size_t *ret_used,
                                     str *ret_data, struct http1_error *ret_error) MUST_CHECK;

#endif
