/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/model/user.h"

#include "auth/model/limits.h"
#include "auth/model/text.h"

err user_check(const struct user *user, struct error *reterr) {
    TRY(text_check(user->id, "user id", 1, MODEL_ID_MAX, reterr));
    TRY(text_check(user->email.address, "e-mail address", 3, EMAIL_MAX, reterr));
    if (!str_equal_nocase(user->email.address, user->email.key)) {
        return error_set(reterr, ERR_RANGE, "the e-mail key does not belong to the address");
    }
    TRY(text_check(user->name, "user name", 0, MODEL_NAME_MAX, reterr));
    TRY(text_check(user->password_hash, "password hash", 0, MODEL_PASSWORD_HASH_MAX, reterr));
    if (user_status_name(user->status).len == 0) {
        return error_set(reterr, ERR_RANGE, "the user status is unknown");
    }
    if (user->epoch < 1) {
        return error_set(reterr, ERR_RANGE, "the user epoch is not set");
    }
    TRY(names_check(user->roles, "role", MODEL_LIST_MAX, MODEL_LIST_ITEM_MAX, reterr));
    TRY(names_check(user->groups, "group", MODEL_LIST_MAX, MODEL_LIST_ITEM_MAX, reterr));
    TRY(time_check(user->created_ms, "time of creation", reterr));
    return time_check(user->updated_ms, "time of the last change", reterr);
}

str user_status_name(enum user_status status) {
    switch (status) {
    case USER_ACTIVE:
        return STR("active");
    case USER_DISABLED:
        return STR("disabled");
    }
    return (str){NULL, 0}; /* not one of ours: callers see an absent name */
}
