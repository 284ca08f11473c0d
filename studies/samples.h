#ifndef STUDIES_SAMPLES_H
#define STUDIES_SAMPLES_H
/*
 * What becomes of the samples of a run: they are streamed to series.csv, and only running
 * statistics are kept for summary.csv, so memory does not grow with simulated time.
 *
 * The definitions are those of the recordings. Samples from the warm-up on count. Counters become
 * rates per second between two samples, under the name `<metric>.rate`. Beside the rows of each
 * subtask there is a row `all` per vertex: at each instant the sum of the rates, or the mean over
 * the subtasks of anything else. `latencyMs.*` is streamed only; its rows in the summary come from
 * all records of the window (studies/result.h).
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/error.h"
#include "sim/recorder.h"
#include "sim/stats.h"
#include "sim/time.h"
#include "studies/windows.h"

struct study_samples;

/*
 * For a run whose samples are `interval` apart, and whose windows are these. `out` gets series.csv
 * with its header, or is NULL: then nothing is written. The file stays the caller's. The caller
 * owns the result.
 */
struct study_samples *study_samples_create(sim_time interval, const struct study_windows *windows,
                                           FILE *out);
void study_samples_destroy(struct study_samples *samples);

/* The sink of the recorder (sim/recorder.h); `arg` is the samples. */
bool study_samples_add(void *arg, sim_time now, uint32_t series, double value);

/* Learn the names of the series; after all have been added, before the run starts. */
void study_samples_bind(struct study_samples *samples, const struct sim_recorder *recorder);

/* The errno value of the write that failed, or 0. */
int study_samples_error(const struct study_samples *samples);

/* One row of the summary. */
struct study_row {
    const char *vertex;
    uint32_t subtask;
    bool is_all; /* of the whole vertex; `subtask` means nothing */
    const char *metric;
    bool is_rate; /* the name is followed by ".rate" */
    struct sim_tally tally;
};

/* Before the rows are asked for: they are of the windows from this one on, not from the first. */
void study_samples_cut(struct study_samples *samples, uint32_t first);

/*
 * After the run: the rows with at least one observation, first of every subtask, then of every
 * vertex, each sorted by vertex, subtask and metric. Borrowed; valid until the samples are
 * destroyed.
 */
const struct study_row *study_samples_rows(struct study_samples *samples, size_t *count);

#endif
