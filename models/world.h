#ifndef MODELS_WORLD_H
#define MODELS_WORLD_H
/*
 * A simulated cluster with one job: a specification expanded to task managers, pools, subtasks and
 * channels, ready to run.
 *
 * The world lives on a `struct sim` that its caller owns: create the run, create the world, add its
 * series to a recorder, start, then let the engine run to the end of the scenario. It never prints
 * and opens no file.
 */
#include <stdbool.h>
#include <stdint.h>

#include "models/coordinator.h"
#include "models/spec.h"
#include "sim/error.h"
#include "sim/histogram.h"
#include "sim/recorder.h"
#include "sim/sim.h"

struct sim_text;
struct net_world;

struct net_world_params {
    uint64_t seed;
    uint64_t replication; /* 0, 1, ...: another one gives other random numbers */
    bool has_audits;      /* assert the invariants after every event */
    bool per_record;      /* an event for every record instead of spans: the same course, slower */
};

/*
 * Expand `spec`, which is borrowed and must outlive the world. NULL on failure:
 * SIM_ERR_ANSWER when Flink could not start the job (err->text is Flink's own error text),
 * SIM_ERR_LIMIT when it is too large.
 */
struct net_world *net_world_create(struct sim *sim, const struct net_spec *spec,
                                   const struct net_world_params *params, struct sim_err *err);
void net_world_destroy(struct net_world *world);

/* Schedule the first events: sources and operators start, flushers run. */
void net_world_start(struct net_world *world);

/* What a run stops for before its time (`until_records`, `until_drained` of the specification): the
 * engine is asked to stop at the very event. Such a run has an event for every record. */
enum net_stop {
    NET_STOP_NONE,
    NET_STOP_RECORDS, /* the sinks have taken so many */
    NET_STOP_DRAINED, /* the sources have ended, and all of their records have been served */
};

/* Which of them it has stopped for. */
enum net_stop net_world_stopped_for(const struct net_world *world);

/*
 * Add all series under the names of the recordings (docs/metrics.md): of every subtask, and of
 * every task manager as group "tm<index>", member 0. Flink's own 60 s gauges are sampled every 5 s.
 */
void net_world_record(struct net_world *world, struct sim_recorder *recorder);

/* Be told of every checkpoint that is complete, in order; see models/coordinator.h. */
void net_world_on_checkpoint(struct net_world *world, net_checkpoint_fn on_complete, void *arg);

/*
 * The window of the totals below begins here, unless net_world_cut() says another mark; without any
 * mark it begins at 0. What was between two marks is kept, in a form that takes little memory.
 */
void net_world_mark(struct net_world *world);

/* The window begins at this mark, counted from 0; there must be one. At the end, and once. */
void net_world_cut(struct net_world *world, uint32_t mark);

/* Check every invariant now (INV); true, or false with the broken rule named in *err. */
bool net_world_audit(const struct net_world *world, struct sim_err *err);

/* What a subtask did in the window. Times add up to `elapsed` (INV-12). */
struct net_task_totals {
    sim_time elapsed;
    sim_time idle;
    sim_time soft; /* back-pressured between records */
    sim_time hard; /* blocked within a record */
    sim_time busy;
    uint64_t changes; /* from one of these to another */
    uint64_t records_in;
    uint64_t records_out;
    uint64_t buffers_in; /* taken by the task from its gates */
    uint64_t bytes_in;
    uint64_t buffers_out;
    uint64_t bytes_out;
    uint64_t emitted_late; /* source: records that were due and not yet emitted at the end */

    /* Why its outputs were unavailable (a part of elapsed each, summed over its outputs). */
    sim_time blocked_by_quota;         /* the pool's size was used up */
    sim_time blocked_by_channel_limit; /* a subpartition was at max-buffers-per-channel */
    sim_time blocked_by_global_pool;   /* below quota, but the task manager had no segment */

    /* Sums over its remote output channels of the time that queued data waited. */
    sim_time waited_for_credit; /* data, and no credit */
    sim_time waited_for_link;   /* data and credit, and a connection that was busy */
    uint32_t hottest_output;    /* subpartition (over all outputs) that was longest at its limit */

    /* Pools: exact time averages, and largest values. */
    uint32_t output_count; /* result partitions; 0 for a sink */
    uint32_t input_count;  /* gates; 0 for a source */
    double out_used_mean;
    double out_size_mean;
    double out_usage_mean; /* as outPoolUsage */
    double out_usage_max;
    int64_t out_used_max;
    int64_t out_required;
    int64_t out_max;      /* of its pools, summed */
    double in_usage_mean; /* as inPoolUsage */
    double in_usage_max;
    double in_used_mean; /* floating and exclusive buffers that hold data */
    int64_t in_used_max;
    int64_t in_floating_max; /* quota of its floating pools, summed */
    int64_t in_exclusive;    /* exclusive buffers of its channels */
    uint32_t remote_channels;
    uint32_t local_channels;

    /* From emission at the source to the start of the service; borrowed, NULL for a source. */
    const struct sim_histogram *latency;
};

void net_world_task_totals(const struct net_world *world, uint32_t vertex, uint32_t subtask,
                           struct net_task_totals *totals);

/* How far the subtasks of a vertex have come, summed up. */
struct net_progress {
    uint64_t records_in; /* since the start */
    uint64_t records_out;
    double lag;     /* of a source that catches up: records that are due and not emitted now */
    uint64_t timed; /* records since the last mark, and their latencies added up */
    double latency_ns;
};

void net_world_progress(const struct net_world *world, uint32_t vertex,
                        struct net_progress *progress);

/* Where a subtask runs. */
uint32_t net_world_taskmanager(const struct net_world *world, uint32_t vertex, uint32_t subtask);

/* Of a task manager. */
struct net_taskmanager_totals {
    uint32_t segments;
    uint32_t used_now;
    int64_t required;
    uint32_t requested_usage; /* percent, NBP-12 */
};

void net_world_taskmanager_totals(const struct net_world *world, uint32_t taskmanager,
                                  struct net_taskmanager_totals *totals);

/* What the log of a task manager would warn of now (NBP-13): true when there is something. */
bool net_world_usage_warning(const struct net_world *world, uint32_t taskmanager,
                             struct sim_text *text);

/* One queue, for the channel map: side "out": subpartition of partition `edge`; "in": channel of
 * gate `edge`. */
struct net_channel_view {
    uint32_t vertex;
    uint32_t subtask;
    bool is_input;
    uint32_t edge;
    uint32_t channel;
    uint32_t queued; /* buffers now */
};

uint32_t net_world_channel_count(const struct net_world *world);
void net_world_channel(const struct net_world *world, uint32_t index,
                       struct net_channel_view *view);

/* Records in flight now: emitted or being written, not yet served. */
uint64_t net_world_records_in_flight(const struct net_world *world);

/* Records that came over an exchange and were served, since the start: one for each exchange. */
uint64_t net_world_record_hops(const struct net_world *world);

#endif
