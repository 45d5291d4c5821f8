/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_CEDAR_API_UNIT_H
#define TEST_CEDAR_API_UNIT_H
/* What the tests of the public interface share. They include cedar.h only. Not a test itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cedar.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define UNUSED(name) ((void)(name))

struct api {
    cedar_engine *engine;
    cedar_scratch *scratch;
    cedar_entities *entities; /* empty */
};

static inline cedar_str text(const char *literal) {
    return cedar_str_from(literal);
}

static inline cedar_uid uid(const char *type, const char *id) {
    return (cedar_uid){text(type), text(id)};
}

static inline int api_init(void **state) {
    static struct api api;
    if (cedar_engine_new(NULL, &api.engine) != CEDAR_OK ||
        cedar_scratch_new(api.engine, 0, &api.scratch) != CEDAR_OK ||
        cedar_entities_empty(api.engine, &api.entities) != CEDAR_OK) {
        return -1;
    }
    *state = &api;
    return 0;
}

static inline int api_done(void **state) {
    struct api *api = *state;
    cedar_entities_unref(api->entities);
    cedar_scratch_free(api->scratch);
    cedar_engine_unref(api->engine);
    return 0;
}

#define API_TEST(function) cmocka_unit_test_setup_teardown(function, api_init, api_done)

static inline void assert_text(cedar_str actual, const char *expected) {
    if (actual.len != strlen(expected) || memcmp(actual.ptr, expected, actual.len) != 0) {
        fail_msg("\"%.*s\" instead of \"%s\"", (int)actual.len, actual.ptr, expected);
    }
}

static inline cedar_policies *parse(const struct api *api, const char *policies) {
    cedar_policies *set = NULL;
    assert_int_equal(cedar_policies_parse(api->engine, text(policies), "p.cedar", &set, NULL),
                     CEDAR_OK);
    return set;
}

/* User::"alice" views Photo::"p". */
static inline cedar_request request(void) {
    return (cedar_request){
        .principal = uid("User", "alice"),
        .action = uid("Action", "view"),
        .resource = uid("Photo", "p"),
    };
}

#endif
