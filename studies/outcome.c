#include "studies/outcome.h"

#include <stdlib.h>

#include "sim/arena.h"

void study_outcome_init(struct study_outcome *outcome, const struct net_spec *spec)
{
    uint32_t count = 0;

    *outcome = (struct study_outcome){.spec = spec};
    outcome->first = sim_alloc(spec->vertex_count + 1, sizeof *outcome->first);
    outcome->vertices = sim_alloc(spec->vertex_count, sizeof *outcome->vertices);
    for (uint32_t v = 0; v < spec->vertex_count; v++) {
        outcome->first[v] = count;
        count += spec->vertices[v].parallelism;
        outcome->vertices[v].name = spec->vertices[v].name;
        outcome->vertices[v].parallelism = spec->vertices[v].parallelism;
        outcome->vertices[v].latency = sim_histogram_create();
    }
    outcome->first[spec->vertex_count] = count;
    outcome->tasks = sim_alloc(count, sizeof *outcome->tasks);
    outcome->taskmanager_of = sim_alloc(count, sizeof *outcome->taskmanager_of);
    outcome->taskmanagers = sim_alloc(spec->cluster.taskmanagers, sizeof *outcome->taskmanagers);
}

void study_outcome_finish(struct study_outcome *outcome)
{
    if (outcome->vertices != NULL) {
        for (uint32_t v = 0; v < outcome->spec->vertex_count; v++) {
            sim_histogram_destroy(outcome->vertices[v].latency);
        }
    }
    free(outcome->first);
    free(outcome->tasks);
    free(outcome->taskmanager_of);
    free(outcome->vertices);
    free(outcome->taskmanagers);
    sim_text_finish(&outcome->usage_warning);
    *outcome = (struct study_outcome){0};
}

void study_outcome_read(struct study_outcome *outcome, const struct net_world *world, sim_time now)
{
    const struct net_spec *spec = outcome->spec;

    sim_text_clear(&outcome->usage_warning);
    outcome->simulated = now;
    outcome->records_in_flight = net_world_records_in_flight(world);
    outcome->has_deadlock = net_world_find_deadlock(world, &outcome->deadlock);
    for (uint32_t v = 0; v < spec->vertex_count; v++) {
        for (uint32_t s = 0; s < spec->vertices[v].parallelism; s++) {
            uint32_t index = outcome->first[v] + s;

            net_world_task_totals(world, v, s, &outcome->tasks[index]);
            outcome->taskmanager_of[index] = net_world_taskmanager(world, v, s);
        }
    }
    for (uint32_t t = 0; t < spec->cluster.taskmanagers; t++) {
        net_world_taskmanager_totals(world, t, &outcome->taskmanagers[t]);
        if (outcome->usage_warning.length == 0 &&
            net_world_usage_warning(world, t, &outcome->usage_warning)) {
            outcome->usage_taskmanager = t;
        }
    }
    study_outcome_sum(outcome);
}

/* Add the share of one of `of` subtasks. */
static void add_share(struct study_share *share, double value, uint32_t of)
{
    share->mean += value / of;
    if (value > share->max) {
        share->max = value;
    }
}

static void add_max(double *max, double value)
{
    if (value > *max) {
        *max = value;
    }
}

static void add_task(struct study_vertex *vertex, const struct net_task_totals *task,
                     uint32_t subtask)
{
    uint32_t of = vertex->parallelism;
    double seconds = (double)task->elapsed / 1e9;
    double scale = task->elapsed > 0 ? 1.0 / (double)task->elapsed : 0.0;
    double busy = (double)task->busy * scale;

    if (busy > vertex->busy.max) {
        vertex->busiest = subtask;
    }
    if (task->elapsed > 0) {
        vertex->records_in_per_s += (double)task->records_in / seconds;
        vertex->records_out_per_s += (double)task->records_out / seconds;
        vertex->bytes_out_per_s += (double)task->bytes_out / seconds;
    }
    add_share(&vertex->idle, (double)task->idle * scale, of);
    add_share(&vertex->busy, busy, of);
    add_share(&vertex->soft, (double)task->soft * scale, of);
    add_share(&vertex->hard, (double)task->hard * scale, of);
    add_share(&vertex->back_pressured, (double)(task->soft + task->hard) * scale, of);
    vertex->emitted_late += task->emitted_late;
    vertex->has_output = vertex->has_output || task->output_count > 0;
    vertex->has_input = vertex->has_input || task->input_count > 0;
    vertex->out_usage_mean += task->out_usage_mean / of;
    add_max(&vertex->out_usage_max, task->out_usage_max);
    vertex->in_usage_mean += task->in_usage_mean / of;
    add_max(&vertex->in_usage_max, task->in_usage_max);
    vertex->out_used_mean += task->out_used_mean;
    vertex->out_size_mean += task->out_size_mean;
    vertex->in_used_mean += task->in_used_mean;
    vertex->in_size += task->in_floating_max + task->in_exclusive;
    if (task->latency != NULL) {
        sim_histogram_merge(vertex->latency, task->latency);
    }
}

void study_outcome_sum(struct study_outcome *outcome)
{
    const struct net_spec *spec = outcome->spec;

    for (uint32_t v = 0; v < spec->vertex_count; v++) {
        struct study_vertex *vertex = &outcome->vertices[v];

        for (uint32_t s = 0; s < vertex->parallelism; s++) {
            add_task(vertex, &outcome->tasks[outcome->first[v] + s], s);
        }
    }
}

const char *study_stop_name(enum study_stop stop)
{
    switch (stop) {
    case STUDY_STOP_DURATION:
        return "duration";
    case STUDY_STOP_EMPTY:
        return "nothing left to happen";
    case STUDY_STOP_RECORDS:
        return "records";
    case STUDY_STOP_DRAINED:
        return "drained";
    case STUDY_STOP_INTERRUPTED:
        return "interrupted";
    case STUDY_STOP_OUTPUT:
        return "output failed";
    case STUDY_STOP_REFUSED:
        return "job could not start";
    }
    return "unknown";
}
