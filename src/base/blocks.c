/* SPDX-License-Identifier: Apache-2.0 */
#include "base/blocks.h"

enum { BLOCK_MIN = 8 << 10 }; /* bytes; shorter arrays need no block */

struct block {
    struct block *older;
    struct block *newer;
    size_t size; /* of all of it */
    _Alignas(max_align_t) char data[];
};

void blocks_init(struct blocks *b, struct arena *owner, struct arena *temp) {
    *b = (struct blocks){.owner = owner, .temp = temp};
}

static struct block *block_of(void *items) {
    return (struct block *)(void *)((char *)items - sizeof(struct block));
}

static void link_in(struct blocks *b, struct block *block) {
    if (block->older != NULL) {
        block->older->newer = block;
    }
    if (block->newer != NULL) {
        block->newer->older = block;
    } else {
        b->newest = block;
    }
}

static bool fail(struct blocks *b, err error) {
    if (b->owner->error == ERR_OK) {
        b->owner->error = error;
    }
    return false;
}

/* A block with room for so many bytes; `old` may be NULL. NULL: nothing has changed. */
static struct block *resize(struct blocks *b, struct block *old, size_t bytes) {
    struct arena *owner = b->owner;
    size_t old_size = old == NULL ? 0 : old->size;
    size_t size;
    if (ADD_OVERFLOWS(bytes, sizeof(struct block), &size) ||
        (size > old_size && size - old_size > owner->max - owner->total)) {
        IGNORE(fail(b, ERR_LIMIT)); /* the caller sees NULL */
        return NULL;
    }
    struct block *block = owner->allocator->resize(owner->allocator->ctx, old, old_size, size);
    if (block == NULL) {
        return NULL;
    }
    if (old == NULL) {
        block->older = b->newest;
        block->newer = NULL;
    }
    block->size = size;
    owner->total = owner->total - old_size + size;
    link_in(b, block);
    return block;
}

static void free_block(struct blocks *b, struct block *block) {
    if (block->older != NULL) {
        block->older->newer = block->newer;
    }
    if (block->newer != NULL) {
        block->newer->older = block->older;
    } else {
        b->newest = block->older;
    }
    b->owner->total -= block->size;
    allocator_free(b->owner->allocator, block, block->size);
}

void blocks_done(struct blocks *b) {
    while (b->newest != NULL) {
        free_block(b, b->newest);
    }
}

bool blocks_grow(struct blocks *b, void **items, size_t *capacity, size_t count, size_t more,
                 size_t size) {
    size_t needed;
    size_t bytes;
    if (ADD_OVERFLOWS(count, more, &needed)) {
        return fail(b, ERR_LIMIT);
    }
    size_t larger = *capacity > SIZE_MAX / 2 ? SIZE_MAX : *capacity * 2;
    larger = larger < 8 ? 8 : larger;
    larger = larger < needed ? needed : larger;
    if (MUL_OVERFLOWS(larger, size, &bytes)) {
        return fail(b, ERR_LIMIT);
    }
    if (bytes < BLOCK_MIN) {
        void *moved = arena_alloc(b->temp, bytes);
        if (moved == NULL) {
            return false;
        }
        if (count > 0) {
            memcpy(moved, *items, count * size);
        }
        *items = moved;
    } else {
        bool has_block = *capacity * size >= BLOCK_MIN;
        struct block *block = resize(b, has_block ? block_of(*items) : NULL, bytes);
        if (block == NULL) {
            return fail(b, ERR_NOMEM);
        }
        if (!has_block && count > 0) {
            memcpy(block->data, *items, count * size);
        }
        *items = block->data;
    }
    *capacity = larger;
    return true;
}

err blocks_settle(struct blocks *b, void **items, size_t *capacity, size_t count, size_t size) {
    size_t bytes = count * size; /* so many are there */
    if (*capacity * size >= BLOCK_MIN) {
        struct block *block = resize(b, block_of(*items), bytes);
        if (block == NULL) {
            IGNORE(fail(b, ERR_NOMEM)); /* returned below */
            return blocks_error(b);
        }
        *items = block->data;
    } else {
        void *settled = arena_alloc(b->owner, bytes);
        if (settled == NULL) {
            return arena_error(b->owner);
        }
        if (count > 0) {
            memcpy(settled, *items, bytes);
        }
        *items = settled;
    }
    *capacity = count;
    return ERR_OK;
}

void *blocks_table(struct blocks *b, size_t count, size_t size) {
    size_t bytes;
    if (MUL_OVERFLOWS(count, size, &bytes)) {
        IGNORE(fail(b, ERR_LIMIT)); /* the caller sees NULL */
        return NULL;
    }
    if (bytes < BLOCK_MIN) {
        return arena_alloc(b->temp, bytes);
    }
    struct block *block = resize(b, NULL, bytes);
    if (block == NULL) {
        IGNORE(fail(b, ERR_NOMEM)); /* as above */
        return NULL;
    }
    memset(block->data, 0, bytes);
    return block->data;
}

void blocks_drop_table(struct blocks *b, void *table, size_t count, size_t size) {
    if (table != NULL && count * size >= BLOCK_MIN) {
        free_block(b, block_of(table));
    }
}

char *blocks_room(struct blocks *b, size_t size) {
    if (size < BLOCK_MIN) {
        return arena_alloc(b->owner, size);
    }
    struct block *block = resize(b, NULL, size);
    if (block == NULL) {
        IGNORE(fail(b, ERR_NOMEM)); /* the caller sees NULL */
        return NULL;
    }
    return block->data;
}

static void end_with_owner(void *ptr) {
    blocks_done(ptr);
}

err blocks_hand_over(struct blocks *b) {
    if (b->newest == NULL) {
        return ERR_OK;
    }
    struct blocks *kept = ARENA_NEW(b->owner, struct blocks);
    if (kept == NULL) {
        return arena_error(b->owner);
    }
    *kept = (struct blocks){.owner = b->owner};
    TRY(arena_defer(b->owner, end_with_owner, kept));
    kept->newest = b->newest;
    b->newest = NULL;
    return ERR_OK;
}
