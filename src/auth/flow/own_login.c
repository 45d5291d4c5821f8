/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/flow/own_login.h"

#include "crypto/id.h"
#include "crypto/random.h"

static const scope_set own_scopes =
    SCOPE_OPENID | SCOPE_PROFILE | SCOPE_EMAIL | SCOPE_GROUPS | SCOPE_ADMIN;

err own_login_audience(struct call *c, struct names *ret) {
    str *items = ARENA_ARRAY(c->arena, str, 2);
    if (items == NULL) {
        return arena_error(c->arena);
    }
    items[0] = c->flow->settings.audience;
    items[1] = c->flow->settings.issuer;
    *ret = (struct names){items, str_equal(items[0], items[1]) ? 1 : 2};
    return ERR_OK;
}

static err family_start(struct call *c, const struct user *user, scope_set scopes,
                        struct refresh *ret, str *ret_token, struct fault *ret_fault) {
    static const str methods[] = {STR_INIT("pwd")}; /* RFC 8176 */
    struct buf scope;
    struct refresh refresh = {
        .generation = 1,
        .created_ms = c->now_ms,
        .grant = {.user_id = user->id,
                  .user_epoch = user->epoch,
                  .auth_time_ms = c->now_ms,
                  .amr = {methods, ARRAY_LEN(methods)},
                  .created_ms = c->now_ms,
                  .expires_ms = c->now_ms + c->flow->settings.grant_ttl_s * 1000},
    };
    buf_init_arena(&scope, c->arena, SCOPE_TEXT_MAX);
    scope_format(&scope, scopes);
    TRY(buf_finish(&scope, &refresh.grant.scope));
    TRY(id_hex_new(c->arena, &refresh.grant.id));
    TRY(issue_refresh_token(c, ret_token, &refresh.hash));
    refresh.expires_ms = issue_refresh_expiry(c, &refresh.grant);
    err e = store_refresh_create(c->flow->store, &refresh, &c->error);
    if (e == ERR_DENIED || e == ERR_MISSING) {
        return fault_set(ret_fault, FAULT_CREDENTIALS, STR("the account has changed; try again"));
    }
    TRY(e);
    *ret = refresh;
    return ERR_OK;
}

err own_login_tokens(struct call *c, const struct user *user, struct tokens *ret,
                     struct fault *ret_fault) {
    struct refresh refresh;
    struct tokens tokens;
    str refresh_token;
    struct issue issue = {
        .user = user,
        .grant = &refresh.grant,
        .client_id = STR(FLOW_OWN_CLIENT_ID),
        .scopes = issue_allowed_scopes(user, own_scopes),
    };
    TRY(own_login_audience(c, &issue.audience));
    TRY(family_start(c, user, issue.scopes, &refresh, &refresh_token, ret_fault));
    TRY(issue_tokens(c, &issue, false, (str){NULL, 0}, &tokens));
    tokens.refresh_token = refresh_token;
    TRY(event_tokens_issued(c, EVENT_GRANT_PASSWORD, user->id, issue.client_id));
    *ret = tokens;
    return ERR_OK;
}

err own_login_end(struct call *c, str refresh_token) {
    struct refresh refresh;
    if (refresh_token.len != RANDOM_TOKEN_LEN) {
        return ERR_OK;
    }
    struct digest digest = issue_digest(refresh_token);
    err e = store_refresh_get(c->flow->store, &digest, c->arena, &refresh, &c->error);
    if (e == ERR_NOT_FOUND || (e == ERR_OK && !str_is_absent(refresh.grant.client_id))) {
        return ERR_OK;
    }
    TRY(e);
    TRY(store_grant_revoke(c->flow->store, refresh.grant.id, c->now_ms, &c->error));
    return event_signed_out(c, refresh.grant.user_id);
}
