/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/flow/account.h"

#include "auth/flow/throttle.h"
#include "base/utf8.h"
#include "crypto/id.h"

static size_t count_chars(str text) {
    size_t offset = 0;
    size_t count = 0;
    uint32_t scalar = 0;
    while (offset < text.len && utf8_next(text, &offset, &scalar)) {
        count++;
    }
    return count;
}

static bool is_one_char_repeated(str text) {
    for (size_t i = 1; i < text.len; i++) {
        if (text.ptr[i] != text.ptr[0]) {
            return false;
        }
    }
    return true;
}

err account_password_check(const struct flow_settings *settings, const struct user *user,
                           str password, str field, struct fault *ret_fault) {
    if (password_check(password) != ERR_OK) {
        return fault_field(ret_fault, field, STR("at most 128 characters of UTF-8, without NUL"));
    }
    if (count_chars(password) < settings->password_chars_min) {
        return fault_field(ret_fault, field, STR("too short"));
    }
    str local;
    str domain;
    str_cut(user->email.key, '@', &local, &domain);
    if (str_equal_nocase(password, user->email.key) || str_equal_nocase(password, local) ||
        str_equal_nocase(password, user->name) || is_one_char_repeated(password)) {
        return fault_field(ret_fault, field, STR("too easy to guess"));
    }
    return ERR_OK;
}

/* What people are called: anything but control characters. */
static bool name_is_valid(str name) {
    size_t offset = 0;
    uint32_t scalar = 0;
    if (name.len == 0 || name.len > MODEL_NAME_MAX) {
        return false;
    }
    while (offset < name.len) {
        if (!utf8_next(name, &offset, &scalar) || scalar < 0x20 ||
            (scalar >= 0x7f && scalar < 0xa0)) {
            return false;
        }
    }
    return true;
}

static err account_check(struct call *c, const struct account_new *in, struct user *user,
                         struct fault *ret_fault) {
    err e = email_parse(c->arena, in->email, &user->email, NULL);
    if (e == ERR_SYNTAX || e == ERR_LIMIT) {
        return fault_field(ret_fault, STR("email"), STR("not an e-mail address"));
    }
    TRY(e);
    user->name = str_trim(in->name);
    if (!name_is_valid(user->name)) {
        return fault_field(ret_fault, STR("name"),
                           STR("1 to 200 bytes of text without control characters"));
    }
    return account_password_check(&c->flow->settings, user, in->password, STR("password"),
                                  ret_fault);
}

err account_register(struct call *c, const struct account_new *in, struct user *ret_user,
                     struct fault *ret_fault) {
    struct user user = {.status = USER_ACTIVE, .epoch = 1};
    if (!c->flow->settings.has_registration) {
        return fault_set(ret_fault, FAULT_ACCESS_DENIED, STR("registration is switched off"));
    }
    TRY(account_check(c, in, &user, ret_fault));
    TRY(id_uuid_new(c->arena, (uint64_t)c->now_ms, &user.id));
    TRY(password_hash(c->arena, &c->flow->settings.password, in->password, &user.password_hash));
    user.created_ms = c->now_ms;
    user.updated_ms = c->now_ms;
    err e = store_user_create(c->flow->store, &user, &c->error);
    if (e == ERR_EXISTS) {
        return fault_set(ret_fault, FAULT_TAKEN, STR("an account with this e-mail address exists"));
    }
    TRY(e);
    TRY(event_user_registered(c, user.id));
    *ret_user = user;
    return ERR_OK;
}

err account_change_password(struct call *c, const struct user *user, str current_password,
                            str new_password, struct user *ret_user, struct fault *ret_fault) {
    str hash;
    str field = STR("new_password");
    TRY(account_password_check(&c->flow->settings, user, new_password, field, ret_fault));
    if (str_equal(current_password, new_password)) {
        return fault_field(ret_fault, field, STR("the same as before"));
    }
    TRY(throttle_claim(c, user->email.key, ret_fault));
    err e = password_verify(user->password_hash, current_password);
    if (e == ERR_DENIED) {
        throttle_failed(c);
        event_authentication_failed(c, EVENT_PASSWORD_API, EVENT_WRONG_PASSWORD, user->id);
        return fault_set(ret_fault, FAULT_CREDENTIALS, STR("the current password is wrong"));
    }
    TRY(e);
    throttle_succeeded(c, user->email.key);
    TRY(password_hash(c->arena, &c->flow->settings.password, new_password, &hash));
    TRY(store_user_update_password(c->flow->store, user->id, hash, false, (str){NULL, 0}, c->now_ms,
                                   NULL, &c->error));
    TRY(event_password_changed(c, user->id));
    return store_user_by_id(c->flow->store, user->id, c->arena, ret_user, &c->error);
}
