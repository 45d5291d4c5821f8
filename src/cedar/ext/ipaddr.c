/* SPDX-License-Identifier: Apache-2.0 */
/* ipaddr: an IPv4 or IPv6 address with a prefix length (maps: §1.6, corners 18 to 20). */
#include "cedar/ext/ext_int.h"

enum {
    TEXT_MAX = 43, /* the longest IPv6 address with a prefix */
    V4_BITS = 32,
    V6_BITS = 128,
    V6_GROUPS = 8,
};

static const char help[] =
    "valid IP strings are IPv4/IPv6 addresses or CIDR ranges like `127.0.0.1`, `127.0.0.1/24`, "
    "or `ffee::/64`";

static uint8_t bits_of(const struct ipaddr *ip) {
    return ip->is_v6 ? V6_BITS : V4_BITS;
}

/* ---- text ---- */

/* Exactly four decimal octets without leading zeros. */
static bool parse_v4(str text, uint8_t bytes[16]) {
    str rest = text;
    for (size_t i = 0; i < 4; i++) {
        str octet;
        str tail;
        bool has_dot = str_cut(rest, '.', &octet, &tail);
        uint64_t number;
        if (has_dot != (i < 3) || octet.len > 3 || (octet.len > 1 && octet.ptr[0] == '0') ||
            !str_to_u64(octet, &number) || number > 255) {
            return false;
        }
        bytes[i] = (uint8_t)number;
        rest = tail;
    }
    return true;
}

/* One group of one to four hexadecimal digits at *at. */
static bool parse_group(str text, size_t *at, uint8_t out[2]) {
    unsigned group = 0;
    size_t digits = 0;
    while (*at < text.len && byte_hex(text.ptr[*at]) >= 0) {
        if (++digits > 4) {
            return false;
        }
        group = group << 4 | (unsigned)byte_hex(text.ptr[(*at)++]);
    }
    out[0] = (uint8_t)(group >> 8);
    out[1] = (uint8_t)(group & 0xff);
    return digits > 0;
}

/* RFC 4291 §2.2, without the form that ends in an IPv4 address. */
static bool parse_v6(str text, uint8_t bytes[16]) {
    size_t count = 0;
    size_t gap = SIZE_MAX; /* groups before "::" */
    size_t at = 0;
    if (str_has_prefix(text, STR("::"))) {
        gap = 0;
        at = 2;
    }
    while (at < text.len) {
        if (count == V6_GROUPS || !parse_group(text, &at, &bytes[2 * count])) {
            return false;
        }
        count++;
        if (at == text.len) {
            break;
        }
        if (text.ptr[at++] != ':' || at == text.len) {
            return false;
        }
        if (text.ptr[at] == ':') {
            if (gap != SIZE_MAX) {
                return false;
            }
            gap = count;
            at++;
        }
    }
    if (gap == SIZE_MAX) {
        return count == V6_GROUPS;
    }
    if (count == V6_GROUPS) {
        return false; /* "::" stands for at least one group */
    }
    size_t tail = 2 * (count - gap);
    memmove(bytes + 16 - tail, bytes + 2 * gap, tail);
    memset(bytes + 2 * gap, 0, 16 - tail - 2 * gap);
    return true;
}

static bool parse_address(str text, struct ipaddr *ip) {
    *ip = (struct ipaddr){.is_v6 = false};
    if (parse_v4(text, ip->bytes)) {
        return true;
    }
    *ip = (struct ipaddr){.is_v6 = true};
    return parse_v6(text, ip->bytes);
}

static err fail(struct arena *a, struct ext_error *reterr, const char *before, str text,
                const char *after) {
    return ext_fail(a, reterr, ERR_SYNTAX, "ipaddr", help, before, text, after);
}

static err fail_number(struct arena *a, struct ext_error *reterr, const char *before, size_t number,
                       const char *after) {
    str text;
    TRY(arena_format(a, &text, "%zu", number));
    return fail(a, reterr, before, text, after);
}

static err parse_prefix(struct arena *a, str text, struct ipaddr *ip, struct ext_error *reterr) {
    if (text.len > (ip->is_v6 ? 3 : 2)) {
        return fail_number(a, reterr, "error parsing prefix: string length ", text.len,
                           " is too large");
    }
    for (size_t i = 0; i < text.len; i++) {
        if (!byte_is_digit(text.ptr[i])) {
            return fail(a, reterr, "error parsing prefix `", text, "`: encountered non-digit");
        }
    }
    if (text.len == 0) {
        return fail(a, reterr, "error parsing prefix from the string `", text,
                    "`: cannot parse integer from empty string");
    }
    if (text.len > 1 && text.ptr[0] == '0') {
        return fail(a, reterr, "error parsing prefix `", text, "`: leading zero(s)");
    }
    uint64_t prefix;
    if (!str_to_u64(text, &prefix) || prefix > 255) {
        return fail(a, reterr, "error parsing prefix from the string `", text,
                    "`: number too large to fit in target type");
    }
    if (prefix > bits_of(ip)) {
        return fail_number(a, reterr, "error parsing prefix: ", (size_t)prefix,
                           ip->is_v6 ? " is larger than the limit 128"
                                     : " is larger than the limit 32");
    }
    ip->prefix = (uint8_t)prefix;
    return ERR_OK;
}

static size_t count_byte(str text, char byte) {
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++) {
        count += text.ptr[i] == byte;
    }
    return count;
}

static err parse_ip(struct arena *a, str text, struct ipaddr *ip, struct ext_error *reterr) {
    if (text.len > TEXT_MAX) {
        return fail(a, reterr, "error parsing IP address from string `", text,
                    "`: string length is too large");
    }
    if (count_byte(text, ':') >= 2 && count_byte(text, '.') >= 2) {
        return fail(a, reterr,
                    "error parsing IP address from string: We do not accept IPv4 embedded in "
                    "IPv6 (e.g., ::ffff:127.0.0.1). Found: `",
                    text, "`");
    }
    str address;
    str prefix;
    if (str_cut(text, '/', &address, &prefix)) {
        if (!parse_address(address, ip)) {
            return fail(a, reterr, "error parsing IP address from the string `", address,
                        "`: invalid IP address syntax");
        }
        return parse_prefix(a, prefix, ip, reterr);
    }
    if (!parse_address(text, ip)) {
        return fail(a, reterr, "invalid IP address: ", text, "");
    }
    ip->prefix = bits_of(ip);
    return ERR_OK;
}

err ip_from_string(struct arena *a, const struct value *args, struct value *ret,
                   struct ext_error *reterr) {
    struct ipaddr *ip = ARENA_NEW(a, struct ipaddr);
    if (ip == NULL) {
        return arena_error(a);
    }
    TRY(parse_ip(a, value_text(&args[0]), ip, reterr));
    *ret = (struct value){.kind = VALUE_IPADDR, .ip = ip};
    return ERR_OK;
}

/* ---- tests ---- */

/* True when the first `bits` bits of both are the same. */
static bool has_same_bits(const uint8_t *x, const uint8_t *y, unsigned bits) {
    unsigned whole = bits / 8;
    if (memcmp(x, y, whole) != 0) {
        return false;
    }
    unsigned rest = bits % 8;
    return rest == 0 || ((x[whole] ^ y[whole]) >> (8 - rest)) == 0;
}

/* True when every address of the range `ip` starts with the given bits. */
static bool is_below(const struct ipaddr *ip, const uint8_t *start, unsigned bits) {
    return ip->prefix >= bits && has_same_bits(ip->bytes, start, bits);
}

err ip_is_ipv4(struct arena *a, const struct value *args, struct value *ret,
               struct ext_error *reterr) {
    IGNORE(a);      /* a test needs no memory */
    IGNORE(reterr); /* and cannot fail */
    *ret = value_bool(!args[0].ip->is_v6);
    return ERR_OK;
}

err ip_is_ipv6(struct arena *a, const struct value *args, struct value *ret,
               struct ext_error *reterr) {
    IGNORE(a);      /* as above */
    IGNORE(reterr); /* as above */
    *ret = value_bool(args[0].ip->is_v6);
    return ERR_OK;
}

err ip_is_loopback(struct arena *a, const struct value *args, struct value *ret,
                   struct ext_error *reterr) {
    IGNORE(a);      /* as above */
    IGNORE(reterr); /* as above */
    static const uint8_t v4[16] = {127};
    static const uint8_t v6[16] = {[15] = 1};
    const struct ipaddr *ip = args[0].ip;
    *ret = value_bool(ip->is_v6 ? is_below(ip, v6, V6_BITS) : is_below(ip, v4, 8));
    return ERR_OK;
}

err ip_is_multicast(struct arena *a, const struct value *args, struct value *ret,
                    struct ext_error *reterr) {
    IGNORE(a);      /* as above */
    IGNORE(reterr); /* as above */
    static const uint8_t v4[16] = {224};
    static const uint8_t v6[16] = {0xff};
    const struct ipaddr *ip = args[0].ip;
    *ret = value_bool(ip->is_v6 ? is_below(ip, v6, 8) : is_below(ip, v4, 4));
    return ERR_OK;
}

err ip_is_in_range(struct arena *a, const struct value *args, struct value *ret,
                   struct ext_error *reterr) {
    IGNORE(a);      /* as above */
    IGNORE(reterr); /* as above */
    const struct ipaddr *ip = args[0].ip;
    const struct ipaddr *range = args[1].ip;
    *ret = value_bool(ip->is_v6 == range->is_v6 && is_below(ip, range->bytes, range->prefix));
    return ERR_OK;
}
