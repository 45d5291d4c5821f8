/* SPDX-License-Identifier: Apache-2.0 */
/* `cedar bench`: how long loading takes, how long decisions take, and how many there are per
 * second, with the user's own policies, entities and requests. */
#include <unistd.h>

#include "cli/bench.h"
#include "cli/decision.h"
#include "cli/lines.h"
#include "cli/load.h"
#include "cli/render.h"
#include "cli/request.h"

enum { SECONDS_DEFAULT = 2, REQUESTS_MAX = 1000000, THREADS_MAX = 1024 };

/* One kind of input, loaded. */
struct loaded {
    size_t count;
    size_t text_bytes;
    size_t bytes; /* of memory */
    int64_t taken_ns;
};

struct bench {
    struct cli *cli;
    struct bench_memory *memory;
    cedar_policies *policies;
    cedar_schema *schema;
    cedar_entities *entities;
    struct loaded of_policies;
    struct loaded of_entities;
    VEC(cedar_request) requests;
    struct bench_round round;
    struct bench_latency latency;
    double one_thread;
    size_t threads;
    double all_threads;
};

/* ---- inputs ---------------------------------------------------------------------------------- */

static size_t text_bytes(const struct cli *cli) {
    size_t sum = 0;
    for (size_t i = 0; i < cli->sources.count; i++) {
        sum += cli->sources.items[i].text.len;
    }
    return sum;
}

static struct loaded begin(const struct bench *b) {
    return (struct loaded){.text_bytes = text_bytes(b->cli),
                           .bytes = atomic_load(&b->memory->bytes),
                           .taken_ns = decision_now_ns()};
}

static struct loaded end(const struct bench *b, const struct loaded *start, size_t count) {
    return (struct loaded){.count = count,
                           .text_bytes = text_bytes(b->cli) - start->text_bytes,
                           .bytes = atomic_load(&b->memory->bytes) - start->bytes,
                           .taken_ns = decision_now_ns() - start->taken_ns};
}

static bool load_inputs(struct bench *b) {
    struct cli *cli = b->cli;
    struct loaded start = begin(b);
    bool is_good = load_policies(cli, &b->policies);
    if (is_good) {
        b->of_policies = end(b, &start, cedar_policies_count(b->policies));
        b->of_policies.text_bytes = cli->policy_bytes; /* without what was looked at and left */
    }
    if (!load_schema(cli, &b->schema)) {
        return false;
    }
    start = begin(b);
    if (!load_entities(cli, b->schema, &b->entities)) {
        return false;
    }
    b->of_entities = end(b, &start, cedar_entities_count(b->entities));
    return is_good;
}

/* ---- requests -------------------------------------------------------------------------------- */

static bool add_request(struct bench *b, const cedar_request *request) {
    if (b->requests.count >= REQUESTS_MAX) {
        render_error(b->cli, load_phrase(b->cli, "there are more than %d requests", REQUESTS_MAX),
                     NULL, "a part of them is enough: they are decided again and again");
        return false;
    }
    return VEC_PUSH(&b->cli->arena, &b->requests, *request);
}

/* The line is copied: the request borrows from it. */
static bool add_line(struct bench *b, const char *name, uint64_t number, str line) {
    struct cli *cli = b->cli;
    struct error error = {.text = ""};
    struct request_text text;
    const struct json *json;
    cedar_request request;
    str copy;
    bool is_good = arena_copy(&cli->arena, line, &copy) == ERR_OK;
    if (is_good && json_parse(&cli->arena, copy, &load_json_limits, &json, &error) != ERR_OK) {
        struct complaint complaint = {.headline = load_phrase(cli, "line %llu is not valid JSON",
                                                              (unsigned long long)number)};
        render_at(cli, &complaint, error.text, name, copy, error.offset);
        return false;
    }
    const char *place = load_phrase(cli, "%s:%llu", name, (unsigned long long)number);
    return is_good && request_read_json(cli, json, copy, place, true, &text) &&
           request_make(cli, &text, b->schema, &request) && add_request(b, &request);
}

static bool add_lines(struct bench *b, struct lines *lines, const char *name) {
    struct cli *cli = b->cli;
    struct error error = {.text = ""};
    bool is_good = true;
    while (is_good) {
        enum line_kind kind;
        str line;
        if (lines_next(lines, &kind, &line, &error) != ERR_OK) {
            render_error(cli, load_phrase(cli, "failed to read %s", name), error.text, NULL);
            return false;
        }
        if (kind == LINE_END) {
            break;
        }
        if (kind == LINE_TOO_LONG) {
            render_error(
                cli, load_phrase(cli, "line %llu is too long", (unsigned long long)lines->number),
                NULL, NULL);
            return false;
        }
        is_good = str_trim(line).len == 0 || add_line(b, name, lines->number, line);
    }
    return is_good;
}

static bool load_request_file(struct bench *b, const char *path) {
    struct cli *cli = b->cli;
    struct error error = {.text = ""};
    struct lines lines;
    if (str_equal_c(STR("-"), path) && cli->is_stdin_taken) {
        render_error(cli, "failed to read requests from standard input",
                     "standard input can be read for one input only", NULL);
        return false;
    }
    if (lines_open(&lines, path, &error) != ERR_OK) {
        render_error(cli, load_phrase(cli, "failed to open request file %s", path), error.text,
                     NULL);
        return false;
    }
    bool is_good = add_lines(b, &lines, load_shown_name(path));
    lines_close(&lines);
    if (is_good && b->requests.count == 0) {
        render_error(cli, load_phrase(cli, "there is no request in %s", load_shown_name(path)),
                     NULL, NULL);
        return false;
    }
    return is_good;
}

static bool load_requests(struct bench *b) {
    const char *path = b->cli->options->texts[OPTION_REQUEST_FILE];
    cedar_request request;
    if (path != NULL) {
        return load_request_file(b, path);
    }
    return load_request(b->cli, b->schema, &request) && add_request(b, &request);
}

/* ---- measuring ------------------------------------------------------------------------------- */

static size_t thread_count(const struct options *options) {
    uint64_t wanted = options->numbers[OPTION_THREADS];
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    return wanted > 0                 ? (size_t)wanted
           : processors < 1           ? 1
           : processors > THREADS_MAX ? THREADS_MAX
                                      : (size_t)processors;
}

/* 0 seconds are for trying out: a hundredth of one. */
static int64_t duration_ns(const struct options *options) {
    int64_t seconds = options_has(options, OPTION_SECONDS)
                          ? (int64_t)options->numbers[OPTION_SECONDS]
                          : SECONDS_DEFAULT;
    return seconds > 0 ? seconds * 1000000000 : 10000000;
}

static bool measure(struct bench *b) {
    struct cli *cli = b->cli;
    struct bench_job job = {.engine = cli->engine,
                            .policies = b->policies,
                            .entities = b->entities,
                            .requests = b->requests.items,
                            .request_count = b->requests.count,
                            .duration_ns = duration_ns(cli->options),
                            .memory = b->memory};
    b->threads = thread_count(cli->options);
    cedar_status status = bench_round(&job, &b->round);
    if (status == CEDAR_OK) {
        status = bench_latency(&job, &b->latency);
    }
    if (status == CEDAR_OK) {
        status = bench_throughput(&job, 1, &b->one_thread);
    }
    b->all_threads = b->one_thread;
    if (status == CEDAR_OK && b->threads > 1) {
        status = bench_throughput(&job, b->threads, &b->all_threads);
    }
    if (status != CEDAR_OK) {
        render_error(cli, "failed to measure", cedar_status_name(status), NULL);
    }
    return status == CEDAR_OK;
}

/* ---- printing -------------------------------------------------------------------------------- */

/* With commas between thousands. */
static void add_number(struct buf *out, double value) {
    char digits[32];
    struct buf text;
    buf_init_fixed(&text, digits, sizeof digits);
    buf_format(&text, "%.0f", value);
    for (size_t i = 0; i < text.len; i++) {
        buf_add_c(out, i > 0 && (text.len - i) % 3 == 0 ? "," : "");
        buf_add_byte(out, digits[i]);
    }
}

static void add_part(struct buf *out, const char *before, double value, const char *after) {
    buf_add_c(out, before);
    add_number(out, value);
    buf_add_c(out, after);
}

static void print_loaded(struct buf *out, const char *name, const struct loaded *loaded) {
    double count = (double)loaded->count;
    add_part(out, name, count, "");
    buf_format(out, " loaded in %.1f ms", (double)loaded->taken_ns / 1e6);
    if (loaded->count > 0) {
        add_part(out, " (", count * 1e9 / (double)(loaded->taken_ns + 1), "/s)");
    }
    add_part(out, ", ", (double)loaded->bytes, " bytes of memory");
    if (loaded->count > 0) {
        add_part(out, ", ", (double)loaded->bytes / count, " each");
    }
    buf_add_byte(out, '\n');
}

static void print_text(const struct bench *b) {
    struct buf *out = &b->cli->out;
    print_loaded(out, "policies    ", &b->of_policies);
    print_loaded(out, "entities    ", &b->of_entities);
    add_part(out, "requests    ", (double)b->requests.count, "");
    add_part(out, ": ", (double)b->round.allowed, " allowed");
    add_part(out, ", ", (double)b->round.denied, " denied");
    add_part(out, ", ", (double)b->round.with_errors, " with policies that failed\n");
    add_part(out, "decision    median ", b->latency.median_ns, " ns");
    add_part(out, ", 99th percentile ", b->latency.p99_ns, " ns");
    add_part(out, ", mean ", b->latency.mean_ns, " ns");
    buf_format(out, ", %.2f allocations\n", b->latency.allocations);
    add_part(out, "throughput  ", b->one_thread, " decisions/s by 1 thread");
    if (b->threads > 1) {
        add_part(out, ", ", b->all_threads, "");
        buf_format(out, " by %zu", b->threads);
    }
    buf_add_byte(out, '\n');
}

static void json_loaded(struct json_writer *w, str name, const struct loaded *loaded) {
    json_key(w, name);
    json_open_object(w);
    json_name_int(w, STR("count"), (int64_t)loaded->count);
    json_name_int(w, STR("text_bytes"), (int64_t)loaded->text_bytes);
    json_name_int(w, STR("load_ns"), loaded->taken_ns);
    json_name_int(w, STR("memory_bytes"), (int64_t)loaded->bytes);
    json_close_object(w);
}

static void json_number(struct json_writer *w, str name, double value, int decimals) {
    json_key(w, name);
    json_fixed(w, value, decimals);
}

static void json_throughput(struct json_writer *w, size_t threads, double per_second) {
    json_open_object(w);
    json_name_int(w, STR("threads"), (int64_t)threads);
    json_number(w, STR("decisions_per_second"), per_second, 0);
    json_close_object(w);
}

static void print_json(struct bench *b) {
    struct json_writer *w = &b->cli->json;
    json_loaded(w, STR("policies"), &b->of_policies);
    json_loaded(w, STR("entities"), &b->of_entities);
    json_key(w, STR("requests"));
    json_open_object(w);
    json_name_int(w, STR("count"), (int64_t)b->requests.count);
    json_name_int(w, STR("allowed"), (int64_t)b->round.allowed);
    json_name_int(w, STR("denied"), (int64_t)b->round.denied);
    json_name_int(w, STR("with_errors"), (int64_t)b->round.with_errors);
    json_close_object(w);
    json_key(w, STR("decision"));
    json_open_object(w);
    json_name_int(w, STR("samples"), (int64_t)b->latency.count);
    json_number(w, STR("median_ns"), b->latency.median_ns, 0);
    json_number(w, STR("p99_ns"), b->latency.p99_ns, 0);
    json_number(w, STR("mean_ns"), b->latency.mean_ns, 1);
    json_number(w, STR("allocations"), b->latency.allocations, 3);
    json_close_object(w);
    json_key(w, STR("throughput"));
    json_open_array(w);
    json_throughput(w, 1, b->one_thread);
    if (b->threads > 1) {
        json_throughput(w, b->threads, b->all_threads);
    }
    json_close_array(w);
}

int cmd_bench(struct cli *cli) {
    struct bench b = {.cli = cli, .memory = ARENA_NEW(&cli->arena, struct bench_memory)};
    cedar_allocator allocator = bench_allocator(b.memory);
    if (b.memory == NULL || !cli_open_engine(cli, &allocator)) {
        render_error(cli, "cannot start the Cedar engine", NULL, NULL);
        return CLI_FAILURE;
    }
    bool is_good = load_inputs(&b);
    is_good = is_good && load_requests(&b) && measure(&b);
    if (is_good && cli->has_json) {
        print_json(&b);
    } else if (is_good) {
        print_text(&b);
    }
    cedar_entities_unref(b.entities);
    cedar_schema_unref(b.schema);
    cedar_policies_unref(b.policies);
    return is_good ? CLI_OK : CLI_FAILURE;
}
