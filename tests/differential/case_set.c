/* SPDX-License-Identifier: Apache-2.0 */
#include "cases.h"

#include "mutate.h"

#include "base/json.h"

str policy_json(struct maker *m, cedar_engine *engine, str text) {
    str json = str_make(NULL, 0);
    cedar_policies *policies = NULL;
    cedar_scratch *scratch = NULL;
    cedar_str out;
    if (cedar_policies_parse(engine, (cedar_str){text.ptr, text.len}, NULL, &policies, NULL) ==
            CEDAR_OK &&
        cedar_scratch_new(engine, 0, &scratch) == CEDAR_OK &&
        cedar_policy_to_json(scratch, policies, 0, &out) == CEDAR_OK) {
        size_t start = m->out.len;
        buf_add(&m->out, str_make(out.ptr, out.len));
        json = maker_take(m, start);
    }
    cedar_scratch_free(scratch);
    cedar_policies_unref(policies);
    return json;
}

static unsigned pick_count(struct maker *m) {
    return chance(m, 2) ? 1 + pick(m, 2) : pick(m, POLICIES_MAX + 1);
}

static void say_concatenated(struct maker *m, const struct world *w, unsigned broken) {
    static const unsigned wrongs[] = {0, 60, 200};
    unsigned wrong = PICK_FROM(m, wrongs);
    size_t start = m->out.len;
    for (unsigned i = pick_count(m); i > 0; i--) {
        struct policy policy;
        policy_make(m, w, wrong, chance(m, 100), &policy);
        buf_add(&m->out, policy.text);
        SAY_ONE(m, "\n", " ", "\n\n", "");
    }
    str text = maker_take(m, start);
    if (chance(m, 8)) {
        text = mutate_space(m, text);
    }
    text = chance(m, broken) ? mutate_text(m, text) : text;
    say(m, "{\"staticPolicies\":");
    json_escape(&m->out, text);
    say(m, "}");
}

/* A policy of a set by name: as text, or as JSON. */
static void say_member(struct maker *m, cedar_engine *engine, str text, unsigned broken) {
    str json = chance(m, 3) ? policy_json(m, engine, text) : str_make(NULL, 0);
    if (!str_is_absent(json)) {
        buf_add(&m->out, chance(m, broken) ? mutate_json(m, json) : json);
    } else {
        json_escape(&m->out, chance(m, broken) ? mutate_text(m, text) : text);
    }
}

static void say_slot(struct maker *m, const struct world *w, const char *slot, unsigned type) {
    unsigned given = chance(m, 8) ? pick(m, w->type_count) : type;
    buf_format(&m->out, "\"%s\":", slot);
    bool is_escaped = chance(m, 4);
    say(m, is_escaped ? "{\"__entity\":" : "");
    say_uid_json(m, w->types[given].name, pick_id(m, &w->types[given]));
    say(m, is_escaped ? "}" : "");
}

static void say_link(struct maker *m, const struct world *w, unsigned number,
                     const struct policy *policies, unsigned count) {
    unsigned which = pick(m, count + (chance(m, 40) ? 1 : 0));
    buf_format(&m->out, "{\"templateId\":\"t%u\",\"newId\":\"%s%u\",\"values\":{", which,
               chance(m, 60) ? "p" : "link", number);
    const struct policy *policy = &policies[which < count ? which : 0];
    bool has_principal = policy->has_principal_slot != chance(m, 60);
    bool has_resource = policy->has_resource_slot != chance(m, 60);
    if (has_principal) {
        say_slot(m, w, "?principal", policy->scene.principal);
    }
    if (has_resource) {
        say(m, has_principal ? "," : "");
        say_slot(m, w, "?resource", policy->scene.resource);
    }
    say(m, "}}");
}

static void say_links(struct maker *m, const struct world *w, const struct policy *policies,
                      unsigned count) {
    say(m, "},\"templateLinks\":[");
    for (unsigned i = 0; i < count + 1; i++) {
        if (!chance(m, 4)) {
            char last = buf_str(&m->out).ptr[m->out.len - 1];
            say(m, last == '[' ? "" : ",");
            say_link(m, w, i, policies, count);
        }
    }
    say(m, "]}");
}

static void say_named(struct maker *m, const struct world *w, cedar_engine *engine,
                      unsigned broken) {
    struct policy policies[POLICIES_MAX];
    unsigned count = pick(m, 4);
    unsigned templates = pick(m, 4);
    say(m, "{\"staticPolicies\":{");
    for (unsigned i = 0; i < count; i++) {
        policy_make(m, w, 80, chance(m, 150), &policies[0]);
        buf_format(&m->out, "\"p%u\":", i);
        say_member(m, engine, policies[0].text, broken * 3);
        say(m, i + 1 < count ? "," : "");
    }
    say(m, "},\"templates\":{");
    for (unsigned i = 0; i < templates; i++) {
        policy_make(m, w, 80, !chance(m, 100), &policies[i]);
        buf_format(&m->out, "\"t%u\":", i);
        say_member(m, engine, policies[i].text, broken * 3);
        say(m, i + 1 < templates ? "," : "");
    }
    if (templates > 0) {
        say_links(m, w, policies, templates);
    } else {
        say(m, "}}");
    }
}

void say_policy_set(struct maker *m, const struct world *w, cedar_engine *engine, unsigned broken) {
    if (chance(m, 3)) {
        say_named(m, w, engine, broken);
    } else {
        say_concatenated(m, w, broken);
    }
}
