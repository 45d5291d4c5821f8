/* SPDX-License-Identifier: Apache-2.0 */
#include "db/db_int.h"

#include <stdio.h>

#include "base/assert.h"
#include "base/utf8.h"

enum { SQL_SHOWN_MAX = 60 };

err db_fail(struct error *reterr, err code, const char *sql, const char *reason) {
    if (sql == NULL) {
        return error_set(reterr, code, "%s", reason);
    }
    /* SQL is text of ours and holds no values: enough of it to find the place. */
    return error_set(reterr, code, "%.*s: %s", SQL_SHOWN_MAX, sql, reason);
}

/* What every engine accepts, so that all behave alike. The message names the position only. */
static err value_check(const struct db_value *value, size_t position, const char *sql,
                       struct error *reterr) {
    char reason[80];
    if (value->kind != DB_TEXT && value->kind != DB_BLOB) {
        return ERR_OK;
    }
    if (value->bytes.len > DB_VALUE_MAX_BYTES) {
        snprintf(reason, sizeof reason, "parameter %zu is too long", position);
        return db_fail(reterr, ERR_LIMIT, sql, reason);
    }
    if (value->kind == DB_TEXT &&
        (str_find_byte(value->bytes, '\0') != SIZE_MAX || !utf8_is_valid(value->bytes, NULL))) {
        snprintf(reason, sizeof reason, "parameter %zu is not text (UTF-8 without NUL)", position);
        return db_fail(reterr, ERR_SYNTAX, sql, reason);
    }
    return ERR_OK;
}

err db_query(struct db_conn *conn, const char *sql, struct db_params params,
             struct db_rows *ret_rows, struct error *reterr) {
    if (params.count > DB_PARAMS_MAX) {
        return db_fail(reterr, ERR_INTERNAL, sql, "too many parameters");
    }
    for (size_t i = 0; i < params.count; i++) {
        TRY(value_check(&params.values[i], i + 1, sql, reterr));
    }
    struct db_rows rows = {.conn = conn};
    TRY(conn->db->engine->start(conn, sql, params, &rows, reterr));
    conn->open_rows++;
    *ret_rows = rows;
    return ERR_OK;
}

static err column_error(const struct db_rows *rows, struct error *reterr) {
    if (rows->error == ERR_OK) {
        return ERR_OK;
    }
    if (rows->error == ERR_CORRUPT) {
        return error_set(reterr, ERR_CORRUPT, "column %d of a row has an unexpected type or size",
                         rows->error_column);
    }
    return error_set(reterr, rows->error, "column %d of a row: %s", rows->error_column,
                     err_text(rows->error));
}

err db_rows_next(struct db_rows *rows, bool *ret_has_row, struct error *reterr) {
    ASSERT(rows->conn != NULL);
    bool has_row = false;
    TRY(column_error(rows, reterr));
    if (!rows->is_finished) {
        err result = rows->conn->db->engine->step(rows, &has_row, reterr);
        rows->has_row = has_row;
        rows->is_finished = !has_row;
        TRY(result);
    }
    *ret_has_row = has_row;
    return ERR_OK;
}

err db_query_one(struct db_conn *conn, const char *sql, struct db_params params,
                 struct db_rows *ret_rows, struct error *reterr) {
    AUTO(db_rows_done) struct db_rows rows = {0};
    bool has_row = false;
    TRY(db_query(conn, sql, params, &rows, reterr));
    TRY(db_rows_next(&rows, &has_row, reterr));
    if (!has_row) {
        return db_fail(reterr, ERR_NOT_FOUND, sql, "no such row");
    }
    *ret_rows = rows;
    rows = (struct db_rows){0}; /* handed over */
    return ERR_OK;
}

err db_rows_finish(struct db_rows *rows, struct error *reterr) {
    bool has_row = true;
    err result = ERR_OK;
    while (result == ERR_OK && has_row) {
        result = db_rows_next(rows, &has_row, reterr);
    }
    db_rows_done(rows);
    return result;
}

void db_rows_done(struct db_rows *rows) {
    if (rows->conn == NULL) {
        return;
    }
    rows->conn->db->engine->end(rows);
    rows->conn->open_rows--;
    *rows = (struct db_rows){0};
}

err db_exec(struct db_conn *conn, const char *sql, struct db_params params, int64_t *ret_changes,
            struct error *reterr) {
    AUTO(db_rows_done) struct db_rows rows = {0};
    bool has_row = true;
    TRY(db_query(conn, sql, params, &rows, reterr));
    while (has_row) {
        TRY(db_rows_next(&rows, &has_row, reterr));
    }
    if (ret_changes != NULL) {
        *ret_changes = conn->db->engine->changes(conn);
    }
    return ERR_OK;
}

/* --- columns ------------------------------------------------------------------------------- */

static void column_fail(struct db_rows *rows, int column, err error) {
    if (rows->error == ERR_OK) {
        rows->error = error;
        rows->error_column = column;
    }
}

static struct db_value column_get(struct db_rows *rows, int column) {
    ASSERT(rows->has_row);
    return rows->conn->db->engine->column(rows, column);
}

bool db_row_is_null(struct db_rows *rows, int column) {
    return column_get(rows, column).kind == DB_NULL;
}

int64_t db_row_i64(struct db_rows *rows, int column) {
    struct db_value value = column_get(rows, column);
    if (value.kind != DB_I64) {
        column_fail(rows, column, ERR_CORRUPT);
        return 0;
    }
    return value.integer;
}

int64_t db_row_i64_or(struct db_rows *rows, int column, int64_t when_null) {
    return db_row_is_null(rows, column) ? when_null : db_row_i64(rows, column);
}

static str column_copy(struct db_rows *rows, int column, enum db_kind kind, struct arena *a) {
    struct db_value value = column_get(rows, column);
    str copy = {NULL, 0};
    if (value.kind == DB_NULL) {
        return copy;
    }
    if (value.kind != kind) {
        column_fail(rows, column, ERR_CORRUPT);
        return copy;
    }
    err result = arena_copy(a, value.bytes, &copy);
    if (result != ERR_OK) {
        column_fail(rows, column, result);
    }
    return copy;
}

str db_row_text(struct db_rows *rows, int column, struct arena *a) {
    return column_copy(rows, column, DB_TEXT, a);
}

str db_row_blob(struct db_rows *rows, int column, struct arena *a) {
    return column_copy(rows, column, DB_BLOB, a);
}

void db_row_bytes(struct db_rows *rows, int column, void *out, size_t size) {
    struct db_value value = column_get(rows, column);
    if (value.kind != DB_BLOB || value.bytes.len != size) {
        column_fail(rows, column, ERR_CORRUPT);
        memset(out, 0, size);
        return;
    }
    if (size > 0) {
        memcpy(out, value.bytes.ptr, size);
    }
}
