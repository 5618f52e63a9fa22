/* A test program prints TAP: one "ok N - name" or "not ok N - name" a check, then the plan. */
#ifndef BK_TESTS_TAP_H
#define BK_TESTS_TAP_H

#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static int tap_n, tap_failed;

/* One check. Returns whether it held. */
__attribute__((format(printf, 2, 3), unused)) static bool tap_ok(bool held, const char *fmt, ...) {
    char name[300];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(name, sizeof name, fmt, ap);
    va_end(ap);
    printf("%s %d - %s\n", held ? "ok" : "not ok", ++tap_n, name);
    fflush(stdout);
    if (!held) tap_failed++;
    return held;
}

/* A check that cannot be made here, and why. */
__attribute__((unused)) static void tap_skip(const char *name, const char *why) {
    printf("ok %d - %s # SKIP %s\n", ++tap_n, name, why);
}

/* |a - b| <= tol, written so that NaN fails. */
__attribute__((unused)) static bool tap_near(double a, double b, double tol, const char *name) {
    bool held = fabs(a - b) <= tol;
    return tap_ok(held, "%s: %.9g, expected %.9g within %g", name, a, b, tol);
}

/* To be returned from main. */
__attribute__((unused)) static int tap_done(void) {
    printf("1..%d\n", tap_n);
    return tap_failed ? 1 : 0;
}

#endif
