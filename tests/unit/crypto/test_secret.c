/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/secret.h"

#include "vectors.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crypto/kdf.h"
#include "crypto/mac.h"

static struct secret *secret_of(str bytes) {
    struct secret *secret = NULL;
    assert_int_equal(secret_new(bytes.ptr, bytes.len, &secret), ERR_OK);
    return secret;
}

static void a_secret_keeps_its_bytes(void **state) {
    (void)state;
    AUTO(secret_freep) struct secret *secret = secret_of(STR("0123456789abcdef!"));
    assert_int_equal(secret_len(secret), 17);
    assert_memory_equal(secret_bytes(secret), "0123456789abcdef!", 17);
}

static void sizes_outside_the_limits_are_refused(void **state) {
    (void)state;
    static const char bytes[SECRET_MAX + 1];
    struct secret *secret = NULL;
    assert_int_equal(secret_new(bytes, 0, &secret), ERR_RANGE);
    assert_int_equal(secret_new(bytes, SECRET_MAX + 1, &secret), ERR_RANGE);
    assert_null(secret);
    assert_int_equal(secret_new(bytes, SECRET_MAX, &secret), ERR_OK);
    secret_free(secret);
    secret_free(NULL);
}

/* Touching `address` must end a child process by a signal. */
static void assert_no_access(const volatile uint8_t *address, bool is_write) {
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        /* A sanitizer or cmocka would catch the signal and go on. */
        IGNORE(signal(SIGSEGV, SIG_DFL));
        if (is_write) {
            *(volatile uint8_t *)(uintptr_t)address = 1;
        } else {
            IGNORE(*address);
        }
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
}

static void a_secret_cannot_be_overrun_or_changed(void **state) {
    (void)state;
    AUTO(secret_freep) struct secret *secret = secret_of(STR("0123456789abcdef"));
    const uint8_t *bytes = secret_bytes(secret);
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    uintptr_t page_end = ((uintptr_t)bytes / page + 1) * page;
    assert_true(page_end - (uintptr_t)(bytes + secret_len(secret)) < 16);
    assert_no_access((const uint8_t *)page_end, false);
    assert_no_access((const uint8_t *)(page_end - page - 1), false);
    assert_no_access(bytes, true);
}

static void base64_is_read_as_openssl_prints_it(void **state) {
    (void)state;
    static const struct {
        const char *text;
        err expected;
    } cases[] = {
        {"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n", ERR_OK},
        {" \tAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8= \r\n", ERR_OK},
        {"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", ERR_SYNTAX},
        {"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9=", ERR_SYNTAX},
        {"AAECAwQFBgcICQ oLDA0ODxAREhMUFRYXGBkaGxwdHh8=", ERR_SYNTAX},
        {"not base64 at all", ERR_SYNTAX},
        {"", ERR_MISSING},
        {" \n", ERR_MISSING},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(secret_freep) struct secret *secret = NULL;
        struct error error = {0};
        assert_int_equal(secret_from_base64(str_c(cases[i].text), &secret, &error),
                         cases[i].expected);
        assert_int_equal(error.code, cases[i].expected);
        if (cases[i].expected == ERR_OK) {
            assert_int_equal(secret_len(secret), 32);
            assert_int_equal(secret_bytes(secret)[31], 31);
        } else if (cases[i].expected == ERR_SYNTAX) {
            assert_null(strstr(error.text, "AAECAw"));
        }
    }
}

struct scratch_file {
    char path[64];
};

static struct scratch_file write_file(const char *text, size_t len) {
    struct scratch_file file = {"/tmp/ironwood-secret-XXXXXX"};
    int fd = mkstemp(file.path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, len), (ssize_t)len);
    assert_int_equal(close(fd), 0);
    return file;
}

static void files_hold_base64(void **state) {
    (void)state;
    static char long_text[4096];
    memset(long_text, 'A', sizeof long_text);
    static const struct {
        const char *text;
        size_t len;
        err expected;
    } cases[] = {
        {"AAECAwQFBgcICQoLDA0ODw==\n", 25, ERR_OK},
        {"", 0, ERR_MISSING},
        {"AAECAw", 6, ERR_SYNTAX},
        {long_text, sizeof long_text, ERR_LIMIT},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct scratch_file file = write_file(cases[i].text, cases[i].len);
        AUTO(secret_freep) struct secret *secret = NULL;
        struct error error = {0};
        assert_int_equal(secret_from_file(file.path, &secret, &error), cases[i].expected);
        if (cases[i].expected == ERR_OK) {
            assert_int_equal(secret_len(secret), 16);
        } else {
            assert_non_null(strstr(error.text, file.path));
        }
        assert_int_equal(unlink(file.path), 0);
    }
}

static void what_is_not_a_readable_file_is_refused(void **state) {
    (void)state;
    struct secret *secret = NULL;
    struct error error;
    assert_int_equal(secret_from_file("/nonexistent/secret", &secret, &error), ERR_NOT_FOUND);
    assert_int_equal(secret_from_file("/tmp", &secret, &error), ERR_IO);
    assert_int_equal(secret_from_file("/dev/null", &secret, &error), ERR_IO);

    char path[] = "/tmp/ironwood-secret-XXXXXX";
    assert_non_null(mkdtemp(path));
    char fifo[64];
    assert_true(snprintf(fifo, sizeof fifo, "%s/fifo", path) > 0);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    assert_int_equal(secret_from_file(fifo, &secret, &error), ERR_IO); /* and does not wait */
    assert_int_equal(unlink(fifo), 0);
    assert_int_equal(rmdir(path), 0);
    assert_null(secret);
}

static void random_secrets_differ_and_equality_sees_it(void **state) {
    (void)state;
    AUTO(secret_freep) struct secret *one = NULL;
    AUTO(secret_freep) struct secret *other = NULL;
    AUTO(secret_freep) struct secret *shorter = secret_of(STR("abc"));
    AUTO(secret_freep) struct secret *same = secret_of(STR("abc"));
    assert_int_equal(secret_random(32, &one), ERR_OK);
    assert_int_equal(secret_random(32, &other), ERR_OK);
    assert_false(secret_equal(one, other));
    assert_false(secret_equal(one, shorter));
    assert_true(secret_equal(shorter, same));
}

/* RFC 5869 appendix A.1 and A.3. */
static void hkdf_gives_the_published_values(void **state) {
    struct arena *a = *state;
    str ikm = from_hex(a, "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b");
    AUTO(secret_freep) struct secret *key = secret_of(ikm);
    uint8_t okm[42];
    assert_int_equal(kdf_hkdf_sha256(key, from_hex(a, "000102030405060708090a0b0c"),
                                     from_hex(a, "f0f1f2f3f4f5f6f7f8f9"), okm, sizeof okm),
                     ERR_OK);
    assert_bytes(okm, from_hex(a, "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
                                  "34007208d5b887185865"));
    assert_int_equal(kdf_hkdf_sha256(key, (str){0}, STR(""), okm, sizeof okm), ERR_OK);
    str expected = from_hex(a, "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
                               "9d201395faa4b61a96c8");
    assert_bytes(okm, expected);

    AUTO(secret_freep) struct secret *derived = NULL;
    assert_int_equal(secret_derive(key, STR(""), sizeof okm, &derived), ERR_OK);
    assert_bytes(secret_bytes(derived), expected);
}

static void hkdf_refuses_sizes_outside_its_limits(void **state) {
    (void)state;
    AUTO(secret_freep) struct secret *key = secret_of(STR("key"));
    static uint8_t okm[KDF_OUTPUT_MAX + 1];
    static const char info[1025];
    assert_int_equal(kdf_hkdf_sha256(key, (str){0}, STR("x"), okm, 0), ERR_RANGE);
    assert_int_equal(kdf_hkdf_sha256(key, (str){0}, STR("x"), okm, sizeof okm), ERR_RANGE);
    assert_int_equal(kdf_hkdf_sha256(key, (str){0}, str_make(info, sizeof info), okm, 32),
                     ERR_RANGE);
    assert_int_equal(kdf_hkdf_sha256(key, (str){0}, STR("x"), okm, KDF_OUTPUT_MAX), ERR_OK);
}

/* RFC 4231 §4.2 to §4.4. */
static void hmac_gives_the_published_values(void **state) {
    struct arena *a = *state;
    static const struct {
        const char *key;
        const char *data;
        const char *mac;
    } cases[] = {
        {"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265",
         "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
        {"4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
         "dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"
         "dddddddddddddddddddddddddddddddddddd",
         "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        str key = from_hex(a, cases[i].key);
        str data = from_hex(a, cases[i].data);
        str expected = from_hex(a, cases[i].mac);
        uint8_t mac[MAC_SHA256_SIZE];
        mac_sha256_key(key, data, mac);
        assert_bytes(mac, expected);

        AUTO(secret_freep) struct secret *secret = secret_of(key);
        mac_sha256(secret, data, mac);
        assert_bytes(mac, expected);
        assert_true(mac_sha256_verify(secret, data, expected));
        assert_false(mac_sha256_verify(secret, data, str_slice(expected, 0, 31)));
        assert_false(mac_sha256_verify(secret, data, (str){0}));
        assert_false(mac_sha256_verify(secret, str_slice(data, 1, data.len), expected));
        mac[7] ^= 1;
        assert_false(mac_sha256_verify(secret, data, str_make((char *)mac, sizeof mac)));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        ARENA_TEST(a_secret_keeps_its_bytes),
        ARENA_TEST(sizes_outside_the_limits_are_refused),
        ARENA_TEST(a_secret_cannot_be_overrun_or_changed),
        ARENA_TEST(base64_is_read_as_openssl_prints_it),
        ARENA_TEST(files_hold_base64),
        ARENA_TEST(what_is_not_a_readable_file_is_refused),
        ARENA_TEST(random_secrets_differ_and_equality_sees_it),
        ARENA_TEST(hkdf_gives_the_published_values),
        ARENA_TEST(hkdf_refuses_sizes_outside_its_limits),
        ARENA_TEST(hmac_gives_the_published_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
