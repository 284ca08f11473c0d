#ifndef STUDIES_RUN_H
#define STUDIES_RUN_H
/*
 * One run of one scenario: builds the world, runs it through warm-up and window, streams its
 * samples into a result folder and keeps what the report needs.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/spec.h"
#include "sim/error.h"
#include "sim/recorder.h"
#include "studies/checkpoints.h"
#include "studies/folder.h"
#include "studies/outcome.h"
#include "studies/samples.h"
#include "studies/warmup.h"

struct study_run;

/* Told now and then, some ten times a second; false stops the run. */
typedef bool (*study_progress_fn)(void *arg, sim_time now, uint64_t events);

/* Told every sample; what it does must not depend on other runs. */
typedef void (*study_watch_fn)(void *arg, const struct sim_series *series, sim_time now,
                               double value);

struct study_run_params {
    const struct net_spec *spec; /* borrowed, must outlive the run */
    uint64_t seed;
    uint64_t replication;
    bool has_audits;
    bool per_record;             /* see models/world.h */
    bool seeks_warmup;           /* where study_warmup_is_sought(): study_run_cut() then says it */
    bool wants_channels;         /* channels.csv even where the scenario does not ask for it */
    struct study_folder *folder; /* gets series.csv and channels.csv; NULL: nothing is written */
    study_progress_fn progress;  /* or NULL */
    void *progress_arg;
    study_watch_fn watch; /* or NULL */
    void *watch_arg;
};

/*
 * Build the world. NULL when it is too large, or a file cannot be written. A job that Flink could
 * not start is no failure but an outcome (STUDY_STOP_REFUSED), and running it does nothing. The
 * caller owns the result.
 */
struct study_run *study_run_create(const struct study_run_params *params, struct sim_err *err);
void study_run_destroy(struct study_run *run);

/*
 * Run to the end of the scenario, or until progress says stop; once. False when a file could not be
 * written. The trajectory depends on the specification and the seed alone, not on progress, files
 * or channels.
 */
bool study_run_go(struct study_run *run, struct sim_err *err);

/* What was seen of the warm-up: after study_run_go(). */
const struct study_warmup *study_run_warmup(const struct study_run *run);

/*
 * After study_run_go() of a run that sought its warm-up, once: leave out what was before `from`, or
 * up to half of the run more, where no window begins just there. Without it nothing below is known.
 * A run that did not seek it needs no cut and must not have one.
 */
void study_run_cut(struct study_run *run, sim_time from);

/* What came out; valid until the run is destroyed. */
const struct study_outcome *study_run_outcome(const struct study_run *run);

/* Rows of summary.csv, as study_samples_rows(). */
const struct study_row *study_run_rows(const struct study_run *run, size_t *count);

/* Whether the scenario asks for checkpoints, and what they were like. */
bool study_run_has_checkpoints(const struct study_run *run);
const struct study_checkpoints *study_run_checkpoints(const struct study_run *run);

/* The recorder, for the exact averages; NULL when the job could not start. */
const struct sim_recorder *study_run_recorder(const struct study_run *run);

#endif
