/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_REQUEST_H
#define CLI_REQUEST_H
/*
 * A request, from options or from JSON: {"principal": "User::\"a\"", "action": …, "resource": …,
 * "context": {…}}. Members with other names are passed over. The request that is made lives in
 * cli->scratch.
 */
#include "cli/cli.h"

struct request_text {
    str principal; /* absent when not given */
    str action;
    str resource;
    str context; /* JSON; absent: none was given */
    const char *context_name;
};

/* `text` is what `object` was parsed from, `name` its file. An object without context is refused
 * unless `is_context_optional`. */
bool request_read_json(struct cli *cli, const struct json *object, str text, const char *name,
                       bool is_context_optional, struct request_text *ret) MUST_CHECK;

/* With a schema, and unless the options say otherwise, the request must fit it. */
bool request_make(struct cli *cli, const struct request_text *text, const cedar_schema *schema,
                  cedar_request *ret) MUST_CHECK;

#endif
