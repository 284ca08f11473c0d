#include "studies/validate_checkpoints.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A metric of checkpoints.csv, and the name of its mean. */
struct metric {
    const char *recorded;
    const char *name;
    bool is_of_job;
};

static const struct metric metrics[] = {
    {"end_to_end_duration", "checkpoint.end_to_end_duration", true},
    {"start_delay_ms", "checkpoint.start_delay_ms", false},
    {"alignment_ms", "checkpoint.alignment_ms", false},
    {"persisted_bytes", "checkpoint.persisted_bytes", false},
};

#define METRIC_COUNT (sizeof metrics / sizeof metrics[0])

static sim_time time_of(double seconds)
{
    return (sim_time)llround(seconds * 1e9);
}

static int compare_times(const void *left, const void *right)
{
    sim_time a = *(const sim_time *)left;
    sim_time b = *(const sim_time *)right;

    return (a > b) - (a < b);
}

const sim_time *study_validate_triggers(const struct study_recording *recording,
                                        struct sim_arena *arena, uint32_t *count)
{
    sim_time *times = sim_arena_alloc(arena, recording->checkpoint_count, sizeof *times);
    uint32_t kept = 0;

    for (size_t i = 0; i < recording->checkpoint_count; i++) {
        times[i] = time_of(recording->checkpoints[i].seconds);
    }
    if (recording->checkpoint_count > 0) {
        qsort(times, recording->checkpoint_count, sizeof *times, compare_times);
    }
    for (size_t i = 0; i < recording->checkpoint_count; i++) {
        if (kept == 0 || times[i] != times[kept - 1]) {
            times[kept++] = times[i];
        }
    }
    *count = kept;
    return kept > 0 ? times : NULL;
}

/* What a recording has to be looked through for. */
struct window {
    const struct study_recording *recording;
    sim_time from;
    uint32_t *complete; /* ids, ascending */
    size_t complete_count;
};

static int compare_ids(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left;
    uint32_t b = *(const uint32_t *)right;

    return (a > b) - (a < b);
}

/* A checkpoint that did not complete has no duration, and its parts say little. */
static void find_complete(struct window *window, struct sim_arena *arena)
{
    const struct study_recording *recording = window->recording;

    window->complete =
        sim_arena_alloc(arena, recording->checkpoint_count, sizeof *window->complete);
    for (size_t i = 0; i < recording->checkpoint_count; i++) {
        if (recording->checkpoints[i].is_job &&
            strcmp(recording->checkpoints[i].metric, "end_to_end_duration") == 0) {
            window->complete[window->complete_count++] = recording->checkpoints[i].id;
        }
    }
    if (window->complete_count > 0) {
        qsort(window->complete, window->complete_count, sizeof *window->complete, compare_ids);
    }
}

static bool counts(const struct window *window, const struct study_recorded_checkpoint *row)
{
    return time_of(row->seconds) >= window->from && window->complete_count > 0 &&
           bsearch(&row->id, window->complete, window->complete_count, sizeof *window->complete,
                   compare_ids) != NULL;
}

/* Mean of a metric over the window; false when there is none. */
static bool mean_of(const struct window *window, const struct metric *metric, const char *vertex,
                    double *mean)
{
    double sum = 0;
    size_t count = 0;

    for (size_t i = 0; i < window->recording->checkpoint_count; i++) {
        const struct study_recorded_checkpoint *row = &window->recording->checkpoints[i];

        if (row->is_job == metric->is_of_job && strcmp(row->metric, metric->recorded) == 0 &&
            (row->is_job || strcmp(row->vertex, vertex) == 0) && counts(window, row)) {
            sum += row->value;
            count++;
        }
    }
    *mean = count > 0 ? sum / (double)count : 0;
    return count > 0;
}

size_t study_validate_checkpoints(const struct net_spec *spec,
                                  const struct study_recording *recording, struct sim_arena *arena,
                                  struct study_checkpoint_mean **means)
{
    size_t most = (spec->vertex_count + 1) * METRIC_COUNT;
    size_t count = 0;
    struct window window = {.recording = recording, .from = spec->run.warmup};

    find_complete(&window, arena);
    *means = sim_arena_alloc(arena, most, sizeof **means);
    for (uint32_t v = 0; v <= spec->vertex_count; v++) {
        bool is_job = v == spec->vertex_count;
        const char *vertex = is_job ? "job" : spec->vertices[v].name;

        for (size_t m = 0; m < METRIC_COUNT; m++) {
            double mean;

            if (metrics[m].is_of_job == is_job && mean_of(&window, &metrics[m], vertex, &mean)) {
                (*means)[count++] = (struct study_checkpoint_mean){vertex, metrics[m].name, mean};
            }
        }
    }
    return count;
}

static bool value_of(const struct sim_tally *tally, double *value)
{
    *value = tally->mean;
    return tally->n > 0;
}

bool study_validate_checkpoint_value(const struct study_checkpoints *checkpoints,
                                     const char *vertex, const char *metric, double *value)
{
    if (strcmp(metric, "checkpoint.end_to_end_duration") == 0) {
        return value_of(&checkpoints->sums.duration_ms, value);
    }
    for (uint32_t v = 0; v < checkpoints->spec->vertex_count; v++) {
        const struct study_checkpoint_vertex *sums = &checkpoints->sums.vertices[v];

        if (strcmp(checkpoints->spec->vertices[v].name, vertex) != 0) {
            continue;
        }
        if (strcmp(metric, "checkpoint.start_delay_ms") == 0) {
            return value_of(&sums->start_delay_ms, value);
        }
        if (strcmp(metric, "checkpoint.alignment_ms") == 0) {
            return value_of(&sums->alignment_ms, value);
        }
        if (strcmp(metric, "checkpoint.persisted_bytes") == 0) {
            return value_of(&sums->persisted_bytes, value);
        }
    }
    return false;
}
