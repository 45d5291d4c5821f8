/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUTH_PAGES_HTML_H
#define AUTH_PAGES_HTML_H
/*
 * Writing HTML: one frame for all pages, and one way to put outside text into them.
 *
 * SECURITY: html_raw takes string literals only (the macro refuses anything else), every other
 * text goes through html_text, which escapes for element content and quoted attribute values
 * alike. There are no scripts, no inline styles and no other context, so one escape is enough.
 * Control characters other than tab and newline are shown as U+FFFD.
 *
 * A page is a buf in the request's arena with sticky failure; page_finish tells.
 */
#include "base/buf.h"

enum { PAGE_MAX = 64 * 1024 };

struct page {
    struct buf html;
};

#define html_raw(page, literal) buf_add(&(page)->html, STR(literal))
void html_text(struct page *page, str text);
/* ` name="value"`, the value escaped. */
void html_attribute(struct page *page, const char *name, str value);
/* `<input type="hidden" …>` */
void html_hidden(struct page *page, const char *name, str value);

/* Doctype to <main> and its heading. `base` is the path under which browsers see the service,
 * empty or "/auth". `is_retry`: the page asks again after a mistake. */
void page_begin(struct page *page, struct arena *a, str base, str title, bool is_retry);
/* </main> to </html>. `reference` (may be absent) is shown as the request's reference. */
err page_finish(struct page *page, str reference, str *ret) MUST_CHECK;

/* The style sheet of all pages, served at PAGE_STYLE_PATH. */
#define PAGE_STYLE_PATH "/static/app.css"
str page_style(void);

#endif
