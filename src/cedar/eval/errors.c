/* SPDX-License-Identifier: Apache-2.0 */
/* Texts of evaluation errors, word for word as the reference has them (maps: §4.1). */
#include "cedar/eval/eval_int.h"

enum { NAMES_SHOWN = 5 };

/* Messages may be as long as the names in them; the arena has the last word. */
static void start(struct eval *e, struct buf *b) {
    buf_init_arena(b, e->arena, SIZE_MAX / 2);
}

static err finish(struct eval *e, err code, const struct buf *message, const struct buf *help) {
    e->error = (struct ext_error){0};
    e->blamed = NULL;
    TRY(buf_finish(message, &e->error.message));
    if (help != NULL) {
        TRY(buf_finish(help, &e->error.help));
    }
    return code;
}

static void add_quoted(struct buf *b, str text) {
    buf_add_byte(b, '`');
    buf_add(b, text);
    buf_add_byte(b, '`');
}

static void add_uid(struct buf *b, const struct uid *uid) {
    buf_add_byte(b, '`');
    uid_format(b, uid);
    buf_add_byte(b, '`');
}

err fail_types(struct eval *e, const enum value_kind *expected, size_t count,
               const struct value *got, const char *help) {
    struct buf message;
    start(e, &message);
    buf_add_c(&message, count == 1 ? "type error: expected " : "type error: expected one of [");
    for (size_t i = 0; i < count; i++) {
        buf_add_c(&message, i == 0 ? "" : ", ");
        buf_add(&message, value_kind_name(expected[i]));
    }
    buf_add_c(&message, count == 1 ? ", got " : "], got ");
    value_type_name(&message, got);
    TRY(finish(e, ERR_OK, &message, NULL));
    e->error.help = str_c(help);
    e->blamed = got;
    return ERR_TYPE;
}

err fail_type(struct eval *e, enum value_kind expected, const struct value *got) {
    return fail_types(e, &expected, 1, got, NULL);
}

/* Stands for an operand that names it, wherever that is. */
static const struct value no_entity;

err fail_no_entity(struct eval *e, const struct uid *uid) {
    struct buf message;
    start(e, &message);
    buf_add_c(&message, "entity ");
    add_uid(&message, uid);
    buf_add_c(&message, " does not exist");
    err error = finish(e, ERR_NOT_FOUND, &message, NULL);
    e->blamed = &no_entity;
    return error;
}

/* "available attributes: [a,b,c,d,e, ... (2 more attributes) ]" */
static void add_names(struct buf *help, const char *what, const struct value_record *record) {
    size_t count = value_record_count(record);
    buf_add_c(help, "available ");
    buf_add_c(help, what);
    buf_add_c(help, ": [");
    for (size_t i = 0; i < count && i < NAMES_SHOWN; i++) {
        buf_add_c(help, i == 0 ? "" : ",");
        buf_add(help, value_record_name(record, i));
    }
    if (count > NAMES_SHOWN) {
        buf_add_c(help, ", ... (");
        buf_add_u64(help, count - NAMES_SHOWN);
        buf_add_c(help, " more attributes) ");
    }
    buf_add_byte(help, ']');
}

struct member_words {
    const char *kind;  /* what is missing */
    const char *kinds; /* in the list of what is there */
    const char *other; /* when the other table has that name */
};

static err fail_no_member(struct eval *e, const struct entity *entity, str name,
                          const struct value_record *own, const struct value_record *other,
                          const struct member_words *words) {
    struct buf message;
    start(e, &message);
    add_uid(&message, &entity->uid);
    buf_add_c(&message, " does not have the ");
    buf_add_c(&message, words->kind);
    buf_add_byte(&message, ' ');
    add_quoted(&message, name);
    struct buf help;
    start(e, &help);
    if (value_record_count(own) == 0) {
        add_uid(&help, &entity->uid);
        buf_add_c(&help, " does not have any ");
        buf_add_c(&help, words->kinds);
    } else {
        add_names(&help, words->kinds, own);
    }
    if (value_record_find(other, name) != NULL) {
        buf_add_c(&help, words->other);
        add_quoted(&help, name);
        buf_add_c(&help, " does exist");
    }
    return finish(e, ERR_NOT_FOUND, &message, &help);
}

err fail_no_attribute(struct eval *e, const struct entity *entity, str attr) {
    static const struct member_words words = {
        "attribute",
        "attributes",
        "; note that a tag (not an attribute) named ",
    };
    return fail_no_member(e, entity, attr, entity->attrs, entity->tags, &words);
}

err fail_no_tag(struct eval *e, const struct entity *entity, str tag) {
    static const struct member_words words = {
        "tag",
        "tags",
        "; note that an attribute (not a tag) named ",
    };
    return fail_no_member(e, entity, tag, entity->tags, entity->attrs, &words);
}

err fail_no_field(struct eval *e, const struct value_record *record, str attr) {
    size_t count = value_record_count(record);
    struct buf message;
    start(e, &message);
    buf_add_c(&message, "record does not have the attribute ");
    add_quoted(&message, attr);
    struct buf help;
    start(e, &help);
    if (count == 0) {
        buf_add_c(&help, "record does not have any attributes");
    } else if (count > NAMES_SHOWN) {
        add_names(&help, "attributes", record);
    } else {
        buf_add_c(&help, "available attributes: [");
        for (size_t i = 0; i < count; i++) {
            buf_add_c(&help, i == 0 ? "" : ", ");
            quote_debug(&help, value_record_name(record, i));
        }
        buf_add_byte(&help, ']');
    }
    return finish(e, ERR_NOT_FOUND, &message, &help);
}

err fail_overflow(struct eval *e, const char *verb, int64_t left, int64_t right) {
    struct buf message;
    start(e, &message);
    buf_add_c(&message, "integer overflow while attempting to ");
    buf_add_c(&message, verb);
    buf_add_c(&message, " the values `");
    buf_add_i64(&message, left);
    buf_add_c(&message, "` and `");
    buf_add_i64(&message, right);
    buf_add_byte(&message, '`');
    return finish(e, ERR_RANGE, &message, NULL);
}

err fail_negate(struct eval *e, int64_t operand) {
    struct buf message;
    start(e, &message);
    buf_add_c(&message, "integer overflow while attempting to negate the value `");
    buf_add_i64(&message, operand);
    buf_add_byte(&message, '`');
    return finish(e, ERR_RANGE, &message, NULL);
}

err fail_recursion(struct eval *e) {
    e->error = (struct ext_error){.message = STR("recursion limit reached")};
    return ERR_RANGE;
}
