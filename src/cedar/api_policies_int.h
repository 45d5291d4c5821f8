/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_API_POLICIES_INT_H
#define CEDAR_API_POLICIES_INT_H
/*
 * What the files that make policy sets share.
 *
 *     api_policies.c      the builder: texts are parsed when added, compiled when the set is built
 *     api_policy_add.c    what else can be added: JSON, whole sets, links
 *     api_policy_link.c   policies from templates; sets made from sets
 *     api_policy_forms.c  policies as text and JSON
 *
 * A builder belongs to one thread; trees live in its arena until it is freed. A set keeps no
 * trees: who needs one reads the policy's text again.
 */
#include "cedar/api_int.h"

#include "cedar/compile/compile.h"
#include "cedar/json/policy.h"

/* One text of a set. */
struct source {
    str name;
    str prefix;
    str text;
    bool has_ids;                     /* the policies bring their ids: JSON, or another set */
    struct diag_origin origin;        /* of the text in its source */
    const struct ast_policy_set *set; /* NULL: it did not parse */
};

struct builder_link {
    struct policy_link link;
    str source_name;
    str source_text; /* absent when the link comes from a call */
};

struct cedar_policies_builder {
    cedar_engine *engine;
    bool ids_from_annotation;
    struct arena arena; /* texts, trees and findings */
    struct diag_list diags;
    VEC(struct source) sources;
    VEC(struct builder_link) links;
    size_t policy_count;
    err error; /* of the first text that did not parse */
};

struct build {
    cedar_policies_builder *builder;
    cedar_policies *policies;
    struct arena temp; /* gone when the set is built */
    struct compiler compiler;
    const struct ast_policy **trees; /* parallel to the set's infos; NULL for links */
    err error;                       /* of the first finding; more are looked for */
    str source_name;                 /* of the source at hand, in the arena of the set */
    str source_text;
    const struct diag_origin *origin; /* of the text; NULL at the beginning */
    size_t counted;                   /* bytes of it in which lines have been counted */
    uint32_t line;                    /* at `counted` */
    size_t line_start;                /* offset of that line */
    uint32_t column;                  /* at that offset */
};

/* Compiles the links of the builder behind everything else. */
err api_build_links(struct build *b) MUST_CHECK;

/* The tree of a policy of a set, in the arena; a link's has its values in the slots' places. */
err api_policy_tree(struct arena *a, const cedar_policies *policies, size_t index,
                    struct ast_policy *ret) MUST_CHECK;

/* A policy's text is JSON: text never begins with a brace. */
static inline bool api_is_json(str text) {
    return text.len > 0 && text.ptr[0] == '{';
}

static inline str api_str_of(cedar_str s) {
    return (str){s.ptr, s.len};
}

/* The link with its values in a tree. */
void api_fill_slots(struct ast_policy *policy, const struct policy_link *link);
/* The other way: what a linked policy of a set was made of. */
struct policy_link api_link_of(const cedar_policy_info *info);

#endif
