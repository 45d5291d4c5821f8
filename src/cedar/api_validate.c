/* SPDX-License-Identifier: Apache-2.0 */
/* Requests against a schema. */
#include "cedar/api_int.h"

#include "cedar/schema/conform.h"

static err validate(cedar_scratch *scratch, const struct schema *schema,
                    const cedar_request *request, struct diag_list *diags) {
    const struct uid *principal;
    const struct uid *action;
    const struct uid *resource;
    struct arena *temp = &scratch->temp;
    TRY(api_uid_copy(temp, scratch->engine, request->principal, &principal));
    TRY(api_uid_copy(temp, scratch->engine, request->action, &action));
    TRY(api_uid_copy(temp, scratch->engine, request->resource, &resource));
    struct value context = value_record(&value_no_fields);
    if (request->context != NULL) {
        context = request->context->value;
    }
    return conform_request(schema, principal, action, resource, &context, diags);
}

cedar_status cedar_request_validate(cedar_scratch *scratch, const cedar_schema *schema,
                                    const cedar_request *request, cedar_report **ret_report) {
    if (ret_report != NULL) {
        *ret_report = NULL;
    }
    if (scratch == NULL || schema == NULL || request == NULL ||
        !api_same_key(schema->engine, scratch->engine) ||
        (request->context != NULL && !api_same_key(request->context->engine, scratch->engine))) {
        return CEDAR_ERR_MISUSE;
    }
    const cedar_uid uids[] = {request->principal, request->action, request->resource};
    for (size_t i = 0; i < ARRAY_LEN(uids); i++) {
        cedar_status status = api_uid_check(uids[i]);
        if (status != CEDAR_OK) {
            return status;
        }
    }
    struct diag_list diags;
    diag_list_init(&diags, &scratch->temp);
    err error = validate(scratch, schema->schema, request, &diags);
    cedar_status status = api_finish(scratch->engine, error, &diags, ret_report);
    arena_clear(&scratch->temp);
    return status;
}
