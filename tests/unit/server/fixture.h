/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_SERVER_FIXTURE_H
#define TESTS_UNIT_SERVER_FIXTURE_H
/*
 * A server on a loopback port with a few routes, running on threads of the test, and a client
 * that reads raw answers. All waiting is bounded by CLIENT_PATIENCE_S.
 */
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

#include "unit.h"

#include "server/http/problem.h"
#include "server/io/server.h"

enum {
    CLIENT_PATIENCE_S = 10,
    FIXTURE_BODY_MAX = 256 * 1024,
    FIXTURE_SMALL_MAX = 16,
    BIG_BODY = 4 * 1024 * 1024,
};

/* Routes (fixture.c): GET /hello; POST /echo; POST /small; GET /items/{id}; GET /big;
 * GET /request-id; POST /pool, /password and GET /needs-pool wait for the gate and answer with
 * the body; GET /bearer needs "authorization: yes"; GET /waiting-bearer has a guard that must
 * wait; POST /limited is refused by the limiter; POST /secret is wiped. */
struct fixture {
    struct router *router;
    struct server *server;
    pthread_t thread;
    uint16_t port;
    err result;
    bool is_running;
    sem_t gate;             /* one post lets one pool request through */
    atomic_uint started;    /* pool requests that reached their handler */
    atomic_uint observed;   /* calls of the observer */
    atomic_int last_status; /* seen by the observer */
    atomic_uint guard_calls;
};

void fixture_start(struct fixture *f, const struct server_config *config);
/* Waits for server_run to return. */
void fixture_join(struct fixture *f);
void fixture_stop(struct fixture *f);
/* Waits until a counter reaches a value; fails the test when it does not. */
void fixture_await(atomic_uint *counter, unsigned value);

struct answer {
    int status; /* 0: the connection ended without an answer */
    char head[4096];
    char *body;
    size_t body_len;
};

int client_connect(const struct fixture *f);
/* -1 when nobody listens on that port of 127.0.0.1. */
int client_try_connect(uint16_t port);
void client_send(int fd, str bytes);
/* Reads one answer, without a body when it answers HEAD. Frees nothing: answer_free. */
void client_read(int fd, bool is_head, struct answer *ret);
/* True when the server has closed the connection and sends nothing more. */
bool client_is_closed(int fd);
/* The value of a header field in the answer, copied to `out`; false when there is none. */
bool answer_header(const struct answer *answer, const char *name, char *out, size_t size);
void answer_free(struct answer *answer);

/* Connects, sends, reads one answer, checks its status, closes. */
void client_expect(const struct fixture *f, str request, int status);

#endif
