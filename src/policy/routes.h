/* SPDX-License-Identifier: Apache-2.0 */
#ifndef POLICY_ROUTES_H
#define POLICY_ROUTES_H
/*
 * THE table of policy-service: every path, who may call it, where it runs, its limits.
 */
#include "server/http/router.h"

extern const struct route policy_routes[];
extern const size_t policy_route_count;

#endif
