#include "studies/warmup.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/arena.h"
#include "sim/stats.h"
#include "studies/measures.h"

/* A run is looked at so often at least. */
#define LEAST_SAMPLES 400

/* Growth of the lag counts from this part of the offered rate on. */
#define LEAST_GROWTH 0.005

bool study_mser5(const double *values, size_t count, size_t *cut)
{
    size_t batches = count / STUDY_MSER_BATCH;
    struct sim_tally rest = {0};
    double best = INFINITY;
    size_t best_at = 0;

    *cut = 0;
    if (batches < 2 * (size_t)STUDY_MSER_LEAST) {
        return false;
    }
    for (size_t from = batches; from-- > 0;) {
        double sum = 0;

        for (size_t i = 0; i < STUDY_MSER_BATCH; i++) {
            sum += values[from * STUDY_MSER_BATCH + i];
        }
        sim_tally_add(&rest, sum / STUDY_MSER_BATCH);
        if (rest.n >= STUDY_MSER_LEAST) {
            double error = rest.m2 / ((double)rest.n * (double)rest.n);

            if (error <= best) { /* of equal ones the earliest */
                best = error;
                best_at = from;
            }
        }
    }
    *cut = best_at * STUDY_MSER_BATCH;
    return best_at <= batches / 2;
}

/* A series of means over windows of equal length. */
struct windows {
    double values[STUDY_WINDOWS];
    size_t count;
    uint64_t each; /* observations a window */
    double sum;    /* of the open window */
    uint64_t open; /* observations in it */
};

static void add(struct windows *windows, double value)
{
    windows->sum += value;
    if (++windows->open < windows->each) {
        return;
    }
    windows->values[windows->count++] = windows->sum / (double)windows->each;
    windows->sum = 0;
    windows->open = 0;
    if (windows->count == STUDY_WINDOWS) {
        for (size_t i = 0; i < STUDY_WINDOWS / 2; i++) {
            windows->values[i] = (windows->values[2 * i] + windows->values[2 * i + 1]) / 2;
        }
        windows->count = STUDY_WINDOWS / 2;
        windows->each *= 2;
    }
}

/* Where a source is in its cycle of rates. */
struct cursor {
    uint32_t phase;
    sim_time began;
    double before; /* records offered to a subtask before this phase */
};

/* The samples of one run. */
struct watcher {
    const struct net_spec *spec;
    sim_time now; /* of the instant that is being gathered */
    double in;    /* records served by the sinks so far */
    double out;   /* emitted by the sources that catch up */
    double latency;
    uint32_t latencies;
    double last_in;
    double last_latency;
    bool has_last;
    struct windows served;
    struct windows ages;
    struct windows lag;
    struct cursor *cursors; /* one a vertex */
};

/* What sources that catch up have been offered by `now`, on average; times only grow. */
static double offered(struct watcher *watcher, sim_time now)
{
    double sum = 0;

    for (uint32_t v = 0; v < watcher->spec->vertex_count; v++) {
        const struct net_vertex_spec *vertex = &watcher->spec->vertices[v];
        const struct net_source_spec *source = &vertex->source;
        struct cursor *cursor = &watcher->cursors[v];

        if (!vertex->is_source || !source->catches_up) {
            continue;
        }
        for (;;) {
            const struct net_rate_phase *phase = &source->phases[cursor->phase];

            if (phase->length > now - cursor->began) {
                sum +=
                    (cursor->before + phase->per_second * ((double)(now - cursor->began) / 1e9)) *
                    vertex->parallelism;
                break;
            }
            cursor->before += phase->per_second * ((double)phase->length / 1e9);
            cursor->began += phase->length;
            cursor->phase = (cursor->phase + 1) % source->phase_count;
        }
    }
    return sum;
}

/* An instant is complete. */
static void close_instant(struct watcher *watcher)
{
    double lag = offered(watcher, watcher->now) - watcher->out;

    if (watcher->has_last) {
        add(&watcher->served, watcher->in - watcher->last_in);
        if (watcher->latencies > 0) {
            watcher->last_latency = watcher->latency / watcher->latencies;
        }
        add(&watcher->ages, watcher->last_latency);
        add(&watcher->lag, isfinite(lag) ? lag : 0);
    }
    watcher->has_last = true;
    watcher->last_in = watcher->in;
    watcher->in = 0;
    watcher->out = 0;
    watcher->latency = 0;
    watcher->latencies = 0;
}

static int64_t vertex_of(const struct net_spec *spec, const char *name)
{
    for (uint32_t v = 0; v < spec->vertex_count; v++) {
        if (strcmp(spec->vertices[v].name, name) == 0) {
            return v;
        }
    }
    return -1;
}

static void watch(void *arg, const struct sim_series *series, sim_time now, double value)
{
    struct watcher *watcher = arg;
    bool is_in = strcmp(series->metric, "numRecordsIn") == 0;
    bool is_out = strcmp(series->metric, "numRecordsOut") == 0;
    bool is_latency = strcmp(series->metric, "latencyMs.mean") == 0;
    int64_t vertex;

    if (now != watcher->now) {
        close_instant(watcher);
        watcher->now = now;
    }
    if (!is_in && !is_out && !is_latency) {
        return;
    }
    vertex = vertex_of(watcher->spec, series->group);
    if (vertex < 0) {
        return;
    }
    const struct net_vertex_spec *of = &watcher->spec->vertices[vertex];
    if (is_out && of->is_source && of->source.catches_up) {
        watcher->out += value;
    } else if (is_in && study_is_sink(watcher->spec, (uint32_t)vertex)) {
        watcher->in += value;
    } else if (is_latency && study_is_sink(watcher->spec, (uint32_t)vertex)) {
        watcher->latency += value;
        watcher->latencies++;
    }
}

static double mean_of(const struct windows *windows, size_t from, size_t to)
{
    struct sim_tally tally = {0};

    for (size_t i = from; i < to; i++) {
        sim_tally_add(&tally, windows->values[i]);
    }
    return tally.mean;
}

/* The lag of the last third against that of the second: a load that settles has no trend left. */
static void judge_lag(struct watcher *watcher, struct study_warmup *warmup)
{
    const struct windows *lag = &watcher->lag;
    double seconds = (double)watcher->now / 1e9;
    double all = offered(watcher, watcher->now);
    size_t third = lag->count / 3;

    if (third < STUDY_MSER_BATCH || !isfinite(all) || all <= 0) {
        return;
    }
    double second = mean_of(lag, third, 2 * third);
    double last = mean_of(lag, 2 * third, 3 * third);
    double grown = last - second;
    /* Poisson arrivals wander by the root of their number. */
    if (grown > LEAST_GROWTH * all / 3 && grown > 4 * sqrt(all)) {
        warmup->has_growth = true;
        warmup->growth_per_s = grown / (seconds / 3);
        warmup->lag = lag->values[lag->count - 1];
    }
}

static void judge(struct watcher *watcher, struct study_warmup *warmup)
{
    sim_time window = (sim_time)watcher->served.each * watcher->spec->run.sample;
    size_t cuts[2];
    bool is_good = study_mser5(watcher->served.values, watcher->served.count, &cuts[0]);

    is_good = study_mser5(watcher->ages.values, watcher->ages.count, &cuts[1]) && is_good;
    sim_time cut = (sim_time)(cuts[0] > cuts[1] ? cuts[0] : cuts[1]) * window;
    warmup->is_found = is_good;
    warmup->cut = is_good ? cut : 0;
    warmup->beyond = cut;
    judge_lag(watcher, warmup);
}

bool study_warmup_find(const struct study_run_params *params, struct study_warmup *warmup,
                       struct sim_err *err)
{
    struct watcher *watcher = sim_alloc(1, sizeof *watcher);
    struct net_spec spec = *params->spec;
    struct study_run_params own = *params;
    struct study_run *run;
    bool is_done;

    spec.run.warmup = 0;
    /* Observing more often changes nothing of the run. */
    if (spec.run.duration / LEAST_SAMPLES < spec.run.sample && spec.run.duration > LEAST_SAMPLES) {
        spec.run.sample = spec.run.duration / LEAST_SAMPLES;
    }
    watcher->spec = &spec;
    watcher->cursors = sim_alloc(spec.vertex_count, sizeof *watcher->cursors);
    watcher->served.each = 1;
    watcher->ages.each = 1;
    watcher->lag.each = 1;
    own.spec = &spec;
    own.folder = NULL;
    own.watch = watch;
    own.watch_arg = watcher;
    *warmup = (struct study_warmup){.is_found = true};
    run = study_run_create(&own, err);
    is_done = run != NULL && study_run_go(run, err);
    if (is_done) {
        const struct study_outcome *outcome = study_run_outcome(run);

        is_done = outcome->stop != STUDY_STOP_INTERRUPTED;
        if (outcome->stop != STUDY_STOP_REFUSED && is_done) {
            judge(watcher, warmup);
        }
    }
    study_run_destroy(run);
    free(watcher->cursors);
    free(watcher);
    return is_done;
}
