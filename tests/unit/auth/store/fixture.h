/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_AUTH_STORE_FIXTURE_H
#define TESTS_UNIT_AUTH_STORE_FIXTURE_H
/*
 * A store on a scratch database with one user ("u1") and one client ("web"), made per test.
 * Times are small numbers of milliseconds; NOW is the present unless a test says otherwise.
 */
#include "tests/unit/db/scratch.h"

#include "auth/store/store.h"

enum { NOW = 1000000, HOUR = 3600000 };

#define NONE ((str){NULL, 0})

struct fixture {
    struct scratch scratch;
    struct db *db;
    struct store *store;
    struct arena arena;
};

MAYBE_UNUSED static struct user user_make(const char *id, const char *email) {
    return (struct user){.id = str_c(id),
                         .email = {str_c(email), str_c(email)},
                         .name = STR("Some One"),
                         .password_hash = STR("$argon2id$v=19$m=1,t=1,p=1$c2FsdA$aGFzaA"),
                         .status = USER_ACTIVE,
                         .epoch = 1,
                         .created_ms = NOW,
                         .updated_ms = NOW};
}

MAYBE_UNUSED static struct digest digest_make(unsigned seed) {
    struct digest digest;
    for (size_t i = 0; i < DIGEST_SIZE; i++) {
        digest.bytes[i] = (uint8_t)(seed * 31 + i * 7 + (seed >> 8));
    }
    digest.bytes[0] = (uint8_t)seed;
    digest.bytes[1] = (uint8_t)(seed >> 8);
    return digest;
}

MAYBE_UNUSED static bool digest_equal(const struct digest *a, const struct digest *b) {
    return str_equal(digest_str(a), digest_str(b));
}

MAYBE_UNUSED static struct client client_make(const char *id) {
    static const str uris[] = {STR_INIT("https://app.example.com/callback"),
                               STR_INIT("http://127.0.0.1/callback")};
    static const str scopes[] = {STR_INIT("openid"), STR_INIT("offline_access")};
    static const str audience[] = {STR_INIT("https://api.example.com")};
    return (struct client){
        .id = str_c(id),
        .name = STR("Web"),
        .type = CLIENT_CONFIDENTIAL,
        .is_enabled = true,
        .has_secret = true,
        .secret_hash = digest_make(99),
        .grants = CLIENT_GRANT_AUTHORIZATION_CODE | CLIENT_GRANT_REFRESH_TOKEN,
        .redirect_uris = {uris, ARRAY_LEN(uris)},
        .scopes = {scopes, ARRAY_LEN(scopes)},
        .audience = {audience, ARRAY_LEN(audience)},
        .created_ms = NOW,
        .updated_ms = NOW,
    };
}

MAYBE_UNUSED static const str pwd_items[] = {STR_INIT("pwd")};

MAYBE_UNUSED static struct grant grant_make(const char *id, str client_id, str sid) {
    return (struct grant){.id = str_c(id),
                          .client_id = client_id,
                          .user_id = STR("u1"),
                          .sid = sid,
                          .scope = STR("openid offline_access"),
                          .user_epoch = 1,
                          .auth_time_ms = NOW - 5,
                          .amr = {pwd_items, 1},
                          .created_ms = NOW,
                          .expires_ms = NOW + HOUR};
}

MAYBE_UNUSED static struct session session_make(const char *sid, unsigned cookie) {
    return (struct session){.sid = str_c(sid),
                            .cookie_hash = digest_make(cookie),
                            .user_id = STR("u1"),
                            .user_epoch = 1,
                            .auth_time_ms = NOW,
                            .amr = {pwd_items, 1},
                            .created_ms = NOW,
                            .last_seen_ms = NOW,
                            .idle_expires_ms = NOW + HOUR,
                            .absolute_expires_ms = NOW + 10 * HOUR};
}

MAYBE_UNUSED static struct code code_make(const char *grant_id, unsigned seed) {
    return (struct code){.hash = digest_make(seed),
                         .grant = grant_make(grant_id, STR("web"), STR("s1")),
                         .redirect_uri = STR("https://app.example.com/callback"),
                         .code_challenge = STR("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
                         .nonce = STR("n-0S6_WzA2Mj"),
                         .created_ms = NOW,
                         .expires_ms = NOW + 60000};
}

MAYBE_UNUSED static struct refresh refresh_make(const char *grant_id, unsigned seed) {
    return (struct refresh){.hash = digest_make(seed),
                            .grant = grant_make(grant_id, STR("web"), STR("s1")),
                            .created_ms = NOW,
                            .expires_ms = NOW + HOUR};
}

MAYBE_UNUSED static int setup(void **state) {
    struct fixture *f = calloc(1, sizeof *f);
    scratch_init(&f->scratch);
    struct db_config config = {
        .url = f->scratch.url, .acquire_wait_ms = 30000, .sync = DB_SYNC_NORMAL};
    OK(db_open(&config, &f->db, &error));
    OK(store_new(f->db, NOW, &f->store, &error));
    arena_init(&f->arena, allocator_libc(), 1 << 20);
    struct user user = user_make("u1", "some.one@example.com");
    struct client client = client_make("web");
    OK(store_user_create(f->store, &user, &error));
    OK(store_client_put(f->store, &client, &error));
    *state = f;
    return 0;
}

MAYBE_UNUSED static int teardown(void **state) {
    struct fixture *f = *state;
    arena_done(&f->arena);
    store_free(f->store);
    db_free(f->db);
    scratch_done(&f->scratch);
    free(f);
    return 0;
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
