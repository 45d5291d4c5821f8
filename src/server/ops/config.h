/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_OPS_CONFIG_H
#define SERVER_OPS_CONFIG_H
/*
 * Configuration from one table per service.
 *
 * A row says everything about a key: name, type, default, range, environment variable, help, and
 * where its value goes in the service's own struct. --help, the sample file, the documentation
 * and the checks are made from the rows. Sources, later ones win:
 *
 *   default < --config FILE < --config-dir DIR < environment < flag
 *
 *   FILE    `name = value` lines; '#' starts a comment line; no quotes, the value is the rest of
 *           the line without spaces at its ends; a key occurs once
 *   DIR     one file per key (a mounted Kubernetes Secret); the name is the key's or its
 *           environment variable's, names with a leading '.' are skipped, one newline at the
 *           end of the value is dropped
 *   env     the row's variable, IRONWOOD_<NAME> unless the row gives another; an empty one counts
 *           as not set; --config and --config-dir are IRONWOOD_CONFIG and IRONWOOD_CONFIG_DIR
 *   flag    --some-name VALUE or --some-name=VALUE; a boolean alone means true; the last wins
 *
 * An unknown key is an error that names the nearest known one (in the environment: only of
 * variables that begin with IRONWOOD_). In names '-' and '_' are the same.
 *
 * Values: integers in decimal; durations with unit ms, s, m, h or d (a bare number is in ms);
 * sizes with optional K, M or G (powers of 1024); booleans true/false, yes/no, on/off, 1/0;
 * lists separated by commas.
 *
 * A loaded configuration is immutable and may be read from any thread; its memory is wiped when
 * freed. config_reload builds the next one aside.
 */
#include "base/buf.h"

enum config_type {
    CONFIG_STRING,      /* str; absent when there is no default and it is not set */
    CONFIG_INT,         /* int64_t */
    CONFIG_BOOL,        /* bool */
    CONFIG_DURATION_MS, /* int64_t, milliseconds */
    CONFIG_SIZE,        /* int64_t, bytes */
    CONFIG_PATH,        /* str; as CONFIG_STRING, no NUL, terminated behind the end */
    CONFIG_STRING_LIST, /* struct config_list */
};

struct config_list {
    const str *items;
    size_t count;
};

struct config_key {
    const char *name; /* lower case with '_' */
    enum config_type type;
    const char *default_text; /* as one would write it; NULL: none */
    int64_t min;              /* numbers: the value; strings: bytes; lists: items. */
    int64_t max;              /* min = max = 0: no range */
    bool is_reloadable;
    bool is_secret;   /* masked wherever it is shown */
    bool is_required; /* no default, must be set */
    const char *env;  /* NULL: IRONWOOD_<NAME> */
    const char *help; /* one line, without a full stop */
    size_t offset;    /* of the value in the service's struct */
};

/* A row; the key is named as the field. Further members as designated initialisers:
 * CONFIG_KEY(struct policy_config, cache_size, CONFIG_INT, .default_text = "10000", …) */
#define CONFIG_KEY(struct_type, field, kind, ...) \
    { .name = #field, .type = (kind), .offset = offsetof(struct_type, field), __VA_ARGS__ }

struct config_spec {
    const char *service; /* "policy-service" */
    const char *version;
    const char *summary; /* one line for --help */
    const struct config_key *keys;
    size_t key_count;
    size_t struct_size;
    /* Rules between keys, and what needs more than a range; may be NULL. May change values (for
     * example fill in what follows from others). `a` lives as long as the configuration. */
    err (*check)(void *values, struct arena *a, struct error *reterr);
};

/* What the command line asks for. */
enum config_command {
    CONFIG_COMMAND_RUN,
    CONFIG_COMMAND_HELP,         /* --help */
    CONFIG_COMMAND_VERSION,      /* --version */
    CONFIG_COMMAND_PRINT,        /* --print-config: effective values and their sources */
    CONFIG_COMMAND_PRINT_SAMPLE, /* --print-sample-config */
    CONFIG_COMMAND_PRINT_DOC,    /* --print-config-doc: rows of a Markdown table */
};

struct config;

/* argv and envp must live as long as any configuration made from them (main's do). Errors name
 * source, line, key and allowed range. For HELP, VERSION, SAMPLE and DOC the other sources are
 * not read. */
err config_load(const struct config_spec *spec, int argc, char *const *argv, char *const *envp,
                struct config **ret, struct error *reterr) MUST_CHECK;
void config_free(struct config *config);
DEFINE_FREEP(config)

enum config_command config_command(const struct config *config);

/* The service's struct. */
const void *config_values(const struct config *config);

/* The text that the command asks for (nothing for RUN). */
void config_print(const struct config *config, struct buf *out);

/* Reads all sources again. Keys that are not reloadable keep their old value; when a source has
 * another one, the key is listed by config_restart_keys. On error nothing changes. */
err config_reload(const struct config *current, struct config **ret,
                  struct error *reterr) MUST_CHECK;
/* After config_reload: names separated by ", "; empty when there are none. */
str config_changed_keys(const struct config *config);
str config_restart_keys(const struct config *config);

/* True when the file or the directory has other content than when it was read, or than at the
 * last call: a change that config_reload refuses is reported once. */
bool config_is_stale(const struct config *config);

#endif
