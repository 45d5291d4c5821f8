/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/value/value.h"

struct uid uid_make(const struct hash_key *key, str type, str id) {
    return (struct uid){.type = type, .id = id, .hash = hash_pair(key, type, id)};
}

bool uid_equal(const struct uid *a, const struct uid *b) {
    return a == b || (a->hash == b->hash && str_equal(a->id, b->id) && str_equal(a->type, b->type));
}
