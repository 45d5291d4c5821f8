/* SPDX-License-Identifier: Apache-2.0 */
#include "wild.h"

/* Schemas that the policies without types nearly fit: all their names are declared, with some type.
 */

enum { TYPES = 4, TYPE_DEPTH = 2 };

static const char *type_name(unsigned number) {
    return wild_name(number * (WILD_UIDS / TYPES)).type;
}

static void say_type(struct maker *m, unsigned depth);

static void say_fields(struct maker *m, unsigned depth) {
    static const char *const names[] = {"a", "b", "c", "owner", "n", "s", "set", "rec"};
    /* What the names promise, most of the time. */
    static const char *const types[] = {"Long", "String", "Bool",        "User",
                                        "Long", "String", "Set<String>", "{a?: Long, s: String}"};
    bool is_first = true;
    say(m, "{");
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (chance(m, 4)) {
            continue;
        }
        buf_format(&m->out, "%s%s%s: ", is_first ? "" : ", ", names[i], chance(m, 4) ? "?" : "");
        if (chance(m, 2)) {
            say(m, types[i]);
        } else {
            say_type(m, depth + 1);
        }
        is_first = false;
    }
    say(m, "}");
}

static void say_type(struct maker *m, unsigned depth) {
    unsigned kind = pick(m, depth < TYPE_DEPTH ? 12 : 10);
    if (kind < 6) {
        SAY_ONE(m, "Bool", "Long", "String", "Long", "String", "Bool", "ipaddr", "decimal",
                "datetime", "duration");
    } else if (kind < 10) {
        say(m, type_name(pick(m, TYPES)));
    } else if (kind == 10) {
        say(m, "Set<");
        say_type(m, depth + 1);
        say(m, ">");
    } else {
        say_fields(m, depth);
    }
}

static void say_some_types(struct maker *m, unsigned at_least) {
    unsigned count = at_least + pick(m, TYPES);
    unsigned at = pick(m, TYPES);
    say(m, "[");
    for (unsigned i = 0; i < count && i < TYPES; i++) {
        buf_format(&m->out, "%s%s", i == 0 ? "" : ", ", type_name((at + i) % TYPES));
    }
    say(m, "]");
}

static void say_entity(struct maker *m, const char *name) {
    buf_format(&m->out, "entity %s", name);
    if (chance(m, 8)) {
        say(m, " enum [\"0\", \"1\", \"4\"];\n");
        return;
    }
    say(m, " in ");
    say_some_types(m, 0);
    say(m, " ");
    say_fields(m, 0);
    if (chance(m, 2)) {
        say(m, " tags ");
        say_type(m, 1);
    }
    say(m, ";\n");
}

/* Actions are members of those with higher numbers. */
static void say_action(struct maker *m, unsigned number) {
    buf_format(&m->out, "action \"%s\"", wild_name(WILD_UIDS + number).id);
    if (number + 1 < WILD_ACTIONS && chance(m, 2)) {
        unsigned above = number + 1 + pick(m, WILD_ACTIONS - number - 1);
        buf_format(&m->out, " in [\"%s\"]", wild_name(WILD_UIDS + above).id);
    }
    if (!chance(m, 6)) {
        say(m, " appliesTo { principal: ");
        say_some_types(m, 1);
        say(m, ", resource: ");
        say_some_types(m, 1);
        say(m, ", context: ");
        say_fields(m, 0);
        say(m, " }");
    }
    say(m, ";\n");
}

void say_wild_schema(struct maker *m) {
    for (unsigned i = 0; i + 1 < TYPES; i++) {
        say_entity(m, type_name(i));
    }
    say(m, "namespace N {\n");
    say_entity(m, "Folder");
    say(m, "}\n");
    for (unsigned i = 0; i < WILD_ACTIONS; i++) {
        if (!chance(m, 8)) {
            say_action(m, i);
        }
    }
}
