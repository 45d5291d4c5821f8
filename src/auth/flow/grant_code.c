/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/flow/grant_code.h"

#include "auth/flow/audience.h"
#include "auth/flow/pkce.h"
#include "crypto/random.h"

static err invalid_grant(struct fault *ret_fault) {
    return fault_set(ret_fault, FAULT_INVALID_GRANT,
                     STR("the code is wrong, expired, used, or was made for another request"));
}

static err code_find(struct call *c, const struct client *client,
                     const struct grant_code_request *in, struct code *ret,
                     struct fault *ret_fault) {
    if (in->code.len != RANDOM_TOKEN_LEN) {
        return invalid_grant(ret_fault);
    }
    struct digest digest = issue_digest(in->code);
    err e = store_code_get(c->flow->store, &digest, c->arena, ret, &c->error);
    if (e == ERR_NOT_FOUND) {
        return invalid_grant(ret_fault);
    }
    TRY(e);
    /* Another client's code tells this one nothing. */
    return str_equal(ret->grant.client_id, client->id) ? ERR_OK : invalid_grant(ret_fault);
}

static err code_check_request(const struct code *code, const struct grant_code_request *in,
                              struct fault *ret_fault) {
    if (in->code_verifier.len == 0) {
        return fault_set(ret_fault, FAULT_INVALID_GRANT, STR("code_verifier is missing"));
    }
    if (!str_equal(code->redirect_uri, in->redirect_uri)) {
        return fault_set(ret_fault, FAULT_INVALID_GRANT,
                         STR("redirect_uri is not the one of the authorization request"));
    }
    if (!pkce_verify(code->code_challenge, in->code_verifier)) {
        return fault_set(ret_fault, FAULT_INVALID_GRANT,
                         STR("code_verifier does not match the code_challenge"));
    }
    return ERR_OK;
}

static err code_claim(struct call *c, const struct code *code, struct fault *ret_fault) {
    struct code claimed;
    err e =
        store_code_redeem(c->flow->store, &code->hash, c->now_ms, c->arena, &claimed, &c->error);
    if (e == ERR_REPLAY) {
        event_reuse_detected(c, true, &claimed.grant);
    }
    if (e == ERR_REPLAY || e == ERR_EXPIRED || e == ERR_DENIED || e == ERR_NOT_FOUND) {
        return invalid_grant(ret_fault);
    }
    return e;
}

/* The first refresh token, when offline access was granted and the client may refresh. */
static err refresh_add(struct call *c, const struct client *client, const struct grant *grant,
                       scope_set scopes, str *ret_token, struct fault *ret_fault) {
    struct digest digest;
    str token;
    if (!scope_has(scopes, SCOPE_OFFLINE_ACCESS) ||
        !client_may(client, CLIENT_GRANT_REFRESH_TOKEN)) {
        return ERR_OK;
    }
    TRY(issue_refresh_token(c, &token, &digest));
    err e = store_refresh_add(c->flow->store, grant->id, &digest, issue_refresh_expiry(c, grant),
                              c->now_ms, &c->error);
    if (e == ERR_DENIED) { /* revoked since the claim: the code was used twice */
        return invalid_grant(ret_fault);
    }
    TRY(e);
    *ret_token = token;
    return ERR_OK;
}

err grant_code_redeem(struct call *c, const struct client *client,
                      const struct grant_code_request *in, struct tokens *ret,
                      struct fault *ret_fault) {
    struct code code;
    struct user user;
    struct tokens tokens;
    str refresh_token = {NULL, 0};
    struct issue issue = {.user = &user, .grant = &code.grant, .client_id = client->id};
    TRY(code_find(c, client, in, &code, ret_fault));
    TRY(code_check_request(&code, in, ret_fault));
    TRY(scope_parse(code.grant.scope, &issue.scopes, NULL));
    TRY(audience_choose(c, client, in->resource.len > 0 ? in->resource : code.grant.resource,
                        scope_has(issue.scopes, SCOPE_OPENID), &issue.audience, ret_fault));
    TRY(code_claim(c, &code, ret_fault));
    TRY(issue_user_check(c, &code.grant, &user, ret_fault));
    TRY(refresh_add(c, client, &code.grant, issue.scopes, &refresh_token, ret_fault));
    TRY(issue_tokens(c, &issue, true, code.nonce, &tokens));
    tokens.refresh_token = refresh_token;
    TRY(event_tokens_issued(c, EVENT_GRANT_CODE, user.id, client->id));
    *ret = tokens;
    return ERR_OK;
}
