#ifndef STUDIES_VALIDATE_RULES_H
#define STUDIES_VALIDATE_RULES_H
/*
 * How close is close enough: the tolerance of every metric.
 *
 * The table is that of tests/reference/jobs/README.md, "How to compare". It was found by holding a
 * model that follows Flink's rules against recordings, and is the same for all cases.
 */
#include <stdbool.h>

#include "models/spec.h"
#include "studies/recording.h"

/* What tolerances depend on beside the metric itself. */
struct study_rules {
    const struct net_spec *spec;
    const struct study_recording *recording;
    bool is_saturated;       /* some operator is busy all the time */
    bool is_placed;          /* every vertex has a task manager of its own */
    bool has_wide_tails;     /* checkpoints or a fan-out: p99 is less certain */
    double window_s;         /* from the warm-up to the end */
    double *changes_per_s;   /* of each vertex: changes of activity of a subtask; from the runs */
    double *latency_p50;     /* of each vertex, recorded, ms, or the mean without one; 0: none */
    bool *has_split_latency; /* of each vertex: pooled percentiles say little */
};

struct study_tolerance {
    bool is_compared;
    double value;     /* at least 0 */
    const char *rule; /* constant text */
};

/* Look at the recording; `rules` has room for all vertices in its arrays. */
void study_rules_init(struct study_rules *rules);

/* Whether there is a rule for a metric; of the others nothing is said. */
bool study_rules_knows(const char *metric);

/* The tolerance of the row `all` of a metric. `vertex` is an index, or UINT32_MAX for a task
 * manager. */
struct study_tolerance study_rules_tolerance(const struct study_rules *rules, uint32_t vertex,
                                             const char *metric, double recorded);

/* Share of a track's samples that must be within the tolerance of its usage. */
#define STUDY_TRAJECTORY_SHARE 0.95
#define STUDY_TRAJECTORY_TOLERANCE 0.1
#define STUDY_TRAJECTORY_SHIFT_S 0.15

#endif
