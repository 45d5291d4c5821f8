/* SPDX-License-Identifier: Apache-2.0 */
#include "server/io/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>

/* For the few clients that resume without tickets. */
enum { SESSIONS_MAX = 1024 };

struct tls_context {
    SSL_CTX *ctx;
};

/* Only HTTP/1.1 so far; a client that offers nothing else is told so by the handshake. */
static int choose_protocol(SSL *ssl, const unsigned char **ret, unsigned char *ret_len,
                           const unsigned char *offered, unsigned offered_len, void *arg) {
    static const unsigned char served[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
    unsigned char *chosen;
    IGNORE(ssl);
    IGNORE(arg);
    if (SSL_select_next_proto(&chosen, ret_len, served, sizeof served, offered, offered_len) !=
        OPENSSL_NPN_NEGOTIATED) {
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    }
    *ret = chosen;
    return SSL_TLSEXT_ERR_OK;
}

static err fail(struct error *reterr, const char *what, const char *path) {
    char text[160] = "unknown reason";
    unsigned long code = ERR_peek_last_error();
    if (code != 0) {
        ERR_error_string_n(code, text, sizeof text);
    }
    ERR_clear_error();
    return error_set(reterr, ERR_IO, "%s `%s`: %s", what, path, text);
}

static err configure(SSL_CTX *ctx, const char *certificate_path, const char *key_path,
                     struct error *reterr) {
    static const unsigned char session_context[] = "ironwood";
    if (SSL_CTX_use_certificate_chain_file(ctx, certificate_path) != 1) {
        return fail(reterr, "cannot use the TLS certificate", certificate_path);
    }
    if (SSL_CTX_use_PrivateKey_file(ctx, key_path, SSL_FILETYPE_PEM) != 1) {
        return fail(reterr, "cannot use the TLS key", key_path);
    }
    if (SSL_CTX_check_private_key(ctx) != 1) {
        return fail(reterr, "the TLS key does not belong to the certificate", key_path);
    }
    SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                 SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA |
                                 SSL_OP_CLEANSE_PLAINTEXT | SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                              SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_SERVER);
    SSL_CTX_sess_set_cache_size(ctx, SESSIONS_MAX);
    SSL_CTX_set_alpn_select_cb(ctx, choose_protocol, NULL);
    if (SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) != 1 ||
        SSL_CTX_set_cipher_list(ctx, "ECDHE+AESGCM:ECDHE+CHACHA20") != 1 ||
        SSL_CTX_set_session_id_context(ctx, session_context, sizeof session_context - 1) != 1) {
        return fail(reterr, "cannot set up TLS with", certificate_path);
    }
    return ERR_OK;
}

err tls_context_new(const char *certificate_path, const char *key_path, struct tls_context **ret,
                    struct error *reterr) {
    struct tls_context *context = calloc(1, sizeof *context);
    if (context == NULL) {
        return error_set(reterr, ERR_NOMEM, "no memory for TLS");
    }
    context->ctx = SSL_CTX_new(TLS_server_method());
    if (context->ctx == NULL) {
        tls_context_free(context);
        return error_set(reterr, ERR_NOMEM, "no memory for TLS");
    }
    err code = configure(context->ctx, certificate_path, key_path, reterr);
    if (code != ERR_OK) {
        tls_context_free(context);
        return code;
    }
    *ret = context;
    return ERR_OK;
}

void tls_context_free(struct tls_context *context) {
    if (context != NULL) {
        SSL_CTX_free(context->ctx);
        free(context);
    }
}

/* A struct tls is an SSL; the name keeps OpenSSL out of everybody else's sight. */
static SSL *ssl_of(struct tls *tls) {
    return (SSL *)tls;
}

struct tls *tls_new(struct tls_context *context, int fd) {
    SSL *ssl = SSL_new(context->ctx);
    if (ssl != NULL && SSL_set_fd(ssl, fd) != 1) {
        SSL_free(ssl);
        return NULL;
    }
    if (ssl != NULL) {
        SSL_set_accept_state(ssl);
    }
    return (struct tls *)ssl;
}

void tls_free(struct tls *tls) {
    SSL_free(ssl_of(tls));
}

static ssize_t result_of(struct tls *tls, int result) {
    if (result > 0) {
        return result;
    }
    int reason = SSL_get_error(ssl_of(tls), result);
    ERR_clear_error(); /* the queue belongs to the thread, not to the connection */
    switch (reason) {
    case SSL_ERROR_WANT_READ:
        return IO_WANTS_READ;
    case SSL_ERROR_WANT_WRITE:
        return IO_WANTS_WRITE;
    case SSL_ERROR_ZERO_RETURN:
        return IO_END;
    default:
        return IO_FAILED;
    }
}

ssize_t tls_read(struct tls *tls, void *bytes, size_t len) {
    return result_of(tls, SSL_read(ssl_of(tls), bytes, len > INT32_MAX ? INT32_MAX : (int)len));
}

ssize_t tls_write(struct tls *tls, const void *bytes, size_t len) {
    return result_of(tls, SSL_write(ssl_of(tls), bytes, len > INT32_MAX ? INT32_MAX : (int)len));
}

bool tls_is_open(const struct tls *tls) {
    return SSL_is_init_finished((const SSL *)tls) == 1;
}

bool tls_has_pending(const struct tls *tls) {
    return SSL_has_pending((const SSL *)tls) == 1;
}

void tls_close(struct tls *tls) {
    if (SSL_is_init_finished(ssl_of(tls))) {
        IGNORE(SSL_shutdown(ssl_of(tls))); /* best effort: the socket closes either way */
        ERR_clear_error();
    }
}
