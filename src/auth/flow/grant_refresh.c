/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/flow/grant_refresh.h"

#include "auth/flow/audience.h"
#include "auth/flow/own_login.h"
#include "base/assert.h"
#include "crypto/random.h"

static err invalid_grant(struct fault *ret_fault) {
    return fault_set(ret_fault, FAULT_INVALID_GRANT,
                     STR("the refresh token is wrong, expired, used or revoked"));
}

static str client_id_of(const struct client *client) {
    return client == NULL ? (str){NULL, 0} : client->id;
}

static err refresh_find(struct call *c, const struct client *client, str token, struct refresh *ret,
                        struct fault *ret_fault) {
    if (token.len != RANDOM_TOKEN_LEN) {
        return invalid_grant(ret_fault);
    }
    struct digest digest = issue_digest(token);
    err e = store_refresh_get(c->flow->store, &digest, c->arena, ret, &c->error);
    if (e == ERR_NOT_FOUND) {
        return invalid_grant(ret_fault);
    }
    TRY(e);
    /* Another client's token tells this one nothing, and does that client no harm. */
    return str_equal(ret->grant.client_id, client_id_of(client)) ? ERR_OK
                                                                 : invalid_grant(ret_fault);
}

/* What was granted, or the part of it that is asked for. */
static err scopes_choose(const struct grant_refresh_request *in, const struct grant *grant,
                         scope_set *ret, struct fault *ret_fault) {
    scope_set granted = 0;
    scope_set asked = 0;
    TRY(scope_parse(grant->scope, &granted, NULL));
    if (in->scope.len == 0) {
        *ret = granted;
        return ERR_OK;
    }
    bool has_unknown = false;
    if (scope_parse(in->scope, &asked, &has_unknown) != ERR_OK || has_unknown ||
        (asked & ~granted) != 0) {
        return fault_set(ret_fault, FAULT_INVALID_SCOPE,
                         STR("the scope is malformed or exceeds what was granted"));
    }
    *ret = asked;
    return ERR_OK;
}

static err audience_of(struct call *c, const struct client *client,
                       const struct grant_refresh_request *in, const struct grant *grant,
                       scope_set scopes, struct names *ret, struct fault *ret_fault) {
    if (client == NULL) {
        return own_login_audience(c, ret);
    }
    return audience_choose(c, client, in->resource.len > 0 ? in->resource : grant->resource,
                           scope_has(scopes, SCOPE_OPENID), ret, ret_fault);
}

static err refresh_rotate(struct call *c, const struct client *client,
                          const struct refresh *presented, str *ret_token,
                          struct fault *ret_fault) {
    struct refresh_successor successor;
    struct refresh rotated;
    str token;
    TRY(issue_refresh_token(c, &token, &successor.hash));
    successor.expires_ms = issue_refresh_expiry(c, &presented->grant);
    err e = store_refresh_rotate(c->flow->store, &presented->hash, client_id_of(client), &successor,
                                 c->now_ms, c->arena, &rotated, &c->error);
    if (e == ERR_REPLAY) {
        event_reuse_detected(c, false, &rotated.grant);
    }
    if (e == ERR_REPLAY || e == ERR_EXPIRED || e == ERR_DENIED || e == ERR_NOT_FOUND) {
        return invalid_grant(ret_fault);
    }
    TRY(e);
    *ret_token = token;
    return ERR_OK;
}

/* Everything that can refuse without touching the token comes before the rotation, so that a
 * request with a wrong scope does not cost the client its token. A spent one skips that: it must
 * reach the store, which revokes the family. */
static err refresh_check(struct call *c, const struct client *client,
                         const struct grant_refresh_request *in, const struct refresh *presented,
                         struct issue *issue, struct user *user, struct fault *ret_fault) {
    const struct grant *grant = &presented->grant;
    if (presented->is_spent) {
        return ERR_OK;
    }
    TRY(scopes_choose(in, grant, &issue->scopes, ret_fault));
    TRY(audience_of(c, client, in, grant, issue->scopes, &issue->audience, ret_fault));
    TRY(issue_user_check(c, grant, user, ret_fault));
    issue->scopes = issue_allowed_scopes(user, issue->scopes);
    return ERR_OK;
}

err grant_refresh(struct call *c, const struct client *client,
                  const struct grant_refresh_request *in, struct tokens *ret,
                  struct fault *ret_fault) {
    struct refresh presented;
    struct user user;
    struct tokens tokens;
    str successor;
    struct issue issue = {
        .user = &user,
        .grant = &presented.grant,
        .client_id = client == NULL ? STR(FLOW_OWN_CLIENT_ID) : client->id,
    };
    TRY(refresh_find(c, client, in->refresh_token, &presented, ret_fault));
    TRY(refresh_check(c, client, in, &presented, &issue, &user, ret_fault));
    TRY(refresh_rotate(c, client, &presented, &successor, ret_fault));
    ASSERT(!presented.is_spent); /* the store refuses those, and they were not checked above */
    TRY(issue_tokens(c, &issue, client != NULL, (str){NULL, 0}, &tokens));
    tokens.refresh_token = successor;
    TRY(event_tokens_issued(c, EVENT_GRANT_REFRESH, user.id, issue.client_id));
    *ret = tokens;
    return ERR_OK;
}
