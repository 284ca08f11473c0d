#include "cli/interrupt.h"

#include <stddef.h>
#include <time.h>

void cli_interrupt_hold(struct cli_interrupt *interrupt)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action;

    sigemptyset(&interrupt->held);
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
        /* One that is ignored (nohup, a job in the background) stays so. */
        if (sigaction(signals[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN) {
            sigaddset(&interrupt->held, signals[i]);
        }
    }
    sigprocmask(SIG_BLOCK, &interrupt->held, &interrupt->before);
}

bool cli_interrupt_came(const struct cli_interrupt *interrupt)
{
    const struct timespec at_once = {0, 0};

    return sigtimedwait(&interrupt->held, NULL, &at_once) > 0;
}

void cli_interrupt_release(const struct cli_interrupt *interrupt)
{
    sigprocmask(SIG_SETMASK, &interrupt->before, NULL);
}
