#ifndef SCENARIOS_TRACE_H
#define SCENARIOS_TRACE_H
/*
 * Recorded rates: a CSV file with a time in seconds and a rate in every line.
 */
#include <stdbool.h>
#include <stddef.h>

#include "scenarios/reader/value.h"
#include "sim/time.h"

/* Rows of the traces of a scenario: as many as can be written out with it. */
#define SCN_MAX_TRACE 15000

/* The rate from each time on; times ascend and begin at 0. The arrays live in the arena. */
struct scn_trace {
    sim_time *times;
    double *rates; /* per second */
    size_t count;  /* at least one */
};

/*
 * Read the file that `file` names: two columns, an optional heading, comments after '#', empty
 * lines. Times count from the first one. False, with a mistake reported, when it is no such file.
 */
bool scn_read_trace(struct scn_reading *reading, const struct scn_node *file,
                    struct scn_trace *trace);

#endif
