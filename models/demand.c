#include "models/demand.h"

#include <stddef.h>

#include "models/sizing.h"

static uint64_t count_connections(const struct net_spec *spec)
{
    uint64_t count = 0;
    for (uint32_t e = 0; e < spec->edge_count; e++) {
        struct net_shape shape = net_shape_of(spec, &spec->edges[e]);
        uint32_t more = shape.producers > shape.consumers ? shape.producers : shape.consumers;
        count += shape.is_pointwise ? more : (uint64_t)shape.producers * shape.consumers;
    }
    return count;
}

static bool add_pool(struct net_demand *demand, const struct net_spec *spec,
                     struct net_pool_demand pool, struct sim_err *err)
{
    const struct net_config *config = &spec->config;
    const struct net_edge_spec *edge = &spec->edges[pool.edge];
    struct net_shape shape = net_shape_of(spec, edge);
    pool.taskmanager = net_placement_taskmanager(&demand->placement, pool.vertex, pool.subtask);
    if (pool.is_input) {
        struct net_gate_size size = {0};
        pool.channels = net_shape_channels(&shape, pool.subtask);
        if (!net_size_gate(config, NULL, NET_TYPE_PIPELINED_BOUNDED, pool.channels, &size, err)) {
            return false;
        }
        pool.remote_channels =
            net_placement_remote_channels(&demand->placement, spec, edge, pool.subtask);
        pool.required = size.floating_min;
        pool.max = size.floating_max;
        pool.exclusive = size.exclusive_per_channel;
    } else {
        struct net_partition_size size;
        pool.channels = net_shape_subpartitions(&shape, pool.subtask);
        net_size_partition(config, NULL, NET_TYPE_PIPELINED_BOUNDED, pool.channels, &size);
        pool.required = size.required;
        pool.max = size.max;
        pool.overdraft = size.max_overdraft;
    }
    demand->pools[demand->pool_count++] = pool;
    return true;
}

/* The pools of a subtask: partitions, then gates, in the order of the edges (SIZ-1). */
static bool add_subtask(struct net_demand *demand, const struct net_spec *spec, uint32_t vertex,
                        uint32_t subtask, struct sim_err *err)
{
    for (int side = 0; side < 2; side++) {
        bool is_input = side == 1;
        for (uint32_t e = 0; e < spec->edge_count; e++) {
            const struct net_edge_spec *edge = &spec->edges[e];
            if (edge->is_chained || (is_input ? edge->to : edge->from) != vertex) {
                continue;
            }
            struct net_pool_demand pool = {
                .vertex = vertex, .subtask = subtask, .edge = e, .is_input = is_input};
            if (!add_pool(demand, spec, pool, err)) {
                return false;
            }
        }
    }
    return true;
}

static bool add_pools(struct net_demand *demand, const struct net_spec *spec,
                      struct sim_arena *arena, struct sim_err *err)
{
    size_t most = 0;
    for (uint32_t e = 0; e < spec->edge_count; e++) {
        struct net_shape shape = net_shape_of(spec, &spec->edges[e]);
        most += (size_t)shape.producers + shape.consumers;
    }
    demand->pools = sim_arena_alloc(arena, most, sizeof *demand->pools);
    for (uint32_t v = 0; v < spec->vertex_count; v++) {
        for (uint32_t i = 0; i < spec->vertices[v].parallelism; i++) {
            if (!add_subtask(demand, spec, v, i, err)) {
                return false;
            }
        }
    }
    return true;
}

/* SIZ-8 */
static void add_up(struct net_demand *demand, const struct net_spec *spec)
{
    for (uint32_t v = 0; v < spec->vertex_count; v++) {
        for (uint32_t i = 0; i < spec->vertices[v].parallelism; i++) {
            uint32_t tm = net_placement_taskmanager(&demand->placement, v, i);
            demand->taskmanagers[tm].subtasks++;
        }
    }
    for (uint32_t i = 0; i < demand->pool_count; i++) {
        const struct net_pool_demand *pool = &demand->pools[i];
        struct net_taskmanager_demand *sum = &demand->taskmanagers[pool->taskmanager];
        int64_t exclusive = pool->exclusive * pool->remote_channels;
        sum->guaranteed += pool->required + exclusive;
        sum->desired += pool->max + exclusive;
        sum->overdraft += pool->overdraft;
        if (pool->is_input) {
            sum->gates++;
            sum->remote_channels += pool->remote_channels;
            sum->local_channels += pool->channels - pool->remote_channels;
        } else {
            sum->partitions++;
        }
    }
    for (uint32_t tm = 0; tm < demand->taskmanager_count; tm++) {
        if (demand->taskmanagers[tm].guaranteed > demand->least_segments) {
            demand->least_segments = demand->taskmanagers[tm].guaranteed;
        }
    }
    demand->starts = demand->least_segments <= demand->memory.segments;
}

static bool take(struct net_demand *demand, int64_t *taken, const struct net_pool_demand *pool,
                 bool is_exclusive)
{
    int64_t required = is_exclusive ? pool->exclusive : pool->required;
    int64_t available = demand->memory.segments - taken[pool->taskmanager];
    if (required > available) {
        demand->refusal = (struct net_refusal){.pool = pool,
                                               .is_exclusive = is_exclusive,
                                               .required = required,
                                               .available = available};
        return false;
    }
    taken[pool->taskmanager] += required;
    return true;
}

/* SIZ-1: the pools of all tasks come first, then the channels, one by one. */
static void find_refusal(struct net_demand *demand, struct sim_arena *arena)
{
    int64_t *taken = sim_arena_alloc(arena, demand->taskmanager_count, sizeof *taken);
    for (uint32_t i = 0; i < demand->pool_count; i++) {
        if (!take(demand, taken, &demand->pools[i], false)) {
            return;
        }
    }
    for (uint32_t i = 0; i < demand->pool_count; i++) {
        for (uint32_t c = 0; c < demand->pools[i].remote_channels; c++) {
            if (!take(demand, taken, &demand->pools[i], true)) {
                return;
            }
        }
    }
}

bool net_demand_make(struct net_demand *demand, const struct net_spec *spec,
                     struct sim_arena *arena, struct sim_err *err)
{
    struct net_demand result = {.taskmanager_count = spec->cluster.taskmanagers};
    if (!net_placement_make(&result.placement, spec, arena, err) ||
        !net_memory_derive(&spec->config, &result.memory, err)) {
        return false;
    }
    if (count_connections(spec) > NET_MAX_CHANNELS) {
        return sim_err_set(err, SIM_ERR_LIMIT,
                           "the job has more than %u channels; lower the parallelism",
                           NET_MAX_CHANNELS);
    }
    result.taskmanagers =
        sim_arena_alloc(arena, result.taskmanager_count, sizeof *result.taskmanagers);
    if (!add_pools(&result, spec, arena, err)) {
        return false;
    }
    add_up(&result, spec);
    if (!result.starts) {
        find_refusal(&result, arena);
    }
    *demand = result;
    return true;
}

/* NBP-6 */
bool net_demand_refuse(const struct net_demand *demand, struct sim_err *err)
{
    return sim_err_set(
        err, SIM_ERR_ANSWER,
        "Insufficient number of network buffers: required %lld, but only %lld available. The "
        "total number of network buffers is currently set to %lld of %lld bytes each. You can "
        "increase this number by setting the configuration keys "
        "'taskmanager.memory.network.fraction', 'taskmanager.memory.network.min', and "
        "'taskmanager.memory.network.max'.",
        (long long)demand->refusal.required, (long long)demand->refusal.available,
        (long long)demand->memory.segments, (long long)demand->memory.segment_size);
}

int64_t net_autoscaler_segments(const struct net_config *config, enum net_partition_kind kind,
                                uint32_t parallelism, uint32_t connected)
{
    int64_t channels = connected;
    if (kind == NET_PARTITION_FORWARD && parallelism == connected) {
        channels = 1;
    } else if (kind == NET_PARTITION_FORWARD || kind == NET_PARTITION_RESCALE) {
        channels = ((int64_t)connected + parallelism - 1) / parallelism;
    }
    return channels * config->buffers_per_channel + config->floating_buffers_per_gate;
}

/* a x b, or the largest number there is. */
static int64_t multiply(int64_t a, int64_t b)
{
    return b != 0 && a > INT64_MAX / b ? INT64_MAX : a * b;
}

int64_t net_autoscaler_bytes(const struct net_spec *spec)
{
    int64_t segments = 0;
    for (uint32_t e = 0; e < spec->edge_count; e++) {
        const struct net_edge_spec *edge = &spec->edges[e];
        if (edge->is_chained) {
            continue; /* no edge of the job graph */
        }
        uint32_t from = spec->vertices[edge->from].parallelism;
        uint32_t to = spec->vertices[edge->to].parallelism;
        segments += net_autoscaler_segments(&spec->config, edge->partition, from, to);
        segments += net_autoscaler_segments(&spec->config, edge->partition, to, from);
    }
    return multiply(multiply(segments, spec->config.memory.segment_size), spec->cluster.slots);
}
