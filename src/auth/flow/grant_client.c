/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/flow/grant_client.h"

#include "auth/flow/audience.h"

/* Scopes that stand for a person. */
static const scope_set user_scopes =
    SCOPE_OPENID | SCOPE_PROFILE | SCOPE_EMAIL | SCOPE_OFFLINE_ACCESS | SCOPE_GROUPS | SCOPE_ADMIN;

err grant_client(struct call *c, const struct client *client, str scope, str resource,
                 struct tokens *ret, struct fault *ret_fault) {
    struct tokens tokens;
    bool has_unknown = false;
    struct issue issue = {.client_id = client->id};
    err e = scope_parse(scope, &issue.scopes, &has_unknown);
    if (e != ERR_OK || has_unknown || (issue.scopes & user_scopes) != 0) {
        return fault_set(ret_fault, FAULT_INVALID_SCOPE,
                         STR("the scope is malformed, unknown, or needs a user"));
    }
    for (size_t i = 0; i < SCOPE_COUNT; i++) {
        if (scope_has(issue.scopes, scope_at(i)) && !names_has(client->scopes, scope_text(i))) {
            return fault_set(ret_fault, FAULT_INVALID_SCOPE,
                             STR("the client may not ask for this scope"));
        }
    }
    TRY(audience_choose(c, client, resource, false, &issue.audience, ret_fault));
    TRY(issue_tokens(c, &issue, false, (str){NULL, 0}, &tokens));
    TRY(event_tokens_issued(c, EVENT_GRANT_CLIENT, client->id, client->id));
    *ret = tokens;
    return ERR_OK;
}
