#include "sim/assert.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim/sim.h"

static void print_and_abort(const char *file, int line, const char *condition,
                            const struct sim *simulation)
{
    fprintf(stderr, "%s:%d: assertion failed: %s", file, line, condition);
    if (simulation != NULL) {
        fprintf(stderr, " (at %" PRId64 " ns of simulated time)", sim_now(simulation));
    }
    fputc('\n', stderr);
    abort();
}

static sim_assert_handler current_handler = print_and_abort;

sim_assert_handler sim_assert_set_handler(sim_assert_handler handler)
{
    sim_assert_handler before = current_handler;
    current_handler = handler != NULL ? handler : print_and_abort;
    return before;
}

void sim_assert_fail(const char *file, int line, const char *condition,
                     const struct sim *simulation)
{
    current_handler(file, line, condition, simulation);
    abort();
}
