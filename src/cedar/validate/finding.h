/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_VALIDATE_FINDING_H
#define CEDAR_VALIDATE_FINDING_H
/*
 * The findings of the validator: their kinds, and how they are put together.
 *
 * A finding is drafted (message and help are appended piece by piece, since ids and names may
 * contain NUL), then filed in the list of the validation. Type checking looks at a policy once
 * for each environment; of findings that are equal in kind, place and text one is kept.
 */
#include "cedar/ast/diag.h"
#include "cedar/validate/table.h"
#include "cedar/value/value.h"

/* code, stable name, severity */
#define VALIDATE_KIND_TABLE(X)                                          \
    X(VALIDATE_ENTITY_TYPE, "unrecognized-entity-type", DIAG_ERROR)     \
    X(VALIDATE_ACTION, "unrecognized-action", DIAG_ERROR)               \
    X(VALIDATE_ENUM_ID, "invalid-enum-id", DIAG_ERROR)                  \
    X(VALIDATE_UNEXPECTED_TYPE, "unexpected-type", DIAG_ERROR)          \
    X(VALIDATE_INCOMPATIBLE, "incompatible-types", DIAG_ERROR)          \
    X(VALIDATE_NO_ATTRIBUTE, "attribute-not-found", DIAG_ERROR)         \
    X(VALIDATE_OPTIONAL, "unsafe-optional-attribute", DIAG_ERROR)       \
    X(VALIDATE_UNSAFE_TAG, "unsafe-tag", DIAG_ERROR)                    \
    X(VALIDATE_NO_TAGS, "no-tags-declared", DIAG_ERROR)                 \
    X(VALIDATE_NO_FUNCTION, "undefined-function", DIAG_ERROR)           \
    X(VALIDATE_ARGUMENT_COUNT, "wrong-number-of-arguments", DIAG_ERROR) \
    X(VALIDATE_LITERAL, "invalid-literal", DIAG_ERROR)                  \
    X(VALIDATE_NON_LITERAL, "non-literal-constructor", DIAG_ERROR)      \
    X(VALIDATE_EMPTY_SET, "empty-set", DIAG_ERROR)                      \
    X(VALIDATE_LEVEL, "level-exceeded", DIAG_ERROR)                     \
    X(VALIDATE_LEVEL_LITERAL, "literal-dereference", DIAG_ERROR)        \
    X(VALIDATE_INTERNAL, "internal", DIAG_ERROR)                        \
    X(VALIDATE_NO_ACTION, "no-applicable-action", DIAG_WARNING)         \
    X(VALIDATE_IMPOSSIBLE, "impossible-policy", DIAG_WARNING)           \
    X(VALIDATE_BIDI_STRING, "bidi-string", DIAG_WARNING)                \
    X(VALIDATE_BIDI_NAME, "bidi-identifier", DIAG_WARNING)              \
    X(VALIDATE_MIXED_STRING, "mixed-script-string", DIAG_WARNING)       \
    X(VALIDATE_MIXED_NAME, "mixed-script-identifier", DIAG_WARNING)     \
    X(VALIDATE_CONFUSABLE_NAME, "confusable-identifier", DIAG_WARNING)

enum validate_kind {
#define X(code, name, severity) code,
    VALIDATE_KIND_TABLE(X)
#undef X
};

str validate_kind_name(enum validate_kind kind);

/* Where findings go. */
struct findings {
    struct diag_list *diags;
    struct arena *scratch; /* cleared by the owner between policies */
    struct hash_key key;
    bool is_4_12; /* no applicable action is an error */
    size_t error_count;
    size_t filed_count; /* with those that had been found before */
    uint64_t suggested; /* what suggest.h has compared */
    uint64_t drafted;   /* bytes of all drafts */
    /* The policy at hand. */
    const struct ast_policy *policy;
    uint32_t base;      /* of its spans in the source text */
    struct table seen;  /* hash of a finding -> its index + 1; in `scratch` */
    struct table spans; /* spans.h; filled at the first finding */
    bool has_spans;
};

struct draft {
    struct findings *findings;
    enum validate_kind kind;
    struct ast_span span;
    struct buf message;
    struct buf help;
};

/* The message begins with "for policy `ID`, ". */
void draft_init(struct draft *d, struct findings *findings, enum validate_kind kind,
                struct ast_span span);
/* The same, but the message is empty. */
void draft_init_bare(struct draft *d, struct findings *findings, enum validate_kind kind,
                     struct ast_span span);
void draft_file(struct draft *d);

#endif
