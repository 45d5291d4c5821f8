/* SPDX-License-Identifier: Apache-2.0 */
#include "ops_fixture.h"

#include <unistd.h>

#include "server/ops/config.h"

struct values {
    str name;
    int64_t port;
    bool verbose;
    int64_t timeout;
    int64_t memory;
    str data_dir;
    struct config_list origins;
    str secret;
};

static const struct config_key keys[] = {
    CONFIG_KEY(struct values, name, CONFIG_STRING, .default_text = "ironwood", .min = 1, .max = 20,
               .is_reloadable = true, .help = "a name"),
    CONFIG_KEY(struct values, port, CONFIG_INT, .default_text = "8080", .min = 0, .max = 65535,
               .help = "port to listen on"),
    CONFIG_KEY(struct values, verbose, CONFIG_BOOL, .default_text = "false", .is_reloadable = true,
               .help = "say more"),
    CONFIG_KEY(struct values, timeout, CONFIG_DURATION_MS, .default_text = "10s", .min = 100,
               .max = 3600000, .is_reloadable = true, .help = "how long to wait"),
    CONFIG_KEY(struct values, memory, CONFIG_SIZE, .default_text = "8M", .min = 1024,
               .max = INT64_C(1) << 40, .help = "how much to use"),
    CONFIG_KEY(struct values, data_dir, CONFIG_PATH, .help = "where the data is"),
    CONFIG_KEY(struct values, origins, CONFIG_STRING_LIST, .default_text = "a, b", .max = 3,
               .help = "who may | call"),
    CONFIG_KEY(struct values, secret, CONFIG_STRING, .is_secret = true, .is_reloadable = true,
               .env = "JWT_SECRET", .min = 8, .max = 100, .help = "the root secret"),
};

static err check(void *ptr, struct arena *a, struct error *reterr) {
    struct values *values = ptr;
    if (str_equal(values->name, STR("forbidden"))) {
        return error_set(reterr, ERR_RANGE, "name: must not be forbidden");
    }
    return str_is_absent(values->data_dir) ? arena_copy(a, STR("/made"), &values->data_dir)
                                           : ERR_OK;
}

static const struct config_spec spec = {
    .service = "test-service",
    .version = "1.2.3",
    .summary = "a test",
    .keys = keys,
    .key_count = ARRAY_LEN(keys),
    .struct_size = sizeof(struct values),
    .check = check,
};

/* Arguments and environment end with NULL. */
static err load(const char *const *args, const char *const *env, struct config **ret,
                struct error *reterr) {
    int argc = 0;
    while (args[argc] != NULL) {
        argc++;
    }
    /* argv and environ are not constant in C, though nobody writes to them */
    return config_load(&spec, argc, (char *const *)(uintptr_t)args, (char *const *)(uintptr_t)env,
                       ret, reterr);
}

#define ARGS(...)                                       \
    (const char *[]) {                                  \
        "test-service", __VA_ARGS__ __VA_OPT__(, ) NULL \
    }
#define ENV(...)                        \
    (const char *[]) {                  \
        __VA_ARGS__ __VA_OPT__(, ) NULL \
    }

static const struct values *values_of(const struct config *config) {
    return config_values(config);
}

static struct config *load_good(const char *const *args, const char *const *env) {
    struct config *config = NULL;
    struct error error = {0};
    if (load(args, env, &config, &error) != ERR_OK) {
        fail_msg("refused: %s", error.text);
    }
    return config;
}

static void assert_refused(const char *const *args, const char *const *env, const char *message) {
    struct config *config = NULL;
    struct error error = {0};
    err code = load(args, env, &config, &error);
    assert_int_not_equal(code, ERR_OK);
    assert_null(config);
    assert_int_equal(error.code, code);
    assert_string_equal(error.text, message);
}

static void defaults_hold_when_nothing_is_set(void **state) {
    IGNORE(state);
    AUTO(config_freep) struct config *config = load_good(ARGS(), ENV("PATH=/bin", "HOME=/root"));
    const struct values *v = values_of(config);
    assert_int_equal(config_command(config), CONFIG_COMMAND_RUN);
    assert_str_is(v->name, STR("ironwood"));
    assert_int_equal(v->port, 8080);
    assert_false(v->verbose);
    assert_int_equal(v->timeout, 10000);
    assert_int_equal(v->memory, 8 << 20);
    assert_str_is(v->data_dir, STR("/made")); /* by the check */
    assert_int_equal(v->origins.count, 2);
    assert_str_is(v->origins.items[1], STR("b"));
    assert_true(str_is_absent(v->secret));
    assert_false(config_is_stale(config));
}

static void later_sources_win(void **state) {
    IGNORE(state);
    struct scratch scratch;
    scratch_make(&scratch);
    scratch_write(&scratch, "file.conf",
                  "# a comment\n\n  name = file name  \r\nport=1\ntimeout = 1s\nmemory = 4K\n"
                  "data-dir = /a=b\n");
    assert_int_equal(rmdir(scratch_path(&scratch, "none")), -1);
    const char *file = scratch_path(&scratch, "file.conf");
    struct scratch dir;
    scratch_make(&dir);
    scratch_write(&dir, "port", "2\n");
    scratch_write(&dir, "timeout", "2s");
    scratch_write(&dir, "JWT_SECRET", "from-a-file\n");
    scratch_write(&dir, "..data", "skipped");
    AUTO(config_freep)
    struct config *config =
        load_good(ARGS("--config", file, "--memory=16K", "--verbose", "--config-dir", dir.path),
                  ENV("IRONWOOD_TIMEOUT=3s", "IRONWOOD_MEMORY=8K", "IRONWOOD_NAME="));
    const struct values *v = values_of(config);
    assert_str_is(v->name, STR("file name")); /* an empty variable is not set */
    assert_int_equal(v->port, 2);
    assert_int_equal(v->timeout, 3000);
    assert_int_equal(v->memory, 16384);
    assert_true(v->verbose);
    assert_str_is(v->data_dir, STR("/a=b"));
    assert_int_equal(v->data_dir.ptr[v->data_dir.len], '\0');
    assert_str_is(v->secret, STR("from-a-file"));
    scratch_remove(&dir);
    scratch_remove(&scratch);
}

static void file_and_directory_may_come_from_the_environment(void **state) {
    IGNORE(state);
    struct scratch dir;
    char variable[SCRATCH_PATH_MAX + 32];
    scratch_make(&dir);
    scratch_write(&dir, "port", "77");
    snprintf(variable, sizeof variable, "IRONWOOD_CONFIG_DIR=%s", dir.path);
    AUTO(config_freep) struct config *config = load_good(ARGS(), ENV(variable));
    assert_int_equal(values_of(config)->port, 77);
    scratch_remove(&dir);
}

static void values_have_many_spellings(void **state) {
    IGNORE(state);
    static const struct {
        const char *flag;
        int64_t expected;
    } durations[] = {{"--timeout=250", 250},
                     {"--timeout=250ms", 250},
                     {"--timeout=2s", 2000},
                     {"--timeout=3m", 180000},
                     {"--timeout=1h", 3600000}};
    for (size_t i = 0; i < ARRAY_LEN(durations); i++) {
        AUTO(config_freep) struct config *config = load_good(ARGS(durations[i].flag), ENV());
        assert_int_equal(values_of(config)->timeout, durations[i].expected);
    }
    static const struct {
        const char *flag;
        int64_t expected;
    } sizes[] = {{"--memory=2000", 2000}, {"--memory=2K", 2048}, {"--memory=1G", 1 << 30}};
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        AUTO(config_freep) struct config *config = load_good(ARGS(sizes[i].flag), ENV());
        assert_int_equal(values_of(config)->memory, sizes[i].expected);
    }
    static const struct {
        const char *flag;
        bool expected;
    } bools[] = {{"--verbose", true},      {"--verbose=yes", true}, {"--verbose=ON", true},
                 {"--verbose=1", true},    {"--verbose=no", false}, {"--verbose=False", false},
                 {"--verbose=off", false}, {"--verbose=0", false}};
    for (size_t i = 0; i < ARRAY_LEN(bools); i++) {
        AUTO(config_freep) struct config *config = load_good(ARGS(bools[i].flag), ENV());
        assert_int_equal(values_of(config)->verbose, bools[i].expected);
    }
    AUTO(config_freep)
    struct config *config =
        load_good(ARGS("--data_dir", "/x", "--port", "1", "--port", "2", "--origins="), ENV());
    assert_str_is(values_of(config)->data_dir, STR("/x"));
    assert_int_equal(values_of(config)->port, 2);
    assert_int_equal(values_of(config)->origins.count, 0);
}

static void bad_values_name_source_key_and_range(void **state) {
    IGNORE(state);
    assert_refused(ARGS("--port=abc"), ENV(),
                   "flag --port: port: must be integer, 0 to 65535; it is \"abc\"");
    assert_refused(ARGS("--port", "65536"), ENV(),
                   "flag --port: port: must be integer, 0 to 65535; it is \"65536\"");
    assert_refused(ARGS("--port=-1"), ENV(),
                   "flag --port: port: must be integer, 0 to 65535; it is \"-1\"");
    assert_refused(ARGS("--port="), ENV(),
                   "flag --port: port: must be integer, 0 to 65535; it is \"\"");
    assert_refused(ARGS(), ENV("IRONWOOD_TIMEOUT=5 s"),
                   "environment IRONWOOD_TIMEOUT: timeout: must be duration, 100ms to 1h; it is "
                   "\"5 s\"");
    assert_refused(ARGS("--timeout=9223372036854775807d"), ENV(),
                   "flag --timeout: timeout: must be duration, 100ms to 1h; it is "
                   "\"9223372036854775807d\"");
    assert_refused(ARGS("--memory=10"), ENV(),
                   "flag --memory: memory: must be size, 1K to 1024G; it is \"10\"");
    assert_refused(ARGS("--verbose=maybe"), ENV(),
                   "flag --verbose: verbose: must be true or false; it is \"maybe\"");
    assert_refused(ARGS("--name="), ENV(),
                   "flag --name: name: must be text, 1 to 20 bytes; it is \"\"");
    assert_refused(ARGS("--origins=a,b,c,d"), ENV(),
                   "flag --origins: origins: must be list, 0 to 3 items; it is \"a,b,c,d\"");
    assert_refused(ARGS("--origins=a,,b"), ENV(),
                   "flag --origins: origins: item 2 of the list is empty");
    assert_refused(ARGS("--name=forbidden"), ENV(), "name: must not be forbidden");
}

static void secrets_are_not_repeated(void **state) {
    IGNORE(state);
    assert_refused(ARGS(), ENV("JWT_SECRET=hunter2"),
                   "environment JWT_SECRET: secret: must be text, 8 to 100 bytes");
    AUTO(config_freep)
    struct config *config = load_good(ARGS("--print-config"), ENV("JWT_SECRET=correct horse"));
    struct buf out;
    buf_init(&out, allocator_libc(), 1 << 16);
    config_print(config, &out);
    assert_int_equal(str_find(buf_str(&out), STR("horse")), SIZE_MAX);
    assert_int_not_equal(
        str_find(buf_str(&out), STR("# environment JWT_SECRET\nsecret = ********\n")), SIZE_MAX);
    buf_done(&out);
}

static void unknown_names_get_a_suggestion(void **state) {
    IGNORE(state);
    assert_refused(ARGS("--prot=1"), ENV(),
                   "flag --prot: unknown key \"prot\"; did you mean \"port\"?");
    assert_refused(ARGS("--completely-different"), ENV(),
                   "flag --completely-different: unknown key \"completely-different\"; --help "
                   "lists the keys");
    assert_refused(ARGS(), ENV("IRONWOOD_TIMEOUTS=1s"),
                   "environment IRONWOOD_TIMEOUTS: unknown key \"TIMEOUTS\"; did you mean "
                   "\"timeout\"?");
    assert_refused(ARGS("port=1"), ENV(), "unexpected argument \"port=1\"; flags begin with --");
    assert_refused(ARGS("--"), ENV(), "unexpected argument \"--\"; flags begin with --");
    assert_refused(ARGS("--port"), ENV(), "flag --port needs a value");
    assert_refused(ARGS("--help=1"), ENV(),
                   "flag --help: unknown key \"help\"; --help lists the keys");
    AUTO(config_freep) struct config *config = load_good(ARGS(), ENV("PORT=1", "TIMEOUT=x"));
    assert_int_equal(values_of(config)->port, 8080); /* without the prefix it is not ours */
}

static void bad_files_name_the_line(void **state) {
    IGNORE(state);
    static const struct {
        const char *text;
        const char *message; /* behind "file PATH, " */
    } rows[] = {
        {"port = 1\nprt = 2\n", "line 2: unknown key \"prt\"; did you mean \"port\"?"},
        {"\n\nport\n", "line 3: expected `name = value`"},
        {"port = 1\n# x\nport = 1", "line 3: port is set in line 1 already"},
        {"name = a\nport = x\n", "line 2: port: must be integer, 0 to 65535; it is \"x\""},
        {"= 1\n", "line 1: unknown key \"\"; --help lists the keys"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct scratch scratch;
        char message[512];
        scratch_make(&scratch);
        scratch_write(&scratch, "c", rows[i].text);
        const char *path = scratch_path(&scratch, "c");
        snprintf(message, sizeof message, "file %s, %s", path, rows[i].message);
        assert_refused(ARGS("--config", path), ENV(), message);
        scratch_remove(&scratch);
    }
    assert_refused(ARGS("--config=/does/not/exist"), ENV(),
                   "/does/not/exist: No such file or directory");
    assert_refused(ARGS("--config=/"), ENV(), "/: not a regular file");
    assert_refused(ARGS("--config-dir=/does/not/exist"), ENV(),
                   "directory /does/not/exist: No such file or directory");
}

static void bad_directories_name_the_file(void **state) {
    IGNORE(state);
    struct scratch dir;
    char message[512];
    scratch_make(&dir);
    scratch_write(&dir, "jwt_secrets", "x");
    snprintf(message, sizeof message,
             "directory %s: unknown key \"jwt_secrets\"; --help lists the keys", dir.path);
    assert_refused(ARGS("--config-dir", dir.path), ENV(), message);
    unlink(scratch_path(&dir, "jwt_secrets"));
    scratch_write(&dir, "data-dir", "/a");
    scratch_write(&dir, "data_dir", "/b");
    snprintf(message, sizeof message, "directory %s: two files for data_dir", dir.path);
    assert_refused(ARGS("--config-dir", dir.path), ENV(), message);
    scratch_remove(&dir);
}

static void required_keys_must_be_set(void **state) {
    IGNORE(state);
    static const struct config_key required[] = {
        CONFIG_KEY(struct values, data_dir, CONFIG_PATH, .is_required = true, .help = "x")};
    static const struct config_spec strict = {
        .service = "s", .keys = required, .key_count = 1, .struct_size = sizeof(struct values)};
    struct config *config = NULL;
    struct error error;
    assert_int_equal(config_load(&strict, 0, NULL, NULL, &config, &error), ERR_MISSING);
    assert_string_equal(error.text,
                        "data_dir is not set (flag --data-dir, environment IRONWOOD_DATA_DIR)");
}

static void reload_takes_what_may_change(void **state) {
    IGNORE(state);
    struct scratch scratch;
    scratch_make(&scratch);
    scratch_write(&scratch, "c", "name = one\nport = 1\nverbose = false\n");
    const char *path = scratch_path(&scratch, "c");
    AUTO(config_freep) struct config *first = load_good(ARGS("--config", path), ENV());
    assert_str_is(config_changed_keys(first), STR(""));
    assert_false(config_is_stale(first));
    scratch_write(&scratch, "c", "name = two\nport = not read, because it is fixed\ntimeout=1s\n");
    assert_true(config_is_stale(first));
    assert_false(config_is_stale(first)); /* once per change */
    AUTO(config_freep) struct config *second = NULL;
    struct error error = {0};
    assert_int_equal(config_reload(first, &second, &error), ERR_OK);
    assert_str_is(values_of(second)->name, STR("two"));
    assert_int_equal(values_of(second)->port, 1);
    assert_int_equal(values_of(second)->timeout, 1000);
    assert_str_is(config_changed_keys(second), STR("name, timeout"));
    assert_str_is(config_restart_keys(second), STR("port"));
    assert_str_is(values_of(first)->name, STR("one"));
    assert_false(config_is_stale(second));
    scratch_remove(&scratch);
}

static void refused_reload_changes_nothing(void **state) {
    IGNORE(state);
    struct scratch dir;
    scratch_make(&dir);
    scratch_write(&dir, "timeout", "1s");
    AUTO(config_freep) struct config *first = load_good(ARGS("--config-dir", dir.path), ENV());
    scratch_write(&dir, "timeout", "soon");
    assert_true(config_is_stale(first));
    struct config *second = NULL;
    struct error error = {0};
    assert_int_equal(config_reload(first, &second, &error), ERR_SYNTAX);
    assert_null(second);
    assert_int_not_equal(str_find(str_c(error.text), STR("timeout: must be duration")), SIZE_MAX);
    assert_int_equal(values_of(first)->timeout, 1000);
    scratch_write(&dir, "timeout", "2s");
    assert_true(config_is_stale(first));
    assert_int_equal(config_reload(first, &second, &error), ERR_OK);
    assert_int_equal(values_of(second)->timeout, 2000);
    config_free(second);
    scratch_write(&dir, "verbose", "true"); /* a new file is a change, too */
    assert_true(config_is_stale(first));
    scratch_remove(&dir);
}

static str print(const char *flag, struct buf *out) {
    AUTO(config_freep) struct config *config = load_good(ARGS(flag), ENV());
    config_print(config, out);
    str text;
    assert_ok(buf_finish(out, &text));
    return text;
}

static void sample_file_is_accepted_and_changes_nothing(void **state) {
    IGNORE(state);
    struct scratch scratch;
    struct buf out;
    scratch_make(&scratch);
    buf_init(&out, allocator_libc(), 1 << 16);
    str sample = print("--print-sample-config", &out);
    buf_add_byte(&out, '\0');
    scratch_write(&scratch, "c", sample.ptr);
    const char *path = scratch_path(&scratch, "c");
    AUTO(config_freep) struct config *config = load_good(ARGS("--config", path), ENV());
    assert_int_equal(values_of(config)->port, 8080);
    /* Without the comment signs it says the same, where there are defaults. */
    static const str rows[] = {STR_INIT("\n#port = 8080\n"), STR_INIT("\n#timeout = 10s\n"),
                               STR_INIT("# port to listen on\n# (integer, 0 to 65535)\n"),
                               STR_INIT("(path; not set by default)\n#data_dir = \n")};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_int_not_equal(str_find(sample, rows[i]), SIZE_MAX);
    }
    buf_done(&out);
    scratch_remove(&scratch);
}

static void printed_configuration_can_be_read_again(void **state) {
    IGNORE(state);
    struct scratch scratch;
    struct buf out;
    scratch_make(&scratch);
    buf_init(&out, allocator_libc(), 1 << 16);
    AUTO(config_freep)
    struct config *first =
        load_good(ARGS("--print-config", "--port=5", "--name=x y"), ENV("IRONWOOD_TIMEOUT=7s"));
    config_print(first, &out);
    assert_int_not_equal(str_find(buf_str(&out), STR("# flag --port\nport = 5\n")), SIZE_MAX);
    assert_int_not_equal(str_find(buf_str(&out), STR("# secret is not set\n")), SIZE_MAX);
    buf_add_byte(&out, '\0');
    scratch_write(&scratch, "c", out.data);
    const char *path = scratch_path(&scratch, "c");
    AUTO(config_freep) struct config *second = load_good(ARGS("--config", path), ENV());
    assert_int_equal(values_of(second)->port, 5);
    assert_int_equal(values_of(second)->timeout, 7000);
    assert_str_is(values_of(second)->name, STR("x y"));
    buf_done(&out);
    scratch_remove(&scratch);
}

static void help_and_documentation_cover_every_key(void **state) {
    IGNORE(state);
    static const char *const flags[] = {"--help", "--print-config-doc"};
    for (size_t i = 0; i < ARRAY_LEN(flags); i++) {
        struct buf out;
        buf_init(&out, allocator_libc(), 1 << 16);
        str text = print(flags[i], &out);
        for (size_t key = 0; key < ARRAY_LEN(keys); key++) {
            if (strchr(keys[key].help, '|') == NULL) { /* escaped in a table */
                assert_int_not_equal(str_find(text, str_c(keys[key].help)), SIZE_MAX);
            }
        }
        assert_int_not_equal(str_find(text, STR("JWT_SECRET")), SIZE_MAX);
        assert_int_not_equal(str_find(text, STR("IRONWOOD_DATA_DIR")), SIZE_MAX);
        buf_done(&out);
    }
    struct buf out;
    buf_init(&out, allocator_libc(), 1 << 16);
    assert_str_is(print("--version", &out), STR("test-service 1.2.3\n"));
    buf_clear(&out);
    str doc = print("--print-config-doc", &out);
    assert_int_not_equal(str_find(doc, STR("| `timeout` | duration, 100ms to 1h | `10s` | "
                                           "`IRONWOOD_TIMEOUT` | yes | how long to wait |\n")),
                         SIZE_MAX);
    assert_int_not_equal(str_find(doc, STR("who may \\| call")), SIZE_MAX);
    buf_done(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_hold_when_nothing_is_set),
        cmocka_unit_test(later_sources_win),
        cmocka_unit_test(file_and_directory_may_come_from_the_environment),
        cmocka_unit_test(values_have_many_spellings),
        cmocka_unit_test(bad_values_name_source_key_and_range),
        cmocka_unit_test(secrets_are_not_repeated),
        cmocka_unit_test(unknown_names_get_a_suggestion),
        cmocka_unit_test(bad_files_name_the_line),
        cmocka_unit_test(bad_directories_name_the_file),
        cmocka_unit_test(required_keys_must_be_set),
        cmocka_unit_test(reload_takes_what_may_change),
        cmocka_unit_test(refused_reload_changes_nothing),
        cmocka_unit_test(sample_file_is_accepted_and_changes_nothing),
        cmocka_unit_test(printed_configuration_can_be_read_again),
        cmocka_unit_test(help_and_documentation_cover_every_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
