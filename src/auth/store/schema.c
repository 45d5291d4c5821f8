/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables of auth-service. One text for every engine: TEXT, BIGINT and BLOB only (on
 * PostgreSQL `blob` is a domain over bytea). Times are Unix milliseconds; lists of names are one
 * TEXT with a line feed between the items, except where they must be searchable.
 *
 *    users ──< user_names            roles and groups
 *      │  └──< sessions
 *      └────< grants >── clients
 *               ├──< codes           at most one
 *               └──< refresh_tokens  one per generation
 *    used_values      signing_keys
 */
#include "auth/store/store_int.h"

static const char initial[] =
    "CREATE TABLE users ("
    " id TEXT PRIMARY KEY,"
    " email TEXT NOT NULL,"
    " email_key TEXT NOT NULL UNIQUE,"
    " name TEXT NOT NULL,"
    " password_hash TEXT,"
    " password_temporary BIGINT NOT NULL CHECK (password_temporary IN (0, 1)),"
    " status BIGINT NOT NULL,"
    " epoch BIGINT NOT NULL,"
    " created_ms BIGINT NOT NULL,"
    " updated_ms BIGINT NOT NULL);"

    "CREATE TABLE user_names ("
    " user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,"
    " kind BIGINT NOT NULL CHECK (kind IN (1, 2))," /* 1 role, 2 group */
    " name TEXT NOT NULL,"
    " PRIMARY KEY (user_id, kind, name));"
    "CREATE INDEX user_names_by_name ON user_names (kind, name);"

    "CREATE TABLE clients ("
    " id TEXT PRIMARY KEY,"
    " name TEXT NOT NULL,"
    " type BIGINT NOT NULL,"
    " enabled BIGINT NOT NULL CHECK (enabled IN (0, 1)),"
    " first_party BIGINT NOT NULL CHECK (first_party IN (0, 1)),"
    " secret_hash BLOB,"
    " grants BIGINT NOT NULL,"
    " redirect_uris TEXT NOT NULL,"
    " scopes TEXT NOT NULL,"
    " audience TEXT NOT NULL,"
    " created_ms BIGINT NOT NULL,"
    " updated_ms BIGINT NOT NULL);"

    "CREATE TABLE sessions ("
    " sid TEXT PRIMARY KEY,"
    " cookie_hash BLOB NOT NULL UNIQUE,"
    " user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,"
    " user_epoch BIGINT NOT NULL,"
    " auth_time_ms BIGINT NOT NULL,"
    " amr TEXT NOT NULL,"
    " created_ms BIGINT NOT NULL,"
    " last_seen_ms BIGINT NOT NULL,"
    " idle_expires_ms BIGINT NOT NULL,"
    " absolute_expires_ms BIGINT NOT NULL,"
    " CHECK (idle_expires_ms <= absolute_expires_ms));"
    "CREATE INDEX sessions_by_user ON sessions (user_id);"
    "CREATE INDEX sessions_by_expiry ON sessions (idle_expires_ms);"

    "CREATE TABLE grants ("
    " id TEXT PRIMARY KEY,"
    " client_id TEXT REFERENCES clients (id) ON DELETE CASCADE,"
    " user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,"
    " sid TEXT," /* no reference: a grant may outlive the session it came from */
    " scope TEXT NOT NULL,"
    " resource TEXT,"
    " user_epoch BIGINT NOT NULL,"
    " auth_time_ms BIGINT NOT NULL,"
    " amr TEXT NOT NULL,"
    " created_ms BIGINT NOT NULL,"
    " expires_ms BIGINT NOT NULL,"
    " revoked_ms BIGINT);"
    "CREATE INDEX grants_by_user ON grants (user_id);"
    "CREATE INDEX grants_by_client ON grants (client_id);"
    "CREATE INDEX grants_by_session ON grants (sid);"
    "CREATE INDEX grants_by_expiry ON grants (expires_ms);"

    "CREATE TABLE codes ("
    " hash BLOB PRIMARY KEY,"
    " grant_id TEXT NOT NULL UNIQUE REFERENCES grants (id) ON DELETE CASCADE,"
    " redirect_uri TEXT NOT NULL,"
    " code_challenge TEXT,"
    " nonce TEXT,"
    " created_ms BIGINT NOT NULL,"
    " expires_ms BIGINT NOT NULL,"
    " redeemed_ms BIGINT);"

    "CREATE TABLE refresh_tokens ("
    " hash BLOB PRIMARY KEY,"
    " grant_id TEXT NOT NULL REFERENCES grants (id) ON DELETE CASCADE,"
    " generation BIGINT NOT NULL,"
    " created_ms BIGINT NOT NULL,"
    " expires_ms BIGINT NOT NULL,"
    " spent_ms BIGINT,"
    " successor_hash BLOB,"
    " UNIQUE (grant_id, generation));"
    "CREATE INDEX refresh_tokens_by_expiry ON refresh_tokens (expires_ms);"

    "CREATE TABLE used_values ("
    " kind TEXT NOT NULL,"
    " value_hash BLOB NOT NULL,"
    " expires_ms BIGINT NOT NULL,"
    " PRIMARY KEY (kind, value_hash));"
    "CREATE INDEX used_values_by_expiry ON used_values (expires_ms);"

    "CREATE TABLE signing_keys ("
    " kid TEXT PRIMARY KEY,"
    " alg TEXT NOT NULL,"
    " public_jwk TEXT NOT NULL,"
    " sealed_private BLOB,"
    " created_ms BIGINT NOT NULL,"
    " retired_ms BIGINT,"
    " not_after_ms BIGINT NOT NULL);";

const struct db_migration schema_migrations[] = {
    {1, "initial", initial},
};
const size_t schema_migrations_count = ARRAY_LEN(schema_migrations);
