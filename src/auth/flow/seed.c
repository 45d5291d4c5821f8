/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/flow/seed.h"

#include "auth/flow/issue.h"
#include "crypto/id.h"
#include "crypto/random.h"

/* 20 of 43 random characters: 120 bits, and still fit to be typed. */
enum { ADMIN_PASSWORD_LEN = 20 };

err seed_admin_is_needed(struct call *c, bool *ret) {
    int64_t count = 0;
    TRY(store_user_count(c->flow->store, &count, &c->error));
    *ret = count == 0;
    return ERR_OK;
}

err seed_admin_password(struct call *c, str *ret) {
    str token;
    TRY(random_token(c->arena, &token));
    *ret = str_slice(token, 0, ADMIN_PASSWORD_LEN);
    return ERR_OK;
}

err seed_admin(struct call *c, str email, str password) {
    static const str roles[] = {STR_INIT(ROLE_ADMIN)};
    struct user user = {
        .name = STR("Administrator"),
        .is_password_temporary = true,
        .status = USER_ACTIVE,
        .epoch = 1,
        .roles = {roles, ARRAY_LEN(roles)},
        .created_ms = c->now_ms,
        .updated_ms = c->now_ms,
    };
    TRY(email_parse(c->arena, email, &user.email, &c->error));
    TRY(id_uuid_new(c->arena, (uint64_t)c->now_ms, &user.id));
    TRY(password_hash(c->arena, &c->flow->settings.password, password, &user.password_hash));
    return store_user_create(c->flow->store, &user, &c->error);
}

err seed_demo_clients(struct call *c, str web_secret) {
    static const str uris[] = {STR_INIT("http://127.0.0.1/callback")}; /* any port */
    static const str scopes[] = {STR_INIT("openid"), STR_INIT("profile"),        STR_INIT("email"),
                                 STR_INIT("groups"), STR_INIT("offline_access"), STR_INIT("admin")};
    const str audience[] = {c->flow->settings.audience};
    struct client client = {
        .id = STR(SEED_DEMO_WEB),
        .name = STR("Demo web application"),
        .type = CLIENT_CONFIDENTIAL,
        .is_enabled = true,
        .is_first_party = true,
        .has_secret = true,
        .secret_hash = issue_digest(web_secret),
        .grants = CLIENT_GRANTS_ALL,
        .redirect_uris = {uris, ARRAY_LEN(uris)},
        .scopes = {scopes, ARRAY_LEN(scopes)},
        .audience = {audience, ARRAY_LEN(audience)},
        .created_ms = c->now_ms,
        .updated_ms = c->now_ms,
    };
    TRY(store_client_put(c->flow->store, &client, &c->error));
    client.id = STR(SEED_DEMO_APP);
    client.name = STR("Demo application");
    client.type = CLIENT_PUBLIC;
    client.has_secret = false;
    client.secret_hash = (struct digest){0};
    client.grants = CLIENT_GRANT_AUTHORIZATION_CODE | CLIENT_GRANT_REFRESH_TOKEN;
    client.scopes.count = 5; /* not `admin` */
    return store_client_put(c->flow->store, &client, &c->error);
}
