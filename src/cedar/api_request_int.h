/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_API_REQUEST_INT_H
#define CEDAR_API_REQUEST_INT_H
/*
 * A request of the public interface on its way to the evaluator; for api_request.c and
 * api_explain.c.
 */
#include "cedar/api_int.h"

/* A request that has been looked at. It must not be moved, and live as long as what uses it. */
struct asked {
    struct uid uids[3];           /* their names are the caller's */
    const struct entities *store; /* the store, with the overlay and the source on top */
    /* only with a source: */
    const cedar_request *request;
    struct entity_loader *loader;
    cedar_scratch *found; /* where the source makes its values */
    struct eval *eval;    /* that is running */
    cedar_status status;  /* of the source */
};

/* Does the request fit entities and scratch? Then its uids, checked and hashed. */
cedar_status api_request_resolve(cedar_scratch *scratch, const cedar_entities *entities,
                                 const cedar_request *request, struct asked *ret);

/* What has gone wrong with the source, if so: then what was worked out means nothing. */
cedar_status api_request_status(const struct asked *asked);
/* The request expired while the source was asked. */
bool api_request_is_expired(const struct asked *asked);

/* Puts a source on top of ret->store (api_source.c). */
cedar_status api_source_start(cedar_scratch *scratch, const cedar_request *request,
                              struct asked *ret);

/* An evaluation of a request that has been resolved. */
void api_request_start(struct eval *e, struct arena *a, const cedar_request *request,
                       struct asked *asked);

/* The answer in public terms; it lives in the arena. */
err api_response_make(struct arena *a, const struct decision *decision, const struct asked *asked,
                      cedar_response *ret) MUST_CHECK;

#endif
