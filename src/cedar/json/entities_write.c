/* SPDX-License-Identifier: Apache-2.0 */
/* A store as JSON. Written straight into the buf, because json_writer limits nesting. */
#include "base/assert.h"
#include "base/json.h"
#include "cedar/json/entities.h"
#include "cedar/schema/conform.h"
#include "cedar/value/sort.h"

enum { EXTENSION_MAX = 160 };

struct writer {
    struct buf *out;
    str reserved; /* the key that cannot be written */
};

static void write_uid(struct buf *out, const struct uid *uid) {
    buf_add_c(out, "{\"type\":");
    json_escape(out, uid_type(uid));
    buf_add_c(out, ",\"id\":");
    json_escape(out, uid_id(uid));
    buf_add_byte(out, '}');
}

/* ---- values ---- */

static void write_value(struct writer *w, const struct value *value);

static void write_call(struct buf *out, str function, str argument) {
    buf_add_c(out, "{\"__extn\":{\"fn\":");
    json_escape(out, function);
    buf_add_c(out, ",\"arg\":");
    json_escape(out, argument);
    buf_add_c(out, "}}");
}

/* From the Cedar syntax: a constructor and its text, or for a moment that no text reaches,
 * datetime("…").offset(duration("…")). Neither text has escapes. */
static void write_extension(struct buf *out, const struct value *value) {
    char storage[EXTENSION_MAX];
    struct buf text;
    str parts[5]; /* what is between the quotes, and between those */
    size_t count = 0;
    buf_init_fixed(&text, storage, sizeof storage);
    value_format(&text, value);
    str rest = buf_str(&text);
    while (count < ARRAY_LEN(parts) && str_cut(rest, '"', &parts[count], &rest)) {
        count++;
    }
    str function;
    if (!HOLDS(text.error == ERR_OK && (count == 2 || count == 4)) ||
        !str_cut(parts[0], '(', &function, &rest)) {
        buf_fail(out, ERR_INTERNAL);
        return;
    }
    if (count == 2) {
        write_call(out, function, parts[1]);
        return;
    }
    buf_add_c(out, "{\"__extn\":{\"fn\":\"offset\",\"args\":[");
    write_call(out, function, parts[1]);
    buf_add_byte(out, ',');
    write_call(out, STR("duration"), parts[3]);
    buf_add_c(out, "]}}");
}

static bool is_reserved(str key) {
    return str_equal_c(key, "__entity") || str_equal_c(key, "__extn") || str_equal_c(key, "__expr");
}

static void write_fields(struct writer *w, const struct value_record *record) {
    buf_add_byte(w->out, '{');
    for (size_t i = 0; i < value_record_count(record); i++) {
        buf_add_c(w->out, i == 0 ? "" : ",");
        json_escape(w->out, value_record_name(record, i));
        buf_add_byte(w->out, ':');
        write_value(w, &record->values[i]);
    }
    buf_add_byte(w->out, '}');
}

static void write_record(struct writer *w, const struct value_record *record) {
    for (size_t i = 0; i < value_record_count(record); i++) {
        if (is_reserved(value_record_name(record, i))) {
            w->reserved = value_record_name(record, i);
            buf_fail(w->out, ERR_UNSUPPORTED);
            return;
        }
    }
    write_fields(w, record);
}

static void write_set(struct writer *w, const struct value_set *set) {
    buf_add_byte(w->out, '[');
    for (size_t i = 0; i < set->count; i++) {
        buf_add_c(w->out, i == 0 ? "" : ",");
        write_value(w, &set->items[i]);
    }
    buf_add_byte(w->out, ']');
}

/* Recursion is as deep as the value, which its maker has limited. */
static void write_value(struct writer *w, const struct value *value) {
    if (w->out->error != ERR_OK) {
        return;
    }
    switch (value->kind) {
    case VALUE_BOOL:
        buf_add_c(w->out, value->boolean ? "true" : "false");
        return;
    case VALUE_LONG:
        buf_add_i64(w->out, value->integer);
        return;
    case VALUE_STRING:
        json_escape(w->out, value_text(value));
        return;
    case VALUE_ENTITY:
        buf_add_c(w->out, "{\"__entity\":");
        write_uid(w->out, value->uid);
        buf_add_byte(w->out, '}');
        return;
    case VALUE_SET:
        write_set(w, value->set);
        return;
    case VALUE_RECORD:
        write_record(w, value->record);
        return;
    case VALUE_DECIMAL:
    case VALUE_IPADDR:
    case VALUE_DATETIME:
    case VALUE_DURATION:
        write_extension(w->out, value);
        return;
    }
    NOT_REACHED();
    buf_fail(w->out, ERR_INTERNAL);
}

/* ---- entities ---- */

static void write_entity(struct writer *w, const struct entity *entity) {
    buf_add_c(w->out, "{\"uid\":");
    write_uid(w->out, &entity->uid);
    buf_add_c(w->out, ",\"attrs\":");
    write_fields(w, entity->attrs); /* whose keys are no record's */
    buf_add_c(w->out, ",\"parents\":[");
    for (size_t i = 0; i < entity->parent_count; i++) {
        buf_add_c(w->out, i == 0 ? "" : ",");
        write_uid(w->out, entity_parent(entity, i));
    }
    buf_add_byte(w->out, ']');
    if (value_record_count(entity->tags) > 0) {
        buf_add_c(w->out, ",\"tags\":");
        write_fields(w, entity->tags);
    }
    buf_add_byte(w->out, '}');
}

static int compare_entities(const void *a, const void *b) {
    const struct entity *const *left = a;
    const struct entity *const *right = b;
    int order = str_compare(uid_type(&(*left)->uid), uid_type(&(*right)->uid));
    return order != 0 ? order : str_compare(uid_id(&(*left)->uid), uid_id(&(*right)->uid));
}

static void refuse_key(const struct writer *w, const struct entity *entity,
                       struct diag_list *diags) {
    struct diag *diag =
        diag_add(diags, DIAG_ERROR, (struct ast_span){0, 0},
                 "in entity `%.*s`: record uses reserved key `%.*s`",
                 STR_FMT(conform_uid_text(diags, &entity->uid)), STR_FMT(w->reserved));
    if (diag != NULL) {
        diag->has_span = false;
    }
}

err entities_json_write(struct buf *out, const struct entities *store, struct arena *scratch,
                        struct diag_list *diags) {
    size_t count = entities_count(store);
    const struct entity **sorted = ARENA_ARRAY(scratch, const struct entity *, count);
    if (sorted == NULL) {
        return arena_error(scratch);
    }
    struct entities_cursor cursor;
    entities_each(&cursor, store);
    for (size_t i = 0; i < count; i++) {
        sorted[i] = entities_next(&cursor);
    }
    sort_items(sorted, count, sizeof *sorted, compare_entities);
    struct writer w = {.out = out};
    buf_add_byte(out, '[');
    for (size_t i = 0; i < count && out->error == ERR_OK; i++) {
        buf_add_c(out, i == 0 ? "" : ",");
        write_entity(&w, sorted[i]);
        if (out->error == ERR_UNSUPPORTED) {
            refuse_key(&w, sorted[i], diags);
        }
    }
    buf_add_byte(out, ']');
    return out->error;
}
