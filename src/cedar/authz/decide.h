/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_AUTHZ_DECIDE_H
#define CEDAR_AUTHZ_DECIDE_H
/*
 * The authorizer: the policies of a program against one request (maps: §1.5).
 *
 * Forbid overrides permit; without a satisfied permit the answer is deny; an error skips its
 * policy and is reported. The index finds the policies whose scope matches; the conditions of all
 * of them are evaluated, in the order of the program. Templates are never evaluated.
 *
 * When the evaluation expires the decision is deny, and the policy at hand and all that remain
 * (as far as their scope matches) have the error "timeout".
 */
#include "cedar/eval/eval.h"

struct decide_error {
    const struct program_policy *policy;
    struct ext_error error;
};

struct decision {
    bool is_allow;
    bool is_timeout;
    size_t reason_count;
    const struct program_policy *const *reasons; /* in the order of the program */
    size_t permit_count;                         /* satisfied ones, also when a forbid is */
    const struct program_policy *const *permits;
    size_t error_count;
    const struct decide_error *errors;
};

/* The variables of `e` are the request; principal, action and resource must be entities. The
 * answer lives in its arena. On failure (ERR_NOMEM, ERR_LIMIT) there is no decision. */
err decide(struct eval *e, const struct program *program, struct decision *ret) MUST_CHECK;

/* A program of which some policies are left out: their numbers in order. */
struct decide_piece {
    const struct program *program;
    const uint32_t *hidden;
    size_t hidden_count;
};

static inline bool decide_is_hidden(const struct decide_piece *piece, uint32_t number) {
    size_t low = 0;
    size_t high = piece->hidden_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (piece->hidden[middle] < number) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < piece->hidden_count && piece->hidden[low] == number;
}

/* The same for the policies of several programs, which come in the order of the pieces. */
err decide_pieces(struct eval *e, const struct decide_piece *pieces, size_t count,
                  struct decision *ret) MUST_CHECK;

#endif
