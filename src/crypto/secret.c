/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/base64.h"
#include "crypto/ct.h"
#include "crypto/kdf.h"
#include "crypto/random.h"

/* Sits at the end of its page, so that reading too far hits the page without access. */
struct secret {
    size_t len;
    uint8_t bytes[];
};

enum { FILE_MAX = 2048, ALIGNMENT = 16 };

static size_t page_size(void) {
    return (size_t)sysconf(_SC_PAGESIZE);
}

/* Writable until secret_seal. */
static struct secret *secret_map(size_t len) {
    size_t page = page_size();
    char *map = mmap(NULL, 3 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (map == MAP_FAILED) {
        return NULL;
    }
    char *middle = map + page;
    if (mprotect(middle, page, PROT_READ | PROT_WRITE) != 0) {
        IGNORE(munmap(map, 3 * page)); /* the address is ours: it cannot fail */
        return NULL;
    }
    IGNORE(madvise(middle, page, MADV_DONTDUMP)); /* best effort, like mlock below */
    IGNORE(mlock(middle, page));                  /* RLIMIT_MEMLOCK may be 0 in a container */
    size_t size = (sizeof(struct secret) + len + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    struct secret *secret = (struct secret *)(void *)(middle + page - size);
    secret->len = len;
    return secret;
}

static void *secret_page(const struct secret *secret) {
    return (void *)((uintptr_t)secret & ~((uintptr_t)page_size() - 1)); /* NOLINT: page address */
}

static struct secret *secret_seal(struct secret *secret) {
    IGNORE(mprotect(secret_page(secret), page_size(), PROT_READ)); /* a guard, not a need */
    return secret;
}

void secret_free(struct secret *secret) {
    if (secret == NULL) {
        return;
    }
    char *page = secret_page(secret);
    ASSERT(mprotect(page, page_size(), PROT_READ | PROT_WRITE) == 0);
    memory_wipe(page, page_size());
    ASSERT(munmap(page - page_size(), 3 * page_size()) == 0);
}

static err secret_reserve(size_t len, struct secret **ret) {
    if (len == 0 || len > SECRET_MAX) {
        return ERR_RANGE;
    }
    *ret = secret_map(len);
    return *ret == NULL ? ERR_NOMEM : ERR_OK;
}

err secret_new(const void *bytes, size_t len, struct secret **ret) {
    struct secret *secret;
    TRY(secret_reserve(len, &secret));
    memcpy(secret->bytes, bytes, len);
    *ret = secret_seal(secret);
    return ERR_OK;
}

err secret_random(size_t len, struct secret **ret) {
    struct secret *secret;
    TRY(secret_reserve(len, &secret));
    random_bytes(secret->bytes, len);
    *ret = secret_seal(secret);
    return ERR_OK;
}

err secret_derive(const struct secret *secret, str info, size_t len, struct secret **ret) {
    struct secret *derived;
    TRY(secret_reserve(len, &derived));
    err error = kdf_hkdf_sha256(secret, (str){0}, info, derived->bytes, len);
    if (error != ERR_OK) {
        secret_free(derived);
        return error;
    }
    *ret = secret_seal(derived);
    return ERR_OK;
}

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

err secret_from_base64(str text, struct secret **ret, struct error *reterr) {
    while (text.len > 0 && is_space(text.ptr[0])) {
        text = str_slice(text, 1, text.len);
    }
    while (text.len > 0 && is_space(text.ptr[text.len - 1])) {
        text.len--;
    }
    if (text.len == 0) {
        return error_set(reterr, ERR_MISSING, "the secret is empty");
    }
    if (text.len > FILE_MAX) {
        return error_set(reterr, ERR_LIMIT, "the secret is too long");
    }
    AUTO(arena_done) struct arena scratch;
    arena_init(&scratch, allocator_libc(), 64 * 1024);
    scratch.is_wiped = true;
    str bytes;
    err error = base64_decode(&scratch, BASE64_STANDARD, text, &bytes);
    if (error != ERR_OK) {
        return error_set(reterr, error, "the secret is not base64 with padding");
    }
    error = secret_new(bytes.ptr, bytes.len, ret);
    return error == ERR_OK ? ERR_OK : error_set(reterr, error, "%s", err_text(error));
}

static err read_all(int fd, char *into, size_t size, size_t *ret_len) {
    size_t len = 0;
    while (len < size) {
        ssize_t got = read(fd, into + len, size - len);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return ERR_IO;
        }
        if (got == 0) {
            break;
        }
        len += (size_t)got;
    }
    *ret_len = len;
    return ERR_OK;
}

static err file_error(int code) {
    switch (code) {
    case ENOENT:
        return ERR_NOT_FOUND;
    case EACCES:
    case EPERM:
        return ERR_DENIED;
    default:
        return ERR_IO;
    }
}

err secret_from_file(const char *path, struct secret **ret, struct error *reterr) {
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        int code = errno;
        return error_set(reterr, file_error(code), "%s: cannot be opened (errno %d)", path, code);
    }
    struct stat info;
    if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
        IGNORE(close(fd)); /* only read from */
        return error_set(reterr, ERR_IO, "%s: not a regular file", path);
    }
    char text[FILE_MAX + 1];
    size_t len = 0;
    err error = read_all(fd, text, sizeof text, &len);
    IGNORE(close(fd)); /* only read from */
    if (error != ERR_OK) {
        error_set(reterr, error, "%s: cannot be read", path);
    } else if (len > FILE_MAX) {
        error = error_set(reterr, ERR_LIMIT, "%s: the file is too long for a secret", path);
    } else {
        error = secret_from_base64(str_make(text, len), ret, reterr);
        if (error != ERR_OK) {
            error_prefix(reterr, "%s", path);
        }
    }
    memory_wipe(text, sizeof text);
    return error;
}

size_t secret_len(const struct secret *secret) {
    return secret->len;
}

const uint8_t *secret_bytes(const struct secret *secret) {
    return secret->bytes;
}

bool secret_equal(const struct secret *a, const struct secret *b) {
    return a->len == b->len && ct_equal(a->bytes, b->bytes, a->len);
}
