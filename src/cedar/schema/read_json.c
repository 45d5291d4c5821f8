/* SPDX-License-Identifier: Apache-2.0 */
#include "base/assert.h"
#include "base/json.h"
#include "cedar/schema/fragment.h"

struct reader {
    struct arena *arena;
    struct diag_list *diags;
};

/* One member of an object: where its value goes, and whether it must be there. */
struct field {
    str name;
    const struct json **slot; /* stays NULL when the member is absent */
    bool is_required;
};

#define FIELD(text, variable) \
    { STR_INIT(text), &(variable), false }
#define REQUIRED(text, variable) \
    { STR_INIT(text), &(variable), true }
#define READ_FIELDS(r, json, fields) TRY(read_fields((r), (json), (fields), ARRAY_LEN(fields)))

#define FAIL(r, at, ...)                                         \
    (diag_add((r)->diags, DIAG_ERROR, span_of(at),               \
              "failed to parse schema from JSON: " __VA_ARGS__), \
     ERR_SYNTAX)

static struct ast_span span_of(const struct json *json) {
    return (struct ast_span){json->offset, json->end};
}

static err unknown_field(struct reader *r, const struct json_member *member,
                         const struct field *fields, size_t count) {
    struct buf known;
    buf_init_arena(&known, r->arena, 1000);
    for (size_t i = 0; i < count; i++) {
        buf_format(&known, "%s`%.*s`", i == 0 ? "" : ", ", STR_FMT(fields[i].name));
    }
    return FAIL(r, &member->value, "unknown field `%.*s`, expected %s%.*s", STR_FMT(member->name),
                count > 1 ? "one of " : "", STR_FMT(buf_str(&known)));
}

static err read_fields(struct reader *r, const struct json *json, const struct field *fields,
                       size_t count) {
    if (json->kind != JSON_OBJECT) {
        return FAIL(r, json, "invalid type: %s, expected an object", json_kind_name(json->kind));
    }
    for (uint32_t i = 0; i < json->count; i++) {
        const struct json_member *member = &json->members[i];
        size_t at = 0;
        while (at < count && !str_equal(member->name, fields[at].name)) {
            at++;
        }
        if (at == count) {
            return unknown_field(r, member, fields, count);
        }
        *fields[at].slot = &member->value;
    }
    for (size_t i = 0; i < count; i++) {
        if (fields[i].is_required && *fields[i].slot == NULL) {
            return FAIL(r, json, "missing field `%.*s`", STR_FMT(fields[i].name));
        }
    }
    return ERR_OK;
}

static err expect(struct reader *r, const struct json *json, enum json_kind kind) {
    if (json->kind != kind) {
        return FAIL(r, json, "invalid type: %s, expected %s", json_kind_name(json->kind),
                    json_kind_name(kind));
    }
    return ERR_OK;
}

/* A declared name. */
static err check_identifier(struct reader *r, const struct json *at, str name) {
    if (str_equal_c(name, "__cedar")) {
        return FAIL(r, at, "The name `__cedar` contains `__cedar`, which is reserved");
    }
    return ast_is_identifier(name) ? ERR_OK : FAIL(r, at, "invalid id `%.*s`", STR_FMT(name));
}

/* A reference; only here may a name be qualified by `__cedar`. */
static err read_reference(struct reader *r, const struct json *json, str *ret) {
    TRY(expect(r, json, JSON_STRING));
    str name = json->text;
    str builtin = name;
    if (str_has_prefix(name, STR("__cedar::"))) {
        builtin = str_slice(name, STR("__cedar::").len, name.len);
    }
    if (!ast_is_name(builtin)) {
        return FAIL(r, json, "invalid type name `%.*s`", STR_FMT(name));
    }
    *ret = name;
    return ERR_OK;
}

static err read_annotations(struct reader *r, const struct json *json,
                            struct schema_annotations *ret) {
    if (json == NULL) {
        return ERR_OK;
    }
    TRY(expect(r, json, JSON_OBJECT));
    struct schema_annotation *items = ARENA_ARRAY(r->arena, struct schema_annotation, json->count);
    if (items == NULL) {
        return arena_error(r->arena);
    }
    for (uint32_t i = 0; i < json->count; i++) {
        const struct json_member *member = &json->members[i];
        if (!fragment_is_annotation_name(member->name)) {
            return FAIL(r, &member->value, "invalid id `%.*s`", STR_FMT(member->name));
        }
        items[i].name = member->name;
        if (member->value.kind != JSON_NULL) {
            TRY(expect(r, &member->value, JSON_STRING));
            items[i].has_value = true;
            items[i].value = member->value.text;
        }
    }
    str doubled;
    bool is_distinct = fragment_sort_annotations(items, json->count, &doubled);
    if (!HOLDS(is_distinct)) { /* the JSON reader refuses duplicate names */
        return ERR_INTERNAL;
    }
    *ret = (struct schema_annotations){json->count, items};
    return ERR_OK;
}

/* The members of a type; an attribute of a record has two more in the same object. */
struct type_fields {
    const struct json *type;
    const struct json *element;
    const struct json *attributes;
    const struct json *additional;
    const struct json *name;
    const struct json *required;
    const struct json *annotations;
};

enum type_place { TYPE_INSIDE, TYPE_ATTRIBUTE, TYPE_COMMON };

static err read_type_fields(struct reader *r, const struct json *json, enum type_place place,
                            struct type_fields *ret) {
    struct type_fields f = {0};
    const struct field fields[] = {
        REQUIRED("type", f.type),
        FIELD("element", f.element),
        FIELD("attributes", f.attributes),
        FIELD("additionalAttributes", f.additional),
        FIELD("name", f.name),
        FIELD("annotations", f.annotations),
        FIELD("required", f.required),
    };
    size_t count = place == TYPE_ATTRIBUTE ? 7 : place == TYPE_COMMON ? 6 : 5;
    TRY(read_fields(r, json, fields, count));
    TRY(expect(r, f.type, JSON_STRING));
    *ret = f;
    return ERR_OK;
}

static err finish_type(struct reader *r, const struct json *json, const struct type_fields *f,
                       const struct fragment_type **ret);

static err read_type(struct reader *r, const struct json *json, const struct fragment_type **ret) {
    struct type_fields f;
    TRY(read_type_fields(r, json, TYPE_INSIDE, &f));
    return finish_type(r, json, &f, ret);
}

static err read_attr(struct reader *r, const struct json_member *member,
                     struct fragment_attr *ret) {
    struct type_fields f;
    TRY(read_type_fields(r, &member->value, TYPE_ATTRIBUTE, &f));
    ret->name = member->name;
    ret->span = span_of(&member->value);
    ret->is_required = true;
    if (f.required != NULL) {
        TRY(expect(r, f.required, JSON_BOOL));
        ret->is_required = f.required->boolean;
    }
    TRY(read_annotations(r, f.annotations, &ret->annotations));
    return finish_type(r, &member->value, &f, &ret->type);
}

static err read_record(struct reader *r, const struct json *json, const struct type_fields *f,
                       struct fragment_type *type) {
    if (f->attributes == NULL) {
        return FAIL(r, json, "missing field `attributes`");
    }
    TRY(expect(r, f->attributes, JSON_OBJECT));
    if (f->additional != NULL) {
        TRY(expect(r, f->additional, JSON_BOOL));
        if (f->additional->boolean) {
            return FAIL(r, f->additional, "records with `additionalAttributes` are not supported");
        }
    }
    size_t count = f->attributes->count;
    struct fragment_attr *attrs = ARENA_ARRAY(r->arena, struct fragment_attr, count);
    if (attrs == NULL) {
        return arena_error(r->arena);
    }
    for (size_t i = 0; i < count; i++) {
        TRY(read_attr(r, &f->attributes->members[i], &attrs[i]));
    }
    type->kind = FRAGMENT_RECORD;
    type->record.count = fragment_sort_attrs(attrs, count, r->diags);
    type->record.attrs = attrs;
    return ERR_OK;
}

/* The kinds that have a name: it stands in "name", or is the value of "type" itself. */
static err read_named(struct reader *r, const struct json *json, const struct type_fields *f,
                      struct fragment_type *type) {
    static const struct {
        const char *word;
        enum fragment_type_kind kind;
    } kinds[] = {
        {"Entity", FRAGMENT_ENTITY},
        {"EntityOrCommon", FRAGMENT_NAME},
        {"Extension", FRAGMENT_EXTENSION},
    };
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        if (str_equal_c(f->type->text, kinds[i].word)) {
            if (f->name == NULL) {
                return FAIL(r, json, "missing field `name`");
            }
            type->kind = kinds[i].kind;
            return read_reference(r, f->name, &type->name);
        }
    }
    if (f->name != NULL) {
        return FAIL(r, f->name, "unknown field `name`, a `%.*s` has none", STR_FMT(f->type->text));
    }
    if (str_equal_c(f->type->text, "Long") || str_equal_c(f->type->text, "String") ||
        str_equal_c(f->type->text, "Boolean")) {
        type->kind = FRAGMENT_BUILTIN;
        type->name = str_equal_c(f->type->text, "Boolean") ? STR("Bool") : f->type->text;
        return ERR_OK;
    }
    type->kind = FRAGMENT_COMMON;
    return read_reference(r, f->type, &type->name);
}

static err finish_type(struct reader *r, const struct json *json, const struct type_fields *f,
                       const struct fragment_type **ret) {
    struct fragment_type *type = ARENA_NEW(r->arena, struct fragment_type);
    if (type == NULL) {
        return arena_error(r->arena);
    }
    type->span = span_of(json);
    bool is_record = str_equal_c(f->type->text, "Record");
    bool is_set = str_equal_c(f->type->text, "Set");
    const struct json *foreign = is_record ? f->element : f->attributes;
    if (foreign == NULL && !is_record) {
        foreign = f->additional;
    }
    if (foreign == NULL && !is_set) {
        foreign = f->element;
    }
    if (foreign == NULL && (is_set || is_record)) {
        foreign = f->name;
    }
    if (foreign != NULL) {
        return FAIL(r, foreign, "a type `%.*s` does not have this field", STR_FMT(f->type->text));
    }
    if (is_record) {
        TRY(read_record(r, json, f, type));
    } else if (is_set) {
        if (f->element == NULL) {
            return FAIL(r, json, "missing field `element`");
        }
        type->kind = FRAGMENT_SET;
        TRY(read_type(r, f->element, &type->element));
    } else {
        TRY(read_named(r, json, f, type));
    }
    *ret = type;
    return ERR_OK;
}

static err read_names(struct reader *r, const struct json *json, struct fragment_names *ret) {
    TRY(expect(r, json, JSON_ARRAY));
    struct ast_name *names = ARENA_ARRAY(r->arena, struct ast_name, json->count);
    if (names == NULL) {
        return arena_error(r->arena);
    }
    for (uint32_t i = 0; i < json->count; i++) {
        TRY(read_reference(r, &json->items[i], &names[i].text));
        names[i].span = span_of(&json->items[i]);
    }
    *ret = (struct fragment_names){json->count, names};
    return ERR_OK;
}

static err read_ids(struct reader *r, const struct json *json, struct fragment_entity *entity) {
    TRY(expect(r, json, JSON_ARRAY));
    if (json->count == 0) {
        return FAIL(r, json, "the `enum` of an entity type needs at least one id");
    }
    str *ids = ARENA_ARRAY(r->arena, str, json->count);
    if (ids == NULL) {
        return arena_error(r->arena);
    }
    for (uint32_t i = 0; i < json->count; i++) {
        TRY(expect(r, &json->items[i], JSON_STRING));
        ids[i] = json->items[i].text;
    }
    entity->is_enum = true;
    entity->id_count = json->count;
    entity->ids = ids;
    return ERR_OK;
}

static err read_entity(struct reader *r, const struct json_member *member,
                       struct fragment_entity *ret) {
    const struct json *parents = NULL;
    const struct json *shape = NULL;
    const struct json *tags = NULL;
    const struct json *ids = NULL;
    const struct json *annotations = NULL;
    const struct field fields[] = {
        FIELD("memberOfTypes", parents),
        FIELD("shape", shape),
        FIELD("tags", tags),
        FIELD("enum", ids),
        FIELD("annotations", annotations),
    };
    TRY(check_identifier(r, &member->value, member->name));
    READ_FIELDS(r, &member->value, fields);
    *ret = (struct fragment_entity){.name = member->name, .span = span_of(&member->value)};
    TRY(read_annotations(r, annotations, &ret->annotations));
    if (ids != NULL) {
        const struct json *foreign = parents != NULL ? parents : shape != NULL ? shape : tags;
        if (foreign != NULL) {
            return FAIL(r, foreign, "an entity type with `enum` has no other fields");
        }
        return read_ids(r, ids, ret);
    }
    if (parents != NULL) {
        TRY(read_names(r, parents, &ret->parents));
    }
    if (shape != NULL) {
        TRY(read_type(r, shape, &ret->shape));
    }
    return tags == NULL ? ERR_OK : read_type(r, tags, &ret->tags);
}

static err read_applies_to(struct reader *r, const struct json *json,
                           struct fragment_action *action) {
    const struct json *resources = NULL;
    const struct json *principals = NULL;
    const struct json *context = NULL;
    const struct field fields[] = {
        REQUIRED("resourceTypes", resources),
        REQUIRED("principalTypes", principals),
        FIELD("context", context),
    };
    READ_FIELDS(r, json, fields);
    action->has_applies_to = true;
    TRY(read_names(r, principals, &action->principals));
    TRY(read_names(r, resources, &action->resources));
    return context == NULL ? ERR_OK : read_type(r, context, &action->context);
}

static err read_action_ref(struct reader *r, const struct json *json,
                           struct fragment_action_ref *ret) {
    const struct json *id = NULL;
    const struct json *type = NULL;
    const struct field fields[] = {REQUIRED("id", id), FIELD("type", type)};
    READ_FIELDS(r, json, fields);
    TRY(expect(r, id, JSON_STRING));
    ret->id = id->text;
    ret->span = span_of(json);
    return type == NULL || type->kind == JSON_NULL ? ERR_OK : read_reference(r, type, &ret->type);
}

static err read_action(struct reader *r, const struct json_member *member,
                       struct fragment_action *ret) {
    const struct json *attributes = NULL;
    const struct json *applies_to = NULL;
    const struct json *parents = NULL;
    const struct json *annotations = NULL;
    const struct field fields[] = {
        FIELD("attributes", attributes),
        FIELD("appliesTo", applies_to),
        FIELD("memberOf", parents),
        FIELD("annotations", annotations),
    };
    READ_FIELDS(r, &member->value, fields);
    *ret = (struct fragment_action){.id = member->name, .span = span_of(&member->value)};
    TRY(read_annotations(r, annotations, &ret->annotations));
    if (attributes != NULL && attributes->kind != JSON_NULL) {
        return FAIL(r, attributes,
                    "unsupported feature used in schema: action declared with attributes: [%.*s]",
                    STR_FMT(member->name));
    }
    if (applies_to != NULL && applies_to->kind != JSON_NULL) {
        TRY(read_applies_to(r, applies_to, ret));
    }
    if (parents == NULL || parents->kind == JSON_NULL) {
        return ERR_OK;
    }
    TRY(expect(r, parents, JSON_ARRAY));
    struct fragment_action_ref *refs =
        ARENA_ARRAY(r->arena, struct fragment_action_ref, parents->count);
    if (refs == NULL) {
        return arena_error(r->arena);
    }
    for (uint32_t i = 0; i < parents->count; i++) {
        TRY(read_action_ref(r, &parents->items[i], &refs[i]));
    }
    ret->parent_count = parents->count;
    ret->parents = refs;
    return ERR_OK;
}

static err read_common(struct reader *r, const struct json_member *member,
                       struct fragment_common *ret) {
    TRY(check_identifier(r, &member->value, member->name));
    if (fragment_is_reserved_type(member->name)) {
        return FAIL(r, &member->value,
                    "this is reserved and cannot be the basename of a common-type declaration: "
                    "%.*s",
                    STR_FMT(member->name));
    }
    struct type_fields f;
    TRY(read_type_fields(r, &member->value, TYPE_COMMON, &f));
    *ret = (struct fragment_common){.name = member->name, .span = span_of(&member->value)};
    TRY(read_annotations(r, f.annotations, &ret->annotations));
    return finish_type(r, &member->value, &f, &ret->type);
}

/* Reads each member of an object with `read` and pushes it. */
#define READ_MEMBERS(r, json, type, read, vec)            \
    do {                                                  \
        TRY(expect((r), (json), JSON_OBJECT));            \
        for (uint32_t i_ = 0; i_ < (json)->count; i_++) { \
            type item_;                                   \
            TRY(read((r), &(json)->members[i_], &item_)); \
            if (!VEC_PUSH((r)->arena, (vec), item_)) {    \
                return arena_error((r)->arena);           \
            }                                             \
        }                                                 \
    } while (0)

static err read_namespace(struct reader *r, const struct json_member *member,
                          struct fragment_namespace *ret) {
    const struct json *commons = NULL;
    const struct json *entities = NULL;
    const struct json *actions = NULL;
    const struct json *annotations = NULL;
    const struct field fields[] = {
        FIELD("commonTypes", commons),
        REQUIRED("entityTypes", entities),
        REQUIRED("actions", actions),
        FIELD("annotations", annotations),
    };
    if (member->name.len > 0 && !ast_is_name(member->name)) {
        return FAIL(r, &member->value, "invalid namespace `%.*s`", STR_FMT(member->name));
    }
    READ_FIELDS(r, &member->value, fields);
    *ret = (struct fragment_namespace){.name = member->name, .span = span_of(&member->value)};
    if (member->name.len == 0 && annotations != NULL && annotations->count > 0) {
        return FAIL(r, annotations, "annotations are not allowed on the empty namespace");
    }
    TRY(read_annotations(r, annotations, &ret->annotations));
    if (commons != NULL) {
        READ_MEMBERS(r, commons, struct fragment_common, read_common, &ret->commons);
    }
    READ_MEMBERS(r, entities, struct fragment_entity, read_entity, &ret->entities);
    READ_MEMBERS(r, actions, struct fragment_action, read_action, &ret->actions);
    return ERR_OK;
}

err fragment_read_json(struct arena *a, str text, const struct schema_limits *limits,
                       struct diag_list *diags, struct fragment *ret) {
    struct reader reader = {.arena = a, .diags = diags};
    struct reader *r = &reader;
    const struct json_limits json_limits = {
        .max_bytes = limits->max_bytes,
        .max_depth = limits->max_depth,
        .max_values = UINT32_MAX,
    };
    const struct json *json = NULL;
    struct error error = {0};
    err result = json_parse(a, text, &json_limits, &json, &error);
    if (result != ERR_OK) {
        struct ast_span at = {(uint32_t)error.offset, (uint32_t)error.offset};
        diag_add(diags, DIAG_ERROR, at, "failed to parse schema from JSON: %s", error.text);
        return result;
    }
    struct fragment fragment = {0};
    READ_MEMBERS(r, json, struct fragment_namespace, read_namespace, &fragment.namespaces);
    *ret = fragment;
    return ERR_OK;
}
