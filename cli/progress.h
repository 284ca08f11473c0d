#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H
/*
 * The progress line of a run on a terminal, and what a run has cost.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "cli/interrupt.h"
#include "sim/time.h"

struct cli_progress {
    sim_time duration;
    sim_time simulated; /* as told last */
    uint64_t events;
    int64_t began_ns; /* on the real clock */
    int64_t shown_ns;
    bool is_shown; /* on a terminal */
    bool is_drawn; /* a line stands there now */
    int columns;   /* of that line */
    bool was_interrupted;
    const struct cli_interrupt *interrupt;
};

void cli_progress_begin(struct cli_progress *progress, sim_time duration,
                        const struct cli_interrupt *interrupt);

/* The study's progress callback (studies/run.h): draws the line; false after an interrupt. */
bool cli_progress_tell(void *progress, sim_time now, uint64_t events);

/* Remove the line. */
void cli_progress_end(struct cli_progress *progress);

/* Print to stderr what it took: events, records that came over an exchange (record-hops) and
 * simulated time, each per second of the clock, and the peak memory. */
void cli_progress_cost(const struct cli_progress *progress, uint64_t record_hops);

#endif
