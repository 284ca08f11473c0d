/* The series of a world, under the names of the recordings (rules MET). */
#include <stdio.h>

#include "models/world_internal.h"

#define LATENCY_INTERVAL SIM_S
#define SELDOM_INTERVAL NET_GAUGE_INTERVAL

/* The times before the first sample belong to no interval. */
static bool exact_time(struct net_world *world, struct net_task *task, enum net_activity activity,
                       sim_time now, double *value)
{
    struct net_task_samples *samples = &world->samples[task->entity];
    sim_time total = net_time_account_total(&task->lead->time, activity, now);
    sim_time elapsed = now - samples->at[activity];
    *value = elapsed > 0 ? 1000.0 * (double)(total - samples->activity[activity]) / (double)elapsed
                         : 0.0;
    samples->activity[activity] = total;
    samples->at[activity] = now;
    return elapsed > 0;
}

/* What one metric of a task is. `what` of its series is the index in the table below. */
struct task_metric {
    const char *name;
    bool of_input;  /* only of tasks with gates */
    bool of_output; /* only of tasks with partitions */
    bool is_counter;
    sim_time interval; /* 0: at every sample */
    bool (*value)(struct net_world *world, struct net_task *task, sim_time now, double *value);
    sim_int128 (*integral)(const struct net_task *task, sim_time now);
};

/* ---- outputs ---- */

static int64_t sum_outputs(const struct net_task *task,
                           int64_t (*of)(const struct net_local_pool *pool))
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < task->output_count; i++) {
        sum += of(task->outputs[i].partition.pool);
    }
    return sum;
}

static bool out_pool_used(struct net_world *world, struct net_task *task, sim_time now,
                          double *value)
{
    (void)world, (void)now;
    *value = (double)sum_outputs(task, net_local_pool_used);
    return true;
}

static bool out_pool_size(struct net_world *world, struct net_task *task, sim_time now,
                          double *value)
{
    (void)world, (void)now;
    *value = (double)sum_outputs(task, net_local_pool_size);
    return true;
}

static sim_int128 out_used_integral(const struct net_task *task, sim_time now)
{
    sim_int128 sum = 0;
    for (uint32_t i = 0; i < task->output_count; i++) {
        sum += sim_level_integral(net_local_pool_used_level(task->outputs[i].partition.pool), now);
    }
    return sum;
}

static sim_int128 out_size_integral(const struct net_task *task, sim_time now)
{
    sim_int128 sum = 0;
    for (uint32_t i = 0; i < task->output_count; i++) {
        sum += sim_level_integral(net_local_pool_size_level(task->outputs[i].partition.pool), now);
    }
    return sum;
}

/* MET-5 */
static bool out_pool_usage(struct net_world *world, struct net_task *task, sim_time now,
                           double *value)
{
    (void)world, (void)now;
    int64_t size = sum_outputs(task, net_local_pool_size);
    *value = size > 0 ? (double)sum_outputs(task, net_local_pool_used) / (double)size : 0.0;
    return true;
}

/* MET-6 */
static bool output_queue_length(struct net_world *world, struct net_task *task, sim_time now,
                                double *value)
{
    (void)world, (void)now;
    uint64_t length = 0;
    for (uint32_t i = 0; i < task->output_count; i++) {
        length += net_partition_queue_length(&task->outputs[i].partition);
    }
    *value = (double)length;
    return true;
}

static bool output_queue_size(struct net_world *world, struct net_task *task, sim_time now,
                              double *value)
{
    (void)world, (void)now;
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < task->output_count; i++) {
        bytes += net_partition_queue_bytes(&task->outputs[i].partition);
    }
    *value = (double)bytes;
    return true;
}

/* MET-13 */
static bool is_back_pressured(struct net_world *world, struct net_task *task, sim_time now,
                              double *value)
{
    (void)world, (void)now;
    *value = 0;
    for (uint32_t i = 0; i < task->output_count; i++) {
        if (!net_partition_is_available(&task->outputs[i].partition)) {
            *value = 1;
        }
    }
    return true;
}

/* MET-7 */
static bool buffers_out(struct net_world *world, struct net_task *task, sim_time now, double *value)
{
    (void)world, (void)now;
    uint64_t sum = 0;
    for (uint32_t i = 0; i < task->output_count; i++) {
        sum += task->outputs[i].partition.buffers_out;
    }
    *value = (double)sum;
    return true;
}

static bool bytes_out(struct net_world *world, struct net_task *task, sim_time now, double *value)
{
    (void)world, (void)now;
    uint64_t sum = 0;
    for (uint32_t i = 0; i < task->output_count; i++) {
        sum += task->outputs[i].partition.bytes_out;
    }
    *value = (double)sum;
    return true;
}

static bool records_out(struct net_world *world, struct net_task *task, sim_time now, double *value)
{
    (void)world, (void)now;
    *value = (double)task->records_out;
    return true;
}

/* ---- inputs ---- */

/* What the usages of a task's gates are made of. */
struct gate_sums {
    int64_t floating_used;
    int64_t floating_size;
    int64_t floating_out; /* of the pools, filled or not */
    int64_t exclusive_used;
    int64_t exclusive;
    uint64_t queued;
    uint64_t queued_bytes;
    uint64_t in_remote;
    uint64_t in_local;
    uint64_t bytes_in_remote;
    uint64_t bytes_in_local;
};

static struct gate_sums sum_gates(const struct net_task *task, bool with_queues)
{
    struct gate_sums sums = {0};
    for (uint32_t i = 0; i < task->input_count; i++) {
        for (uint32_t j = 0; j < task->inputs[i].gate_count; j++) {
            const struct net_gate *gate = &task->inputs[i].gates[j];
            sums.floating_used += net_gate_floating_used(gate);
            sums.floating_size += net_local_pool_size(gate->pool);
            sums.floating_out += net_local_pool_used(gate->pool);
            sums.exclusive_used += net_gate_exclusive_used(gate);
            sums.exclusive += gate->exclusive_total;
            sums.in_remote += gate->buffers_in_remote;
            sums.in_local += gate->buffers_in_local;
            sums.bytes_in_remote += gate->bytes_in_remote;
            sums.bytes_in_local += gate->bytes_in_local;
            sums.queued_bytes += gate->queued_bytes;
            sums.queued += with_queues ? net_gate_queue_length(gate) : 0;
        }
    }
    return sums;
}

static double share(int64_t part, int64_t whole)
{
    return whole > 0 ? (double)part / (double)whole : 0.0;
}

/* MET-1 */
static bool floating_usage(struct net_world *world, struct net_task *task, sim_time now,
                           double *value)
{
    (void)world, (void)now;
    struct gate_sums sums = sum_gates(task, false);
    *value = share(sums.floating_used, sums.floating_size);
    return true;
}

/* MET-2 */
static bool exclusive_usage(struct net_world *world, struct net_task *task, sim_time now,
                            double *value)
{
    (void)world, (void)now;
    struct gate_sums sums = sum_gates(task, false);
    *value = share(sums.exclusive_used, sums.exclusive);
    return true;
}

/* MET-3 */
static bool in_pool_usage(struct net_world *world, struct net_task *task, sim_time now,
                          double *value)
{
    (void)world, (void)now;
    struct gate_sums sums = sum_gates(task, false);
    *value = share(sums.floating_used + sums.exclusive_used, sums.floating_size + sums.exclusive);
    return true;
}

/* MET-4 */
static bool input_queue_length(struct net_world *world, struct net_task *task, sim_time now,
                               double *value)
{
    (void)world, (void)now;
    *value = (double)sum_gates(task, true).queued;
    return true;
}

/* MET-6; what local channels read is not counted. */
static bool input_queue_size(struct net_world *world, struct net_task *task, sim_time now,
                             double *value)
{
    (void)world, (void)now;
    *value = (double)sum_gates(task, false).queued_bytes;
    return true;
}

static bool in_pool_size(struct net_world *world, struct net_task *task, sim_time now,
                         double *value)
{
    (void)world, (void)now;
    *value = (double)sum_gates(task, false).floating_size;
    return true;
}

static bool in_pool_requested(struct net_world *world, struct net_task *task, sim_time now,
                              double *value)
{
    (void)world, (void)now;
    *value = (double)sum_gates(task, false).floating_out;
    return true;
}

/* MET-7; a counter that never moved is left out, as Flink's local or remote one of a task without
 * such channels. */
static bool buffers_in_remote(struct net_world *world, struct net_task *task, sim_time now,
                              double *value)
{
    (void)world, (void)now;
    *value = (double)sum_gates(task, false).in_remote;
    return *value > 0;
}

static bool buffers_in_local(struct net_world *world, struct net_task *task, sim_time now,
                             double *value)
{
    (void)world, (void)now;
    *value = (double)sum_gates(task, false).in_local;
    return *value > 0;
}

static bool bytes_in_remote(struct net_world *world, struct net_task *task, sim_time now,
                            double *value)
{
    (void)world, (void)now;
    *value = (double)sum_gates(task, false).bytes_in_remote;
    return *value > 0;
}

static bool bytes_in_local(struct net_world *world, struct net_task *task, sim_time now,
                           double *value)
{
    (void)world, (void)now;
    *value = (double)sum_gates(task, false).bytes_in_local;
    return *value > 0;
}

/* MET-14; with several gates: of the first one, as in the recordings. */
static bool debloated_size(struct net_world *world, struct net_task *task, sim_time now,
                           double *value)
{
    (void)world, (void)now;
    const struct net_debloater *debloater = task->inputs[0].gates[0].debloater;
    *value = debloater == NULL ? 0 : debloater->announced_size;
    return debloater != NULL;
}

static bool estimated_time(struct net_world *world, struct net_task *task, sim_time now,
                           double *value)
{
    (void)world, (void)now;
    const struct net_debloater *debloater = task->inputs[0].gates[0].debloater;
    *value = debloater == NULL ? 0 : (double)debloater->estimated_ms;
    return debloater != NULL;
}

static bool records_in(struct net_world *world, struct net_task *task, sim_time now, double *value)
{
    (void)world, (void)now;
    *value = (double)task->records_in;
    return true;
}

/* ---- latency: of the records since the last look; the last of the three forgets them ---- */

static bool latency_mean(struct net_world *world, struct net_task *task, sim_time now,
                         double *value)
{
    (void)world, (void)now;
    net_task_settle_latencies(task);
    *value = sim_histogram_mean(task->recent_latency) / 1e6;
    return sim_histogram_count(task->recent_latency) > 0;
}

static bool latency_p50(struct net_world *world, struct net_task *task, sim_time now, double *value)
{
    (void)world, (void)now;
    net_task_settle_latencies(task);
    *value = (double)sim_histogram_quantile(task->recent_latency, 0.5) / 1e6;
    return sim_histogram_count(task->recent_latency) > 0;
}

static bool latency_p99(struct net_world *world, struct net_task *task, sim_time now, double *value)
{
    (void)world, (void)now;
    net_task_settle_latencies(task);
    bool has_records = sim_histogram_count(task->recent_latency) > 0;
    *value = (double)sim_histogram_quantile(task->recent_latency, 0.99) / 1e6;
    sim_histogram_clear(task->recent_latency);
    return has_records;
}

/* ---- times ---- */

static bool idle_exact(struct net_world *world, struct net_task *task, sim_time now, double *value)
{
    return exact_time(world, task, NET_ACTIVITY_IDLE, now, value);
}

static bool soft_exact(struct net_world *world, struct net_task *task, sim_time now, double *value)
{
    return exact_time(world, task, NET_ACTIVITY_SOFT, now, value);
}

static bool hard_exact(struct net_world *world, struct net_task *task, sim_time now, double *value)
{
    return exact_time(world, task, NET_ACTIVITY_HARD, now, value);
}

static bool busy_exact(struct net_world *world, struct net_task *task, sim_time now, double *value)
{
    return exact_time(world, task, NET_ACTIVITY_BUSY, now, value);
}

/* In ms per second, so that the average of the series is in its own unit. */
static sim_int128 time_integral(const struct net_task *task, enum net_activity activity,
                                sim_time now)
{
    return (sim_int128)net_time_account_total(&task->lead->time, activity, now) * 1000;
}

static sim_int128 idle_integral(const struct net_task *task, sim_time now)
{
    return time_integral(task, NET_ACTIVITY_IDLE, now);
}

static sim_int128 soft_integral(const struct net_task *task, sim_time now)
{
    return time_integral(task, NET_ACTIVITY_SOFT, now);
}

static sim_int128 hard_integral(const struct net_task *task, sim_time now)
{
    return time_integral(task, NET_ACTIVITY_HARD, now);
}

static sim_int128 busy_integral(const struct net_task *task, sim_time now)
{
    return time_integral(task, NET_ACTIVITY_BUSY, now);
}

/* MET-11 */
static bool idle_gauge(struct net_world *world, struct net_task *task, sim_time now, double *value)
{
    (void)world, (void)now;
    *value = (double)net_time_account_gauge(&task->lead->time, NET_ACTIVITY_IDLE);
    return true;
}

static bool soft_gauge(struct net_world *world, struct net_task *task, sim_time now, double *value)
{
    (void)world, (void)now;
    *value = (double)net_time_account_gauge(&task->lead->time, NET_ACTIVITY_SOFT);
    return true;
}

static bool hard_gauge(struct net_world *world, struct net_task *task, sim_time now, double *value)
{
    (void)world, (void)now;
    *value = (double)net_time_account_gauge(&task->lead->time, NET_ACTIVITY_HARD);
    return true;
}

static bool back_pressured_gauge(struct net_world *world, struct net_task *task, sim_time now,
                                 double *value)
{
    (void)world, (void)now;
    *value = (double)(net_time_account_gauge(&task->lead->time, NET_ACTIVITY_SOFT) +
                      net_time_account_gauge(&task->lead->time, NET_ACTIVITY_HARD));
    return true;
}

static bool busy_gauge(struct net_world *world, struct net_task *task, sim_time now, double *value)
{
    (void)world, (void)now;
    *value = (double)net_time_account_gauge(&task->lead->time, NET_ACTIVITY_BUSY);
    return true;
}

/* MET-12 */
static bool longest_soft(struct net_world *world, struct net_task *task, sim_time now,
                         double *value)
{
    (void)world, (void)now;
    *value = (double)net_time_account_longest(&task->time, NET_ACTIVITY_SOFT);
    return true;
}

static bool longest_hard(struct net_world *world, struct net_task *task, sim_time now,
                         double *value)
{
    (void)world, (void)now;
    *value = (double)net_time_account_longest(&task->time, NET_ACTIVITY_HARD);
    return true;
}

static bool accumulated_idle(struct net_world *world, struct net_task *task, sim_time now,
                             double *value)
{
    (void)world;
    *value = (double)net_time_account_accumulated(&task->time, NET_ACTIVITY_IDLE, now);
    return true;
}

static bool accumulated_busy(struct net_world *world, struct net_task *task, sim_time now,
                             double *value)
{
    (void)world;
    *value = (double)net_time_account_accumulated(&task->time, NET_ACTIVITY_BUSY, now);
    return true;
}

static bool accumulated_back_pressured(struct net_world *world, struct net_task *task, sim_time now,
                                       double *value)
{
    (void)world;
    *value = (double)(net_time_account_accumulated(&task->time, NET_ACTIVITY_SOFT, now) +
                      net_time_account_accumulated(&task->time, NET_ACTIVITY_HARD, now));
    return true;
}

static const struct task_metric TASK_METRICS[] = {
    {"debloatedBufferSize", true, false, false, 0, debloated_size, NULL},
    {"estimatedTimeToConsumeBuffersMs", true, false, false, 0, estimated_time, NULL},
    {"inPoolUsage", true, false, false, 0, in_pool_usage, NULL},
    {"inputExclusiveBuffersUsage", true, false, false, 0, exclusive_usage, NULL},
    {"inputFloatingBuffersUsage", true, false, false, 0, floating_usage, NULL},
    {"inputQueueLength", true, false, false, 0, input_queue_length, NULL},
    {"inputQueueSize", true, false, false, 0, input_queue_size, NULL},
    {"numBytesInLocal", true, false, true, 0, bytes_in_local, NULL},
    {"numBytesInRemote", true, false, true, 0, bytes_in_remote, NULL},
    {"numBuffersInLocal", true, false, true, 0, buffers_in_local, NULL},
    {"numBuffersInRemote", true, false, true, 0, buffers_in_remote, NULL},
    {"numRecordsIn", true, false, true, 0, records_in, NULL},
    {"numBuffersOut", false, true, true, 0, buffers_out, NULL},
    {"numBytesOut", false, true, true, 0, bytes_out, NULL},
    {"numRecordsOut", false, true, true, 0, records_out, NULL},
    {"outPoolUsage", false, true, false, 0, out_pool_usage, NULL},
    {"outputQueueLength", false, true, false, 0, output_queue_length, NULL},
    {"outputQueueSize", false, true, false, 0, output_queue_size, NULL},
    {"isBackPressured", false, true, false, 0, is_back_pressured, NULL},
    {"idle.exact", false, false, false, 0, idle_exact, idle_integral},
    {"softBackPressured.exact", false, true, false, 0, soft_exact, soft_integral},
    {"hardBackPressured.exact", false, true, false, 0, hard_exact, hard_integral},
    {"busy.exact", false, false, false, 0, busy_exact, busy_integral},
    {"inPool.size", true, false, false, 0, in_pool_size, NULL},
    {"inPool.requested", true, false, false, 0, in_pool_requested, NULL},
    {"outPool.size", false, true, false, 0, out_pool_size, out_size_integral},
    {"outPool.used", false, true, false, 0, out_pool_used, out_used_integral},
    {"latencyMs.mean", true, false, false, LATENCY_INTERVAL, latency_mean, NULL},
    {"latencyMs.p50", true, false, false, LATENCY_INTERVAL, latency_p50, NULL},
    {"latencyMs.p99", true, false, false, LATENCY_INTERVAL, latency_p99, NULL},
    {"backPressuredTimeMsPerSecond", false, false, false, SELDOM_INTERVAL, back_pressured_gauge,
     NULL},
    {"busyTimeMsPerSecond", false, false, false, SELDOM_INTERVAL, busy_gauge, NULL},
    {"hardBackPressuredTimeMsPerSecond", false, false, false, SELDOM_INTERVAL, hard_gauge, NULL},
    {"idleTimeMsPerSecond", false, false, false, SELDOM_INTERVAL, idle_gauge, NULL},
    {"accumulateBackPressuredTimeMs", false, false, true, SELDOM_INTERVAL,
     accumulated_back_pressured, NULL},
    {"accumulateBusyTimeMs", false, false, true, SELDOM_INTERVAL, accumulated_busy, NULL},
    {"accumulateIdleTimeMs", false, false, true, SELDOM_INTERVAL, accumulated_idle, NULL},
    {"maxHardBackPressureTimeMs", false, true, false, SELDOM_INTERVAL, longest_hard, NULL},
    {"maxSoftBackPressureTimeMs", false, true, false, SELDOM_INTERVAL, longest_soft, NULL},
    {"softBackPressuredTimeMsPerSecond", false, false, false, SELDOM_INTERVAL, soft_gauge, NULL},
};

#define TASK_METRIC_COUNT (sizeof TASK_METRICS / sizeof TASK_METRICS[0])

/* A series needs its world and its task. */
struct task_probe {
    struct net_world *world;
    struct net_task *task;
};

static bool probe_task(void *owner, uint32_t what, sim_time now, double *value)
{
    const struct task_probe *probe = owner;
    net_task_catch_up(probe->task->lead);
    return TASK_METRICS[what].value(probe->world, probe->task, now, value);
}

static sim_int128 integrate_task(void *owner, uint32_t what, sim_time now)
{
    const struct task_probe *probe = owner;
    return TASK_METRICS[what].integral(probe->task, now);
}

/* MET-9 */
enum { TM_AVAILABLE, TM_REQUESTED, TM_TOTAL, TM_USED, TM_METRIC_COUNT };

static const char *const TM_NAMES[] = {
    [TM_AVAILABLE] = "AvailableMemorySegments",
    [TM_REQUESTED] = "RequestedMemoryUsage",
    [TM_TOTAL] = "TotalMemorySegments",
    [TM_USED] = "UsedMemorySegments",
};

static bool probe_taskmanager(void *owner, uint32_t what, sim_time now, double *value)
{
    (void)now;
    const struct net_taskmanager *taskmanager = owner;
    const struct net_network_pool *pool = taskmanager->segments.pool;
    switch (what) {
    case TM_AVAILABLE:
        *value = net_network_pool_available(pool);
        break;
    case TM_REQUESTED:
        *value = (double)net_network_pool_requested_usage(pool);
        break;
    case TM_TOTAL:
        *value = net_network_pool_total(pool);
        break;
    default:
        *value = (double)net_network_pool_used(pool);
        break;
    }
    return true;
}

static uint32_t samples_in(const struct net_world *world, sim_time interval)
{
    sim_time sample = world->spec->run.sample;
    return interval <= sample ? 1 : (uint32_t)((interval + sample / 2) / sample);
}

/* Flink counts the records of every operator of a chain; the rest belongs to the task, which is
 * shown at its first vertex, but for the times, which all of its vertices show. */
static bool has_metric(const struct net_task *task, const struct task_metric *metric)
{
    if (task->lead != task && (metric->value == records_in || metric->value == latency_mean ||
                               metric->value == latency_p50 || metric->value == latency_p99)) {
        return true;
    }
    if (metric->value == records_out && task->next != NULL) {
        return true;
    }
    if (metric->value == records_out && task->tail == task && task->lead->output_count > 0) {
        return true;
    }
    return !(metric->of_input && task->input_count == 0) &&
           !(metric->of_output && task->output_count == 0);
}

static void record_task(struct net_world *world, struct sim_recorder *recorder,
                        struct net_task *task)
{
    struct task_probe *probe = sim_arena_alloc(world->arena, 1, sizeof *probe);
    *probe = (struct task_probe){world, task};
    for (uint32_t i = 0; i < TASK_METRIC_COUNT; i++) {
        const struct task_metric *metric = &TASK_METRICS[i];
        if (!has_metric(task, metric)) {
            continue;
        }
        struct sim_series series = {
            .group = task->vertex->name,
            .member = task->subtask,
            .metric = metric->name,
            .is_counter = metric->is_counter,
            .every = samples_in(world, metric->interval),
            .probe = probe_task,
            .integral = metric->integral != NULL ? integrate_task : NULL,
            .owner = probe,
            .what = i,
        };
        sim_recorder_add(recorder, &series);
    }
}

static void record_taskmanager(struct net_world *world, struct sim_recorder *recorder,
                               uint32_t index)
{
    char name[24];
    snprintf(name, sizeof name, "tm%u", index);
    const char *group = sim_arena_strdup(world->arena, name);
    for (uint32_t i = 0; i < TM_METRIC_COUNT; i++) {
        struct sim_series series = {
            .group = group,
            .metric = TM_NAMES[i],
            .every = samples_in(world, i == TM_USED ? 0 : SELDOM_INTERVAL),
            .probe = probe_taskmanager,
            .owner = &world->taskmanagers[index],
            .what = i,
        };
        sim_recorder_add(recorder, &series);
    }
}

void net_world_record(struct net_world *world, struct sim_recorder *recorder)
{
    for (uint32_t i = 0; i < world->task_count; i++) {
        record_task(world, recorder, &world->tasks[i]);
    }
    for (uint32_t i = 0; i < world->spec->cluster.taskmanagers; i++) {
        record_taskmanager(world, recorder, i);
    }
}
