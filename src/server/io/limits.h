/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_IO_LIMITS_H
#define SERVER_IO_LIMITS_H
/*
 * The bounds of the server's insides that no operator needs to change. Those an operator may
 * change are struct server_limits (server/io/server.h); their defaults stand here too.
 */
enum {
    DEFAULT_HEAD_MAX = 16 * 1024,
    DEFAULT_HEADERS_MAX = 100,
    DEFAULT_TARGET_MAX = 8 * 1024,
    DEFAULT_REQUEST_MEMORY_MAX = 8 * 1024 * 1024,
    DEFAULT_CONNECTIONS_MAX = 10000,
    DEFAULT_HEAD_DEADLINE_MS = 10000,
    DEFAULT_BODY_DEADLINE_MS = 30000,
    DEFAULT_REQUEST_DEADLINE_MS = 60000,
    DEFAULT_IDLE_DEADLINE_MS = 60000,
    DEFAULT_DRAIN_MS = 10000,
    DEFAULT_POOL_THREADS = 4,
    DEFAULT_POOL_QUEUE_MAX = 256,
    DEFAULT_PASSWORD_THREADS = 2,
    DEFAULT_PASSWORD_QUEUE_MAX = 64,

    LOOPS_MAX = 64,
    DESCRIPTORS_KEPT = 256, /* for loops, database, files, fetches */
    BACKLOG = 1024,
    ACCEPTS_PER_EVENT = 64,
    TICK_MS = 250, /* how late a deadline may be noticed */

    /* Room behind a head of full size for the raw bytes of a body. */
    BLOCK_BODY_ROOM = 4 * 1024,
    /* Below this the rest of a block is moved to its front before the next read. */
    BLOCK_READ_MIN = 1024,
    BLOCKS_KEPT = 8,
    EXCHANGES_KEPT = 16,
    ARENA_FIRST_CHUNK = 16 * 1024,

    OUT_FLUSH = 64 * 1024, /* answers are sent when this much has gathered, and kept at most */
    OUT_MAX = 256 * 1024 * 1024, /* the real bound is the request's memory */
    BATCH_MAX = 64,              /* answers that wait for one write */

    /* Bytes of bodies too long for their blocks, of all requests together; above it 503. */
    BODY_MEMORY_MAX = 256 * 1024 * 1024,

    /* An unread body of at most this many bytes is skipped to keep the connection; above it the
     * connection is closed. */
    SKIP_MAX = 64 * 1024,
    LINGER_MS = 2000,
    LINGER_BYTES = 256 * 1024,

    THREAD_STACK = 1024 * 1024, /* address space; only what is touched counts */
};

#endif
