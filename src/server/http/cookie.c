/* SPDX-License-Identifier: Apache-2.0 */
#include "server/http/cookie.h"

/* Browsers cap the lifetime at 400 days (RFC 6265bis §5.5). */
enum { MAX_AGE_MAX_S = 400 * 24 * 3600 };

static bool is_token_char(char c) {
    return byte_is_alnum(c) || (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static bool name_is_valid(str name) {
    for (size_t i = 0; i < name.len; i++) {
        if (!is_token_char(name.ptr[i])) {
            return false;
        }
    }
    return name.len > 0 && name.len <= COOKIE_NAME_MAX;
}

/* cookie-octet: visible ASCII without DQUOTE, comma, semicolon and backslash. */
static bool value_is_valid(str value) {
    for (size_t i = 0; i < value.len; i++) {
        char c = value.ptr[i];
        if (c <= ' ' || c > '~' || c == '"' || c == ',' || c == ';' || c == '\\') {
            return false;
        }
    }
    return value.len <= COOKIE_VALUE_MAX;
}

static bool path_is_valid(str path) {
    for (size_t i = 0; i < path.len; i++) {
        if (path.ptr[i] < ' ' || path.ptr[i] > '~' || path.ptr[i] == ';') {
            return false;
        }
    }
    return path.len > 0 && path.ptr[0] == '/';
}

bool cookie_next(str *rest, str *ret_name, str *ret_value) {
    while (rest->len > 0) {
        str pair;
        str name;
        str value;
        IGNORE(str_cut(*rest, ';', &pair, rest)); /* the last pair has no ';' */
        if (!str_cut(pair, '=', &name, &value)) {
            continue;
        }
        name = str_trim(name);
        value = str_trim(value);
        if (value.len >= 2 && value.ptr[0] == '"' && value.ptr[value.len - 1] == '"') {
            value = str_slice(value, 1, value.len - 1);
        }
        if (name_is_valid(name) && value_is_valid(value)) {
            *ret_name = name;
            *ret_value = value;
            return true;
        }
    }
    return false;
}

err cookie_find(const struct http_request *req, str name, str *ret_value) {
    str found = {NULL, 0};
    for (size_t i = 0; i < req->header_count; i++) {
        if (!str_equal(req->headers[i].name, STR("cookie"))) {
            continue;
        }
        str rest = req->headers[i].value;
        str pair_name;
        str value;
        while (cookie_next(&rest, &pair_name, &value)) {
            if (!str_equal(pair_name, name)) {
                continue;
            }
            if (!str_is_absent(found) && !str_equal(found, value)) {
                return ERR_EXISTS;
            }
            found = value;
        }
    }
    if (str_is_absent(found)) {
        return ERR_NOT_FOUND;
    }
    *ret_value = found;
    return ERR_OK;
}

static bool prefix_rule_holds(const struct cookie *cookie, str path) {
    str lower_host = STR("__host-");
    str lower_secure = STR("__secure-");
    str name = cookie->name;
    if (name.len >= lower_host.len &&
        str_equal_nocase(str_slice(name, 0, lower_host.len), lower_host)) {
        return !cookie->is_for_plain && str_equal(path, STR("/"));
    }
    if (name.len >= lower_secure.len &&
        str_equal_nocase(str_slice(name, 0, lower_secure.len), lower_secure)) {
        return !cookie->is_for_plain;
    }
    return true;
}

static str same_site_text(enum cookie_same_site same_site) {
    switch (same_site) {
    case COOKIE_LAX:
        return STR("Lax");
    case COOKIE_STRICT:
        return STR("Strict");
    case COOKIE_NONE:
        return STR("None");
    }
    return STR("Strict");
}

err cookie_format(struct arena *a, const struct cookie *cookie, str *ret) {
    str path = str_is_absent(cookie->path) ? STR("/") : cookie->path;
    bool is_plain_none = cookie->same_site == COOKIE_NONE && cookie->is_for_plain;
    if (!name_is_valid(cookie->name) || !value_is_valid(cookie->value) || !path_is_valid(path) ||
        !prefix_rule_holds(cookie, path) || cookie->max_age_s < 0 || is_plain_none) {
        return ERR_MISUSE;
    }
    struct buf out;
    buf_init_arena(&out, a, COOKIE_NAME_MAX + COOKIE_VALUE_MAX + path.len + 256);
    buf_add(&out, cookie->name);
    buf_add_byte(&out, '=');
    buf_add(&out, cookie->is_deleted ? (str){"", 0} : cookie->value);
    buf_add_c(&out, "; Path=");
    buf_add(&out, path);
    if (cookie->is_deleted) {
        buf_add_c(&out, "; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT");
    } else if (cookie->max_age_s > 0) {
        buf_add_c(&out, "; Max-Age=");
        buf_add_i64(&out, cookie->max_age_s > MAX_AGE_MAX_S ? MAX_AGE_MAX_S : cookie->max_age_s);
    }
    buf_add_c(&out, cookie->is_for_plain ? "" : "; Secure");
    buf_add_c(&out, cookie->is_for_scripts ? "" : "; HttpOnly");
    buf_add_c(&out, "; SameSite=");
    buf_add(&out, same_site_text(cookie->same_site));
    return buf_finish(&out, ret);
}

err cookie_set(struct http_request *req, struct http_response *resp, const struct cookie *cookie) {
    str value;
    if (resp->header_count >= HTTP_RESPONSE_HEADERS_MAX) {
        return ERR_LIMIT;
    }
    TRY(cookie_format(req->arena, cookie, &value));
    http_response_header(resp, STR("Set-Cookie"), value);
    return ERR_OK;
}
