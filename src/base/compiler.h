/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_COMPILER_H
#define BASE_COMPILER_H
/*
 * What we need from GCC and Clang beyond ISO C17, in one place.
 *
 * Nothing else in base/ or cedar/ writes an attribute, a builtin or a statement expression by
 * hand. Every macro here has no state and may be used from any thread.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MUST_CHECK __attribute__((warn_unused_result))
#define NORETURN __attribute__((noreturn))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))
#define MAYBE_UNUSED __attribute__((unused))
#define ALWAYS_INLINE inline __attribute__((always_inline))
#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)
/* Asks for a cache line that will be read soon; any address will do. */
#define PREFETCH(ptr) __builtin_prefetch(ptr)

/* `switch` cases that continue on purpose. */
#define FALLTHROUGH __attribute__((fallthrough))

/* A result that is ignored on purpose; the reason stands in a comment beside it. */
#define IGNORE(expr) __extension__({ __typeof__(expr) ignored_ MAYBE_UNUSED = (expr); })

/* Runs `fn(&variable)` when the variable leaves its scope. */
#define AUTO(fn) __attribute__((cleanup(fn)))

/* Hands the value of an AUTO pointer out and clears it, so that the cleanup frees nothing. */
#define TAKE(p)                     \
    __extension__({                 \
        __typeof__(p) taken_ = (p); \
        (p) = NULL;                 \
        taken_;                     \
    })

/* Defines `void type_freep(struct type **)` for AUTO from `type_free(struct type *)`. */
#define DEFINE_FREEP(type)                             \
    static inline void type##_freep(struct type **p) { \
        type##_free(*p);                               \
    }

/* Checked arithmetic: true when the result did NOT fit. */
#define ADD_OVERFLOWS(a, b, ret) __builtin_add_overflow((a), (b), (ret))
#define SUB_OVERFLOWS(a, b, ret) __builtin_sub_overflow((a), (b), (ret))
#define MUL_OVERFLOWS(a, b, ret) __builtin_mul_overflow((a), (b), (ret))

/* Of a word read from memory with marks in the high bits of its bytes (not 0): how many bytes of
 * memory come before the first mark. */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define FIRST_BYTE_MARKED(word) ((size_t)__builtin_ctzll(word) / 8)
#else
#define FIRST_BYTE_MARKED(word) ((size_t)0 * (word))
#endif

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#endif
