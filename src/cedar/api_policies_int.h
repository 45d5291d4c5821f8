/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_API_POLICIES_INT_H
#define CEDAR_API_POLICIES_INT_H
/*
 * What the files that make policy sets share.
 *
 *     api_policies.c      the builder: texts are parsed and compiled when they are added
 *     api_policy_add.c    what else can be added: JSON, whole sets, links
 *     api_policy_link.c   policies from templates, compiled when the set is built
 *     api_policy_forms.c  policies as text and JSON
 *
 * A builder belongs to one thread. Trees live as long as their policy is compiled; a set keeps
 * none: who needs one reads the policy's text again.
 */
#include "cedar/api_segment_build.h"

/* Where links that wait for their templates come from; absent text: from a call. */
struct link_source {
    str name;
    str text;
};

struct builder_link {
    str template_id;
    str new_id;
    str types[2]; /* of the principal, of the resource; absent: none */
    str ids[2];
    struct ast_span span;
    size_t source;
};

struct cedar_policies_builder {
    cedar_engine *engine;
    bool ids_from_annotation;
    struct arena arena; /* findings and links */
    struct arena work;  /* of the input at hand */
    struct arena tree;  /* of the policy at hand */
    struct blocks blocks;
    struct packer packer;
    cedar_policies *base;            /* what comes first, as it is; or NULL */
    struct segment_builder *segment; /* what comes behind it; NULL: nothing yet */
    struct number_list hidden;       /* templates in the segment that links need: copies */
    struct diag_list diags;          /* of reading */
    struct diag_list rules;          /* of what was read: they come behind those of reading */
    VEC(struct builder_link) links;
    VEC(struct link_source) link_sources;
    err error; /* the first one of reading, or a lack of memory: no set can come to be */
    err rule_error;
};

/* An id that is in use in the base. */
bool api_is_in_base(const cedar_policies_builder *builder, str id);
/* The segment that policies are added to. */
err api_builder_segment(cedar_policies_builder *builder) MUST_CHECK;

/* A text that policies are cut from. */
struct text_source {
    str name;
    str prefix;     /* of generated ids */
    str text;       /* as the segment has it */
    bool has_ids;   /* the policies bring their ids: JSON */
    size_t counted; /* bytes in which lines have been counted */
    uint32_t line;  /* at `counted` */
    size_t line_start;
};

err api_begin_source(cedar_policies_builder *builder, str text, const char *name,
                     const char *prefix, struct text_source *ret) MUST_CHECK;
err api_add_policy(cedar_policies_builder *builder, struct text_source *source,
                   const struct ast_policy *policy) MUST_CHECK;

/* A finding about an id, "what `id`"; NULL when it is not kept. */
struct diag *api_add_rule(cedar_policies_builder *builder, const struct policy_place *place,
                          struct ast_span span, str id, err error, const char *what);
/* The id is in use: says by which policy, which may stand in another text. */
void api_add_duplicate(cedar_policies_builder *builder, const struct policy_place *place,
                       struct ast_span span, str id);
/* The same for a policy of a segment whose id is in use. */
err api_add_rule_of(cedar_policies_builder *builder, const struct segment *segment,
                    uint32_t number) MUST_CHECK;

/* Compiles the links of the builder behind everything else. Findings go to `rules`. */
err api_build_links(cedar_policies_builder *builder) MUST_CHECK;
/* The finding about a link whose id is in use. */
void api_refuse_link(cedar_policies_builder *builder, const struct builder_link *link);
err api_keep_link(cedar_policies_builder *builder, const struct policy_link *link,
                  size_t source) MUST_CHECK;
err api_link_source(cedar_policies_builder *builder, str name, str text, size_t *ret) MUST_CHECK;

/* The tree of a policy of a set, in the arena; a link's has its values in the slots' places. */
err api_policy_tree(struct arena *a, const cedar_policies *policies, size_t index,
                    struct ast_policy *ret) MUST_CHECK;

/* Where it stands; the origin lives in the arena. */
err api_policy_place(struct arena *a, const cedar_policies *policies, size_t index,
                     struct policy_place *ret) MUST_CHECK;

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
