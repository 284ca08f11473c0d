#ifndef MODELS_TOPOLOGY_H
#define MODELS_TOPOLOGY_H
/*
 * Who is connected to whom, and where everything runs.
 *
 * An edge joins s subtasks that produce to t subtasks that consume (SIZ-7). All-to-all edges (hash,
 * rebalance, broadcast, weights) join every pair; pointwise edges (forward, rescale) share the
 * larger side out over the smaller. Every subpartition of a producer belongs to one channel of a
 * consumer. Mirrors VertexInputInfoComputationUtils.
 */
#include <stdbool.h>
#include <stdint.h>

#include "models/spec.h"
#include "sim/arena.h"
#include "sim/error.h"

/* The shape of an edge. */
struct net_shape {
    bool is_pointwise;
    uint32_t producers; /* s, at least 1 */
    uint32_t consumers; /* t, at least 1 */
};

/* One end of a connection. */
struct net_end {
    uint32_t subtask;
    uint32_t index; /* of its subpartition or its channel */
};

struct net_shape net_shape_of(const struct net_spec *spec, const struct net_edge_spec *edge);

/* Subpartitions of the partition of that producer. */
uint32_t net_shape_subpartitions(const struct net_shape *shape, uint32_t producer);

/* Channels of the gate of that consumer. */
uint32_t net_shape_channels(const struct net_shape *shape, uint32_t consumer);

/* The consumer, and its channel, that reads a producer's subpartition. */
struct net_end net_shape_consumer(const struct net_shape *shape, uint32_t producer,
                                  uint32_t subpartition);

/* The producer, and its subpartition, that a consumer's channel reads. */
struct net_end net_shape_producer(const struct net_shape *shape, uint32_t consumer,
                                  uint32_t channel);

/* Channels of a whole job, both ends counted once. */
uint64_t net_count_channels(const struct net_spec *spec);

/* Where every subtask runs. The arrays live in the arena it was made in. */
struct net_placement {
    uint32_t vertex_count;
    uint32_t *first;       /* of each vertex, its first subtask; one more for the end */
    uint32_t *taskmanager; /* of each subtask */
    uint32_t *slot;        /* of each subtask, within its task manager */
};

/*
 * Place every subtask on a slot. With slot sharing a slot takes one subtask of each vertex: subtask
 * i of a vertex goes to the i-th slot of the cluster, or of its own task manager if it has one.
 * Without, every subtask has a slot of its own: first the vertices with a task manager of their own
 * take slots there, then the others fill what is left, in order of the task managers and of the
 * file. Chained vertices share their slots. Fails with SIM_ERR_INPUT and the line of the vertex
 * when slots do not suffice or chained vertices are torn apart.
 */
bool net_placement_make(struct net_placement *placement, const struct net_spec *spec,
                        struct sim_arena *arena, struct sim_err *err);

uint32_t net_placement_taskmanager(const struct net_placement *placement, uint32_t vertex,
                                   uint32_t subtask);

/* Channels of a consumer's gate whose producer runs on another task manager. */
uint32_t net_placement_remote_channels(const struct net_placement *placement,
                                       const struct net_spec *spec,
                                       const struct net_edge_spec *edge, uint32_t consumer);

#endif
