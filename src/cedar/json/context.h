/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_JSON_CONTEXT_H
#define CEDAR_JSON_CONTEXT_H
/*
 * The context of a request from a JSON object (maps: §1.8, corner 38).
 *
 * With a schema the action chooses the context type: implicit escapes work, and missing or
 * unexpected attributes are errors here, with or without request validation; a value of the
 * wrong type is left to conform_request. An undeclared action is an error.
 */
#include "cedar/json/entities.h"

/* The value is a record in `a` and keeps nothing of `text`. `action` is only used with a schema
 * and then must not be NULL. */
err context_json_read(struct arena *a, const struct hash_key *key, str text,
                      const struct data_options *options, const struct uid *action,
                      struct diag_list *diags, struct value *ret) MUST_CHECK;

#endif
