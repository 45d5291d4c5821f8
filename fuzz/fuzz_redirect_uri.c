/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Redirect URIs: two lines, the registered one and the presented one. An accepted match leads to
 * the same scheme, host, path and query, and to the same port unless it is a loopback address,
 * judged here the way a careless browser would cut the text, not with the parser under test. A URI
 * that is accepted matches itself, holds nothing a header or a policy takes for syntax, and has
 * neither user information nor a fragment.
 */
#include "fuzz.h"

#include "auth/flow/redirect_uri.h"

struct cut {
    str scheme;
    str authority; /* empty without "//" */
    str rest;
};

static struct cut cut(str uri) {
    struct cut c = {0};
    str rest;
    IGNORE(str_cut(uri, ':', &c.scheme, &rest)); /* both sides are looked at by the caller */
    if (str_has_prefix(rest, STR("//"))) {
        size_t end = 2;
        while (end < rest.len && strchr("/\\?#", rest.ptr[end]) == NULL) {
            end++;
        }
        c.authority = str_slice(rest, 2, end);
        rest = str_slice(rest, end, rest.len);
    }
    c.rest = rest;
    return c;
}

static bool is_loopback(str authority, str host) {
    if (!str_has_prefix(authority, host)) {
        return false;
    }
    str port = str_slice(authority, host.len, authority.len);
    for (size_t i = 1; i < port.len; i++) {
        if (!byte_is_digit(port.ptr[i])) {
            return false;
        }
    }
    return port.len == 0 || (port.ptr[0] == ':' && port.len > 1);
}

static void accepted_check(str uri, const struct redirect_uri *parsed) {
    struct cut c = cut(uri);
    for (size_t i = 0; i < uri.len; i++) {
        FUZZ_CHECK(uri.ptr[i] > 0x20 && uri.ptr[i] < 0x7f);
        FUZZ_CHECK(strchr("\\\"<>#`{|}^", uri.ptr[i]) == NULL);
    }
    FUZZ_CHECK(str_find_byte(c.authority, '@') == SIZE_MAX);
    FUZZ_CHECK(str_equal(parsed->scheme, c.scheme));
    FUZZ_CHECK(str_has_prefix(c.authority, parsed->host));
    FUZZ_CHECK(str_equal(parsed->rest, c.rest));
    FUZZ_CHECK(str_has_prefix(uri, parsed->origin));
    for (size_t i = 0; i < parsed->origin.len; i++) {
        FUZZ_CHECK(strchr(" ;,'*", parsed->origin.ptr[i]) == NULL);
    }
    FUZZ_CHECK(!str_equal(c.scheme, STR("javascript")) && !str_equal(c.scheme, STR("data")));
    FUZZ_CHECK(redirect_uri_matches(uri, uri));
}

static void match_check(str registered, str presented) {
    struct cut a = cut(registered);
    struct cut b = cut(presented);
    FUZZ_CHECK(str_equal(a.scheme, b.scheme));
    FUZZ_CHECK(str_equal(a.rest, b.rest));
    if (str_equal(a.authority, b.authority)) {
        return;
    }
    bool is_v4 =
        is_loopback(a.authority, STR("127.0.0.1")) && is_loopback(b.authority, STR("127.0.0.1"));
    bool is_v6 = is_loopback(a.authority, STR("[::1]")) && is_loopback(b.authority, STR("[::1]"));
    FUZZ_CHECK(str_equal(a.scheme, STR("http")) && (is_v4 || is_v6));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    str registered;
    str presented;
    struct redirect_uri parsed;
    IGNORE(str_cut(fuzz_input(data, size), '\n', &registered, &presented)); /* absent: refused */
    if (redirect_uri_parse(registered, &parsed) == ERR_OK) {
        accepted_check(registered, &parsed);
    } else {
        FUZZ_CHECK(!redirect_uri_matches(registered, registered));
    }
    if (redirect_uri_matches(registered, presented)) {
        match_check(registered, presented);
    }
    return 0;
}
