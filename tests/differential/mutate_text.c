/* SPDX-License-Identifier: Apache-2.0 */
#include "mutate.h"

#include "base/assert.h"

enum { TOKENS_MAX = 4000 };

struct tokens {
    size_t count;
    size_t at[TOKENS_MAX];
    size_t end[TOKENS_MAX];
};

static bool is_space(char c) {
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static size_t token_end(str text, size_t at) {
    char c = text.ptr[at];
    size_t end = at + 1;
    if (byte_is_alnum(c) || c == '_' || c == '?') {
        while (end < text.len && (byte_is_alnum(text.ptr[end]) || text.ptr[end] == '_')) {
            end++;
        }
    } else if (c == '"') {
        while (end < text.len && text.ptr[end] != '"') {
            end += text.ptr[end] == '\\' ? 2 : 1;
        }
        end = end < text.len ? end + 1 : text.len;
    } else if (end < text.len) {
        static const char *const pairs[] = {"::", "==", "!=", "<=", ">=", "&&", "||", "//"};
        for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
            if (c == pairs[i][0] && text.ptr[end] == pairs[i][1]) {
                end++;
                break;
            }
        }
    }
    return end;
}

static void tokenize(str text, struct tokens *ret) {
    ret->count = 0;
    for (size_t at = 0; at < text.len && ret->count < TOKENS_MAX;) {
        if (is_space(text.ptr[at])) {
            at++;
            continue;
        }
        ret->at[ret->count] = at;
        at = token_end(text, at);
        ret->end[ret->count++] = at;
    }
}

static void say_token(struct maker *m) {
    SAY_ONE(m, "permit", "forbid", "when", "unless", "principal", "action", "resource", "context",
            "true", "false", "if", "then", "else", "in", "is", "like", "has", "==", "!=", "<",
            "<=", ">", ">=", "&&", "||", "+", "-", "*", "/", "%", "!", "=", "(", ")", "{", "}", "[",
            "]", ",", ";", ":", "::", ".", "@", "?principal", "?resource", "?x", "\"a\"", "\"\"",
            "'a'", "1", "0", "99999999999999999999", "User", "User::\"0\"", "Action::\"view\"",
            "ip", "decimal", "contains", "isEmpty", "getTag", "__cedar", "foo", "a", "b", "#", "&",
            "|", "$", "\"\\q\"", "\"*\"", "// comment\n", "/*", "\u00e9", "\u00a0", "\ufeff",
            "entity", "type", "namespace", "appliesTo", "tags", "enum", "Set", "Long", "\"", "~",
            "`", "^", "9223372036854775808", "ip(\"::1\")", ".contains(1)", "[1]", "{a: 1}", "()",
            "{}", "[]", "principal.a", "containsAll", "isIpv4", "toDate", "Ip", "context.name");
}

static void say_char(struct maker *m) {
    SAY_ONE(m, "a", "\"", "\\", "(", ")", "{", "}", " ", "\n", "\r", "=", ":", ";", ",", ".", "!",
            "-", "0", "_", "\u00e9", "\t", "\u2028", "@", "?", "/", "\x01", "'", "*");
}

static str mutate_token(struct maker *m, str text, const struct tokens *tokens) {
    size_t start = m->out.len;
    size_t a = pick(m, (unsigned)tokens->count);
    size_t b = pick(m, (unsigned)tokens->count);
    size_t low = a < b ? a : b;
    size_t high = a < b ? b : a;
    unsigned kind = pick(m, 7);
    size_t from = tokens->at[a];
    size_t to = tokens->end[a];
    if (kind == 5) { /* two change places */
        buf_add(&m->out, str_slice(text, 0, tokens->at[low]));
        buf_add(&m->out, str_slice(text, tokens->at[high], tokens->end[high]));
        if (high > low) {
            buf_add(&m->out, str_slice(text, tokens->end[low], tokens->at[high]));
        }
        buf_add(&m->out, str_slice(text, tokens->at[low], tokens->end[low]));
        buf_add(&m->out, str_slice(text, tokens->end[high], text.len));
        return maker_take(m, start);
    }
    buf_add(&m->out, str_slice(text, 0, from));
    if (kind == 0 || kind == 1) { /* another one */
        say_token(m);
    } else if (kind == 2) { /* one more */
        say_token(m);
        say(m, " ");
        to = from;
    } else if (kind == 3) { /* one from elsewhere */
        buf_add(&m->out, str_slice(text, tokens->at[b], tokens->end[b]));
        say(m, " ");
        to = chance(m, 2) ? from : to;
    } else if (kind == 6 && chance(m, 3)) { /* the end is missing */
        to = text.len;
    } /* else: it is missing */
    buf_add(&m->out, str_slice(text, to, text.len));
    return maker_take(m, start);
}

/* Characters are ASCII or stay whole: a byte of a longer one is not taken apart. */
static str mutate_char(struct maker *m, str text) {
    size_t start = m->out.len;
    size_t at = pick(m, (unsigned)text.len + 1);
    while (at < text.len && ((unsigned char)text.ptr[at] & 0xc0) == 0x80) {
        at++;
    }
    buf_add(&m->out, str_slice(text, 0, at));
    bool is_removed = chance(m, 2) && at < text.len && (unsigned char)text.ptr[at] < 0x80;
    if (!is_removed) {
        say_char(m);
    }
    buf_add(&m->out, str_slice(text, is_removed ? at + 1 : at, text.len));
    return maker_take(m, start);
}

str mutate_text(struct maker *m, str text) {
    struct tokens tokens;
    for (unsigned i = 1 + pick(m, 4) / 3; i > 0; i--) {
        tokenize(text, &tokens);
        text = tokens.count == 0 || chance(m, 5) ? mutate_char(m, text)
                                                 : mutate_token(m, text, &tokens);
    }
    return text;
}

static void say_space(struct maker *m, bool is_needed) {
    switch (pick(m, 14)) {
    case 0:
        SAY_ONE(m, "\n", "\n\n", "  ", "\t", "\r\n", "\n\n\n", "\u00a0", " \n ");
        return;
    case 1:
        SAY_ONE(m, " // note\n", "\n// note\n", " // it's \"x\"\n", "//\n", "\n\n// a\n// b\n",
                " // \u00e9 \n", " //x\r\n", "// a // b\n\n", "\n//a\n\n//b\n");
        return;
    case 2:
    case 3:
        say(m, is_needed ? " " : "");
        return;
    default:
        say(m, " ");
        return;
    }
}

str mutate_space(struct maker *m, str text) {
    size_t start = m->out.len;
    struct tokens tokens;
    tokenize(text, &tokens);
    bool is_wild = chance(m, 3);
    size_t end = 0;
    for (size_t i = 0; i < tokens.count; i++) {
        if (i > 0 && !is_wild && !chance(m, 8)) {
            buf_add(&m->out, str_slice(text, end, tokens.at[i]));
        } else {
            char before = i > 0 ? text.ptr[end - 1] : ' ';
            say_space(m, byte_is_alnum(before) || before == '_');
        }
        buf_add(&m->out, str_slice(text, tokens.at[i], tokens.end[i]));
        end = tokens.end[i];
    }
    if (chance(m, 3)) {
        say_space(m, false);
    }
    return maker_take(m, start);
}
