/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_API_REQUEST_INT_H
#define CEDAR_API_REQUEST_INT_H
/*
 * A request of the public interface on its way to the evaluator; for api_request.c and
 * api_explain.c.
 */
#include "cedar/api_int.h"

/* The three uids of a request; their names are the caller's. */
struct asked {
    struct uid uids[3];
};

/* Does the request fit entities and scratch? Then its uids, checked and hashed. */
cedar_status api_request_resolve(cedar_scratch *scratch, const cedar_entities *entities,
                                 const cedar_request *request, struct asked *ret);

/* An evaluation of a request that has been resolved; `asked` must live as long. */
void api_request_start(struct eval *e, struct arena *a, const cedar_entities *entities,
                       const cedar_request *request, const struct asked *asked);

/* The answer in public terms; it lives in the arena. */
err api_response_make(struct arena *a, const struct decision *decision,
                      cedar_response *ret) MUST_CHECK;

#endif
