/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/auth/store/fixture.h"

static bool names_equal(struct names a, struct names b) {
    bool is_equal = a.count == b.count;
    for (size_t i = 0; is_equal && i < a.count; i++) {
        is_equal = str_equal(a.items[i], b.items[i]);
    }
    return is_equal;
}

static void a_user_comes_back_as_it_was_created(void **state) {
    struct fixture *f = *state;
    static const str roles[] = {STR_INIT("admin"), STR_INIT("auditor")};
    static const str groups[] = {STR_INIT("Gr\xc3\xbcne Gruppe"), STR_INIT("ops")};
    struct user user = user_make("u2", "Two@example.com");
    user.email.key = STR("two@example.com");
    user.is_password_temporary = true;
    user.epoch = 7;
    user.updated_ms = NOW + 1;
    user.roles = (struct names){roles, 2};
    user.groups = (struct names){groups, 2};
    OK(store_user_create(f->store, &user, &error));
    for (int i = 0; i < 2; i++) {
        struct user back = {0};
        if (i == 0) {
            OK(store_user_by_id(f->store, STR("u2"), &f->arena, &back, &error));
        } else {
            OK(store_user_by_email(f->store, STR("two@example.com"), &f->arena, &back, &error));
        }
        assert_true(str_equal(back.id, user.id));
        assert_true(str_equal(back.email.address, STR("Two@example.com")));
        assert_true(str_equal(back.email.key, user.email.key));
        assert_true(str_equal(back.name, user.name));
        assert_true(str_equal(back.password_hash, user.password_hash));
        assert_true(back.is_password_temporary);
        assert_int_equal(back.status, USER_ACTIVE);
        assert_int_equal(back.epoch, 7);
        assert_int_equal(back.created_ms, NOW);
        assert_int_equal(back.updated_ms, NOW + 1);
        assert_true(names_equal(back.roles, user.roles));
        assert_true(names_equal(back.groups, user.groups));
    }
    int64_t count = 0;
    OK(store_user_count(f->store, &count, &error));
    assert_int_equal(count, 2);
}

static void a_user_may_have_no_password(void **state) {
    struct fixture *f = *state;
    struct user user = user_make("u2", "two@example.com");
    struct user back;
    user.password_hash = NONE;
    user.name = NONE;
    OK(store_user_create(f->store, &user, &error));
    OK(store_user_by_id(f->store, STR("u2"), &f->arena, &back, &error));
    assert_true(str_is_absent(back.password_hash));
    assert_int_equal(back.name.len, 0);
    assert_int_equal(back.roles.count, 0);
}

static void a_taken_id_or_address_exists_and_leaves_nothing(void **state) {
    struct fixture *f = *state;
    static const str roles[] = {STR_INIT("admin")};
    struct user same_id = user_make("u1", "other@example.com");
    struct user same_email = user_make("u2", "some.one@example.com");
    struct user back;
    same_email.email.address = STR("Some.One@example.com");
    same_email.roles = (struct names){roles, 1};
    FAILS(ERR_EXISTS, store_user_create(f->store, &same_id, &error));
    FAILS(ERR_EXISTS, store_user_create(f->store, &same_email, &error));
    FAILS(ERR_NOT_FOUND, store_user_by_id(f->store, STR("u2"), &f->arena, &back, &error));
}

static void an_unknown_or_impossible_key_is_not_found(void **state) {
    struct fixture *f = *state;
    static char longer[1000];
    memset(longer, 'x', sizeof longer);
    const str keys[] = {STR("nobody@example.com"),
                        STR(""),
                        STR("a\0b"),
                        STR("\xff\xfe"),
                        NONE,
                        str_make(longer, sizeof longer),
                        STR("' OR 1=1 --"),
                        STR("SOME.ONE@example.com")};
    struct user user;
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        FAILS(ERR_NOT_FOUND, store_user_by_email(f->store, keys[i], &f->arena, &user, &error));
        FAILS(ERR_NOT_FOUND, store_user_by_id(f->store, keys[i], &f->arena, &user, &error));
        FAILS(ERR_NOT_FOUND, store_user_set_status(f->store, keys[i], USER_DISABLED, NOW, &error));
        FAILS(ERR_NOT_FOUND, store_user_revoke(f->store, keys[i], NOW, &error));
        FAILS(ERR_NOT_FOUND, store_user_update_password(f->store, keys[i], STR("$x"), false, NONE,
                                                        NOW, NULL, &error));
        FAILS(ERR_NOT_FOUND,
              store_user_set_roles(f->store, keys[i], (struct names){0}, NOW, &error));
    }
}

static void a_record_that_breaks_its_rules_is_refused(void **state) {
    struct fixture *f = *state;
    static const str twice[] = {STR_INIT("a"), STR_INIT("a")};
    static const str feed[] = {STR_INIT("a\nb")};
    static char longer[400];
    memset(longer, 'x', sizeof longer);
    for (int i = 0; i < 9; i++) {
        struct user user = user_make("u2", "two@example.com");
        err expected = ERR_RANGE;
        switch (i) {
        case 0:
            user.id = STR("");
            expected = ERR_MISSING;
            break;
        case 1:
            user.name = str_make(longer, sizeof longer);
            expected = ERR_LIMIT;
            break;
        case 2:
            user.name = STR("a\nb");
            expected = ERR_SYNTAX;
            break;
        case 3:
            user.status = (enum user_status)9;
            break;
        case 4:
            user.epoch = 0;
            break;
        case 5:
            user.created_ms = 0;
            break;
        case 6:
            user.email.key = STR("other@example.com");
            break;
        case 7:
            user.roles = (struct names){twice, 2};
            expected = ERR_EXISTS;
            break;
        case 8:
            user.groups = (struct names){feed, 1};
            expected = ERR_SYNTAX;
            break;
        }
        FAILS(expected, store_user_create(f->store, &user, &error));
    }
}

static void roles_and_groups_are_replaced_apart(void **state) {
    struct fixture *f = *state;
    static const str first[] = {STR_INIT("b"), STR_INIT("a"), STR_INIT("c")};
    static const str sorted[] = {STR_INIT("a"), STR_INIT("b"), STR_INIT("c")};
    static const str second[] = {STR_INIT("a"), STR_INIT("d")};
    struct user user;
    OK(store_user_set_roles(f->store, STR("u1"), (struct names){first, 3}, NOW + 1, &error));
    OK(store_user_set_groups(f->store, STR("u1"), (struct names){second, 2}, NOW + 2, &error));
    OK(store_user_by_id(f->store, STR("u1"), &f->arena, &user, &error));
    assert_true(names_equal(user.roles, (struct names){sorted, 3}));
    assert_true(names_equal(user.groups, (struct names){second, 2}));
    assert_int_equal(user.updated_ms, NOW + 2);
    OK(store_user_set_roles(f->store, STR("u1"), (struct names){second, 2}, NOW + 3, &error));
    OK(store_user_set_groups(f->store, STR("u1"), (struct names){0}, NOW + 3, &error));
    OK(store_user_by_id(f->store, STR("u1"), &f->arena, &user, &error));
    assert_true(names_equal(user.roles, (struct names){second, 2}));
    assert_int_equal(user.groups.count, 0);
}

/* Two sessions with a grant each and one grant of the login API. */
static void sign_in_twice(struct fixture *f) {
    static const char *const sids[] = {"s1", "s2"};
    for (unsigned i = 0; i < 2; i++) {
        struct session session = session_make(sids[i], 10 + i);
        struct refresh refresh = refresh_make(i == 0 ? "g1" : "g2", 20 + i);
        refresh.grant.sid = str_c(sids[i]);
        OK(store_session_create(f->store, &session, &error));
        OK(store_refresh_create(f->store, &refresh, &error));
    }
    struct refresh own = refresh_make("g3", 22);
    own.grant.client_id = NONE;
    own.grant.sid = NONE;
    OK(store_refresh_create(f->store, &own, &error));
}

static bool session_is_there(struct fixture *f, const char *sid) {
    struct session session;
    err result = store_session_get_by_sid(f->store, str_c(sid), NOW, &f->arena, &session, NULL);
    assert_true(result == ERR_OK || result == ERR_NOT_FOUND);
    return result == ERR_OK;
}

static bool grant_is_revoked(struct fixture *f, const char *id, int64_t epoch) {
    struct grant grant;
    OK(store_grant_get(f->store, str_c(id), &f->arena, &grant, &error));
    assert_int_equal(grant.user_epoch, epoch);
    return grant.is_revoked;
}

static void a_new_password_ends_everything_issued_before(void **state) {
    struct fixture *f = *state;
    struct user user;
    int64_t epoch = 0;
    sign_in_twice(f);
    OK(store_user_update_password(f->store, STR("u1"), STR("$new"), true, NONE, NOW + 1, &epoch,
                                  &error));
    assert_int_equal(epoch, 2);
    OK(store_user_by_id(f->store, STR("u1"), &f->arena, &user, &error));
    assert_true(str_equal(user.password_hash, STR("$new")));
    assert_true(user.is_password_temporary);
    assert_int_equal(user.epoch, 2);
    assert_false(session_is_there(f, "s1"));
    assert_false(session_is_there(f, "s2"));
    assert_true(grant_is_revoked(f, "g1", 1));
    assert_true(grant_is_revoked(f, "g2", 1));
    assert_true(grant_is_revoked(f, "g3", 1));
}

static void a_new_password_can_keep_the_session_it_was_set_in(void **state) {
    struct fixture *f = *state;
    struct session session;
    sign_in_twice(f);
    OK(store_user_update_password(f->store, STR("u1"), STR("$new"), false, STR("s2"), NOW + 1, NULL,
                                  &error));
    assert_false(session_is_there(f, "s1"));
    OK(store_session_get_by_sid(f->store, STR("s2"), NOW, &f->arena, &session, &error));
    assert_int_equal(session.user_epoch, 2);
    assert_true(grant_is_revoked(f, "g1", 1));
    assert_false(grant_is_revoked(f, "g2", 2));
    assert_true(grant_is_revoked(f, "g3", 1));
}

static void rehashing_revokes_nothing_and_only_replaces_what_was_verified(void **state) {
    struct fixture *f = *state;
    struct user user;
    sign_in_twice(f);
    FAILS(ERR_NOT_FOUND,
          store_user_rehash_password(f->store, STR("u1"), STR("$old"), STR("$new"), NOW, &error));
    OK(store_user_by_id(f->store, STR("u1"), &f->arena, &user, &error));
    OK(store_user_rehash_password(f->store, STR("u1"), user.password_hash, STR("$new"), NOW,
                                  &error));
    OK(store_user_by_id(f->store, STR("u1"), &f->arena, &user, &error));
    assert_true(str_equal(user.password_hash, STR("$new")));
    assert_int_equal(user.epoch, 1);
    assert_true(session_is_there(f, "s1"));
    assert_false(grant_is_revoked(f, "g1", 1));
}

static void disabling_ends_everything_and_enabling_brings_nothing_back(void **state) {
    struct fixture *f = *state;
    struct user user;
    sign_in_twice(f);
    OK(store_user_set_status(f->store, STR("u1"), USER_DISABLED, NOW, &error));
    OK(store_user_by_id(f->store, STR("u1"), &f->arena, &user, &error));
    assert_false(user_is_active(&user));
    assert_int_equal(user.epoch, 2);
    OK(store_user_set_status(f->store, STR("u1"), USER_ACTIVE, NOW, &error));
    OK(store_user_by_id(f->store, STR("u1"), &f->arena, &user, &error));
    assert_true(user_is_active(&user));
    assert_int_equal(user.epoch, 2);
    assert_false(session_is_there(f, "s1"));
    assert_true(grant_is_revoked(f, "g1", 1));
    FAILS(ERR_RANGE, store_user_set_status(f->store, STR("u1"), (enum user_status)3, NOW, &error));
}

static void a_sign_in_that_began_before_a_revocation_is_denied(void **state) {
    struct fixture *f = *state;
    OK(store_user_revoke(f->store, STR("u1"), NOW, &error));
    struct session session = session_make("s1", 10);
    struct code code = code_make("g1", 30);
    struct refresh refresh = refresh_make("g2", 31);
    FAILS(ERR_DENIED, store_session_create(f->store, &session, &error));
    FAILS(ERR_DENIED, store_code_create(f->store, &code, &error));
    FAILS(ERR_DENIED, store_refresh_create(f->store, &refresh, &error));
    session.user_epoch = code.grant.user_epoch = refresh.grant.user_epoch = 2;
    OK(store_session_create(f->store, &session, &error));
    OK(store_code_create(f->store, &code, &error));
    OK(store_refresh_create(f->store, &refresh, &error));
    OK(store_user_set_status(f->store, STR("u1"), USER_DISABLED, NOW, &error));
    session = session_make("s2", 11);
    session.user_epoch = 3;
    FAILS(ERR_DENIED, store_session_create(f->store, &session, &error));
    session.user_id = STR("nobody");
    FAILS(ERR_MISSING, store_session_create(f->store, &session, &error));
}

static void a_client_comes_back_as_it_was_put_and_is_replaced(void **state) {
    struct fixture *f = *state;
    struct client client = client_make("other");
    struct client back;
    client.is_first_party = true;
    OK(store_client_put(f->store, &client, &error));
    OK(store_client_get(f->store, STR("other"), &f->arena, &back, &error));
    assert_true(str_equal(back.name, client.name));
    assert_int_equal(back.type, CLIENT_CONFIDENTIAL);
    assert_true(back.is_enabled && back.has_secret && back.is_first_party);
    assert_true(digest_equal(&back.secret_hash, &client.secret_hash));
    assert_int_equal(back.grants, client.grants);
    assert_true(names_equal(back.redirect_uris, client.redirect_uris));
    assert_true(names_equal(back.scopes, client.scopes));
    assert_true(names_equal(back.audience, client.audience));
    client.type = CLIENT_PUBLIC;
    client.has_secret = false;
    client.is_enabled = false;
    client.is_first_party = false;
    client.audience = (struct names){0};
    client.created_ms = client.updated_ms = NOW + 5;
    OK(store_client_put(f->store, &client, &error));
    OK(store_client_get(f->store, STR("other"), &f->arena, &back, &error));
    assert_int_equal(back.type, CLIENT_PUBLIC);
    assert_false(back.is_enabled || back.has_secret || back.is_first_party);
    assert_false(client_may(&back, CLIENT_GRANT_AUTHORIZATION_CODE));
    assert_int_equal(back.audience.count, 0);
    assert_int_equal(back.created_ms, NOW);
    assert_int_equal(back.updated_ms, NOW + 5);
    FAILS(ERR_NOT_FOUND, store_client_get(f->store, STR("web\0"), &f->arena, &back, &error));
    FAILS(ERR_NOT_FOUND, store_client_get(f->store, STR("WEB"), &f->arena, &back, &error));
}

static void a_client_that_contradicts_itself_is_refused(void **state) {
    struct fixture *f = *state;
    for (int i = 0; i < 7; i++) {
        struct client client = client_make("other");
        err expected = ERR_RANGE;
        switch (i) {
        case 0: /* confidential without a secret */
            client.has_secret = false;
            expected = ERR_MISSING;
            break;
        case 1: /* public with a secret */
            client.type = CLIENT_PUBLIC;
            break;
        case 2:
            client.type = CLIENT_PUBLIC;
            client.has_secret = false;
            client.grants |= CLIENT_GRANT_CLIENT_CREDENTIALS;
            break;
        case 3:
            client.redirect_uris = (struct names){0};
            expected = ERR_MISSING;
            break;
        case 4:
            client.grants = CLIENT_GRANT_REFRESH_TOKEN;
            break;
        case 5:
            client.grants = 0;
            break;
        case 6:
            client.grants |= 1 << 10;
            break;
        }
        FAILS(expected, store_client_put(f->store, &client, &error));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        T(a_user_comes_back_as_it_was_created),
        T(a_user_may_have_no_password),
        T(a_taken_id_or_address_exists_and_leaves_nothing),
        T(an_unknown_or_impossible_key_is_not_found),
        T(a_record_that_breaks_its_rules_is_refused),
        T(roles_and_groups_are_replaced_apart),
        T(a_new_password_ends_everything_issued_before),
        T(a_new_password_can_keep_the_session_it_was_set_in),
        T(rehashing_revokes_nothing_and_only_replaces_what_was_verified),
        T(disabling_ends_everything_and_enabling_brings_nothing_back),
        T(a_sign_in_that_began_before_a_revocation_is_denied),
        T(a_client_comes_back_as_it_was_put_and_is_replaced),
        T(a_client_that_contradicts_itself_is_refused),
    };
    return cmocka_run_group_tests_name("auth/store/user", tests, NULL, NULL);
}
