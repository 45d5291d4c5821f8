/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/random.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

/* Alone in this file on purpose: see random.h. */
void random_fill(void *out, size_t size) {
    char *at = out;
    while (size > 0) {
        ssize_t got = getrandom(at, size, 0);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            fputs("fatal: the kernel gives no randomness\n", stderr);
            abort();
        }
        at += got;
        size -= (size_t)got;
    }
}
