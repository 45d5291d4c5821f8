/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/routes.h"

#include "policy/api/handlers.h"
#include "policy/model/limits.h"
#include "server/ops/ops.h"

/* clang-format off */
const struct route policy_routes[] = {
    /* method      path                     caller           place         rate          body                 wiped  handler */
    {HTTP_POST, "/v1/authorize",         CALLER_BEARER,   ROUTE_INLINE, RATE_DEFAULT, LIMIT_QUESTION_BODY, false, api_authorize},
    {HTTP_GET,  "/admin/policies",       CALLER_OPERATOR, ROUTE_INLINE, RATE_NONE,    0,                   false, api_policies},
    {HTTP_GET,  "/admin/policies/{id}",  CALLER_OPERATOR, ROUTE_INLINE, RATE_NONE,    0,                   false, api_policy},
    {HTTP_GET,  "/admin/policy-stats",   CALLER_OPERATOR, ROUTE_INLINE, RATE_NONE,    0,                   false, api_policy_stats},
    {HTTP_POST, "/admin/reload",         CALLER_ADMIN,    ROUTE_POOL,   RATE_NONE,    0,                   false, api_reload},
    {HTTP_GET,  "/health",               CALLER_ANYONE,   ROUTE_INLINE, RATE_NONE,    0,                   false, ops_health},
    {HTTP_GET,  "/health/live",          CALLER_ANYONE,   ROUTE_INLINE, RATE_NONE,    0,                   false, ops_health_live},
    {HTTP_GET,  "/health/ready",         CALLER_ANYONE,   ROUTE_INLINE, RATE_NONE,    0,                   false, ops_health_ready},
    {HTTP_GET,  "/metrics",              CALLER_ANYONE,   ROUTE_INLINE, RATE_NONE,    0,                   false, ops_metrics},
};
/* clang-format on */

const size_t policy_route_count = ARRAY_LEN(policy_routes);
