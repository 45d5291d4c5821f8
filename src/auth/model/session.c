/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/model/session.h"

#include "auth/model/limits.h"
#include "auth/model/text.h"

err session_check(const struct session *session, struct error *reterr) {
    TRY(text_check(session->sid, "session id", 1, MODEL_ID_MAX, reterr));
    TRY(text_check(session->user_id, "user id", 1, MODEL_ID_MAX, reterr));
    if (session->user_epoch < 1) {
        return error_set(reterr, ERR_RANGE, "the user epoch of the session is not set");
    }
    TRY(names_check(session->amr, "authentication method", MODEL_LIST_MAX, MODEL_LIST_ITEM_MAX,
                    reterr));
    TRY(time_check(session->auth_time_ms, "time of authentication", reterr));
    TRY(time_check(session->created_ms, "time of creation", reterr));
    TRY(time_check(session->last_seen_ms, "time of the last use", reterr));
    if (session->idle_expires_ms <= session->created_ms ||
        session->absolute_expires_ms <= session->created_ms) {
        return error_set(reterr, ERR_RANGE, "the session expires before it begins");
    }
    return ERR_OK;
}
