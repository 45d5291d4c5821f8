/* SPDX-License-Identifier: Apache-2.0 */
#include "server/io/peers.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/random.h>

#include "base/assert.h"
#include "base/hash.h"

struct entry {
    uint64_t peer_key;
    unsigned count; /* 0: free */
};

struct peers {
    unsigned per_peer_max;
    struct hash_key hash_key; /* addresses come from outside */
    pthread_mutex_t mutex;    /* guards the entries */
    size_t mask;
    struct entry entries[];
};

err peers_new(unsigned connections_max, unsigned per_peer_max, struct peers **ret) {
    size_t size = 16;
    while (size < (size_t)connections_max * 2) {
        size *= 2;
    }
    struct peers *peers = calloc(1, sizeof *peers + size * sizeof peers->entries[0]);
    if (peers == NULL) {
        return ERR_NOMEM;
    }
    if (getrandom(&peers->hash_key, sizeof peers->hash_key, 0) != sizeof peers->hash_key ||
        pthread_mutex_init(&peers->mutex, NULL) != 0) {
        free(peers);
        return ERR_INTERNAL;
    }
    peers->per_peer_max = per_peer_max;
    peers->mask = size - 1;
    *ret = peers;
    return ERR_OK;
}

void peers_free(struct peers *peers) {
    if (peers != NULL) {
        IGNORE(pthread_mutex_destroy(&peers->mutex)); /* cannot fail: nobody holds it */
        free(peers);
    }
}

static size_t home_of(const struct peers *peers, uint64_t peer_key) {
    str bytes = {(const char *)&peer_key, sizeof peer_key};
    return (size_t)hash_bytes(&peers->hash_key, bytes) & peers->mask;
}

/* The peer's entry, or the free one where it belongs. */
static size_t find(const struct peers *peers, uint64_t peer_key) {
    size_t at = home_of(peers, peer_key);
    while (peers->entries[at].count != 0 && peers->entries[at].peer_key != peer_key) {
        at = (at + 1) & peers->mask;
    }
    return at;
}

/* Frees an entry and moves the later ones of its run up, so that no search stops too early. */
static void erase(struct peers *peers, size_t hole) {
    size_t at = hole;
    peers->entries[hole].count = 0;
    while (true) {
        at = (at + 1) & peers->mask;
        if (peers->entries[at].count == 0) {
            return;
        }
        size_t home = home_of(peers, peers->entries[at].peer_key);
        if (((at - home) & peers->mask) >= ((at - hole) & peers->mask)) {
            peers->entries[hole] = peers->entries[at];
            peers->entries[at].count = 0;
            hole = at;
        }
    }
}

bool peers_enter(struct peers *peers, uint64_t peer_key) {
    if (peers == NULL) {
        return true;
    }
    ASSERT(pthread_mutex_lock(&peers->mutex) == 0);
    struct entry *entry = &peers->entries[find(peers, peer_key)];
    bool is_allowed = entry->count < peers->per_peer_max;
    if (is_allowed) {
        entry->peer_key = peer_key;
        entry->count++;
    }
    ASSERT(pthread_mutex_unlock(&peers->mutex) == 0);
    return is_allowed;
}

void peers_leave(struct peers *peers, uint64_t peer_key) {
    if (peers == NULL) {
        return;
    }
    ASSERT(pthread_mutex_lock(&peers->mutex) == 0);
    size_t at = find(peers, peer_key);
    ASSERT(peers->entries[at].count > 0);
    if (--peers->entries[at].count == 0) {
        erase(peers, at);
    }
    ASSERT(pthread_mutex_unlock(&peers->mutex) == 0);
}

static void from_v4(const struct in_addr *address, in_port_t port, struct http_peer *ret,
                    uint64_t *ret_key) {
    uint32_t host = ntohl(address->s_addr);
    ASSERT(inet_ntop(AF_INET, address, ret->address, sizeof ret->address) != NULL);
    ret->port = ntohs(port);
    ret->is_loopback = host >> 24 == 127;
    *ret_key = host;
}

void peer_from_address(const struct sockaddr_storage *address, struct http_peer *ret,
                       uint64_t *ret_key) {
    *ret = (struct http_peer){.address = "unknown"};
    *ret_key = 0;
    if (address->ss_family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, address, sizeof v4);
        from_v4(&v4.sin_addr, v4.sin_port, ret, ret_key);
    } else if (address->ss_family == AF_INET6) {
        struct sockaddr_in6 v6;
        memcpy(&v6, address, sizeof v6);
        if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {
            struct in_addr v4;
            memcpy(&v4, &v6.sin6_addr.s6_addr[12], sizeof v4);
            from_v4(&v4, v6.sin6_port, ret, ret_key);
            return;
        }
        ASSERT(inet_ntop(AF_INET6, &v6.sin6_addr, ret->address, sizeof ret->address) != NULL);
        ret->port = ntohs(v6.sin6_port);
        ret->is_loopback = IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr);
        memcpy(ret_key, v6.sin6_addr.s6_addr, sizeof *ret_key);
    }
}
