/* SPDX-License-Identifier: Apache-2.0 */
/* `cedar authorize --request-file`: a stream of requests, in memory that does not grow with it. */
#include <stdio.h>
#include <unistd.h>

#include "cli/decision.h"
#include "cli/lines.h"
#include "cli/load.h"
#include "cli/output.h"
#include "cli/render.h"
#include "cli/request.h"

enum { FLUSH_BYTES = 64 << 10, REPORT_MAX = 1 << 20 };

struct batch {
    struct cli *cli;
    const char *name;
    const cedar_policies *policies;
    const cedar_entities *entities;
    const cedar_schema *schema;
    struct buf report; /* of the line at hand */
    uint64_t line;
    uint64_t allowed;
    uint64_t denied;
    uint64_t bad;
    int64_t decision_ns; /* all of them together */
    int64_t shown_ns;    /* when progress was shown last */
    bool has_progress;
};

/* ---- progress -------------------------------------------------------------------------------- */

/* Only where somebody looks who sees nothing else. */
static bool wants_progress(void) {
    return isatty(STDERR_FILENO) && !isatty(STDOUT_FILENO);
}

static void show_progress(struct batch *b, bool is_end) {
    enum { STEP_NS = 250000000, LINES_PER_LOOK = 1024 };
    if (!b->has_progress || (!is_end && b->line % LINES_PER_LOOK != 0)) {
        return;
    }
    int64_t now_ns = decision_now_ns();
    if (is_end) {
        fprintf(stderr, "\r\x1b[K");
    } else if (now_ns - b->shown_ns > STEP_NS) {
        fprintf(stderr, "\r%llu requests, %llu bad\x1b[K", (unsigned long long)b->line,
                (unsigned long long)b->bad);
        b->shown_ns = now_ns;
    }
}

/* ---- one line -------------------------------------------------------------------------------- */

static bool read_request(struct batch *b, enum line_kind kind, str line, cedar_request *ret,
                         const struct json **ret_json) {
    struct cli *cli = b->cli;
    struct error error = {.text = ""};
    struct request_text text;
    if (kind == LINE_TOO_LONG) {
        render_error(cli, load_phrase(cli, "the line has more than %d bytes", LINE_MAX_BYTES), NULL,
                     NULL);
        return false;
    }
    if (json_parse(&cli->arena, line, &load_json_limits, ret_json, &error) != ERR_OK) {
        *ret_json = NULL;
        render_error(cli,
                     load_phrase(cli, "not valid JSON: %s (column %u)", error.text, error.column),
                     NULL, "each line is one JSON object");
        return false;
    }
    return request_read_json(cli, *ret_json, line, b->name, true, &text) &&
           request_make(cli, &text, b->schema, ret);
}

static void print_json(struct batch *b, const struct json *json, str line,
                       const cedar_response *response, int64_t taken_ns) {
    struct cli *cli = b->cli;
    const struct json *id = json == NULL ? NULL : json_get(json, STR("id"));
    struct json_writer w;
    json_writer_init(&w, &cli->out);
    json_open_object(&w);
    json_name_int(&w, STR("line"), (int64_t)b->line);
    if (id != NULL) {
        json_key(&w, STR("id"));
        json_raw(&w, str_slice(line, id->offset, id->end));
    }
    if (response == NULL) {
        output_take_findings(cli, &w);
    } else {
        decision_json(&w, response);
        if (options_has(cli->options, OPTION_TIMING)) {
            json_name_int(&w, STR("time_ns"), taken_ns);
        }
    }
    json_close_object(&w);
    buf_add_byte(&cli->out, '\n');
}

static void print_text(struct batch *b, const cedar_response *response, int64_t taken_ns) {
    struct buf *out = &b->cli->out;
    const struct options *options = b->cli->options;
    buf_add_u64(out, b->line);
    buf_add_c(out, ": ");
    if (response == NULL) {
        buf_add_c(out, "ERROR ");
        buf_add(out, buf_str(&b->report));
        buf_add_byte(out, '\n');
        return;
    }
    buf_add_c(out, decision_name(response->decision));
    if (options_has(options, OPTION_TIMING)) {
        buf_format(out, " %lld ns", (long long)taken_ns);
    }
    for (size_t i = 0; options_has(options, OPTION_VERBOSE) && i < response->reason_count; i++) {
        buf_add_c(out, i == 0 ? " because of " : ", ");
        decision_add_id(b->cli, out, cli_str(response->reasons[i]));
    }
    for (size_t i = 0; i < response->error_count; i++) {
        buf_add_c(out, "; ");
        decision_add_error(b->cli, out, &response->errors[i]);
    }
    buf_add_byte(out, '\n');
}

static void answer(struct batch *b, enum line_kind kind, str line) {
    struct cli *cli = b->cli;
    const struct json *json = NULL;
    cedar_request request;
    cedar_response response;
    int64_t taken_ns = 0;
    bool is_good = read_request(b, kind, line, &request, &json);
    if (is_good) {
        int64_t start_ns = decision_now_ns();
        cedar_status status =
            cedar_authorize(b->policies, b->entities, &request, cli->scratch, &response);
        taken_ns = decision_now_ns() - start_ns;
        is_good = status == CEDAR_OK;
        if (!is_good) {
            render_error(cli, "failed to authorize the request", cedar_status_name(status), NULL);
        }
    }
    if (!is_good) {
        b->bad++;
    } else if (response.decision == CEDAR_ALLOW) {
        b->allowed++;
    } else {
        b->denied++;
    }
    b->decision_ns += taken_ns;
    if (cli->has_json) {
        print_json(b, json, line, is_good ? &response : NULL, taken_ns);
    } else {
        print_text(b, is_good ? &response : NULL, taken_ns);
    }
}

/* ---- all lines ------------------------------------------------------------------------------- */

static bool is_blank(str line) {
    return str_trim(line).len == 0;
}

static bool run_lines(struct batch *b, struct lines *lines, struct error *reterr) {
    struct cli *cli = b->cli;
    struct arena_mark mark = arena_mark(&cli->arena);
    for (;;) {
        enum line_kind kind;
        str line;
        /* Whoever sends one request at a time waits for its answer. */
        if ((!lines_is_ready(lines) || cli->out.len > FLUSH_BYTES) && !output_flush(cli)) {
            reterr->text[0] = '\0';
            return false;
        }
        if (lines_next(lines, &kind, &line, reterr) != ERR_OK) {
            return false;
        }
        b->line = lines->number;
        if (kind == LINE_END) {
            return true;
        }
        if (kind == LINE_TOO_LONG || !is_blank(line)) {
            answer(b, kind, line);
        }
        show_progress(b, false);
        buf_clear(&b->report);
        cedar_scratch_reset(cli->scratch);
        arena_reset(&cli->arena, mark);
    }
}

static void print_summary(const struct batch *b) {
    struct buf *out = &b->cli->err;
    uint64_t decided = b->allowed + b->denied;
    buf_format(out, "%llu requests: %llu allowed, %llu denied, %llu bad\n",
               (unsigned long long)(decided + b->bad), (unsigned long long)b->allowed,
               (unsigned long long)b->denied, (unsigned long long)b->bad);
    if (options_has(b->cli->options, OPTION_TIMING) && decided > 0) {
        buf_format(out, "mean time of a decision: %lld ns\n",
                   (long long)(b->decision_ns / (int64_t)decided));
    }
}

static int finish(struct batch *b, bool is_read, const struct error *error) {
    struct cli *cli = b->cli;
    show_progress(b, true);
    if (!cli->has_json) {
        print_summary(b);
    }
    if (!is_read && error->text[0] != '\0') {
        buf_format(&cli->err, "error: failed to read %s: %s\n", b->name, error->text);
    }
    return !is_read || b->bad > 0 ? CLI_FAILURE : b->denied > 0 ? CLI_DENY : CLI_OK;
}

int batch_run(struct cli *cli, const char *path, const cedar_policies *policies,
              const cedar_entities *entities, const cedar_schema *schema) {
    struct batch b = {.cli = cli,
                      .name = load_shown_name(path),
                      .policies = policies,
                      .entities = entities,
                      .schema = schema,
                      .has_progress = wants_progress(),
                      .shown_ns = decision_now_ns()};
    struct lines lines = {0};
    struct error error = {.text = ""};
    if (str_equal_c(STR("-"), path) && cli->is_stdin_taken) {
        render_error(cli, "failed to read requests from standard input",
                     "standard input can be read for one input only", NULL);
        return CLI_FAILURE;
    }
    if (lines_open(&lines, path, &error) != ERR_OK) {
        render_error(cli, load_phrase(cli, "failed to open request file %s", path), error.text,
                     NULL);
        return CLI_FAILURE;
    }
    output_stream(cli);
    buf_init(&b.report, allocator_libc(), REPORT_MAX);
    cli->reports = &b.report;
    bool is_read = run_lines(&b, &lines, &error);
    int status = finish(&b, is_read, &error);
    cli->reports = &cli->out;
    buf_done(&b.report);
    lines_close(&lines);
    return status;
}
