#ifndef STUDIES_REPLICATE_H
#define STUDIES_REPLICATE_H
/*
 * Many runs on several threads, with results that do not depend on how many.
 *
 * A run is a pure function of specification, seed and replication. Threads take the next item
 * whenever they are free; what a run gave is handed over in the order of the items, one at a time,
 * by whichever thread is at hand. So sums are formed in the same order and a decision to stop falls
 * at the same item, whoever ran what.
 */
#include <stdbool.h>
#include <stdint.h>

#include "sim/error.h"
#include "studies/run.h"

/* Runs that are under way or over and wait for their turn, in items per thread: bounds the memory
 * that is held when one run takes much longer than those after it. */
#define STUDY_AHEAD 2

/*
 * An item's run is over (study_run_go() was called). The run becomes the callee's. False: no more
 * items are wanted; those that were begun meanwhile are thrown away. Calls never overlap.
 */
typedef bool (*study_take_fn)(void *arg, uint64_t item, struct study_run *run);

/* What run an item is: fill in *params, which has been zeroed. Called from any thread; must not
 * change anything. `progress` is overwritten. */
typedef void (*study_item_fn)(void *arg, uint64_t item, struct study_run_params *params);

struct study_replicate_params {
    uint64_t items; /* at most */
    uint32_t jobs;  /* threads, the caller's included; at least 1 */
    study_item_fn describe;
    study_take_fn take;
    void *arg; /* of both */
    study_progress_fn
        progress; /* or NULL; `now` is summed up over all runs. Calls never overlap. */
    void *progress_arg;
};

/*
 * Run the items until all are done, take says enough, or progress says stop: then
 * *was_interrupted, and what was taken stands. False when a run failed; then the first failure in
 * the order of the items is told.
 */
bool study_replicate(const struct study_replicate_params *params, bool *was_interrupted,
                     struct sim_err *err);

/* How many processors there are; at least 1. */
uint32_t study_processors(void);

#endif
