/* SPDX-License-Identifier: Apache-2.0 */
#include "maker.h"

#include "base/assert.h"

uint64_t maker_next(struct maker *m) {
    m->state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t x = m->state;
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

unsigned pick(struct maker *m, unsigned count) {
    if (m->at < m->size) {
        return m->data[m->at++] % count;
    }
    return (unsigned)(maker_next(m) % count);
}

bool chance(struct maker *m, unsigned of) {
    return pick(m, of) == 0;
}

void say(struct maker *m, const char *text) {
    buf_add_c(&m->out, text);
}

void *maker_alloc(struct maker *m, size_t size) {
    void *memory = arena_alloc(m->arena, size);
    ASSERT(memory != NULL);
    return memory;
}

str maker_take(struct maker *m, size_t start) {
    str text = STR("");
    ASSERT(m->out.error == ERR_OK && start <= m->out.len);
    str said = str_make(buf_str(&m->out).ptr + start, m->out.len - start);
    ASSERT(arena_copy(m->arena, said, &text) == ERR_OK);
    m->out.len = start;
    return text;
}
