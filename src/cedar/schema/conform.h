/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_SCHEMA_CONFORM_H
#define CEDAR_SCHEMA_CONFORM_H
/*
 * Does data fit a schema? Entities, contexts and requests (maps: §1.8).
 *
 * Works on finished values, so it serves data from JSON and data a host built itself. Each
 * function stops at the first violation, adds one finding (its message as upstream words it) and
 * returns ERR_TYPE. Pure apart from the findings; `diags` may be NULL.
 */
#include "cedar/schema/schema.h"
#include "cedar/value/entities.h"

/* What an entity is made of, before it is in a store. */
struct conform_entity {
    const struct uid *uid;
    const struct value_record *attrs;
    const struct value_record *tags;
    const struct uid *const *parents;
    size_t parent_count;
};

/* The type is declared, required attributes are there, no others, their types, tags, ids of
 * enumerated types everywhere, actions declared. Of an action only that it is declared:
 * conform_store checks the rest, because that needs the closed hierarchy. */
err conform_entity(const struct schema *schema, const struct conform_entity *entity,
                   struct diag_list *diags) MUST_CHECK;

/* The closed hierarchy of a finished store: ancestors have allowed types, action entities are as
 * declared. */
err conform_store(const struct schema *schema, const struct entities *entities,
                  struct diag_list *diags) MUST_CHECK;

/* Adds the declared actions, each with its closed ancestors as parents. */
err conform_add_actions(const struct schema *schema, struct entity_builder *builder) MUST_CHECK;

/* True when the value has the type; entity ids of enumerated types and actions not looked at. */
bool conform_value(const struct schema_type *type, const struct value *value);

/* Request validation: the action is declared, principal and resource are of types it applies to,
 * ids of enumerated types, the context has the action's context type. ERR_TYPE with a finding. */
err conform_request(const struct schema *schema, const struct uid *principal,
                    const struct uid *action, const struct uid *resource,
                    const struct value *context, struct diag_list *diags) MUST_CHECK;

#endif
