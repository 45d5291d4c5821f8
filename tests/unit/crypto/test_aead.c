/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/aead.h"

#include "vectors.h"

#include <sys/random.h>

#include "crypto/random.h"

static str fixed_random;

/* Takes the place of the library's: see crypto/random.h. */
void random_fill(void *out, size_t size) {
    if (fixed_random.len == size) {
        memcpy(out, fixed_random.ptr, size);
        return;
    }
    assert_int_equal(getrandom(out, size, 0), (ssize_t)size);
}

static struct secret *key_of(uint8_t byte) {
    uint8_t bytes[AEAD_KEY_SIZE];
    memset(bytes, byte, sizeof bytes);
    struct secret *key = NULL;
    assert_int_equal(secret_new(bytes, sizeof bytes, &key), ERR_OK);
    return key;
}

/* C2SP XAES-256-GCM, section "Test vectors". The first key takes the reduction's one branch, the
 * second the other. */
static void published_values_are_sealed_and_opened(void **state) {
    struct arena *a = *state;
    static const struct {
        uint8_t key;
        const char *purpose, *sealed;
    } cases[] = {
        {1, "", "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271"},
        {3, "c2sp.org/XAES-256-GCM", "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(secret_freep) struct secret *key = key_of(cases[i].key);
        str sealed, opened;
        fixed_random = STR("ABCDEFGHIJKLMNOPQRSTUVWX");
        assert_int_equal(aead_seal(a, key, str_c(cases[i].purpose), STR("XAES-256-GCM"), &sealed),
                         ERR_OK);
        fixed_random = (str){0};
        assert_int_equal(sealed.len, AEAD_OVERHEAD + 12);
        assert_bytes(sealed.ptr + 1 + AEAD_NONCE_SIZE, from_hex(a, cases[i].sealed));
        assert_int_equal(aead_open(a, key, str_c(cases[i].purpose), sealed, &opened), ERR_OK);
        assert_str(opened, STR("XAES-256-GCM"));
    }
}

static void every_changed_bit_is_refused(void **state) {
    struct arena *a = *state;
    AUTO(secret_freep) struct secret *key = key_of(7);
    str sealed, opened = STR("untouched");
    assert_int_equal(aead_seal(a, key, STR("cookie"), STR("user=1"), &sealed), ERR_OK);
    char *bytes = arena_alloc(a, sealed.len);
    assert_non_null(bytes);
    for (size_t bit = 0; bit < 8 * sealed.len; bit++) {
        memcpy(bytes, sealed.ptr, sealed.len);
        bytes[bit / 8] = (char)(bytes[bit / 8] ^ (1 << (bit % 8)));
        assert_int_equal(aead_open(a, key, STR("cookie"), str_make(bytes, sealed.len), &opened),
                         ERR_SIGNATURE);
    }
    for (size_t len = 0; len < sealed.len; len++) {
        assert_int_equal(aead_open(a, key, STR("cookie"), str_make(sealed.ptr, len), &opened),
                         ERR_SIGNATURE);
    }
    assert_str(opened, STR("untouched"));
}

static void another_key_or_purpose_does_not_open(void **state) {
    struct arena *a = *state;
    AUTO(secret_freep) struct secret *key = key_of(7);
    AUTO(secret_freep) struct secret *other = key_of(8);
    str sealed, opened;
    assert_int_equal(aead_seal(a, key, STR("cookie"), STR("user=1"), &sealed), ERR_OK);
    assert_int_equal(aead_open(a, other, STR("cookie"), sealed, &opened), ERR_SIGNATURE);
    assert_int_equal(aead_open(a, key, STR("state"), sealed, &opened), ERR_SIGNATURE);
    assert_int_equal(aead_open(a, key, STR(""), sealed, &opened), ERR_SIGNATURE);
    assert_int_equal(aead_open(a, key, STR("cookie"), sealed, &opened), ERR_OK);
    assert_str(opened, STR("user=1"));
}

static void sizes_from_nothing_to_the_limit_work(void **state) {
    struct arena *a = *state;
    AUTO(secret_freep) struct secret *key = key_of(9);
    static char plain[AEAD_PLAINTEXT_MAX + 1];
    str sealed, opened;
    assert_int_equal(aead_seal(a, key, STR("x"), STR(""), &sealed), ERR_OK);
    assert_int_equal(aead_open(a, key, STR("x"), sealed, &opened), ERR_OK);
    assert_int_equal(opened.len, 0);
    str most = str_make(plain, AEAD_PLAINTEXT_MAX);
    assert_int_equal(aead_seal(a, key, STR("x"), most, &sealed), ERR_OK);
    assert_int_equal(aead_open(a, key, STR("x"), sealed, &opened), ERR_OK);
    assert_true(str_equal(opened, most));
    assert_int_equal(aead_seal(a, key, STR("x"), str_make(plain, sizeof plain), &sealed),
                     ERR_LIMIT);
}

static void nonces_differ(void **state) {
    struct arena *a = *state;
    AUTO(secret_freep) struct secret *key = key_of(9);
    str one, other;
    assert_int_equal(aead_seal(a, key, STR("x"), STR("same"), &one), ERR_OK);
    assert_int_equal(aead_seal(a, key, STR("x"), STR("same"), &other), ERR_OK);
    assert_memory_not_equal(one.ptr + 1, other.ptr + 1, AEAD_NONCE_SIZE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        ARENA_TEST(published_values_are_sealed_and_opened),
        ARENA_TEST(every_changed_bit_is_refused),
        ARENA_TEST(another_key_or_purpose_does_not_open),
        ARENA_TEST(sizes_from_nothing_to_the_limit_work),
        ARENA_TEST(nonces_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
