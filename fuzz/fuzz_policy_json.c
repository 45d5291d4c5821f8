/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Policies as JSON. What is read is written and read again as the same tree and the same JSON,
 * and its text, where it has one, parses to the same tree. What is refused has a finding. Inputs
 * that are no JSON are read as policy text and take the same way round.
 */
#include "fuzz.h"

#include "cedar/ast/equal.h"
#include "cedar/ext/functions.h"
#include "cedar/json/policy.h"
#include "cedar/text/print.h"

enum { ARENA_MAX = 256 << 20, TEXT_MAX = 16 << 20, DEPTH_MAX = 100 };

static const struct parse_limits limits = {.max_bytes = TEXT_MAX, .max_depth = DEPTH_MAX};
/* A text printed from a tree has parentheses and longer paths. */
static const struct parse_limits wide = {.max_bytes = TEXT_MAX, .max_depth = 40 * DEPTH_MAX};

struct run {
    struct arena arena;
    struct arena temp;
    struct diag_list diags;
};

static bool read_json(struct run *run, str text, struct ast_policy *ret) {
    struct json_limits json_limits = policy_json_limits(&limits);
    const struct json *json = NULL;
    if (json_parse(&run->arena, text, &json_limits, &json, NULL) != ERR_OK) {
        return false;
    }
    err error = policy_json_read(&run->arena, json, STR("p"), &limits, &run->diags, ret);
    if (error != ERR_OK) {
        FUZZ_CHECK(run->diags.items.count > 0 || arena_error(&run->arena) != ERR_OK);
        return false;
    }
    FUZZ_CHECK(run->diags.items.count == 0);
    return true;
}

static bool write_json(struct run *run, const struct ast_policy *policy, str *ret) {
    struct buf out;
    buf_init_arena(&out, &run->arena, TEXT_MAX);
    policy_json_write(&out, &run->temp, policy);
    return buf_finish(&out, ret) == ERR_OK;
}

/* Only JSON can say it: a method without a receiver, a path with names that are no identifiers. */
static bool has_text(str text) {
    const struct ext_function *function;
    for (size_t i = 0; i < ext_function_count(); i++) {
        function = ext_function_get(i);
        for (size_t at = 0; function->style == EXT_METHOD && at < text.len; at++) {
            str rest = str_slice(text, at, text.len);
            bool is_word = at > 0 && (byte_is_alnum(text.ptr[at - 1]) || text.ptr[at - 1] == '_');
            if (str_has_prefix(rest, function->name) && !is_word &&
                (at == 0 || text.ptr[at - 1] != '.')) {
                return false;
            }
        }
    }
    return true;
}

static bool has_wide_path(str json) {
    return str_find(json, STR("\"attr\":[")) != SIZE_MAX;
}

static void check_text(struct run *run, const struct ast_policy *policy, str json) {
    struct buf out;
    const struct ast_policy_set *set = NULL;
    buf_init_arena(&out, &run->arena, TEXT_MAX);
    print_policy(&out, &run->temp, policy);
    if (out.error != ERR_OK || !has_text(buf_str(&out))) {
        return;
    }
    err error = parse_policy_set(&run->arena, buf_str(&out), &wide, &set, &run->diags);
    FUZZ_CHECK(error == ERR_OK && set->count == 1);
    FUZZ_CHECK(has_wide_path(json) || ast_policy_equal(policy, &set->policies[0]));
}

static void check(struct run *run, const struct ast_policy *policy, bool is_text) {
    str json;
    str again_json;
    struct ast_policy again;
    if (!write_json(run, policy, &json) || !read_json(run, json, &again)) {
        FUZZ_CHECK(run->diags.items.count == 0 || is_text); /* text nests a little deeper */
        return;
    }
    bool is_list_of_one = policy->action.is_list && policy->action.list_count == 1;
    FUZZ_CHECK((is_text && is_list_of_one) || ast_policy_equal(policy, &again));
    if (write_json(run, &again, &again_json)) {
        FUZZ_CHECK(str_equal(json, again_json));
    }
    check_text(run, policy, json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    str text = fuzz_input(data, size);
    struct run run;
    struct ast_policy policy;
    const struct ast_policy_set *set = NULL;
    arena_init(&run.arena, allocator_libc(), ARENA_MAX);
    arena_init(&run.temp, allocator_libc(), ARENA_MAX);
    diag_list_init(&run.diags, &run.arena);
    if (read_json(&run, text, &policy)) {
        check(&run, &policy, false);
    } else if (parse_policy_set(&run.arena, text, &limits, &set, NULL) == ERR_OK) {
        for (size_t i = 0; i < set->count; i++) {
            check(&run, &set->policies[i], true);
        }
    }
    arena_done(&run.temp);
    arena_done(&run.arena);
    return 0;
}
