/* SPDX-License-Identifier: Apache-2.0 */
#ifndef POLICY_CONFIG_H
#define POLICY_CONFIG_H
/*
 * The configuration of policy-service. config.c has the table that --help, the sample file and
 * docs/configuration.md are made from; sources and precedence are those of server/ops/config.h.
 */
#include "server/ops/config.h"

struct policy_config {
    str address;
    int64_t port;
    str port_file;
    int64_t loops;
    int64_t workers;
    int64_t worker_queue;
    str tls_certificate;
    str tls_key;
    str policy_dir;
    int64_t reload_interval;
    int64_t eval_timeout_ms;
    bool validate_requests;
    str issuer;
    str jwks_url;
    str audience;
    str admin_scope;
    int64_t clock_skew;
    int64_t jwks_refresh;
    int64_t fetch_timeout;
    bool loopback_admin;
    int64_t requests_per_minute;
    int64_t connections_max;
    int64_t drain;
    str log_level;
    str log_decisions;
    str audit_log;
};

extern const struct config_spec policy_config_spec;

#endif
