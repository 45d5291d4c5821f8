/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/model/grant.h"

#include "auth/model/limits.h"
#include "auth/model/text.h"

err grant_check(const struct grant *grant, struct error *reterr) {
    TRY(text_check(grant->id, "grant id", 1, MODEL_ID_MAX, reterr));
    TRY(text_check(grant->client_id, "client id", 0, MODEL_ID_MAX, reterr));
    TRY(text_check(grant->user_id, "user id", 1, MODEL_ID_MAX, reterr));
    TRY(text_check(grant->sid, "session id", 0, MODEL_ID_MAX, reterr));
    TRY(text_check(grant->scope, "scope", 0, MODEL_SCOPE_MAX, reterr));
    TRY(text_check(grant->resource, "resource", 0, MODEL_LIST_ITEM_MAX, reterr));
    if (grant->user_epoch < 1) {
        return error_set(reterr, ERR_RANGE, "the user epoch of the grant is not set");
    }
    TRY(names_check(grant->amr, "authentication method", MODEL_LIST_MAX, MODEL_LIST_ITEM_MAX,
                    reterr));
    TRY(time_check(grant->auth_time_ms, "time of authentication", reterr));
    TRY(time_check(grant->created_ms, "time of creation", reterr));
    if (grant->expires_ms <= grant->created_ms) {
        return error_set(reterr, ERR_RANGE, "the grant expires before it begins");
    }
    return ERR_OK;
}

err code_check(const struct code *code, struct error *reterr) {
    TRY(grant_check(&code->grant, reterr));
    if (str_is_absent(code->grant.client_id)) {
        return error_set(reterr, ERR_MISSING, "a code needs a client");
    }
    TRY(text_check(code->redirect_uri, "redirect URI", 1, MODEL_REDIRECT_URI_MAX, reterr));
    TRY(text_check(code->code_challenge, "code challenge", 0, MODEL_CHALLENGE_MAX, reterr));
    TRY(text_check(code->nonce, "nonce", 0, MODEL_NONCE_MAX, reterr));
    TRY(time_check(code->created_ms, "time of creation", reterr));
    if (code->expires_ms <= code->created_ms) {
        return error_set(reterr, ERR_RANGE, "the code expires before it begins");
    }
    if (code->grant.expires_ms < code->expires_ms) {
        return error_set(reterr, ERR_RANGE, "the grant expires before its code");
    }
    return ERR_OK;
}
