#ifndef MODELS_DELAY_H
#define MODELS_DELAY_H
/*
 * What a machine's threads take to hear of each other (SIM-2): mostly hardly any time, sometimes
 * much more, and so exponential. Two threads that are woken at once then go on in any order, as
 * they do.
 */
#include "sim/dist.h"
#include "sim/random.h"
#include "sim/time.h"

/* A delay of that mean, `jitter` (0 to 1) of which is random and the rest the least that it takes.
 * The stream is not used when nothing is random. */
static inline sim_time net_delay_draw(sim_time mean, double jitter, struct sim_stream *stream)
{
    const struct sim_dist above = {.kind = SIM_DIST_EXPONENTIAL, .a = (double)mean * jitter};
    if (mean <= 0 || jitter <= 0) {
        return mean;
    }
    return mean - (sim_time)above.a + sim_dist_draw(&above, stream);
}

#endif
