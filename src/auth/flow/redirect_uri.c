/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/flow/redirect_uri.h"

enum { PORT_DIGITS_MAX = 5, PORT_MAX = 65535 };

static bool byte_is_host(char c) {
    return byte_is_alnum(c) || c == '-' || c == '.';
}

static bool byte_is_ipv6(char c) {
    return byte_hex(c) >= 0 || c == ':';
}

/* RFC 3986 pchar, '/' and '?'; percent signs only as %XX. Nothing a CSP, a header or an HTML
 * attribute could take for syntax of its own. */
static bool rest_is_clean(str rest) {
    static const char marks[] = "-._~!$&'()*+,;=:@/?";
    for (size_t i = 0; i < rest.len; i++) {
        char c = rest.ptr[i];
        if (c == '%') {
            if (rest.len - i < 3 || byte_hex(rest.ptr[i + 1]) < 0 ||
                byte_hex(rest.ptr[i + 2]) < 0) {
                return false;
            }
            i += 2;
        } else if (!byte_is_alnum(c) && (c == '\0' || strchr(marks, c) == NULL)) {
            return false;
        }
    }
    return true;
}

/* Lower case only: a scheme in another case would be the same to a browser and not to us. */
static size_t scheme_length(str uri) {
    size_t i = 0;
    while (i < uri.len && ((uri.ptr[i] >= 'a' && uri.ptr[i] <= 'z') ||
                           (i > 0 && (byte_is_digit(uri.ptr[i]) || uri.ptr[i] == '+' ||
                                      uri.ptr[i] == '-' || uri.ptr[i] == '.')))) {
        i++;
    }
    return i < uri.len && uri.ptr[i] == ':' ? i : 0;
}

static bool port_is_valid(str port) {
    uint64_t value = 0;
    return port.len > 0 && port.len <= PORT_DIGITS_MAX && str_to_u64(port, &value) && value > 0 &&
           value <= PORT_MAX;
}

/* "host", "host:port", "[v6]", "[v6]:port"; *offset moves behind it. */
static bool authority_parse(str uri, size_t *offset, struct redirect_uri *u) {
    size_t start = *offset;
    size_t i = start;
    if (i < uri.len && uri.ptr[i] == '[') {
        i++;
        while (i < uri.len && byte_is_ipv6(uri.ptr[i])) {
            i++;
        }
        if (i >= uri.len || uri.ptr[i] != ']') {
            return false;
        }
        i++;
    } else {
        while (i < uri.len && byte_is_host(uri.ptr[i])) {
            i++;
        }
    }
    if (i == start) {
        return false;
    }
    u->host = str_slice(uri, start, i);
    u->port = (str){NULL, 0};
    if (i < uri.len && uri.ptr[i] == ':') {
        size_t digits = ++i;
        while (i < uri.len && byte_is_digit(uri.ptr[i])) {
            i++;
        }
        u->port = str_slice(uri, digits, i);
        if (!port_is_valid(u->port)) {
            return false;
        }
    }
    if (i < uri.len && uri.ptr[i] != '/' && uri.ptr[i] != '?') {
        return false; /* '@', '\\', '#', a second ':' … */
    }
    *offset = i;
    return true;
}

static err hierarchical_parse(str uri, size_t scheme_len, struct redirect_uri *u) {
    size_t offset = scheme_len + 3;
    if (!authority_parse(uri, &offset, u)) {
        return ERR_SYNTAX;
    }
    /* A CSP has no form for an IPv6 address (browsers ignore one): its scheme has to do. */
    bool is_ipv6 = u->host.ptr[0] == '[';
    u->origin = str_slice(uri, 0, is_ipv6 ? scheme_len + 1 : offset);
    u->rest = str_slice(uri, offset, uri.len);
    bool is_address = str_equal(u->host, STR("127.0.0.1")) || str_equal(u->host, STR("[::1]"));
    if (str_equal(u->scheme, STR("http"))) {
        u->is_loopback = is_address;
        return is_address || str_equal(u->host, STR("localhost")) ? ERR_OK : ERR_DENIED;
    }
    return ERR_OK;
}

err redirect_uri_parse(str uri, struct redirect_uri *ret) {
    if (uri.len > REDIRECT_URI_MAX) {
        return ERR_LIMIT;
    }
    size_t scheme_len = scheme_length(uri);
    if (scheme_len == 0) {
        return ERR_SYNTAX;
    }
    struct redirect_uri u = {.scheme = str_slice(uri, 0, scheme_len)};
    str behind = str_slice(uri, scheme_len + 1, uri.len);
    if (str_equal(u.scheme, STR("https")) || str_equal(u.scheme, STR("http"))) {
        if (!str_has_prefix(behind, STR("//"))) {
            return ERR_SYNTAX;
        }
        TRY(hierarchical_parse(uri, scheme_len, &u));
    } else if (str_find_byte(u.scheme, '.') != SIZE_MAX) {
        /* "com.example.app:/callback": no authority (RFC 8252 §7.1). */
        if (behind.len == 0 || behind.ptr[0] != '/' || str_has_prefix(behind, STR("//"))) {
            return ERR_SYNTAX;
        }
        u.host = STR("");
        u.origin = str_slice(uri, 0, scheme_len + 1);
        u.rest = behind;
    } else {
        return ERR_DENIED;
    }
    if (!rest_is_clean(u.rest)) {
        return ERR_SYNTAX;
    }
    *ret = u;
    return ERR_OK;
}

bool redirect_uri_matches(str registered, str presented) {
    struct redirect_uri known;
    struct redirect_uri asked;
    if (redirect_uri_parse(registered, &known) != ERR_OK ||
        redirect_uri_parse(presented, &asked) != ERR_OK) {
        return false;
    }
    if (known.is_loopback) {
        return asked.is_loopback && str_equal(known.host, asked.host) &&
               str_equal(known.rest, asked.rest);
    }
    return str_equal(registered, presented);
}
