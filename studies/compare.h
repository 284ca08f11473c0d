#ifndef STUDIES_COMPARE_H
#define STUDIES_COMPARE_H
/*
 * Configurations run as often as it takes, and held against each other.
 *
 * Replication r of every configuration has the same seed and replication, so it meets the same
 * random numbers wherever the streams have the same names: the same load, the same service times.
 * Differences are therefore taken pair by pair, and most of the noise cancels. One configuration
 * alone is the case without a comparison.
 *
 * Where no warm-up is given it is found in replication 0 (studies/warmup.h), and left out of every
 * replication; of several configurations the longest, so that all are measured over the same time.
 */
#include <stdbool.h>
#include <stdint.h>

#include "models/spec.h"
#include "sim/arena.h"
#include "sim/error.h"
#include "sim/interval.h"
#include "sim/text.h"
#include "studies/folder.h"
#include "studies/measures.h"
#include "studies/replicated.h"
#include "studies/run.h"

/* With a precision asked for: at least and, unless told otherwise, at most this many. */
#define STUDY_LEAST_REPLICATIONS 10
#define STUDY_BUDGET 100

/* One configuration. The caller sets what is above the line. */
struct study_config {
    const char *label;
    const char *const *settings; /* what makes it different, "PATH=VALUE" each; borrowed */
    size_t setting_count;
    const struct net_spec *spec;
    struct study_folder *folder; /* gets the series of replication 0; NULL: none */
    /* ---- */
    struct study_measures measures;
    double *values;               /* replication x measures.count + measure; NAN: none */
    struct study_run *first;      /* replication 0 */
    struct study_warmup warmup;   /* as seen in it */
    sim_time cut;                 /* where its warm-up was sought: what is left out of each run */
    struct study_replicated *all; /* rows of summary.csv */
};

/* A half-width that is asked for, as a part of the mean. */
struct study_target {
    char name[256]; /* of a measure; of every configuration */
    double relative;
};

/* Why there are no more replications. */
enum study_enough {
    STUDY_ENOUGH_COUNT,     /* as many as asked for */
    STUDY_ENOUGH_PRECISION, /* every half-width that was asked for is reached */
    STUDY_ENOUGH_BUDGET,    /* they are not, and the budget is used up */
    STUDY_ENOUGH_REFUSED,   /* none of the jobs can start */
    STUDY_ENOUGH_UNSETTLED, /* nor has any of those that can a load that settles */
    STUDY_ENOUGH_INTERRUPTED,
};

struct study_compare {
    struct study_config *configs;
    uint32_t config_count;
    uint64_t seed;
    uint32_t replications; /* at most */
    const struct study_target *targets;
    uint32_t target_count; /* 0: exactly `replications` */
    uint32_t jobs;
    bool has_audits;
    bool per_record; /* see models/world.h */
    bool wants_channels;
    study_progress_fn progress; /* or NULL */
    void *progress_arg;
    /* ---- */
    uint32_t done;        /* replications of every configuration */
    uint64_t record_hops; /* of all runs that were taken (struct study_outcome) */
    enum study_enough enough;
    struct sim_arena *arena;
};

/*
 * Run. False when a run failed. Either way the caller calls study_compare_finish(). The result does
 * not depend on `jobs`.
 */
bool study_compare_run(struct study_compare *compare, struct sim_err *err);
void study_compare_finish(struct study_compare *compare);

/* Where a configuration's numbers begin. */
sim_time study_compare_cut(const struct study_compare *compare, uint32_t config);

/* Whether the job of a configuration could not start. */
bool study_compare_is_refused(const struct study_compare *compare, uint32_t config);

/* Whether its load grows without end: its averages would mean nothing, and there are none. */
bool study_compare_is_unsettled(const struct study_compare *compare, uint32_t config);

/* Whether it has averages: it could start, and its load settles. */
bool study_compare_is_measured(const struct study_compare *compare, uint32_t config);

/* What a measure of a configuration was; n is the number of replications that had one. */
struct sim_interval study_compare_interval(const struct study_compare *compare, uint32_t config,
                                           uint32_t measure, double level);

enum study_difference_kind {
    STUDY_DIFFERENCE_NONE,   /* fewer than two pairs */
    STUDY_DIFFERENCE_SAME,   /* equal in every pair */
    STUDY_DIFFERENCE_OPEN,   /* the interval covers 0: no difference shown */
    STUDY_DIFFERENCE_LOWER,  /* the configuration's value is below that of the baseline */
    STUDY_DIFFERENCE_HIGHER, /* above */
};

struct study_difference {
    enum study_unit unit;
    enum study_difference_kind kind;
    struct sim_interval interval; /* configuration - baseline; n pairs */
    double base;                  /* mean of the baseline over the pairs */
    double gain;                  /* sim_interval_gain() */
};

/*
 * Hold a measure of configuration `config` against the same measure (by name) of `baseline`, at a
 * level. A measure that one of them does not have gives STUDY_DIFFERENCE_NONE.
 */
struct study_difference study_compare_difference(const struct study_compare *compare,
                                                 uint32_t baseline, uint32_t config,
                                                 uint32_t measure, double level);

/* The level of each interval of a difference, so that those of all configurations against the
 * baseline, for one measure, hold together with 95 % (Bonferroni). */
double study_compare_level(const struct study_compare *compare);

/* "same", "no difference shown", "lower", "higher", "nothing to compare". */
const char *study_difference_name(enum study_difference_kind kind);

/* How many times the baseline a value is that is too far above it for percent; otherwise 0. */
double study_difference_factor(const struct study_difference *difference);

/* "faster by 12.3 % (11.2 to 13.4, 20 pairs)", "no difference shown (-1.9 to +1.1 %)", ... */
void study_difference_tell(const struct study_difference *difference, struct sim_text *text);

/* "as many as asked for", ... in words. */
const char *study_enough_name(enum study_enough enough);

#endif
