/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DIFFERENTIAL_DATA_H
#define DIFFERENTIAL_DATA_H
/*
 * Entities, contexts and requests that fit a world, but for a few faults. One fault, mostly: which
 * of several is reported first is nobody's promise.
 */
#include "world.h"

struct data_style {
    const struct world *world;
    bool is_implicit; /* with a schema, escapes may be left out */
    unsigned faults;  /* that may still be made */
    unsigned wrong;   /* one of them in so many places */
};

struct question {
    unsigned action;    /* of the world */
    unsigned principal; /* entity types */
    unsigned resource;
    const char *principal_id;
    const char *resource_id;
};

/* A JSON string, escaped. */
void say_json_string(struct maker *m, const char *text);
/* {"type": …, "id": …} */
void say_uid_json(struct maker *m, const char *type, const char *id);
/* A value of this type, as entities and contexts have it. */
void say_value(struct maker *m, struct data_style *style, const struct type *type);
void say_record_value(struct maker *m, struct data_style *style, const struct type *type);
/* The array of entities. */
void say_entities(struct maker *m, struct data_style *style);

void question_make(struct maker *m, const struct world *w, struct question *ret);
/* "principal":…,"action":…,"resource":…,"context":… without braces. */
void say_question(struct maker *m, struct data_style *style, const struct question *question);

/* The content of a constructor's string. */
const char *pick_extension_text(struct maker *m, enum type_kind kind, bool is_malformed);
const char *pick_id(struct maker *m, const struct entity_type *type);
const char *pick_number(struct maker *m);
const char *pick_text(struct maker *m);

#endif
