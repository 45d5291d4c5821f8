/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_IO_CONN_H
#define SERVER_IO_CONN_H
/*
 * A connection: socket, TLS, bytes in, bytes out, deadlines. What the bytes mean is the
 * session's business.
 *
 *        block:  | answered and sent | current head | body so far | not yet read |
 *                                    ^in_keep       ^in_base   in_start..in_end
 *
 * A connection owns a block only while there are bytes in it; an idle one is this struct alone.
 * Nothing is read while a worker has the current exchange or an answer waits for the peer, so
 * that the slices of a request stay where they are and a peer that does not read cannot make
 * us gather memory. All of it belongs to the loop's thread.
 */
#include <event2/event.h>
#include <event2/event_struct.h>

#include "server/http/http1.h"
#include "server/io/exchange.h"
#include "server/io/session.h"
#include "server/io/tls.h"

/* What a connection waits for; each has its list of connections and its deadline. */
enum conn_phase {
    CONN_IDLE,   /* for a request */
    CONN_HEAD,   /* for the rest of a head, or of the TLS handshake */
    CONN_LINGER, /* for the peer to stop sending, after an answer that closes */
    CONN_BODY,   /* for the rest of a body */
    CONN_RUN,    /* for a worker */
    CONN_WRITE,  /* for the peer to read */
    CONN_PHASE_COUNT,
};

/* Memory for bytes in, of the size loop->block_size. */
struct block {
    struct block *next;
    size_t high; /* bytes that were ever written, for wiping */
    char bytes[];
};

/* Receiving state of HTTP/1.1. */
struct h1 {
    size_t seen;       /* bytes of a partial head that were parsed in vain */
    uint64_t since_ms; /* first byte of the head */
    uint64_t body_since_ms;
    enum http1_body body; /* of the current exchange; NONE: complete */
    bool is_in_place;     /* the body is gathered in the block */
    uint64_t body_len;
    size_t body_have;
    char *body_bytes; /* elsewhere, when it does not fit into the block */
    struct http1_chunked chunked;
    struct buf collected; /* chunked */
    uint64_t skip;        /* bytes of a body nobody wants */
};

struct conn {
    struct loop *loop;
    struct conn *next; /* in the list of the phase, or of the dead */
    struct conn *previous;
    const struct session_ops *session;
    enum conn_phase phase;
    uint64_t deadline_ms;
    uint64_t peer_key;
    struct tls *tls; /* NULL: plain */
    struct block *in;
    size_t in_start;
    size_t in_end;
    size_t in_base;            /* bytes below are in use while there is a current exchange */
    size_t in_keep;            /* where the head of the current exchange begins */
    struct exchange *current;  /* being received or running, or `returned` */
    struct exchange *returned; /* came back while the answers before it wait for the peer */
    struct exchange *answered; /* in the out buffer, not yet sent; in order */
    struct exchange *answered_last;
    char *out; /* what the socket did not take */
    size_t out_start;
    size_t out_end;
    unsigned answered_count;
    unsigned requests;
    size_t lingered; /* bytes dropped */
    int fd;
    bool is_reading; /* the read event is active */
    bool is_writing;
    bool is_closed;
    bool closes;    /* after what is in the out buffer */
    bool lingers;   /* the peer may still be sending */
    bool has_wiped; /* an answer of a wiped route is in the out buffer */
    struct h1 h1;
    struct http_peer peer;
    struct event read_event;
    struct event write_event;
};

/* Takes over the socket; NULL (and the socket is closed) when memory is out. */
struct conn *conn_new(struct loop *loop, int take_fd, const struct http_peer *peer,
                      uint64_t peer_key);

/* Closes the socket; the memory goes when no worker and no caller needs it any more. */
void conn_close(struct conn *conn);
void conn_free(struct conn *conn);

/* Sends what is in the loop's out buffer; keeps what the socket does not take. */
void conn_flush(struct conn *conn);

/* Puts an exchange whose bytes are in the out buffer on the list of those to be sent. */
void conn_answered(struct conn *conn, struct exchange *x);

/* An exchange came back from its worker. */
void conn_on_return(struct conn *conn, struct exchange *x);
/* Its deadline has passed. */
void conn_on_deadline(struct conn *conn);
/* The server stops: idle connections get a last look and close. */
void conn_on_drain(struct conn *conn);

/* Whether bytes wait for the peer to read. */
static inline bool conn_is_blocked(const struct conn *conn) {
    return conn->out_end > conn->out_start;
}

#endif
