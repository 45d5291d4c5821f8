/* SPDX-License-Identifier: Apache-2.0 */
#include "server/ops/config_int.h"

#include "base/assert.h"

static void print_version(const struct config_spec *spec, struct buf *out) {
    buf_format(out, "%s %s\n", spec->service, spec->version);
}

/* "default 10s", "required" or "not set by default". */
static void add_default(const struct config_key *key, struct buf *out) {
    if (key->default_text != NULL) {
        buf_add(out, STR("default "));
        buf_add_c(out, key->default_text[0] == '\0' ? "empty" : key->default_text);
    } else {
        buf_add(out, key->is_required ? STR("required") : STR("not set by default"));
    }
}

static void print_help(const struct config_spec *spec, struct buf *out) {
    buf_format(out, "%s: %s\n\nUsage: %s [--name VALUE]...\n\n", spec->service, spec->summary,
               spec->service);
    buf_add(out, STR("  --config FILE\n      lines of the form `name = value`; '#' begins a "
                     "comment line; environment IRONWOOD_CONFIG\n"
                     "  --config-dir DIR\n      one file per key; environment "
                     "IRONWOOD_CONFIG_DIR\n"
                     "  --help, --version\n"
                     "  --print-config\n      the effective values, secrets masked\n"
                     "  --print-sample-config, --print-config-doc\n\n"
                     "A flag overrides the environment, which overrides the directory, which "
                     "overrides the file.\n\n"));
    for (size_t i = 0; i < spec->key_count; i++) {
        const struct config_key *key = &spec->keys[i];
        char storage[CONFIG_NAME_MAX + 16];
        buf_add(out, STR("  "));
        config_add_flag(key, out);
        buf_format(out, "\n      %s\n      ", key->help);
        config_value_describe(key, out);
        buf_add(out, STR("; "));
        add_default(key, out);
        buf_format(out, "; environment %.*s%s\n", STR_FMT(config_env_name(key, storage)),
                   key->is_reloadable ? "; reloadable" : "");
    }
}

static void print_values(const struct config *config, struct buf *out) {
    for (size_t i = 0; i < config->spec->key_count; i++) {
        const struct config_key *key = &config->spec->keys[i];
        const struct config_setting *setting = &config->settings[i];
        if (str_is_absent(setting->text)) {
            buf_format(out, "# %s is not set\n", key->name);
            continue;
        }
        if (setting->source != CONFIG_SOURCE_DEFAULT) {
            buf_add(out, STR("# "));
            config_describe(config, i, out);
            buf_add_byte(out, '\n');
        }
        buf_format(out, "%s = ", key->name);
        buf_add(out, key->is_secret ? STR("********") : setting->text);
        buf_add_byte(out, '\n');
    }
}

static void print_sample(const struct config_spec *spec, struct buf *out) {
    buf_format(out, "# Configuration of %s. Every line here is a comment that shows the default.\n",
               spec->service);
    for (size_t i = 0; i < spec->key_count; i++) {
        const struct config_key *key = &spec->keys[i];
        buf_format(out, "\n# %s\n# (", key->help);
        config_value_describe(key, out);
        if (key->default_text == NULL) {
            buf_add(out, STR("; "));
            add_default(key, out);
        }
        buf_format(out, "%s%s)\n#%s = %s\n", key->is_reloadable ? "; reloadable" : "",
                   key->is_secret ? "; secret" : "", key->name,
                   key->default_text == NULL ? "" : key->default_text);
    }
}

/* Text inside a table cell. */
static void add_cell(struct buf *out, str text) {
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '|') {
            buf_add_byte(out, '\\');
        }
        buf_add_byte(out, text.ptr[i]);
    }
}

static void print_doc(const struct config_spec *spec, struct buf *out) {
    buf_add(out, STR("| key | value | default | environment | reload | meaning |\n"
                     "|---|---|---|---|---|---|\n"));
    for (size_t i = 0; i < spec->key_count; i++) {
        const struct config_key *key = &spec->keys[i];
        char storage[CONFIG_NAME_MAX + 16];
        buf_format(out, "| `%s` | ", key->name);
        config_value_describe(key, out);
        buf_add(out, key->is_secret ? STR(", secret | ") : STR(" | "));
        if (key->default_text == NULL) {
            buf_add(out, key->is_required ? STR("required") : STR("–"));
        } else {
            buf_format(out, "`%s`", key->default_text);
        }
        buf_format(out, " | `%.*s` | %s | ", STR_FMT(config_env_name(key, storage)),
                   key->is_reloadable ? "yes" : "no");
        add_cell(out, str_c(key->help));
        buf_add(out, STR(" |\n"));
    }
}

void config_print(const struct config *config, struct buf *out) {
    switch (config->command) {
    case CONFIG_COMMAND_RUN:
        return;
    case CONFIG_COMMAND_HELP:
        print_help(config->spec, out);
        return;
    case CONFIG_COMMAND_VERSION:
        print_version(config->spec, out);
        return;
    case CONFIG_COMMAND_PRINT:
        print_values(config, out);
        return;
    case CONFIG_COMMAND_PRINT_SAMPLE:
        print_sample(config->spec, out);
        return;
    case CONFIG_COMMAND_PRINT_DOC:
        print_doc(config->spec, out);
        return;
    }
    UNREACHABLE();
}
