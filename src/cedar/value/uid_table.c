/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/value/uid_table.h"

enum {
    ROOT_BITS_MAX = 6,
    INNER_BITS = 5,
    BITS_MAX = 27,
    PAGE_MAX = 48, /* items of a page, on average at most */
    PAGE_FIRST = 4,
    PREFETCH_LINE = 64,
    TAG_FREE = 0,
    TAG_GONE = 1, /* an item was removed: the search goes on */
    TAG_FIRST = 2,
};

struct inner {
    const void *owner;
    const void *children[];
};

/* Behind the tags, aligned, are as many pointers to items. At least one tag is free. */
struct page {
    const void *owner;
    uint32_t capacity;
    uint32_t used; /* tags that are not free */
    uint8_t tags[];
};

static uint8_t tag_of(uint32_t mark) {
    uint8_t tag = (uint8_t)mark;
    return tag < TAG_FIRST ? tag + TAG_FIRST : tag;
}

static uint32_t mark_of(uint64_t hash) {
    return (uint32_t)(hash >> 32);
}

static const struct uid *const *page_items(const struct page *page) {
    return (const void *)(page->tags + pack_rounded(page->capacity));
}

static const struct uid **page_slots(struct page *page) {
    return (void *)(page->tags + pack_rounded(page->capacity));
}

static size_t page_size(size_t capacity) {
    return sizeof(struct page) + pack_rounded(capacity) + capacity * sizeof(struct uid *);
}

static unsigned table_bits(const struct uid_table *table) {
    return table->levels == 0 ? 0u : table->root_bits + (table->levels - 1u) * INNER_BITS;
}

/* ---- looking up ---- */

static const struct page *page_of(const struct uid_table *table, uint64_t hash) {
    const void *node = table->root;
    unsigned bits = table->root_bits;
    for (unsigned level = table->levels; level > 0; level--) {
        node = ((const struct inner *)node)->children[hash >> (64 - bits)];
        hash <<= bits;
        bits = INNER_BITS;
    }
    return node;
}

static uint32_t page_start(const struct page *page, uint64_t hash) {
    return (uint32_t)(((hash & UINT32_MAX) * page->capacity) >> 32);
}

/* The place of the uid, or of the free tag that ended the search. */
static uint32_t page_seek(const struct page *page, const struct uid *uid) {
    const struct uid *const *items = page_items(page);
    uint8_t tag = tag_of(mark_of(uid->hash));
    uint32_t at = page_start(page, uid->hash);
    while (page->tags[at] != TAG_FREE && (page->tags[at] != tag || !uid_equal(items[at], uid))) {
        at = at + 1 == page->capacity ? 0 : at + 1;
    }
    return at;
}

const struct uid *uid_table_find(const struct uid_table *table, const struct uid *uid) {
    const struct page *page = page_of(table, uid->hash);
    if (page == NULL) {
        return NULL;
    }
    uint32_t at = page_seek(page, uid);
    return page->tags[at] == TAG_FREE ? NULL : page_items(page)[at];
}

void uid_table_prefetch_way(const struct uid_table *table, const struct uid *uid) {
    const struct page *page = page_of(table, uid->hash);
    if (page != NULL) {
        PREFETCH(page);
        PREFETCH((const char *)page + PREFETCH_LINE);
    }
}

/* What stands at the first matching tag is nearly always the one. */
void uid_table_prefetch_item(const struct uid_table *table, const struct uid *uid, size_t size) {
    const struct page *page = page_of(table, uid->hash);
    if (page == NULL) {
        return;
    }
    uint8_t tag = tag_of(mark_of(uid->hash));
    uint32_t at = page_start(page, uid->hash);
    while (page->tags[at] != TAG_FREE && page->tags[at] != tag) {
        at = at + 1 == page->capacity ? 0 : at + 1;
    }
    if (page->tags[at] == tag) {
        const char *item = (const char *)page_items(page)[at];
        for (size_t offset = 0; offset < size; offset += PREFETCH_LINE) {
            PREFETCH(item + offset);
        }
    }
}

/* ---- building ---- */

static struct page *page_new(struct pack *pack, size_t capacity, const void *owner) {
    if (capacity > UINT32_MAX) {
        return pack_alloc(pack, SIZE_MAX);
    }
    struct page *page = pack_alloc(pack, page_size(capacity));
    if (page != NULL) {
        page->owner = owner;
        page->capacity = (uint32_t)capacity;
    }
    return page;
}

/* The item is not there yet, and there is room. */
static void page_add(struct page *page, const struct uid *item) {
    uint32_t at = page_start(page, item->hash);
    while (page->tags[at] >= TAG_FIRST) {
        at = at + 1 == page->capacity ? 0 : at + 1;
    }
    page->used += page->tags[at] == TAG_FREE;
    page->tags[at] = tag_of(mark_of(item->hash));
    page_slots(page)[at] = item;
}

static unsigned bits_for(size_t count) {
    unsigned bits = 0;
    while (bits < BITS_MAX && count >> bits > PAGE_MAX) {
        bits++;
    }
    return bits;
}

static size_t room_for(size_t count) {
    return count + count / 4 + 1;
}

size_t uid_table_size(size_t count) {
    size_t pages = (size_t)1 << bits_for(count);
    return pages * (page_size(1) + 3 * sizeof(void *)) + room_for(count) * (sizeof(void *) + 1);
}

struct building {
    struct pack *pack;
    const uint32_t *counts; /* items of each page */
    unsigned levels;
};

/* Recursion is as deep as there are levels. */
static err build_node(struct building *b, unsigned level, unsigned bits, size_t first,
                      const void **ret) {
    if (level == b->levels) {
        struct page *page = NULL;
        if (b->counts[first] > 0) {
            page = page_new(b->pack, room_for(b->counts[first]), NULL);
            if (page == NULL) {
                return arena_error(b->pack->arena);
            }
        }
        *ret = page;
        return ERR_OK;
    }
    size_t width = (size_t)1 << bits;
    struct inner *inner = pack_alloc(b->pack, sizeof *inner + width * sizeof inner->children[0]);
    if (inner == NULL) {
        return arena_error(b->pack->arena);
    }
    size_t pages = (size_t)1 << ((b->levels - level - 1) * INNER_BITS); /* below each child */
    for (size_t i = 0; i < width; i++) {
        TRY(build_node(b, level + 1, INNER_BITS, first + i * pages, &inner->children[i]));
    }
    *ret = inner;
    return ERR_OK;
}

err uid_table_build(struct uid_table *table, struct pack *pack, struct arena *temp,
                    const struct uid *const *items, size_t count) {
    *table = (struct uid_table){.count = count};
    if (count == 0) {
        return ERR_OK;
    }
    unsigned bits = bits_for(count);
    if (bits > 0) {
        unsigned below =
            bits <= ROOT_BITS_MAX ? 0 : (bits - ROOT_BITS_MAX + INNER_BITS - 1) / INNER_BITS;
        table->levels = (uint8_t)(below + 1);
        table->root_bits = (uint8_t)(bits - below * INNER_BITS);
    }
    uint32_t *counts = ARENA_ARRAY(temp, uint32_t, (size_t)1 << bits);
    if (counts == NULL) {
        return arena_error(temp);
    }
    for (size_t i = 0; i < count; i++) {
        counts[bits == 0 ? 0 : items[i]->hash >> (64 - bits)]++;
    }
    struct building building = {pack, counts, table->levels};
    TRY(build_node(&building, 0, table->root_bits, 0, &table->root));
    for (size_t i = 0; i < count; i++) {
        /* it was made a moment ago, by build_node */
        page_add((struct page *)(uintptr_t)page_of(table, items[i]->hash), items[i]);
    }
    return ERR_OK;
}

/* ---- changing a copy ---- */

static err own_inner(const void **node, unsigned bits, struct pack *pack, const void *owner,
                     struct inner **ret) {
    const struct inner *old = *node;
    size_t size = sizeof *old + ((size_t)1 << bits) * sizeof old->children[0];
    struct inner *inner = (struct inner *)(uintptr_t)old;
    if (old->owner != owner) {
        inner = pack_alloc(pack, size);
        if (inner == NULL) {
            return arena_error(pack->arena);
        }
        memcpy(inner, old, size);
        inner->owner = owner;
        *node = inner;
    }
    *ret = inner;
    return ERR_OK;
}

size_t uid_table_change_size(const struct uid_table *table) {
    const size_t child = sizeof(void *);
    size_t inner = table->levels <= 1
                       ? 0
                       : (table->levels - 1u) * (sizeof(struct inner) + (child << INNER_BITS));
    size_t root = table->levels == 0 ? 0 : sizeof(struct inner) + (child << table->root_bits);
    return root + inner + page_size(room_for(table->count >> table_bits(table)) + PAGE_FIRST);
}

/* The place where the page of that hash is referred to, in nodes that `owner` owns. */
static err own_way(struct uid_table *table, struct pack *pack, uint64_t hash, const void *owner,
                   const void ***ret) {
    const void **node = &table->root;
    unsigned bits = table->root_bits;
    for (unsigned level = table->levels; level > 0; level--) {
        struct inner *inner = NULL;
        TRY(own_inner(node, bits, pack, owner, &inner));
        node = &inner->children[hash >> (64 - bits)];
        hash <<= bits;
        bits = INNER_BITS;
    }
    *ret = node;
    return ERR_OK;
}

static struct page *page_copy(struct pack *pack, const struct page *old, const void *owner) {
    struct page *page = page_new(pack, old->capacity, owner);
    if (page != NULL) {
        memcpy(page, old, page_size(old->capacity));
        page->owner = owner;
    }
    return page;
}

static struct page *page_grown(struct pack *pack, const struct page *old, const void *owner) {
    size_t live = 0;
    for (uint32_t i = 0; i < old->capacity; i++) {
        live += old->tags[i] >= TAG_FIRST;
    }
    struct page *page = page_new(pack, live + live / 2 + PAGE_FIRST, owner);
    for (uint32_t i = 0; page != NULL && i < old->capacity; i++) {
        if (old->tags[i] >= TAG_FIRST) {
            page_add(page, page_items(old)[i]);
        }
    }
    return page;
}

/* A page that may be written, with room for one more. */
static err own_page(const void **node, struct pack *pack, const void *owner, bool needs_room,
                    struct page **ret) {
    const struct page *old = *node;
    struct page *page = (struct page *)(uintptr_t)old;
    if (old == NULL) {
        page = page_new(pack, PAGE_FIRST, owner);
    } else if (needs_room && old->used + 1 >= old->capacity) {
        page = page_grown(pack, old, owner);
    } else if (old->owner != owner) {
        page = page_copy(pack, old, owner);
    }
    if (page == NULL) {
        return arena_error(pack->arena);
    }
    *node = page;
    *ret = page;
    return ERR_OK;
}

err uid_table_put(struct uid_table *table, struct pack *pack, const struct uid *item,
                  const void *owner) {
    bool is_new = uid_table_find(table, item) == NULL;
    const void **node;
    struct page *page;
    TRY(own_way(table, pack, item->hash, owner, &node));
    TRY(own_page(node, pack, owner, is_new, &page));
    if (is_new) {
        page_add(page, item);
        table->count++;
    } else {
        page_slots(page)[page_seek(page, item)] = item;
    }
    return ERR_OK;
}

err uid_table_remove(struct uid_table *table, struct pack *pack, const struct uid *uid,
                     const void *owner) {
    if (uid_table_find(table, uid) == NULL) {
        return ERR_OK;
    }
    const void **node;
    struct page *page;
    TRY(own_way(table, pack, uid->hash, owner, &node));
    TRY(own_page(node, pack, owner, false, &page));
    uint32_t at = page_seek(page, uid);
    page->tags[at] = TAG_GONE;
    page_slots(page)[at] = NULL;
    table->count--;
    return ERR_OK;
}

/* ---- all of them ---- */

void uid_table_each(struct uid_table_cursor *cursor, const struct uid_table *table) {
    *cursor = (struct uid_table_cursor){
        .table = table,
        .page_end = (uint32_t)1 << table_bits(table),
    };
}

void uid_table_each_marked(struct uid_table_cursor *cursor, const struct uid_table *table,
                           uint32_t mark) {
    unsigned bits = table_bits(table);
    uint32_t page = bits == 0 ? 0 : mark >> (32 - bits);
    *cursor = (struct uid_table_cursor){
        .table = table,
        .page_at = page,
        .page_end = page + 1,
        .tag = tag_of(mark),
    };
}

const struct uid *uid_table_next(struct uid_table_cursor *cursor) {
    unsigned bits = table_bits(cursor->table);
    for (; cursor->page_at < cursor->page_end; cursor->page_at++, cursor->at = 0) {
        uint64_t hash = bits == 0 ? 0 : (uint64_t)cursor->page_at << (64 - bits);
        const struct page *page = page_of(cursor->table, hash);
        while (page != NULL && cursor->at < page->capacity) {
            uint32_t at = cursor->at++;
            if (page->tags[at] >= TAG_FIRST &&
                (cursor->tag == 0 || page->tags[at] == cursor->tag)) {
                return page_items(page)[at];
            }
        }
    }
    return NULL;
}
