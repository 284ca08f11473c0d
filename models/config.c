#include "models/config.h"

#include "models/spec.h"

#define KIBI INT64_C(1024)
#define MEBI (KIBI * KIBI)
#define GIBI (KIBI * MEBI)
#define MILLISECOND INT64_C(1000000)

/* MEM-1 */
static void init_memory(struct net_memory_config *memory, enum net_version version)
{
    *memory = (struct net_memory_config){
        .process_size = 1728 * MEBI,
        .flink_size = NET_UNSET,
        .framework_heap_size = 128 * MEBI,
        .framework_off_heap_size = 128 * MEBI,
        .task_heap_size = NET_UNSET,
        .task_off_heap_size = 0,
        .managed_size = NET_UNSET,
        .managed_fraction = 0.4f,
        .network_fraction = 0.1f,
        .network_min = 64 * MEBI,
        .network_max = INT64_MAX,
        .number_of_buffers = NET_UNSET,
        .jvm_metaspace_size = 256 * MEBI,
        .jvm_overhead_fraction = 0.1f,
        .jvm_overhead_min = 192 * MEBI,
        .jvm_overhead_max = 1 * GIBI,
        .segment_size = 32 * KIBI,
        .min_segment_size = 256,
        .starting_segment_size = version == NET_FLINK_1_20 ? NET_UNSET : 1 * KIBI,
    };
}

void net_config_init(struct net_config *config, enum net_version version)
{
    *config = (struct net_config){
        /* CFG-1; the overdraft is the one number of these that the versions differ in */
        .version = version,
        .buffers_per_channel = 2,
        .floating_buffers_per_gate = 8,
        .max_buffers_per_channel = 10,
        .max_overdraft_per_gate = version == NET_FLINK_1_20 ? 5 : 20,
        .required_per_gate_max = NET_UNSET,
        .tcp_connections = 1,
        .request_timeout = 30000 * MILLISECOND,
        .buffer_timeout = 100 * MILLISECOND,
        .transport = NET_TRANSPORT_CREDIT,
        .debloat_period = 200 * MILLISECOND,
        .debloat_target = 1000 * MILLISECOND,
        .debloat_samples = 20,
        .debloat_threshold_percent = 25,
        .checkpoint_timeout = 600000 * MILLISECOND,
        .subtasks_per_state_file = 5,
    };
    init_memory(&config->memory, version);
}

void net_machine_init(struct net_machine_spec *machine)
{
    *machine = (struct net_machine_spec){
        .jitter = 1.0,
        .wakeup = 120000,
        .timer_lateness = 110000,
        .handover = 90000,
        .record_cpu = 1500,
        .source_delay = 40 * MILLISECOND,
        .operator_delay = 20 * MILLISECOND,
        .connection_delay = 100 * MILLISECOND,
        .channel_delay = 20 * MILLISECOND,
        .phase_spread = 30 * MILLISECOND,
        .socket_bytes = 0,
        .checkpoint_rpc = 4 * MILLISECOND,
        .barrier_delay = 3 * MILLISECOND,
        .state_latency = 4 * MILLISECOND,
        .state_bytes_per_second = 1.25e9, /* a link of 10 Gbit/s */
    };
}
