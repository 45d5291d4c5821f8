/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/sarif.h"

#include "cli/render_int.h"

static const str rule_input = STR_INIT("bad-input");

/* ---- places ---------------------------------------------------------------------------------- */

struct position {
    uint32_t line;
    uint32_t column; /* in code points */
};

static uint32_t code_points(str text) {
    uint32_t count = 0;
    for (size_t i = 0; i < text.len; i++) {
        count += ((unsigned char)text.ptr[i] & 0xC0) != 0x80;
    }
    return count;
}

static struct position start_of(const cedar_finding *finding) {
    str line = cli_str(finding->source_line);
    size_t before = finding->column > 0 ? finding->column - 1 : 0;
    before = before < line.len ? before : line.len;
    return (struct position){finding->line, code_points(str_slice(line, 0, before)) + 1};
}

/* Behind the last character. Without the text only a place within its line is known. */
static struct position end_of(const struct rendering *r, struct position start) {
    const cedar_finding *finding = r->finding;
    str text = r->text;
    size_t from = finding->start;
    size_t to = finding->end;
    if (text.ptr == NULL) {
        text = cli_str(finding->source_line);
        from = finding->column > 0 ? finding->column - 1 : 0;
        to = from + (finding->end - finding->start);
    }
    to = to < text.len ? to : text.len;
    struct position end = start;
    for (size_t i = from; i < to; i++) {
        if (text.ptr[i] == '\n') {
            end = (struct position){end.line + 1, 1};
        } else {
            end.column += ((unsigned char)text.ptr[i] & 0xC0) != 0x80;
        }
    }
    return end;
}

/* A relative reference, or a file URI for an absolute path. */
static void add_uri(struct json_writer *w, struct arena *a, str path) {
    static const char digits[] = "0123456789ABCDEF";
    struct buf uri;
    str text;
    buf_init_arena(&uri, a, SIZE_MAX / 2);
    buf_add_c(&uri, path.len > 0 && path.ptr[0] == '/' ? "file://" : "");
    for (size_t i = 0; i < path.len; i++) {
        unsigned char c = (unsigned char)path.ptr[i];
        if (byte_is_alnum(path.ptr[i]) || memchr("-._~/", c, 5) != NULL) {
            buf_add_byte(&uri, path.ptr[i]);
        } else {
            buf_add_byte(&uri, '%');
            buf_add_byte(&uri, digits[c >> 4]);
            buf_add_byte(&uri, digits[c & 15]);
        }
    }
    json_name_string(w, STR("uri"), buf_finish(&uri, &text) == ERR_OK ? text : STR(""));
}

static void add_region(struct json_writer *w, const struct rendering *r) {
    struct position start = start_of(r->finding);
    struct position end = end_of(r, start);
    json_key(w, STR("region"));
    json_open_object(w);
    json_name_int(w, STR("startLine"), start.line);
    json_name_int(w, STR("startColumn"), start.column);
    json_name_int(w, STR("endLine"), end.line);
    json_name_int(w, STR("endColumn"), end.column);
    json_name_int(w, STR("byteOffset"), (int64_t)r->finding->start);
    json_name_int(w, STR("byteLength"), (int64_t)(r->finding->end - r->finding->start));
    json_close_object(w);
}

static void add_location(struct cli *cli, struct json_writer *w, const struct rendering *r) {
    json_key(w, STR("locations"));
    json_open_array(w);
    if (r->source.len > 0) {
        json_open_object(w);
        json_key(w, STR("physicalLocation"));
        json_open_object(w);
        json_key(w, STR("artifactLocation"));
        json_open_object(w);
        add_uri(w, &cli->arena, r->source);
        json_close_object(w);
        if (r->finding->has_span) {
            add_region(w, r);
        }
        json_close_object(w);
        json_close_object(w);
    }
    json_close_array(w);
}

/* ---- results --------------------------------------------------------------------------------- */

/* What was being done matters for inputs; that a validation failed is said by its findings. */
static void add_message(struct cli *cli, struct json_writer *w, const struct rendering *r,
                        bool is_input) {
    struct buf message;
    str text;
    buf_init_arena(&message, &cli->arena, SIZE_MAX / 2);
    for (size_t i = is_input || r->cause_count == 0 ? 0 : r->cause_count - 1; i < r->cause_count;
         i++) {
        buf_add_c(&message, message.len > 0 ? ": " : "");
        buf_add(&message, r->causes[i]);
    }
    if (r->finding->label.len > 0) {
        buf_add_c(&message, "; ");
        buf_add(&message, cli_str(r->finding->label));
    }
    if (r->help.len > 0) {
        buf_add_c(&message, "\n");
        buf_add(&message, r->help);
    }
    json_key(w, STR("message"));
    json_open_object(w);
    json_name_string(w, STR("text"), buf_finish(&message, &text) == ERR_OK ? text : STR(""));
    json_close_object(w);
}

/* Position of the rule in the list, which it is added to. */
static size_t rule_index(struct cli *cli, str id) {
    for (size_t i = 0; i < cli->rules.count; i++) {
        if (str_equal(cli->rules.items[i], id)) {
            return i;
        }
    }
    str copy;
    if (arena_copy(&cli->arena, id, &copy) != ERR_OK || !VEC_PUSH(&cli->arena, &cli->rules, copy)) {
        buf_fail(&cli->findings, ERR_NOMEM);
    }
    return cli->rules.count - 1;
}

void sarif_add_result(struct cli *cli, struct json_writer *w, const struct rendering *r) {
    bool is_input = r->finding->kind.len == 0;
    str rule = is_input ? rule_input : cli_str(r->finding->kind);
    cedar_severity severity = r->finding->severity;
    json_open_object(w);
    json_name_string(w, STR("ruleId"), rule);
    json_name_int(w, STR("ruleIndex"), (int64_t)rule_index(cli, rule));
    json_name_string(w, STR("level"),
                     severity == CEDAR_ERROR     ? STR("error")
                     : severity == CEDAR_WARNING ? STR("warning")
                                                 : STR("note"));
    add_message(cli, w, r, is_input);
    add_location(cli, w, r);
    if (r->finding->policy_id.len > 0) {
        json_key(w, STR("properties"));
        json_open_object(w);
        json_name_string(w, STR("policy"), cli_str(r->finding->policy_id));
        json_close_object(w);
    }
    json_close_object(w);
}

/* ---- the log --------------------------------------------------------------------------------- */

static void add_tool(const struct cli *cli, struct json_writer *w) {
    json_key(w, STR("tool"));
    json_open_object(w);
    json_key(w, STR("driver"));
    json_open_object(w);
    json_name_string(w, STR("name"), STR("cedar"));
    json_name_string(w, STR("version"), str_c(cedar_library_version()));
    json_key(w, STR("rules"));
    json_open_array(w);
    for (size_t i = 0; i < cli->rules.count; i++) {
        json_open_object(w);
        json_name_string(w, STR("id"), cli->rules.items[i]);
        json_close_object(w);
    }
    json_close_array(w);
    json_close_object(w);
    json_close_object(w);
}

void sarif_finish(struct cli *cli) {
    struct json_writer w;
    json_writer_init(&w, &cli->out);
    json_open_object(&w);
    json_name_string(&w, STR("$schema"), STR("https://json.schemastore.org/sarif-2.1.0.json"));
    json_name_string(&w, STR("version"), STR("2.1.0"));
    json_key(&w, STR("runs"));
    json_open_array(&w);
    json_open_object(&w);
    add_tool(cli, &w);
    json_name_string(&w, STR("columnKind"), STR("unicodeCodePoints"));
    json_key(&w, STR("results"));
    json_open_array(&w);
    if (cli->findings.len > 0) {
        json_raw(&w, buf_str(&cli->findings));
    }
    json_close_array(&w);
    json_close_object(&w);
    json_close_array(&w);
    json_close_object(&w);
    buf_add_byte(&cli->out, '\n');
    if (cli->findings.error != ERR_OK) {
        buf_fail(&cli->out, cli->findings.error);
    }
}
