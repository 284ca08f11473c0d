#ifndef SIM_RECORDER_H
#define SIM_RECORDER_H
/*
 * The recorder: samples series at a fixed interval and hands them to a sink; it opens no file and
 * keeps no samples.
 *
 * A series is a number that a model can tell at any time, named (group, member, metric), e.g.
 * ("sink", 3, "outPoolUsage"). Beside its instantaneous value it may have an exact integral over
 * time; then the recorder also tells the exact time average between two instants, which no sampling
 * can miss.
 */
#include <stdbool.h>
#include <stdint.h>

#include "sim/compiler.h"
#include "sim/sim.h"
#include "sim/time.h"

struct sim_recorder;

/* The value of a series at `now`. Return false when there is none at this moment (no row is
 * written). */
typedef bool (*sim_probe_fn)(void *owner, uint32_t what, sim_time now, double *value);

/* The exact integral of a series over time up to `now`, in units times nanoseconds. */
typedef sim_int128 (*sim_integral_fn)(void *owner, uint32_t what, sim_time now);

struct sim_series {
    const char *group; /* borrowed */
    uint32_t member;
    const char *metric; /* borrowed */
    bool is_counter;    /* grows for ever; its rate is what matters */
    uint32_t every;     /* sampled at every `every`-th instant; 1: at all */
    sim_probe_fn probe;
    sim_integral_fn integral; /* or NULL */
    void *owner;
    uint32_t what; /* handed to the functions */
};

/* One sample. `series` counts from 0 in the order of sim_recorder_add(). Return false to stop the
 * run (a full disk). */
typedef bool (*sim_sink_fn)(void *arg, sim_time now, uint32_t series, double value);

/*
 * A recorder of the run `sim` that samples at 0, interval, 2 x interval, ... as events of the given
 * rank. The caller owns it; it must be destroyed before the run.
 */
struct sim_recorder *sim_recorder_create(struct sim *sim, sim_time interval, uint32_t rank,
                                         sim_sink_fn sink, void *arg);
void sim_recorder_destroy(struct sim_recorder *recorder);

/* Add a series; returns its index. Only before the run starts. */
uint32_t sim_recorder_add(struct sim_recorder *recorder, const struct sim_series *series);
uint32_t sim_recorder_count(const struct sim_recorder *recorder);
const struct sim_series *sim_recorder_series(const struct sim_recorder *recorder, uint32_t index);

/* Begin sampling at the present time. */
void sim_recorder_start(struct sim_recorder *recorder);

/* Remember the integrals of all series now: the window of the exact averages begins here, unless
 * sim_recorder_cut() says another mark. */
void sim_recorder_mark(struct sim_recorder *recorder);

/* The window begins at this mark, counted from 0; there must be one. */
void sim_recorder_cut(struct sim_recorder *recorder, uint32_t mark);

/* The exact time average of a series over the window, up to now. False when it has no integral or
 * no time has passed. */
bool sim_recorder_average(const struct sim_recorder *recorder, uint32_t series, double *average);

/* Whether the sink asked to stop. */
bool sim_recorder_failed(const struct sim_recorder *recorder);

#endif
