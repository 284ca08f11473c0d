#include "models/topology.h"

#include <stddef.h>
#include <stdio.h>

struct net_shape net_shape_of(const struct net_spec *spec, const struct net_edge_spec *edge)
{
    return (struct net_shape){
        .is_pointwise =
            edge->partition == NET_PARTITION_FORWARD || edge->partition == NET_PARTITION_RESCALE,
        .producers = spec->vertices[edge->from].parallelism,
        .consumers = spec->vertices[edge->to].parallelism,
    };
}

/* The first of `parts` that share number `index` of `whole` begins with (SIZ-7). */
static uint32_t share_floor(uint32_t index, uint32_t parts, uint32_t whole)
{
    return (uint32_t)((uint64_t)index * parts / whole);
}

static uint32_t share_ceil(uint32_t index, uint32_t parts, uint32_t whole)
{
    return (uint32_t)(((uint64_t)index * parts + whole - 1) / whole);
}

/* Of a pointwise edge with s >= t: the consumer of a producer. */
static uint32_t only_consumer(const struct net_shape *shape, uint32_t producer)
{
    uint64_t behind = ((uint64_t)producer + 1) * shape->consumers;
    return (uint32_t)((behind - 1) / shape->producers);
}

uint32_t net_shape_subpartitions(const struct net_shape *shape, uint32_t producer)
{
    if (!shape->is_pointwise) {
        return shape->consumers;
    }
    if (shape->producers >= shape->consumers) {
        return 1;
    }
    return share_ceil(producer + 1, shape->consumers, shape->producers) -
           share_ceil(producer, shape->consumers, shape->producers);
}

uint32_t net_shape_channels(const struct net_shape *shape, uint32_t consumer)
{
    if (!shape->is_pointwise) {
        return shape->producers;
    }
    if (shape->producers < shape->consumers) {
        return 1;
    }
    return share_floor(consumer + 1, shape->producers, shape->consumers) -
           share_floor(consumer, shape->producers, shape->consumers);
}

struct net_end net_shape_consumer(const struct net_shape *shape, uint32_t producer,
                                  uint32_t subpartition)
{
    if (!shape->is_pointwise) {
        return (struct net_end){.subtask = subpartition, .index = producer};
    }
    if (shape->producers >= shape->consumers) {
        uint32_t consumer = only_consumer(shape, producer);
        uint32_t first = share_floor(consumer, shape->producers, shape->consumers);
        return (struct net_end){.subtask = consumer, .index = producer - first};
    }
    uint32_t first = share_ceil(producer, shape->consumers, shape->producers);
    return (struct net_end){.subtask = first + subpartition, .index = 0};
}

struct net_end net_shape_producer(const struct net_shape *shape, uint32_t consumer,
                                  uint32_t channel)
{
    if (!shape->is_pointwise) {
        return (struct net_end){.subtask = channel, .index = consumer};
    }
    if (shape->producers >= shape->consumers) {
        uint32_t first = share_floor(consumer, shape->producers, shape->consumers);
        return (struct net_end){.subtask = first + channel, .index = 0};
    }
    uint32_t producer = share_floor(consumer, shape->producers, shape->consumers);
    uint32_t first = share_ceil(producer, shape->consumers, shape->producers);
    return (struct net_end){.subtask = producer, .index = consumer - first};
}

/* Vertices that run in one task because chained edges join them. */
struct chains {
    uint32_t *head; /* of each vertex: the first vertex of its chain */
    uint32_t *pin;  /* of each head: the task manager, or NET_ANYWHERE */
};

static uint32_t find_head(uint32_t *head, uint32_t vertex)
{
    while (head[vertex] != vertex) {
        head[vertex] = head[head[vertex]];
        vertex = head[vertex];
    }
    return vertex;
}

/* What is simulated: a chain in which each vertex has one input and one output, and no timer. */
static bool is_line(const struct net_spec *spec, const struct net_edge_spec *edge,
                    struct sim_err *err)
{
    const struct net_vertex_spec *from = &spec->vertices[edge->from];
    const struct net_vertex_spec *to = &spec->vertices[edge->to];
    for (uint32_t e = 0; e < spec->edge_count; e++) {
        const struct net_edge_spec *other = &spec->edges[e];
        if (other != edge && (other->from == edge->from || other->to == edge->to)) {
            return sim_err_set_at(err, SIM_ERR_INPUT, NULL, edge->line, 0,
                                  "vertices '%s' and '%s' are chained, but '%s' has another edge; "
                                  "only lines are chained, so drop the chain",
                                  from->name, to->name,
                                  other->from == edge->from ? from->name : to->name);
        }
    }
    if (from->emit.every > 0 || to->emit.every > 0) {
        return sim_err_set_at(err, SIM_ERR_INPUT, NULL, edge->line, 0,
                              "vertices '%s' and '%s' are chained, but '%s' emits by a timer; drop "
                              "the chain or the timer",
                              from->name, to->name, to->emit.every > 0 ? to->name : from->name);
    }
    return true;
}

static bool join_chain(struct chains *chains, const struct net_spec *spec,
                       const struct net_edge_spec *edge, struct sim_err *err)
{
    const struct net_vertex_spec *from = &spec->vertices[edge->from];
    const struct net_vertex_spec *to = &spec->vertices[edge->to];
    if (from->parallelism != to->parallelism) {
        return sim_err_set_at(err, SIM_ERR_INPUT, NULL, edge->line, 0,
                              "vertices '%s' and '%s' are chained but differ in parallelism (%u "
                              "and %u); give both the same or drop the chain",
                              from->name, to->name, from->parallelism, to->parallelism);
    }
    if (!is_line(spec, edge, err)) {
        return false;
    }
    uint32_t a = find_head(chains->head, edge->from);
    uint32_t b = find_head(chains->head, edge->to);
    uint32_t first = a < b ? a : b;
    uint32_t last = a < b ? b : a;
    if (chains->pin[first] != NET_ANYWHERE && chains->pin[last] != NET_ANYWHERE &&
        chains->pin[first] != chains->pin[last]) {
        return sim_err_set_at(err, SIM_ERR_INPUT, NULL, edge->line, 0,
                              "vertices '%s' and '%s' are chained but pinned to task managers %u "
                              "and %u; give both the same or drop the chain",
                              from->name, to->name, chains->pin[a], chains->pin[b]);
    }
    if (chains->pin[first] == NET_ANYWHERE) {
        chains->pin[first] = chains->pin[last];
    }
    chains->head[last] = first;
    return true;
}

static bool find_chains(struct chains *chains, const struct net_spec *spec, struct sim_arena *arena,
                        struct sim_err *err)
{
    chains->head = sim_arena_alloc(arena, spec->vertex_count, sizeof *chains->head);
    chains->pin = sim_arena_alloc(arena, spec->vertex_count, sizeof *chains->pin);
    for (uint32_t v = 0; v < spec->vertex_count; v++) {
        chains->head[v] = v;
        chains->pin[v] = spec->vertices[v].taskmanager;
    }
    for (uint32_t e = 0; e < spec->edge_count; e++) {
        if (spec->edges[e].is_chained && !join_chain(chains, spec, &spec->edges[e], err)) {
            return false;
        }
    }
    return true;
}

/* Slots of the cluster, numbered through: those of task manager 0 first. */
struct slots {
    const struct net_cluster_spec *cluster;
    uint32_t *taken; /* of each task manager; without slot sharing */
    uint32_t open;   /* task manager that unpinned subtasks fill now */
};

static bool refuse(const struct net_vertex_spec *vertex, uint32_t pin, uint64_t left,
                   struct sim_err *err)
{
    const char *s = vertex->parallelism == 1 ? "" : "s";
    char rest[40];
    if (left == 0) {
        snprintf(rest, sizeof rest, "none is");
    } else {
        snprintf(rest, sizeof rest, "only %llu %s", (unsigned long long)left,
                 left == 1 ? "is" : "are");
    }
    if (pin == NET_ANYWHERE) {
        return sim_err_set_at(err, SIM_ERR_INPUT, NULL, vertex->line, 0,
                              "vertex '%s' needs %u slot%s, but %s left in the cluster; raise "
                              "slots-per-taskmanager or taskmanagers, or lower its parallelism",
                              vertex->name, vertex->parallelism, s, rest);
    }
    return sim_err_set_at(
        err, SIM_ERR_INPUT, NULL, vertex->line, 0,
        "vertex '%s' needs %u slot%s of task manager %u, but %s left there; raise "
        "slots-per-taskmanager or lower its parallelism",
        vertex->name, vertex->parallelism, s, pin, rest);
}

static void put(struct net_placement *placement, uint32_t vertex, uint32_t subtask,
                uint32_t taskmanager, uint32_t slot)
{
    placement->taskmanager[placement->first[vertex] + subtask] = taskmanager;
    placement->slot[placement->first[vertex] + subtask] = slot;
}

static bool place_shared(struct net_placement *placement, const struct net_spec *spec,
                         uint32_t vertex, uint32_t pin, struct sim_err *err)
{
    const struct net_vertex_spec *what = &spec->vertices[vertex];
    uint32_t slots = spec->cluster.slots;
    uint64_t left = pin < spec->cluster.taskmanagers ? slots : 0;
    if (pin == NET_ANYWHERE) {
        left = (uint64_t)slots * spec->cluster.taskmanagers;
    }
    if (what->parallelism > left) {
        return refuse(what, pin, left, err);
    }
    for (uint32_t i = 0; i < what->parallelism; i++) {
        put(placement, vertex, i, pin == NET_ANYWHERE ? i / slots : pin, i % slots);
    }
    return true;
}

static bool place_alone(struct net_placement *placement, const struct net_spec *spec,
                        uint32_t vertex, uint32_t pin, struct slots *slots, struct sim_err *err)
{
    const struct net_vertex_spec *what = &spec->vertices[vertex];
    uint64_t left = 0;
    for (uint32_t tm = 0; tm < slots->cluster->taskmanagers; tm++) {
        left += pin == NET_ANYWHERE || pin == tm ? slots->cluster->slots - slots->taken[tm] : 0;
    }
    if (what->parallelism > left) {
        return refuse(what, pin, left, err);
    }
    for (uint32_t i = 0; i < what->parallelism; i++) {
        while (pin == NET_ANYWHERE && slots->taken[slots->open] == slots->cluster->slots) {
            slots->open++;
        }
        uint32_t tm = pin == NET_ANYWHERE ? slots->open : pin;
        put(placement, vertex, i, tm, slots->taken[tm]++);
    }
    return true;
}

static bool place_heads(struct net_placement *placement, const struct net_spec *spec,
                        const struct chains *chains, struct sim_arena *arena, struct sim_err *err)
{
    struct slots slots = {.cluster = &spec->cluster};
    slots.taken = sim_arena_alloc(arena, spec->cluster.taskmanagers, sizeof *slots.taken);
    for (int round = 0; round < 2; round++) {
        for (uint32_t v = 0; v < spec->vertex_count; v++) {
            uint32_t pin = chains->pin[v];
            /* Pinned vertices first: nobody else may take the only slots that they can have. */
            if (chains->head[v] != v || (pin == NET_ANYWHERE) != (round == 1)) {
                continue;
            }
            bool is_placed = spec->cluster.has_slot_sharing
                                 ? place_shared(placement, spec, v, pin, err)
                                 : place_alone(placement, spec, v, pin, &slots, err);
            if (!is_placed) {
                return false;
            }
        }
    }
    return true;
}

bool net_placement_make(struct net_placement *placement, const struct net_spec *spec,
                        struct sim_arena *arena, struct sim_err *err)
{
    struct net_placement result = {.vertex_count = spec->vertex_count};
    result.first = sim_arena_alloc(arena, (size_t)spec->vertex_count + 1, sizeof *result.first);
    for (uint32_t v = 0; v < spec->vertex_count; v++) {
        if (spec->vertices[v].parallelism > NET_MAX_SUBTASKS - result.first[v]) {
            return sim_err_set_at(err, SIM_ERR_LIMIT, NULL, spec->vertices[v].line, 0,
                                  "the job has more than %u subtasks; lower the parallelism",
                                  NET_MAX_SUBTASKS);
        }
        result.first[v + 1] = result.first[v] + spec->vertices[v].parallelism;
    }
    uint32_t subtasks = result.first[spec->vertex_count];
    result.taskmanager = sim_arena_alloc(arena, subtasks, sizeof *result.taskmanager);
    result.slot = sim_arena_alloc(arena, subtasks, sizeof *result.slot);

    struct chains chains;
    if (!find_chains(&chains, spec, arena, err)) {
        return false;
    }
    for (uint32_t v = 0; v < spec->vertex_count; v++) {
        chains.head[v] = find_head(chains.head, v);
    }
    if (!place_heads(&result, spec, &chains, arena, err)) {
        return false;
    }
    for (uint32_t v = 0; v < spec->vertex_count; v++) {
        for (uint32_t i = 0; i < spec->vertices[v].parallelism; i++) {
            uint32_t head = result.first[chains.head[v]] + i;
            put(&result, v, i, result.taskmanager[head], result.slot[head]);
        }
    }
    *placement = result;
    return true;
}

uint32_t net_placement_taskmanager(const struct net_placement *placement, uint32_t vertex,
                                   uint32_t subtask)
{
    return placement->taskmanager[placement->first[vertex] + subtask];
}

uint32_t net_placement_remote_channels(const struct net_placement *placement,
                                       const struct net_spec *spec,
                                       const struct net_edge_spec *edge, uint32_t consumer)
{
    struct net_shape shape = net_shape_of(spec, edge);
    uint32_t here = net_placement_taskmanager(placement, edge->to, consumer);
    uint32_t channels = net_shape_channels(&shape, consumer);
    uint32_t remote = 0;
    for (uint32_t c = 0; c < channels; c++) {
        struct net_end producer = net_shape_producer(&shape, consumer, c);
        remote += net_placement_taskmanager(placement, edge->from, producer.subtask) != here;
    }
    return remote;
}

uint64_t net_count_channels(const struct net_spec *spec)
{
    uint64_t channels = 0;
    for (uint32_t i = 0; i < spec->edge_count; i++) {
        if (spec->edges[i].is_chained) {
            continue;
        }
        struct net_shape shape = net_shape_of(spec, &spec->edges[i]);
        for (uint32_t consumer = 0; consumer < shape.consumers; consumer++) {
            channels += net_shape_channels(&shape, consumer);
        }
    }
    return channels;
}
