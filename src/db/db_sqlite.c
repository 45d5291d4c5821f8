/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The SQLite engine; the only file that knows sqlite3.h.
 *
 * Settings. Write-ahead log: readers never wait for the writer. synchronous=FULL: a commit is on
 * the disk when it returns; with NORMAL the loss of power may undo the last commits, and a code or
 * refresh token claimed by one of them could be used a second time. Caches are small: the whole
 * service must stay under 12 MiB, and the page cache of the system holds the file anyway.
 *
 * Each connection keeps its prepared statements. A statement that is running already when it is
 * asked for again (a query inside the loop over the same query) gets a second, uncached copy.
 */
#include "db/db_int.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/hash.h"

enum {
    STATEMENTS_MAX = 64,
    LOOKASIDE_SLOT = 512,
    LOOKASIDE_SLOTS = 64,
    SQL_MAX_BYTES = 64 * 1024,
    WAL_RETRY_MS = 10,
};

struct statement {
    sqlite3_stmt *stmt; /* NULL: the slot is free */
    uint64_t hash;
    uint64_t last_used;
    bool is_running;
    int binding_count;
    uint8_t param_of[DB_PARAMS_MAX]; /* SQLite's i-th parameter is $param_of[i] */
};

struct sqlite_handle {
    sqlite3 *db;
    uint64_t uses;
    struct statement cache[STATEMENTS_MAX];
};

static struct sqlite_handle *handle_of(const struct db_conn *conn) {
    return conn->handle;
}

/* --- errors -------------------------------------------------------------------------------- */

static err code_map(int extended) {
    switch (extended) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
        return ERR_EXISTS;
    case SQLITE_CONSTRAINT_FOREIGNKEY:
    case SQLITE_CONSTRAINT_NOTNULL:
        return ERR_MISSING;
    default: /* SQLite's enumerators, not ours: the classes below */
        break;
    }
    switch (extended & 0xff) {
    case SQLITE_OK:
        return ERR_OK;
    case SQLITE_CONSTRAINT:
        return ERR_RANGE;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return ERR_BUSY;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return ERR_CORRUPT;
    case SQLITE_IOERR:
    case SQLITE_FULL:
    case SQLITE_CANTOPEN:
    case SQLITE_PROTOCOL:
        return ERR_IO;
    case SQLITE_NOMEM:
        return ERR_NOMEM;
    case SQLITE_TOOBIG:
        return ERR_LIMIT;
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_READONLY:
        return ERR_DENIED;
    case SQLITE_INTERRUPT:
        return ERR_TIMEOUT;
    default:
        return ERR_INTERNAL;
    }
}

/* SECURITY: SQLite's own message is repeated only where it is known to name the schema or our SQL
 * and no value: a violated constraint, and SQL that does not compile. */
static err sqlite_fail(struct db_conn *conn, int rc, const char *sql, struct error *reterr) {
    sqlite3 *db = handle_of(conn)->db;
    bool is_write_on_reader = rc == SQLITE_READONLY && conn->access == DB_READ;
    err code = is_write_on_reader ? ERR_MISUSE : code_map(rc);
    bool is_constraint = (rc & 0xff) == SQLITE_CONSTRAINT && rc != SQLITE_CONSTRAINT_DATATYPE;
    if (code == ERR_CORRUPT || code == ERR_IO) {
        conn->is_broken = true;
    }
    return db_fail(reterr, code, sql, is_constraint ? sqlite3_errmsg(db) : sqlite3_errstr(rc));
}

static err compile_fail(struct db_conn *conn, int rc, const char *sql, struct error *reterr) {
    if (rc != SQLITE_ERROR) {
        return sqlite_fail(conn, rc, sql, reterr);
    }
    return db_fail(reterr, ERR_INTERNAL, sql, sqlite3_errmsg(handle_of(conn)->db));
}

/* --- statements ---------------------------------------------------------------------------- */

static uint64_t sql_hash(const char *sql) {
    static const struct hash_key key = {0, 0}; /* SQL is ours: nobody can aim at collisions */
    return hash_bytes(&key, str_make(sql, strlen(sql)));
}

static struct statement *cache_find(struct sqlite_handle *handle, const char *sql, uint64_t hash) {
    for (size_t i = 0; i < STATEMENTS_MAX; i++) {
        struct statement *s = &handle->cache[i];
        if (s->stmt != NULL && s->hash == hash && !s->is_running &&
            strcmp(sqlite3_sql(s->stmt), sql) == 0) {
            return s;
        }
    }
    return NULL;
}

/* A free slot, or the one unused for longest; NULL when all are running. */
static struct statement *cache_slot(struct sqlite_handle *handle) {
    struct statement *oldest = NULL;
    for (size_t i = 0; i < STATEMENTS_MAX; i++) {
        struct statement *s = &handle->cache[i];
        if (s->stmt == NULL) {
            return s;
        }
        if (!s->is_running && (oldest == NULL || s->last_used < oldest->last_used)) {
            oldest = s;
        }
    }
    if (oldest != NULL) {
        sqlite3_finalize(oldest->stmt);
        *oldest = (struct statement){0};
    }
    return oldest;
}

/* "$7" is 7; 0 for anything else. */
static uint8_t param_number(const char *name) {
    uint64_t number = 0;
    if (name == NULL || name[0] != '$' || !str_to_u64(str_c(name + 1), &number) ||
        number > DB_PARAMS_MAX) {
        return 0;
    }
    return (uint8_t)number;
}

static err params_map(struct statement *s, const char *sql, struct error *reterr) {
    s->binding_count = sqlite3_bind_parameter_count(s->stmt);
    if (s->binding_count > DB_PARAMS_MAX) {
        return db_fail(reterr, ERR_INTERNAL, sql, "too many parameters");
    }
    for (int i = 0; i < s->binding_count; i++) {
        s->param_of[i] = param_number(sqlite3_bind_parameter_name(s->stmt, i + 1));
        if (s->param_of[i] == 0) {
            return db_fail(reterr, ERR_INTERNAL, sql, "parameters are written $1, $2, …");
        }
    }
    return ERR_OK;
}

static err statement_prepare(struct db_conn *conn, const char *sql, unsigned flags,
                             struct statement *ret, struct error *reterr) {
    struct statement s = {.hash = sql_hash(sql)};
    const char *tail = NULL;
    int rc = sqlite3_prepare_v3(handle_of(conn)->db, sql, -1, flags, &s.stmt, &tail);
    if (rc != SQLITE_OK) {
        return compile_fail(conn, rc, sql, reterr);
    }
    if (s.stmt == NULL || tail[0] != '\0') {
        sqlite3_finalize(s.stmt);
        return db_fail(reterr, ERR_INTERNAL, sql, "exactly one statement is expected");
    }
    err result = params_map(&s, sql, reterr);
    if (result != ERR_OK) {
        sqlite3_finalize(s.stmt);
        return result;
    }
    *ret = s;
    return ERR_OK;
}

static err statement_get(struct db_conn *conn, const char *sql, bool *ret_is_cached,
                         struct statement **ret, struct error *reterr) {
    struct sqlite_handle *handle = handle_of(conn);
    struct statement *s = cache_find(handle, sql, sql_hash(sql));
    *ret_is_cached = true;
    if (s == NULL) {
        struct statement fresh;
        TRY(statement_prepare(conn, sql, SQLITE_PREPARE_PERSISTENT, &fresh, reterr));
        s = cache_slot(handle);
        if (s == NULL) {
            s = malloc(sizeof *s);
            *ret_is_cached = false;
        }
        if (s == NULL) {
            sqlite3_finalize(fresh.stmt);
            return error_set(reterr, ERR_NOMEM, "out of memory");
        }
        *s = fresh;
    }
    s->last_used = ++handle->uses;
    s->is_running = true;
    *ret = s;
    return ERR_OK;
}

static int value_bind(sqlite3_stmt *stmt, int index, const struct db_value *value) {
    switch (value->kind) {
    case DB_NULL:
        return sqlite3_bind_null(stmt, index);
    case DB_I64:
        return sqlite3_bind_int64(stmt, index, value->integer);
    case DB_TEXT:
        return sqlite3_bind_text64(stmt, index, value->bytes.ptr, value->bytes.len, SQLITE_STATIC,
                                   SQLITE_UTF8);
    case DB_BLOB:
        return sqlite3_bind_blob64(stmt, index, value->bytes.ptr, value->bytes.len, SQLITE_STATIC);
    case DB_OTHER:
        return SQLITE_MISUSE;
    }
    UNREACHABLE();
}

static err params_bind(struct db_conn *conn, const struct statement *s, struct db_params params,
                       const char *sql, struct error *reterr) {
    size_t highest = 0;
    for (int i = 0; i < s->binding_count; i++) {
        size_t number = s->param_of[i];
        highest = number > highest ? number : highest;
        if (number > params.count) {
            break;
        }
        int rc = value_bind(s->stmt, i + 1, &params.values[number - 1]);
        if (rc != SQLITE_OK) {
            return sqlite_fail(conn, rc, sql, reterr);
        }
    }
    if (highest != params.count) {
        return db_fail(reterr, ERR_INTERNAL, sql, "wrong number of parameters");
    }
    return ERR_OK;
}

static void sqlite_end(struct db_rows *rows) {
    struct statement *s = rows->statement;
    /* The result repeats the failure of the last step, which has been reported. */
    IGNORE(sqlite3_reset(s->stmt));
    IGNORE(sqlite3_clear_bindings(s->stmt)); /* the bytes belong to the caller; cannot fail */
    s->is_running = false;
    if (!rows->is_cached) {
        sqlite3_finalize(s->stmt);
        free(s);
    }
    rows->statement = NULL;
}

static err sqlite_start(struct db_conn *conn, const char *sql, struct db_params params,
                        struct db_rows *rows, struct error *reterr) {
    struct statement *s = NULL;
    TRY(statement_get(conn, sql, &rows->is_cached, &s, reterr));
    rows->statement = s;
    err result = params_bind(conn, s, params, sql, reterr);
    if (result != ERR_OK) {
        sqlite_end(rows);
    }
    return result;
}

static err sqlite_step(struct db_rows *rows, bool *ret_has_row, struct error *reterr) {
    struct statement *s = rows->statement;
    int rc = sqlite3_step(s->stmt);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE) {
        return sqlite_fail(rows->conn, rc, sqlite3_sql(s->stmt), reterr);
    }
    *ret_has_row = rc == SQLITE_ROW;
    return ERR_OK;
}

static int64_t sqlite_changes(struct db_conn *conn) {
    return sqlite3_changes64(handle_of(conn)->db);
}

static struct db_value sqlite_column(struct db_rows *rows, int column) {
    sqlite3_stmt *stmt = ((struct statement *)rows->statement)->stmt;
    ASSERT(column >= 0 && column < sqlite3_column_count(stmt));
    struct db_value value = {.kind = DB_NULL};
    switch (sqlite3_column_type(stmt, column)) {
    case SQLITE_INTEGER:
        return db_i64(sqlite3_column_int64(stmt, column));
    case SQLITE_TEXT:
        value.kind = DB_TEXT;
        value.bytes.ptr = (const char *)sqlite3_column_text(stmt, column);
        break;
    case SQLITE_BLOB:
        value.kind = DB_BLOB;
        value.bytes.ptr = sqlite3_column_blob(stmt, column); /* NULL when empty */
        break;
    case SQLITE_FLOAT:
        value.kind = DB_OTHER;
        return value;
    case SQLITE_NULL:
    default:
        return value;
    }
    value.bytes.len = (size_t)sqlite3_column_bytes(stmt, column);
    if (value.bytes.ptr == NULL) {
        value.bytes = STR("");
    }
    return value;
}

static err sqlite_script(struct db_conn *conn, const char *sql, struct error *reterr) {
    int rc = sqlite3_exec(handle_of(conn)->db, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? ERR_OK : compile_fail(conn, rc, NULL, reterr);
}

/* --- connections --------------------------------------------------------------------------- */

static const char *errno_text(int number, char *buffer, size_t size) {
    return strerror_r(number, buffer, size) == 0 ? buffer : "unknown error";
}

/* SECURITY: SQLite's files hold password hashes; its log and index files inherit the mode.
 * An existing file is not opened here: closing it would drop the locks that other connections of
 * this process hold on it (POSIX record locks). */
static err sqlite_create(const struct db *db, struct error *reterr) {
    char reason[128];
    if (strcmp(db->location, ":memory:") == 0) {
        /* each connection would have a database of its own */
        return error_set(reterr, ERR_UNSUPPORTED, "a database in memory cannot be shared");
    }
    int fd = open(db->location, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (fd >= 0) {
        close(fd);
        return ERR_OK;
    }
    struct stat st;
    if (errno != EEXIST || stat(db->location, &st) != 0) {
        return error_set(reterr, ERR_IO, "cannot create the database %s: %s", db->location,
                         errno_text(errno, reason, sizeof reason));
    }
    if (!S_ISREG(st.st_mode)) {
        return error_set(reterr, ERR_IO, "the database %s is not a file", db->location);
    }
    if ((st.st_mode & (S_IRWXG | S_IRWXO)) != 0 && chmod(db->location, st.st_mode & S_IRWXU) != 0) {
        return error_set(reterr, ERR_DENIED,
                         "others may read the database %s and its mode cannot be changed: %s",
                         db->location, errno_text(errno, reason, sizeof reason));
    }
    return ERR_OK;
}

static void nap(long ms) {
    struct timespec time = {.tv_nsec = ms * 1000000};
    nanosleep(&time, NULL);
}

/* Switching to the log needs the file for itself for a moment and does not use the busy handler
 * in every case, so two programs that start together would fail without the loop. */
static err wal_enable(struct db_conn *conn, struct error *reterr) {
    sqlite3 *db = handle_of(conn)->db;
    int rc = SQLITE_BUSY;
    for (uint32_t waited = 0; waited <= conn->db->config.busy_wait_ms; waited += WAL_RETRY_MS) {
        sqlite3_stmt *stmt = NULL;
        bool is_wal = false;
        rc = sqlite3_prepare_v2(db, "PRAGMA journal_mode=WAL", -1, &stmt, NULL);
        if (rc == SQLITE_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
            const unsigned char *mode = sqlite3_column_text(stmt, 0);
            is_wal = mode != NULL && strcmp((const char *)mode, "wal") == 0;
        }
        sqlite3_finalize(stmt);
        if (rc == SQLITE_ROW) {
            return is_wal ? ERR_OK
                          : error_set(reterr, ERR_UNSUPPORTED,
                                      "the file system of the database has no shared memory, "
                                      "which the write-ahead log needs");
        }
        if ((rc & 0xff) != SQLITE_BUSY) {
            break;
        }
        nap(WAL_RETRY_MS);
    }
    return sqlite_fail(conn, rc, NULL, reterr);
}

static void limits_set(sqlite3 *db) {
    sqlite3_extended_result_codes(db, 1);
    sqlite3_limit(db, SQLITE_LIMIT_LENGTH, DB_VALUE_MAX_BYTES + SQL_MAX_BYTES);
    sqlite3_limit(db, SQLITE_LIMIT_SQL_LENGTH, SQL_MAX_BYTES);
    sqlite3_limit(db, SQLITE_LIMIT_VARIABLE_NUMBER, DB_PARAMS_MAX);
    sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_db_config(db, SQLITE_DBCONFIG_LOOKASIDE, NULL, LOOKASIDE_SLOT, LOOKASIDE_SLOTS);
    /* A file from elsewhere must not be able to run anything through its schema. */
    sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_FKEY, 1, NULL);
}

static err settings_apply(struct db_conn *conn, struct error *reterr) {
    struct sqlite_handle *handle = handle_of(conn);
    limits_set(handle->db);
    sqlite3_busy_timeout(handle->db, (int)conn->db->config.busy_wait_ms);
    TRY(wal_enable(conn, reterr));
    TRY(sqlite_script(conn,
                      conn->db->config.sync == DB_SYNC_FULL ? "PRAGMA synchronous=FULL"
                                                            : "PRAGMA synchronous=NORMAL",
                      reterr));
    TRY(sqlite_script(conn,
                      "PRAGMA temp_store=MEMORY; PRAGMA mmap_size=0; PRAGMA cell_size_check=ON;"
                      "PRAGMA journal_size_limit=8388608;",
                      reterr));
    return sqlite_script(conn,
                         conn->access == DB_WRITE ? "PRAGMA cache_size=-1024"
                                                  : "PRAGMA cache_size=-256; PRAGMA query_only=ON",
                         reterr);
}

static void sqlite_disconnect(struct db_conn *conn) {
    struct sqlite_handle *handle = conn->handle;
    if (handle == NULL) {
        return;
    }
    for (size_t i = 0; i < STATEMENTS_MAX; i++) {
        sqlite3_finalize(handle->cache[i].stmt);
    }
    int rc = sqlite3_close(handle->db);
    ASSERT(rc == SQLITE_OK); /* else a statement of ours is still open */
    free(handle);
    conn->handle = NULL;
}

static err sqlite_connect(struct db_conn *conn, struct error *reterr) {
    struct sqlite_handle *handle = calloc(1, sizeof *handle);
    if (handle == NULL) {
        return error_set(reterr, ERR_NOMEM, "out of memory");
    }
    conn->handle = handle;
    int rc =
        sqlite3_open_v2(conn->db->location, &handle->db,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
    err result =
        rc == SQLITE_OK ? settings_apply(conn, reterr) : sqlite_fail(conn, rc, NULL, reterr);
    if (result != ERR_OK) {
        error_prefix(reterr, "database %s", conn->db->location);
        sqlite_disconnect(conn);
        conn->is_broken = false;
    }
    return result;
}

const struct db_engine db_engine_sqlite = {
    .name = "sqlite",
    .scheme = "sqlite:",
    .create = sqlite_create,
    .connect = sqlite_connect,
    .disconnect = sqlite_disconnect,
    .script = sqlite_script,
    .start = sqlite_start,
    .step = sqlite_step,
    .changes = sqlite_changes,
    .end = sqlite_end,
    .column = sqlite_column,
};
