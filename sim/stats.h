#ifndef SIM_STATS_H
#define SIM_STATS_H
/*
 * Running statistics: of observations (count-weighted) and of a level over time (time-weighted).
 */
#include <stdint.h>

#include "sim/compiler.h"
#include "sim/time.h"

/*
 * Count-weighted: n, mean, standard deviation (n - 1), smallest and largest of a series of
 * observations, one pass (Welford's method). Starts as {0}. All values are 0 before the first
 * observation.
 */
struct sim_tally {
    uint64_t n;
    double mean;
    double m2; /* sum of squared differences from the mean */
    double min;
    double max;
};

void sim_tally_add(struct sim_tally *tally, double value);
double sim_tally_variance(const struct sim_tally *tally);
double sim_tally_sd(const struct sim_tally *tally);

/* Put two tallies together as if all observations had gone into the first (Chan et al.). */
void sim_tally_merge(struct sim_tally *into, const struct sim_tally *other);

/*
 * Time-weighted: a level that changes at instants (buffers in use, a queue's length). The integral
 * is exact, in units times nanoseconds. Starts with sim_level_init(); the owner calls
 * sim_level_set() at every change.
 */
struct sim_level {
    int64_t value;
    sim_time since;
    sim_int128 integral; /* up to `since` */
    int64_t max;         /* since the last sim_level_mark() */
};

void sim_level_init(struct sim_level *level, int64_t value, sim_time now);

static inline void sim_level_set(struct sim_level *level, int64_t value, sim_time now)
{
    level->integral += (sim_int128)level->value * (now - level->since);
    level->since = now;
    level->value = value;
    if (value > level->max) {
        level->max = value;
    }
}

/* The integral up to `now`, which must not be before the last change. */
sim_int128 sim_level_integral(const struct sim_level *level, sim_time now);

/* Forget the maximum so far; the present value stays. */
void sim_level_mark(struct sim_level *level);

/* (later - earlier) / elapsed as a double; 0 when no time has passed. */
double sim_level_mean(sim_int128 earlier, sim_int128 later, sim_time elapsed);

#endif
