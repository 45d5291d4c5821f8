/* SPDX-License-Identifier: Apache-2.0 */
/* Schemas written as text and as JSON (maps: §1.9, conversions). */
#include "schema_unit.h"

#include "cedar/schema/fragment.h"

enum form { FORM_TEXT, FORM_JSON, FORM_RESOLVED };

struct row {
    const char *source; /* begins with `{`: JSON */
    enum form form;
    const char *expected;
};

static err write(struct unit *u, const struct schema *schema, enum form form, str *ret) {
    struct buf out;
    buf_init_arena(&out, &u->scratch, 1 << 20);
    err result =
        form == FORM_TEXT
            ? fragment_write_text(&u->scratch, schema->fragment, schema->names, &u->diags, &out)
            : fragment_write_json(&u->scratch, schema->fragment,
                                  form == FORM_RESOLVED ? schema->names : NULL, &out);
    return result != ERR_OK ? result : buf_finish(&out, ret);
}

static const struct schema *read(struct unit *u, const char *source) {
    const struct schema *schema = NULL;
    enum schema_format format = source[0] == '{' ? SCHEMA_FORMAT_JSON : SCHEMA_FORMAT_CEDAR;
    err result =
        schema_read(&u->arena, &unit_key, str_c(source), format, &unit_limits, &u->diags, &schema);
    unit_expect(u, str_c(source), result, NULL);
    return schema;
}

static void check(const struct row *rows, size_t count) {
    for (size_t i = 0; i < count; i++) {
        struct unit u;
        unit_init(&u);
        str written = STR("nothing");
        const struct schema *schema = read(&u, rows[i].source);
        assert_string_equal(err_name(write(&u, schema, rows[i].form, &written)), "ok");
        if (!str_equal_c(written, rows[i].expected)) {
            fail_msg("%s\nexpected: %s\n     got: %.*s", rows[i].source, rows[i].expected,
                     STR_FMT(written));
        }
        unit_done(&u);
    }
}

static void text_becomes_json(void **state) {
    IGNORE(state);
    static const struct row rows[] = {
        {"", FORM_JSON, "{}"},
        {"entity A;", FORM_JSON, "{\"\":{\"entityTypes\":{\"A\":{}},\"actions\":{}}}"},
        {"entity B in [C, A] {x?: Set<Long>} tags A; entity A, C;", FORM_JSON,
         "{\"\":{\"entityTypes\":{\"A\":{},\"B\":{\"memberOfTypes\":[\"C\",\"A\"],\"shape\":{"
         "\"type\":\"Record\",\"attributes\":{\"x\":{\"type\":\"Set\",\"element\":{\"type\":"
         "\"EntityOrCommon\",\"name\":\"Long\"},\"required\":false}}},\"tags\":{\"type\":"
         "\"EntityOrCommon\",\"name\":\"A\"}},\"C\":{}},\"actions\":{}}}"},
        {"entity A enum [\"b\", \"a\", \"b\"];", FORM_JSON,
         "{\"\":{\"entityTypes\":{\"A\":{\"enum\":[\"b\",\"a\",\"b\"]}},\"actions\":{}}}"},
        {"action a in [b, Action::\"c\"]; action b, c;", FORM_JSON,
         "{\"\":{\"entityTypes\":{},\"actions\":{\"a\":{\"appliesTo\":{\"resourceTypes\":[],"
         "\"principalTypes\":[]},\"memberOf\":[{\"id\":\"b\"},{\"id\":\"c\",\"type\":\"Action\"}]},"
         "\"b\":{\"appliesTo\":{\"resourceTypes\":[],\"principalTypes\":[]}},\"c\":{\"appliesTo\":{"
         "\"resourceTypes\":[],\"principalTypes\":[]}}}}}"},
        {"entity A; type T = {}; action a appliesTo {principal: A, resource: [A, A], context: T};",
         FORM_JSON,
         "{\"\":{\"commonTypes\":{\"T\":{\"type\":\"Record\",\"attributes\":{}}},\"entityTypes\":{"
         "\"A\":{}},\"actions\":{\"a\":{\"appliesTo\":{\"resourceTypes\":[\"A\",\"A\"],"
         "\"principalTypes\":[\"A\"],\"context\":{\"type\":\"T\"}}}}}}"},
        {"@a @b(\"x\") namespace N { @c type T = {@d(\"\") y: Long}; @e entity E; @f action g; }",
         FORM_JSON,
         "{\"N\":{\"commonTypes\":{\"T\":{\"type\":\"Record\",\"attributes\":{\"y\":{\"type\":"
         "\"EntityOrCommon\",\"name\":\"Long\",\"annotations\":{\"d\":\"\"}}},\"annotations\":{"
         "\"c\":\"\"}}},\"entityTypes\":{\"E\":{\"annotations\":{\"e\":\"\"}}},\"actions\":{\"g\":{"
         "\"appliesTo\":{\"resourceTypes\":[],\"principalTypes\":[]},\"annotations\":{\"f\":\"\"}}}"
         ",\"annotations\":{\"a\":\"\",\"b\":\"x\"}}}"},
        {"namespace B::A {entity X;} namespace Z {entity Y;} namespace A::Z::B {} entity E;"
         "namespace A {} namespace A::A {}",
         FORM_JSON,
         "{\"\":{\"entityTypes\":{\"E\":{}},\"actions\":{}},\"A\":{\"entityTypes\":{},\"actions\":"
         "{}},\"A::A\":{\"entityTypes\":{},\"actions\":{}},\"B::A\":{\"entityTypes\":{\"X\":{}},"
         "\"actions\":{}},\"A::Z::B\":{\"entityTypes\":{},\"actions\":{}},\"Z\":{\"entityTypes\":{"
         "\"Y\":{}},\"actions\":{}}}"},
    };
    check(rows, ARRAY_LEN(rows));
}

static void references_say_what_they_mean(void **state) {
    IGNORE(state);
    static const struct row rows[] = {
        {"namespace N { type T = {e: E, t: U, l: Long, i: __cedar::ipaddr}; entity E in M::F;"
         "type U = M::F; action a in [b, M::Action::\"c\"] appliesTo {principal: E, resource: "
         "M::F, context: T}; action b; } namespace M { entity F; action c; }",
         FORM_RESOLVED,
         "{\"M\":{\"entityTypes\":{\"F\":{}},\"actions\":{\"c\":{\"appliesTo\":{\"resourceTypes\":"
         "[],\"principalTypes\":[]}}}},\"N\":{\"commonTypes\":{\"T\":{\"type\":\"Record\","
         "\"attributes\":{\"e\":{\"type\":\"Entity\",\"name\":\"N::E\"},\"i\":{\"type\":\"__cedar::"
         "ipaddr\"},\"l\":{\"type\":\"Long\"},\"t\":{\"type\":\"N::U\"}}},\"U\":{\"type\":"
         "\"Entity\",\"name\":\"M::F\"}},\"entityTypes\":{\"E\":{\"memberOfTypes\":[\"M::F\"]}},"
         "\"actions\":{\"a\":{\"appliesTo\":{\"resourceTypes\":[\"M::F\"],\"principalTypes\":["
         "\"N::E\"],\"context\":{\"type\":\"N::T\"}},\"memberOf\":[{\"id\":\"b\",\"type\":\"N::"
         "Action\"},{\"id\":\"c\",\"type\":\"M::Action\"}]},\"b\":{\"appliesTo\":{\"resourceTypes\""
         ":[],\"principalTypes\":[]}}}}}"},
        {"type T = String; entity T {x: T}; entity Long {y: Long};", FORM_RESOLVED,
         "{\"\":{\"commonTypes\":{\"T\":{\"type\":\"String\"}},\"entityTypes\":{\"Long\":{"
         "\"shape\":{\"type\":\"Record\",\"attributes\":{\"y\":{\"type\":\"Entity\",\"name\":"
         "\"Long\"}}}},\"T\":{\"shape\":{\"type\":\"Record\",\"attributes\":{\"x\":{\"type\":\"T\"}"
         "}}}},\"actions\":{}}}"},
    };
    check(rows, ARRAY_LEN(rows));
}

static void json_becomes_text(void **state) {
    IGNORE(state);
    static const struct row rows[] = {
        {"{}", FORM_TEXT, ""},
        {"{\"\":{\"entityTypes\":{\"A\":{}},\"actions\":{}}}", FORM_TEXT, "entity A;\n"},
        {"{\"\":{\"entityTypes\":{},\"actions\":{}}, \"N\":{\"entityTypes\":{},\"actions\":{}}}",
         FORM_TEXT, "\nnamespace N {\n}\n"},
        {"{\"\":{\"commonTypes\":{\"T\":{\"type\":\"Record\",\"attributes\":{\"if\":{\"type\":"
         "\"Boolean\"},\"a b\":{\"type\":\"String\",\"required\":false},\"x\":{\"type\":\"Set\","
         "\"element\":{\"type\":\"Extension\",\"name\":\"ipaddr\"},\"annotations\":{\"n\":null,"
         "\"m\":\"'\"}}}}},\"entityTypes\":{\"B\":{\"memberOfTypes\":[\"B\"],\"tags\":{\"type\":"
         "\"T\"}}},\"actions\":{}}}",
         FORM_TEXT,
         "type T = {\n  \"a b\"?: __cedar::String,\n  \"if\": __cedar::Bool,\n  @m(\"\\'\")\n  @n\n"
         "  x: Set<__cedar::ipaddr>\n};\n\nentity B in [B] tags T;\n"},
        {"{\"N\":{\"entityTypes\":{\"A\":{\"enum\":[\"\",\"\\n\"],\"annotations\":{\"d\":\"\"}}},"
         "\"actions\":{\"v\":{\"memberOf\":[{\"id\":\"w\"}],\"appliesTo\":{\"principalTypes\":["
         "\"A\"],\"resourceTypes\":[\"A\"],\"context\":{\"type\":\"Record\",\"attributes\":{\"x\":"
         "{\"type\":\"Long\"}}}}},\"w\":{}}}}",
         FORM_TEXT,
         "namespace N {\n  @d(\"\")\n  entity A enum [\"\", \"\\n\"];\n\n  action \"v\" in "
         "[Action::"
         "\"w\"] appliesTo {\n    principal: [A],\n    resource: [A],\n    context: {\n      x: "
         "__cedar::Long\n    }\n  };\n\n  action \"w\";\n}\n"},
        {"entity A {x: Long} tags {y: String};", FORM_TEXT,
         "entity A = {\n  x: Long\n} tags {\n  y: String\n};\n"},
        /* a builtin that is called by its plain name where that means something else */
        {"{\"N\":{\"entityTypes\":{\"ipaddr\":{},\"B\":{\"tags\":{\"type\":\"ipaddr\"}}},"
         "\"actions\":{}}}",
         FORM_TEXT, "namespace N {\n  entity B tags __cedar::ipaddr;\n\n  entity ipaddr;\n}\n"},
    };
    check(rows, ARRAY_LEN(rows));
}

static void json_that_has_no_text_is_refused(void **state) {
    IGNORE(state);
    static const struct {
        const char *source;
        const char *message;
    } rows[] = {
        {"{\"N\":{\"commonTypes\":{\"T\":{\"type\":\"Record\",\"attributes\":{}}},\"entityTypes\":{"
         "\"A\":{\"shape\":{\"type\":\"T\"}},\"B\":{\"shape\":{\"type\":\"T\"}}},\"actions\":{}}}",
         "The following entities have shapes that cannot be converted to Cedar schema syntax: "
         "[N::A, N::B]"},
        {"{\"\":{\"commonTypes\":{\"T\":{\"type\":\"Long\"}},\"entityTypes\":{\"T\":{},\"A\":{"
         "\"tags\":{\"type\":\"Entity\",\"name\":\"T\"}},\"B\":{\"tags\":{\"type\":\"Set\","
         "\"element\":{\"type\":\"Entity\",\"name\":\"T\"}}}},\"actions\":{}}}",
         "There are name collisions: [T]"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct unit u;
        unit_init(&u);
        str written;
        const struct schema *schema = read(&u, rows[i].source);
        err result = write(&u, schema, FORM_TEXT, &written);
        assert_string_equal(err_name(result), "unsupported");
        unit_expect(&u, str_c(rows[i].source), result, rows[i].message);
        unit_done(&u);
    }
}

static void names_that_are_shared_but_not_confused_have_text(void **state) {
    IGNORE(state);
    static const struct row rows[] = {
        {"{\"N\":{\"commonTypes\":{\"T\":{\"type\":\"Long\"}},\"entityTypes\":{\"T\":{"
         "\"memberOfTypes\":[\"T\"]},\"A\":{\"tags\":{\"type\":\"T\"}}},\"actions\":{}}}",
         FORM_TEXT,
         "namespace N {\n  type T = __cedar::Long;\n\n  entity A tags T;\n\n  entity T in [T];\n}"
         "\n"},
    };
    check(rows, ARRAY_LEN(rows));
}

static void what_text_leaves_out_is_warned_about(void **state) {
    IGNORE(state);
    struct unit u;
    unit_init(&u);
    str written;
    const struct schema *schema =
        read(&u, "{\"\":{\"entityTypes\":{\"A\":{}},\"actions\":{\"a\":{\"appliesTo\":{"
                 "\"principalTypes\":[\"A\"],\"resourceTypes\":[]}},\"b\":{\"appliesTo\":{"
                 "\"principalTypes\":[],\"resourceTypes\":[]}},\"c\":{}}}}");
    assert_int_equal(write(&u, schema, FORM_TEXT, &written), ERR_OK);
    assert_true(
        str_equal_c(written, "entity A;\n\naction \"a\";\n\naction \"b\";\n\naction \"c\";\n"));
    assert_int_equal(u.diags.items.count, 1);
    assert_int_equal(u.diags.items.items[0].severity, DIAG_WARNING);
    assert_true(str_has_prefix(u.diags.items.items[0].message,
                               STR("what `appliesTo` of action `a` says is left out")));
    unit_done(&u);
}

static void written_schemas_are_read_as_equal_ones(void **state) {
    IGNORE(state);
    static const char *const sources[] = {
        "@n(\"\\u{301}\\0\") namespace N::M { type T = {\"\": Set<{x?: E}>, y: __cedar::Long}; "
        "entity E in [F, X] = {t: T} tags T; entity F, G enum [\"\\\"\"]; @a action \"\\\\\", b in "
        "[c, N::M::Action::\"c\"] appliesTo {principal: [E, F], resource: X, context: {z: Action}};"
        "action c;} entity X;",
        "type decimal = Long; entity String {x: decimal, y: String, z: __cedar::String};",
        "{\"N\":{\"entityTypes\":{\"A\":{\"shape\":{\"type\":\"Record\",\"attributes\":{\"x\":{"
        "\"type\":\"Entity\",\"name\":\"N::A\"}}}}},\"actions\":{\"a\":{\"memberOf\":[]},\"b\":{"
        "\"memberOf\":[{\"id\":\"a\",\"type\":null}]}}}}",
    };
    for (size_t i = 0; i < ARRAY_LEN(sources); i++) {
        for (enum form form = FORM_TEXT; form <= FORM_RESOLVED; form++) {
            struct unit u;
            unit_init(&u);
            str written;
            str again;
            const struct schema *back = NULL;
            const struct schema *schema = read(&u, sources[i]);
            assert_int_equal(write(&u, schema, form, &written), ERR_OK);
            err result = schema_read(&u.arena, &unit_key, written,
                                     form == FORM_TEXT ? SCHEMA_FORMAT_CEDAR : SCHEMA_FORMAT_JSON,
                                     &unit_limits, &u.diags, &back);
            unit_expect(&u, written, result, NULL);
            assert_true(schema_equal(schema, back));
            assert_int_equal(write(&u, back, form, &again), ERR_OK);
            assert_true(str_equal(written, again));
            unit_done(&u);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_becomes_json),
        cmocka_unit_test(references_say_what_they_mean),
        cmocka_unit_test(json_becomes_text),
        cmocka_unit_test(json_that_has_no_text_is_refused),
        cmocka_unit_test(names_that_are_shared_but_not_confused_have_text),
        cmocka_unit_test(what_text_leaves_out_is_warned_about),
        cmocka_unit_test(written_schemas_are_read_as_equal_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
