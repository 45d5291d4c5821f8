/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/decision.h"

#include <time.h>

#include "cli/snippet.h"

int64_t decision_now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static bool is_plain(str id) {
    for (size_t i = 0; i < id.len; i++) {
        char c = id.ptr[i];
        if (c < 0x20 || c > 0x7E || c == '\'' || c == '"' || c == '\\') {
            return false;
        }
    }
    return true;
}

/* Ids of entities are escaped in the same way: the id of one is made, and taken out again. */
void decision_add_id(struct cli *cli, struct buf *out, str id) {
    static const str head = STR_INIT("P::\"");
    cedar_str text;
    if (is_plain(id)) {
        buf_add(out, id);
    } else if (cedar_uid_format(cli->scratch, (cedar_uid){cedar_str_from("P"), cli_cedar_str(id)},
                                &text) == CEDAR_OK) {
        buf_add(out, str_slice(cli_str(text), head.len, text.len - 1));
    } else {
        buf_fail(out, ERR_NOMEM);
    }
}

void decision_add_error(struct cli *cli, struct buf *out, const cedar_policy_error *error) {
    buf_add_c(out, "error while evaluating policy `");
    decision_add_id(cli, out, cli_str(error->policy_id));
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
