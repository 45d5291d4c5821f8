/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_JSON_ENTITIES_H
#define CEDAR_JSON_ENTITIES_H
/*
 * Entities JSON -> entity store: the array of {uid, attrs, parents, tags} (maps: §1.8).
 *
 *     entity_builder_init(&builder, arena, key, base);
 *     entities_json_read(&builder, text, &options, &diags);      // any number of times
 *     entities_json_finish(&builder, &options, &diags, &store);
 *
 * Everything that stays is copied into the builder's arena; the parsed JSON lives in the scratch
 * arena of the options. Reading stops at the first error: one finding, with the place in the
 * text. Duplicate keys are refused; so is what base/json refuses.
 *
 * Errors: ERR_SYNTAX the text is not entities JSON, or the hierarchy has a cycle; ERR_TYPE it
 * does not conform to the schema; ERR_EXISTS two different entities with one uid.
 */
#include "base/json.h"
#include "cedar/schema/schema.h"
#include "cedar/value/entities.h"

struct data_options {
    const struct schema *schema; /* or NULL: nothing is checked, escapes must be explicit */
    struct arena *scratch;       /* for the parsed JSON; the caller resets it afterwards */
    struct json_limits limits;
    bool has_actions; /* the base is known to have the schema's */
};

/* The same array of a frozen store, sorted by uid; `parents` are the direct ones. What is read
 * again is equal. ERR_UNSUPPORTED, with a finding, when a record has a key that stands for an
 * escape. */
err entities_json_write(struct buf *out, const struct entities *store, struct arena *scratch,
                        struct diag_list *diags) MUST_CHECK;

err entities_json_read(struct entity_builder *builder, str text, const struct data_options *options,
                       struct diag_list *diags) MUST_CHECK;

/* Adds the schema's actions (unless the base store has them), computes ancestors, refuses cycles
 * and checks the hierarchy against the schema. */
err entities_json_finish(struct entity_builder *builder, const struct data_options *options,
                         struct diag_list *diags, const struct entities **ret) MUST_CHECK;

#endif
