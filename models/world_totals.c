/* What a world says of itself at the end: totals of subtasks and task managers. */
#include <stdlib.h>

#include "models/world_internal.h"
#include "sim/assert.h"

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
        const struct net_subpartition_group *group = &task->outputs[i].partition.group;
        mark->waited_for_credit += net_waiting_sum(&group->for_credit, now);
        mark->waited_for_link += net_waiting_sum(&group->for_link, now);
    }
}

static void add_inputs(const struct net_task *task, struct net_task_mark *mark, sim_time now)
{
    for (uint32_t i = 0; i < task->input_count; i++) {
        for (uint32_t j = 0; j < task->inputs[i].gate_count; j++) {
            const struct net_gate *gate = &task->inputs[i].gates[j];
            mark->buffers_in += gate->buffers_in_remote + gate->buffers_in_local;
            mark->bytes_in += gate->bytes_in_remote + gate->bytes_in_local;
            mark->in_used += sim_level_integral(&gate->used_level, now);
            mark->in_size += sim_level_integral(net_local_pool_size_level(gate->pool), now);
        }
    }
}

void net_task_take_mark(const struct net_world *world, uint32_t index, struct net_task_mark *mark)
{
    struct net_task *task = &world->tasks[index];
    sim_time now = sim_now(world->sim);
    net_task_catch_up(task->lead);
    net_task_settle_latencies(task);
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

/* ---- marks ---- */

void net_world_count_levels(struct net_world *world)
{
    uint32_t count = 0;
    world->first_level =
        sim_arena_alloc(world->arena, world->task_count + 1, sizeof *world->first_level);
    for (uint32_t i = 0; i < world->task_count; i++) {
        const struct net_task *task = &world->tasks[i];
        world->first_level[i] = count;
        count += task->output_count;
        for (uint32_t j = 0; j < task->input_count; j++) {
            count += task->inputs[j].gate_count;
        }
    }
    world->first_level[world->task_count] = count;
    world->peaks = sim_arena_alloc(world->arena, count, sizeof *world->peaks);
}

static int64_t greater(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* What the largest values of a task's levels were since the last mark. */
static void read_peaks(const struct net_task *task, int64_t *peaks)
{
    for (uint32_t i = 0; i < task->output_count; i++) {
        *peaks++ = net_local_pool_used_level(task->outputs[i].partition.pool)->max;
    }
    for (uint32_t i = 0; i < task->input_count; i++) {
        for (uint32_t j = 0; j < task->inputs[i].gate_count; j++) {
            *peaks++ = task->inputs[i].gates[j].used_level.max;
        }
    }
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

/* Keep what was from the last mark until now. */
static void close_mark(const struct net_world *world, struct net_world_mark *mark)
{
    mark->latencies = sim_alloc(world->task_count, sizeof(struct sim_histogram_extract *));
    mark->peaks = sim_alloc(world->first_level[world->task_count], sizeof *mark->peaks);
    for (uint32_t i = 0; i < world->task_count; i++) {
        mark->latencies[i] = sim_histogram_extract(world->tasks[i].latency);
        read_peaks(&world->tasks[i], &mark->peaks[world->first_level[i]]);
    }
}

void net_world_mark(struct net_world *world)
{
    struct net_world_mark mark = {.at = sim_now(world->sim)};
    sim_assert(world->sim, !world->is_cut);
    net_world_catch_up(world);
    if (world->mark_count > 0) {
        close_mark(world, &world->marks[world->mark_count - 1]);
    }
    mark.tasks = sim_alloc(world->task_count, sizeof *mark.tasks);
    for (uint32_t i = 0; i < world->task_count; i++) {
        net_task_take_mark(world, i, &mark.tasks[i]);
        mark_maxima(&world->tasks[i]);
        sim_histogram_clear(world->tasks[i].latency);
    }
    world->marks = sim_realloc(world->marks, world->mark_count + 1, sizeof *world->marks);
    world->mark = world->mark_count;
    world->marks[world->mark_count++] = mark;
}

void net_world_cut(struct net_world *world, uint32_t first)
{
    sim_assert(world->sim, !world->is_cut && first < world->mark_count);
    net_world_catch_up(world);
    for (uint32_t m = first; m + 1 < world->mark_count; m++) {
        const struct net_world_mark *mark = &world->marks[m];
        for (uint32_t i = 0; i < world->task_count; i++) {
            sim_histogram_merge_extract(world->tasks[i].latency, mark->latencies[i]);
        }
        for (uint32_t i = 0; i < world->first_level[world->task_count]; i++) {
            world->peaks[i] = greater(world->peaks[i], mark->peaks[i]);
        }
    }
    world->mark = first;
    world->is_cut = true;
}

void net_world_finish_marks(struct net_world *world)
{
    for (uint32_t m = 0; m < world->mark_count; m++) {
        struct net_world_mark *mark = &world->marks[m];
        for (uint32_t i = 0; mark->latencies != NULL && i < world->task_count; i++) {
            sim_histogram_extract_destroy(mark->latencies[i]);
        }
        free(mark->latencies);
        free(mark->peaks);
        free(mark->tasks);
    }
    free(world->marks);
}

/* ---- totals ---- */

static void sum_output(const struct net_task *task, const int64_t *peaks,
                       const struct net_task_mark *from, const struct net_task_mark *to,
                       struct net_task_totals *totals)
{
    totals->output_count = task->output_count;
    totals->out_used_mean = sim_level_mean(from->out_used, to->out_used, totals->elapsed);
    totals->out_size_mean = sim_level_mean(from->out_size, to->out_size, totals->elapsed);
    totals->out_usage_mean =
        totals->out_size_mean > 0 ? totals->out_used_mean / totals->out_size_mean : 0;
    int64_t size = 0;
    for (uint32_t i = 0; i < task->output_count; i++) {
        const struct net_local_pool *pool = task->outputs[i].partition.pool;
        totals->out_used_max += greater(net_local_pool_used_level(pool)->max, peaks[i]);
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

static void sum_input(const struct net_task *task, const int64_t *peaks,
                      const struct net_task_mark *from, const struct net_task_mark *to,
                      struct net_task_totals *totals)
{
    const int64_t *peak = peaks + task->output_count;
    int64_t size = 0;
    for (uint32_t i = 0; i < task->input_count; i++) {
        for (uint32_t j = 0; j < task->inputs[i].gate_count; j++) {
            const struct net_gate *gate = &task->inputs[i].gates[j];
            totals->input_count++;
            totals->in_used_max += greater(gate->used_level.max, *peak++);
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
    const struct net_world_mark *mark = world->mark_count > 0 ? &world->marks[world->mark] : NULL;
    const struct net_task_mark zero = {0};
    const struct net_task_mark *from = mark != NULL ? &mark->tasks[task->entity] : &zero;
    const int64_t *peaks = &world->peaks[world->first_level[task->entity]];
    struct net_task_mark to;
    net_task_take_mark(world, task->entity, &to);
    sim_time now = sim_now(world->sim);
    *totals = (struct net_task_totals){
        .elapsed = now - (mark != NULL ? mark->at : 0),
        .idle = to.activity[NET_ACTIVITY_IDLE] - from->activity[NET_ACTIVITY_IDLE],
        .soft = to.activity[NET_ACTIVITY_SOFT] - from->activity[NET_ACTIVITY_SOFT],
        .hard = to.activity[NET_ACTIVITY_HARD] - from->activity[NET_ACTIVITY_HARD],
        .busy = to.activity[NET_ACTIVITY_BUSY] - from->activity[NET_ACTIVITY_BUSY],
        .changes = to.changes - from->changes,
        .records_in = to.records_in - from->records_in,
        .records_out = to.records_out - from->records_out,
        .buffers_in = to.buffers_in - from->buffers_in,
        .bytes_in = to.bytes_in - from->bytes_in,
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
    sum_output(task, peaks, from, &to, totals);
    sum_input(task, peaks, from, &to, totals);
}

void net_world_progress(const struct net_world *world, uint32_t vertex,
                        struct net_progress *progress)
{
    *progress = (struct net_progress){0};
    for (uint32_t s = 0; s < world->spec->vertices[vertex].parallelism; s++) {
        struct net_task *task = net_world_task(world, vertex, s);
        net_task_catch_up(task->lead);
        net_task_settle_latencies(task);
        progress->records_in += task->records_in;
        progress->records_out += task->records_out;
        progress->timed += sim_histogram_count(task->latency);
        progress->latency_ns +=
            sim_histogram_mean(task->latency) * (double)sim_histogram_count(task->latency);
        if (task->vertex->is_source && task->vertex->source.catches_up) {
            progress->lag += net_source_lag(&task->source, sim_now(world->sim));
        }
    }
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

bool net_world_usage_warning(const struct net_world *world, uint32_t taskmanager,
                             struct sim_text *text)
{
    return net_network_pool_usage_warning(world->taskmanagers[taskmanager].segments.pool, text);
}
