/* What a world says of itself at the end: totals of subtasks and task managers. */
#include "models/world_internal.h"

static void add_outputs(const struct net_task *task, struct net_task_mark *mark, sim_time now)
{
    for (uint32_t i = 0; i < task->output_count; i++) {
        const struct net_partition *partition = &task->outputs[i].partition;
        mark->buffers_out += partition->buffers_out;
        mark->bytes_out += partition->bytes_out;
        mark->out_used += sim_level_integral(net_local_pool_used_level(partition->pool), now);
        mark->out_size += sim_level_integral(net_local_pool_size_level(partition->pool), now);
        for (uint32_t cause = 0; cause < 4; cause++) {
            mark->blocked[cause] += net_partition_blocked(partition, (enum net_block_cause)cause);
        }
    }
}

static void add_waits(const struct net_task *task, struct net_task_mark *mark, sim_time now)
{
    for (uint32_t i = 0; i < task->output_count; i++) {
        const struct net_output *output = &task->outputs[i];
        for (uint32_t j = 0; j < output->partition.count; j++) {
            const struct net_reader *reader = output->readers[j];
            if (reader != NULL) {
                mark->waited_for_credit += net_reader_waited_for_credit(reader, now);
                mark->waited_for_link += net_reader_waited_for_link(reader, now);
            }
        }
    }
}

static void add_inputs(const struct net_task *task, struct net_task_mark *mark, sim_time now)
{
    for (uint32_t i = 0; i < task->input_count; i++) {
        for (uint32_t j = 0; j < task->inputs[i].gate_count; j++) {
            const struct net_gate *gate = &task->inputs[i].gates[j];
            mark->buffers_in += gate->buffers_in_remote + gate->buffers_in_local;
            mark->in_used += sim_level_integral(&gate->used_level, now);
            mark->in_size += sim_level_integral(net_local_pool_size_level(gate->pool), now);
        }
    }
}

void net_task_take_mark(const struct net_world *world, uint32_t index, struct net_task_mark *mark)
{
    const struct net_task *task = &world->tasks[index];
    sim_time now = sim_now(world->sim);
    *mark = (struct net_task_mark){.changes = task->lead->time.changes,
                                   .records_in = task->records_in,
                                   .records_out = task->records_out};
    for (uint32_t i = 0; i < NET_ACTIVITIES; i++) {
        mark->activity[i] = net_time_account_total(&task->lead->time, (enum net_activity)i, now);
    }
    add_outputs(task, mark, now);
    add_inputs(task, mark, now);
    add_waits(task, mark, now);
}

static void mark_maxima(struct net_task *task)
{
    for (uint32_t i = 0; i < task->output_count; i++) {
        net_local_pool_mark(task->outputs[i].partition.pool);
    }
    for (uint32_t i = 0; i < task->input_count; i++) {
        for (uint32_t j = 0; j < task->inputs[i].gate_count; j++) {
            sim_level_mark(&task->inputs[i].gates[j].used_level);
        }
    }
}

void net_world_mark(struct net_world *world)
{
    world->marked_at = sim_now(world->sim);
    for (uint32_t i = 0; i < world->task_count; i++) {
        net_task_take_mark(world, i, &world->marks[i]);
        mark_maxima(&world->tasks[i]);
        sim_histogram_clear(world->tasks[i].latency);
    }
}

static void sum_output(const struct net_task *task, const struct net_task_mark *from,
                       const struct net_task_mark *to, struct net_task_totals *totals)
{
    totals->output_count = task->output_count;
    totals->out_used_mean = sim_level_mean(from->out_used, to->out_used, totals->elapsed);
    totals->out_size_mean = sim_level_mean(from->out_size, to->out_size, totals->elapsed);
    totals->out_usage_mean =
        totals->out_size_mean > 0 ? totals->out_used_mean / totals->out_size_mean : 0;
    int64_t size = 0;
    for (uint32_t i = 0; i < task->output_count; i++) {
        const struct net_local_pool *pool = task->outputs[i].partition.pool;
        totals->out_used_max += net_local_pool_used_level(pool)->max;
        totals->out_required += net_local_pool_required(pool);
        totals->out_max += net_local_pool_max(pool);
        size += net_local_pool_size(pool);
    }
    totals->out_usage_max = size > 0 ? (double)totals->out_used_max / (double)size : 0;
}

static void count_channels(const struct net_gate *gate, struct net_task_totals *totals)
{
    for (uint32_t i = 0; i < gate->count; i++) {
        if (gate->channels[i].is_remote) {
            totals->remote_channels++;
        } else {
            totals->local_channels++;
        }
    }
}

static void sum_input(const struct net_task *task, const struct net_task_mark *from,
                      const struct net_task_mark *to, struct net_task_totals *totals)
{
    int64_t size = 0;
    for (uint32_t i = 0; i < task->input_count; i++) {
        for (uint32_t j = 0; j < task->inputs[i].gate_count; j++) {
            const struct net_gate *gate = &task->inputs[i].gates[j];
            totals->input_count++;
            totals->in_used_max += gate->used_level.max;
            totals->in_floating_max += net_local_pool_max(gate->pool);
            totals->in_exclusive += gate->exclusive_total;
            size += net_local_pool_size(gate->pool) + gate->exclusive_total;
            count_channels(gate, totals);
        }
    }
    totals->in_used_mean = sim_level_mean(from->in_used, to->in_used, totals->elapsed);
    double size_mean =
        sim_level_mean(from->in_size, to->in_size, totals->elapsed) + (double)totals->in_exclusive;
    totals->in_usage_mean = size_mean > 0 ? totals->in_used_mean / size_mean : 0;
    totals->in_usage_max = size > 0 ? (double)totals->in_used_max / (double)size : 0;
}

/* The subpartition that holds the most buffers now. */
static uint32_t hottest_output(const struct net_task *task)
{
    uint32_t hottest = 0;
    int64_t most = -1;
    for (uint32_t output = 0; output < task->output_count; output++) {
        const struct net_partition *partition = &task->outputs[output].partition;
        for (uint32_t i = 0; i < partition->count; i++) {
            int64_t count = net_local_pool_subpartition_count(partition->pool, i);
            if (count > most) {
                most = count;
                hottest = i;
            }
        }
    }
    return hottest;
}

void net_world_task_totals(const struct net_world *world, uint32_t vertex, uint32_t subtask,
                           struct net_task_totals *totals)
{
    const struct net_task *task = net_world_task(world, vertex, subtask);
    const struct net_task_mark *from = &world->marks[task->entity];
    struct net_task_mark to;
    net_task_take_mark(world, task->entity, &to);
    sim_time now = sim_now(world->sim);
    *totals = (struct net_task_totals){
        .elapsed = now - world->marked_at,
        .idle = to.activity[NET_ACTIVITY_IDLE] - from->activity[NET_ACTIVITY_IDLE],
        .soft = to.activity[NET_ACTIVITY_SOFT] - from->activity[NET_ACTIVITY_SOFT],
        .hard = to.activity[NET_ACTIVITY_HARD] - from->activity[NET_ACTIVITY_HARD],
        .busy = to.activity[NET_ACTIVITY_BUSY] - from->activity[NET_ACTIVITY_BUSY],
        .changes = to.changes - from->changes,
        .records_in = to.records_in - from->records_in,
        .records_out = to.records_out - from->records_out,
        .buffers_in = to.buffers_in - from->buffers_in,
        .buffers_out = to.buffers_out - from->buffers_out,
        .bytes_out = to.bytes_out - from->bytes_out,
        .blocked_by_quota = to.blocked[NET_BLOCK_QUOTA] - from->blocked[NET_BLOCK_QUOTA],
        .blocked_by_channel_limit =
            to.blocked[NET_BLOCK_CHANNEL_LIMIT] - from->blocked[NET_BLOCK_CHANNEL_LIMIT],
        .blocked_by_global_pool =
            to.blocked[NET_BLOCK_GLOBAL_POOL] - from->blocked[NET_BLOCK_GLOBAL_POOL],
        .waited_for_credit = to.waited_for_credit - from->waited_for_credit,
        .waited_for_link = to.waited_for_link - from->waited_for_link,
        .hottest_output = hottest_output(task),
        .latency = task->vertex->is_source ? NULL : task->latency,
    };
    if (task->vertex->is_source && task->vertex->source.catches_up) {
        totals->emitted_late = (uint64_t)net_source_lag(&task->source, now);
    }
    sum_output(task, from, &to, totals);
    sum_input(task, from, &to, totals);
}

void net_world_taskmanager_totals(const struct net_world *world, uint32_t taskmanager,
                                  struct net_taskmanager_totals *totals)
{
    const struct net_network_pool *pool = world->taskmanagers[taskmanager].segments.pool;
    *totals = (struct net_taskmanager_totals){
        .segments = net_network_pool_total(pool),
        .used_now = (uint32_t)net_network_pool_used(pool),
        .required = net_network_pool_required(pool),
        .requested_usage = (uint32_t)net_network_pool_requested_usage(pool),
    };
}
