/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include "base/assert.h"

const struct type type_bool = {.kind = TYPE_BOOL};
const struct type type_long = {.kind = TYPE_LONG};
const struct type type_string = {.kind = TYPE_STRING};
const struct type type_decimal = {.kind = TYPE_DECIMAL};
const struct type type_ip = {.kind = TYPE_IP};
const struct type type_datetime = {.kind = TYPE_DATETIME};
const struct type type_duration = {.kind = TYPE_DURATION};

static const struct type *const plain_types[] = {&type_bool,   &type_long,     &type_string,
                                                 &type_string, &type_long,     &type_decimal,
                                                 &type_ip,     &type_datetime, &type_duration};

/* No base name stands both in the empty space and in another. */
static const struct {
    const char *space, *base, *name;
} type_names[] = {
    {"", "User", "User"},           {"", "Group", "Group"},         {"", "Doc", "Doc"},
    {"N", "Folder", "N::Folder"},   {"N", "Team", "N::Team"},       {"N::M", "Item", "N::M::Item"},
    {"", "permit", "permit"},       {"", "principal", "principal"}, {"N", "Folder2", "N::Folder2"},
    {"N::M", "Team", "N::M::Team"},
};

static const char *const attr_names[] = {"a",   "b",       "name", "owner", "n",   "s",
                                         "set", "rec",     "tag",  "x y",   "if",  "\u00e9",
                                         "",    "context", "a'b",  "Set",   "type"};

static const char *const ids_plain[] = {"0", "1", "2", "alice"};
static const char *const ids_odd[] = {"0", "it's", "a\"b", "", "x\\y", "\u00e9\n", "\U0001F600"};
static const char *const ids_enum[] = {"red", "green", "it's"};
static const char *const action_ids[] = {"view", "edit", "all", "", "do it", "0"};
static const char *const common_names[] = {"T1", "Rec", "Name"};
/* Names that mean something else already. */
static const char *const common_odd_names[] = {"decimal", "User", "Folder", "String2", "T1"};

static const struct type *make_type(struct maker *m, const struct world *w, unsigned depth);

static void make_record(struct maker *m, const struct world *w, unsigned depth, unsigned max,
                        struct type *ret) {
    struct attr *attrs = maker_alloc(m, sizeof *attrs * ARRAY_LEN(attr_names));
    unsigned count = 0;
    unsigned wanted = pick(m, max + 1);
    unsigned at = pick(m, (unsigned)ARRAY_LEN(attr_names));
    for (; count < wanted; count++) {
        attrs[count] = (struct attr){.name = attr_names[at % ARRAY_LEN(attr_names)],
                                     .type = make_type(m, w, depth + 1),
                                     .is_optional = chance(m, 3)};
        at += chance(m, 4) ? 3 : 1;
        if (count > 8) {
            break;
        }
    }
    *ret = (struct type){.kind = TYPE_RECORD, .attrs = attrs, .count = count};
}

static const struct type *make_type(struct maker *m, const struct world *w, unsigned depth) {
    unsigned kind = pick(m, depth < 2 ? 10 : 7);
    if (kind < 4) {
        return PICK_FROM(m, plain_types);
    }
    if (kind == 4 && w->common_count > 0) {
        return w->commons[pick(m, w->common_count)];
    }
    struct type *type = maker_alloc(m, sizeof *type);
    if (kind < 7) {
        *type = (struct type){.kind = TYPE_ENTITY, .entity = pick(m, w->type_count)};
    } else if (kind < 9) {
        *type = (struct type){.kind = TYPE_SET, .element = make_type(m, w, depth + 1)};
    } else {
        make_record(m, w, depth, 3, type);
    }
    return type;
}

/* ---- entity types ---- */

static void make_names(struct maker *m, struct world *w) {
    w->type_count = 2 + pick(m, WORLD_TYPES - 1);
    unsigned at = pick(m, 3);
    for (unsigned i = 0; i < w->type_count; i++) {
        at += i > 0 && chance(m, 3) && at + WORLD_TYPES - i < ARRAY_LEN(type_names) ? 2 : 1;
        unsigned number = (at - 1) % (unsigned)ARRAY_LEN(type_names);
        struct entity_type *type = &w->types[i];
        type->space = type_names[number].space;
        type->base = type_names[number].base;
        type->name = type_names[number].name;
        type->is_enum = i > 0 && chance(m, 6);
    }
}

static void make_entity_type(struct maker *m, struct world *w, unsigned number) {
    struct entity_type *type = &w->types[number];
    const struct entity_type *before = number > 0 ? type - 1 : NULL;
    if (before != NULL && before->space == type->space && before->is_enum == type->is_enum &&
        chance(m, 4)) {
        type->is_twin = true;
        type->shape = before->shape;
        type->tags = before->tags;
        type->parents = before->parents;
        type->ids = before->ids;
        type->id_count = before->id_count;
        return;
    }
    bool is_odd = chance(m, 4);
    type->ids = type->is_enum ? ids_enum : is_odd ? ids_odd : ids_plain;
    type->id_count = (unsigned)(type->is_enum ? ARRAY_LEN(ids_enum)
                                : is_odd      ? ARRAY_LEN(ids_odd)
                                              : ARRAY_LEN(ids_plain));
    type->shape = (struct type){.kind = TYPE_RECORD};
    if (type->is_enum) {
        return;
    }
    make_record(m, w, 0, 5, &type->shape);
    type->tags = chance(m, 3) ? make_type(m, w, 1) : NULL;
    for (unsigned i = 0; i < w->type_count; i++) {
        if (chance(m, 3) && (i != number || chance(m, 2))) {
            type->parents |= 1U << i;
        }
    }
}

static void close_types(struct world *w) {
    for (unsigned i = 0; i < w->type_count; i++) {
        w->types[i].above = w->types[i].parents | 1U << i;
    }
    for (unsigned round = 0; round < w->type_count; round++) {
        for (unsigned i = 0; i < w->type_count; i++) {
            for (unsigned j = 0; j < w->type_count; j++) {
                if (w->types[i].above >> j & 1) {
                    w->types[i].above |= w->types[j].above;
                }
            }
        }
    }
}

/* ---- actions ---- */

static void make_action(struct maker *m, struct world *w, unsigned number) {
    struct action *action = &w->actions[number];
    bool is_named = chance(m, 4);
    action->space = is_named ? "N" : "";
    action->type = is_named ? "N::Action" : "Action";
    action->id = action_ids[(w->type_count + number) % ARRAY_LEN(action_ids)];
    for (unsigned i = number + 1; i < w->action_count; i++) {
        action->groups |= chance(m, 3) ? 1U << i : 0;
    }
    action->context = (struct type){.kind = TYPE_RECORD};
    if (chance(m, 6)) {
        return;
    }
    unsigned all = 1U << w->type_count;
    action->principals = 1 + pick(m, all - 1);
    action->resources = 1 + pick(m, all - 1);
    if (chance(m, 2)) {
        action->principals = 1U << pick(m, w->type_count);
        action->resources = 1U << pick(m, w->type_count);
    }
    make_record(m, w, 0, 4, &action->context);
}

/* ---- the pool ---- */

static void add_to_pool(struct world *w, const struct type *type) {
    for (unsigned i = 0; i < w->pool_count; i++) {
        if (type_equal(w->pool[i], type)) {
            return;
        }
    }
    if (w->pool_count < WORLD_POOL) {
        w->pool[w->pool_count++] = type;
    }
}

static void pool_record(struct world *w, const struct type *record) {
    for (unsigned i = 0; i < record->count; i++) {
        add_to_pool(w, record->attrs[i].type);
    }
}

static void make_pool(struct maker *m, struct world *w) {
    add_to_pool(w, &type_bool);
    add_to_pool(w, &type_long);
    add_to_pool(w, &type_string);
    add_to_pool(w, &type_ip);
    for (unsigned i = 0; i < w->type_count; i++) {
        struct type *type = maker_alloc(m, sizeof *type);
        *type = (struct type){.kind = TYPE_ENTITY, .entity = i};
        add_to_pool(w, type);
        pool_record(w, &w->types[i].shape);
        if (w->types[i].tags != NULL) {
            add_to_pool(w, w->types[i].tags);
        }
    }
    for (unsigned i = 0; i < w->action_count; i++) {
        pool_record(w, &w->actions[i].context);
    }
    add_to_pool(w, &type_decimal);
    add_to_pool(w, &type_datetime);
    add_to_pool(w, &type_duration);
}

void world_make(struct maker *m, struct world *ret) {
    *ret = (struct world){0};
    make_names(m, ret);
    unsigned commons = chance(m, 3) ? 1 + pick(m, WORLD_COMMONS) : 0;
    for (unsigned i = 0; i < commons; i++) {
        struct type *type = maker_alloc(m, sizeof *type);
        *type = *make_type(m, ret, 0);
        ret->is_tricky = ret->is_tricky || (i == 0 && chance(m, 5));
        type->common = i == 0 && ret->is_tricky ? PICK_FROM(m, common_odd_names) : common_names[i];
        type->space = chance(m, 3) ? "N" : "";
        ret->commons[ret->common_count++] = type;
    }
    for (unsigned i = 0; i < ret->type_count; i++) {
        make_entity_type(m, ret, i);
    }
    close_types(ret);
    ret->is_tricky = ret->is_tricky || chance(m, 20);
    ret->action_count = 1 + pick(m, WORLD_ACTIONS);
    for (unsigned i = 0; i < ret->action_count; i++) {
        make_action(m, ret, i);
    }
    make_pool(m, ret);
}

const struct type *world_type(struct maker *m, const struct world *w) {
    return w->pool[pick(m, w->pool_count)];
}

bool type_equal(const struct type *a, const struct type *b) {
    if (a->kind != b->kind) {
        return false;
    }
    if (a->kind == TYPE_ENTITY) {
        return a->entity == b->entity;
    }
    if (a->kind == TYPE_SET) {
        return type_equal(a->element, b->element);
    }
    if (a->kind != TYPE_RECORD) {
        return true;
    }
    bool is_equal = a->count == b->count;
    for (unsigned i = 0; is_equal && i < a->count; i++) {
        is_equal = str_equal(str_c(a->attrs[i].name), str_c(b->attrs[i].name)) &&
                   a->attrs[i].is_optional == b->attrs[i].is_optional &&
                   type_equal(a->attrs[i].type, b->attrs[i].type);
    }
    return is_equal;
}

unsigned pick_bit(struct maker *m, unsigned bits) {
    unsigned at[32];
    unsigned count = 0;
    for (unsigned i = 0; i < 32; i++) {
        if (bits >> i & 1) {
            at[count++] = i;
        }
    }
    ASSERT(count > 0);
    return at[pick(m, count)];
}
