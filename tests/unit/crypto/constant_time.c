/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Run under valgrind: secrets are marked undefined, so that memcheck reports every branch and
 * every address that depends on one. "leaky" runs a comparison that does, to show that it would
 * be noticed. Exit 77 (skipped) where valgrind or its header is not there.
 */
#include <stdio.h>
#include <string.h>

#ifdef HAVE_MEMCHECK
#include <valgrind/memcheck.h>

#include "base/assert.h"
#include "crypto/ct.h"
#include "crypto/digest.h"
#include "crypto/mac.h"

enum { SIZE = 48 };

static void hide(const void *ptr, size_t size) {
    IGNORE(VALGRIND_MAKE_MEM_UNDEFINED(ptr, size));
}

/* The outcome is public: the caller branches on it. */
static bool reveal(bool outcome) {
    IGNORE(VALGRIND_MAKE_MEM_DEFINED(&outcome, sizeof outcome));
    return outcome;
}

static bool leaky_equal(const char *a, const char *b, size_t len) {
    for (size_t i = 0; i < len; i++) {
        if (a[i] != b[i]) {
            return false;
        }
    }
    return true;
}

static void check_comparisons(void) {
    char a[SIZE], b[SIZE];
    for (int differs_at = -1; differs_at < SIZE; differs_at++) {
        memset(a, 's', sizeof a);
        memset(b, 's', sizeof b);
        if (differs_at >= 0) {
            b[differs_at] = 't';
        }
        hide(a, sizeof a);
        hide(b, sizeof b);
        bool is_equal = differs_at < 0;
        ASSERT(reveal(ct_equal(a, b, sizeof a)) == is_equal);
        ASSERT(reveal(ct_equal_digest(str_make(a, SIZE), str_make(b, SIZE))) == is_equal);
    }
}

static void check_mac(void) {
    uint8_t mac[MAC_SHA256_SIZE];
    struct secret *key = NULL;
    ASSERT(secret_new("0123456789abcdef", 16, &key) == ERR_OK);
    mac_sha256(key, STR("message"), mac);
    hide(secret_bytes(key), secret_len(key));
    str sent = str_make((const char *)mac, sizeof mac);
    ASSERT(reveal(mac_sha256_verify(key, STR("message"), sent)));
    ASSERT(!reveal(mac_sha256_verify(key, STR("massage"), sent)));
    secret_free(key);
}

int main(int argc, char **argv) {
    if (RUNNING_ON_VALGRIND == 0) {
        puts("skipped: not run under valgrind");
        return 77;
    }
    if (argc > 1 && strcmp(argv[1], "leaky") == 0) {
        char a[SIZE] = "x", b[SIZE] = "x";
        hide(a, sizeof a);
        return reveal(leaky_equal(a, b, sizeof a)) ? 0 : 2;
    }
    check_comparisons();
    check_mac();
    puts("no branch or address depends on a secret");
    return 0;
}
#else
int main(void) {
    puts("skipped: valgrind is not installed, or this is a sanitizer build");
    return 77;
}
#endif
