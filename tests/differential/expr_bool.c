/* SPDX-License-Identifier: Apache-2.0 */
#include "expr_int.h"

static struct type entity_of(unsigned number) {
    return (struct type){.kind = TYPE_ENTITY, .entity = number};
}

void say_some_entity(struct maker *m, struct scene *s, unsigned depth, unsigned *ret_type) {
    unsigned kind = pick(m, 6);
    *ret_type = kind < 2 ? s->principal : kind < 4 ? s->resource : pick(m, s->world->type_count);
    struct type type = entity_of(*ret_type);
    if (kind == 0) {
        say(m, "principal");
    } else if (kind == 2) {
        say(m, "resource");
    } else if (depth < EXPR_DEPTH && chance(m, 8)) {
        say(m, "(");
        say_expr(m, s, &type, depth + 1);
        say(m, ")");
    } else if (!say_path(m, s, &type)) {
        say_literal(m, s, &type, depth);
    }
}

static void say_pair(struct maker *m, struct scene *s, const struct type *left, const char *between,
                     const struct type *right, unsigned depth) {
    say(m, "(");
    say_expr(m, s, left, depth + 1);
    say(m, between);
    say_expr(m, s, right, depth + 1);
    say(m, ")");
}

static void say_equal(struct maker *m, struct scene *s, unsigned depth) {
    const struct type *type = world_type(m, s->world);
    say_pair(m, s, type, chance(m, 3) ? " != " : " == ", type, depth);
}

static void say_order(struct maker *m, struct scene *s, unsigned depth) {
    static const struct type *const types[] = {&type_long, &type_long, &type_datetime,
                                               &type_duration, &type_decimal};
    static const char *const operators[] = {" < ", " <= ", " > ", " >= "};
    const struct type *type = types[pick(m, chance(m, 20) ? 5 : 4)];
    say_pair(m, s, type, PICK_FROM(m, operators), type, depth);
}

static void say_logic(struct maker *m, struct scene *s, unsigned depth) {
    const char *operator_ = chance(m, 2) ? " && " : " || ";
    unsigned count = 2 + pick(m, 3) / 2;
    bool is_open = chance(m, 8); /* precedence is for the parser to find out */
    say(m, is_open ? "" : "(");
    for (unsigned i = 0; i < count; i++) {
        say(m, i == 0 ? "" : operator_);
        say_expr(m, s, &type_bool, depth + 1);
    }
    say(m, is_open ? "" : ")");
}

static void say_not(struct maker *m, struct scene *s, unsigned depth) {
    SAY_ONE(m, "!(", "!(", "!(", "!!(", "!!!!(");
    say_expr(m, s, &type_bool, depth + 1);
    say(m, ")");
}

/* `has`, and what it allows behind it. */
static void say_has(struct maker *m, struct scene *s, unsigned depth) {
    str base;
    const char *name;
    if (!pick_optional(m, s, &base, &name)) {
        SAY_ONE(m, "(principal has a)", "(resource has name.a)", "(context has \"x y\")",
                "(context has a.b.n)", "(principal has owner.owner)");
        return;
    }
    say(m, "(");
    buf_add(&m->out, base);
    say(m, " has ");
    say_key(m, name);
    if (chance(m, 4)) {
        say(m, ")");
        return;
    }
    unsigned count = s->guard_count;
    add_guard(m, s, base, name);
    say(m, chance(m, 12) ? " || " : " && ");
    say_expr(m, s, &type_bool, depth + 1);
    s->guard_count = count;
    say(m, ")");
}

static void say_has_tag(struct maker *m, struct scene *s, unsigned depth) {
    static const char *const keys[] = {"\"k\"", "\"a\"", "\"\"", "\"x y\""};
    unsigned type;
    const char *key = PICK_FROM(m, keys);
    size_t start = m->out.len;
    say_some_entity(m, s, depth + 1, &type);
    str base = maker_take(m, start);
    buf_format(&m->out, "((%.*s).hasTag(", STR_FMT(base));
    if (s->wrong > 0 && chance(m, s->wrong)) {
        say_expr(m, s, &type_string, depth + 1);
    } else {
        say(m, key);
    }
    say(m, ")");
    const struct type *tags = s->world->types[type].tags;
    if (tags != NULL && !chance(m, 4)) {
        buf_format(&m->out, " && (%.*s).getTag(%s) == ", STR_FMT(base), key);
        say_expr(m, s, tags, depth + 1);
    }
    say(m, ")");
}

static void say_is(struct maker *m, struct scene *s, unsigned depth) {
    unsigned type;
    say(m, "(");
    say_some_entity(m, s, depth, &type);
    if (chance(m, 3)) {
        type = pick(m, s->world->type_count);
    }
    bool is_wrong = s->wrong > 0 && chance(m, s->wrong * 2);
    buf_format(&m->out, " is %s", is_wrong ? "Nope" : s->world->types[type].name);
    if (chance(m, 3)) {
        say(m, " in ");
        say_some_entity(m, s, depth, &type);
    }
    say(m, ")");
}

static void say_in_set(struct maker *m, struct scene *s, unsigned depth, unsigned type) {
    unsigned count = pick(m, 4);
    say(m, "[");
    for (unsigned i = 0; i < count; i++) {
        struct type item = entity_of(chance(m, 8) ? pick(m, s->world->type_count) : type);
        say(m, i > 0 ? ", " : "");
        say_expr(m, s, &item, chance(m, 3) ? depth + 1 : EXPR_DEPTH);
    }
    say(m, "]");
}

static void say_in(struct maker *m, struct scene *s, unsigned depth) {
    unsigned type;
    say(m, "(");
    say_some_entity(m, s, depth, &type);
    unsigned above =
        chance(m, 8) ? pick(m, s->world->type_count) : pick_bit(m, s->world->types[type].above);
    struct type right = entity_of(above);
    say(m, " in ");
    if (chance(m, 3)) {
        say_in_set(m, s, depth, above);
    } else {
        say_expr(m, s, &right, depth + 1);
    }
    say(m, ")");
}

static void say_action_in(struct maker *m, struct scene *s, unsigned depth) {
    (void)depth;
    const struct action *action = &s->world->actions[pick(m, s->world->action_count)];
    SAY_ONE(m, "(action == ", "(action in ", "(action in [", "(action != ");
    bool is_list = buf_str(&m->out).ptr[m->out.len - 1] == '[';
    say_uid(m, action->type, action->id);
    if (is_list && chance(m, 2)) {
        action = &s->world->actions[pick(m, s->world->action_count)];
        say(m, ", ");
        say_uid(m, action->type, action->id);
    }
    say(m, is_list ? "])" : ")");
}

static void say_like(struct maker *m, struct scene *s, unsigned depth) {
    say(m, "(");
    say_expr(m, s, &type_string, depth + 1);
    say(m, " like ");
    SAY_ONE(m, "\"*\"", "\"a*\"", "\"*b\"", "\"*x*\"", "\"\\*\"", "\"*a*b*\"", "\"\u00e9*\"",
            "\"\"", "\"**\"", "\"a\\*b\"", "\"*\\n*\"", "\"\\u{2a}\"", "\"\\x2a\"", "\"*\\u{e9}x\"",
            "\"1?.*\"", "\"*\\\\*\"", "\"*\\'s\"", "\"\\0*\"", "\"*\U0001F600\"", "\"*\\\"*\"");
    say(m, ")");
}

static void say_set_test(struct maker *m, struct scene *s, unsigned depth) {
    const struct type *element = world_type(m, s->world);
    struct type set = {.kind = TYPE_SET, .element = element};
    unsigned kind = pick(m, 5);
    say_expr(m, s, &set, depth + 1);
    if (kind == 0) {
        say(m, ".isEmpty()");
        return;
    }
    say(m, kind <= 2 ? ".contains(" : kind == 3 ? ".containsAll(" : ".containsAny(");
    say_expr(m, s, kind <= 2 ? element : &set, depth + 1);
    say(m, ")");
}

static void say_extension_test(struct maker *m, struct scene *s, unsigned depth) {
    static const char *const decimal[] = {".lessThan(", ".lessThanOrEqual(", ".greaterThan(",
                                          ".greaterThanOrEqual("};
    static const char *const ip[] = {".isIpv4()", ".isIpv6()", ".isLoopback()", ".isMulticast()"};
    unsigned kind = pick(m, 3);
    const struct type *type = kind == 0 ? &type_decimal : &type_ip;
    say(m, "(");
    say_expr(m, s, type, depth + 1);
    say(m, ")");
    if (kind == 1) {
        say(m, PICK_FROM(m, ip));
        return;
    }
    say(m, kind == 0 ? PICK_FROM(m, decimal) : ".isInRange(");
    say_expr(m, s, type, depth + 1);
    say(m, ")");
}

static void say_truth(struct maker *m, struct scene *s, unsigned depth) {
    if (chance(m, 6) || !say_path(m, s, &type_bool)) {
        say_literal(m, s, &type_bool, depth);
    }
}

/* Deep, but not so deep that the reference cannot follow. */
static void say_deep(struct maker *m, struct scene *s, unsigned depth) {
    unsigned kind = pick(m, 3);
    unsigned count = 2 + pick(m, chance(m, 10) ? 60 : 6);
    for (unsigned i = 0; i < count; i++) {
        say(m, kind == 0 ? "(" : kind == 1 ? "!(" : "[");
    }
    say_expr(m, s, &type_bool, depth + 2);
    for (unsigned i = 0; i < count; i++) {
        say(m, kind == 2 ? "]" : ")");
    }
    say(m, kind == 2 ? ".contains(true)" : "");
}

void say_bool(struct maker *m, struct scene *s, unsigned depth) {
    static void (*const sayers[])(struct maker * m, struct scene * s, unsigned depth) = {
        say_equal, say_equal,     say_order, say_order,    say_logic,          say_logic, say_logic,
        say_not,   say_has,       say_has,   say_has,      say_has_tag,        say_is,    say_in,
        say_in,    say_action_in, say_like,  say_set_test, say_extension_test, say_truth, say_truth,
        say_like,  say_set_test};
    if (chance(m, 60)) {
        say_deep(m, s, depth);
        return;
    }
    PICK_FROM(m, sayers)(m, s, depth);
}
