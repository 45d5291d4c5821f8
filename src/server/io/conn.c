/* SPDX-License-Identifier: Apache-2.0 */
#include "server/io/conn.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/assert.h"
#include "server/io/loop.h"

static void on_readable(evutil_socket_t fd, short what, void *arg);
static void on_writable(evutil_socket_t fd, short what, void *arg);

static void set_reading(struct conn *conn, bool wanted) {
    if (conn->is_reading != wanted) {
        int result = wanted ? event_add(&conn->read_event, NULL) : event_del(&conn->read_event);
        ASSERT(result == 0);
        conn->is_reading = wanted;
    }
}

static void set_writing(struct conn *conn, bool wanted) {
    if (conn->is_writing != wanted) {
        int result = wanted ? event_add(&conn->write_event, NULL) : event_del(&conn->write_event);
        ASSERT(result == 0);
        conn->is_writing = wanted;
    }
}

struct conn *conn_new(struct loop *loop, int take_fd, const struct http_peer *peer,
                      uint64_t peer_key) {
    struct conn *conn = calloc(1, sizeof *conn);
    if (conn == NULL) {
        close(take_fd);
        return NULL;
    }
    conn->loop = loop;
    conn->fd = take_fd;
    conn->peer = *peer;
    conn->peer_key = peer_key;
    conn->session = &h1_session;
    if (loop->shared->tls != NULL) {
        conn->tls = tls_new(loop->shared->tls, take_fd);
    }
    if ((loop->shared->tls != NULL && conn->tls == NULL) ||
        event_assign(&conn->read_event, loop->base, take_fd, EV_READ | EV_PERSIST, on_readable,
                     conn) != 0 ||
        event_assign(&conn->write_event, loop->base, take_fd, EV_WRITE | EV_PERSIST, on_writable,
                     conn) != 0 ||
        event_add(&conn->read_event, NULL) != 0) {
        tls_free(conn->tls);
        close(take_fd);
        free(conn);
        return NULL;
    }
    conn->is_reading = true;
    return conn;
}

void conn_free(struct conn *conn) {
    free(conn->out);
    free(conn);
}

static ssize_t receive(struct conn *conn, void *bytes, size_t len) {
    if (conn->tls != NULL) {
        return tls_read(conn->tls, bytes, len);
    }
    ssize_t got = recv(conn->fd, bytes, len, 0);
    if (got >= 0) {
        return got;
    }
    return errno == EAGAIN || errno == EINTR ? IO_WANTS_READ : IO_FAILED;
}

static ssize_t transmit(struct conn *conn, const void *bytes, size_t len) {
    if (conn->tls != NULL) {
        return tls_write(conn->tls, bytes, len);
    }
    ssize_t sent = send(conn->fd, bytes, len, MSG_NOSIGNAL);
    if (sent >= 0) {
        return sent;
    }
    return errno == EAGAIN || errno == EINTR ? IO_WANTS_WRITE : IO_FAILED;
}

/* SECURITY: raw bytes of requests that carry secrets do not stay in spare memory. */
static void wipe_consumed(struct conn *conn) {
    if (conn->in != NULL) {
        size_t kept = conn->current == NULL ? conn->in_start : conn->in_keep;
        memory_wipe(conn->in->bytes, kept);
        if (conn->in->high > conn->in_end) {
            memory_wipe(conn->in->bytes + conn->in_end, conn->in->high - conn->in_end);
            conn->in->high = conn->in_end;
        }
    }
}

/* The answers on the list are with the kernel, or lost. */
static void finish_answered(struct conn *conn) {
    http_observer *observer = router_config_get(conn->loop->shared->router)->observer;
    uint64_t now_ns = observer == NULL || conn->answered == NULL ? 0 : clock_monotonic_ns();
    while (conn->answered != NULL) {
        struct exchange *x = conn->answered;
        conn->answered = x->next;
        if (observer != NULL) {
            observer(&x->req, &x->resp, now_ns - x->req.started_ns);
        }
        exchange_release(x);
    }
    conn->answered_last = NULL;
    conn->answered_count = 0;
    if (conn->has_wiped) {
        wipe_consumed(conn);
        conn->has_wiped = false;
    }
}

static void free_out(struct conn *conn) {
    if (conn->out != NULL) {
        memory_wipe(conn->out, conn->out_end); /* rare, so whether it is needed is not asked */
        free(conn->out);
        conn->out = NULL;
    }
    conn->out_start = 0;
    conn->out_end = 0;
}

static void bury(struct conn *conn) {
    if (conn->in != NULL) {
        loop_block_give(conn->loop, conn->in);
        conn->in = NULL;
    }
    conn->next = conn->loop->dead;
    conn->loop->dead = conn;
}

/* Nobody waits for it, but it happened: finish_answered logs and counts it. */
static void lose_answer(struct conn *conn, struct exchange *x) {
    conn->current = NULL;
    conn->returned = NULL;
    conn_answered(conn, x);
}

void conn_close(struct conn *conn) {
    if (conn->is_closed) {
        return;
    }
    conn->is_closed = true;
    set_reading(conn, false);
    set_writing(conn, false);
    if (conn->tls != NULL) {
        tls_close(conn->tls);
        tls_free(conn->tls);
        conn->tls = NULL;
    }
    close(conn->fd);
    conn->fd = -1;
    loop_forget(conn->loop, conn);
    if (conn->returned != NULL) {
        lose_answer(conn, conn->returned);
    }
    finish_answered(conn);
    free_out(conn);
    if (conn->current == NULL) {
        bury(conn);
    } else if (!conn->current->is_running) {
        exchange_release(conn->current);
        conn->current = NULL;
        bury(conn);
    }
    /* Otherwise the worker still reads from the block; conn_on_return buries. */
}

/* Nothing more will be sent: close, or first let the peer finish sending, because closing on
 * unread bytes makes the kernel reset the connection and the peer lose the answer. */
static void end_output(struct conn *conn) {
    if (!conn->lingers && conn->in_start == conn->in_end) {
        conn_close(conn);
        return;
    }
    if (conn->tls != NULL) {
        tls_close(conn->tls);
    }
    if (shutdown(conn->fd, SHUT_WR) != 0) {
        conn_close(conn);
        return;
    }
    conn->lingers = true;
    conn->in_start = 0;
    conn->in_end = 0;
    loop_set_phase(conn->loop, conn, CONN_LINGER, conn->loop->now_ms + LINGER_MS);
}

static void all_sent(struct conn *conn) {
    finish_answered(conn);
    if (conn->closes) {
        end_output(conn);
    }
}

static void keep_unsent(struct conn *conn, str rest) {
    conn->out = malloc(rest.len);
    if (conn->out == NULL) {
        conn_close(conn);
        return;
    }
    memcpy(conn->out, rest.ptr, rest.len);
    conn->out_start = 0;
    conn->out_end = rest.len;
    set_writing(conn, true);
}

/* How much of the bytes the socket took; SIZE_MAX when the connection is lost. */
static size_t transmit_all(struct conn *conn, str bytes) {
    size_t sent = 0;
    while (sent < bytes.len) {
        ssize_t result = transmit(conn, bytes.ptr + sent, bytes.len - sent);
        if (result > 0) {
            sent += (size_t)result;
        } else if (result == IO_WANTS_WRITE || result == IO_WANTS_READ) {
            break;
        } else {
            return SIZE_MAX;
        }
    }
    return sent;
}

void conn_flush(struct conn *conn) {
    struct buf *out = &conn->loop->out;
    str bytes = buf_str(out);
    bool has_secrets = conn->has_wiped;
    ASSERT(!conn_is_blocked(conn));
    if (out->error != ERR_OK) {
        conn_close(conn); /* no memory for the answer */
    } else if (bytes.len > 0 && !conn->is_closed) {
        size_t sent = transmit_all(conn, bytes);
        if (sent == SIZE_MAX) {
            conn_close(conn);
        } else if (sent < bytes.len) {
            keep_unsent(conn, str_slice(bytes, sent, bytes.len));
        } else {
            all_sent(conn);
        }
    }
    if (has_secrets) {
        memory_wipe(out->data, out->len);
    }
    buf_clear(out);
    if (out->capacity > OUT_FLUSH) {
        buf_done(out);
        buf_init(out, allocator_libc(), OUT_MAX);
    }
}

void conn_answered(struct conn *conn, struct exchange *x) {
    x->next = NULL;
    if (conn->answered_last == NULL) {
        conn->answered = x;
    } else {
        conn->answered_last->next = x;
    }
    conn->answered_last = x;
    conn->answered_count++;
    conn->has_wiped |= x->arena.is_wiped;
}

static bool is_running(const struct conn *conn) {
    return conn->current != NULL && conn->current->is_running;
}

/* See the picture in conn.h. */
static bool can_read(const struct conn *conn) {
    return !conn->is_closed && !conn_is_blocked(conn) && !is_running(conn) &&
           (!conn->closes || conn->phase == CONN_LINGER);
}

static void become_idle(struct conn *conn) {
    struct loop *loop = conn->loop;
    if (loop->is_draining) {
        conn_close(conn);
        return;
    }
    if (conn->in != NULL) {
        loop_block_give(loop, conn->in);
        conn->in = NULL;
    }
    conn->in_start = 0;
    conn->in_end = 0;
    loop_set_phase(loop, conn, CONN_IDLE, loop->now_ms + loop->shared->limits.idle_deadline_ms);
}

/* What the connection waits for now, and until when. */
static void settle(struct conn *conn) {
    struct loop *loop = conn->loop;
    const struct server_limits *limits = &loop->shared->limits;
    if (conn->is_closed) {
        return;
    }
    set_reading(conn, conn->is_reading || can_read(conn));
    if (conn->phase == CONN_LINGER || (conn->tls != NULL && !tls_is_open(conn->tls))) {
        return; /* keeps the deadline it has */
    }
    if (conn_is_blocked(conn)) {
        loop_set_phase(loop, conn, CONN_WRITE, conn->h1.since_ms + limits->request_deadline_ms);
    } else if (is_running(conn)) {
        loop_set_phase(loop, conn, CONN_RUN, conn->h1.since_ms + limits->request_deadline_ms);
    } else if (conn->current != NULL || conn->h1.skip > 0) {
        uint64_t body = conn->h1.body_since_ms + limits->body_deadline_ms;
        uint64_t request = conn->h1.since_ms + limits->request_deadline_ms;
        loop_set_phase(loop, conn, CONN_BODY, body < request ? body : request);
    } else if (conn->in_start < conn->in_end) {
        loop_set_phase(loop, conn, CONN_HEAD, conn->h1.since_ms + limits->head_deadline_ms);
    } else {
        become_idle(conn);
    }
}

/* Where the next bytes go: behind those that are there, after moving them to the front when
 * little room is left and nobody points at them. */
static char *find_room(struct conn *conn, size_t *ret_len) {
    struct loop *loop = conn->loop;
    if (conn->in == NULL) {
        conn->in = loop_block_take(loop);
        conn->in_start = 0;
        conn->in_end = 0;
        if (conn->in == NULL) {
            return NULL;
        }
    }
    size_t base = conn->current == NULL ? 0 : conn->in_base;
    bool is_pinned = conn->current != NULL && conn->h1.is_in_place;
    size_t waiting = conn->in_end - conn->in_start;
    if (!is_pinned && conn->in_start > base &&
        (waiting == 0 || loop->block_size - conn->in_end < BLOCK_READ_MIN)) {
        memmove(conn->in->bytes + base, conn->in->bytes + conn->in_start, waiting);
        conn->in_start = base;
        conn->in_end = base + waiting;
    }
    *ret_len = loop->block_size - conn->in_end;
    return conn->in->bytes + conn->in_end;
}

static void drop_lingering(struct conn *conn, size_t len) {
    conn->lingered += len;
    if (conn->lingered > LINGER_BYTES) {
        conn_close(conn);
    }
}

/* True: there may be more without a new event. */
static bool read_once(struct conn *conn) {
    size_t room;
    char *bytes = find_room(conn, &room);
    if (bytes == NULL) {
        conn_close(conn);
        return false;
    }
    /* INVARIANT: every session consumes or refuses what fills a block. */
    ASSERT(room > 0);
    ssize_t got = receive(conn, bytes, room);
    if (got == IO_WANTS_READ) {
        return false;
    }
    if (got == IO_WANTS_WRITE) {
        set_writing(conn, true); /* the handshake */
        return false;
    }
    if (got <= 0) {
        conn_close(conn);
        return false;
    }
    if (conn->phase == CONN_LINGER) {
        drop_lingering(conn, (size_t)got);
        return !conn->is_closed && conn->tls != NULL && tls_has_pending(conn->tls);
    }
    conn->in_end += (size_t)got;
    if (conn->in->high < conn->in_end) {
        conn->in->high = conn->in_end;
    }
    conn->session->on_bytes(conn);
    return conn->tls != NULL && can_read(conn) && tls_has_pending(conn->tls);
}

static void read_all(struct conn *conn) {
    while (can_read(conn) && read_once(conn)) {
    }
    settle(conn);
}

static void on_readable(evutil_socket_t fd, short what, void *arg) {
    struct conn *conn = arg;
    struct loop *loop = conn->loop;
    IGNORE(fd);
    IGNORE(what);
    if (can_read(conn)) {
        loop->now_ms = clock_coarse_ms();
        read_all(conn);
        loop_reap(loop);
    } else {
        /* Only now is it worth a system call: most peers wait for their answer. */
        set_reading(conn, false);
    }
}

/* The connection can go on: first with what has arrived already. */
static void resume(struct conn *conn) {
    if (!conn->is_closed && !conn->closes && conn->in_start < conn->in_end) {
        conn->session->on_bytes(conn);
    }
    if (conn->tls != NULL && can_read(conn) && tls_has_pending(conn->tls)) {
        read_all(conn);
    } else {
        settle(conn);
    }
}

/* The answer that waited for those before it. */
static void answer_returned(struct conn *conn) {
    struct exchange *x = conn->returned;
    if (x != NULL) {
        conn->returned = NULL;
        conn->session->on_answer(conn, x);
    }
}

static void on_writable(evutil_socket_t fd, short what, void *arg) {
    struct conn *conn = arg;
    struct loop *loop = conn->loop;
    IGNORE(fd);
    IGNORE(what);
    loop->now_ms = clock_coarse_ms();
    if (!conn_is_blocked(conn)) {
        set_writing(conn, false); /* the handshake goes on */
        read_all(conn);
        loop_reap(loop);
        return;
    }
    size_t waiting = conn->out_end - conn->out_start;
    size_t sent = transmit_all(conn, str_make(conn->out + conn->out_start, waiting));
    if (sent == SIZE_MAX) {
        conn_close(conn);
    } else if (sent < waiting) {
        conn->out_start += sent;
    } else {
        set_writing(conn, false);
        free_out(conn);
        all_sent(conn);
        answer_returned(conn);
        resume(conn);
    }
    loop_reap(loop);
}

void conn_on_return(struct conn *conn, struct exchange *x) {
    if (conn->is_closed) {
        lose_answer(conn, x);
        finish_answered(conn);
        bury(conn);
        return;
    }
    if (conn_is_blocked(conn)) {
        conn->returned = x; /* SECURITY: the out buffer is for whom it can be sent to now */
        return;
    }
    conn->session->on_answer(conn, x);
    resume(conn);
}

void conn_on_deadline(struct conn *conn) {
    switch (conn->phase) {
    case CONN_HEAD:
    case CONN_BODY:
        conn->session->on_late(conn);
        settle(conn);
        break;
    case CONN_IDLE:
    case CONN_LINGER:
    case CONN_RUN:
    case CONN_WRITE:
    case CONN_PHASE_COUNT:
        conn_close(conn);
        break;
    }
}

void conn_on_drain(struct conn *conn) {
    if (conn->phase == CONN_IDLE) {
        read_all(conn); /* a request may be in the socket already; without one it closes */
    }
    /* The others close after their next answer. */
}
