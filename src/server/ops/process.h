/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_OPS_PROCESS_H
#define SERVER_OPS_PROCESS_H
/*
 * What the kernel says about this process. Reads /proc; any thread. 0 when it cannot be read.
 */
#include "base/compiler.h"

uint64_t process_resident_bytes(void);
uint64_t process_virtual_bytes(void);
uint64_t process_open_fds(void);

#endif
