#ifndef STUDIES_OUTCOME_H
#define STUDIES_OUTCOME_H
/*
 * What came out of one run, as numbers: of every subtask, summed up per vertex.
 *
 * It belongs to the window from the warm-up to the end. Everything here is exact (integrals and
 * counts of the model), nothing is sampled.
 */
#include <stdbool.h>
#include <stdint.h>

#include "models/deadlock.h"
#include "models/spec.h"
#include "models/world.h"
#include "sim/histogram.h"
#include "sim/text.h"
#include "sim/time.h"
#include "studies/moments.h"

enum study_stop {
    STUDY_STOP_DURATION,    /* simulated to the end */
    STUDY_STOP_EMPTY,       /* nothing was left to happen */
    STUDY_STOP_RECORDS,     /* the sinks have taken as many as asked for */
    STUDY_STOP_DRAINED,     /* the sources have ended, and all their records were served */
    STUDY_STOP_INTERRUPTED, /* the caller asked to stop */
    STUDY_STOP_OUTPUT,      /* a file could not be written */
    STUDY_STOP_REFUSED,     /* the job could not start */
};

/* Over the subtasks of a vertex. */
struct study_share {
    double mean;
    double max;
};

/* A vertex: rates and buffers are sums over its subtasks, shares of time are between 0 and 1. */
struct study_vertex {
    const char *name;
    uint32_t parallelism;
    double records_in_per_s;
    double records_out_per_s;
    double bytes_out_per_s;
    struct study_share idle;
    struct study_share busy;
    struct study_share soft;
    struct study_share hard;
    struct study_share back_pressured; /* soft and hard */
    uint32_t busiest;                  /* subtask */
    uint64_t emitted_late;
    bool has_output;
    bool has_input;
    double out_usage_mean; /* outPoolUsage: mean over subtasks, and largest */
    double out_usage_max;
    double in_usage_mean;
    double in_usage_max;
    double out_used_mean; /* buffers, of all subtasks */
    double out_size_mean;
    double in_used_mean;
    int64_t in_size;               /* floating and exclusive buffers of its gates at most */
    struct sim_histogram *latency; /* of all its records; empty for a source */
};

struct study_outcome {
    const struct net_spec *spec; /* borrowed */
    uint64_t seed;
    uint64_t replication;
    enum study_stop stop;
    char refusal[1024];   /* STUDY_STOP_REFUSED: Flink's error text */
    sim_time window_from; /* where the totals begin */
    sim_time simulated;   /* where the run ended */
    uint64_t events;
    uint64_t trajectory_hash;
    uint64_t records_in_flight;
    uint64_t record_hops;       /* records served that came over an exchange, since the start */
    uint32_t channels_left_out; /* too many for channels.csv, which was asked for */
    bool has_deadlock;          /* at the end, subtasks waited that can never go on */
    struct net_deadlock deadlock;
    const struct study_moment *moments; /* where the bottleneck was, longest first; borrowed */
    uint32_t moment_count;
    sim_time watched; /* by them in all */
    uint32_t *first; /* of each vertex, the index of its first subtask below; one more at the end */
    struct net_task_totals *tasks; /* of all vertices, one after the other */
    uint32_t *taskmanager_of;      /* of each of them */
    struct study_vertex *vertices;
    struct net_taskmanager_totals *taskmanagers;
    struct sim_text usage_warning; /* what the log of the first one below would say (NBP-13) */
    uint32_t usage_taskmanager;
};

/* An outcome with room for all vertices of the specification, all zero. `spec` is borrowed. */
void study_outcome_init(struct study_outcome *outcome, const struct net_spec *spec);
void study_outcome_finish(struct study_outcome *outcome);

/* Read the totals of a world at `now`, and sum them up. Histograms of the tasks stay the world's.
 */
void study_outcome_read(struct study_outcome *outcome, const struct net_world *world, sim_time now);

/* Sum up what stands in `tasks` into `vertices`. */
void study_outcome_sum(struct study_outcome *outcome);

/* "duration", "interrupted", ... */
const char *study_stop_name(enum study_stop stop);

#endif
