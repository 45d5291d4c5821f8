/* SPDX-License-Identifier: Apache-2.0 */
#include "server/http/auth_header.h"

#include "base/base64.h"
#include "base/utf8.h"
#include "server/http/url.h"

/* token68 = 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"=" */
static bool is_token68(str text) {
    static const bool allowed[256] = {
        ['-'] = true, ['.'] = true, ['_'] = true, ['~'] = true, ['+'] = true, ['/'] = true,
        ['0'] = true, ['1'] = true, ['2'] = true, ['3'] = true, ['4'] = true, ['5'] = true,
        ['6'] = true, ['7'] = true, ['8'] = true, ['9'] = true, ['A'] = true, ['B'] = true,
        ['C'] = true, ['D'] = true, ['E'] = true, ['F'] = true, ['G'] = true, ['H'] = true,
        ['I'] = true, ['J'] = true, ['K'] = true, ['L'] = true, ['M'] = true, ['N'] = true,
        ['O'] = true, ['P'] = true, ['Q'] = true, ['R'] = true, ['S'] = true, ['T'] = true,
        ['U'] = true, ['V'] = true, ['W'] = true, ['X'] = true, ['Y'] = true, ['Z'] = true,
        ['a'] = true, ['b'] = true, ['c'] = true, ['d'] = true, ['e'] = true, ['f'] = true,
        ['g'] = true, ['h'] = true, ['i'] = true, ['j'] = true, ['k'] = true, ['l'] = true,
        ['m'] = true, ['n'] = true, ['o'] = true, ['p'] = true, ['q'] = true, ['r'] = true,
        ['s'] = true, ['t'] = true, ['u'] = true, ['v'] = true, ['w'] = true, ['x'] = true,
        ['y'] = true, ['z'] = true,
    };
    size_t len = text.len;
    while (len > 0 && text.ptr[len - 1] == '=') {
        len--;
    }
    /* Eight at a time and no early end: tokens are long and almost always well formed. */
    const unsigned char *p = (const unsigned char *)text.ptr;
    bool is_allowed = true;
    size_t i = 0;
    for (; i + 8 <= len; i += 8) {
        is_allowed &= allowed[p[i]] & allowed[p[i + 1]] & allowed[p[i + 2]] & allowed[p[i + 3]] &
                      allowed[p[i + 4]] & allowed[p[i + 5]] & allowed[p[i + 6]] & allowed[p[i + 7]];
    }
    for (; i < len; i++) {
        is_allowed &= allowed[p[i]];
    }
    return len > 0 && is_allowed;
}

static enum auth_scheme scheme_of(str name) {
    if (str_equal_nocase(name, STR("Bearer"))) {
        return AUTH_SCHEME_BEARER;
    }
    if (str_equal_nocase(name, STR("Basic"))) {
        return AUTH_SCHEME_BASIC;
    }
    if (str_equal_nocase(name, STR("DPoP"))) {
        return AUTH_SCHEME_DPOP;
    }
    return AUTH_SCHEME_OTHER;
}

err auth_header_parse(const struct http_request *req, struct auth_header *ret) {
    size_t count = http_header_count(req, STR("authorization"));
    if (count == 0) {
        *ret = (struct auth_header){.scheme = AUTH_SCHEME_NONE};
        return ERR_OK;
    }
    str name;
    str credentials;
    if (count > 1 ||
        !str_cut(http_header_get(req, STR("authorization")), ' ', &name, &credentials) ||
        name.len == 0) {
        return ERR_SYNTAX;
    }
    /* 1*SP between the scheme and the credentials (RFC 9110 §11.4) */
    while (credentials.len > 0 && credentials.ptr[0] == ' ') {
        credentials = str_slice(credentials, 1, credentials.len);
    }
    enum auth_scheme scheme = scheme_of(name);
    if (scheme != AUTH_SCHEME_OTHER && !is_token68(credentials)) {
        return ERR_SYNTAX;
    }
    *ret = (struct auth_header){scheme, credentials};
    return ERR_OK;
}

err auth_header_bearer(const struct http_request *req, str *ret_token) {
    struct auth_header header;
    TRY(auth_header_parse(req, &header));
    if (header.scheme != AUTH_SCHEME_BEARER) {
        return ERR_MISSING;
    }
    *ret_token = header.credentials;
    return ERR_OK;
}

static bool is_clean_text(str text) {
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c < 0x20 || c == 0x7f) {
            return false;
        }
    }
    return utf8_is_valid(text, NULL);
}

err auth_header_basic(const struct http_request *req, bool is_form_encoded,
                      struct basic_credentials *ret) {
    struct auth_header header;
    str pair;
    struct basic_credentials found;
    TRY(auth_header_parse(req, &header));
    if (header.scheme != AUTH_SCHEME_BASIC) {
        return ERR_MISSING;
    }
    TRY(base64_decode(req->arena, BASE64_STANDARD, header.credentials, &pair));
    if (!is_clean_text(pair) || !str_cut(pair, ':', &found.user, &found.password)) {
        return ERR_SYNTAX;
    }
    if (is_form_encoded) {
        TRY(url_decode(req->arena, found.user, true, &found.user));
        TRY(url_decode(req->arena, found.password, true, &found.password));
        if (!is_clean_text(found.user) || !is_clean_text(found.password)) {
            return ERR_SYNTAX;
        }
    }
    *ret = found;
    return ERR_OK;
}
