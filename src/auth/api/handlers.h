/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUTH_API_HANDLERS_H
#define AUTH_API_HANDLERS_H
/*
 * All handlers that routes.c may name. Each answers every request it is given; where it may run
 * and who may call it stands in the route table.
 */
#include "server/http/http.h"
#include "server/http/problem.h"

/* our own API: JSON in, JSON or problem+json out */
http_handler api_register;
http_handler api_login;
http_handler api_refresh;
http_handler api_logout;
http_handler api_me;
http_handler api_change_password;

/* metadata */
http_handler api_discovery;
http_handler api_jwks;

/* OAuth and OIDC: forms in, JSON out, errors as RFC 6749 §5.2 */
http_handler api_token;
http_handler api_revoke;
http_handler api_introspect;
http_handler api_userinfo;

/* pages */
http_handler api_authorize;
http_handler api_sign_in;
http_handler api_consent;
http_handler api_sign_out;
http_handler api_style;

/* operators */
http_handler api_admin_summary;

#endif
