#include "sim/recorder.h"

#include <stdlib.h>

#include "sim/arena.h"
#include "sim/assert.h"
#include "sim/stats.h"

struct sim_recorder {
    struct sim *sim;
    sim_event tick;
    sim_time interval;
    sim_sink_fn sink;
    void *arg;
    struct sim_series *series;
    sim_int128 *marked; /* the integrals at sim_recorder_mark() */
    uint32_t count;
    uint32_t capacity;
    uint64_t instants; /* how often it has sampled */
    sim_time marked_at;
    bool is_started;
    bool is_marked;
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
    free(recorder->series);
    free(recorder->marked);
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
        recorder->marked =
            sim_realloc(recorder->marked, recorder->capacity, sizeof *recorder->marked);
    }
    recorder->series[recorder->count] = *series;
    recorder->marked[recorder->count] = 0;
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
    recorder->is_marked = true;
    recorder->marked_at = sim_now(recorder->sim);
    for (uint32_t i = 0; i < recorder->count; i++) {
        const struct sim_series *series = &recorder->series[i];
        if (series->integral != NULL) {
            recorder->marked[i] =
                series->integral(series->owner, series->what, recorder->marked_at);
        }
    }
}

bool sim_recorder_average(const struct sim_recorder *recorder, uint32_t series, double *average)
{
    const struct sim_series *which = sim_recorder_series(recorder, series);
    sim_time now = sim_now(recorder->sim);
    if (which->integral == NULL || !recorder->is_marked || now <= recorder->marked_at) {
        return false;
    }
    sim_int128 integral = which->integral(which->owner, which->what, now);
    *average = sim_level_mean(recorder->marked[series], integral, now - recorder->marked_at);
    return true;
}

bool sim_recorder_failed(const struct sim_recorder *recorder)
{
    return recorder->has_failed;
}
