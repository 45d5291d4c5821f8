/* SPDX-License-Identifier: Apache-2.0 */
#include "base/assert.h"
#include "cedar/schema/read_json_int.h"
#include "cedar/value/sort.h"

/* A list of references to entity types. */
static err read_names(struct json_reader *r, const struct json *json, struct fragment_names *ret) {
    TRY(field_expect(r, json, JSON_ARRAY, "a sequence"));
    struct ast_name *names = ARENA_ARRAY(r->arena, struct ast_name, json->count);
    if (names == NULL) {
        return arena_error(r->arena);
    }
    for (uint32_t i = 0; i < json->count; i++) {
        const struct json *item = &json->items[i];
        TRY(field_expect(r, item, JSON_STRING,
                         "a name consisting of an optional namespace and id"));
        TRY(field_check_name(r, item, item->text, FIELD_NAME_REFERENCE, "name"));
        names[i].text = item->text;
        names[i].span = field_span(item);
    }
    *ret = (struct fragment_names){json->count, names};
    return ERR_OK;
}

/* ---- entity types ---------------------------------------------------------------------------- */

static err read_ids(struct json_reader *r, const struct json *json,
                    struct fragment_entity *entity) {
    TRY(field_expect(r, json, JSON_ARRAY, "a sequence"));
    str *ids = ARENA_ARRAY(r->arena, str, json->count);
    if (ids == NULL) {
        return arena_error(r->arena);
    }
    for (uint32_t i = 0; i < json->count; i++) {
        TRY(field_string(r, &json->items[i], &ids[i]));
    }
    if (json->count == 0) {
        return JSON_FAIL(r, json,
                         "the vector provided was empty, NonEmpty needs at least one element");
    }
    entity->is_enum = true;
    entity->id_count = json->count;
    entity->ids = ids;
    return ERR_OK;
}

enum { E_PARENTS, E_SHAPE, E_TAGS, E_ENUM, E_ANNOTATIONS, E_COUNT };

static const char *const entity_fields[E_COUNT] = {"memberOfTypes", "shape", "tags", "enum",
                                                   "annotations"};

static err read_entity_member(struct json_reader *r, size_t field, const struct json *value,
                              struct fragment_entity *entity) {
    switch (field) {
    case E_PARENTS:
        return read_names(r, value, &entity->parents);
    case E_SHAPE:
        return json_type(r, value, &entity->shape);
    case E_TAGS:
        return json_type(r, value, &entity->tags);
    case E_ENUM:
        return read_ids(r, value, entity);
    case E_ANNOTATIONS:
        return field_annotations(r, value, &entity->annotations);
    default: /* field_find gives no other */
        NOT_REACHED();
        return ERR_INTERNAL;
    }
}

/* An entity type with `enum` has nothing else. */
static err check_enum(struct json_reader *r, const struct json *json,
                      const bool is_given[E_COUNT]) {
    struct buf foreign;
    buf_init_arena(&foreign, r->arena, 100);
    for (size_t i = E_PARENTS; i <= E_TAGS; i++) {
        if (is_given[i]) {
            buf_format(&foreign, "%s%s", foreign.len == 0 ? "" : ", ", entity_fields[i]);
        }
    }
    return foreign.len == 0
               ? ERR_OK
               : JSON_FAIL(r, json, "unexpected field: %.*s", STR_FMT(buf_str(&foreign)));
}

static err read_entity(struct json_reader *r, const struct json_member *member,
                       struct fragment_entity *ret) {
    bool is_given[E_COUNT] = {false};
    TRY(field_check_name(r, &member->value, member->name, FIELD_NAME_ID, "id"));
    TRY(field_expect(r, &member->value, JSON_OBJECT, "struct Everything"));
    *ret = (struct fragment_entity){.name = member->name, .place = field_place(r, member)};
    for (uint32_t i = 0; i < member->value.count; i++) {
        const struct json_member *inner = &member->value.members[i];
        size_t field;
        TRY(field_find(r, inner, entity_fields, E_COUNT, &field));
        TRY(read_entity_member(r, field, &inner->value, ret));
        is_given[field] = true;
    }
    return is_given[E_ENUM] ? check_enum(r, &member->value, is_given) : ERR_OK;
}

/* ---- actions --------------------------------------------------------------------------------- */

enum { P_RESOURCES, P_PRINCIPALS, P_CONTEXT, P_COUNT };

static const char *const applies_fields[P_COUNT] = {"resourceTypes", "principalTypes", "context"};

static err read_applies_to(struct json_reader *r, const struct json *json,
                           struct fragment_action *action) {
    bool is_given[P_COUNT] = {false};
    TRY(field_expect(r, json, JSON_OBJECT, "struct ApplySpec"));
    for (uint32_t i = 0; i < json->count; i++) {
        const struct json_member *member = &json->members[i];
        size_t field;
        TRY(field_find(r, member, applies_fields, P_COUNT, &field));
        is_given[field] = true;
        if (field == P_CONTEXT) {
            TRY(json_type(r, &member->value, &action->context));
        } else {
            TRY(read_names(r, &member->value,
                           field == P_RESOURCES ? &action->resources : &action->principals));
        }
    }
    for (size_t i = P_RESOURCES; i <= P_PRINCIPALS; i++) {
        if (!is_given[i]) {
            return field_missing(r, json, applies_fields[i]);
        }
    }
    action->has_applies_to = true;
    return ERR_OK;
}

static err read_parent(struct json_reader *r, const struct json *json,
                       struct fragment_action_ref *ret) {
    static const char *const fields[] = {"id", "type"};
    TRY(field_expect(r, json, JSON_OBJECT, "struct ActionEntityUID"));
    *ret = (struct fragment_action_ref){.span = field_span(json)};
    for (uint32_t i = 0; i < json->count; i++) {
        const struct json_member *member = &json->members[i];
        size_t field;
        TRY(field_find(r, member, fields, ARRAY_LEN(fields), &field));
        if (field == 0) {
            TRY(field_string(r, &member->value, &ret->id));
        } else if (member->value.kind != JSON_NULL) {
            TRY(field_expect(r, &member->value, JSON_STRING,
                             "a name consisting of an optional namespace and id"));
            ret->type = member->value.text;
            TRY(field_check_name(r, &member->value, ret->type, FIELD_NAME_REFERENCE, "name"));
        }
    }
    return ret->id.ptr != NULL ? ERR_OK : field_missing(r, json, "id");
}

static err read_parents(struct json_reader *r, const struct json *json,
                        struct fragment_action *action) {
    TRY(field_expect(r, json, JSON_ARRAY, "a sequence"));
    struct fragment_action_ref *refs =
        ARENA_ARRAY(r->arena, struct fragment_action_ref, json->count);
    if (refs == NULL) {
        return arena_error(r->arena);
    }
    for (uint32_t i = 0; i < json->count; i++) {
        TRY(read_parent(r, &json->items[i], &refs[i]));
    }
    action->has_parents = true;
    action->parent_count = json->count;
    action->parents = refs;
    return ERR_OK;
}

enum { A_ATTRIBUTES, A_APPLIES_TO, A_PARENTS, A_ANNOTATIONS, A_COUNT };

static const char *const action_fields[A_COUNT] = {"attributes", "appliesTo", "memberOf",
                                                   "annotations"};

static err read_action_member(struct json_reader *r, size_t field, const struct json *value,
                              struct fragment_action *action) {
    if (field != A_ANNOTATIONS && value->kind == JSON_NULL) {
        return ERR_OK; /* as if it were not there */
    }
    switch (field) {
    case A_ATTRIBUTES:
        action->has_attributes = true;
        return field_expect(r, value, JSON_OBJECT, "a map");
    case A_APPLIES_TO:
        return read_applies_to(r, value, action);
    case A_PARENTS:
        return read_parents(r, value, action);
    case A_ANNOTATIONS:
        return field_annotations(r, value, &action->annotations);
    default: /* field_find gives no other */
        NOT_REACHED();
        return ERR_INTERNAL;
    }
}

static err read_action(struct json_reader *r, const struct json_member *member,
                       struct fragment_action *ret) {
    TRY(field_expect(r, &member->value, JSON_OBJECT, "struct ActionType"));
    *ret = (struct fragment_action){.id = member->name, .place = field_place(r, member)};
    for (uint32_t i = 0; i < member->value.count; i++) {
        const struct json_member *inner = &member->value.members[i];
        size_t field;
        TRY(field_find(r, inner, action_fields, A_COUNT, &field));
        TRY(read_action_member(r, field, &inner->value, ret));
    }
    return ERR_OK;
}

/* ---- namespaces ------------------------------------------------------------------------------ */

/* Reads each member of an object with `read` and pushes it. */
#define READ_MEMBERS(r, json, type, read, vec)                \
    do {                                                      \
        TRY(field_expect((r), (json), JSON_OBJECT, "a map")); \
        for (uint32_t i_ = 0; i_ < (json)->count; i_++) {     \
            type item_;                                       \
            TRY(read((r), &(json)->members[i_], &item_));     \
            if (!VEC_PUSH((r)->arena, (vec), item_)) {        \
                return arena_error((r)->arena);               \
            }                                                 \
        }                                                     \
    } while (0)

enum { N_COMMONS, N_ENTITIES, N_ACTIONS, N_ANNOTATIONS, N_COUNT };

static const char *const namespace_fields[N_COUNT] = {"commonTypes", "entityTypes", "actions",
                                                      "annotations"};

static err read_namespace_member(struct json_reader *r, size_t field, const struct json *value,
                                 struct fragment_namespace *ns) {
    switch (field) {
    case N_COMMONS:
        READ_MEMBERS(r, value, struct fragment_common, json_common, &ns->commons);
        return ERR_OK;
    case N_ENTITIES:
        READ_MEMBERS(r, value, struct fragment_entity, read_entity, &ns->entities);
        return ERR_OK;
    case N_ACTIONS:
        READ_MEMBERS(r, value, struct fragment_action, read_action, &ns->actions);
        return ERR_OK;
    case N_ANNOTATIONS:
        return field_annotations(r, value, &ns->annotations);
    default: /* field_find gives no other */
        NOT_REACHED();
        return ERR_INTERNAL;
    }
}

static err read_namespace(struct json_reader *r, const struct json_member *member,
                          struct fragment_namespace *ret) {
    bool is_given[N_COUNT] = {false};
    TRY(field_expect(r, &member->value, JSON_OBJECT, "struct NamespaceDefinition"));
    *ret = (struct fragment_namespace){.name = member->name, .place = field_place(r, member)};
    for (uint32_t i = 0; i < member->value.count; i++) {
        const struct json_member *inner = &member->value.members[i];
        size_t field;
        TRY(field_find(r, inner, namespace_fields, N_COUNT, &field));
        TRY(read_namespace_member(r, field, &inner->value, ret));
        is_given[field] = true;
    }
    for (size_t i = N_ENTITIES; i <= N_ACTIONS; i++) {
        if (!is_given[i]) {
            return field_missing(r, &member->value, namespace_fields[i]);
        }
    }
    return ERR_OK;
}

static int compare_members(const void *a, const void *b) {
    const struct json_member *left = *(const struct json_member *const *)a;
    const struct json_member *right = *(const struct json_member *const *)b;
    return str_compare(left->name, right->name);
}

/* Names of namespaces come last, in their order. */
static err check_namespaces(struct json_reader *r, const struct json *json,
                            const struct fragment *fragment) {
    const struct json_member **sorted =
        ARENA_ARRAY(r->arena, const struct json_member *, json->count);
    if (sorted == NULL) {
        return arena_error(r->arena);
    }
    for (uint32_t i = 0; i < json->count; i++) {
        sorted[i] = &json->members[i];
        if (json->members[i].name.len == 0 && fragment->namespaces.items[i].annotations.count > 0) {
            return JSON_FAIL(r, &json->members[i].value,
                             "annotations are not allowed on the empty namespace");
        }
    }
    sort_items(sorted, json->count, sizeof *sorted, compare_members);
    for (uint32_t i = 0; i < json->count; i++) {
        if (sorted[i]->name.len > 0) {
            TRY(field_check_name(r, &sorted[i]->value, sorted[i]->name, FIELD_NAME_SPACE,
                                 "namespace"));
        }
    }
    return ERR_OK;
}

/* ---- the whole ------------------------------------------------------------------------------- */

/* Schemas in the other form, and namespaces that were forgotten, are common mistakes. */
static const char *find_help(const struct json_reader *r, const struct json *json) {
    str text = r->source->text;
    size_t at = 0;
    while (at < text.len &&
           (text.ptr[at] == ' ' || (text.ptr[at] >= '\t' && text.ptr[at] <= '\r'))) {
        at++;
    }
    if (at < text.len && text.ptr[at] != '{') {
        return "this API was expecting a schema in the JSON format; did you mean to use a "
               "different function, which expects the Cedar schema format?";
    }
    if (json != NULL &&
        (json_get(json, STR("entityTypes")) != NULL || json_get(json, STR("actions")) != NULL ||
         json_get(json, STR("commonTypes")) != NULL)) {
        return "JSON formatted schema must specify a namespace. If you want to use the empty "
               "namespace, explicitly specify it with `{ \"\": {..} }`";
    }
    return NULL;
}

static err read_fragment(struct json_reader *r, const struct json *json, struct fragment *ret) {
    READ_MEMBERS(r, json, struct fragment_namespace, read_namespace, &ret->namespaces);
    return check_namespaces(r, json, ret);
}

static err parse_text(struct json_reader *r, const struct schema_limits *limits,
                      const struct json **ret) {
    const struct json_limits json_limits = {
        .max_bytes = limits->max_bytes,
        .max_depth = limits->max_depth,
        .max_values = UINT32_MAX,
    };
    struct error error = {0};
    err result = json_parse(r->arena, r->source->text, &json_limits, ret, &error);
    if (result != ERR_OK) {
        struct ast_span at = {(uint32_t)error.offset, (uint32_t)error.offset};
        diag_add(r->diags, DIAG_ERROR, at, "%s", error.text);
    }
    return result;
}

err fragment_read_json(struct arena *a, const struct schema_source *source,
                       const struct schema_limits *limits, struct diag_list *diags,
                       struct fragment *ret) {
    struct json_reader reader = {.arena = a, .diags = diags, .source = source};
    const struct json *json = NULL;
    struct fragment fragment = {0};
    size_t first = diags == NULL ? 0 : diags->items.count;
    err result = parse_text(&reader, limits, &json);
    if (result == ERR_OK) {
        result = read_fragment(&reader, json, &fragment);
    }
    const char *help = result == ERR_SYNTAX ? find_help(&reader, json) : NULL;
    if (help != NULL && diags != NULL && diags->items.count > first) {
        diag_help(diags, &diags->items.items[diags->items.count - 1], "%s", help);
    }
    TRY(result);
    *ret = fragment;
    return ERR_OK;
}
