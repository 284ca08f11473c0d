#ifndef PLOTS_SERIES_H
#define PLOTS_SERIES_H
/*
 * The samples of a run (series.csv), folded to what a chart can show.
 *
 * A chart is some hundred pixels wide, and nobody can tell hundreds of lines apart. So time is cut
 * into at most PLT_SERIES_BINS bins, and of each metric of a vertex a bin keeps the mean over its
 * samples and subtasks, the smallest and the largest one: what is left out of a curve is inside its
 * band. Counters become rates per second, summed over the subtasks. The file is read once, row by
 * row; memory grows with the number of subtasks, not with the length of the run.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/error.h"

enum {
    PLT_SERIES_BINS = 600,
    PLT_SERIES_MAX_GROUPS = 2000,     /* vertices and task managers */
    PLT_SERIES_MAX_SUBTASKS = 200000, /* of a vertex */
};

enum plt_metric {
    PLT_RATE_IN, /* records per second, of all subtasks */
    PLT_RATE_OUT,
    PLT_OUT_USAGE, /* 1 is a full pool; more with overdraft */
    PLT_IN_USAGE,
    PLT_BUSY, /* ms per second; exact, or Flink's gauge of 60 s where there is no exact one */
    PLT_SOFT,
    PLT_HARD,
    PLT_IDLE,
    PLT_PRESSED,  /* neither busy nor idle, of the same subtask at the same time */
    PLT_OUT_USED, /* buffers of the pools of a subtask's result partitions */
    PLT_OUT_SIZE,
    PLT_IN_HELD, /* floating buffers that the channels of a subtask hold */
    PLT_IN_SIZE,
    PLT_IN_QUEUE,     /* buffers queued in front of a subtask */
    PLT_IN_EXCLUSIVE, /* share of the exclusive buffers that hold data */
    PLT_IN_FLOATING,
    PLT_TM_USED, /* segments of a task manager */
    PLT_TM_TOTAL,
    PLT_METRICS
};

struct plt_series;

/* Read series.csv at `path`. The caller owns the result; NULL on failure. */
struct plt_series *plt_series_read(const char *path, struct sim_err *err);
void plt_series_destroy(struct plt_series *series);

/* Time of the last sample in seconds. */
double plt_series_end(const struct plt_series *series);

/* Vertices and task managers stand in two lists, each in the order of the file. */
uint32_t plt_series_count(const struct plt_series *series, bool task_managers);
const char *plt_series_name(const struct plt_series *series, bool task_managers, uint32_t index);
bool plt_series_has(const struct plt_series *series, bool task_managers, uint32_t index,
                    enum plt_metric metric);

/*
 * Write the folded samples into the folder `directory`: vertices.tsv and taskmanagers.tsv, a row
 * each, and for row N vertex-N.tsv and taskmanager-N.tsv, a row a bin with the columns t_s and, for
 * every metric, its mean, smallest and largest value (empty where there is none).
 */
bool plt_series_write(const struct plt_series *series, const char *directory, struct sim_err *err);

#endif
