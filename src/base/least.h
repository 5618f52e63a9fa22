/* The smaller and the larger of two numbers. */
#ifndef BK_BASE_LEAST_H
#define BK_BASE_LEAST_H

static inline int least(int a, int b) {
    return a < b ? a : b;
}
static inline int most(int a, int b) {
    return a > b ? a : b;
}

#endif
