/* SPDX-License-Identifier: Apache-2.0 */
#include "ops_fixture.h"

#include <sys/stat.h>
#include <unistd.h>

#include "server/ops/audit.h"

static void records_are_appended_in_order(void **state) {
    IGNORE(state);
    struct scratch scratch;
    struct clock_manual clock;
    struct audit *audit = NULL;
    struct stat info;
    scratch_make(&scratch);
    clock_manual_init(&clock, 0);
    const char *path = scratch_path(&scratch, "audit.log");
    assert_ok(audit_open("test-service", path, &clock.clock, &audit, NULL));
    const struct audit_record full = {.actor = STR_INIT("user-1"),
                                      .action = AUDIT_USER_LOGIN,
                                      .target = STR_INIT("user\n-2"),
                                      .outcome = AUDIT_DENIED,
                                      .reason = STR_INIT("locked"),
                                      .request_id = STR_INIT("r-1"),
                                      .address = STR_INIT("192.0.2.1")};
    assert_ok(audit_write(audit, &full));
    assert_ok(audit_write(audit, &(struct audit_record){.action = AUDIT_SERVICE_STOP}));
    audit_close(audit);
    assert_ok(audit_open("test-service", path, &clock.clock, &audit, NULL)); /* a restart */
    assert_ok(audit_write(
        audit, &(struct audit_record){.action = AUDIT_SERVICE_START, .outcome = AUDIT_FAILURE}));
    audit_close(audit);
    str text = scratch_read(&scratch, "audit.log");
    assert_int_equal(line_count(text), 3);
    const struct json *first = line_json(&scratch.arena, text, 0);
    assert_str_is(member_text(first, "timestamp"), STR("1970-01-01T00:00:00.000Z"));
    assert_str_is(member_text(first, "service"), STR("test-service"));
    assert_str_is(member_text(first, "action"), STR("user.login"));
    assert_str_is(member_text(first, "outcome"), STR("denied"));
    assert_str_is(member_text(first, "actor"), STR("user-1"));
    assert_str_is(member_text(first, "target"), STR("user\n-2"));
    assert_str_is(member_text(first, "reason"), STR("locked"));
    assert_str_is(member_text(first, "request_id"), STR("r-1"));
    assert_str_is(member_text(first, "address"), STR("192.0.2.1"));
    assert_int_equal(json_get(first, STR("sequence"))->integer, 1);
    assert_int_equal(json_get(first, STR("process"))->integer, getpid());
    const struct json *second = line_json(&scratch.arena, text, 1);
    assert_int_equal(json_get(second, STR("sequence"))->integer, 2);
    assert_null(json_get(second, STR("actor")));
    assert_str_is(member_text(line_json(&scratch.arena, text, 2), "outcome"), STR("failure"));
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    scratch_remove(&scratch);
}

static void long_parts_are_cut(void **state) {
    IGNORE(state);
    struct scratch scratch;
    struct audit *audit = NULL;
    char text[5000];
    scratch_make(&scratch);
    memset(text, '\x01', sizeof text);
    str value = str_make(text, sizeof text);
    assert_ok(audit_open("s", scratch_path(&scratch, "a"), clock_system(), &audit, NULL));
    assert_ok(audit_write(audit, &(struct audit_record){.actor = value, .target = value}));
    audit_close(audit);
    const struct json *record = line_json(&scratch.arena, scratch_read(&scratch, "a"), 0);
    assert_int_equal(member_text(record, "actor").len, 512);
    assert_int_equal(member_text(record, "target").len, 512);
    scratch_remove(&scratch);
}

static void failures_are_errors(void **state) {
    IGNORE(state);
    struct audit *audit = NULL;
    struct error error = {0};
    assert_int_equal(audit_open("s", "/does/not/exist/audit.log", clock_system(), &audit, &error),
                     ERR_IO);
    assert_string_equal(error.text,
                        "audit log /does/not/exist/audit.log: No such file or directory");
    assert_ok(audit_open("s", "/dev/full", clock_system(), &audit, &error));
    assert_int_equal(audit_write(audit, &(struct audit_record){.action = AUDIT_USER_LOGIN}),
                     ERR_IO);
    audit_close(audit);
    audit_close(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_are_appended_in_order),
        cmocka_unit_test(long_parts_are_cut),
        cmocka_unit_test(failures_are_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
