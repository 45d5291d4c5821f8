/* SPDX-License-Identifier: Apache-2.0 */
#ifndef POLICY_API_HANDLERS_H
#define POLICY_API_HANDLERS_H
/*
 * The endpoints of policy-service; routes.c says who may call them.
 */
#include "server/http/http.h"

http_handler api_authorize;    /* POST /v1/authorize */
http_handler api_policies;     /* GET  /admin/policies */
http_handler api_policy;       /* GET  /admin/policies/{id} */
http_handler api_policy_stats; /* GET  /admin/policy-stats */
http_handler api_reload;       /* POST /admin/reload */

#endif
