/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/flow/ticket.h"

#include "tests/unit/auth/flow/fixture.h"

enum { NOW_S = 1767225600 };

struct desk {
    struct arena arena;
    struct secret *key;
    str ticket;
};

static int desk_setup(void **state) {
    struct desk *d = calloc(1, sizeof *d);
    arena_init(&d->arena, allocator_libc(), 1 << 20);
    d->key = fixture_root(7);
    OK(ticket_make(&d->arena, d->key, TICKET_SIGN_IN, STR("browser"), STR("client_id=web"), NOW_S,
                   &d->ticket));
    *state = d;
    return 0;
}

static int desk_teardown(void **state) {
    struct desk *d = *state;
    secret_free(d->key);
    arena_done(&d->arena);
    free(d);
    return 0;
}

static err check(struct desk *d, enum ticket_purpose purpose, const char *holder,
                 const char *payload, str ticket, int64_t now_s) {
    return ticket_check(&d->arena, d->key, purpose, str_c(holder), str_c(payload), ticket, now_s);
}

static void a_ticket_holds_for_its_browser_request_and_step(void **state) {
    struct desk *d = *state;
    OK(check(d, TICKET_SIGN_IN, "browser", "client_id=web", d->ticket, NOW_S));
    OK(check(d, TICKET_SIGN_IN, "browser", "client_id=web", d->ticket, NOW_S + TICKET_TTL_S - 1));
}

static void a_ticket_cannot_be_carried_elsewhere(void **state) {
    struct desk *d = *state;
    str t = d->ticket;
    assert_int_equal(check(d, TICKET_CONSENT, "browser", "client_id=web", t, NOW_S), ERR_SIGNATURE);
    assert_int_equal(check(d, TICKET_SIGN_IN, "thief", "client_id=web", t, NOW_S), ERR_SIGNATURE);
    assert_int_equal(check(d, TICKET_SIGN_IN, "browser", "client_id=evil", t, NOW_S),
                     ERR_SIGNATURE);
    /* The border between holder and payload is part of what is signed. */
    assert_int_equal(check(d, TICKET_SIGN_IN, "browserclient_id=", "web", t, NOW_S), ERR_SIGNATURE);
    assert_int_equal(check(d, TICKET_SIGN_IN, "", "client_id=web", t, NOW_S), ERR_SIGNATURE);
    struct secret *other = fixture_root(8);
    assert_int_equal(ticket_check(&d->arena, other, TICKET_SIGN_IN, STR("browser"),
                                  STR("client_id=web"), t, NOW_S),
                     ERR_SIGNATURE);
    secret_free(other);
}

static void a_ticket_expires(void **state) {
    struct desk *d = *state;
    assert_int_equal(
        check(d, TICKET_SIGN_IN, "browser", "client_id=web", d->ticket, NOW_S + TICKET_TTL_S),
        ERR_EXPIRED);
}

static void no_changed_byte_passes(void **state) {
    struct desk *d = *state;
    char copy[128];
    assert_true(d->ticket.len < sizeof copy);
    for (size_t i = 0; i < d->ticket.len; i++) {
        memcpy(copy, d->ticket.ptr, d->ticket.len);
        copy[i] = copy[i] == 'A' ? 'B' : 'A';
        assert_int_equal(check(d, TICKET_SIGN_IN, "browser", "client_id=web",
                               str_make(copy, d->ticket.len), NOW_S),
                         ERR_SIGNATURE);
    }
    static const char *const odd[] = {"", "A", "====", "not base64 at all!"};
    for (size_t i = 0; i < ARRAY_LEN(odd); i++) {
        assert_int_equal(check(d, TICKET_SIGN_IN, "browser", "client_id=web", str_c(odd[i]), NOW_S),
                         ERR_SIGNATURE);
    }
    assert_int_equal(check(d, TICKET_SIGN_IN, "browser", "client_id=web", (str){NULL, 0}, NOW_S),
                     ERR_SIGNATURE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_ticket_holds_for_its_browser_request_and_step, desk_setup,
                                        desk_teardown),
        cmocka_unit_test_setup_teardown(a_ticket_cannot_be_carried_elsewhere, desk_setup,
                                        desk_teardown),
        cmocka_unit_test_setup_teardown(a_ticket_expires, desk_setup, desk_teardown),
        cmocka_unit_test_setup_teardown(no_changed_byte_passes, desk_setup, desk_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
