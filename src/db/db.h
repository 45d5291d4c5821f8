/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DB_DB_H
#define DB_DB_H
/*
 * SQL behind one interface: a pool of connections, statements, transactions.
 *
 *    struct db          the pool: one writer and N readers, any thread
 *    struct db_conn     one connection, borrowed from the pool, one thread at a time
 *    struct db_tx       a transaction on a connection; rolled back unless committed
 *    struct db_rows     a cursor over the rows of one query
 *
 * One SQL text serves every engine: parameters are $1, $2, … (each a whole number from 1, any
 * order, repeats allowed), types are TEXT, BIGINT and BLOB, upserts are INSERT … ON CONFLICT,
 * and RETURNING may be used. SQL texts are constants of ours; values travel as parameters only.
 * Text values are UTF-8 without NUL bytes (both engines must agree, and PostgreSQL refuses them):
 * anything else is ERR_SYNTAX before it reaches the engine. Bytes of any kind go into a BLOB.
 *
 * Waiting is always bounded. A connection that does not become free in time, and a database that
 * stays locked by another process, are ERR_BUSY. Other outcomes: ERR_EXISTS (unique violation),
 * ERR_MISSING (foreign key or NOT NULL), ERR_RANGE (CHECK), ERR_LIMIT (value too big), ERR_CORRUPT
 * (file damaged, or a column does not hold what the reader expects), ERR_IO (disk full, cannot
 * open), ERR_INTERNAL (SQL that does not compile). The text of a struct error names tables,
 * columns and SQL of ours and never contains a parameter value or a row's content.
 *
 * Durability: a committed transaction survives the loss of power (DB_SYNC_FULL), because one-time
 * values are claimed by a commit and must not come back.
 */
#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct db;
struct db_conn;

enum db_access {
    DB_READ = 1, /* any of the readers; a write on it is ERR_MISUSE */
    DB_WRITE,    /* the writer; taken in the order of arrival */
};

enum db_sync {
    DB_SYNC_FULL = 0, /* a commit survives the loss of power */
    DB_SYNC_NORMAL,   /* it survives the death of the process; for caches, tests, measurements */
};

enum {
    DB_READERS_DEFAULT = 4,
    DB_READERS_MAX = 64,
    DB_WAIT_MS_DEFAULT = 2000,
    DB_PARAMS_MAX = 32,
    DB_VALUE_MAX_BYTES = 16 * 1024 * 1024,
};

struct db_config {
    const char *url;          /* "sqlite:/path/to/file.db" */
    uint32_t readers;         /* 0 is DB_READERS_DEFAULT; opened when first needed */
    uint32_t acquire_wait_ms; /* how long db_acquire waits; 0 is DB_WAIT_MS_DEFAULT */
    uint32_t busy_wait_ms;    /* how long a lock of another process is waited for; 0 as above */
    enum db_sync sync;
};

/* Opens the pool and its writer, so that a wrong path or a damaged file shows at start. A new
 * SQLite file gets mode 0600, an existing one is tightened to it. */
err db_open(const struct db_config *config, struct db **ret, struct error *reterr) MUST_CHECK;
/* Every connection must be back. Accepts NULL. */
void db_free(struct db *db);
DEFINE_FREEP(db)

/* "sqlite"; a constant. */
const char *db_engine_name(const struct db *db);

/* A connection within acquire_wait_ms, or ERR_BUSY. A thread that holds one must not ask for
 * another of the same kind. */
err db_acquire(struct db *db, enum db_access access, struct db_conn **ret,
               struct error *reterr) MUST_CHECK;
err db_acquire_within(struct db *db, enum db_access access, uint32_t wait_ms, struct db_conn **ret,
                      struct error *reterr) MUST_CHECK;
/* No transaction or cursor may be open on it. Accepts NULL. */
void db_release(struct db_conn *conn);
static inline void db_releasep(struct db_conn **conn) {
    db_release(*conn);
}

/* One trivial read, for health checks. */
err db_ping(struct db *db, uint32_t wait_ms, struct error *reterr) MUST_CHECK;

/* For db_connection_pool_size, _in_use, _waiting. */
struct db_stats {
    uint32_t size; /* connections the pool may hold */
    uint32_t open; /* that exist now */
    uint32_t in_use;
    uint32_t waiting;  /* threads in db_acquire */
    uint64_t timeouts; /* acquisitions given up since start */
};
struct db_stats db_stats_get(struct db *db);

/* --- values and parameters ----------------------------------------------------------------- */

enum db_kind {
    DB_NULL,
    DB_I64,
    DB_TEXT,
    DB_BLOB,
    DB_OTHER, /* only as a column: a type nobody here writes */
};

struct db_value {
    enum db_kind kind;
    int64_t integer;
    str bytes;
};

static inline struct db_value db_null(void) {
    return (struct db_value){.kind = DB_NULL};
}
static inline struct db_value db_i64(int64_t value) {
    return (struct db_value){.kind = DB_I64, .integer = value};
}
/* An absent str is NULL, in both. The bytes must live until the call returns (db_exec) or the
 * cursor is done (db_query). */
static inline struct db_value db_text(str value) {
    return (struct db_value){.kind = str_is_absent(value) ? DB_NULL : DB_TEXT, .bytes = value};
}
static inline struct db_value db_blob(str value) {
    return (struct db_value){.kind = str_is_absent(value) ? DB_NULL : DB_BLOB, .bytes = value};
}
/* NULL when the flag is false; for columns that are absent until something happened. */
static inline struct db_value db_i64_if(bool is_present, int64_t value) {
    return is_present ? db_i64(value) : db_null();
}

struct db_params {
    const struct db_value *values;
    size_t count;
};

/* DB_PARAMS(db_text(id), db_i64(now_ms)): $1, $2, … */
#define DB_PARAMS(...)                                          \
    ((struct db_params){(const struct db_value[]){__VA_ARGS__}, \
                        sizeof((const struct db_value[]){__VA_ARGS__}) / sizeof(struct db_value)})
#define DB_NO_PARAMS ((struct db_params){NULL, 0})

/* --- statements ---------------------------------------------------------------------------- */

/* Runs one statement to its end. *ret_changes (may be NULL) is the number of rows inserted,
 * updated or deleted. */
err db_exec(struct db_conn *conn, const char *sql, struct db_params params, int64_t *ret_changes,
            struct error *reterr) MUST_CHECK;

/* A cursor, in the caller's frame: `AUTO(db_rows_done) struct db_rows rows = {0};`. */
struct db_rows {
    struct db_conn *conn;
    void *statement;
    err error; /* first failed column read, sticky */
    int error_column;
    bool is_cached;
    bool has_row;
    bool is_finished;
};

/* Starts a query; the first row comes with db_rows_next. */
err db_query(struct db_conn *conn, const char *sql, struct db_params params,
             struct db_rows *ret_rows, struct error *reterr) MUST_CHECK;

/* Moves on; *ret_has_row is false behind the last one. Fails also when a column of the row before
 * was read with the wrong type. */
err db_rows_next(struct db_rows *rows, bool *ret_has_row, struct error *reterr) MUST_CHECK;

/* Starts a query and moves to its first row; ERR_NOT_FOUND when there is none. */
err db_query_one(struct db_conn *conn, const char *sql, struct db_params params,
                 struct db_rows *ret_rows, struct error *reterr) MUST_CHECK;

/* Runs the rest, reports failed column reads, ends the cursor.
 * INVARIANT: what an INSERT/UPDATE/DELETE … RETURNING did counts only after this (or the commit
 * of the transaction around it) has returned ERR_OK. */
err db_rows_finish(struct db_rows *rows, struct error *reterr) MUST_CHECK;

/* Ends the cursor, whatever its state; accepts a zeroed one. For AUTO. */
void db_rows_done(struct db_rows *rows);

/* Columns of the row at hand, from 0. A wrong type gives 0 or an absent str and makes the cursor
 * fail (ERR_CORRUPT) at db_rows_next or db_rows_finish; text and bytes are copied into the arena,
 * NULL is an absent str. */
bool db_row_is_null(struct db_rows *rows, int column);
int64_t db_row_i64(struct db_rows *rows, int column);
int64_t db_row_i64_or(struct db_rows *rows, int column, int64_t when_null);
str db_row_text(struct db_rows *rows, int column, struct arena *a);
str db_row_blob(struct db_rows *rows, int column, struct arena *a);
/* Exactly `size` bytes into `out`. */
void db_row_bytes(struct db_rows *rows, int column, void *out, size_t size);

/* --- transactions -------------------------------------------------------------------------- */

/* `AUTO(db_tx_done) struct db_tx tx = {0};`: rolled back when it leaves the scope uncommitted. */
struct db_tx {
    struct db_conn *conn;
};

/* On the writer it takes the write lock at once, so that a later statement cannot find the
 * database changed under it; on a reader it is a consistent snapshot. Not nested. */
err db_tx_begin(struct db_conn *conn, struct db_tx *ret_tx, struct error *reterr) MUST_CHECK;
err db_tx_commit(struct db_tx *tx, struct error *reterr) MUST_CHECK;
/* Rolls back if still open; accepts a zeroed one. */
void db_tx_done(struct db_tx *tx);

#endif
