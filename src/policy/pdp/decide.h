/* SPDX-License-Identifier: Apache-2.0 */
#ifndef POLICY_PDP_DECIDE_H
#define POLICY_PDP_DECIDE_H
/*
 * One question, one decision.
 *
 * The answer lives in the thread's scratch until the next question of the same thread. A question
 * that cannot be asked (a context that is not a record, entities that contradict the store) is an
 * error with a text for the caller; everything that goes wrong inside a policy is part of the
 * decision, as Cedar says. Nothing but a completed evaluation ever yields Allow.
 */
#include "policy/pdp/pdp.h"

struct question {
    cedar_uid principal;
    cedar_uid action;
    cedar_uid resource;
    str context;  /* JSON object, absent for {} */
    str entities; /* JSON array, absent for none */
    /* When the principal is the caller itself: its groups and roles become parents. */
    const struct caller *caller;
};

struct decision {
    cedar_response response;
    const struct snapshot *snapshot; /* borrowed from the thread */
    uint64_t duration_ns;            /* of the evaluation, without reading the question */
};

/* ERR_SYNTAX with text in *reterr for a question that is wrong. *ret is a Deny unless ERR_OK. */
err pdp_decide(const struct pdp *pdp, struct pdp_thread *thread, const struct question *question,
               struct decision *ret, struct error *reterr) MUST_CHECK;

#endif
