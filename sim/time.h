#ifndef SIM_TIME_H
#define SIM_TIME_H
/*
 * Simulated time: a 64-bit count of nanoseconds since the start of the run. Never a floating-point
 * number, so that sums are exact and a run is the same on every machine. Rates and means leave this
 * type only on the way to a report.
 */
#include <stdint.h>

typedef int64_t sim_time;

#define SIM_NS ((sim_time)1)
#define SIM_US ((sim_time)1000)
#define SIM_MS ((sim_time)1000000)
#define SIM_S ((sim_time)1000000000)

/* Later than every event; the time of what never happens. */
#define SIM_TIME_MAX INT64_MAX

static inline sim_time sim_time_later(sim_time a, sim_time b)
{
    return a > b ? a : b;
}

#endif
