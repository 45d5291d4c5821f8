/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/api/app.h"

#include "auth/api/discovery.h"

/* "https://host:port" of "https://host:port/path". */
static str origin_of(str issuer) {
    size_t start = str_find(issuer, STR("://"));
    if (start == SIZE_MAX) {
        return issuer;
    }
    start += 3;
    size_t slash = str_find_byte(str_slice(issuer, start, issuer.len), '/');
    return slash == SIZE_MAX ? issuer : str_slice(issuer, 0, start + slash);
}

err app_prepare(struct app *app, struct arena *a) {
    str issuer = app->flow.settings.issuer;
    app->is_https = str_has_prefix(issuer, STR("https://"));
    app->origin = origin_of(issuer);
    app->base = str_slice(issuer, app->origin.len, issuer.len);
    return discovery_build(a, &app->flow.settings, &app->discovery);
}

struct call app_call(struct http_request *req) {
    struct app *app = app_of(req);
    return (struct call){
        .flow = &app->flow,
        .arena = req->arena,
        .now_ms = clock_wall_ms(app->ops->clock),
        .address = str_c(req->peer->address),
        .log = ops_log_context(req),
    };
}
