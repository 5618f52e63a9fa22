/* What every fuzz target shares. A target takes any bytes, must not crash, leak, or hang, and checks what
 * can be checked of what it accepted. */
#ifndef BK_FUZZ_H
#define BK_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* libFuzzer's entry, and standalone_main.c's. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A property that must hold for every input. */
#define HOLDS(x)                                                                                                     \
    do {                                                                                                             \
        if (!(x)) {                                                                                                  \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #x);                                   \
            abort();                                                                                                 \
        }                                                                                                            \
    } while (0)

#endif
