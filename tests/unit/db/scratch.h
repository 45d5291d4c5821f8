/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_DB_SCRATCH_H
#define TESTS_UNIT_DB_SCRATCH_H
/*
 * A scratch directory with a database file in it, made per test and removed with all its files.
 * Header-only, for test programs.
 */
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "db/db.h"

struct scratch {
    char dir[64];
    char path[96];
    char url[112];
};

MAYBE_UNUSED static void scratch_init(struct scratch *s) {
    snprintf(s->dir, sizeof s->dir, "/tmp/ironwood-db-XXXXXX");
    assert_non_null(mkdtemp(s->dir));
    snprintf(s->path, sizeof s->path, "%s/test.db", s->dir);
    snprintf(s->url, sizeof s->url, "sqlite:%s", s->path);
}

MAYBE_UNUSED static void scratch_done(struct scratch *s) {
    DIR *dir = opendir(s->dir);
    assert_non_null(dir);
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        if (entry->d_name[0] != '.') {
            assert_int_equal(unlinkat(dirfd(dir), entry->d_name, 0), 0);
        }
    }
    closedir(dir);
    assert_int_equal(rmdir(s->dir), 0);
}

/* Fails the test with the error's text. */
#define OK(expr)                                                           \
    do {                                                                   \
        struct error error = {0};                                          \
        err result_ = (expr);                                              \
        if (result_ != ERR_OK) {                                           \
            fail_msg("%s: %s (%s)", #expr, err_name(result_), error.text); \
        }                                                                  \
    } while (0)

#define FAILS(code, expr)                                                              \
    do {                                                                               \
        struct error error = {0};                                                      \
        err result_ = (expr);                                                          \
        if (result_ != (code)) {                                                       \
            fail_msg("%s: %s (%s), expected %s", #expr, err_name(result_), error.text, \
                     err_name(code));                                                  \
        }                                                                              \
    } while (0)

#endif
