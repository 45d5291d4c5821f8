/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/flow/revoke.h"

#include "auth/flow/issue.h"
#include "crypto/random.h"

/* ERR_NOT_FOUND when it is no refresh token of this client. */
static err own_refresh(struct call *c, const struct client *client, str token,
                       struct refresh *ret) {
    if (token.len != RANDOM_TOKEN_LEN) {
        return ERR_NOT_FOUND;
    }
    struct digest digest = issue_digest(token);
    TRY(store_refresh_get(c->flow->store, &digest, c->arena, ret, &c->error));
    return str_equal(ret->grant.client_id, client->id) ? ERR_OK : ERR_NOT_FOUND;
}

static err family_revoke(struct call *c, const struct client *client, str grant_id, str user_id) {
    TRY(store_grant_revoke(c->flow->store, grant_id, c->now_ms, &c->error));
    return event_token_revoked(c, user_id, client->id);
}

err revoke_token(struct call *c, const struct client *client, str token) {
    struct refresh refresh;
    struct bearer access;
    struct fault ignored;
    err e = own_refresh(c, client, token, &refresh);
    if (e == ERR_OK) {
        return family_revoke(c, client, refresh.grant.id, refresh.grant.user_id);
    }
    if (e != ERR_NOT_FOUND) {
        return e;
    }
    e = bearer_identify(c, token, &access, &ignored);
    if (e == ERR_DENIED) {
        return ERR_OK;
    }
    TRY(e);
    if (access.grant_id.len == 0 || !str_equal(access.claims->client_id, client->id)) {
        return ERR_OK;
    }
    return family_revoke(c, client, access.grant_id, access.subject);
}

err introspect_token(struct call *c, const struct client *client, str token,
                     struct introspection *ret) {
    struct user user;
    struct fault ignored;
    struct introspection in = {.kind = INTROSPECT_INACTIVE};
    err e = own_refresh(c, client, token, &in.refresh);
    if (e == ERR_OK) {
        const struct refresh *r = &in.refresh;
        bool is_live = !r->is_spent && !r->grant.is_revoked && c->now_ms < r->expires_ms &&
                       c->now_ms < r->grant.expires_ms;
        e = is_live ? issue_user_check(c, &r->grant, &user, &ignored) : ERR_DENIED;
        in.kind = e == ERR_OK ? INTROSPECT_REFRESH : INTROSPECT_INACTIVE;
    } else if (e == ERR_NOT_FOUND) {
        e = bearer_probe(c, token, &in.access, &ignored);
        in.kind = e == ERR_OK ? INTROSPECT_ACCESS : INTROSPECT_INACTIVE;
    }
    if (e != ERR_OK && e != ERR_DENIED) {
        return e;
    }
    *ret = in;
    return ERR_OK;
}
