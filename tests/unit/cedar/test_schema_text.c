/* SPDX-License-Identifier: Apache-2.0 */
/* Schema syntax: what is accepted, what is refused and with which words (maps: §1.9). */
#include "schema_unit.h"

struct row {
    const char *text;
    const char *expected; /* part of the message, or NULL */
};

static void check(const struct row *rows, size_t count, enum schema_format format) {
    for (size_t i = 0; i < count; i++) {
        struct unit u;
        unit_init(&u);
        str text = str_c(rows[i].text);
        const struct schema *schema = NULL;
        err result =
            schema_read(&u.arena, &unit_key, text, format, &unit_limits, &u.diags, &schema);
        unit_expect(&u, text, result, rows[i].expected);
        assert_true((schema != NULL) == (result == ERR_OK));
        unit_done(&u);
    }
}

static void accepts_and_refuses_declarations(void **state) {
    IGNORE(state);
    static const struct row rows[] = {
        {"", NULL},
        {"// only a comment", NULL},
        {"entity A;", NULL},
        {"entity A, B;", NULL},
        {"entity A in A;", NULL},
        {"entity A in [];", NULL},
        {"entity A in [B, C]; entity B, C;", NULL},
        {"entity A in [B,]; entity B;", "unexpected token `]`"},
        {"entity A = {};", NULL},
        {"entity A {} tags Set<Long>;", NULL},
        {"entity A = {} tags {x: Long};", NULL},
        {"entity A = T; type T={};", "unexpected token `T`"},
        {"entity A tags Long in B;", "unexpected token `in`"},
        {"entity A", "unexpected end of input"},
        {"entity A;;", "unexpected token `;`"},
        {"entity A::B;", "unexpected token `::`"},
        {"entity \"A\";", "unexpected token `\"A\"`"},
        {"entity \xc3\x9c;", "invalid token"},
        {"/* */ entity A;", "invalid token"},
        {"{}", "unexpected token `{`"},
        {"foo", "unexpected token `foo`"},
        {"entity A enum [\"a\"];", NULL},
        {"entity A, B enum [\"a\", \"a\"];", NULL},
        {"entity A enum [\"a\"]; entity B in A;", NULL},
        {"entity A enum [];", "unexpected token `]`"},
        {"entity A enum [\"a\",];", "unexpected token `]`"},
        {"entity A enum [a];", "unexpected token `a`"},
        {"entity A in B enum [\"a\"]; entity B;", "unexpected token `enum`"},
        {"entity A enum [\"a\"] tags Long;", "unexpected token `tags`"},
        {"type T = {}; type U = Set<T>; entity A {x: U};", NULL},
        {"type T;", "unexpected token `;`"},
        {"type A::B = Long;", "unexpected token `::`"},
        {"namespace N { entity A; } namespace M { entity A; }", NULL},
        {"namespace N::M { entity A; }", NULL},
        {"namespace N {} namespace N {}", "duplicate namespace id: `N`"},
        {"namespace N; entity A;", "unexpected token `;`"},
        {"namespace N { namespace M {} }", "unexpected token `namespace`"},
        {"namespace N { entity A;", "unexpected end of input"},
        {"entity A; namespace N {} entity B;", NULL},
    };
    check(rows, ARRAY_LEN(rows), SCHEMA_FORMAT_CEDAR);
}

static void accepts_and_refuses_attributes(void **state) {
    IGNORE(state);
    static const struct row rows[] = {
        {"entity A {x: Long,};", NULL},
        {"entity A {x?: Long, \"a b\": String, \"\": Bool};", NULL},
        {"entity A {,};", "unexpected token `,`"},
        {"entity A {x: Long y: Long};", "unexpected token `y`"},
        {"entity A {x Long};", "unexpected token `Long`"},
        {"entity A {x?: Long?};", "unexpected token `?`"},
        {"entity A {x: Set<Long>>};", "unexpected token `>`"},
        {"entity A {x: Set<Set<{y: Set<Long>}>>};", NULL},
        {"entity A {x: {y: {}}};", NULL},
        {"entity A {'x': Long};", "invalid token"},
        {"entity A {\"\\x\": Long};", "Invalid escape codes"},
        {"entity A {x: A :: B};", "failed to resolve type: A::B"},
        {"entity A {x: Long, x: String};", NULL},
        {"entity A {entity: Long, type: Long, namespace: Long, Set: Long};", NULL},
    };
    check(rows, ARRAY_LEN(rows), SCHEMA_FORMAT_CEDAR);
}

static void accepts_and_refuses_actions(void **state) {
    IGNORE(state);
    static const struct row rows[] = {
        {"action \"\";", NULL},
        {"action a, \"b c\", d;", NULL},
        {"action a in [\"b\", Action::\"c\"]; action b, c;", NULL},
        {"action a in b;", "undeclared action: Action::\"b\""},
        {"action a in Foo::\"c\";", "undeclared action: Foo::\"c\""},
        {"action a in b::c;", "unexpected token `;`"},
        {"action a in [];", "unexpected token `]`"},
        {"action a in a;", "cycle in action hierarchy containing `Action::\"a\"`"},
        {"action a in b; action b in a;", "cycle in action hierarchy"},
        {"action A::a;", "unexpected token `::`"},
        {"action a attributes {};", NULL},
        {"action a attributes {x: Long};", "unexpected token `x`"},
        {"entity A; action a appliesTo {principal: A, resource: [A],};", NULL},
        {"entity A; action a appliesTo {resource: A, principal: [A, A]};", NULL},
        {"entity A; action a appliesTo {principal: [A], resource: [A,]};", "unexpected token `]`"},
        {"entity A; action a appliesTo {principal: [], resource: [A]};",
         "for action `a`, `principal` is `[]`"},
        {"entity A; action a appliesTo {principal: A};", "missing `resource` declaration for `a`"},
        {"entity A; action a appliesTo {resource: A};", "missing `principal` declaration for `a`"},
        {"entity A; action a appliesTo {context: {}};", "missing `resource` declaration for `a`"},
        {"entity A; action a appliesTo {};", "unexpected token `}`"},
        {"entity A; action a appliesTo {principal: A, principal: A, resource: A};",
         "duplicate `principal` declaration in action `a`"},
        {"entity A; action a appliesTo {principal: A, resource: A, context: {}, context: {}};",
         "duplicate context declaration in action `a`"},
        {"entity A; action a appliesTo {principal: A, resource: A, foo: A};",
         "unexpected token `foo`"},
        {"entity A; action a appliesTo {principal: A resource: A};", "unexpected token `resource`"},
        {"entity A; action a appliesTo {principal: A, resource: A} in b;", "unexpected token `in`"},
        {"entity A; action a appliesTo {principal: A, resource: A, context: Set<Long>};",
         "unexpected token `<`"},
        {"entity A; type T={}; action a appliesTo {principal: A, resource: A, context: T};", NULL},
        {"entity A; type T=Long; action a appliesTo {principal: A, resource: A, context: T};",
         "Context for action Action::\"a\" is declared with a type other than `Record`"},
        {"entity A; action a appliesTo {principal: A, resource: A, context: A};",
         "failed to resolve type: A"},
        {"entity A; type T=A; action a appliesTo {principal: T, resource: A};",
         "failed to resolve type: T"},
    };
    check(rows, ARRAY_LEN(rows), SCHEMA_FORMAT_CEDAR);
}

static void reserved_names_are_refused(void **state) {
    IGNORE(state);
    static const struct row rows[] = {
        {"entity if;", "`if` is a reserved identifier"},
        {"namespace if {}", "`if` is a reserved identifier"},
        {"entity A {if: Long};", "`if` is a reserved identifier"},
        {"entity A {in: Long};", "`in` is a reserved identifier"},
        {"entity A {x: if};", "`if` is a reserved identifier"},
        {"action in;", "`in` is a reserved identifier"},
        {"entity A {\"if\": Long};", NULL},
        {"action \"if\";", NULL},
        {"entity entity; entity type; entity permit in [entity, type];", NULL},
        {"entity Action;", "entity type `Action` declared in `entityTypes` list"},
        {"namespace N { entity Action; }", "entity type `Action` declared in `entityTypes` list"},
        {"type Bool = Long;", "reserved schema keyword: `Bool`"},
        {"type Set = Long;", "reserved schema keyword: `Set`"},
        {"type Action = Long;", NULL},
        {"entity Set; entity A {x: Set<Set>};", NULL},
        {"entity A {x: Set};", "failed to resolve type: Set"},
        {"namespace __cedar { entity A; }", "use of the reserved `__cedar` namespace"},
        {"namespace A::__cedar {}", "use of the reserved `__cedar` namespace"},
        {"entity __cedar;", "use of the reserved `__cedar` namespace"},
        {"entity A {__cedar: Long};", NULL},
        {"entity A {x: __cedar::Long, y: __cedar::ipaddr};", NULL},
        {"entity A {x: __cedar::Foo};", "failed to resolve type: __cedar::Foo"},
        {"entity A {x: Boolean};", "failed to resolve type: Boolean"},
    };
    check(rows, ARRAY_LEN(rows), SCHEMA_FORMAT_CEDAR);
}

static void annotations_are_read_everywhere(void **state) {
    IGNORE(state);
    static const struct row rows[] = {
        {"@doc(\"x\") entity A;", NULL},
        {"@doc entity A;", NULL},
        {"@if(\"x\") namespace N { @a type T = {@b(\"c\") x: Long}; @d action e; }", NULL},
        {"@doc(\"a\") @doc(\"b\") entity A;", "duplicate annotations: `doc`"},
        {"@a(\"\\q\") entity A;", "Invalid escape codes"},
        {"@a(x) entity A;", "unexpected token `x`"},
        {"@a", "unexpected end of input"},
    };
    check(rows, ARRAY_LEN(rows), SCHEMA_FORMAT_CEDAR);
}

static void names_declared_twice_or_undeclared_are_refused(void **state) {
    IGNORE(state);
    static const struct row rows[] = {
        {"entity A; entity A;", "`A` is declared twice"},
        {"entity A, A;", "`A` is declared twice"},
        {"type T = Long; type T = String;", "`T` is declared twice"},
        {"action a; action a;", "`a` is declared twice"},
        {"type T = Long; entity T;", NULL},
        {"entity A {x: Foo};", "failed to resolve type: Foo"},
        {"entity A in B;", "failed to resolve type: B"},
        {"entity A in Action; action z;", "undeclared entity type: Action"},
        {"entity A in Action;", "failed to resolve type: Action"},
        {"entity A {x: Action};", "failed to resolve type: Action"},
        {"entity A {x: Action}; action z;", NULL},
        {"entity A in T; type T = B; entity B;", "failed to resolve type: T"},
        {"type T = T;", "cycle in common type references containing `T`"},
        {"type T = {a?: Set<U>}; type U = T;", "cycle in common type references"},
        {"namespace N { entity A; } entity A;",
         "definition of `N::A` illegally shadows the existing definition of `A`"},
        {"namespace N { type A=Long; } entity A;",
         "definition of `N::A` illegally shadows the existing definition of `A`"},
        {"type Foo = Long; namespace N { entity Foo; }", "illegally shadows"},
        {"namespace N { action a; } action a;",
         "definition of `N::Action::\"a\"` illegally shadows the existing definition of "
         "`Action::\"a\"`"},
    };
    check(rows, ARRAY_LEN(rows), SCHEMA_FORMAT_CEDAR);
}

static void errors_point_at_their_token(void **state) {
    IGNORE(state);
    static const struct {
        const char *text;
        uint32_t start;
        uint32_t end;
        const char *label;
    } rows[] = {
        {"entity A in [B,]; entity B;", 15, 16, "expected identifier"},
        {"entity A {x Long};", 12, 16, "expected `:` or `?`"},
        {"entity A", 8, 8, "expected `,`, `;`, `=`, `{`, `enum`, `in`, or `tags`"},
        {"entity A;;", 9, 10, "expected `@`, `action`, `entity`, `namespace`, or `type`"},
        {"entity A {if: Long};", 10, 12, ""},
        {"entity A { x: Foo };", 14, 17, ""},
        {"entity A {x: A :: B};", 13, 19, ""},
        {"namespace N {} namespace N {}", 25, 26, ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct unit u;
        unit_init(&u);
        const struct schema *schema;
        err result = schema_read(&u.arena, &unit_key, str_c(rows[i].text), SCHEMA_FORMAT_CEDAR,
                                 &unit_limits, &u.diags, &schema);
        assert_int_equal(result, ERR_SYNTAX);
        const struct diag *error = unit_error(&u);
        assert_non_null(error);
        assert_int_equal(error->span.start, rows[i].start);
        assert_int_equal(error->span.end, rows[i].end);
        assert_true(str_equal_c(error->label, rows[i].label) ||
                    (rows[i].label[0] == '\0' && error->label.len == 0));
        unit_done(&u);
    }
}

static void names_in_messages_may_have_any_byte(void **state) {
    IGNORE(state);
    struct unit u;
    unit_init(&u);
    const struct schema *schema;
    err result = schema_read(&u.arena, &unit_key, STR("action \"\\0'\" appliesTo {principal: A};"),
                             SCHEMA_FORMAT_CEDAR, &unit_limits, &u.diags, &schema);
    assert_int_equal(result, ERR_SYNTAX);
    assert_true(str_equal(unit_error(&u)->message,
                          STR("error parsing schema: missing `resource` declaration for `\0'`")));
    unit_done(&u);
}

static void mistakes_of_grammar_come_before_the_others(void **state) {
    IGNORE(state);
    static const struct row rows[] = {
        {"entity A; entity A; entity B {", "unexpected end of input"},
        {"action a appliesTo {principal: A}; entity ;", "unexpected token `;`"},
        {"type Long = Long; entity A; entity A;", "`A` is declared twice"},
        {"entity if :", "`if` is a reserved identifier"},
        {"entity if A;", "unexpected token `A`"},
        {"entity A {\"\\q\" x};", "unexpected token `x`"},
        {"@a @a entity A; )", "unexpected token `)`"},
        {"@a @a entity A; }", "duplicate annotations: `a`"},
        {"entity A {@a @a x: Long, @b @b y: Long};", "duplicate annotations: `b`"},
    };
    check(rows, ARRAY_LEN(rows), SCHEMA_FORMAT_CEDAR);
}

static void what_could_follow_depends_on_what_ends_a_name(void **state) {
    IGNORE(state);
    static const struct {
        const char *text;
        const char *label;
    } rows[] = {
        {"entity A {x: B :}", "expected `,`, `::`, or `}`"},
        {"entity A {x: B ;}", "expected `,` or `}`"},
        {"entity A {x: Set :}", "expected `,`, `::`, `<`, or `}`"},
        {"entity A {x: Set ;}", "expected `,` or `}`"},
        {"action a in b :", "expected `::`, `;`, `appliesTo`, or `attributes`"},
        {"action a in b ,", "expected `;`, `appliesTo`, or `attributes`"},
        {"action a in b::c ;", "expected `::`"},
        {"@a :", "expected `(`, `@`, `action`, `entity`, `namespace`, or `type`"},
        {"@a x", "expected `@`, `action`, `entity`, `namespace`, or `type`"},
        {"namespace N { x", "expected `@`, `}`, `action`, `entity`, or `type`"},
        {"entity A tags ;", "expected `{`, identifier, or `Set`"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct unit u;
        unit_init(&u);
        const struct schema *schema;
        IGNORE(schema_read(&u.arena, &unit_key, str_c(rows[i].text), SCHEMA_FORMAT_CEDAR,
                           &unit_limits, &u.diags, &schema));
        const struct diag *error = unit_error(&u);
        if (error == NULL || !str_equal_c(error->label, rows[i].label)) {
            fail_msg("%s\nexpected: %s\n     got: %.*s", rows[i].text, rows[i].label,
                     STR_FMT(error == NULL ? STR("") : error->label));
        }
        unit_done(&u);
    }
}

static void easy_mistakes_get_a_help(void **state) {
    IGNORE(state);
    static const struct {
        const char *text;
        const char *help;
    } rows[] = {
        {"action a {", "action declarations require `appliesTo` before the `{ ... }` block"},
        {"namespace N {};", "namespace declarations are not followed by `;`; try removing this "
                            "semicolon"},
        {"{}", "this API was expecting a schema in the Cedar schema format; did you mean to use a "
               "different function, which expects a JSON-format Cedar schema"},
        {"entity A; action a appliesTo {principal: A};",
         "Every action must define both `principal` and `resource` targets, and the `principal` "
         "and `resource` lists must not be `[]`."},
        {"namespace N { entity A {x: B}; }",
         "neither `N::B` nor `B` refers to anything that has been declared as a common or entity "
         "type"},
        {"entity __cedar;", "Names containing `__cedar` (for example: `__cedar::A`, "
                            "`A::__cedar`, or `A::__cedar::B`) are reserved"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct unit u;
        unit_init(&u);
        const struct schema *schema;
        IGNORE(schema_read(&u.arena, &unit_key, str_c(rows[i].text), SCHEMA_FORMAT_CEDAR,
                           &unit_limits, &u.diags, &schema));
        const struct diag *error = unit_error(&u);
        assert_non_null(error);
        if (!str_equal_c(error->help, rows[i].help)) {
            fail_msg("%s\nexpected: %s\n     got: %.*s", rows[i].text, rows[i].help,
                     STR_FMT(error->help));
        }
        unit_done(&u);
    }
}

static void every_undeclared_name_has_its_finding(void **state) {
    IGNORE(state);
    struct unit u;
    unit_init(&u);
    const struct schema *schema;
    str text = STR("entity A {x: P, y: Set<O>}; entity B in [Q, B, R]; action a in r;");
    err result = schema_read(&u.arena, &unit_key, text, SCHEMA_FORMAT_CEDAR, &unit_limits, &u.diags,
                             &schema);
    assert_int_equal(result, ERR_SYNTAX);
    assert_int_equal(u.diags.items.count, 5);
    unit_done(&u);
}

static void that_a_schema_does_not_parse_is_said_once(void **state) {
    IGNORE(state);
    static const char *const expected[] = {"error parsing schema: `A` is declared twice",
                                           "`B` is declared twice", "duplicate namespace id: `N`"};
    struct unit u;
    const struct schema *schema;
    unit_init(&u);
    str text = STR("entity A, A, B, B {x: Long, x: Long}; namespace N {} namespace N {}");
    assert_int_equal(schema_read(&u.arena, &unit_key, text, SCHEMA_FORMAT_CEDAR, &unit_limits,
                                 &u.diags, &schema),
                     ERR_SYNTAX);
    assert_int_equal(u.diags.items.count, ARRAY_LEN(expected));
    for (size_t i = 0; i < ARRAY_LEN(expected); i++) {
        assert_true(str_equal_c(u.diags.items.items[i].message, expected[i]));
    }
    unit_done(&u);
}

static void shadowing_and_doubled_attributes_are_warned_about(void **state) {
    IGNORE(state);
    static const struct row rows[] = {
        {"type T=Long; entity T;", "The common type name T shadows an entity name"},
        {"entity Long;", "The name `Long` shadows a builtin Cedar name"},
        {"type decimal = Long;", "The name `decimal` shadows a builtin Cedar name"},
        {"namespace N {type T={}; entity T;}", "The common type name T shadows an entity name"},
        {"entity A {x?: Long, x: String};", "attribute `x` is declared twice"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct unit u;
        unit_init(&u);
        assert_non_null(unit_schema(&u, rows[i].text));
        assert_int_equal(u.diags.items.count, 1);
        assert_int_equal(u.diags.items.items[0].severity, DIAG_WARNING);
        assert_true(str_has_prefix(u.diags.items.items[0].message, str_c(rows[i].expected)));
        unit_done(&u);
    }
}

static void nesting_is_limited(void **state) {
    IGNORE(state);
    /* 100 is the limit of these tests: written nesting, and nesting through names */
    struct buf text;
    buf_init(&text, allocator_libc(), 1 << 20);
    buf_add_c(&text, "type T = ");
    for (int i = 0; i < 101; i++) {
        buf_add_c(&text, "Set<");
    }
    const struct schema *schema;
    struct unit u;
    unit_init(&u);
    assert_int_equal(schema_read(&u.arena, &unit_key, buf_str(&text), SCHEMA_FORMAT_CEDAR,
                                 &unit_limits, &u.diags, &schema),
                     ERR_LIMIT);
    buf_clear(&text);
    buf_add_c(&text, "type T0 = Long;");
    for (int i = 1; i < 101; i++) {
        buf_format(&text, "type T%d = Set<T%d>;", i, i - 1);
    }
    assert_int_equal(schema_read(&u.arena, &unit_key, buf_str(&text), SCHEMA_FORMAT_CEDAR,
                                 &unit_limits, &u.diags, &schema),
                     ERR_LIMIT);
    buf_clear(&text);
    for (int i = 1; i < 1000; i++) {
        buf_format(&text, "type T%d = T%d;", i, i + 1);
    }
    buf_add_c(&text, "type T1000 = Long;");
    assert_int_equal(schema_read(&u.arena, &unit_key, buf_str(&text), SCHEMA_FORMAT_CEDAR,
                                 &unit_limits, &u.diags, &schema),
                     ERR_LIMIT);
    buf_done(&text);
    unit_done(&u);
}

static void long_names_and_many_namespaces_take_no_more_than_their_length(void **state) {
    IGNORE(state);
    struct buf text;
    struct unit u;
    const struct schema *schema;
    buf_init(&text, allocator_libc(), 1 << 20);
    buf_add_c(&text, "entity A in B");
    for (int i = 0; i < 20000; i++) {
        buf_add_c(&text, " :: B");
    }
    buf_add_byte(&text, ';');
    unit_init(&u);
    err result = schema_read(&u.arena, &unit_key, buf_str(&text), SCHEMA_FORMAT_CEDAR, &unit_limits,
                             &u.diags, &schema);
    unit_expect(&u, STR("a long name"), result, "failed to resolve type: B::B::B");
    unit_done(&u);
    buf_clear(&text);
    for (int i = 0; i < 20000; i++) {
        buf_format(&text, "namespace N%05d{}", i);
    }
    buf_add_c(&text, "namespace N00007{}");
    unit_init(&u);
    result = schema_read(&u.arena, &unit_key, buf_str(&text), SCHEMA_FORMAT_CEDAR, &unit_limits,
                         &u.diags, &schema);
    unit_expect(&u, STR("many namespaces"), result, "duplicate namespace id: `N00007`");
    assert_int_equal(unit_error(&u)->span.start, 20000 * 18 + 10);
    unit_done(&u);
    buf_done(&text);
}

static void invalid_utf8_and_long_texts_are_refused(void **state) {
    IGNORE(state);
    struct unit u;
    unit_init(&u);
    const struct schema *schema;
    const struct schema_limits small = {.max_bytes = 8, .max_depth = 10};
    assert_int_equal(schema_read(&u.arena, &unit_key, STR("entity \xff;"), SCHEMA_FORMAT_CEDAR,
                                 &unit_limits, &u.diags, &schema),
                     ERR_SYNTAX);
    assert_int_equal(schema_read(&u.arena, &unit_key, STR("entity A;"), SCHEMA_FORMAT_CEDAR, &small,
                                 &u.diags, &schema),
                     ERR_LIMIT);
    assert_int_equal(schema_read(&u.arena, &unit_key, STR("entity \xff;"), SCHEMA_FORMAT_CEDAR,
                                 &unit_limits, NULL, &schema),
                     ERR_SYNTAX);
    unit_done(&u);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts_and_refuses_declarations),
        cmocka_unit_test(accepts_and_refuses_attributes),
        cmocka_unit_test(accepts_and_refuses_actions),
        cmocka_unit_test(reserved_names_are_refused),
        cmocka_unit_test(annotations_are_read_everywhere),
        cmocka_unit_test(names_declared_twice_or_undeclared_are_refused),
        cmocka_unit_test(errors_point_at_their_token),
        cmocka_unit_test(names_in_messages_may_have_any_byte),
        cmocka_unit_test(mistakes_of_grammar_come_before_the_others),
        cmocka_unit_test(what_could_follow_depends_on_what_ends_a_name),
        cmocka_unit_test(easy_mistakes_get_a_help),
        cmocka_unit_test(every_undeclared_name_has_its_finding),
        cmocka_unit_test(that_a_schema_does_not_parse_is_said_once),
        cmocka_unit_test(shadowing_and_doubled_attributes_are_warned_about),
        cmocka_unit_test(nesting_is_limited),
        cmocka_unit_test(long_names_and_many_namespaces_take_no_more_than_their_length),
        cmocka_unit_test(invalid_utf8_and_long_texts_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
