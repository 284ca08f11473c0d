#ifndef MODELS_WORLD_INTERNAL_H
#define MODELS_WORLD_INTERNAL_H
/*
 * The parts of a world, for the files that build it, record it and sum it up.
 */
#include <stddef.h>

#include "models/barriers.h"
#include "models/connection.h"
#include "models/coordinator.h"
#include "models/pause.h"
#include "models/task.h"
#include "models/topology.h"
#include "models/world.h"
#include "sim/arena.h"

/* One task manager. */
struct net_taskmanager {
    struct net_segments segments;
    struct net_nic send; /* its network interface */
    struct net_nic receive;
};

/* One channel, both ends: the other one is found from the consumer's. What lies between them is in
 * arrays of the output, so that a writer and a flusher walk along them. */
struct net_link_end {
    struct net_channel *channel;
};

static inline struct net_flow *net_link_end_flow(const struct net_link_end *link)
{
    return link->channel->flow;
}

static inline struct net_subpartition *net_link_end_sub(const struct net_link_end *link)
{
    return link->channel->is_remote ? link->channel->reader->sub : link->channel->sub;
}

/* The producer's. */
static inline struct net_output *net_link_end_output(const struct net_link_end *link)
{
    uintptr_t group = (uintptr_t)net_link_end_sub(link)->group;
    return (struct net_output *)(group - offsetof(struct net_output, partition.group));
}

/* What a task's counters stood at when a window began. */
struct net_task_mark {
    sim_time activity[NET_ACTIVITIES];
    uint64_t changes;
    uint64_t records_in;
    uint64_t records_out;
    uint64_t buffers_in;
    uint64_t bytes_in;
    uint64_t buffers_out;
    uint64_t bytes_out;
    sim_time blocked[4];
    sim_time waited_for_credit;
    sim_time waited_for_link;
    sim_int128 out_used;
    sim_int128 out_size;
    sim_int128 in_used;
    sim_int128 in_size;
};

/* An instant from which totals may be counted, and what was from there to the next one, where that
 * cannot be told from counters that only grow. */
struct net_world_mark {
    sim_time at;
    struct net_task_mark *tasks;
    struct sim_histogram_extract **latencies; /* of each task; NULL before the next mark */
    int64_t *peaks; /* of each level (first_level of its task on); NULL before the next mark */
};

/* What the series of a task remember from one sample to the next. */
struct net_task_samples {
    sim_time activity[NET_ACTIVITIES];
    sim_time at[NET_ACTIVITIES];
};

struct net_connections; /* world_build.c: pair of task managers -> connection */

struct net_world {
    struct sim *sim;
    const struct net_spec *spec;
    struct net_world_params params;
    struct sim_arena *arena;
    struct net_placement placement;
    struct net_taskmanager *taskmanagers;
    struct net_task *tasks; /* of all vertices, in the order of placement.first */
    uint32_t task_count;
    struct net_link_end *links; /* every channel */
    struct net_flow_store flows;
    uint32_t link_count;
    struct net_connection **connections;
    struct net_pause *pauses;
    int64_t *balance; /* scratch of the audit, per vertex */
    uint32_t connection_count;
    struct sim_dist *keys; /* of each vertex; of sources only */
    struct net_world_mark *marks;
    uint32_t mark_count;
    uint32_t mark; /* where the window begins */
    bool is_cut;
    uint32_t *first_level; /* of each task: its outputs, then its gates; and one more */
    int64_t *peaks;        /* of each level, from `mark` to the last one, once it is cut */
    struct net_task_samples *samples;
    struct net_coordinator coordinator; /* with checkpoints */
    enum net_stop stop;
    uint64_t events_unlooked; /* before the sinks can have taken enough records */
    uint32_t link_in_use;     /* that held records at the last look, and a task that was at work */
    uint32_t task_in_use;
    struct net_state_writer *writers; /* with checkpoints; room for one a task */
    uint32_t writer_count;
    sim_event gauge_update;
    uint64_t next_entity;
};

static inline struct net_task *net_world_task(const struct net_world *world, uint32_t vertex,
                                              uint32_t subtask)
{
    return &world->tasks[world->placement.first[vertex] + subtask];
}

static inline bool net_world_has_checkpoints(const struct net_world *world)
{
    return world->spec->config.checkpoint_interval > 0 || world->spec->run.checkpoint_count > 0;
}

/* world_build.c: everything that net_world_create() makes after the placement. */
bool net_world_build(struct net_world *world, struct sim_err *err);

/* Do what tasks put off (models/span.h): before their records are counted. */
void net_world_catch_up(const struct net_world *world);

/* world_end.c: whether the run is to stop for something; and after every event, look. */
bool net_world_has_end(const struct net_world *world);
void net_world_look_for_end(struct net_world *world);
/* world_checkpoints.c: what a job with checkpoints has beside its tasks. */
void net_world_create_checkpoints(struct net_world *world);
void net_world_finish_checkpoints(struct net_world *world);

/* world_open.c: the event loops' own random delays. */
void net_world_seed_handovers(const struct net_world *world, struct net_connection *connection);

/* world_open.c: the readers of every connection are attached when it is up (SIM-5). */
void net_world_open_connections(struct net_world *world);

/* world_totals.c: number the levels whose largest values are told. */
void net_world_count_levels(struct net_world *world);
void net_world_finish_marks(struct net_world *world);

/* world_totals.c: the counters of a task as they stand now. */
void net_task_take_mark(const struct net_world *world, uint32_t task, struct net_task_mark *mark);

#endif
