/* SPDX-License-Identifier: Apache-2.0 */
#include "cases.h"

#include "mutate.h"
#include "puzzle.h"
#include "wild.h"

#include "base/json.h"

static void say_text(struct maker *m, str text) {
    json_escape(&m->out, text);
}

/* ---- authorization ---- */

static void say_schema_input(struct maker *m, const struct world *w, bool may_break) {
    size_t start = m->out.len;
    if (chance(m, 4)) {
        say_schema_json(m, w);
        if (may_break) {
            buf_add(&m->out, mutate_json(m, maker_take(m, start)));
        }
        return;
    }
    say_schema(m, w);
    str text = maker_take(m, start);
    if (chance(m, 10)) {
        text = mutate_space(m, text);
    }
    say_text(m, may_break ? mutate_text(m, text) : text);
}

/* A broken document has no other fault. */
static void say_entities_input(struct maker *m, struct data_style *style, unsigned broken) {
    size_t start = m->out.len;
    bool is_broken = broken > 0 && chance(m, broken);
    style->faults = is_broken ? 0 : style->faults;
    say_entities(m, style);
    if (is_broken) {
        buf_add(&m->out, mutate_json(m, maker_take(m, start)));
    }
}

static void style_make(struct maker *m, const struct world *w, bool has_schema,
                       struct data_style *ret) {
    *ret = (struct data_style){.world = w, .is_implicit = has_schema && chance(m, 2)};
    ret->faults = chance(m, 3);
    ret->wrong = 30;
}

/* ---- without types ---- */

static void say_wild_question(struct maker *m) {
    static const char *const names[] = {"principal", "action", "resource"};
    for (unsigned i = 0; i < ARRAY_LEN(names); i++) {
        struct wild_name name =
            wild_name(i == 1 ? WILD_UIDS + pick(m, WILD_ACTIONS) : pick(m, WILD_UIDS));
        buf_format(&m->out, "\"%s\":", names[i]);
        say_uid_json(m, name.type, name.id);
        say(m, ",");
    }
    bool taken[WILD_UIDS + WILD_ACTIONS] = {false};
    say(m, "\"context\":");
    say_wild_fields(m, 0);
    say(m, ",\"entities\":");
    say_wild_entities(m, taken, 3);
}

static void say_wild_authorize(struct maker *m) {
    say(m, "{");
    say_wild_question(m);
    say(m, ",\"policies\":{\"staticPolicies\":");
    size_t start = m->out.len;
    say_wild_policies(m, chance(m, 20));
    say_text(m, maker_take(m, start));
    say(m, "}}");
}

static void say_wild_evaluate(struct maker *m) {
    size_t start = m->out.len;
    say_wild_expr(m, 0);
    str text = maker_take(m, start);
    say(m, "{\"expression\":");
    say_text(m, text);
    say(m, ",");
    say_wild_question(m);
    say(m, "}");
}

static void say_wild_validate(struct maker *m) {
    size_t start = m->out.len;
    say_wild_schema(m);
    str schema = maker_take(m, start);
    say_wild_policies(m, chance(m, 20));
    str policies = maker_take(m, start);
    say(m, "{\"schema\":");
    say_text(m, schema);
    say(m, ",\"policies\":{\"staticPolicies\":");
    say_text(m, policies);
    say(m, "}}");
}

static void say_authorize(struct maker *m, const struct world *w, cedar_engine *engine) {
    if (chance(m, 6)) {
        say_wild_authorize(m);
        return;
    }
    bool has_schema = !w->is_tricky && chance(m, 2);
    struct data_style style;
    struct question question;
    style_make(m, w, has_schema, &style);
    question_make(m, w, &question);
    say(m, "{");
    say_question(m, &style, &question);
    if (has_schema) {
        say(m, ",\"schema\":");
        say_schema_input(m, w, false);
        if (chance(m, 4)) {
            SAY_ONE(m, ",\"validateRequest\":true", ",\"validateRequest\":false");
        }
    }
    say(m, ",\"policies\":");
    say_policy_set(m, w, engine, 20);
    say(m, ",\"entities\":");
    say_entities_input(m, &style, 60);
    say(m, "}");
}

static void say_evaluate(struct maker *m, const struct world *w, cedar_engine *engine) {
    (void)engine;
    if (chance(m, 3)) {
        say_wild_evaluate(m);
        return;
    }
    struct data_style style;
    struct question question;
    struct scene scene;
    style_make(m, w, false, &style);
    question_make(m, w, &question);
    scene_make(m, w, 40, &scene);
    scene.action = question.action;
    scene.principal = question.principal;
    scene.resource = question.resource;
    size_t start = m->out.len;
    say_expr(m, &scene, world_type(m, w), 0);
    str text = maker_take(m, start);
    say(m, "{\"expression\":");
    say_text(m, chance(m, 12) ? mutate_text(m, text) : text);
    say(m, ",");
    say_question(m, &style, &question);
    say(m, ",\"entities\":");
    say_entities_input(m, &style, 0);
    say(m, "}");
}

/* ---- parsing ---- */

static void say_check_policies(struct maker *m, const struct world *w, cedar_engine *engine) {
    say_policy_set(m, w, engine, 2);
}

static void say_check_entities(struct maker *m, const struct world *w, cedar_engine *engine) {
    (void)engine;
    struct data_style style;
    bool has_schema = !w->is_tricky && chance(m, 2);
    style_make(m, w, has_schema, &style);
    style.faults = !chance(m, 4);
    say(m, "{\"entities\":");
    say_entities_input(m, &style, 3);
    if (has_schema) {
        say(m, ",\"schema\":");
        say_schema_input(m, w, false);
    }
    say(m, "}");
}

static void say_check_context(struct maker *m, const struct world *w, cedar_engine *engine) {
    (void)engine;
    struct data_style style;
    bool has_schema = !w->is_tricky && chance(m, 2);
    const struct action *action = &w->actions[pick(m, w->action_count)];
    style_make(m, w, has_schema, &style);
    bool is_broken = chance(m, 3);
    style.faults = !is_broken;
    style.wrong = 6;
    say(m, "{\"context\":");
    size_t start = m->out.len;
    say_record_value(m, &style, &action->context);
    if (is_broken) {
        buf_add(&m->out, mutate_json(m, maker_take(m, start)));
    }
    if (has_schema) {
        say(m, ",\"schema\":");
        say_schema_input(m, w, false);
        say(m, ",\"action\":");
        say_uid_json(m, action->type, chance(m, 12) ? "none" : action->id);
    }
    say(m, "}");
}

static void say_puzzle_input(struct maker *m, bool may_break) {
    struct puzzle puzzle;
    size_t start = m->out.len;
    puzzle_make(m, &puzzle);
    if (chance(m, 2)) {
        say_puzzle_json(m, &puzzle);
        if (may_break) {
            buf_add(&m->out, mutate_json(m, maker_take(m, start)));
        }
        return;
    }
    say_puzzle(m, &puzzle);
    str text = maker_take(m, start);
    text = chance(m, 4) ? mutate_space(m, text) : text;
    say_text(m, may_break ? mutate_text(m, text) : text);
}

static void say_check_schema(struct maker *m, const struct world *w, cedar_engine *engine) {
    (void)engine;
    if (chance(m, 2)) {
        say_puzzle_input(m, chance(m, 3));
    } else {
        say_schema_input(m, w, !chance(m, 3));
    }
}

/* ---- translation ---- */

static str some_policy(struct maker *m, const struct world *w, bool is_template) {
    struct policy policy;
    policy_make(m, w, 60, is_template, &policy);
    return chance(m, 6) ? mutate_space(m, policy.text) : policy.text;
}

static void say_one_text(struct maker *m, const struct world *w, bool is_template) {
    str text = some_policy(m, w, is_template);
    say_text(m, chance(m, 12) ? mutate_text(m, text) : text);
}

static void say_one_json(struct maker *m, const struct world *w, cedar_engine *engine,
                         bool is_template) {
    str json = policy_json(m, engine, some_policy(m, w, is_template));
    if (str_is_absent(json)) {
        say(m, "{}");
        return;
    }
    buf_add(&m->out, chance(m, 3) ? mutate_json(m, json) : json);
}

static void say_policy_text(struct maker *m, const struct world *w, cedar_engine *engine) {
    (void)engine;
    say_one_text(m, w, false);
}

static void say_template_text(struct maker *m, const struct world *w, cedar_engine *engine) {
    (void)engine;
    say_one_text(m, w, true);
}

static void say_policy_json(struct maker *m, const struct world *w, cedar_engine *engine) {
    say_one_json(m, w, engine, false);
}

static void say_template_json(struct maker *m, const struct world *w, cedar_engine *engine) {
    say_one_json(m, w, engine, true);
}

static void say_format(struct maker *m, const struct world *w, cedar_engine *engine) {
    (void)engine;
    size_t start = m->out.len;
    for (unsigned i = pick(m, 4); i > 0; i--) {
        buf_add(&m->out, some_policy(m, w, chance(m, 6)));
        say(m, i > 1 ? "\n" : "");
    }
    str text = maker_take(m, start);
    if (chance(m, 2)) {
        text = mutate_space(m, text);
    }
    say(m, "{\"policyText\":");
    say_text(m, chance(m, 30) ? mutate_text(m, text) : text);
    SAY_ONE(m, "", "", ",\"lineWidth\":40", ",\"lineWidth\":100,\"indentWidth\":4",
            ",\"lineWidth\":20,\"indentWidth\":3", ",\"lineWidth\":60");
    say(m, "}");
}

/* ---- validation ---- */

static void say_validate(struct maker *m, const struct world *w, cedar_engine *engine) {
    if (chance(m, 5)) {
        say_wild_validate(m);
        return;
    }
    say(m, "{\"schema\":");
    say_schema_input(m, w, chance(m, 40));
    say(m, ",\"policies\":");
    say_policy_set(m, w, engine, 200);
    say(m, "}");
}

static void say_schema_only(struct maker *m, const struct world *w, cedar_engine *engine) {
    (void)engine;
    if (chance(m, 2)) {
        say_puzzle_input(m, chance(m, 8));
    } else {
        say_schema_input(m, w, chance(m, 8));
    }
}

/* The reference has this for text only. */
static void say_schema_text(struct maker *m, const struct world *w, cedar_engine *engine) {
    (void)engine;
    struct puzzle puzzle;
    size_t start = m->out.len;
    if (chance(m, 3)) {
        say_schema(m, w);
    } else {
        puzzle_make(m, &puzzle);
        say_puzzle(m, &puzzle);
    }
    str text = maker_take(m, start);
    say_text(m, chance(m, 8) ? mutate_text(m, text) : text);
}

const struct kind kinds[] = {
    {"isAuthorized", say_authorize, 40},
    {"evaluate", say_evaluate, 16},
    {"checkParsePolicySet", say_check_policies, 10},
    {"checkParseEntities", say_check_entities, 8},
    {"checkParseContext", say_check_context, 4},
    {"checkParseSchema", say_check_schema, 5},
    {"policyToJson", say_policy_text, 4},
    {"templateToJson", say_template_text, 2},
    {"policyToText", say_policy_json, 5},
    {"templateToText", say_template_json, 2},
    {"formatPolicies", say_format, 6},
    {"validate", say_validate, 105},
    {"schemaToJson", say_schema_only, 3},
    {"schemaToJsonWithResolvedTypes", say_schema_text, 2},
    {"schemaToText", say_schema_only, 5},
};
const size_t kind_count = ARRAY_LEN(kinds);
