/* SPDX-License-Identifier: Apache-2.0 */
#include "server/io/fetch.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/http.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <time.h>

#include "base/buf.h"

struct tls {
    SSL_CTX *ctx;
    char *host; /* SSL_set_tlsext_host_name takes it without const */
};

static void bio_freep(BIO **bio) {
    BIO_free_all(*bio);
}

/* Called by libcrypto when the connection stands: puts TLS on top of it. */
static BIO *add_tls(BIO *bio, void *arg, int is_connect, int detail) {
    struct tls *tls = arg;
    IGNORE(detail); /* whether the disconnect follows an error */
    if (is_connect == 0 || tls->ctx == NULL) {
        return bio;
    }
    BIO *ssl_bio = BIO_new_ssl(tls->ctx, 1);
    SSL *ssl = NULL;
    if (ssl_bio == NULL) {
        return NULL;
    }
    BIO_get_ssl(ssl_bio, &ssl);
    if (ssl == NULL || SSL_set_tlsext_host_name(ssl, tls->host) != 1 ||
        SSL_set1_host(ssl, tls->host) != 1) {
        BIO_free(ssl_bio);
        return NULL;
    }
    return BIO_push(ssl_bio, bio);
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
    struct tls tls;
};

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

static void exchange_freep(OSSL_HTTP_REQ_CTX **exchange) {
    if (*exchange != NULL) {
        IGNORE(OSSL_HTTP_close(*exchange, 1)); /* the answer has been judged already */
    }
}

/* No proxy, whatever the environment says, and no redirection: what is fetched decides whom we
 * trust, so it comes from where the operator said or not at all. */
static err get(struct arena *a, const char *host, const char *port, const char *path,
               struct request *request, str *ret_body, struct error *reterr) {
    const struct fetch_limits *limits = request->limits;
    int timeout_s = limits->timeout_s == 0 ? 1 : (int)limits->timeout_s;
    request->deadline = time(NULL) + timeout_s;
    AUTO(exchange_freep)
    OSSL_HTTP_REQ_CTX *exchange = OSSL_HTTP_open(host, port, "", NULL, request->tls.ctx != NULL,
                                                 NULL, NULL, add_tls, &request->tls, 0, timeout_s);
    if (exchange == NULL || OSSL_HTTP_set1_request(exchange, path, NULL, NULL, NULL, NULL, 0,
                                                   limits->body_max + 1, timeout_s, 0) != 1) {
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
    int use_ssl = 0;
    char *host = NULL;
    char *port = NULL;
    char *path = NULL;
    ERR_clear_error();
    if (OSSL_HTTP_parse_url(c_url, &use_ssl, NULL, &host, &port, NULL, &path, NULL, NULL) != 1) {
        return fail_ssl(url, reterr);
    }
    struct request request = {
        .url = url, .limits = limits, .tls = {use_ssl ? tls_context() : NULL, host}};
    err code = use_ssl && request.tls.ctx == NULL
                   ? fail_ssl(url, reterr)
                   : get(a, host, port, path, &request, ret_body, reterr);
    SSL_CTX_free(request.tls.ctx);
    OPENSSL_free(host);
    OPENSSL_free(port);
    OPENSSL_free(path);
    return code;
}
