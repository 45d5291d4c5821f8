/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON form of schemas: what is accepted, what is refused (maps: §1.9). */
#include "schema_unit.h"

struct row {
    const char *text;
    const char *expected; /* part of the message, or NULL */
};

/* Puts each text into a frame; `%s` stands for it. */
static void check(const char *before, const char *after, const struct row *rows, size_t count) {
    for (size_t i = 0; i < count; i++) {
        struct unit u;
        unit_init(&u);
        str text;
        const struct schema *schema;
        assert_int_equal(arena_format(&u.scratch, &text, "%s%s%s", before, rows[i].text, after),
                         ERR_OK);
        err result = schema_read(&u.arena, &unit_key, text, SCHEMA_FORMAT_JSON, &unit_limits,
                                 &u.diags, &schema);
        unit_expect(&u, text, result, rows[i].expected);
        unit_done(&u);
    }
}

static void namespaces(void **state) {
    IGNORE(state);
    static const struct row rows[] = {
        {"{}", NULL},
        {"[]", "invalid type: sequence, expected a map"},
        {"{\"\": {}}", "missing field `entityTypes`"},
        {"{\"\": {\"entityTypes\":{}}}", "missing field `actions`"},
        {"{\"\": {\"entityTypes\":{}, \"actions\":{}}}", NULL},
        {"{\"\": {\"entityTypes\":{}, \"actions\":{}, \"foo\":1}}", "unknown field `foo`"},
        {"{\"\": {\"entityTypes\":{}, \"entityTypes\":{}, \"actions\":{}}}", "occurs twice"},
        {"{\"\": {\"entityTypes\":{}, \"actions\":{}, \"annotations\":{\"a\":\"b\"}}}",
         "annotations are not allowed on the empty namespace"},
        {"{\"N\": {\"entityTypes\":{}, \"actions\":{}, \"annotations\":{\"a\":\"b\",\"c\":null}}}",
         NULL},
        {"{\"N\": {\"entityTypes\":{}, \"actions\":{}, \"annotations\":{\"\":\"b\"}}}",
         "invalid id ``"},
        {"{\"N::M\": {\"entityTypes\":{}, \"actions\":{}}}", NULL},
        {"{\"N M\": {\"entityTypes\":{}, \"actions\":{}}}", "invalid namespace `N M`"},
        {"{\" N\": {\"entityTypes\":{}, \"actions\":{}}}", "invalid namespace ` N`"},
        {"{\"if\": {\"entityTypes\":{}, \"actions\":{}}}", "invalid namespace `if`"},
        {"{\"__cedar\": {\"entityTypes\":{}, \"actions\":{}}}", "invalid namespace `__cedar`"},
        {"{\"N\": []}", "invalid type: sequence, expected struct NamespaceDefinition"},
        {"{\"N\": 1", "end"},
        {"{\"N\": {\"entityTypes\":{\"A\":{}}, \"actions\":{}},"
         "\"\": {\"entityTypes\":{\"A\":{}}, \"actions\":{}}}",
         "definition of `N::A` illegally shadows the existing definition of `A`"},
    };
    check("", "", rows, ARRAY_LEN(rows));
}

static void entity_types(void **state) {
    IGNORE(state);
    static const struct row rows[] = {
        {"\"A\": {}", NULL},
        {"\"A\": {\"foo\": 1}", "unknown field `foo`"},
        {"\"A\": null", "invalid type: null, expected struct Everything"},
        {"\"A B\": {}", "invalid id `A B`"},
        {"\"A::B\": {}", "invalid id `A::B`"},
        {"\"__cedar\": {}", "`__cedar`, which is reserved"},
        {"\"Action\": {}", "entity type `Action` declared in `entityTypes` list"},
        {"\"A\": {\"memberOfTypes\": [\"A\",\"A\"]}", NULL},
        {"\"A\": {\"memberOfTypes\": []}", NULL},
        {"\"A\": {\"memberOfTypes\": \"A\"}", "invalid type: string \"A\", expected a sequence"},
        {"\"A\": {\"memberOfTypes\": null}", "expected a sequence"},
        {"\"A\": {\"memberOfTypes\": [\"B\"]}", "failed to resolve type: B"},
        {"\"A\": {\"shape\": null}", "invalid type: null, expected builtin type or reference"},
        {"\"A\": {\"shape\": {}}", "missing field `type`"},
        {"\"A\": {\"shape\": {\"type\":\"Long\"}}", "other than `Record`"},
        {"\"A\": {\"shape\": {\"type\":\"T\"}}", NULL},
        {"\"A\": {\"shape\": {\"type\":\"L\"}}", "other than `Record`"},
        {"\"A\": {\"shape\": {\"type\":\"Record\"}}", "missing field `attributes`"},
        {"\"A\": {\"shape\": {\"type\":\"Record\",\"attributes\":{},\"additionalAttributes\":"
         "false}}",
         NULL},
        {"\"A\": {\"shape\": {\"type\":\"Record\",\"attributes\":{},\"additionalAttributes\":"
         "true}}",
         "additionalAttributes"},
        {"\"A\": {\"tags\": {\"type\":\"Long\"}}", NULL},
        {"\"A\": {\"tags\": {\"type\":\"Nope\"}}", "failed to resolve type: Nope"},
        {"\"A\": {\"enum\": [\"a\"], \"annotations\": {\"a\": \"b\"}}", NULL},
        {"\"A\": {\"enum\": []}",
         "the vector provided was empty, NonEmpty needs at least one element"},
        {"\"A\": {\"enum\": [1]}", "expected a string"},
        {"\"A\": {\"enum\": null}", "expected a sequence"},
        {"\"A\": {\"enum\": [\"a\"], \"shape\": {\"type\":\"Record\",\"attributes\":{}}}",
         "unexpected field: shape"},
        {"\"A\": {\"annotations\": {\"a\": null}}", NULL},
        {"\"A\": {\"annotations\": {\"a b\": \"c\"}}", "invalid id `a b`"},
        {"\"A\": {\"annotations\": {\"a\": 1}}", "expected a string"},
    };
    check("{\"\": {\"commonTypes\":{\"T\":{\"type\":\"Record\",\"attributes\":{}},"
          "\"L\":{\"type\":\"Long\"}},\"entityTypes\": {",
          "}, \"actions\": {}}}", rows, ARRAY_LEN(rows));
}

static void types(void **state) {
    IGNORE(state);
    static const struct row rows[] = {
        {"{\"type\":\"String\"}", NULL},
        {"{\"type\":\"Long\"}", NULL},
        {"{\"type\":\"Boolean\"}", NULL},
        {"{\"type\":\"Bool\"}", NULL},
        {"{\"type\":\"ipaddr\"}", NULL},
        {"{\"type\":\"__cedar::Long\"}", NULL},
        {"{\"type\":\"Set\",\"element\":{\"type\":\"Long\"}}", NULL},
        {"{\"type\":\"Set\"}", "missing field `element`"},
        {"{\"type\":\"Set\",\"element\":{\"type\":\"Long\"},\"foo\":1}", "unknown field `foo`"},
        {"{\"type\":\"Set\",\"element\":{\"type\":\"Long\",\"required\":true}}",
         "unknown field `required`"},
        {"{\"type\":\"Record\",\"attributes\":{\"y\":{\"type\":\"Long\",\"required\":false}}}",
         NULL},
        {"{\"type\":\"Record\",\"attributes\":{\"y\":{\"type\":\"Long\",\"required\":1}}}",
         "expected a boolean"},
        {"{\"type\":\"Record\",\"attributes\":{},\"element\":1}",
         "invalid type: integer `1`, expected builtin type"},
        {"{\"type\":\"Record\",\"attributes\":[]}", "invalid type: sequence, expected a map"},
        {"{\"type\":\"Record\",\"attributes\":{},\"name\":\"x\"}",
         "unknown field `name`, expected `attributes` or `additionalAttributes`"},
        {"{\"type\":\"Entity\",\"name\":\"A\"}", NULL},
        {"{\"type\":\"Entity\",\"name\":\"Action\"}", NULL},
        {"{\"type\":\"Entity\",\"name\":\"B\"}", "failed to resolve type: B"},
        {"{\"type\":\"Entity\",\"name\":\"A B\"}",
         "invalid entity type `A B`: unexpected token `B`"},
        {"{\"type\":\"Entity\"}", "missing field `name`"},
        {"{\"type\":\"Extension\",\"name\":\"ipaddr\"}", NULL},
        {"{\"type\":\"Extension\",\"name\":\"foo\"}", "unknown extension type `foo`"},
        {"{\"type\":\"Extension\",\"name\":\"Long\"}", "unknown extension type `Long`"},
        {"{\"type\":\"EntityOrCommon\",\"name\":\"A\"}", NULL},
        {"{\"type\":\"EntityOrCommon\",\"name\":\"Long\"}", NULL},
        {"{\"type\":\"EntityOrCommon\",\"name\":\"Boolean\"}", "failed to resolve type: Boolean"},
        {"{\"type\":\"A\"}", "failed to resolve type: A"},
        {"{\"type\":\"A\",\"name\":\"x\"}", "unknown field `name`, there are no fields"},
        {"{\"type\":\"Long\",\"element\":{\"type\":\"Long\"}}",
         "unknown field `element`, there are no fields"},
        {"{\"type\":\"Long\",\"attributes\":{}}",
         "unknown field `attributes`, there are no fields"},
        {"{\"type\":\"a b\"}", "invalid common type `a b`: unexpected token `b`"},
        {"{\"type\":1}", "expected a string"},
        {"{}", "missing field `type`"},
        {"{\"type\":\"Long\",\"required\":null}", "expected a boolean"},
        {"{\"type\":\"Long\",\"required\":false,\"annotations\":{\"a\":\"b\"}}", NULL},
    };
    check("{\"\": {\"actions\": {\"z\":{}}, \"entityTypes\": {\"A\": {\"shape\": {\"type\": "
          "\"Record\", \"attributes\": {\"x\": ",
          "}}}}}}", rows, ARRAY_LEN(rows));
}

static void common_types(void **state) {
    IGNORE(state);
    static const struct row rows[] = {
        {"\"T\":{\"type\":\"Long\",\"annotations\":{\"a\":\"b\"}}", NULL},
        {"\"T\":{\"type\":\"T\"}", "cycle in common type references containing `T`"},
        {"\"Long\":{\"type\":\"Long\"}", "reserved"},
        {"\"T T\":{\"type\":\"Long\"}", "invalid id `T T`"},
        {"\"T\":{\"type\":\"Long\",\"required\":true}", "unknown field `required`"},
    };
    check("{\"\": {\"entityTypes\":{}, \"actions\":{}, \"commonTypes\":{", "}}}", rows,
          ARRAY_LEN(rows));
}

static void actions(void **state) {
    IGNORE(state);
    static const struct row rows[] = {
        {"{}", NULL},
        {"null", "invalid type: null, expected struct ActionType"},
        {"{\"foo\":1}", "unknown field `foo`"},
        {"{\"appliesTo\":null,\"memberOf\":null,\"attributes\":null}", NULL},
        {"{\"appliesTo\":{}}", "missing field `resourceTypes`"},
        {"{\"appliesTo\":{\"resourceTypes\":[\"A\"]}}", "missing field `principalTypes`"},
        {"{\"appliesTo\":{\"principalTypes\":[],\"resourceTypes\":[]}}", NULL},
        {"{\"appliesTo\":{\"principalTypes\":[\"A\"],\"resourceTypes\":[\"A\"]}}", NULL},
        {"{\"appliesTo\":{\"principalTypes\":[\"B\"],\"resourceTypes\":[\"A\"]}}",
         "failed to resolve type: B"},
        {"{\"appliesTo\":{\"principalTypes\":null,\"resourceTypes\":[\"A\"]}}",
         "expected a sequence"},
        {"{\"appliesTo\":{\"principalTypes\":[\"A\"],\"resourceTypes\":[\"A\"],\"foo\":1}}",
         "unknown field `foo`"},
        {"{\"appliesTo\":{\"principalTypes\":[],\"resourceTypes\":[],\"context\":{\"type\":"
         "\"Long\"}}}",
         "Context for action Action::\"a\" is declared with a type other than `Record`"},
        {"{\"appliesTo\":{\"principalTypes\":[],\"resourceTypes\":[],\"context\":null}}",
         "expected builtin type"},
        {"{\"memberOf\":[]}", NULL},
        {"{\"memberOf\":[{\"id\":\"c\"}]}", NULL},
        {"{\"memberOf\":[{\"id\":\"c\",\"type\":null}]}", NULL},
        {"{\"memberOf\":[{\"id\":\"c\",\"type\":\"Action\"}]}", NULL},
        {"{\"memberOf\":[{\"id\":\"b\"}]}", "undeclared action: Action::\"b\""},
        {"{\"memberOf\":[{\"id\":\"b\",\"type\":\"A\"}]}", "undeclared action: A::\"b\""},
        {"{\"memberOf\":[{\"id\":\"a\"}]}", "cycle in action hierarchy"},
        {"{\"memberOf\":[\"b\"]}", "expected struct ActionEntityUID"},
        {"{\"memberOf\":[{\"type\":\"Action\"}]}", "missing field `id`"},
        {"{\"memberOf\":[{\"id\":\"c\",\"foo\":1}]}", "unknown field `foo`"},
        {"{\"attributes\":{}}", "action declared with attributes: [a]"},
        {"{\"annotations\":{\"a\":\"b\"}}", NULL},
    };
    check("{\"\": {\"entityTypes\":{\"A\":{}}, \"actions\":{\"c\":{}, \"a\": ", "}}}", rows,
          ARRAY_LEN(rows));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(namespaces),   cmocka_unit_test(entity_types), cmocka_unit_test(types),
        cmocka_unit_test(common_types), cmocka_unit_test(actions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
