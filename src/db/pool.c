/* SPDX-License-Identifier: Apache-2.0 */
#include "db/db_int.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "base/assert.h"

static const struct db_engine *const engines[] = {&db_engine_sqlite};

static err lane_init(struct db *db, struct db_lane *lane, enum db_access access, uint32_t count) {
    lane->conns = calloc(count, sizeof *lane->conns);
    if (lane->conns == NULL) {
        return ERR_NOMEM;
    }
    lane->count = count;
    for (uint32_t i = count; i-- > 0;) {
        struct db_conn *conn = &lane->conns[i];
        *conn = (struct db_conn){.db = db, .access = access, .next_free = lane->free};
        lane->free = conn;
    }
    return ERR_OK;
}

static void lane_done(struct db *db, struct db_lane *lane) {
    for (uint32_t i = 0; i < lane->count; i++) {
        if (lane->conns[i].handle != NULL) {
            db->engine->disconnect(&lane->conns[i]);
        }
    }
    free(lane->conns);
}

static err url_split(const char *url, const struct db_engine **ret_engine,
                     const char **ret_location, struct error *reterr) {
    str text = str_c(url);
    for (size_t i = 0; i < ARRAY_LEN(engines); i++) {
        str scheme = str_c(engines[i]->scheme);
        if (str_has_prefix(text, scheme) && text.len > scheme.len) {
            *ret_engine = engines[i];
            *ret_location = url + scheme.len;
            return ERR_OK;
        }
    }
    /* The URL of a network database may hold a password, so it is not repeated here. */
    return error_set(reterr, ERR_UNSUPPORTED, "the database URL must read sqlite:/path/to/file");
}

static err config_complete(struct db_config *config, struct error *reterr) {
    if (config->readers == 0) {
        config->readers = DB_READERS_DEFAULT;
    }
    if (config->readers > DB_READERS_MAX) {
        return error_set(reterr, ERR_RANGE, "at most %d database readers are allowed",
                         DB_READERS_MAX);
    }
    if (config->acquire_wait_ms == 0) {
        config->acquire_wait_ms = DB_WAIT_MS_DEFAULT;
    }
    if (config->busy_wait_ms == 0) {
        config->busy_wait_ms = DB_WAIT_MS_DEFAULT;
    }
    return ERR_OK;
}

err db_open(const struct db_config *config, struct db **ret, struct error *reterr) {
    AUTO(db_freep) struct db *db = calloc(1, sizeof *db);
    if (db == NULL) {
        return error_set(reterr, ERR_NOMEM, "out of memory");
    }
    ASSERT(pthread_mutex_init(&db->lock, NULL) == 0);
    const char *location = NULL;
    db->config = *config;
    TRY(config_complete(&db->config, reterr));
    TRY(url_split(config->url, &db->engine, &location, reterr));
    db->config.url = NULL; /* borrowed from the caller, not needed again */
    db->location = strdup(location);
    if (db->location == NULL ||
        lane_init(db, &db->reading, DB_READ, db->config.readers) != ERR_OK ||
        lane_init(db, &db->writing, DB_WRITE, 1) != ERR_OK) {
        return error_set(reterr, ERR_NOMEM, "out of memory");
    }
    db->stats.size = db->reading.count + db->writing.count;
    TRY(db->engine->create(db, reterr));
    struct db_conn *conn;
    TRY(db_acquire(db, DB_WRITE, &conn, reterr));
    db_release(conn);
    *ret = TAKE(db);
    return ERR_OK;
}

void db_free(struct db *db) {
    if (db == NULL) {
        return;
    }
    ASSERT(db->stats.in_use == 0 && db->stats.waiting == 0);
    lane_done(db, &db->reading);
    lane_done(db, &db->writing); /* last: closing the writer folds the log into the file */
    free(db->location);
    pthread_mutex_destroy(&db->lock);
    free(db);
}

const char *db_engine_name(const struct db *db) {
    return db->engine->name;
}

static struct db_lane *lane_of(struct db *db, enum db_access access) {
    switch (access) {
    case DB_READ:
        return &db->reading;
    case DB_WRITE:
        return &db->writing;
    }
    UNREACHABLE();
}

static struct timespec deadline_after(uint32_t wait_ms) {
    struct timespec at;
    ASSERT(clock_gettime(CLOCK_MONOTONIC, &at) == 0);
    at.tv_sec += (time_t)(wait_ms / 1000);
    at.tv_nsec += (long)(wait_ms % 1000) * 1000000;
    if (at.tv_nsec >= 1000000000) {
        at.tv_sec++;
        at.tv_nsec -= 1000000000;
    }
    return at;
}

static void waiter_init(struct db_waiter *waiter) {
    pthread_condattr_t attributes;
    *waiter = (struct db_waiter){0};
    ASSERT(pthread_condattr_init(&attributes) == 0);
    ASSERT(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0);
    ASSERT(pthread_cond_init(&waiter->ready, &attributes) == 0);
    pthread_condattr_destroy(&attributes);
}

static void waiter_remove(struct db_lane *lane, struct db_waiter *waiter) {
    struct db_waiter *before = NULL;
    for (struct db_waiter *w = lane->first; w != waiter; w = w->next) {
        before = w;
    }
    if (before == NULL) {
        lane->first = waiter->next;
    } else {
        before->next = waiter->next;
    }
    if (lane->last == waiter) {
        lane->last = before;
    }
}

/* Joins the queue and sleeps until a connection is handed over; NULL when the time is up. Called
 * and left with the lock held. */
static struct db_conn *lane_wait(struct db *db, struct db_lane *lane, uint32_t wait_ms) {
    struct timespec deadline = deadline_after(wait_ms);
    struct db_waiter waiter;
    waiter_init(&waiter);
    if (lane->last == NULL) {
        lane->first = &waiter;
    } else {
        lane->last->next = &waiter;
    }
    lane->last = &waiter;
    db->stats.waiting++;
    while (waiter.conn == NULL &&
           pthread_cond_timedwait(&waiter.ready, &db->lock, &deadline) != ETIMEDOUT) {
    }
    db->stats.waiting--;
    if (waiter.conn == NULL) {
        waiter_remove(lane, &waiter);
        db->stats.timeouts++;
    }
    pthread_cond_destroy(&waiter.ready);
    return waiter.conn;
}

static struct db_conn *lane_take(struct db *db, struct db_lane *lane, uint32_t wait_ms) {
    struct db_conn *conn = lane->first == NULL ? lane->free : NULL;
    if (conn == NULL) {
        return lane_wait(db, lane, wait_ms); /* the giver has counted it as in use */
    }
    lane->free = conn->next_free;
    conn->next_free = NULL;
    db->stats.in_use++;
    return conn;
}

/* Connections are opened when first used and replaced when broken, by the thread that wants them,
 * without the lock. */
static err conn_prepare(struct db_conn *conn, struct error *reterr) {
    struct db *db = conn->db;
    if (conn->handle != NULL && !conn->is_broken) {
        return ERR_OK;
    }
    bool was_open = conn->handle != NULL;
    if (was_open) {
        db->engine->disconnect(conn);
        conn->handle = NULL;
    }
    conn->is_broken = false;
    err result = db->engine->connect(conn, reterr);
    bool is_open = conn->handle != NULL;
    pthread_mutex_lock(&db->lock);
    db->stats.open += (uint32_t)is_open - (uint32_t)was_open;
    pthread_mutex_unlock(&db->lock);
    return result;
}

err db_acquire_within(struct db *db, enum db_access access, uint32_t wait_ms, struct db_conn **ret,
                      struct error *reterr) {
    struct db_lane *lane = lane_of(db, access);
    pthread_mutex_lock(&db->lock);
    struct db_conn *conn = lane_take(db, lane, wait_ms);
    pthread_mutex_unlock(&db->lock);
    if (conn == NULL) {
        return error_set(reterr, ERR_BUSY, "no database connection became free in %u ms", wait_ms);
    }
    err result = conn_prepare(conn, reterr);
    if (result != ERR_OK) {
        db_release(conn);
        return result;
    }
    *ret = conn;
    return ERR_OK;
}

err db_acquire(struct db *db, enum db_access access, struct db_conn **ret, struct error *reterr) {
    return db_acquire_within(db, access, db->config.acquire_wait_ms, ret, reterr);
}

void db_release(struct db_conn *conn) {
    if (conn == NULL) {
        return;
    }
    ASSERT(conn->open_rows == 0 && !conn->is_in_tx);
    struct db *db = conn->db;
    struct db_lane *lane = lane_of(db, conn->access);
    pthread_mutex_lock(&db->lock);
    struct db_waiter *waiter = lane->first;
    if (waiter != NULL) {
        lane->first = waiter->next;
        if (lane->first == NULL) {
            lane->last = NULL;
        }
        waiter->conn = conn; /* stays in use */
        pthread_cond_signal(&waiter->ready);
    } else {
        conn->next_free = lane->free;
        lane->free = conn;
        db->stats.in_use--;
    }
    pthread_mutex_unlock(&db->lock);
}

struct db_stats db_stats_get(struct db *db) {
    pthread_mutex_lock(&db->lock);
    struct db_stats stats = db->stats;
    pthread_mutex_unlock(&db->lock);
    return stats;
}

err db_ping(struct db *db, uint32_t wait_ms, struct error *reterr) {
    AUTO(db_releasep) struct db_conn *conn = NULL;
    AUTO(db_rows_done) struct db_rows rows = {0};
    TRY(db_acquire_within(db, DB_READ, wait_ms, &conn, reterr));
    TRY(db_query_one(conn, "SELECT 1", DB_NO_PARAMS, &rows, reterr));
    return db_rows_finish(&rows, reterr);
}
