/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "server/http/decode.h"

struct target {
    str email;
    str nick;
    int64_t ttl_s;
    bool is_admin;
    struct decode_strings scopes;
    const struct json *context;
    const struct json *entities;
    const struct json *principal;
};

#define AT(member) offsetof(struct target, member)
static const struct decode_field fields[] = {
    {STR_INIT("email"), DECODE_STRING, DECODE_REQUIRED, 10, AT(email), 0},
    {STR_INIT("nick"), DECODE_STRING, DECODE_OPTIONAL, 0, AT(nick), 0},
    {STR_INIT("ttl"), DECODE_INT, DECODE_OPTIONAL, 100, AT(ttl_s), 0},
    {STR_INIT("admin"), DECODE_BOOL, DECODE_OPTIONAL, 0, AT(is_admin), 0},
    {STR_INIT("scopes"), DECODE_STRINGS, DECODE_OPTIONAL, 2, AT(scopes), 3},
    {STR_INIT("context"), DECODE_OBJECT, DECODE_OPTIONAL, 0, AT(context), 0},
    {STR_INIT("entities"), DECODE_ARRAY, DECODE_OPTIONAL, 1, AT(entities), 0},
    {STR_INIT("principal"), DECODE_ANY, DECODE_OPTIONAL, 0, AT(principal), 0},
};

static int start(void **state) {
    static struct arena arena;
    arena_init(&arena, allocator_libc(), TEST_MEMORY_MAX);
    *state = &arena;
    return 0;
}

static int stop(void **state) {
    arena_done(*state);
    return 0;
}

static err decode(struct arena *a, const char *text, struct target *target, struct error *error) {
    const struct json *value;
    assert_ok(json_parse(a, str_c(text), &json_limits_default, &value, error));
    return decode_object(a, value, fields, ARRAY_LEN(fields), target, error);
}

static void every_kind_arrives_in_its_member(void **state) {
    struct target t = {.ttl_s = 60};
    struct error error = {0};
    const char *text = "{\"email\":\"a@b.c\",\"nick\":\"\",\"ttl\":100,\"admin\":true,"
                       "\"scopes\":[\"x\",\"yyy\"],\"context\":{\"k\":1},\"entities\":[{}],"
                       "\"principal\":null}";
    assert_ok(decode(*state, text, &t, &error));
    assert_str_is(t.email, STR("a@b.c"));
    assert_false(str_is_absent(t.nick));
    assert_int_equal(t.ttl_s, 100);
    assert_true(t.is_admin);
    assert_int_equal(t.scopes.count, 2);
    assert_str_is(t.scopes.items[1], STR("yyy"));
    assert_int_equal(t.context->count, 1);
    assert_int_equal(t.entities->count, 1);
    assert_int_equal(t.principal->kind, JSON_NULL);
}

static void missing_and_null_fields_keep_their_default(void **state) {
    struct target t = {.ttl_s = 60, .nick = STR_INIT("n"), .is_admin = true};
    struct error error = {0};
    assert_ok(decode(*state, "{\"email\":\"a\",\"ttl\":null,\"admin\":null}", &t, &error));
    assert_int_equal(t.ttl_s, 60);
    assert_str_is(t.nick, STR("n"));
    assert_true(t.is_admin);
    assert_null(t.context);
    assert_null(t.principal);
}

static void wrong_fields_are_named(void **state) {
    static const struct {
        const char *text;
        err code;
        const char *message;
    } rows[] = {
        {"[]", ERR_TYPE, "the body must be an object, not an array"},
        {"{}", ERR_MISSING, "field `email`: is required"},
        {"{\"email\":null}", ERR_MISSING, "field `email`: is required"},
        {"{\"email\":\"\"}", ERR_MISSING, "field `email`: must not be empty"},
        {"{\"email\":1}", ERR_TYPE, "field `email`: must be a string, not a number"},
        {"{\"email\":\"12345678901\"}", ERR_LIMIT, "field `email`: must be at most 10 bytes"},
        {"{\"email\":\"a\\u0000\"}", ERR_RANGE, "field `email`: must not contain NUL"},
        {"{\"emial\":\"a\"}", ERR_UNKNOWN, "field `emial`: is not known; did you mean `email`?"},
        {"{\"completely-different\":1}", ERR_UNKNOWN, "field `completely-different`: is not known"},
        {"{\"email\":\"a\",\"ttl\":\"1\"}", ERR_TYPE,
         "field `ttl`: must be a whole number, not a string"},
        {"{\"email\":\"a\",\"ttl\":1.5}", ERR_TYPE, "field `ttl`: must be a whole number in range"},
        {"{\"email\":\"a\",\"ttl\":-1}", ERR_RANGE, "field `ttl`: must not be negative"},
        {"{\"email\":\"a\",\"ttl\":101}", ERR_RANGE, "field `ttl`: must be at most 100"},
        {"{\"email\":\"a\",\"admin\":1}", ERR_TYPE,
         "field `admin`: must be a boolean, not a number"},
        {"{\"email\":\"a\",\"scopes\":{}}", ERR_TYPE,
         "field `scopes`: must be an array of strings, not an object"},
        {"{\"email\":\"a\",\"scopes\":[1]}", ERR_TYPE, "field `scopes`: must contain strings only"},
        {"{\"email\":\"a\",\"scopes\":[\"a\",\"b\",\"c\"]}", ERR_LIMIT,
         "field `scopes`: must have at most 2 items"},
        {"{\"email\":\"a\",\"scopes\":[\"abcd\"]}", ERR_LIMIT,
         "field `scopes`: must be at most 3 bytes"},
        {"{\"email\":\"a\",\"context\":[]}", ERR_TYPE,
         "field `context`: must be an object, not an array"},
        {"{\"email\":\"a\",\"entities\":{}}", ERR_TYPE,
         "field `entities`: must be an array, not an object"},
        {"{\"email\":\"a\",\"entities\":[1,2]}", ERR_LIMIT,
         "field `entities`: must have at most 1 items"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct target t = {0};
        struct error error = {0};
        assert_int_equal(decode(*state, rows[i].text, &t, &error), rows[i].code);
        assert_string_equal(error.text, rows[i].message);
    }
}

static void a_bad_body_is_answered_with_a_problem(void **state) {
    static const struct {
        const char *type;
        const char *body;
        int status;
        const char *part;
    } rows[] = {
        {"application/json", "{\"email\":\"a\"}", 0, NULL},
        {"application/json; charset=utf-8", "{\"email\":\"a\"}", 0, NULL},
        {"APPLICATION/JSON ;charset=\"UTF-8\"", "{\"email\":\"a\"}", 0, NULL},
        {"text/plain", "{\"email\":\"a\"}", 415, "unsupported-media-type"},
        {"application/json; charset=latin1", "{\"email\":\"a\"}", 415, "unsupported-media-type"},
        {"application/json", "{\n \"email\": x}", 400, "invalid-json"},
        {"application/json", "{\n \"email\": x}", 400, "line 2, column 11"},
        {"application/json", "", 400, "invalid-json"},
        {"application/json", "{\"email\":\"a\",\"email\":\"b\"}", 400, "invalid-json"},
        {"application/json", "{\"mail\":\"a\"}", 400, "field `mail`"},
        {"application/json", "{\"mail\":\"a\"}", 400, "\"request_id\":\"test-request\""},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct http_header header = {STR_INIT("content-type"), str_c(rows[i].type)};
        struct http_request req = test_request(*state, &header);
        struct http_response resp = {0};
        struct target t = {0};
        req.body = str_c(rows[i].body);
        bool is_good = decode_body(&req, &resp, fields, ARRAY_LEN(fields), &t);
        assert_int_equal(is_good, rows[i].status == 0);
        assert_int_equal(resp.status, rows[i].status);
        if (!is_good && str_find(resp.body, str_c(rows[i].part)) == SIZE_MAX) {
            fail_msg("%s is not in %.*s", rows[i].part, STR_FMT(resp.body));
        }
    }
}

#define DECODE_TEST(fn) cmocka_unit_test_setup_teardown(fn, start, stop)

int main(void) {
    const struct CMUnitTest tests[] = {
        DECODE_TEST(every_kind_arrives_in_its_member),
        DECODE_TEST(missing_and_null_fields_keep_their_default),
        DECODE_TEST(wrong_fields_are_named),
        DECODE_TEST(a_bad_body_is_answered_with_a_problem),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
