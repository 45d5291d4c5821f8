/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/value/copying.h"

#include "base/assert.h"

/* ---- the first pass ---- */

static err note(struct copying *c, const struct uid *uid) {
    const struct entity_node *node = entities_intern(c->index, c->temp, uid);
    if (node == NULL) {
        return arena_error(c->temp);
    }
    uint32_t number = (uint32_t)(node - c->index->nodes.items);
    return VEC_PUSH(c->temp, &c->numbers, number) ? ERR_OK : arena_error(c->temp);
}

static err measure_value(struct copying *c, struct copying_item *item, const struct value *value);

static err measure_values(struct copying *c, struct copying_item *item, const struct value *values,
                          size_t count) {
    for (size_t i = 0; i < count; i++) {
        TRY(measure_value(c, item, &values[i]));
    }
    return ERR_OK;
}

static err measure_record(struct copying *c, struct copying_item *item,
                          const struct value_record *record) {
    size_t count = value_record_count(record);
    if (count == 0) {
        return ERR_OK;
    }
    item->words += sizeof *record + count * sizeof record->values[0];
    return measure_values(c, item, record->values, count);
}

static err measure_value(struct copying *c, struct copying_item *item, const struct value *value) {
    switch (value->kind) {
    case VALUE_BOOL:
    case VALUE_LONG:
    case VALUE_DECIMAL:
    case VALUE_DATETIME:
    case VALUE_DURATION:
        return ERR_OK;
    case VALUE_STRING:
        item->texts += value->length;
        return ERR_OK;
    case VALUE_ENTITY:
        return note(c, value->uid);
    case VALUE_SET:
        item->words += sizeof *value->set + value->set->count * sizeof *value->set->items;
        return measure_values(c, item, value->set->items, value->set->count);
    case VALUE_RECORD:
        return measure_record(c, item, value->record);
    case VALUE_IPADDR:
        item->words += pack_rounded(sizeof *value->ip);
        return ERR_OK;
    }
    NOT_REACHED();
    return ERR_INTERNAL;
}

static bool is_shared(const struct value_record *record, const struct value_record *old) {
    return record == old || value_record_count(record) == 0;
}

static err measure_item(struct copying *c, struct copying_item *item) {
    const struct entity *from = item->from;
    item->first = c->numbers.count;
    item->words = pack_rounded(entity_size(from->ancestor_count, from->parent_count));
    TRY(note(c, &from->uid));
    for (size_t i = 0; i < from->ancestor_count; i++) {
        TRY(note(c, from->ancestors[i]));
    }
    if (item->old == NULL) {
        item->texts += from->uid.id_len;
    }
    if (item->old == NULL || !is_shared(from->attrs, item->old->attrs)) {
        TRY(measure_record(c, item, from->attrs));
    }
    if (item->old == NULL || !is_shared(from->tags, item->old->tags)) {
        TRY(measure_record(c, item, from->tags));
    }
    return ERR_OK;
}

static void count_children(struct copying *c, const struct copying_item *item) {
    for (size_t i = 0; i < item->from->parent_count; i++) {
        size_t place = entity_parent_place(item->from, i);
        c->children[c->numbers.items[item->first + 1 + place]]++;
    }
}

err copying_init(struct copying *c, struct arena *temp, const struct hash_key *key, size_t count,
                 struct entities *index, const struct entities *base) {
    *c = (struct copying){.temp = temp, .base = base, .index = index, .count = count};
    c->items = ARENA_ARRAY(temp, struct copying_item, count);
    map_init(&c->names, temp, key);
    map_init(&c->shapes, temp, key);
    return c->items == NULL ? arena_error(temp) : ERR_OK;
}

err copying_measure(struct copying *c) {
    for (size_t i = 0; i < c->count; i++) {
        TRY(measure_item(c, &c->items[i]));
    }
    c->children = ARENA_ARRAY(c->temp, uint32_t, c->index->nodes.count);
    c->copies = ARENA_ARRAY(c->temp, const struct uid *, c->index->nodes.count);
    if (c->children == NULL || c->copies == NULL) {
        return arena_error(c->temp);
    }
    for (size_t i = 0; i < c->count; i++) {
        count_children(c, &c->items[i]);
    }
    return ERR_OK;
}

/* ---- places ---- */

static size_t block_size(const struct copying_item *item) {
    return pack_rounded(item->words + item->texts);
}

/* The sum cannot overflow: as much is in memory already. */
size_t copying_size(const struct copying *c) {
    size_t total = 0;
    for (size_t i = 0; i < c->count; i++) {
        total += block_size(&c->items[i]);
    }
    return total;
}

err copying_place(struct copying *c) {
    char *block = pack_alloc(&c->pack, copying_size(c));
    if (block == NULL) {
        return arena_error(c->pack.arena);
    }
    for (size_t i = 0; i < c->count; i++) {
        struct copying_item *item = &c->items[i];
        item->to = (struct entity *)(void *)block;
        c->copies[c->numbers.items[item->first]] = &item->to->uid;
        block += block_size(item);
    }
    return ERR_OK;
}

/* ---- uids and names ---- */

/* Types and names of fields, which are few, are there once. */
static err copy_name(struct copying *c, str name, str *ret) {
    void **known = map_find(&c->names, name);
    if (known != NULL) {
        *ret = (str){*known, name.len};
        return ERR_OK;
    }
    str copy;
    TRY(pack_copy(&c->pack, name, &copy));
    TRY(map_add(&c->names, copy, (void *)(uintptr_t)copy.ptr));
    *ret = copy;
    return ERR_OK;
}

static err finish_uid(struct copying *c, const struct uid *from, str id, struct uid *ret) {
    str type;
    TRY(copy_name(c, uid_type(from), &type));
    *ret = uid_unhashed(type, id);
    ret->hash = from->hash;
    return ERR_OK;
}

err copying_uid(struct copying *c, const struct uid *uid, struct uid *ret) {
    str id;
    TRY(pack_copy(&c->pack, uid_id(uid), &id));
    return finish_uid(c, uid, id, ret);
}

static const struct uid *find_in_base(const struct copying *c, const struct uid *uid) {
    if (c->base == NULL) {
        return NULL;
    }
    const struct uid *known = uid_table_find(&c->base->entities, uid);
    return known != NULL ? known : uid_table_find(&c->base->mentions, uid);
}

/* Copies for the nodes that are neither items nor known to the caller. Nodes that nothing points
 * to may be among them: the base's, met on the way to a cycle or a closed hierarchy. */
static err copy_other_uids(struct copying *c) {
    for (size_t i = 0; i < c->numbers.count; i++) {
        uint32_t number = c->numbers.items[i];
        if (c->copies[number] != NULL) {
            continue;
        }
        const struct uid *uid = c->index->nodes.items[number].uid;
        c->copies[number] = find_in_base(c, uid);
        if (c->copies[number] == NULL) {
            struct uid *copy = PACK_NEW(&c->pack, struct uid);
            if (copy == NULL) {
                return arena_error(c->pack.arena);
            }
            TRY(copying_uid(c, uid, copy));
            c->copies[number] = copy;
        }
    }
    return ERR_OK;
}

/* ---- the second pass ---- */

static const struct uid *next_uid(struct copying *c) {
    return c->copies[c->numbers.items[c->number++]];
}

static void *take_words(struct copying *c, size_t size) {
    void *taken = c->words;
    c->words += size;
    return taken;
}

static str copy_text(struct copying *c, str text) {
    char *copy = c->texts;
    if (text.len > 0) {
        memcpy(copy, text.ptr, text.len);
    }
    c->texts += text.len;
    return (str){copy, text.len};
}

static str shape_key(const struct value_shape *shape) {
    return (str){(const char *)shape->names, shape->count * sizeof *shape->names};
}

/* The copy of a shape whose names are copies. */
static err canonical_shape(struct copying *c, const struct value_shape *shape,
                           const struct value_shape **ret) {
    void **known = map_find(&c->shapes, shape_key(shape));
    if (known != NULL) {
        *ret = *known;
        return ERR_OK;
    }
    struct value_shape *copy = PACK_NEW(&c->pack, struct value_shape);
    str *names = PACK_ARRAY(&c->pack, str, shape->count);
    if (copy == NULL || names == NULL) {
        return arena_error(c->pack.arena);
    }
    memcpy(names, shape->names, shape->count * sizeof *names);
    *copy = (struct value_shape){shape->count, names};
    *ret = copy;
    return map_add(&c->shapes, shape_key(copy), copy);
}

/* Readers of JSON share names, so most shapes are known by the pointers to their names. */
static err copy_shape(struct copying *c, const struct value_shape *shape,
                      const struct value_shape **ret) {
    void **known = map_find(&c->shapes, shape_key(shape));
    if (known != NULL) {
        *ret = *known;
        return ERR_OK;
    }
    c->fields.count = 0;
    for (size_t i = 0; i < shape->count; i++) {
        str name;
        TRY(copy_name(c, shape->names[i], &name));
        if (!VEC_PUSH(c->temp, &c->fields, name)) {
            return arena_error(c->temp);
        }
    }
    struct value_shape copied = {shape->count, c->fields.items};
    TRY(canonical_shape(c, &copied, ret));
    return map_add(&c->shapes, shape_key(shape), (void *)(uintptr_t)*ret);
}

static err copy_value(struct copying *c, const struct value *value, struct value *ret);

static err copy_values(struct copying *c, const struct value *values, size_t count,
                       struct value *ret) {
    for (size_t i = 0; i < count; i++) {
        TRY(copy_value(c, &values[i], &ret[i]));
    }
    return ERR_OK;
}

static err copy_set(struct copying *c, const struct value_set *set, struct value *ret) {
    struct value_set *copy = take_words(c, sizeof *copy);
    struct value *items = take_words(c, set->count * sizeof *items);
    *copy = (struct value_set){set->count, items};
    *ret = (struct value){.kind = VALUE_SET, .set = copy};
    return copy_values(c, set->items, set->count, items);
}

static bool is_same_shape(const struct value_shape *a, const struct value_shape *b) {
    bool is_same = a->count == b->count;
    for (size_t i = 0; i < a->count && is_same; i++) {
        is_same = str_same(a->names[i], b->names[i]);
    }
    return is_same;
}

static err copy_record(struct copying *c, const struct value_record *record,
                       const struct value_record *old, const struct value_record **ret) {
    size_t count = value_record_count(record);
    if (count == 0 || record == old) {
        *ret = count == 0 ? &value_no_fields : old;
        return ERR_OK;
    }
    struct value_record *copy = take_words(c, sizeof *copy + count * sizeof copy->values[0]);
    if (old != NULL && is_same_shape(record->shape, old->shape)) {
        copy->shape = old->shape;
    } else {
        TRY(copy_shape(c, record->shape, &copy->shape));
    }
    *ret = copy;
    return copy_values(c, record->values, count, copy->values);
}

static err copy_value(struct copying *c, const struct value *value, struct value *ret) {
    *ret = *value;
    switch (value->kind) {
    case VALUE_BOOL:
    case VALUE_LONG:
    case VALUE_DECIMAL:
    case VALUE_DATETIME:
    case VALUE_DURATION:
        return ERR_OK;
    case VALUE_STRING:
        ret->text = copy_text(c, value_text(value)).ptr;
        return ERR_OK;
    case VALUE_ENTITY:
        ret->uid = next_uid(c);
        return ERR_OK;
    case VALUE_SET:
        return copy_set(c, value->set, ret);
    case VALUE_RECORD:
        return copy_record(c, value->record, NULL, &ret->record);
    case VALUE_IPADDR: {
        struct ipaddr *copy = take_words(c, pack_rounded(sizeof *copy));
        *copy = *value->ip;
        ret->ip = copy;
        return ERR_OK;
    }
    }
    NOT_REACHED();
    return ERR_INTERNAL;
}

static err copy_item(struct copying *c, struct copying_item *item) {
    const struct entity *from = item->from;
    size_t size = entity_size(from->ancestor_count, from->parent_count);
    char *block = (char *)item->to;
    c->words = block + pack_rounded(size);
    c->texts = block + item->words;
    c->number = item->first + 1;
    memcpy(item->to, from, size);
    if (item->old != NULL) {
        item->to->uid = item->old->uid;
    } else {
        TRY(finish_uid(c, &from->uid, copy_text(c, uid_id(&from->uid)), &item->to->uid));
    }
    for (size_t i = 0; i < from->ancestor_count; i++) {
        item->to->ancestors[i] = next_uid(c);
    }
    const struct entity *old = item->old;
    TRY(copy_record(c, from->attrs, old == NULL ? NULL : old->attrs, &item->to->attrs));
    TRY(copy_record(c, from->tags, old == NULL ? NULL : old->tags, &item->to->tags));
    bool is_measured = c->words == block + item->words && c->texts == c->words + item->texts;
    return HOLDS(is_measured) ? ERR_OK : ERR_INTERNAL;
}

err copying_run(struct copying *c) {
    TRY(copy_other_uids(c));
    for (size_t i = 0; i < c->count; i++) {
        TRY(copy_item(c, &c->items[i]));
    }
    return ERR_OK;
}
