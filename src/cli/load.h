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
bool load_schema_file(struct cli *cli, const char *path, cedar_schema **ret) MUST_CHECK;
/* Errors with the headline, or the warnings of a good schema, which go to standard error. */
void load_schema_report(struct cli *cli, const char *headline, cedar_status status,
                        const cedar_report *report);
/* An empty store without --entities. */
bool load_entities(struct cli *cli, const cedar_schema *schema, cedar_entities **ret) MUST_CHECK;
/* With a schema, and unless told otherwise, the request must fit it. */
bool load_request(struct cli *cli, const cedar_schema *schema, cedar_request *ret) MUST_CHECK;

/* A file's text, `-` is standard input. `what` is for the headline: "schema". */
bool load_file(struct cli *cli, const char *path, const char *what, str *ret) MUST_CHECK;
/* A file of JSON, with its text, which the tree's offsets point into. */
bool load_json(struct cli *cli, const char *path, const char *what, const struct json **ret_json,
               str *ret_text) MUST_CHECK;
/* What a text is in. JSON begins with a brace; neither policies nor schemas in Cedar's own syntax
 * do, so auto cannot be wrong. */
cedar_format load_format_of(enum text_format wanted, str text);
/* How a path is called in reports. */
const char *load_shown_name(const char *path);
/* Remembers a text, so that reports can show the lines around a place. */
void load_remember(struct cli *cli, const char *name, str text);
/* printf into the arena, for headlines; the format itself when there is no memory. */
const char *load_phrase(struct cli *cli, const char *format, ...) PRINTF_LIKE(2, 3);

/* The limits of the tool, not of a service: whole files are read. */
extern const struct json_limits load_json_limits;

#endif
