/* SPDX-License-Identifier: Apache-2.0 */
#include "server/ops/config_int.h"

#include "base/assert.h"

#include <stdatomic.h>
#include <stdlib.h>

enum { CONFIG_MEMORY_MAX = 64 << 20, NAMES_MAX = 4096 };

static err config_new(const struct config_spec *spec, int argc, char *const *argv,
                      char *const *envp, struct config **ret) {
    ASSERT(spec->key_count <= CONFIG_KEYS_MAX);
    struct config *config = calloc(1, sizeof *config);
    if (config == NULL) {
        return ERR_NOMEM;
    }
    config->spec = spec;
    config->argc = argc;
    config->argv = argv;
    config->envp = envp;
    arena_init(&config->arena, allocator_libc(), CONFIG_MEMORY_MAX);
    config->arena.is_wiped = true;
    config->settings = ARENA_ARRAY(&config->arena, struct config_setting, spec->key_count);
    config->values = arena_alloc(&config->arena, spec->struct_size);
    config->seen = arena_alloc(&config->arena, sizeof *config->seen);
    if (arena_has_failed(&config->arena)) {
        config_free(config);
        return ERR_NOMEM;
    }
    for (size_t i = 0; i < spec->key_count; i++) {
        config->settings[i].text = str_c(spec->keys[i].default_text);
    }
    *ret = config;
    return ERR_OK;
}

void config_free(struct config *config) {
    if (config != NULL) {
        arena_done(&config->arena);
        free(config);
    }
}

enum config_command config_command(const struct config *config) {
    return config->command;
}

const void *config_values(const struct config *config) {
    return config->values;
}

str config_changed_keys(const struct config *config) {
    return str_is_absent(config->changed) ? STR("") : config->changed;
}

str config_restart_keys(const struct config *config) {
    return str_is_absent(config->needs_restart) ? STR("") : config->needs_restart;
}

/* From all sources, in their order. The environment is looked at first, because it may name the
 * file and the directory, and again when its turn comes. */
static err read_sources(struct config *config, struct error *reterr) {
    TRY(config_apply_environment(config, reterr));
    for (size_t i = 0; i < config->spec->key_count; i++) {
        config->settings[i] =
            (struct config_setting){.text = str_c(config->spec->keys[i].default_text)};
    }
    /* Before the content is read: what changes in between is then seen as a change. */
    atomic_store(config->seen, config_fingerprint(config));
    TRY(config_apply_file(config, reterr));
    TRY(config_apply_directory(config, reterr));
    TRY(config_apply_environment(config, reterr));
    config_apply_flags(config);
    return ERR_OK;
}

static err fail_missing(const struct config_key *key, struct error *reterr) {
    char variable[CONFIG_NAME_MAX + 16];
    char storage[CONFIG_NAME_MAX + 16];
    struct buf flag;
    buf_init_fixed(&flag, storage, sizeof storage);
    config_add_flag(key, &flag);
    return error_set(reterr, ERR_MISSING, "%s is not set (flag %.*s, environment %.*s)", key->name,
                     STR_FMT(buf_str(&flag)), STR_FMT(config_env_name(key, variable)));
}

/* Texts to values. */
static err convert(struct config *config, struct error *reterr) {
    for (size_t i = 0; i < config->spec->key_count; i++) {
        const struct config_key *key = &config->spec->keys[i];
        str text = config->settings[i].text;
        if (str_is_absent(text)) {
            if (key->is_required) {
                return fail_missing(key, reterr);
            }
            continue;
        }
        err code = config_value_parse(key, text, &config->arena,
                                      (char *)config->values + key->offset, reterr);
        if (code != ERR_OK) {
            char storage[ERROR_TEXT_MAX];
            struct buf source;
            buf_init_fixed(&source, storage, sizeof storage);
            config_describe(config, i, &source);
            error_prefix(reterr, "%.*s: %s", STR_FMT(buf_str(&source)), key->name);
            return code;
        }
    }
    return config->spec->check == NULL
               ? ERR_OK
               : config->spec->check(config->values, &config->arena, reterr);
}

static bool is_same_text(str a, str b) {
    return str_is_absent(a) == str_is_absent(b) && str_equal(a, b);
}

static void add_name(struct buf *names, const char *name) {
    buf_add(names, names->len > 0 ? STR(", ") : STR(""));
    buf_add_c(names, name);
}

/* Puts the running values of keys that cannot change back, and lists what differs. */
static err keep_fixed(struct config *config, const struct config *current) {
    struct buf changed;
    struct buf fixed;
    buf_init_arena(&changed, &config->arena, NAMES_MAX);
    buf_init_arena(&fixed, &config->arena, NAMES_MAX);
    for (size_t i = 0; i < config->spec->key_count; i++) {
        struct config_setting *setting = &config->settings[i];
        const struct config_setting *old = &current->settings[i];
        if (is_same_text(setting->text, old->text)) {
            continue;
        }
        const struct config_key *key = &config->spec->keys[i];
        add_name(key->is_reloadable ? &changed : &fixed, key->name);
        if (!key->is_reloadable) {
            *setting = *old;
            TRY(arena_copy(&config->arena, old->text, &setting->text));
        }
    }
    TRY(buf_finish(&changed, &config->changed));
    return buf_finish(&fixed, &config->needs_restart);
}

static err fill(struct config *config, const struct config *current, struct error *reterr) {
    TRY(config_scan_flags(config, reterr));
    if (config->command != CONFIG_COMMAND_RUN && config->command != CONFIG_COMMAND_PRINT) {
        return ERR_OK;
    }
    TRY(read_sources(config, reterr));
    if (current != NULL) {
        TRY(keep_fixed(config, current));
    }
    return convert(config, reterr);
}

static err load(const struct config_spec *spec, int argc, char *const *argv, char *const *envp,
                const struct config *current, struct config **ret, struct error *reterr) {
    AUTO(config_freep) struct config *config = NULL;
    struct error error = {0};
    err code = config_new(spec, argc, argv, envp, &config);
    if (code == ERR_OK) {
        code = fill(config, current, &error);
    }
    if (code != ERR_OK) {
        return error_set(reterr, code, "%s", error.code == code ? error.text : err_text(code));
    }
    *ret = TAKE(config);
    return ERR_OK;
}

err config_load(const struct config_spec *spec, int argc, char *const *argv, char *const *envp,
                struct config **ret, struct error *reterr) {
    return load(spec, argc, argv, envp, NULL, ret, reterr);
}

err config_reload(const struct config *current, struct config **ret, struct error *reterr) {
    return load(current->spec, current->argc, current->argv, current->envp, current, ret, reterr);
}

bool config_is_stale(const struct config *config) {
    if (str_is_absent(config->file) && str_is_absent(config->directory)) {
        return false;
    }
    uint64_t now = config_fingerprint(config);
    return atomic_exchange(config->seen, now) != now;
}
