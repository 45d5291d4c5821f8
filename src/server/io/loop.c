/* SPDX-License-Identifier: Apache-2.0 */
#include "server/io/loop.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/assert.h"

static const struct timeval tick = {.tv_usec = TICK_MS * 1000};

void loop_count(_Atomic uint64_t *counter) {
    /* One writer, so no atomic addition is needed. */
    uint64_t value = atomic_load_explicit(counter, memory_order_relaxed);
    atomic_store_explicit(counter, value + 1, memory_order_relaxed);
}

struct block *loop_block_take(struct loop *loop) {
    struct block *block = loop->blocks;
    if (block != NULL) {
        loop->blocks = block->next;
        loop->block_count--;
    } else {
        block = malloc(sizeof *block + loop->block_size);
        if (block == NULL) {
            return NULL;
        }
    }
    block->next = NULL;
    block->high = 0;
    return block;
}

void loop_block_give(struct loop *loop, struct block *block) {
    if (loop->block_count >= BLOCKS_KEPT) {
        free(block);
        return;
    }
    block->next = loop->blocks;
    loop->blocks = block;
    loop->block_count++;
}

static void unlink_conn(struct loop *loop, struct conn *conn) {
    struct conn_list *list = &loop->phases[conn->phase];
    if (conn->previous == NULL) {
        list->first = conn->next;
    } else {
        conn->previous->next = conn->next;
    }
    if (conn->next == NULL) {
        list->last = conn->previous;
    } else {
        conn->next->previous = conn->previous;
    }
    conn->next = NULL;
    conn->previous = NULL;
}

static void link_conn(struct loop *loop, struct conn *conn, enum conn_phase phase) {
    struct conn_list *list = &loop->phases[phase];
    conn->phase = phase;
    conn->next = NULL;
    conn->previous = list->last;
    if (list->last == NULL) {
        list->first = conn;
    } else {
        list->last->next = conn;
    }
    list->last = conn;
}

void loop_set_phase(struct loop *loop, struct conn *conn, enum conn_phase phase,
                    uint64_t deadline_ms) {
    if (conn->phase == phase && conn->deadline_ms == deadline_ms) {
        return; /* keeps its place, and with it the order of the list */
    }
    conn->deadline_ms = deadline_ms;
    unlink_conn(loop, conn);
    link_conn(loop, conn, phase);
}

void loop_forget(struct loop *loop, struct conn *conn) {
    unlink_conn(loop, conn);
    loop->connections--;
    atomic_fetch_sub_explicit(&loop->shared->connections, 1, memory_order_relaxed);
    peers_leave(loop->shared->peers, conn->peer_key);
}

static void start_ticking(struct loop *loop) {
    if (!loop->is_ticking) {
        loop->is_ticking = event_add(loop->tick_event, &tick) == 0;
    }
}

void loop_reap(struct loop *loop) {
    while (loop->dead != NULL) {
        struct conn *conn = loop->dead;
        loop->dead = conn->next;
        conn_free(conn);
    }
    if (loop->is_draining && loop->connections == 0 && loop->running == 0) {
        IGNORE(event_base_loopbreak(loop->base)); /* fails only without a base */
    }
}

#define REFUSAL                                                                              \
    "{\"type\":\"urn:ironwood:problem:overloaded\",\"title\":\"The service is overloaded\"," \
    "\"status\":503}"
_Static_assert(sizeof REFUSAL - 1 == 91, "Content-Length below");

/* A peer above the caps is told so in one write, and not waited for. */
static void refuse(const struct loop *loop, int fd) {
    static const char answer[] =
        "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 1\r\n"
        "Cache-Control: no-store\r\nContent-Type: application/problem+json\r\n"
        "Content-Length: 91\r\n\r\n" REFUSAL;
    if (loop->shared->tls == NULL) {
        IGNORE(send(fd, answer, sizeof answer - 1, MSG_NOSIGNAL)); /* best effort */
    }
    close(fd);
}

static void admit(struct loop *loop, int fd, const struct sockaddr_storage *address) {
    struct shared *shared = loop->shared;
    struct http_peer peer;
    uint64_t peer_key;
    loop_count(&loop->counters.connections_total);
    if (atomic_load_explicit(&shared->connections, memory_order_relaxed) >=
        shared->limits.connections_max) {
        refuse(loop, fd);
        return;
    }
    peer_from_address(address, &peer, &peer_key);
    peer.is_tls = shared->tls != NULL;
    if (!peers_enter(shared->peers, peer_key)) {
        refuse(loop, fd);
        return;
    }
    struct conn *conn = conn_new(loop, fd, &peer, peer_key);
    if (conn == NULL) {
        peers_leave(shared->peers, peer_key);
        return;
    }
    loop->connections++;
    atomic_fetch_add_explicit(&shared->connections, 1, memory_order_relaxed);
    link_conn(loop, conn, shared->tls == NULL ? CONN_IDLE : CONN_HEAD);
    conn->deadline_ms = loop->now_ms + (shared->tls == NULL ? shared->limits.idle_deadline_ms
                                                            : shared->limits.head_deadline_ms);
    start_ticking(loop);
}

/* False when nothing more is to be accepted now. */
static bool accept_one(struct loop *loop) {
    struct sockaddr_storage address = {0};
    socklen_t len = sizeof address;
    int fd =
        accept4(loop->listen_fd, (struct sockaddr *)&address, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
        admit(loop, fd, &address);
        return true;
    }
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
        /* Tried again at the next tick: until then the event would fire without end. */
        IGNORE(event_del(loop->listen_event));
        loop->is_listening = false;
        start_ticking(loop);
    }
    return errno == ECONNABORTED || errno == EINTR;
}

static void on_acceptable(evutil_socket_t fd, short what, void *arg) {
    struct loop *loop = arg;
    IGNORE(fd);
    IGNORE(what);
    loop->now_ms = clock_coarse_ms();
    for (int i = 0; i < ACCEPTS_PER_EVENT && accept_one(loop); i++) {
    }
    loop_reap(loop);
}

static void for_all_connections(struct loop *loop, void (*fn)(struct conn *conn)) {
    for (size_t phase = 0; phase < CONN_PHASE_COUNT; phase++) {
        struct conn *next;
        for (struct conn *conn = loop->phases[phase].first; conn != NULL; conn = next) {
            next = conn->next;
            fn(conn);
        }
    }
}

static void start_drain(struct loop *loop) {
    loop->is_draining = true;
    loop->drain_until_ms = loop->now_ms + loop->shared->limits.drain_ms;
    start_ticking(loop);
    /* Peers that the kernel has accepted already are served, once. */
    while (loop->is_listening && accept_one(loop)) {
    }
    IGNORE(event_del(loop->listen_event));
    loop->is_listening = false;
    close(loop->listen_fd);
    loop->listen_fd = -1;
    for_all_connections(loop, conn_on_drain);
}

static void take_returned(struct loop *loop) {
    struct exchange *newest = atomic_exchange_explicit(&loop->done, NULL, memory_order_acquire);
    struct exchange *oldest = NULL;
    while (newest != NULL) {
        struct exchange *next = newest->next;
        newest->next = oldest;
        oldest = newest;
        newest = next;
    }
    while (oldest != NULL) {
        struct exchange *x = oldest;
        oldest = x->next;
        x->next = NULL;
        x->is_running = false;
        loop->running--;
        conn_on_return(x->conn, x);
    }
}

static void on_wake(evutil_socket_t fd, short what, void *arg) {
    struct loop *loop = arg;
    uint64_t count;
    IGNORE(what);
    IGNORE(read(fd, &count, sizeof count)); /* only resets the counter */
    loop->now_ms = clock_coarse_ms();
    take_returned(loop);
    if (!loop->is_draining &&
        atomic_load_explicit(&loop->shared->is_stopping, memory_order_acquire)) {
        start_drain(loop);
    }
    loop_reap(loop);
}

static void sweep(struct loop *loop) {
    for (size_t phase = 0; phase < CONN_PHASE_COUNT; phase++) {
        /* The time of these is the same for all, so the list is in order of deadlines. */
        bool is_sorted = phase == CONN_IDLE || phase == CONN_HEAD || phase == CONN_LINGER;
        struct conn *next;
        for (struct conn *conn = loop->phases[phase].first; conn != NULL; conn = next) {
            next = conn->next;
            if (conn->deadline_ms <= loop->now_ms) {
                conn_on_deadline(conn);
            } else if (is_sorted) {
                break;
            }
        }
    }
}

static void free_spares(struct loop *loop) {
    while (loop->blocks != NULL) {
        struct block *block = loop->blocks;
        loop->blocks = block->next;
        free(block);
    }
    while (loop->exchanges != NULL) {
        struct exchange *x = loop->exchanges;
        loop->exchanges = x->next;
        exchange_free(x);
    }
    loop->block_count = 0;
    loop->exchange_count = 0;
    buf_done(&loop->out);
    buf_init(&loop->out, allocator_libc(), OUT_MAX);
}

static void cut(struct loop *loop) {
    loop->was_cut = true;
    for_all_connections(loop, conn_close);
    IGNORE(event_base_loopbreak(loop->base)); /* fails only without a base */
}

static void on_tick(evutil_socket_t fd, short what, void *arg) {
    struct loop *loop = arg;
    IGNORE(fd);
    IGNORE(what);
    loop->now_ms = clock_coarse_ms();
    sweep(loop);
    if (loop->is_draining) {
        if (loop->now_ms >= loop->drain_until_ms) {
            cut(loop);
        }
    } else if (!loop->is_listening) {
        loop->is_listening = event_add(loop->listen_event, NULL) == 0;
    } else if (loop->connections == 0 && loop->running == 0) {
        IGNORE(event_del(loop->tick_event)); /* an idle server sleeps */
        loop->is_ticking = false;
        free_spares(loop);
    }
    loop_reap(loop);
}

static err create_base(struct loop *loop) {
    struct event_config *config = event_config_new();
    if (config == NULL) {
        return ERR_NOMEM;
    }
    /* Each base has one thread; other threads only write to its eventfd. */
    if (event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK) == 0) {
        loop->base = event_base_new_with_config(config);
    }
    event_config_free(config);
    return loop->base == NULL ? ERR_NOMEM : ERR_OK;
}

static err create_events(struct loop *loop) {
    TRY(create_base(loop));
    loop->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (loop->wake_fd < 0) {
        return ERR_IO;
    }
    loop->listen_event =
        event_new(loop->base, loop->listen_fd, EV_READ | EV_PERSIST, on_acceptable, loop);
    loop->wake_event = event_new(loop->base, loop->wake_fd, EV_READ | EV_PERSIST, on_wake, loop);
    loop->tick_event = event_new(loop->base, -1, EV_PERSIST, on_tick, loop);
    if (loop->listen_event == NULL || loop->wake_event == NULL || loop->tick_event == NULL ||
        event_add(loop->wake_event, NULL) != 0 || event_add(loop->listen_event, NULL) != 0) {
        return ERR_NOMEM;
    }
    loop->is_listening = true;
    return ERR_OK;
}

err loop_new(struct shared *shared, int take_listen_fd, struct loop **ret, struct error *reterr) {
    struct loop *loop = calloc(1, sizeof *loop);
    if (loop == NULL) {
        close(take_listen_fd);
        return error_set(reterr, ERR_NOMEM, "no memory for an event loop");
    }
    loop->shared = shared;
    loop->listen_fd = take_listen_fd;
    loop->wake_fd = -1;
    loop->block_size = shared->limits.head_max + BLOCK_BODY_ROOM;
    loop->now_ms = clock_coarse_ms();
    buf_init(&loop->out, allocator_libc(), OUT_MAX);
    err code = create_events(loop);
    if (code != ERR_OK) {
        loop_free(loop);
        return error_set(reterr, code, "cannot create an event loop");
    }
    *ret = loop;
    return ERR_OK;
}

static void event_freep(struct event **event) {
    if (*event != NULL) {
        event_free(*event);
        *event = NULL;
    }
}

void loop_free(struct loop *loop) {
    if (loop == NULL) {
        return;
    }
    for_all_connections(loop, conn_close);
    take_returned(loop);
    while (loop->dead != NULL) {
        struct conn *conn = loop->dead;
        loop->dead = conn->next;
        conn_free(conn);
    }
    event_freep(&loop->listen_event);
    event_freep(&loop->wake_event);
    event_freep(&loop->tick_event);
    if (loop->base != NULL) {
        event_base_free(loop->base);
    }
    if (loop->listen_fd >= 0) {
        close(loop->listen_fd);
    }
    if (loop->wake_fd >= 0) {
        close(loop->wake_fd);
    }
    free_spares(loop);
    free(loop);
}

err loop_run(struct loop *loop) {
    if (event_base_dispatch(loop->base) < 0) {
        return ERR_IO;
    }
    return loop->was_cut ? ERR_TIMEOUT : ERR_OK;
}

void loop_wake(struct loop *loop) {
    uint64_t one = 1;
    IGNORE(write(loop->wake_fd, &one, sizeof one)); /* full: it is awake anyway */
}

void loop_post(struct exchange *x) {
    struct loop *loop = x->loop;
    struct exchange *newest = atomic_load_explicit(&loop->done, memory_order_relaxed);
    do {
        x->next = newest;
    } while (!atomic_compare_exchange_weak_explicit(&loop->done, &newest, x, memory_order_release,
                                                    memory_order_relaxed));
    if (newest == NULL) {
        loop_wake(loop);
    }
}
