#ifndef STUDIES_RECORDING_H
#define STUDIES_RECORDING_H
/*
 * What a real job did: the folder that a recording of Flink leaves, read strictly.
 *
 * series.csv must be there, or error.txt of a job that failed; summary.csv, placement.csv,
 * checkpoints.csv, channels.csv, spread.csv and error.txt may be absent. docs/validation.md says
 * what stands in each. A mistake is told with file and line; whatever the bytes are, reading ends
 * with a recording or an error, within the limits below.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/error.h"

/* Limits, checked before memory is taken. */
#define STUDY_RECORDING_MAX_ROWS 20000000u   /* of each table, and samples of series.csv */
#define STUDY_RECORDING_MAX_NAMES 100000u    /* different vertices, metrics and pool columns */
#define STUDY_RECORDING_MAX_NAME 500u        /* bytes of one */
#define STUDY_RECORDING_MAX_ERROR (1u << 20) /* bytes of error.txt */

/* A row of summary.csv. */
struct study_recorded_row {
    const char *vertex;
    const char *metric; /* with ".rate" where it is one */
    uint32_t subtask;
    bool is_all; /* of the whole vertex; `subtask` is 0 */
    uint64_t n;
    double mean;
    double sd;
    double min;
    double max;
};

/* A row of spread.csv: the means of several runs of the same job. */
struct study_recorded_spread {
    const char *vertex;
    const char *metric;
    uint32_t subtask;
    bool is_all;
    uint32_t runs;
    double mean;
    double sd;
    double min;
    double max;
};

/* All samples of one metric of one subtask, times ascending. */
struct study_recorded_series {
    const char *vertex;
    const char *metric;
    uint32_t subtask;
    uint32_t count;
    uint32_t capacity;
    double *seconds;
    double *values;
};

/* Sizes of a pool at the end of the run. */
struct study_recorded_pool {
    uint32_t required;
    uint32_t current;
    uint32_t max;
};

/* A row of placement.csv: where a subtask ran. */
struct study_recorded_task {
    const char *vertex;
    uint32_t subtask;
    uint32_t taskmanager;
    uint32_t remote_inputs;
    uint32_t local_inputs;
    uint32_t output_count;
    uint32_t input_count;
    struct study_recorded_pool *outputs; /* one a result partition */
    struct study_recorded_pool *inputs;  /* the floating pool of each gate */
};

/* A row of checkpoints.csv. */
struct study_recorded_checkpoint {
    uint32_t id;
    double seconds; /* trigger time */
    const char *vertex;
    const char *metric;
    uint32_t subtask;
    bool is_job; /* vertex "job": of the checkpoint as a whole; `subtask` is 0 */
    double value;
};

/* A row of channels.csv: buffers queued in one channel. */
struct study_recorded_channel {
    double seconds;
    const char *vertex;
    uint32_t subtask;
    bool is_input;
    uint32_t edge;
    uint32_t channel;
    uint32_t queued;
};

struct study_recording {
    struct study_recorded_row *rows;
    size_t row_count;
    struct study_recorded_series *series; /* in the order of their first samples */
    size_t series_count;
    struct study_recorded_task *tasks;
    size_t task_count;
    struct study_recorded_checkpoint *checkpoints;
    size_t checkpoint_count;
    struct study_recorded_channel *channels;
    size_t channel_count;
    struct study_recorded_spread *spreads;
    size_t spread_count;
    char *error;                         /* text of error.txt; NULL when there is none */
    struct study_recording_index *index; /* of the series and names */
};

/* Read the folder. False on failure, with file and line; *recording is untouched then. The caller
 * ends it by study_recording_finish(). */
bool study_recording_read(struct study_recording *recording, const char *directory,
                          struct sim_err *err);
void study_recording_finish(struct study_recording *recording);

/*
 * Add the rows `all` that summary.csv would have, from the samples from `warmup_s` seconds on; for
 * a recording without that file. Of latencies only the mean, unweighted, can be told.
 */
void study_recording_summarise(struct study_recording *recording, double warmup_s);

/* The samples of a metric of a subtask; NULL when there are none. */
const struct study_recorded_series *study_recording_series(const struct study_recording *recording,
                                                           const char *vertex, uint32_t subtask,
                                                           const char *metric);

/* The row `all` of a vertex; NULL when there is none. */
const struct study_recorded_row *study_recording_row(const struct study_recording *recording,
                                                     const char *vertex, const char *metric);

/* The spread of the row `all` of a vertex; NULL when there is none. */
const struct study_recorded_spread *study_recording_spread(const struct study_recording *recording,
                                                           const char *vertex, const char *metric);

#endif
