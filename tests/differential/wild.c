/* SPDX-License-Identifier: Apache-2.0 */
#include "wild.h"

enum { POLICIES_MAX = 24, DEPTH_MAX = 4 };

/* ---- the world: few names, so that things meet ---- */

static const char *const types[] = {"User", "Group", "Doc", "N::Folder"};
static const char *const ids[] = {"0", "1", "2", "3", "4"};

enum { TYPES = 4, IDS = 5, UIDS = WILD_UIDS, ACTIONS = WILD_ACTIONS };

struct wild_name wild_name(unsigned number) {
    return number < UIDS ? (struct wild_name){types[number / IDS], ids[number % IDS]}
                         : (struct wild_name){"Action", ids[(number - UIDS) % ACTIONS]};
}

static void say_uid(struct maker *m, unsigned number) {
    struct wild_name name = wild_name(number);
    buf_format(&m->out, "%s::\"%s\"", name.type, name.id);
}

static void say_uid_json(struct maker *m, unsigned number) {
    struct wild_name name = wild_name(number);
    buf_format(&m->out, "{\"type\":\"%s\",\"id\":\"%s\"}", name.type, name.id);
}

static void say_attr(struct maker *m) {
    SAY_ONE(m, "a", "b", "c", "owner", "n", "s", "set", "rec");
}

/* ---- data ---- */

static void say_json(struct maker *m, unsigned depth);

void say_wild_fields(struct maker *m, unsigned depth) {
    static const char *const names[] = {"a", "b", "c", "owner", "n", "s", "set", "rec"};
    bool is_first = true;
    say(m, "{");
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (chance(m, 2)) {
            buf_format(&m->out, "%s\"%s\":", is_first ? "" : ",", names[i]);
            say_json(m, depth + 1);
            is_first = false;
        }
    }
    say(m, "}");
}

static void say_json_items(struct maker *m, unsigned depth) {
    unsigned count = pick(m, 4);
    say(m, "[");
    for (unsigned i = 0; i < count; i++) {
        say(m, i == 0 ? "" : ",");
        say_json(m, depth + 1);
    }
    say(m, "]");
}

static void say_json(struct maker *m, unsigned depth) {
    switch (pick(m, depth < 2 ? 8 : 6)) {
    case 0:
        SAY_ONE(m, "true", "false");
        return;
    case 1:
        SAY_ONE(m, "0", "1", "2", "-1", "9223372036854775807", "-9223372036854775808");
        return;
    case 2:
        SAY_ONE(m, "\"\"", "\"a\"", "\"ab\"", "\"n\"", "\"\u00e9x\"", "\"10.0.0.1\"");
        return;
    case 3:
    case 4:
        say(m, "{\"__entity\":");
        say_uid_json(m, pick(m, UIDS));
        say(m, "}");
        return;
    case 5:
        SAY_ONE(m, "{\"__extn\":{\"fn\":\"ip\",\"arg\":\"10.0.0.1\"}}",
                "{\"__extn\":{\"fn\":\"decimal\",\"arg\":\"1.5\"}}",
                "{\"__extn\":{\"fn\":\"duration\",\"arg\":\"1h\"}}",
                "{\"__extn\":{\"fn\":\"datetime\",\"arg\":\"2024-01-01\"}}");
        return;
    case 6:
        say_json_items(m, depth);
        return;
    default:
        say_wild_fields(m, depth);
        return;
    }
}

/* Parents have higher numbers, so there is no cycle. */
static void say_parents(struct maker *m, unsigned number, unsigned end) {
    bool is_first = true;
    say(m, "[");
    for (unsigned i = number + 1; i < end; i++) {
        if (chance(m, 6)) {
            say(m, is_first ? "" : ",");
            say_uid_json(m, i);
            is_first = false;
        }
    }
    say(m, "]");
}

/* The entities whose chance comes, one in `of` left out. */
void say_wild_entities(struct maker *m, bool *taken, unsigned of) {
    bool is_first = true;
    say(m, "[");
    for (unsigned i = 0; i < UIDS + ACTIONS; i++) {
        if (taken[i] || chance(m, of)) {
            continue;
        }
        taken[i] = true;
        say(m, is_first ? "{\"uid\":" : ",{\"uid\":");
        is_first = false;
        say_uid_json(m, i);
        say(m, ",\"attrs\":");
        say_wild_fields(m, 0);
        if (chance(m, 3)) {
            say(m, ",\"tags\":");
            say_wild_fields(m, 1);
        }
        say(m, ",\"parents\":");
        say_parents(m, i, i < UIDS ? UIDS : UIDS + ACTIONS);
        say(m, "}");
    }
    say(m, "]");
}

/* ---- expressions ---- */

static void say_var(struct maker *m) {
    SAY_ONE(m, "principal", "action", "resource", "context");
}

static void say_object(struct maker *m, unsigned depth) {
    if (depth >= DEPTH_MAX || !chance(m, 4)) {
        say_var(m);
        return;
    }
    say(m, "(");
    say_wild_expr(m, depth + 1);
    say(m, ")");
}

static void say_get(struct maker *m, unsigned depth) {
    say_object(m, depth);
    for (unsigned i = 0; i <= pick(m, 3) / 2; i++) {
        say(m, ".");
        say_attr(m);
    }
}

static void say_literal(struct maker *m) {
    switch (pick(m, 5)) {
    case 0:
        SAY_ONE(m, "true", "false");
        return;
    case 1:
        SAY_ONE(m, "0", "1", "2", "-1", "9223372036854775807", "(-9223372036854775808)");
        return;
    case 2:
        SAY_ONE(m, "\"\"", "\"a\"", "\"ab\"", "\"n\"", "\"\u00e9x\"", "\"10.0.0.1\"", "\"1h\"");
        return;
    case 3:
        SAY_ONE(m, "ip(\"10.0.0.0/8\")", "decimal(\"1.50\")", "duration(\"1h\")",
                "datetime(\"2024-01-01\")", "ip(\"x\")", "decimal(\"1.00000\")");
        return;
    default:
        say_uid(m, pick(m, UIDS + ACTIONS));
        return;
    }
}

static void say_items(struct maker *m, unsigned depth) {
    unsigned count = pick(m, 4);
    say(m, "[");
    for (unsigned i = 0; i < count; i++) {
        say(m, i == 0 ? "" : ", ");
        say_wild_expr(m, depth + 1);
    }
    say(m, "]");
}

static void say_record(struct maker *m, unsigned depth) {
    static const char *const names[] = {"s", "a", "rec", "n"};
    unsigned count = pick(m, 4);
    say(m, "{");
    for (unsigned i = 0; i < count; i++) {
        buf_format(&m->out, "%s%s: ", i == 0 ? "" : ", ", names[i]);
        say_wild_expr(m, depth + 1);
    }
    say(m, "}");
}

static void say_pair(struct maker *m, unsigned depth, const char *between) {
    say(m, "(");
    say_wild_expr(m, depth + 1);
    say(m, between);
    say_wild_expr(m, depth + 1);
    say(m, ")");
}

static void say_method(struct maker *m, unsigned depth) {
    static const char *const names[] = {").contains(",  ").containsAll(", ").containsAny(",
                                        ").getTag(",    ").hasTag(",      ").lessThan(",
                                        ").isInRange(", ").offset(",      ").durationSince("};
    say_pair(m, depth, names[pick(m, (unsigned)ARRAY_LEN(names))]);
    say(m, chance(m, 5) ? ".isEmpty()" : "");
}

static void say_logic(struct maker *m, unsigned depth) {
    const char *operator_ = chance(m, 2) ? " && " : " || ";
    unsigned count = 2 + pick(m, 3);
    say(m, "(");
    for (unsigned i = 0; i < count; i++) {
        say(m, i == 0 ? "" : operator_);
        say_wild_expr(m, depth + 1);
    }
    say(m, ")");
}

static void say_chain(struct maker *m, unsigned depth) {
    static const char *const operators[] = {" + ", " - ", " * "};
    const char *one = operators[pick(m, 3)];
    say_pair(m, depth, one);
    if (chance(m, 3)) {
        say(m, " + 1");
    }
}

static void say_is(struct maker *m, unsigned depth) {
    say(m, "(");
    say_object(m, depth);
    buf_format(&m->out, " is %s", types[pick(m, TYPES)]);
    if (chance(m, 2)) {
        say(m, " in ");
        if (chance(m, 2)) {
            say_uid(m, pick(m, UIDS));
        } else {
            say_object(m, depth);
        }
    }
    say(m, ")");
}

static void say_has(struct maker *m, unsigned depth) {
    say(m, "(");
    say_object(m, depth);
    say(m, " has ");
    say_attr(m);
    for (unsigned i = pick(m, 4); i > 1; i--) {
        say(m, ".");
        say_attr(m);
    }
    say(m, ")");
}

static void say_like(struct maker *m, unsigned depth) {
    say(m, "(");
    say_wild_expr(m, depth + 1);
    SAY_ONE(m, " like \"*\")", " like \"a*\")", " like \"*b\")", " like \"?*x\")", " like \"\\*\")",
            " like \"*a*b*\")", " like \"\u00e9*\")");
}

static void say_if(struct maker *m, unsigned depth) {
    say(m, "(if ");
    say_wild_expr(m, depth + 1);
    say(m, " then ");
    say_wild_expr(m, depth + 1);
    say(m, " else ");
    say_wild_expr(m, depth + 1);
    say(m, ")");
}

static void say_in(struct maker *m, unsigned depth) {
    say(m, "(");
    say_object(m, depth);
    say(m, " in ");
    if (chance(m, 2)) {
        say_uid(m, pick(m, UIDS + ACTIONS));
    } else {
        say(m, "[");
        say_uid(m, pick(m, UIDS));
        say(m, ", ");
        say_get(m, DEPTH_MAX);
        say(m, "]");
    }
    say(m, ")");
}

static void say_compare(struct maker *m, unsigned depth) {
    static const char *const operators[] = {" == ", " != ", " < ", " <= ", " > ", " >= ", " == "};
    say_pair(m, depth, operators[pick(m, (unsigned)ARRAY_LEN(operators))]);
}

static void say_call(struct maker *m, unsigned depth) {
    SAY_ONE(m, "ip(", "decimal(", "duration(", "datetime(");
    say_wild_expr(m, depth + 1);
    say(m, chance(m, 8) ? ", 1)" : ")");
    SAY_ONE(m, "", "", ".isIpv4()", ".toSeconds()", ".toDate()");
}

static void say_not(struct maker *m, unsigned depth) {
    SAY_ONE(m, "!(", "!(", "-(");
    say_wild_expr(m, depth + 1);
    say(m, ")");
}

void say_wild_expr(struct maker *m, unsigned depth) {
    static void (*const sayers[])(struct maker * m, unsigned depth) = {
        say_get,     say_get,    say_is,     say_has,  say_in,  say_in,    say_compare,
        say_compare, say_logic,  say_logic,  say_not,  say_if,  say_items, say_record,
        say_chain,   say_method, say_method, say_like, say_call};
    if (depth >= DEPTH_MAX || chance(m, 5)) {
        if (chance(m, 2)) {
            say_literal(m);
        } else {
            say_get(m, DEPTH_MAX);
        }
        return;
    }
    sayers[pick(m, (unsigned)ARRAY_LEN(sayers))](m, depth);
}

/* ---- policies ---- */

static void say_scope(struct maker *m, const char *var, bool may_be_slot) {
    say(m, var);
    switch (pick(m, 8)) {
    case 0:
    case 1:
        say(m, " == ");
        say_uid(m, pick(m, UIDS));
        return;
    case 2:
    case 3:
        say(m, " in ");
        say_uid(m, pick(m, UIDS));
        return;
    case 4:
        buf_format(&m->out, " is %s", types[pick(m, TYPES)]);
        return;
    case 5:
        buf_format(&m->out, " is %s in ", types[pick(m, TYPES)]);
        say_uid(m, pick(m, UIDS));
        return;
    case 6:
        if (may_be_slot && chance(m, 4)) {
            buf_format(&m->out, " == ?%s", var);
        }
        return;
    default:
        return;
    }
}

static void say_action(struct maker *m) {
    unsigned kind = pick(m, 5);
    say(m, kind == 0 ? ", action == " : kind == 1 ? ", action in " : ", action");
    if (kind < 2) {
        say_uid(m, UIDS + pick(m, ACTIONS));
    } else if (kind == 2) {
        unsigned count = chance(m, 8) ? 20 : pick(m, 4);
        say(m, " in [");
        for (unsigned i = 0; i < count; i++) {
            say(m, i == 0 ? "" : ", ");
            say_uid(m, UIDS + pick(m, ACTIONS));
        }
        say(m, "]");
    }
    say(m, ", ");
}

void say_wild_policies(struct maker *m, bool may_be_templates) {
    unsigned count = 1 + pick(m, POLICIES_MAX);
    for (unsigned i = 0; i < count; i++) {
        SAY_ONE(m, "permit(", "permit(", "forbid(");
        say_scope(m, "principal", may_be_templates);
        say_action(m);
        say_scope(m, "resource", may_be_templates);
        say(m, ")");
        for (unsigned clauses = pick(m, 3); clauses > 0; clauses--) {
            SAY_ONE(m, " when { ", " when { ", " unless { ");
            say_wild_expr(m, 0);
            say(m, " }");
        }
        say(m, ";\n");
    }
}
