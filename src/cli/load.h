/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_LOAD_H
#define CLI_LOAD_H
/*
 * Inputs of commands: policies, schema, entities, request, as the options name them.
 *
 * Each function prints its report and returns false when the input is bad, so that a command can
 * try all of them and show every mistake at once. What is returned is freed with the object's
 * _unref; the request lives in the scratch.
 */
#include "cli/cli.h"

/* With --policy-format and --template-linked. */
bool load_policies(struct cli *cli, cedar_policies **ret) MUST_CHECK;
/* Whatever these options say; `links` may be NULL, `links_optional`: the file need not exist. */
bool load_policies_as(struct cli *cli, enum text_format format, const char *links,
                      bool links_optional, cedar_policies **ret) MUST_CHECK;
/* *ret is NULL without --schema. */
bool load_schema(struct cli *cli, cedar_schema **ret) MUST_CHECK;
/* An empty store without --entities. */
bool load_entities(struct cli *cli, const cedar_schema *schema, cedar_entities **ret) MUST_CHECK;
/* With a schema, and unless told otherwise, the request must fit it. */
bool load_request(struct cli *cli, const cedar_schema *schema, cedar_request *ret) MUST_CHECK;

/* A file's text; says `headline` when it cannot be read. */
bool load_file(struct cli *cli, const char *path, const char *headline, str *ret) MUST_CHECK;

#endif
