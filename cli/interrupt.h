#ifndef CLI_INTERRUPT_H
#define CLI_INTERRUPT_H
/*
 * Ctrl-C during a run, without a handler and without a global: the signals are held back while a
 * run goes on, and asked for between two slices of it.
 */
#include <signal.h>
#include <stdbool.h>

struct cli_interrupt {
    sigset_t held;
    sigset_t before;
};

/* Hold back SIGINT, SIGTERM and SIGHUP. */
void cli_interrupt_hold(struct cli_interrupt *interrupt);

/* Whether one of them has come; it is taken. */
bool cli_interrupt_came(const struct cli_interrupt *interrupt);

/* Let them through again; one that came meanwhile acts at once. */
void cli_interrupt_release(const struct cli_interrupt *interrupt);

#endif
