/* SPDX-License-Identifier: Apache-2.0 */
#include "server/io/fetch.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/http.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <time.h>

#include "base/buf.h"

static void bio_freep(BIO **bio) {
    BIO_free_all(*bio);
}

static SSL_CTX *tls_context(void) {
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    if (ctx == NULL) {
        return NULL;
    }
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
    if (SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) != 1 ||
        SSL_CTX_set_default_verify_paths(ctx) != 1) {
        SSL_CTX_free(ctx);
        return NULL;
    }
    return ctx;
}

static err fail_ssl(str url, struct error *reterr) {
    unsigned long code = ERR_peek_last_error();
    const char *reason = code == 0 ? NULL : ERR_reason_error_string(code);
    error_set(reterr, ERR_IO, "GET %.*s: %s", STR_FMT(url), reason == NULL ? "no answer" : reason);
    ERR_clear_error();
    return ERR_IO;
}

struct request {
    str url; /* for messages */
    const struct fetch_limits *limits;
    time_t deadline;
    char *host;
    char *port;
    char *path;
    SSL_CTX *tls; /* NULL: plain */
};

static void request_done(struct request *request) {
    OPENSSL_free(request->host);
    OPENSSL_free(request->port);
    OPENSSL_free(request->path);
    SSL_CTX_free(request->tls);
}

/* True when there may be more to read; the socket does not block. */
static bool wait_for_more(BIO *bio, const struct request *request) {
    return BIO_should_retry(bio) && BIO_wait(bio, request->deadline, 0) == 1;
}

/* `expected` is the Content-Length, 0 when the end of the connection ends the body. */
static err read_body(struct arena *a, BIO *bio, const struct request *request, size_t expected,
                     str *ret_body, struct error *reterr) {
    enum { PIECE = 4096 };
    size_t max = request->limits->body_max;
    struct buf body;
    buf_init_arena(&body, a, max + PIECE);
    while (expected == 0 || body.len < expected) {
        char *room = buf_reserve(&body, PIECE);
        if (room == NULL) {
            return body.error;
        }
        int n = BIO_read(bio, room, PIECE);
        if (n > 0) {
            buf_advance(&body, (size_t)n);
        } else if (!wait_for_more(bio, request)) {
            break;
        }
        if (body.len > max) {
            return error_set(reterr, ERR_LIMIT, "GET %.*s: the body is larger than %zu bytes",
                             STR_FMT(request->url), max);
        }
    }
    if (BIO_should_retry(bio) && (expected == 0 || body.len < expected)) {
        return error_set(reterr, ERR_TIMEOUT, "GET %.*s: the body took too long",
                         STR_FMT(request->url));
    }
    if (body.len == 0 || body.len < expected) {
        return error_set(reterr, ERR_IO, "GET %.*s: the body is %s", STR_FMT(request->url),
                         body.len == 0 ? "empty" : "cut short");
    }
    return buf_finish(&body, ret_body);
}

/* A connection that stands, or NULL. libcrypto's own would try a refused one again and again. */
static BIO *connect_to(const struct request *request) {
    AUTO(bio_freep) BIO *bio = BIO_new_connect(request->host);
    if (bio == NULL || BIO_set_conn_port(bio, request->port) != 1 || BIO_set_nbio(bio, 1) != 1) {
        return NULL;
    }
    while (BIO_do_connect(bio) <= 0) {
        if (!wait_for_more(bio, request)) {
            return NULL;
        }
    }
    return TAKE(bio);
}

/* An address is not a name: no SNI, and the certificate must list it as an address. The host is
 * not const because OpenSSL's macro says so. */
static bool expect_host(SSL *ssl, char *host) {
    if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host) == 1) {
        return true;
    }
    return SSL_set_tlsext_host_name(ssl, host) == 1 && SSL_set1_host(ssl, host) == 1;
}

/* Puts TLS on top; `take_bio` is gone on failure. The handshake comes with the first byte. */
static BIO *add_tls(BIO *take_bio, const struct request *request) {
    AUTO(bio_freep) BIO *plain = take_bio;
    AUTO(bio_freep) BIO *bio = BIO_new_ssl(request->tls, 1);
    SSL *ssl = NULL;
    if (bio == NULL || BIO_get_ssl(bio, &ssl) != 1 || ssl == NULL ||
        !expect_host(ssl, request->host)) {
        return NULL;
    }
    BIO_push(bio, TAKE(plain));
    return TAKE(bio);
}

static void exchange_freep(OSSL_HTTP_REQ_CTX **exchange) {
    OSSL_HTTP_REQ_CTX_free(*exchange);
}

/* No proxy, whatever the environment says, and no redirection: what is fetched decides whom we
 * trust, so it comes from where the operator said or not at all. */
static err get(struct arena *a, const struct request *request, str *ret_body,
               struct error *reterr) {
    int timeout_s = (int)(request->deadline - time(NULL));
    AUTO(bio_freep) BIO *connection = connect_to(request);
    if (connection != NULL && request->tls != NULL) {
        connection = add_tls(connection, request);
    }
    if (connection == NULL) {
        return fail_ssl(request->url, reterr);
    }
    AUTO(exchange_freep)
    OSSL_HTTP_REQ_CTX *exchange = OSSL_HTTP_open(request->host, request->port, NULL, NULL, 0,
                                                 connection, NULL, NULL, NULL, 0, timeout_s);
    if (exchange == NULL ||
        OSSL_HTTP_set1_request(exchange, request->path, NULL, NULL, NULL, NULL, 0,
                               request->limits->body_max + 1, timeout_s, 0) != 1) {
        return fail_ssl(request->url, reterr);
    }
    AUTO(bio_freep) BIO *answer = OSSL_HTTP_exchange(exchange, NULL);
    if (answer == NULL) {
        return fail_ssl(request->url, reterr);
    }
    return read_body(a, answer, request, OSSL_HTTP_REQ_CTX_get_resp_len(exchange), ret_body,
                     reterr);
}

err fetch_get(struct arena *a, str url, const struct fetch_limits *limits, str *ret_body,
              struct error *reterr) {
    const char *c_url;
    TRY(arena_c_string(a, url, &c_url));
    int is_https = 0;
    unsigned timeout_s = limits->timeout_s == 0 ? 1 : limits->timeout_s;
    AUTO(request_done)
    struct request request = {
        .url = url, .limits = limits, .deadline = time(NULL) + (time_t)timeout_s};
    ERR_clear_error();
    if (OSSL_HTTP_parse_url(c_url, &is_https, NULL, &request.host, &request.port, NULL,
                            &request.path, NULL, NULL) != 1 ||
        (is_https && (request.tls = tls_context()) == NULL)) {
        return fail_ssl(url, reterr);
    }
    return get(a, &request, ret_body, reterr);
}
