#ifndef MODELS_CONFIG_H
#define MODELS_CONFIG_H
/*
 * Flink's configuration, as far as it shapes buffers (rules MEM-1, CFG-1 to CFG-4), in plain
 * numbers.
 *
 * The reader fills it from the keys under `flink:`; what a file does not set has the default of the
 * chosen version. Values that a version ignores (CFG-3) are simulated as written all the same; the
 * reader warns.
 */
#include <stdbool.h>
#include <stdint.h>

#include "sim/time.h"

enum net_version {
    NET_FLINK_1_20,
    NET_FLINK_2_2,
};

#define NET_UNSET INT64_MIN /* a memory key that is not set */

/* taskmanager.memory.*, in bytes; NET_UNSET where a key has no default and is not set (MEM-1). */
struct net_memory_config {
    int64_t process_size;
    int64_t flink_size;
    int64_t framework_heap_size;
    int64_t framework_off_heap_size;
    int64_t task_heap_size;
    int64_t task_off_heap_size;
    int64_t managed_size;
    float managed_fraction;
    float network_fraction; /* 32 bits on purpose: MEM-6 */
    int64_t network_min;
    int64_t network_max;
    bool network_fraction_is_set; /* by the user, for CFG-2 */
    bool network_min_is_set;
    bool network_max_is_set;
    int64_t number_of_buffers; /* taskmanager.network.numberOfBuffers, or NET_UNSET */
    int64_t jvm_metaspace_size;
    float jvm_overhead_fraction;
    int64_t jvm_overhead_min;
    int64_t jvm_overhead_max;
    int64_t segment_size; /* S: 4096 or more, a power of two (MEM-8) */
    int64_t min_segment_size;
    int64_t starting_segment_size; /* 2.2 only */
    bool is_local_execution;       /* mini cluster: MEM-10 */
};

enum net_transport {
    NET_TRANSPORT_CREDIT, /* credit-based flow control */
    NET_TRANSPORT_TCP,    /* before credits: rules LEG */
};

struct net_config {
    enum net_version version;
    struct net_memory_config memory;
    int64_t buffers_per_channel;       /* B, >= 0 */
    int64_t floating_buffers_per_gate; /* F, >= 1 */
    int64_t max_buffers_per_channel;   /* M, >= 1 */
    int64_t max_overdraft_per_gate;    /* OD, >= 0 */
    int64_t required_per_gate_max; /* read-buffer.required-per-gate.max; NET_UNSET when not set */
    int64_t tcp_connections;       /* taskmanager.network.max-num-tcp-connections, >= 1 */
    sim_time request_timeout;      /* buffers-request-timeout */
    sim_time buffer_timeout;       /* -1: no periodic flush; 0: after every record (CFG-4) */
    bool has_detailed_metrics;
    enum net_transport transport;

    bool has_debloating;
    sim_time debloat_period;
    sim_time debloat_target;
    int64_t debloat_samples;
    int64_t debloat_threshold_percent;

    sim_time checkpoint_interval; /* 0: no checkpoints */
    sim_time checkpoint_pause;    /* from the end of one to the next at least; min-pause */
    sim_time checkpoint_timeout;  /* of a checkpoint; only the study looks at it */
    bool is_at_least_once;        /* barriers block nothing, and never overtake */
    bool is_unaligned;
    sim_time aligned_timeout;
    int64_t subtasks_per_state_file; /* unaligned.max-subtasks-per-channel-state-file, >= 1 */
};

/* The defaults of a version (CFG-1, MEM-1, VER). Without memory keys: Flink's sample configuration,
 * process 1728m. */
void net_config_init(struct net_config *config, enum net_version version);

#endif
