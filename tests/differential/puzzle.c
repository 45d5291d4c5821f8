/* SPDX-License-Identifier: Apache-2.0 */
#include "puzzle.h"

#include <string.h>

#define COUNT(array) ((unsigned)ARRAY_LEN(array))

static const char *const names[] = {"A",          "B",         "C",         "User",
                                    "Group",      "entity",    "type",      "Set",
                                    "tags",       "enum",      "context",   "principal",
                                    "Record",     "permit",    "action",    "appliesTo",
                                    "attributes", "resource",  "Bool",      "String",
                                    "Long",       "namespace", "ipaddr",    "in",
                                    "if",         "datetime",  "Extension", "Entity",
                                    "Action",     "__cedar",   "Boolean",   "EntityOrCommon"};
static const char *const spaces[] = {"", "N", "M", "N::M", "A", "A::B", "User"};
static const char *const builtins[] = {"Long",    "String",   "Bool",    "ipaddr",
                                       "decimal", "datetime", "duration"};
static const char *const words[] = {"a",      "b",      "",           "a b",     "in",     "if",
                                    "it's",   "q\"t",   "\u00e9",     "\u0301x", "\n",     "\x01",
                                    "Action", "\u200b", "\U0001F600", "x\\y",    "__cedar"};
static const char *const note_names[] = {"doc", "id", "if", "in", "entity", "x", "Set", "Long"};
static const char *const action_names[] = {"view", "edit", "all", "a", "b", "entity", "in"};

/* While a puzzle is made; what a declaration may refer to is what was declared before it. */
struct puzzler {
    struct maker *m;
    struct puzzle *p;
    const struct puzzle_space *space;
    const struct puzzle_common *current; /* common type that is being made, or NULL */
};

static bool is_among(const char *name, const char *const *list, size_t count) {
    bool is_there = false;
    for (size_t i = 0; i < count; i++) {
        is_there = is_there || (list[i] != NULL && strcmp(name, list[i]) == 0);
    }
    return is_there;
}

/* The first ones more often. */
static const char *some_name(struct maker *m) {
    return names[pick(m, 5 + pick(m, COUNT(names) - 4))];
}

static void make_notes(struct maker *m, struct puzzle_notes *ret) {
    *ret = (struct puzzle_notes){0};
    for (unsigned i = chance(m, 5) ? pick(m, PUZZLE_ITEMS) + 1 : 0; i > 0; i--) {
        const char *name = PICK_FROM(m, note_names);
        if (!is_among(name, ret->names, ret->count)) {
            ret->names[ret->count] = name;
            ret->values[ret->count++] = chance(m, 5) ? NULL : PICK_FROM(m, words);
        }
    }
}

/* ---- references ---- */

static const char *join(struct maker *m, const char *space, const char *name) {
    if (space[0] == '\0') {
        return name;
    }
    size_t start = m->out.len;
    buf_format(&m->out, "%s::%s", space, name);
    buf_add_byte(&m->out, '\0');
    return maker_take(m, start).ptr;
}

/* A name that may mean nothing. */
static const char *any_name(struct maker *m) {
    const char *space = chance(m, 5) ? PICK_FROM(m, spaces) : "";
    return join(m, chance(m, 16) ? "__cedar" : space, some_name(m));
}

static bool has_common(const struct puzzle_space *space, const char *name) {
    bool is_there = false;
    for (unsigned i = 0; i < space->common_count; i++) {
        is_there = is_there || strcmp(space->commons[i].name, name) == 0;
    }
    return is_there;
}

/* A declared entity type, in its own namespace mostly without that; or NULL. */
static const char *entity_name(struct puzzler *z) {
    const struct puzzle_space *space =
        chance(z->m, 4) ? &z->p->spaces[pick(z->m, z->p->space_count)] : z->space;
    if (space->entity_count == 0) {
        return NULL;
    }
    const char *name = space->entities[pick(z->m, space->entity_count)].name;
    return space == z->space && !chance(z->m, 8) ? name : join(z->m, space->name, name);
}

/* A common type, one before the current one; or NULL. */
static const char *common_name(struct puzzler *z) {
    unsigned end = pick(z->m, z->p->space_count);
    const struct puzzle_space *space = &z->p->spaces[end];
    unsigned count = space->common_count;
    if (z->current != NULL && space == z->space) {
        count = (unsigned)(z->current - space->commons);
    } else if (z->current != NULL && space > z->space) {
        return NULL;
    }
    if (count == 0) {
        return NULL;
    }
    const char *name = space->commons[pick(z->m, count)].name;
    return space == z->space && !chance(z->m, 4) ? name : join(z->m, space->name, name);
}

static void make_reference(struct puzzler *z, struct puzzle_type *ret) {
    const char *name = NULL;
    if (z->p->is_wild && chance(z->m, 3)) {
        static const enum puzzle_kind kinds[] = {PUZZLE_NAME, PUZZLE_ENTITY, PUZZLE_COMMON};
        *ret = (struct puzzle_type){.kind = PICK_FROM(z->m, kinds), .name = any_name(z->m)};
        return;
    }
    unsigned kind = pick(z->m, 6);
    if (kind < 2) {
        name = entity_name(z);
        bool is_hidden = name != NULL && (strchr(name, ':') != NULL || has_common(z->space, name));
        ret->kind = is_hidden || chance(z->m, 3) ? PUZZLE_ENTITY : PUZZLE_NAME;
    } else if (kind < 4) {
        name = common_name(z);
        ret->kind = chance(z->m, 3) ? PUZZLE_COMMON : PUZZLE_NAME;
    }
    ret->name = name;
    if (name == NULL) {
        ret->name = PICK_FROM(z->m, builtins);
        ret->kind = chance(z->m, 5) ? PUZZLE_NAME : PUZZLE_BUILTIN;
    }
}

/* ---- types ---- */

static void make_type(struct puzzler *z, unsigned depth, struct puzzle_type *ret);

static void make_record(struct puzzler *z, unsigned depth, struct puzzle_type *ret) {
    struct puzzle_attr *attrs = maker_alloc(z->m, sizeof *attrs * PUZZLE_ITEMS);
    const char *used[PUZZLE_ITEMS];
    *ret = (struct puzzle_type){.kind = PUZZLE_RECORD, .attrs = attrs};
    for (unsigned i = pick(z->m, PUZZLE_ITEMS + 1); i > 0; i--) {
        const char *name = chance(z->m, 5) ? PICK_FROM(z->m, words) : some_name(z->m);
        if (!is_among(name, used, ret->count)) {
            used[ret->count] = name;
            struct puzzle_attr *attr = &attrs[ret->count++];
            *attr = (struct puzzle_attr){.name = name, .is_optional = chance(z->m, 3)};
            make_type(z, depth + 1, &attr->type);
            make_notes(z->m, &attr->notes);
        }
    }
}

static void make_type(struct puzzler *z, unsigned depth, struct puzzle_type *ret) {
    *ret = (struct puzzle_type){0};
    unsigned kind = depth < 3 ? pick(z->m, 8) : 0;
    if (kind < 5) {
        make_reference(z, ret);
    } else if (kind < 7) {
        struct puzzle_type *element = maker_alloc(z->m, sizeof *element);
        make_type(z, depth + 1, element);
        *ret = (struct puzzle_type){.kind = PUZZLE_SET, .element = element};
    } else {
        make_record(z, depth, ret);
    }
}

/* ---- declarations ---- */

static void make_entity_names(struct puzzler *z, unsigned least, struct puzzle_list *ret) {
    for (unsigned count = least + pick(z->m, 2); ret->count < count;) {
        const char *name = z->p->is_wild && chance(z->m, 3) ? any_name(z->m) : entity_name(z);
        if (name == NULL) {
            return;
        }
        ret->items[ret->count++] = name;
    }
}

static void make_entity(struct puzzler *z, struct puzzle_entity *e) {
    make_notes(z->m, &e->notes);
    if (chance(z->m, 6)) {
        for (unsigned i = 1 + pick(z->m, PUZZLE_ITEMS); i > 0; i--) {
            e->ids.items[e->ids.count++] = PICK_FROM(z->m, words);
        }
        return;
    }
    if (chance(z->m, 3)) {
        make_entity_names(z, 0, &e->parents);
    }
    e->has_shape = chance(z->m, 2);
    e->has_tags = chance(z->m, 5);
    make_record(z, 0, &e->shape);
    make_type(z, 1, &e->tags);
    if (z->p->is_wild && chance(z->m, 10)) {
        make_reference(z, &e->shape);
    }
}

static void make_parents(struct puzzler *z, struct puzzle_action *a) {
    unsigned before = (unsigned)(a - z->space->actions);
    for (unsigned i = pick(z->m, PUZZLE_ITEMS); i > 0 && before > 0; i--) {
        unsigned at = a->parents.count++;
        a->parents.items[at] = z->space->actions[pick(z->m, before)].name;
        a->parent_types.items[at] = chance(z->m, 4) ? join(z->m, z->space->name, "Action") : NULL;
        if (z->p->is_wild && chance(z->m, 4)) {
            a->parents.items[at] = PICK_FROM(z->m, action_names);
            a->parent_types.items[at] = chance(z->m, 2) ? any_name(z->m) : "Action";
        }
    }
}

static void make_action(struct puzzler *z, struct puzzle_action *a) {
    make_notes(z->m, &a->notes);
    make_parents(z, a);
    if (chance(z->m, 3)) {
        return;
    }
    a->has_applies_to = true;
    make_entity_names(z, chance(z->m, 20) ? 0 : 1, &a->principals);
    make_entity_names(z, chance(z->m, 20) ? 0 : 1, &a->resources);
    a->has_context = chance(z->m, 2);
    make_record(z, 0, &a->context);
    if (z->p->is_wild && chance(z->m, 5)) {
        make_reference(z, &a->context);
    }
}

/* ---- names of declarations ---- */

/* A wild puzzle has names that no declaration may have. */
static bool is_allowed(const struct puzzle *p, const char *name, bool is_common) {
    static const char *const never[] = {"in", "if", "Action", "__cedar"};
    static const char *const reserved[] = {"Bool", "Boolean", "Entity", "Extension",
                                           "Long", "Record",  "Set",    "String"};
    return p->is_wild || (!is_among(name, never, ARRAY_LEN(never)) &&
                          (!is_common || !is_among(name, reserved, ARRAY_LEN(reserved))));
}

/* What the empty namespace declares, no other may declare. */
static bool hides(const struct puzzle *p, const struct puzzle_space *space, const char *name) {
    bool is_hiding = false;
    for (unsigned i = 0; i < p->space_count; i++) {
        const struct puzzle_space *other = &p->spaces[i];
        if (other == space || (other->name[0] != '\0' && space->name[0] != '\0')) {
            continue;
        }
        is_hiding = is_hiding || has_common(other, name);
        for (unsigned k = 0; k < other->entity_count; k++) {
            is_hiding = is_hiding || strcmp(other->entities[k].name, name) == 0;
        }
    }
    return is_hiding && !p->is_wild;
}

static bool hides_action(const struct puzzle *p, const char *name) {
    bool is_there = false;
    for (unsigned i = 0; i < p->space_count && !p->is_wild; i++) {
        for (unsigned k = 0; k < p->spaces[i].action_count; k++) {
            is_there = is_there || strcmp(p->spaces[i].actions[k].name, name) == 0;
        }
    }
    return is_there;
}

static void declare(struct maker *m, const struct puzzle *p, struct puzzle_space *space) {
    const char *used[PUZZLE_ENTITIES] = {0};
    make_notes(m, &space->notes);
    for (unsigned i = pick(m, PUZZLE_COMMONS + 1); i > 0; i--) {
        const char *name = some_name(m);
        if (is_allowed(p, name, true) && !hides(p, space, name) && !has_common(space, name)) {
            space->commons[space->common_count++].name = name;
        }
    }
    for (unsigned i = 1 + pick(m, PUZZLE_ENTITIES); i > 0; i--) {
        const char *name = some_name(m);
        if (is_allowed(p, name, false) && !hides(p, space, name) &&
            !is_among(name, used, space->entity_count)) {
            used[space->entity_count] = name;
            space->entities[space->entity_count++].name = name;
        }
    }
    for (unsigned i = pick(m, PUZZLE_ACTIONS + 1); i > 0; i--) {
        const char *name = chance(m, 3) ? PICK_FROM(m, words) : PICK_FROM(m, action_names);
        bool is_there = hides_action(p, name);
        for (unsigned k = 0; k < space->action_count; k++) {
            is_there = is_there || strcmp(space->actions[k].name, name) == 0;
        }
        if (!is_there) {
            space->actions[space->action_count++].name = name;
        }
    }
}

static void make_space(struct puzzler *z, struct puzzle_space *space) {
    z->space = space;
    for (unsigned i = 0; i < space->common_count; i++) {
        z->current = z->p->is_wild ? NULL : &space->commons[i];
        make_type(z, 0, &space->commons[i].type);
        make_notes(z->m, &space->commons[i].notes);
    }
    z->current = NULL;
    for (unsigned i = 0; i < space->entity_count; i++) {
        make_entity(z, &space->entities[i]);
    }
    for (unsigned i = 0; i < space->action_count; i++) {
        make_action(z, &space->actions[i]);
    }
}

void puzzle_make(struct maker *m, struct puzzle *ret) {
    *ret = (struct puzzle){.is_wild = chance(m, 6)};
    for (unsigned i = 1 + pick(m, PUZZLE_SPACES); i > 0; i--) {
        const char *name = chance(m, 3) ? "" : PICK_FROM(m, spaces);
        bool is_there = false;
        for (unsigned k = 0; k < ret->space_count; k++) {
            is_there = is_there || strcmp(ret->spaces[k].name, name) == 0;
        }
        if (!is_there) {
            struct puzzle_space *space = &ret->spaces[ret->space_count++];
            space->name = name;
            declare(m, ret, space);
        }
    }
    struct puzzler puzzler = {.m = m, .p = ret};
    for (unsigned i = 0; i < ret->space_count; i++) {
        make_space(&puzzler, &ret->spaces[i]);
    }
}
