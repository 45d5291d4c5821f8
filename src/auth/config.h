/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUTH_CONFIG_H
#define AUTH_CONFIG_H
/*
 * The configuration of auth-service. config.c has the table that --help, the sample file and
 * docs/configuration.md are made from; sources and precedence are those of server/ops/config.h.
 */
#include "server/ops/config.h"

struct auth_config {
    str address;
    int64_t port;
    str port_file;
    int64_t loops;
    int64_t workers;
    int64_t worker_queue;
    int64_t password_workers;
    int64_t password_queue;
    str tls_certificate;
    str tls_key;
    str data_dir;
    str database;
    int64_t db_readers;
    str issuer;
    str audience;
    str jwt_secret;
    int64_t access_token_ttl;
    int64_t refresh_token_ttl;
    int64_t grant_ttl;
    int64_t code_ttl;
    int64_t session_idle_ttl;
    int64_t session_ttl;
    int64_t key_overlap;
    int64_t clock_skew;
    int64_t password_length_min;
    int64_t argon2_memory;
    int64_t argon2_passes;
    bool registration;
    int64_t throttle_free;
    int64_t throttle_window;
    int64_t throttle_address;
    int64_t requests_per_minute;
    int64_t logins_per_minute;
    int64_t cache_memory;
    int64_t connections_max;
    int64_t drain;
    bool loopback_admin;
    str admin_email;
    bool demo;
    str log_level;
    str audit_log;
};

extern const struct config_spec auth_config_spec;

#endif
