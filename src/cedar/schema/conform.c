/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/schema/conform.h"

#include "base/assert.h"
#include "cedar/schema/show.h"
#include "cedar/value/sort.h"

#define FAIL(diags, span, ...)                                                                     \
    (diag_add((diags), DIAG_ERROR, (span), "entity does not conform to the schema: " __VA_ARGS__), \
     ERR_TYPE)

enum {
    TEXT_MAX = 4096,
    CONTEXT_SHOWN = 5, /* fields of a context in a message */
};

str conform_uid_text(struct diag_list *diags, const struct uid *uid) {
    if (diags == NULL) {
        return STR("");
    }
    struct buf text;
    buf_init_arena(&text, diags->arena, TEXT_MAX);
    uid_format(&text, uid);
    return buf_str(&text);
}

void conform_mismatch_format(struct buf *out, const struct schema_type *type,
                             const struct value *value) {
    buf_add(out, STR("type mismatch: value was expected to have type "));
    schema_type_format(out, type);
    buf_add(out, STR(", but it actually has type "));
    value_type_name(out, value);
    buf_add(out, STR(": `"));
    show_data(out, value);
    buf_add_byte(out, '`');
}

/* ---- values ---- */

enum fault_kind { FAULT_NONE, FAULT_TYPE, FAULT_ENUM_ID, FAULT_ACTION };

/* The first thing that does not fit, wherever inside the value it is. */
struct fault {
    enum fault_kind kind;
    const struct schema_type *type;
    const struct schema_entity_type *declared; /* FAULT_ENUM_ID: of the value */
    const struct value *value;
};

static bool has_kind(const struct value *value, enum value_kind kind) {
    return value->kind == kind;
}

/* Looks into ids when there is a schema. */
static void check_entity(const struct schema *schema, const struct schema_entity_type *type,
                         const struct value *value, struct fault *fault) {
    if (!has_kind(value, VALUE_ENTITY) || !str_equal(uid_type(value->uid), type->name)) {
        fault->kind = FAULT_TYPE;
    } else if (schema == NULL) {
        return;
    } else if (type->kind == SCHEMA_ENTITY_ENUM && !schema_enum_has_id(type, uid_id(value->uid))) {
        fault->kind = FAULT_ENUM_ID;
    } else if (type->kind == SCHEMA_ENTITY_ACTION &&
               schema_find_action(schema, value->uid) == NULL) {
        fault->kind = FAULT_ACTION;
    }
}

static void check_value(const struct schema *schema, const struct schema_type *type,
                        const struct value *value, struct fault *fault);

static void check_set(const struct schema *schema, const struct schema_type *type,
                      const struct value *value, struct fault *fault) {
    if (!has_kind(value, VALUE_SET)) {
        fault->kind = FAULT_TYPE;
        return;
    }
    for (size_t i = 0; i < value->set->count && fault->kind == FAULT_NONE; i++) {
        check_value(schema, type->element, &value->set->items[i], fault);
    }
}

/* Both are sorted by name. */
static void check_record(const struct schema *schema, const struct schema_type *type,
                         const struct value *value, struct fault *fault) {
    if (!has_kind(value, VALUE_RECORD)) {
        fault->kind = FAULT_TYPE;
        return;
    }
    const struct value_record *record = value->record;
    size_t count = value_record_count(record);
    size_t at = 0;
    for (size_t i = 0; i < type->record->count && fault->kind == FAULT_NONE; i++) {
        const struct schema_attr *attr = &type->record->attrs[i];
        if (at < count && str_equal(value_record_name(record, at), attr->name)) {
            check_value(schema, attr->type, &record->values[at], fault);
            at++;
        } else if (attr->is_required) {
            fault->kind = FAULT_TYPE;
        }
    }
    if (fault->kind == FAULT_NONE && at < count) {
        fault->kind = FAULT_TYPE; /* an attribute that is not declared */
    }
}

static bool is_simple(enum schema_type_kind kind, const struct value *value) {
    static const enum value_kind kinds[] = {
        [SCHEMA_BOOL] = VALUE_BOOL,         [SCHEMA_LONG] = VALUE_LONG,
        [SCHEMA_STRING] = VALUE_STRING,     [SCHEMA_DECIMAL] = VALUE_DECIMAL,
        [SCHEMA_IPADDR] = VALUE_IPADDR,     [SCHEMA_DATETIME] = VALUE_DATETIME,
        [SCHEMA_DURATION] = VALUE_DURATION,
    };
    return value->kind == kinds[kind];
}

/* Values nest no deeper than their type, and types are bounded when a schema is read. */
static void check_value(const struct schema *schema, const struct schema_type *type,
                        const struct value *value, struct fault *fault) {
    switch (type->kind) {
    case SCHEMA_BOOL:
    case SCHEMA_LONG:
    case SCHEMA_STRING:
    case SCHEMA_DECIMAL:
    case SCHEMA_IPADDR:
    case SCHEMA_DATETIME:
    case SCHEMA_DURATION:
        fault->kind = is_simple(type->kind, value) ? FAULT_NONE : FAULT_TYPE;
        break;
    case SCHEMA_ENTITY:
        check_entity(schema, type->entity, value, fault);
        break;
    case SCHEMA_SET:
        check_set(schema, type, value, fault);
        break;
    case SCHEMA_RECORD:
        check_record(schema, type, value, fault);
        break;
    }
    if (fault->kind != FAULT_NONE && fault->type == NULL) {
        fault->type = type;
        fault->value = value;
    }
}

bool conform_value(const struct schema_type *type, const struct value *value) {
    struct fault fault = {0};
    check_value(NULL, type, value, &fault);
    return fault.kind == FAULT_NONE;
}

/* ---- findings about uids ---- */

static str prefix_of(bool is_entity) {
    return is_entity ? STR("entity does not conform to the schema: ") : STR("");
}

static err bad_enum_id(const struct schema_entity_type *type, const struct uid *uid, bool is_entity,
                       struct ast_span span, struct diag_list *diags) {
    if (diags == NULL) {
        return ERR_TYPE;
    }
    struct buf id;
    struct buf known;
    buf_init_arena(&id, diags->arena, TEXT_MAX);
    buf_init_arena(&known, diags->arena, TEXT_MAX);
    escape_debug(&id, uid_id(uid));
    for (size_t i = 0; i < type->id_count && known.error == ERR_OK; i++) {
        buf_add_c(&known, i == 0 ? "\"" : ", \"");
        escape_debug(&known, type->ids[i]);
        buf_add_byte(&known, '"');
    }
    struct diag *diag =
        diag_add(diags, DIAG_ERROR, span,
                 "%.*sentity `%.*s` is of an enumerated entity type, but `\"%.*s\"` is not "
                 "declared as a valid eid",
                 STR_FMT(prefix_of(is_entity)), STR_FMT(conform_uid_text(diags, uid)),
                 STR_FMT(buf_str(&id)));
    diag_help(diags, diag, "valid entity eids: %.*s", STR_FMT(buf_str(&known)));
    return ERR_TYPE;
}

void conform_help_type(const struct schema *schema, str name, struct diag_list *diags,
                       struct diag *diag) {
    for (size_t i = 0; i < schema->entity_type_count && diag != NULL; i++) {
        str known = schema->entity_types[i]->name;
        bool is_action = schema->entity_types[i]->kind == SCHEMA_ENTITY_ACTION;
        if (!is_action && known.len > name.len + 2 && str_has_suffix(known, name) &&
            known.ptr[known.len - name.len - 1] == ':') {
            diag_help(diags, diag, "did you mean `%.*s`?", STR_FMT(known));
            return;
        }
    }
}

static err undeclared_action(const struct uid *uid, struct ast_span span, struct diag_list *diags) {
    return FAIL(diags, span,
                "found action entity `%.*s`, but it was not declared as an action in the schema",
                STR_FMT(conform_uid_text(diags, uid)));
}

err conform_uid(const struct schema *schema, const struct uid *uid, struct ast_span span,
                struct diag_list *diags) {
    if (schema_name_is_action(uid_type(uid))) {
        return schema_find_action(schema, uid) != NULL ? ERR_OK
                                                       : undeclared_action(uid, span, diags);
    }
    const struct schema_entity_type *type = schema_find_entity_type(schema, uid_type(uid));
    if (type == NULL) {
        struct diag *diag = diag_add(diags, DIAG_ERROR, span,
                                     "error during entity deserialization: entity `%.*s` has "
                                     "type `%.*s` which is not declared in the schema",
                                     STR_FMT(conform_uid_text(diags, uid)), STR_FMT(uid_type(uid)));
        conform_help_type(schema, uid_type(uid), diags, diag);
        return ERR_TYPE;
    }
    if (type->kind == SCHEMA_ENTITY_ENUM && !schema_enum_has_id(type, uid_id(uid))) {
        return bad_enum_id(type, uid, true, span, diags);
    }
    return ERR_OK;
}

err conform_parent(const struct schema *schema, const struct uid *uid, const struct uid *parent,
                   struct ast_span span, struct diag_list *diags) {
    const struct schema_entity_type *type = schema_find_entity_type(schema, uid_type(uid));
    const struct schema_entity_type *above = schema_find_entity_type(schema, uid_type(parent));
    if (type != NULL && type->kind == SCHEMA_ENTITY_ACTION) {
        return ERR_OK; /* conform_actions compares with the declaration */
    }
    if (above != NULL && above->kind == SCHEMA_ENTITY_ENUM &&
        !schema_enum_has_id(above, uid_id(parent))) {
        return bad_enum_id(above, parent, true, span, diags);
    }
    if (schema_name_is_action(uid_type(parent)) && schema_find_action(schema, parent) == NULL) {
        return undeclared_action(parent, span, diags);
    }
    if (type == NULL || above == NULL || !schema_type_is_below(type, above)) {
        return FAIL(diags, span,
                    "`%.*s` is not allowed to have an ancestor of type `%.*s` according to the "
                    "schema",
                    STR_FMT(conform_uid_text(diags, uid)), STR_FMT(uid_type(parent)));
    }
    return ERR_OK;
}

/* ---- entities ---- */

err conform_action_mismatch(const struct uid *uid, struct ast_span span, struct diag_list *diags) {
    str text = conform_uid_text(diags, uid);
    struct diag *diag = diag_add(diags, DIAG_ERROR, span,
                                 "entity does not conform to the schema: definition of action "
                                 "`%.*s` does not match its schema declaration",
                                 STR_FMT(text));
    diag_help(diags, diag,
              "to use the schema's definition of `%.*s`, simply omit it from the entities input "
              "data",
              STR_FMT(text));
    return ERR_TYPE;
}

static size_t count_of(const struct value_record *record) {
    return record == NULL ? 0 : value_record_count(record);
}

err conform_unexpected(const struct uid *uid, enum conform_part part, str name,
                       struct ast_span span, struct diag_list *diags) {
    str text = conform_uid_text(diags, uid);
    if (part == CONFORM_ATTR) {
        diag_add(diags, DIAG_ERROR, span,
                 "error during entity deserialization: attribute `%.*s` on `%.*s` should not "
                 "exist according to the schema",
                 STR_FMT(name), STR_FMT(text));
    } else {
        diag_add(diags, DIAG_ERROR, span,
                 "error during entity deserialization: found a tag `%.*s` on `%.*s`, but no tags "
                 "should exist on `%.*s` according to the schema",
                 STR_FMT(name), STR_FMT(text), STR_FMT(text));
    }
    return ERR_TYPE;
}

static err check_attr_names(const struct schema_entity_type *type,
                            const struct conform_entity *entity, struct diag_list *diags) {
    for (size_t i = 0; i < count_of(entity->attrs); i++) {
        str name = value_record_name(entity->attrs, i);
        if (schema_find_attr(type->attrs, name) == NULL) {
            return conform_unexpected(entity->uid, CONFORM_ATTR, name, entity->span, diags);
        }
    }
    for (size_t i = 0; i < type->attrs->count; i++) {
        const struct schema_attr *attr = &type->attrs->attrs[i];
        if (attr->is_required &&
            (entity->attrs == NULL || value_record_find(entity->attrs, attr->name) == NULL)) {
            return FAIL(diags, entity->span,
                        "expected entity `%.*s` to have attribute `%.*s`, but it does not",
                        STR_FMT(conform_uid_text(diags, entity->uid)), STR_FMT(attr->name));
        }
    }
    return ERR_OK;
}

err conform_names(const struct schema *schema, const struct conform_entity *entity,
                  struct diag_list *diags) {
    TRY(conform_uid(schema, entity->uid, entity->span, diags));
    const struct schema_entity_type *type = schema_find_entity_type(schema, uid_type(entity->uid));
    if (!HOLDS(type != NULL)) { /* conform_uid said so */
        return ERR_INTERNAL;
    }
    if (type->kind == SCHEMA_ENTITY_ACTION) {
        return count_of(entity->attrs) == 0 && count_of(entity->tags) == 0
                   ? ERR_OK
                   : conform_action_mismatch(entity->uid, entity->span, diags);
    }
    TRY(check_attr_names(type, entity, diags));
    if (type->tags == NULL && count_of(entity->tags) > 0) {
        return conform_unexpected(entity->uid, CONFORM_TAG, value_record_name(entity->tags, 0),
                                  entity->span, diags);
    }
    return ERR_OK;
}

err conform_field(const struct schema *schema, const struct uid *uid, enum conform_part part,
                  const struct value_field *field, const struct schema_type *type,
                  struct ast_span span, struct diag_list *diags) {
    struct fault fault = {0};
    check_value(schema, type, &field->value, &fault);
    switch (fault.kind) {
    case FAULT_NONE:
        return ERR_OK;
    case FAULT_ENUM_ID:
        return bad_enum_id(fault.type->entity, fault.value->uid, true, span, diags);
    case FAULT_ACTION:
        return conform_uid(schema, fault.value->uid, span, diags);
    case FAULT_TYPE:
        break;
    }
    if (diags == NULL) {
        return ERR_TYPE;
    }
    struct buf text;
    buf_init_arena(&text, diags->arena, TEXT_MAX);
    conform_mismatch_format(&text, fault.type, fault.value);
    return FAIL(diags, span, "in %s `%.*s` on `%.*s`, %.*s",
                part == CONFORM_ATTR ? "attribute" : "tag", STR_FMT(field->name),
                STR_FMT(conform_uid_text(diags, uid)), STR_FMT(buf_str(&text)));
}

err conform_entity(const struct schema *schema, const struct conform_entity *entity,
                   struct diag_list *diags) {
    TRY(conform_names(schema, entity, diags));
    const struct schema_entity_type *type = schema_find_entity_type(schema, uid_type(entity->uid));
    for (size_t i = 0; i < count_of(entity->attrs); i++) {
        struct value_field field = value_record_field(entity->attrs, i);
        const struct schema_attr *attr = schema_find_attr(type->attrs, field.name);
        TRY(conform_field(schema, entity->uid, CONFORM_ATTR, &field, attr->type, entity->span,
                          diags));
    }
    for (size_t i = 0; i < count_of(entity->tags); i++) {
        struct value_field field = value_record_field(entity->tags, i);
        TRY(conform_field(schema, entity->uid, CONFORM_TAG, &field, type->tags, entity->span,
                          diags));
    }
    for (size_t i = 0; i < entity->parent_count; i++) {
        TRY(conform_parent(schema, entity->uid, entity->parents[i], entity->span, diags));
    }
    return ERR_OK;
}

/* ---- actions ---- */

err conform_action_parent(const struct uid *action, const struct uid *parent, struct ast_span span,
                          struct diag_list *diags) {
    if (schema_name_is_action(uid_type(parent))) {
        return ERR_OK;
    }
    struct diag *diag = diag_add(diags, DIAG_ERROR, span,
                                 "error during entity deserialization: action `%.*s` has a "
                                 "non-action parent `%.*s`",
                                 STR_FMT(conform_uid_text(diags, action)),
                                 STR_FMT(conform_uid_text(diags, parent)));
    diag_help(diags, diag,
              "parents of actions need to have type `Action` themselves, perhaps namespaced");
    return ERR_SYNTAX;
}

err conform_add_actions(const struct schema *schema, struct entity_builder *builder) {
    for (size_t i = 0; i < schema->action_count; i++) {
        const struct schema_action *action = schema->actions[i];
        if (entity_builder_has(builder, action->uid)) {
            continue; /* given by the host, or in the base; conform_actions compares */
        }
        TRY(entity_builder_add(builder, action->uid, NULL, NULL, action->ancestors,
                               action->ancestor_count));
    }
    return ERR_OK;
}

static bool is_as_declared(const struct schema_action *action, const struct entities *entities,
                           const struct entity *entity) {
    if (value_record_count(entity->attrs) != 0 || value_record_count(entity->tags) != 0 ||
        entity->ancestor_count != action->ancestor_count) {
        return false;
    }
    for (size_t i = 0; i < action->ancestor_count; i++) {
        if (!entities_is_in(entities, &entity->uid, action->ancestors[i])) {
            return false;
        }
    }
    return true;
}

err conform_actions(const struct schema *schema, const struct entities *entities,
                    struct diag_list *diags) {
    const struct ast_span nowhere = {0, 0};
    for (size_t i = 0; i < entities_count(entities); i++) {
        const struct entity *entity = entities_get(entities, i);
        if (entity == NULL || !schema_name_is_action(uid_type(&entity->uid))) {
            continue;
        }
        const struct schema_action *action = schema_find_action(schema, &entity->uid);
        if (action == NULL) {
            return conform_uid(schema, &entity->uid, nowhere, diags);
        }
        if (!is_as_declared(action, entities, entity)) {
            return conform_action_mismatch(&entity->uid, nowhere, diags);
        }
    }
    return ERR_OK;
}

/* ---- requests ---- */

static err check_participant(const struct schema *schema, const char *role, const struct uid *uid,
                             struct diag_list *diags) {
    const struct ast_span nowhere = {0, 0};
    const struct schema_entity_type *type = schema_find_entity_type(schema, uid_type(uid));
    if (type == NULL || type->kind == SCHEMA_ENTITY_ACTION) {
        struct diag *diag =
            diag_add(diags, DIAG_ERROR, nowhere, "%s type `%.*s` is not declared in the schema",
                     role, STR_FMT(uid_type(uid)));
        conform_help_type(schema, uid_type(uid), diags, diag);
        return ERR_TYPE;
    }
    if (type->kind == SCHEMA_ENTITY_ENUM && !schema_enum_has_id(type, uid_id(uid))) {
        return bad_enum_id(type, uid, false, nowhere, diags);
    }
    return ERR_OK;
}

/* By the last part of the name, then by those before it. */
static int compare_names(const void *a, const void *b) {
    const struct schema_entity_type *const *types[] = {a, b};
    str bases[2];
    str spaces[2];
    for (size_t i = 0; i < 2; i++) {
        str name = (*types[i])->name;
        size_t at = name.len;
        while (at > 0 && name.ptr[at - 1] != ':') {
            at--;
        }
        bases[i] = str_slice(name, at, name.len);
        spaces[i] = str_slice(name, 0, at);
    }
    int order = str_compare(bases[0], bases[1]);
    return order != 0 ? order : str_compare(spaces[0], spaces[1]);
}

static void list_types(struct buf *out, struct arena *a,
                       const struct schema_entity_type *const *types, size_t count) {
    const struct schema_entity_type **sorted =
        ARENA_ARRAY(a, const struct schema_entity_type *, count);
    if (sorted == NULL) {
        return; /* the message does without */
    }
    memcpy(sorted, types, count * sizeof *sorted);
    sort_items(sorted, count, sizeof *sorted, compare_names);
    for (size_t i = 0; i < count; i++) {
        buf_format(out, "%s`%.*s`", i == 0 ? "" : ", ", STR_FMT(sorted[i]->name));
    }
}

static err check_applies(const char *role, const struct uid *uid, const struct uid *action,
                         const struct schema_entity_type *const *types, size_t count,
                         struct diag_list *diags) {
    for (size_t i = 0; i < count; i++) {
        if (str_equal(types[i]->name, uid_type(uid))) {
            return ERR_OK;
        }
    }
    if (diags == NULL) {
        return ERR_TYPE;
    }
    str text = conform_uid_text(diags, action);
    struct diag *diag = diag_add(diags, DIAG_ERROR, (struct ast_span){0, 0},
                                 "%s type `%.*s` is not valid for `%.*s`", role,
                                 STR_FMT(uid_type(uid)), STR_FMT(text));
    struct buf known;
    buf_init_arena(&known, diags->arena, TEXT_MAX);
    list_types(&known, diags->arena, types, count);
    if (count == 0) {
        diag_help(diags, diag, "no %s types are valid for `%.*s`", role, STR_FMT(text));
    } else {
        diag_help(diags, diag, "valid %s types for `%.*s`: %.*s", role, STR_FMT(text),
                  STR_FMT(buf_str(&known)));
    }
    return ERR_TYPE;
}

/* An id that its own type does not have, whatever type is wanted where it stands. Recursion ends
 * where the values do, whose depth was limited when they were read. */
static void check_ids(const struct schema *schema, const struct value *value, struct fault *fault) {
    if (value->kind == VALUE_ENTITY) {
        const struct schema_entity_type *type =
            schema_find_entity_type(schema, uid_type(value->uid));
        bool is_action = schema_name_is_action(uid_type(value->uid));
        if (type != NULL && type->kind == SCHEMA_ENTITY_ENUM &&
            !schema_enum_has_id(type, uid_id(value->uid))) {
            *fault = (struct fault){.kind = FAULT_ENUM_ID, .value = value, .declared = type};
        } else if (is_action && schema_find_action(schema, value->uid) == NULL) {
            *fault = (struct fault){.kind = FAULT_ACTION, .value = value};
        }
    } else if (value->kind == VALUE_SET) {
        for (size_t i = 0; i < value->set->count && fault->kind == FAULT_NONE; i++) {
            check_ids(schema, &value->set->items[i], fault);
        }
    } else if (value->kind == VALUE_RECORD) {
        size_t count = value_record_count(value->record);
        for (size_t i = 0; i < count && fault->kind == FAULT_NONE; i++) {
            check_ids(schema, &value->record->values[i], fault);
        }
    }
}

static err check_context(const struct schema *schema, const struct schema_action *action,
                         const struct value *context, struct diag_list *diags) {
    const struct ast_span nowhere = {0, 0};
    struct fault fault = {0};
    check_ids(schema, context, &fault);
    if (fault.kind == FAULT_NONE) {
        check_value(NULL, action->context, context, &fault);
    }
    switch (fault.kind) {
    case FAULT_NONE:
        return ERR_OK;
    case FAULT_ENUM_ID:
        return bad_enum_id(fault.declared, fault.value->uid, false, nowhere, diags);
    case FAULT_ACTION:
        diag_add(diags, DIAG_ERROR, nowhere,
                 "request's action `%.*s` is not declared in the schema",
                 STR_FMT(conform_uid_text(diags, fault.value->uid)));
        return ERR_TYPE;
    case FAULT_TYPE:
        break;
    }
    if (diags == NULL) {
        return ERR_TYPE;
    }
    struct buf text;
    buf_init_arena(&text, diags->arena, TEXT_MAX);
    show_value(&text, context, CONTEXT_SHOWN);
    diag_add(diags, DIAG_ERROR, nowhere, "context `%.*s` is not valid for `%.*s`",
             STR_FMT(buf_str(&text)), STR_FMT(conform_uid_text(diags, action->uid)));
    return ERR_TYPE;
}

err conform_request(const struct schema *schema, const struct uid *principal,
                    const struct uid *action, const struct uid *resource,
                    const struct value *context, struct diag_list *diags) {
    TRY(check_participant(schema, "principal", principal, diags));
    TRY(check_participant(schema, "resource", resource, diags));
    const struct schema_action *declared = schema_find_action(schema, action);
    if (declared == NULL) {
        diag_add(diags, DIAG_ERROR, (struct ast_span){0, 0},
                 "request's action `%.*s` is not declared in the schema",
                 STR_FMT(conform_uid_text(diags, action)));
        return ERR_TYPE;
    }
    TRY(check_applies("principal", principal, action, declared->principals,
                      declared->principal_count, diags));
    TRY(check_applies("resource", resource, action, declared->resources, declared->resource_count,
                      diags));
    return check_context(schema, declared, context, diags);
}
