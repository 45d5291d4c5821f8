/* SPDX-License-Identifier: Apache-2.0 */
/* The server behind TLS, with a certificate made for the test. */
#include "fixture.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define H "Host: a\r\n"

struct files {
    char directory[64];
    char certificate[96];
    char key[96];
    char other_key[96];
};

static struct files files;

static void write_key(EVP_PKEY *key, const char *path) {
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL), 1);
    assert_int_equal(fclose(file), 0);
}

static void write_certificate(EVP_PKEY *key, const char *path) {
    X509 *x509 = X509_new();
    assert_non_null(x509);
    assert_int_equal(X509_set_version(x509, X509_VERSION_3), 1);
    assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(x509), 1), 1);
    assert_non_null(X509_gmtime_adj(X509_getm_notBefore(x509), -60));
    assert_non_null(X509_gmtime_adj(X509_getm_notAfter(x509), 3600));
    assert_int_equal(X509_set_pubkey(x509, key), 1);
    assert_int_equal(X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_ASC,
                                                (const unsigned char *)"localhost", -1, -1, 0),
                     1);
    assert_int_equal(X509_set_issuer_name(x509, X509_get_subject_name(x509)), 1);
    assert_true(X509_sign(x509, key, EVP_sha256()) > 0);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(PEM_write_X509(file, x509), 1);
    assert_int_equal(fclose(file), 0);
    X509_free(x509);
}

static int make_files(void **state) {
    IGNORE(state);
    snprintf(files.directory, sizeof files.directory, "/tmp/ironwood-tls-XXXXXX");
    assert_non_null(mkdtemp(files.directory));
    snprintf(files.certificate, sizeof files.certificate, "%s/cert.pem", files.directory);
    snprintf(files.key, sizeof files.key, "%s/key.pem", files.directory);
    snprintf(files.other_key, sizeof files.other_key, "%s/other.pem", files.directory);
    EVP_PKEY *key = EVP_EC_gen("P-256");
    EVP_PKEY *other = EVP_EC_gen("P-256");
    assert_non_null(key);
    assert_non_null(other);
    write_key(key, files.key);
    write_key(other, files.other_key);
    write_certificate(key, files.certificate);
    EVP_PKEY_free(key);
    EVP_PKEY_free(other);
    return 0;
}

static int remove_files(void **state) {
    IGNORE(state);
    unlink(files.certificate);
    unlink(files.key);
    unlink(files.other_key);
    return rmdir(files.directory);
}

static struct server_config tls_config(void) {
    return (struct server_config){.tls_certificate = files.certificate, .tls_key = files.key};
}

struct client {
    SSL_CTX *ctx;
    SSL *ssl;
    int fd;
};

static bool client_open(struct client *c, const struct fixture *f, int version,
                        SSL_SESSION *session, const char *alpn) {
    c->ctx = SSL_CTX_new(TLS_client_method());
    assert_non_null(c->ctx);
    assert_int_equal(SSL_CTX_set_max_proto_version(c->ctx, version), 1);
    c->ssl = SSL_new(c->ctx);
    assert_non_null(c->ssl);
    if (version < TLS1_2_VERSION) {
        SSL_set_security_level(c->ssl, 0);
    }
    if (alpn != NULL) {
        assert_int_equal(
            SSL_set_alpn_protos(c->ssl, (const unsigned char *)alpn, (unsigned)strlen(alpn)), 0);
    }
    if (session != NULL) {
        assert_int_equal(SSL_set_session(c->ssl, session), 1);
    }
    c->fd = client_connect(f);
    assert_int_equal(SSL_set_fd(c->ssl, c->fd), 1);
    return SSL_connect(c->ssl) == 1;
}

/* With close_notify: a session that ends without it may not be resumed. */
static void client_close(struct client *c) {
    SSL_shutdown(c->ssl);
    SSL_free(c->ssl);
    SSL_CTX_free(c->ctx);
    close(c->fd);
}

static void write_all(struct client *c, str bytes) {
    assert_int_equal(SSL_write(c->ssl, bytes.ptr, (int)bytes.len), (int)bytes.len);
}

/* Reads an answer whose body has `body_len` bytes and returns its last byte. */
static char read_answer(struct client *c, size_t body_len) {
    char head[2048];
    size_t len = 0;
    char last = '\0';
    while (len < 4 || memcmp(head + len - 4, "\r\n\r\n", 4) != 0) {
        assert_true(len < sizeof head);
        assert_int_equal(SSL_read(c->ssl, head + len, 1), 1);
        len++;
    }
    assert_memory_equal(head, "HTTP/1.1 200 OK\r\n", 17);
    while (body_len > 0) {
        char bytes[16384];
        int got = SSL_read(c->ssl, bytes, (int)(body_len < sizeof bytes ? body_len : sizeof bytes));
        assert_true(got > 0);
        last = bytes[got - 1];
        body_len -= (size_t)got;
    }
    return last;
}

static void both_versions_carry_requests_of_any_size(void **state) {
    static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
    static struct fixture f;
    static char body[FIXTURE_BODY_MAX];
    struct server_config config = tls_config();
    IGNORE(state);
    memset(body, 'x', sizeof body);
    fixture_start(&f, &config);
    for (size_t i = 0; i < ARRAY_LEN(versions); i++) {
        struct client c;
        assert_true(client_open(&c, &f, versions[i], NULL, "\x02h2\x08http/1.1"));
        assert_int_equal(SSL_version(c.ssl), versions[i]);
        write_all(&c, STR("GET /hello HTTP/1.1\r\n" H "\r\nGET /hello HTTP/1.1\r\n" H "\r\n"));
        assert_int_equal(read_answer(&c, 5), 'o');
        assert_int_equal(read_answer(&c, 5), 'o');
        write_all(&c, STR("POST /echo HTTP/1.1\r\n" H "Content-Length: 262144\r\n\r\n"));
        write_all(&c, str_make(body, sizeof body));
        assert_int_equal(read_answer(&c, sizeof body), 'x');
        write_all(&c, STR("GET /big HTTP/1.1\r\n" H "\r\nGET /hello HTTP/1.1\r\n" H "\r\n"));
        assert_int_equal(read_answer(&c, BIG_BODY), 'b');
        assert_int_equal(read_answer(&c, 5), 'o');
        client_close(&c);
    }
    fixture_stop(&f);
}

static void requests_behind_a_busy_worker_are_not_forgotten(void **state) {
    static struct fixture f;
    struct server_config config = tls_config();
    struct client c;
    IGNORE(state);
    fixture_start(&f, &config);
    assert_true(client_open(&c, &f, TLS1_3_VERSION, NULL, NULL));
    write_all(&c, STR("POST /pool HTTP/1.1\r\n" H "Content-Length: 1\r\n\r\na"));
    fixture_await(&f.started, 1);
    write_all(&c, STR("GET /hello HTTP/1.1\r\n" H "\r\n"));
    assert_int_equal(sem_post(&f.gate), 0);
    assert_int_equal(read_answer(&c, 1), 'a');
    assert_int_equal(read_answer(&c, 5), 'o');
    client_close(&c);
    fixture_stop(&f);
}

static void sessions_are_resumed(void **state) {
    static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
    static struct fixture f;
    struct server_config config = tls_config();
    IGNORE(state);
    fixture_start(&f, &config);
    for (size_t i = 0; i < ARRAY_LEN(versions); i++) {
        struct client c;
        assert_true(client_open(&c, &f, versions[i], NULL, NULL));
        assert_int_equal(SSL_session_reused(c.ssl), 0);
        write_all(&c, STR("GET /hello HTTP/1.1\r\n" H "\r\n"));
        assert_int_equal(read_answer(&c, 5), 'o'); /* the ticket comes before the answer */
        SSL_SESSION *session = SSL_get1_session(c.ssl);
        assert_non_null(session);
        client_close(&c);
        assert_true(client_open(&c, &f, versions[i], session, NULL));
        assert_int_equal(SSL_session_reused(c.ssl), 1);
        SSL_SESSION_free(session);
        client_close(&c);
    }
    fixture_stop(&f);
}

static void old_versions_and_unknown_protocols_are_refused(void **state) {
    static struct fixture f;
    struct server_config config = tls_config();
    struct client c;
    IGNORE(state);
    fixture_start(&f, &config);
    assert_false(client_open(&c, &f, TLS1_1_VERSION, NULL, NULL));
    client_close(&c);
    assert_false(client_open(&c, &f, TLS1_3_VERSION, NULL, "\x02h2"));
    client_close(&c);
    /* Plain HTTP gets no HTTP answer. */
    int fd = client_connect(&f);
    char bytes[8] = {0};
    client_send(fd, STR("GET /hello HTTP/1.1\r\n" H "\r\n"));
    ssize_t got = recv(fd, bytes, sizeof bytes, 0);
    assert_true(got <= 0 || memcmp(bytes, "HTTP", 4) != 0);
    close(fd);
    assert_true(client_open(&c, &f, TLS1_3_VERSION, NULL, NULL));
    client_close(&c);
    fixture_stop(&f);
}

static void a_handshake_that_stalls_is_cut_off(void **state) {
    static struct fixture f;
    struct server_config config = tls_config();
    IGNORE(state);
    config.limits.head_deadline_ms = 300;
    fixture_start(&f, &config);
    int silent = client_connect(&f);
    int partial = client_connect(&f);
    client_send(partial, STR("\x16\x03\x01\x02"));
    assert_true(client_is_closed(silent));
    assert_true(client_is_closed(partial));
    close(silent);
    close(partial);
    fixture_stop(&f);
}

static void the_peer_learns_that_the_server_is_done(void **state) {
    static struct fixture f;
    struct server_config config = tls_config();
    struct client c;
    char byte;
    IGNORE(state);
    fixture_start(&f, &config);
    assert_true(client_open(&c, &f, TLS1_3_VERSION, NULL, NULL));
    write_all(&c, STR("GET /hello HTTP/1.1\r\n" H "Connection: close\r\n\r\n"));
    assert_int_equal(read_answer(&c, 5), 'o');
    int result = SSL_read(c.ssl, &byte, 1);
    assert_int_equal(SSL_get_error(c.ssl, result), SSL_ERROR_ZERO_RETURN); /* close_notify */
    client_close(&c);
    fixture_stop(&f);
}

static void bad_files_are_named(void **state) {
    static const struct route row = {HTTP_GET, "/", CALLER_ANYONE, ROUTE_INLINE,
                                     0,        0,   false,         (http_handler *)1};
    const struct router_config router_config = {.routes = &row, .route_count = 1};
    struct router *router;
    struct server *server = NULL;
    struct error error = {0};
    IGNORE(state);
    assert_ok(router_new(&router_config, &router, NULL));
    struct server_config config = tls_config();
    config.address = "127.0.0.1";
    config.tls_key = NULL;
    assert_int_equal(server_new(&config, router, &server, &error), ERR_MISSING);
    config.tls_key = files.other_key;
    assert_int_equal(server_new(&config, router, &server, &error), ERR_IO);
    assert_non_null(strstr(error.text, files.other_key));
    config = tls_config();
    config.address = "127.0.0.1";
    config.tls_certificate = "/nonexistent/cert.pem";
    assert_int_equal(server_new(&config, router, &server, &error), ERR_IO);
    assert_non_null(strstr(error.text, "/nonexistent/cert.pem"));
    router_free(router);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_versions_carry_requests_of_any_size),
        cmocka_unit_test(requests_behind_a_busy_worker_are_not_forgotten),
        cmocka_unit_test(sessions_are_resumed),
        cmocka_unit_test(old_versions_and_unknown_protocols_are_refused),
        cmocka_unit_test(a_handshake_that_stalls_is_cut_off),
        cmocka_unit_test(the_peer_learns_that_the_server_is_done),
        cmocka_unit_test(bad_files_are_named),
    };
    return cmocka_run_group_tests(tests, make_files, remove_files);
}
