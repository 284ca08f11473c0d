#include "studies/validate_runs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/arena.h"
#include "studies/replicate.h"
#include "studies/validate_checkpoints.h"

/* What the samples of one run are folded into: the present instant of a track. */
struct fold {
    size_t instant;
    double sum;
    uint32_t present;
    bool has_last; /* of a counter */
    double last;
};

struct watcher {
    struct study_validation *validation;
    const struct net_spec *spec;
    uint32_t seed_index;
    struct fold *folds; /* one a track */
};

/* All runs. */
struct runs {
    struct study_validation *validation;
    const struct net_spec *spec;
    struct study_seed *seeds;
    struct watcher *watchers; /* one a seed */
};

/* The instant of a track is over: counters become rates, others means over the subtasks. */
static void close_fold(const struct watcher *watcher, size_t track_index, bool is_counter)
{
    struct fold *fold = &watcher->folds[track_index];
    struct study_track *track = &watcher->validation->tracks[track_index];
    double value = fold->sum / fold->present;

    if (fold->present == 0) {
        return;
    }
    if (is_counter) {
        value = fold->has_last
                    ? (fold->sum - fold->last) / ((double)watcher->spec->run.sample / 1e9)
                    : NAN;
        fold->last = fold->sum;
        fold->has_last = true;
    }
    if (fold->instant < track->simulated_count) {
        track->simulated[fold->instant * watcher->validation->seeds + watcher->seed_index] = value;
    }
    fold->sum = 0;
    fold->present = 0;
}

static void watch(void *arg, const struct sim_series *series, sim_time now, double value)
{
    const struct watcher *watcher = arg;
    size_t instant = (size_t)(now / watcher->spec->run.sample);

    for (size_t i = 0; i < watcher->validation->track_count; i++) {
        const struct study_track *track = &watcher->validation->tracks[i];
        struct fold *fold = &watcher->folds[i];

        if (strcmp(track->metric, series->metric) == 0 &&
            strcmp(track->vertex, series->group) == 0) {
            if (fold->instant != instant) {
                close_fold(watcher, i, series->is_counter);
                fold->instant = instant;
            }
            fold->sum += value;
            fold->present++;
            return;
        }
    }
}

static bool is_latency(const char *metric, const struct sim_histogram *histogram, double *value)
{
    if (histogram == NULL || sim_histogram_count(histogram) == 0) {
        return false;
    }
    if (strcmp(metric, "latencyMs") == 0) {
        *value = sim_histogram_mean(histogram) / 1e6;
        return true;
    }
    if (strcmp(metric, "latencyMs.p50") == 0 || strcmp(metric, "latencyMs.p99") == 0) {
        double q = metric[strlen(metric) - 1] == '0' ? 0.5 : 0.99;

        *value = (double)sim_histogram_quantile(histogram, q) / 1e6;
        return true;
    }
    return false;
}

/* Whether `metric` is the name of the row, with ".rate" where it is one. */
static bool is_metric(const char *metric, const struct study_row *row)
{
    size_t length = strlen(row->metric);

    return strncmp(metric, row->metric, length) == 0 &&
           strcmp(metric + length, row->is_rate ? ".rate" : "") == 0;
}

static bool find_row(const struct study_row *rows, size_t count, const struct study_check *check,
                     double *value)
{
    for (size_t i = 0; i < count; i++) {
        if (rows[i].is_all && is_metric(check->metric, &rows[i]) &&
            strcmp(rows[i].vertex, check->vertex) == 0) {
            *value = rows[i].tally.mean;
            return true;
        }
    }
    return false;
}

static bool find_latency(const struct study_outcome *outcome, const struct study_check *check,
                         double *value)
{
    for (uint32_t v = 0; v < outcome->spec->vertex_count; v++) {
        if (strcmp(outcome->vertices[v].name, check->vertex) == 0) {
            return is_latency(check->metric, outcome->vertices[v].latency, value);
        }
    }
    return false;
}

static void count_changes(const struct study_outcome *outcome, double *changes)
{
    for (uint32_t v = 0; v < outcome->spec->vertex_count; v++) {
        uint32_t parallelism = outcome->spec->vertices[v].parallelism;

        for (uint32_t s = 0; s < parallelism; s++) {
            const struct net_task_totals *task = &outcome->tasks[outcome->first[v] + s];

            if (task->elapsed > 0) {
                changes[v] += (double)task->changes / ((double)task->elapsed / 1e9) / parallelism;
            }
        }
    }
}

/* Read what the checks ask for. */
static void read_run(const struct study_validation *validation, const struct study_run *run,
                     struct study_seed *seed)
{
    const struct study_outcome *outcome = study_run_outcome(run);
    size_t count;
    const struct study_row *rows;

    if (outcome->stop == STUDY_STOP_REFUSED) {
        memcpy(seed->refusal, outcome->refusal, sizeof seed->refusal);
        return;
    }
    rows = study_run_rows(run, &count);
    for (size_t i = 0; i < validation->check_count; i++) {
        const struct study_check *check = &validation->checks[i];

        seed->has[i] = find_row(rows, count, check, &seed->values[i]) ||
                       find_latency(outcome, check, &seed->values[i]) ||
                       study_validate_checkpoint_value(study_run_checkpoints(run), check->vertex,
                                                       check->metric, &seed->values[i]);
    }
    count_changes(outcome, seed->changes);
}

static void describe(void *arg, uint64_t item, struct study_run_params *params)
{
    struct runs *runs = arg;

    params->spec = runs->spec;
    params->seed = runs->seeds[item].seed;
    params->watch = watch;
    params->watch_arg = &runs->watchers[item];
}

static bool take(void *arg, uint64_t item, struct study_run *run)
{
    struct runs *runs = arg;

    for (size_t i = 0; i < runs->validation->track_count; i++) {
        const struct study_track *track = &runs->validation->tracks[i];

        close_fold(&runs->watchers[item], i, strncmp(track->metric, "num", 3) == 0);
    }
    read_run(runs->validation, run, &runs->seeds[item]);
    study_run_destroy(run);
    return true;
}

bool study_validate_run(struct study_validation *validation,
                        const struct study_validate_params *params, const struct net_spec *spec,
                        struct study_seed *seeds, struct sim_err *err)
{
    struct sim_arena *arena = sim_arena_create();
    struct runs runs = {validation, spec, seeds,
                        sim_arena_alloc(arena, params->seeds, sizeof(struct watcher))};
    const struct study_replicate_params replicate = {.items = params->seeds,
                                                     .jobs = params->threads,
                                                     .describe = describe,
                                                     .take = take,
                                                     .arg = &runs,
                                                     .progress = params->progress,
                                                     .progress_arg = params->progress_arg};
    bool was_interrupted = false;
    bool is_done;

    for (uint32_t s = 0; s < params->seeds; s++) {
        runs.watchers[s] = (struct watcher){
            validation, spec, s,
            sim_arena_alloc(arena, validation->track_count + 1, sizeof(struct fold))};
    }
    is_done = study_replicate(&replicate, &was_interrupted, err);
    sim_arena_destroy(arena);
    return is_done && !was_interrupted;
}
