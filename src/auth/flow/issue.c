/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/flow/issue.h"

#include "auth/flow/keyring.h"
#include "base/base64.h"
#include "base/json.h"
#include "crypto/digest.h"
#include "crypto/id.h"
#include "crypto/random.h"
#include "jose/limits.h"

struct digest issue_digest(str token) {
    struct digest digest;
    digest_sha256(token, digest.bytes);
    return digest;
}

err issue_refresh_token(struct call *c, str *ret_token, struct digest *ret_digest) {
    str token;
    TRY(random_token(c->arena, &token));
    *ret_digest = issue_digest(token);
    *ret_token = token;
    return ERR_OK;
}

int64_t issue_refresh_expiry(const struct call *c, const struct grant *grant) {
    int64_t expires_ms = c->now_ms + c->flow->settings.refresh_ttl_s * 1000;
    return expires_ms < grant->expires_ms ? expires_ms : grant->expires_ms;
}

scope_set issue_allowed_scopes(const struct user *user, scope_set asked) {
    bool is_admin = names_has(user->roles, STR(ROLE_ADMIN));
    return is_admin ? asked : asked & ~(scope_set)SCOPE_ADMIN;
}

err issue_user_check(struct call *c, const struct grant *grant, struct user *ret_user,
                     struct fault *ret_fault) {
    err e = store_user_by_id(c->flow->store, grant->user_id, c->arena, ret_user, &c->error);
    if (e == ERR_NOT_FOUND ||
        (e == ERR_OK && (!user_is_active(ret_user) || ret_user->epoch != grant->user_epoch))) {
        return fault_set(ret_fault, FAULT_INVALID_GRANT,
                         STR("the account is not active, or everything was signed out"));
    }
    return e;
}

void issue_names_write(struct json_writer *w, str name, struct names names) {
    json_name(w, name);
    json_open_array(w);
    for (size_t i = 0; i < names.count; i++) {
        json_string(w, names.items[i]);
    }
    json_close_array(w);
}

static err scope_text_new(struct arena *a, scope_set scopes, str *ret) {
    struct buf text;
    buf_init_arena(&text, a, SCOPE_TEXT_MAX);
    scope_format(&text, scopes);
    return buf_finish(&text, ret);
}

/* What both kinds of token say about the sign-in. */
static void sign_in_write(struct json_writer *w, const struct grant *grant) {
    json_name_int(w, STR("auth_time"), grant->auth_time_ms / 1000);
    issue_names_write(w, STR("amr"), grant->amr);
    if (grant->sid.len > 0) {
        json_name_string(w, STR("sid"), grant->sid);
    }
}

static void access_claims_write(struct call *c, struct json_writer *w, const struct issue *in,
                                str jti, str scope) {
    const struct flow_settings *settings = &c->flow->settings;
    json_open_object(w);
    json_name_string(w, STR("iss"), settings->issuer);
    json_name_string(w, STR("sub"), in->user != NULL ? in->user->id : in->client_id);
    issue_names_write(w, STR("aud"), in->audience);
    json_name_int(w, STR("exp"), call_now_s(c) + settings->access_ttl_s);
    json_name_int(w, STR("iat"), call_now_s(c));
    json_name_string(w, STR("jti"), jti);
    json_name_string(w, STR("client_id"), in->client_id);
    if (scope.len > 0) {
        json_name_string(w, STR("scope"), scope);
    }
    if (in->user != NULL) {
        sign_in_write(w, in->grant);
        json_name_string(w, STR("grant_id"), in->grant->id);
        issue_names_write(w, STR("groups"), in->user->groups);
        issue_names_write(w, STR("roles"), in->user->roles);
    }
    json_close_object(w);
}

static err access_token_make(struct call *c, const struct key_snapshot *keys,
                             const struct issue *in, str scope, str *ret) {
    struct buf claims;
    struct json_writer w;
    str jti;
    str text;
    TRY(id_hex_new(c->arena, &jti));
    buf_init_arena(&claims, c->arena, JOSE_TOKEN_MAX);
    json_writer_init(&w, &claims);
    access_claims_write(c, &w, in, jti, scope);
    TRY(buf_finish(&claims, &text));
    return jwt_sign(c->arena, keys->signing, keys->kid, STR("at+jwt"), text, ret);
}

/* OIDC Core §3.1.3.6: the left half of the token's SHA-256. */
static void at_hash_write(struct json_writer *w, struct arena *a, str access_token) {
    uint8_t digest[DIGEST_SHA256_SIZE];
    struct buf text;
    digest_sha256(access_token, digest);
    buf_init_arena(&text, a, DIGEST_SHA256_TEXT_LEN);
    base64_encode(&text, BASE64_URL, str_make((const char *)digest, sizeof digest / 2));
    json_name_string(w, STR("at_hash"), buf_str(&text));
}

static err id_token_make(struct call *c, const struct key_snapshot *keys, const struct issue *in,
                         str nonce, str access_token, str *ret) {
    struct buf claims;
    struct json_writer w;
    str text;
    buf_init_arena(&claims, c->arena, JOSE_TOKEN_MAX);
    json_writer_init(&w, &claims);
    json_open_object(&w);
    json_name_string(&w, STR("iss"), c->flow->settings.issuer);
    json_name_string(&w, STR("sub"), in->user->id);
    json_name_string(&w, STR("aud"), in->client_id);
    json_name_int(&w, STR("exp"), call_now_s(c) + c->flow->settings.access_ttl_s);
    json_name_int(&w, STR("iat"), call_now_s(c));
    if (nonce.len > 0) {
        json_name_string(&w, STR("nonce"), nonce);
    }
    at_hash_write(&w, c->arena, access_token);
    sign_in_write(&w, in->grant);
    json_close_object(&w);
    TRY(buf_finish(&claims, &text));
    return jwt_sign(c->arena, keys->signing, keys->kid, STR("JWT"), text, ret);
}

err issue_tokens(struct call *c, const struct issue *in, bool has_id_token, str nonce,
                 struct tokens *ret) {
    AUTO(key_snapshot_unrefp) const struct key_snapshot *keys = keyring_take(c->flow->keyring);
    struct tokens tokens = {.expires_in_s = c->flow->settings.access_ttl_s};
    TRY(scope_text_new(c->arena, in->scopes, &tokens.scope));
    TRY(access_token_make(c, keys, in, tokens.scope, &tokens.access_token));
    if (has_id_token && in->user != NULL && scope_has(in->scopes, SCOPE_OPENID)) {
        TRY(id_token_make(c, keys, in, nonce, tokens.access_token, &tokens.id_token));
    }
    *ret = tokens;
    return ERR_OK;
}
