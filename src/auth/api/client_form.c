/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/api/client_form.h"

#include "server/http/auth_header.h"

static err form_read(struct http_request *req, struct form *ret, struct fault *ret_fault) {
    err e = form_from_body(req, ret, NULL);
    if (e == ERR_TYPE) {
        return fault_set(ret_fault, FAULT_INVALID_REQUEST,
                         STR("the content type must be application/x-www-form-urlencoded"));
    }
    if (e == ERR_SYNTAX || e == ERR_LIMIT) {
        return fault_set(ret_fault, FAULT_INVALID_REQUEST, STR("the form is malformed"));
    }
    TRY(e);
    if (!str_is_absent(form_repeated(ret))) { /* RFC 6749 §3.2 */
        return fault_set(ret_fault, FAULT_INVALID_REQUEST, STR("a parameter is repeated"));
    }
    return ERR_OK;
}

static err credentials_read(struct http_request *req, const struct form *form,
                            struct client_credentials *ret, struct fault *ret_fault) {
    struct basic_credentials basic;
    struct client_credentials in = {
        .body_id = form_get(form, STR("client_id")),
        .body_secret = form_get(form, STR("client_secret")),
    };
    if (http_header_count(req, STR("authorization")) > 0) {
        err e = auth_header_basic(req, true, &basic);
        if (e == ERR_MISSING || e == ERR_SYNTAX) {
            return fault_set(ret_fault, FAULT_INVALID_CLIENT,
                             STR("the Authorization header is not HTTP Basic"));
        }
        TRY(e);
        in.basic_id = basic.user;
        in.basic_secret = basic.password;
    }
    *ret = in;
    return ERR_OK;
}

err client_form_read(struct http_request *req, struct call *c, struct form *ret_form,
                     struct client *ret_client, struct fault *ret_fault) {
    struct client_credentials credentials;
    TRY(form_read(req, ret_form, ret_fault));
    TRY(credentials_read(req, ret_form, &credentials, ret_fault));
    return client_authenticate(c, &credentials, ret_client, ret_fault);
}
