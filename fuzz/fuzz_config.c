/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The input is a configuration file. Properties: a refusal names the file and has a text; what is
 * accepted lies in its range, and --print-config of it is accepted again with the same values.
 */
#include "fuzz.h"

#include "server/ops/config.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

struct values {
    str name;
    int64_t count;
    bool is_on;
    int64_t wait;
    int64_t room;
    struct config_list list;
};

static const struct config_key keys[] = {
    CONFIG_KEY(struct values, name, CONFIG_STRING, .min = 1, .max = 30, .help = "text"),
    CONFIG_KEY(struct values, count, CONFIG_INT, .default_text = "3", .min = -5, .max = 5,
               .help = "number"),
    CONFIG_KEY(struct values, is_on, CONFIG_BOOL, .default_text = "no", .help = "switch"),
    CONFIG_KEY(struct values, wait, CONFIG_DURATION_MS, .default_text = "1s", .min = 1,
               .max = 86400000, .help = "duration"),
    CONFIG_KEY(struct values, room, CONFIG_SIZE, .default_text = "1K", .min = 0,
               .max = INT64_C(1) << 40, .help = "size"),
    CONFIG_KEY(struct values, list, CONFIG_STRING_LIST, .min = 0, .max = 4, .help = "list"),
};

static const struct config_spec spec = {.service = "fuzz",
                                        .version = "1",
                                        .summary = "fuzz",
                                        .keys = keys,
                                        .key_count = ARRAY_LEN(keys),
                                        .struct_size = sizeof(struct values)};

/* The path of an anonymous file with that content. */
static int make_file(str content, char *path, size_t size) {
    int file = memfd_create("config", MFD_CLOEXEC);
    FUZZ_CHECK(file >= 0);
    FUZZ_CHECK(write(file, content.ptr, content.len) == (ssize_t)content.len);
    snprintf(path, size, "/proc/self/fd/%d", file);
    return file;
}

static err load(str content, struct config **ret, struct error *reterr) {
    char path[64];
    char program[] = "fuzz";
    char flag[] = "--config";
    char print[] = "--print-config";
    char *args[] = {program, flag, path, print, NULL};
    int file = make_file(content, path, sizeof path);
    err code = config_load(&spec, 4, args, NULL, ret, reterr);
    close(file);
    return code;
}

static void check_same(const struct values *a, const struct values *b) {
    FUZZ_CHECK(str_equal(a->name, b->name) && a->count == b->count && a->is_on == b->is_on);
    FUZZ_CHECK(a->wait == b->wait && a->room == b->room && a->list.count == b->list.count);
    for (size_t i = 0; i < a->list.count; i++) {
        FUZZ_CHECK(str_equal(a->list.items[i], b->list.items[i]));
    }
}

static void check_accepted(const struct config *config) {
    const struct values *v = config_values(config);
    FUZZ_CHECK(v->count >= -5 && v->count <= 5 && v->wait >= 1 && v->wait <= 86400000);
    FUZZ_CHECK(v->room >= 0 && v->name.len <= 30 && v->list.count <= 4);
    struct buf printed;
    struct config *again = NULL;
    buf_init(&printed, allocator_libc(), 1 << 20);
    config_print(config, &printed);
    FUZZ_CHECK(load(buf_str(&printed), &again, NULL) == ERR_OK);
    check_same(v, config_values(again));
    config_free(again);
    buf_done(&printed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct config *config = NULL;
    struct error error = {0};
    if (load(fuzz_input(data, size), &config, &error) == ERR_OK) {
        check_accepted(config);
        config_free(config);
    } else {
        FUZZ_CHECK(config == NULL && error.code != ERR_OK);
        FUZZ_CHECK(strstr(error.text, "/proc/self/fd/") != NULL);
    }
    return 0;
}
