/* SPDX-License-Identifier: Apache-2.0 */
#include "db/db_int.h"

#include "base/assert.h"

err db_tx_begin(struct db_conn *conn, struct db_tx *ret_tx, struct error *reterr) {
    ASSERT(!conn->is_in_tx);
    const char *sql = conn->access == DB_WRITE ? "BEGIN IMMEDIATE" : "BEGIN";
    TRY(db_exec(conn, sql, DB_NO_PARAMS, NULL, reterr));
    conn->is_in_tx = true;
    *ret_tx = (struct db_tx){.conn = conn};
    return ERR_OK;
}

err db_tx_commit(struct db_tx *tx, struct error *reterr) {
    ASSERT(tx->conn != NULL && tx->conn->is_in_tx && tx->conn->open_rows == 0);
    TRY(db_exec(tx->conn, "COMMIT", DB_NO_PARAMS, NULL, reterr)); /* still open: rolled back */
    tx->conn->is_in_tx = false;
    *tx = (struct db_tx){0};
    return ERR_OK;
}

void db_tx_done(struct db_tx *tx) {
    struct db_conn *conn = tx->conn;
    if (conn == NULL) {
        return;
    }
    /* Some failures (disk full) have rolled back already and make this fail; a connection of which
     * we do not know whether it is in a transaction is not used again. */
    if (db_exec(conn, "ROLLBACK", DB_NO_PARAMS, NULL, NULL) != ERR_OK) {
        conn->is_broken = true;
    }
    conn->is_in_tx = false;
    *tx = (struct db_tx){0};
}
