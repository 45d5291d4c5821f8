/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine against the referee on made-up cases: compare [COUNT [FIRST]]
 *
 * Case n is what fuzz_engine makes of the eight bytes of the number n.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int main(int argc, char **argv) {
    unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000;
    unsigned long first = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
    for (unsigned long i = first; i < first + count; i++) {
        uint8_t bytes[8];
        for (unsigned b = 0; b < sizeof bytes; b++) {
            bytes[b] = (uint8_t)((uint64_t)i >> (8 * b));
        }
        fprintf(stderr, "\r%lu", i); /* the last number is the case that failed */
        LLVMFuzzerTestOneInput(bytes, sizeof bytes);
    }
    fprintf(stderr, "\n");
    printf("%lu cases, no difference\n", count);
    return 0;
}
