/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_LINES_H
#define CLI_LINES_H
/*
 * A file read line by line, in memory that depends on the longest line only. POSIX I/O.
 */
#include "base/arena.h"

struct lines {
    int fd;
    char *data;
    size_t capacity;
    size_t start; /* of what has not been handed out */
    size_t end;
    bool is_at_end;
    bool is_skipping; /* the rest of a line that was too long */
    uint64_t number;  /* of the line handed out last, from 1 */
};

enum line_kind { LINE_TEXT, LINE_TOO_LONG, LINE_END };
enum { LINE_MAX_BYTES = 16 << 20 };

/* `-` is standard input. */
err lines_open(struct lines *l, const char *path, struct error *reterr) MUST_CHECK;
/* The next line without its end; it is valid until the next call. */
err lines_next(struct lines *l, enum line_kind *ret_kind, str *ret_line,
               struct error *reterr) MUST_CHECK;
/* Whether lines_next can answer without waiting for input. */
bool lines_is_ready(const struct lines *l);
void lines_close(struct lines *l);

#endif
