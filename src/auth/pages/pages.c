/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/pages/pages.h"

static void form_open(struct page *page, str base, str action) {
    html_raw(page, "<form method=\"post\" action=\"");
    html_text(page, base);
    html_text(page, action);
    html_raw(page, "\">\n");
}

static void sign_in_fields(struct page *page, const struct sign_in_page *in) {
    bool is_retry = in->error.len > 0;
    html_raw(page, "<label for=\"email\">E-mail address</label>\n"
                   "<input id=\"email\" name=\"email\" type=\"email\" autocomplete=\"username\" "
                   "required maxlength=\"254\" spellcheck=\"false\"");
    if (is_retry) {
        html_raw(page, " aria-invalid=\"true\" aria-describedby=\"error\"");
    }
    if (in->email.len == 0) {
        html_raw(page, " autofocus");
    }
    html_attribute(page, "value", in->email);
    html_raw(page, ">\n<label for=\"password\">Password</label>\n"
                   "<input id=\"password\" name=\"password\" type=\"password\" "
                   "autocomplete=\"current-password\" required maxlength=\"128\"");
    if (is_retry) {
        html_raw(page, " aria-invalid=\"true\" aria-describedby=\"error\"");
    }
    if (in->email.len > 0) {
        html_raw(page, " autofocus");
    }
    html_raw(page, ">\n<button type=\"submit\">Sign in</button>\n");
}

err page_sign_in(struct arena *a, const struct sign_in_page *in, str *ret) {
    struct page page;
    page_begin(&page, a, in->base, STR("Sign in"), in->error.len > 0);
    html_raw(&page, "<p class=\"soft\">to continue to <strong>");
    html_text(&page, in->client_name);
    html_raw(&page, "</strong></p>\n");
    if (in->error.len > 0) {
        html_raw(&page, "<div class=\"alert\" role=\"alert\" id=\"error\">\n"
                        "<h2>You are not signed in</h2>\n<p><a href=\"#email\">");
        html_text(&page, in->error);
        html_raw(&page, "</a></p>\n</div>\n");
    }
    form_open(&page, in->base, in->action);
    html_hidden(&page, "request", in->request);
    html_hidden(&page, "csrf", in->csrf);
    sign_in_fields(&page, in);
    html_raw(&page, "</form>\n");
    return page_finish(&page, in->error.len > 0 ? in->reference : STR(""), ret);
}

err page_consent(struct arena *a, const struct consent_page *in, str *ret) {
    struct page page;
    page_begin(&page, a, in->base, STR("Allow access?"), false);
    html_raw(&page, "<p>You are signed in as <strong>");
    html_text(&page, in->user_email);
    html_raw(&page, "</strong>.</p>\n<p><strong>");
    html_text(&page, in->client_name);
    html_raw(&page, "</strong> asks to:</p>\n<ul>\n");
    for (size_t i = 0; i < in->meaning_count; i++) {
        html_raw(&page, "<li>");
        html_text(&page, in->meanings[i]);
        html_raw(&page, "</li>\n");
    }
    html_raw(&page, "</ul>\n");
    form_open(&page, in->base, in->action);
    html_hidden(&page, "request", in->request);
    html_hidden(&page, "csrf", in->csrf);
    html_raw(&page, "<button type=\"submit\" name=\"answer\" value=\"allow\">Allow</button>\n"
                    "<button class=\"second\" type=\"submit\" name=\"answer\" value=\"deny\">"
                    "Do not allow</button>\n</form>\n");
    return page_finish(&page, STR(""), ret);
}

err page_message(struct arena *a, str base, str title, str text, str reference, str *ret) {
    struct page page;
    page_begin(&page, a, base, title, false);
    html_raw(&page, "<p>");
    html_text(&page, text);
    html_raw(&page, "</p>\n");
    return page_finish(&page, reference, ret);
}

err page_sign_out(struct arena *a, const struct sign_out_page *in, str *ret) {
    struct page page;
    page_begin(&page, a, in->base, STR("Sign out?"), false);
    html_raw(&page, "<p>You will be signed out here and in the applications you used.</p>\n");
    form_open(&page, in->base, in->action);
    html_hidden(&page, "request", in->request);
    html_hidden(&page, "csrf", in->csrf);
    html_raw(&page, "<button type=\"submit\">Sign out</button>\n</form>\n");
    return page_finish(&page, in->reference, ret);
}
