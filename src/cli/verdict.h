/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_VERDICT_H
#define CLI_VERDICT_H
/*
 * What a look at a whole set of policies found: the common end of `cedar validate` and
 * `cedar lint`, in every form of --output.
 */
#include "cli/schemas.h"

struct verdict {
    const char *passed; /* the headline when all is well */
    const char *failed;
    const char *nothing; /* below it when nothing was found; NULL: "no errors or warnings" */
    const cedar_policies *policies;
    const struct schema_files *files;
    const cedar_report *report; /* may be NULL: nothing found */
    int status;                 /* CLI_OK or CLI_INVALID */
};

/* CLI_INVALID for errors, or for warnings where --deny-warnings is given. */
int verdict_status(const struct cli *cli, bool has_errors, const cedar_report *report);

void verdict_print(struct cli *cli, const struct verdict *verdict);

/* Reads the policies and the schema, if there is one, and calls `judge` with them. */
typedef int verdict_judge(struct cli *cli, const cedar_policies *policies,
                          const cedar_schema *schema, const struct schema_files *files);
int verdict_run(struct cli *cli, verdict_judge *judge);

#endif
