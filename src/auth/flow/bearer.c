/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/flow/bearer.h"

#include "auth/flow/keyring.h"

static err invalid_token(struct fault *ret_fault) {
    return fault_set(
        ret_fault, FAULT_INVALID_TOKEN,
        STR("the access token is malformed, expired, revoked or not for this service"));
}

/* What a token is looked at for. */
enum purpose {
    FOR_A_CALL, /* it is the caller's proof */
    TO_PROBE,   /* somebody asks whether it is good */
    TO_IDENTIFY /* somebody wants what it stands for to end */
};

/* Our own endpoints are for tokens that name this service or, for userinfo, the issuer. */
static enum jwt_reason verify_once(struct call *c, str token, enum purpose purpose,
                                   const struct verified_token **ret) {
    const struct flow_settings *settings = &c->flow->settings;
    AUTO(key_snapshot_unrefp) const struct key_snapshot *keys = keyring_take(c->flow->keyring);
    bool is_call = purpose == FOR_A_CALL;
    struct jwt_expect expect =
        jwt_expect_access_token(settings->issuer, is_call ? settings->audience : STR(""));
    expect.skew_s = settings->clock_skew_s;
    expect.has_any_audience = !is_call;
    expect.may_be_expired = purpose == TO_IDENTIFY;
    enum jwt_reason reason =
        jwt_verify(c->arena, token, keys->verifying, &expect, call_now_s(c), ret);
    if (reason == JWT_AUDIENCE) {
        expect.audience = settings->issuer;
        reason = jwt_verify(c->arena, token, keys->verifying, &expect, call_now_s(c), ret);
    }
    return reason;
}

/* An unknown kid may be the key of a replica that started after us. */
static err token_verify(struct call *c, str token, enum purpose purpose,
                        const struct verified_token **ret, struct fault *ret_fault) {
    enum jwt_reason reason = verify_once(c, token, purpose, ret);
    if (reason == JWT_UNKNOWN_KID) {
        TRY(keyring_catch_up(c->flow->keyring, c->flow->store, c->now_ms, &c->error));
        reason = verify_once(c, token, purpose, ret);
    }
    if (reason == JWT_NO_MEMORY) {
        return ERR_NOMEM;
    }
    if (reason != JWT_VALID) {
        if (purpose == FOR_A_CALL) {
            event_token_refused(c, reason);
        }
        return invalid_token(ret_fault);
    }
    return ERR_OK;
}

static err family_check(struct call *c, str grant_id, struct fault *ret_fault) {
    struct grant grant;
    err e = store_grant_get(c->flow->store, grant_id, c->arena, &grant, &c->error);
    if (e == ERR_NOT_FOUND || (e == ERR_OK && grant.is_revoked)) {
        return invalid_token(ret_fault);
    }
    return e;
}

static err user_check_active(struct call *c, struct bearer *b, struct fault *ret_fault) {
    err e = store_user_by_id(c->flow->store, b->subject, c->arena, &b->user, &c->error);
    if (e == ERR_NOT_FOUND || (e == ERR_OK && !user_is_active(&b->user))) {
        return invalid_token(ret_fault);
    }
    b->has_user = e == ERR_OK;
    return e;
}

static err bearer_check(struct call *c, str token, enum purpose purpose, struct bearer *ret,
                        struct fault *ret_fault) {
    const struct verified_token *verified = NULL;
    TRY(token_verify(c, token, purpose, &verified, ret_fault));
    struct bearer b = {.claims = verified_token_claims(verified)};
    b.subject = b.claims->subject;
    if (scope_parse(b.claims->scope, &b.scopes, NULL) != ERR_OK) {
        return invalid_token(ret_fault);
    }
    const struct json *grant_id = json_get(b.claims->all, STR("grant_id"));
    if (grant_id != NULL && grant_id->kind == JSON_STRING) {
        b.grant_id = grant_id->text;
    }
    if (b.grant_id.len > 0 && purpose != TO_IDENTIFY) {
        TRY(family_check(c, b.grant_id, ret_fault));
        TRY(user_check_active(c, &b, ret_fault));
    }
    *ret = b;
    return ERR_OK;
}

err bearer_verify(struct call *c, str token, struct bearer *ret, struct fault *ret_fault) {
    return bearer_check(c, token, FOR_A_CALL, ret, ret_fault);
}

err bearer_probe(struct call *c, str token, struct bearer *ret, struct fault *ret_fault) {
    return bearer_check(c, token, TO_PROBE, ret, ret_fault);
}

err bearer_identify(struct call *c, str token, struct bearer *ret, struct fault *ret_fault) {
    return bearer_check(c, token, TO_IDENTIFY, ret, ret_fault);
}
