/* SPDX-License-Identifier: Apache-2.0 */
#include "server/io/fetch.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/http.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

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

static err read_body(struct arena *a, BIO *bio, const struct fetch_limits *limits, str url,
                     str *ret_body, struct error *reterr) {
    enum { PIECE = 4096 };
    struct buf body;
    buf_init_arena(&body, a, limits->body_max + PIECE);
    for (;;) {
        char *room = buf_reserve(&body, PIECE);
        if (room == NULL) {
            return body.error;
        }
        int n = BIO_read(bio, room, PIECE);
        if (n <= 0) {
            break;
        }
        buf_advance(&body, (size_t)n);
        if (body.len > limits->body_max) {
            return error_set(reterr, ERR_LIMIT, "GET %.*s: the body is larger than %zu bytes",
                             STR_FMT(url), limits->body_max);
        }
    }
    if (body.len == 0) {
        return error_set(reterr, ERR_IO, "GET %.*s: the body is empty", STR_FMT(url));
    }
    return buf_finish(&body, ret_body);
}

static err get(struct arena *a, const char *url, struct tls *tls, const struct fetch_limits *limits,
               str *ret_body, struct error *reterr) {
    unsigned timeout_s = limits->timeout_s == 0 ? 1 : limits->timeout_s;
    AUTO(bio_freep)
    BIO *answer = OSSL_HTTP_get(url, NULL, "*", NULL, NULL, add_tls, tls, 0, NULL, NULL, 0,
                                limits->body_max + 1, (int)timeout_s);
    if (answer == NULL) {
        return fail_ssl(str_c(url), reterr);
    }
    return read_body(a, answer, limits, str_c(url), ret_body, reterr);
}

err fetch_get(struct arena *a, str url, const struct fetch_limits *limits, str *ret_body,
              struct error *reterr) {
    const char *c_url;
    TRY(arena_c_string(a, url, &c_url));
    int use_ssl = 0;
    char *host = NULL;
    ERR_clear_error();
    if (OSSL_HTTP_parse_url(c_url, &use_ssl, NULL, &host, NULL, NULL, NULL, NULL, NULL) != 1) {
        return fail_ssl(url, reterr);
    }
    struct tls tls = {.host = host, .ctx = use_ssl ? tls_context() : NULL};
    err code = use_ssl && tls.ctx == NULL ? fail_ssl(url, reterr)
                                          : get(a, c_url, &tls, limits, ret_body, reterr);
    SSL_CTX_free(tls.ctx);
    OPENSSL_free(host);
    return code;
}
