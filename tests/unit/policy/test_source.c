/* SPDX-License-Identifier: Apache-2.0 */
/* The policy directory: what is read, in which order, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "policy/pdp/source.h"

struct fixture {
    char dir[64];
    struct arena arena;
};

static int setup(void **state) {
    static struct fixture f;
    snprintf(f.dir, sizeof f.dir, "/tmp/ironwood-source-XXXXXX");
    assert_non_null(mkdtemp(f.dir));
    arena_init(&f.arena, allocator_libc(), 1 << 26);
    *state = &f;
    return 0;
}

static int teardown(void **state) {
    struct fixture *f = *state;
    arena_done(&f->arena);
    char command_path[160];
    /* The tree is small and ours: names are known, so removal is spelled out. */
    static const char *const names[] = {"b.cedar",       "a.cedar",       "sub/c.cedar",
                                        "sub",           ".hidden.cedar", "notes.txt",
                                        "entities.json", "x.cedarschema", "y.cedarschema.json",
                                        "..data",        "..1/p.cedar",   "..1",
                                        "..2/p.cedar",   "..2",           "p.cedar"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        snprintf(command_path, sizeof command_path, "%s/%s", f->dir, names[i]);
        if (unlink(command_path) != 0) {
            rmdir(command_path);
        }
    }
    assert_int_equal(rmdir(f->dir), 0);
    return 0;
}

static void write_file(const struct fixture *f, const char *name, const char *text) {
    char path[160];
    snprintf(path, sizeof path, "%s/%s", f->dir, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static void make_folder(const struct fixture *f, const char *name) {
    char path[160];
    snprintf(path, sizeof path, "%s/%s", f->dir, name);
    assert_int_equal(mkdir(path, 0700), 0);
}

static void link_to(const struct fixture *f, const char *target, const char *name) {
    char path[160];
    snprintf(path, sizeof path, "%s/%s", f->dir, name);
    assert_int_equal(symlink(target, path), 0);
}

static void policies_come_in_byte_order_of_their_path(void **state) {
    struct fixture *f = *state;
    make_folder(f, "sub");
    write_file(f, "b.cedar", "B");
    write_file(f, "a.cedar", "A");
    write_file(f, "sub/c.cedar", "C");
    write_file(f, ".hidden.cedar", "H");
    write_file(f, "notes.txt", "N");
    write_file(f, "entities.json", "[]");
    struct source source;
    uint64_t identity;
    assert_int_equal(source_read(&f->arena, f->dir, &source, &identity, NULL), ERR_OK);
    assert_int_equal(source.policy_count, 3);
    assert_true(str_equal(source.policies[0].path, STR("a.cedar")));
    assert_true(str_equal(source.policies[1].path, STR("b.cedar")));
    assert_true(str_equal(source.policies[2].path, STR("sub/c.cedar")));
    assert_true(str_equal(source.policies[2].text, STR("C")));
    assert_true(str_equal(source.entities.text, STR("[]")));
    assert_true(str_is_absent(source.schema.text));
}

static void two_schemas_are_refused_by_name(void **state) {
    struct fixture *f = *state;
    write_file(f, "x.cedarschema", "");
    write_file(f, "y.cedarschema.json", "{}");
    struct source source;
    uint64_t identity;
    struct error error = {0};
    assert_int_equal(source_read(&f->arena, f->dir, &source, &identity, &error), ERR_EXISTS);
    assert_non_null(strstr(error.text, "x.cedarschema"));
    assert_non_null(strstr(error.text, "y.cedarschema.json"));
}

/* Failure mode 5 of the policy map: a mounted ConfigMap is made of links. */
static void a_swapped_link_changes_the_identity(void **state) {
    struct fixture *f = *state;
    make_folder(f, "..1");
    make_folder(f, "..2");
    write_file(f, "..1/p.cedar", "old");
    write_file(f, "..2/p.cedar", "new");
    link_to(f, "..1", "..data");
    link_to(f, "..data/p.cedar", "p.cedar");
    struct source source;
    uint64_t before;
    assert_int_equal(source_read(&f->arena, f->dir, &source, &before, NULL), ERR_OK);
    assert_true(str_equal(source.policies[0].text, STR("old")));
    char path[160];
    snprintf(path, sizeof path, "%s/..data", f->dir);
    assert_int_equal(unlink(path), 0);
    link_to(f, "..2", "..data");
    uint64_t after;
    assert_int_equal(source_identity(f->dir, &after, NULL), ERR_OK);
    assert_true(before != after);
    assert_int_equal(source_read(&f->arena, f->dir, &source, &after, NULL), ERR_OK);
    assert_int_equal(source.policy_count, 1);
    assert_true(str_equal(source.policies[0].text, STR("new")));
}

static void a_missing_directory_is_named(void **state) {
    struct fixture *f = *state;
    struct source source;
    uint64_t identity;
    struct error error = {0};
    assert_int_equal(source_read(&f->arena, "/nonexistent/policies", &source, &identity, &error),
                     ERR_IO);
    assert_non_null(strstr(error.text, "/nonexistent/policies"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(policies_come_in_byte_order_of_their_path, setup, teardown),
        cmocka_unit_test_setup_teardown(two_schemas_are_refused_by_name, setup, teardown),
        cmocka_unit_test_setup_teardown(a_swapped_link_changes_the_identity, setup, teardown),
        cmocka_unit_test_setup_teardown(a_missing_directory_is_named, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
