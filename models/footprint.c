#include "models/footprint.h"

#include "models/load_bound.h"
#include "models/memory.h"
#include "models/topology.h"
#include "models/world_internal.h"

/* A heap block of `bytes` bytes, with the allocator's own. */
#define BLOCK(bytes) ((uint64_t)(bytes) + 16)

/* Samples of a subtask: what is kept of each series, and for the windows of a run whose warm-up is
 * looked for. */
#define SERIES UINT64_C(50)
#define SERIES_BYTES 300
#define WINDOWS UINT64_C(50)
#define WINDOW_BYTES 1500

/* A message of a connection, and a buffer that waits to be written (models/state_writer.c). */
#define FLIGHT_BYTES 64
#define PIN_BYTES 40

/* Random streams and events of a subtask, and its rows of the results. */
#define TASK_BYTES 12000

/* Latencies of all but sources, three times, which spread over so many powers of two as a rule, and
 * what is kept of them for a window. */
#define LATENCIES_BYTES (3 * 16 * BLOCK(128 * sizeof(uint64_t)))
#define LATENCIES_WINDOW_BYTES 4000

/* A key has its value and its place in a table, which is made of as much again, of one source after
 * the other; and what the heap rounds up. */
#define KEY_BYTES 26
#define KEY_MAKING_BYTES 26

/* Both ends at work: their structures, and the first large chunk of records. */
static uint64_t channel_bytes(void)
{
    uint64_t at_rest = sizeof(struct net_channel) + sizeof(struct net_subpartition) +
                       sizeof(struct net_reader) + sizeof(struct net_flow) +
                       sizeof(struct net_link_end) + sizeof(struct net_foreseen) +
                       sizeof(struct net_buffer *) + 2 * sizeof(int32_t);
    return at_rest + sizeof(struct net_flow_large_chunk);
}

/* Of what waits in queues: a ring is at least half full, and those that its queue has outgrown are
 * as large together. */
static uint64_t queued_bytes(uint64_t items)
{
    return items * 4 * sizeof(struct net_item);
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

static uint64_t subtask_bytes(const struct net_spec *spec, const struct net_vertex_spec *vertex)
{
    bool has_windows = !spec->run.has_warmup && !spec->run.is_terminating;
    uint64_t of_window = WINDOW_BYTES + (vertex->is_source ? 0 : LATENCIES_WINDOW_BYTES);
    return sizeof(struct net_task) + TASK_BYTES + SERIES * SERIES_BYTES +
           (vertex->is_source ? 0 : LATENCIES_BYTES) + (has_windows ? WINDOWS * of_window : 0);
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

/* What records in flight take: their time, key and size where these change, and their share of a
 * chunk. */
static uint64_t record_bytes(const struct net_spec *spec, const struct net_load_bound *bound)
{
    uint64_t words = (are_records_alike(spec) ? 1 : 3) + (bound->is_slow ? 1 : 0);
    uint64_t of_chunk = NET_FLOW_WORDS / words; /* none is torn apart */
    return (bound->records / of_chunk + 1) * sizeof(struct net_flow_large_chunk);
}

/* What a ring takes that grows to two of these, while it copies them. */
static uint64_t ring_bytes(uint64_t items, size_t size)
{
    return items * 3 * size;
}

/* CHK-9, CHK-12: all buffers may be waiting to be written into a checkpoint. */
static uint64_t pinned_bytes(const struct net_spec *spec, const struct net_load_bound *bound)
{
    bool has_checkpoints = spec->config.checkpoint_interval > 0 || spec->run.checkpoint_count > 0;
    return has_checkpoints && spec->config.is_unaligned ? ring_bytes(bound->taken, PIN_BYTES) : 0;
}

void net_footprint_estimate(const struct net_spec *spec, struct net_footprint *footprint)
{
    struct net_memory memory;
    struct net_load_bound bound = {0};
    uint64_t of_subtasks = 0;
    uint64_t most_keys = 0;
    *footprint = (struct net_footprint){.channels = net_count_channels(spec)};
    for (uint32_t v = 0; v < spec->vertex_count; v++) {
        const struct net_vertex_spec *vertex = &spec->vertices[v];
        footprint->subtasks += vertex->parallelism;
        uint32_t keys = vertex->is_source ? vertex->source.keys.count : 0;
        footprint->keys += keys;
        most_keys = keys > most_keys ? keys : most_keys;
        of_subtasks += vertex->parallelism * subtask_bytes(spec, vertex);
    }
    if (net_memory_derive(&spec->config, &memory, NULL)) {
        footprint->buffers = (uint64_t)memory.segments * spec->cluster.taskmanagers;
        bound = net_load_bound_of(spec, (uint64_t)memory.segments);
    }
    footprint->records = bound.records;
    footprint->bytes_without_records = footprint->channels * channel_bytes() +
                                       footprint->buffers * sizeof(struct net_buffer) +
                                       queued_bytes(bound.queued) + pinned_bytes(spec, &bound) +
                                       ring_bytes(bound.messages, FLIGHT_BYTES) + of_subtasks +
                                       connection_bytes(spec, footprint->channels) +
                                       footprint->keys * KEY_BYTES + most_keys * KEY_MAKING_BYTES;
    footprint->bytes = footprint->bytes_without_records + record_bytes(spec, &bound);
}
