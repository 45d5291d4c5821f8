/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who may read /admin and /debug without a token (contract C2). SECURITY: each condition closes a
 * way in: the peer check the network, the Host check a browser on the machine that was lured by
 * DNS rebinding, the header check a proxy or sidecar that connects from loopback for somebody
 * else.
 */
#include "server/ops/ops.h"

static bool is_loopback_v4(str host) {
    str rest = host;
    for (int part = 0; part < 4; part++) {
        str digits;
        uint64_t value;
        bool has_more = str_cut(rest, '.', &digits, &rest);
        if (has_more != (part < 3) || digits.len > 3 || !str_to_u64(digits, &value) ||
            value > 255 || (part == 0 && value != 127)) {
            return false;
        }
    }
    return true;
}

static bool is_port(str s) {
    uint64_t value;
    return s.len <= 5 && str_to_u64(s, &value) && value <= 65535;
}

/* localhost, 127.x.y.z or [::1], each with or without a port. */
static bool is_loopback_host(str host) {
    if (str_has_prefix(host, STR("["))) {
        str rest = str_slice(host, 1, host.len);
        str address;
        if (!str_cut(rest, ']', &address, &rest) || !str_equal(address, STR("::1"))) {
            return false;
        }
        return rest.len == 0 || (rest.ptr[0] == ':' && is_port(str_slice(rest, 1, rest.len)));
    }
    str name;
    str port;
    if (str_cut(host, ':', &name, &port) && !is_port(port)) {
        return false;
    }
    return str_equal_nocase(name, STR("localhost")) || is_loopback_v4(name);
}

static bool is_forwarding_header(str name) {
    return str_has_prefix(name, STR("x-forwarded-")) || str_has_prefix(name, STR("x-envoy-")) ||
           str_equal(name, STR("forwarded")) || str_equal(name, STR("via")) ||
           str_equal(name, STR("x-real-ip"));
}

bool ops_is_loopback_operator(const struct http_request *req) {
    const struct ops *ops = ops_of(req);
    if (!atomic_load(&ops->has_loopback_operators) ||
        (req->method != HTTP_GET && req->method != HTTP_HEAD) || req->peer == NULL ||
        !req->peer->is_loopback || !is_loopback_host(req->host)) {
        return false;
    }
    for (size_t i = 0; i < req->header_count; i++) {
        if (is_forwarding_header(req->headers[i].name)) {
            return false;
        }
    }
    return true;
}
