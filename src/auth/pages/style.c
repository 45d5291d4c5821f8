/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/pages/html.h"

/*
 * One style sheet, no images, no fonts from elsewhere. Text and controls keep a contrast of at
 * least 4.5:1 in both schemes (WCAG 2.2 §1.4.3), the focus ring 3:1; targets are at least 44 px
 * high; everything is in rem, so that it grows with the reader's text size.
 */
static const char style_text[] =
    ":root {\n"
    "  color-scheme: light dark;\n"
    "  --ground: #f4f5f2; --card: #ffffff; --ink: #1b221d; --soft: #4c574f;\n"
    "  --line: #7b857e; --accent: #1f5c3d; --on-accent: #ffffff; --focus: #0b57d0;\n"
    "  --bad: #a3160b; --bad-ground: #fdeeec;\n"
    "}\n"
    "@media (prefers-color-scheme: dark) {\n"
    "  :root {\n"
    "    --ground: #141916; --card: #1e2521; --ink: #eef2ef; --soft: #b4beb7;\n"
    "    --line: #85918a; --accent: #8fd3ad; --on-accent: #0d1f15; --focus: #a8c7fa;\n"
    "    --bad: #ffb4ab; --bad-ground: #3b1715;\n"
    "  }\n"
    "}\n"
    "* { box-sizing: border-box; }\n"
    "body {\n"
    "  margin: 0; padding: 1rem; min-height: 100vh; display: grid; place-items: center;\n"
    "  background: var(--ground); color: var(--ink);\n"
    "  font: 1rem/1.5 system-ui, -apple-system, \"Segoe UI\", Roboto, sans-serif;\n"
    "}\n"
    "main {\n"
    "  width: 100%; max-width: 26rem; padding: 2rem; background: var(--card);\n"
    "  border: 1px solid var(--line); border-radius: .75rem; overflow-wrap: anywhere;\n"
    "}\n"
    ".brand { margin: 0 0 1.5rem; font-weight: 700; letter-spacing: .04em;\n"
    "  color: var(--accent); }\n"
    "h1 { margin: 0 0 .5rem; font-size: 1.5rem; line-height: 1.25; }\n"
    "h2 { margin: 0 0 .25rem; font-size: 1rem; }\n"
    "p { margin: 0 0 1rem; }\n"
    ".soft, .reference { color: var(--soft); }\n"
    ".reference { margin: 1.5rem 0 0; font-size: .875rem; }\n"
    "label { display: block; margin: 1rem 0 .25rem; font-weight: 600; }\n"
    "input {\n"
    "  width: 100%; min-height: 2.75rem; padding: .5rem .75rem; font: inherit;\n"
    "  color: var(--ink); background: var(--card); border: 1px solid var(--line);\n"
    "  border-radius: .5rem;\n"
    "}\n"
    "input[aria-invalid=true] { border: 2px solid var(--bad); }\n"
    "button {\n"
    "  width: 100%; min-height: 2.75rem; margin-top: 1.5rem; padding: .5rem 1rem;\n"
    "  font: inherit; font-weight: 600; color: var(--on-accent); background: var(--accent);\n"
    "  border: 1px solid var(--accent); border-radius: .5rem; cursor: pointer;\n"
    "}\n"
    "button.second { margin-top: .75rem; color: var(--accent); background: var(--card); }\n"
    ":focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }\n"
    ".alert {\n"
    "  margin: 1rem 0; padding: .75rem 1rem; color: var(--bad); background: var(--bad-ground);\n"
    "  border: 1px solid var(--bad); border-radius: .5rem;\n"
    "}\n"
    ".alert p { margin: 0; }\n"
    ".alert a { color: inherit; }\n"
    "ul { margin: 0 0 1rem; padding-left: 1.25rem; }\n"
    "@media (max-width: 30rem) { main { padding: 1.25rem; } }\n";

str page_style(void) {
    return str_make(style_text, sizeof style_text - 1);
}
