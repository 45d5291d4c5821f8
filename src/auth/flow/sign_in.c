/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/flow/sign_in.h"

#include "auth/flow/throttle.h"

/* The key under which attempts are counted and the account is looked for. Text that is no address
 * belongs to nobody, and is counted all the same. */
static str account_key(struct call *c, str email, bool *ret_is_address) {
    struct email parsed;
    *ret_is_address = email_parse(c->arena, email, &parsed, NULL) == ERR_OK;
    return *ret_is_address ? parsed.key
                           : str_slice(email, 0, email.len < EMAIL_MAX ? email.len : EMAIL_MAX);
}

static err user_find(struct call *c, str key, bool is_address, struct user *ret, bool *ret_found) {
    *ret_found = false;
    if (!is_address) {
        return ERR_OK;
    }
    err e = store_user_by_email(c->flow->store, key, c->arena, ret, &c->error);
    *ret_found = e == ERR_OK;
    return e == ERR_NOT_FOUND ? ERR_OK : e;
}

/* Argon2id in every case. */
static err password_check_user(struct call *c, const struct user *user, bool has_user,
                               str password) {
    if (!has_user || user->password_hash.len == 0) {
        password_verify_dummy(&c->flow->settings.password, password);
        return ERR_DENIED;
    }
    return password_verify(user->password_hash, password);
}

/* After a right password: stronger parameters since it was stored. Best effort; the next sign-in
 * tries again. */
static void password_refresh_hash(struct call *c, const struct user *user, str password) {
    const struct password_params *params = &c->flow->settings.password;
    str fresh;
    if (password_needs_rehash(user->password_hash, params) &&
        password_hash(c->arena, params, password, &fresh) == ERR_OK) {
        IGNORE(store_user_rehash_password(c->flow->store, user->id, user->password_hash, fresh,
                                          c->now_ms, NULL));
    }
}

static err refused(struct call *c, enum event_method method, enum event_reason reason, str user_id,
                   struct fault *ret_fault) {
    throttle_failed(c);
    event_authentication_failed(c, method, reason, user_id);
    return fault_set(ret_fault, FAULT_CREDENTIALS,
                     STR("the e-mail address or the password is wrong"));
}

err sign_in_password(struct call *c, enum event_method method, str email, str password,
                     struct user *ret_user, struct fault *ret_fault) {
    struct user user = {0};
    bool is_address = false;
    bool has_user = false;
    str key = account_key(c, email, &is_address);
    err e = throttle_claim(c, key, ret_fault);
    if (e == ERR_DENIED) {
        event_authentication_failed(c, method, EVENT_THROTTLED, (str){NULL, 0});
    }
    TRY(e);
    TRY(user_find(c, key, is_address, &user, &has_user));
    e = password_check_user(c, &user, has_user, password);
    if (!has_user) {
        return refused(c, method, EVENT_UNKNOWN_USER, (str){NULL, 0}, ret_fault);
    }
    if (e == ERR_DENIED) {
        return refused(c, method, EVENT_WRONG_PASSWORD, user.id, ret_fault);
    }
    TRY(e);
    if (!user_is_active(&user)) {
        return refused(c, method, EVENT_ACCOUNT_DISABLED, user.id, ret_fault);
    }
    throttle_succeeded(c, key);
    password_refresh_hash(c, &user, password);
    TRY(event_authentication_succeeded(c, method, user.id));
    *ret_user = user;
    return ERR_OK;
}
