/* SPDX-License-Identifier: Apache-2.0 */
#include "server/http/http1.h"

#include "base/scan.h"

#include "server/http/http1_int.h"
#include "server/http/url.h"

/* Lower-case form of every byte that may stand in a token (RFC 9110 §5.6.2), 0 for others. */
const char http1_token_lower[256] = {
    ['!'] = '!', ['#'] = '#', ['$'] = '$', ['%'] = '%', ['&'] = '&', ['\''] = '\'', ['*'] = '*',
    ['+'] = '+', ['-'] = '-', ['.'] = '.', ['^'] = '^', ['_'] = '_', ['`'] = '`',   ['|'] = '|',
    ['~'] = '~', ['0'] = '0', ['1'] = '1', ['2'] = '2', ['3'] = '3', ['4'] = '4',   ['5'] = '5',
    ['6'] = '6', ['7'] = '7', ['8'] = '8', ['9'] = '9', ['a'] = 'a', ['b'] = 'b',   ['c'] = 'c',
    ['d'] = 'd', ['e'] = 'e', ['f'] = 'f', ['g'] = 'g', ['h'] = 'h', ['i'] = 'i',   ['j'] = 'j',
    ['k'] = 'k', ['l'] = 'l', ['m'] = 'm', ['n'] = 'n', ['o'] = 'o', ['p'] = 'p',   ['q'] = 'q',
    ['r'] = 'r', ['s'] = 's', ['t'] = 't', ['u'] = 'u', ['v'] = 'v', ['w'] = 'w',   ['x'] = 'x',
    ['y'] = 'y', ['z'] = 'z', ['A'] = 'a', ['B'] = 'b', ['C'] = 'c', ['D'] = 'd',   ['E'] = 'e',
    ['F'] = 'f', ['G'] = 'g', ['H'] = 'h', ['I'] = 'i', ['J'] = 'j', ['K'] = 'k',   ['L'] = 'l',
    ['M'] = 'm', ['N'] = 'n', ['O'] = 'o', ['P'] = 'p', ['Q'] = 'q', ['R'] = 'r',   ['S'] = 's',
    ['T'] = 't', ['U'] = 'u', ['V'] = 'v', ['W'] = 'w', ['X'] = 'x', ['Y'] = 'y',   ['Z'] = 'z',
};

static bool is_value_byte(char c) {
    unsigned char byte = (unsigned char)c;
    return (byte >= 0x20 && byte != 0x7f) || byte == '\t';
}

/* A cursor over the head; `end` is what has arrived. */
struct cursor {
    char *at;
    char *end;
    struct http1_error *error;
};

static enum http1_result fail(struct cursor *c, enum problem_kind kind, const char *text) {
    *c->error = (struct http1_error){kind, text};
    return HTTP1_ERROR;
}

static enum http1_result bad(struct cursor *c, const char *text) {
    return fail(c, PROBLEM_BAD_REQUEST, text);
}

/* CR LF at the cursor. */
static enum http1_result line_end(struct cursor *c, const char *text) {
    if (c->at == c->end) {
        return HTTP1_MORE;
    }
    if (*c->at != '\r') {
        return bad(c, *c->at == '\n' ? "a line ends with LF alone" : text);
    }
    if (c->at + 1 == c->end) {
        return HTTP1_MORE;
    }
    if (c->at[1] != '\n') {
        return bad(c, "CR is not followed by LF");
    }
    c->at += 2;
    return HTTP1_OK;
}

enum http_method http1_method(str text) {
    static const struct {
        str name;
        enum http_method method;
    } methods[] = {
        {STR_INIT("GET"), HTTP_GET},         {STR_INIT("POST"), HTTP_POST},
        {STR_INIT("HEAD"), HTTP_HEAD},       {STR_INIT("PUT"), HTTP_PUT},
        {STR_INIT("PATCH"), HTTP_PATCH},     {STR_INIT("DELETE"), HTTP_DELETE},
        {STR_INIT("OPTIONS"), HTTP_OPTIONS},
    };
    for (size_t i = 0; i < ARRAY_LEN(methods); i++) {
        if (str_equal(text, methods[i].name)) {
            return methods[i].method;
        }
    }
    return HTTP_OTHER;
}

static enum http1_result parse_method(struct cursor *c, struct http1_head *head, str *ret_text) {
    const char *start = c->at;
    while (c->at < c->end && http1_token_lower[(unsigned char)*c->at] != 0) {
        c->at++;
    }
    str text = {start, (size_t)(c->at - start)};
    if (text.len > HTTP1_METHOD_MAX) {
        return fail(c, PROBLEM_NOT_IMPLEMENTED, "the method is not known");
    }
    if (c->at == c->end) {
        return HTTP1_MORE;
    }
    if (*c->at != ' ' || text.len == 0) {
        return bad(c, "the method is not a token followed by one space");
    }
    c->at++;
    head->method = http1_method(text);
    *ret_text = text;
    return HTTP1_OK;
}

static enum http1_result parse_target(struct cursor *c, size_t max, struct http1_head *head) {
    const char *start = c->at;
    while (c->at<c->end && * c->at> ' ' && *c->at < 0x7f) {
        c->at++;
    }
    head->target = (str){start, (size_t)(c->at - start)};
    if (head->target.len > max) {
        return fail(c, PROBLEM_URI_TOO_LONG, "the request target is too long");
    }
    if (c->at == c->end) {
        return HTTP1_MORE;
    }
    if (*c->at != ' ' || head->target.len == 0) {
        return bad(c, "the request target is not visible ASCII followed by one space");
    }
    c->at++;
    return HTTP1_OK;
}

static enum http1_result parse_version(struct cursor *c, struct http1_head *head) {
    static const char prefix[] = "HTTP/";
    enum { PREFIX = sizeof prefix - 1, VERSION = PREFIX + 3 };
    size_t have = (size_t)(c->end - c->at);
    size_t compared = have < PREFIX ? have : PREFIX;
    if (memcmp(c->at, prefix, compared) != 0) {
        return bad(c, "the request line does not end with the HTTP version");
    }
    if (have < VERSION) {
        return HTTP1_MORE;
    }
    char major = c->at[PREFIX];
    char minor = c->at[PREFIX + 2];
    if (!byte_is_digit(major) || c->at[PREFIX + 1] != '.' || !byte_is_digit(minor)) {
        return bad(c, "the HTTP version is malformed");
    }
    c->at += VERSION;
    enum http1_result end = line_end(c, "the HTTP version is not followed by a line end");
    if (end != HTTP1_OK) {
        return end;
    }
    if (major != '1' || minor > '1') {
        return fail(c, PROBLEM_VERSION, "the version is neither HTTP/1.1 nor HTTP/1.0");
    }
    head->is_http10 = minor == '0';
    return HTTP1_OK;
}

static void split_query(str target, struct http1_head *head) {
    if (!str_cut(target, '?', &head->path, &head->query)) {
        head->query = (str){NULL, 0};
    }
}

/* scheme "://" authority [path] ["?" query]; the authority is stronger than Host (RFC 9112
 * §3.2.2). */
static enum http1_result split_absolute(struct cursor *c, struct http1_head *head) {
    str target = head->target;
    size_t colon = str_find(target, STR("://"));
    str scheme = str_slice(target, 0, colon == SIZE_MAX ? 0 : colon);
    if (!str_equal_nocase(scheme, STR("http")) && !str_equal_nocase(scheme, STR("https"))) {
        return bad(c, "the request target is neither a path nor an http URL");
    }
    str rest = str_slice(target, colon + 3, target.len);
    size_t end = 0;
    while (end < rest.len && rest.ptr[end] != '/' && rest.ptr[end] != '?') {
        end++;
    }
    head->host = str_slice(rest, 0, end);
    if (!url_authority_is_valid(head->host)) {
        return bad(c, "the authority in the request target is malformed");
    }
    split_query(str_slice(rest, end, rest.len), head);
    if (head->path.len == 0) {
        head->path = STR("/");
    }
    return HTTP1_OK;
}

static enum http1_result split_target(struct cursor *c, str method, struct http1_head *head) {
    head->host = (str){NULL, 0};
    if (head->target.ptr[0] == '/') {
        split_query(head->target, head);
    } else if (str_equal(head->target, STR("*"))) {
        if (head->method != HTTP_OPTIONS) {
            return bad(c, "only OPTIONS may have the request target *");
        }
        head->path = (str){NULL, 0};
        head->query = (str){NULL, 0};
        return HTTP1_OK;
    } else if (str_equal(method, STR("CONNECT"))) {
        return bad(c, "this is not a proxy");
    } else {
        enum http1_result result = split_absolute(c, head);
        if (result != HTTP1_OK) {
            return result;
        }
    }
    if (str_find_byte(head->target, '#') != SIZE_MAX) {
        return bad(c, "the request target has a fragment");
    }
    if (!url_query_is_valid(head->query)) {
        return bad(c, "the query has bytes that must be percent-encoded, or a malformed escape");
    }
    return HTTP1_OK;
}

static enum http1_result parse_request_line(struct cursor *c, const struct http1_limits *limits,
                                            struct http1_head *head) {
    str method;
    enum http1_result result = parse_method(c, head, &method);
    if (result == HTTP1_OK) {
        result = parse_target(c, limits->target_max, head);
    }
    if (result == HTTP1_OK) {
        result = parse_version(c, head);
    }
    return result == HTTP1_OK ? split_target(c, method, head) : result;
}

/* name ":" OWS value OWS CRLF */
static enum http1_result parse_field(struct cursor *c, struct http_header *ret) {
    char *at = c->at;
    char *name = at;
    while (at < c->end) {
        char lower = http1_token_lower[(unsigned char)*at];
        if (lower == 0) {
            break;
        }
        *at++ = lower;
    }
    ret->name = (str){name, (size_t)(at - name)};
    if (at == c->end) {
        return HTTP1_MORE;
    }
    if (*at != ':' || at == name) {
        return bad(c, at == name && (*at == ' ' || *at == '\t')
                          ? "a header line is folded or begins with white space"
                          : "a header name is not a token followed by a colon");
    }
    at++;
    while (at < c->end && (*at == ' ' || *at == '\t')) {
        at++;
    }
    const char *value = at;
    for (;;) {
        at += scan_printable(at, (size_t)(c->end - at));
        if (at == c->end || !is_value_byte(*at)) {
            break;
        }
        at++; /* not printable, still allowed: a tab, or a byte above ASCII */
    }
    c->at = at;
    enum http1_result result = line_end(c, "a header value has a control character");
    if (result != HTTP1_OK) {
        return result;
    }
    while (at > value && (at[-1] == ' ' || at[-1] == '\t')) {
        at--;
    }
    ret->value = (str){value, (size_t)(at - value)};
    return HTTP1_OK;
}

enum http1_result http1_field_parse(char *bytes, size_t len, size_t *ret_used,
                                    struct http_header *ret, struct http1_error *ret_error) {
    struct cursor c = {bytes, bytes + len, ret_error};
    enum http1_result result = parse_field(&c, ret);
    *ret_used = (size_t)(c.at - bytes);
    return result;
}

static enum http1_result parse_fields(struct cursor *c, const struct http1_limits *limits,
                                      struct http_header *headers, struct http1_head *head) {
    head->headers = headers;
    head->header_count = 0;
    while (true) {
        if (c->at == c->end) {
            return HTTP1_MORE;
        }
        if (*c->at == '\r' || *c->at == '\n') {
            return line_end(c, "");
        }
        if (head->header_count == limits->headers_max) {
            return fail(c, PROBLEM_HEADERS_TOO_LARGE, "there are too many header fields");
        }
        enum http1_result result = parse_field(c, &headers[head->header_count]);
        if (result != HTTP1_OK) {
            return result;
        }
        head->header_count++;
    }
}

enum http1_result http1_head_parse(char *bytes, size_t len, const struct http1_limits *limits,
                                   struct http_header *headers, struct http1_head *ret,
                                   struct http1_error *ret_error) {
    size_t seen = len < limits->head_max ? len : limits->head_max;
    struct cursor c = {bytes, bytes + seen, ret_error};
    struct http1_head head;
    enum http1_result result = HTTP1_OK;
    bool is_in_fields = false;
    if (seen > 0 && (bytes[0] == '\r' || bytes[0] == '\n')) {
        /* One empty line is left over by old clients after a body (RFC 9112 §2.2). */
        result = line_end(&c, "");
    }
    if (result == HTTP1_OK) {
        result = parse_request_line(&c, limits, &head);
    }
    if (result == HTTP1_OK) {
        is_in_fields = true;
        result = parse_fields(&c, limits, headers, &head);
    }
    if (result == HTTP1_MORE && seen == limits->head_max) {
        return is_in_fields ? fail(&c, PROBLEM_HEADERS_TOO_LARGE, "the header section is too large")
                            : fail(&c, PROBLEM_URI_TOO_LONG, "the request line is too long");
    }
    if (result != HTTP1_OK) {
        return result;
    }
    head.length = (size_t)(c.at - bytes);
    result = http1_head_interpret(&head, headers, ret_error);
    if (result == HTTP1_OK) {
        *ret = head;
    }
    return result;
}
