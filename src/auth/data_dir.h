/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUTH_DATA_DIR_H
#define AUTH_DATA_DIR_H
/*
 * The files auth-service keeps besides the database: secrets that were made here. Directory mode
 * 0700, files 0600, written beside and renamed, so that nobody ever reads half of one.
 *
 *   jwt_secret       root secret, when JWT_SECRET is not given
 *   demo-web-secret  secret of the client demo-web (with --demo)
 *   admin-password   first password of the first administrator, until it is changed
 */
#include "base/arena.h"
#include "crypto/secret.h"

enum { DATA_PATH_MAX = 4096, ROOT_SECRET_MIN = 32 };

/* Makes the directory when it is not there. ERR_IO with the reason. */
err data_dir_prepare(const char *path, struct error *reterr) MUST_CHECK;

/* "<dir>/<name>"; ERR_LIMIT when too long. */
err data_dir_path(const char *dir, const char *name, char out[DATA_PATH_MAX]) MUST_CHECK;

/* The text and a line feed; an existing file is replaced. */
err data_dir_write(const char *path, str text, struct error *reterr) MUST_CHECK;

/* At most max bytes, without the line end; ERR_NOT_FOUND when there is no such file. */
err data_dir_read(const char *path, size_t max, struct arena *a, str *ret,
                  struct error *reterr) MUST_CHECK;

/* JWT_SECRET's text (absent: the file in the directory, made when it is not there; then
 * *ret_is_new is true). ERR_RANGE when it has less than ROOT_SECRET_MIN bytes. */
err root_secret_load(str text, const char *dir, struct secret **ret, bool *ret_is_new,
                     struct error *reterr) MUST_CHECK;

#endif
