/* SPDX-License-Identifier: Apache-2.0 */
/* Contexts from JSON, and the validation of requests (maps: §1.8, corner 38). */
#include "schema_unit.h"

static const char schema_text[] =
    "entity Color enum [\"red\",\"green\"]; entity G; entity A in [G]; entity R;"
    "action view appliesTo { principal: [A, R, Color], resource: [G], context: {"
    "  s: String, ip?: ipaddr, r?: {x: Long}, c?: Color, se?: Set<G>, act?: Action} };"
    "action noapply;";

struct row {
    const char *json;
    const char *action; /* or NULL: no schema */
    const char *expected;
};

static const struct value_record *record_of(struct unit *u, const struct value_field *field) {
    struct value record;
    assert_int_equal(value_record_make(&u->arena, field, 1, &record), ERR_OK);
    return record.record;
}

static err read(struct unit *u, str json, const struct schema *schema, const char *action,
                struct value *ret) {
    struct data_options options = unit_options(u, schema);
    struct uid uid = uid_make(&unit_key, STR("Action"), str_c(action));
    return context_json_read(&u->arena, &unit_key, json, &options, schema == NULL ? NULL : &uid,
                             &u->diags, ret);
}

static void contexts_are_read_by_the_type_of_the_action(void **state) {
    IGNORE(state);
    static const struct row rows[] = {
        {"{\"s\":\"a\"}", "view", NULL},
        {"{\"s\":\"a\",\"ip\":\"1.1.1.1\",\"c\":{\"type\":\"Color\",\"id\":\"red\"}}", "view",
         NULL},
        {"{}", "view",
         "while parsing context, expected the record to have an attribute `s`, but it does not"},
        {"{\"s\":\"a\",\"q\":1}", "view",
         "while parsing context, record attribute `q` should not exist according to the schema"},
        {"{\"s\":1}", "view", NULL}, /* a plain mismatch waits for validation */
        {"{\"s\":\"a\",\"c\":{\"type\":\"Color\",\"id\":\"blue\"}}", "view", NULL},
        {"{\"s\":\"a\",\"r\":1}", "view",
         "while parsing context, type mismatch: value was expected to have type { \"x\" => "
         "(required) long }, but it actually has type long: `1`"},
        {"{\"s\":\"a\",\"se\":\"1\"}", "view", "expected to have type [`G`]"},
        {"{\"s\":\"a\",\"c\":1}", "view",
         "while parsing context, expected a literal entity reference, but got `1`"},
        {"{\"s\":\"a\",\"ip\":\"x\"}", "view",
         "error while evaluating `ipaddr` extension function: invalid IP address: x"},
        {"{\"s\":null}", "view", "while parsing context, found a `null`"},
        {"[]", "view", "type mismatch"},
        {"{}", "noapply", NULL},
        {"{\"x\":1}", "noapply", "record attribute `x` should not exist"},
        {"{}", "nope", "action `Action::\"nope\"` does not exist in the supplied schema"},
        {"{\"a\":[1,{\"b\":true}]}", NULL, NULL},
        {"[]", NULL, "expression is not a record: []"},
        {"\"x\"", NULL, "expression is not a record: \"x\""},
        {"{\"__entity\":{\"type\":\"A\",\"id\":\"x\"}}", NULL,
         "expression is not a record: A::\"x\""},
        {"{\"__extn\":{\"fn\":\"ip\",\"arg\":\"1.1.1.1\"}}", NULL, "expression is not a record"},
        {"{\"__expr\":\"x\"}", NULL, "the `__expr` escape is no longer supported"},
        {"{\"a\":1.5}", NULL, "is not an integer of 64 bits"},
        {"{\"a\":{\"__extn\":{\"fn\":\"no\",\"arg\":\"x\"}}}", NULL,
         "extension function `no` does not exist"},
        {"{", NULL, "while parsing context"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct unit u;
        unit_init(&u);
        const struct schema *schema = unit_schema(&u, schema_text);
        struct value context;
        str json = str_c(rows[i].json);
        err result =
            read(&u, json, rows[i].action == NULL ? NULL : schema, rows[i].action, &context);
        unit_expect(&u, json, result, rows[i].expected);
        if (result == ERR_OK) {
            assert_int_equal(context.kind, VALUE_RECORD);
        }
        unit_done(&u);
    }
}

static void integers_are_exact(void **state) {
    IGNORE(state);
    struct unit u;
    unit_init(&u);
    struct value context;
    str json = STR("{\"a\": 9007199254740993}");
    unit_expect(&u, json, read(&u, json, NULL, NULL, &context), NULL);
    assert_true(value_record_find(context.record, STR("a"))->integer == INT64_C(9007199254740993));
    unit_done(&u);
}

struct request_row {
    const char *principal[2];
    const char *action;
    const char *resource[2];
    const char *context;
    const char *expected;
    const char *help;
};

static struct uid make(const char *const parts[2]) {
    return uid_make(&unit_key, str_c(parts[0]), str_c(parts[1]));
}

static void requests_are_validated(void **state) {
    IGNORE(state);
#define GOOD "{\"s\":\"a\"}"
    static const struct request_row rows[] = {
        {{"A", "x"}, "view", {"G", "g"}, GOOD, NULL, NULL},
        {{"Color", "red"}, "view", {"G", "g"}, GOOD, NULL, NULL},
        {{"Color", "blue"},
         "view",
         {"G", "g"},
         GOOD,
         "entity `Color::\"blue\"` is of an enumerated entity type, but `\"blue\"` is not declared "
         "as a valid eid",
         "valid entity eids: \"red\", \"green\""},
        {{"G", "x"},
         "view",
         {"G", "g"},
         GOOD,
         "principal type `G` is not valid for `Action::\"view\"`",
         "valid principal types for `Action::\"view\"`: `A`, `Color`, `R`"},
        {{"A", "x"},
         "view",
         {"A", "g"},
         GOOD,
         "resource type `A` is not valid for `Action::\"view\"`",
         "valid resource types for `Action::\"view\"`: `G`"},
        {{"Zed", "x"},
         "view",
         {"Zed", "g"},
         GOOD,
         "principal type `Zed` is not declared in the schema",
         NULL},
        {{"A", "x"},
         "view",
         {"Zed", "g"},
         GOOD,
         "resource type `Zed` is not declared in the schema",
         NULL},
        {{"Action", "view"},
         "view",
         {"G", "g"},
         GOOD,
         "principal type `Action` is not declared in the schema",
         NULL},
        {{"A", "x"},
         "noapply",
         {"G", "g"},
         "{}",
         "principal type `A` is not valid for `Action::\"noapply\"`",
         "no principal types are valid for `Action::\"noapply\"`"},
        {{"A", "x"}, "view", {"G", "g"}, "{\"s\":1}", "is not valid for `Action::\"view\"`", NULL},
        {{"A", "x"},
         "view",
         {"G", "g"},
         "{\"s\":\"a\",\"se\":[{\"type\":\"A\",\"id\":\"x\"}]}",
         "is not valid for `Action::\"view\"`",
         NULL},
        {{"A", "x"},
         "view",
         {"G", "g"},
         "{\"s\":\"a\",\"c\":{\"type\":\"Color\",\"id\":\"blue\"}}",
         "entity `Color::\"blue\"` is of an enumerated entity type",
         "valid entity eids: \"red\", \"green\""},
        {{"A", "x"},
         "view",
         {"G", "g"},
         "{\"s\":\"a\",\"act\":{\"type\":\"Action\",\"id\":\"zz\"}}",
         "request's action `Action::\"zz\"` is not declared in the schema",
         NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct unit u;
        unit_init(&u);
        const struct schema *schema = unit_schema(&u, schema_text);
        struct value context;
        str json = str_c(rows[i].context);
        assert_int_equal(read(&u, json, schema, rows[i].action, &context), ERR_OK);
        struct uid principal = make(rows[i].principal);
        struct uid resource = make(rows[i].resource);
        struct uid action = uid_make(&unit_key, STR("Action"), str_c(rows[i].action));
        err result = conform_request(schema, &principal, &action, &resource, &context, &u.diags);
        unit_expect(&u, json, result, rows[i].expected);
        if (rows[i].help != NULL) {
            assert_true(str_equal_c(unit_error(&u)->help, rows[i].help));
        }
        assert_int_equal(conform_request(schema, &principal, &action, &resource, &context, NULL),
                         result);
        unit_done(&u);
    }
}

static void entities_of_a_host_are_checked_like_those_from_json(void **state) {
    IGNORE(state);
    struct unit u;
    unit_init(&u);
    const struct schema *schema =
        unit_schema(&u, "entity G; entity A in G {n: Long} tags String; action a;");
    const struct uid a = uid_make(&unit_key, STR("A"), STR("x"));
    const struct uid g = uid_make(&unit_key, STR("G"), STR("x"));
    const struct value_field right = {STR_INIT("n"), {.kind = VALUE_LONG, .integer = 1}};
    const struct value_field wrong = {STR_INIT("n"), {.kind = VALUE_BOOL, .boolean = true}};
    const struct value_field other = {STR_INIT("o"), {.kind = VALUE_LONG, .integer = 1}};
    const struct value_record *right_attrs = record_of(&u, &right);
    const struct value_record *wrong_attrs = record_of(&u, &wrong);
    const struct value_record *other_attrs = record_of(&u, &other);
    const struct uid *up[] = {&g};
    const struct uid *same[] = {&a};
    const struct {
        struct conform_entity entity;
        const char *expected;
    } rows[] = {
        {{.uid = &a, .attrs = right_attrs, .parents = up, .parent_count = 1}, NULL},
        {{.uid = &a, .attrs = right_attrs, .parents = same, .parent_count = 1}, "ancestor"},
        {{.uid = &a, .attrs = wrong_attrs}, "in attribute `n` on `A::\"x\"`, type mismatch"},
        {{.uid = &a, .attrs = other_attrs}, "attribute `o` on `A::\"x\"` should not exist"},
        {{.uid = &a}, "to have attribute `n`"},
        {{.uid = &a, .attrs = right_attrs, .tags = wrong_attrs}, "in tag `n` on"},
        {{.uid = &g, .tags = wrong_attrs}, "found a tag `n`"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        u.diags.items.count = 0;
        err result = conform_entity(schema, &rows[i].entity, &u.diags);
        unit_expect(&u, STR("a row"), result, rows[i].expected);
    }
    unit_done(&u);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(contexts_are_read_by_the_type_of_the_action),
        cmocka_unit_test(integers_are_exact),
        cmocka_unit_test(requests_are_validated),
        cmocka_unit_test(entities_of_a_host_are_checked_like_those_from_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
