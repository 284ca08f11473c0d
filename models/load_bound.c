#include "models/load_bound.h"

#include <math.h>

#include "models/demand.h"
#include "models/flow.h"
#include "models/link.h"
#include "models/topology.h"
#include "sim/arena.h"

/* Beyond any memory, and far below what 64 bits hold. */
#define MOST 1e15

/* Standard deviations within which chance stays. */
#define SPREAD 6

/* What the vertices emit. */
struct load {
    const struct net_spec *spec;
    struct sim_arena *arena;
    double *emitted; /* per vertex: records of all subtasks, in the whole run */
    double *at_once; /* per vertex: records that a subtask emits without asking for room */
};

/* ---- records ---- */

static double fastest_phase(const struct net_source_spec *source)
{
    double rate = 0;
    for (uint32_t i = 0; i < source->phase_count; i++) {
        rate = fmax(rate, source->phases[i].per_second);
    }
    return rate;
}

/* The slowest phase of any source in which it emits, as a part of its fastest. */
static double slowest_phase(const struct net_spec *spec)
{
    double slowest = 1;
    for (uint32_t v = 0; v < spec->vertex_count; v++) {
        const struct net_source_spec *source = &spec->vertices[v].source;
        double fastest = fastest_phase(source);
        for (uint32_t i = 0; i < source->phase_count; i++) {
            double rate = source->phases[i].per_second;
            slowest = rate > 0 && rate < fastest ? fmin(slowest, rate / fastest) : slowest;
        }
    }
    return slowest;
}

/* Of a source's subtask; infinite where nothing but the job limits it. */
static double source_emits(const struct net_spec *spec, const struct net_source_spec *source)
{
    double rate = fastest_phase(source);
    if (spec->machine.record_cpu > 0) {
        rate = fmin(rate, 1e9 / (double)spec->machine.record_cpu);
    }
    double records = rate * (double)spec->run.duration / 1e9;
    if (source->is_poisson) {
        records += SPREAD * sqrt(records);
    }
    return source->records > 0 ? fmin(records, (double)source->records) : records;
}

static double largest_selectivity(const struct net_vertex_spec *vertex)
{
    double largest = 0;
    for (uint32_t i = 0; i < vertex->service_count; i++) {
        largest = fmax(largest, vertex->services[i].selectivity);
    }
    return largest;
}

/* Of an operator's subtasks, for `in` records. */
static double operator_emits(const struct net_spec *spec, const struct net_vertex_spec *vertex,
                             double in)
{
    double records = in > 0 ? fmax(0, in * largest_selectivity(vertex)) : 0;
    if (vertex->emit.every > 0) {
        double times = floor((double)spec->run.duration / (double)vertex->emit.every);
        records += times * vertex->emit.records * vertex->parallelism;
    }
    return records;
}

/* Those of the producer, each in every subpartition of a broadcast. */
static double sent_over(const struct load *load, const struct net_edge_spec *edge)
{
    bool is_broadcast = edge->partition == NET_PARTITION_BROADCAST;
    double copies = is_broadcast ? load->spec->vertices[edge->to].parallelism : 1;
    return load->emitted[edge->from] * copies;
}

/* Sources first, then operators until nothing changes: no path is longer than there are vertices.
 */
static void find_emitted(struct load *load)
{
    const struct net_spec *spec = load->spec;
    double *in = sim_arena_alloc(load->arena, spec->vertex_count, sizeof *in);
    bool has_changed = true;
    for (uint32_t v = 0; v < spec->vertex_count; v++) {
        const struct net_vertex_spec *vertex = &spec->vertices[v];
        load->emitted[v] =
            vertex->is_source ? source_emits(spec, &vertex->source) * vertex->parallelism : 0;
    }
    for (uint32_t round = 0; has_changed && round < spec->vertex_count; round++) {
        has_changed = false;
        for (uint32_t i = 0; i < spec->edge_count; i++) {
            in[spec->edges[i].to] += sent_over(load, &spec->edges[i]);
        }
        for (uint32_t v = 0; v < spec->vertex_count; v++) {
            const struct net_vertex_spec *vertex = &spec->vertices[v];
            double emitted =
                vertex->is_source ? load->emitted[v] : operator_emits(spec, vertex, in[v]);
            has_changed = has_changed || load->emitted[v] != emitted;
            load->emitted[v] = emitted;
            in[v] = 0;
        }
    }
}

static const struct net_edge_spec *chained_to(const struct net_spec *spec, uint32_t vertex)
{
    for (uint32_t i = 0; i < spec->edge_count; i++) {
        if (spec->edges[i].is_chained && spec->edges[i].to == vertex) {
            return &spec->edges[i];
        }
    }
    return NULL;
}

/* A task looks for room before it takes a record, but for the first one after a mail (TSK-4), and
 * what a timer emits waits for no room (TSK-7). */
static void find_at_once(struct load *load)
{
    const struct net_spec *spec = load->spec;
    for (uint32_t v = 0; v < spec->vertex_count; v++) {
        const struct net_edge_spec *edge = NULL;
        uint32_t at = v;
        load->at_once[v] = 2;
        for (uint32_t i = 0; i < spec->vertex_count; i++) {
            const struct net_vertex_spec *vertex = &spec->vertices[at];
            double factor = vertex->emit.every > 0 ? INFINITY : ceil(largest_selectivity(vertex));
            load->at_once[v] *= fmax(1, factor);
            edge = chained_to(spec, at);
            if (edge == NULL) {
                break;
            }
            at = edge->from;
        }
    }
}

/* ---- buffers ---- */

/* Debloated buffers are smaller. */
static double smallest_buffer(const struct net_config *config)
{
    return (double)(config->has_debloating ? config->memory.min_segment_size
                                           : config->memory.segment_size);
}

/*
 * LBP-5: each subpartition may be one below its limit when the task looks for room; what it emits
 * then fills up buffers and begins others. A broadcast counts at one subpartition (WR-8).
 */
static double most_before_limit(const struct load *load, const struct net_pool_demand *pool,
                                double largest)
{
    const struct net_config *config = &load->spec->config;
    bool is_broadcast = load->spec->edges[pool->edge].partition == NET_PARTITION_BROADCAST;
    double at_once = load->at_once[pool->vertex] * (1 + ceil(largest / smallest_buffer(config)));
    return (double)(config->max_buffers_per_channel - 1) * (is_broadcast ? 1 : pool->channels) +
           at_once;
}

static uint64_t most_of_partition(const struct load *load, const struct net_pool_demand *pool,
                                  double largest)
{
    double most = (double)(pool->max + pool->overdraft);
    if (load->spec->config.transport == NET_TRANSPORT_CREDIT) {
        most = fmin(most, most_before_limit(load, pool, largest));
    }
    return (uint64_t)most;
}

/* LIC-1, LIC-5: local channels read the producer's buffers, and take none of the gate's. */
static uint64_t most_of_gate(const struct net_pool_demand *pool)
{
    int64_t most = pool->max + pool->exclusive * pool->remote_channels;
    return pool->remote_channels > 0 ? (uint64_t)most : 0;
}

/* SIZ-8 */
static void find_buffers(const struct load *load, uint64_t segments, struct net_load_bound *bound)
{
    const struct net_spec *spec = load->spec;
    struct net_demand demand;
    struct sim_err err;
    if (!net_demand_make(&demand, spec, load->arena, &err)) {
        bound->taken = bound->queued = segments * spec->cluster.taskmanagers;
        return;
    }
    if (!demand.starts) {
        return;
    }
    double *largest = sim_arena_alloc(load->arena, spec->vertex_count, sizeof *largest);
    uint64_t *most = sim_arena_alloc(load->arena, demand.taskmanager_count, sizeof *most);
    for (uint32_t v = 0; v < spec->vertex_count; v++) {
        largest[v] = (double)sim_dist_upper(&spec->vertices[v].record_size);
    }
    for (uint32_t i = 0; i < demand.pool_count; i++) {
        const struct net_pool_demand *pool = &demand.pools[i];
        uint64_t *of_taskmanager = &most[pool->taskmanager];
        if (pool->is_input) {
            *of_taskmanager += most_of_gate(pool);
            continue;
        }
        uint64_t taken = most_of_partition(load, pool, largest[pool->vertex]);
        taken = taken < segments ? taken : segments;
        *of_taskmanager += taken;
        if (spec->edges[pool->edge].partition == NET_PARTITION_BROADCAST) {
            bound->queued += taken * (pool->channels - 1);
        }
    }
    for (uint32_t i = 0; i < demand.taskmanager_count; i++) {
        bound->taken += most[i] < segments ? most[i] : segments;
    }
    bound->queued += bound->taken;
}

/* ---- both ---- */

static uint64_t whole(double number)
{
    return number < MOST ? (uint64_t)number : (uint64_t)MOST;
}

/* Whether fewer records come through a channel of the edge in a second than a chunk of their flow
 * has room for: the time of such a record does not fit into one word. */
static bool is_slow(const struct net_spec *spec, const struct net_edge_spec *edge, double sent)
{
    struct net_shape shape = net_shape_of(spec, edge);
    double channels = shape.is_pointwise ? fmax(shape.producers, shape.consumers)
                                         : (double)shape.producers * (double)shape.consumers;
    return sent < NET_FLOW_WORDS * channels * (double)spec->run.duration / 1e9;
}

/* What the records of an edge have of buffers, each in those that it fills and at most two others.
 * Few of them, or very unequal ones, may all be large. */
static double buffers_of(const struct net_config *config, const struct sim_dist *sizes,
                         double records)
{
    double mean = sim_dist_mean(sizes);
    double upper = (double)sim_dist_upper(sizes);
    bool is_even = records > 1000 && upper <= 16 * mean;
    return records * (2 + (is_even ? 1.5 * mean : upper) / smallest_buffer(config));
}

/* LEG-2: what the connections hold beyond the buffers of the pools, in bytes. */
static double bytes_in_sockets(const struct net_spec *spec)
{
    const struct net_cluster_spec *cluster = &spec->cluster;
    double connections = (double)cluster->taskmanagers * (cluster->taskmanagers - 1.0) *
                         (double)spec->config.tcp_connections;
    struct net_link_spec link = cluster->link;
    if (spec->config.transport != NET_TRANSPORT_TCP) {
        return 0;
    }
    for (uint32_t i = 0; i < cluster->override_count; i++) {
        const struct net_link_spec *other = &cluster->overrides[i].link;
        link.bytes_per_second = fmax(link.bytes_per_second, other->bytes_per_second);
        link.latency = link.latency > other->latency ? link.latency : other->latency;
    }
    int64_t window = net_link_window(&link, &link, spec->machine.socket_bytes);
    return fmin(connections, (double)net_count_channels(spec)) *
           (double)(window + 3 * spec->config.memory.segment_size);
}

static void find_records(const struct load *load, struct net_load_bound *bound)
{
    const struct net_spec *spec = load->spec;
    double segment = (double)spec->config.memory.segment_size;
    double slowest = slowest_phase(spec);
    double smallest = INFINITY;
    double buffers = 0;
    double sent = 0;
    for (uint32_t i = 0; i < spec->edge_count; i++) {
        const struct net_edge_spec *edge = &spec->edges[i];
        const struct sim_dist *sizes = &spec->vertices[edge->from].record_size;
        double of_edge = edge->is_chained ? 0 : sent_over(load, edge);
        if (of_edge > 0) {
            sent += of_edge;
            buffers += buffers_of(&spec->config, sizes, of_edge);
            smallest = fmin(smallest, fmax(1, sim_dist_trimmed_mean(sizes)));
            bound->is_slow = bound->is_slow || is_slow(spec, edge, of_edge * slowest);
        }
    }
    double in_sockets = bytes_in_sockets(spec);
    /* where the timeout cuts none off, those that wait are full, or end within a record */
    double of_message = spec->config.buffer_timeout == 0 ? smallest : segment / 2;
    bound->is_slow = bound->is_slow || smallest * NET_FLOW_WORDS > segment;
    bound->messages = whole(fmin(in_sockets / fmin(of_message, segment), buffers));
    bound->records = whole(fmin(((double)bound->queued * segment + in_sockets) / smallest, sent));
    bound->queued = whole(fmin((double)bound->queued, buffers));
}

struct net_load_bound net_load_bound_of(const struct net_spec *spec, uint64_t segments)
{
    struct net_load_bound bound = {0};
    struct load load = {.spec = spec, .arena = sim_arena_create()};
    load.emitted = sim_arena_alloc(load.arena, spec->vertex_count, sizeof *load.emitted);
    load.at_once = sim_arena_alloc(load.arena, spec->vertex_count, sizeof *load.at_once);
    find_emitted(&load);
    find_at_once(&load);
    find_buffers(&load, segments, &bound);
    find_records(&load, &bound);
    sim_arena_destroy(load.arena);
    return bound;
}
