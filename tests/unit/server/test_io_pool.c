/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

#include "base/assert.h"
#include "server/io/peers.h"
#include "server/io/pool.h"

enum { JOBS = 16 };

/* Jobs run in the order in which one worker takes them; the first one waits for the gate, so
 * that the queue can be filled behind it. */
struct bench {
    struct pool *pool;
    sem_t gate;
    sem_t reached;
    sem_t finished;
    struct job {
        struct pool_job job;
        struct bench *bench;
        int id;
        bool waits;
    } jobs[JOBS];
    int order[JOBS];
    atomic_int done;
};

static void run(struct pool_job *job) {
    struct job *own = (struct job *)job;
    struct bench *bench = own->bench;
    if (own->waits) {
        ASSERT(sem_post(&bench->reached) == 0);
        ASSERT(sem_wait(&bench->gate) == 0);
    }
    bench->order[atomic_fetch_add(&bench->done, 1)] = own->id;
    ASSERT(sem_post(&bench->finished) == 0);
}

static struct pool_job *job_of(struct bench *bench, int id, uint64_t peer) {
    bench->jobs[id] = (struct job){.job = {.run = run, .peer_key = peer}, .bench = bench, .id = id};
    return &bench->jobs[id].job;
}

static void start(struct bench *bench, unsigned queue_max, bool is_fair) {
    const struct pool_config config = {
        .threads = 1, .queue_max = queue_max, .is_fair = is_fair, .thread_name = "test"};
    *bench = (struct bench){0};
    assert_int_equal(sem_init(&bench->gate, 0, 0), 0);
    assert_int_equal(sem_init(&bench->reached, 0, 0), 0);
    assert_int_equal(sem_init(&bench->finished, 0, 0), 0);
    assert_ok(pool_new(&config, &bench->pool, NULL));
    assert_ok(pool_start(bench->pool));
    struct pool_job *blocker = job_of(bench, 0, 0);
    bench->jobs[0].waits = true;
    assert_null(pool_submit(bench->pool, blocker));
    assert_int_equal(sem_wait(&bench->reached), 0);
}

static void finish(struct bench *bench, int jobs) {
    assert_int_equal(sem_post(&bench->gate), 0);
    for (int i = 0; i < jobs; i++) {
        assert_int_equal(sem_wait(&bench->finished), 0);
    }
    pool_stop(bench->pool);
    pool_free(bench->pool);
}

static void jobs_run_in_order_and_the_bound_holds(void **state) {
    static struct bench bench;
    IGNORE(state);
    start(&bench, 3, false);
    for (int id = 1; id <= 3; id++) {
        assert_null(pool_submit(bench.pool, job_of(&bench, id, (uint64_t)id)));
    }
    assert_int_equal(pool_queued(bench.pool), 3);
    struct pool_job *surplus = job_of(&bench, 4, 9);
    assert_ptr_equal(pool_submit(bench.pool, surplus), surplus);
    finish(&bench, 4);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(bench.order[i], i);
    }
}

static void a_fair_pool_serves_peers_in_turn(void **state) {
    static const uint64_t peers[] = {7, 7, 7, 7, 8, 9, 8};
    static const int expected[] = {0, 1, 5, 6, 2, 7, 3, 4};
    static struct bench bench;
    IGNORE(state);
    start(&bench, JOBS, true);
    for (size_t i = 0; i < ARRAY_LEN(peers); i++) {
        assert_null(pool_submit(bench.pool, job_of(&bench, (int)i + 1, peers[i])));
    }
    finish(&bench, ARRAY_LEN(expected));
    for (size_t i = 0; i < ARRAY_LEN(expected); i++) {
        assert_int_equal(bench.order[i], expected[i]);
    }
}

static void a_flood_gives_way_to_another_peer(void **state) {
    static struct bench bench;
    IGNORE(state);
    start(&bench, 4, true);
    for (int id = 1; id <= 4; id++) {
        assert_null(pool_submit(bench.pool, job_of(&bench, id, 7)));
    }
    /* The flood's own next job has no place, another peer's takes that of its newest. */
    struct pool_job *own = job_of(&bench, 5, 7);
    assert_ptr_equal(pool_submit(bench.pool, own), own);
    assert_ptr_equal(pool_submit(bench.pool, job_of(&bench, 6, 8)), &bench.jobs[4].job);
    assert_ptr_equal(pool_submit(bench.pool, job_of(&bench, 7, 9)), &bench.jobs[3].job);
    /* Two each at most: nobody is pushed out for a peer that has as much. */
    struct pool_job *second = job_of(&bench, 8, 8);
    assert_ptr_equal(pool_submit(bench.pool, second), second);
    assert_int_equal(pool_queued(bench.pool), 4);
    finish(&bench, 5);
    static const int expected[] = {0, 1, 6, 7, 2};
    for (size_t i = 0; i < ARRAY_LEN(expected); i++) {
        assert_int_equal(bench.order[i], expected[i]);
    }
}

static void waiting_jobs_can_be_taken_back(void **state) {
    static struct bench bench;
    IGNORE(state);
    start(&bench, 4, true);
    assert_null(pool_submit(bench.pool, job_of(&bench, 1, 7)));
    assert_null(pool_submit(bench.pool, job_of(&bench, 2, 8)));
    assert_ptr_equal(pool_take(bench.pool), &bench.jobs[1].job);
    assert_ptr_equal(pool_take(bench.pool), &bench.jobs[2].job);
    assert_null(pool_take(bench.pool));
    finish(&bench, 1);
    assert_int_equal(atomic_load(&bench.done), 1);
}

static void peers_are_counted_up_to_their_share(void **state) {
    enum { PEERS = 100 };
    struct peers *peers;
    IGNORE(state);
    assert_ok(peers_new(PEERS * 2, 2, &peers));
    for (int round = 0; round < 3; round++) {
        for (uint64_t peer = 0; peer < PEERS; peer++) {
            assert_true(peers_enter(peers, peer));
            assert_true(peers_enter(peers, peer));
            assert_false(peers_enter(peers, peer));
        }
        for (uint64_t peer = 0; peer < PEERS; peer += 2) {
            peers_leave(peers, peer);
            assert_true(peers_enter(peers, peer));
            assert_false(peers_enter(peers, peer));
        }
        for (uint64_t peer = 0; peer < PEERS; peer++) {
            peers_leave(peers, peer);
            peers_leave(peers, peer);
        }
    }
    peers_free(peers);
    assert_true(peers_enter(NULL, 1));
    peers_leave(NULL, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jobs_run_in_order_and_the_bound_holds),
        cmocka_unit_test(a_fair_pool_serves_peers_in_turn),
        cmocka_unit_test(a_flood_gives_way_to_another_peer),
        cmocka_unit_test(waiting_jobs_can_be_taken_back),
        cmocka_unit_test(peers_are_counted_up_to_their_share),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
