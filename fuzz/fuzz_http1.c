/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Properties of a request: what is accepted is complete and clean (names are lower-case tokens,
 * values without control bytes, everything inside the head); written out again in its plainest
 * form it is read as the same request; a part of it is incomplete or wrong in the same way as the
 * whole; a chunked body is the same whether it arrives at once or byte by byte.
 */
#include "fuzz.h"

#include <stdlib.h>

#include "server/http/http1.h"

enum { HEADERS_MAX = 24, HEAD_MAX = 4096, TARGET_MAX = 1024 };

static const struct http1_limits limits = {HEAD_MAX, TARGET_MAX, HEADERS_MAX};

struct attempt {
    char *bytes; /* as long as the input, so that tools see reads behind it */
    struct http_header headers[HEADERS_MAX];
    struct http1_head head;
    struct http1_error error;
    enum http1_result result;
};

static void attempt(struct attempt *t, str input) {
    t->bytes = malloc(input.len + (input.len == 0));
    FUZZ_CHECK(t->bytes != NULL);
    memcpy(t->bytes, input.ptr, input.len);
    t->error = (struct http1_error){0};
    t->result = http1_head_parse(t->bytes, input.len, &limits, t->headers, &t->head, &t->error);
    FUZZ_CHECK(t->result != HTTP1_ERROR || (t->error.text != NULL && t->error.text[0] != '\0'));
}

static bool is_inside(const struct attempt *t, str part) {
    return part.ptr >= t->bytes && part.ptr + part.len <= t->bytes + t->head.length;
}

static void check_clean(const struct attempt *t, size_t size) {
    const struct http1_head *head = &t->head;
    FUZZ_CHECK(head->length <= size && head->length <= HEAD_MAX);
    FUZZ_CHECK(head->header_count <= HEADERS_MAX);
    FUZZ_CHECK(is_inside(t, head->target) && head->target.len <= TARGET_MAX);
    FUZZ_CHECK(head->is_http10 || head->host.len > 0);
    FUZZ_CHECK(!(head->expects_continue && head->has_other_expectation));
    for (size_t i = 0; i < head->header_count; i++) {
        str name = head->headers[i].name;
        str value = head->headers[i].value;
        FUZZ_CHECK(name.len > 0 && is_inside(t, name) && is_inside(t, value));
        for (size_t j = 0; j < name.len; j++) {
            char c = name.ptr[j];
            FUZZ_CHECK(c > ' ' && c < 0x7f && c != ':' && byte_lower(c) == c);
        }
        for (size_t j = 0; j < value.len; j++) {
            unsigned char c = (unsigned char)value.ptr[j];
            FUZZ_CHECK((c >= ' ' || c == '\t') && c != 0x7f);
        }
        FUZZ_CHECK(str_equal(str_trim(value), value));
    }
}

static void check_same(const struct http1_head *a, const struct http1_head *b) {
    FUZZ_CHECK(a->method == b->method && a->body == b->body);
    FUZZ_CHECK(a->content_length == b->content_length && a->is_http10 == b->is_http10);
    FUZZ_CHECK(a->is_kept_alive == b->is_kept_alive);
    FUZZ_CHECK(a->expects_continue == b->expects_continue);
    FUZZ_CHECK(str_equal(a->path, b->path) && str_equal(a->query, b->query));
    FUZZ_CHECK(str_equal(a->host, b->host));
    FUZZ_CHECK(a->header_count == b->header_count);
    for (size_t i = 0; i < a->header_count; i++) {
        FUZZ_CHECK(str_equal(a->headers[i].name, b->headers[i].name));
        FUZZ_CHECK(str_equal(a->headers[i].value, b->headers[i].value));
    }
}

static void check_written_again(const struct attempt *t) {
    static const char *const versions[] = {" HTTP/1.1\r\n", " HTTP/1.0\r\n"};
    const struct http1_head *head = &t->head;
    struct attempt again;
    struct buf out;
    str text;
    buf_init(&out, allocator_libc(), HEAD_MAX * 2);
    buf_add_c(&out, head->method == HTTP_OTHER ? "X" : http_method_name(head->method));
    buf_add_byte(&out, ' ');
    buf_add(&out, head->target);
    buf_add_c(&out, versions[head->is_http10]);
    for (size_t i = 0; i < head->header_count; i++) {
        buf_add(&out, head->headers[i].name);
        buf_add_byte(&out, ':');
        buf_add(&out, head->headers[i].value);
        buf_add_c(&out, "\r\n");
    }
    buf_add_c(&out, "\r\n");
    FUZZ_CHECK(buf_finish(&out, &text) == ERR_OK);
    /* An authority longer than the Host it replaced can make the head too large. */
    if (text.len <= HEAD_MAX) {
        attempt(&again, text);
        FUZZ_CHECK(again.result == HTTP1_OK && again.head.length == text.len);
        check_same(head, &again.head);
        free(again.bytes);
    }
    buf_done(&out);
}

static void check_part(const struct attempt *whole, str input, size_t len) {
    struct attempt part;
    attempt(&part, str_slice(input, 0, len));
    if (part.result == HTTP1_OK) {
        FUZZ_CHECK(whole->result == HTTP1_OK && part.head.length == whole->head.length);
    } else if (part.result == HTTP1_ERROR) {
        FUZZ_CHECK(whole->result == HTTP1_ERROR && part.error.kind == whole->error.kind);
    } else {
        FUZZ_CHECK(whole->result != HTTP1_OK || len < whole->head.length);
    }
    free(part.bytes);
}

static enum http1_result read_body(str input, size_t step, struct buf *body, size_t *ret_used) {
    struct http1_chunked state = {0};
    size_t start = 0;
    size_t end = step < input.len ? step : input.len;
    while (true) {
        struct http1_error error;
        str data;
        size_t used;
        str available = str_slice(input, start, end);
        enum http1_result result = http1_chunked_next(&state, available, &used, &data, &error);
        FUZZ_CHECK(used <= available.len && data.len <= used);
        buf_add(body, data);
        start += used;
        *ret_used = start;
        if (result != HTTP1_MORE || (used == 0 && end == input.len)) {
            return result;
        }
        if (used == 0) {
            end = end + step < input.len ? end + step : input.len;
        }
    }
}

static void check_body(str input) {
    struct buf at_once;
    struct buf piecewise;
    size_t used_at_once;
    size_t used_piecewise;
    buf_init(&at_once, allocator_libc(), input.len + 1);
    buf_init(&piecewise, allocator_libc(), input.len + 1);
    enum http1_result first = read_body(input, input.len + 1, &at_once, &used_at_once);
    enum http1_result second = read_body(input, 1, &piecewise, &used_piecewise);
    FUZZ_CHECK(first == second && used_at_once == used_piecewise);
    FUZZ_CHECK(str_equal(buf_str(&at_once), buf_str(&piecewise)));
    buf_done(&at_once);
    buf_done(&piecewise);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    str input = fuzz_input(data, size);
    struct attempt whole;
    if (size > HEAD_MAX * 2) {
        return 0;
    }
    attempt(&whole, input);
    if (whole.result == HTTP1_OK) {
        check_clean(&whole, size);
        check_written_again(&whole);
        if (whole.head.body == HTTP1_BODY_CHUNKED) {
            check_body(str_slice(input, whole.head.length, input.len));
        }
    }
    size_t stride = size / 16 + 1;
    for (size_t len = 0; len < size; len += stride) {
        check_part(&whole, input, len);
    }
    free(whole.bytes);
    check_body(input);
    return 0;
}
