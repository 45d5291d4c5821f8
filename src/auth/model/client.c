/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/model/client.h"

#include "auth/model/limits.h"
#include "auth/model/text.h"

static bool has_grant(const struct client *client, enum client_grant grant) {
    return (client->grants & (uint32_t)grant) != 0;
}

static err type_check(const struct client *client, struct error *reterr) {
    switch (client->type) {
    case CLIENT_PUBLIC:
        if (client->has_secret || has_grant(client, CLIENT_GRANT_CLIENT_CREDENTIALS)) {
            return error_set(reterr, ERR_RANGE,
                             "a public client has no secret and no client_credentials");
        }
        return ERR_OK;
    case CLIENT_CONFIDENTIAL:
        if (!client->has_secret) {
            return error_set(reterr, ERR_MISSING, "a confidential client needs a secret");
        }
        return ERR_OK;
    }
    return error_set(reterr, ERR_RANGE, "the client type is unknown");
}

static err grants_check(const struct client *client, struct error *reterr) {
    if (client->grants == 0 || (client->grants & ~(uint32_t)CLIENT_GRANTS_ALL) != 0) {
        return error_set(reterr, ERR_RANGE, "the client's grants are none or unknown");
    }
    bool has_code = has_grant(client, CLIENT_GRANT_AUTHORIZATION_CODE);
    if (has_code && client->redirect_uris.count == 0) {
        return error_set(reterr, ERR_MISSING, "the code grant needs a redirect URI");
    }
    if (has_grant(client, CLIENT_GRANT_REFRESH_TOKEN) && !has_code) {
        return error_set(reterr, ERR_RANGE, "the refresh grant needs the code grant");
    }
    return ERR_OK;
}

err client_check(const struct client *client, struct error *reterr) {
    TRY(text_check(client->id, "client id", 1, MODEL_ID_MAX, reterr));
    TRY(text_check(client->name, "client name", 0, MODEL_NAME_MAX, reterr));
    TRY(type_check(client, reterr));
    TRY(grants_check(client, reterr));
    TRY(names_check(client->redirect_uris, "redirect URI", MODEL_REDIRECT_URIS_MAX,
                    MODEL_REDIRECT_URI_MAX, reterr));
    TRY(names_check(client->scopes, "scope", MODEL_LIST_MAX, MODEL_LIST_ITEM_MAX, reterr));
    TRY(names_check(client->audience, "audience", MODEL_LIST_MAX, MODEL_LIST_ITEM_MAX, reterr));
    TRY(time_check(client->created_ms, "time of creation", reterr));
    return time_check(client->updated_ms, "time of the last change", reterr);
}
