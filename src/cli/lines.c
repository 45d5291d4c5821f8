/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/files.h"

enum { FIRST_CAPACITY = 64 << 10 };

err lines_open(struct lines *l, const char *path, struct error *reterr) {
    *l = (struct lines){.fd = STDIN_FILENO};
    if (!str_equal_c(STR("-"), path)) {
        l->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
        if (l->fd < 0) {
            return files_fail(reterr, errno);
        }
        if (files_is_directory(path)) { /* opening one works, reading does not */
            lines_close(l);
            return files_fail(reterr, EISDIR);
        }
    }
    return ERR_OK;
}

void lines_close(struct lines *l) {
    if (l->fd > STDIN_FILENO) {
        close(l->fd);
    }
    free(l->data);
    *l = (struct lines){0};
}

static size_t find_end(const struct lines *l, size_t from) {
    const char *found = from < l->end ? memchr(l->data + from, '\n', l->end - from) : NULL;
    return found == NULL ? SIZE_MAX : (size_t)(found - l->data);
}

bool lines_is_ready(const struct lines *l) {
    return l->is_at_end || find_end(l, l->start) != SIZE_MAX;
}

/* Room behind `end`; a line that is too long is dropped instead. */
static err make_room(struct lines *l, struct error *reterr) {
    if (l->start > 0) {
        memmove(l->data, l->data + l->start, l->end - l->start);
        l->end -= l->start;
        l->start = 0;
    }
    if (l->end < l->capacity) {
        return ERR_OK;
    }
    if (l->capacity >= LINE_MAX_BYTES) {
        l->is_skipping = true;
        l->end = 0;
        return ERR_OK;
    }
    size_t wider = l->capacity == 0 ? FIRST_CAPACITY : 2 * l->capacity;
    char *data = realloc(l->data, wider);
    if (data == NULL) {
        return error_set(reterr, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    }
    l->data = data;
    l->capacity = wider;
    return ERR_OK;
}

static err fill(struct lines *l, struct error *reterr) {
    TRY(make_room(l, reterr));
    ssize_t size;
    do {
        size = read(l->fd, l->data + l->end, l->capacity - l->end);
    } while (size < 0 && errno == EINTR);
    if (size < 0) {
        return files_fail(reterr, errno);
    }
    l->is_at_end = size == 0;
    l->end += (size_t)size;
    return ERR_OK;
}

static void hand_out(struct lines *l, size_t end, enum line_kind *ret_kind, str *ret_line) {
    size_t length = end - l->start;
    if (length > 0 && l->data[end - 1] == '\r') {
        length--;
    }
    *ret_kind = l->is_skipping ? LINE_TOO_LONG : LINE_TEXT;
    *ret_line = str_make(l->data + l->start, length);
    l->start = end < l->end ? end + 1 : end;
    l->is_skipping = false;
    l->number++;
}

err lines_next(struct lines *l, enum line_kind *ret_kind, str *ret_line, struct error *reterr) {
    size_t searched = l->start;
    for (;;) {
        size_t end = find_end(l, searched);
        if (end != SIZE_MAX) {
            hand_out(l, end, ret_kind, ret_line);
            return ERR_OK;
        }
        if (l->is_at_end) {
            break;
        }
        size_t unread = l->end - l->start;
        TRY(fill(l, reterr));
        searched = l->is_skipping ? 0 : unread; /* what was unread is now at the beginning */
    }
    if (l->start < l->end || l->is_skipping) {
        hand_out(l, l->end, ret_kind, ret_line);
    } else {
        *ret_kind = LINE_END;
        *ret_line = STR("");
    }
    return ERR_OK;
}
