/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/config.h"

#include "crypto/password.h"
#include "server/http/url.h"
#include "server/ops/log.h"
#include "server/ops/ops.h"

#define KEY(field, kind, ...) CONFIG_KEY(struct auth_config, field, kind, __VA_ARGS__)

enum { SECOND_MS = 1000, DAY_MS = 24 * 60 * 60 * SECOND_MS };
#define YEAR_MS (INT64_C(365) * DAY_MS)

static const struct config_key keys[] = {
    KEY(address, CONFIG_STRING, .default_text = "127.0.0.1", .min = 1, .max = 64,
        .help = "address to listen on"),
    KEY(port, CONFIG_INT, .default_text = "8080", .min = 0, .max = 65535,
        .help = "port to listen on; 0 lets the kernel choose"),
    KEY(port_file, CONFIG_PATH, .help = "file to write the port to once the service listens"),
    KEY(loops, CONFIG_INT, .default_text = "0", .min = 0, .max = 256,
        .help = "event loops; 0 means one per core"),
    KEY(workers, CONFIG_INT, .default_text = "4", .min = 1, .max = 256,
        .help = "threads for work that waits, such as SQL"),
    KEY(worker_queue, CONFIG_INT, .default_text = "512", .min = 1, .max = 100000,
        .help = "requests that may wait for a worker; above it the answer is 503"),
    KEY(password_workers, CONFIG_INT, .default_text = "2", .min = 1, .max = 64,
        .help = "threads for password hashing; each uses argon2_memory while it works"),
    KEY(password_queue, CONFIG_INT, .default_text = "64", .min = 1, .max = 10000,
        .help = "sign-ins that may wait for a password thread; above it the answer is 503"),
    KEY(tls_certificate, CONFIG_PATH, .help = "PEM file; TLS is served when set"),
    KEY(tls_key, CONFIG_PATH, .help = "PEM file with the private key"),
    KEY(data_dir, CONFIG_PATH, .default_text = "/var/lib/ironwood",
        .help = "directory of the database and of generated secrets"),
    KEY(database, CONFIG_STRING, .min = 1, .max = 1024,
        .help = "database URL; default sqlite:<data_dir>/auth.db"),
    KEY(db_readers, CONFIG_INT, .default_text = "4", .min = 1, .max = 64,
        .help = "connections for reading; there is one for writing"),
    KEY(issuer, CONFIG_STRING, .min = 1, .max = 1024,
        .help = "issuer of tokens, as clients reach us; default http://127.0.0.1:<port>"),
    KEY(audience, CONFIG_STRING, .default_text = "ironwood", .min = 1, .max = 256,
        .help = "audience of access tokens when none is asked for"),
    KEY(jwt_secret, CONFIG_STRING, .is_secret = true, .env = "JWT_SECRET", .min = 1, .max = 1024,
        .help = "root secret, base64 of at least 32 bytes; default: made and kept in data_dir"),
    KEY(access_token_ttl, CONFIG_DURATION_MS, .default_text = "15m", .min = 10 * SECOND_MS,
        .max = DAY_MS, .help = "life of access and ID tokens"),
    KEY(refresh_token_ttl, CONFIG_DURATION_MS, .default_text = "7d", .min = 60 * SECOND_MS,
        .max = YEAR_MS, .help = "life of a refresh token that is not used"),
    KEY(grant_ttl, CONFIG_DURATION_MS, .default_text = "30d", .min = 60 * SECOND_MS,
        .max = 2 * YEAR_MS, .help = "life of a sign-in, however often it is refreshed"),
    KEY(code_ttl, CONFIG_DURATION_MS, .default_text = "60s", .min = SECOND_MS,
        .max = 600 * SECOND_MS, .help = "life of an authorization code"),
    KEY(session_idle_ttl, CONFIG_DURATION_MS, .default_text = "8h", .min = 60 * SECOND_MS,
        .max = YEAR_MS, .help = "life of a browser session that is not used"),
    KEY(session_ttl, CONFIG_DURATION_MS, .default_text = "1d", .min = 60 * SECOND_MS,
        .max = YEAR_MS, .help = "life of a browser session"),
    KEY(key_overlap, CONFIG_DURATION_MS, .default_text = "1d", .min = 0, .max = YEAR_MS,
        .help = "how long replicas may still sign with the old key after a rotation"),
    KEY(clock_skew, CONFIG_DURATION_MS, .default_text = "30s", .min = 0, .max = INT64_C(1000) * 300,
        .help = "tolerance between the clocks of replicas"),
    KEY(password_length_min, CONFIG_INT, .default_text = "8", .min = 8, .max = 64,
        .help = "shortest password in characters"),
    KEY(argon2_memory, CONFIG_SIZE, .default_text = "19M", .min = 64 * 1024,
        .max = INT64_C(1024) * PASSWORD_MEMORY_MAX_KIB, .help = "memory of one password hash"),
    KEY(argon2_passes, CONFIG_INT, .default_text = "2", .min = 1, .max = PASSWORD_PASSES_MAX,
        .help = "passes of one password hash"),
    KEY(registration, CONFIG_BOOL, .default_text = "true",
        .help = "people may make accounts for themselves"),
    KEY(throttle_free, CONFIG_INT, .default_text = "5", .min = 1, .max = 1000,
        .help = "attempts per account and address before each must wait"),
    KEY(throttle_window, CONFIG_DURATION_MS, .default_text = "15m", .min = SECOND_MS, .max = DAY_MS,
        .help = "time after which attempts are forgotten"),
    KEY(throttle_address, CONFIG_INT, .default_text = "100", .min = 1, .max = 1000000,
        .help = "failed attempts per address in that time, whatever the account"),
    KEY(requests_per_minute, CONFIG_INT, .default_text = "0", .min = 0, .max = 100000000,
        .help = "limit per client address; 0 means none"),
    KEY(logins_per_minute, CONFIG_INT, .default_text = "300", .min = 0, .max = 100000000,
        .help = "limit of sign-ins and registrations per client address; 0 means none"),
    KEY(cache_memory, CONFIG_SIZE, .default_text = "8M", .min = 1024 * 1024,
        .max = INT64_C(64) * 1024 * 1024 * 1024,
        .help = "memory of the in-process key-value store"),
    KEY(connections_max, CONFIG_INT, .default_text = "10000", .min = 1, .max = 1000000,
        .help = "open connections"),
    KEY(drain, CONFIG_DURATION_MS, .default_text = "10s", .min = 0, .max = 600000,
        .help = "time that running requests get when the service stops"),
    KEY(loopback_admin, CONFIG_BOOL, .default_text = "true",
        .help = "allow read-only admin calls from loopback without a token"),
    KEY(admin_email, CONFIG_STRING, .default_text = "admin@ironwood.local", .min = 3, .max = 254,
        .help = "the first administrator, made when there is no account at all"),
    KEY(demo, CONFIG_BOOL, .default_text = "false",
        .help = "make the clients demo-web and demo-app; not for production"),
    KEY(log_level, CONFIG_STRING, .default_text = "info", .is_reloadable = true,
        .help = "debug, info, warn or error"),
    KEY(audit_log, CONFIG_PATH, .help = "file of audit records; default <data_dir>/audit.log"),
};

/* SECURITY: everything we publish and sign begins with it. RFC 8414 §2: no query, no fragment. */
static err check_issuer(struct auth_config *config, struct error *reterr) {
    str issuer = config->issuer;
    if (str_is_absent(issuer)) {
        return ERR_OK; /* known once the port is */
    }
    if (!str_has_prefix(issuer, STR("https://")) && !str_has_prefix(issuer, STR("http://"))) {
        return error_set(reterr, ERR_RANGE, "issuer: must begin with https:// or http://");
    }
    str rest = str_slice(issuer, str_find(issuer, STR("://")) + 3, issuer.len);
    str authority;
    str path;
    str_cut(rest, '/', &authority, &path);
    bool is_clean = url_authority_is_valid(authority);
    for (size_t i = 0; i < path.len; i++) {
        char c = path.ptr[i];
        is_clean = is_clean && (byte_is_alnum(c) || (c != '\0' && strchr("-._~/", c) != NULL));
    }
    if (!is_clean) {
        return error_set(reterr, ERR_RANGE,
                         "issuer: a host and perhaps a path, without user, query or fragment");
    }
    if (str_has_suffix(issuer, STR("/"))) {
        return error_set(reterr, ERR_RANGE, "issuer: must not end with a slash");
    }
    return ERR_OK;
}

static err check_paths(struct auth_config *config, struct arena *a, struct error *reterr) {
    if (config->data_dir.len == 0) {
        return error_set(reterr, ERR_RANGE, "data_dir: must not be empty");
    }
    if (str_is_absent(config->database)) {
        TRY(arena_format(a, &config->database, "sqlite:%.*s/auth.db", STR_FMT(config->data_dir)));
    }
    if (str_is_absent(config->audit_log)) {
        const char *path;
        str text;
        TRY(arena_format(a, &text, "%.*s/audit.log", STR_FMT(config->data_dir)));
        TRY(arena_c_string(a, text, &path));
        config->audit_log = str_c(path);
    }
    return ERR_OK;
}

static err check(void *values, struct arena *a, struct error *reterr) {
    struct auth_config *config = values;
    enum log_level level;
    if (!log_level_parse(config->log_level, &level)) {
        return error_set(reterr, ERR_RANGE, "log_level: one of debug, info, warn, error");
    }
    if (str_is_absent(config->tls_certificate) != str_is_absent(config->tls_key)) {
        return error_set(reterr, ERR_MISSING, "tls_certificate and tls_key go together");
    }
    if (config->refresh_token_ttl > config->grant_ttl ||
        config->session_idle_ttl > config->session_ttl) {
        return error_set(reterr, ERR_RANGE,
                         "refresh_token_ttl must not exceed grant_ttl, nor session_idle_ttl "
                         "session_ttl");
    }
    TRY(check_issuer(config, reterr));
    return check_paths(config, a, reterr);
}

const struct config_spec auth_config_spec = {
    .service = "auth-service",
    .version = IRONWOOD_VERSION,
    .summary = "Signs people and applications in and issues tokens (OAuth 2, OpenID Connect).",
    .keys = keys,
    .key_count = ARRAY_LEN(keys),
    .struct_size = sizeof(struct auth_config),
    .check = check,
};
