/* SPDX-License-Identifier: Apache-2.0 */
#include "data.h"

#include "base/json.h"

/* ---- small pieces ---- */

/* In a place of `places`, among those where a fault may be. */
static bool goes_wrong(struct maker *m, struct data_style *style, unsigned places) {
    if (style->faults == 0 || !chance(m, style->wrong * places)) {
        return false;
    }
    style->faults--;
    return true;
}

void say_json_string(struct maker *m, const char *text) {
    json_escape(&m->out, str_c(text));
}

void say_uid_json(struct maker *m, const char *type, const char *id) {
    say(m, "{\"type\":");
    say_json_string(m, type);
    say(m, ",\"id\":");
    say_json_string(m, id);
    say(m, "}");
}

static const char *pick_known_id(struct maker *m, const struct entity_type *type) {
    return type->ids[pick(m, type->id_count)];
}

const char *pick_id(struct maker *m, const struct entity_type *type) {
    static const char *const others[] = {"nobody", "9", "red", "", "it's"};
    return chance(m, 30) ? PICK_FROM(m, others) : pick_known_id(m, type);
}

const char *pick_number(struct maker *m) {
    static const char *const numbers[] = {"0", "1", "2", "3", "-1", "10", "-2", "100", "5", "7"};
    static const char *const edges[] = {"9223372036854775807", "-9223372036854775808",
                                        "9007199254740991",    "-9007199254740991",
                                        "4294967296",          "9223372036854775806",
                                        "3037000500",          "-9223372036854775807",
                                        "4611686018427387904", "86400000"};
    return chance(m, 6) ? PICK_FROM(m, edges) : PICK_FROM(m, numbers);
}

const char *pick_text(struct maker *m) {
    static const char *const texts[] = {
        "",        "a",         "b",           "ab",         "alice",       "x y",       "k",
        "\u00e9x", "10.0.0.1",  "1h",          "1.5",        "a*b",         "*",         "it's",
        "a\"b",    "tab\there", "line\nbreak", "\U0001F600", "back\\slash", "2024-01-01"};
    return PICK_FROM(m, texts);
}

static const char *const decimals[] = {"1.0",
                                       "0.0",
                                       "-1.5",
                                       "1.5000",
                                       "12.34",
                                       "00.10",
                                       "-0.0",
                                       "922337203685477.5807",
                                       "-922337203685477.5808",
                                       "0.0001",
                                       "1.50",
                                       "3.14"};
static const char *const ips[] = {"10.0.0.1",      "10.0.0.0/8",   "127.0.0.1",       "::1",
                                  "224.0.0.1",     "ff02::1",      "192.168.1.0/24",  "0.0.0.0/0",
                                  "fe80::/10",     "::/0",         "1:2:3:4:5:6:7:8", "10.0.0.1/32",
                                  "127.0.0.0/7",   "::1/127",      "::ffff:7f00:1",   "224.0.0.0/3",
                                  "2001:db8::/32", "2001:DB8:0::1"};
static const char *const datetimes[] = {"2024-01-01",
                                        "1970-01-01",
                                        "2024-02-29T12:30:45Z",
                                        "2024-01-01T00:00:00.123Z",
                                        "2024-12-31T23:59:59+0130",
                                        "1969-12-31T23:59:59.999-2359",
                                        "0000-01-01",
                                        "9999-12-31",
                                        "9999-12-31T23:59:59.999-2359",
                                        "2023-12-31T00:00:00-0000"};
static const char *const durations[] = {"1h",
                                        "1d",
                                        "60m",
                                        "1d2h3m4s5ms",
                                        "-1h",
                                        "0ms",
                                        "1ms",
                                        "-1ms",
                                        "9223372036854775807ms",
                                        "-9223372036854775808ms",
                                        "106751991167d",
                                        "007s",
                                        "90m"};
static const char *const malformed[] = {"",
                                        "1",
                                        "1.",
                                        ".5",
                                        "+1.0",
                                        "1.00000",
                                        "1e5",
                                        " 1.0",
                                        "922337203685477.5808",
                                        "99999999999999999999.0",
                                        "10.0.0",
                                        "10.0.0.256",
                                        "10.0.0.1/33",
                                        "01.2.3.4",
                                        "1.2.3.4/",
                                        "1.2.3.4/08",
                                        ":::",
                                        "1::2::3",
                                        "::1.2.3.4",
                                        "12345::",
                                        "::1%eth0",
                                        "[::1]",
                                        "10.0.0.1/+8",
                                        "::/129",
                                        "::/00",
                                        "1:2:3:4:5:6:7:8:9",
                                        "10.0.0.1.2",
                                        "2024-13-01",
                                        "2024-02-30",
                                        "2023-02-29",
                                        "2024-01-01T24:00:00Z",
                                        "2024-1-1",
                                        "2024-01-01T00:00:60Z",
                                        "2024-01-01T00:00:00",
                                        "2024-01-01T00:00:00.1Z",
                                        "2024-01-01t00:00:00z",
                                        "2024-01-01T00:00:00+2400",
                                        "2024-01-01T00:00:00+0060",
                                        "2024-01-01T25:00:00+9900",
                                        "20240101",
                                        "2024-01-01Z",
                                        "2024-01-01T",
                                        "1h1d",
                                        "1h1h",
                                        "1.5h",
                                        "1w",
                                        "+1h",
                                        "-",
                                        "1",
                                        "h",
                                        "9223372036854775808ms",
                                        "106751991168d",
                                        "99999999999999999999d",
                                        "1 h",
                                        "1H",
                                        "\u0661.0",
                                        "x"};

const char *pick_extension_text(struct maker *m, enum type_kind kind, bool is_malformed) {
    if (is_malformed) {
        return PICK_FROM(m, malformed);
    }
    return kind == TYPE_DECIMAL    ? PICK_FROM(m, decimals)
           : kind == TYPE_IP       ? PICK_FROM(m, ips)
           : kind == TYPE_DATETIME ? PICK_FROM(m, datetimes)
                                   : PICK_FROM(m, durations);
}

/* ---- values ---- */

static const char *constructor_of(enum type_kind kind) {
    return kind == TYPE_DECIMAL    ? "decimal"
           : kind == TYPE_IP       ? "ip"
           : kind == TYPE_DATETIME ? "datetime"
                                   : "duration";
}

/* What is no value of the type, or no value at all, or one in an unusual form. */
static void say_wrong_value(struct maker *m, struct data_style *style) {
    struct data_style calm = *style;
    calm.faults = 0;
    if (chance(m, 2)) {
        say_value(m, &calm, world_type(m, style->world));
        return;
    }
    SAY_ONE(m, "null", "1.5", "\"\"", "[]", "{}", "[[]]", "9223372036854775808", "1e3",
            "{\"__entity\":{\"type\":\"User\"}}", "{\"__extn\":{\"fn\":\"ip\"}}",
            "{\"__extn\":{\"fn\":\"ip\",\"arg\":\"x\"}}", "{\"__expr\":\"1\"}",
            "{\"__extn\":{\"fn\":\"foo\",\"arg\":\"x\"}}",
            "{\"__entity\":{\"type\":\" A\",\"id\":\"\"}}",
            "{\"__entity\":{\"type\":\"A\",\"id\":\"\"},\"x\":1}",
            "{\"fn\":\"ip\",\"arg\":\"::1\"}",
            "{\"__extn\":{\"fn\":\"isIpv4\",\"arg\":{\"__extn\":{\"fn\":\"ip\",\"arg\":\"::1\"}}}}",
            "{\"__extn\":{\"fn\":\"offset\",\"args\":[{\"__extn\":{\"fn\":\"datetime\",\"arg\":"
            "\"2024-01-01\"}},{\"__extn\":{\"fn\":\"duration\",\"arg\":\"1h\"}}]}}",
            "{\"__extn\":{\"fn\":\"decimal\",\"args\":[\"1.0\",\"2.0\"]}}",
            "{\"__extn\":{\"fn\":\"decimal\",\"arg\":1}}", "{\"__entity\":\"A\"}",
            "{\"type\":\"User\",\"id\":\"0\"}", "{\"type\":\"Nope\",\"id\":\"0\"}",
            "{\"__entity\":{\"type\":\"Nope\",\"id\":\"0\"}}", "{\"type\":\"User\",\"id\":0}",
            "{\"__entity\":{\"type\":\"Action\",\"id\":\"view\"}}",
            "{\"__entity\":{\"type\":\"if\",\"id\":\"0\"}}",
            "{\"__entity\":{\"type\":\"__cedar::X\",\"id\":\"0\"}}");
}

static void say_extension(struct maker *m, struct data_style *style, enum type_kind kind) {
    const char *text = pick_extension_text(m, kind, goes_wrong(m, style, 1));
    unsigned form = style->is_implicit ? pick(m, 4) : 2 + pick(m, 8) / 7;
    if (form == 0) {
        say_json_string(m, text);
        return;
    }
    say(m, form == 1 ? "{\"fn\":\"" : "{\"__extn\":{\"fn\":\"");
    say(m, constructor_of(kind));
    say(m, form == 3 ? "\",\"args\":[" : "\",\"arg\":");
    say_json_string(m, text);
    say(m, form == 3 ? "]}}" : form == 1 ? "}" : "}}");
}

static void say_entity_value(struct maker *m, struct data_style *style, unsigned number) {
    const struct entity_type *type = &style->world->types[number];
    bool is_explicit = !style->is_implicit || chance(m, 2);
    say(m, is_explicit ? "{\"__entity\":" : "");
    /* Of an enumerated type, any other id is a fault. */
    bool is_known = type->is_enum && !goes_wrong(m, style, 1);
    say_uid_json(m, type->name, is_known ? pick_known_id(m, type) : pick_id(m, type));
    say(m, is_explicit ? "}" : "");
}

static void say_set_value(struct maker *m, struct data_style *style, const struct type *element) {
    unsigned count = pick(m, 4);
    say(m, "[");
    for (unsigned i = 0; i < count; i++) {
        say(m, i > 0 ? "," : "");
        say_value(m, style, element);
    }
    say(m, "]");
}

void say_record_value(struct maker *m, struct data_style *style, const struct type *type) {
    bool is_first = true;
    say(m, "{");
    for (unsigned i = 0; i < type->count; i++) {
        const struct attr *attr = &type->attrs[i];
        if ((attr->is_optional && chance(m, 2)) || goes_wrong(m, style, 2)) {
            continue;
        }
        say(m, is_first ? "" : ",");
        say_json_string(m, attr->name);
        say(m, ":");
        say_value(m, style, attr->type);
        is_first = false;
    }
    if (goes_wrong(m, style, 1)) {
        say(m, is_first ? "" : ",");
        SAY_ONE(m, "\"extra\":1", "\"__extra\":\"x\"", "\"Name\":[]", "\"zz\":{\"a\":1}");
    }
    say(m, "}");
}

void say_value(struct maker *m, struct data_style *style, const struct type *type) {
    if (goes_wrong(m, style, 1)) {
        say_wrong_value(m, style);
        return;
    }
    switch (type->kind) {
    case TYPE_BOOL:
        SAY_ONE(m, "true", "false");
        return;
    case TYPE_LONG:
        say(m, pick_number(m));
        return;
    case TYPE_STRING:
        say_json_string(m, pick_text(m));
        return;
    case TYPE_ENTITY:
        say_entity_value(m, style, type->entity);
        return;
    case TYPE_SET:
        say_set_value(m, style, type->element);
        return;
    case TYPE_RECORD:
        say_record_value(m, style, type);
        return;
    case TYPE_DECIMAL:
    case TYPE_IP:
    case TYPE_DATETIME:
    case TYPE_DURATION:
        say_extension(m, style, type->kind);
        return;
    }
}

/* ---- entities ---- */

static void say_parents(struct maker *m, struct data_style *style, unsigned type_at,
                        unsigned id_at) {
    const struct world *w = style->world;
    bool is_first = true;
    say(m, "[");
    for (unsigned t = 0; t < w->type_count; t++) {
        bool is_allowed = (w->types[type_at].parents >> t & 1) != 0;
        if (!is_allowed && !goes_wrong(m, style, 4)) {
            continue;
        }
        for (unsigned i = 0; i < w->types[t].id_count; i++) {
            /* Later ones only, so that there is no cycle; sometimes any. */
            bool is_later = t > type_at || (t == type_at && i > id_at);
            bool is_taken = is_later ? chance(m, 3) : goes_wrong(m, style, 2);
            if (is_taken) {
                say(m, is_first ? "" : ",");
                bool is_escaped = chance(m, 8);
                say(m, is_escaped ? "{\"__entity\":" : "");
                say_uid_json(m, w->types[t].name, w->types[t].ids[i]);
                say(m, is_escaped ? "}" : "");
                is_first = false;
            }
        }
    }
    say(m, "]");
}

static void say_tags(struct maker *m, struct data_style *style, const struct type *tags,
                     unsigned max) {
    unsigned count = pick(m, max + 1);
    static const char *const keys[] = {"k", "a", "", "x y"};
    unsigned at = pick(m, 2);
    say(m, ",\"tags\":{");
    for (unsigned i = 0; i < count; i++) {
        say(m, i > 0 ? "," : "");
        say_json_string(m, keys[at + i]);
        say(m, ":");
        say_value(m, style, tags);
    }
    say(m, "}");
}

static void say_entity(struct maker *m, struct data_style *style, unsigned type_at,
                       unsigned id_at) {
    const struct entity_type *type = &style->world->types[type_at];
    say(m, "{\"uid\":");
    say_uid_json(m, type->name, type->ids[id_at]);
    say(m, ",\"attrs\":");
    say_record_value(m, style, &type->shape);
    if (type->tags != NULL && chance(m, 2)) {
        say_tags(m, style, type->tags, 2);
    } else if (goes_wrong(m, style, 2)) {
        say_tags(m, style, world_type(m, style->world), 1);
    }
    say(m, ",\"parents\":");
    say_parents(m, style, type_at, id_at);
    if (goes_wrong(m, style, 2)) {
        say(m, ",\"other\":null");
    }
    say(m, "}");
}

/* Without a schema the hierarchy of actions comes with the entities; with one it may. */
static void say_action_entity(struct maker *m, struct data_style *style, unsigned at) {
    const struct world *w = style->world;
    bool is_first = true;
    say(m, "{\"uid\":");
    say_uid_json(m, w->actions[at].type, w->actions[at].id);
    say(m, ",\"attrs\":{},\"parents\":[");
    for (unsigned i = 0; i < w->action_count; i++) {
        if (w->actions[at].groups >> i & 1) {
            say(m, is_first ? "" : ",");
            say_uid_json(m, w->actions[i].type, w->actions[i].id);
            is_first = false;
        }
    }
    say(m, "]}");
}

void say_entities(struct maker *m, struct data_style *style) {
    const struct world *w = style->world;
    bool is_first = true;
    say(m, "[");
    for (unsigned t = 0; t < w->type_count; t++) {
        for (unsigned i = 0; i < w->types[t].id_count; i++) {
            for (bool again = !chance(m, 3); again; again = goes_wrong(m, style, 2)) {
                say(m, is_first ? "" : ",");
                say_entity(m, style, t, i);
                is_first = false;
            }
        }
    }
    bool has_actions = chance(m, style->is_implicit ? 8 : 2);
    for (unsigned i = 0; has_actions && i < w->action_count; i++) {
        say(m, is_first ? "" : ",");
        say_action_entity(m, style, i);
        is_first = false;
    }
    say(m, "]");
}

/* ---- requests ---- */

void question_make(struct maker *m, const struct world *w, struct question *ret) {
    ret->action = pick(m, w->action_count);
    const struct action *action = &w->actions[ret->action];
    bool is_any = action->principals == 0 || chance(m, 20);
    ret->principal = is_any ? pick(m, w->type_count) : pick_bit(m, action->principals);
    ret->resource = is_any ? pick(m, w->type_count) : pick_bit(m, action->resources);
    ret->principal_id = pick_id(m, &w->types[ret->principal]);
    ret->resource_id = pick_id(m, &w->types[ret->resource]);
}

void say_question(struct maker *m, struct data_style *style, const struct question *question) {
    const struct world *w = style->world;
    const struct action *action = &w->actions[question->action];
    say(m, "\"principal\":");
    say_uid_json(m, w->types[question->principal].name, question->principal_id);
    say(m, ",\"action\":");
    say_uid_json(m, action->type, goes_wrong(m, style, 1) ? "unknown" : action->id);
    say(m, ",\"resource\":");
    say_uid_json(m, w->types[question->resource].name, question->resource_id);
    say(m, ",\"context\":");
    say_record_value(m, style, &action->context);
}
