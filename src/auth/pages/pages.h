/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUTH_PAGES_PAGES_H
#define AUTH_PAGES_PAGES_H
/*
 * The pages people see: sign-in, consent, signed out, and an error that cannot be sent to the
 * client. Plain HTML forms that work without scripts, with keyboard and screen reader: labels,
 * an error summary with role=alert that links to the field, autocomplete hints, one heading.
 *
 * Each function returns the whole document in the arena. All inputs are outside text and are
 * escaped here.
 */
#include "auth/pages/html.h"

struct sign_in_page {
    str base;        /* see page_begin */
    str action;      /* where the form goes, under `base` */
    str client_name; /* for whom the user signs in */
    str request;     /* the authorization request, sealed by `csrf` */
    str csrf;
    str email; /* what was typed before, or the client's login_hint */
    str error; /* absent: first showing */
    str reference;
};
err page_sign_in(struct arena *a, const struct sign_in_page *in, str *ret) MUST_CHECK;

struct consent_page {
    str base;
    str action;
    str client_name;
    str user_email;
    const str *meanings; /* "know who you are", … */
    size_t meaning_count;
    str request;
    str csrf;
    str reference;
};
err page_consent(struct arena *a, const struct consent_page *in, str *ret) MUST_CHECK;

/* A heading, a sentence and the request's reference. */
err page_message(struct arena *a, str base, str title, str text, str reference,
                 str *ret) MUST_CHECK;

/* Asks before signing out, when the client did not prove on whose behalf it asks. */
struct sign_out_page {
    str base;
    str action;
    str request;
    str csrf;
    str reference;
};
err page_sign_out(struct arena *a, const struct sign_out_page *in, str *ret) MUST_CHECK;

#endif
