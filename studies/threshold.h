#ifndef STUDIES_THRESHOLD_H
#define STUDIES_THRESHOLD_H
/*
 * The thresholds of a scenario, held against what came out.
 *
 * Over several replications a threshold is decided only where it lies outside of the interval of
 * the mean: inside, the data do not tell.
 */
#include <stdbool.h>
#include <stdint.h>

#include "sim/arena.h"
#include "studies/compare.h"

enum study_threshold_verdict {
    STUDY_THRESHOLD_KEPT,
    STUDY_THRESHOLD_BROKEN,
    STUDY_THRESHOLD_NOT_DECIDED, /* inside the interval, or nothing was measured */
    STUDY_THRESHOLD_UNSETTLED,   /* the load grows without end, and no average means anything */
};

struct study_threshold {
    const char *metric;
    uint32_t measure;
    enum study_unit unit;
    bool is_least;    /* else it is a highest value */
    double limit;     /* in the measure's unit */
    const char *text; /* the limit as written */
    struct sim_interval interval;
    enum study_threshold_verdict verdict;
};

struct study_thresholds {
    struct study_threshold *list; /* one for each limit of each entry */
    uint32_t count;
    struct sim_err *mistakes; /* in those that are not in the list, each with its place */
    uint32_t mistake_count;
};

/*
 * Read the thresholds of `spec`: metrics must exist, limits must be of the metric's unit (a rate, a
 * duration, a percentage or a share, a size, a number). False when there is a mistake; then
 * thresholds->mistakes has them all. Everything lives in the arena.
 */
bool study_thresholds_read(struct study_thresholds *thresholds, const struct net_spec *spec,
                           struct sim_arena *arena);

/* Judge them by configuration `config`. */
void study_thresholds_judge(struct study_thresholds *thresholds,
                            const struct study_compare *compare, uint32_t config);

/* Whether one is broken; a load that never settles breaks them all. */
bool study_thresholds_are_broken(const struct study_thresholds *thresholds);

/* "kept", "broken", "not decided", "never settles". */
const char *study_threshold_verdict_name(enum study_threshold_verdict verdict);

#endif
