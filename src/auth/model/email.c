/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/model/email.h"

static err syntax(struct error *reterr, const char *reason) {
    return error_set(reterr, ERR_SYNTAX, "%s", reason);
}

/* RFC 5322 §3.2.3 atext, without the bytes that shells, headers and HTML trip over most: the
 * grave accent, braces and the bar are legal and unseen in real addresses, so they stay out. */
static bool byte_is_local(char c) {
    return byte_is_alnum(c) || (c != '\0' && strchr("!#$%&'*+-/=?^_~.", c) != NULL);
}

static err local_check(str local, struct error *reterr) {
    if (local.len == 0) {
        return syntax(reterr, "the e-mail address has nothing before the @");
    }
    if (local.len > EMAIL_LOCAL_MAX) {
        return error_set(reterr, ERR_LIMIT, "the part before the @ is longer than %d characters",
                         EMAIL_LOCAL_MAX);
    }
    for (size_t i = 0; i < local.len; i++) {
        if (!byte_is_local(local.ptr[i])) {
            return syntax(reterr, "the part before the @ contains a character that is not allowed");
        }
        bool is_edge = i == 0 || i + 1 == local.len;
        if (local.ptr[i] == '.' && (is_edge || local.ptr[i - 1] == '.')) {
            return syntax(reterr, "a dot before the @ is at an edge or doubled");
        }
    }
    return ERR_OK;
}

/* RFC 1123 §2.1: letters, digits and inner hyphens. */
static err label_check(str label, struct error *reterr) {
    if (label.len == 0) {
        return syntax(reterr, "the domain of the e-mail address has an empty part");
    }
    if (label.len > EMAIL_LABEL_MAX) {
        return error_set(reterr, ERR_LIMIT, "a part of the domain is longer than %d characters",
                         EMAIL_LABEL_MAX);
    }
    if (label.ptr[0] == '-' || label.ptr[label.len - 1] == '-') {
        return syntax(reterr, "a part of the domain begins or ends with a hyphen");
    }
    for (size_t i = 0; i < label.len; i++) {
        if (!byte_is_alnum(label.ptr[i]) && label.ptr[i] != '-') {
            return syntax(reterr, "the domain contains a character that is not allowed");
        }
    }
    return ERR_OK;
}

static err domain_check(str domain, struct error *reterr) {
    size_t labels = 0;
    str rest = domain;
    str label;
    bool has_more = true;
    while (has_more) {
        has_more = str_cut(rest, '.', &label, &rest);
        TRY(label_check(label, reterr));
        labels++;
    }
    if (labels < 2) {
        return syntax(reterr, "the domain of the e-mail address has no dot");
    }
    /* No top-level domain begins with a digit (RFC 3696 §2): this is a mistyped address literal. */
    if (byte_is_digit(label.ptr[0])) {
        return syntax(reterr, "the last part of the domain is not a top-level domain");
    }
    return ERR_OK;
}

err email_parse(struct arena *a, str text, struct email *ret, struct error *reterr) {
    if (text.len > EMAIL_MAX) {
        return error_set(reterr, ERR_LIMIT, "the e-mail address is longer than %d characters",
                         EMAIL_MAX);
    }
    str local;
    str domain;
    if (!str_cut(text, '@', &local, &domain)) {
        return syntax(reterr, "the e-mail address has no @");
    }
    TRY(local_check(local, reterr));
    TRY(domain_check(domain, reterr)); /* a second @ is not a domain character */
    char *bytes = ARENA_ARRAY(a, char, 2 * text.len);
    if (bytes == NULL) {
        return error_set(reterr, arena_error(a), "out of memory");
    }
    for (size_t i = 0; i < text.len; i++) {
        char lower = byte_lower(text.ptr[i]);
        bytes[i] = i < local.len ? text.ptr[i] : lower;
        bytes[text.len + i] = lower;
    }
    *ret = (struct email){{bytes, text.len}, {bytes + text.len, text.len}};
    return ERR_OK;
}
