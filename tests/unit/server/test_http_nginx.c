/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The same bytes to our server and to nginx: whatever nginx refuses, we must refuse too. The
 * requests are the tables of malformed.h, good ones, and good ones with small damage (from a
 * fixed seed). nginx reads bodies before it answers, by passing requests on to itself. Skipped
 * when nginx is not installed.
 */
#include "fixture.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "malformed.h"

enum { SKIPPED = 77, DAMAGED = 3000, REQUEST_MAX = 1024 };

#define H "Host: a\r\n"

static struct fixture ours;

static struct {
    char directory[64];
    char config[96];
    pid_t pid;
    struct fixture address; /* only the port is used */
} nginx;

static const char *const nginx_paths[] = {"/usr/sbin/nginx", "/usr/bin/nginx",
                                          "/usr/local/sbin/nginx"};

static const char *find_nginx(void) {
    for (size_t i = 0; i < ARRAY_LEN(nginx_paths); i++) {
        if (access(nginx_paths[i], X_OK) == 0) {
            return nginx_paths[i];
        }
    }
    return NULL;
}

/* A port that was free a moment ago. */
static uint16_t find_port(void) {
    struct fixture f;
    fixture_start(&f, &(struct server_config){0});
    uint16_t port = f.port;
    fixture_stop(&f);
    return port;
}

static void write_config(void) {
    FILE *file = fopen(nginx.config, "w");
    const char *d = nginx.directory;
    assert_non_null(file);
    fprintf(file,
            "daemon off; master_process off; error_log stderr crit; pid %s/pid;\n"
            "events { worker_connections 64; }\n"
            "http { access_log off; client_body_temp_path %s/a; proxy_temp_path %s/b;\n"
            "fastcgi_temp_path %s/c; uwsgi_temp_path %s/d; scgi_temp_path %s/e;\n"
            "server { listen 127.0.0.1:%u; location / {\n"
            "proxy_ignore_client_abort on; proxy_pass http://unix:%s/s; } }\n"
            "server { listen unix:%s/s; return 200 ok; } }\n",
            d, d, d, d, d, d, nginx.address.port, d, d);
    assert_int_equal(fclose(file), 0);
}

static bool is_listening(void) {
    int fd = client_try_connect(nginx.address.port);
    if (fd >= 0) {
        close(fd);
    }
    return fd >= 0;
}

static int start(void **state) {
    const struct timespec pause = {.tv_nsec = 10000000};
    IGNORE(state);
    snprintf(nginx.directory, sizeof nginx.directory, "/tmp/ironwood-nginx-XXXXXX");
    assert_non_null(mkdtemp(nginx.directory));
    snprintf(nginx.config, sizeof nginx.config, "%s/nginx.conf", nginx.directory);
    nginx.address.port = find_port();
    write_config();
    nginx.pid = fork();
    assert_true(nginx.pid >= 0);
    if (nginx.pid == 0) {
        execl(find_nginx(), "nginx", "-e", "stderr", "-p", nginx.directory, "-c", nginx.config,
              (char *)NULL);
        _exit(127);
    }
    fixture_start(&ours, &(struct server_config){0});
    for (int i = 0; i < 500; i++) {
        if (is_listening()) {
            return 0;
        }
        nanosleep(&pause, NULL);
    }
    return -1;
}

static int stop(void **state) {
    char command[128];
    IGNORE(state);
    fixture_stop(&ours);
    kill(nginx.pid, SIGTERM);
    waitpid(nginx.pid, NULL, 0);
    snprintf(command, sizeof command, "rm -rf %s", nginx.directory);
    return system(command); /* the name is ours, from mkdtemp */
}

/* How many requests in the bytes were accepted (final answers below 400). */
static int count_accepted(const struct fixture *f, str bytes) {
    char out[65536];
    size_t len = 0;
    int accepted = 0;
    int fd = client_connect(f);
    client_send(fd, bytes);
    shutdown(fd, SHUT_WR); /* so that both end at once */
    while (len < sizeof out) {
        ssize_t got = recv(fd, out + len, sizeof out - len, 0);
        if (got <= 0) {
            break;
        }
        len += (size_t)got;
    }
    close(fd);
    for (size_t i = 0; i + 12 < len; i++) {
        if (memcmp(out + i, "HTTP/1.", 7) == 0 && out[i + 8] == ' ') {
            accepted += out[i + 9] == '2' || out[i + 9] == '3';
        }
    }
    return accepted;
}

static void compare(const char *name, str bytes) {
    int by_us = count_accepted(&ours, bytes);
    int by_nginx = count_accepted(&nginx.address, bytes);
    if (by_us > by_nginx) {
        print_error("%s: we accept %d, nginx %d:\n%.*s\n", name, by_us, by_nginx, STR_FMT(bytes));
        fail();
    }
}

static const str good[] = {
    STR_INIT("GET /hello HTTP/1.1\r\n" H "\r\n"),
    STR_INIT("GET /items/a%20b?c=d%20e HTTP/1.1\r\n" H "X: y\r\nConnection: close\r\n\r\n"),
    STR_INIT("POST /echo HTTP/1.1\r\n" H "Content-Length: 3\r\n\r\nabc"),
    STR_INIT("POST /echo HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n"
             "3;a=b\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"),
    STR_INIT("POST /echo HTTP/1.1\r\n" H "Expect: 100-continue\r\nContent-Length: 3\r\n\r\nabc"),
    STR_INIT("GET http://a/hello HTTP/1.1\r\n" H "\r\n"),
    STR_INIT("GET /hello HTTP/1.0\r\n\r\n"),
    STR_INIT("GET /hello HTTP/1.1\r\n" H "\r\nPOST /echo HTTP/1.1\r\n" H
             "Content-Length: 1\r\n\r\naGET /hello HTTP/1.1\r\n" H "\r\n"),
};

static void good_requests_are_accepted_by_both(void **state) {
    IGNORE(state);
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        int by_us = count_accepted(&ours, good[i]);
        assert_int_equal(by_us, i + 1 == ARRAY_LEN(good) ? 3 : 1);
        assert_int_equal(count_accepted(&nginx.address, good[i]), by_us);
    }
}

static void what_nginx_refuses_of_the_tables_we_refuse(void **state) {
    IGNORE(state);
    for (size_t i = 0; i < ARRAY_LEN(malformed_heads); i++) {
        compare(malformed_heads[i].name, malformed_heads[i].bytes);
    }
    for (size_t i = 0; i < ARRAY_LEN(malformed_bodies); i++) {
        compare(malformed_bodies[i].name, malformed_bodies[i].bytes);
    }
    for (size_t i = 0; i < ARRAY_LEN(malformed_paths); i++) {
        compare(malformed_paths[i].name, malformed_paths[i].bytes);
    }
}

/* xorshift: the same requests in every run */
static size_t choose(uint64_t *seed, size_t count) {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return (size_t)(*seed % count);
}

static const str fragments[] = {
    STR_INIT("\r\n"),     STR_INIT("\n"),
    STR_INIT("\r"),       STR_INIT(" "),
    STR_INIT("\t"),       STR_INIT("\0"),
    STR_INIT(":"),        STR_INIT("Content-Length: 3\r\n"),
    STR_INIT(H),          STR_INIT("%00"),
    STR_INIT("%2e"),      STR_INIT("Transfer-Encoding: chunked\r\n"),
    STR_INIT(".."),       STR_INIT("/"),
    STR_INIT("\x80"),     STR_INIT("0"),
    STR_INIT("+"),        STR_INIT("-"),
    STR_INIT("x"),        STR_INIT(","),
    STR_INIT(";"),        STR_INIT("#"),
    STR_INIT("HTTP/1.1"), STR_INIT("\x0b"),
    STR_INIT("?"),        STR_INIT("\x7f"),
    STR_INIT("\""),       STR_INIT("@"),
};

/* Replaces up to three bytes somewhere by a fragment or by nothing. */
static size_t damage(char *bytes, size_t len, uint64_t *seed) {
    size_t at = choose(seed, len);
    size_t gone = choose(seed, 4);
    str fresh = choose(seed, 4) == 0 ? STR("") : fragments[choose(seed, ARRAY_LEN(fragments))];
    gone = gone > len - at ? len - at : gone;
    memmove(bytes + at + fresh.len, bytes + at + gone, len - at - gone);
    memcpy(bytes + at, fresh.ptr, fresh.len);
    return len - gone + fresh.len;
}

static void what_nginx_refuses_of_damaged_requests_we_refuse(void **state) {
    uint64_t seed = UINT64_C(0x9e3779b97f4a7c15);
    IGNORE(state);
    for (int i = 0; i < DAMAGED; i++) {
        char bytes[REQUEST_MAX];
        str from = good[choose(&seed, ARRAY_LEN(good))];
        size_t len = from.len;
        memcpy(bytes, from.ptr, len);
        for (size_t times = 1 + choose(&seed, 2); times > 0; times--) {
            len = damage(bytes, len, &seed);
        }
        compare("damaged", str_make(bytes, len));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_requests_are_accepted_by_both),
        cmocka_unit_test(what_nginx_refuses_of_the_tables_we_refuse),
        cmocka_unit_test(what_nginx_refuses_of_damaged_requests_we_refuse),
    };
    if (find_nginx() == NULL) {
        printf("skipped: nginx is not installed\n");
        return SKIPPED;
    }
    return cmocka_run_group_tests(tests, start, stop);
}
