/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/decision.h"

#include <time.h>

#include "cli/snippet.h"

int64_t decision_now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

void decision_add_error(struct buf *out, const cedar_policy_error *error) {
    buf_add_c(out, "error while evaluating policy `");
    snippet_add_safe(out, cli_str(error->policy_id));
    buf_add_c(out, "`: ");
    snippet_add_safe(out, cli_str(error->message));
}

void decision_json(struct json_writer *w, const cedar_response *response) {
    json_name_string(w, STR("decision"),
                     response->decision == CEDAR_ALLOW ? STR("allow") : STR("deny"));
    json_key(w, STR("reasons"));
    json_open_array(w);
    for (size_t i = 0; i < response->reason_count; i++) {
        json_string(w, cli_str(response->reasons[i]));
    }
    json_close_array(w);
    json_key(w, STR("errors"));
    json_open_array(w);
    for (size_t i = 0; i < response->error_count; i++) {
        const cedar_policy_error *error = &response->errors[i];
        json_open_object(w);
        json_name_string(w, STR("policy"), cli_str(error->policy_id));
        json_name_string(w, STR("effect"),
                         error->effect == CEDAR_PERMIT ? STR("permit") : STR("forbid"));
        json_name_string(w, STR("message"), cli_str(error->message));
        if (error->help.len > 0) {
            json_name_string(w, STR("help"), cli_str(error->help));
        }
        json_close_object(w);
    }
    json_close_array(w);
}
