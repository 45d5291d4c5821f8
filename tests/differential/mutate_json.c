/* SPDX-License-Identifier: Apache-2.0 */
#include "mutate.h"

#include "base/assert.h"
#include "base/json.h"

static const struct json_limits limits = {
    .max_bytes = 1 << 24, .max_depth = JSON_WRITER_DEPTH - 4, .max_values = 1 << 20};

/* The tree is written again; the value that the countdown ends at becomes another one. */
struct mutation {
    struct maker *m;
    struct json_writer j;
    unsigned countdown;
    const struct json *elsewhere; /* a value of the document, for copies */
};

static unsigned count_values(const struct json *value) {
    unsigned count = 1;
    for (uint32_t i = 0; i < value->count; i++) {
        if (value->kind == JSON_ARRAY) {
            count += count_values(&value->items[i]);
        } else if (value->kind == JSON_OBJECT) {
            count += count_values(&value->members[i].value);
        }
    }
    return count;
}

static const struct json *find_value(const struct json *value, unsigned *number) {
    if ((*number)-- == 0) {
        return value;
    }
    const struct json *found = NULL;
    for (uint32_t i = 0; found == NULL && i < value->count; i++) {
        if (value->kind == JSON_ARRAY) {
            found = find_value(&value->items[i], number);
        } else if (value->kind == JSON_OBJECT) {
            found = find_value(&value->members[i].value, number);
        }
    }
    return found;
}

static str other_word(struct maker *m) {
    static const str words[] = {
        STR_INIT("effect"),       STR_INIT("permit"),      STR_INIT("principal"),
        STR_INIT("action"),       STR_INIT("resource"),    STR_INIT("conditions"),
        STR_INIT("op"),           STR_INIT("entity"),      STR_INIT("entities"),
        STR_INIT("slot"),         STR_INIT("?principal"),  STR_INIT("?resource"),
        STR_INIT("kind"),         STR_INIT("when"),        STR_INIT("body"),
        STR_INIT("annotations"),  STR_INIT("Value"),       STR_INIT("Var"),
        STR_INIT("=="),           STR_INIT("in"),          STR_INIT("is"),
        STR_INIT("All"),          STR_INIT("all"),         STR_INIT("left"),
        STR_INIT("right"),        STR_INIT("arg"),         STR_INIT("attr"),
        STR_INIT("Set"),          STR_INIT("Record"),      STR_INIT("__entity"),
        STR_INIT("__extn"),       STR_INIT("__expr"),      STR_INIT("type"),
        STR_INIT("id"),           STR_INIT("uid"),         STR_INIT("attrs"),
        STR_INIT("parents"),      STR_INIT("tags"),        STR_INIT("fn"),
        STR_INIT("args"),         STR_INIT("pattern"),     STR_INIT("Wildcard"),
        STR_INIT("Literal"),      STR_INIT("contains"),    STR_INIT("isEmpty"),
        STR_INIT("ip"),           STR_INIT("decimal"),     STR_INIT("foo"),
        STR_INIT("if-then-else"), STR_INIT("entity_type"), STR_INIT(""),
        STR_INIT("User"),         STR_INIT("N::Folder"),   STR_INIT(" A"),
        STR_INIT("has"),          STR_INIT("neg"),         STR_INIT("!"),
        STR_INIT("it's"),         STR_INIT("a"),           STR_INIT("__cedar"),
        STR_INIT("entityTypes"),  STR_INIT("shape"),       STR_INIT("appliesTo"),
        STR_INIT("memberOf"),     STR_INIT("attributes"),  STR_INIT("required"),
        STR_INIT("String"),       STR_INIT("Long"),        STR_INIT("enum"),
        STR_INIT("getTag"),       STR_INIT("like"),        STR_INIT("unless"),
        STR_INIT("forbid"),       STR_INIT("&&"),          STR_INIT("Slot"),
        STR_INIT("Action"),       STR_INIT("isInRange"),   STR_INIT("if"),
    };
    return words[pick(m, (unsigned)ARRAY_LEN(words))];
}

static void write_other(struct mutation *x) {
    static const char *const others[] = {
        "null", "true", "0",      "-1",        "1.5",           "[]",
        "{}",   "\"\"", "[null]", "{\"a\":1}", "\"principal\"", "1"};
    struct json_writer *j = &x->j;
    unsigned kind = pick(x->m, 4);
    if (kind == 0) {
        json_tree(j, x->elsewhere);
    } else if (kind == 1) {
        json_string(j, other_word(x->m));
    } else {
        json_raw(j, str_c(PICK_FROM(x->m, others)));
    }
}

static void write_value(struct mutation *x, const struct json *value);

static void write_members(struct mutation *x, const struct json *value, bool is_it) {
    unsigned kind = is_it ? pick(x->m, 4) : 4;
    unsigned which = is_it && value->count > 0 ? pick(x->m, value->count) : 0;
    json_open_object(&x->j);
    for (uint32_t i = 0; i < value->count; i++) {
        bool is_this = is_it && i == which;
        if (is_this && kind == 0) {
            continue; /* left out */
        }
        json_name(&x->j, is_this && kind == 1 ? other_word(x->m) : value->members[i].name);
        write_value(x, &value->members[i].value);
        if (is_this && kind == 2) {
            json_name(&x->j, other_word(x->m));
            write_other(x);
        }
    }
    if (is_it && kind == 3) {
        json_name(&x->j, other_word(x->m));
        write_other(x);
    }
    json_close_object(&x->j);
}

static void write_items(struct mutation *x, const struct json *value, bool is_it) {
    unsigned kind = is_it ? pick(x->m, 3) : 3;
    unsigned which = is_it && value->count > 0 ? pick(x->m, value->count) : 0;
    json_open_array(&x->j);
    for (uint32_t i = 0; i < value->count; i++) {
        bool is_this = is_it && i == which;
        if (is_this && kind == 0) {
            continue;
        }
        write_value(x, &value->items[i]);
        if (is_this && kind == 1) {
            json_tree(&x->j, &value->items[i]);
        }
    }
    if (kind == 2) {
        write_other(x);
    }
    json_close_array(&x->j);
}

static void write_value(struct mutation *x, const struct json *value) {
    bool is_it = x->countdown-- == 0;
    if (is_it && chance(x->m, 3)) {
        write_other(x);
    } else if (value->kind == JSON_OBJECT) {
        write_members(x, value, is_it);
    } else if (value->kind == JSON_ARRAY) {
        write_items(x, value, is_it);
    } else if (is_it && value->kind == JSON_STRING) {
        json_string(&x->j, other_word(x->m));
    } else if (is_it) {
        write_other(x);
    } else {
        json_tree(&x->j, value);
    }
}

str mutate_json(struct maker *m, str json) {
    const struct json *tree;
    if (json_parse(m->arena, json, &limits, &tree, NULL) != ERR_OK) {
        return json; /* deeper than the writer goes */
    }
    size_t start = m->out.len;
    unsigned count = count_values(tree);
    unsigned elsewhere = pick(m, count);
    struct mutation x = {.m = m, .countdown = pick(m, count)};
    x.elsewhere = find_value(tree, &elsewhere);
    json_writer_init(&x.j, &m->out);
    write_value(&x, tree);
    str changed = maker_take(m, start);
    /* A name twice: not every reader can be shown that. */
    return json_parse(m->arena, changed, &limits, &tree, NULL) == ERR_OK ? changed : json;
}
