/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_AUTH_FLOW_FIXTURE_H
#define TESTS_UNIT_AUTH_FLOW_FIXTURE_H
/*
 * Flows over the real store: SQLite in a scratch directory, the in-process key-value store, keys
 * from a fixed root secret, cheap password hashing, and a clock that the test moves.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "auth/flow/call.h"
#include "auth/flow/issue.h"
#include "auth/flow/keyring.h"
#include "auth/flow/session.h"
#include "db/db.h"

#define OK(expr) assert_int_equal((expr), ERR_OK)
#define assert_str(actual, expected)                                                    \
    do {                                                                                \
        str actual_ = (actual);                                                         \
        str expected_ = (expected);                                                     \
        if (!str_equal(actual_, expected_)) {                                           \
            fail_msg("\"%.*s\" is not \"%.*s\"", STR_FMT(actual_), STR_FMT(expected_)); \
        }                                                                               \
    } while (0)
/* The expression refuses with this fault. */
#define assert_fault(expr, fault, expected)                                  \
    do {                                                                     \
        assert_int_equal((expr), ERR_DENIED);                                \
        assert_string_equal(fault_code((fault).kind), fault_code(expected)); \
    } while (0)

#define FIXTURE_START_MS INT64_C(1767225600000) /* 2026-01-01T00:00:00Z */
#define FIXTURE_EMAIL "alice@example.com"
#define FIXTURE_PASSWORD "correct horse battery"
#define FIXTURE_SECRET "the secret of the confidential client"
#define FIXTURE_WEB "web"     /* confidential, first-party */
#define FIXTURE_APP "app"     /* public, first-party */
#define FIXTURE_OTHER "other" /* public, not ours */
#define FIXTURE_REDIRECT "http://127.0.0.1:7777/callback"
/* RFC 7636 appendix B. */
#define FIXTURE_VERIFIER "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
#define FIXTURE_CHALLENGE "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"

struct fixture {
    char directory[64];
    char url[96];
    struct arena arena;
    struct flow flow;
    struct call call;
    struct db *db;
    uint64_t kv_ms;
    struct user alice;
};

int fixture_setup(void **state);
int fixture_teardown(void **state);

/* Moves the clock of the call and of the key-value store. */
void fixture_advance_s(struct fixture *f, int64_t seconds);

struct client fixture_client(struct fixture *f, const char *id);
/* A session of alice. */
struct signed_in fixture_sign_in(struct fixture *f);
/* A code for alice, as the authorization endpoint makes it. */
str fixture_code(struct fixture *f, const char *client_id, const char *scope);

/* A root secret of 32 equal bytes. */
struct secret *fixture_root(uint8_t byte);

/* The claims of a token of ours; the test fails when it does not verify. */
const struct jwt_claims *fixture_claims(struct fixture *f, str token, str audience, bool is_access);

#endif
