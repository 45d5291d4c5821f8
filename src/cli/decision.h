/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_DECISION_H
#define CLI_DECISION_H
/*
 * Answers of cedar_authorize in words and in JSON.
 */
#include "cli/cli.h"

static inline const char *decision_name(cedar_decision decision) {
    return decision == CEDAR_ALLOW ? "ALLOW" : "DENY";
}

/* The id of a policy in a text, escaped as the reference prints it: `it\'s`. Uses the scratch. */
void decision_add_id(struct cli *cli, struct buf *out, str id);

/* "error while evaluating policy `id`: message" */
void decision_add_error(struct cli *cli, struct buf *out, const cedar_policy_error *error);

/* Members "decision", "reasons" and "errors". */
void decision_json(struct json_writer *w, const cedar_response *response);

/* Of the monotonic clock. */
int64_t decision_now_ns(void);

/* --request-file: one request per line, one answer per line. Returns the exit status. */
int batch_run(struct cli *cli, const char *path, const cedar_policies *policies,
              const cedar_entities *entities, const cedar_schema *schema);

#endif
