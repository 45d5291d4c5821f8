/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/auth/flow/fixture.h"

#include <unistd.h>

#include "auth/flow/account.h"
#include "auth/flow/authorize.h"
#include "kv/memory.h"

enum { FIXTURE_MEMORY_MAX = 16 * 1024 * 1024 };

static uint64_t kv_now(void *ctx) {
    return *(const uint64_t *)ctx;
}

struct secret *fixture_root(uint8_t byte) {
    uint8_t bytes[32];
    struct secret *root = NULL;
    memset(bytes, byte, sizeof bytes);
    OK(secret_new(bytes, sizeof bytes, &root));
    return root;
}

static struct flow_settings settings(void) {
    return (struct flow_settings){
        .issuer = STR("https://auth.example.com"),
        .audience = STR("ironwood"),
        .access_ttl_s = 900,
        .refresh_ttl_s = 7 * 86400,
        .grant_ttl_s = 30 * 86400,
        .code_ttl_s = 60,
        .session_idle_ttl_s = 8 * 3600,
        .session_ttl_s = 86400,
        .key_overlap_s = 3600,
        .password = {.memory_kib = PASSWORD_MEMORY_MIN_KIB, .passes = 1, .lanes = 1},
        .password_chars_min = 8,
        .throttle_free = 3,
        .throttle_window_s = 900,
        .throttle_address = 20,
        .has_registration = true,
    };
}

static void clients_make(struct fixture *f) {
    static const str uris[] = {STR_INIT("http://127.0.0.1/callback"),
                               STR_INIT("https://app.example.com/callback")};
    static const str scopes[] = {STR_INIT("openid"), STR_INIT("profile"), STR_INIT("email"),
                                 STR_INIT("offline_access"), STR_INIT("admin")};
    static const str audience[] = {STR_INIT("ironwood"), STR_INIT("https://api.example.com")};
    struct client client = {
        .id = STR(FIXTURE_WEB),
        .name = STR("Web"),
        .type = CLIENT_CONFIDENTIAL,
        .is_enabled = true,
        .is_first_party = true,
        .has_secret = true,
        .secret_hash = issue_digest(STR(FIXTURE_SECRET)),
        .grants = CLIENT_GRANTS_ALL,
        .redirect_uris = {uris, ARRAY_LEN(uris)},
        .scopes = {scopes, ARRAY_LEN(scopes)},
        .audience = {audience, ARRAY_LEN(audience)},
        .created_ms = FIXTURE_START_MS,
        .updated_ms = FIXTURE_START_MS,
    };
    OK(store_client_put(f->flow.store, &client, &f->call.error));
    client.id = STR(FIXTURE_APP);
    client.type = CLIENT_PUBLIC;
    client.has_secret = false;
    client.grants = CLIENT_GRANT_AUTHORIZATION_CODE | CLIENT_GRANT_REFRESH_TOKEN;
    client.scopes.count = 4;
    client.audience.count = 0;
    OK(store_client_put(f->flow.store, &client, &f->call.error));
    client.id = STR(FIXTURE_OTHER);
    client.is_first_party = false;
    OK(store_client_put(f->flow.store, &client, &f->call.error));
}

static void keys_make(struct fixture *f) {
    struct secret *root = fixture_root(1);
    OK(keyring_new(root, &f->flow.keyring));
    secret_free(root);
    OK(keyring_publish(f->flow.keyring, f->flow.store, &f->flow.settings, f->call.now_ms, NULL,
                       &f->call.error));
}

int fixture_setup(void **state) {
    struct fixture *f = calloc(1, sizeof *f);
    struct fault fault;
    memcpy(f->directory, "/tmp/ironwood-flow-XXXXXX", sizeof "/tmp/ironwood-flow-XXXXXX");
    assert_non_null(mkdtemp(f->directory));
    snprintf(f->url, sizeof f->url, "sqlite:%s/auth.db", f->directory);
    arena_init(&f->arena, allocator_libc(), FIXTURE_MEMORY_MAX);
    f->flow.settings = settings();
    f->kv_ms = 1000;
    f->call = (struct call){.flow = &f->flow,
                            .arena = &f->arena,
                            .now_ms = FIXTURE_START_MS,
                            .address = STR("192.0.2.1"),
                            .log = {.request_id = STR("test")}};
    struct db_config db = {.url = f->url, .readers = 2, .sync = DB_SYNC_NORMAL};
    OK(db_open(&db, &f->db, &f->call.error));
    OK(store_new(f->db, f->call.now_ms, &f->flow.store, &f->call.error));
    struct kv_memory_config kv = {
        .max_bytes = 1 << 20, .shards = 1, .now_ms = kv_now, .ctx = &f->kv_ms};
    OK(kv_memory_new(&kv, &f->flow.kv));
    keys_make(f);
    clients_make(f);
    struct account_new alice = {STR(FIXTURE_EMAIL), STR(FIXTURE_PASSWORD), STR("Alice")};
    OK(account_register(&f->call, &alice, &f->alice, &fault));
    *state = f;
    return 0;
}

int fixture_teardown(void **state) {
    struct fixture *f = *state;
    static const char *const endings[] = {"", "-wal", "-shm"};
    char path[128];
    store_free(f->flow.store);
    db_free(f->db);
    kv_free(f->flow.kv);
    keyring_free(f->flow.keyring);
    arena_done(&f->arena);
    for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
        snprintf(path, sizeof path, "%s/auth.db%s", f->directory, endings[i]);
        unlink(path);
    }
    rmdir(f->directory);
    free(f);
    return 0;
}

void fixture_advance_s(struct fixture *f, int64_t seconds) {
    f->call.now_ms += seconds * 1000;
    f->kv_ms += (uint64_t)seconds * 1000;
}

struct client fixture_client(struct fixture *f, const char *id) {
    struct client client;
    OK(store_client_get(f->flow.store, str_c(id), &f->arena, &client, &f->call.error));
    return client;
}

struct signed_in fixture_sign_in(struct fixture *f) {
    struct signed_in in;
    struct fault fault;
    struct user user;
    str cookie;
    OK(store_user_by_id(f->flow.store, f->alice.id, &f->arena, &user, &f->call.error));
    OK(session_begin(&f->call, &user, (str){NULL, 0}, &cookie, &in, &fault));
    return in;
}

str fixture_code(struct fixture *f, const char *client_id, const char *scope) {
    struct authorize_params params = {
        .client_id = str_c(client_id),
        .redirect_uri = STR(FIXTURE_REDIRECT),
        .response_type = STR("code"),
        .scope = str_c(scope),
        .nonce = STR("n-0S6_WzA2Mj"),
        .code_challenge = STR(FIXTURE_CHALLENGE),
        .code_challenge_method = STR("S256"),
    };
    struct authorize_request request;
    struct fault fault;
    bool may_redirect;
    str code;
    OK(authorize_parse(&f->call, &params, &request, &may_redirect, &fault));
    struct signed_in in = fixture_sign_in(f);
    OK(authorize_grant(&f->call, &request, &in, &code, &fault));
    return code;
}

const struct jwt_claims *fixture_claims(struct fixture *f, str token, str audience,
                                        bool is_access) {
    const struct key_snapshot *keys = keyring_take(f->flow.keyring);
    const struct verified_token *verified = NULL;
    struct jwt_expect expect = jwt_expect_access_token(f->flow.settings.issuer, audience);
    if (!is_access) {
        expect.typ = (str){NULL, 0};
        expect.required = JWT_CLAIM_SUB | JWT_CLAIM_IAT;
    }
    enum jwt_reason reason =
        jwt_verify(&f->arena, token, keys->verifying, &expect, call_now_s(&f->call), &verified);
    key_snapshot_unref(keys);
    assert_string_equal(jwt_reason_name(reason), "valid");
    return verified_token_claims(verified);
}
