#ifndef MODELS_SPEC_H
#define MODELS_SPEC_H
/*
 * A scenario as data: what is simulated, checked and with every default filled in.
 *
 * The reader makes it from a file, a model expands it (models/world.h). Strings and arrays live in
 * the arena of whoever made the specification. All times are nanoseconds, sizes bytes, rates
 * records per second.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/config.h"
#include "models/window.h"
#include "sim/dist.h"
#include "sim/time.h"

#define NET_ANYWHERE UINT32_MAX /* no task manager (vertex, subtask) in particular */

/* A cycle of phases from t = 0 on; after the last the first comes again. */
struct net_rate_phase {
    sim_time length;
    double per_second; /* INFINITY: unlimited; 0: silent */
};

struct net_factor_phase {
    sim_time length;
    double factor; /* of the service time */
};

/* From a point in time on, until the next one, services take this much of their time. */
struct net_factor_change {
    sim_time at;
    double factor;
};

/* Keys of a source's records: 0 .. count - 1, key k with weight 1 / (k + 1)^zipf. */
struct net_keys_spec {
    uint32_t count; /* 0: every record has key 0 */
    double zipf;
};

/* A FLIP-27 source; every subtask emits at this rate. */
struct net_source_spec {
    const struct net_rate_phase *phases; /* at least one; a constant rate is one endless phase */
    uint32_t phase_count;
    bool is_poisson; /* gaps are exponential */
    bool catches_up; /* what became due under back pressure is emitted at once later */
    struct net_keys_spec keys;
    uint64_t records; /* of each subtask, then it ends; 0: without end */
    uint64_t seed;    /* mixed with the seed of the run */
};

/* The service of one input of an operator. */
struct net_service_spec {
    struct sim_dist time;                  /* ns per record, prepared */
    const double *factor;                  /* per subtask, or NULL */
    const struct net_factor_phase *phases; /* or NULL */
    uint32_t phase_count;
    const struct net_factor_change *changes; /* ascending times, or NULL; before the first: 1 */
    uint32_t change_count;
    double selectivity; /* records out per record in, >= 0; a running sum */
    uint64_t seed;
};

/* A processing-time timer of an operator: emits `records` records at every, 2 every, ... */
struct net_emit_spec {
    sim_time every; /* 0: none */
    uint32_t records;
};

struct net_vertex_spec {
    const char *name;
    uint32_t parallelism;
    uint32_t taskmanager; /* index, or NET_ANYWHERE */
    bool is_source;
    struct net_source_spec source; /* is_source */
    const struct net_service_spec
        *services; /* !is_source: one, or one per input (two) when is_connect */
    uint32_t service_count;
    bool is_connect; /* two inputs (TSK-9) instead of a union (UIG-1) */
    struct net_emit_spec emit;
    struct sim_dist
        record_size; /* bytes in network buffers of what it emits, at least 17 each, prepared */
    uint32_t line;   /* place in the file, for messages; 0: unknown */
};

enum net_partition_kind {
    NET_PARTITION_FORWARD,
    NET_PARTITION_REBALANCE,
    NET_PARTITION_RESCALE,
    NET_PARTITION_HASH,
    NET_PARTITION_BROADCAST,
    NET_PARTITION_WEIGHTS,
};

struct net_edge_spec {
    uint32_t from; /* index of a vertex */
    uint32_t to;
    enum net_partition_kind partition;
    const double *weights; /* NET_PARTITION_WEIGHTS: one a channel */
    uint32_t weight_count;
    bool is_chained; /* forward, in one task */
    uint32_t line;
};

/* A time in which a link has only a part of its bandwidth. */
struct net_link_phase {
    struct net_window window;
    double factor; /* of the bandwidth, 0 to 1; 0: it stands still */
};

/* A link, one way, between two task managers. */
struct net_link_spec {
    double bytes_per_second; /* 1.25e9: 10 Gbit/s */
    sim_time latency;
    struct sim_dist jitter;            /* beside the latency, of each message; prepared */
    const struct net_link_phase *slow; /* in the order of the file; NULL: none */
    uint32_t slow_count;
};

/* What a task manager's network interface can send and receive, bytes per second; 0: no limit. */
struct net_nic_spec {
    double send;
    double receive;
};

/* An exception from the cluster's link for one pair, one way. */
struct net_link_override {
    uint32_t from; /* task manager that sends */
    uint32_t to;
    struct net_link_spec link;
};

/* A stop of all tasks that fit what is given here. */
struct net_pause_spec {
    struct net_window window;
    uint32_t taskmanager; /* or NET_ANYWHERE: of any */
    uint32_t vertex;
    uint32_t subtask;
};

struct net_cluster_spec {
    uint32_t taskmanagers;
    uint32_t slots; /* of each */
    double cores;   /* of each; 0: not told. Tasks do not wait for them, studies warn */
    bool has_slot_sharing;
    struct net_link_spec link;
    const struct net_link_override *overrides;
    uint32_t override_count;
    struct net_nic_spec nic; /* of each task manager */
    const struct net_pause_spec *pauses;
    uint32_t pause_count;
};

/* What a machine adds: one default for all jobs (docs/validation.md tells where it is from). */
struct net_machine_spec {
    double jitter;                 /* random share of wake-ups and hand-overs: 1 */
    sim_time wakeup;               /* of a waiting task thread: 0.12 ms */
    sim_time timer_lateness;       /* of a timer or sleep: 0.11 ms */
    sim_time handover;             /* of a notification to an event loop: 0.09 ms */
    sim_time record_cpu;           /* of one record, inside its service: 1.5 us */
    sim_time source_delay;         /* start delay of a source's subtask, uniform from 0: 40 ms */
    sim_time operator_delay;       /* of an operator's first service, exponential: 20 ms */
    sim_time connection_delay;     /* before a connection's first message, uniform from 0: 100 ms */
    sim_time channel_delay;        /* the same of each channel, beside it, exponential: 20 ms */
    sim_time phase_spread;         /* of flushers and timers about the job's phase: 30 ms */
    int64_t socket_bytes;          /* that a connection's sockets absorb (NET-7): 0 */
    sim_time checkpoint_rpc;       /* of a trigger or an acknowledgement: 4 ms */
    sim_time barrier_delay;        /* until a task's own barrier leaves: 3 ms */
    sim_time state_latency;        /* to close a file of buffers in flight: 4 ms */
    double state_bytes_per_second; /* upload of checkpoint state */
};

struct net_run_spec {
    sim_time duration;
    sim_time warmup;
    sim_time sample;   /* interval of the series */
    bool has_channels; /* channels.csv */
    uint64_t seed;
    const sim_time *checkpoint_times; /* triggers at these instants instead; or NULL */
    uint32_t checkpoint_count;
    bool expects_failure;   /* run.expect: failure */
    bool has_warmup;        /* `warmup` was given; else a study may look for it */
    bool is_terminating;    /* what happens from the start on is what counts: nothing is left out */
    uint64_t until_records; /* the run ends when the sinks have taken so many; 0: it does not */
    bool until_drained; /* or when the sources have ended, and all their records have been served */
};

/* What a measure must keep. The texts are as written: a rate, a duration, a percentage, a number.
 */
struct net_threshold_spec {
    const char *metric;   /* "sink.numRecordsIn.rate" */
    const char *at_least; /* or NULL; one of them at least is given */
    const char *at_most;  /* or NULL */
    const char *file;     /* where it stands, for messages; NULL: unknown */
    uint32_t line;        /* 0: not in a file */
    uint32_t column;
};

struct net_spec {
    const char *name;
    const char *description;
    struct net_config config;
    struct net_cluster_spec cluster;
    struct net_vertex_spec *vertices;
    uint32_t vertex_count;
    struct net_edge_spec *edges;
    uint32_t edge_count;
    struct net_run_spec run;
    struct net_machine_spec machine;
    const struct net_threshold_spec *thresholds;
    uint32_t threshold_count;
};

/* Limits that are checked before memory is taken. */
#define NET_MAX_SUBTASKS 100000u  /* of a job */
#define NET_MAX_CHANNELS 4000000u /* of a job, both sides counted once */
#define NET_MAX_TASKMANAGERS 10000u
#define NET_MAX_SEGMENTS (1u << 26) /* of a cluster */

/* The parameters above at their defaults. */
void net_machine_init(struct net_machine_spec *machine);

#endif
