/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "server/http/router_int.h"

static enum http_outcome handler(struct http_request *req, struct http_response *resp) {
    IGNORE(req);
    resp->status = 204;
    return HTTP_DONE;
}

static bool guard(struct http_request *req, struct http_response *resp, bool *ret_needs_pool) {
    IGNORE(req);
    IGNORE(resp);
    *ret_needs_pool = false;
    return true;
}

#define ROW(method, path) \
    { method, path, CALLER_ANYONE, ROUTE_INLINE, RATE_NONE, 0, false, handler }
static const struct route routes[] = {
    ROW(HTTP_GET, "/"),
    ROW(HTTP_GET, "/a"),
    ROW(HTTP_POST, "/a"),
    ROW(HTTP_GET, "/a/{id}"),
    ROW(HTTP_GET, "/a/fixed"),
    ROW(HTTP_DELETE, "/a/{other}"),
    ROW(HTTP_GET, "/{x}/{y}/{z}"),
    ROW(HTTP_OPTIONS, "/cors"),
    ROW(HTTP_HEAD, "/head"),
};

static void rows_are_found(void **state) {
    static const struct {
        enum http_method method;
        const char *path;
        enum route_match match;
        int row;
        const char *detail; /* the parameters, or Allow */
    } rows[] = {
        {HTTP_GET, "/", ROUTE_FOUND, 0, ""},
        {HTTP_GET, "/a", ROUTE_FOUND, 1, ""},
        {HTTP_HEAD, "/a", ROUTE_FOUND, 1, ""},
        {HTTP_POST, "/a", ROUTE_FOUND, 2, ""},
        {HTTP_PUT, "/a", ROUTE_NO_METHOD, 0, "GET, HEAD, POST, OPTIONS"},
        {HTTP_OPTIONS, "/a", ROUTE_OPTIONS, 0, "GET, HEAD, POST, OPTIONS"},
        {HTTP_GET, "/a/", ROUTE_NO_PATH, 0, ""},
        {HTTP_GET, "/a/b", ROUTE_FOUND, 3, "b"},
        {HTTP_GET, "/a/fixed", ROUTE_FOUND, 4, ""},
        {HTTP_DELETE, "/a/b c", ROUTE_FOUND, 5, "b c"},
        {HTTP_DELETE, "/a/fixed", ROUTE_NO_METHOD, 0, "GET, HEAD, OPTIONS"},
        {HTTP_GET, "/1/2/3", ROUTE_FOUND, 6, "1,2,3"},
        {HTTP_GET, "/1/2/", ROUTE_NO_PATH, 0, ""},
        {HTTP_OPTIONS, "/cors", ROUTE_FOUND, 7, ""},
        {HTTP_GET, "/head", ROUTE_NO_METHOD, 0, "HEAD, OPTIONS"},
        {HTTP_GET, "/A", ROUTE_NO_PATH, 0, ""},
        {HTTP_GET, "/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r/s/t", ROUTE_NO_PATH, 0, ""},
    };
    const struct router_config config = {.routes = routes, .route_count = ARRAY_LEN(routes)};
    struct router *router;
    IGNORE(state);
    assert_ok(router_new(&config, &router, NULL));
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct http_request req = {.method = rows[i].method, .path = str_c(rows[i].path)};
        str allow = STR("");
        assert_int_equal(router_match(router, &req, &allow), rows[i].match);
        if (rows[i].match != ROUTE_FOUND) {
            assert_null(req.route);
            assert_str_is(allow, str_c(rows[i].detail));
            continue;
        }
        assert_int_equal(router_row(router, req.route), rows[i].row);
        str expected = str_c(rows[i].detail);
        for (size_t param = 0; expected.len > 0; param++) {
            str one;
            str_cut(expected, ',', &one, &expected);
            assert_str_is(req.params[param], one);
        }
    }
    router_free(router);
}

static void wrong_tables_are_refused(void **state) {
    static const struct {
        struct route rows[2];
        size_t count;
        const char *message;
    } tables[] = {
        {{{0}}, 0, "the route table is empty or too long"},
        {{{HTTP_GET, "/a", 0, ROUTE_INLINE, 0, 0, false, handler}},
         1,
         "route GET `/a`: has no caller kind"},
        {{{HTTP_GET, "/a", CALLER_ANYONE, 0, 0, 0, false, handler}},
         1,
         "route GET `/a`: has no place to run"},
        {{{HTTP_GET, "/a", CALLER_ANYONE, ROUTE_INLINE, 0, 0, false, NULL}},
         1,
         "route GET `/a`: has no handler"},
        {{{HTTP_OTHER, "/a", CALLER_ANYONE, ROUTE_INLINE, 0, 0, false, handler}},
         1,
         "route OTHER `/a`: has no method"},
        {{{HTTP_GET, "/a", CALLER_BEARER, ROUTE_INLINE, 0, 0, false, handler}},
         1,
         "route GET `/a`: has no guard"},
        {{{HTTP_GET, "/a", CALLER_ANYONE, ROUTE_INLINE, RATE_CLASS_COUNT, 0, false, handler}},
         1,
         "route GET `/a`: has no known rate class"},
        {{ROW(HTTP_GET, "a")}, 1, "route `a`: the path must begin with '/'"},
        {{ROW(HTTP_GET, NULL)}, 1, "route ``: the path must begin with '/'"},
        {{ROW(HTTP_GET, "/a{b}")}, 1, "route `/a{b}`: a parameter is a whole segment"},
        {{ROW(HTTP_GET, "/{a}/{b}/{c}/{d}/{e}")},
         1,
         "route `/{a}/{b}/{c}/{d}/{e}`: too many parameters"},
        {{ROW(HTTP_GET, "/a"), ROW(HTTP_GET, "/a")},
         2,
         "route GET `/a`: stands twice in the table"},
        {{ROW(HTTP_GET, "/{a}/x"), ROW(HTTP_GET, "/{b}/x")},
         2,
         "route GET `/{b}/x`: stands twice in the table"},
    };
    IGNORE(state);
    for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
        const struct router_config config = {.routes = tables[i].rows,
                                             .route_count = tables[i].count};
        struct router *router = NULL;
        struct error error = {0};
        assert_int_equal(router_new(&config, &router, &error), ERR_MISUSE);
        assert_string_equal(error.text, tables[i].message);
        assert_null(router);
    }
}

static void a_guard_allows_other_callers(void **state) {
    static const struct route row = {HTTP_GET, "/a", CALLER_ADMIN, ROUTE_INLINE,
                                     0,        0,    false,        handler};
    const struct router_config config = {.routes = &row, .route_count = 1, .guard = guard};
    struct router *router;
    IGNORE(state);
    assert_ok(router_new(&config, &router, NULL));
    assert_ptr_equal(router_config_get(router)->routes, &row);
    router_free(router);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_found),
        cmocka_unit_test(wrong_tables_are_refused),
        cmocka_unit_test(a_guard_allows_other_callers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
