/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inputs that are meant to harm, given to everything that reads: each input as it is, and where an
 * expression, a value, a type or a name belongs. Whatever it is, the status is one that the header
 * knows, a failure has findings that make sense, memory stays within a multiple of the input, and
 * all of it comes back.
 */
#include "api_unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/utf8.h"

enum {
    DEEP = 10000,
    LONG = 100000,
    MEBIBYTE = 1 << 20,
    WRAPS_MAX = 4,
    MESSAGE_MAX_BYTES = 10000,
};

/* What a call may take: so many times the input, and some. */
static const size_t memory_factor = 1000;
static const size_t memory_base = 8 << 20;

struct meter {
    size_t bytes;
    size_t peak;
};

static void *meter_resize(void *ctx, void *ptr, size_t old_size, size_t new_size) {
    struct meter *meter = ctx;
    meter->bytes += new_size - old_size;
    if (meter->bytes > meter->peak) {
        meter->peak = meter->bytes;
    }
    if (new_size == 0) {
        free(ptr);
        return NULL;
    }
    return realloc(ptr, new_size);
}

/* ---- inputs ------------------------------------------------------------------------------- */

/* head, `count` times part, middle, `count` times close, tail. */
struct input {
    size_t count;
    const char *head, *part, *middle, *close, *tail;
};

static const struct input inputs[] = {
    /* deep: expressions */
    {DEEP, "", "(", "1", ")", ""},
    {DEEP, "", "[", "1", "]", ""},
    {DEEP, "", "{a:", "1", "}", ""},
    {DEEP, "", "!", "true", "", ""},
    {DEEP, "", "-", "1", "", ""},
    {DEEP, "", "!(", "true", ")", ""},
    {DEEP, "", "-(", "1", ")", ""},
    {DEEP, "", "if ", "true", " then 1 else 2", ""},
    {DEEP, "", "if true then ", "1", " else 2", ""},
    {DEEP, "", "if true then 1 else ", "2", "", ""},
    {DEEP, "", "ip(", "1", ")", ""},
    {DEEP, "", "[].contains(", "1", ")", ""},
    {DEEP, "", "1 == (", "1", ")", ""},
    {DEEP, "principal", ".a", "", "", ""},
    {DEEP, "principal", "[\"a\"]", "", "", ""},
    /* deep: types, JSON */
    {DEEP, "", "Set<", "Long", ">", ""},
    {LONG, "", "[", "", "]", ""},
    {LONG, "", "{\"a\":", "1", "}", ""},
    {DEEP, "", "{\"Set\":[", "{\"Value\":1}", "]}", ""},
    {DEEP, "", "{\"!\":{\"arg\":", "{\"Value\":true}", "}}", ""},
    {DEEP, "", "{\"type\":\"Set\",\"element\":", "{\"type\":\"Long\"}", "}", ""},
    {DEEP, "", "{\"Value\":{\"a\":", "1", "}}", ""},
    /* never closed */
    {DEEP, "", "(", "", "", ""},
    {LONG, "", "[", "", "", ""},
    {LONG, "", "{", "", "", ""},
    {LONG, "", "{\"a\":", "", "", ""},
    {DEEP, "", "{a:", "", "", ""},
    {DEEP, "", "if ", "", "", ""},
    {LONG, "", "\"", "", "", ""},
    {1, "\"", "\\", "", "", ""},
    {1, "/*", "", "", "", ""},
    {LONG, "", ")", "", "", ""},
    {LONG, "", "}", "", "", ""},
    {LONG, "", "]", "", "", ""},
    {DEEP, "", "permit(", "", "", ""},
    {DEEP, "", "permit(principal,action,resource)when{", "", "", ""},
    {DEEP, "", "entity U = {a:", "", "", ""},
    /* long */
    {LONG, "true", " && true", "", "", ""},
    {LONG, "false", "||false", "", "", ""},
    {LONG, "1", " + 1", "", "", ""},
    {LONG, "1", "*1", "", "", ""},
    {LONG, "principal has a", ".b", "", "", ""},
    {LONG, "a", "::a", "", "", "::\"\""},
    {LONG, "[0", ",1", "", "", "]"},
    {LONG, "{\"a\":1", ",\"a\":1", "", "", "}"},
    {LONG, "", "1 < ", "1", "", ""},
    {MEBIBYTE, "\"", "x", "", "", "\""},
    {MEBIBYTE / 2, "\"", "\xC3\xA9", "", "", "\""},
    {MEBIBYTE / 2, "\"", "\\n", "", "", "\""},
    {MEBIBYTE, "", "x", "", "", ""},
    {MEBIBYTE, "", "9", "", "", ""},
    {MEBIBYTE, "-", "9", "", "", ""},
    {MEBIBYTE, "0.", "0", "", "", ""},
    {MEBIBYTE, "//", "x", "", "", ""},
    {MEBIBYTE, "", " ", "", "", ""},
    {MEBIBYTE, "", "\n", "", "", ""},
    {LONG, "", "@a", "", "", ""},
    {LONG, "", ";", "", "", ""},
    {LONG, "", "?", "", "", ""},
    {LONG, "", "p;", "", "", ""},
    {LONG, "", "\"a\" ", "", "", ""},
    {LONG, "", "//\n", "", "", ""},
    {DEEP, "", "permit(principal,action,resource);", "", "", ""},
    {DEEP, "", "permit(principal,action,resource) when { 1 1 };", "", "", ""},
    {DEEP, "", "entity U;", "", "", ""},
    {DEEP, "", "entity U = {", "", "};", ""},
    {DEEP, "[{}", ",{}", "", "", "]"},
    {DEEP, "[{\"uid\":{\"type\":\"U\",\"id\":\"a\"},\"attrs\":{},\"parents\":[]}",
     ",{\"uid\":{\"type\":\"U\",\"id\":\"a\"},\"attrs\":{},\"parents\":[]}", "", "", "]"},
    /* numbers at their ends */
    {1, "9223372036854775807", "", "", "", ""},
    {1, "9223372036854775808", "", "", "", ""},
    {1, "-9223372036854775808", "", "", "", ""},
    {1, "-9223372036854775809", "", "", "", ""},
    {1, "18446744073709551616", "", "", "", ""},
    {1, "-(-9223372036854775808)", "", "", "", ""},
    {1, "9223372036854775807 + 1", "", "", "", ""},
    {1, "-9223372036854775808 - 1 * 2", "", "", "", ""},
    {1, "3037000500 * 3037000500", "", "", "", ""},
    {1, "1e999999999", "", "", "", ""},
    {1, "-0", "", "", "", ""},
    {1, "0x7fffffffffffffff", "", "", "", ""},
    {1, "00", "", "", "", ""},
    {1, "decimal(\"922337203685477.5808\")", "", "", "", ""},
    {1, "duration(\"106751991168d\")", "", "", "", ""},
    /* nothing, or nearly */
    {1, "", "", "", "", ""},
    {1, " \t\r\n", "", "", "", ""},
    {1, "\xEF\xBB\xBF", "", "", "", ""},
    {1, "\xEF\xBB\xBF{}", "", "", "", ""},
    {1, "null", "", "", "", ""},
    {1, "\"\\u{110000}\"", "", "", "", ""},
    {1, "\"\\ud800\"", "", "", "", ""},
    {1, "\"\\u{", "", "", "", ""},
    {1, "\"\\x", "", "", "", ""},
};

/* No text of any kind. */
static const struct input broken[] = {
    {1, "\xFF", "", "", "", ""},
    {1, "\xC3", "", "", "", ""},
    {1, "\"a\xC3\"", "", "", "", ""},
    {1, "\"a\xFF", "b\"", "", "", ""},
    {1, "\"\xC0\x80\"", "", "", "", ""},
    {1, "\"\xED\xA0\x80\"", "", "", "", ""},
    {1, "\"\xF4\x90\x80\x80\"", "", "", "", ""},
    {1, "// \xFE\n1", "", "", "", ""},
    {LONG, "", "\xFF", "", "", ""},
    {LONG, "1", " ", "\xE2\x82", "", ""},
};

static char *add(char *to, const char *from, size_t times) {
    size_t len = strlen(from) * times;
    size_t done = strlen(from);
    if (len == 0) {
        return to;
    }
    memcpy(to, from, done);
    while (done < len) { /* twice as much each time */
        size_t more = done < len - done ? done : len - done;
        memcpy(to + done, to, more);
        done += more;
    }
    return to + len;
}

struct wrap {
    const char *head, *tail;
};

/* Exactly as long as the input, so that AddressSanitizer sees a step beyond it. */
static char *write_input(const struct input *in, const struct wrap *wrap, size_t *ret_len) {
    size_t len = strlen(wrap->head) + strlen(in->head) + in->count * strlen(in->part) +
                 strlen(in->middle) + in->count * strlen(in->close) + strlen(in->tail) +
                 strlen(wrap->tail);
    char *bytes = malloc(len == 0 ? 1 : len);
    assert_non_null(bytes);
    char *end = add(bytes, wrap->head, 1);
    end = add(end, in->head, 1);
    end = add(end, in->part, in->count);
    end = add(end, in->middle, 1);
    end = add(end, in->close, in->count);
    end = add(end, in->tail, 1);
    end = add(end, wrap->tail, 1);
    assert_true(end == bytes + len);
    *ret_len = len;
    return bytes;
}

/* ---- entry points --------------------------------------------------------------------------- */

struct host {
    struct meter meter;
    cedar_engine *engine;
    cedar_scratch *scratch;
    cedar_schema *schema;
    cedar_entities *entities;
    cedar_report *report;
};

/* For calls that may well fail. */
static void ignore(cedar_status status) {
    UNUSED(status);
}

/* What can be done with a set that was read. Only that it ends matters here, and how. */
static void use_policies(struct host *h, const cedar_policies *policies) {
    cedar_str out;
    cedar_response response;
    const cedar_explanation *why;
    cedar_request asked = request();
    assert_int_equal(cedar_policies_to_json(h->scratch, policies, &out), CEDAR_OK);
    ignore(cedar_policies_to_text(h->scratch, policies, &out));
    assert_int_equal(cedar_authorize(policies, h->entities, &asked, h->scratch, &response),
                     CEDAR_OK);
    ignore(cedar_explain(policies, h->entities, &asked, h->scratch, NULL, &why));
    ignore(cedar_validate(policies, h->schema, NULL, NULL));
    ignore(cedar_lint(policies, NULL, NULL, NULL));
}

static cedar_status read_policies(struct host *h, cedar_str input) {
    cedar_policies *policies = NULL;
    cedar_status status = cedar_policies_parse(h->engine, input, "in", &policies, &h->report);
    assert_true((status == CEDAR_OK) == (policies != NULL));
    if (status == CEDAR_OK) {
        use_policies(h, policies);
    }
    cedar_policies_unref(policies);
    return status;
}

static cedar_status read_policies_json(struct host *h, cedar_str input) {
    cedar_policies *policies = NULL;
    cedar_status status = cedar_policies_parse_json(h->engine, input, "in", &policies, &h->report);
    assert_true((status == CEDAR_OK) == (policies != NULL));
    if (status == CEDAR_OK) {
        use_policies(h, policies);
    }
    cedar_policies_unref(policies);
    return status;
}

static cedar_status read_links_json(struct host *h, cedar_str input) {
    cedar_policies_builder *builder = NULL;
    cedar_policies *policies = NULL;
    assert_int_equal(cedar_policies_builder_new(h->engine, 0, &builder), CEDAR_OK);
    cedar_status status = cedar_policies_builder_add_links_json(builder, input, "in");
    cedar_status built = cedar_policies_builder_build(builder, &policies, &h->report);
    assert_true(status == CEDAR_OK || built != CEDAR_OK);
    cedar_policies_unref(policies);
    cedar_policies_builder_free(builder);
    return built;
}

static cedar_status read_schema(struct host *h, cedar_str input, cedar_format format) {
    cedar_schema *schema = NULL;
    cedar_str out;
    cedar_status status = cedar_schema_parse(h->engine, input, format, "in", &schema, &h->report);
    assert_true((status == CEDAR_OK) == (schema != NULL));
    if (status == CEDAR_OK) {
        ignore(cedar_schema_to_text(h->scratch, schema, &out, NULL));
        assert_int_equal(cedar_schema_to_json(h->scratch, schema, &out), CEDAR_OK);
        assert_int_equal(cedar_schema_to_json_resolved(h->scratch, schema, &out), CEDAR_OK);
    }
    cedar_schema_unref(schema);
    return status;
}

static cedar_status read_schema_text(struct host *h, cedar_str input) {
    return read_schema(h, input, CEDAR_FORMAT_CEDAR);
}

static cedar_status read_schema_json(struct host *h, cedar_str input) {
    return read_schema(h, input, CEDAR_FORMAT_JSON);
}

static cedar_status translate_text(struct host *h, cedar_str input) {
    cedar_str out;
    return cedar_schema_translate(h->scratch, input, CEDAR_FORMAT_CEDAR, "in", CEDAR_FORMAT_JSON,
                                  &out, &h->report);
}

static cedar_status translate_json(struct host *h, cedar_str input) {
    cedar_str out;
    return cedar_schema_translate(h->scratch, input, CEDAR_FORMAT_JSON, "in", CEDAR_FORMAT_CEDAR,
                                  &out, &h->report);
}

static cedar_status read_entities(struct host *h, cedar_str input) {
    cedar_entities *entities = NULL;
    cedar_status status =
        cedar_entities_parse_json(h->engine, input, NULL, "in", &entities, &h->report);
    assert_true((status == CEDAR_OK) == (entities != NULL));
    cedar_entities_unref(entities);
    return status;
}

static cedar_status read_entities_with_schema(struct host *h, cedar_str input) {
    cedar_entities *entities = NULL;
    cedar_status status =
        cedar_entities_parse_json(h->engine, input, h->schema, "in", &entities, &h->report);
    cedar_entities_unref(entities);
    return status;
}

static cedar_status read_update(struct host *h, cedar_str input) {
    cedar_entities_update *update = NULL;
    cedar_entities *entities = NULL;
    assert_int_equal(cedar_entities_update_new(h->entities, NULL, &update), CEDAR_OK);
    cedar_status status = cedar_entities_update_upsert_json(update, input, "in", &h->report);
    if (status == CEDAR_OK) {
        status = cedar_entities_update_publish(update, &entities, &h->report);
        assert_true((status == CEDAR_OK) == (entities != NULL));
    }
    cedar_entities_unref(entities);
    cedar_entities_update_free(update);
    return status;
}

static cedar_status read_overlay(struct host *h, cedar_str input) {
    cedar_overlay *overlay = NULL;
    assert_int_equal(cedar_overlay_new(h->scratch, h->entities, NULL, &overlay), CEDAR_OK);
    cedar_status status = cedar_overlay_add_json(overlay, input, &h->report);
    return status != CEDAR_OK ? status : cedar_overlay_finish(overlay, &h->report);
}

static cedar_status read_context(struct host *h, cedar_str input) {
    const cedar_value *context = NULL;
    cedar_str out;
    cedar_status status =
        cedar_context_parse_json(h->scratch, input, NULL, NULL, &context, &h->report);
    if (status == CEDAR_OK) {
        assert_int_equal(cedar_value_format(h->scratch, context, &out), CEDAR_OK);
    }
    return status;
}

static cedar_status read_context_with_schema(struct host *h, cedar_str input) {
    const cedar_value *context = NULL;
    cedar_uid action = uid("Action", "view");
    return cedar_context_parse_json(h->scratch, input, h->schema, &action, &context, &h->report);
}

static cedar_status read_uid(struct host *h, cedar_str input) {
    cedar_uid read;
    cedar_str out;
    cedar_status status = cedar_uid_parse(h->scratch, input, &read, &h->report);
    if (status == CEDAR_OK) {
        assert_int_equal(cedar_uid_format(h->scratch, read, &out), CEDAR_OK);
    }
    return status;
}

static cedar_status evaluate(struct host *h, cedar_str input) {
    const cedar_value *value = NULL;
    cedar_str out;
    cedar_request asked = request();
    cedar_status status =
        cedar_evaluate(h->scratch, input, h->entities, &asked, &value, &h->report);
    if (status == CEDAR_OK) {
        assert_int_equal(cedar_value_format(h->scratch, value, &out), CEDAR_OK);
    }
    return status;
}

static cedar_status check_expression(struct host *h, cedar_str input) {
    return cedar_expression_check(h->scratch, input, &h->report);
}

static cedar_status format(struct host *h, cedar_str input) {
    cedar_str out;
    return cedar_policies_format(h->scratch, input, "in", NULL, &out, &h->report);
}

#define POLICY_JSON                                                            \
    "{\"effect\":\"permit\",\"principal\":{\"op\":\"All\"},\"action\":{"       \
    "\"op\":\"All\"},\"resource\":{\"op\":\"All\"},\"conditions\":[{\"kind\":" \
    "\"when\",\"body\":"
#define ENTITY_JSON "[{\"uid\":{\"type\":\"U\",\"id\":\"a\"},\"parents\":[],\"attrs\":{\"a\":"

static const struct entry {
    const char *name;
    cedar_status (*call)(struct host *h, cedar_str input);
    struct wrap wraps[WRAPS_MAX]; /* besides the input as it is; up to the first without a head */
} entries[] = {
    {"policies",
     read_policies,
     {{"permit(principal,action,resource)when{", "};"},
      {"@a(", ")permit(principal,action,resource);"},
      {"permit(principal==", ",action,resource);"}}},
    {"policies JSON",
     read_policies_json,
     {{POLICY_JSON, "}]}"},
      {"{\"staticPolicies\":{\"a\":", "}}"},
      {POLICY_JSON "{\"Value\":", "}}]}"}}},
    {"links JSON",
     read_links_json,
     {{"[{\"template_id\":\"a\",\"link_id\":\"b\",\"args\":", "}]"}}},
    {"schema", read_schema_text, {{"entity U = {a: ", "};"}, {"entity U enum [", "];"}}},
    {"schema JSON",
     read_schema_json,
     {{"{\"\":{\"actions\":{},\"entityTypes\":{\"U\":{\"shape\":", "}}}}"}, {"{\"\":", "}"}}},
    {"translate", translate_text, {{"type U = ", ";"}}},
    {"translate JSON",
     translate_json,
     {{"{\"\":{\"actions\":{},\"entityTypes\":{\"U\":{\"shape\":", "}}}}"}, {"{\"\":", "}"}}},
    {"entities",
     read_entities,
     {{ENTITY_JSON, "}}]"}, {"[{\"uid\":", ",\"attrs\":{},\"parents\":[]}]"}}},
    {"entities with schema", read_entities_with_schema, {{ENTITY_JSON, "}}]"}}},
    {"update", read_update, {{ENTITY_JSON, "}}]"}}},
    {"overlay", read_overlay, {{ENTITY_JSON, "}}]"}}},
    {"context", read_context, {{"{\"a\":", "}"}, {"{\"a\":{\"__extn\":", "}}"}}},
    {"context with schema", read_context_with_schema, {{"{\"a\":", "}"}}},
    {"uid", read_uid, {{"U::", ""}}},
    {"evaluate", evaluate, {{"[1, ", "]"}}},
    {"expression", check_expression, {{"[1, ", "]"}}},
    {"format", format, {{"permit(principal,action,resource)when{", "};"}}},
};

/* ---- the table --------------------------------------------------------------------------- */

static void host_init(struct host *h) {
    memset(h, 0, sizeof *h);
    cedar_config config = {.allocator = {meter_resize, &h->meter}};
    assert_int_equal(cedar_engine_new(&config, &h->engine), CEDAR_OK);
    assert_int_equal(cedar_scratch_new(h->engine, (size_t)1 << 30, &h->scratch), CEDAR_OK);
    assert_int_equal(cedar_entities_empty(h->engine, &h->entities), CEDAR_OK);
    assert_int_equal(
        cedar_schema_parse(h->engine,
                           text("entity U = {a: Set<Long>}; entity User; entity Photo; action view "
                                "appliesTo {principal: User, resource: Photo, context: {a: "
                                "Set<String>}};"),
                           CEDAR_FORMAT_CEDAR, "s", &h->schema, NULL),
        CEDAR_OK);
}

static void host_done(struct host *h) {
    cedar_schema_unref(h->schema);
    cedar_entities_unref(h->entities);
    cedar_scratch_free(h->scratch);
    cedar_engine_unref(h->engine);
    assert_int_equal(h->meter.bytes, 0);
}

static size_t wrong; /* cases */

static bool status_is_known(cedar_status status) {
    switch (status) {
    case CEDAR_OK:
    case CEDAR_ERR_LIMIT:
    case CEDAR_ERR_SYNTAX:
    case CEDAR_ERR_SCHEMA:
    case CEDAR_ERR_EVALUATION:
    case CEDAR_ERR_EXISTS:
    case CEDAR_ERR_NOT_FOUND:
    case CEDAR_ERR_UNSUPPORTED:
        return true;
    case CEDAR_ERR_NOMEM:
    case CEDAR_ERR_MISUSE:
    case CEDAR_ERR_INTERNAL:
        break;
    }
    return false;
}

static bool is_readable(cedar_str said) {
    return said.len <= MESSAGE_MAX_BYTES && utf8_is_valid((str){said.ptr, said.len}, NULL);
}

static bool findings_make_sense(const cedar_report *report, size_t input_len) {
    for (size_t i = 0; i < cedar_report_count(report); i++) {
        cedar_finding finding = cedar_report_get(report, i);
        if (finding.message.len == 0 || !is_readable(finding.message) ||
            !is_readable(finding.label) || !is_readable(finding.help)) {
            return false;
        }
        if (finding.has_span && (finding.start > finding.end || finding.end > input_len)) {
            return false;
        }
    }
    return true;
}

static void feed(const struct entry *entry, const struct input *in, size_t wrap_index,
                 bool is_text) {
    static const struct wrap bare = {"", ""};
    struct host host;
    host_init(&host);
    size_t len;
    char *bytes = write_input(in, wrap_index == 0 ? &bare : &entry->wraps[wrap_index - 1], &len);
    cedar_status status = entry->call(&host, (cedar_str){bytes, len});
    bool has_findings = cedar_report_count(host.report) > 0;
    bool is_right = status_is_known(status) && (status == CEDAR_OK || has_findings) &&
                    findings_make_sense(host.report, len) &&
                    host.meter.peak <= memory_factor * len + memory_base &&
                    (is_text || status == CEDAR_ERR_SYNTAX);
    if (!is_right) {
        print_error("%s, wrap %zu, %s%s…%s (%zu bytes): %s, %zu findings, %zu KiB\n", entry->name,
                    wrap_index, in->head, in->part, in->middle, len, cedar_status_name(status),
                    cedar_report_count(host.report), host.meter.peak >> 10);
        for (size_t i = 0; i < cedar_report_count(host.report) && i < 3; i++) {
            cedar_finding finding = cedar_report_get(host.report, i);
            print_error("  %.*s [%zu, %zu]\n",
                        (int)(finding.message.len < 300 ? finding.message.len : 300),
                        finding.message.ptr, finding.start, finding.end);
        }
    }
    cedar_report_free(host.report);
    free(bytes);
    host_done(&host);
    wrong += !is_right;
}

static void feed_all(const struct input *in, bool is_text) {
    for (size_t i = 0; i < LENGTH(entries); i++) {
        for (size_t wrap = 0; wrap <= WRAPS_MAX; wrap++) {
            if (wrap == 0 || (wrap <= WRAPS_MAX && entries[i].wraps[wrap - 1].head != NULL)) {
                feed(&entries[i], in, wrap, is_text);
            }
        }
    }
}

/* Of the inputs every so many belong to this run: the table is too long for one on a slow machine.
 */
static size_t part;
static size_t parts = 1;

static void hostile_texts_are_answered_in_bounded_memory(void **state) {
    UNUSED(state);
    wrong = 0;
    for (size_t i = part; i < LENGTH(inputs); i += parts) {
        feed_all(&inputs[i], true);
    }
    assert_int_equal(wrong, 0);
}

static void what_is_no_utf8_is_refused_everywhere(void **state) {
    UNUSED(state);
    wrong = 0;
    for (size_t i = part; i < LENGTH(broken); i += parts) {
        feed_all(&broken[i], false);
    }
    assert_int_equal(wrong, 0);
}

/* C strings cannot write them, so these are not in the tables. */
static void nul_bytes_are_bytes_like_others(void **state) {
    UNUSED(state);
    static const char *const texts[] = {"#", "1#", "#1", "\"#\"", "{\"a#\":1}", "{#}", "a#::\"\""};
    for (size_t i = 0; i < LENGTH(texts); i++) {
        for (size_t k = 0; k < LENGTH(entries); k++) {
            struct host host;
            char bytes[16];
            size_t len = strlen(texts[i]);
            host_init(&host);
            memcpy(bytes, texts[i], len);
            *(char *)memchr(bytes, '#', len) = '\0';
            cedar_status status = entries[k].call(&host, (cedar_str){bytes, len});
            assert_true(status_is_known(status));
            assert_true(status == CEDAR_OK || cedar_report_count(host.report) > 0);
            assert_true(findings_make_sense(host.report, len));
            cedar_report_free(host.report);
            host_done(&host);
        }
    }
}

/* test_cedar_hostile [PART PARTS]: one digit each */
int main(int argc, char **argv) {
    if (argc == 3) {
        part = (size_t)(argv[1][0] - '0');
        parts = (size_t)(argv[2][0] - '0');
        if (part >= parts || parts > 9) {
            return 2;
        }
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hostile_texts_are_answered_in_bounded_memory),
        cmocka_unit_test(what_is_no_utf8_is_refused_everywhere),
        cmocka_unit_test(nul_bytes_are_bytes_like_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
