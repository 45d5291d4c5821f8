/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/routes.h"

#include "auth/api/handlers.h"
#include "auth/api/limits.h"
#include "auth/pages/html.h"
#include "server/ops/ops.h"

/* clang-format off */
const struct route auth_routes[] = {
    /* method    path                                       caller           place           rate          body              wiped  handler */
    {HTTP_POST, "/api/v1/auth/register",                  CALLER_ANYONE,   ROUTE_PASSWORD, RATE_LOGIN,   LIMIT_JSON_BODY,  true,  api_register},
    {HTTP_POST, "/api/v1/auth/login",                     CALLER_ANYONE,   ROUTE_PASSWORD, RATE_LOGIN,   LIMIT_JSON_BODY,  true,  api_login},
    {HTTP_POST, "/api/v1/auth/refresh",                   CALLER_ANYONE,   ROUTE_POOL,     RATE_TOKEN,   LIMIT_JSON_BODY,  true,  api_refresh},
    {HTTP_POST, "/api/v1/auth/logout",                    CALLER_ANYONE,   ROUTE_POOL,     RATE_TOKEN,   LIMIT_JSON_BODY,  true,  api_logout},
    {HTTP_GET,  "/api/v1/auth/me",                        CALLER_BEARER,   ROUTE_POOL,     RATE_DEFAULT, 0,                true,  api_me},
    {HTTP_POST, "/api/v1/auth/password",                  CALLER_BEARER,   ROUTE_PASSWORD, RATE_LOGIN,   LIMIT_JSON_BODY,  true,  api_change_password},
    {HTTP_GET,  "/.well-known/openid-configuration",       CALLER_ANYONE,   ROUTE_INLINE,   RATE_DEFAULT, 0,                false, api_discovery},
    {HTTP_GET,  "/.well-known/oauth-authorization-server", CALLER_ANYONE,   ROUTE_INLINE,   RATE_DEFAULT, 0,                false, api_discovery},
    {HTTP_GET,  "/.well-known/jwks.json",                  CALLER_ANYONE,   ROUTE_INLINE,   RATE_DEFAULT, 0,                false, api_jwks},
    {HTTP_GET,  "/oauth/authorize",                       CALLER_ANYONE,   ROUTE_POOL,     RATE_DEFAULT, 0,                true,  api_authorize},
    {HTTP_POST, "/oauth/authorize",                       CALLER_ANYONE,   ROUTE_POOL,     RATE_DEFAULT, LIMIT_PAGE_BODY,  true,  api_authorize},
    {HTTP_POST, "/oauth/authorize/sign-in",               CALLER_ANYONE,   ROUTE_PASSWORD, RATE_LOGIN,   LIMIT_PAGE_BODY,  true,  api_sign_in},
    {HTTP_POST, "/oauth/authorize/consent",               CALLER_ANYONE,   ROUTE_POOL,     RATE_DEFAULT, LIMIT_PAGE_BODY,  true,  api_consent},
    {HTTP_GET,  "/oauth/logout",                          CALLER_ANYONE,   ROUTE_POOL,     RATE_DEFAULT, 0,                true,  api_sign_out},
    {HTTP_POST, "/oauth/logout",                          CALLER_ANYONE,   ROUTE_POOL,     RATE_DEFAULT, LIMIT_PAGE_BODY,  true,  api_sign_out},
    {HTTP_POST, "/oauth/token",                           CALLER_ANYONE,   ROUTE_POOL,     RATE_TOKEN,   LIMIT_OAUTH_BODY, true,  api_token},
    {HTTP_POST, "/oauth/revoke",                          CALLER_ANYONE,   ROUTE_POOL,     RATE_TOKEN,   LIMIT_OAUTH_BODY, true,  api_revoke},
    {HTTP_POST, "/oauth/introspect",                      CALLER_ANYONE,   ROUTE_POOL,     RATE_TOKEN,   LIMIT_OAUTH_BODY, true,  api_introspect},
    {HTTP_GET,  "/oauth/userinfo",                        CALLER_BEARER,   ROUTE_POOL,     RATE_DEFAULT, 0,                true,  api_userinfo},
    {HTTP_POST, "/oauth/userinfo",                        CALLER_BEARER,   ROUTE_POOL,     RATE_DEFAULT, LIMIT_OAUTH_BODY, true,  api_userinfo},
    {HTTP_GET,  PAGE_STYLE_PATH,                          CALLER_ANYONE,   ROUTE_INLINE,   RATE_DEFAULT, 0,                false, api_style},
    {HTTP_GET,  "/admin/summary",                         CALLER_OPERATOR, ROUTE_POOL,     RATE_NONE,    0,                false, api_admin_summary},
    {HTTP_GET,  "/health",                                CALLER_ANYONE,   ROUTE_INLINE,   RATE_NONE,    0,                false, ops_health},
    {HTTP_GET,  "/health/live",                           CALLER_ANYONE,   ROUTE_INLINE,   RATE_NONE,    0,                false, ops_health_live},
    {HTTP_GET,  "/health/ready",                          CALLER_ANYONE,   ROUTE_INLINE,   RATE_NONE,    0,                false, ops_health_ready},
    {HTTP_GET,  "/metrics",                               CALLER_ANYONE,   ROUTE_INLINE,   RATE_NONE,    0,                false, ops_metrics},
};
/* clang-format on */

const size_t auth_route_count = ARRAY_LEN(auth_routes);
