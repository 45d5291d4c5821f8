/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_OPS_CONFIG_INT_H
#define SERVER_OPS_CONFIG_INT_H
/*
 * Inside the configuration: config.c (loading, reload), config_source.c (file, directory,
 * environment, flags), config_value.c (text to value), config_print.c (what is shown).
 *
 * A source only fills in texts; each key's last text is converted once, when all are read.
 */
#include "server/ops/config.h"

enum config_source {
    CONFIG_SOURCE_DEFAULT,
    CONFIG_SOURCE_FILE,
    CONFIG_SOURCE_DIRECTORY,
    CONFIG_SOURCE_ENVIRONMENT,
    CONFIG_SOURCE_FLAG,
};

enum { CONFIG_KEYS_MAX = 256, CONFIG_NAME_MAX = 64 };

struct config_setting {
    str text; /* absent: not set */
    enum config_source source;
    uint32_t line; /* in the file */
};

struct config {
    const struct config_spec *spec;
    int argc;
    char *const *argv;
    char *const *envp;
    enum config_command command;
    struct arena arena; /* everything below; wiped */
    str file;           /* path, or absent */
    str directory;
    struct config_setting *settings; /* one per key */
    void *values;
    str changed;
    str needs_restart;
    _Atomic uint64_t *seen; /* fingerprint of file and directory when last looked at */
};

/* Position of a key; SIZE_MAX when there is none. '-' counts as '_'. */
size_t config_find(const struct config_spec *spec, str name);
/* Its environment variable, in `out` when it follows from the name. */
str config_env_name(const struct config_key *key, char out[CONFIG_NAME_MAX + 16]);

/* "--some-name". */
void config_add_flag(const struct config_key *key, struct buf *out);

/* Fills reterr: "unknown key \"x\"; did you mean \"y\"?" */
err config_unknown(const struct config_spec *spec, str name, struct error *reterr);

/* Where a setting comes from: "file /etc/a.conf, line 3", "environment CACHE_SIZE", … */
void config_describe(const struct config *config, size_t index, struct buf *out);

/* Command line, in two steps: the first finds command, file and directory and checks names. */
err config_scan_flags(struct config *config, struct error *reterr) MUST_CHECK;
void config_apply_flags(struct config *config);
err config_apply_environment(struct config *config, struct error *reterr) MUST_CHECK;
err config_apply_file(struct config *config, struct error *reterr) MUST_CHECK;
err config_apply_directory(struct config *config, struct error *reterr) MUST_CHECK;
/* A number that changes with the content of file and directory. */
uint64_t config_fingerprint(const struct config *config);

/* Converts text to the key's type; the error's text says what is allowed, without the source. */
err config_value_parse(const struct config_key *key, str text, struct arena *a, void *field,
                       struct error *reterr) MUST_CHECK;
/* Type and range for people: "integer, 0 to 65535". */
void config_value_describe(const struct config_key *key, struct buf *out);

#endif
