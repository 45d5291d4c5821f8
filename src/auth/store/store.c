/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/store/store_int.h"

#include <stdlib.h>

#include "base/utf8.h"

err store_new(struct db *db, int64_t now_ms, struct store **ret, struct error *reterr) {
    AUTO(store_freep) struct store *store = calloc(1, sizeof *store);
    if (store == NULL) {
        return error_set(reterr, ERR_NOMEM, "out of memory");
    }
    store->db = db;
    TRY(db_migrate(db, "auth", schema_migrations, schema_migrations_count, now_ms, NULL, reterr));
    *ret = TAKE(store);
    return ERR_OK;
}

void store_free(struct store *store) {
    free(store);
}

void store_set_fault(struct store *store, store_fault_fn *fault, void *ctx) {
    store->fault = fault;
    store->fault_ctx = ctx;
}

static err fault_check(struct store *store, const char *operation, struct error *reterr) {
    err result = store->fault == NULL ? ERR_OK : store->fault(store->fault_ctx, operation);
    return result == ERR_OK ? ERR_OK : error_set(reterr, result, "%s: injected fault", operation);
}

err store_ping(struct store *store, uint32_t wait_ms, struct error *reterr) {
    TRY(fault_check(store, "ping", reterr));
    TRY(db_ping(store->db, wait_ms, reterr));
    AUTO(db_releasep) struct db_conn *conn = NULL;
    AUTO(db_tx_done) struct db_tx tx = {0};
    TRY(db_acquire_within(store->db, DB_WRITE, wait_ms, &conn, reterr));
    return db_tx_begin(conn, &tx, reterr); /* takes the write lock, writes nothing */
}

err work_read(struct store *store, const char *operation, struct work *ret, struct error *reterr) {
    TRY(fault_check(store, operation, reterr));
    return db_acquire(store->db, DB_READ, &ret->conn, reterr);
}

err work_snapshot(struct store *store, const char *operation, struct work *ret,
                  struct error *reterr) {
    TRY(work_read(store, operation, ret, reterr));
    return db_tx_begin(ret->conn, &ret->tx, reterr);
}

err work_write(struct store *store, const char *operation, struct work *ret, struct error *reterr) {
    TRY(fault_check(store, operation, reterr));
    TRY(db_acquire(store->db, DB_WRITE, &ret->conn, reterr));
    return db_tx_begin(ret->conn, &ret->tx, reterr);
}

err work_commit(struct work *work, struct error *reterr) {
    return db_tx_commit(&work->tx, reterr);
}

void work_done(struct work *work) {
    db_tx_done(&work->tx);
    db_release(work->conn);
    *work = (struct work){0};
}

err lookup_check(str text, size_t max, struct error *reterr) {
    if (str_is_absent(text) || text.len > max || str_find_byte(text, '\0') != SIZE_MAX ||
        !utf8_is_valid(text, NULL)) {
        return error_set(reterr, ERR_NOT_FOUND, "no record has such a key");
    }
    return ERR_OK;
}

void digest_read(struct db_rows *rows, int column, struct digest *out) {
    db_row_bytes(rows, column, out->bytes, sizeof out->bytes);
}
