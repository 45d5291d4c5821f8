/* SPDX-License-Identifier: Apache-2.0 */
#include "ops_fixture.h"

#include <unistd.h>

#include "server/ops/ops.h"

struct app {
    struct ops *ops;
};

struct fixture {
    struct scratch scratch;
    struct clock_manual clock;
    struct app app;
    struct http_peer peer;
    struct arena arena;
    int fd;
};

static const struct route routes[] = {
    {HTTP_GET, "/health", CALLER_ANYONE, ROUTE_INLINE, RATE_NONE, 0, false, ops_health},
    {HTTP_POST, "/v1/items/{id}", CALLER_ANYONE, ROUTE_INLINE, RATE_DEFAULT, 10, false, ops_health},
};

static void setup_with(struct fixture *f, const char *audit_path) {
    scratch_make(&f->scratch);
    clock_manual_init(&f->clock, 0);
    f->fd = scratch_open(&f->scratch, "log");
    const struct ops_config config = {.service = "test-service",
                                      .log_fd = f->fd,
                                      .log_level = LOG_LEVEL_INFO,
                                      .access_level = LOG_LEVEL_DEBUG,
                                      .has_loopback_operators = true,
                                      .audit_path = audit_path,
                                      .rates = {[RATE_LOGIN] = {.per_minute = 60, .burst = 1}},
                                      .hash_key = {1, 2},
                                      .clock = &f->clock.clock};
    struct error error = {0};
    f->app.ops = NULL;
    assert_ok(ops_new(&config, &f->app.ops, &error));
    assert_ok(ops_set_routes(f->app.ops, routes, ARRAY_LEN(routes)));
    f->peer = (struct http_peer){.address = "127.0.0.1", .port = 1, .is_loopback = true};
    arena_init(&f->arena, allocator_libc(), TEST_MEMORY_MAX * 8);
}

static void setup(struct fixture *f) {
    setup_with(f, NULL);
}

static void teardown(struct fixture *f) {
    arena_done(&f->arena);
    ops_free(f->app.ops);
    close(f->fd);
    scratch_remove(&f->scratch);
}

static struct http_request request(struct fixture *f, const struct http_header *headers,
                                   size_t count) {
    return (struct http_request){.arena = &f->arena,
                                 .method = HTTP_GET,
                                 .path = STR_INIT("/health"),
                                 .host = STR_INIT("localhost"),
                                 .headers = headers,
                                 .header_count = count,
                                 .peer = &f->peer,
                                 .request_id = STR_INIT("r-1"),
                                 .route = &routes[0],
                                 .app = &f->app};
}

static str header_of(const struct http_response *resp, str name) {
    for (size_t i = 0; i < resp->header_count; i++) {
        if (str_equal_nocase(resp->headers[i].name, name)) {
            return resp->headers[i].value;
        }
    }
    return (str){NULL, 0};
}

static str log_text(struct fixture *f) {
    return scratch_read(&f->scratch, "log");
}

static void assert_metric(struct fixture *f, str line) {
    struct buf out;
    buf_init_arena(&out, &f->arena, 1 << 20);
    metrics_render(f->app.ops->metrics, METRICS_PROMETHEUS, &out);
    if (str_find(buf_str(&out), line) == SIZE_MAX) {
        fail_msg("missing %.*s in\n%.*s", STR_FMT(line), STR_FMT(buf_str(&out)));
    }
}

static void health_routes_answer(void **state) {
    IGNORE(state);
    struct fixture f;
    setup(&f);
    static const struct {
        http_handler *handler;
        enum health_phase phase;
        int status;
    } rows[] = {
        {ops_health, HEALTH_STARTING, 200},       {ops_health, HEALTH_RUNNING, 200},
        {ops_health_live, HEALTH_STARTING, 200},  {ops_health_live, HEALTH_STOPPING, 200},
        {ops_health_ready, HEALTH_STARTING, 503}, {ops_health_ready, HEALTH_RUNNING, 200},
        {ops_health_ready, HEALTH_STOPPING, 503},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct http_request req = request(&f, NULL, 0);
        struct http_response resp = {0};
        health_set_phase(f.app.ops->health, rows[i].phase);
        assert_int_equal(rows[i].handler(&req, &resp), HTTP_DONE);
        assert_int_equal(resp.status, rows[i].status);
        assert_non_null(json_get(line_json(&f.arena, resp.body, 0), STR("dependencies")));
        assert_str_is(header_of(&resp, STR("content-type")), STR("application/json"));
    }
    teardown(&f);
}

static void metrics_route_negotiates(void **state) {
    IGNORE(state);
    struct fixture f;
    setup(&f);
    const struct http_header accept = {STR_INIT("accept"),
                                       STR_INIT("application/openmetrics-text")};
    for (size_t count = 0; count < 2; count++) {
        struct http_request req = request(&f, &accept, count);
        struct http_response resp = {0};
        assert_int_equal(ops_metrics(&req, &resp), HTTP_DONE);
        assert_int_equal(resp.status, 200);
        assert_str_is(header_of(&resp, STR("content-type")),
                      metrics_content_type((enum metrics_format)count));
        assert_int_equal(str_has_suffix(resp.body, STR("# EOF\n")), count == 1);
    }
    teardown(&f);
}

static void requests_are_counted_by_route_method_and_status(void **state) {
    IGNORE(state);
    struct fixture f;
    setup(&f);
    struct http_request req = request(&f, NULL, 0);
    struct http_response resp = {.status = 200};
    assert_metric(&f, STR("http_requests_total{service=\"test-service\",method=\"POST\","
                          "route=\"/v1/items/{id}\",status=\"200\"} 0\n"));
    ops_observe(&req, &resp, 200000);
    ops_observe(&req, &resp, 200000);
    req.method = HTTP_HEAD;
    ops_observe(&req, &resp, 200000);
    req.route = &routes[1];
    req.method = HTTP_POST;
    resp.status = 413;
    ops_observe(&req, &resp, 200000);
    resp.status = 299; /* nothing we send */
    ops_observe(&req, &resp, 200000);
    req.route = NULL;
    req.path = STR("/secret-path");
    req.method = HTTP_OTHER;
    resp.status = 404;
    ops_observe(&req, &resp, 200000);
    assert_metric(&f, STR("method=\"GET\",route=\"/health\",status=\"200\"} 2\n"));
    assert_metric(&f, STR("method=\"HEAD\",route=\"/health\",status=\"200\"} 1\n"));
    assert_metric(&f, STR("method=\"POST\",route=\"/v1/items/{id}\",status=\"413\"} 1\n"));
    assert_metric(&f, STR("method=\"POST\",route=\"/v1/items/{id}\",status=\"other\"} 1\n"));
    assert_metric(&f, STR("route=\"unmatched\",status=\"404\"} 1\n"));
    assert_metric(&f, STR("method=\"GET\",route=\"/health\",le=\"0.0001\"} 0\n"));
    assert_metric(&f, STR("method=\"GET\",route=\"/health\",le=\"0.00025\"} 2\n"));
    struct http_request malformed = {0};
    ops_observe(&malformed, &resp, 1); /* no app: not a request of ours */
    teardown(&f);
}

static void access_lines_depend_on_the_status(void **state) {
    IGNORE(state);
    struct fixture f;
    setup(&f);
    struct http_request req = request(&f, NULL, 0);
    struct http_response resp = {.status = 200};
    ops_observe(&req, &resp, 1500);
    assert_int_equal(log_text(&f).len, 0);
    resp.status = 404;
    ops_observe(&req, &resp, 1500);
    resp.status = 500;
    ops_observe(&req, &resp, 1500);
    atomic_store(&f.app.ops->access_level, LOG_LEVEL_INFO);
    resp.status = 200;
    resp.body = STR("four");
    ops_observe(&req, &resp, 1500);
    str text = log_text(&f);
    assert_int_equal(line_count(text), 3);
    assert_str_is(member_text(line_json(&f.arena, text, 0), "level"), STR("info"));
    assert_str_is(member_text(line_json(&f.arena, text, 1), "level"), STR("warn"));
    const struct json *line = line_json(&f.arena, text, 2);
    assert_str_is(member_text(line, "event"), STR("http_request"));
    assert_str_is(member_text(line, "request_id"), STR("r-1"));
    assert_str_is(member_text(line, "method"), STR("GET"));
    assert_str_is(member_text(line, "route"), STR("/health"));
    assert_str_is(member_text(line, "path"), STR("/health"));
    assert_str_is(member_text(line, "peer"), STR("127.0.0.1"));
    assert_int_equal(json_get(line, STR("status"))->integer, 200);
    assert_int_equal(json_get(line, STR("response_bytes"))->integer, 4);
    assert_str_is(json_get(line, STR("duration_us"))->text, STR("1.5"));
    teardown(&f);
}

static void limiter_refuses_logs_and_counts(void **state) {
    IGNORE(state);
    struct fixture f;
    setup(&f);
    struct http_request req = request(&f, NULL, 0);
    unsigned retry = 0;
    assert_true(ops_limit(&req, RATE_LOGIN, &retry));
    assert_false(ops_limit(&req, RATE_LOGIN, &retry));
    assert_int_equal(retry, 1);
    assert_true(ops_limit(&req, RATE_NONE, &retry));
    assert_true(ops_limit(&req, RATE_DEFAULT, &retry));
    assert_metric(&f, STR("rate_limited_total{service=\"test-service\",class=\"login\"} 1\n"));
    assert_str_is(member_text(line_json(&f.arena, log_text(&f), 0), "event"), STR("rate_limited"));
    clock_manual_advance_ms(&f.clock, 1000);
    assert_true(ops_limit(&req, RATE_LOGIN, &retry));
    teardown(&f);
}

static void loopback_operators_are_few(void **state) {
    IGNORE(state);
    static const struct {
        const char *host;
        const char *header; /* or NULL */
        enum http_method method;
        bool is_loopback;
        bool is_allowed;
    } rows[] = {
        {"localhost", NULL, HTTP_GET, true, true},
        {"localhost:8080", NULL, HTTP_GET, true, true},
        {"LocalHost:8080", NULL, HTTP_HEAD, true, true},
        {"127.0.0.1", NULL, HTTP_GET, true, true},
        {"127.255.3.4:65535", NULL, HTTP_GET, true, true},
        {"[::1]", NULL, HTTP_GET, true, true},
        {"[::1]:8080", NULL, HTTP_GET, true, true},
        {"localhost", "accept", HTTP_GET, true, true},
        {"localhost", "x-request-id", HTTP_GET, true, true},
        /* somebody else's address or method */
        {"localhost", NULL, HTTP_GET, false, false},
        {"localhost", NULL, HTTP_POST, true, false},
        {"localhost", NULL, HTTP_DELETE, true, false},
        {"localhost", NULL, HTTP_OPTIONS, true, false},
        {"localhost", NULL, HTTP_OTHER, true, false},
        /* names that are not loopback, or only look like it */
        {"", NULL, HTTP_GET, true, false},
        {"example.com", NULL, HTTP_GET, true, false},
        {"localhost.example.com", NULL, HTTP_GET, true, false},
        {"localhost.", NULL, HTTP_GET, true, false},
        {"127.0.0.1.example.com", NULL, HTTP_GET, true, false},
        {"127.0.0", NULL, HTTP_GET, true, false},
        {"127.0.0.256", NULL, HTTP_GET, true, false},
        {"127.0.0.1.", NULL, HTTP_GET, true, false},
        {"128.0.0.1", NULL, HTTP_GET, true, false},
        {"0.0.0.0", NULL, HTTP_GET, true, false},
        {"127.1", NULL, HTTP_GET, true, false},
        {"2130706433", NULL, HTTP_GET, true, false},
        {"localhost:", NULL, HTTP_GET, true, false},
        {"localhost:80a", NULL, HTTP_GET, true, false},
        {"localhost:99999", NULL, HTTP_GET, true, false},
        {"localhost:80:80", NULL, HTTP_GET, true, false},
        {"user@localhost", NULL, HTTP_GET, true, false},
        {"[::1", NULL, HTTP_GET, true, false},
        {"[::1]x", NULL, HTTP_GET, true, false},
        {"[::2]", NULL, HTTP_GET, true, false},
        {"::1", NULL, HTTP_GET, true, false},
        /* somebody passed it on */
        {"localhost", "x-forwarded-for", HTTP_GET, true, false},
        {"localhost", "x-forwarded-host", HTTP_GET, true, false},
        {"localhost", "x-forwarded-anything", HTTP_GET, true, false},
        {"localhost", "forwarded", HTTP_GET, true, false},
        {"localhost", "via", HTTP_GET, true, false},
        {"localhost", "x-envoy-external-address", HTTP_GET, true, false},
        {"localhost", "x-real-ip", HTTP_GET, true, false},
    };
    struct fixture f;
    setup(&f);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct http_header header = {str_c(rows[i].header), STR_INIT("x")};
        struct http_request req = request(&f, &header, rows[i].header == NULL ? 0 : 1);
        req.host = str_c(rows[i].host);
        req.method = rows[i].method;
        f.peer.is_loopback = rows[i].is_loopback;
        if (ops_is_loopback_operator(&req) != rows[i].is_allowed) {
            fail_msg("row %zu: host \"%s\", header %s", i, rows[i].host,
                     rows[i].header == NULL ? "none" : rows[i].header);
        }
    }
    f.peer.is_loopback = true;
    struct http_request req = request(&f, NULL, 0);
    req.host = (str){NULL, 0};
    assert_false(ops_is_loopback_operator(&req));
    req.host = STR("localhost");
    atomic_store(&f.app.ops->has_loopback_operators, false);
    assert_false(ops_is_loopback_operator(&req));
    teardown(&f);
}

static void trace_ids_come_from_valid_traceparents(void **state) {
    IGNORE(state);
    static const struct {
        const char *value;
        const char *trace;
    } rows[] = {
        {"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
         "4bf92f3577b34da6a3ce929d0e0e4736"},
        {"cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-comes-later",
         "4bf92f3577b34da6a3ce929d0e0e4736"},
        {"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more", NULL},
        {"ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", NULL},
        {"cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01x", NULL},
        {"00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", NULL},
        {"00-00000000000000000000000000000000-00f067aa0ba902b7-01", NULL},
        {"00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", NULL},
        {"00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01", NULL},
        {"00_4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7_01", NULL},
        {"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0", NULL},
        {"", NULL},
    };
    struct fixture f;
    setup(&f);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct http_header headers[] = {{STR_INIT("traceparent"), str_c(rows[i].value)},
                                              {STR_INIT("traceparent"), str_c(rows[i].value)}};
        struct http_request req = request(&f, headers, 1);
        struct log_context context = ops_log_context(&req);
        assert_str_is(context.request_id, STR("r-1"));
        assert_str_is(context.trace_id, str_c(rows[i].trace));
        assert_int_equal(str_is_absent(context.trace_id), rows[i].trace == NULL);
        req = request(&f, headers, 2);
        assert_true(str_is_absent(ops_log_context(&req).trace_id)); /* twice is not valid */
    }
    teardown(&f);
}

static void dependencies_show_in_health_metrics_and_log(void **state) {
    IGNORE(state);
    struct fixture f;
    setup(&f);
    struct dependency *database = ops_dependency_add(f.app.ops, "database", true);
    assert_metric(&f, STR("dependency_up{service=\"test-service\",dependency=\"database\"} 0\n"));
    ops_dependency_set(f.app.ops, database, "database", DEPENDENCY_UP);
    ops_dependency_set(f.app.ops, database, "database", DEPENDENCY_UP);
    assert_metric(&f, STR("dependency_up{service=\"test-service\",dependency=\"database\"} 1\n"));
    ops_dependency_set(f.app.ops, database, "database", DEPENDENCY_DOWN);
    assert_metric(&f, STR("dependency_up{service=\"test-service\",dependency=\"database\"} 0\n"));
    str text = log_text(&f);
    assert_int_equal(line_count(text), 2);
    assert_str_is(member_text(line_json(&f.arena, text, 1), "state"), STR("down"));
    teardown(&f);
}

static void audit_needs_to_succeed(void **state) {
    IGNORE(state);
    static const struct {
        const char *path;
        err code;
    } rows[] = {{NULL, ERR_OK}, {"/dev/null", ERR_OK}, {"/dev/full", ERR_IO}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct fixture f;
        setup_with(&f, rows[i].path);
        struct http_request req = request(&f, NULL, 0);
        assert_int_equal(ops_audit(&req, (struct audit_record){.action = AUDIT_ADMIN_READ}),
                         rows[i].code);
        assert_int_equal(line_count(log_text(&f)), rows[i].code == ERR_OK ? 0 : 1);
        if (rows[i].code != ERR_OK) {
            assert_metric(&f, STR("audit_records_total{service=\"test-service\","
                                  "outcome=\"failed\"} 1\n"));
        }
        teardown(&f);
    }
}

static void memory_is_logged_with_its_growth(void **state) {
    IGNORE(state);
    struct fixture f;
    setup(&f);
    ops_log_memory(f.app.ops);
    assert_true(f.app.ops->memory_reported_bytes > 0);
    f.app.ops->memory_reported_bytes = 1;
    ops_log_memory(f.app.ops);
    str text = log_text(&f);
    assert_int_equal(line_count(text), 3);
    const struct json *line = line_json(&f.arena, text, 0);
    assert_str_is(member_text(line, "event"), STR("memory_usage"));
    assert_true(json_get(line, STR("memory_resident_bytes"))->integer > 0);
    assert_str_is(member_text(line_json(&f.arena, text, 2), "event"), STR("memory_growth"));
    teardown(&f);
}

static void a_bad_audit_path_stops_the_start(void **state) {
    IGNORE(state);
    const struct ops_config config = {
        .service = "test-service", .log_fd = 1, .audit_path = "/does/not/exist"};
    struct ops *ops = NULL;
    struct error error = {0};
    assert_int_equal(ops_new(&config, &ops, &error), ERR_IO);
    assert_null(ops);
    assert_int_not_equal(str_find(str_c(error.text), STR("/does/not/exist")), SIZE_MAX);
    ops_free(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(health_routes_answer),
        cmocka_unit_test(metrics_route_negotiates),
        cmocka_unit_test(requests_are_counted_by_route_method_and_status),
        cmocka_unit_test(access_lines_depend_on_the_status),
        cmocka_unit_test(limiter_refuses_logs_and_counts),
        cmocka_unit_test(loopback_operators_are_few),
        cmocka_unit_test(trace_ids_come_from_valid_traceparents),
        cmocka_unit_test(dependencies_show_in_health_metrics_and_log),
        cmocka_unit_test(audit_needs_to_succeed),
        cmocka_unit_test(memory_is_logged_with_its_growth),
        cmocka_unit_test(a_bad_audit_path_stops_the_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
