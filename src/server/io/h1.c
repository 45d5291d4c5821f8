/* SPDX-License-Identifier: Apache-2.0 */
#include "server/io/session.h"

#include "base/assert.h"
#include "server/http/http1_response.h"
#include "server/io/conn.h"
#include "server/io/loop.h"

/* At the end of every turn, so that the loop's out buffer is empty for the next connection. */
static void flush(struct conn *conn) {
    if (conn_is_blocked(conn)) {
        ASSERT(conn->loop->out.len == 0);
    } else {
        conn_flush(conn);
    }
}

/* Puts the answer into the out buffer, behind those before it. */
static void answer(struct conn *conn, struct exchange *x) {
    struct loop *loop = conn->loop;
    unsigned requests_max = loop->shared->limits.requests_per_connection_max;
    conn->requests++;
    if (!x->is_kept_alive || x->resp.closes || loop->is_draining ||
        conn->requests == requests_max) {
        conn->closes = true;
    }
    struct http1_response_context context = {
        .date = stamp_date(&loop->stamp),
        .is_http10 = x->is_http10,
        .is_closing = conn->closes,
    };
    http1_response_head(&loop->out, &x->req, &x->resp, &context);
    if (http1_response_has_body(&x->req, &x->resp)) {
        buf_add(&loop->out, x->resp.body);
    }
    if (conn->current == x) {
        conn->current = NULL;
    }
    conn_answered(conn, x);
    if (loop->out.len >= OUT_FLUSH || conn->answered_count >= BATCH_MAX) {
        conn_flush(conn);
    }
}

/* The rest of what the peer sends cannot be understood, or nobody wants it. */
static void answer_and_close(struct conn *conn, struct exchange *x) {
    conn->closes = true;
    conn->lingers = true;
    answer(conn, x);
}

static void refuse(struct conn *conn, struct exchange *x, enum problem_kind kind,
                   const char *text) {
    x->resp.status = 0;
    x->resp.header_count = 0;
    exchange_problem(x, kind, text);
    answer_and_close(conn, x);
}

static void refuse_bytes(struct conn *conn, struct exchange *x, const struct http1_error *error) {
    loop_count(&conn->loop->counters.parse_errors);
    refuse(conn, x, error->kind, error->text);
}

/* The request is complete: true when it is answered and the next one may be read. */
static bool run(struct conn *conn, struct exchange *x) {
    conn->h1.body = HTTP1_BODY_NONE;
    conn->h1.is_in_place = false;
    if (exchange_run(x) == EXCHANGE_RUNNING) {
        return false;
    }
    answer(conn, x);
    return true;
}

/* An answer that did not need the body. A short body is skipped, so that the connection can be
 * used again; the peer that asked before sending may or may not send it now, so it is closed. */
static void answer_early(struct conn *conn, struct exchange *x, const struct http1_head *head) {
    if (head->body == HTTP1_BODY_CHUNKED || head->content_length > SKIP_MAX ||
        (head->content_length > 0 && head->expects_continue)) {
        answer_and_close(conn, x);
        return;
    }
    conn->h1.skip = head->content_length;
    conn->h1.body_since_ms = conn->loop->now_ms;
    answer(conn, x);
}

/* The bytes of the head stay with the exchange and the connection goes on in a fresh block. */
static bool move_to_new_block(struct conn *conn, struct exchange *x) {
    struct block *fresh = loop_block_take(conn->loop);
    if (fresh == NULL) {
        return false;
    }
    size_t waiting = conn->in_end - conn->in_start;
    memcpy(fresh->bytes, conn->in->bytes + conn->in_start, waiting);
    fresh->high = waiting;
    x->block = conn->in;
    conn->in = fresh;
    conn->in_base = 0;
    conn->in_keep = 0;
    conn->in_start = 0;
    conn->in_end = waiting;
    return true;
}

/* Chooses where the body is gathered; false when there is no memory for it. */
static bool prepare_body(struct conn *conn, struct exchange *x, const struct http1_head *head) {
    struct h1 *h1 = &conn->h1;
    size_t room = conn->loop->block_size - conn->in_start;
    h1->body = head->body;
    h1->body_len = head->content_length;
    h1->body_have = 0;
    h1->body_since_ms = conn->loop->now_ms;
    h1->is_in_place = head->body == HTTP1_BODY_LENGTH && head->content_length <= room;
    if (h1->is_in_place) {
        return true;
    }
    if (room < BLOCK_BODY_ROOM && !move_to_new_block(conn, x)) {
        return false;
    }
    if (head->body == HTTP1_BODY_CHUNKED) {
        h1->chunked = (struct http1_chunked){0};
        buf_init_arena(&h1->collected, &x->arena, x->req.route->body_max);
        return true;
    }
    h1->body_bytes = exchange_body(x, (size_t)head->content_length);
    return h1->body_bytes != NULL;
}

static bool lacks_length(const struct exchange *x, const struct http1_head *head) {
    return head->is_http10 && head->body == HTTP1_BODY_NONE && x->req.route->body_max > 0 &&
           (head->method == HTTP_POST || head->method == HTTP_PUT || head->method == HTTP_PATCH);
}

static void fill_request(struct conn *conn, struct exchange *x, const struct http1_head *head) {
    size_t start = conn->in_start;
    x->req.method = head->method;
    x->req.target = head->target;
    x->req.query = head->query;
    x->req.host = head->host;
    x->req.headers = head->headers;
    x->req.header_count = head->header_count;
    x->is_http10 = head->is_http10;
    x->is_kept_alive = head->is_kept_alive;
    exchange_take_id(x, head->request_id);
    conn->current = x;
    conn->in_keep = start;
    conn->in_start = start + head->length;
    conn->in_base = conn->in_start;
    conn->h1.seen = 0;
}

/* True when the connection may go on with its bytes. */
static bool begin(struct conn *conn, struct exchange *x, const struct http1_head *head) {
    fill_request(conn, x, head);
    if (head->has_other_expectation) {
        exchange_problem(x, PROBLEM_EXPECTATION_FAILED, "the only expectation is 100-continue");
        answer_and_close(conn, x);
        return false;
    }
    if (!exchange_admit(x, head->path, head->content_length)) {
        answer_early(conn, x, head);
        return !conn->closes;
    }
    if (lacks_length(x, head)) {
        refuse(conn, x, PROBLEM_LENGTH_REQUIRED, NULL);
        return false;
    }
    if (head->body == HTTP1_BODY_NONE ||
        (head->body == HTTP1_BODY_LENGTH && head->content_length == 0)) {
        return run(conn, x);
    }
    if (!prepare_body(conn, x, head)) {
        refuse(conn, x, PROBLEM_OVERLOADED, NULL);
        return false;
    }
    if (head->expects_continue && conn->in_start == conn->in_end) {
        buf_add(&conn->loop->out, STR("HTTP/1.1 100 Continue\r\n\r\n"));
    }
    return true;
}

/* A head that stays incomplete is looked at again only when a line has ended or the block is
 * nearly full: otherwise a peer that sends single bytes would have us parse it from the start
 * for each. */
static bool is_worth_parsing(const struct conn *conn) {
    size_t len = conn->in_end - conn->in_start;
    size_t seen = conn->h1.seen;
    if (seen == 0 || len >= conn->loop->shared->limits.head_max) {
        return true;
    }
    const char *fresh = conn->in->bytes + conn->in_start + seen;
    return seen < len && memchr(fresh, '\n', len - seen) != NULL;
}

static bool read_head(struct conn *conn) {
    struct loop *loop = conn->loop;
    size_t len = conn->in_end - conn->in_start;
    struct http1_head head;
    struct http1_error error;
    if (len == 0) {
        return false;
    }
    if (conn->h1.seen == 0) {
        conn->h1.since_ms = loop->now_ms;
    }
    if (!is_worth_parsing(conn)) {
        conn->h1.seen = len;
        return false;
    }
    struct exchange *x = exchange_new(loop, conn);
    if (x == NULL) {
        conn_close(conn);
        return false;
    }
    switch (http1_head_parse(conn->in->bytes + conn->in_start, len, &loop->shared->http1_limits,
                             x->headers, &head, &error)) {
    case HTTP1_OK:
        return begin(conn, x, &head);
    case HTTP1_MORE:
        exchange_release(x);
        conn->h1.seen = len;
        return false;
    case HTTP1_ERROR:
        conn->in_start = conn->in_end;
        refuse_bytes(conn, x, &error);
        return false;
    }
    UNREACHABLE();
}

static bool read_length_body(struct conn *conn, struct exchange *x) {
    struct h1 *h1 = &conn->h1;
    size_t have = conn->in_end - conn->in_start;
    if (h1->is_in_place) {
        if (have < h1->body_len) {
            return false;
        }
        x->req.body = str_make(conn->in->bytes + conn->in_start, (size_t)h1->body_len);
        conn->in_start += (size_t)h1->body_len;
        return run(conn, x);
    }
    size_t missing = (size_t)h1->body_len - h1->body_have;
    size_t len = have < missing ? have : missing;
    memcpy(h1->body_bytes + h1->body_have, conn->in->bytes + conn->in_start, len);
    conn->in_start += len;
    h1->body_have += len;
    if (!exchange_hold(x, len)) {
        refuse(conn, x, PROBLEM_OVERLOADED, NULL);
        return false;
    }
    if (h1->body_have < h1->body_len) {
        return false;
    }
    x->req.body = str_make(h1->body_bytes, (size_t)h1->body_len);
    return run(conn, x);
}

static bool read_chunked_body(struct conn *conn, struct exchange *x) {
    struct h1 *h1 = &conn->h1;
    struct http1_error error;
    while (true) {
        str input = str_make(conn->in->bytes + conn->in_start, conn->in_end - conn->in_start);
        str data;
        size_t used;
        enum http1_result result = http1_chunked_next(&h1->chunked, input, &used, &data, &error);
        if (result == HTTP1_ERROR) {
            refuse_bytes(conn, x, &error);
            return false;
        }
        /* What the chunk announces counts, so that nobody sends it in vain. */
        size_t room = h1->collected.max - h1->collected.len;
        if (data.len > room || h1->chunked.left > room - data.len) {
            refuse(conn, x, PROBLEM_TOO_LARGE, NULL);
            return false;
        }
        if (data.len > 0 && !exchange_hold(x, data.len)) {
            refuse(conn, x, PROBLEM_OVERLOADED, NULL);
            return false;
        }
        buf_add(&h1->collected, data);
        conn->in_start += used;
        if (result == HTTP1_OK) {
            break;
        }
        if (used == 0) {
            return false;
        }
    }
    if (buf_finish(&h1->collected, &x->req.body) != ERR_OK) {
        refuse(conn, x, PROBLEM_OVERLOADED, NULL);
        return false;
    }
    return run(conn, x);
}

static bool skip_body(struct conn *conn) {
    size_t have = conn->in_end - conn->in_start;
    size_t len = conn->h1.skip < have ? (size_t)conn->h1.skip : have;
    conn->in_start += len;
    conn->h1.skip -= len;
    return conn->h1.skip == 0;
}

/* One step; false when more bytes, a worker or the peer are waited for. */
static bool step(struct conn *conn) {
    struct exchange *x = conn->current;
    if (conn->is_closed || conn->closes || conn_is_blocked(conn)) {
        return false;
    }
    if (x == NULL) {
        return conn->h1.skip > 0 ? skip_body(conn) : read_head(conn);
    }
    switch (conn->h1.body) {
    case HTTP1_BODY_NONE:
        return false; /* running */
    case HTTP1_BODY_LENGTH:
        return read_length_body(conn, x);
    case HTTP1_BODY_CHUNKED:
        return read_chunked_body(conn, x);
    }
    UNREACHABLE();
}

static void on_bytes(struct conn *conn) {
    while (step(conn)) {
    }
    flush(conn);
}

static void on_answer(struct conn *conn, struct exchange *x) {
    if (x->is_rejected) {
        exchange_reject(x);
    }
    answer(conn, x);
    flush(conn);
}

static void on_late(struct conn *conn) {
    struct exchange *x = conn->current;
    if (x == NULL && conn->h1.skip == 0 && conn->in_start < conn->in_end) {
        x = exchange_new(conn->loop, conn);
    }
    if (x == NULL) {
        conn_close(conn); /* a handshake, or the body of an answered request */
        return;
    }
    conn->in_start = conn->in_end;
    refuse(conn, x, PROBLEM_REQUEST_TIMEOUT, NULL);
    flush(conn);
}

const struct session_ops h1_session = {on_bytes, on_answer, on_late};
