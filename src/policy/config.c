/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/config.h"

#include "server/ops/log.h"
#include "server/ops/ops.h"

#define KEY(field, kind, ...) CONFIG_KEY(struct policy_config, field, kind, __VA_ARGS__)

static const struct config_key keys[] = {
    KEY(address, CONFIG_STRING, .default_text = "127.0.0.1", .help = "address to listen on"),
    KEY(port, CONFIG_INT, .default_text = "8081", .min = 0, .max = 65535,
        .help = "port to listen on; 0 lets the kernel choose"),
    KEY(port_file, CONFIG_PATH, .help = "file to write the port to once the service listens"),
    KEY(loops, CONFIG_INT, .default_text = "0", .min = 0, .max = 256,
        .help = "event loops; 0 means one per core"),
    KEY(workers, CONFIG_INT, .default_text = "2", .min = 1, .max = 256,
        .help = "threads for work that waits"),
    KEY(worker_queue, CONFIG_INT, .default_text = "256", .min = 1, .max = 100000,
        .help = "requests that may wait for a worker; above it the answer is 503"),
    KEY(tls_certificate, CONFIG_PATH, .help = "PEM file; TLS is served when set"),
    KEY(tls_key, CONFIG_PATH, .help = "PEM file with the private key"),
    KEY(policy_dir, CONFIG_PATH, .default_text = "/etc/policies",
        .help = "directory of *.cedar files, schema and entities.json"),
    KEY(reload_interval, CONFIG_DURATION_MS, .default_text = "2s", .min = 0, .max = 3600000,
        .help = "how often the directory is looked at; 0 means only on SIGHUP"),
    KEY(eval_timeout_ms, CONFIG_INT, .default_text = "100", .min = 0, .max = 60000,
        .is_reloadable = true, .env = "EVAL_TIMEOUT_MS",
        .help = "bound on one evaluation in ms, above it the answer is Deny; 0 means none"),
    KEY(validate_requests, CONFIG_BOOL, .default_text = "true",
        .help = "where there is a schema: refuse questions that do not fit it"),
    KEY(issuer, CONFIG_STRING, .default_text = "http://127.0.0.1:8080", .min = 1, .max = 2048,
        .help = "issuer that access tokens must name"),
    KEY(jwks_url, CONFIG_STRING, .min = 1, .max = 2048,
        .help = "key set of the issuer; default <issuer>/.well-known/jwks.json"),
    KEY(audience, CONFIG_STRING, .default_text = "ironwood", .min = 1, .max = 256,
        .help = "audience that access tokens must name"),
    KEY(admin_scope, CONFIG_STRING, .default_text = "admin", .min = 1, .max = 128,
        .help = "scope that opens /admin"),
    KEY(clock_skew, CONFIG_DURATION_MS, .default_text = "30s", .min = 0, .max = 300000,
        .help = "tolerance between the clocks of issuer and service"),
    KEY(jwks_refresh, CONFIG_DURATION_MS, .default_text = "5m", .min = 1000, .max = 86400000,
        .help = "how often the key set is fetched without need"),
    KEY(fetch_timeout, CONFIG_DURATION_MS, .default_text = "5s", .min = 1000, .max = 60000,
        .help = "bound on one fetch of the key set"),
    KEY(loopback_admin, CONFIG_BOOL, .default_text = "true",
        .help = "allow read-only admin calls from loopback without a token"),
    KEY(requests_per_minute, CONFIG_INT, .default_text = "0", .min = 0, .max = 100000000,
        .help = "limit per client address; 0 means none"),
    KEY(connections_max, CONFIG_INT, .default_text = "10000", .min = 1, .max = 1000000,
        .help = "open connections"),
    KEY(drain, CONFIG_DURATION_MS, .default_text = "10s", .min = 0, .max = 600000,
        .help = "time that running requests get when the service stops"),
    KEY(log_level, CONFIG_STRING, .default_text = "info", .is_reloadable = true,
        .help = "debug, info, warn or error"),
    KEY(log_decisions, CONFIG_STRING, .default_text = "all", .is_reloadable = true,
        .help = "which decisions are logged: all, deny or none"),
    KEY(audit_log, CONFIG_PATH, .help = "file that admin access and policy loads are recorded in"),
};

/* A configuration that starts and then refuses every token is worse than one that is refused. */
static err check_issuer(struct policy_config *config, struct arena *a, struct error *reterr) {
    if (!str_has_prefix(config->issuer, STR("http://")) &&
        !str_has_prefix(config->issuer, STR("https://"))) {
        return error_set(reterr, ERR_RANGE, "issuer: must begin with http:// or https://");
    }
    if (str_is_absent(config->jwks_url)) {
        str base = config->issuer;
        if (str_has_suffix(base, STR("/"))) {
            base = str_slice(base, 0, base.len - 1);
        }
        TRY(arena_format(a, &config->jwks_url, "%.*s/.well-known/jwks.json", STR_FMT(base)));
    }
    return ERR_OK;
}

static err check(void *values, struct arena *a, struct error *reterr) {
    struct policy_config *config = values;
    enum log_level level;
    if (!log_level_parse(config->log_level, &level)) {
        return error_set(reterr, ERR_RANGE,
                         "log_level: must be debug, info, warn or error, not %.*s",
                         STR_FMT(config->log_level));
    }
    if (!str_equal(config->log_decisions, STR("all")) &&
        !str_equal(config->log_decisions, STR("deny")) &&
        !str_equal(config->log_decisions, STR("none"))) {
        return error_set(reterr, ERR_RANGE, "log_decisions: must be all, deny or none, not %.*s",
                         STR_FMT(config->log_decisions));
    }
    if (str_is_absent(config->tls_certificate) != str_is_absent(config->tls_key)) {
        return error_set(reterr, ERR_MISSING, "tls_certificate and tls_key go together");
    }
    return check_issuer(config, a, reterr);
}

const struct config_spec policy_config_spec = {
    .service = "policy-service",
    .version = IRONWOOD_VERSION,
    .summary = "Answers \"may this principal do this to that\" from Cedar policies.",
    .keys = keys,
    .key_count = ARRAY_LEN(keys),
    .struct_size = sizeof(struct policy_config),
    .check = check,
};
