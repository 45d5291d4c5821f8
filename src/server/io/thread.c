/* SPDX-License-Identifier: Apache-2.0 */
#include "server/io/thread.h"

#include <signal.h>

#include "server/io/limits.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HAS_LARGE_FRAMES 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HAS_LARGE_FRAMES 1
#endif
#endif

#ifdef HAS_LARGE_FRAMES
enum { STACK_FACTOR = 8 };
#else
enum { STACK_FACTOR = 1 };
#endif

err thread_start(pthread_t *ret, const char *name, void *(*fn)(void *arg), void *arg) {
    pthread_attr_t attributes;
    sigset_t all;
    sigset_t before;
    if (pthread_attr_init(&attributes) != 0) {
        return ERR_NOMEM;
    }
    sigfillset(&all);
    bool is_ready =
        pthread_attr_setstacksize(&attributes, (size_t)THREAD_STACK * STACK_FACTOR) == 0 &&
        pthread_sigmask(SIG_SETMASK, &all, &before) == 0;
    int result = is_ready ? pthread_create(ret, &attributes, fn, arg) : -1;
    if (is_ready) {
        IGNORE(pthread_sigmask(SIG_SETMASK, &before, NULL)); /* valid arguments cannot fail */
    }
    IGNORE(pthread_attr_destroy(&attributes)); /* cannot fail on Linux */
    if (result != 0) {
        return ERR_NOMEM;
    }
    IGNORE(pthread_setname_np(*ret, name)); /* only for debuggers */
    return ERR_OK;
}
