/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUTH_FLOW_ACCOUNT_H
#define AUTH_FLOW_ACCOUNT_H
/*
 * Making an account and changing its password.
 *
 * Rules for passwords (NIST SP 800-63B §5.1.1): at least the configured number of characters, at
 * most PASSWORD_MAX_CHARS, any characters, not the address or the name, not one character
 * repeated. No composition rules. Password pool only.
 */
#include "auth/flow/event.h"

struct account_new {
    str email;
    str password;
    str name;
};

/* ERR_DENIED with FAULT_FIELD, FAULT_TAKEN, or FAULT_ACCESS_DENIED when registration is off. */
err account_register(struct call *c, const struct account_new *in, struct user *ret_user,
                     struct fault *ret_fault) MUST_CHECK;

/* Ends all sessions and grants of the user, those of this caller too: a new sign-in is needed.
 * *ret_user is the user after the change. ERR_DENIED with FAULT_CREDENTIALS, FAULT_THROTTLED or
 * FAULT_FIELD. */
err account_change_password(struct call *c, const struct user *user, str current_password,
                            str new_password, struct user *ret_user,
                            struct fault *ret_fault) MUST_CHECK;

/* The rules alone. `field` is what the caller calls it. */
err account_password_check(const struct flow_settings *settings, const struct user *user,
                           str password, str field, struct fault *ret_fault) MUST_CHECK;

#endif
