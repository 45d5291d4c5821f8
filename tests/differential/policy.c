/* SPDX-License-Identifier: Apache-2.0 */
#include "policy.h"

void scene_make(struct maker *m, const struct world *w, unsigned wrong, struct scene *ret) {
    struct question question;
    question_make(m, w, &question);
    *ret = (struct scene){.world = w,
                          .principal = question.principal,
                          .resource = question.resource,
                          .action = question.action,
                          .wrong = wrong};
}

static void say_annotations(struct maker *m) {
    if (!chance(m, 5)) {
        return;
    }
    SAY_ONE(m, "@id(\"x\")\n", "@a\n", "@doc(\"it's \\\"quoted\\\"\") ", "@if(\"\")\n@in\n",
            "@b(\"2\")@a(\"1\")\n", "@note(\"line\\nbreak \\u{e9} \\0\")\n", "@permit(\"p\") ",
            "@a(\"1\")\n@A(\"2\")\n", "@_x(\"\U0001F600\")\n");
    if (chance(m, 60)) {
        SAY_ONE(m, "@a(\"1\")\n@a(\"2\")\n", "@a()\n", "@ a(\"1\")\n", "@a(1)\n", "@\n",
                "@__cedar(\"1\")\n", "@a(\"1\",\"2\")\n", "@a(\"\\q\")\n");
    }
}

/* ` == uid`, ` in uid` or a slot there. */
static void say_target(struct maker *m, const struct scene *s, unsigned type, const char *slot) {
    if (slot != NULL) {
        say(m, slot);
        return;
    }
    bool is_wrapped = chance(m, 30);
    say(m, is_wrapped ? "(" : "");
    say_uid(m, s->world->types[type].name, pick_id(m, &s->world->types[type]));
    say(m, is_wrapped ? ")" : "");
}

static void say_scope(struct maker *m, const struct scene *s, const char *var, unsigned type,
                      const char *slot) {
    static const unsigned with_slot[] = {0, 1, 3};
    unsigned above = pick_bit(m, s->world->types[type].above);
    say(m, var);
    switch (slot != NULL ? PICK_FROM(m, with_slot) : pick(m, 9)) {
    case 0:
        say(m, " == ");
        say_target(m, s, chance(m, 12) ? above : type, slot);
        return;
    case 1:
        say(m, " in ");
        say_target(m, s, above, slot);
        return;
    case 2:
        buf_format(&m->out, " is %s", s->world->types[type].name);
        return;
    case 3:
    case 4:
        buf_format(&m->out, " is %s in ", s->world->types[type].name);
        say_target(m, s, above, slot);
        return;
    default:
        return;
    }
}

static void say_action_scope(struct maker *m, const struct scene *s) {
    const struct world *w = s->world;
    const struct action *action = &w->actions[s->action];
    unsigned kind = pick(m, 6);
    say(m, "action");
    if (kind >= 4) {
        return;
    }
    if (kind == 3 && action->groups != 0) {
        action = &w->actions[pick_bit(m, action->groups)];
    }
    if (kind < 2) {
        say(m, " == ");
        say_uid(m, action->type, action->id);
        return;
    }
    bool is_list = kind == 2;
    say(m, is_list ? " in [" : " in ");
    if (!is_list || !chance(m, 20)) {
        say_uid(m, action->type, action->id);
    }
    for (unsigned i = pick(m, 3); is_list && i > 0; i--) {
        const struct action *other = &w->actions[pick(m, w->action_count)];
        say(m, buf_str(&m->out).ptr[m->out.len - 1] == '[' ? "" : ", ");
        say_uid(m, other->type, other->id);
    }
    say(m, is_list ? "]" : "");
}

static void say_clauses(struct maker *m, struct scene *s) {
    for (unsigned clauses = pick(m, 8) / 3; clauses > 0; clauses--) {
        SAY_ONE(m, " when { ", "\nwhen { ", " unless { ", " when{");
        say_expr(m, s, &type_bool, chance(m, 3) ? 2 : chance(m, 3) ? 0 : 1);
        say(m, " }");
        s->guard_count = 0;
    }
}

void policy_make(struct maker *m, const struct world *w, unsigned wrong, bool may_be_template,
                 struct policy *ret) {
    size_t start = m->out.len;
    scene_make(m, w, wrong, &ret->scene);
    struct scene *s = &ret->scene;
    unsigned slots = may_be_template ? 1 + pick(m, 3) : 0;
    say_annotations(m);
    SAY_ONE(m, "permit(", "permit (", "forbid(", "permit(\n");
    say_scope(m, s, "principal", s->principal, slots & 1 ? "?principal" : NULL);
    say(m, chance(m, 10) ? ",\n" : ", ");
    say_action_scope(m, s);
    say(m, ", ");
    say_scope(m, s, "resource", s->resource, slots & 2 ? "?resource" : NULL);
    say(m, chance(m, 40) ? ",)" : ")");
    say_clauses(m, s);
    say(m, ";");
    ret->text = maker_take(m, start);
    ret->has_principal_slot = str_find(ret->text, STR("?principal")) != SIZE_MAX;
    ret->has_resource_slot = str_find(ret->text, STR("?resource")) != SIZE_MAX;
}
