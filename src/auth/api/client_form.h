/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUTH_API_CLIENT_FORM_H
#define AUTH_API_CLIENT_FORM_H
/*
 * What the token, revocation and introspection endpoints have in common: a form without repeated
 * parameters, and an authenticated client.
 */
#include "auth/flow/client_auth.h"
#include "server/http/form.h"

/* ERR_DENIED with a fault for a bad form, or what client_authenticate says. */
err client_form_read(struct http_request *req, struct call *c, struct form *ret_form,
                     struct client *ret_client, struct fault *ret_fault) MUST_CHECK;

#endif
