/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/api/browser.h"

#include "auth/api/app.h"
#include "auth/api/handlers.h"
#include "auth/pages/pages.h"
#include "base/assert.h"
#include "crypto/random.h"
#include "server/http/cookie.h"

static str cookie_name(const struct app *app, enum browser_cookie cookie) {
    switch (cookie) {
    case BROWSER_FLOW:
        return app->is_https ? STR("__Host-ironwood_flow") : STR("ironwood_flow");
    case BROWSER_SESSION:
        return app->is_https ? STR("__Host-ironwood_session") : STR("ironwood_session");
    }
    UNREACHABLE();
}

static bool is_random_token(str value) {
    if (value.len != RANDOM_TOKEN_LEN) {
        return false;
    }
    for (size_t i = 0; i < value.len; i++) {
        char c = value.ptr[i];
        if (!byte_is_alnum(c) && c != '-' && c != '_') {
            return false;
        }
    }
    return true;
}

str browser_cookie_get(struct http_request *req, enum browser_cookie cookie) {
    str value;
    if (cookie_find(req, cookie_name(app_of(req), cookie), &value) != ERR_OK ||
        !is_random_token(value)) {
        return (str){NULL, 0};
    }
    return value;
}

err browser_cookie_set(struct http_request *req, struct http_response *resp,
                       enum browser_cookie cookie, str value, int64_t max_age_s) {
    struct cookie out = {
        .name = cookie_name(app_of(req), cookie),
        .value = value,
        .max_age_s = max_age_s,
        .same_site = COOKIE_LAX,
        .is_deleted = str_is_absent(value),
        .is_for_plain = !app_of(req)->is_https,
    };
    return cookie_set(req, resp, &out);
}

err browser_flow(struct http_request *req, struct http_response *resp, str *ret) {
    str value = browser_cookie_get(req, BROWSER_FLOW);
    if (str_is_absent(value)) {
        TRY(random_token(req->arena, &value));
        TRY(browser_cookie_set(req, resp, BROWSER_FLOW, value, 0));
    }
    *ret = value;
    return ERR_OK;
}

/* Behind a proxy that rewrites Host, the issuer's origin is the one the browser shows; without
 * one, people also reach us by other names of the machine, and then Host says which. */
static bool origin_is_own(struct http_request *req, str origin) {
    str host;
    if (str_equal(origin, app_of(req)->origin)) {
        return true;
    }
    size_t start = str_find(origin, STR("://"));
    if (start == SIZE_MAX) {
        return false; /* "null" among others */
    }
    host = str_slice(origin, start + 3, origin.len);
    return host.len > 0 && str_equal_nocase(host, req->host);
}

bool browser_is_own_form(struct http_request *req) {
    str origin = http_header_get(req, STR("origin"));
    str site = http_header_get(req, STR("sec-fetch-site"));
    if (!str_is_absent(site) && !str_equal(site, STR("same-origin"))) {
        return false;
    }
    return str_is_absent(origin) || origin_is_own(req, origin);
}

static void page_headers(struct http_request *req, struct http_response *resp, str form_origin) {
    str policy = STR("default-src 'none'; frame-ancestors 'none'; base-uri 'none'");
    /* The origin was checked by redirect_uri_parse: nothing in it can end a directive. Browsers
     * apply form-action to the redirect that answers the form too. */
    IGNORE(arena_format(req->arena, &policy,
                        "default-src 'none'; style-src 'self'; form-action 'self'%s%.*s; "
                        "frame-ancestors 'none'; base-uri 'none'",
                        form_origin.len > 0 ? " " : "", STR_FMT(form_origin)));
    http_response_header(resp, STR("Content-Security-Policy"), policy);
    http_response_header(resp, STR("X-Frame-Options"), STR("DENY"));
    http_response_header(resp, STR("Cross-Origin-Opener-Policy"), STR("same-origin"));
    /* Takes the place of the server's no-referrer (the last one counts), under which browsers
     * send `Origin: null` with our own forms. */
    http_response_header(resp, STR("Referrer-Policy"), STR("same-origin"));
    http_response_header(resp, STR("Cache-Control"), STR("no-store"));
}

void browser_page(struct http_request *req, struct http_response *resp, const struct call *c,
                  int status, err rendered, str html, str form_origin) {
    if (rendered != ERR_OK) {
        problem_response(req, resp, reply_failure(c, rendered), (str){NULL, 0});
        return;
    }
    page_headers(req, resp, form_origin);
    http_response_text(resp, status, STR("text/html; charset=utf-8"), html);
}

void browser_message(struct http_request *req, struct http_response *resp, const struct call *c,
                     int status, str title, str text) {
    str html = {NULL, 0};
    err rendered = page_message(req->arena, app_of(req)->base, title, text, req->request_id, &html);
    browser_page(req, resp, c, status, rendered, html, (str){NULL, 0});
}

void browser_failure(struct http_request *req, struct http_response *resp, const struct call *c,
                     err code) {
    enum problem_kind kind = reply_failure(c, code);
    browser_message(req, resp, c, problem_status(kind), STR("Something went wrong"),
                    STR("The request could not be answered. Please try again in a moment."));
}

enum http_outcome api_style(struct http_request *req, struct http_response *resp) {
    (void)req;
    http_response_text(resp, 200, STR("text/css; charset=utf-8"), page_style());
    http_response_header(resp, STR("Cache-Control"), STR("public, max-age=3600"));
    return HTTP_DONE;
}
