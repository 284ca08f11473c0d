#include "models/world.h"

#include <stdlib.h>

#include "models/footprint.h"
#include "models/rank.h"
#include "models/world_internal.h"
#include "sim/assert.h"

static uint64_t count_subtasks(const struct net_spec *spec)
{
    uint64_t subtasks = 0;
    for (uint32_t v = 0; v < spec->vertex_count; v++) {
        subtasks += spec->vertices[v].parallelism;
    }
    return subtasks;
}

static bool check_limits(const struct net_spec *spec, struct sim_err *err)
{
    uint64_t subtasks = count_subtasks(spec);
    if (subtasks > NET_MAX_SUBTASKS) {
        return sim_err_set(err, SIM_ERR_LIMIT,
                           "the job has %llu subtasks, more than %u: lower the parallelism",
                           (unsigned long long)subtasks, NET_MAX_SUBTASKS);
    }
    if (spec->cluster.taskmanagers > NET_MAX_TASKMANAGERS) {
        return sim_err_set(err, SIM_ERR_LIMIT, "the cluster has %u task managers, more than %u",
                           spec->cluster.taskmanagers, NET_MAX_TASKMANAGERS);
    }
    return true;
}

static void after_event(void *arg)
{
    struct net_world *world = arg;
    struct sim_err err = {0};
    bool holds = !world->params.has_audits || net_world_audit(world, &err);
    if (!holds) {
        sim_assert_fail(__FILE__, __LINE__, err.text, world->sim);
    }
    if (net_world_has_end(world)) {
        net_world_look_for_end(world);
    }
}

/* MET-10: Flink's gauges are renewed every 5 s. */
static void on_gauge_update(struct sim *sim, void *owner)
{
    struct net_world *world = owner;
    for (uint32_t i = 0; i < world->task_count; i++) {
        net_time_account_update(&world->tasks[i].time, sim_now(sim));
    }
    sim_event_again(sim, sim_now(sim) + NET_GAUGE_INTERVAL);
}

struct net_world *net_world_create(struct sim *sim, const struct net_spec *spec,
                                   const struct net_world_params *params, struct sim_err *err)
{
    if (!check_limits(spec, err)) {
        return NULL;
    }
    struct net_footprint footprint;
    net_footprint_estimate(spec, &footprint);
    sim_expect_alloc(footprint.bytes_without_records);
    struct net_world *world = sim_alloc(1, sizeof *world);
    world->sim = sim;
    world->spec = spec;
    world->params = *params;
    world->params.per_record = params->per_record || net_world_has_end(world);
    world->arena = sim_arena_create();
    world->flows.arena = world->arena;
    world->task_count = (uint32_t)count_subtasks(spec);
    if (!net_placement_make(&world->placement, spec, world->arena, err) ||
        !net_world_build(world, err)) {
        net_world_destroy(world);
        return NULL;
    }
    net_world_count_levels(world);
    world->samples = sim_arena_alloc(world->arena, world->task_count, sizeof *world->samples);
    world->gauge_update = sim_event_create(sim, NET_RANK_GAUGE, 0, on_gauge_update, world);
    if (params->has_audits || net_world_has_end(world)) {
        sim_set_audit(sim, after_event, world);
    }
    return world;
}

static void finish_task(struct net_task *task)
{
    for (uint32_t i = 0; i < task->output_count; i++) {
        if (task->outputs[i].partition.subs != NULL) {
            net_partition_finish(&task->outputs[i].partition);
        }
    }
    for (uint32_t i = 0; i < task->input_count; i++) {
        for (uint32_t j = 0; j < task->inputs[i].gate_count; j++) {
            if (task->inputs[i].gates[j].channels != NULL) {
                net_gate_finish(&task->inputs[i].gates[j]);
            }
        }
    }
    sim_histogram_destroy(task->latency);
    sim_histogram_destroy(task->recent_latency);
    sim_histogram_destroy(task->new_latency);
}

void net_world_destroy(struct net_world *world)
{
    if (world == NULL) {
        return;
    }
    for (uint32_t i = 0; world->tasks != NULL && i < world->task_count; i++) {
        finish_task(&world->tasks[i]);
    }
    for (uint32_t i = 0; i < world->connection_count; i++) {
        net_connection_finish(world->connections[i]);
    }
    net_world_finish_checkpoints(world);
    net_world_finish_marks(world);
    free(world->connections);
    for (uint32_t i = 0; world->keys != NULL && i < world->spec->vertex_count; i++) {
        sim_dist_finish(&world->keys[i]);
    }
    for (uint32_t i = 0; world->taskmanagers != NULL && i < world->spec->cluster.taskmanagers;
         i++) {
        net_segments_finish(&world->taskmanagers[i].segments);
    }
    sim_arena_destroy(world->arena);
    free(world);
}

void net_world_start(struct net_world *world)
{
    net_world_open_connections(world);
    for (uint32_t i = 0; i < world->task_count; i++) {
        if (world->tasks[i].lead == &world->tasks[i]) {
            net_task_start(&world->tasks[i]);
        }
    }
    for (uint32_t i = 0; i < world->link_count; i++) {
        if (!world->links[i].channel->is_remote) {
            net_channel_open_local(world->links[i].channel);
        }
    }
    for (uint32_t i = 0; i < world->spec->cluster.pause_count; i++) {
        net_pause_start(&world->pauses[i], world, &world->spec->cluster.pauses[i],
                        world->task_count + i);
    }
    sim_event_schedule(world->sim, world->gauge_update, NET_GAUGE_INTERVAL);
    if (net_world_has_checkpoints(world)) {
        net_coordinator_start(&world->coordinator);
    }
}

void net_world_on_checkpoint(struct net_world *world, net_checkpoint_fn on_complete, void *arg)
{
    world->coordinator.on_complete = on_complete;
    world->coordinator.on_complete_arg = arg;
}

uint32_t net_world_taskmanager(const struct net_world *world, uint32_t vertex, uint32_t subtask)
{
    return net_world_task(world, vertex, subtask)->taskmanager;
}

uint32_t net_world_channel_count(const struct net_world *world)
{
    return world->link_count * 2;
}

/* First the input side of every channel, then the output side. */
void net_world_channel(const struct net_world *world, uint32_t index, struct net_channel_view *view)
{
    bool is_input = index < world->link_count;
    const struct net_link_end *link = &world->links[is_input ? index : index - world->link_count];
    const struct net_gate *gate = link->channel->gate;
    const struct net_input *input = gate->owner;
    const struct net_task *task = is_input ? input->task : net_link_end_output(link)->task;
    *view = (struct net_channel_view){
        .vertex = task->vertex_index, .subtask = task->subtask, .is_input = is_input};
    if (is_input) {
        view->edge = task->vertex->is_connect ? (uint32_t)(input - task->inputs)
                                              : (uint32_t)(gate - input->gates);
        view->channel = link->channel->index;
        view->queued = net_channel_queued(link->channel);
    } else {
        view->edge = (uint32_t)(net_link_end_output(link) - task->outputs);
        view->channel = net_link_end_sub(link)->index;
        view->queued = net_subpartition_length(net_link_end_sub(link));
    }
}

void net_world_catch_up(const struct net_world *world)
{
    for (uint32_t i = 0; i < world->task_count; i++) {
        net_task_catch_up(&world->tasks[i]);
        net_task_settle_latencies(&world->tasks[i]);
    }
}

uint64_t net_world_records_in_flight(const struct net_world *world)
{
    net_world_catch_up(world);
    uint64_t records = 0;
    for (uint32_t i = 0; i < world->link_count; i++) {
        records += net_link_end_flow(&world->links[i])->count;
    }
    return records;
}

uint64_t net_world_record_hops(const struct net_world *world)
{
    uint64_t hops = 0;
    net_world_catch_up(world);
    for (uint32_t i = 0; i < world->task_count; i++) {
        const struct net_task *task = &world->tasks[i];
        hops += task->lead == task ? task->records_in : 0;
    }
    return hops;
}
