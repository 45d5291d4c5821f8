/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/schema/resolve_int.h"

#include "base/assert.h"

static const struct schema_record empty_record = {0, NULL};

const struct schema_type *resolve_empty_record(void) {
    static const struct schema_type type = {
        .kind = SCHEMA_RECORD, .depth = 1, .record = &empty_record};
    return &type;
}

static const struct {
    str name;
    struct schema_type type;
} builtins[] = {
    {STR_INIT("Bool"), {.kind = SCHEMA_BOOL, .depth = 1}},
    {STR_INIT("Long"), {.kind = SCHEMA_LONG, .depth = 1}},
    {STR_INIT("String"), {.kind = SCHEMA_STRING, .depth = 1}},
    {STR_INIT("decimal"), {.kind = SCHEMA_DECIMAL, .depth = 1}},
    {STR_INIT("ipaddr"), {.kind = SCHEMA_IPADDR, .depth = 1}},
    {STR_INIT("datetime"), {.kind = SCHEMA_DATETIME, .depth = 1}},
    {STR_INIT("duration"), {.kind = SCHEMA_DURATION, .depth = 1}},
};

const struct schema_type *resolve_builtin(str name) {
    for (size_t i = 0; i < ARRAY_LEN(builtins); i++) {
        if (str_equal(name, builtins[i].name)) {
            return &builtins[i].type;
        }
    }
    return NULL;
}

const struct schema_type *schema_builtin(enum schema_type_kind kind) {
    for (size_t i = 0; i < ARRAY_LEN(builtins); i++) {
        if (builtins[i].type.kind == kind) {
            return &builtins[i].type;
        }
    }
    return NULL;
}

str schema_builtin_name(enum schema_type_kind kind) {
    for (size_t i = 0; i < ARRAY_LEN(builtins); i++) {
        if (builtins[i].type.kind == kind) {
            return builtins[i].name;
        }
    }
    return (str){NULL, 0};
}

/* ---- names ----------------------------------------------------------------------------------- */

const struct schema_space *names_space(const struct schema_names *names, str name) {
    void **found = map_find(&names->spaces, name);
    return found == NULL ? NULL : *found;
}

/* Where the last part of a name starts. */
static size_t last_part(str name) {
    size_t at = name.len;
    while (at > 0 && name.ptr[at - 1] != ':') {
        at--;
    }
    return at;
}

/* The namespace that a qualified name says, or NULL; *ret_last is what is looked up in it. */
static const struct schema_space *named_space(const struct schema_names *names, str name,
                                              str *ret_last) {
    size_t at = last_part(name);
    *ret_last = str_slice(name, at, name.len);
    return at < 2 ? names->unnamed : names_space(names, str_slice(name, 0, at - 2));
}

static bool find_in(const struct schema_space *space, str name, unsigned uses,
                    struct resolve_target *ret) {
    void **common = (uses & RESOLVE_TYPE) != 0 ? map_find(&space->commons, name) : NULL;
    if (common != NULL) {
        ret->common = *common;
        return true;
    }
    void **entity = (uses & RESOLVE_ENTITY) != 0 ? map_find(&space->entities, name) : NULL;
    if (entity != NULL) {
        ret->entity = &((const struct resolve_entity *)*entity)->type;
    }
    return entity != NULL;
}

static bool find_qualified(const struct schema_names *names, str name, unsigned uses,
                           struct resolve_target *ret) {
    str last;
    const struct schema_space *space = named_space(names, name, &last);
    if (space != NULL && find_in(space, last, uses, ret)) {
        return true;
    }
    if ((uses & RESOLVE_TYPE) != 0 && str_has_prefix(name, STR("__cedar::"))) {
        ret->builtin = resolve_builtin(str_slice(name, STR("__cedar::").len, name.len));
    }
    return ret->builtin != NULL;
}

/* Builtins live in `__cedar`; where nothing is declared under their plain name, that means them
 * too. */
static bool find_plain(const struct schema_names *names, const struct schema_space *space, str name,
                       unsigned uses, struct resolve_target *ret) {
    if (find_in(space, name, uses, ret) || find_in(names->unnamed, name, uses, ret)) {
        return true;
    }
    if ((uses & RESOLVE_TYPE) != 0 && map_find(&names->unnamed->commons, name) == NULL &&
        map_find(&names->unnamed->entities, name) == NULL) {
        ret->builtin = resolve_builtin(name);
    }
    return ret->builtin != NULL;
}

bool names_find(const struct schema_names *names, const struct schema_space *space, str name,
                unsigned uses, struct resolve_target *ret) {
    *ret = (struct resolve_target){0};
    return last_part(name) > 0 ? find_qualified(names, name, uses, ret)
                               : find_plain(names, space, name, uses, ret);
}

struct resolve_action *names_find_action(const struct schema_names *names,
                                         const struct schema_space *space,
                                         const struct fragment_action_ref *ref) {
    str last;
    str type = ref->type.ptr == NULL ? STR("Action") : ref->type;
    const struct schema_space *named = named_space(names, type, &last);
    if (!str_equal_c(last, "Action")) {
        return NULL;
    }
    void **found = last.len == type.len ? map_find(&space->actions, ref->id) : NULL;
    if (found == NULL && named != NULL) {
        found = map_find(&named->actions, ref->id);
    }
    return found == NULL ? NULL : *found;
}

static err not_found(struct resolver *r, str ns, str name, struct ast_span span, unsigned uses) {
    const char *what = (uses & RESOLVE_ENTITY) == 0 ? "a common type"
                       : (uses & RESOLVE_TYPE) == 0 ? "an entity type"
                                                    : "a common or entity type";
    struct diag *diag =
        diag_add(r->diags, DIAG_ERROR, span, "failed to resolve type: %.*s", STR_FMT(name));
    if (ns.len == 0 || str_find(name, STR("::")) != SIZE_MAX) {
        diag_help(r->diags, diag, "`%.*s` has not been declared as %s", STR_FMT(name), what);
    } else {
        diag_help(r->diags, diag,
                  "neither `%.*s::%.*s` nor `%.*s` refers to anything that has been declared "
                  "as %s",
                  STR_FMT(ns), STR_FMT(name), STR_FMT(name), what);
    }
    return ERR_SYNTAX;
}

err resolve_name(struct resolver *r, const struct schema_space *space, str name,
                 struct ast_span span, unsigned uses, struct resolve_target *ret) {
    if (!names_find(r->names, space, name, uses, ret)) {
        return not_found(r, space->name, name, span, uses);
    }
    if (ret->entity != NULL && ret->entity->kind == SCHEMA_ENTITY_ACTION &&
        (uses & RESOLVE_ACTION) == 0) {
        struct diag *diag = diag_add(r->diags, DIAG_ERROR, span, "undeclared entity type: %.*s",
                                     STR_FMT(ret->entity->name));
        diag_help(r->diags, diag,
                  "any entity types appearing anywhere in a schema need to be declared in "
                  "`entityTypes`");
        return ERR_SYNTAX;
    }
    return ERR_OK;
}

/* ---- types ----------------------------------------------------------------------------------- */

static err too_deep(struct resolver *r, struct ast_span span) {
    diag_add(r->diags, DIAG_ERROR, span, "types nest too deeply");
    return ERR_LIMIT;
}

err resolve_common_type(struct resolver *r, struct resolve_common *common,
                        const struct schema_type **ret) {
    switch (common->state) {
    case RESOLVE_DONE:
        *ret = common->made.type;
        return ERR_OK;
    case RESOLVE_FAILED:
        return ERR_SYNTAX; /* there is a finding already */
    case RESOLVE_ACTIVE:
        resolve_enter(r, common->decl->place.source);
        diag_add(r->diags, DIAG_ERROR, common->decl->place.whole,
                 "cycle in common type references containing `%.*s`", STR_FMT(common->made.name));
        return ERR_SYNTAX;
    case RESOLVE_NEW:
        break;
    }
    common->state = RESOLVE_ACTIVE;
    const struct schema_source *before = resolve_enter(r, common->decl->place.source);
    err result = resolve_type(r, common->space, common->decl->type, &common->made.type);
    resolve_enter(r, before);
    common->state = result == ERR_OK ? RESOLVE_DONE : RESOLVE_FAILED;
    *ret = common->made.type;
    return result;
}

static err entity_type_of(struct resolver *r, const struct schema_entity_type *entity,
                          const struct schema_type **ret) {
    struct schema_type *type = ARENA_NEW(r->arena, struct schema_type);
    if (type == NULL) {
        return arena_error(r->arena);
    }
    *type = (struct schema_type){.kind = SCHEMA_ENTITY, .depth = 1, .entity = entity};
    *ret = type;
    return ERR_OK;
}

static err resolve_reference(struct resolver *r, const struct schema_space *space,
                             const struct fragment_type *type, unsigned uses,
                             const struct schema_type **ret) {
    struct resolve_target target;
    TRY(resolve_name(r, space, type->name, type->span, uses, &target));
    if (target.builtin != NULL) {
        *ret = target.builtin;
        return ERR_OK;
    }
    return target.common != NULL ? resolve_common_type(r, target.common, ret)
                                 : entity_type_of(r, target.entity, ret);
}

static err resolve_attrs(struct resolver *r, const struct schema_space *space,
                         const struct fragment_type *type, struct schema_attr *attrs,
                         uint32_t *ret_depth) {
    err result = ERR_OK;
    uint32_t depth = 0;
    for (size_t i = 0; i < type->record.count; i++) {
        const struct fragment_attr *from = &type->record.attrs[i];
        attrs[i].name = from->name;
        attrs[i].is_required = from->is_required;
        attrs[i].annotations = from->annotations;
        attrs[i].place = from->place;
        TRY(resolve_keep(resolve_type(r, space, from->type, &attrs[i].type), &result));
        if (result == ERR_OK) {
            depth = attrs[i].type->depth > depth ? attrs[i].type->depth : depth;
        }
    }
    *ret_depth = depth;
    return result;
}

static err resolve_record(struct resolver *r, const struct schema_space *space,
                          const struct fragment_type *type, struct schema_type *ret) {
    size_t count = type->record.count;
    struct schema_record *record = ARENA_NEW(r->arena, struct schema_record);
    struct schema_attr *attrs = ARENA_ARRAY(r->arena, struct schema_attr, count);
    if (record == NULL || attrs == NULL) {
        return arena_error(r->arena);
    }
    uint32_t depth = 0;
    TRY(resolve_attrs(r, space, type, attrs, &depth));
    if (type->record.is_open) {
        diag_add(r->diags, DIAG_ERROR, type->span,
                 "unsupported feature used in schema: records and entities with "
                 "`additionalAttributes` are experimental, but the experimental "
                 "`partial-validate` feature is not enabled");
        return ERR_SYNTAX;
    }
    *record = (struct schema_record){count, attrs};
    *ret = (struct schema_type){.kind = SCHEMA_RECORD, .depth = depth + 1, .record = record};
    return ERR_OK;
}

static err resolve_structure(struct resolver *r, const struct schema_space *space,
                             const struct fragment_type *type, const struct schema_type **ret) {
    struct schema_type *made = ARENA_NEW(r->arena, struct schema_type);
    if (made == NULL) {
        return arena_error(r->arena);
    }
    if (type->kind == FRAGMENT_RECORD) {
        TRY(resolve_record(r, space, type, made));
    } else {
        *made = (struct schema_type){.kind = SCHEMA_SET};
        TRY(resolve_type(r, space, type->element, &made->element));
        made->depth = made->element->depth + 1;
    }
    *ret = made;
    return made->depth > r->max_depth ? too_deep(r, type->span) : ERR_OK;
}

static err resolve_extension(struct resolver *r, const struct fragment_type *type,
                             const struct schema_type **ret) {
    *ret = resolve_builtin(type->name);
    if (*ret != NULL && (*ret)->kind >= SCHEMA_DECIMAL && (*ret)->kind <= SCHEMA_DURATION) {
        return ERR_OK;
    }
    static const str known[] = {STR_INIT("ipaddr"), STR_INIT("decimal"), STR_INIT("datetime"),
                                STR_INIT("duration")};
    str nearest = str_nearest_within(type->name, known, ARRAY_LEN(known), SIZE_MAX);
    struct diag *diag = diag_add(r->diags, DIAG_ERROR, type->span, "unknown extension type `%.*s`",
                                 STR_FMT(type->name));
    if (nearest.ptr != NULL) {
        diag_help(r->diags, diag, "did you mean `%.*s`?", STR_FMT(nearest));
    }
    return ERR_SYNTAX;
}

static err resolve_kind(struct resolver *r, const struct schema_space *space,
                        const struct fragment_type *type, const struct schema_type **ret) {
    switch (type->kind) {
    case FRAGMENT_NAME:
        return resolve_reference(r, space, type, RESOLVE_TYPE | RESOLVE_ENTITY | RESOLVE_ACTION,
                                 ret);
    case FRAGMENT_ENTITY:
        return resolve_reference(r, space, type, RESOLVE_ENTITY | RESOLVE_ACTION, ret);
    case FRAGMENT_COMMON:
        return resolve_reference(r, space, type, RESOLVE_TYPE, ret);
    case FRAGMENT_EXTENSION:
        return resolve_extension(r, type, ret);
    case FRAGMENT_BUILTIN:
        *ret = resolve_builtin(type->name);
        return ERR_OK;
    case FRAGMENT_SET:
    case FRAGMENT_RECORD:
        return resolve_structure(r, space, type, ret);
    }
    NOT_REACHED();
    return ERR_INTERNAL;
}

err resolve_type(struct resolver *r, const struct schema_space *space,
                 const struct fragment_type *type, const struct schema_type **ret) {
    /* common types may refer to each other in a long row, so the stack is bounded here */
    if (r->depth >= r->max_depth) {
        return too_deep(r, type->span);
    }
    r->depth++;
    err result = resolve_kind(r, space, type, ret);
    r->depth--;
    return result;
}
