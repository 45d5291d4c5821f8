/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUTH_ROUTES_H
#define AUTH_ROUTES_H
/*
 * The route table of auth-service: the one list of what can be called, by whom, and at what cost.
 */
#include "server/http/router.h"

extern const struct route auth_routes[];
extern const size_t auth_route_count;

#endif
