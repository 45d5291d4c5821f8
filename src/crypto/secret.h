/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRYPTO_SECRET_H
#define CRYPTO_SECRET_H
/*
 * A long-lived secret: the root secret, keys made from it.
 *
 *   | no access | ...... length, bytes | no access |
 *
 * Each lives in memory pages of its own, between two pages without access, left out of core dumps
 * and (where the limit permits) of swap, and is wiped when freed. The type has no formatter and
 * no conversion to str, so a secret cannot slip into a log line; secret_bytes() is the one door,
 * easy to grep for. Immutable after creation: any thread may read. At most SECRET_MAX bytes.
 */
#include "base/err.h"
#include "base/str.h"

enum { SECRET_MAX = 1024 };

struct secret;

/* Copies the bytes; the caller wipes its own. ERR_RANGE when empty or too long. */
err secret_new(const void *bytes, size_t len, struct secret **ret) MUST_CHECK;

err secret_random(size_t len, struct secret **ret) MUST_CHECK;

/* Standard base64 with padding, as `openssl rand -base64 32` prints it (white space at the ends is
 * dropped). The message of an error never contains any of the text. */
err secret_from_base64(str text, struct secret **ret, struct error *reterr) MUST_CHECK;

/* A file that holds base64 as above; a regular file, at most 2 KiB. ERR_NOT_FOUND when absent. */
err secret_from_file(const char *path, struct secret **ret, struct error *reterr) MUST_CHECK;

/* HKDF-SHA256(ikm = secret, no salt, info): a secret for one purpose (kdf.h). */
err secret_derive(const struct secret *secret, str info, size_t len,
                  struct secret **ret) MUST_CHECK;

size_t secret_len(const struct secret *secret);
/* SECURITY: borrowed; never copy it into an arena that is not wiped. */
const uint8_t *secret_bytes(const struct secret *secret);

/* In constant time for equal lengths; the length is not secret. */
bool secret_equal(const struct secret *a, const struct secret *b);

void secret_free(struct secret *secret);
DEFINE_FREEP(secret)

#endif
