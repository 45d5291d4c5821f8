/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/password.h"

#include <argon2.h>

#include "base/base64.h"
#include "base/utf8.h"
#include "crypto/ct.h"
#include "crypto/random.h"

enum {
    SALT_SIZE = 16,
    HASH_SIZE = 32,
    SALT_MIN = 8,
    SALT_MAX = 64,
    HASH_MIN = 16,
    HASH_MAX = 64,
    SCRATCH_MAX = 64 * 1024,
};

const struct password_params password_params_default = {
    .memory_kib = 19 * 1024, .passes = 2, .lanes = 1};

struct phc {
    struct password_params params;
    str salt;
    str hash;
};

err password_params_check(const struct password_params *params) {
    bool is_good = params->memory_kib >= PASSWORD_MEMORY_MIN_KIB &&
                   params->memory_kib <= PASSWORD_MEMORY_MAX_KIB && params->passes >= 1 &&
                   params->passes <= PASSWORD_PASSES_MAX && params->lanes >= 1 &&
                   params->lanes <= PASSWORD_LANES_MAX && params->memory_kib >= 8 * params->lanes;
    return is_good ? ERR_OK : ERR_RANGE;
}

err password_check(str password) {
    if (password.len > (size_t)PASSWORD_MAX_CHARS * UTF8_MAX_BYTES) {
        return ERR_LIMIT;
    }
    size_t count = 0;
    for (size_t offset = 0; offset < password.len; count++) {
        uint32_t scalar;
        if (!utf8_next(password, &offset, &scalar) || scalar == 0) {
            return ERR_SYNTAX;
        }
    }
    return count > PASSWORD_MAX_CHARS ? ERR_LIMIT : ERR_OK;
}

static err argon2id(const struct password_params *params, str password, str salt, uint8_t *hash,
                    size_t hash_size) {
    int result = argon2id_hash_raw(params->passes, params->memory_kib, params->lanes,
                                   password.len == 0 ? "" : password.ptr, password.len, salt.ptr,
                                   salt.len, hash, hash_size);
    return result == ARGON2_OK                        ? ERR_OK
           : result == ARGON2_MEMORY_ALLOCATION_ERROR ? ERR_NOMEM
                                                      : ERR_INTERNAL;
}

/* PHC writes standard base64 without its padding. */
static void base64_bare(struct buf *out, str bytes) {
    base64_encode(out, BASE64_STANDARD, bytes);
    while (out->error == ERR_OK && out->len > 0 && out->data[out->len - 1] == '=') {
        out->len--;
    }
}

static err base64_bare_decode(struct arena *a, str text, str *ret) {
    static const char *const padding[] = {"", NULL, "==", "="};
    const char *missing = padding[text.len % 4];
    if (missing == NULL || (text.len > 0 && text.ptr[text.len - 1] == '=')) {
        return ERR_SYNTAX;
    }
    str padded;
    TRY(arena_format(a, &padded, "%.*s%s", STR_FMT(text), missing));
    return base64_decode(a, BASE64_STANDARD, padded, ret);
}

static err phc_format(struct arena *a, const struct phc *phc, str *ret) {
    struct buf out;
    buf_init_arena(&out, a, PASSWORD_PHC_MAX);
    buf_add_c(&out, "$argon2id$v=19$m=");
    buf_add_u64(&out, phc->params.memory_kib);
    buf_add_c(&out, ",t=");
    buf_add_u64(&out, phc->params.passes);
    buf_add_c(&out, ",p=");
    buf_add_u64(&out, phc->params.lanes);
    buf_add_byte(&out, '$');
    base64_bare(&out, phc->salt);
    buf_add_byte(&out, '$');
    base64_bare(&out, phc->hash);
    return buf_finish(&out, ret);
}

/* "m=19456" → 19456; no leading zeros, so that a value has one spelling. */
static bool parse_number(str text, str prefix, uint32_t *ret) {
    uint64_t value;
    if (!str_has_prefix(text, prefix)) {
        return false;
    }
    str digits = str_slice(text, prefix.len, text.len);
    if (!str_to_u64(digits, &value) || value == 0 || value > UINT32_MAX || digits.ptr[0] == '0') {
        return false;
    }
    *ret = (uint32_t)value;
    return true;
}

static bool parse_params(str text, struct password_params *ret) {
    str memory, passes, lanes;
    return str_cut(text, ',', &memory, &text) && str_cut(text, ',', &passes, &lanes) &&
           parse_number(memory, STR("m="), &ret->memory_kib) &&
           parse_number(passes, STR("t="), &ret->passes) &&
           parse_number(lanes, STR("p="), &ret->lanes) && password_params_check(ret) == ERR_OK;
}

/* ERR_CORRUPT for whatever we would not have written, within the limits of hostile values. */
static err phc_parse(struct arena *a, str text, struct phc *ret) {
    str prefix = STR("$argon2id$v=19$");
    if (text.len > PASSWORD_PHC_MAX || !str_has_prefix(text, prefix)) {
        return ERR_CORRUPT;
    }
    str params, salt, hash;
    struct phc phc;
    if (!str_cut(str_slice(text, prefix.len, text.len), '$', &params, &text) ||
        !str_cut(text, '$', &salt, &hash) || !parse_params(params, &phc.params)) {
        return ERR_CORRUPT;
    }
    err error = base64_bare_decode(a, salt, &phc.salt);
    if (error == ERR_OK) {
        error = base64_bare_decode(a, hash, &phc.hash);
    }
    if (error != ERR_OK) {
        return error == ERR_NOMEM ? ERR_NOMEM : ERR_CORRUPT;
    }
    if (phc.salt.len < SALT_MIN || phc.salt.len > SALT_MAX || phc.hash.len < HASH_MIN ||
        phc.hash.len > HASH_MAX) {
        return ERR_CORRUPT;
    }
    *ret = phc;
    return ERR_OK;
}

err password_hash(struct arena *a, const struct password_params *params, str password,
                  str *ret_phc) {
    TRY(password_params_check(params));
    TRY(password_check(password));
    char salt[SALT_SIZE];
    uint8_t hash[HASH_SIZE];
    random_bytes(salt, sizeof salt);
    TRY(argon2id(params, password, str_make(salt, sizeof salt), hash, sizeof hash));
    struct phc phc = {
        .params = *params, .salt = {salt, sizeof salt}, .hash = {(const char *)hash, sizeof hash}};
    return phc_format(a, &phc, ret_phc);
}

err password_verify(str phc_text, str password) {
    AUTO(arena_done) struct arena scratch;
    arena_init(&scratch, allocator_libc(), SCRATCH_MAX);
    struct phc phc;
    TRY(phc_parse(&scratch, phc_text, &phc));
    bool is_acceptable = password_check(password) == ERR_OK;
    uint8_t hash[HASH_MAX];
    TRY(argon2id(&phc.params, is_acceptable ? password : STR(""), phc.salt, hash, phc.hash.len));
    bool is_equal = ct_equal(hash, phc.hash.ptr, phc.hash.len);
    memory_wipe(hash, sizeof hash);
    return is_acceptable && is_equal ? ERR_OK : ERR_DENIED;
}

void password_verify_dummy(const struct password_params *params, str password) {
    static const char salt[SALT_SIZE] = "no such account";
    uint8_t hash[HASH_SIZE];
    bool is_acceptable = password_check(password) == ERR_OK;
    /* The result has no meaning: the work is done for its duration. */
    IGNORE(argon2id(params, is_acceptable ? password : STR(""), str_make(salt, sizeof salt), hash,
                    sizeof hash));
}

bool password_needs_rehash(str phc_text, const struct password_params *params) {
    AUTO(arena_done) struct arena scratch;
    arena_init(&scratch, allocator_libc(), SCRATCH_MAX);
    struct phc phc;
    if (phc_parse(&scratch, phc_text, &phc) != ERR_OK) {
        return true;
    }
    return phc.params.memory_kib != params->memory_kib || phc.params.passes != params->passes ||
           phc.params.lanes != params->lanes || phc.hash.len != HASH_SIZE ||
           phc.salt.len != SALT_SIZE;
}
