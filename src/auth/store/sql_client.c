/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/store/store_int.h"

#include "auth/model/limits.h"

enum {
    LISTS_MAX_BYTES = MODEL_REDIRECT_URIS_MAX * (MODEL_REDIRECT_URI_MAX + 1) +
                      2 * MODEL_LIST_MAX * (MODEL_LIST_ITEM_MAX + 1) + 16384,
};

static void arena_cleanup(struct arena *a) {
    arena_done(a);
}

err store_client_put(struct store *store, const struct client *client, struct error *reterr) {
    TRY(client_check(client, reterr));
    AUTO(arena_cleanup) struct arena a;
    arena_init(&a, allocator_libc(), LISTS_MAX_BYTES);
    str redirect_uris;
    str scopes;
    str audience;
    TRY(names_join(&a, client->redirect_uris, &redirect_uris));
    TRY(names_join(&a, client->scopes, &scopes));
    TRY(names_join(&a, client->audience, &audience));
    str secret = client->has_secret ? digest_str(&client->secret_hash) : (str){NULL, 0};
    AUTO(work_done) struct work work = {0};
    TRY(work_write(store, "client_put", &work, reterr));
    TRY(db_exec(work.conn,
                "INSERT INTO clients (id, name, type, enabled, secret_hash, grants, redirect_uris,"
                " scopes, audience, created_ms, updated_ms, first_party)"
                " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
                " ON CONFLICT (id) DO UPDATE SET name = excluded.name, type = excluded.type,"
                " enabled = excluded.enabled, secret_hash = excluded.secret_hash,"
                " grants = excluded.grants, redirect_uris = excluded.redirect_uris,"
                " scopes = excluded.scopes, audience = excluded.audience,"
                " first_party = excluded.first_party, updated_ms = excluded.updated_ms",
                DB_PARAMS(db_text(client->id),
                          db_text(str_is_absent(client->name) ? STR("") : client->name),
                          db_i64(client->type), db_i64(client->is_enabled), db_blob(secret),
                          db_i64(client->grants), db_text(redirect_uris), db_text(scopes),
                          db_text(audience), db_i64(client->created_ms), db_i64(client->updated_ms),
                          db_i64(client->is_first_party)),
                NULL, reterr));
    return work_commit(&work, reterr);
}

err store_client_get(struct store *store, str id, struct arena *a, struct client *ret,
                     struct error *reterr) {
    TRY(lookup_check(id, MODEL_ID_MAX, reterr));
    AUTO(work_done) struct work work = {0};
    AUTO(db_rows_done) struct db_rows rows = {0};
    TRY(work_read(store, "client_get", &work, reterr));
    TRY(db_query_one(work.conn,
                     "SELECT id, name, type, enabled, secret_hash, grants, redirect_uris, scopes,"
                     " audience, created_ms, updated_ms, first_party FROM clients WHERE id = $1",
                     DB_PARAMS(db_text(id)), &rows, reterr));
    struct client client = {
        .id = db_row_text(&rows, 0, a),
        .name = db_row_text(&rows, 1, a),
        .type = (enum client_type)db_row_i64(&rows, 2),
        .is_enabled = db_row_i64(&rows, 3) != 0,
        .has_secret = !db_row_is_null(&rows, 4),
        .grants = (uint32_t)db_row_i64(&rows, 5),
        .created_ms = db_row_i64(&rows, 9),
        .updated_ms = db_row_i64(&rows, 10),
        .is_first_party = db_row_i64(&rows, 11) == 1,
    };
    if (client.has_secret) {
        digest_read(&rows, 4, &client.secret_hash);
    }
    TRY(names_split(a, db_row_text(&rows, 6, a), &client.redirect_uris));
    TRY(names_split(a, db_row_text(&rows, 7, a), &client.scopes));
    TRY(names_split(a, db_row_text(&rows, 8, a), &client.audience));
    TRY(db_rows_finish(&rows, reterr));
    *ret = client;
    return ERR_OK;
}
