/* SPDX-License-Identifier: Apache-2.0 */
/* What a schema means once its names are bound. */
#include "schema_unit.h"

#include <stdio.h>

static const struct schema_type *attr_type(const struct schema *schema, const char *entity,
                                           const char *attr) {
    const struct schema_entity_type *type = schema_find_entity_type(schema, str_c(entity));
    assert_non_null(type);
    const struct schema_attr *found = schema_find_attr(type->attrs, str_c(attr));
    assert_non_null(found);
    return found->type;
}

static void assert_type(const struct schema *schema, const char *entity, const char *attr,
                        const char *expected) {
    char room[500];
    struct buf text;
    buf_init(&text, allocator_libc(), sizeof room);
    schema_type_format(&text, attr_type(schema, entity, attr));
    snprintf(room, sizeof room, "%.*s", STR_FMT(buf_str(&text)));
    buf_done(&text);
    assert_string_equal(room, expected);
}

static void own_namespace_comes_before_the_empty_one(void **state) {
    IGNORE(state);
    struct unit u;
    unit_init(&u);
    const struct schema *s =
        unit_schema(&u, "entity Out; type Both = Long;"
                        "namespace N { entity In; type Mine = String; entity Long;"
                        "  entity A {in_: In, out: Out, mine: Mine, both: Both, long: Long,"
                        "            builtin: __cedar::Long, m: M::In}; }"
                        "namespace M { entity In; entity A {n: N::Mine}; }");
    assert_type(s, "N::A", "in_", "`N::In`");
    assert_type(s, "N::A", "out", "`Out`");
    assert_type(s, "N::A", "mine", "string");
    assert_type(s, "N::A", "both", "long");
    assert_type(s, "N::A", "long", "`N::Long`");
    assert_type(s, "N::A", "builtin", "long");
    assert_type(s, "N::A", "m", "`M::In`");
    assert_type(s, "M::A", "n", "string");
    unit_done(&u);
}

static void common_types_come_before_entity_types(void **state) {
    IGNORE(state);
    struct unit u;
    unit_init(&u);
    const struct schema *s =
        unit_schema(&u, "type T = Set<U>; type U = {x: V, y?: V}; type V = ipaddr; entity T;"
                        "type decimal = Bool; entity A in T {t: T, d: decimal, a: Action};"
                        "action a;");
    assert_type(s, "A", "t", "[{ \"x\" => (required) ipaddr, \"y\" => (optional) ipaddr }]");
    assert_type(s, "A", "d", "bool");
    assert_type(s, "A", "a", "`Action`");
    assert_int_equal(attr_type(s, "A", "t")->depth, 3);
    unit_done(&u);
}

static void entity_hierarchy_is_closed_and_may_be_cyclic(void **state) {
    IGNORE(state);
    struct unit u;
    unit_init(&u);
    const struct schema *s = unit_schema(
        &u, "entity A in B; entity B in [C, B]; entity C in D; entity D in C; entity E;");
    const char *const below[][2] = {{"A", "B"}, {"A", "C"}, {"A", "D"},
                                    {"B", "B"}, {"C", "C"}, {"D", "C"}};
    const char *const not_below[][2] = {{"A", "A"}, {"A", "E"}, {"E", "A"}, {"C", "A"}};
    for (size_t i = 0; i < ARRAY_LEN(below); i++) {
        assert_true(schema_type_is_below(schema_find_entity_type(s, str_c(below[i][0])),
                                         schema_find_entity_type(s, str_c(below[i][1]))));
    }
    for (size_t i = 0; i < ARRAY_LEN(not_below); i++) {
        assert_false(schema_type_is_below(schema_find_entity_type(s, str_c(not_below[i][0])),
                                          schema_find_entity_type(s, str_c(not_below[i][1]))));
    }
    unit_done(&u);
}

static const struct schema_action *find_action(const struct schema *s, const char *type,
                                               const char *id) {
    struct uid uid = uid_make(&unit_key, str_c(type), str_c(id));
    return schema_find_action(s, &uid);
}

static void action_groups_are_found_across_namespaces_and_closed(void **state) {
    IGNORE(state);
    struct unit u;
    unit_init(&u);
    const struct schema *s =
        unit_schema(&u, "action top; action \"mid le\" in top;"
                        "namespace N { action x in [\"mid le\", y, M::Action::\"z\"]; action y; }"
                        "namespace M { action z in Action::\"top\"; }");
    assert_null(find_action(s, "Action", "x"));
    const struct schema_action *x = find_action(s, "N::Action", "x");
    assert_non_null(x);
    assert_int_equal(x->parent_count, 3);
    assert_int_equal(x->ancestor_count, 4);
    static const char *const ancestors[][2] = {
        {"Action", "mid le"}, {"Action", "top"}, {"M::Action", "z"}, {"N::Action", "y"}};
    for (size_t i = 0; i < ARRAY_LEN(ancestors); i++) {
        assert_true(str_equal_c(uid_type(x->ancestors[i]), ancestors[i][0]));
        assert_true(str_equal_c(uid_id(x->ancestors[i]), ancestors[i][1]));
    }
    assert_int_equal(x->type->kind, SCHEMA_ENTITY_ACTION);
    assert_true(str_equal_c(x->type->name, "N::Action"));
    unit_done(&u);
}

static void actions_know_what_they_apply_to(void **state) {
    IGNORE(state);
    struct unit u;
    unit_init(&u);
    const struct schema *s =
        unit_schema(&u, "entity B, A, C enum [\"c\", \"d\"]; type Ctx = {a?: Long};"
                        "action v, w appliesTo {principal: [B, A, B], resource: C, context: Ctx};"
                        "action nothing;");
    const struct schema_action *v = find_action(s, "Action", "w");
    assert_int_equal(v->principal_count, 2);
    assert_true(str_equal_c(v->principals[0]->name, "A"));
    assert_true(str_equal_c(v->principals[1]->name, "B"));
    assert_int_equal(v->resource_count, 1);
    assert_int_equal(v->resources[0]->kind, SCHEMA_ENTITY_ENUM);
    assert_true(schema_enum_has_id(v->resources[0], STR("d")));
    assert_false(schema_enum_has_id(v->resources[0], STR("e")));
    assert_false(schema_find_attr(v->context->record, STR("a"))->is_required);
    const struct schema_action *nothing = find_action(s, "Action", "nothing");
    assert_int_equal(nothing->principal_count, 0);
    assert_int_equal(nothing->context->record->count, 0);
    unit_done(&u);
}

static void last_of_doubled_attributes_counts(void **state) {
    IGNORE(state);
    struct unit u;
    unit_init(&u);
    const struct schema *s = unit_schema(&u, "entity A {x?: Long, b: Bool, x: String, x: Bool};");
    assert_type(s, "A", "x", "bool");
    assert_int_equal(schema_find_entity_type(s, STR("A"))->attrs->count, 2);
    unit_done(&u);
}

static void both_forms_of_a_schema_are_equal(void **state) {
    IGNORE(state);
    static const char text[] =
        "@doc(\"d\") entity U in [G] = {n: String, @k t?: Set<{x: ip_t}>} tags Long;"
        "type ip_t = ipaddr; entity G; entity E enum [\"a\", \"b\"];"
        "action v in g appliesTo {principal: U, resource: [G, E], context: {c: Bool}}; action g;"
        "namespace N { entity X {d: decimal, u: U}; action \"q r\"; }";
    static const char json[] =
        "{\"\": {\"commonTypes\": {\"ip_t\": {\"type\": \"Extension\", \"name\": \"ipaddr\"}},"
        "\"entityTypes\": {\"G\": {}, \"E\": {\"enum\": [\"a\", \"b\"]}, \"U\": {"
        "  \"annotations\": {\"doc\": \"d\"}, \"memberOfTypes\": [\"G\"],"
        "  \"tags\": {\"type\": \"Long\"}, \"shape\": {\"type\": \"Record\", \"attributes\": {"
        "    \"n\": {\"type\": \"String\"}, \"t\": {\"type\": \"Set\", \"required\": false,"
        "      \"annotations\": {\"k\": \"\"}, \"element\": {\"type\": \"Record\","
        "      \"attributes\": {\"x\": {\"type\": \"ip_t\"}}}}}}}},"
        "\"actions\": {\"g\": {}, \"v\": {\"memberOf\": [{\"id\": \"g\"}], \"appliesTo\": {"
        "  \"principalTypes\": [\"U\"], \"resourceTypes\": [\"E\", \"G\"], \"context\": {"
        "    \"type\": \"Record\", \"attributes\": {\"c\": {\"type\": \"Boolean\"}}}}}}},"
        "\"N\": {\"actions\": {\"q r\": {}}, \"entityTypes\": {\"X\": {\"shape\": {"
        "  \"type\": \"Record\", \"attributes\": {\"d\": {\"type\": \"decimal\"},"
        "  \"u\": {\"type\": \"Entity\", \"name\": \"U\"}}}}}}}";
    struct unit u;
    unit_init(&u);
    const struct schema *from_text = unit_schema(&u, text);
    const struct schema *from_json = NULL;
    err result = schema_read(&u.arena, &unit_key, str_c(json), SCHEMA_FORMAT_JSON, &unit_limits,
                             &u.diags, &from_json);
    unit_expect(&u, str_c(json), result, NULL);
    assert_true(schema_equal(from_text, from_json));
    const struct schema *other = unit_schema(&u, "entity U;");
    assert_false(schema_equal(from_text, other));
    unit_done(&u);
}

static void schemas_that_differ_in_one_thing_are_not_equal(void **state) {
    IGNORE(state);
    static const char *const texts[] = {
        "entity A {x: Long}; action a;",
        "entity A {x?: Long}; action a;",
        "entity A {x: String}; action a;",
        "entity A {y: Long}; action a;",
        "entity A in A {x: Long}; action a;",
        "entity A {x: Long} tags Long; action a;",
        "entity A {x: Long}; action b;",
        "entity A enum [\"x\"]; action a;",
        "@k entity A {x: Long}; action a;",
        "entity A {x: Long}; action a appliesTo {principal: A, resource: A};",
        "entity A {x: Long}; action a; action c in a;",
        "entity A, B {x: Long}; action a;",
    };
    struct unit u;
    unit_init(&u);
    const struct schema *schemas[ARRAY_LEN(texts)] = {NULL};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        schemas[i] = unit_schema(&u, texts[i]);
        for (size_t k = 0; k <= i; k++) {
            assert_true(schema_equal(schemas[i], schemas[k]) == (i == k));
        }
    }
    unit_done(&u);
}

static void chains_of_a_thousand_parents_are_closed(void **state) {
    IGNORE(state);
    struct unit u;
    unit_init(&u);
    struct buf text;
    buf_init(&text, allocator_libc(), 1 << 20);
    for (int i = 0; i < 1000; i++) {
        buf_format(&text, "entity E%d in E%d;", i, i + 1);
    }
    buf_add_c(&text, "entity E1000;");
    buf_add_byte(&text, '\0');
    const struct schema *s = unit_schema(&u, buf_str(&text).ptr);
    const struct schema_entity_type *first = schema_find_entity_type(s, STR("E0"));
    assert_int_equal(first->ancestor_count, 1000);
    assert_true(schema_type_is_below(first, schema_find_entity_type(s, STR("E1000"))));
    buf_done(&text);
    unit_done(&u);
}

static void hierarchies_that_are_too_large_are_refused(void **state) {
    IGNORE(state);
    struct unit u;
    unit_init(&u);
    struct buf text;
    buf_init(&text, allocator_libc(), 1 << 20);
    for (int i = 0; i < 6000; i++) {
        buf_format(&text, "action a%d in a%d;", i, i + 1);
    }
    buf_add_c(&text, "action a6000;");
    const struct schema *schema;
    arena_done(&u.arena);
    arena_init(&u.arena, allocator_libc(), (size_t)256 << 20);
    err result = schema_read(&u.arena, &unit_key, buf_str(&text), SCHEMA_FORMAT_CEDAR, &unit_limits,
                             &u.diags, &schema);
    assert_int_equal(result, ERR_LIMIT);
    assert_true(str_equal_c(unit_error(&u)->message, "the hierarchy of actions is too large"));
    buf_done(&text);
    unit_done(&u);
}

static const struct schema_limits large = {.max_bytes = 4 << 20, .max_depth = 1000};

/* `namespace NNN… {` */
static void open_namespace(struct buf *text, size_t length) {
    buf_add_c(text, "namespace ");
    for (size_t i = 0; i < length; i++) {
        buf_add_byte(text, 'N');
    }
    buf_add_c(text, "{");
}

/* Each of the ten thousand references would cost the megabyte again. */
static void looking_up_costs_the_name_not_its_namespace(void **state) {
    IGNORE(state);
    struct unit u;
    struct buf text;
    const struct schema *schema;
    unit_init(&u);
    buf_init(&text, allocator_libc(), 4 << 20);
    open_namespace(&text, 1 << 20);
    buf_add_c(&text, "entity E;entity A {");
    for (int i = 0; i < 10000; i++) {
        buf_format(&text, "a%d:E,", i);
    }
    buf_add_c(&text, "};");
    for (int i = 0; i < 10000; i++) {
        buf_format(&text, "action a%d in [a%d] appliesTo{principal:E,resource:[E,A]};", i + 1,
                   i % 10);
    }
    buf_add_c(&text, "action a0;}");
    arena_done(&u.arena);
    arena_init(&u.arena, allocator_libc(), (size_t)256 << 20);
    err result = schema_read(&u.arena, &unit_key, buf_str(&text), SCHEMA_FORMAT_CEDAR, &large,
                             &u.diags, &schema);
    assert_int_equal(result, ERR_OK);
    assert_int_equal(schema->entity_types[0]->name.len, (1 << 20) + 3);
    assert_int_equal(schema->action_count, 10001);
    buf_done(&text);
    unit_done(&u);
}

static void full_names_that_are_too_long_together_are_refused(void **state) {
    IGNORE(state);
    struct unit u;
    struct buf text;
    const struct schema *schema;
    unit_init(&u);
    buf_init(&text, allocator_libc(), 4 << 20);
    open_namespace(&text, 1 << 20);
    for (int i = 0; i < 400; i++) {
        buf_format(&text, "entity E%d;", i);
    }
    buf_add_c(&text, "}");
    arena_done(&u.arena);
    arena_init(&u.arena, allocator_libc(), (size_t)1 << 30);
    err result = schema_read(&u.arena, &unit_key, buf_str(&text), SCHEMA_FORMAT_CEDAR, &large,
                             &u.diags, &schema);
    assert_int_equal(result, ERR_LIMIT);
    assert_true(str_equal_c(unit_error(&u)->message,
                            "the names of namespaces are too long for what is declared in them"));
    buf_done(&text);
    unit_done(&u);
}

/* Written out, the last type would have 2^60 parts. */
static void types_that_share_their_parts_are_compared_part_by_part(void **state) {
    IGNORE(state);
    struct unit u;
    struct buf text;
    const struct schema *schemas[2];
    unit_init(&u);
    buf_init(&text, allocator_libc(), 1 << 20);
    buf_add_c(&text, "type T0 = Long;");
    for (int i = 1; i <= 60; i++) {
        buf_format(&text, "type T%d = {a: T%d, b: Set<T%d>};", i, i - 1, i - 1);
    }
    buf_add_c(&text, "entity E {t: T60};");
    for (size_t i = 0; i < ARRAY_LEN(schemas); i++) {
        assert_int_equal(schema_read(&u.arena, &unit_key, buf_str(&text), SCHEMA_FORMAT_CEDAR,
                                     &large, &u.diags, &schemas[i]),
                         ERR_OK);
    }
    assert_true(schema_equal(schemas[0], schemas[1]));
    buf_done(&text);
    unit_done(&u);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_namespace_comes_before_the_empty_one),
        cmocka_unit_test(common_types_come_before_entity_types),
        cmocka_unit_test(entity_hierarchy_is_closed_and_may_be_cyclic),
        cmocka_unit_test(action_groups_are_found_across_namespaces_and_closed),
        cmocka_unit_test(actions_know_what_they_apply_to),
        cmocka_unit_test(last_of_doubled_attributes_counts),
        cmocka_unit_test(both_forms_of_a_schema_are_equal),
        cmocka_unit_test(schemas_that_differ_in_one_thing_are_not_equal),
        cmocka_unit_test(chains_of_a_thousand_parents_are_closed),
        cmocka_unit_test(hierarchies_that_are_too_large_are_refused),
        cmocka_unit_test(looking_up_costs_the_name_not_its_namespace),
        cmocka_unit_test(full_names_that_are_too_long_together_are_refused),
        cmocka_unit_test(types_that_share_their_parts_are_compared_part_by_part),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
