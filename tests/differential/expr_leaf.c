/* SPDX-License-Identifier: Apache-2.0 */
#include "expr_int.h"

#include <string.h>

/* ---- strings ---- */

static void say_odd_byte(struct maker *m, char c) {
    switch (pick(m, 6)) {
    case 0:
        buf_format(&m->out, "\\x%02x", (unsigned)(unsigned char)c);
        return;
    case 1:
        buf_format(&m->out, "\\u{%X}", (unsigned)(unsigned char)c);
        return;
    case 2:
        buf_format(&m->out, "\\u{0_0%x}", (unsigned)(unsigned char)c);
        return;
    default:
        buf_add_byte(&m->out, c);
    }
}

static void say_char(struct maker *m, char c) {
    bool is_escaped = !chance(m, 4);
    switch (c) {
    case '"':
        say(m, "\\\"");
        return;
    case '\\':
        say(m, "\\\\");
        return;
    case '\n':
        say(m, is_escaped ? "\\n" : "\n");
        return;
    case '\t':
        say(m, is_escaped ? "\\t" : "\t");
        return;
    case '\'':
        say(m, is_escaped ? "\\'" : "'");
        return;
    default:
        if (chance(m, 40) && (unsigned char)c < 0x80) {
            say_odd_byte(m, c);
        } else {
            buf_add_byte(&m->out, c);
        }
    }
}

void say_string(struct maker *m, const char *text) {
    say(m, "\"");
    for (const char *at = text; *at != '\0'; at++) {
        say_char(m, *at);
    }
    if (chance(m, 60)) {
        SAY_ONE(m, "\\0", "\\r", "\\u{1F600}", "\\u{10FFFF}", "\\u{200D}", "\\u{301}", "\\x7f",
                "\\u{ad}", "\\u{e000}", "\\u{1_F600}");
    }
    if (chance(m, 300)) {
        SAY_ONE(m, "\\q", "\\u{}", "\\x80", "\\u{d800}", "\\u{110000}", "\\/", "\\u0041", "\\*",
                "\\x1", "\\u{1234567}", "\r", "\\u{_1}", "\\u{12", "\\");
    }
    say(m, "\"");
}

void say_uid(struct maker *m, const char *type, const char *id) {
    say(m, type);
    say(m, chance(m, 80) ? " :: " : "::");
    say_string(m, id);
}

/* ---- literals ---- */

static void say_number(struct maker *m) {
    if (chance(m, 60)) {
        SAY_ONE(m, "9223372036854775808", "18446744073709551616", "-9223372036854775808",
                "-(9223372036854775808)", "- 9223372036854775808", "--9223372036854775808", "007",
                "-(1)", "----1", "-----1", "(-0)", "-9223372036854775809");
        return;
    }
    const char *number = pick_number(m);
    bool is_wrapped = number[0] == '-' && !chance(m, 4);
    say(m, is_wrapped ? "(" : "");
    say(m, number);
    say(m, is_wrapped ? ")" : "");
}

static void say_constructor(struct maker *m, struct scene *s, enum type_kind kind) {
    say(m, kind == TYPE_DECIMAL    ? "decimal("
           : kind == TYPE_IP       ? "ip("
           : kind == TYPE_DATETIME ? "datetime("
                                   : "duration(");
    if (s->wrong > 0 && chance(m, s->wrong)) {
        SAY_ONE(m, "", "1", "\"1.0\", \"2.0\"", "context", "principal", "[]");
    } else {
        say_string(m, pick_extension_text(m, kind, chance(m, 14)));
    }
    say(m, chance(m, 40) ? ",)" : ")");
}

static void say_items(struct maker *m, struct scene *s, const struct type *element,
                      unsigned depth) {
    unsigned count = pick(m, 4);
    if (count == 0 && !chance(m, 3)) {
        count = 1;
    }
    say(m, "[");
    for (unsigned i = 0; i < count; i++) {
        say(m, i > 0 ? ", " : "");
        say_expr(m, s, element, depth + 1);
    }
    say(m, count > 0 && chance(m, 20) ? ",]" : "]");
}

static void say_record(struct maker *m, struct scene *s, const struct type *type, unsigned depth) {
    bool is_first = true;
    unsigned at = type->count > 0 ? pick(m, type->count) : 0;
    say(m, "{");
    for (unsigned i = 0; i < type->count; i++) {
        const struct attr *attr = &type->attrs[(at + i) % type->count];
        if (attr->is_optional && chance(m, 2)) {
            continue;
        }
        say(m, is_first ? "" : ", ");
        say_key(m, attr->name);
        say(m, ": ");
        say_expr(m, s, attr->type, depth + 1);
        is_first = false;
    }
    if (s->wrong > 0 && chance(m, s->wrong * 2)) {
        say(m, is_first ? "" : ", ");
        SAY_ONE(m, "a: 1", "\"a\": 1", "zz: principal", "if: 1", "\"if\": 1", "__cedar: 1", "n: 2");
        is_first = false;
    }
    say(m, !is_first && chance(m, 20) ? ",}" : "}");
}

void say_literal(struct maker *m, struct scene *s, const struct type *want, unsigned depth) {
    switch (want->kind) {
    case TYPE_BOOL:
        SAY_ONE(m, "true", "false");
        return;
    case TYPE_LONG:
        say_number(m);
        return;
    case TYPE_STRING:
        say_string(m, pick_text(m));
        return;
    case TYPE_ENTITY: {
        const struct entity_type *type = &s->world->types[want->entity];
        bool is_wrong = s->wrong > 0 && chance(m, s->wrong * 2);
        say_uid(m, is_wrong ? "Nope" : type->name, pick_id(m, type));
        return;
    }
    case TYPE_SET:
        say_items(m, s, want->element, depth);
        return;
    case TYPE_RECORD:
        say_record(m, s, want, depth);
        return;
    case TYPE_DECIMAL:
    case TYPE_IP:
    case TYPE_DATETIME:
    case TYPE_DURATION:
        say_constructor(m, s, want->kind);
        return;
    }
}

/* ---- paths ---- */

void say_access(struct maker *m, const char *name) {
    if (is_plain_name(name) && !chance(m, 15)) {
        buf_format(&m->out, ".%s", name);
    } else {
        say(m, "[");
        say_quoted(m, name);
        say(m, "]");
    }
}

static str guard_of(struct maker *m, str base, const char *name) {
    str guard = STR("");
    IGNORE(arena_format(m->arena, &guard, "%.*s|%s", STR_FMT(base), name)); /* none is no guard */
    return guard;
}

void add_guard(struct maker *m, struct scene *s, str base, const char *name) {
    if (s->guard_count < SCENE_GUARDS) {
        s->guards[s->guard_count++] = guard_of(m, base, name);
    }
}

static bool is_guarded(struct maker *m, const struct scene *s, str base, const char *name) {
    str guard = guard_of(m, base, name);
    for (unsigned i = 0; i < s->guard_count; i++) {
        if (str_equal(s->guards[i], guard)) {
            return true;
        }
    }
    return false;
}

enum { PATHS_MAX = 40, PATH_DEPTH = 2 };

/* What can be reached: values of `want`, or (want is NULL) optional attributes. */
struct paths {
    struct maker *m;
    const struct scene *s;
    const struct type *want;
    bool is_careless; /* uses optional attributes without asking */
    unsigned count;
    str found[PATHS_MAX];
    const char *names[PATHS_MAX];
};

static void found(struct paths *p, str text, const char *name) {
    if (p->count < PATHS_MAX) {
        p->found[p->count] = text;
        p->names[p->count++] = name;
    }
}

static void walk(struct paths *p, str text, const struct type *type, unsigned depth) {
    if (p->want != NULL && type_equal(type, p->want)) {
        found(p, text, NULL);
    }
    const struct type *record = type->kind == TYPE_ENTITY ? &p->s->world->types[type->entity].shape
                                : type->kind == TYPE_RECORD ? type
                                                            : NULL;
    if (record == NULL || depth > PATH_DEPTH) {
        return;
    }
    for (unsigned i = 0; i < record->count; i++) {
        const struct attr *attr = &record->attrs[i];
        bool is_safe = !attr->is_optional || is_guarded(p->m, p->s, text, attr->name);
        if (!is_safe && p->want == NULL) {
            found(p, text, attr->name);
        }
        if (is_safe || p->is_careless) {
            size_t start = p->m->out.len;
            buf_add(&p->m->out, text);
            say_access(p->m, attr->name);
            walk(p, maker_take(p->m, start), attr->type, depth + 1);
        }
    }
}

static void walk_variables(struct paths *p) {
    struct type principal = {.kind = TYPE_ENTITY, .entity = p->s->principal};
    struct type resource = {.kind = TYPE_ENTITY, .entity = p->s->resource};
    walk(p, STR("principal"), &principal, 0);
    walk(p, STR("resource"), &resource, 0);
    walk(p, STR("context"), &p->s->world->actions[p->s->action].context, 0);
}

bool say_path(struct maker *m, struct scene *s, const struct type *want) {
    struct paths paths = {.m = m, .s = s, .want = want};
    paths.is_careless = s->wrong > 0 && chance(m, s->wrong / 4 + 1);
    walk_variables(&paths);
    if (paths.count == 0) {
        return false;
    }
    buf_add(&m->out, paths.found[pick(m, paths.count)]);
    return true;
}

bool pick_optional(struct maker *m, struct scene *s, str *ret_base, const char **ret_name) {
    struct paths paths = {.m = m, .s = s};
    walk_variables(&paths);
    if (paths.count == 0) {
        return false;
    }
    unsigned at = pick(m, paths.count);
    *ret_base = paths.found[at];
    *ret_name = paths.names[at];
    return true;
}

bool say_tag(struct maker *m, struct scene *s, const struct type *want) {
    unsigned with = 0;
    for (unsigned i = 0; i < s->world->type_count; i++) {
        const struct type *tags = s->world->types[i].tags;
        with |= tags != NULL && type_equal(tags, want) ? 1U << i : 0;
    }
    if (with == 0) {
        return false;
    }
    struct type type = {.kind = TYPE_ENTITY, .entity = pick_bit(m, with)};
    say(m, "(");
    if (!say_path(m, s, &type)) {
        say_literal(m, s, &type, EXPR_DEPTH);
    }
    say(m, ").getTag(");
    SAY_ONE(m, "\"k\"", "\"a\"", "\"\"", "\"x y\"", "\"none\"");
    say(m, ")");
    return true;
}
