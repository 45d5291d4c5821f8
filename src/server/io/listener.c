/* SPDX-License-Identifier: Apache-2.0 */
#include "server/io/listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server/io/limits.h"

struct endpoint {
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } address;
    socklen_t len;
};

static err read_address(const char *text, uint16_t port, struct endpoint *ret,
                        struct error *reterr) {
    memset(ret, 0, sizeof *ret);
    if (inet_pton(AF_INET, text, &ret->address.v4.sin_addr) == 1) {
        ret->address.v4.sin_family = AF_INET;
        ret->address.v4.sin_port = htons(port);
        ret->len = sizeof ret->address.v4;
        return ERR_OK;
    }
    if (inet_pton(AF_INET6, text, &ret->address.v6.sin6_addr) == 1) {
        ret->address.v6.sin6_family = AF_INET6;
        ret->address.v6.sin6_port = htons(port);
        ret->len = sizeof ret->address.v6;
        return ERR_OK;
    }
    return error_set(reterr, ERR_SYNTAX, "`%s` is not a numeric IPv4 or IPv6 address", text);
}

static void set_port(struct endpoint *endpoint, uint16_t port) {
    if (endpoint->address.any.sa_family == AF_INET) {
        endpoint->address.v4.sin_port = htons(port);
    } else {
        endpoint->address.v6.sin6_port = htons(port);
    }
}

static bool switch_on(int fd, int level, int option) {
    int on = 1;
    return setsockopt(fd, level, option, &on, sizeof on) == 0;
}

/* A bound socket, or -1 with errno. */
static int bind_socket(const struct endpoint *endpoint, bool is_shared) {
    int family = endpoint->address.any.sa_family;
    int off = 0;
    int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return -1;
    }
    bool is_ready = switch_on(fd, SOL_SOCKET, SO_REUSEADDR) &&
                    (!is_shared || switch_on(fd, SOL_SOCKET, SO_REUSEPORT)) &&
                    switch_on(fd, IPPROTO_TCP, TCP_NODELAY); /* connections inherit it */
    if (is_ready && family == AF_INET6) {
        /* "::" also serves IPv4. */
        is_ready = setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) == 0;
    }
    if (!is_ready || bind(fd, &endpoint->address.any, endpoint->len) != 0) {
        int saved = errno;
        close(fd);
        errno = saved;
        return -1;
    }
    return fd;
}

static err fail(const char *address, uint16_t port, int code, struct error *reterr) {
    if (code == EADDRINUSE) {
        return error_set(reterr, ERR_BUSY, "%s port %u is in use by another process", address,
                         port);
    }
    if (code == EACCES) {
        return error_set(reterr, ERR_DENIED, "%s port %u may not be used by this user", address,
                         port);
    }
    return error_set(reterr, ERR_IO, "cannot listen on %s port %u: %s", address, port,
                     strerrordesc_np(code));
}

static err port_of(int fd, uint16_t *ret_port) {
    struct endpoint bound = {.len = sizeof bound.address};
    if (getsockname(fd, &bound.address.any, &bound.len) != 0) {
        return ERR_IO;
    }
    *ret_port = ntohs(bound.address.any.sa_family == AF_INET ? bound.address.v4.sin_port
                                                             : bound.address.v6.sin6_port);
    return ERR_OK;
}

err listener_open(const char *address, uint16_t port, unsigned count, int *ret_fds,
                  uint16_t *ret_port, struct error *reterr) {
    struct endpoint endpoint;
    TRY(read_address(address, port, &endpoint, reterr));
    if (port != 0) {
        /* Sockets that share a port bind beside those of another process of the same user, so
         * one that does not share asks first whether the port is free. */
        int probe = bind_socket(&endpoint, false);
        if (probe < 0) {
            return fail(address, port, errno, reterr);
        }
        close(probe);
    }
    for (unsigned i = 0; i < count; i++) {
        ret_fds[i] = bind_socket(&endpoint, true);
        bool is_bound = ret_fds[i] >= 0;
        if (!is_bound || port_of(ret_fds[i], ret_port) != ERR_OK ||
            listen(ret_fds[i], BACKLOG) != 0) {
            err code = fail(address, port, errno, reterr);
            for (unsigned j = 0; j < i + is_bound; j++) {
                close(ret_fds[j]);
            }
            return code;
        }
        set_port(&endpoint, *ret_port);
    }
    return ERR_OK;
}
