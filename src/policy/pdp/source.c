/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/pdp/source.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/vec.h"
#include "policy/model/limits.h"

enum { READ_ATTEMPTS = 5 };

struct entry {
    str path;
    struct stat stat;
};

struct listing {
    struct arena *arena;
    VEC(struct entry) files;
    struct error *reterr;
};

static err fail_errno(struct error *reterr, const char *what, str path) {
    char reason[80];
    const char *text = strerror_r(errno, reason, sizeof reason);
    return error_set(reterr, ERR_IO, "%s %.*s: %s", what, STR_FMT(path), text);
}

static bool is_wanted(str name) {
    return str_has_suffix(name, STR(".cedar")) || str_has_suffix(name, STR(".cedarschema")) ||
           str_has_suffix(name, STR(".cedarschema.json")) || str_equal(name, STR("entities.json"));
}

static err list_folder(struct listing *l, int fd, str prefix, unsigned depth);

/* One name of an open folder: a file that matters is noted, a folder is entered. */
static err list_name(struct listing *l, int folder, str prefix, const char *name, unsigned depth) {
    str path;
    TRY(arena_format(l->arena, &path, "%.*s%s", STR_FMT(prefix), name));
    struct stat st;
    if (fstatat(folder, name, &st, 0) != 0) {
        return fail_errno(l->reterr, "cannot look at", path);
    }
    if (S_ISDIR(st.st_mode)) {
        if (depth >= LIMIT_POLICY_DEPTH) {
            return error_set(l->reterr, ERR_LIMIT, "%.*s: folders are nested more than %d deep",
                             STR_FMT(path), LIMIT_POLICY_DEPTH);
        }
        int fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0) {
            return fail_errno(l->reterr, "cannot open", path);
        }
        str inner;
        TRY(arena_format(l->arena, &inner, "%.*s/", STR_FMT(path)));
        return list_folder(l, fd, inner, depth + 1);
    }
    if (!S_ISREG(st.st_mode) || !is_wanted(str_c(name))) {
        return ERR_OK;
    }
    if (l->files.count >= LIMIT_POLICY_FILES) {
        return error_set(l->reterr, ERR_LIMIT, "more than %d files", LIMIT_POLICY_FILES);
    }
    if (!VEC_PUSH(l->arena, &l->files, ((struct entry){path, st}))) {
        return arena_error(l->arena);
    }
    return ERR_OK;
}

/* Owns fd from now on. */
static err list_folder(struct listing *l, int fd, str prefix, unsigned depth) {
    DIR *folder = fdopendir(fd);
    if (folder == NULL) {
        err code = fail_errno(l->reterr, "cannot read", prefix);
        close(fd);
        return code;
    }
    err code = ERR_OK;
    while (code == ERR_OK) {
        errno = 0;
        const struct dirent *item = readdir(folder);
        if (item == NULL) {
            code = errno != 0 ? fail_errno(l->reterr, "cannot read", prefix) : ERR_OK;
            break;
        }
        if (item->d_name[0] != '.') {
            code = list_name(l, dirfd(folder), prefix, item->d_name, depth);
        }
    }
    closedir(folder);
    return code;
}

static int by_path(const void *a, const void *b) {
    return str_compare(((const struct entry *)a)->path, ((const struct entry *)b)->path);
}

/* Opens the directory and lists it, sorted. *ret_fd is the open directory, for openat. */
static err list(struct listing *l, const char *directory, int *ret_fd) {
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return fail_errno(l->reterr, "cannot open the policy directory", str_c(directory));
    }
    int walker = dup(fd);
    err code = walker < 0 ? fail_errno(l->reterr, "cannot open", str_c(directory))
                          : list_folder(l, walker, STR(""), 0);
    if (code != ERR_OK) {
        close(fd);
        return code;
    }
    if (l->files.count > 1) {
        qsort(l->files.items, l->files.count, sizeof *l->files.items, by_path);
    }
    *ret_fd = fd;
    return ERR_OK;
}

static uint64_t identity_of(const struct listing *l) {
    struct hash_key key = {0x736f75726365, l->files.count};
    for (size_t i = 0; i < l->files.count; i++) {
        const struct entry *e = &l->files.items[i];
        uint64_t facts[] = {(uint64_t)e->stat.st_dev,          (uint64_t)e->stat.st_ino,
                            (uint64_t)e->stat.st_size,         (uint64_t)e->stat.st_mtim.tv_sec,
                            (uint64_t)e->stat.st_mtim.tv_nsec, (uint64_t)e->stat.st_ctim.tv_nsec};
        key.k0 = hash_bytes(&key, e->path);
        key.k1 ^= hash_bytes(&key, str_make((const char *)facts, sizeof facts));
    }
    return key.k0 ^ key.k1;
}

err source_identity(const char *directory, uint64_t *ret, struct error *reterr) {
    AUTO(arena_done) struct arena a;
    arena_init(&a, allocator_libc(), LIMIT_POLICY_TOTAL);
    struct listing l = {.arena = &a, .reterr = reterr};
    int fd;
    TRY(list(&l, directory, &fd));
    close(fd);
    *ret = identity_of(&l);
    return ERR_OK;
}

static err read_file(struct arena *a, int folder, const struct entry *entry, str *ret,
                     struct error *reterr) {
    const char *path;
    TRY(arena_c_string(a, entry->path, &path));
    int fd = openat(folder, path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return fail_errno(reterr, "cannot open", entry->path);
    }
    size_t size = (size_t)entry->stat.st_size;
    if (size > LIMIT_POLICY_FILE) {
        close(fd);
        return error_set(reterr, ERR_LIMIT, "%.*s is too large (%zu bytes)", STR_FMT(entry->path),
                         size);
    }
    char *data = arena_alloc(a, size);
    if (data == NULL) {
        close(fd);
        return error_set(reterr, arena_error(a), "%.*s cannot be read: %s", STR_FMT(entry->path),
                         err_text(arena_error(a)));
    }
    size_t have = 0;
    while (have < size) {
        ssize_t n = read(fd, data + have, size - have);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            break;
        }
        have += (size_t)n;
    }
    close(fd);
    if (have != size) {
        return error_set(reterr, ERR_BUSY, "%.*s changed while it was read", STR_FMT(entry->path));
    }
    *ret = str_make(data, size);
    return ERR_OK;
}

/* Puts each file where it belongs. */
static err sort_file(struct source *source, struct source_file *policies, str path, str text,
                     struct error *reterr) {
    bool is_json = str_has_suffix(path, STR(".cedarschema.json"));
    if (is_json || str_has_suffix(path, STR(".cedarschema"))) {
        if (!str_is_absent(source->schema.text)) {
            return error_set(reterr, ERR_EXISTS,
                             "two schema files: %.*s and %.*s; keep one of them",
                             STR_FMT(source->schema.path), STR_FMT(path));
        }
        source->schema = (struct source_file){path, text};
        source->schema_is_json = is_json;
    } else if (str_has_suffix(path, STR(".cedar"))) {
        policies[source->policy_count++] = (struct source_file){path, text};
    } else if (str_equal(path, STR("entities.json"))) {
        source->entities = (struct source_file){path, text};
    }
    return ERR_OK;
}

static err read_all(struct arena *a, const struct listing *l, int folder, struct source *ret,
                    struct error *reterr) {
    struct source source = {0};
    struct source_file *policies = ARENA_ARRAY(a, struct source_file, l->files.count);
    if (policies == NULL) {
        return arena_error(a);
    }
    for (size_t i = 0; i < l->files.count; i++) {
        str text = {NULL, 0};
        TRY(read_file(a, folder, &l->files.items[i], &text, reterr));
        TRY(sort_file(&source, policies, l->files.items[i].path, text, reterr));
    }
    source.policies = policies;
    *ret = source;
    return ERR_OK;
}

err source_read(struct arena *a, const char *directory, struct source *ret, uint64_t *ret_identity,
                struct error *reterr) {
    for (int attempt = 0; attempt < READ_ATTEMPTS; attempt++) {
        struct listing l = {.arena = a, .reterr = reterr};
        int folder;
        TRY(list(&l, directory, &folder));
        err code = read_all(a, &l, folder, ret, reterr);
        close(folder);
        if (code != ERR_OK && code != ERR_BUSY && code != ERR_IO) {
            return code;
        }
        uint64_t after;
        TRY(source_identity(directory, &after, reterr));
        if (code == ERR_OK && after == identity_of(&l)) {
            *ret_identity = after;
            return ERR_OK;
        }
        if (code == ERR_IO && after == identity_of(&l)) {
            return code;
        }
    }
    return error_set(reterr, ERR_BUSY, "the files of %s kept changing while they were read",
                     directory);
}
