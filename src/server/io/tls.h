/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_IO_TLS_H
#define SERVER_IO_TLS_H
/*
 * TLS for connections (OpenSSL): version 1.2 and above, session resumption by tickets, no
 * renegotiation, no compression. The only module that sees OpenSSL's TLS interface.
 *
 * A context is shared by all loops and immutable after tls_context_new; a session belongs to
 * one connection. Reading and writing do not block; both drive the handshake.
 */
#include <sys/types.h>

#include "base/err.h"

struct tls_context;
struct tls;

/* What tls_read and tls_write return besides a number of bytes. Plain sockets use the same. */
enum {
    IO_END = 0,
    IO_WANTS_READ = -1,
    IO_WANTS_WRITE = -2,
    IO_FAILED = -3,
};

/* PEM files: the chain, leaf first, and its key. */
err tls_context_new(const char *certificate_path, const char *key_path, struct tls_context **ret,
                    struct error *reterr) MUST_CHECK;
void tls_context_free(struct tls_context *context);

/* A session on a connected socket, which stays the caller's; NULL when memory is out. */
struct tls *tls_new(struct tls_context *context, int fd) MUST_CHECK;
void tls_free(struct tls *tls);

ssize_t tls_read(struct tls *tls, void *bytes, size_t len) MUST_CHECK;
ssize_t tls_write(struct tls *tls, const void *bytes, size_t len) MUST_CHECK;

/* Whether the handshake is over. */
bool tls_is_open(const struct tls *tls);

/* Whether decrypted bytes wait that no event of the socket will announce. */
bool tls_has_pending(const struct tls *tls);

/* Tells the peer that nothing more follows. */
void tls_close(struct tls *tls);

#endif
