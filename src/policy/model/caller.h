/* SPDX-License-Identifier: Apache-2.0 */
#ifndef POLICY_MODEL_CALLER_H
#define POLICY_MODEL_CALLER_H
/*
 * Who calls policy-service: the facts of a verified access token, ready to be used as a Cedar
 * principal. Only pdp/tokens.c makes one from a token, so holding one is proof of verification.
 *
 * Lives in the arena of the request, which may move between threads.
 */
#include "base/str.h"

#include <cedar.h>

struct caller {
    str subject;
    str client_id;
    str scope; /* space-separated */
    int64_t expires_s;
    cedar_uid principal;      /* User::"<subject>" */
    const cedar_uid *parents; /* Group::"…" and Role::"…" from the token */
    size_t parent_count;
    bool is_admin;    /* the token has the admin scope */
    bool is_operator; /* no token, but a read from loopback under contract C2 */
};

#endif
