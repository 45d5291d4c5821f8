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
    const struct value_record *attrs; /* NULL: none */
    const struct value_record *tags;  /* NULL: none */
    const struct uid *const *parents;
    size_t parent_count;
    struct ast_span span; /* where it stands, if it was read */
};

/* All checks that one entity allows: its type is declared, required attributes are there and no
 * others, types, tags, parents, ids of enumerated types everywhere, actions declared. That an
 * action has the declared ancestors is left to conform_actions: it needs the closed hierarchy. */
err conform_entity(const struct schema *schema, const struct conform_entity *entity,
                   struct diag_list *diags) MUST_CHECK;

/* The steps of conform_entity, for a reader that knows better places. */
err conform_uid(const struct schema *schema, const struct uid *uid, struct ast_span span,
                struct diag_list *diags) MUST_CHECK;
err conform_names(const struct schema *schema, const struct conform_entity *entity,
                  struct diag_list *diags) MUST_CHECK;
err conform_parent(const struct schema *schema, const struct uid *uid, const struct uid *parent,
                   struct ast_span span, struct diag_list *diags) MUST_CHECK;

enum conform_part { CONFORM_ATTR, CONFORM_TAG };

/* One attribute or tag of `uid`. */
err conform_field(const struct schema *schema, const struct uid *uid, enum conform_part part,
                  const struct value_field *field, const struct schema_type *type,
                  struct ast_span span, struct diag_list *diags) MUST_CHECK;

/* The finding for an attribute or tag that is not declared; returns ERR_TYPE. */
err conform_unexpected(const struct uid *uid, enum conform_part part, str name,
                       struct ast_span span, struct diag_list *diags) MUST_CHECK;

/* Actions have only actions as parents, schema or not. ERR_SYNTAX. */
err conform_action_parent(const struct uid *action, const struct uid *parent, struct ast_span span,
                          struct diag_list *diags) MUST_CHECK;

/* Every action entity of a finished store (without its base) is as the schema declares it. */
err conform_actions(const struct schema *schema, const struct entities *entities,
                    struct diag_list *diags) MUST_CHECK;

/* The finding for an action that is not as declared; returns ERR_TYPE. */
err conform_action_mismatch(const struct uid *uid, struct ast_span span,
                            struct diag_list *diags) MUST_CHECK;

/* Adds the declared actions that are not there yet, each with its closed ancestors as parents. */
err conform_add_actions(const struct schema *schema, struct entity_builder *builder) MUST_CHECK;

/* True when the value has the type; entity ids of enumerated types and actions not looked at. */
bool conform_value(const struct schema_type *type, const struct value *value);

/* Request validation: the action is declared, principal and resource are of types it applies to,
 * ids of enumerated types, the context has the action's context type. */
err conform_request(const struct schema *schema, const struct uid *principal,
                    const struct uid *action, const struct uid *resource,
                    const struct value *context, struct diag_list *diags) MUST_CHECK;

/* "type mismatch: value was expected to have type long, but it actually has type …". */
void conform_mismatch_format(struct buf *out, const struct schema_type *type,
                             const struct value *value);

/* A uid as text for a message, in the arena of the findings; empty when there is none. */
str conform_uid_text(struct diag_list *diags, const struct uid *uid);

/* Undeclared entity type: "did you mean" the types with the same last component. */
void conform_help_type(const struct schema *schema, str name, struct diag_list *diags,
                       struct diag *diag);

#endif
