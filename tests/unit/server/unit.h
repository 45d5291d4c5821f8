/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_SERVER_UNIT_H
#define TESTS_UNIT_SERVER_UNIT_H
/*
 * What every unit test of server/ includes: cmocka with its required headers, and checks for str.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "server/http/http.h"

#define assert_str_is(actual, expected)                                                      \
    do {                                                                                     \
        str actual_ = (actual);                                                              \
        str expected_ = (expected);                                                          \
        if (!str_equal(actual_, expected_)) {                                                \
            print_error("\"%.*s\" is not \"%.*s\"\n", STR_FMT(actual_), STR_FMT(expected_)); \
            fail();                                                                          \
        }                                                                                    \
    } while (0)

#define assert_ok(expr) assert_int_equal((expr), ERR_OK)

enum { TEST_MEMORY_MAX = 1 << 20 };

/* A request that a handler could have been given, with one header or none. */
static inline struct http_request test_request(struct arena *a, struct http_header *header) {
    return (struct http_request){
        .arena = a,
        .method = HTTP_POST,
        .headers = header,
        .header_count = header == NULL ? 0 : 1,
        .body = STR_INIT(""),
        .request_id = STR_INIT("test-request"),
    };
}

#endif
