#include "models/footprint.h"

#include <math.h>

#include "models/demand.h"
#include "models/memory.h"
#include "models/topology.h"
#include "models/world_internal.h"
#include "sim/recorder.h"

/* A heap block of `bytes` bytes, with the allocator's own. */
#define BLOCK(bytes) ((uint64_t)(bytes) + 16)

/* Samples of a subtask: what is kept of each series, and for the many windows of a run whose
 * warm-up is looked for. */
#define SERIES UINT64_C(50)
#define SERIES_BYTES 300
#define WINDOWS_BYTES 1500

/* Histograms, random streams and events of a subtask. */
#define TASK_BYTES 12000

/* Both ends at work, at most as a rule: their structures, a ring of two elements each and half of
 * another that was outgrown, the first large chunk of records. */
static uint64_t channel_bytes(void)
{
    uint64_t at_rest = sizeof(struct net_channel) + sizeof(struct net_subpartition) +
                       sizeof(struct net_reader) + sizeof(struct net_flow) +
                       sizeof(struct net_link_end) + sizeof(struct net_foreseen) +
                       sizeof(struct net_buffer *) + 2 * sizeof(int32_t);
    return at_rest + 2 * BLOCK(3 * sizeof(struct net_item)) + sizeof(struct net_flow_large_chunk);
}

/* Each with its events and its queues; there are no more than channels. */
static uint64_t connection_bytes(const struct net_spec *spec, uint64_t channels)
{
    uint64_t taskmanagers = spec->cluster.taskmanagers;
    uint64_t connections =
        taskmanagers * (taskmanagers - 1) * (uint64_t)spec->config.tcp_connections;
    connections = connections < channels ? connections : channels;
    return connections * 4 * sizeof(struct net_connection);
}

static uint64_t subtask_bytes(const struct net_spec *spec)
{
    bool has_windows = !spec->run.has_warmup && !spec->run.is_terminating;
    return sizeof(struct net_task) + TASK_BYTES +
           SERIES * (SERIES_BYTES + (has_windows ? WINDOWS_BYTES : 0));
}

/* Whether all records of a source, and all that come of them, have the same key and size. */
static bool are_records_alike(const struct net_spec *spec)
{
    for (uint32_t v = 0; v < spec->vertex_count; v++) {
        const struct net_vertex_spec *vertex = &spec->vertices[v];
        if (vertex->record_size.kind != SIM_DIST_CONSTANT || vertex->source.keys.count > 1 ||
            vertex->emit.every > 0) {
            return false;
        }
    }
    return true;
}

/* What a record in flight takes: its time, key and size where these change, and its share of a
 * chunk. */
static uint64_t record_bytes(const struct net_spec *spec, uint64_t records)
{
    uint64_t words = are_records_alike(spec) ? 1 : 3;
    return records * words * sizeof(struct net_flow_large_chunk) / NET_FLOW_WORDS;
}

/* The smallest mean size of what is sent. */
static double smallest_record(const struct net_spec *spec)
{
    double smallest = INFINITY;
    for (uint32_t i = 0; i < spec->edge_count; i++) {
        smallest = fmin(smallest, sim_dist_mean(&spec->vertices[spec->edges[i].from].record_size));
    }
    return fmax(smallest, 1.0);
}

/* Whether records may become more on their way. */
static bool may_multiply(const struct net_spec *spec)
{
    for (uint32_t v = 0; v < spec->vertex_count; v++) {
        const struct net_vertex_spec *vertex = &spec->vertices[v];
        for (uint32_t i = 0; i < vertex->service_count; i++) {
            if (vertex->services[i].selectivity > 1.0) {
                return true;
            }
        }
        if (vertex->emit.every > 0) {
            return true;
        }
    }
    for (uint32_t i = 0; i < spec->edge_count; i++) {
        if (spec->edges[i].partition == NET_PARTITION_BROADCAST) {
            return true;
        }
    }
    return false;
}

/* What the sources emit at most, once for every edge; infinite where that is not known. */
static double most_emitted(const struct net_spec *spec)
{
    double sum = 0;
    if (may_multiply(spec)) {
        return INFINITY;
    }
    for (uint32_t v = 0; v < spec->vertex_count; v++) {
        const struct net_vertex_spec *vertex = &spec->vertices[v];
        double rate = 0;
        for (uint32_t i = 0; vertex->is_source && i < vertex->source.phase_count; i++) {
            rate = fmax(rate, vertex->source.phases[i].per_second);
        }
        double records = rate * (double)spec->run.duration / 1e9;
        if (vertex->is_source && vertex->source.records > 0) {
            records = fmin(records, (double)vertex->source.records);
        }
        sum += records * vertex->parallelism;
    }
    return sum * spec->edge_count;
}

/* SIZ-8: what pools and channels take at most, of `segments` a task manager. */
static uint64_t most_taken(const struct net_spec *spec, int64_t segments)
{
    struct sim_arena *arena = sim_arena_create();
    struct net_demand demand;
    struct sim_err err;
    uint64_t taken = (uint64_t)segments * spec->cluster.taskmanagers;
    if (net_demand_make(&demand, spec, arena, &err)) {
        taken = 0;
        for (uint32_t i = 0; i < demand.taskmanager_count; i++) {
            int64_t most = demand.taskmanagers[i].desired + demand.taskmanagers[i].overdraft;
            taken += (uint64_t)(most < segments ? most : segments);
        }
    }
    sim_arena_destroy(arena);
    return taken;
}

static uint64_t most_records(const struct net_spec *spec, uint64_t buffers)
{
    double bytes = (double)buffers * (double)spec->config.memory.segment_size;
    double most = fmin(bytes / smallest_record(spec), most_emitted(spec));
    return most < 1e18 ? (uint64_t)most : UINT64_C(1000000000000000000);
}

void net_footprint_estimate(const struct net_spec *spec, struct net_footprint *footprint)
{
    struct net_memory memory;
    *footprint = (struct net_footprint){.channels = net_count_channels(spec)};
    for (uint32_t v = 0; v < spec->vertex_count; v++) {
        footprint->subtasks += spec->vertices[v].parallelism;
    }
    if (net_memory_derive(&spec->config, &memory, NULL)) {
        footprint->buffers = (uint64_t)memory.segments * spec->cluster.taskmanagers;
        footprint->taken = most_taken(spec, memory.segments);
    }
    footprint->records = most_records(spec, footprint->taken);
    footprint->bytes_without_records =
        footprint->channels * channel_bytes() + footprint->buffers * sizeof(struct net_buffer) +
        footprint->subtasks * subtask_bytes(spec) + connection_bytes(spec, footprint->channels);
    footprint->bytes = footprint->bytes_without_records + record_bytes(spec, footprint->records);
}
