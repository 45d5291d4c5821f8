/* SPDX-License-Identifier: Apache-2.0 */
#include "server/ops/ops.h"

/* In a file of its own, so that a new version builds one file. */
const char *ops_version(void) {
    return IRONWOOD_VERSION;
}
