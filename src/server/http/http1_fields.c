/* SPDX-License-Identifier: Apache-2.0 */
#include "server/http/http1_int.h"
#include "server/http/url.h"

/* The fields of a head that say where the message ends and what becomes of the connection. */
struct framing {
    struct http_header *host;
    const struct http_header *content_length;
    const struct http_header *transfer_encoding;
    const struct http_header *expect;
    const struct http_header *request_id;
    unsigned host_count;
    unsigned content_length_count;
    unsigned transfer_encoding_count;
    unsigned expect_count;
    unsigned request_id_count;
    bool wants_close;
    bool wants_keep_alive;
};

static enum http1_result bad(struct http1_error *error, const char *text) {
    *error = (struct http1_error){PROBLEM_BAD_REQUEST, text};
    return HTTP1_ERROR;
}

static void read_connection(struct framing *f, str value) {
    str rest = value;
    while (rest.len > 0) {
        str option;
        IGNORE(str_cut(rest, ',', &option, &rest)); /* the last option has no ',' */
        option = str_trim(option);
        f->wants_close |= str_equal_nocase(option, STR("close"));
        f->wants_keep_alive |= str_equal_nocase(option, STR("keep-alive"));
    }
}

static bool is_named(const struct http_header *header, const char *name) {
    return memcmp(header->name.ptr, name, header->name.len) == 0;
}

static void sort_field(struct framing *f, struct http_header *header) {
    switch (header->name.len) {
    case 4:
        if (is_named(header, "host")) {
            f->host = header;
            f->host_count++;
        }
        break;
    case 6:
        if (is_named(header, "expect")) {
            f->expect = header;
            f->expect_count++;
        }
        break;
    case 10:
        if (is_named(header, "connection")) {
            read_connection(f, header->value);
        }
        break;
    case 12:
        if (is_named(header, "x-request-id")) {
            f->request_id = header;
            f->request_id_count++;
        }
        break;
    case 14:
        if (is_named(header, "content-length")) {
            f->content_length = header;
            f->content_length_count++;
        }
        break;
    case 17:
        if (is_named(header, "transfer-encoding")) {
            f->transfer_encoding = header;
            f->transfer_encoding_count++;
        }
        break;
    default:
        break;
    }
}

/* White space may be a tab (RFC 9110 §5.6.3), but not every server reads it so: some take it as
 * part of the value. SECURITY: in the fields that frame a message that is doubt enough. */
static bool has_tab_around(const struct http_header *header) {
    const char *before = header->name.ptr + header->name.len + 1;
    const char *behind = header->value.ptr + header->value.len;
    for (; before < header->value.ptr; before++) {
        if (*before == '\t') {
            return true;
        }
    }
    for (; *behind != '\r'; behind++) {
        if (*behind == '\t') {
            return true;
        }
    }
    return false;
}

/* RFC 9112 §6. SECURITY: two readings of where a body ends are a smuggled request. */
static enum http1_result interpret_body(struct http1_head *head, const struct framing *f,
                                        struct http1_error *error) {
    head->body = HTTP1_BODY_NONE;
    head->content_length = 0;
    if (f->content_length_count > 1) {
        return bad(error, "Content-Length is repeated");
    }
    if (f->transfer_encoding_count > 0) {
        if (f->content_length_count > 0) {
            return bad(error, "Content-Length and Transfer-Encoding stand together");
        }
        if (head->is_http10) {
            return bad(error, "HTTP/1.0 has no Transfer-Encoding");
        }
        if (f->transfer_encoding_count > 1 ||
            !str_equal_nocase(f->transfer_encoding->value, STR("chunked")) ||
            has_tab_around(f->transfer_encoding)) {
            return bad(error, "the only Transfer-Encoding served is a single chunked");
        }
        head->body = HTTP1_BODY_CHUNKED;
        return HTTP1_OK;
    }
    if (f->content_length_count == 1) {
        if (!str_to_u64(f->content_length->value, &head->content_length) ||
            has_tab_around(f->content_length)) {
            return bad(error, "Content-Length is not a decimal number in range");
        }
        head->body = HTTP1_BODY_LENGTH;
    }
    return HTTP1_OK;
}

/* RFC 9112 §3.2 */
static enum http1_result interpret_host(struct http1_head *head, const struct framing *f,
                                        struct http1_error *error) {
    if (f->host_count > 1) {
        return bad(error, "Host is repeated");
    }
    if (f->host_count == 0) {
        return head->is_http10 ? HTTP1_OK : bad(error, "Host is missing");
    }
    if (!url_authority_is_valid(f->host->value) || has_tab_around(f->host)) {
        return bad(error, "Host is malformed");
    }
    if (str_is_absent(head->host)) {
        head->host = f->host->value;
    } else {
        f->host->value = head->host; /* nobody above shall see the weaker one */
    }
    return HTTP1_OK;
}

static void interpret_expect(struct http1_head *head, const struct framing *f) {
    head->expects_continue = false;
    head->has_other_expectation = false;
    if (f->expect_count == 0 || head->is_http10) {
        return; /* RFC 9110 §10.1.1: ignored in 1.0 */
    }
    bool is_continue =
        f->expect_count == 1 && str_equal_nocase(f->expect->value, STR("100-continue"));
    head->expects_continue = is_continue;
    head->has_other_expectation = !is_continue;
}

enum http1_result http1_head_interpret(struct http1_head *head, struct http_header *headers,
                                       struct http1_error *ret_error) {
    struct framing f = {0};
    for (size_t i = 0; i < head->header_count; i++) {
        sort_field(&f, &headers[i]);
    }
    enum http1_result result = interpret_host(head, &f, ret_error);
    if (result == HTTP1_OK) {
        result = interpret_body(head, &f, ret_error);
    }
    interpret_expect(head, &f);
    head->request_id = f.request_id_count == 1 ? f.request_id->value : (str){NULL, 0};
    head->is_kept_alive = !f.wants_close && (!head->is_http10 || f.wants_keep_alive);
    return result;
}
