/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_JSON_POLICY_H
#define CEDAR_JSON_POLICY_H
/*
 * Policies as JSON (maps: §1.7) to and from the syntax tree.
 *
 *     {"effect": "permit", "principal": {"op": "All"}, "action": …, "resource": …,
 *      "conditions": [{"kind": "when", "body": EXPR}], "annotations": {…}}
 *
 * Reading is strict: unknown fields, several keys in an expression, misplaced slots and unknown
 * functions are refused, with the reference's messages and the place in the text. What is read is
 * copied: the tree lives in the arena and keeps nothing of the JSON. Literals (`Value`) become
 * ordinary nodes with a mark, so that writing gives the same JSON again; of a pattern's literals
 * only the characters are kept. The first finding ends the reading of its policy.
 *
 * Results: ERR_OK; ERR_SYNTAX (a finding); ERR_LIMIT (nested too deeply: a finding; or the arena
 * is full: none); ERR_NOMEM. Nesting is bounded by max_depth as in text/parse.h; chains of one
 * operator nest nothing, however deep their JSON is, if its reader allows that.
 */
#include "base/json.h"
#include "cedar/ast/diag.h"
#include "cedar/text/parse.h"

/* A template-linked policy: `values` are in the order of the slots, absent types for none. */
struct policy_link {
    str template_id;
    str new_id;
    struct ast_span span;
    bool has_principal;
    bool has_resource;
    struct ast_uid principal;
    struct ast_uid resource;
};

/* All of a policy set, in the order of the text: policies and templates with their ids. */
struct policy_set_json {
    bool is_single; /* one policy, which has no id of its own */
    size_t count;
    const struct ast_policy *policies;
    size_t link_count;
    const struct policy_link *links;
};

/* Limits for the JSON below: depth is counted by the readers of this header instead. */
struct json_limits policy_json_limits(const struct parse_limits *limits);

/* One policy or template; `id` is borrowed. */
err policy_json_read(struct arena *a, const struct json *json, str id,
                     const struct parse_limits *limits, struct diag_list *diags,
                     struct ast_policy *ret) MUST_CHECK;

/* {"staticPolicies": {id: policy}, "templates": {id: template}, "templateLinks": [{"templateId",
 * "newId", "values": {"?principal": entity}}]}; or one policy, which gets the id "JSON policy". */
err policy_set_json_read(struct arena *a, const struct json *json,
                         const struct parse_limits *limits, struct diag_list *diags,
                         struct policy_set_json *ret) MUST_CHECK;

/* An array of links, as the files of the command line have them: {"template_id", "link_id",
 * "args": {"?principal": "Type::\"id\""}}. */
err policy_links_json_read(struct arena *a, const struct json *json,
                           const struct parse_limits *limits, struct diag_list *diags,
                           const struct policy_link **ret, size_t *ret_count) MUST_CHECK;

/* Compact JSON. `temp` is used for sorting and is as before afterwards; it must not be the arena
 * that `out` grows in. */
void policy_json_write(struct buf *out, struct arena *temp, const struct ast_policy *policy);
void policy_json_write_link(struct buf *out, const struct policy_link *link);

#endif
