/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_IO_LISTENER_H
#define SERVER_IO_LISTENER_H
/*
 * Listening sockets: one for each loop on the same address and port (SO_REUSEPORT), so that the
 * kernel spreads the connections and the loops share nothing.
 */
#include "base/err.h"

/* Opens `count` listening sockets; the caller closes them. Port 0 lets the kernel choose;
 * *ret_port is what they have. ERR_BUSY when somebody else listens there, ERR_SYNTAX when the
 * address is not a numeric IPv4 or IPv6 address. */
err listener_open(const char *address, uint16_t port, unsigned count, int *ret_fds,
                  uint16_t *ret_port, struct error *reterr) MUST_CHECK;

#endif
