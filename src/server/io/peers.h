/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_IO_PEERS_H
#define SERVER_IO_PEERS_H
/*
 * How many connections each peer holds, for the cap per peer.
 *
 * A peer is an IPv4 address or an IPv6 /64 (one subscriber usually has all of it). The table
 * has a fixed size, twice the number of connections, and is shared by all loops under a mutex
 * that is only taken when a connection opens or closes, and only if the cap is configured.
 */
#include <sys/socket.h>

#include "base/err.h"
#include "server/http/http.h"

struct peers;

err peers_new(unsigned connections_max, unsigned per_peer_max, struct peers **ret) MUST_CHECK;
void peers_free(struct peers *peers);

/* Counts a connection in; false when the peer has its share already. NULL peers: no cap. */
bool peers_enter(struct peers *peers, uint64_t peer_key) MUST_CHECK;
void peers_leave(struct peers *peers, uint64_t peer_key);

/* Text, port and key of an address; an IPv4 address mapped into IPv6 counts as IPv4. */
void peer_from_address(const struct sockaddr_storage *address, struct http_peer *ret,
                       uint64_t *ret_key);

#endif
