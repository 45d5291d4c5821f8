/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUTH_MODEL_USER_H
#define AUTH_MODEL_USER_H
/*
 * A person's account. A plain record: strings are borrowed from the caller on the way in and live
 * in the caller's arena on the way out.
 */
#include "auth/model/email.h"
#include "auth/model/names.h"

/* Stored by number: never renumber. */
enum user_status {
    USER_ACTIVE = 1,
    USER_DISABLED = 2, /* by an administrator; nothing works until it is active again */
};

struct user {
    str id; /* random, never reused; the `sub` of tokens */
    struct email email;
    str name;
    str password_hash;          /* PHC string; absent: the account has no password */
    bool is_password_temporary; /* must be changed at the next sign-in */
    enum user_status status;
    /* Grows when everything issued before must die (password change, disabling, "sign out
     * everywhere"). A token that carries a smaller one is void. Starts at 1. */
    int64_t epoch;
    struct names roles;
    struct names groups;
    int64_t created_ms;
    int64_t updated_ms;
};

err user_check(const struct user *user, struct error *reterr) MUST_CHECK;

/* "active", "disabled". */
str user_status_name(enum user_status status);

/* May sign in, refresh, be introspected as active. SECURITY: fails closed for unknown values. */
static inline bool user_is_active(const struct user *user) {
    return user->status == USER_ACTIVE;
}

#endif
