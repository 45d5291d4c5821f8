/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/model/key.h"

#include "auth/model/limits.h"
#include "auth/model/text.h"

enum { ALG_MAX = 32 };

err key_record_check(const struct key_record *key, struct error *reterr) {
    TRY(text_check(key->kid, "key id", 1, MODEL_ID_MAX, reterr));
    TRY(text_check(key->alg, "key algorithm", 1, ALG_MAX, reterr));
    TRY(text_check(key->public_jwk, "public JWK", 2, MODEL_JWK_MAX, reterr));
    if (key->sealed_private.len > MODEL_SEALED_KEY_MAX) {
        return error_set(reterr, ERR_LIMIT, "the sealed private key is too long");
    }
    TRY(time_check(key->created_ms, "time of creation", reterr));
    if (key->not_after_ms <= key->created_ms) {
        return error_set(reterr, ERR_RANGE, "the key ends before it begins");
    }
    return ERR_OK;
}
