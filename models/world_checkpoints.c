/* Checkpoints of a world: the coordinator, what each task does, and who shares a file of channel
 * state. */
#include <stdio.h>
#include <stdlib.h>

#include "models/rank.h"
#include "models/world_internal.h"
#include "sim/random.h"

/* CHK-1 */
static enum net_barrier_mode barrier_mode(const struct net_config *config)
{
    if (config->is_at_least_once) {
        return NET_BARRIER_PLAIN; /* whatever the key of unaligned ones says */
    }
    if (!config->is_unaligned) {
        return NET_BARRIER_ALIGNED;
    }
    return config->aligned_timeout > 0 ? NET_BARRIER_TIMEOUT : NET_BARRIER_UNALIGNED;
}

/* The first checkpoint comes at a random time within the first interval, as Flink's does, and not
 * before the least pause; intervals are no shorter than that. */
static void create_coordinator(struct net_world *world)
{
    const struct net_spec *spec = world->spec;
    struct sim_stream stream;
    sim_stream_init(&stream, world->params.seed, world->params.replication, "job",
                    "first checkpoint");
    sim_time pause = spec->config.checkpoint_pause;
    sim_time interval = spec->config.checkpoint_interval;
    interval = interval > 0 && interval < pause ? pause : interval;
    struct net_coordinator_params params = {
        .tasks = world->tasks,
        .task_count = world->task_count,
        .first = interval > pause
                     ? pause + (sim_time)sim_stream_below(&stream, (uint64_t)(interval - pause))
                     : interval,
        .interval = interval,
        .pause = pause,
        .times = spec->run.checkpoint_times,
        .time_count = spec->run.checkpoint_count,
        .rpc = spec->machine.checkpoint_rpc,
        .jitter = spec->machine.jitter / 2,
        .entity = world->connection_count * 2,
    };
    net_coordinator_init(&world->coordinator, world->sim, &params);
    sim_stream_init(&world->coordinator.calls, world->params.seed, world->params.replication, "job",
                    "checkpoint calls");
}

/* CHK-16: so many subtasks of a task manager, in the order in which they start, share a file; only
 * unaligned checkpoints have any. */
static struct net_state_writer *writer_of(struct net_world *world, const struct net_task *task,
                                          struct net_state_writer **open)
{
    const struct net_spec *spec = world->spec;
    struct net_state_writer **current = &open[task->taskmanager];
    bool has_files = spec->config.is_unaligned && !spec->config.is_at_least_once;
    int64_t most = has_files ? spec->config.subtasks_per_state_file : 1;
    if (*current == NULL || (int64_t)(*current)->members >= most) {
        *current = &world->writers[world->writer_count++];
        net_state_writer_init(*current, world->sim, spec->machine.state_bytes_per_second,
                              spec->machine.state_latency, task->entity);
    }
    return *current;
}

static void watch_arrivals(struct net_task *task)
{
    for (uint32_t i = 0; i < task->input_count; i++) {
        for (uint32_t j = 0; j < task->inputs[i].gate_count; j++) {
            task->inputs[i].gates[j].on_received = net_input_on_received;
        }
    }
}

void net_world_create_checkpoints(struct net_world *world)
{
    const struct net_spec *spec = world->spec;
    create_coordinator(world);
    world->writers = sim_arena_alloc(world->arena, world->task_count, sizeof *world->writers);
    struct net_state_writer **open =
        sim_alloc(spec->cluster.taskmanagers, sizeof(struct net_state_writer *));
    for (uint32_t i = 0; i < world->task_count; i++) {
        struct net_task *task = &world->tasks[i];
        struct net_barriers_params params = {
            .mode = barrier_mode(&spec->config),
            .timeout = spec->config.aligned_timeout,
            .writer = task->lead == task ? writer_of(world, task, open) : NULL,
            .done = net_coordinator_on_done,
            .done_arg = &world->coordinator,
        };
        task->barriers = sim_arena_alloc(world->arena, 1, sizeof *task->barriers);
        net_barriers_init(task->barriers, task, world->sim, &params);
        char name[160];
        snprintf(name, sizeof name, "%s/%u", task->vertex->name, task->subtask);
        sim_stream_init(&task->barriers->delays, world->params.seed, world->params.replication,
                        name, "barriers");
        watch_arrivals(task);
    }
    free(open);
}

void net_world_finish_checkpoints(struct net_world *world)
{
    for (uint32_t i = 0; i < world->writer_count; i++) {
        net_state_writer_finish(&world->writers[i]);
    }
    net_coordinator_finish(&world->coordinator);
}
