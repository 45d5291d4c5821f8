/* SPDX-License-Identifier: Apache-2.0 */
/* What the type checker has to say, in Cedar's words. */
#include "cedar/validate/check_int.h"

#include "cedar/text/print.h"
#include "cedar/validate/suggest.h"
#include "cedar/value/sort.h"

void file_plain(struct checker *c, enum validate_kind kind, struct ast_span span, const char *text,
                const char *help) {
    struct draft d;
    draft_init(&d, c->findings, kind, span);
    buf_add_c(&d.message, text);
    buf_add_c(&d.help, help == NULL ? "" : help);
    draft_file(&d);
}

/* ---- types that do not fit ---- */

static const char *help_text(enum help help) {
    switch (help) {
    case HELP_NONE:
        return "";
    case HELP_LIKE:
        return "try using `like` to examine the contents of a string";
    case HELP_CONTAINS:
        return "try using `contains`, `containsAny`, or `containsAll` to examine the contents of a "
               "set";
    case HELP_SINGLE_CONTAINS:
        return "try using `contains` to test if a single element is in a set";
    case HELP_HAS:
        return "try using `has` to test for an attribute";
    case HELP_IS:
        return "try using `is` to test for an entity type";
    case HELP_IN:
        return "try using `in` for entity hierarchy membership";
    case HELP_EMPTY_STRING:
        return "try using `== \"\"` to test if a string is empty";
    case HELP_TYPE_TEST:
        return "Cedar only supports run time type tests for entities";
    case HELP_CONCATENATION:
        return "Cedar does not support string concatenation";
    case HELP_SET_OPERATIONS:
        return "Cedar does not support computing the union, intersection, or difference of sets";
    }
    return "";
}

void file_unexpected(struct checker *c, struct ast_span span, const struct want *want,
                     const struct type *actual) {
    struct draft d;
    draft_init(&d, c->findings, VALIDATE_UNEXPECTED_TYPE, span);
    buf_add_c(&d.message, "unexpected type: expected ");
    for (size_t i = 0; i < want->count; i++) {
        buf_add_c(&d.message, i == 0 ? "" : ", or ");
        type_format(&d.message, want->types[i]);
    }
    buf_add_c(&d.message, " but saw ");
    type_format(&d.message, actual);
    buf_add_c(&d.help, help_text(want->help == NULL ? HELP_NONE : want->help(actual)));
    draft_file(&d);
}

static const char *place_text(enum join_place place) {
    switch (place) {
    case JOIN_SET:
        return "elements of a set";
    case JOIN_BRANCHES:
        return "both branches of a conditional";
    case JOIN_EQUAL:
        return "both operands to a `==` expression";
    case JOIN_CONTAINS:
        return "elements of the first operand and the second operand to a `contains` expression";
    case JOIN_CONTAINS_ALL:
        return "elements of both set operands to a `containsAll` or `containsAny` expression";
    case JOIN_TAGS:
        return "tag types for a `.getTag()` operation";
    }
    return "";
}

static const char *clash_text(enum type_clash clash) {
    switch (clash) {
    case TYPE_CLASH_QUALIFIER:
        return "Corresponding attributes of compatible record types must have the same "
               "optionality, either both being required or both being optional";
    case TYPE_CLASH_WIDTH:
        return "Compatible record types must have exactly the same attributes";
    case TYPE_CLASH_ENTITY:
        return "Different entity types are never compatible even when their attributes would be "
               "compatible";
    case TYPE_CLASH_ENTITY_RECORD:
        return "Entity and record types are never compatible even when their attributes would be "
               "compatible";
    case TYPE_CLASH_OTHER:
        break;
    }
    return "Types must be exactly equal to be compatible";
}

/* Sorting has no context: the types stand beside what orders them. */
struct listed {
    const struct types *types;
    const struct type *type;
};

static int compare_listed(const void *a, const void *b) {
    const struct listed *x = a;
    const struct listed *y = b;
    return types_compare(x->types, x->type, y->type);
}

/* Sorted, each once: "A", "A and B", "A, B, and C". */
static void add_types(struct checker *c, struct buf *out, const struct type *const *types,
                      size_t count) {
    struct listed *items = ARENA_ARRAY(c->temp, struct listed, count);
    if (items == NULL) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        items[i] = (struct listed){c->types, types[i]};
    }
    sort_items(items, count, sizeof *items, compare_listed);
    size_t distinct = 0;
    for (size_t i = 0; i < count; i++) {
        if (distinct == 0 || items[distinct - 1].type != items[i].type) {
            items[distinct++] = items[i];
        }
    }
    for (size_t i = 0; i < distinct; i++) {
        bool is_last = i > 0 && i + 1 == distinct;
        buf_add_c(out, i > 0 && distinct > 2 ? "," : "");
        buf_add_c(out, is_last ? " and " : (i > 0 ? " " : ""));
        type_format(out, items[i].type);
    }
}

void file_incompatible(struct checker *c, struct ast_span span, const struct type *const *types,
                       size_t count, enum type_clash clash, enum join_place place) {
    struct draft d;
    draft_init_bare(&d, c->findings, VALIDATE_INCOMPATIBLE, span);
    buf_add_c(&d.message, "the types ");
    add_types(c, &d.message, types, count);
    buf_add_c(&d.message, " are not compatible");
    buf_add_c(&d.help, "for policy `");
    escape_debug(&d.help, c->findings->policy->id);
    buf_add_c(&d.help, "`, ");
    buf_add_c(&d.help, place_text(place));
    buf_add_c(&d.help, " must have compatible types. ");
    buf_add_c(&d.help, clash_text(clash));
    draft_file(&d);
}

/* ---- attributes ---- */

/* The attributes from the nearest entity or the context to the one that was looked for. */
struct access {
    const struct typed *base;
    bool is_context;
    VEC(str) names; /* the last one first */
};

static struct access access_of(struct checker *c, const struct typed *object, str attr) {
    struct access access = {.base = object};
    bool has_room = VEC_PUSH(c->temp, &access.names, attr);
    for (; has_room; access.base = access.base->parts[0]) {
        const struct typed *base = access.base;
        bool is_entity = base->type != NULL && base->type->kind == TYPE_ENTITY;
        access.is_context = !is_entity && base->kind == TYPED_VAR && base->expr->var == AST_CONTEXT;
        if (is_entity || base->kind != TYPED_GET) {
            break;
        }
        has_room = VEC_PUSH(c->temp, &access.names, base->attr);
    }
    return access;
}

static void add_names(struct buf *out, const struct access *access, size_t last, bool has_dot) {
    for (size_t i = access->names.count; i > last; i--) {
        str name = access->names.items[i - 1];
        if (!ast_is_identifier(name)) {
            buf_add_c(out, "[\"");
            escape_debug(out, name);
            buf_add_c(out, "\"]");
            continue;
        }
        buf_add_c(out, has_dot || i < access->names.count ? "." : "");
        buf_add(out, name);
    }
}

static void add_entity_types(struct buf *out, const struct type *type) {
    buf_add_c(out, type->entities.count == 1 ? " on entity type " : " on entity types ");
    for (size_t i = 0; i < type->entities.count; i++) {
        buf_add_c(out, i == 0 ? "`" : ", `");
        buf_add(out, type->entities.items[i]->name);
        buf_add_byte(out, '`');
    }
}

static void add_access(struct checker *c, struct buf *out, const struct access *access) {
    buf_add_byte(out, '`');
    add_names(out, access, 0, false);
    buf_add_byte(out, '`');
    const struct type *type = access->base->type;
    if (access->is_context) {
        buf_add_c(out, " in context for ");
        uid_format(out, c->env.action->uid);
    } else if (type != NULL && type->kind == TYPE_ENTITY) {
        add_entity_types(out, type);
    }
}

static str nearest_attribute(struct checker *c, const struct type *type, str attr) {
    const struct type *record = types_attributes(c->types, type);
    size_t count = record == NULL ? 0 : record->record.count;
    str *names = ARENA_ARRAY(c->temp, str, count);
    for (size_t i = 0; names != NULL && i < count; i++) {
        names[i] = record->record.attrs[i].name;
    }
    return names == NULL ? (str){NULL, 0}
                         : suggest_nearest(c->temp, attr, names, count, &c->findings->suggested);
}

void file_no_attribute(struct checker *c, struct ast_span span, const struct typed *object,
                       str attr) {
    struct access access = access_of(c, object, attr);
    struct draft d;
    draft_init(&d, c->findings, VALIDATE_NO_ATTRIBUTE, span);
    buf_add_c(&d.message, "attribute ");
    add_access(c, &d.message, &access);
    buf_add_c(&d.message, " not found");
    str nearest = nearest_attribute(c, object->type, attr);
    bool may_exist = type_may_have_attr(object->type, attr);
    if (nearest.ptr != NULL) {
        buf_add_c(&d.help, "did you mean `");
        buf_add(&d.help, nearest);
        buf_add_c(&d.help, "`?");
    }
    if (may_exist) {
        buf_add_c(&d.help, nearest.ptr != NULL
                               ? " (there may also be additional attributes that the validator is "
                                 "not able to reason about)"
                               : "there may be additional attributes that the validator is not "
                                 "able to reason about");
    }
    draft_file(&d);
}

void file_optional(struct checker *c, struct ast_span span, const struct typed *object, str attr) {
    struct access access = access_of(c, object, attr);
    struct draft d;
    draft_init(&d, c->findings, VALIDATE_OPTIONAL, span);
    buf_add_c(&d.message, "unable to guarantee safety of access to optional attribute ");
    add_access(c, &d.message, &access);
    buf_add_c(&d.help, "try testing for the attribute's presence with `");
    buf_add_c(&d.help, access.is_context ? "context" : "e");
    add_names(&d.help, &access, 1, true);
    buf_add_c(&d.help, " has ");
    print_name(&d.help, attr);
    buf_add_c(&d.help, " && ..`");
    draft_file(&d);
}

void file_unsafe_tag(struct checker *c, struct ast_span span, const struct type *object,
                     const struct typed *tag) {
    const struct schema_entity_type *single = type_single_entity(object);
    const struct ast_expr *printed = check_core(c, tag);
    if (printed == NULL) {
        return; /* the arena remembers */
    }
    struct draft d;
    draft_init(&d, c->findings, VALIDATE_UNSAFE_TAG, span);
    buf_add_c(&d.message, "unable to guarantee safety of access to tag `");
    print_expr(&d.message, c->temp, printed);
    buf_add_byte(&d.message, '`');
    if (single != NULL) {
        buf_add_c(&d.message, " on entity type `");
        buf_add(&d.message, single->name);
        buf_add_byte(&d.message, '`');
    }
    buf_add_c(&d.help, "try testing for the tag's presence with `.hasTag(");
    print_expr(&d.help, c->temp, printed);
    buf_add_c(&d.help, ") && ..`");
    draft_file(&d);
}
