/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DIFFERENTIAL_ANSWER_H
#define DIFFERENTIAL_ANSWER_H
/*
 * A question while it is answered with libcedar, through cedar.h alone. Answers have the shape of
 * the reference's.
 */
#include "base/json.h"

#include <cedar.h>

struct answer {
    cedar_engine *engine;
    cedar_scratch *scratch; /* reset for each case */
    struct arena arena;     /* cleared for each case */
    str line;               /* that the case stands in */
    struct buf errors;      /* of the case: items of an array */
    bool has_failed;
    str member; /* name of the policy in JSON that is being read alone, or absent */
    struct json_writer out;
};

static inline cedar_str outer(str s) {
    return (cedar_str){s.ptr, s.len};
}

static inline str inner(cedar_str s) {
    return (str){s.ptr, s.len};
}

/* The value as it is written in the line. */
str answer_source(const struct answer *a, const struct json *value);
/* Notes an error, or all errors of a report, which is freed. */
void answer_fail(struct answer *a, const char *message);
/* The source should have been one static policy, or one template, and is something else. The
 * reference asks for that where it is called; cedar.h takes both. */
void answer_not_one(struct answer *a, str source, const cedar_policies *policies, bool is_template);
/* True for CEDAR_OK; otherwise the report, or the status if it is empty, is noted. Frees it. */
bool answer_check(struct answer *a, cedar_status status, cedar_report *take_report);
/* An error as an object that is still open: message, help, place. */
void answer_open_error(struct answer *a, struct json_writer *w, const cedar_finding *finding);
/* {"type":"failure","errors":[…]} with what was noted. */
void answer_failure(struct answer *a);

/* answer_load.c: all give NULL, and note why, if the input is refused. */
cedar_schema *load_schema(struct answer *a, const struct json *schema);
cedar_entities *load_entities(struct answer *a, const struct json *entities,
                              const cedar_schema *schema);
cedar_policies *load_policies(struct answer *a, const struct json *policies);
bool load_uid(struct answer *a, const struct json *call, str name, cedar_uid *ret);
/* A text with the ids that policies got changed into the names that they have in the question. */
str named_as_asked(struct answer *a, cedar_str text);

/* answer_policy.c */
void answer_policy_to_json(struct answer *a, const struct json *input, bool is_template);
void answer_policy_to_text(struct answer *a, const struct json *input, bool is_template);
void answer_format(struct answer *a, const struct json *input);

/* answer_schema.c */
enum schema_form { SCHEMA_FORM_TEXT, SCHEMA_FORM_JSON, SCHEMA_FORM_RESOLVED };
void answer_schema(struct answer *a, const struct json *input, enum schema_form form);
void answer_validate(struct answer *a, const struct json *input);

#endif
