/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A finished store, copied so that it takes little memory and few cache lines.
 *
 * First every uid that occurs in a value becomes a node of the old store; then there is one uid
 * for each node, and whatever points to a uid is made to point there.
 */
#include "base/assert.h"
#include "base/map.h"
#include "cedar/value/entities_int.h"

enum { BLOCK_FIRST = 256, BLOCK_LARGEST = 1 << 16 };

/* Memory for small things, without the gaps that an arena leaves. */
struct block {
    char *at;
    size_t left;
    size_t size; /* of the next one */
};

struct freezing {
    struct arena *a;
    struct arena *temp;
    struct entities *from;
    struct entities *to;
    struct uid *uids; /* by node */
    struct entity *entities;
    struct map names;  /* of types and fields: the copies */
    struct map shapes; /* by the bytes of their names' pointers and lengths */
    VEC(str) fields;   /* names of the shape at hand */
    struct block texts;
    struct block words;
};

static void *take(struct freezing *f, struct block *block, size_t size) {
    if (size > block->left || block->at == NULL) {
        if (size >= block->size / 2) {
            return arena_alloc(f->a, size);
        }
        block->at = arena_alloc(f->a, block->size);
        if (block->at == NULL) {
            return NULL;
        }
        block->left = block->size;
        block->size = block->size < BLOCK_LARGEST ? block->size * 2 : block->size;
    }
    void *taken = block->at;
    block->at += size;
    block->left -= size;
    return taken;
}

/* An array of anything that needs no more alignment than a pointer. */
static void *take_array(struct freezing *f, size_t count, size_t size) {
    size_t bytes;
    if (MUL_OVERFLOWS(count, size, &bytes) || bytes > SIZE_MAX - sizeof(void *)) {
        return NULL;
    }
    bytes = (bytes + sizeof(void *) - 1) & ~(sizeof(void *) - 1);
    return take(f, &f->words, bytes);
}

static err copy_text(struct freezing *f, str text, str *ret) {
    char *copy = take(f, &f->texts, text.len);
    if (copy == NULL) {
        return arena_error(f->a);
    }
    if (text.len > 0) {
        memcpy(copy, text.ptr, text.len);
    }
    *ret = (str){copy, text.len};
    return ERR_OK;
}

/* Types and names of fields, which are few, are there once. */
static err copy_name(struct freezing *f, str name, str *ret) {
    void **known = map_find(&f->names, name);
    if (known != NULL) {
        *ret = (str){*known, name.len};
        return ERR_OK;
    }
    str copy;
    TRY(copy_text(f, name, &copy));
    TRY(map_add(&f->names, copy, (void *)(uintptr_t)copy.ptr));
    *ret = copy;
    return ERR_OK;
}

/* ---- uids ---- */

static err note_record(struct freezing *f, const struct value_record *record);

static err note_value(struct freezing *f, const struct value *value) {
    if (value->kind == VALUE_ENTITY) {
        return entities_intern(f->from, f->temp, value->uid) != NULL ? ERR_OK
                                                                     : arena_error(f->temp);
    }
    if (value->kind == VALUE_SET) {
        for (size_t i = 0; i < value->set->count; i++) {
            TRY(note_value(f, &value->set->items[i]));
        }
    }
    return value->kind == VALUE_RECORD ? note_record(f, value->record) : ERR_OK;
}

static err note_record(struct freezing *f, const struct value_record *record) {
    for (size_t i = 0; i < value_record_count(record); i++) {
        TRY(note_value(f, &record->values[i]));
    }
    return ERR_OK;
}

static err copy_uids(struct freezing *f) {
    size_t count = f->from->nodes.count;
    struct entity_node *nodes = ARENA_ARRAY(f->a, struct entity_node, count);
    f->uids = ARENA_ARRAY(f->a, struct uid, count);
    if (nodes == NULL || f->uids == NULL) {
        return arena_error(f->a);
    }
    for (size_t i = 0; i < count; i++) {
        const struct uid *uid = f->from->nodes.items[i].uid;
        str type;
        str id;
        TRY(copy_name(f, uid_type(uid), &type));
        TRY(copy_text(f, uid_id(uid), &id));
        f->uids[i] = uid_unhashed(type, id);
        f->uids[i].hash = uid->hash;
        nodes[i].uid = &f->uids[i];
    }
    f->to->nodes.items = nodes;
    f->to->nodes.count = count;
    f->to->nodes.capacity = count;
    return entities_make_slots(f->to, f->a, count + count / 2 + 1) ? ERR_OK : arena_error(f->a);
}

static err copy_of(const struct freezing *f, const struct uid *uid, const struct uid **ret) {
    const struct entity_node *node = entities_node(f->from, uid);
    if (!HOLDS(node != NULL)) {
        return ERR_INTERNAL;
    }
    *ret = &f->uids[node - f->from->nodes.items];
    return ERR_OK;
}

static err copy_list(struct freezing *f, const struct uid *const *uids, size_t count,
                     const struct uid *const **ret) {
    const struct uid **copy = take_array(f, count, sizeof *copy);
    if (copy == NULL) {
        return arena_error(f->a);
    }
    for (size_t i = 0; i < count; i++) {
        TRY(copy_of(f, uids[i], &copy[i]));
    }
    *ret = copy;
    return ERR_OK;
}

/* ---- values ---- */

static err copy_value(struct freezing *f, const struct value *value, struct value *ret);

static err copy_set(struct freezing *f, const struct value_set *set, struct value *ret) {
    struct value_set *copy = take_array(f, 1, sizeof *copy);
    struct value *items = take_array(f, set->count, sizeof *items);
    if (copy == NULL || items == NULL) {
        return arena_error(f->a);
    }
    for (size_t i = 0; i < set->count; i++) {
        TRY(copy_value(f, &set->items[i], &items[i]));
    }
    *copy = (struct value_set){set->count, items};
    *ret = (struct value){.kind = VALUE_SET, .set = copy};
    return ERR_OK;
}

/* Shapes are few. Their names are there once, so that pointers tell them apart. */
static err copy_shape(struct freezing *f, const struct value_shape *shape,
                      const struct value_shape **ret) {
    f->fields.count = 0;
    for (size_t i = 0; i < shape->count; i++) {
        str name;
        TRY(copy_name(f, shape->names[i], &name));
        if (!VEC_PUSH(f->temp, &f->fields, name)) {
            return arena_error(f->temp);
        }
    }
    str key = {(const char *)f->fields.items, shape->count * sizeof *f->fields.items};
    void **known = map_find(&f->shapes, key);
    if (known != NULL) {
        *ret = *known;
        return ERR_OK;
    }
    struct value_shape *copy = take_array(f, 1, sizeof *copy);
    str *names = take_array(f, shape->count, sizeof *names);
    if (copy == NULL || names == NULL) {
        return arena_error(f->a);
    }
    memcpy(names, key.ptr, key.len);
    *copy = (struct value_shape){shape->count, names};
    *ret = copy;
    return map_add(&f->shapes, (str){(const char *)names, key.len}, copy);
}

static err copy_record(struct freezing *f, const struct value_record *record,
                       const struct value_record **ret) {
    size_t count = value_record_count(record);
    if (count == 0) {
        *ret = &value_no_fields;
        return ERR_OK;
    }
    const struct value_shape *shape = NULL;
    TRY(copy_shape(f, record->shape, &shape));
    struct value_record *copy = take(f, &f->words, sizeof *copy + count * sizeof *copy->values);
    if (copy == NULL) {
        return arena_error(f->a);
    }
    copy->shape = shape;
    for (size_t i = 0; i < count; i++) {
        TRY(copy_value(f, &record->values[i], &copy->values[i]));
    }
    *ret = copy;
    return ERR_OK;
}

static err copy_value(struct freezing *f, const struct value *value, struct value *ret) {
    *ret = *value;
    switch (value->kind) {
    case VALUE_BOOL:
    case VALUE_LONG:
    case VALUE_DECIMAL:
    case VALUE_DATETIME:
    case VALUE_DURATION:
        return ERR_OK;
    case VALUE_STRING: {
        str text;
        TRY(copy_text(f, value_text(value), &text));
        ret->text = text.ptr;
        return ERR_OK;
    }
    case VALUE_ENTITY:
        return copy_of(f, value->uid, &ret->uid);
    case VALUE_SET:
        return copy_set(f, value->set, ret);
    case VALUE_RECORD:
        return copy_record(f, value->record, &ret->record);
    case VALUE_IPADDR:
        return value_copy(f->a, value, ret);
    }
    NOT_REACHED();
    return ERR_INTERNAL;
}

/* ---- entities ---- */

static err copy_entity(struct freezing *f, const struct entity *from, struct entity *to) {
    uint32_t *marks = take_array(f, from->ancestor_count, sizeof *marks);
    if (marks == NULL) {
        return arena_error(f->a);
    }
    for (size_t i = 0; i < from->ancestor_count; i++) {
        marks[i] = from->marks[i];
    }
    *to = (struct entity){
        .marks = marks,
        .parent_count = from->parent_count,
        .ancestor_count = from->ancestor_count,
    };
    TRY(copy_of(f, from->uid, &to->uid));
    TRY(copy_record(f, from->attrs, &to->attrs));
    TRY(copy_record(f, from->tags, &to->tags));
    TRY(copy_list(f, from->parents, from->parent_count, &to->parents));
    TRY(copy_list(f, from->ancestors, from->ancestor_count, &to->ancestors));
    f->to->nodes.items[to->uid - f->uids].entity = to;
    return ERR_OK;
}

static err copy_all(struct freezing *f) {
    size_t count = f->from->ordered.count;
    for (size_t i = 0; i < count; i++) {
        TRY(note_record(f, f->from->ordered.items[i]->attrs));
        TRY(note_record(f, f->from->ordered.items[i]->tags));
    }
    TRY(copy_uids(f));
    f->entities = ARENA_ARRAY(f->a, struct entity, count);
    if (f->entities == NULL) {
        return arena_error(f->a);
    }
    for (size_t i = 0; i < count; i++) {
        TRY(copy_entity(f, f->from->ordered.items[i], &f->entities[i]));
    }
    f->to->frozen = f->entities;
    f->to->count = count;
    return ERR_OK;
}

err entities_freeze(struct entity_builder *builder, struct arena *a, const struct entities **ret) {
    if (!HOLDS(builder->base == NULL)) {
        return ERR_INTERNAL;
    }
    struct entities *to = ARENA_NEW(a, struct entities);
    if (to == NULL) {
        return arena_error(a);
    }
    struct freezing f = {
        .a = a,
        .temp = builder->arena,
        .from = builder->store,
        .to = to,
        .texts = {.size = BLOCK_FIRST},
        .words = {.size = BLOCK_FIRST},
    };
    map_init(&f.names, builder->arena, &builder->key);
    map_init(&f.shapes, builder->arena, &builder->key);
    TRY(copy_all(&f));
    *ret = to;
    return ERR_OK;
}
