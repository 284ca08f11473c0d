#include "models/footprint.h"

#include <math.h>
#include <stdlib.h>

#include "models/demand.h"
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

/* Random streams and events of a subtask, and its rows of the results. */
#define TASK_BYTES 12000

/* Latencies of all but sources, three times, which spread over so many powers of two as a rule, and
 * what is kept of them for a window. */
#define LATENCIES_BYTES (3 * 12 * BLOCK(128 * sizeof(uint64_t)))
#define LATENCIES_WINDOW_BYTES 4000

/* Of a source's keys. */
#define KEY_BYTES 48

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

/* Value, weight and the table that keys are drawn from, with what it is made of. */
static uint64_t key_bytes(const struct net_spec *spec)
{
    uint64_t keys = 0;
    for (uint32_t v = 0; v < spec->vertex_count; v++) {
        keys += spec->vertices[v].is_source ? spec->vertices[v].source.keys.count : 0;
    }
    return keys * KEY_BYTES;
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

struct sizes {
    double smallest; /* mean of what is sent */
    double largest;
};

static struct sizes sizes_of_records(const struct net_spec *spec)
{
    struct sizes sizes = {INFINITY, 1.0};
    for (uint32_t i = 0; i < spec->edge_count; i++) {
        double mean = sim_dist_mean(&spec->vertices[spec->edges[i].from].record_size);
        sizes.smallest = fmin(sizes.smallest, mean);
        sizes.largest = fmax(sizes.largest, mean);
    }
    sizes.smallest = fmax(sizes.smallest, 1.0);
    return sizes;
}

/* What a source's subtask emits at most; infinite where nothing but the job limits it. */
static double source_emits(const struct net_spec *spec, const struct net_source_spec *source)
{
    double rate = 0;
    for (uint32_t i = 0; i < source->phase_count; i++) {
        rate = fmax(rate, source->phases[i].per_second);
    }
    if (spec->machine.record_cpu > 0) {
        rate = fmin(rate, 1e9 / (double)spec->machine.record_cpu);
    }
    double records = rate * (double)spec->run.duration / 1e9;
    return source->records > 0 ? fmin(records, (double)source->records) : records;
}

/* What an operator's subtasks emit for `in` records. */
static double operator_emits(const struct net_spec *spec, const struct net_vertex_spec *vertex,
                             double in)
{
    double records = 0;
    for (uint32_t i = 0; in > 0 && i < vertex->service_count; i++) {
        records = fmax(records, in * vertex->services[i].selectivity);
    }
    if (vertex->emit.every > 0) {
        double times = floor((double)spec->run.duration / (double)vertex->emit.every);
        records += times * vertex->emit.records * vertex->parallelism;
    }
    return records;
}

/* Those of the producer, each in every subpartition of a broadcast. */
static double sent_over(const struct net_spec *spec, const struct net_edge_spec *edge,
                        const double *emitted)
{
    bool is_broadcast = edge->partition == NET_PARTITION_BROADCAST;
    return emitted[edge->from] * (is_broadcast ? spec->vertices[edge->to].parallelism : 1);
}

/* Records on all edges together: at most what the sources emit and what comes of it. No path is
 * longer than there are vertices. */
static double most_sent(const struct net_spec *spec)
{
    double *emitted = sim_alloc(spec->vertex_count, sizeof *emitted);
    double *in = sim_alloc(spec->vertex_count, sizeof *in);
    double sum = 0;
    bool has_changed = true;
    for (uint32_t round = 0; has_changed && round < spec->vertex_count; round++) {
        has_changed = false;
        for (uint32_t v = 0; v < spec->vertex_count; v++) {
            const struct net_vertex_spec *vertex = &spec->vertices[v];
            double before = emitted[v];
            emitted[v] = vertex->is_source
                             ? source_emits(spec, &vertex->source) * vertex->parallelism
                             : operator_emits(spec, vertex, in[v]);
            has_changed = has_changed || emitted[v] != before;
            in[v] = 0;
        }
        sum = 0;
        for (uint32_t i = 0; i < spec->edge_count; i++) {
            double sent = sent_over(spec, &spec->edges[i], emitted);
            in[spec->edges[i].to] += sent;
            sum += spec->edges[i].is_chained ? 0 : sent;
        }
    }
    free(emitted);
    free(in);
    return sum;
}

/* Buffers that a partition takes beyond those with which it becomes unavailable (LBP-5): those of
 * the record that is being written, and of all that a task emits without looking again. */
static double taken_unasked(const struct net_spec *spec)
{
    for (uint32_t v = 0; v < spec->vertex_count; v++) {
        const struct net_vertex_spec *vertex = &spec->vertices[v];
        for (uint32_t i = 0; i < vertex->service_count; i++) {
            if (vertex->services[i].selectivity > 1) {
                return INFINITY;
            }
        }
        if (vertex->emit.every > 0) {
            return INFINITY;
        }
    }
    return 2 + sizes_of_records(spec).largest / (double)spec->config.memory.segment_size;
}

/* What the pool of a partition holds at most: a broadcast counts at one subpartition only. */
static uint64_t most_of_partition(const struct net_spec *spec, const struct net_pool_demand *pool,
                                  bool is_broadcast)
{
    double most = (double)pool->max;
    if (spec->config.transport == NET_TRANSPORT_CREDIT) {
        double of_each = (double)spec->config.max_buffers_per_channel + taken_unasked(spec);
        most = fmin(most, of_each * (is_broadcast ? 1 : pool->channels));
    }
    return (uint64_t)most + (uint64_t)pool->overdraft;
}

/* What pools and channels take at most, and how often that lies in queues. */
struct taken {
    uint64_t buffers;
    uint64_t entries;
};

/* SIZ-8. A buffer of a broadcast lies in every subpartition. */
static void add_pool(const struct net_spec *spec, const struct net_pool_demand *pool,
                     uint64_t segments, uint64_t *of_taskmanager, struct taken *taken)
{
    if (pool->is_input) {
        *of_taskmanager += (uint64_t)(pool->max + pool->exclusive * pool->remote_channels);
        return;
    }
    bool is_broadcast = spec->edges[pool->edge].partition == NET_PARTITION_BROADCAST;
    uint64_t most = most_of_partition(spec, pool, is_broadcast);
    *of_taskmanager += most;
    if (is_broadcast) {
        taken->entries += (most < segments ? most : segments) * (pool->channels - 1);
    }
}

static struct taken most_taken(const struct net_spec *spec, uint64_t segments)
{
    struct sim_arena *arena = sim_arena_create();
    struct net_demand demand;
    struct sim_err err;
    struct taken taken = {0, 0};
    if (net_demand_make(&demand, spec, arena, &err)) {
        uint64_t *most = sim_arena_alloc(arena, demand.taskmanager_count, sizeof *most);
        for (uint32_t i = 0; i < demand.pool_count; i++) {
            const struct net_pool_demand *pool = &demand.pools[i];
            add_pool(spec, pool, segments, &most[pool->taskmanager], &taken);
        }
        for (uint32_t i = 0; i < demand.taskmanager_count; i++) {
            taken.buffers += most[i] < segments ? most[i] : segments;
        }
    } else {
        taken.buffers = segments * spec->cluster.taskmanagers;
    }
    taken.entries += taken.buffers;
    sim_arena_destroy(arena);
    return taken;
}

static uint64_t whole(double number)
{
    return number < 1e18 ? (uint64_t)number : UINT64_C(1000000000000000000);
}

/* The entries of the queues, and the records of what is in them: as much as fits, or as is sent. A
 * record lies in the buffers that it fills and at most two others. */
static void find_records(const struct net_spec *spec, struct net_footprint *footprint,
                         uint64_t entries)
{
    double segment = (double)spec->config.memory.segment_size;
    struct sizes sizes = sizes_of_records(spec);
    double sent = most_sent(spec);
    double buffers = sent > 0 ? sent * (2 + sizes.largest / segment) : 0;
    footprint->entries = whole(fmin((double)entries, buffers));
    footprint->records = whole(fmin((double)entries * segment / sizes.smallest, sent));
}

void net_footprint_estimate(const struct net_spec *spec, struct net_footprint *footprint)
{
    struct net_memory memory;
    struct taken taken = {0, 0};
    uint64_t subtasks_bytes = 0;
    *footprint = (struct net_footprint){.channels = net_count_channels(spec)};
    for (uint32_t v = 0; v < spec->vertex_count; v++) {
        const struct net_vertex_spec *vertex = &spec->vertices[v];
        footprint->subtasks += vertex->parallelism;
        subtasks_bytes += vertex->parallelism * subtask_bytes(spec, vertex);
    }
    if (net_memory_derive(&spec->config, &memory, NULL)) {
        footprint->buffers = (uint64_t)memory.segments * spec->cluster.taskmanagers;
        taken = most_taken(spec, (uint64_t)memory.segments);
    }
    footprint->taken = taken.buffers;
    find_records(spec, footprint, taken.entries);
    footprint->bytes_without_records =
        footprint->channels * channel_bytes() + footprint->buffers * sizeof(struct net_buffer) +
        queued_bytes(footprint->entries) + subtasks_bytes +
        connection_bytes(spec, footprint->channels) + key_bytes(spec);
    footprint->bytes = footprint->bytes_without_records + record_bytes(spec, footprint->records);
}
