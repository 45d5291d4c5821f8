/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_IO_FETCH_H
#define SERVER_IO_FETCH_H
/*
 * A small outbound GET: key sets, discovery documents. http and https URLs.
 *
 * Blocking, so only on a worker thread. Bounded in time and size; certificates are verified
 * against the system's roots and the host name; redirects are not followed. The body lives in
 * the caller's arena. Only URLs from configuration may be given here, never from a request.
 */
#include "base/arena.h"

struct fetch_limits {
    unsigned timeout_s; /* for the whole exchange, at least 1 */
    size_t body_max;
};

/* ERR_IO with the reason in *reterr; ERR_LIMIT for a body over the limit. */
err fetch_get(struct arena *a, str url, const struct fetch_limits *limits, str *ret_body,
              struct error *reterr) MUST_CHECK;

#endif
