/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/data_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/buf.h"

enum { ROOT_SECRET_MADE = 32, ERRNO_TEXT_MAX = 128 };

static err io_error(struct error *reterr, const char *what, const char *path) {
    char text[ERRNO_TEXT_MAX];
    return error_set(reterr, ERR_IO, "cannot %s %s: %s", what, path,
                     strerror_r(errno, text, sizeof text));
}

err data_dir_prepare(const char *path, struct error *reterr) {
    struct stat status;
    if (mkdir(path, 0700) != 0 && errno != EEXIST) {
        return io_error(reterr, "make the data directory", path);
    }
    if (stat(path, &status) != 0 || !S_ISDIR(status.st_mode)) {
        return error_set(reterr, ERR_IO, "the data directory %s is not a directory", path);
    }
    return access(path, W_OK | X_OK) == 0 ? ERR_OK
                                          : io_error(reterr, "write to the data directory", path);
}

err data_dir_path(const char *dir, const char *name, char out[DATA_PATH_MAX]) {
    int n = snprintf(out, DATA_PATH_MAX, "%s/%s", dir, name);
    return n > 0 && n < DATA_PATH_MAX ? ERR_OK : ERR_LIMIT;
}

static err write_all(int fd, str text) {
    while (text.len > 0) {
        ssize_t n = write(fd, text.ptr, text.len);
        if (n < 0 && errno != EINTR) {
            return ERR_IO;
        }
        if (n > 0) {
            text = str_slice(text, (size_t)n, text.len);
        }
    }
    return ERR_OK;
}

err data_dir_write(const char *path, str text, struct error *reterr) {
    char beside[DATA_PATH_MAX];
    int n = snprintf(beside, sizeof beside, "%s.new", path);
    if (n <= 0 || n >= DATA_PATH_MAX) {
        return error_set(reterr, ERR_LIMIT, "the path %s is too long", path);
    }
    int fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        return io_error(reterr, "write", beside);
    }
    bool is_written = fchmod(fd, 0600) == 0 && write_all(fd, text) == ERR_OK &&
                      write_all(fd, STR("\n")) == ERR_OK && fsync(fd) == 0;
    bool is_closed = close(fd) == 0;
    if (!is_written || !is_closed || rename(beside, path) != 0) {
        return io_error(reterr, "write", path);
    }
    return ERR_OK;
}

err data_dir_read(const char *path, size_t max, struct arena *a, str *ret, struct error *reterr) {
    char *bytes = arena_alloc(a, max + 1);
    if (bytes == NULL) {
        return arena_error(a);
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) {
        return errno == ENOENT ? ERR_NOT_FOUND : io_error(reterr, "read", path);
    }
    ssize_t n = read(fd, bytes, max + 1);
    close(fd);
    if (n < 0) {
        return io_error(reterr, "read", path);
    }
    if ((size_t)n > max) {
        return error_set(reterr, ERR_LIMIT, "%s is too long", path);
    }
    str text = str_make(bytes, (size_t)n);
    while (text.len > 0 && (text.ptr[text.len - 1] == '\n' || text.ptr[text.len - 1] == '\r')) {
        text = str_slice(text, 0, text.len - 1);
    }
    *ret = text;
    return ERR_OK;
}

static err root_secret_make(const char *path, struct secret **ret, struct error *reterr) {
    AUTO(secret_freep) struct secret *secret = NULL;
    struct buf text;
    struct arena arena;
    TRY(secret_random(ROOT_SECRET_MADE, &secret));
    arena_init(&arena, allocator_libc(), 4096);
    arena.is_wiped = true;
    buf_init_arena(&text, &arena, ROOT_SECRET_MADE * 2);
    base64_encode(&text, BASE64_STANDARD,
                  str_make((const char *)secret_bytes(secret), secret_len(secret)));
    str line;
    err e = buf_finish(&text, &line);
    if (e == ERR_OK) {
        e = data_dir_write(path, line, reterr);
    }
    arena_done(&arena);
    TRY(e);
    *ret = TAKE(secret);
    return ERR_OK;
}

static err root_secret_check(const struct secret *secret, const char *source,
                             struct error *reterr) {
    return secret_len(secret) >= ROOT_SECRET_MIN
               ? ERR_OK
               : error_set(reterr, ERR_RANGE,
                           "%s must be base64 of at least %d bytes; make one with: openssl rand "
                           "-base64 32",
                           source, ROOT_SECRET_MIN);
}

err root_secret_load(str text, const char *dir, struct secret **ret, bool *ret_is_new,
                     struct error *reterr) {
    AUTO(secret_freep) struct secret *secret = NULL;
    char path[DATA_PATH_MAX];
    *ret_is_new = false;
    if (!str_is_absent(text)) {
        if (secret_from_base64(text, &secret, NULL) != ERR_OK) {
            return error_set(reterr, ERR_SYNTAX,
                             "JWT_SECRET is not base64; make one with: openssl rand -base64 32");
        }
        TRY(root_secret_check(secret, "JWT_SECRET", reterr));
        *ret = TAKE(secret);
        return ERR_OK;
    }
    TRY(data_dir_path(dir, "jwt_secret", path));
    err e = secret_from_file(path, &secret, reterr);
    if (e == ERR_NOT_FOUND) {
        *ret_is_new = true;
        return root_secret_make(path, ret, reterr);
    }
    TRY(e);
    TRY(root_secret_check(secret, path, reterr));
    *ret = TAKE(secret);
    return ERR_OK;
}
