/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/output.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/junit.h"
#include "cli/sarif.h"

enum { OUT_MAX = 256 << 20, COLUMNS_DEFAULT = 200, COLUMNS_MIN = 40, GUTTER = 8 };

/* ---- the terminal ---------------------------------------------------------------------------- */

/* Whether standard output takes colours (https://no-color.org). */
static bool wants_colour(const char *term) {
    const char *no_colour = getenv("NO_COLOR");
    return (no_colour == NULL || no_colour[0] == '\0') && term != NULL &&
           !str_equal_c(STR("dumb"), term);
}

static bool shows_unicode(const char *term) {
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    if (term != NULL && str_equal_c(STR("linux"), term)) {
        return false; /* the console's fonts have no arrows */
    }
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        str locale = str_c(getenv(names[i]));
        if (locale.len > 0) {
            size_t dot = str_find_byte(locale, '.');
            str charset = dot == SIZE_MAX ? STR("") : str_slice(locale, dot + 1, locale.len);
            return str_equal_nocase(charset, STR("utf-8")) ||
                   str_equal_nocase(charset, STR("utf8"));
        }
    }
    return false;
}

static void look_at_terminal(struct cli *cli) {
    const char *term = getenv("TERM");
    struct winsize size;
    cli->columns = COLUMNS_DEFAULT;
    cli->err_has_colour = isatty(STDERR_FILENO) && wants_colour(term);
    if (!isatty(STDOUT_FILENO)) {
        return;
    }
    cli->has_colour = wants_colour(term);
    cli->has_ascii_only = !shows_unicode(term);
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= COLUMNS_MIN + GUTTER) {
        cli->columns = (size_t)size.ws_col - GUTTER;
        cli->wrap = size.ws_col;
    }
}

/* ---- begin, end ------------------------------------------------------------------------------ */

void output_begin(struct cli *cli) {
    look_at_terminal(cli);
    buf_init(&cli->out, allocator_libc(), OUT_MAX);
    buf_init(&cli->err, allocator_libc(), OUT_MAX);
    buf_init(&cli->findings, allocator_libc(), OUT_MAX);
    cli->reports = &cli->out;
    cli->format = (enum output_format)cli->options->choices[OPTION_OUTPUT];
    cli->has_json = cli->format == OUTPUT_JSON;
    if (cli->has_json) {
        json_writer_init(&cli->json, &cli->out);
        json_open_object(&cli->json);
    }
}

static bool write_buffer(struct buf *buffer, FILE *stream) {
    str text;
    if (ferror(stream) != 0) {
        return false; /* it has been said */
    }
    if (buf_finish(buffer, &text) != ERR_OK) {
        fprintf(stderr, "error: the output is too long\n");
        return false;
    }
    if (fwrite(text.ptr, 1, text.len, stream) != text.len || fflush(stream) != 0) {
        perror("error: cannot write to standard output");
        return false;
    }
    buf_clear(buffer);
    return true;
}

bool output_flush(struct cli *cli) {
    return write_buffer(&cli->out, stdout) && write_buffer(&cli->err, stderr);
}

void output_stream(struct cli *cli) {
    cli->is_streaming = true;
    buf_clear(&cli->out);
}

void output_take_findings(struct cli *cli, struct json_writer *w) {
    json_key(w, STR("findings"));
    json_open_array(w);
    if (cli->findings.len > 0) {
        json_raw(w, buf_str(&cli->findings));
    }
    json_close_array(w);
    if (cli->findings.error != ERR_OK) {
        buf_fail(w->buf, cli->findings.error);
    }
    buf_clear(&cli->findings);
}

int output_end(struct cli *cli, int status) {
    if (cli->has_json && !cli->is_streaming) {
        json_name_int(&cli->json, STR("exit_code"), status);
        output_take_findings(cli, &cli->json);
        json_close_object(&cli->json);
        buf_add_byte(&cli->out, '\n');
    } else if (cli->format == OUTPUT_SARIF) {
        sarif_finish(cli);
    } else if (cli->format == OUTPUT_JUNIT) {
        junit_finish(cli);
    }
    return output_flush(cli) ? status : CLI_FAILURE;
}

void output_done(struct cli *cli) {
    buf_done(&cli->out);
    buf_done(&cli->err);
    buf_done(&cli->findings);
}
