/* Ctrl-C: the first asks for a clean stop, the second is not held back. A signal handler can reach nothing but a
 * global, so this file has the program's only one. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdatomic.h>

#include "commands.h"

enum { ASKED = -1 };

static atomic_int why; /* 0, ASKED or the signal's number */

static void on_signal(int number) {
    why = number;
}

/* What is ignored stays ignored: so a shell starts programs in the background, and nohup(1) its own. */
static void watch(int number) {
    struct sigaction before, once = { .sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND | SA_RESTART };
    sigemptyset(&once.sa_mask);
    if (sigaction(number, NULL, &before) == 0 && before.sa_handler != SIG_IGN) sigaction(number, &once, NULL);
}

void interrupt_watch(void) {
    watch(SIGINT);
    watch(SIGTERM);
}

void interrupt_ask(void) {
    int none = 0;
    atomic_compare_exchange_strong(&why, &none, ASKED);
}

bool interrupted(void) {
    return why != 0;
}

bool interrupted_by_user(void) {
    return why > 0;
}

void interrupt_finish(void) {
    if (why <= 0) return;
    signal(why, SIG_DFL);
    raise(why);
}
