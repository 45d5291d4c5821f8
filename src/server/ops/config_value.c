/* SPDX-License-Identifier: Apache-2.0 */
#include "server/ops/config_int.h"

#include "base/assert.h"
#include "base/utf8.h"

struct unit {
    str suffix;
    int64_t factor;
};

/* Smallest first; "" is the bare number. */
static const struct unit duration_units[] = {
    {STR_INIT("ms"), 1},      {STR_INIT("s"), 1000},     {STR_INIT("m"), 60000},
    {STR_INIT("h"), 3600000}, {STR_INIT("d"), 86400000}, {STR_INIT(""), 1},
};
static const struct unit size_units[] = {
    {STR_INIT(""), 1},
    {STR_INIT("K"), 1 << 10},
    {STR_INIT("M"), 1 << 20},
    {STR_INIT("G"), 1 << 30},
};

static bool parse_quantity(str text, const struct unit *units, size_t count, int64_t *ret) {
    size_t digits = 0;
    while (digits < text.len && (byte_is_digit(text.ptr[digits]) || text.ptr[digits] == '-')) {
        digits++;
    }
    int64_t number;
    if (!str_to_i64(str_slice(text, 0, digits), &number)) {
        return false;
    }
    str suffix = str_slice(text, digits, text.len);
    for (size_t i = 0; i < count; i++) {
        if (str_equal(suffix, units[i].suffix)) {
            return !MUL_OVERFLOWS(number, units[i].factor, ret);
        }
    }
    return false;
}

/* With the largest unit that divides it. */
static void add_quantity(struct buf *out, int64_t value, const struct unit *units, size_t count) {
    const struct unit *best = &units[0];
    for (size_t i = 0; i < count; i++) {
        if (value != 0 && value % units[i].factor == 0 && units[i].factor > best->factor) {
            best = &units[i];
        }
    }
    buf_add_i64(out, value / best->factor);
    buf_add(out, best->suffix);
}

static void add_number(struct buf *out, enum config_type type, int64_t value) {
    if (type == CONFIG_DURATION_MS) {
        add_quantity(out, value, duration_units, ARRAY_LEN(duration_units));
    } else if (type == CONFIG_SIZE) {
        add_quantity(out, value, size_units, ARRAY_LEN(size_units));
    } else {
        buf_add_i64(out, value);
    }
}

static str type_name(enum config_type type) {
    switch (type) {
    case CONFIG_STRING:
        return STR("text");
    case CONFIG_INT:
        return STR("integer");
    case CONFIG_BOOL:
        return STR("true or false");
    case CONFIG_DURATION_MS:
        return STR("duration");
    case CONFIG_SIZE:
        return STR("size");
    case CONFIG_PATH:
        return STR("path");
    case CONFIG_STRING_LIST:
        return STR("list");
    }
    UNREACHABLE();
}

void config_value_describe(const struct config_key *key, struct buf *out) {
    buf_add(out, type_name(key->type));
    if (key->min == 0 && key->max == 0) {
        return;
    }
    buf_add(out, STR(", "));
    add_number(out, key->type, key->min);
    buf_add(out, STR(" to "));
    add_number(out, key->type, key->max);
    switch (key->type) {
    case CONFIG_STRING:
    case CONFIG_PATH:
        buf_add(out, STR(" bytes"));
        return;
    case CONFIG_STRING_LIST:
        buf_add(out, STR(" items"));
        return;
    case CONFIG_INT:
    case CONFIG_BOOL:
    case CONFIG_DURATION_MS:
    case CONFIG_SIZE:
        return;
    }
}

/* "must be integer, 0 to 65535; it is \"abc\"" */
static err fail_value(const struct config_key *key, str text, err code, struct error *reterr) {
    enum { SHOWN_MAX = 60 };
    char storage[128];
    struct buf allowed;
    buf_init_fixed(&allowed, storage, sizeof storage);
    config_value_describe(key, &allowed);
    str shown = text.len > SHOWN_MAX ? str_slice(text, 0, SHOWN_MAX) : text;
    if (key->is_secret || !utf8_is_valid(shown, NULL)) {
        return error_set(reterr, code, "must be %.*s", STR_FMT(buf_str(&allowed)));
    }
    return error_set(reterr, code, "must be %.*s; it is \"%.*s\"%s", STR_FMT(buf_str(&allowed)),
                     STR_FMT(shown), text.len > SHOWN_MAX ? "…" : "");
}

static bool is_in_range(const struct config_key *key, int64_t value) {
    return (key->min == 0 && key->max == 0) || (value >= key->min && value <= key->max);
}

static bool parse_bool(str text, bool *ret) {
    static const str words[] = {STR_INIT("false"), STR_INIT("true"), STR_INIT("no"),
                                STR_INIT("yes"),   STR_INIT("off"),  STR_INIT("on"),
                                STR_INIT("0"),     STR_INIT("1")};
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (str_equal_nocase(text, words[i])) {
            *ret = i % 2 == 1;
            return true;
        }
    }
    return false;
}

static bool parse_number(const struct config_key *key, str text, int64_t *ret) {
    switch (key->type) {
    case CONFIG_DURATION_MS:
        return parse_quantity(text, duration_units, ARRAY_LEN(duration_units), ret);
    case CONFIG_SIZE:
        return parse_quantity(text, size_units, ARRAY_LEN(size_units), ret);
    case CONFIG_INT:
        return str_to_i64(text, ret);
    case CONFIG_STRING:
    case CONFIG_BOOL:
    case CONFIG_PATH:
    case CONFIG_STRING_LIST:
        break;
    }
    UNREACHABLE();
}

static err parse_text(const struct config_key *key, str text, struct arena *a, str *field,
                      struct error *reterr) {
    if (!is_in_range(key, (int64_t)text.len)) {
        return fail_value(key, text, ERR_RANGE, reterr);
    }
    const char *copy; /* terminated, for those that pass it to the system */
    err code = arena_c_string(a, text, &copy);
    if (code == ERR_SYNTAX) {
        return error_set(reterr, code, "must not contain a NUL byte");
    }
    TRY(code);
    *field = (str){copy, text.len};
    return ERR_OK;
}

static err parse_list(const struct config_key *key, str text, struct arena *a,
                      struct config_list *field, struct error *reterr) {
    size_t count = text.len == 0 ? 0 : 1;
    for (size_t i = 0; i < text.len; i++) {
        count += text.ptr[i] == ',';
    }
    str *items = ARENA_ARRAY(a, str, count);
    if (items == NULL) {
        return arena_error(a);
    }
    str rest = text;
    for (size_t i = 0; i < count; i++) {
        str item;
        str_cut(rest, ',', &item, &rest);
        item = str_trim(item);
        if (item.len == 0) {
            return error_set(reterr, ERR_SYNTAX, "item %zu of the list is empty", i + 1);
        }
        TRY(arena_copy(a, item, &items[i]));
    }
    if (!is_in_range(key, (int64_t)count)) {
        return fail_value(key, text, ERR_RANGE, reterr);
    }
    *field = (struct config_list){items, count};
    return ERR_OK;
}

err config_value_parse(const struct config_key *key, str text, struct arena *a, void *field,
                       struct error *reterr) {
    int64_t number;
    switch (key->type) {
    case CONFIG_INT:
    case CONFIG_DURATION_MS:
    case CONFIG_SIZE:
        if (!parse_number(key, text, &number)) {
            return fail_value(key, text, ERR_SYNTAX, reterr);
        }
        if (!is_in_range(key, number)) {
            return fail_value(key, text, ERR_RANGE, reterr);
        }
        *(int64_t *)field = number;
        return ERR_OK;
    case CONFIG_BOOL:
        return parse_bool(text, field) ? ERR_OK : fail_value(key, text, ERR_SYNTAX, reterr);
    case CONFIG_STRING:
    case CONFIG_PATH:
        return parse_text(key, text, a, field, reterr);
    case CONFIG_STRING_LIST:
        return parse_list(key, text, a, field, reterr);
    }
    UNREACHABLE();
}
