#ifndef STUDIES_WARMUP_H
#define STUDIES_WARMUP_H
/*
 * Where the warm-up of a run ends, by MSER-5 (White 1997; White, Cobb, Spratt 2000): of all places
 * to cut, the one after which the mean of the rest has the smallest standard error. And whether the
 * load settles at all.
 *
 * A run is looked at so many times, however long it is: at the sinks' records per second, the mean
 * latency of their records, and the lag of the sources. Five looks are a batch of MSER-5 and a
 * window of the run (studies/windows.h), so a cut falls between two windows, and what is after it
 * is summed up without running again.
 */
#include <stdbool.h>
#include <stddef.h>

#include "models/world.h"
#include "studies/windows.h"

/* What is put together before the cut is looked for. */
#define STUDY_MSER_BATCH 5

/* Batches are not cut down to fewer than this: the standard error of so few means nothing. */
#define STUDY_MSER_LEAST 10

/* Windows of a whole run. Those of its second half are one: a cut beyond half is not taken. */
#define STUDY_WINDOWS 100

/* What a run after its warm-up is divided into, to see whether batches depend on each other. */
#define STUDY_BATCHES 20

/* The correlation of each of STUDY_BATCHES batch means with the next; 0 where nothing varies, or
 * there are fewer observations than batches. */
double study_batch_correlation(const double *values, size_t count);

/*
 * How many of `count` observations to leave out: a multiple of STUDY_MSER_BATCH. False when there
 * are too few (under 2 x STUDY_MSER_LEAST batches), or when the best cut is beyond half: then
 * *cut is where it would be.
 */
bool study_mser5(const double *values, size_t count, size_t *cut);

struct study_warmup {
    bool is_sought;      /* the scenario says none: MSER-5 looked for it */
    bool is_found;       /* is_sought: within the first half; else `cut` is 0 */
    sim_time cut;        /* the warm-up */
    sim_time beyond;     /* is_sought, !is_found: where it would cut */
    bool has_growth;     /* the load never settles: */
    double growth_per_s; /* the sources' lag grows by so many records per second */
    double lag;          /* records that were due and not emitted, at the end */
    double correlation;  /* study_batch_correlation() after the warm-up: the larger of records per
                            second and latency */
};

/* Whether MSER-5 is to look for the warm-up: it is not given, and something may be left out. */
bool study_warmup_is_sought(const struct net_run_spec *run);

/* The windows of a run of that length whose warm-up is sought; one, from `run->warmup` on, when it
 * is too short to be divided. */
struct study_windows study_warmup_windows(const struct net_run_spec *run);

struct study_settling;

/* For a run of `spec`, which is borrowed. The caller owns the result. */
struct study_settling *study_settling_create(const struct net_spec *spec);
void study_settling_destroy(struct study_settling *settling);

/* When to look next; SIM_TIME_MAX: never again. */
sim_time study_settling_next(const struct study_settling *settling);

/* Look, at that time. */
void study_settling_look(struct study_settling *settling, const struct net_world *world);

/* net_world_mark() was called. */
void study_settling_mark(struct study_settling *settling);

/* After the run. */
void study_settling_judge(const struct study_settling *settling, bool is_sought,
                          struct study_warmup *warmup);

#endif
