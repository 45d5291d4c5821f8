/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/validate/type.h"

#include "cedar/value/sort.h"

/* ---- interning ---- */

static uint64_t mix(uint64_t hash, uint64_t value) {
    hash ^= value + 0x9e3779b97f4a7c15u + (hash << 6) + (hash >> 2);
    return hash * 0xff51afd7ed558ccdu;
}

static uint64_t hash_of(const struct types *t, const struct type *type) {
    uint64_t hash = type->kind;
    switch (type->kind) {
    case TYPE_ENTITY:
        for (size_t i = 0; i < type->entities.count; i++) {
            hash = mix(hash, type->entities.items[i]->index);
        }
        return hash;
    case TYPE_SET:
        return mix(hash, type->element == NULL ? UINT64_MAX : type->element->id);
    case TYPE_RECORD:
        hash = mix(hash, type->record.is_open);
        for (size_t i = 0; i < type->record.count; i++) {
            const struct type_attr *attr = &type->record.attrs[i];
            hash = mix(hash, hash_bytes(&t->schema->key, attr->name));
            hash = mix(hash, (uint64_t)attr->type->id << 1 | attr->is_required);
        }
        return hash;
    case TYPE_NEVER:
    case TYPE_BOOL:
    case TYPE_TRUE:
    case TYPE_FALSE:
    case TYPE_LONG:
    case TYPE_STRING:
    case TYPE_ANY_ENTITY:
    case TYPE_DATETIME:
    case TYPE_DECIMAL:
    case TYPE_DURATION:
    case TYPE_IPADDR:
    case TYPE_KINDS:
        break;
    }
    return hash;
}

static bool is_same_record(const struct type_record *a, const struct type_record *b) {
    if (a->is_open != b->is_open || a->count != b->count) {
        return false;
    }
    for (size_t i = 0; i < a->count; i++) {
        if (a->attrs[i].type != b->attrs[i].type ||
            a->attrs[i].is_required != b->attrs[i].is_required ||
            !str_equal(a->attrs[i].name, b->attrs[i].name)) {
            return false;
        }
    }
    return true;
}

static bool is_same(const struct type *a, const struct type *b) {
    if (a->kind != b->kind) {
        return false;
    }
    if (a->kind == TYPE_SET) {
        return a->element == b->element;
    }
    if (a->kind == TYPE_RECORD) {
        return is_same_record(&a->record, &b->record);
    }
    return a->entities.count == b->entities.count &&
           memcmp(a->entities.items, b->entities.items,
                  a->entities.count * sizeof *a->entities.items) == 0;
}

/* The names of a literal's fields live as long as its policy's tree, types as long as all. */
static bool copy_names(struct types *t, struct type_attr *attrs, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (arena_copy(t->arena, attrs[i].name, &attrs[i].name) != ERR_OK) {
            return false;
        }
    }
    return true;
}

/* Parts that the type points to are copied when it is new. */
static bool copy_parts(struct types *t, struct type *type) {
    size_t count = type->kind == TYPE_ENTITY ? type->entities.count : type->record.count;
    size_t size =
        type->kind == TYPE_ENTITY ? sizeof *type->entities.items : sizeof *type->record.attrs;
    if (type->kind == TYPE_SET) {
        return true;
    }
    const void *from = type->kind == TYPE_ENTITY ? (const void *)type->entities.items
                                                 : (const void *)type->record.attrs;
    void *copy = arena_alloc_array(t->arena, count, size);
    if (copy == NULL) {
        return false;
    }
    if (count > 0) {
        memcpy(copy, from, count * size);
    }
    if (type->kind == TYPE_ENTITY) {
        type->entities.items = copy;
    } else {
        type->record.attrs = copy;
        return copy_names(t, copy, count);
    }
    return true;
}

static const struct type *intern(struct types *t, const struct type *wanted) {
    uint64_t hash = hash_of(t, wanted);
    const uint64_t *first = table_find(&t->interned, hash);
    const struct type *head = first == NULL ? NULL : (const struct type *)(uintptr_t)*first;
    for (const struct type *type = head; type != NULL; type = type->next) {
        if (is_same(type, wanted)) {
            return type;
        }
    }
    struct type *made = ARENA_NEW(t->arena, struct type);
    if (made == NULL) {
        return NULL;
    }
    *made = *wanted;
    if (!copy_parts(t, made)) {
        return NULL;
    }
    made->id = t->count++;
    made->next = head;
    return table_put(&t->interned, hash, table_key(made)) ? made : NULL;
}

const struct type *types_set(struct types *t, const struct type *element) {
    struct type type = {.kind = TYPE_SET, .element = element};
    return intern(t, &type);
}

const struct type *types_record(struct types *t, bool is_open, const struct type_attr *attrs,
                                size_t count) {
    struct type type = {.kind = TYPE_RECORD,
                        .record = {.is_open = is_open, .count = count, .attrs = attrs}};
    return intern(t, &type);
}

/* ---- starting ---- */

struct ranked {
    str base;
    str path;
    uint32_t index;
};

/* Component by component: the end of one sorts before every letter and digit. */
static int compare_paths(str a, str b) {
    size_t common = a.len < b.len ? a.len : b.len;
    for (size_t i = 0; i < common; i++) {
        if (a.ptr[i] != b.ptr[i]) {
            bool is_first_shorter = a.ptr[i] == ':';
            return is_first_shorter || (b.ptr[i] != ':' && a.ptr[i] < b.ptr[i]) ? -1 : 1;
        }
    }
    return a.len == b.len ? 0 : (a.len < b.len ? -1 : 1);
}

static int compare_ranked(const void *a, const void *b) {
    const struct ranked *x = a;
    const struct ranked *y = b;
    int order = str_compare(x->base, y->base);
    return order != 0 ? order : compare_paths(x->path, y->path);
}

static void split_name(str name, str *path, str *base) {
    size_t at = name.len;
    while (at > 0 && name.ptr[at - 1] != ':') {
        at--;
    }
    *base = str_slice(name, at, name.len);
    *path = str_slice(name, 0, at);
}

static err rank_names(struct types *t) {
    size_t count = t->schema->entity_type_count;
    struct ranked *names = ARENA_ARRAY(t->arena, struct ranked, count);
    t->ranks = ARENA_ARRAY(t->arena, uint32_t, count);
    if (names == NULL || t->ranks == NULL) {
        return arena_error(t->arena);
    }
    for (size_t i = 0; i < count; i++) {
        split_name(t->schema->entity_types[i]->name, &names[i].path, &names[i].base);
        names[i].index = (uint32_t)i;
    }
    sort_items(names, count, sizeof *names, compare_ranked);
    for (size_t i = 0; i < count; i++) {
        t->ranks[names[i].index] = (uint32_t)i;
    }
    return ERR_OK;
}

err types_init(struct types *t, struct arena *arena, const struct schema *schema) {
    *t = (struct types){.arena = arena, .schema = schema};
    t->interned.arena = arena;
    t->by_schema_type.arena = arena;
    t->attributes.arena = arena;
    for (size_t i = 0; i < 2; i++) {
        t->subtypes[i].arena = arena;
        t->joins[i].arena = arena;
    }
    for (size_t i = 0; i < TYPE_KINDS; i++) {
        t->simple[i] = (struct type){.kind = (enum type_kind)i, .id = t->count++};
    }
    TRY(rank_names(t));
    t->entity_types = ARENA_ARRAY(arena, const struct type *, schema->entity_type_count);
    t->any_set = types_set(t, NULL);
    t->any_record = types_record(t, true, NULL, 0);
    t->any_entity_set = types_set(t, &t->simple[TYPE_ANY_ENTITY]);
    if (t->entity_types == NULL || t->any_set == NULL || t->any_record == NULL ||
        t->any_entity_set == NULL) {
        return arena_error(arena);
    }
    return ERR_OK;
}

uint32_t types_rank(const struct types *t, const struct schema_entity_type *entity) {
    return t->ranks[entity->index];
}

/* ---- types of the schema ---- */

const struct type *types_of_entity(struct types *t, const struct schema_entity_type *entity) {
    const struct type **known = &t->entity_types[entity->index];
    if (*known == NULL) {
        struct type type = {.kind = TYPE_ENTITY, .entities = {1, &entity}};
        *known = intern(t, &type);
    }
    return *known;
}

const struct type *types_of_entities(struct types *t, const struct schema_entity_type **items,
                                     size_t count) {
    struct type type = {.kind = TYPE_ENTITY, .entities = {count, items}};
    return intern(t, &type);
}

static const struct type *recall(const struct types *t, const void *made_of) {
    const uint64_t *known = table_find(&t->by_schema_type, table_key(made_of));
    return known == NULL ? NULL : (const struct type *)(uintptr_t)*known;
}

static const struct type *remember(struct types *t, const void *made_of, const struct type *type) {
    if (type != NULL && !table_put(&t->by_schema_type, table_key(made_of), table_key(type))) {
        return NULL;
    }
    return type;
}

static const struct type *of_record(struct types *t, const struct schema_record *record) {
    const struct type *known = recall(t, record);
    if (known != NULL) {
        return known;
    }
    struct type_attr *attrs = ARENA_ARRAY(t->arena, struct type_attr, record->count);
    for (size_t i = 0; attrs != NULL && i < record->count; i++) {
        const struct schema_attr *attr = &record->attrs[i];
        attrs[i] =
            (struct type_attr){attr->name, attr->is_required, types_of_schema(t, attr->type)};
        if (attrs[i].type == NULL) {
            return NULL;
        }
    }
    return attrs == NULL ? NULL : remember(t, record, types_record(t, false, attrs, record->count));
}

static const struct type *of_set(struct types *t, const struct schema_type *type) {
    const struct type *known = recall(t, type);
    if (known != NULL) {
        return known;
    }
    const struct type *element = types_of_schema(t, type->element);
    return element == NULL ? NULL : remember(t, type, types_set(t, element));
}

/* Recursion is bounded: the schema's reader has a limit for the nesting of types. */
const struct type *types_of_schema(struct types *t, const struct schema_type *type) {
    switch (type->kind) {
    case SCHEMA_BOOL:
        return types_simple(t, TYPE_BOOL);
    case SCHEMA_LONG:
        return types_simple(t, TYPE_LONG);
    case SCHEMA_STRING:
        return types_simple(t, TYPE_STRING);
    case SCHEMA_DECIMAL:
        return types_simple(t, TYPE_DECIMAL);
    case SCHEMA_IPADDR:
        return types_simple(t, TYPE_IPADDR);
    case SCHEMA_DATETIME:
        return types_simple(t, TYPE_DATETIME);
    case SCHEMA_DURATION:
        return types_simple(t, TYPE_DURATION);
    case SCHEMA_ENTITY:
        return types_of_entity(t, type->entity);
    case SCHEMA_SET:
        return of_set(t, type);
    case SCHEMA_RECORD:
        return of_record(t, type->record);
    }
    return NULL;
}

const struct type *types_of_value_kind(const struct types *t, enum value_kind kind) {
    switch (kind) {
    case VALUE_BOOL:
        return types_simple(t, TYPE_BOOL);
    case VALUE_LONG:
        return types_simple(t, TYPE_LONG);
    case VALUE_STRING:
        return types_simple(t, TYPE_STRING);
    case VALUE_DECIMAL:
        return types_simple(t, TYPE_DECIMAL);
    case VALUE_IPADDR:
        return types_simple(t, TYPE_IPADDR);
    case VALUE_DATETIME:
        return types_simple(t, TYPE_DATETIME);
    case VALUE_DURATION:
        return types_simple(t, TYPE_DURATION);
    case VALUE_ENTITY:
    case VALUE_SET:
    case VALUE_RECORD:
        break;
    }
    return NULL;
}

/* ---- questions ---- */

const struct schema_entity_type *type_single_entity(const struct type *type) {
    return type->kind == TYPE_ENTITY && type->entities.count == 1 ? type->entities.items[0] : NULL;
}

bool type_has_entity(const struct type *type, const struct schema_entity_type *entity) {
    for (size_t i = 0; type->kind == TYPE_ENTITY && i < type->entities.count; i++) {
        if (type->entities.items[i] == entity) {
            return true;
        }
    }
    return false;
}

/* What all of several entity types have in common. */
static const struct type *common_attributes(struct types *t, const struct type *type) {
    const uint64_t *known = table_find(&t->attributes, type->id);
    if (known != NULL) {
        return (const struct type *)(uintptr_t)*known;
    }
    const struct type *common = of_record(t, type->entities.items[0]->attrs);
    for (size_t i = 1; common != NULL && i < type->entities.count; i++) {
        const struct type *other = of_record(t, type->entities.items[i]->attrs);
        enum type_clash clash;
        common = other == NULL ? NULL : types_join(t, common, other, TYPE_PERMISSIVE, &clash);
    }
    if (common == NULL || !table_put(&t->attributes, type->id, table_key(common))) {
        return NULL;
    }
    return common;
}

const struct type *types_attributes(struct types *t, const struct type *type) {
    if (type->kind == TYPE_RECORD) {
        return type;
    }
    if (type->kind != TYPE_ENTITY) {
        return NULL;
    }
    const struct schema_entity_type *single = type_single_entity(type);
    return single != NULL ? of_record(t, single->attrs) : common_attributes(t, type);
}

const struct type_attr *type_find_attr(const struct type *record, str name) {
    size_t low = 0;
    size_t high = record->record.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct type_attr *attr = &record->record.attrs[middle];
        int order = str_compare(name, attr->name);
        if (order == 0) {
            return attr;
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return NULL;
}

const struct type_attr *types_find_attr(struct types *t, const struct type *type, str name) {
    const struct type *record = types_attributes(t, type);
    return record == NULL ? NULL : type_find_attr(record, name);
}

bool type_may_have_attr(const struct type *type, str name) {
    if (type->kind == TYPE_NEVER || type->kind == TYPE_ANY_ENTITY) {
        return true;
    }
    if (type->kind == TYPE_RECORD) {
        return type->record.is_open || type_find_attr(type, name) != NULL;
    }
    for (size_t i = 0; type->kind == TYPE_ENTITY && i < type->entities.count; i++) {
        if (schema_find_attr(type->entities.items[i]->attrs, name) != NULL) {
            return true;
        }
    }
    return false;
}
