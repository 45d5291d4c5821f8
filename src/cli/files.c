/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/vec.h"

enum { READ_STEP = 64 << 10, FILES_MAX = 100000, LEVELS_MAX = 64, REASON_MAX = 128 };

err files_fail(struct error *reterr, int code) {
    char text[REASON_MAX];
    if (strerror_r(code, text, sizeof text) != 0) {
        return error_set(reterr, ERR_IO, "error %d of the system", code);
    }
    return error_set(reterr, ERR_IO, "%s", text);
}

/* ---- reading --------------------------------------------------------------------------------- */

static err read_all(int fd, struct buf *out, struct error *reterr) {
    for (;;) {
        char *room = buf_reserve(out, READ_STEP);
        if (room == NULL) {
            return error_set(reterr, out->error, "%s", err_text(out->error));
        }
        ssize_t size = read(fd, room, READ_STEP);
        if (size == 0) {
            return ERR_OK;
        }
        if (size > 0) {
            buf_advance(out, (size_t)size);
        } else if (errno != EINTR) {
            return files_fail(reterr, errno);
        }
    }
}

err files_read(struct arena *a, const char *path, size_t max_bytes, str *ret,
               struct error *reterr) {
    int fd = STDIN_FILENO;
    bool is_stdin = str_equal_c(STR("-"), path);
    if (!is_stdin) {
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
        if (fd < 0) {
            return files_fail(reterr, errno);
        }
    }
    struct buf content;
    buf_init(&content, allocator_libc(), max_bytes + READ_STEP);
    err error = read_all(fd, &content, reterr);
    if (error == ERR_LIMIT || content.len > max_bytes) {
        error = error_set(reterr, ERR_LIMIT, "it has more than %zu bytes", max_bytes);
    }
    if (error == ERR_OK && arena_copy(a, buf_str(&content), ret) != ERR_OK) {
        error = error_set(reterr, ERR_NOMEM, "%s", err_text(arena_error(a)));
    }
    buf_done(&content);
    if (!is_stdin) {
        close(fd);
    }
    return error;
}

/* ---- writing --------------------------------------------------------------------------------- */

static bool write_all(int fd, str text) {
    while (text.len > 0) {
        ssize_t size = write(fd, text.ptr, text.len);
        if (size < 0 && errno != EINTR) {
            return false;
        }
        if (size > 0) {
            text = str_slice(text, (size_t)size, text.len);
        }
    }
    return true;
}

/* What stands where a file is to be put. */
struct place {
    const char *path; /* behind all symbolic links: they stay */
    mode_t mode;      /* of the file there, or of a new one */
    uid_t owner;
    gid_t group;
    bool is_there;
};

/* Only a file that we might write to is replaced. The folder alone would allow more: to put a file
 * in the place of a device, or of one that is protected against writing. */
static err look_at_place(struct place *place, struct error *reterr) {
    struct stat info;
    if (lstat(place->path, &info) != 0) {
        mode_t mask = umask(0);
        umask(mask);
        place->mode = 0666 & ~mask;
        return errno == ENOENT ? ERR_OK : files_fail(reterr, errno);
    }
    if (S_ISLNK(info.st_mode)) {
        return error_set(reterr, ERR_IO, "the symbolic link leads nowhere");
    }
    if (S_ISDIR(info.st_mode)) {
        return files_fail(reterr, EISDIR);
    }
    if (!S_ISREG(info.st_mode)) {
        return error_set(reterr, ERR_IO, "it is not a regular file, and stays as it is");
    }
    if (access(place->path, W_OK) != 0) {
        return files_fail(reterr, errno);
    }
    place->mode = info.st_mode & 07777;
    place->owner = info.st_uid;
    place->group = info.st_gid;
    place->is_there = true;
    return ERR_OK;
}

/* The new file is as the old one was for everybody. Only root can give a file to somebody else;
 * where the group cannot be kept, another one must not gain what it was allowed. */
static bool take_over(int fd, const struct place *place) {
    mode_t mode = place->mode;
    if (place->is_there && fchown(fd, place->owner, place->group) != 0) {
        mode &= 0777;
        if (fchown(fd, (uid_t)-1, place->group) != 0) {
            mode = (mode & ~(mode_t)070) | (mode & 07) << 3;
        }
    }
    return fchmod(fd, mode) == 0;
}

static err replace(struct arena *a, const struct place *place, str text, struct error *reterr) {
    str name;
    err error = arena_format(a, &name, "%s.XXXXXX", place->path);
    if (error != ERR_OK) {
        return error_set(reterr, error, "%s", err_text(error));
    }
    char *temporary = (char *)(uintptr_t)name.ptr; /* our own copy, in the arena */
    int fd = mkstemp(temporary);
    bool is_good = fd >= 0 && write_all(fd, text) && take_over(fd, place) && fsync(fd) == 0;
    int code = errno;
    if (fd >= 0 && close(fd) != 0 && is_good) {
        is_good = false;
        code = errno;
    }
    if (is_good && rename(temporary, place->path) != 0) {
        is_good = false;
        code = errno;
    }
    if (!is_good && fd >= 0) {
        IGNORE(unlink(temporary)); /* the reason for the failure is what matters */
    }
    return is_good ? ERR_OK : files_fail(reterr, code);
}

err files_replace(struct arena *a, const char *path, str text, struct error *reterr) {
    char *resolved = realpath(path, NULL);
    struct place place = {.path = resolved == NULL ? path : resolved};
    err error = look_at_place(&place, reterr);
    if (error == ERR_OK) {
        error = replace(a, &place, text, reterr);
    }
    free(resolved);
    return error;
}

bool files_exists(const char *path) {
    struct stat status;
    return stat(path, &status) == 0;
}

bool files_is_directory(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* ---- folders --------------------------------------------------------------------------------- */

struct search {
    struct arena *arena;
    const char *directory;
    const str *suffixes;
    size_t suffix_count;
    bool is_flat; /* not into folders */
    VEC(const char *) names;
    struct error *reterr;
};

err files_join(struct arena *a, const char *folder, const char *name, const char **ret) {
    bool is_joined = folder[0] == '\0' || str_has_suffix(str_c(folder), STR("/"));
    str joined;
    TRY(arena_format(a, &joined, "%s%s%s", folder, is_joined ? "" : "/", name));
    *ret = joined.ptr; /* arena_format ends it with NUL */
    return ERR_OK;
}

static bool has_suffix(const struct search *s, const char *name) {
    for (size_t i = 0; i < s->suffix_count; i++) {
        if (str_has_suffix(str_c(name), s->suffixes[i])) {
            return true;
        }
    }
    return false;
}

static err search_folder(struct search *s, const char *relative, int level);

static err search_entry(struct search *s, const char *relative, const char *name, int level) {
    const char *inside;
    const char *path;
    struct stat info;
    TRY(files_join(s->arena, relative, name, &inside));
    TRY(files_join(s->arena, s->directory, inside, &path));
    bool is_link = lstat(path, &info) == 0 && S_ISLNK(info.st_mode);
    if (stat(path, &info) != 0) {
        if (is_link && !has_suffix(s, name)) {
            return ERR_OK; /* to nothing, and nothing to us */
        }
        err error = files_fail(s->reterr, errno);
        error_prefix(s->reterr, "%s", path);
        return error;
    }
    if (is_link && S_ISDIR(info.st_mode)) {
        return ERR_OK; /* could lead back up, or anywhere */
    }
    if (S_ISDIR(info.st_mode)) {
        return s->is_flat ? ERR_OK : search_folder(s, inside, level + 1);
    }
    if (!S_ISREG(info.st_mode) || !has_suffix(s, name)) {
        return ERR_OK;
    }
    if (s->names.count >= FILES_MAX) {
        return error_set(s->reterr, ERR_LIMIT, "more than %d files", FILES_MAX);
    }
    return VEC_PUSH(s->arena, &s->names, inside) ? ERR_OK : arena_error(s->arena);
}

static err search_folder(struct search *s, const char *relative, int level) {
    const char *path = s->directory;
    if (relative[0] != '\0') {
        TRY(files_join(s->arena, s->directory, relative, &path));
    }
    if (level > LEVELS_MAX) {
        return error_set(s->reterr, ERR_LIMIT, "%s: more than %d folders deep", path, LEVELS_MAX);
    }
    DIR *stream = opendir(path);
    if (stream == NULL) {
        err error = files_fail(s->reterr, errno);
        error_prefix(s->reterr, "%s", path);
        return error;
    }
    err error = ERR_OK;
    while (error == ERR_OK) {
        errno = 0; /* readdir has no other way to tell the end from a failure */
        const struct dirent *entry = readdir(stream);
        if (entry == NULL) {
            error = errno == 0 ? ERR_OK : files_fail(s->reterr, errno);
            break;
        }
        if (entry->d_name[0] != '.') {
            error = search_entry(s, relative, entry->d_name, level);
        }
    }
    closedir(stream);
    return error;
}

static int compare_names(const void *a, const void *b) {
    return str_compare(str_c(*(const char *const *)a), str_c(*(const char *const *)b));
}

static err search(struct search *s, struct file_list *ret) {
    TRY(search_folder(s, "", 0));
    if (s->names.count > 1) {
        qsort(s->names.items, s->names.count, sizeof *s->names.items, compare_names);
    }
    *ret = (struct file_list){s->names.items, s->names.count};
    return ERR_OK;
}

err files_find(struct arena *a, const char *directory, const str *suffixes, size_t suffix_count,
               struct file_list *ret, struct error *reterr) {
    struct search s = {.arena = a,
                       .directory = directory,
                       .suffixes = suffixes,
                       .suffix_count = suffix_count,
                       .reterr = reterr};
    return search(&s, ret);
}

err files_list(struct arena *a, const char *directory, const str *suffixes, size_t suffix_count,
               struct file_list *ret, struct error *reterr) {
    struct search s = {.arena = a,
                       .directory = directory,
                       .suffixes = suffixes,
                       .suffix_count = suffix_count,
                       .is_flat = true,
                       .reterr = reterr};
    return search(&s, ret);
}
