/* SPDX-License-Identifier: Apache-2.0 */
#ifndef POLICY_API_UID_H
#define POLICY_API_UID_H
/*
 * An entity id in a request: {"type": "User", "id": "alice"} or Cedar text, User::"alice".
 */
#include <cedar.h>

#include "base/json.h"

/* ERR_SYNTAX with "field `action`: …" in *reterr. The result lives in the scratch or borrows from
 * the JSON tree. */
err uid_decode(cedar_scratch *scratch, const struct json *value, const char *field, cedar_uid *ret,
               struct error *reterr) MUST_CHECK;

/* Cedar text of a uid, for logs; lives in the scratch. Absent without memory. */
str uid_text(cedar_scratch *scratch, cedar_uid uid);

#endif
