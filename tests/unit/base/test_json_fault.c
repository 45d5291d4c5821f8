/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/json.h"

static str document(struct buf *b) {
    buf_init(b, allocator_libc(), 1 << 20);
    buf_add(b, STR("{\"escaped\":\"a\\u00e9b\",\"list\":[1,[2,3,{\"x\":null}],4.5],\"many\":{"));
    for (int i = 0; i < 100; i++) {
        buf_format(b, "%s\"k%d\":\"v\\n%d\"", i == 0 ? "" : ",", i, i);
    }
    buf_add(b, STR("}}"));
    return buf_str(b);
}

static err parse_with_failure(str text, size_t fail_at, bool is_separate) {
    struct fault_allocator fault;
    struct arena a;
    const struct json *value = NULL;
    struct error error = {0};
    fault_init(&fault, fail_at);
    fault.allocator.wants_separate_blocks = is_separate;
    arena_init(&a, &fault.allocator, 1 << 22);
    err code = json_parse(&a, text, &json_limits_default, &value, &error);
    if (code == ERR_OK) {
        assert_int_equal(value->count, 3);
        assert_int_equal(json_get(value, STR("many"))->count, 100);
    } else {
        assert_null(value);
        assert_err(error.code, code);
        assert_int_equal(arena_total(&a), 0);
    }
    arena_done(&a);
    assert_int_equal(fault.bytes, 0);
    return code;
}

static void every_failed_allocation_is_reported_and_leaks_nothing(void **state) {
    IGNORE(state);
    for (int is_separate = 0; is_separate < 2; is_separate++) {
        struct buf b;
        str text = document(&b);
        size_t n = 1;
        err code;
        while ((code = parse_with_failure(text, n, is_separate == 1)) != ERR_OK) {
            assert_err(code, ERR_NOMEM);
            n++;
        }
        assert_true(n > (is_separate ? 100u : 3u));
        buf_done(&b);
    }
}

static void secrets_in_a_wiped_arena_leave_no_copy(void **state) {
    IGNORE(state);
    struct buf b;
    str text = document(&b);
    struct fault_allocator fault;
    struct arena a;
    const struct json *value;
    fault_init(&fault, 0);
    arena_init(&a, &fault.allocator, 1 << 22);
    a.is_wiped = true;
    assert_ok(json_parse(&a, text, &json_limits_default, &value, NULL));
    assert_str_is(json_get(value, STR("escaped"))->text, STR("a\xC3\xA9"
                                                             "b"));
    arena_done(&a);
    assert_int_equal(fault.bytes, 0);
    buf_done(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_failed_allocation_is_reported_and_leaks_nothing),
        cmocka_unit_test(secrets_in_a_wiped_arena_leave_no_copy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
