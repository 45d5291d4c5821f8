/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/value/pack.h"

enum { CHUNK_LEAST = 256, CHUNK_LARGEST = 1 << 18 };

_Static_assert(PACK_ALIGNMENT >= sizeof(void *) && PACK_ALIGNMENT >= sizeof(uint64_t),
               "pointers and numbers must be aligned");

void pack_init(struct pack *pack, struct arena *arena, size_t expected) {
    *pack = (struct pack){.arena = arena, .expected = expected};
}

static bool refill(struct pack *pack, size_t size) {
    /* more than was expected: who knows how much */
    size_t more = pack->expected > 0 ? pack->expected : CHUNK_LEAST + pack->taken / 4;
    size_t chunk = pack_rounded(size) + (more > CHUNK_LARGEST ? CHUNK_LARGEST : pack_rounded(more));
    pack->at = arena_alloc_apart(pack->arena, chunk);
    pack->left = pack->at == NULL ? 0 : chunk;
    return pack->at != NULL;
}

static void *take(struct pack *pack, size_t size) {
    pack->expected = pack->expected > size ? pack->expected - size : 0;
    pack->taken += size;
    if (size > pack->left && size >= CHUNK_LARGEST / 4) {
        return arena_alloc_apart(pack->arena, size); /* and the rest of the chunk stays in use */
    }
    if ((size > pack->left || pack->at == NULL) && !refill(pack, size)) {
        return NULL;
    }
    void *taken = pack->at;
    pack->at += size;
    pack->left -= size;
    return taken;
}

void *pack_alloc(struct pack *pack, size_t size) {
    if (size > SIZE_MAX - 2 * PACK_ALIGNMENT) {
        return arena_alloc(pack->arena, SIZE_MAX); /* which says ERR_LIMIT */
    }
    size_t gap = pack->left % PACK_ALIGNMENT; /* chunks begin and end aligned */
    if (gap > 0) {
        pack->at += gap;
        pack->left -= gap;
    }
    return take(pack, pack_rounded(size));
}

void *pack_alloc_array(struct pack *pack, size_t count, size_t size) {
    size_t bytes;
    if (MUL_OVERFLOWS(count, size, &bytes)) {
        bytes = SIZE_MAX;
    }
    return pack_alloc(pack, bytes);
}

err pack_copy(struct pack *pack, str bytes, str *ret) {
    char *copy = take(pack, bytes.len);
    if (copy == NULL) {
        return arena_error(pack->arena);
    }
    if (bytes.len > 0) {
        memcpy(copy, bytes.ptr, bytes.len);
    }
    *ret = (str){copy, bytes.len};
    return ERR_OK;
}
