#ifndef STUDIES_WARMUP_H
#define STUDIES_WARMUP_H
/*
 * Where the warm-up of a run ends, by MSER-5 (White 1997; White, Cobb, Spratt 2000): of all places
 * to cut, the one after which the mean of the rest has the smallest standard error.
 *
 * A run without a cut is watched through a bounded number of windows: the sinks' records per second
 * and the mean latency of their records. The later of the two cuts counts. The runs that are
 * reported begin their totals there.
 */
#include <stdbool.h>
#include <stddef.h>

#include "sim/error.h"
#include "studies/run.h"

/* Observations of a run that are kept at most; beyond, neighbours are put together. */
#define STUDY_WINDOWS 2000

/* What is put together before the cut is looked for. */
#define STUDY_MSER_BATCH 5

/* Batches are not cut down to fewer than this: the standard error of so few means nothing. */
#define STUDY_MSER_LEAST 10

/*
 * How many of `count` observations to leave out: a multiple of STUDY_MSER_BATCH. False when there
 * are too few (under 2 x STUDY_MSER_LEAST batches), or when the best cut is beyond half: then
 * *cut is where it would be.
 */
bool study_mser5(const double *values, size_t count, size_t *cut);

struct study_warmup {
    sim_time cut;        /* the warm-up */
    bool is_found;       /* false: MSER-5 finds no cut within the first half; `cut` is 0 */
    sim_time beyond;     /* !is_found: where it would cut */
    bool has_growth;     /* the load never settles: */
    double growth_per_s; /* the sources' lag grows by so many records per second */
    double lag;          /* records that were due and not emitted, at the end */
};

/*
 * Run `params` once without a warm-up, write nothing, and find it. A job that cannot start has a
 * warm-up of 0. False when the run failed; SIM_ERR_NONE in *err then means that progress said stop.
 */
bool study_warmup_find(const struct study_run_params *params, struct study_warmup *warmup,
                       struct sim_err *err);

#endif
