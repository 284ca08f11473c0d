#ifndef STUDIES_VALIDATE_H
#define STUDIES_VALIDATE_H
/*
 * A prediction held against a recording: does a simulated job behave as the real one did?
 *
 * A recording is one run of a system with several stable states, so it is compared with the range
 * that several seeds give, never with one run. For every metric the error is the distance of the
 * recording's mean from that range, and it must not exceed a tolerance (studies/validate_rules.h).
 * docs/validation.md tells users what it means.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/spec.h"
#include "sim/error.h"
#include "studies/recording.h"
#include "studies/run.h"

#define STUDY_VALIDATE_SEEDS 8u /* by default */
#define STUDY_VALIDATE_MAX_SEEDS 1000u
#define STUDY_VALIDATE_ENOUGH 0.95 /* share of the metrics of a case, and of the cases */

enum study_verdict {
    STUDY_VERDICT_WITHIN,
    STUDY_VERDICT_OUTSIDE,
    STUDY_VERDICT_SKIPPED, /* not compared; `rule` says why */
};

/* One metric of one vertex. */
struct study_check {
    const char *vertex;
    const char *metric;
    enum study_verdict verdict;
    const char *rule; /* where the tolerance comes from, or why there is none */
    double recorded;
    bool is_simulated; /* the runs have this metric; else the next three are 0 */
    double mean;       /* over the seeds, as the smallest and the largest */
    double least;
    double most;
    double error; /* distance of `recorded` from [least, most] */
    double tolerance;
    bool has_spread; /* the same job was recorded several times */
    double spread;   /* standard deviation of its runs' means */
};

/* One metric of one vertex over time, as a mean over its subtasks. */
struct study_track {
    const char *vertex;
    const char *metric;
    size_t recorded_count;
    double *recorded_seconds;
    double *recorded;
    size_t simulated_count; /* instants; the same for every seed */
    double *simulated_seconds;
    double *simulated; /* of seed s at instant i: [i * seeds + s] */
    double *median;    /* over the seeds, of every instant */
};

struct study_validation {
    struct sim_arena *arena; /* owns all below */
    const char *name;
    uint32_t seeds;
    uint64_t first_seed;
    struct study_check *checks; /* in the order of the recording */
    size_t check_count;
    size_t compared; /* checks with a verdict */
    size_t within;
    struct study_track *tracks;
    size_t track_count;
    double seconds; /* simulated, of all runs together */
};

struct study_validate_params {
    const struct net_spec *spec; /* borrowed */
    const struct study_recording *recording;
    uint32_t seeds;   /* 1 to STUDY_VALIDATE_MAX_SEEDS; run.seed and those after it */
    uint32_t threads; /* at least 1; the result does not depend on it */
    study_progress_fn
        progress; /* or NULL; `now` is summed up over all runs (studies/replicate.h) */
    void *progress_arg;
};

/*
 * Run the scenario with each seed and compare. False when recording and scenario do not belong
 * together (a vertex is missing) or a run cannot be made, and without a word in *err when progress
 * said stop; *validation is untouched then. That
 * something is out of tolerance is no failure but a result. The caller ends it by
 * study_validation_finish().
 */
bool study_validate(struct study_validation *validation, const struct study_validate_params *params,
                    struct sim_err *err);
void study_validation_finish(struct study_validation *validation);

/* Whether at least STUDY_VALIDATE_ENOUGH of its metrics are within their tolerances. */
bool study_validation_holds(const struct study_validation *validation);

/* "within", "outside", "not compared" */
const char *study_verdict_name(enum study_verdict verdict);

#endif
