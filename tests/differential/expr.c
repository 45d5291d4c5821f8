/* SPDX-License-Identifier: Apache-2.0 */
#include "expr_int.h"

static void say_if(struct maker *m, struct scene *s, const struct type *want, unsigned depth) {
    bool is_open = chance(m, 12);
    say(m, is_open ? "if " : "(if ");
    say_expr(m, s, &type_bool, depth + 1);
    say(m, " then ");
    say_expr(m, s, want, depth + 1);
    say(m, " else ");
    say_expr(m, s, want, depth + 1);
    say(m, is_open ? "" : ")");
}

static void say_number_of(struct maker *m, struct scene *s, unsigned depth) {
    static const char *const units[] = {".toMilliseconds()", ".toSeconds()", ".toMinutes()",
                                        ".toHours()", ".toDays()"};
    if (chance(m, 4)) {
        say(m, "(");
        say_expr(m, s, &type_duration, depth + 1);
        say(m, ")");
        say(m, PICK_FROM(m, units));
        return;
    }
    if (chance(m, 4)) {
        SAY_ONE(m, "-(", "-(", "- (", "--(");
        say_expr(m, s, &type_long, depth + 1);
        say(m, ")");
        return;
    }
    bool is_open = chance(m, 6);
    static const char *const operators[] = {" + ", " - ", " * ", "+", "-", "*"};
    say(m, is_open ? "" : "(");
    say_expr(m, s, &type_long, depth + 1);
    say(m, PICK_FROM(m, operators));
    say_expr(m, s, &type_long, depth + 1);
    say(m, is_open ? "" : ")");
}

static void say_datetime_of(struct maker *m, struct scene *s, unsigned depth) {
    say(m, "(");
    say_expr(m, s, &type_datetime, depth + 1);
    if (chance(m, 3)) {
        say(m, ").toDate()");
        return;
    }
    say(m, ").offset(");
    say_expr(m, s, &type_duration, depth + 1);
    say(m, ")");
}

static void say_duration_of(struct maker *m, struct scene *s, unsigned depth) {
    say(m, "(");
    say_expr(m, s, &type_datetime, depth + 1);
    if (chance(m, 3)) {
        say(m, ").toTime()");
        return;
    }
    say(m, ").durationSince(");
    say_expr(m, s, &type_datetime, depth + 1);
    say(m, ")");
}

/* An attribute of a record that stands right there. */
static void say_field_of(struct maker *m, struct scene *s, const struct type *want,
                         unsigned depth) {
    static const char *const names[] = {"a", "if", "x y", "contains", "s"};
    const char *name = PICK_FROM(m, names);
    say(m, "{");
    say_key(m, name);
    say(m, ": ");
    say_expr(m, s, want, depth + 1);
    say(m, chance(m, 2) ? ", zz: 1}" : "}");
    say_access(m, name);
}

/* An operator that makes a value of the type; false if there is none. */
static bool say_operator(struct maker *m, struct scene *s, const struct type *want,
                         unsigned depth) {
    switch (want->kind) {
    case TYPE_BOOL:
        say_bool(m, s, depth);
        return true;
    case TYPE_LONG:
        say_number_of(m, s, depth);
        return true;
    case TYPE_DATETIME:
        say_datetime_of(m, s, depth);
        return true;
    case TYPE_DURATION:
        say_duration_of(m, s, depth);
        return true;
    case TYPE_SET:
    case TYPE_RECORD:
        say_literal(m, s, want, depth);
        return true;
    case TYPE_STRING:
    case TYPE_ENTITY:
    case TYPE_DECIMAL:
    case TYPE_IP:
        return false;
    }
    return false;
}

static void say_leaf(struct maker *m, struct scene *s, const struct type *want, unsigned depth) {
    if (chance(m, 8) && say_tag(m, s, want)) {
        return;
    }
    if (chance(m, 3) || !say_path(m, s, want)) {
        say_literal(m, s, want, depth);
    }
}

void say_expr(struct maker *m, struct scene *s, const struct type *want, unsigned depth) {
    if (s->wrong > 0 && chance(m, s->wrong)) {
        want = world_type(m, s->world);
    }
    if (depth >= EXPR_DEPTH) {
        /* Literals of sets and records end here too, if not at once. */
        say_leaf(m, s, depth > EXPR_DEPTH + 3 ? &type_long : want, depth);
        return;
    }
    if (chance(m, 16)) {
        say_if(m, s, want, depth);
    } else if (chance(m, 40)) {
        say_field_of(m, s, want, depth);
    } else if (want->kind != TYPE_BOOL && chance(m, 2)) {
        say_leaf(m, s, want, depth);
    } else if (!say_operator(m, s, want, depth)) {
        say_leaf(m, s, want, depth);
    }
}
