/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Policies against a schema: two parts, divided by a line `---`.
 *
 *     entity User = {age: Long}; action view appliesTo {principal: User, resource: User};
 *     ---
 *     permit(principal, action, resource) when { principal.age > 17 };
 *
 * What is valid keeps its promise: with entities, contexts and requests that conform to the schema,
 * made up here from its declarations, no policy fails for the type of a value, an attribute or a
 * tag, and one that was called impossible is never satisfied. (Overflow, entities that are not
 * there and times out of range are no matter of types.) What strict mode accepts, permissive mode
 * accepts; what 4.12 accepts, the current version accepts; a level only adds errors, and a higher
 * one fewer of them. That the made up data conform is a property of the readers.
 */
#include "fuzz.h"

#include "base/buf.h"

#include "cedar.h"

enum {
    SCRATCH_MAX = 16 << 20,
    OBJECT_MAX = 64 << 20,
    DEPTH_MAX = 60,
    DATA_MAX = 1 << 18,
    TYPES_MAX = 40,
    REQUESTS_MAX = 24,
    ENVIRONMENTS_MAX = 1000,
    POLLS_MAX = 200,
};

struct world {
    cedar_engine *engine;
    cedar_scratch *scratch;
    cedar_schema *schema;
    cedar_policies *policies;
    cedar_entities *entities;
    cedar_report *report; /* of the validation that the promise comes from */
    uint64_t random;
    int polls;
};

static str inner(cedar_str text) {
    return (str){text.ptr, text.len};
}

static cedar_str outer(str text) {
    return (cedar_str){text.ptr, text.len};
}

static uint64_t next_random(struct world *w) {
    uint64_t x = w->random += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

static size_t below(struct world *w, size_t count) {
    return (size_t)(next_random(w) % count);
}

/* ---- data that conforms ---- */

static void add_string(struct buf *out, str text) {
    static const char digits[] = "0123456789abcdef";
    buf_add_byte(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        unsigned char byte = (unsigned char)text.ptr[i];
        if (byte == '"' || byte == '\\' || byte < 0x20) {
            buf_add_c(out, "\\u00");
            buf_add_byte(out, digits[byte >> 4]);
            buf_add_byte(out, digits[byte & 15]);
        } else {
            buf_add_byte(out, text.ptr[i]);
        }
    }
    buf_add_byte(out, '"');
}

/* An id that entities of the type may have; the entity need not be there. */
static cedar_str some_id(struct world *w, cedar_str type) {
    static const char *const ids[] = {"x", "y", "z"};
    size_t index = cedar_schema_find_entity_type(w->schema, type);
    cedar_entity_type info = cedar_schema_entity_type(w->schema, index);
    if (info.kind == CEDAR_ENTITY_ENUM) {
        return info.ids[below(w, info.id_count)];
    }
    if (info.kind == CEDAR_ENTITY_PLAIN) {
        return cedar_str_from(ids[below(w, 3)]);
    }
    size_t count = cedar_schema_action_count(w->schema);
    size_t start = below(w, count);
    for (size_t i = 0; i < count; i++) {
        cedar_action action = cedar_schema_action(w->schema, (start + i) % count);
        if (str_equal(inner(action.uid.type), inner(type))) {
            return action.uid.id;
        }
    }
    return cedar_str_from("x"); /* not reached: the type is there because of an action */
}

static void add_uid(struct buf *out, cedar_uid uid) {
    buf_add_c(out, "{\"type\":");
    add_string(out, inner(uid.type));
    buf_add_c(out, ",\"id\":");
    add_string(out, inner(uid.id));
    buf_add_byte(out, '}');
}

static void add_call(struct buf *out, const char *function, const char *argument) {
    buf_add_c(out, "{\"__extn\":{\"fn\":\"");
    buf_add_c(out, function);
    buf_add_c(out, "\",\"arg\":\"");
    buf_add_c(out, argument);
    buf_add_c(out, "\"}}");
}

static void add_value(struct world *w, struct buf *out, const cedar_type *type);

static void add_record(struct world *w, struct buf *out, const cedar_type *type) {
    cedar_type_info info = cedar_type_get(type);
    bool is_first = true;
    buf_add_byte(out, '{');
    for (size_t i = 0; i < info.attribute_count && out->error == ERR_OK; i++) {
        cedar_attribute attribute = cedar_type_attribute(type, i);
        if (attribute.is_required || below(w, 2) == 0) {
            buf_add_c(out, is_first ? "" : ",");
            add_string(out, inner(attribute.name));
            buf_add_byte(out, ':');
            add_value(w, out, attribute.type);
            is_first = false;
        }
    }
    buf_add_byte(out, '}');
}

static void add_set(struct world *w, struct buf *out, const cedar_type *element) {
    size_t count = below(w, 3);
    buf_add_byte(out, '[');
    for (size_t i = 0; i < count && out->error == ERR_OK; i++) {
        buf_add_c(out, i == 0 ? "" : ",");
        add_value(w, out, element);
    }
    buf_add_byte(out, ']');
}

static void add_value(struct world *w, struct buf *out, const cedar_type *type) {
    static const char *const numbers[] = {"0", "1", "-3", "9223372036854775807"};
    static const char *const strings[] = {"\"\"", "\"x\"", "\"k\"", "\"a.b*\""};
    cedar_type_info info = cedar_type_get(type);
    switch (info.kind) {
    case CEDAR_TYPE_BOOL:
        buf_add_c(out, below(w, 2) == 0 ? "true" : "false");
        return;
    case CEDAR_TYPE_LONG:
        buf_add_c(out, numbers[below(w, 4)]);
        return;
    case CEDAR_TYPE_STRING:
        buf_add_c(out, strings[below(w, 4)]);
        return;
    case CEDAR_TYPE_DECIMAL:
        add_call(out, "decimal", below(w, 2) == 0 ? "1.0" : "-0.5");
        return;
    case CEDAR_TYPE_IPADDR:
        add_call(out, "ip", below(w, 2) == 0 ? "10.0.0.1/8" : "::1");
        return;
    case CEDAR_TYPE_DATETIME:
        add_call(out, "datetime", below(w, 2) == 0 ? "1970-01-01" : "2024-02-29T12:00:00Z");
        return;
    case CEDAR_TYPE_DURATION:
        add_call(out, "duration", below(w, 2) == 0 ? "1h30m" : "-1d");
        return;
    case CEDAR_TYPE_ENTITY:
        buf_add_c(out, "{\"__entity\":");
        add_uid(out, (cedar_uid){info.entity_type, some_id(w, info.entity_type)});
        buf_add_byte(out, '}');
        return;
    case CEDAR_TYPE_SET:
        add_set(w, out, info.element);
        return;
    case CEDAR_TYPE_RECORD:
        add_record(w, out, type);
        return;
    }
}

/* `x` may be below `y`, so there are no cycles. */
static void add_parents(struct world *w, struct buf *out, const cedar_entity_type *type,
                        bool has_any) {
    bool is_first = true;
    buf_add_c(out, ",\"parents\":[");
    for (size_t i = 0; has_any && i < type->parent_count; i++) {
        size_t index = cedar_schema_find_entity_type(w->schema, type->parents[i]);
        cedar_entity_type parent = cedar_schema_entity_type(w->schema, index);
        cedar_str id = parent.kind == CEDAR_ENTITY_ENUM ? parent.ids[0] : cedar_str_from("y");
        if (below(w, 2) == 0) {
            buf_add_c(out, is_first ? "" : ",");
            add_uid(out, (cedar_uid){parent.name, id});
            is_first = false;
        }
    }
    buf_add_byte(out, ']');
}

static void add_tags(struct world *w, struct buf *out, const cedar_entity_type *type) {
    static const char *const names[] = {"x", "k", "a.b*"};
    if (type->tags == NULL) {
        return;
    }
    buf_add_c(out, ",\"tags\":{");
    bool is_first = true;
    for (size_t i = 0; i < 3; i++) {
        if (below(w, 2) == 0) {
            buf_add_c(out, is_first ? "\"" : ",\"");
            buf_add_c(out, names[i]);
            buf_add_c(out, "\":");
            add_value(w, out, type->tags);
            is_first = false;
        }
    }
    buf_add_byte(out, '}');
}

static void add_entity(struct world *w, struct buf *out, const cedar_entity_type *type,
                       const char *id, bool has_parents) {
    buf_add_c(out, out->len == 1 ? "" : ",");
    buf_add_c(out, "{\"uid\":");
    add_uid(out, (cedar_uid){type->name, cedar_str_from(id)});
    buf_add_c(out, ",\"attrs\":");
    add_record(w, out, type->attributes);
    add_parents(w, out, type, has_parents);
    add_tags(w, out, type);
    buf_add_byte(out, '}');
}

/* False when the schema is too large for the data to be of use. */
static bool make_entities(struct world *w) {
    struct buf json;
    buf_init(&json, allocator_libc(), DATA_MAX);
    buf_add_byte(&json, '[');
    size_t count = cedar_schema_entity_type_count(w->schema);
    for (size_t i = 0; i < count && i < TYPES_MAX; i++) {
        cedar_entity_type type = cedar_schema_entity_type(w->schema, i);
        if (type.kind == CEDAR_ENTITY_PLAIN) {
            add_entity(w, &json, &type, "x", true);
            add_entity(w, &json, &type, "y", false);
        }
    }
    buf_add_byte(&json, ']');
    str text;
    cedar_status status = CEDAR_ERR_LIMIT;
    if (buf_finish(&json, &text) == ERR_OK) {
        status = cedar_entities_parse_json(w->engine, outer(text), w->schema, "entities",
                                           &w->entities, NULL);
    }
    FUZZ_CHECK(status == CEDAR_OK || status == CEDAR_ERR_LIMIT);
    buf_done(&json);
    return status == CEDAR_OK;
}

static bool make_context(struct world *w, const cedar_environment *env,
                         const cedar_value **ret_context) {
    struct buf json;
    buf_init(&json, allocator_libc(), DATA_MAX);
    add_record(w, &json, env->context);
    str text;
    cedar_status status = CEDAR_ERR_LIMIT;
    if (buf_finish(&json, &text) == ERR_OK) {
        status = cedar_context_parse_json(w->scratch, outer(text), w->schema, &env->action,
                                          ret_context, NULL);
    }
    FUZZ_CHECK(status == CEDAR_OK || status == CEDAR_ERR_LIMIT);
    buf_done(&json);
    return status == CEDAR_OK;
}

/* ---- the promise ---- */

static bool is_expired(void *ctx) {
    struct world *w = ctx;
    return ++w->polls > POLLS_MAX;
}

static bool contains(cedar_str message, const char *part) {
    return str_find(inner(message), str_c(part)) != SIZE_MAX;
}

static bool is_broken_promise(cedar_str message) {
    return str_has_prefix(inner(message), STR("type error")) ||
           contains(message, "does not have the attribute") ||
           contains(message, "does not have the tag") ||
           contains(message, "wrong number of arguments");
}

static bool is_called_impossible(const struct world *w, cedar_str policy_id) {
    for (size_t i = 0; i < cedar_report_count(w->report); i++) {
        cedar_finding finding = cedar_report_get(w->report, i);
        if (str_equal(inner(finding.kind), STR("impossible-policy")) &&
            str_equal(inner(finding.policy_id), inner(policy_id))) {
            return true;
        }
    }
    return false;
}

static void check_request(struct world *w, const cedar_environment *env) {
    cedar_request request = {
        .principal = {env->principal_type, some_id(w, env->principal_type)},
        .action = env->action,
        .resource = {env->resource_type, some_id(w, env->resource_type)},
        .is_expired = is_expired,
        .expired_ctx = w,
    };
    cedar_response response;
    cedar_scratch_reset(w->scratch);
    if (!make_context(w, env, &request.context)) {
        return;
    }
    cedar_status status = cedar_request_validate(w->scratch, w->schema, &request, NULL);
    FUZZ_CHECK(status == CEDAR_OK || status == CEDAR_ERR_LIMIT);
    w->polls = 0;
    if (cedar_authorize(w->policies, w->entities, &request, w->scratch, &response) != CEDAR_OK) {
        return;
    }
    for (size_t i = 0; i < response.error_count; i++) {
        FUZZ_CHECK(!is_broken_promise(response.errors[i].message));
    }
    for (size_t i = 0; i < response.reason_count; i++) {
        FUZZ_CHECK(!is_called_impossible(w, response.reasons[i]));
    }
}

static void check_promise(struct world *w) {
    size_t count = cedar_schema_environment_count(w->schema);
    if (count == 0 || !make_entities(w)) {
        return;
    }
    for (size_t i = 0; i < REQUESTS_MAX; i++) {
        cedar_environment env = cedar_schema_environment(
            w->schema, count <= REQUESTS_MAX ? i % count : below(w, count));
        check_request(w, &env);
    }
}

/* ---- options ---- */

static size_t count_errors(const cedar_report *report) {
    size_t errors = 0;
    for (size_t i = 0; i < cedar_report_count(report); i++) {
        cedar_finding finding = cedar_report_get(report, i);
        errors += finding.severity == CEDAR_ERROR;
        FUZZ_CHECK(finding.message.len > 0 && finding.kind.len > 0);
        FUZZ_CHECK(finding.severity == CEDAR_ERROR || errors <= i); /* errors come first */
        FUZZ_CHECK(!finding.has_span || finding.start <= finding.end);
    }
    return errors;
}

/* How many errors; SIZE_MAX when a limit was met. */
static size_t validate(const struct world *w, const cedar_validate_options *options) {
    cedar_report *report = NULL;
    cedar_status status = cedar_validate(w->policies, w->schema, options, &report);
    size_t errors = count_errors(report);
    FUZZ_CHECK(status == CEDAR_OK || status == CEDAR_ERR_SCHEMA || status == CEDAR_ERR_LIMIT);
    FUZZ_CHECK(status == CEDAR_ERR_LIMIT || (errors > 0) == (status == CEDAR_ERR_SCHEMA));
    cedar_report_free(report);
    return status == CEDAR_ERR_LIMIT ? SIZE_MAX : errors;
}

static void check_options(const struct world *w) {
    cedar_validate_options permissive = {.mode = CEDAR_VALIDATE_PERMISSIVE};
    cedar_validate_options old = {.compat = CEDAR_COMPAT_4_12};
    size_t strict = validate(w, NULL);
    if (strict == SIZE_MAX) {
        return;
    }
    FUZZ_CHECK(strict > 0 || validate(w, &permissive) == 0);
    FUZZ_CHECK(strict == 0 || validate(w, &old) > 0);
    size_t before = SIZE_MAX;
    for (uint32_t level = 0; level < 4; level++) {
        cedar_validate_options leveled = {.has_level = true, .level = level};
        size_t errors = validate(w, &leveled);
        FUZZ_CHECK(errors >= strict && errors <= before);
        before = errors;
    }
}

static void check(struct world *w) {
    cedar_validate_options permissive = {.mode = CEDAR_VALIDATE_PERMISSIVE};
    check_options(w);
    if (cedar_validate(w->policies, w->schema, &permissive, &w->report) == CEDAR_OK) {
        check_promise(w);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    cedar_config config = {.max_object_bytes = OBJECT_MAX, .max_depth = DEPTH_MAX};
    struct world w = {.random = size};
    str input = fuzz_input(data, size);
    str mark = STR("\n---\n");
    size_t at = str_find(input, mark);
    if (at == SIZE_MAX) {
        return 0;
    }
    str schema = str_slice(input, 0, at);
    str policies = str_slice(input, at + mark.len, input.len);
    FUZZ_CHECK(cedar_engine_new(&config, &w.engine) == CEDAR_OK);
    FUZZ_CHECK(cedar_scratch_new(w.engine, SCRATCH_MAX, &w.scratch) == CEDAR_OK);
    if (cedar_schema_parse(w.engine, outer(schema), CEDAR_FORMAT_CEDAR, NULL, &w.schema, NULL) ==
            CEDAR_OK &&
        cedar_schema_environment_count(w.schema) <= ENVIRONMENTS_MAX &&
        cedar_policies_parse(w.engine, outer(policies), NULL, &w.policies, NULL) == CEDAR_OK) {
        check(&w);
    }
    cedar_report_free(w.report);
    cedar_entities_unref(w.entities);
    cedar_policies_unref(w.policies);
    cedar_schema_unref(w.schema);
    cedar_scratch_free(w.scratch);
    cedar_engine_unref(w.engine);
    return 0;
}
