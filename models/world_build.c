/* Expanding a specification: pools in the order in which Flink's tasks ask for them, then channels
 * and connections. */
#include <stdio.h>
#include <stdlib.h>

#include "models/barriers.h"
#include "models/delay.h"
#include "models/memory.h"
#include "models/rank.h"
#include "models/sizing.h"
#include "models/world_internal.h"

#define HEADER_BYTES_1_20 43u /* of a BufferResponse (NET-4) */
#define HEADER_BYTES_2_2 47u

/* ---- task managers ---- */

static bool build_taskmanagers(struct net_world *world, struct sim_err *err)
{
    const struct net_spec *spec = world->spec;
    struct net_memory memory;
    if (!net_memory_derive(&spec->config, &memory, err)) {
        return false;
    }
    if (memory.segments * (int64_t)spec->cluster.taskmanagers > (int64_t)NET_MAX_SEGMENTS) {
        return sim_err_set(
            err, SIM_ERR_LIMIT,
            "%u task managers with %lld segments each are more than %u segments in all: "
            "give the task managers less network memory",
            spec->cluster.taskmanagers, (long long)memory.segments, NET_MAX_SEGMENTS);
    }
    world->taskmanagers =
        sim_arena_alloc(world->arena, spec->cluster.taskmanagers, sizeof *world->taskmanagers);
    struct net_network_pool_params params = {
        .segments = (uint32_t)memory.segments,
        .segment_bytes = (uint32_t)spec->config.memory.segment_size,
        .request_timeout = spec->config.request_timeout,
    };
    for (uint32_t i = 0; i < spec->cluster.taskmanagers; i++) {
        struct net_segments *segments = &world->taskmanagers[i].segments;
        net_segments_init(segments, world->sim, &params);
        world->taskmanagers[i].send.bytes_per_second = spec->cluster.nic.send;
        world->taskmanagers[i].receive.bytes_per_second = spec->cluster.nic.receive;
    }
    return true;
}

/* ---- tasks ---- */

static void stream_of(const struct net_world *world, const struct net_task *task,
                      const char *purpose, uint64_t seed, struct sim_stream *stream)
{
    char name[160];
    snprintf(name, sizeof name, "%s/%u", task->vertex->name, task->subtask);
    uint64_t mixed = world->params.seed * UINT64_C(0x9e3779b97f4a7c15) + seed;
    sim_stream_init(stream, mixed, world->params.replication, name, purpose);
}

static sim_time random_delay(const struct net_world *world, const struct net_task *task,
                             const char *purpose, sim_time mean)
{
    struct sim_stream stream;
    stream_of(world, task, purpose, 0, &stream);
    return net_delay_draw(mean, 1.0, &stream);
}

static sim_time uniform_delay(const struct net_world *world, const struct net_task *task,
                              const char *purpose, sim_time longest)
{
    struct sim_stream stream;
    stream_of(world, task, purpose, 0, &stream);
    return longest > 0 ? (sim_time)sim_stream_below(&stream, (uint64_t)longest + 1) : 0;
}

/* The vertex that leads the chain of `vertex`: itself where it is in none. */
static uint32_t lead_of(const struct net_spec *spec, uint32_t vertex)
{
    for (uint32_t i = 0; i < spec->edge_count; i++) {
        if (spec->edges[i].is_chained && spec->edges[i].to == vertex) {
            return lead_of(spec, spec->edges[i].from);
        }
    }
    return vertex;
}

/* Whether an edge is one of the gates (incoming) or partitions of the task that `vertex` leads. */
static bool is_edge_of(const struct net_spec *spec, const struct net_edge_spec *edge,
                       uint32_t vertex, bool incoming)
{
    if (edge->is_chained) {
        return false;
    }
    return incoming ? edge->to == vertex : lead_of(spec, edge->from) == vertex;
}

static uint32_t count_edges(const struct net_spec *spec, uint32_t vertex, bool incoming)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < spec->edge_count; i++) {
        count += is_edge_of(spec, &spec->edges[i], vertex, incoming);
    }
    return count;
}

static void init_source(struct net_world *world, struct net_task *task)
{
    char name[160];
    snprintf(name, sizeof name, "%s/%u", task->vertex->name, task->subtask);
    struct net_stream_name stream = {
        .seed = world->params.seed, .replication = world->params.replication, .entity = name};
    net_source_init(&task->source, &task->vertex->source, task->subtask, task->vertex->parallelism,
                    &world->keys[task->vertex_index], &stream);
    task->source.start = uniform_delay(world, task, "start", world->spec->machine.source_delay);
    task->source.horizon = world->spec->run.duration;
}

/* One logical input for all gates (a union), or one for each (two inputs). */
static void init_inputs(struct net_world *world, struct net_task *task)
{
    uint32_t gates = count_edges(world->spec, task->vertex_index, true);
    task->input_count = gates == 0 ? 0 : task->vertex->is_connect ? gates : 1;
    task->inputs = sim_arena_alloc_aligned(world->arena, task->input_count, sizeof *task->inputs);
    for (uint32_t i = 0; i < task->input_count; i++) {
        struct net_input *input = &task->inputs[i];
        input->task = task;
        input->gate_count = task->vertex->is_connect ? 1 : gates;
        input->gates =
            sim_arena_alloc_aligned(world->arena, input->gate_count, sizeof *input->gates);
        input->ready = &input->only_ready;
        input->is_ready = &input->is_only_ready;
        if (input->gate_count > 1) {
            input->ready = sim_arena_alloc(world->arena, input->gate_count, sizeof *input->ready);
            input->is_ready =
                sim_arena_alloc(world->arena, input->gate_count, sizeof *input->is_ready);
        }
        uint32_t service = i < task->vertex->service_count ? i : task->vertex->service_count - 1;
        input->service = &task->vertex->services[service];
        char purpose[32];
        snprintf(purpose, sizeof purpose, "service %u", i);
        stream_of(world, task, purpose, input->service->seed, &input->services.stream);
        sim_draws_init(&input->services, &input->service->time);
    }
}

/* Behind the one that emits to it; its records come from there. */
static void join_chain(struct net_world *world, struct net_task *task)
{
    const struct net_spec *spec = world->spec;
    for (uint32_t i = 0; i < spec->edge_count; i++) {
        if (spec->edges[i].is_chained && spec->edges[i].from == task->vertex_index) {
            task->next = net_world_task(world, spec->edges[i].to, task->subtask);
        }
    }
    task->lead = net_world_task(world, lead_of(spec, task->vertex_index), task->subtask);
    if (task->lead != task) {
        struct net_input *input = sim_arena_alloc(world->arena, 1, sizeof *input);
        input->task = task;
        input->service = &task->vertex->services[0];
        stream_of(world, task, "service 0", input->service->seed, &input->services.stream);
        sim_draws_init(&input->services, &input->service->time);
        task->served = input;
    }
}

static void find_tails(struct net_world *world)
{
    for (uint32_t i = 0; i < world->task_count; i++) {
        join_chain(world, &world->tasks[i]);
    }
    for (uint32_t i = 0; i < world->task_count; i++) {
        struct net_task *task = &world->tasks[i];
        for (task->tail = task; task->tail->next != NULL;) {
            task->tail = task->tail->next;
        }
    }
}

static void init_task(struct net_world *world, uint32_t vertex, uint32_t subtask)
{
    struct net_task *task = net_world_task(world, vertex, subtask);
    *task = (struct net_task){
        .sim = world->sim,
        .spec = world->spec,
        .vertex = &world->spec->vertices[vertex],
        .vertex_index = vertex,
        .subtask = subtask,
        .taskmanager = net_placement_taskmanager(&world->placement, vertex, subtask),
        .entity = (uint32_t)(task - world->tasks),
        .output_count = count_edges(world->spec, vertex, false),
        .latency = sim_histogram_create(),
        .recent_latency = sim_histogram_create(),
        .new_latency = sim_histogram_create(),
    };
    task->outputs =
        sim_arena_alloc_aligned(world->arena, task->output_count, sizeof *task->outputs);
    stream_of(world, task, "record size", 0, &task->sizes.stream);
    sim_draws_init(&task->sizes, &task->vertex->record_size);
    stream_of(world, task, "wake-up", 0, &task->wakeups);
    task->time.clock_offset = (uint32_t)uniform_delay(world, task, "clock", SIM_MS - 1);
    task->step = sim_event_create(world->sim, NET_RANK_TASK, task->entity, net_task_on_step, task);
    task->timer =
        sim_event_create(world->sim, NET_RANK_TIMER, task->entity, net_task_on_timer, task);
    task->debloat_timer = SIM_EVENT_NONE;
    if (task->vertex->is_source) {
        init_source(world, task);
    } else {
        if (world->spec->config.has_debloating) {
            task->debloat_timer = sim_event_create(world->sim, NET_RANK_TIMER, task->entity,
                                                   net_task_on_debloat_timer, task);
        }
        task->first_service_delay =
            random_delay(world, task, "start", world->spec->machine.operator_delay);
        init_inputs(world, task);
    }
}

/* ---- pools ---- */

static struct net_segments *segments_of(struct net_world *world, const struct net_task *task)
{
    return &world->taskmanagers[task->taskmanager].segments;
}

/* SUB-14: 1.20 begins with whole segments. */
static uint32_t starting_size_hint(const struct net_config *config)
{
    bool is_small = config->has_debloating && config->version == NET_FLINK_2_2;
    return is_small ? (uint32_t)config->memory.starting_segment_size : 0;
}

/* DBL-3, DBL-9 */
static struct net_debloater *create_debloater(struct net_world *world)
{
    const struct net_config *config = &world->spec->config;
    bool is_small = config->version == NET_FLINK_2_2;
    struct net_debloater_params params = {
        .version = config->version,
        .target_ms = config->debloat_target / SIM_MS,
        .starting_size = (int32_t)(is_small ? config->memory.starting_segment_size
                                            : config->memory.segment_size),
        .max_size = (int32_t)config->memory.segment_size,
        .min_size = (int32_t)config->memory.min_segment_size,
        .threshold_percent = (int32_t)config->debloat_threshold_percent,
        .samples = config->debloat_samples,
    };
    struct net_debloater *debloater = sim_arena_alloc(world->arena, 1, sizeof *debloater);
    net_debloater_init(debloater, &params);
    return debloater;
}

/* SIZ-2 */
static bool create_partition(struct net_world *world, struct net_output *output,
                             const struct net_edge_spec *edge, struct sim_err *err)
{
    const struct net_config *config = &world->spec->config;
    struct net_task *task = output->task;
    struct net_shape shape = net_shape_of(world->spec, edge);
    uint32_t count = net_shape_subpartitions(&shape, task->subtask);
    struct net_partition_size size;
    net_size_partition(config, NULL, NET_TYPE_PIPELINED_BOUNDED, count, &size);
    struct net_local_pool_params pool_params = {
        .required = size.required,
        .max = size.max,
        .subpartitions = count,
        .max_per_subpartition = size.max_per_subpartition,
        .max_overdraft = size.max_overdraft,
        .key = (int64_t)world->next_entity++,
    };
    struct net_segments *segments = segments_of(world, task);
    struct net_local_pool *pool = net_network_pool_create_pool(segments->pool, &pool_params, err);
    if (pool == NULL) {
        return false;
    }
    struct net_partition_params params = {
        .segments = segments,
        .pool = pool,
        .subpartitions = count,
        .exclusive_per_channel = (uint32_t)config->buffers_per_channel,
        .flushes_always = config->buffer_timeout == 0,
        .size_hint = starting_size_hint(config),
        .settle = net_task_on_settle,
        .writer = task,
    };
    net_partition_init(&output->partition, world->sim, &params);
    net_local_pool_on_available(pool, net_output_on_available, output);
    char purpose[48];
    snprintf(purpose, sizeof purpose, "start channel %s", world->spec->vertices[edge->to].name);
    stream_of(world, task, purpose, 0, &output->start);
    net_router_init(&output->router, edge, count, (uint32_t)sim_stream_below(&output->start, count),
                    world->arena);
    output->flows = sim_arena_alloc_aligned(world->arena, count, sizeof *output->flows);
    output->flusher = SIM_EVENT_NONE;
    return true;
}

/* SIZ-4, LBP-16 */
static bool create_gate(struct net_world *world, struct net_input *input, struct net_gate *gate,
                        const struct net_edge_spec *edge, struct sim_err *err)
{
    struct net_task *task = input->task;
    struct net_shape shape = net_shape_of(world->spec, edge);
    uint32_t channels = net_shape_channels(&shape, task->subtask);
    struct net_gate_size size;
    if (!net_size_gate(&world->spec->config, NULL, NET_TYPE_PIPELINED_BOUNDED, channels, &size,
                       err)) {
        err->code = SIM_ERR_ANSWER;
        return false;
    }
    struct net_local_pool_params pool_params = {.required = size.floating_min,
                                                .max = size.floating_max,
                                                .key = (int64_t)world->next_entity++};
    struct net_segments *segments = segments_of(world, task);
    struct net_local_pool *pool = net_network_pool_create_pool(segments->pool, &pool_params, err);
    if (pool == NULL || !net_local_pool_reserve(pool, 1, err)) {
        return false;
    }
    struct net_gate_params params = {.segments = segments,
                                     .pool = pool,
                                     .channels = channels,
                                     .on_available = net_input_on_gate,
                                     .on_priority = net_input_on_priority,
                                     .owner = input};
    net_gate_init(gate, world->sim, &params);
    if (world->spec->config.has_debloating) {
        gate->debloater = create_debloater(world);
    }
    return true;
}

static struct net_gate *gate_of(const struct net_task *task, uint32_t index)
{
    return task->vertex->is_connect ? &task->inputs[index].gates[0] : &task->inputs[0].gates[index];
}

static struct net_input *input_of(const struct net_task *task, uint32_t index)
{
    return task->vertex->is_connect ? &task->inputs[index] : &task->inputs[0];
}

/* CHK-1: no edge to a vertex with a pointwise or broadcast input supports unaligned checkpoints. */
static bool supports_unaligned(const struct net_spec *spec, uint32_t to)
{
    for (uint32_t i = 0; i < spec->edge_count; i++) {
        enum net_partition_kind kind = spec->edges[i].partition;
        if (spec->edges[i].to == to &&
            (kind == NET_PARTITION_FORWARD || kind == NET_PARTITION_RESCALE ||
             kind == NET_PARTITION_BROADCAST)) {
            return false;
        }
    }
    return true;
}

/* SIZ-1: all result partitions of the task, then all its gates. */
static bool create_pools(struct net_world *world, struct net_task *task, struct sim_err *err)
{
    const struct net_spec *spec = world->spec;
    uint32_t outputs = 0;
    uint32_t gates = 0;
    for (uint32_t i = 0; i < spec->edge_count; i++) {
        if (is_edge_of(spec, &spec->edges[i], task->vertex_index, false)) {
            struct net_output *output = &task->outputs[outputs++];
            output->task = task;
            output->supports_unaligned = supports_unaligned(spec, spec->edges[i].to);
            if (!create_partition(world, output, &spec->edges[i], err)) {
                return false;
            }
        }
    }
    for (uint32_t i = 0; i < spec->edge_count; i++) {
        if (is_edge_of(spec, &spec->edges[i], task->vertex_index, true)) {
            struct net_input *input = input_of(task, gates);
            if (!create_gate(world, input, gate_of(task, gates), &spec->edges[i], err)) {
                return false;
            }
            gates++;
        }
    }
    return true;
}

/* ---- connections and channels ---- */

static const struct net_link_spec *link_between(const struct net_spec *spec, uint32_t from,
                                                uint32_t to)
{
    for (uint32_t i = 0; i < spec->cluster.override_count; i++) {
        const struct net_link_override *override = &spec->cluster.overrides[i];
        if (override->from == from && override->to == to) {
            return &override->link;
        }
    }
    return &spec->cluster.link;
}

/* One direction of a connection: its interfaces and its random numbers. */
static void prepare_link(struct net_world *world, struct net_link *link, uint32_t from, uint32_t to,
                         const char *purpose)
{
    char name[64];
    snprintf(name, sizeof name, "%s %u %u-%u", purpose, world->connection_count, from, to);
    net_link_seed(link, world->params.seed, world->params.replication, name);
    link->from = &world->taskmanagers[from].send;
    link->to = &world->taskmanagers[to].receive;
}

/* LEG-2 */
static void use_plain_tcp(const struct net_spec *spec, struct net_connection_params *params)
{
    params->window_bytes =
        net_link_window(params->data, params->control, spec->machine.socket_bytes);
    params->high_watermark = 2 * spec->config.memory.segment_size;
    params->low_watermark = spec->config.memory.segment_size + 1;
}

static struct net_connection *create_connection(struct net_world *world, uint32_t from, uint32_t to)
{
    const struct net_spec *spec = world->spec;
    struct net_connection_params params = {
        .data = link_between(spec, from, to),
        .control = link_between(spec, to, from),
        .handover = spec->machine.handover,
        .jitter = spec->machine.jitter,
        .socket_bytes = spec->machine.socket_bytes,
        .header_bytes =
            spec->config.version == NET_FLINK_2_2 ? HEADER_BYTES_2_2 : HEADER_BYTES_1_20,
        .entity = world->connection_count * 2,
        .horizon = world->spec->run.duration,
    };
    if (spec->config.transport == NET_TRANSPORT_TCP) {
        use_plain_tcp(spec, &params);
    }
    struct net_connection *connection =
        sim_arena_alloc_aligned(world->arena, 1, sizeof *connection);
    net_connection_init(connection, world->sim, &params);
    net_world_seed_handovers(world, connection);
    prepare_link(world, &connection->data, from, to, "data");
    prepare_link(world, &connection->control, to, from, "control");
    world->connections =
        sim_realloc(world->connections, world->connection_count + 1, sizeof *world->connections);
    world->connections[world->connection_count++] = connection;
    return connection;
}

/* NET-2: the connections by (producer, consumer, connection index), an open hash table. */
struct connection_key {
    uint32_t from;
    uint32_t to;
    uint32_t index;
    struct net_connection *connection;
};

struct net_connections {
    struct connection_key *slots;
    uint32_t capacity; /* a power of two */
    uint32_t count;
};

static uint32_t slot_of(const struct net_connections *table, uint32_t from, uint32_t to,
                        uint32_t index)
{
    uint64_t hash = ((uint64_t)from << 32 | to) * UINT64_C(0x9e3779b97f4a7c15) + index;
    uint32_t slot = (uint32_t)(hash >> 32) & (table->capacity - 1);
    while (table->slots[slot].connection != NULL &&
           (table->slots[slot].from != from || table->slots[slot].to != to ||
            table->slots[slot].index != index)) {
        slot = (slot + 1) & (table->capacity - 1);
    }
    return slot;
}

static void grow_connections(struct net_connections *table)
{
    struct net_connections old = *table;
    table->capacity = old.capacity == 0 ? 64 : old.capacity * 2;
    table->slots = sim_alloc(table->capacity, sizeof *table->slots);
    for (uint32_t i = 0; i < old.capacity; i++) {
        const struct connection_key *key = &old.slots[i];
        if (key->connection != NULL) {
            table->slots[slot_of(table, key->from, key->to, key->index)] = *key;
        }
    }
    free(old.slots);
}

static struct net_connection *connection_between(struct net_world *world,
                                                 struct net_connections *table, uint32_t from,
                                                 uint32_t to, uint32_t index)
{
    if (table->count * 2 >= table->capacity) {
        grow_connections(table);
    }
    struct connection_key *key = &table->slots[slot_of(table, from, to, index)];
    if (key->connection == NULL) {
        *key = (struct connection_key){from, to, index, create_connection(world, from, to)};
        table->count++;
    }
    return key->connection;
}

/* What the channels of a gate have in common. */
struct joint {
    struct net_connections *connections;
    struct net_gate *gate;
    uint32_t exclusive;
    uint32_t connection_index;
};

/* Join a channel of a gate with its subpartition, the next channel of the world. */
static void join_channel(struct net_world *world, const struct joint *joint, uint32_t index,
                         struct net_output *output, uint32_t subpartition)
{
    struct net_gate *gate = joint->gate;
    struct net_channel *channel = &gate->channels[index];
    const struct net_input *input = gate->owner;
    const struct net_task *consumer = input->task;
    const struct net_task *producer = output->task;
    struct net_subpartition *sub = &output->partition.subs[subpartition];
    if (producer->taskmanager == consumer->taskmanager) {
        net_channel_init_local(channel, gate, index, sub); /* NET-1 */
    } else {
        struct net_connection *connection =
            connection_between(world, joint->connections, producer->taskmanager,
                               consumer->taskmanager, joint->connection_index);
        net_channel_init_remote(channel, gate, index, joint->exclusive, &connection->client);
        bool has_credit = world->spec->config.transport == NET_TRANSPORT_CREDIT;
        channel->has_no_credit = !has_credit;
        if (output->readers == NULL) {
            output->readers = sim_arena_alloc_aligned(world->arena, output->partition.count,
                                                      sizeof *output->readers);
        }
        channel->reader = &output->readers[subpartition];
        net_reader_init(channel->reader, &connection->sender, sub, channel,
                        has_credit ? joint->exclusive : INT32_MAX); /* LEG-2 */
        net_connection_join(connection, channel->reader);
        channel->reader->index = world->link_count;
    }
    channel->flow = &output->flows[subpartition];
    channel->flow->store = &world->flows;
    world->links[world->link_count++].channel = channel;
}

static uint32_t edge_position(const struct net_spec *spec, uint32_t edge, bool incoming)
{
    uint32_t position = 0;
    for (uint32_t i = 0; i < edge; i++) {
        uint32_t vertex = incoming ? spec->edges[edge].to : lead_of(spec, spec->edges[edge].from);
        position += is_edge_of(spec, &spec->edges[i], vertex, incoming);
    }
    return position;
}

static void join_edge(struct net_world *world, struct net_connections *table, uint32_t edge_index)
{
    const struct net_spec *spec = world->spec;
    const struct net_edge_spec *edge = &spec->edges[edge_index];
    struct net_shape shape = net_shape_of(spec, edge);
    uint32_t input = edge_position(spec, edge_index, true);
    uint32_t output = edge_position(spec, edge_index, false);
    uint32_t lead = lead_of(spec, edge->from);
    uint32_t tcp_index = edge_index % (uint32_t)spec->config.tcp_connections;
    for (uint32_t consumer = 0; consumer < shape.consumers; consumer++) {
        struct net_gate *gate = gate_of(net_world_task(world, edge->to, consumer), input);
        struct net_gate_size size;
        net_size_gate(&spec->config, NULL, NET_TYPE_PIPELINED_BOUNDED, gate->count, &size, NULL);
        struct joint joint = {.connections = table,
                              .gate = gate,
                              .exclusive = (uint32_t)size.exclusive_per_channel,
                              .connection_index = tcp_index};
        for (uint32_t i = 0; i < gate->count; i++) {
            struct net_end producer = net_shape_producer(&shape, consumer, i);
            struct net_task *task = net_world_task(world, lead, producer.subtask);
            join_channel(world, &joint, i, &task->outputs[output], producer.index);
        }
    }
}

static bool join_channels(struct net_world *world, struct sim_err *err)
{
    uint64_t channels = net_count_channels(world->spec);
    if (channels > NET_MAX_CHANNELS) {
        return sim_err_set(err, SIM_ERR_LIMIT,
                           "the job has %llu channels, more than %u: lower the parallelism",
                           (unsigned long long)channels, NET_MAX_CHANNELS);
    }
    world->links = sim_arena_alloc(world->arena, channels, sizeof *world->links);
    struct net_connections table = {0};
    for (uint32_t i = 0; i < world->spec->edge_count; i++) {
        if (!world->spec->edges[i].is_chained) {
            join_edge(world, &table, i);
        }
    }
    free(table.slots);
    return true;
}

/* SIZ-1, step 3: one request for the exclusive segments of every remote channel. */
static bool assign_exclusive(struct net_world *world, struct sim_err *err)
{
    for (uint32_t i = 0; i < world->link_count; i++) {
        struct net_channel *channel = world->links[i].channel;
        if (channel->is_remote && !net_channel_assign_exclusive(channel, err)) {
            return false;
        }
    }
    return true;
}

/* FLU-1: one flusher per output, with phases about that of the job. */
static void create_flushers(struct net_world *world)
{
    const struct net_spec *spec = world->spec;
    sim_time timeout = spec->config.buffer_timeout;
    if (timeout <= 0) {
        return;
    }
    struct sim_stream job;
    sim_stream_init(&job, world->params.seed, world->params.replication, "job", "flusher phase");
    sim_time phase = (sim_time)sim_stream_below(&job, (uint64_t)timeout);
    for (uint32_t i = 0; i < world->task_count; i++) {
        struct net_task *task = &world->tasks[i];
        for (uint32_t j = 0; j < task->output_count; j++) {
            struct net_output *output = &task->outputs[j];
            char purpose[32];
            snprintf(purpose, sizeof purpose, "flusher %u", j);
            sim_time first =
                phase + uniform_delay(world, task, purpose, spec->machine.phase_spread);
            output->flusher = sim_event_create(world->sim, NET_RANK_TIMER, task->entity,
                                               net_output_on_flush, output);
            sim_event_schedule(world->sim, output->flusher, first);
        }
    }
}

bool net_world_build(struct net_world *world, struct sim_err *err)
{
    const struct net_spec *spec = world->spec;
    if (!build_taskmanagers(world, err)) {
        return false;
    }
    world->keys = sim_arena_alloc(world->arena, spec->vertex_count, sizeof *world->keys);
    world->tasks = sim_arena_alloc_aligned(world->arena, world->task_count, sizeof *world->tasks);
    for (uint32_t v = 0; v < spec->vertex_count; v++) {
        if (spec->vertices[v].is_source) {
            net_keys_prepare(&world->keys[v], &spec->vertices[v].source.keys, world->arena);
        }
        for (uint32_t i = 0; i < spec->vertices[v].parallelism; i++) {
            init_task(world, v, i);
        }
    }
    find_tails(world);
    for (uint32_t i = 0; i < world->task_count; i++) {
        if (!create_pools(world, &world->tasks[i], err)) {
            return false;
        }
        if (!world->params.per_record) {
            net_span_init(&world->tasks[i], world->arena);
        }
    }
    if (!join_channels(world, err) || !assign_exclusive(world, err)) {
        return false;
    }
    create_flushers(world);
    world->balance = sim_arena_alloc(world->arena, spec->vertex_count, sizeof *world->balance);
    world->pauses = sim_arena_alloc(world->arena, spec->cluster.pause_count, sizeof *world->pauses);
    if (net_world_has_checkpoints(world)) {
        net_world_create_checkpoints(world);
    }
    return true;
}
