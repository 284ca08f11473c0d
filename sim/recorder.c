#include "sim/recorder.h"

#include <stdlib.h>

#include "sim/arena.h"
#include "sim/assert.h"
#include "sim/stats.h"

/* The integrals at an instant, of the series that have one, in their order. */
struct mark {
    sim_time at;
    sim_int128 *integrals;
};

struct sim_recorder {
    struct sim *sim;
    sim_event tick;
    sim_time interval;
    sim_sink_fn sink;
    void *arg;
    struct sim_series *series;
    uint32_t *ranks; /* of each series, how many before it have an integral */
    uint32_t integral_count;
    uint32_t count;
    uint32_t capacity;
    uint64_t instants; /* how often it has sampled */
    struct mark *marks;
    uint32_t mark_count;
    uint32_t mark; /* where the window begins */
    bool is_started;
    bool has_failed;
};

static void sample(struct sim_recorder *recorder)
{
    sim_time now = sim_now(recorder->sim);
    for (uint32_t i = 0; i < recorder->count; i++) {
        const struct sim_series *series = &recorder->series[i];
        double value;
        if (recorder->instants % series->every != 0 ||
            !series->probe(series->owner, series->what, now, &value)) {
            continue;
        }
        if (!recorder->sink(recorder->arg, now, i, value)) {
            recorder->has_failed = true;
            sim_stop(recorder->sim);
            return;
        }
    }
    recorder->instants++;
}

static void on_tick(struct sim *sim, void *owner)
{
    struct sim_recorder *recorder = owner;
    sample(recorder);
    if (!recorder->has_failed && sim_now(sim) < SIM_TIME_MAX - recorder->interval) {
        sim_event_schedule(sim, recorder->tick, sim_now(sim) + recorder->interval);
    }
}

struct sim_recorder *sim_recorder_create(struct sim *sim, sim_time interval, uint32_t rank,
                                         sim_sink_fn sink, void *arg)
{
    sim_assert(sim, interval > 0);
    struct sim_recorder *recorder = sim_alloc(1, sizeof *recorder);
    recorder->sim = sim;
    recorder->interval = interval;
    recorder->sink = sink;
    recorder->arg = arg;
    recorder->tick = sim_event_create(sim, rank, 0, on_tick, recorder);
    return recorder;
}

void sim_recorder_destroy(struct sim_recorder *recorder)
{
    if (recorder == NULL) {
        return;
    }
    sim_event_cancel(recorder->sim, recorder->tick);
    for (uint32_t i = 0; i < recorder->mark_count; i++) {
        free(recorder->marks[i].integrals);
    }
    free(recorder->marks);
    free(recorder->series);
    free(recorder->ranks);
    free(recorder);
}

uint32_t sim_recorder_add(struct sim_recorder *recorder, const struct sim_series *series)
{
    sim_assert(recorder->sim, !recorder->is_started);
    sim_assert(recorder->sim, series->probe != NULL && series->every >= 1);
    if (recorder->count == recorder->capacity) {
        recorder->capacity = recorder->capacity != 0 ? 2 * recorder->capacity : 16;
        recorder->series =
            sim_realloc(recorder->series, recorder->capacity, sizeof *recorder->series);
        recorder->ranks = sim_realloc(recorder->ranks, recorder->capacity, sizeof *recorder->ranks);
    }
    recorder->series[recorder->count] = *series;
    recorder->ranks[recorder->count] = recorder->integral_count;
    recorder->integral_count += series->integral != NULL;
    return recorder->count++;
}

uint32_t sim_recorder_count(const struct sim_recorder *recorder)
{
    return recorder->count;
}

const struct sim_series *sim_recorder_series(const struct sim_recorder *recorder, uint32_t index)
{
    sim_assert(recorder->sim, index < recorder->count);
    return &recorder->series[index];
}

void sim_recorder_start(struct sim_recorder *recorder)
{
    sim_assert(recorder->sim, !recorder->is_started);
    recorder->is_started = true;
    sim_event_schedule(recorder->sim, recorder->tick, sim_now(recorder->sim));
}

void sim_recorder_mark(struct sim_recorder *recorder)
{
    struct mark mark = {.at = sim_now(recorder->sim)};
    mark.integrals = sim_alloc(recorder->integral_count, sizeof *mark.integrals);
    for (uint32_t i = 0; i < recorder->count; i++) {
        const struct sim_series *series = &recorder->series[i];
        if (series->integral != NULL) {
            mark.integrals[recorder->ranks[i]] =
                series->integral(series->owner, series->what, mark.at);
        }
    }
    recorder->marks =
        sim_realloc(recorder->marks, recorder->mark_count + 1, sizeof *recorder->marks);
    recorder->mark = recorder->mark_count;
    recorder->marks[recorder->mark_count++] = mark;
}

void sim_recorder_cut(struct sim_recorder *recorder, uint32_t mark)
{
    sim_assert(recorder->sim, mark < recorder->mark_count);
    recorder->mark = mark;
}

bool sim_recorder_average(const struct sim_recorder *recorder, uint32_t series, double *average)
{
    const struct sim_series *which = sim_recorder_series(recorder, series);
    sim_time now = sim_now(recorder->sim);
    if (which->integral == NULL || recorder->mark_count == 0 ||
        now <= recorder->marks[recorder->mark].at) {
        return false;
    }
    const struct mark *from = &recorder->marks[recorder->mark];
    sim_int128 integral = which->integral(which->owner, which->what, now);
    *average = sim_level_mean(from->integrals[recorder->ranks[series]], integral, now - from->at);
    return true;
}

bool sim_recorder_failed(const struct sim_recorder *recorder)
{
    return recorder->has_failed;
}
