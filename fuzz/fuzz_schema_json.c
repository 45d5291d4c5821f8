/* SPDX-License-Identifier: Apache-2.0 */
/* Schema JSON: what is read can be written in both forms and read again (schema_property.h). */
#include "schema_property.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    return schema_property(fuzz_input(data, size), SCHEMA_FORMAT_JSON);
}
