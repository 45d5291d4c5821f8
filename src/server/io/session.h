/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_IO_SESSION_H
#define SERVER_IO_SESSION_H
/*
 * The protocol spoken on a connection. HTTP/1.1 (h1.c) is one; HTTP/2 will be another, chosen
 * by ALPN or by the client's preface, with the same connection below and the same exchanges
 * above.
 */
#include "base/compiler.h"

struct conn;
struct exchange;

struct session_ops {
    /* Uses conn->in from in_start; appends answers to the loop's out buffer and flushes. */
    void (*on_bytes)(struct conn *conn);
    /* An exchange came back from a pool. */
    void (*on_answer)(struct conn *conn, struct exchange *x);
    /* A head or body did not arrive in time. */
    void (*on_late)(struct conn *conn);
};

extern const struct session_ops h1_session;

#endif
