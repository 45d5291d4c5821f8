/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/pages/html.h"

#include "base/utf8.h"

static str escape_of(char c) {
    switch (c) {
    case '&':
        return STR("&amp;");
    case '<':
        return STR("&lt;");
    case '>':
        return STR("&gt;");
    case '"':
        return STR("&quot;");
    case '\'':
        return STR("&#39;");
    default:
        return (str){NULL, 0};
    }
}

void html_text(struct page *page, str text) {
    size_t offset = 0;
    while (offset < text.len) {
        size_t start = offset;
        uint32_t scalar = 0;
        if (!utf8_next(text, &offset, &scalar)) {
            buf_add(&page->html, STR("\xef\xbf\xbd"));
            offset = start + 1;
            continue;
        }
        str escape = scalar < 0x80 ? escape_of((char)scalar) : (str){NULL, 0};
        if (!str_is_absent(escape)) {
            buf_add(&page->html, escape);
        } else if ((scalar < 0x20 && scalar != '\t' && scalar != '\n') ||
                   (scalar >= 0x7f && scalar < 0xa0)) {
            buf_add(&page->html, STR("\xef\xbf\xbd"));
        } else {
            buf_add(&page->html, str_slice(text, start, offset));
        }
    }
}

void html_attribute(struct page *page, const char *name, str value) {
    html_raw(page, " ");
    buf_add_c(&page->html, name);
    html_raw(page, "=\"");
    html_text(page, value);
    html_raw(page, "\"");
}

void html_hidden(struct page *page, const char *name, str value) {
    html_raw(page, "<input type=\"hidden\"");
    html_attribute(page, "name", str_c(name));
    html_attribute(page, "value", value);
    html_raw(page, ">\n");
}

void page_begin(struct page *page, struct arena *a, str base, str title, bool is_retry) {
    buf_init_arena(&page->html, a, PAGE_MAX);
    html_raw(page, "<!doctype html>\n"
                   "<html lang=\"en\">\n"
                   "<head>\n"
                   "<meta charset=\"utf-8\">\n"
                   "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                   "<meta name=\"color-scheme\" content=\"light dark\">\n"
                   "<meta name=\"robots\" content=\"noindex\">\n"
                   "<title>");
    if (is_retry) {
        html_raw(page, "Error: "); /* a screen reader reads the title before the alert */
    }
    html_text(page, title);
    html_raw(page, " · Ironwood</title>\n"
                   "<link rel=\"stylesheet\" href=\"");
    html_text(page, base);
    html_raw(page, PAGE_STYLE_PATH "\">\n"
                                   "</head>\n"
                                   "<body>\n"
                                   "<main>\n"
                                   "<p class=\"brand\">Ironwood</p>\n"
                                   "<h1>");
    html_text(page, title);
    html_raw(page, "</h1>\n");
}

err page_finish(struct page *page, str reference, str *ret) {
    if (reference.len > 0) {
        html_raw(page, "<p class=\"reference\">Reference: <code>");
        html_text(page, reference);
        html_raw(page, "</code></p>\n");
    }
    html_raw(page, "</main>\n</body>\n</html>\n");
    return buf_finish(&page->html, ret);
}
