/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_VALUE_UID_TABLE_H
#define CEDAR_VALUE_UID_TABLE_H
/*
 * A hash table of things that begin with their uid, of which cheap changed copies can be made.
 *
 *     root  [ . | . | . | . ]           the uppermost bits of the hash choose
 *             |       |
 *     inner [ . . . ] [ . . . ]         the next bits; as many levels as the size asks for
 *             |
 *     page  tags  [ 0 | 57 | 0 | 9 ]    a small table: 8 bits of the hash, 0 is free
 *           items [   |  A |   | B ]
 *
 * Nothing that a table consists of is changed once the table is in use. A changed copy shares all
 * but the nodes on the way to what has changed; those it owns (nodes remember their owner), so that
 * many changes to one copy copy a node once. Memory of nodes is never given back singly: it ends
 * with the arena.
 *
 * How many pages there are is decided when a table is built; pages grow. So a table that has grown
 * to many times its size should be built anew.
 */
#include "cedar/value/pack.h"
#include "cedar/value/value.h"

struct uid_table {
    const void *root; /* a page when there are no levels; NULL: empty */
    size_t count;
    uint8_t levels;
    uint8_t root_bits;
};

/* The item with this uid, or NULL. */
const struct uid *uid_table_find(const struct uid_table *table, const struct uid *uid);

/* For tables larger than the caches: to be called for several uids before they are looked for, so
 * that memory is waited for once and not once for each. First what leads to the item, then the
 * item and `size` bytes from there. */
void uid_table_prefetch_way(const struct uid_table *table, const struct uid *uid);
void uid_table_prefetch_item(const struct uid_table *table, const struct uid *uid, size_t size);

/* Of items that are distinct. Temporary memory comes from `temp`. */
err uid_table_build(struct uid_table *table, struct pack *pack, struct arena *temp,
                    const struct uid *const *items, size_t count) MUST_CHECK;
/* Memory that building takes, at most. */
size_t uid_table_size(size_t count);

/* Adds the item, or puts it in the place of the one with its uid. `owner` is any address that no
 * other table that is still in use was changed with. */
err uid_table_put(struct uid_table *table, struct pack *pack, const struct uid *item,
                  const void *owner) MUST_CHECK;
/* Memory that one change takes, about. */
size_t uid_table_change_size(const struct uid_table *table);
/* ERR_OK also when it is not there. */
err uid_table_remove(struct uid_table *table, struct pack *pack, const struct uid *uid,
                     const void *owner) MUST_CHECK;

/* All items with that upper half of the hash (and perhaps others); or simply all of them. */
struct uid_table_cursor {
    const struct uid_table *table;
    uint32_t page_at; /* number of the page, by its bits */
    uint32_t page_end;
    uint32_t at; /* in the page */
    uint8_t tag; /* 0: any */
};

void uid_table_each(struct uid_table_cursor *cursor, const struct uid_table *table);
void uid_table_each_marked(struct uid_table_cursor *cursor, const struct uid_table *table,
                           uint32_t mark);
/* NULL when there are no more. */
const struct uid *uid_table_next(struct uid_table_cursor *cursor);

#endif
