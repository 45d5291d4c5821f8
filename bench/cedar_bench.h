/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_CEDAR_BENCH_H
#define BENCH_CEDAR_BENCH_H
/*
 * What the benches of libcedar share: a clock, a fixed sequence of random numbers, an allocator
 * that counts, text that grows. They use cedar.h only. Anything that fails ends the program.
 */
#include <cedar.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static inline uint64_t now_ns(void) {
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/* CPU time of the process: other work on the machine counts less. */
static inline uint64_t cpu_ns(void) {
    struct timespec ts;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
    return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static inline void check(cedar_status status, const char *what) {
    if (status != CEDAR_OK) {
        fprintf(stderr, "%s: %s\n", what, cedar_status_name(status));
        exit(1);
    }
}

static inline void *must(void *ptr) {
    if (ptr == NULL) {
        fprintf(stderr, "out of memory\n");
        exit(1);
    }
    return ptr;
}

/* ---- random numbers: the same in every run ---- */

struct random {
    uint64_t state;
};

static inline uint64_t random_next(struct random *r) {
    uint64_t x = r->state += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

static inline unsigned random_below(struct random *r, unsigned count) {
    return (unsigned)(random_next(r) % count);
}

/* ---- memory ---- */

struct memory {
    size_t calls; /* that asked for memory */
    size_t bytes; /* in use */
    size_t peak;  /* most of them since it was set */
};

static inline void *memory_resize(void *ctx, void *ptr, size_t old_size, size_t new_size) {
    struct memory *memory = ctx;
    memory->bytes = memory->bytes - (ptr == NULL ? 0 : old_size) + new_size;
    if (new_size == 0) {
        free(ptr);
        return NULL;
    }
    memory->calls++;
    memory->peak = memory->bytes > memory->peak ? memory->bytes : memory->peak;
    return realloc(ptr, new_size);
}

static inline cedar_engine *counted_engine(struct memory *memory) {
    cedar_config config = {.allocator = {memory_resize, memory},
                           .hash_key = {1, 2},
                           .max_text_bytes = (size_t)1 << 30,
                           .max_object_bytes = (size_t)16 << 30};
    cedar_engine *engine;
    check(cedar_engine_new(&config, &engine), "engine");
    return engine;
}

/* ---- text ---- */

struct text {
    char *ptr;
    size_t len;
    size_t capacity;
};

__attribute__((format(printf, 2, 3))) static inline void text_add(struct text *t,
                                                                  const char *format, ...) {
    va_list args;
    va_start(args, format);
    va_list again;
    va_copy(again, args);
    int needed = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (t->capacity - t->len <= (size_t)needed) {
        t->capacity = (t->capacity + (size_t)needed + 1) * 2;
        t->ptr = must(realloc(t->ptr, t->capacity));
    }
    vsnprintf(t->ptr + t->len, t->capacity - t->len, format, again);
    va_end(again);
    t->len += (size_t)needed;
}

static inline cedar_str text_str(const struct text *t) {
    cedar_str s = {t->ptr == NULL ? "" : t->ptr, t->len};
    return s;
}

static inline void text_free(struct text *t) {
    free(t->ptr);
    *t = (struct text){0};
}

/* ---- cases for bench/cedar_cases and bench/native ---- */

/* A string as they read it: its length, a line feed, its bytes. */
static inline void case_put(cedar_str text) {
    printf("%zu\n", text.len);
    fwrite(text.ptr, 1, text.len, stdout);
}

/* The head of a case without schema; `requests` calls of case_put_request follow. */
static inline void case_put_head(cedar_str policies, cedar_str entities, unsigned requests) {
    char count[16];
    snprintf(count, sizeof count, "%u", requests);
    case_put(policies);
    case_put(cedar_str_from(""));
    case_put(entities);
    case_put(cedar_str_from(count));
}

static inline void case_put_request(const cedar_uid *uids[3], const char *context) {
    for (int i = 0; i < 3; i++) {
        case_put(uids[i]->type);
        case_put(uids[i]->id);
    }
    case_put(cedar_str_from(context));
}

/* ---- uids with a number in them ---- */

struct numbered {
    char id[24];
    cedar_uid uid;
};

static inline void numbered_set(struct numbered *n, const char *type, const char *prefix,
                                unsigned number) {
    snprintf(n->id, sizeof n->id, "%s%u", prefix, number);
    n->uid.type = cedar_str_from(type);
    n->uid.id = cedar_str_from(n->id);
}

/* ---- figures ---- */

static inline int compare_doubles(const void *a, const void *b) {
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

/* The part-th part (0 to 1) of the sorted items. */
static inline double quantile(double *items, size_t count, double part) {
    qsort(items, count, sizeof *items, compare_doubles);
    size_t at = (size_t)(part * (double)(count - 1) + 0.5);
    return items[at];
}

#endif
