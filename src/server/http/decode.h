/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_HTTP_DECODE_H
#define SERVER_HTTP_DECODE_H
/*
 * A JSON object into a struct, by a table of fields: parse, do not validate.
 *
 *     struct login { str email; str password; int64_t ttl_s; };
 *     static const struct decode_field login_fields[] = {
 *         {STR_INIT("email"), DECODE_STRING, DECODE_REQUIRED, 254, offsetof(struct login, email)},
 *         …
 *     };
 *     struct login login = {.ttl_s = 60};
 *     if (!decode_body(req, resp, login_fields, ARRAY_LEN(login_fields), &login)) {
 *         return HTTP_DONE;
 *     }
 *
 * A field that is optional and missing (or null) leaves its member as the caller set it. Unknown
 * members are refused, with the nearest known name. Strings borrow from the body or live in the
 * request's arena. Errors read "field `email`: must be a string" and are fit for the peer.
 */
#include "server/http/http.h"

enum decode_kind {
    DECODE_STRING,  /* str; `max` in bytes; NUL is refused */
    DECODE_INT,     /* int64_t; 0 ≤ value ≤ max */
    DECODE_BOOL,    /* bool */
    DECODE_STRINGS, /* struct decode_strings; at most `max` items of at most item_max bytes */
    DECODE_OBJECT,  /* const struct json * */
    DECODE_ARRAY,   /* const struct json *; at most `max` items */
    DECODE_ANY,     /* const struct json *, of any kind; null counts as present */
};

enum decode_presence {
    DECODE_OPTIONAL,
    DECODE_REQUIRED, /* for strings also: not empty */
};

enum { DECODE_FIELDS_MAX = 64, DECODE_ITEM_MAX_DEFAULT = 256 };

struct decode_strings {
    const str *items;
    size_t count;
};

struct decode_field {
    str name;
    enum decode_kind kind;
    enum decode_presence presence;
    uint64_t max;    /* see the kind; 0 = no limit beyond the body's */
    size_t offset;   /* of the member in the struct */
    size_t item_max; /* DECODE_STRINGS: bytes per item; 0 = DECODE_ITEM_MAX_DEFAULT */
};

/* ERR_TYPE, ERR_MISSING, ERR_UNKNOWN, ERR_RANGE or ERR_LIMIT with the text in *reterr. The
 * struct is complete only on success. */
err decode_object(struct arena *a, const struct json *value, const struct decode_field *fields,
                  size_t count, void *ret, struct error *reterr) MUST_CHECK;

/* The request's body: Content-Type application/json, JSON, then the fields. On false the
 * response is a problem document (415, invalid-json or invalid-field). */
bool decode_body(struct http_request *req, struct http_response *resp,
                 const struct decode_field *fields, size_t count, void *ret) MUST_CHECK;

/* Only the first half, for bodies that are not described by a table. */
bool decode_json(struct http_request *req, struct http_response *resp,
                 const struct json_limits *limits, const struct json **ret) MUST_CHECK;

/* Whether a Content-Type names that media type; parameters other than charset=utf-8 refuse it. */
bool content_type_is(str content_type, str media_type);

#endif
