/* SPDX-License-Identifier: Apache-2.0 */
#include "ops_fixture.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "server/ops/metrics.h"

static struct clock_manual test_clock;

static struct metrics *make(void) {
    struct metrics *metrics = NULL;
    clock_manual_init(&test_clock, 1700000000250);
    assert_ok(metrics_new("test-service", "1.2.3", &test_clock.clock, &metrics));
    return metrics;
}

static str render(struct metrics *metrics, enum metrics_format format, struct buf *out) {
    str text;
    buf_init(out, allocator_libc(), 1 << 20);
    metrics_render(metrics, format, out);
    assert_ok(buf_finish(out, &text));
    return text;
}

static void assert_has(str text, str part) {
    if (str_find(text, part) == SIZE_MAX) {
        fail_msg("missing: %.*s\nin: %.*s", STR_FMT(part), STR_FMT(text));
    }
}

static void assert_has_not(str text, str part) {
    if (str_find(text, part) != SIZE_MAX) {
        fail_msg("not wanted: %.*s", STR_FMT(part));
    }
}

static double get_answer(void *ctx) {
    return *(double *)ctx;
}

static void fill(struct metrics *m) {
    static double queue = 2.5;
    counter_add(METRIC_COUNTER(m, METRIC_HTTP_REQUESTS, "GET", "/health", "200"), 3);
    counter_add(METRIC_COUNTER(m, METRIC_HTTP_REQUESTS, "GET", "/health", "503"), 1);
    gauge_set(METRIC_GAUGE(m, METRIC_POLICIES_LOADED), 7);
    gauge_add(METRIC_GAUGE(m, METRIC_POLICIES_LOADED), -9);
    metrics_callback(m, METRIC_WORKER_QUEUE_LENGTH, (const char *[]){NULL}, get_answer, &queue);
    struct histogram *h = METRIC_HISTOGRAM(m, METRIC_AUTHORIZATION_DURATION, "Allow");
    histogram_observe_ns(h, 0);
    histogram_observe_ns(h, 1000); /* on a bound: belongs below it */
    histogram_observe_ns(h, 1001);
    histogram_observe_ns(h, 250000000); /* above all bounds */
}

static void prometheus_text(void **state) {
    IGNORE(state);
    struct buf out;
    struct metrics *m = make();
    fill(m);
    str text = render(m, METRICS_PROMETHEUS, &out);
    assert_has(text, STR("# HELP http_requests_total HTTP requests answered.\n"
                         "# TYPE http_requests_total counter\n"
                         "http_requests_total{service=\"test-service\",method=\"GET\","
                         "route=\"/health\",status=\"200\"} 3\n"
                         "http_requests_total{service=\"test-service\",method=\"GET\","
                         "route=\"/health\",status=\"503\"} 1\n"
                         "# HELP "));
    assert_has(text, STR("\npolicies_loaded{service=\"test-service\"} -2\n"));
    assert_has(text, STR("\nworker_queue_length{service=\"test-service\"} 2.5\n"));
    assert_has(text, STR("\nbuild_info{service=\"test-service\",version=\"1.2.3\"} 1\n"));
    assert_has(text, STR("\nprocess_start_time_seconds 1700000000.25\n"));
    assert_has(text, STR("\n# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total "));
    assert_has_not(text, STR("tokens_issued_total")); /* no series, no family */
    assert_has_not(text, STR("# EOF"));
    buf_done(&out);
    metrics_free(m);
}

static void histograms_are_cumulative_and_exact(void **state) {
    IGNORE(state);
    struct buf out;
    struct metrics *m = make();
    fill(m);
    str text = render(m, METRICS_PROMETHEUS, &out);
    static const str rows[] = {
        STR_INIT("_bucket{service=\"test-service\",decision=\"Allow\",le=\"0.000001\"} 2\n"),
        STR_INIT("_bucket{service=\"test-service\",decision=\"Allow\",le=\"0.000002\"} 3\n"),
        STR_INIT("_bucket{service=\"test-service\",decision=\"Allow\",le=\"0.1\"} 3\n"),
        STR_INIT("_bucket{service=\"test-service\",decision=\"Allow\",le=\"+Inf\"} 4\n"),
        STR_INIT("_sum{service=\"test-service\",decision=\"Allow\"} 0.250002001\n"),
        STR_INIT("_count{service=\"test-service\",decision=\"Allow\"} 4\n"),
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_has(text, rows[i]);
    }
    buf_done(&out);
    metrics_free(m);
}

static void open_metrics_text(void **state) {
    IGNORE(state);
    struct buf out;
    struct metrics *m = make();
    fill(m);
    histogram_observe_ns(METRIC_HISTOGRAM(m, METRIC_HTTP_REQUEST_DURATION, "GET", "/x"), 1);
    str text = render(m, METRICS_OPENMETRICS, &out);
    assert_has(text, STR("# HELP http_requests HTTP requests answered.\n"
                         "# TYPE http_requests counter\n"
                         "http_requests_total{service=\"test-service\",method=\"GET\","
                         "route=\"/health\",status=\"200\"} 3\n"));
    assert_has(text, STR("route=\"/x\",le=\"1.0\"} 1\n"));
    assert_true(str_has_suffix(text, STR("\n# EOF\n")));
    buf_done(&out);
    metrics_free(m);
}

static void label_values_are_escaped(void **state) {
    IGNORE(state);
    struct buf out;
    struct metrics *m = make();
    counter_add(METRIC_COUNTER(m, METRIC_TOKENS_ISSUED, "a\\b\"c\nd"), 1);
    str text = render(m, METRICS_PROMETHEUS, &out);
    assert_has(text, STR("grant=\"a\\\\b\\\"c\\nd\"} 1\n"));
    buf_done(&out);
    metrics_free(m);
}

static void the_same_labels_are_the_same_series(void **state) {
    IGNORE(state);
    struct metrics *m = make();
    char grant[] = "password";
    struct counter *first = METRIC_COUNTER(m, METRIC_TOKENS_ISSUED, grant);
    grant[0] = 'x'; /* the value was copied */
    assert_ptr_equal(METRIC_COUNTER(m, METRIC_TOKENS_ISSUED, "password"), first);
    assert_ptr_not_equal(METRIC_COUNTER(m, METRIC_TOKENS_ISSUED, grant), first);
    assert_ptr_not_equal(METRIC_COUNTER(m, METRIC_AUTHENTICATION_ATTEMPTS, "ok", "password"),
                         METRIC_COUNTER(m, METRIC_AUTHENTICATION_ATTEMPTS, "password", "ok"));
    metrics_free(m);
}

static void too_many_series_are_counted_out_of_sight(void **state) {
    IGNORE(state);
    struct buf out;
    struct metrics *m = make();
    struct counter *last = NULL;
    for (int i = 0; i < METRICS_SERIES_MAX; i++) {
        char reason[16];
        snprintf(reason, sizeof reason, "r%d", i % 500); /* few labels, */
        char grant[16];
        snprintf(grant, sizeof grant, "g%d", i / 500); /* but many pairs */
        last = METRIC_COUNTER(m, METRIC_AUTHENTICATION_ATTEMPTS, reason, grant);
        counter_add(last, 1);
    }
    struct histogram *h = METRIC_HISTOGRAM(m, METRIC_HTTP_REQUEST_DURATION, "GET", "/new");
    histogram_observe_ns(h, 5);
    gauge_set(METRIC_GAUGE(m, METRIC_ACTIVE_SESSIONS), 1);
    buf_init(&out, allocator_libc(), 16 << 20);
    metrics_render(m, METRICS_PROMETHEUS, &out);
    assert_ok(out.error);
    assert_has_not(buf_str(&out), STR("/new"));
    assert_has_not(buf_str(&out), STR("active_sessions"));
    assert_non_null(last);
    buf_done(&out);
    metrics_free(m);
}

enum { THREADS = 4, ROUNDS = 20000 };

static void *count(void *ptr) {
    for (int i = 0; i < ROUNDS; i++) {
        static const char *const grants[] = {"a", "b", "c"};
        counter_add(METRIC_COUNTER(ptr, METRIC_TOKENS_ISSUED, grants[i % 3]), 1);
    }
    return NULL;
}

static void threads_lose_no_count(void **state) {
    IGNORE(state);
    struct metrics *m = make();
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, count, m), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    uint64_t total = METRIC_COUNTER(m, METRIC_TOKENS_ISSUED, "a")->value +
                     METRIC_COUNTER(m, METRIC_TOKENS_ISSUED, "b")->value +
                     METRIC_COUNTER(m, METRIC_TOKENS_ISSUED, "c")->value;
    assert_int_equal(total, THREADS * ROUNDS);
    metrics_free(m);
}

static void accept_header_chooses_the_form(void **state) {
    IGNORE(state);
    static const struct {
        str accept;
        enum metrics_format format;
    } rows[] = {
        {{NULL, 0}, METRICS_PROMETHEUS},
        {STR_INIT("*/*"), METRICS_PROMETHEUS},
        {STR_INIT("text/plain"), METRICS_PROMETHEUS},
        {STR_INIT("application/openmetrics-text"), METRICS_OPENMETRICS},
        {STR_INIT("application/openmetrics-text;version=1.0.0;q=0.5,"
                  "application/openmetrics-text;version=0.0.1;q=0.4,"
                  "text/plain;version=0.0.4;q=0.3,*/*;q=0.2"),
         METRICS_OPENMETRICS},
        {STR_INIT("Application/OpenMetrics-Text ; Q=0.9 , text/plain;q=0.3"), METRICS_OPENMETRICS},
        {STR_INIT("application/openmetrics-text;q=0.2,text/plain"), METRICS_PROMETHEUS},
        {STR_INIT("application/openmetrics-text;q=0"), METRICS_PROMETHEUS},
        {STR_INIT("application/openmetrics-text;q=2"), METRICS_PROMETHEUS},
        {STR_INIT("application/openmetrics-text;q=0.1x"), METRICS_PROMETHEUS},
        {STR_INIT(",,;;q=,"), METRICS_PROMETHEUS},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_int_equal(metrics_negotiate(rows[i].accept), rows[i].format);
    }
    assert_str_is(metrics_content_type(METRICS_PROMETHEUS),
                  STR("text/plain; version=0.0.4; charset=utf-8"));
}

/* Every family of metrics.def, through Prometheus' own checker. */
static void promtool_has_no_complaint(void **state) {
    IGNORE(state);
    if (system("command -v promtool >/dev/null 2>&1") != 0) {
        print_message("SKIP: promtool is not installed\n");
        skip();
    }
    struct buf out;
    struct scratch scratch;
    struct metrics *m = make();
    const char *labels[] = {"a", "b", "c", NULL};
    scratch_make(&scratch);
#define COUNTER metrics_counter
#define GAUGE metrics_gauge
#define HISTOGRAM_HTTP metrics_histogram
#define HISTOGRAM_MICRO metrics_histogram
#define METRIC(suffix, kind, name, label_names, help)                                              \
    {                                                                                              \
        size_t commas = 0;                                                                         \
        for (const char *c = label_names; *c != '\0'; c++) {                                       \
            commas += *c == ',';                                                                   \
        }                                                                                          \
        (void)kind(m, METRIC_##suffix, label_names[0] == '\0' ? labels + 3 : labels + 3 - commas); \
    }
#include "server/ops/metrics.def"
#undef METRIC
    render(m, METRICS_PROMETHEUS, &out);
    buf_add_byte(&out, '\0');
    scratch_write(&scratch, "metrics", out.data);
    char command[512];
    snprintf(command, sizeof command, "promtool check metrics < %s",
             scratch_path(&scratch, "metrics"));
    assert_int_equal(system(command), 0);
    buf_done(&out);
    scratch_remove(&scratch);
    metrics_free(m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prometheus_text),
        cmocka_unit_test(histograms_are_cumulative_and_exact),
        cmocka_unit_test(open_metrics_text),
        cmocka_unit_test(label_values_are_escaped),
        cmocka_unit_test(the_same_labels_are_the_same_series),
        cmocka_unit_test(too_many_series_are_counted_out_of_sight),
        cmocka_unit_test(threads_lose_no_count),
        cmocka_unit_test(accept_header_chooses_the_form),
        cmocka_unit_test(promtool_has_no_complaint),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
