/* SPDX-License-Identifier: Apache-2.0 */
#include "jose/jwk.h"

#include "base/assert.h"
#include "base/base64.h"
#include "crypto/digest.h"
#include "jose/limits.h"

enum { COORDINATE_TEXT_MAX = 44, CANONICAL_MAX = 256 };

struct curve {
    enum sign_alg alg;
    str kty;
    str crv;
    bool has_y;
};

static const struct curve curves[] = {
    {SIGN_ES256, STR_INIT("EC"), STR_INIT("P-256"), true},
    {SIGN_EDDSA, STR_INIT("OKP"), STR_INIT("Ed25519"), false},
};

static const struct curve *curve_of(const struct sign_key *key) {
    for (size_t i = 0; i < ARRAY_LEN(curves); i++) {
        if (curves[i].alg == sign_key_alg(key)) {
            return &curves[i];
        }
    }
    UNREACHABLE();
}

static void write_coordinate(struct json_writer *w, str name,
                             const uint8_t bytes[SIGN_COORDINATE_SIZE]) {
    AUTO(buf_done) struct buf text;
    buf_init(&text, allocator_libc(), COORDINATE_TEXT_MAX);
    base64_encode(&text, BASE64_URL, str_make((const char *)bytes, SIGN_COORDINATE_SIZE));
    str value;
    err error = buf_finish(&text, &value);
    if (error != ERR_OK) {
        buf_fail(w->buf, error);
        return;
    }
    json_name_string(w, name, value);
}

/* The members that make the key, in the order that RFC 7638 §3.2 hashes. */
static void write_required(struct json_writer *w, const struct sign_key *key) {
    const struct curve *curve = curve_of(key);
    const struct sign_public *public = sign_key_public(key);
    json_name_string(w, STR("crv"), curve->crv);
    json_name_string(w, STR("kty"), curve->kty);
    write_coordinate(w, STR("x"), public->x);
    if (curve->has_y) {
        write_coordinate(w, STR("y"), public->y);
    }
}

err jwk_thumbprint(struct arena *a, const struct sign_key *key, str *ret) {
    AUTO(buf_done) struct buf canonical;
    buf_init(&canonical, allocator_libc(), CANONICAL_MAX);
    struct json_writer w;
    json_writer_init(&w, &canonical);
    json_open_object(&w);
    write_required(&w, key);
    json_close_object(&w);
    str text;
    TRY(buf_finish(&canonical, &text));
    return digest_sha256_text(a, text, ret);
}

void jwk_write(struct json_writer *w, const struct sign_key *key, str kid) {
    json_open_object(w);
    write_required(w, key);
    json_name_string(w, STR("use"), STR("sig"));
    json_name_string(w, STR("alg"), str_c(sign_alg_name(sign_key_alg(key))));
    if (!str_is_absent(kid)) {
        json_name_string(w, STR("kid"), kid);
    }
    json_close_object(w);
}

/* A string member; absent when there is none. */
static err member_text(const struct json *jwk, str name, str *ret, struct error *reterr) {
    const struct json *member = json_get(jwk, name);
    if (member == NULL) {
        *ret = (str){0};
        return ERR_OK;
    }
    if (member->kind != JSON_STRING) {
        return error_set(reterr, ERR_TYPE, "\"%.*s\" is not a string", STR_FMT(name));
    }
    *ret = member->text;
    return ERR_OK;
}

static err member_coordinate(struct arena *a, const struct json *jwk, str name, str *ret,
                             struct error *reterr) {
    str text;
    TRY(member_text(jwk, name, &text, reterr));
    if (str_is_absent(text)) {
        return error_set(reterr, ERR_MISSING, "\"%.*s\" is missing", STR_FMT(name));
    }
    if (text.len > COORDINATE_TEXT_MAX) {
        return error_set(reterr, ERR_LIMIT, "\"%.*s\" is too long", STR_FMT(name));
    }
    err error = base64_decode(a, BASE64_URL, text, ret);
    return error == ERR_OK ? ERR_OK
                           : error_set(reterr, error, "\"%.*s\" is not base64url", STR_FMT(name));
}

/* key_ops must name "verify" when it is there (RFC 7517 §4.3). */
static bool allows_verify(const struct json *jwk) {
    const struct json *operations = json_get(jwk, STR("key_ops"));
    if (operations == NULL) {
        return true;
    }
    if (operations->kind != JSON_ARRAY) {
        return false;
    }
    for (uint32_t i = 0; i < operations->count; i++) {
        const struct json *item = &operations->items[i];
        if (item->kind == JSON_STRING && str_equal(item->text, STR("verify"))) {
            return true;
        }
    }
    return false;
}

/* Finds the curve and makes sure that the key is meant for signatures of that kind. */
static err decode_kind(const struct json *jwk, const struct curve **ret, struct error *reterr) {
    str kty = {0}, crv = {0}, alg = {0}, use = {0};
    TRY(member_text(jwk, STR("kty"), &kty, reterr));
    TRY(member_text(jwk, STR("crv"), &crv, reterr));
    TRY(member_text(jwk, STR("alg"), &alg, reterr));
    TRY(member_text(jwk, STR("use"), &use, reterr));
    if (str_is_absent(kty)) {
        return error_set(reterr, ERR_MISSING, "\"kty\" is missing");
    }
    for (size_t i = 0; i < ARRAY_LEN(curves); i++) {
        const struct curve *curve = &curves[i];
        if (!str_equal(kty, curve->kty) || !str_equal(crv, curve->crv)) {
            continue;
        }
        bool is_ours = (str_is_absent(alg) || sign_alg_find(alg) == curve->alg) &&
                       (str_is_absent(use) || str_equal(use, STR("sig"))) && allows_verify(jwk);
        if (!is_ours) {
            return error_set(reterr, ERR_UNSUPPORTED, "the key is not for %s signatures",
                             sign_alg_name(curve->alg));
        }
        *ret = curve;
        return ERR_OK;
    }
    return error_set(reterr, ERR_UNSUPPORTED, "an unknown kind of key");
}

static err decode_kid(struct arena *a, const struct json *jwk, str *ret, struct error *reterr) {
    str kid;
    TRY(member_text(jwk, STR("kid"), &kid, reterr));
    if (str_is_absent(kid)) {
        *ret = kid;
        return ERR_OK;
    }
    if (kid.len == 0 || kid.len > JOSE_KID_MAX) {
        return error_set(reterr, ERR_LIMIT, "\"kid\" must have 1 to %d bytes", JOSE_KID_MAX);
    }
    return arena_copy(a, kid, ret);
}

err jwk_decode(struct arena *a, const struct json *jwk, struct sign_key **ret_key, str *ret_kid,
               struct error *reterr) {
    if (jwk->kind != JSON_OBJECT) {
        return error_set(reterr, ERR_TYPE, "a key is not an object but %s",
                         json_kind_name(jwk->kind));
    }
    const struct curve *curve = NULL;
    TRY(decode_kind(jwk, &curve, reterr));
    if (json_get(jwk, STR("d")) != NULL) {
        return error_set(reterr, ERR_DENIED, "a private key where a public one belongs");
    }
    str kid;
    TRY(decode_kid(a, jwk, &kid, reterr));
    str x = {0}, y = {0};
    TRY(member_coordinate(a, jwk, STR("x"), &x, reterr));
    if (curve->has_y) {
        TRY(member_coordinate(a, jwk, STR("y"), &y, reterr));
    }
    struct sign_key *key = NULL;
    err error = sign_key_from_public(curve->alg, x, y, &key);
    if (error != ERR_OK) {
        return error_set(reterr, error, "the coordinates are not a point of %.*s",
                         STR_FMT(curve->crv));
    }
    *ret_key = key;
    *ret_kid = kid;
    return ERR_OK;
}
