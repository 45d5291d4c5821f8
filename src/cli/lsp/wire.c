/* SPDX-License-Identifier: Apache-2.0 */
/* Messages: a head of `Name: value` lines, an empty line, as many bytes of JSON as it says. */
#include "cli/lsp/lsp.h"

#include <stdio.h>

enum { HEAD_LINE_MAX = 256 };

/* A line without its end; false at the end of the input. */
static bool read_line(char *line, size_t size, size_t *ret_len) {
    size_t len = 0;
    int byte;
    while ((byte = getchar()) != EOF && byte != '\n') {
        if (len < size) {
            line[len++] = (char)byte;
        }
    }
    if (len > 0 && line[len - 1] == '\r') {
        len--;
    }
    *ret_len = len;
    return byte != EOF;
}

/* Content-Length; other lines of the head are of no interest. */
static err read_head(uint64_t *ret) {
    char line[HEAD_LINE_MAX];
    size_t len;
    bool has_length = false;
    while (read_line(line, sizeof line, &len)) {
        if (len == 0) {
            return has_length ? ERR_OK : ERR_SYNTAX;
        }
        str name;
        str value;
        if (str_cut(str_make(line, len), ':', &name, &value) &&
            str_equal_nocase(name, STR("Content-Length"))) {
            has_length = str_to_u64(str_trim(value), ret);
        }
    }
    return ERR_CLOSED;
}

err wire_read(struct arena *a, str *ret) {
    uint64_t size = 0;
    TRY(read_head(&size));
    if (size > LSP_MESSAGE_MAX) {
        return ERR_LIMIT;
    }
    char *bytes = arena_alloc(a, size + 1);
    if (bytes == NULL) {
        return arena_error(a);
    }
    if (fread(bytes, 1, size, stdin) != size) {
        return ERR_CLOSED;
    }
    *ret = str_make(bytes, size);
    return ERR_OK;
}

/* A client that is gone is seen at the next read. */
void wire_write(str message) {
    printf("Content-Length: %zu\r\n\r\n", message.len);
    IGNORE(fwrite(message.ptr, 1, message.len, stdout)); /* see above */
    fflush(stdout);
}
