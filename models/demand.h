#ifndef MODELS_DEMAND_H
#define MODELS_DEMAND_H
/*
 * What a job demands of every task manager's global pool, before anything runs (rules SIZ-1, SIZ-6,
 * SIZ-8).
 *
 * A job starts if on every task manager the guaranteed buffers of all pools and the exclusive
 * buffers of all remote channels fit into its segments. If they do not, the first request that
 * cannot be met, in the order in which Flink makes them, gives the text that Flink fails with.
 */
#include <stdbool.h>
#include <stdint.h>

#include "models/memory.h"
#include "models/spec.h"
#include "models/topology.h"
#include "sim/arena.h"
#include "sim/error.h"

/* The pool of one result partition or of one input gate. */
struct net_pool_demand {
    uint32_t vertex;
    uint32_t subtask;
    uint32_t edge;
    bool is_input;
    uint32_t taskmanager;
    uint32_t channels;        /* or subpartitions */
    uint32_t remote_channels; /* of a gate; 0 for a partition */
    int64_t required;         /* guaranteed to the pool */
    int64_t max;              /* of the pool */
    int64_t exclusive;        /* of each remote channel */
    int64_t overdraft;        /* on top, if there is anything */
};

/* Sums over a task manager (SIZ-8). */
struct net_taskmanager_demand {
    uint32_t subtasks;
    uint32_t partitions;
    uint32_t gates;
    uint32_t local_channels;
    uint32_t remote_channels;
    int64_t guaranteed;
    int64_t desired;
    int64_t overdraft;
};

/* The first request that cannot be met. */
struct net_refusal {
    const struct net_pool_demand *pool;
    bool is_exclusive; /* for a channel of the gate; else for the pool itself */
    int64_t required;
    int64_t available;
};

struct net_demand {
    struct net_memory memory; /* of each task manager */
    struct net_placement placement;
    struct net_pool_demand *pools; /* by vertex, subtask; partitions before gates, in edge order */
    uint32_t pool_count;
    struct net_taskmanager_demand *taskmanagers;
    uint32_t taskmanager_count;
    int64_t least_segments; /* with which the job starts: the largest `guaranteed` */
    bool starts;
    struct net_refusal refusal; /* !starts */
};

/*
 * Work out the demand of a job; that it does not start is no failure. Everything lives in the
 * arena. Fails where placement, memory or a gate is refused (see there), or with SIM_ERR_LIMIT when
 * the job is too large.
 */
bool net_demand_make(struct net_demand *demand, const struct net_spec *spec,
                     struct sim_arena *arena, struct sim_err *err);

/* Fill *err with what Flink says (NBP-6), code SIM_ERR_ANSWER; only when the job does not start.
 * Always returns false. */
bool net_demand_refuse(const struct net_demand *demand, struct sim_err *err);

/* One side of an edge as the autoscaler of the Kubernetes operator reckons it, in segments: a
 * vertex of `parallelism`, connected to one of `connected`. */
int64_t net_autoscaler_segments(const struct net_config *config, enum net_partition_kind kind,
                                uint32_t parallelism, uint32_t connected);

/* The network memory, in bytes, that this autoscaler would give a task manager: all inputs and
 * outputs of all vertices, once for every slot. */
int64_t net_autoscaler_bytes(const struct net_spec *spec);

#endif
