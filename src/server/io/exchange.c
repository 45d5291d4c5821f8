/* SPDX-License-Identifier: Apache-2.0 */
#include "server/io/exchange.h"

#include <stdlib.h>

#include "base/assert.h"
#include "server/http/url.h"
#include "server/io/loop.h"

static struct exchange *create(struct loop *loop) {
    const struct server_limits *limits = &loop->shared->limits;
    struct exchange *x = calloc(1, sizeof *x);
    if (x == NULL) {
        return NULL;
    }
    x->headers = calloc(limits->headers_max, sizeof *x->headers);
    if (x->headers == NULL) {
        free(x);
        return NULL;
    }
    x->loop = loop;
    arena_init(&x->arena, allocator_libc(), limits->request_memory_max);
    x->arena.chunk_size = ARENA_FIRST_CHUNK;
    return x;
}

struct exchange *exchange_new(struct loop *loop, struct conn *conn) {
    struct exchange *x = loop->exchanges;
    if (x != NULL) {
        loop->exchanges = x->next;
        loop->exchange_count--;
    } else if ((x = create(loop)) == NULL) {
        return NULL;
    }
    x->next = NULL;
    x->conn = conn;
    x->is_rejected = false;
    x->guard_must_wait = false;
    x->is_http10 = false;
    x->is_kept_alive = false;
    stamp_request_id(&loop->stamp, x->own_id);
    x->req = (struct http_request){
        .arena = &x->arena,
        .target = STR_INIT(""),
        .path = STR_INIT(""),
        .body = STR_INIT(""),
        .peer = &conn->peer,
        .request_id = {x->own_id, REQUEST_ID_LEN},
        .started_ns = clock_monotonic_ns(),
        .app = router_config_get(loop->shared->router)->app,
    };
    x->resp.status = 0;
    x->resp.header_count = 0;
    x->resp.body = (str){NULL, 0};
    x->resp.closes = false;
    return x;
}

void exchange_free(struct exchange *x) {
    arena_done(&x->arena);
    free(x->headers);
    free(x);
}

void exchange_release(struct exchange *x) {
    struct loop *loop = x->loop;
    if (x->block != NULL) {
        if (x->arena.is_wiped) {
            memory_wipe(x->block->bytes, x->block->high);
        }
        loop_block_give(loop, x->block);
        x->block = NULL;
    }
    if (x->body_held > 0) {
        atomic_fetch_sub_explicit(&loop->shared->body_memory, x->body_held, memory_order_relaxed);
        x->body_held = 0;
    }
    arena_clear(&x->arena);
    x->arena.is_wiped = false;
    x->conn = NULL;
    if (loop->exchange_count >= EXCHANGES_KEPT) {
        exchange_free(x);
        return;
    }
    x->next = loop->exchanges;
    loop->exchanges = x;
    loop->exchange_count++;
}

struct body {
    size_t len;
    bool is_wiped;
    char bytes[];
};

static void free_body(void *ptr) {
    struct body *body = ptr;
    if (body->is_wiped) {
        memory_wipe(body->bytes, body->len);
    }
    free(body);
}

char *exchange_body(struct exchange *x, size_t len) {
    if (len > x->arena.max) {
        return NULL;
    }
    /* Not from the arena, whose memory is zeroed: a peer must not make us touch memory for bytes
     * it only announces. */
    struct body *body = malloc(sizeof *body + len);
    if (body == NULL) {
        return NULL;
    }
    body->len = len;
    body->is_wiped = x->arena.is_wiped;
    if (arena_defer(&x->arena, free_body, body) != ERR_OK) {
        free(body);
        return NULL;
    }
    return body->bytes;
}

bool exchange_hold(struct exchange *x, size_t len) {
    atomic_size_t *total = &x->loop->shared->body_memory;
    size_t before = atomic_fetch_add_explicit(total, len, memory_order_relaxed);
    x->body_held += len;
    return before + len <= BODY_MEMORY_MAX;
}

void exchange_take_id(struct exchange *x, str peer_id) {
    if (peer_id.len == 0 || peer_id.len > HTTP_REQUEST_ID_MAX) {
        return;
    }
    for (size_t i = 0; i < peer_id.len; i++) {
        char c = peer_id.ptr[i];
        if (!byte_is_alnum(c) && (c == '\0' || strchr("-_.:+/=@~", c) == NULL)) {
            return;
        }
    }
    x->req.request_id = peer_id;
}

void exchange_problem(struct exchange *x, enum problem_kind kind, const char *detail) {
    problem_response(&x->req, &x->resp, kind, str_c(detail));
}

static void answer_options(struct exchange *x, str allow) {
    x->resp.status = 204;
    http_response_header(&x->resp, STR("Allow"), allow);
}

/* False: answered. */
static bool find_route(struct exchange *x, str raw_path) {
    str allow = STR("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
    if (str_is_absent(raw_path)) {
        answer_options(x, allow);
        return false;
    }
    err code = url_path_decode(&x->arena, raw_path, &x->req.path);
    if (code == ERR_SYNTAX) {
        exchange_problem(x, PROBLEM_BAD_REQUEST,
                         "the path has a malformed escape, an empty or dot segment, or bytes that "
                         "may not stand there");
        x->resp.closes = true;
        return false;
    }
    if (code != ERR_OK) {
        problem_from_err(&x->req, &x->resp, ERR_NOMEM);
        return false;
    }
    if (x->req.method == HTTP_OTHER) {
        exchange_problem(x, PROBLEM_NOT_IMPLEMENTED, "the method is not known");
        x->resp.closes = true; /* more likely rubbish than a request */
        return false;
    }
    switch (router_match(x->loop->shared->router, &x->req, &allow)) {
    case ROUTE_FOUND:
        return true;
    case ROUTE_OPTIONS:
        answer_options(x, allow);
        return false;
    case ROUTE_NO_METHOD:
        http_response_header(&x->resp, STR("Allow"), allow);
        exchange_problem(x, PROBLEM_METHOD_NOT_ALLOWED, NULL);
        return false;
    case ROUTE_NO_PATH:
        exchange_problem(x, PROBLEM_NOT_FOUND, NULL);
        return false;
    }
    UNREACHABLE();
}

/* False: too many requests. */
static bool pass_limiter(struct exchange *x) {
    http_limiter *limiter = router_config_get(x->loop->shared->router)->limiter;
    unsigned retry_after_s = 1;
    if (limiter == NULL || x->req.route->rate == RATE_NONE ||
        limiter(&x->req, x->req.route->rate, &retry_after_s)) {
        return true;
    }
    str seconds = STR("1");
    /* Without memory the peer is told to wait one second, which is no worse than an error. */
    IGNORE(arena_format(&x->arena, &seconds, "%u", retry_after_s));
    http_response_header(&x->resp, STR("Retry-After"), seconds);
    exchange_problem(x, PROBLEM_RATE_LIMITED, NULL);
    return false;
}

/* False: refused, or (with *ret_needs_pool) undecided. */
static bool pass_guard(struct exchange *x, bool *ret_needs_pool) {
    http_guard *guard = router_config_get(x->loop->shared->router)->guard;
    *ret_needs_pool = false;
    if (x->req.route->caller == CALLER_ANYONE) {
        return true;
    }
    if (guard(&x->req, &x->resp, ret_needs_pool)) {
        return true;
    }
    if (*ret_needs_pool && x->req.may_block) {
        *ret_needs_pool = false; /* it was told it may wait: a bug, and a bug is a refusal */
        x->resp.status = 0;
    }
    if (!*ret_needs_pool && x->resp.status == 0) {
        exchange_problem(x, PROBLEM_INTERNAL, NULL);
    }
    return false;
}

bool exchange_admit(struct exchange *x, str raw_path, uint64_t body_length) {
    if (!find_route(x, raw_path)) {
        return false;
    }
    x->arena.is_wiped = x->req.route->is_wiped;
    if (body_length > x->req.route->body_max) {
        exchange_problem(x, PROBLEM_TOO_LARGE, NULL);
        return false;
    }
    if (!pass_limiter(x)) {
        return false;
    }
    bool needs_pool;
    if (pass_guard(x, &needs_pool)) {
        return true;
    }
    x->guard_must_wait = needs_pool;
    return needs_pool;
}

static void forget_answer(struct exchange *x) {
    x->resp.status = 0;
    x->resp.header_count = 0;
    x->resp.body = (str){NULL, 0};
    x->resp.closes = false;
}

/* EXCHANGE_RUNNING: the handler wants a worker. */
static enum exchange_state call_handler(struct exchange *x) {
    enum http_outcome outcome = x->req.route->handler(&x->req, &x->resp);
    if (outcome == HTTP_NEEDS_POOL && !x->req.may_block) {
        return EXCHANGE_RUNNING;
    }
    if (outcome != HTTP_DONE || x->resp.status < 200 || x->resp.status > 599) {
        forget_answer(x);
        exchange_problem(x, PROBLEM_INTERNAL, NULL);
    }
    return EXCHANGE_ANSWERED;
}

static void run_on_worker(struct pool_job *job) {
    struct exchange *x = (struct exchange *)job;
    bool needs_pool;
    x->req.may_block = true;
    if (!x->guard_must_wait || pass_guard(x, &needs_pool)) {
        IGNORE(call_handler(x)); /* with may_block it is always answered */
    }
    loop_post(x);
}

void exchange_reject(struct exchange *x) {
    forget_answer(x);
    exchange_problem(x, PROBLEM_OVERLOADED, NULL);
}

static enum exchange_state submit(struct exchange *x, enum server_pool which) {
    struct loop *loop = x->loop;
    x->job.run = run_on_worker;
    x->job.peer_key = x->conn->peer_key;
    x->is_running = true;
    loop->running++;
    struct pool_job *loser = pool_submit(loop->shared->pools[which], &x->job);
    if (loser == NULL) {
        return EXCHANGE_RUNNING;
    }
    loop_count(&loop->counters.pool_rejected);
    if (loser == &x->job) {
        x->is_running = false;
        loop->running--;
        exchange_reject(x);
        return EXCHANGE_ANSWERED;
    }
    struct exchange *other = (struct exchange *)loser;
    other->is_rejected = true;
    loop_post(other);
    return EXCHANGE_RUNNING;
}

enum exchange_state exchange_run(struct exchange *x) {
    switch (x->req.route->place) {
    case ROUTE_POOL:
        return submit(x, POOL_GENERAL);
    case ROUTE_PASSWORD:
        return submit(x, POOL_PASSWORD);
    case ROUTE_INLINE:
        if (!x->guard_must_wait && call_handler(x) == EXCHANGE_ANSWERED) {
            return EXCHANGE_ANSWERED;
        }
        /* Started anew on the worker, guard included (router.h). */
        forget_answer(x);
        x->guard_must_wait = true;
        return submit(x, POOL_GENERAL);
    case ROUTE_PLACE_UNSET:
        break;
    }
    UNREACHABLE();
}
