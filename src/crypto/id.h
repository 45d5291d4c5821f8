/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRYPTO_ID_H
#define CRYPTO_ID_H
/*
 * Names for objects. Not secrets: whoever sees an id may know when the object was made.
 *
 * UUID version 7 (RFC 9562 §5.7) for primary keys, so that new rows sort to the end of an index;
 * 128 random bits in hex for request ids and the like. The time comes from the caller.
 */
#include "base/arena.h"

enum {
    ID_UUID_LEN = 36,
    ID_UUID_SIZE = ID_UUID_LEN + 1, /* with the NUL */
    ID_HEX_LEN = 32,
    ID_HEX_SIZE = ID_HEX_LEN + 1,
};

/* Writes text and NUL. Milliseconds since 1970, 48 bits of them are used. */
void id_uuid(uint64_t now_ms, char out[ID_UUID_SIZE]);
void id_hex(char out[ID_HEX_SIZE]);

/* The same in an arena. */
err id_uuid_new(struct arena *a, uint64_t now_ms, str *ret) MUST_CHECK;
err id_hex_new(struct arena *a, str *ret) MUST_CHECK;

/* Lower-case canonical form of any UUID version. */
bool id_is_uuid(str text);

#endif
