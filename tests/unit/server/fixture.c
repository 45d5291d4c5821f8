/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/assert.h"

static enum http_outcome hello(struct http_request *req, struct http_response *resp) {
    IGNORE(req);
    http_response_text(resp, 200, STR("text/plain"), STR("hello"));
    return HTTP_DONE;
}

static enum http_outcome echo(struct http_request *req, struct http_response *resp) {
    http_response_text(resp, 200, STR("application/octet-stream"), req->body);
    return HTTP_DONE;
}

static enum http_outcome item(struct http_request *req, struct http_response *resp) {
    http_response_text(resp, 200, STR("text/plain"), req->params[0]);
    return HTTP_DONE;
}

static enum http_outcome request_id(struct http_request *req, struct http_response *resp) {
    http_response_text(resp, 200, STR("text/plain"), req->request_id);
    http_response_header(resp, STR("Cache-Control"), STR("max-age=60"));
    return HTTP_DONE;
}

static enum http_outcome big(struct http_request *req, struct http_response *resp) {
    char *body = arena_alloc(req->arena, BIG_BODY);
    ASSERT(body != NULL);
    memset(body, 'b', BIG_BODY);
    http_response_text(resp, 200, STR("text/plain"), str_make(body, BIG_BODY));
    return HTTP_DONE;
}

static enum http_outcome gated(struct http_request *req, struct http_response *resp) {
    struct fixture *f = req->app;
    ASSERT(req->may_block);
    atomic_fetch_add(&f->started, 1);
    while (sem_wait(&f->gate) != 0) {
        ASSERT(errno == EINTR);
    }
    return echo(req, resp);
}

static enum http_outcome needs_pool(struct http_request *req, struct http_response *resp) {
    return req->may_block ? gated(req, resp) : HTTP_NEEDS_POOL;
}

static enum http_outcome broken(struct http_request *req, struct http_response *resp) {
    IGNORE(req);
    IGNORE(resp);
    return HTTP_DONE; /* without an answer: a bug of the handler */
}

static bool guard(struct http_request *req, struct http_response *resp, bool *ret_needs_pool) {
    struct fixture *f = req->app;
    atomic_fetch_add(&f->guard_calls, 1);
    if (req->route->caller == CALLER_ADMIN && !req->may_block) {
        *ret_needs_pool = true;
        return false;
    }
    if (!str_equal(http_header_get(req, STR("authorization")), STR("yes"))) {
        problem_response(req, resp, PROBLEM_UNAUTHENTICATED, (str){NULL, 0});
        return false;
    }
    req->caller = f;
    return true;
}

static bool limiter(struct http_request *req, enum rate_class rate, unsigned *ret_retry_after_s) {
    IGNORE(req);
    *ret_retry_after_s = 7;
    return rate != RATE_LOGIN;
}

static void observer(const struct http_request *req, const struct http_response *resp,
                     uint64_t duration_ns) {
    struct fixture *f = req->app;
    ASSERT(duration_ns < UINT64_C(60000000000));
    atomic_store(&f->last_status, resp->status);
    atomic_fetch_add(&f->observed, 1);
}

#define PUBLIC CALLER_ANYONE
static const struct route routes[] = {
    {HTTP_GET, "/hello", PUBLIC, ROUTE_INLINE, RATE_NONE, 0, false, hello},
    {HTTP_POST, "/echo", PUBLIC, ROUTE_INLINE, RATE_NONE, FIXTURE_BODY_MAX, false, echo},
    {HTTP_PUT, "/echo", PUBLIC, ROUTE_INLINE, RATE_NONE, FIXTURE_BODY_MAX, false, echo},
    {HTTP_POST, "/small", PUBLIC, ROUTE_INLINE, RATE_NONE, FIXTURE_SMALL_MAX, false, echo},
    {HTTP_GET, "/items/{id}", PUBLIC, ROUTE_INLINE, RATE_NONE, 0, false, item},
    {HTTP_GET, "/big", PUBLIC, ROUTE_INLINE, RATE_NONE, 0, false, big},
    {HTTP_GET, "/request-id", PUBLIC, ROUTE_INLINE, RATE_NONE, 0, false, request_id},
    {HTTP_GET, "/broken", PUBLIC, ROUTE_INLINE, RATE_NONE, 0, false, broken},
    {HTTP_POST, "/pool", PUBLIC, ROUTE_POOL, RATE_NONE, FIXTURE_BODY_MAX, false, gated},
    {HTTP_POST, "/password", PUBLIC, ROUTE_PASSWORD, RATE_NONE, FIXTURE_BODY_MAX, true, gated},
    {HTTP_GET, "/needs-pool", PUBLIC, ROUTE_INLINE, RATE_NONE, 0, false, needs_pool},
    {HTTP_GET, "/bearer", CALLER_BEARER, ROUTE_INLINE, RATE_NONE, 0, false, hello},
    {HTTP_POST, "/bearer", CALLER_BEARER, ROUTE_INLINE, RATE_NONE, FIXTURE_BODY_MAX, false, echo},
    {HTTP_GET, "/waiting-bearer", CALLER_ADMIN, ROUTE_INLINE, RATE_NONE, 0, false, hello},
    {HTTP_POST, "/limited", PUBLIC, ROUTE_INLINE, RATE_LOGIN, FIXTURE_BODY_MAX, false, echo},
    {HTTP_POST, "/secret", PUBLIC, ROUTE_INLINE, RATE_NONE, FIXTURE_BODY_MAX, true, echo},
};

static void *run(void *arg) {
    struct fixture *f = arg;
    f->result = server_run(f->server);
    return NULL;
}

void fixture_start(struct fixture *f, const struct server_config *config) {
    struct server_config used = *config;
    struct error error = {0};
    *f = (struct fixture){0};
    assert_int_equal(sem_init(&f->gate, 0, 0), 0);
    const struct router_config router_config = {
        .routes = routes,
        .route_count = ARRAY_LEN(routes),
        .app = f,
        .guard = guard,
        .limiter = limiter,
        .observer = observer,
    };
    assert_ok(router_new(&router_config, &f->router, &error));
    used.address = used.address == NULL ? "127.0.0.1" : used.address;
    used.loops = used.loops == 0 ? 1 : used.loops;
    if (server_new(&used, f->router, &f->server, &error) != ERR_OK) {
        fail_msg("server_new: %s", error.text);
    }
    f->port = server_port(f->server);
    assert_int_equal(pthread_create(&f->thread, NULL, run, f), 0);
    f->is_running = true;
}

void fixture_join(struct fixture *f) {
    if (f->is_running) {
        assert_int_equal(pthread_join(f->thread, NULL), 0);
        f->is_running = false;
    }
}

void fixture_stop(struct fixture *f) {
    server_stop(f->server);
    fixture_join(f);
    server_free(f->server);
    router_free(f->router);
    assert_int_equal(sem_destroy(&f->gate), 0);
}

void fixture_await(atomic_uint *counter, unsigned value) {
    const struct timespec pause = {.tv_nsec = 1000000};
    for (unsigned i = 0; i < CLIENT_PATIENCE_S * 1000; i++) {
        if (atomic_load(counter) >= value) {
            return;
        }
        nanosleep(&pause, NULL);
    }
    fail_msg("waited in vain for %u, have %u", value, atomic_load(counter));
}

int client_try_connect(uint16_t port) {
    const struct timeval patience = {.tv_sec = CLIENT_PATIENCE_S};
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience), 0);
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

int client_connect(const struct fixture *f) {
    int fd = client_try_connect(f->port);
    assert_true(fd >= 0);
    return fd;
}

void client_send(int fd, str bytes) {
    size_t sent = 0;
    while (sent < bytes.len) {
        ssize_t result = send(fd, bytes.ptr + sent, bytes.len - sent, MSG_NOSIGNAL);
        if (result <= 0) {
            return; /* closed meanwhile; the test sees it when it reads */
        }
        sent += (size_t)result;
    }
}

/* False at the end of the connection. */
static bool read_byte(int fd, char *ret) {
    ssize_t got = recv(fd, ret, 1, 0);
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
        fail_msg("no answer in time");
    }
    return got == 1;
}

bool answer_header(const struct answer *answer, const char *name, char *out, size_t size) {
    size_t len = strlen(name);
    const char *line = strstr(answer->head, "\r\n");
    while (line != NULL && line[2] != '\r') {
        const char *end = strstr(line + 2, "\r\n");
        if (strncasecmp(line + 2, name, len) == 0 && line[2 + len] == ':') {
            const char *value = line + 4 + len;
            size_t value_len = (size_t)(end - value);
            assert_true(value_len < size);
            memcpy(out, value, value_len);
            out[value_len] = '\0';
            return true;
        }
        line = end;
    }
    return false;
}

static void read_body(int fd, struct answer *ret) {
    char text[32];
    uint64_t len;
    if (!answer_header(ret, "Content-Length", text, sizeof text)) {
        return;
    }
    assert_true(str_to_u64(str_c(text), &len));
    ret->body = malloc(len + 1);
    assert_non_null(ret->body);
    while (ret->body_len < len) {
        ssize_t got = recv(fd, ret->body + ret->body_len, len - ret->body_len, 0);
        if (got <= 0) {
            fail_msg("the body ends after %zu of %llu bytes", ret->body_len,
                     (unsigned long long)len);
        }
        ret->body_len += (size_t)got;
    }
}

void client_read(int fd, bool is_head, struct answer *ret) {
    size_t len = 0;
    *ret = (struct answer){0};
    while (len < 4 || memcmp(ret->head + len - 4, "\r\n\r\n", 4) != 0) {
        assert_true(len + 1 < sizeof ret->head);
        if (!read_byte(fd, &ret->head[len])) {
            assert_int_equal(len, 0);
            return;
        }
        len++;
    }
    assert_memory_equal(ret->head, "HTTP/1.1 ", 9);
    ret->status = (ret->head[9] - '0') * 100 + (ret->head[10] - '0') * 10 + ret->head[11] - '0';
    if (!is_head && ret->status != 204 && ret->status != 304) {
        read_body(fd, ret);
    }
}

bool client_is_closed(int fd) {
    char byte;
    return !read_byte(fd, &byte);
}

void answer_free(struct answer *answer) {
    free(answer->body);
    answer->body = NULL;
}

void client_expect(const struct fixture *f, str request, int status) {
    struct answer answer;
    int fd = client_connect(f);
    client_send(fd, request);
    client_read(fd, str_has_prefix(request, STR("HEAD ")), &answer);
    if (answer.status != status) {
        fail_msg("status %d, expected %d, for: %.*s", answer.status, status, STR_FMT(request));
    }
    answer_free(&answer);
    close(fd);
}
