#include "studies/validate_runs.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "sim/arena.h"
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

/* The work of all threads. */
struct queue {
    struct study_validation *validation;
    const struct study_validate_params *params;
    const struct net_spec *spec;
    struct study_seed *seeds;
    pthread_mutex_t lock;
    uint32_t next;
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

static void run_seed(const struct queue *queue, uint32_t index)
{
    struct study_seed *seed = &queue->seeds[index];
    struct watcher watcher = {queue->validation, queue->spec, index,
                              sim_alloc(queue->validation->track_count + 1, sizeof(struct fold))};
    struct study_run_params params = {
        .spec = queue->spec, .seed = seed->seed, .watch = watch, .watch_arg = &watcher};
    struct study_run *run = study_run_create(&params, &seed->err);

    if (run != NULL && study_run_go(run, &seed->err)) {
        for (size_t i = 0; i < queue->validation->track_count; i++) {
            const struct study_track *track = &queue->validation->tracks[i];

            close_fold(&watcher, i, strncmp(track->metric, "num", 3) == 0);
        }
        read_run(queue->validation, run, seed);
    }
    study_run_destroy(run);
    free(watcher.folds);
}

static void *work(void *arg)
{
    struct queue *queue = arg;

    for (;;) {
        uint32_t index;

        pthread_mutex_lock(&queue->lock);
        index = queue->next++;
        pthread_mutex_unlock(&queue->lock);
        if (index >= queue->params->seeds) {
            return NULL;
        }
        run_seed(queue, index);
    }
}

bool study_validate_run(struct study_validation *validation,
                        const struct study_validate_params *params, const struct net_spec *spec,
                        struct study_seed *seeds, struct sim_err *err)
{
    uint32_t wanted = params->threads < params->seeds ? params->threads : params->seeds;
    pthread_t *threads = sim_alloc(wanted, sizeof *threads);
    struct queue queue = {.validation = validation, .params = params, .spec = spec, .seeds = seeds};
    uint32_t started = 0;

    pthread_mutex_init(&queue.lock, NULL);
    /* The caller's thread works too; a thread that cannot be had is done without. */
    while (started + 1 < wanted && pthread_create(&threads[started], NULL, work, &queue) == 0) {
        started++;
    }
    work(&queue);
    while (started > 0) {
        pthread_join(threads[--started], NULL);
    }
    pthread_mutex_destroy(&queue.lock);
    free(threads);
    for (uint32_t i = 0; i < params->seeds; i++) {
        if (seeds[i].err.code != SIM_ERR_NONE) {
            if (err != NULL) {
                *err = seeds[i].err;
            }
            return false;
        }
    }
    return true;
}
