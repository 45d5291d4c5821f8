/* SPDX-License-Identifier: Apache-2.0 */
/* Entities JSON: forms, escapes, refusals, and what a schema adds (maps: §1.8, corners 38–43). */
#include "schema_unit.h"

#include <stdio.h>

struct row {
    const char *json;
    const char *expected; /* part of the message, or NULL */
};

static err read(struct unit *u, str json, const struct schema *schema,
                const struct entities **ret) {
    struct data_options options = unit_options(u, schema);
    struct entity_builder builder;
    u->diags.source_text = json;
    TRY(entity_builder_init(&builder, &u->arena, &unit_key, NULL));
    TRY(entities_json_read(&builder, json, &options, &u->diags));
    return entities_json_finish(&builder, &options, &u->diags, ret);
}

/* Each text between `before` and `after`. */
static void check(const char *schema_text, const char *before, const char *after,
                  const struct row *rows, size_t count) {
    for (size_t i = 0; i < count; i++) {
        struct unit u;
        unit_init(&u);
        const struct schema *schema = schema_text == NULL ? NULL : unit_schema(&u, schema_text);
        str json;
        const struct entities *store;
        assert_int_equal(arena_format(&u.scratch, &json, "%s%s%s", before, rows[i].json, after),
                         ERR_OK);
        err result = read(&u, json, schema, &store);
        unit_expect(&u, json, result, rows[i].expected);
        unit_done(&u);
    }
}

static void shape_of_the_document(void **state) {
    IGNORE(state);
    static const struct row rows[] = {
        {"[]", NULL},
        {"{}", "entities are an array"},
        {"[1]", "invalid type"},
        {"[{\"uid\":{\"type\":\"A\",\"id\":\"x\"},\"attrs\":{}}]", "missing field `parents`"},
        {"[{\"uid\":{\"type\":\"A\",\"id\":\"x\"},\"parents\":[]}]", "missing field `attrs`"},
        {"[{\"attrs\":{},\"parents\":[]}]", "missing field `uid`"},
        {"[{\"uid\":{\"type\":\"A\",\"id\":\"x\"},\"attrs\":[],\"parents\":[]}]", "`attrs`"},
        {"[{\"uid\":{\"type\":\"A\",\"id\":\"x\"},\"attrs\":{},\"parents\":{}}]", "`parents`"},
        {"[{\"uid\":{\"type\":\"A\",\"id\":\"x\"},\"attrs\":{},\"parents\":[],\"tags\":[]}]",
         "`tags`"},
        {"[{\"uid\":{\"type\":\"A\",\"id\":\"x\"},\"attrs\":{},\"parents\":[],\"tags\":null}]",
         "`tags`"},
        {"[{\"uid\":{\"type\":\"A\",\"id\":\"x\",\"foo\":1},\"attrs\":{},\"parents\":[],\"z\":1}]",
         NULL},
        {"[{\"uid\":{\"type\":\"A\",\"id\":\"x\"},\"attrs\":{\"a\":1,\"a\":1},\"parents\":[]}]",
         "error during entity deserialization"},
        {"[", "error during entity deserialization"},
    };
    check(NULL, "", "", rows, ARRAY_LEN(rows));
}

static void forms_of_uids(void **state) {
    IGNORE(state);
    static const struct row rows[] = {
        {"{\"type\":\"A\",\"id\":\"x\"}", NULL},
        {"{\"type\":\"A::B::C\",\"id\":\"\"}", NULL},
        {"{\"__entity\":{\"type\":\"A\",\"id\":\"x\"}}", NULL},
        {"{\"__entity\":{\"type\":\"A\",\"id\":\"x\"},\"b\":1}", NULL},
        {"\"A::\\\"x\\\"\"", "in uid field of <unknown entity>, expected a literal entity "
                             "reference, but got `\"A::\\\"x\\\"\"`"},
        {"{\"type\":\"A\",\"id\":1}", "expected a literal entity reference"},
        {"{\"__expr\":\"A::\\\"x\\\"\"}", "the `__expr` escape is no longer supported"},
        {"null", "expected a literal entity reference, but got `null`"},
        {"{\"type\":\" A\",\"id\":\"x\"}", "`Name` needs to be normalized"},
        {"{\"type\":\"\",\"id\":\"x\"}", "failed to parse escape `__entity`"},
        {"{\"type\":\"if\",\"id\":\"x\"}", "failed to parse escape `__entity`"},
        {"{\"type\":\"1A\",\"id\":\"x\"}", "failed to parse escape `__entity`"},
        {"{\"type\":\"__cedar::A\",\"id\":\"x\"}", "failed to parse escape `__entity`"},
    };
    check(NULL, "[{\"attrs\":{},\"parents\":[],\"uid\":", "}]", rows, ARRAY_LEN(rows));
}

static void parents_and_hierarchy(void **state) {
    IGNORE(state);
#define E(uid, parents) "{\"uid\":" uid ",\"attrs\":{},\"parents\":[" parents "]}"
#define U(type, id) "{\"type\":\"" type "\",\"id\":\"" id "\"}"
    static const struct row rows[] = {
        {E(U("A", "x"), U("B", "absent")), NULL},
        {E(U("A", "x"), "{\"__entity\":" U("B", "y") "}"), NULL},
        {E(U("A", "x"), "\"B\""),
         "in parents field of `A::\"x\"`, expected a literal entity reference, but got `\"B\"`"},
        {E(U("A", "x"), "{\"__expr\":\"x\"}"), "in parents field of `A::\"x\"`, the `__expr`"},
        {E(U("A", "x"), U("A", "x")), "input graph has a cycle containing vertex `A::\"x\"`"},
        {E(U("A", "x"), U("A", "y")) "," E(U("A", "y"), U("A", "x")), "has a cycle"},
        {E(U("A", "x"), "") "," E(U("A", "x"), ""), NULL},
        {E(U("A", "x"), "") "," E(U("A", "x"), U("B", "y")), "duplicate entity entry `A::\"x\"`"},
        {E(U("Action", "x"), U("B", "y")),
         "action `Action::\"x\"` has a non-action parent `B::\"y\"`"},
        {E(U("N::Action", "x"), U("Action", "y")), NULL},
        {E(U("A", "x"), U("Action", "y")), NULL},
    };
    check(NULL, "[", "]", rows, ARRAY_LEN(rows));
}

static void values_without_a_schema(void **state) {
    IGNORE(state);
    static const struct row rows[] = {
        {"[true, -5, \"s\", {\"b\": [1, [], {}]}]", NULL},
        {"9223372036854775807", NULL},
        {"-9223372036854775808", NULL},
        {"9223372036854775808", "is not an integer of 64 bits"},
        {"1.0", "in attribute `a` on `A::\"x\"`, the number `1.0` is not an integer"},
        {"1e3", "is not an integer"},
        {"null", "in attribute `a` on `A::\"x\"`, found a `null`; JSON `null`s are not allowed"},
        {"[{\"b\": null}]", "found a `null`"},
        {"{\"__expr\": \"1\"}", "the `__expr` escape is no longer supported"},
        {"{\"__expr\": 1}", NULL},
        {"{\"__expr\": \"1\", \"b\": 1}", NULL},
        {"{\"__entity\": {\"type\": \"B x\", \"id\": \"y\"}}", "failed to parse escape `__entity`"},
        {"{\"__extn\": {\"fn\": \"ip\", \"arg\": \"x\"}}",
         "failed to evaluate attribute `a` of `A::\"x\"`: error while evaluating `ipaddr` "
         "extension "
         "function: invalid IP address: x"},
        {"[{\"__extn\": {\"fn\": \"ip\", \"arg\": \"x\"}}]", "failed to evaluate attribute `a`"},
        {"{\"__extn\": {\"fn\": \"nope\", \"arg\": \"x\"}}",
         "failed to evaluate attribute `a` of `A::\"x\"`: extension function `nope` does not "
         "exist"},
        {"{\"__extn\": {\"fn\": \"i p\", \"arg\": \"x\"}}", "failed to parse escape `__extn`: i p"},
        {"{\"__extn\": {\"fn\": \"ip\", \"arg\": 1}}", "type error: expected string, got long"},
        {"{\"__extn\": {\"fn\": \"ip\", \"arg\": null}}", "found a `null`"},
        {"{\"__extn\": {\"fn\": \"ip\", \"args\": []}}",
         "wrong number of arguments provided to extension function `ip`: expected 1, got 0"},
        {"{\"__extn\": {\"fn\": \"offset\", \"args\": [{\"__extn\": {\"fn\": \"datetime\", "
         "\"arg\": "
         "\"2024-01-01\"}}, \"1h\"]}}",
         "type error: expected duration, got string"},
    };
    check(NULL, "[{\"uid\":{\"type\":\"A\",\"id\":\"x\"},\"parents\":[],\"attrs\":{\"a\":", "}}]",
          rows, ARRAY_LEN(rows));
    static const struct row tags[] = {
        {"\"x\"", NULL},
        {"null", "in tag `a` on `A::\"x\"`, found a `null`"},
        {"{\"__extn\": {\"fn\": \"ip\", \"arg\": \"x\"}}",
         "failed to evaluate tag `a` of `A::\"x\"`"},
    };
    check(NULL,
          "[{\"uid\":{\"type\":\"A\",\"id\":\"x\"},\"parents\":[],\"attrs\":{},\"tags\":{\"a\":",
          "}}]", tags, ARRAY_LEN(tags));
}

/* What a JSON value becomes, printed as Cedar prints it. */
static void escapes_become_values(void **state) {
    IGNORE(state);
    static const struct {
        const char *json;
        const char *cedar;
    } rows[] = {
        {"{\"__entity\": {\"type\": \"B\", \"id\": \"y\", \"z\": 1}}", "B::\"y\""},
        {"{\"__extn\": {\"fn\": \"ip\", \"arg\": \"1.1.1.1\"}}", "ip(\"1.1.1.1\")"},
        {"{\"__extn\": {\"fn\": \"ip\", \"args\": [\"1.1.1.1\"], \"z\": 1}}", "ip(\"1.1.1.1\")"},
        {"{\"__extn\": {\"fn\": \"ip\", \"arg\": \"1.1.1.1\", \"args\": 3}}", "ip(\"1.1.1.1\")"},
        {"{\"__extn\": {\"fn\": \"isIpv4\", \"arg\": {\"__extn\": {\"fn\": \"ip\", \"arg\": "
         "\"1.1.1.1\"}}}}",
         "true"},
        {"[2, 1, 2, 1]", "[1, 2]"},
        {"9007199254740993", "9007199254740993"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct unit u;
        unit_init(&u);
        str json;
        const struct entities *store = NULL;
        assert_int_equal(arena_format(&u.scratch, &json,
                                      "[{\"uid\":{\"type\":\"A\",\"id\":\"x\"},\"parents\":[],"
                                      "\"attrs\":{\"a\":%s}}]",
                                      rows[i].json),
                         ERR_OK);
        unit_expect(&u, json, read(&u, json, NULL, &store), NULL);
        struct buf text;
        buf_init(&text, allocator_libc(), 1000);
        value_format(&text, value_record_find(entities_get(store, 0)->attrs, STR("a")));
        if (!str_equal_c(buf_str(&text), rows[i].cedar)) {
            fail_msg("%s: %.*s, expected %s", rows[i].json, STR_FMT(buf_str(&text)), rows[i].cedar);
        }
        buf_done(&text);
        unit_done(&u);
    }
}

static void malformed_escapes_become_records(void **state) {
    IGNORE(state);
    static const char *const rows[] = {
        "{\"__entity\": \"x\"}",
        "{\"__entity\": {\"type\": \"B\"}}",
        "{\"__entity\": {\"type\": \"B\", \"id\": 1}}",
        "{\"__entity\": {\"type\": \"B\", \"id\": \"x\"}, \"q\": 1}",
        "{\"__extn\": {\"fn\": \"ip\"}}",
        "{\"__extn\": {\"fn\": 1, \"arg\": \"x\"}}",
        "{\"__extn\": {\"fn\": \"ip\", \"args\": \"1.1.1.1\"}}",
        "{\"__extn\": {\"fn\": \"ip\", \"arg\": \"1.1.1.1\"}, \"q\": 1}",
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct unit u;
        unit_init(&u);
        str json;
        const struct entities *store = NULL;
        assert_int_equal(arena_format(&u.scratch, &json,
                                      "[{\"uid\":{\"type\":\"A\",\"id\":\"x\"},\"parents\":[],"
                                      "\"attrs\":{\"a\":%s}}]",
                                      rows[i]),
                         ERR_OK);
        unit_expect(&u, json, read(&u, json, NULL, &store), NULL);
        const struct value *value = value_record_find(entities_get(store, 0)->attrs, STR("a"));
        assert_int_equal(value->kind, VALUE_RECORD);
        unit_done(&u);
    }
}

static const char schema_text[] =
    "entity Color enum [\"red\",\"green\"];"
    "entity G in [G2]; entity G2 in [Org]; entity Org; entity T in Color;"
    "entity A in [G] { s?: String, i?: Long, b?: Bool, e?: G, ip?: ipaddr, dec?: decimal,"
    "  dt?: datetime, du?: duration, c?: Color, act?: Action, ss?: Set<String>, si?: Set<ipaddr>,"
    "  se?: Set<G>, r?: {x: Long, y?: ipaddr}, sr?: Set<{x: Long}>, n?: NS::Y } tags String;"
    "entity R { must: Long }; entity TS tags Set<ipaddr>;"
    "action \"grp\"; action \"g2\" in \"grp\"; action view in \"g2\";"
    "namespace NS { entity T2; entity Q; type Y = Q; }";

static void attributes_are_read_by_their_types(void **state) {
    IGNORE(state);
    static const struct row rows[] = {
        {"", NULL},
        {"\"e\":{\"type\":\"G\",\"id\":\"q\"}", NULL},
        {"\"e\":{\"__entity\":{\"type\":\"G\",\"id\":\"q\"}}", NULL},
        {"\"ip\":\"1.1.1.1\"", NULL},
        {"\"ip\":{\"fn\":\"ip\",\"arg\":\"1.1.1.1\"}", NULL},
        {"\"ip\":{\"__extn\":{\"fn\":\"ip\",\"arg\":\"1.1.1.1\"}}", NULL},
        {"\"dt\":{\"fn\":\"offset\",\"args\":[\"2024-01-01\",\"1h\"]}", NULL},
        {"\"du\":{\"__extn\":{\"fn\":\"toTime\",\"arg\":\"2024-01-01\"}}", NULL},
        {"\"du\":{\"fn\":\"durationSince\",\"args\":[\"2024-01-01\",{\"fn\":\"datetime\","
         "\"arg\":\"2024-01-01\"}]}",
         NULL},
        {"\"b\":{\"__extn\":{\"fn\":\"isIpv4\",\"arg\":{\"__extn\":{\"fn\":\"ip\",\"arg\":"
         "\"1.1.1.1\"}}}}",
         NULL},
        {"\"c\":{\"type\":\"Color\",\"id\":\"red\"}", NULL},
        {"\"act\":{\"type\":\"Action\",\"id\":\"view\"}", NULL},
        {"\"ss\":[\"a\"],\"si\":[\"1.1.1.1\"],\"se\":[{\"type\":\"G\",\"id\":\"1\"}]", NULL},
        {"\"ss\":[]", NULL},
        {"\"r\":{\"x\":1,\"y\":\"1.1.1.1\"}", NULL},
        {"\"sr\":[{\"x\":1},{\"x\":2}]", NULL},
        {"\"n\":{\"type\":\"NS::Q\",\"id\":\"1\"}", NULL},
    };
    check(schema_text, "[{\"uid\":{\"type\":\"A\",\"id\":\"x\"},\"parents\":[],\"attrs\":{", "}}]",
          rows, ARRAY_LEN(rows));
}

#define EED "error during entity deserialization: "
#define ENC "entity does not conform to the schema: "
#define MISMATCH "type mismatch: value was expected to have type "

static void attributes_that_do_not_fit_are_refused(void **state) {
    IGNORE(state);
    static const struct row rows[] = {
        {"\"i\":\"s\"", ENC "in attribute `i` on `A::\"x\"`, " MISMATCH
                            "long, but it actually has type string: `\"s\"`"},
        {"\"b\":1", MISMATCH "bool, but it actually has type long: `1`"},
        {"\"s\":{}", MISMATCH "string, but it actually has type record: `{}`"},
        {"\"s\":{\"__entity\":{\"type\":\"G\",\"id\":\"1\"}}",
         MISMATCH "string, but it actually has type (entity of type `G`): `G::\"1\"`"},
        {"\"e\":\"x\"", EED
         "in attribute `e` on `A::\"x\"`, expected a literal entity reference, but got `\"x\"`"},
        {"\"e\":{\"type\":\"G2\",\"id\":\"q\"}",
         MISMATCH "`G`, but it actually has type (entity of type `G2`): `G2::\"q\"`"},
        {"\"e\":{\"__entity\":{\"type\":\"G\"}}", "expected a literal entity reference"},
        {"\"ip\":\"x\"", EED "failed to evaluate attribute `ip` of `A::\"x\"`: error while "
                             "evaluating `ipaddr` extension function: invalid IP address: x"},
        {"\"ip\":{\"fn\":\"decimal\",\"arg\":\"1.0\"}",
         MISMATCH "ipaddr, but it actually has type decimal: `decimal(\"1.0\")`"},
        {"\"ip\":{\"fn\":\"isIpv4\",\"arg\":\"1.1.1.1\"}",
         MISMATCH "ipaddr, but it actually has type bool: `true`"},
        {"\"ip\":1", "type error: expected string, got long"},
        {"\"ip\":{\"fn\":\"ip\"}", "type error: expected string, got record"},
        {"\"ip\":[]", "type error: expected string, got set"},
        {"\"ip\":null", "found a `null`"},
        {"\"ip\":{\"__expr\":\"x\"}", "`__expr` escape"},
        {"\"dt\":{\"fn\":\"offset\",\"args\":[\"2024-01-01\",1]}",
         "type error: expected string, got long"},
        {"\"dt\":{\"fn\":\"nope\",\"args\":[]}", EED "extension function `nope` does not exist"},
        {"\"dt\":{\"fn\":\"offset\",\"arg\":\"x\"}",
         EED "expected 2 arguments for function offset but 1 arguments are provided"},
        {"\"b\":{\"fn\":\"isIpv4\",\"arg\":\"1.1.1.1\"}", "but it actually has type record"},
        {"\"b\":{\"__extn\":{\"fn\":\"isIpv4\",\"arg\":\"1.1.1.1\"}}",
         "type error: expected ipaddr, got string"},
        {"\"c\":{\"type\":\"Color\",\"id\":\"blue\"}",
         ENC "entity `Color::\"blue\"` is of an enumerated entity type, but `\"blue\"` is not "
             "declared as a valid eid"},
        {"\"act\":{\"type\":\"Action\",\"id\":\"zz\"}",
         ENC "found action entity `Action::\"zz\"`, but it was not declared as an action"},
        {"\"ss\":[\"a\",1]", MISMATCH "string, but it actually has type long: `1`"},
        {"\"ss\":\"a\"", EED "in attribute `ss` on `A::\"x\"`, " MISMATCH
                             "[string], but it actually has type string: `\"a\"`"},
        {"\"se\":1", MISMATCH "[`G`], but it actually has type long: `1`"},
        {"\"ss\":null", "found a `null`"},
        {"\"r\":{}", EED "in attribute `r` on `A::\"x\"`, expected the record to have an attribute "
                         "`x`, but it does not"},
        {"\"r\":{\"x\":1,\"z\":2}",
         "record attribute `z` should not exist according to the schema"},
        {"\"r\":{\"x\":\"a\"}", ENC "in attribute `r` on `A::\"x\"`, " MISMATCH "long"},
        {"\"r\":1", MISMATCH "{ \"x\" => (required) long, \"y\" => (optional) ipaddr }, but it "
                             "actually has type long: `1`"},
        {"\"r\":{\"__expr\":\"1\"}", "expected the record to have an attribute `x`"},
        {"\"sr\":[{\"x\":1},{\"y\":2}]", "expected the record to have an attribute `x`"},
        {"\"zz\":null",
         EED "attribute `zz` on `A::\"x\"` should not exist according to the schema"},
        {"\"i\":1.5", "is not an integer of 64 bits"},
    };
    check(schema_text, "[{\"uid\":{\"type\":\"A\",\"id\":\"x\"},\"parents\":[],\"attrs\":{", "}}]",
          rows, ARRAY_LEN(rows));
}

static void entities_that_do_not_fit_are_refused(void **state) {
    IGNORE(state);
#define ENTITY(uid, rest) "{\"uid\":" uid ",\"attrs\":{}," rest "}"
#define PARENT(type, id) "\"parents\":[" U(type, id) "]"
    static const struct row rows[] = {
        {ENTITY(U("A", "x"), PARENT("G", "g")), NULL},
        {ENTITY(U("A", "x"), PARENT("Org", "g")), NULL},
        {ENTITY(U("A", "x"), PARENT("A", "g")),
         ENC "`A::\"x\"` is not allowed to have an ancestor of type `A` according to the schema"},
        {ENTITY(U("A", "x"), PARENT("Nope", "g")), "an ancestor of type `Nope`"},
        {ENTITY(U("A", "x"), PARENT("Action", "view")), "an ancestor of type `Action`"},
        {ENTITY(U("A", "x"), PARENT("Action", "nope")), ENC "found action entity"},
        {ENTITY(U("T", "x"), PARENT("Color", "red")), NULL},
        {ENTITY(U("T", "x"), PARENT("Color", "blue")), "`\"blue\"` is not declared as a valid eid"},
        {ENTITY(U("A", "x"), "\"parents\":[],\"tags\":{\"t\":\"x\"}"), NULL},
        {ENTITY(U("A", "x"), "\"parents\":[],\"tags\":{\"t\":1}"),
         ENC "in tag `t` on `A::\"x\"`, " MISMATCH "string, but it actually has type long: `1`"},
        {ENTITY(U("G", "x"), "\"parents\":[],\"tags\":{\"t\":\"x\"}"),
         EED "found a tag `t` on `G::\"x\"`, but no tags should exist on `G::\"x\"`"},
        {ENTITY(U("G", "x"), "\"parents\":[],\"tags\":{}"), NULL},
        {ENTITY(U("TS", "x"), "\"parents\":[],\"tags\":{\"t\":[\"1.1.1.1\"]}"), NULL},
        {ENTITY(U("TS", "x"), "\"parents\":[],\"tags\":{\"t\":[1]}"), "failed to evaluate tag `t`"},
        {ENTITY(U("R", "x"), "\"parents\":[]"),
         ENC "expected entity `R::\"x\"` to have attribute `must`, but it does not"},
        {ENTITY(U("Zed", "x"), "\"parents\":[]"),
         EED "entity `Zed::\"x\"` has type `Zed` which is not declared in the schema"},
        {ENTITY(U("Color", "red"), "\"parents\":[]"), NULL},
        {ENTITY(U("Color", "blue"), "\"parents\":[]"), "is not declared as a valid eid"},
        {ENTITY(U("Color", "red"), PARENT("G", "g")), "an ancestor of type `G`"},
    };
    check(schema_text, "[", "]", rows, ARRAY_LEN(rows));
}

static void supplied_actions_must_be_as_declared(void **state) {
    IGNORE(state);
#define MISFIT ENC "definition of action `Action::\"view\"` does not match its schema declaration"
    static const struct row rows[] = {
        {ENTITY(U("Action", "view"), "\"parents\":[" U("Action", "g2") "," U("Action", "grp") "]"),
         NULL},
        {ENTITY(U("Action", "view"), PARENT("Action", "g2")) "," ENTITY(U("Action", "g2"),
                                                                        PARENT("Action", "grp")),
         NULL},
        {ENTITY(U("Action", "view"), "\"parents\":[]"), MISFIT},
        {ENTITY(U("Action", "view"), PARENT("Action", "grp")), MISFIT},
        {ENTITY(U("Action", "grp"), "\"parents\":[]"), NULL},
        {ENTITY(U("Action", "grp"), "\"parents\":[],\"tags\":{\"t\":1}"), "does not match"},
        {"{\"uid\":" U("Action", "grp") ",\"attrs\":{\"a\":1},\"parents\":[]}", "does not match"},
        {ENTITY(U("Action", "nope"), "\"parents\":[]"),
         ENC "found action entity `Action::\"nope\"`, but it was not declared"},
    };
    check(schema_text, "[", "]", rows, ARRAY_LEN(rows));
}

static void actions_of_the_schema_are_in_the_store(void **state) {
    IGNORE(state);
    struct unit u;
    unit_init(&u);
    const struct schema *schema = unit_schema(&u, schema_text);
    const struct entities *store = NULL;
    unit_expect(&u, STR("[]"), read(&u, STR("[]"), schema, &store), NULL);
    struct uid view = uid_make(&unit_key, STR("Action"), STR("view"));
    struct uid group = uid_make(&unit_key, STR("Action"), STR("grp"));
    assert_int_equal(entities_count(store), 3);
    assert_true(entities_is_in(store, &view, &group));
    assert_false(entities_is_in(store, &group, &view));
    unit_done(&u);
}

static void store_outlives_the_text(void **state) {
    IGNORE(state);
    struct unit u;
    unit_init(&u);
    char json[] = "[{\"uid\":{\"type\":\"Ab\",\"id\":\"xy\"},\"attrs\":{\"na\":\"va\"},"
                  "\"parents\":[{\"type\":\"Ab\",\"id\":\"zz\"}],\"tags\":{\"na\":[\"ta\"]}}]";
    const struct entities *store = NULL;
    unit_expect(&u, str_c(json), read(&u, str_c(json), NULL, &store), NULL);
    memset(json, '#', sizeof json);
    arena_done(&u.scratch);
    const struct entity *entity = entities_get(store, 0);
    assert_true(str_equal_c(uid_type(&entity->uid), "Ab"));
    assert_true(str_equal_c(uid_id(&entity->uid), "xy"));
    assert_true(str_equal_c(uid_id(entity_parent(entity, 0)), "zz"));
    assert_true(str_equal_c(value_text(value_record_find(entity->attrs, STR("na"))), "va"));
    assert_true(
        str_equal_c(value_text(&value_record_find(entity->tags, STR("na"))->set->items[0]), "ta"));
    arena_done(&u.arena);
}

static void errors_point_at_their_value(void **state) {
    IGNORE(state);
    struct unit u;
    unit_init(&u);
    str json =
        STR("[{\"uid\":{\"type\":\"A\",\"id\":\"x\"},\"parents\":[],\"attrs\":{\"a\":1.25}}]");
    const struct entities *store;
    assert_int_equal(read(&u, json, NULL, &store), ERR_SYNTAX);
    const struct diag *error = unit_error(&u);
    assert_true(error->has_span);
    assert_true(str_equal_c(str_slice(json, error->span.start, error->span.end), "1.25"));
    unit_done(&u);
}

static void depth_of_data_is_limited(void **state) {
    IGNORE(state);
    struct unit u;
    unit_init(&u);
    struct buf json;
    buf_init(&json, allocator_libc(), 1 << 20);
    buf_add_c(&json, "[{\"uid\":{\"type\":\"A\",\"id\":\"x\"},\"parents\":[],\"attrs\":{\"a\":");
    for (int i = 0; i < 200; i++) {
        buf_add_byte(&json, '[');
    }
    for (int i = 0; i < 200; i++) {
        buf_add_byte(&json, ']');
    }
    buf_add_c(&json, "}}]");
    const struct entities *store;
    assert_int_equal(read(&u, buf_str(&json), NULL, &store), ERR_LIMIT);
    buf_done(&json);
    unit_done(&u);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shape_of_the_document),
        cmocka_unit_test(forms_of_uids),
        cmocka_unit_test(parents_and_hierarchy),
        cmocka_unit_test(values_without_a_schema),
        cmocka_unit_test(escapes_become_values),
        cmocka_unit_test(malformed_escapes_become_records),
        cmocka_unit_test(attributes_are_read_by_their_types),
        cmocka_unit_test(attributes_that_do_not_fit_are_refused),
        cmocka_unit_test(entities_that_do_not_fit_are_refused),
        cmocka_unit_test(supplied_actions_must_be_as_declared),
        cmocka_unit_test(actions_of_the_schema_are_in_the_store),
        cmocka_unit_test(store_outlives_the_text),
        cmocka_unit_test(errors_point_at_their_value),
        cmocka_unit_test(depth_of_data_is_limited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
