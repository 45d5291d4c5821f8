/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/flow/client_auth.h"

#include "auth/flow/issue.h"
#include "crypto/ct.h"

static err refused(struct call *c, enum event_reason reason, str client_id,
                   struct fault *ret_fault) {
    event_authentication_failed(c, EVENT_CLIENT_SECRET, reason, client_id);
    return fault_set(ret_fault, FAULT_INVALID_CLIENT,
                     STR("the client is unknown or did not authenticate"));
}

/* One id and at most one secret out of the two places they may stand in. */
static err credentials_choose(const struct client_credentials *in, str *ret_id, str *ret_secret,
                              struct fault *ret_fault) {
    bool has_basic = !str_is_absent(in->basic_id);
    if (has_basic && !str_is_absent(in->body_secret)) {
        return fault_set(ret_fault, FAULT_INVALID_REQUEST,
                         STR("more than one method of client authentication"));
    }
    if (has_basic && !str_is_absent(in->body_id) && !str_equal(in->basic_id, in->body_id)) {
        return fault_set(ret_fault, FAULT_INVALID_REQUEST, STR("two different client_id values"));
    }
    *ret_id = has_basic ? in->basic_id : in->body_id;
    *ret_secret = has_basic ? in->basic_secret : in->body_secret;
    if (ret_id->len == 0 || ret_id->len > MODEL_ID_MAX) {
        return fault_set(ret_fault, FAULT_INVALID_CLIENT, STR("client_id is missing"));
    }
    return ERR_OK;
}

static bool secret_is_right(const struct client *client, str secret) {
    struct digest digest = issue_digest(str_is_absent(secret) ? STR("") : secret);
    return client->has_secret && ct_equal(digest.bytes, client->secret_hash.bytes, DIGEST_SIZE);
}

err client_authenticate(struct call *c, const struct client_credentials *in,
                        struct client *ret_client, struct fault *ret_fault) {
    struct client client;
    str id;
    str secret;
    TRY(credentials_choose(in, &id, &secret, ret_fault));
    err e = store_client_get(c->flow->store, id, c->arena, &client, &c->error);
    if (e == ERR_NOT_FOUND) {
        return refused(c, EVENT_UNKNOWN_CLIENT, (str){NULL, 0}, ret_fault);
    }
    TRY(e);
    if (!client.is_enabled) {
        return refused(c, EVENT_ACCOUNT_DISABLED, client.id, ret_fault);
    }
    if (client.type == CLIENT_PUBLIC) {
        /* A client that sends a secret it was never given is not the one we know. */
        if (secret.len > 0) {
            return refused(c, EVENT_WRONG_SECRET, client.id, ret_fault);
        }
    } else if (!secret_is_right(&client, secret)) {
        return refused(c, EVENT_WRONG_SECRET, client.id, ret_fault);
    } else {
        TRY(event_authentication_succeeded(c, EVENT_CLIENT_SECRET, client.id));
    }
    *ret_client = client;
    return ERR_OK;
}
