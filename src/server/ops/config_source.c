/* SPDX-License-Identifier: Apache-2.0 */
#include "server/ops/config_int.h"

#include "base/assert.h"
#include "base/hash.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX = 256 * 1024, PATH_LEN_MAX = 4096 };

static const str env_prefix = STR_INIT("IRONWOOD_");

/* Flags that are no keys. */
static const struct {
    str name;
    enum config_command command;
} commands[] = {
    {STR_INIT("help"), CONFIG_COMMAND_HELP},
    {STR_INIT("version"), CONFIG_COMMAND_VERSION},
    {STR_INIT("print-config"), CONFIG_COMMAND_PRINT},
    {STR_INIT("print-sample-config"), CONFIG_COMMAND_PRINT_SAMPLE},
    {STR_INIT("print-config-doc"), CONFIG_COMMAND_PRINT_DOC},
};

/* ---- names ---------------------------------------------------------------------------------- */

static bool is_same_name(str a, str b) {
    if (a.len != b.len) {
        return false;
    }
    for (size_t i = 0; i < a.len; i++) {
        char x = a.ptr[i] == '-' ? '_' : a.ptr[i];
        char y = b.ptr[i] == '-' ? '_' : b.ptr[i];
        if (x != y) {
            return false;
        }
    }
    return true;
}

size_t config_find(const struct config_spec *spec, str name) {
    for (size_t i = 0; i < spec->key_count; i++) {
        if (is_same_name(name, str_c(spec->keys[i].name))) {
            return i;
        }
    }
    return SIZE_MAX;
}

str config_env_name(const struct config_key *key, char out[CONFIG_NAME_MAX + 16]) {
    if (key->env != NULL) {
        return str_c(key->env);
    }
    str name = str_c(key->name);
    ASSERT(name.len <= CONFIG_NAME_MAX);
    memcpy(out, env_prefix.ptr, env_prefix.len);
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        out[env_prefix.len + i] = c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
    }
    return str_make(out, env_prefix.len + name.len);
}

static size_t find_by_env(const struct config_spec *spec, str variable) {
    for (size_t i = 0; i < spec->key_count; i++) {
        char storage[CONFIG_NAME_MAX + 16];
        if (str_equal(variable, config_env_name(&spec->keys[i], storage))) {
            return i;
        }
    }
    return SIZE_MAX;
}

err config_unknown(const struct config_spec *spec, str name, struct error *reterr) {
    str known[CONFIG_KEYS_MAX + 2];
    size_t count = 0;
    for (; count < spec->key_count; count++) {
        known[count] = str_c(spec->keys[count].name);
    }
    known[count++] = STR("config");
    known[count++] = STR("config_dir");
    str nearest = str_nearest(name, known, count);
    if (str_is_absent(nearest)) {
        return error_set(reterr, ERR_UNKNOWN, "unknown key \"%.*s\"; --help lists the keys",
                         STR_FMT(name));
    }
    return error_set(reterr, ERR_UNKNOWN, "unknown key \"%.*s\"; did you mean \"%.*s\"?",
                     STR_FMT(name), STR_FMT(nearest));
}

static void set(struct config *config, size_t index, enum config_source source, uint32_t line,
                str text) {
    config->settings[index] = (struct config_setting){.text = text, .source = source, .line = line};
}

void config_add_flag(const struct config_key *key, struct buf *out) {
    buf_add(out, STR("--"));
    for (const char *c = key->name; *c != '\0'; c++) {
        buf_add_byte(out, *c == '_' ? '-' : *c);
    }
}

void config_describe(const struct config *config, size_t index, struct buf *out) {
    const struct config_setting *setting = &config->settings[index];
    const struct config_key *key = &config->spec->keys[index];
    char storage[CONFIG_NAME_MAX + 16];
    switch (setting->source) {
    case CONFIG_SOURCE_DEFAULT:
        buf_add(out, STR("default"));
        return;
    case CONFIG_SOURCE_FILE:
        buf_format(out, "file %.*s, line %u", STR_FMT(config->file), setting->line);
        return;
    case CONFIG_SOURCE_DIRECTORY:
        buf_format(out, "directory %.*s", STR_FMT(config->directory));
        return;
    case CONFIG_SOURCE_ENVIRONMENT:
        buf_format(out, "environment %.*s", STR_FMT(config_env_name(key, storage)));
        return;
    case CONFIG_SOURCE_FLAG:
        buf_add(out, STR("flag "));
        config_add_flag(key, out);
        return;
    }
    UNREACHABLE();
}

/* ---- command line --------------------------------------------------------------------------- */

struct flag {
    str name; /* without the dashes */
    str value;
    bool has_value;
};

/* Takes the flag at *index apart; a value in the next argument belongs to it unless it is
 * boolean. Keeps *index on the last argument used. */
static err read_flag(const struct config *config, int *index, struct flag *ret, size_t *ret_key,
                     struct error *reterr) {
    str argument = str_c(config->argv[*index]);
    if (!str_has_prefix(argument, STR("--")) || argument.len == 2) {
        return error_set(reterr, ERR_UNKNOWN, "unexpected argument \"%.*s\"; flags begin with --",
                         STR_FMT(argument));
    }
    struct flag flag = {0};
    flag.has_value = str_cut(str_slice(argument, 2, argument.len), '=', &flag.name, &flag.value);
    size_t key = config_find(config->spec, flag.name);
    bool is_source =
        is_same_name(flag.name, STR("config")) || is_same_name(flag.name, STR("config-dir"));
    if ((key != SIZE_MAX || is_source) && !flag.has_value) {
        if (key != SIZE_MAX && config->spec->keys[key].type == CONFIG_BOOL) {
            flag.value = STR("true");
        } else if (*index + 1 < config->argc) {
            flag.value = str_c(config->argv[++*index]);
        } else {
            return error_set(reterr, ERR_MISSING, "flag --%.*s needs a value", STR_FMT(flag.name));
        }
        flag.has_value = true;
    }
    *ret = flag;
    *ret_key = key;
    return ERR_OK;
}

static bool take_command(struct config *config, const struct flag *flag) {
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        if (!flag->has_value && is_same_name(flag->name, commands[i].name)) {
            config->command = commands[i].command;
            return true;
        }
    }
    return false;
}

err config_scan_flags(struct config *config, struct error *reterr) {
    for (int i = 1; i < config->argc; i++) {
        struct flag flag;
        size_t key;
        TRY(read_flag(config, &i, &flag, &key, reterr));
        if (key != SIZE_MAX || take_command(config, &flag)) {
            continue;
        }
        if (is_same_name(flag.name, STR("config"))) {
            config->file = flag.value;
        } else if (is_same_name(flag.name, STR("config-dir"))) {
            config->directory = flag.value;
        } else {
            err code = config_unknown(config->spec, flag.name, reterr);
            error_prefix(reterr, "flag --%.*s", STR_FMT(flag.name));
            return code;
        }
    }
    return ERR_OK;
}

void config_apply_flags(struct config *config) {
    for (int i = 1; i < config->argc; i++) {
        struct flag flag;
        size_t key;
        err code = read_flag(config, &i, &flag, &key, NULL);
        ASSERT(code == ERR_OK); /* config_scan_flags has been here */
        if (key != SIZE_MAX) {
            set(config, key, CONFIG_SOURCE_FLAG, 0, flag.value);
        }
    }
}

/* ---- environment ---------------------------------------------------------------------------- */

err config_apply_environment(struct config *config, struct error *reterr) {
    for (char *const *entry = config->envp; entry != NULL && *entry != NULL; entry++) {
        str variable;
        str value;
        if (!str_cut(str_c(*entry), '=', &variable, &value)) {
            continue;
        }
        size_t key = find_by_env(config->spec, variable);
        if (key != SIZE_MAX) {
            if (value.len > 0) { /* an empty variable counts as not set */
                set(config, key, CONFIG_SOURCE_ENVIRONMENT, 0, value);
            }
        } else if (str_equal(variable, STR("IRONWOOD_CONFIG"))) {
            config->file = str_is_absent(config->file) ? value : config->file;
        } else if (str_equal(variable, STR("IRONWOOD_CONFIG_DIR"))) {
            config->directory = str_is_absent(config->directory) ? value : config->directory;
        } else if (str_has_prefix(variable, env_prefix)) {
            str name = str_slice(variable, env_prefix.len, variable.len);
            err code = config_unknown(config->spec, name, reterr);
            error_prefix(reterr, "environment %.*s", STR_FMT(variable));
            return code;
        }
    }
    return ERR_OK;
}

/* ---- file and directory --------------------------------------------------------------------- */

static err read_file(struct arena *a, const char *path, str *ret, struct error *reterr) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return error_set(reterr, ERR_IO, "%s: %s", path, strerrordesc_np(errno));
    }
    err code = ERR_OK;
    struct stat info;
    size_t done = 0;
    char *bytes = NULL;
    if (fstat(file, &info) != 0 || !S_ISREG(info.st_mode)) {
        code = error_set(reterr, ERR_IO, "%s: not a regular file", path);
    } else if (info.st_size > FILE_MAX) {
        code = error_set(reterr, ERR_LIMIT, "%s: larger than %d bytes", path, (int)FILE_MAX);
    } else if ((bytes = arena_alloc(a, (size_t)info.st_size + 1)) == NULL) {
        code = arena_error(a);
    }
    while (code == ERR_OK) {
        ssize_t n = read(file, bytes + done, (size_t)info.st_size + 1 - done);
        if (n < 0 && errno != EINTR) {
            code = error_set(reterr, ERR_IO, "%s: %s", path, strerrordesc_np(errno));
        } else if (n == 0) {
            *ret = str_make(bytes, done);
            break;
        }
        done += n < 0 ? 0 : (size_t)n;
        if (done > (size_t)info.st_size) {
            code = error_set(reterr, ERR_BUSY, "%s: it grows while it is read", path);
        }
    }
    close(file);
    return code;
}

static err apply_line(struct config *config, str line, uint32_t number, struct error *reterr) {
    str name;
    str value;
    if (line.len > 0 && line.ptr[line.len - 1] == '\r') {
        line = str_slice(line, 0, line.len - 1);
    }
    line = str_trim(line);
    if (line.len == 0 || line.ptr[0] == '#') {
        return ERR_OK;
    }
    if (!str_cut(line, '=', &name, &value)) {
        return error_set(reterr, ERR_SYNTAX, "expected `name = value`");
    }
    name = str_trim(name);
    size_t key = config_find(config->spec, name);
    if (key == SIZE_MAX) {
        return config_unknown(config->spec, name, reterr);
    }
    const struct config_setting *old = &config->settings[key];
    if (old->source == CONFIG_SOURCE_FILE) {
        return error_set(reterr, ERR_EXISTS, "%s is set in line %u already",
                         config->spec->keys[key].name, old->line);
    }
    set(config, key, CONFIG_SOURCE_FILE, number, str_trim(value));
    return ERR_OK;
}

err config_apply_file(struct config *config, struct error *reterr) {
    str text;
    const char *path;
    if (str_is_absent(config->file)) {
        return ERR_OK;
    }
    TRY(arena_c_string(&config->arena, config->file, &path));
    TRY(read_file(&config->arena, path, &text, reterr));
    for (uint32_t number = 1; text.len > 0; number++) {
        str line;
        str_cut(text, '\n', &line, &text);
        err code = apply_line(config, line, number, reterr);
        if (code != ERR_OK) {
            error_prefix(reterr, "file %s, line %u", path, number);
            return code;
        }
    }
    return ERR_OK;
}

static int is_visible(const struct dirent *entry) {
    return entry->d_name[0] != '.';
}

struct listing {
    struct dirent **entries;
    int count;
};

static void listing_done(struct listing *listing) {
    for (int i = 0; i < listing->count; i++) {
        free(listing->entries[i]);
    }
    free(listing->entries);
}

/* Content of one file of the directory. */
static err read_entry(struct arena *a, str directory, const char *name, str *ret,
                      struct error *reterr) {
    char path[PATH_LEN_MAX];
    int n = snprintf(path, sizeof path, "%.*s/%s", STR_FMT(directory), name);
    if (n < 0 || (size_t)n >= sizeof path) {
        return error_set(reterr, ERR_LIMIT, "%s: the path is too long", name);
    }
    return read_file(a, path, ret, reterr);
}

err config_apply_directory(struct config *config, struct error *reterr) {
    const char *path;
    if (str_is_absent(config->directory)) {
        return ERR_OK;
    }
    TRY(arena_c_string(&config->arena, config->directory, &path));
    AUTO(listing_done) struct listing listing = {0};
    listing.count = scandir(path, &listing.entries, is_visible, alphasort);
    if (listing.count < 0) {
        listing.count = 0;
        return error_set(reterr, ERR_IO, "directory %s: %s", path, strerrordesc_np(errno));
    }
    for (int i = 0; i < listing.count; i++) {
        const char *name = listing.entries[i]->d_name;
        size_t key = config_find(config->spec, str_c(name));
        key = key == SIZE_MAX ? find_by_env(config->spec, str_c(name)) : key;
        if (key == SIZE_MAX) {
            err code = config_unknown(config->spec, str_c(name), reterr);
            error_prefix(reterr, "directory %s", path);
            return code;
        }
        if (config->settings[key].source == CONFIG_SOURCE_DIRECTORY) {
            return error_set(reterr, ERR_EXISTS, "directory %s: two files for %s", path,
                             config->spec->keys[key].name);
        }
        str text = {NULL, 0};
        TRY(read_entry(&config->arena, config->directory, name, &text, reterr));
        if (text.len > 0 && text.ptr[text.len - 1] == '\n') {
            text = str_slice(text, 0, text.len - 1);
        }
        set(config, key, CONFIG_SOURCE_DIRECTORY, 0, text);
    }
    return ERR_OK;
}

/* ---- fingerprint ---------------------------------------------------------------------------- */

/* No secret and no table: any fixed key will do. */
static const struct hash_key fingerprint_key = {0x69726f6e, 0x776f6f64};

static uint64_t mix(uint64_t so_far, str name, str content) {
    uint64_t next = hash_pair(&fingerprint_key, name, content);
    return hash_pair(&fingerprint_key, str_make((const char *)&so_far, sizeof so_far),
                     str_make((const char *)&next, sizeof next));
}

uint64_t config_fingerprint(const struct config *config) {
    AUTO(arena_done) struct arena a;
    uint64_t fingerprint = 0;
    str content = {NULL, 0};
    const char *path;
    arena_init(&a, allocator_libc(), 4 * FILE_MAX);
    a.is_wiped = true;
    if (!str_is_absent(config->file) && arena_c_string(&a, config->file, &path) == ERR_OK) {
        bool is_read = read_file(&a, path, &content, NULL) == ERR_OK;
        fingerprint = mix(fingerprint, STR("file"), is_read ? content : STR("unreadable"));
    }
    if (str_is_absent(config->directory) ||
        arena_c_string(&a, config->directory, &path) != ERR_OK) {
        return fingerprint;
    }
    AUTO(listing_done) struct listing listing = {0};
    listing.count = scandir(path, &listing.entries, is_visible, alphasort);
    listing.count = listing.count < 0 ? 0 : listing.count;
    for (int i = 0; i < listing.count; i++) {
        const char *name = listing.entries[i]->d_name;
        struct arena_mark mark = arena_mark(&a);
        bool is_read = read_entry(&a, config->directory, name, &content, NULL) == ERR_OK;
        fingerprint = mix(fingerprint, str_c(name), is_read ? content : STR("unreadable"));
        arena_reset(&a, mark);
    }
    return fingerprint;
}
