/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/eval/like.h"

#include "base/utf8.h"

void like_init(struct like *like, const struct pattern *pattern, str text) {
    *like = (struct like){.pattern = pattern, .text = text, .star = SIZE_MAX};
}

/* The scalar value at `at`, and where the next one starts. Bytes that are not UTF-8 stand for
 * themselves, beyond all scalar values. */
static uint32_t scalar_at(str text, size_t at, size_t *ret_next) {
    size_t next = at;
    uint32_t scalar;
    if (utf8_next(text, &next, &scalar)) {
        *ret_next = next;
        return scalar;
    }
    *ret_next = at + 1;
    return 0x110000u + (unsigned char)text.ptr[at];
}

/* Lets the latest wildcard have one more; false when there is none. */
static bool fall_back(struct like *like) {
    if (like->star == SIZE_MAX) {
        return false;
    }
    scalar_at(like->text, like->star_at, &like->star_at);
    like->item = like->star;
    like->at = like->star_at;
    return true;
}

static enum like_result at_end(struct like *like) {
    const struct pattern *pattern = like->pattern;
    while (like->item < pattern->count && pattern->items[like->item] == PATTERN_WILDCARD) {
        like->item++;
    }
    return like->item == pattern->count ? LIKE_YES : LIKE_NO;
}

enum like_result like_run(struct like *like, size_t steps) {
    const struct pattern *pattern = like->pattern;
    for (; steps > 0; steps--) {
        if (like->at == like->text.len) {
            return at_end(like);
        }
        if (like->item < pattern->count) {
            uint32_t item = pattern->items[like->item];
            if (item == PATTERN_WILDCARD) {
                like->star = ++like->item;
                like->star_at = like->at;
                if (like->star == pattern->count) {
                    return LIKE_YES; /* the last wildcard takes all the rest */
                }
                continue;
            }
            size_t next;
            if (scalar_at(like->text, like->at, &next) == item) {
                like->item++;
                like->at = next;
                continue;
            }
        }
        if (!fall_back(like)) {
            return LIKE_NO;
        }
    }
    return LIKE_MORE;
}
