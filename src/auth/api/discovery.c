/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/api/discovery.h"

#include "auth/api/app.h"
#include "auth/api/handlers.h"
#include "auth/api/reply.h"
#include "auth/flow/keyring.h"
#include "auth/flow/scope.h"
#include "base/json.h"

enum { DISCOVERY_MAX = 16 * 1024, JWKS_AGE_MS = 100 };

static void list_write(struct json_writer *w, str name, const str *items, size_t count) {
    json_name(w, name);
    json_open_array(w);
    for (size_t i = 0; i < count; i++) {
        json_string(w, items[i]);
    }
    json_close_array(w);
}

#define LIST(w, name, ...)                                 \
    list_write((w), STR(name), (const str[]){__VA_ARGS__}, \
               sizeof((const str[]){__VA_ARGS__}) / sizeof(str))

static void endpoint_write(struct json_writer *w, struct arena *a, str issuer, const char *name,
                           const char *path) {
    str url = {NULL, 0};
    /* On failure the arena is full, and building the document reports that. */
    IGNORE(arena_format(a, &url, "%.*s%s", STR_FMT(issuer), path));
    json_name_string(w, str_c(name), url);
}

static void endpoints_write(struct json_writer *w, struct arena *a, str issuer) {
    static const struct {
        const char *name;
        const char *path;
    } endpoints[] = {
        {"authorization_endpoint", "/oauth/authorize"},
        {"token_endpoint", "/oauth/token"},
        {"userinfo_endpoint", "/oauth/userinfo"},
        {"jwks_uri", "/.well-known/jwks.json"},
        {"revocation_endpoint", "/oauth/revoke"},
        {"introspection_endpoint", "/oauth/introspect"},
    };
    for (size_t i = 0; i < ARRAY_LEN(endpoints); i++) {
        endpoint_write(w, a, issuer, endpoints[i].name, endpoints[i].path);
    }
}

static void scopes_write(struct json_writer *w) {
    json_name(w, STR("scopes_supported"));
    json_open_array(w);
    for (size_t i = 0; i < SCOPE_COUNT; i++) {
        json_string(w, scope_text(i));
    }
    json_close_array(w);
}

err discovery_build(struct arena *a, const struct flow_settings *settings, str *ret) {
    struct buf out;
    struct json_writer writer;
    struct json_writer *w = &writer;
    buf_init_arena(&out, a, DISCOVERY_MAX);
    json_writer_init(w, &out);
    json_open_object(w);
    json_name_string(w, STR("issuer"), settings->issuer);
    endpoints_write(w, a, settings->issuer);
    scopes_write(w);
    LIST(w, "response_types_supported", STR("code"));
    LIST(w, "response_modes_supported", STR("query"));
    LIST(w, "grant_types_supported", STR("authorization_code"), STR("refresh_token"),
         STR("client_credentials"));
    LIST(w, "subject_types_supported", STR("public"));
    LIST(w, "id_token_signing_alg_values_supported", STR("ES256"));
    LIST(w, "token_endpoint_auth_methods_supported", STR("client_secret_basic"),
         STR("client_secret_post"), STR("none"));
    LIST(w, "revocation_endpoint_auth_methods_supported", STR("client_secret_basic"),
         STR("client_secret_post"), STR("none"));
    LIST(w, "introspection_endpoint_auth_methods_supported", STR("client_secret_basic"),
         STR("client_secret_post"));
    LIST(w, "code_challenge_methods_supported", STR("S256"));
    LIST(w, "claims_supported", STR("iss"), STR("sub"), STR("aud"), STR("exp"), STR("iat"),
         STR("auth_time"), STR("nonce"), STR("at_hash"), STR("amr"), STR("sid"), STR("name"),
         STR("email"), STR("email_verified"), STR("groups"), STR("roles"));
    LIST(w, "prompt_values_supported", STR("none"), STR("login"), STR("consent"),
         STR("select_account"));
    json_name_bool(w, STR("authorization_response_iss_parameter_supported"), true);
    json_name_bool(w, STR("request_parameter_supported"), false);
    json_name_bool(w, STR("request_uri_parameter_supported"), false);
    json_name_bool(w, STR("claims_parameter_supported"), false);
    json_close_object(w);
    return buf_finish(&out, ret);
}

/* Public documents that browsers of any origin may read; no credentials are involved. */
static void public_document(struct http_response *resp, str content_type, str cache, str body) {
    http_response_text(resp, 200, content_type, body);
    http_response_header(resp, STR("Cache-Control"), cache);
    http_response_header(resp, STR("Access-Control-Allow-Origin"), STR("*"));
}

enum http_outcome api_discovery(struct http_request *req, struct http_response *resp) {
    public_document(resp, STR("application/json"), STR("public, max-age=300"),
                    app_of(req)->discovery);
    return HTTP_DONE;
}

/* From memory on the loop; several times a second at most a worker looks whether another replica
 * has published a key meanwhile. When the database is silent, what we know is served on. */
enum http_outcome api_jwks(struct http_request *req, struct http_response *resp) {
    struct call c = app_call(req);
    if (!keyring_is_fresh(c.flow->keyring, c.now_ms, JWKS_AGE_MS)) {
        if (!req->may_block) {
            return HTTP_NEEDS_POOL;
        }
        err e = keyring_catch_up(c.flow->keyring, c.flow->store, c.now_ms, &c.error);
        if (e != ERR_OK) {
            IGNORE(reply_failure(&c, e)); /* logged; the answer is good all the same */
        }
    }
    AUTO(key_snapshot_unrefp)
    const struct key_snapshot *keys = keyring_take(app_of(req)->flow.keyring);
    str copy;
    if (arena_copy(req->arena, keys->jwks, &copy) != ERR_OK) {
        problem_response(req, resp, PROBLEM_UNAVAILABLE, (str){NULL, 0});
        return HTTP_DONE;
    }
    /* Short: a verifier should meet a new key soon, and asks at once for an unknown kid anyway. */
    public_document(resp, STR("application/jwk-set+json"), STR("public, max-age=60"), copy);
    return HTTP_DONE;
}
