/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_IO_THREAD_H
#define SERVER_IO_THREAD_H
/*
 * Starting a thread the way the server wants them: a modest stack, a name for debuggers, and
 * all signals blocked, so that they are delivered to the main thread.
 */
#include <pthread.h>

#include "base/err.h"

err thread_start(pthread_t *ret, const char *name, void *(*fn)(void *arg), void *arg) MUST_CHECK;

#endif
