/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/ext/functions.h"

#include "cedar/ext/ext_int.h"

enum { MESSAGE_MAX = 1 << 20 };

/* Sorted by name. */
static const struct ext_function functions[] = {
    {STR_INIT("datetime"), EXT_FUNCTION, 1, {VALUE_STRING}, VALUE_DATETIME, datetime_from_string},
    {STR_INIT("decimal"), EXT_FUNCTION, 1, {VALUE_STRING}, VALUE_DECIMAL, decimal_from_string},
    {STR_INIT("duration"), EXT_FUNCTION, 1, {VALUE_STRING}, VALUE_DURATION, duration_from_string},
    {STR_INIT("durationSince"),
     EXT_METHOD,
     2,
     {VALUE_DATETIME, VALUE_DATETIME},
     VALUE_DURATION,
     datetime_duration_since},
    {STR_INIT("greaterThan"),
     EXT_METHOD,
     2,
     {VALUE_DECIMAL, VALUE_DECIMAL},
     VALUE_BOOL,
     decimal_greater_than},
    {STR_INIT("greaterThanOrEqual"),
     EXT_METHOD,
     2,
     {VALUE_DECIMAL, VALUE_DECIMAL},
     VALUE_BOOL,
     decimal_greater_than_or_equal},
    {STR_INIT("ip"), EXT_FUNCTION, 1, {VALUE_STRING}, VALUE_IPADDR, ip_from_string},
    {STR_INIT("isInRange"),
     EXT_METHOD,
     2,
     {VALUE_IPADDR, VALUE_IPADDR},
     VALUE_BOOL,
     ip_is_in_range},
    {STR_INIT("isIpv4"), EXT_METHOD, 1, {VALUE_IPADDR}, VALUE_BOOL, ip_is_ipv4},
    {STR_INIT("isIpv6"), EXT_METHOD, 1, {VALUE_IPADDR}, VALUE_BOOL, ip_is_ipv6},
    {STR_INIT("isLoopback"), EXT_METHOD, 1, {VALUE_IPADDR}, VALUE_BOOL, ip_is_loopback},
    {STR_INIT("isMulticast"), EXT_METHOD, 1, {VALUE_IPADDR}, VALUE_BOOL, ip_is_multicast},
    {STR_INIT("lessThan"),
     EXT_METHOD,
     2,
     {VALUE_DECIMAL, VALUE_DECIMAL},
     VALUE_BOOL,
     decimal_less_than},
    {STR_INIT("lessThanOrEqual"),
     EXT_METHOD,
     2,
     {VALUE_DECIMAL, VALUE_DECIMAL},
     VALUE_BOOL,
     decimal_less_than_or_equal},
    {STR_INIT("offset"),
     EXT_METHOD,
     2,
     {VALUE_DATETIME, VALUE_DURATION},
     VALUE_DATETIME,
     datetime_offset},
    {STR_INIT("toDate"), EXT_METHOD, 1, {VALUE_DATETIME}, VALUE_DATETIME, datetime_to_date},
    {STR_INIT("toDays"), EXT_METHOD, 1, {VALUE_DURATION}, VALUE_LONG, duration_to_days},
    {STR_INIT("toHours"), EXT_METHOD, 1, {VALUE_DURATION}, VALUE_LONG, duration_to_hours},
    {STR_INIT("toMilliseconds"),
     EXT_METHOD,
     1,
     {VALUE_DURATION},
     VALUE_LONG,
     duration_to_milliseconds},
    {STR_INIT("toMinutes"), EXT_METHOD, 1, {VALUE_DURATION}, VALUE_LONG, duration_to_minutes},
    {STR_INIT("toSeconds"), EXT_METHOD, 1, {VALUE_DURATION}, VALUE_LONG, duration_to_seconds},
    {STR_INIT("toTime"), EXT_METHOD, 1, {VALUE_DATETIME}, VALUE_DURATION, datetime_to_time},
};

size_t ext_function_count(void) {
    return ARRAY_LEN(functions);
}

const struct ext_function *ext_function_get(size_t index) {
    return &functions[index];
}

const struct ext_function *ext_function_find(str name) {
    size_t low = 0;
    size_t high = ARRAY_LEN(functions);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = str_compare(functions[middle].name, name);
        if (order == 0) {
            return &functions[middle];
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

bool ext_function_is_constructor(const struct ext_function *function) {
    return function->style == EXT_FUNCTION;
}

const struct ext_function *ext_constructor_of(enum value_kind kind) {
    for (size_t i = 0; i < ARRAY_LEN(functions); i++) {
        if (functions[i].style == EXT_FUNCTION && functions[i].result == kind) {
            return &functions[i];
        }
    }
    return NULL;
}

/* ---- errors ---- */

/* ERR_OK becomes `code`: the text is there. */
static err finish(const struct buf *text, str *ret_message, err code) {
    TRY(buf_finish(text, ret_message));
    return code;
}

err ext_fail(struct arena *a, struct ext_error *reterr, err code, const char *extension,
             const char *help, const char *before, str text, const char *after) {
    struct buf b;
    buf_init_arena(&b, a, MESSAGE_MAX + text.len);
    buf_format(&b, "error while evaluating `%s` extension function: ", extension);
    buf_add_c(&b, before);
    buf_add(&b, text);
    buf_add_c(&b, after);
    reterr->help = str_c(help);
    return finish(&b, &reterr->message, code);
}

static err wrong_count(struct arena *a, const struct ext_function *function, size_t count,
                       struct ext_error *reterr) {
    struct buf b;
    buf_init_arena(&b, a, MESSAGE_MAX);
    buf_add_c(&b, "wrong number of arguments provided to extension function `");
    buf_add(&b, function->name);
    buf_add_c(&b, "`: expected ");
    buf_add_u64(&b, function->arity);
    buf_add_c(&b, ", got ");
    buf_add_u64(&b, count);
    reterr->help = (str){NULL, 0};
    return finish(&b, &reterr->message, ERR_MISSING);
}

static err wrong_type(struct arena *a, enum value_kind expected, const struct value *got,
                      struct ext_error *reterr) {
    struct buf b;
    buf_init_arena(&b, a, MESSAGE_MAX);
    buf_add_c(&b, "type error: expected ");
    buf_add(&b, value_kind_name(expected));
    buf_add_c(&b, ", got ");
    value_type_name(&b, got);
    reterr->help = (str){NULL, 0};
    const struct ext_function *constructor = ext_constructor_of(expected);
    if (got->kind == VALUE_STRING && constructor != NULL) {
        struct buf help;
        buf_init_arena(&help, a, MESSAGE_MAX);
        buf_add_c(&help, "maybe you forgot to apply the `");
        buf_add(&help, constructor->name);
        buf_add_c(&help, "` constructor?");
        TRY(buf_finish(&help, &reterr->help));
    }
    return finish(&b, &reterr->message, ERR_TYPE);
}

err ext_call(const struct ext_function *function, struct arena *a, const struct value *args,
             size_t count, struct value *ret, struct ext_error *reterr) {
    if (count != function->arity) {
        return wrong_count(a, function, count, reterr);
    }
    for (size_t i = 0; i < count; i++) {
        if (args[i].kind != function->args[i]) {
            return wrong_type(a, function->args[i], &args[i], reterr);
        }
    }
    return function->call(a, args, ret, reterr);
}
