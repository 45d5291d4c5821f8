/* SPDX-License-Identifier: Apache-2.0 */
#include "jose/jws.h"

#include "base/base64.h"
#include "jose/limits.h"

/* Each would let the token choose how, or with which key, it is checked. */
static const str forbidden[] = {
    STR_INIT("crit"), STR_INIT("b64"), STR_INIT("jwk"), STR_INIT("jku"),
    STR_INIT("x5u"),  STR_INIT("x5c"), STR_INIT("enc"), STR_INIT("zip"),
};

/* A string member of at most `max` bytes; absent when there is none. */
static err header_text(const struct json *header, str name, size_t max, str *ret) {
    const struct json *member = json_get(header, name);
    if (member == NULL) {
        *ret = (str){0};
        return ERR_OK;
    }
    if (member->kind != JSON_STRING) {
        return ERR_TYPE;
    }
    if (member->text.len == 0 || member->text.len > max) {
        return ERR_LIMIT;
    }
    *ret = member->text;
    return ERR_OK;
}

static err header_parse(struct arena *a, str text, struct jws *ret) {
    static const struct json_limits limits = {.max_bytes = JOSE_HEADER_MAX,
                                              .max_depth = JOSE_HEADER_DEPTH,
                                              .max_values = JOSE_HEADER_VALUES};
    TRY(json_parse(a, text, &limits, &ret->header, NULL));
    if (ret->header->kind != JSON_OBJECT) {
        return ERR_TYPE;
    }
    for (size_t i = 0; i < ARRAY_LEN(forbidden); i++) {
        if (json_get(ret->header, forbidden[i]) != NULL) {
            return ERR_UNSUPPORTED;
        }
    }
    TRY(header_text(ret->header, STR("alg"), JOSE_KID_MAX, &ret->alg));
    TRY(header_text(ret->header, STR("kid"), JOSE_KID_MAX, &ret->kid));
    TRY(header_text(ret->header, STR("typ"), JOSE_KID_MAX, &ret->typ));
    return str_is_absent(ret->alg) ? ERR_MISSING : ERR_OK;
}

err jws_parse(struct arena *a, str token, size_t max_bytes, struct jws *ret) {
    if (token.len > max_bytes || token.len > JOSE_TOKEN_MAX) {
        return ERR_LIMIT;
    }
    str header, rest, payload, signature;
    if (!str_cut(token, '.', &header, &rest) || !str_cut(rest, '.', &payload, &signature)) {
        return ERR_SYNTAX;
    }
    if (header.len == 0 || header.len > JOSE_HEADER_MAX / 3 * 4 + 4) {
        return ERR_LIMIT;
    }
    struct jws jws = {.signing_input = str_slice(token, 0, header.len + 1 + payload.len)};
    str header_text;
    TRY(base64_decode(a, BASE64_URL, header, &header_text));
    TRY(base64_decode(a, BASE64_URL, payload, &jws.payload));
    TRY(base64_decode(a, BASE64_URL, signature, &jws.signature)); /* a fourth part fails here */
    TRY(header_parse(a, header_text, &jws));
    *ret = jws;
    return ERR_OK;
}

err jws_verify(const struct jws *jws, const struct sign_key *key) {
    if (!str_equal_c(jws->alg, sign_alg_name(sign_key_alg(key)))) {
        return ERR_UNSUPPORTED;
    }
    return sign_verify(key, jws->signing_input, jws->signature);
}

static err header_write(struct arena *a, const struct sign_key *key, str kid, str typ, str *ret) {
    struct buf out;
    buf_init_arena(&out, a, JOSE_HEADER_MAX);
    struct json_writer w;
    json_writer_init(&w, &out);
    json_open_object(&w);
    json_name_string(&w, STR("alg"), str_c(sign_alg_name(sign_key_alg(key))));
    if (!str_is_absent(typ)) {
        json_name_string(&w, STR("typ"), typ);
    }
    if (!str_is_absent(kid)) {
        json_name_string(&w, STR("kid"), kid);
    }
    json_close_object(&w);
    return buf_finish(&out, ret);
}

err jws_sign(struct arena *a, const struct sign_key *key, str kid, str typ, str payload, str *ret) {
    str header;
    TRY(header_write(a, key, kid, typ, &header));
    struct buf token;
    buf_init_arena(&token, a, JOSE_TOKEN_MAX);
    base64_encode(&token, BASE64_URL, header);
    buf_add_byte(&token, '.');
    base64_encode(&token, BASE64_URL, payload);
    str signing_input;
    TRY(buf_finish(&token, &signing_input));
    uint8_t signature[SIGN_SIGNATURE_SIZE];
    TRY(sign_message(key, signing_input, signature));
    buf_add_byte(&token, '.');
    base64_encode(&token, BASE64_URL, str_make((const char *)signature, sizeof signature));
    return buf_finish(&token, ret);
}

static str typ_bare(str typ) {
    str prefix = STR("application/");
    if (typ.len > prefix.len && str_equal_nocase(str_slice(typ, 0, prefix.len), prefix)) {
        str bare = str_slice(typ, prefix.len, typ.len);
        /* Only a type without another '/' may have lost its prefix. */
        return str_find_byte(bare, '/') == SIZE_MAX ? bare : typ;
    }
    return typ;
}

bool jws_typ_is(str typ, str expected) {
    return !str_is_absent(typ) && str_equal_nocase(typ_bare(typ), typ_bare(expected));
}
