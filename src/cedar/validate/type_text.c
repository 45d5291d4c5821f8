/* SPDX-License-Identifier: Apache-2.0 */
/* Types in messages. */
#include "cedar/validate/type.h"

static int compare_numbers(uint64_t a, uint64_t b) {
    return a == b ? 0 : (a < b ? -1 : 1);
}

static int compare_entities(const struct types *t, const struct type *a, const struct type *b) {
    size_t common = a->entities.count < b->entities.count ? a->entities.count : b->entities.count;
    for (size_t i = 0; i < common; i++) {
        uint32_t x = types_rank(t, a->entities.items[i]);
        uint32_t y = types_rank(t, b->entities.items[i]);
        if (x != y) {
            return compare_numbers(x, y);
        }
    }
    return compare_numbers(a->entities.count, b->entities.count);
}

static int compare_records(const struct types *t, const struct type *a, const struct type *b) {
    size_t common = a->record.count < b->record.count ? a->record.count : b->record.count;
    for (size_t i = 0; i < common; i++) {
        const struct type_attr *x = &a->record.attrs[i];
        const struct type_attr *y = &b->record.attrs[i];
        int order = str_compare(x->name, y->name);
        order = order != 0 ? order : types_compare(t, x->type, y->type);
        order = order != 0 ? order : compare_numbers(x->is_required, y->is_required);
        if (order != 0) {
            return order;
        }
    }
    int order = compare_numbers(a->record.count, b->record.count);
    return order != 0 ? order : compare_numbers(b->record.is_open, a->record.is_open);
}

/* Interned types that differ, differ somewhere on the first path that is followed, so sharing
 * does no harm here. */
int types_compare(const struct types *t, const struct type *a, const struct type *b) {
    if (a == b) {
        return 0;
    }
    if (a->kind != b->kind) {
        return compare_numbers(a->kind, b->kind);
    }
    if (a->kind == TYPE_ENTITY) {
        return compare_entities(t, a, b);
    }
    if (a->kind == TYPE_RECORD) {
        return compare_records(t, a, b);
    }
    if (a->kind == TYPE_SET && a->element != NULL && b->element != NULL) {
        return types_compare(t, a->element, b->element);
    }
    return a->kind == TYPE_SET && a->element == NULL ? -1 : 1;
}

static void format_entities(struct buf *out, const struct type *type) {
    if (type->entities.count == 1) {
        buf_add(out, type->entities.items[0]->name);
        return;
    }
    buf_add_c(out, "__cedar::internal::Union<");
    for (size_t i = 0; i < type->entities.count; i++) {
        buf_add_c(out, i == 0 ? "" : ", ");
        buf_add(out, type->entities.items[i]->name);
    }
    buf_add_byte(out, '>');
}

static void format_record(struct buf *out, const struct type *type) {
    buf_add_c(out, type->record.is_open ? "__cedar::internal::OpenRecord{" : "{");
    for (size_t i = 0; i < type->record.count && out->error == ERR_OK; i++) {
        const struct type_attr *attr = &type->record.attrs[i];
        buf_add(out, attr->name);
        buf_add_c(out, attr->is_required ? ": " : "?: ");
        type_format(out, attr->type);
        buf_add_byte(out, ',');
    }
    buf_add_byte(out, '}');
}

static const char *simple_name(enum type_kind kind) {
    switch (kind) {
    case TYPE_NEVER:
        return "__cedar::internal::Never";
    case TYPE_BOOL:
        return "Bool";
    case TYPE_TRUE:
        return "__cedar::internal::True";
    case TYPE_FALSE:
        return "__cedar::internal::False";
    case TYPE_LONG:
        return "Long";
    case TYPE_STRING:
        return "String";
    case TYPE_ANY_ENTITY:
        return "__cedar::internal::AnyEntity";
    case TYPE_DATETIME:
        return "datetime";
    case TYPE_DECIMAL:
        return "decimal";
    case TYPE_DURATION:
        return "duration";
    case TYPE_IPADDR:
        return "ipaddr";
    case TYPE_ENTITY:
    case TYPE_SET:
    case TYPE_RECORD:
    case TYPE_KINDS:
        break;
    }
    return "";
}

/* Stops when `out` is full: the text of a type that shares its parts may be very long. */
void type_format(struct buf *out, const struct type *type) {
    if (out->error != ERR_OK) {
        return;
    }
    if (type->kind == TYPE_ENTITY) {
        format_entities(out, type);
    } else if (type->kind == TYPE_RECORD) {
        format_record(out, type);
    } else if (type->kind != TYPE_SET) {
        buf_add_c(out, simple_name(type->kind));
    } else if (type->element == NULL) {
        buf_add_c(out, "Set<__cedar::internal::Any>");
    } else {
        buf_add_c(out, "Set<");
        type_format(out, type->element);
        buf_add_byte(out, '>');
    }
}
