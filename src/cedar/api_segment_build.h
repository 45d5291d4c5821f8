/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_API_SEGMENT_BUILD_H
#define CEDAR_API_SEGMENT_BUILD_H
/*
 * Making a segment: policies come one by one, as trees that may go away afterwards, as links, or
 * from segments that are finished.
 *
 * Every id is there once; adding one again is ERR_EXISTS and changes nothing. Errors besides are
 * those of compile.h. After ERR_NOMEM or ERR_LIMIT the builder is only good for
 * segment_builder_free.
 */
#include "cedar/api_segment.h"

struct segment_builder {
    struct segment *segment;
    struct arena temp; /* gone when the segment is finished */
    struct compiler compiler;
    VEC(struct policy_record) records;
    VEC(struct segment_source) sources;
    VEC(struct segment_notes) notes;
    struct id_table ids;
    uint32_t link_count;
};

/* Heap: the compiler in it must not move. */
err segment_builder_new(cedar_engine *engine, struct segment_builder **ret) MUST_CHECK;
void segment_builder_free(struct segment_builder *b);
size_t segment_builder_count(const struct segment_builder *b);

/* The text is copied. What follows is about policies in it. */
err segment_add_source(struct segment_builder *b, str name, str text, str *ret_text) MUST_CHECK;
/* A policy of the source that was added last, or ERR_RANGE when it is nested too deeply. */
err segment_add(struct segment_builder *b, str id, const struct ast_policy *policy, uint32_t line,
                uint32_t column) MUST_CHECK;
/* The number of the template is one that segment_builder_find gave. */
err segment_add_link(struct segment_builder *b, str id, uint32_t template_number,
                     const struct ast_uid *principal, const struct ast_uid *resource) MUST_CHECK;
/* The name of the source and the line of a policy, or of the template of a link. */
str segment_builder_place(const struct segment_builder *b, uint32_t number, uint32_t *ret_line);
uint32_t segment_builder_find(const struct segment_builder *b, str id);

/* The policies of a finished segment without the hidden ones (numbers in order), and what their
 * links need: a hidden template comes along unless a policy with its id is there, and `hidden` gets
 * its new number. `new_ids`, if it is not NULL, has by number an id for those that are renamed. */
struct segment_piece {
    const struct segment *segment;
    const uint32_t *hidden;
    size_t hidden_count;
    const str *new_ids;
};
struct number_list {
    struct arena *arena;
    VEC(uint32_t) numbers;
};
err segment_append(struct segment_builder *b, const struct segment_piece *piece,
                   struct number_list *hidden) MUST_CHECK;

/* One template. */
err segment_append_template(struct segment_builder *b, const struct segment *segment,
                            uint32_t number) MUST_CHECK;

/* Only the first `count` policies remain. */
void segment_forget(struct segment_builder *b, size_t count);

/* The caller has the one reference. The builder remains to be freed. */
err segment_finish(struct segment_builder *b, struct segment **ret) MUST_CHECK;

#endif
