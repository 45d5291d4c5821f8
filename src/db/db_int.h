/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DB_DB_INT_H
#define DB_DB_INT_H
/*
 * What the files of db/ share: the pool, the connection, and what an engine must provide.
 *
 * The common part checks values, keeps the pool and the rules of transactions; an engine only
 * talks to its library. Engines are called with connections that belong to the calling thread.
 */
#include "db/db.h"

#include <pthread.h>

struct db_engine {
    const char *name;
    const char *scheme; /* of the URL, with the colon */
    /* Before the first connection: makes the place where the data goes. */
    err (*create)(const struct db *db, struct error *reterr);
    err (*connect)(struct db_conn *conn, struct error *reterr);
    void (*disconnect)(struct db_conn *conn);
    /* Several statements without parameters. */
    err (*script)(struct db_conn *conn, const char *sql, struct error *reterr);
    /* Prepares (or finds prepared) and binds; fills rows->statement and rows->is_cached. */
    err (*start)(struct db_conn *conn, const char *sql, struct db_params params,
                 struct db_rows *rows, struct error *reterr);
    err (*step)(struct db_rows *rows, bool *ret_has_row, struct error *reterr);
    int64_t (*changes)(struct db_conn *conn);
    void (*end)(struct db_rows *rows);
    /* The column of the row at hand; bytes are borrowed until the next step. */
    struct db_value (*column)(struct db_rows *rows, int column);
};

extern const struct db_engine db_engine_sqlite;

struct db_conn {
    struct db *db;
    enum db_access access;
    void *handle; /* the engine's; NULL: not connected yet, or given up */
    uint32_t open_rows;
    bool is_in_tx;
    bool is_broken; /* the next user gets a new connection */
    struct db_conn *next_free;
};

struct db_waiter {
    pthread_cond_t ready;
    struct db_conn *conn; /* handed over by the releasing thread */
    struct db_waiter *next;
};

/* One queue per kind of access, served in the order of arrival. */
struct db_lane {
    struct db_conn *conns;
    uint32_t count;
    struct db_conn *free; /* most recently used first, so that idle ones stay unopened */
    struct db_waiter *first;
    struct db_waiter *last;
};

struct db {
    const struct db_engine *engine;
    struct db_config config; /* without zeros */
    char *location;          /* the URL behind the scheme */
    struct db_lane reading;
    struct db_lane writing;
    struct db_stats stats; /* these four fields and is_*, next_free: guarded by `lock` */
    pthread_mutex_t lock;
};

/* The engine's failure in our words: "statement: reason". `sql` may be NULL. */
err db_fail(struct error *reterr, err code, const char *sql, const char *reason);

#endif
