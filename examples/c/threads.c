/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One set of policies, one entity store, many threads: what is immutable is shared without locks,
 * and each thread has a scratch of its own. While they ask, the main thread puts a new set in the
 * place of the old one; whoever holds the old one finishes with it.
 *
 *     cc threads.c $(pkg-config --cflags --libs cedar) -pthread -o threads
 */
#include <cedar.h>

#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum { THREADS = 4, QUESTIONS = 20000 };

static const char first_text[] = "permit(principal, action == Action::\"view\", resource);";
static const char second_text[] = "permit(principal, action == Action::\"view\", resource);\n"
                                  "forbid(principal == User::\"3\", action, resource);\n";

/* The current set. The lock is held for as long as it takes to count a reference. */
struct current {
    pthread_mutex_t lock;
    cedar_policies *policies;
};

struct worker {
    pthread_t thread;
    struct current *current;
    const cedar_entities *entities;
    cedar_engine *engine;
    unsigned long allowed;
    unsigned long denied;
    bool has_failed;
};

static cedar_policies *take(struct current *current) {
    pthread_mutex_lock(&current->lock);
    cedar_policies *policies = cedar_policies_ref(current->policies);
    pthread_mutex_unlock(&current->lock);
    return policies;
}

static void replace(struct current *current, cedar_policies *take_policies) {
    pthread_mutex_lock(&current->lock);
    cedar_policies *old = current->policies;
    current->policies = take_policies;
    pthread_mutex_unlock(&current->lock);
    cedar_policies_unref(old);
}

static bool ask(struct worker *w, cedar_scratch *scratch, unsigned number) {
    char id[16];
    int len = snprintf(id, sizeof id, "%u", number % 10);
    cedar_request request;
    memset(&request, 0, sizeof request);
    request.principal.type = cedar_str_from("User");
    request.principal.id.ptr = id;
    request.principal.id.len = (size_t)len;
    request.action.type = cedar_str_from("Action");
    request.action.id = cedar_str_from("view");
    request.resource.type = cedar_str_from("Doc");
    request.resource.id = cedar_str_from("plan");
    cedar_policies *policies = take(w->current);
    cedar_response response;
    cedar_status status = cedar_authorize(policies, w->entities, &request, scratch, &response);
    if (status == CEDAR_OK) {
        *(response.decision == CEDAR_ALLOW ? &w->allowed : &w->denied) += 1;
    }
    cedar_scratch_reset(scratch); /* before the set goes: answers borrow from both */
    cedar_policies_unref(policies);
    return status == CEDAR_OK;
}

static void *work(void *ctx) {
    struct worker *w = ctx;
    cedar_scratch *scratch;
    if (cedar_scratch_new(w->engine, 0, &scratch) != CEDAR_OK) {
        w->has_failed = true;
        return NULL;
    }
    for (unsigned i = 0; i < QUESTIONS && !w->has_failed; i++) {
        w->has_failed = !ask(w, scratch, i);
    }
    cedar_scratch_free(scratch);
    return NULL;
}

static bool parse(cedar_engine *engine, const char *text, cedar_policies **ret) {
    return cedar_policies_parse(engine, cedar_str_from(text), "policies", ret, NULL) == CEDAR_OK;
}

/* Starts all, replaces the set meanwhile, waits for all. */
static bool run(struct current *current, cedar_engine *engine, const cedar_entities *entities) {
    struct worker workers[THREADS];
    memset(workers, 0, sizeof workers);
    unsigned started = 0;
    for (; started < THREADS; started++) {
        struct worker *w = &workers[started];
        w->current = current;
        w->engine = engine;
        w->entities = entities;
        if (pthread_create(&w->thread, NULL, work, w) != 0) {
            break;
        }
    }
    cedar_policies *second = NULL;
    bool is_good = started == THREADS && parse(engine, second_text, &second);
    if (second != NULL) {
        replace(current, second);
    }
    unsigned long answered = 0;
    for (unsigned i = 0; i < started; i++) {
        pthread_join(workers[i].thread, NULL);
        answered += workers[i].allowed + workers[i].denied;
        /* User::"3" asks every tenth question, and is forbidden from some moment on. */
        is_good = is_good && !workers[i].has_failed && workers[i].denied <= QUESTIONS / 10;
    }
    printf("%lu answers from %u threads\n", answered, started);
    return is_good;
}

int main(void) {
    cedar_engine *engine = NULL;
    cedar_entities *entities = NULL;
    struct current current;
    pthread_mutex_init(&current.lock, NULL);
    current.policies = NULL;
    bool is_good = cedar_engine_new(NULL, &engine) == CEDAR_OK &&
                   cedar_entities_empty(engine, &entities) == CEDAR_OK &&
                   parse(engine, first_text, &current.policies) && run(&current, engine, entities);
    cedar_policies_unref(current.policies);
    cedar_entities_unref(entities);
    cedar_engine_unref(engine);
    pthread_mutex_destroy(&current.lock);
    return is_good ? 0 : 1;
}
