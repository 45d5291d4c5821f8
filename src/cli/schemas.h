/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_SCHEMAS_H
#define CLI_SCHEMAS_H
/*
 * The schema of `cedar validate`: files and directories of --schema, or what lies beside the
 * policies.
 *
 * Beside the policies means below a directory of --policies, as policy-service looks for it; or, if
 * there is none, next to that directory or next to a file of --policies.
 */
#include "cli/cli.h"

struct schema_files {
    const char **paths;
    size_t count;
    bool is_found; /* beside the policies: the options do not name them */
};

/* Which files make the schema; none is no error. Reports and false when a folder cannot be read,
 * when --schema names an empty one, or when several schemas lie beside the policies. */
bool schemas_choose(struct cli *cli, struct schema_files *ret) MUST_CHECK;

/* Reads them as one schema; *ret is NULL when there are none. */
bool schemas_load(struct cli *cli, const struct schema_files *files, cedar_schema **ret) MUST_CHECK;

/* The folder that a path lies in, where a schema beside it is looked for. */
const char *schemas_folder_of(struct cli *cli, const char *path);

#endif
