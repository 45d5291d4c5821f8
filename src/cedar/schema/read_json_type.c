/* SPDX-License-Identifier: Apache-2.0 */
#include "base/assert.h"
#include "cedar/schema/read_json_int.h"

enum { F_TYPE, F_ELEMENT, F_ATTRIBUTES, F_ADDITIONAL, F_NAME, F_COUNT };

static const char *const type_fields[F_COUNT] = {"type", "element", "attributes",
                                                 "additionalAttributes", "name"};

/* The members of a type; the value of `type` decides which may be there. */
struct type_members {
    const struct json *given[F_COUNT]; /* NULL: not there */
    str type;
    str name;
    bool additional;
    const struct fragment_type *element;
    size_t attr_count;
    struct fragment_attr *attrs;
};

static err read_attrs(struct json_reader *r, const struct json *json, struct type_members *m);

static err read_member(struct json_reader *r, const struct json_member *member,
                       struct type_members *m) {
    const struct json *value = &member->value;
    size_t field;
    TRY(field_find(r, member, type_fields, F_COUNT, &field));
    m->given[field] = value;
    switch (field) {
    case F_TYPE:
        return field_string(r, value, &m->type);
    case F_ELEMENT:
        return json_type(r, value, &m->element);
    case F_ATTRIBUTES:
        return read_attrs(r, value, m);
    case F_ADDITIONAL:
        return field_bool(r, value, &m->additional);
    case F_NAME:
        return field_string(r, value, &m->name);
    default: /* field_find gives no other */
        NOT_REACHED();
        return ERR_INTERNAL;
    }
}

/* ---- what was read, as a type of its kind ---------------------------------------------------- */

#define BIT(field) (1u << (field))

/* The members that each kind has beside `type`. */
static err check_members(struct json_reader *r, const struct type_members *m, unsigned allowed) {
    const char *names[F_COUNT];
    size_t count = 0;
    for (size_t i = F_ELEMENT; i < F_COUNT; i++) {
        if ((allowed & BIT(i)) != 0) {
            names[count++] = type_fields[i];
        }
    }
    for (size_t i = F_ELEMENT; i < F_COUNT; i++) {
        if (m->given[i] != NULL && (allowed & BIT(i)) == 0) {
            return field_unknown(r, m->given[i], type_fields[i], names, count);
        }
    }
    return ERR_OK;
}

static err finish_record(struct json_reader *r, const struct json *json,
                         const struct type_members *m, struct fragment_type *type) {
    TRY(check_members(r, m, BIT(F_ATTRIBUTES) | BIT(F_ADDITIONAL)));
    if (m->given[F_ATTRIBUTES] == NULL) {
        return field_missing(r, json, "attributes");
    }
    type->kind = FRAGMENT_RECORD;
    type->record.is_open = m->additional;
    type->record.count = fragment_sort_attrs(m->attrs, m->attr_count, r->diags);
    type->record.attrs = m->attrs;
    return ERR_OK;
}

static err finish_set(struct json_reader *r, const struct json *json, const struct type_members *m,
                      struct fragment_type *type) {
    TRY(check_members(r, m, BIT(F_ELEMENT)));
    if (m->element == NULL) {
        return field_missing(r, json, "element");
    }
    type->kind = FRAGMENT_SET;
    type->element = m->element;
    return ERR_OK;
}

/* The kinds that have a name: it stands in "name", or is the value of "type" itself. */
static err finish_named(struct json_reader *r, const struct json *json,
                        const struct type_members *m, struct fragment_type *type) {
    static const struct {
        const char *word;
        enum fragment_type_kind kind;
        enum field_name name;
        const char *what;
    } kinds[] = {
        {"Entity", FRAGMENT_ENTITY, FIELD_NAME_REFERENCE, "entity type"},
        {"EntityOrCommon", FRAGMENT_NAME, FIELD_NAME_REFERENCE, "entity or common type"},
        {"Extension", FRAGMENT_EXTENSION, FIELD_NAME_EXTENSION, "extension type"},
    };
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        if (!str_equal_c(m->type, kinds[i].word)) {
            continue;
        }
        TRY(check_members(r, m, BIT(F_NAME)));
        if (m->given[F_NAME] == NULL) {
            return field_missing(r, json, "name");
        }
        type->kind = kinds[i].kind;
        type->name = m->name;
        return field_check_name(r, m->given[F_NAME], m->name, kinds[i].name, kinds[i].what);
    }
    TRY(check_members(r, m, 0));
    if (str_equal_c(m->type, "Long") || str_equal_c(m->type, "String") ||
        str_equal_c(m->type, "Boolean")) {
        type->kind = FRAGMENT_BUILTIN;
        type->name = str_equal_c(m->type, "Boolean") ? STR("Bool") : m->type;
        return ERR_OK;
    }
    type->kind = FRAGMENT_COMMON;
    type->name = m->type;
    return field_check_name(r, m->given[F_TYPE], m->type, FIELD_NAME_REFERENCE, "common type");
}

static err finish_type(struct json_reader *r, const struct json *json, const struct type_members *m,
                       const struct fragment_type **ret) {
    struct fragment_type *type = ARENA_NEW(r->arena, struct fragment_type);
    if (type == NULL) {
        return arena_error(r->arena);
    }
    if (m->given[F_TYPE] == NULL) {
        return field_missing(r, json, "type");
    }
    type->span = field_span(json);
    err result = str_equal_c(m->type, "Record") ? finish_record(r, json, m, type)
                 : str_equal_c(m->type, "Set")  ? finish_set(r, json, m, type)
                                                : finish_named(r, json, m, type);
    TRY(result);
    *ret = type;
    return ERR_OK;
}

/* ---- types and what stands in one object with them ------------------------------------------- */

err json_type(struct json_reader *r, const struct json *json, const struct fragment_type **ret) {
    struct type_members members = {0};
    TRY(field_expect(r, json, JSON_OBJECT,
                     "builtin type or reference to type defined in commonTypes"));
    for (uint32_t i = 0; i < json->count; i++) {
        TRY(read_member(r, &json->members[i], &members));
    }
    return finish_type(r, json, &members, ret);
}

/* `annotations` and `required` (NULL: no such member) are read before the type itself. */
static err read_type_with(struct json_reader *r, const struct json *json,
                          struct schema_annotations *annotations, bool *required,
                          const struct fragment_type **ret) {
    struct type_members members = {0};
    for (uint32_t i = 0; i < json->count; i++) {
        const struct json_member *member = &json->members[i];
        if (str_equal_c(member->name, "annotations")) {
            TRY(field_annotations(r, &member->value, annotations));
        } else if (required != NULL && str_equal_c(member->name, "required")) {
            TRY(field_bool(r, &member->value, required));
        }
    }
    for (uint32_t i = 0; i < json->count; i++) {
        const struct json_member *member = &json->members[i];
        bool is_other = str_equal_c(member->name, "annotations") ||
                        (required != NULL && str_equal_c(member->name, "required"));
        if (!is_other) {
            TRY(read_member(r, member, &members));
        }
    }
    return finish_type(r, json, &members, ret);
}

static err read_attrs(struct json_reader *r, const struct json *json, struct type_members *m) {
    TRY(field_expect(r, json, JSON_OBJECT, "a map"));
    m->attr_count = json->count;
    m->attrs = ARENA_ARRAY(r->arena, struct fragment_attr, json->count);
    if (m->attrs == NULL) {
        return arena_error(r->arena);
    }
    for (uint32_t i = 0; i < json->count; i++) {
        const struct json_member *member = &json->members[i];
        struct fragment_attr *attr = &m->attrs[i];
        TRY(field_expect(r, &member->value, JSON_OBJECT, "struct TypeOfAttribute"));
        *attr = (struct fragment_attr){
            .name = member->name, .place = field_place(r, member), .is_required = true};
        TRY(read_type_with(r, &member->value, &attr->annotations, &attr->is_required, &attr->type));
    }
    return ERR_OK;
}

err json_common(struct json_reader *r, const struct json_member *member,
                struct fragment_common *ret) {
    TRY(field_check_name(r, &member->value, member->name, FIELD_NAME_ID, "id"));
    if (fragment_is_reserved_type(member->name)) {
        return JSON_FAIL(r, &member->value,
                         "this is reserved and cannot be the basename of a common-type "
                         "declaration: %.*s",
                         STR_FMT(member->name));
    }
    TRY(field_expect(r, &member->value, JSON_OBJECT, "struct CommonType"));
    *ret = (struct fragment_common){.name = member->name, .place = field_place(r, member)};
    return read_type_with(r, &member->value, &ret->annotations, NULL, &ret->type);
}
