#include "studies/warmup.h"

#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>

#include "sim/arena.h"
#include "sim/stats.h"
#include "studies/measures.h"

#define LOOKS ((size_t)STUDY_WINDOWS * STUDY_MSER_BATCH)

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

double study_batch_correlation(const double *values, size_t count)
{
    size_t each = count / STUDY_BATCHES;
    double means[STUDY_BATCHES];
    bool varies = false;

    for (size_t i = 0; each > 0 && i < STUDY_BATCHES; i++) {
        /* The last batches: what is left over is at the beginning. */
        means[i] = gsl_stats_mean(&values[count - (STUDY_BATCHES - i) * each], 1, each);
        varies = varies || means[i] != means[0];
    }
    return varies ? gsl_stats_lag1_autocorrelation(means, 1, STUDY_BATCHES) : 0;
}

bool study_warmup_is_sought(const struct net_run_spec *run)
{
    return !run->has_warmup && !run->is_terminating;
}

struct study_windows study_warmup_windows(const struct net_run_spec *run)
{
    sim_time look = run->duration / (sim_time)LOOKS;

    if (look == 0) {
        return (struct study_windows){.from = run->warmup, .count = 1};
    }
    return (struct study_windows){.length = look * STUDY_MSER_BATCH,
                                  .count = STUDY_WINDOWS / 2 + 1};
}

/* ---- looks at a run ---- */

/* What all sinks and all sources that catch up have done so far. */
struct totals {
    double served;
    double timed; /* records since the last mark, and their latencies added up */
    double latency_ns;
    double emitted;
    double lag;
};

struct study_settling {
    const struct net_spec *spec;
    sim_time every; /* 0: never */
    sim_time warmup;
    size_t count;
    struct totals last;
    double served[LOOKS]; /* since the look before */
    double ages[LOOKS];   /* mean latency of these */
    double lags[LOOKS];
};

struct study_settling *study_settling_create(const struct net_spec *spec)
{
    struct study_settling *settling = sim_alloc(1, sizeof *settling);

    settling->spec = spec;
    settling->warmup = spec->run.warmup;
    settling->every = spec->run.is_terminating ? 0 : spec->run.duration / (sim_time)LOOKS;
    return settling;
}

void study_settling_destroy(struct study_settling *settling)
{
    free(settling);
}

sim_time study_settling_next(const struct study_settling *settling)
{
    if (settling->every == 0 || settling->count == LOOKS) {
        return SIM_TIME_MAX;
    }
    return (sim_time)(settling->count + 1) * settling->every;
}

static struct totals add_up(const struct study_settling *settling, const struct net_world *world)
{
    struct totals totals = {0};

    for (uint32_t v = 0; v < settling->spec->vertex_count; v++) {
        const struct net_vertex_spec *vertex = &settling->spec->vertices[v];
        struct net_progress progress;

        if (vertex->is_source ? !vertex->source.catches_up : !study_is_sink(settling->spec, v)) {
            continue;
        }
        net_world_progress(world, v, &progress);
        if (vertex->is_source) {
            totals.emitted += (double)progress.records_out;
            totals.lag += progress.lag;
        } else {
            totals.served += (double)progress.records_in;
            totals.timed += (double)progress.timed;
            totals.latency_ns += progress.latency_ns;
        }
    }
    return totals;
}

void study_settling_look(struct study_settling *settling, const struct net_world *world)
{
    struct totals now = add_up(settling, world);
    double timed = now.timed - settling->last.timed;
    size_t i = settling->count++;

    settling->served[i] = now.served - settling->last.served;
    settling->lags[i] = now.lag;
    if (timed > 0) {
        settling->ages[i] = (now.latency_ns - settling->last.latency_ns) / timed;
    } else {
        settling->ages[i] = i > 0 ? settling->ages[i - 1] : 0;
    }
    settling->last = now;
}

void study_settling_mark(struct study_settling *settling)
{
    settling->last.timed = 0;
    settling->last.latency_ns = 0;
}

/* ---- judgement ---- */

struct stretch {
    double mean;
    double least;
};

static struct stretch look_at(const double *values, size_t count)
{
    struct sim_tally tally = {0};

    for (size_t i = 0; i < count; i++) {
        sim_tally_add(&tally, values[i]);
    }
    return (struct stretch){tally.mean, tally.min};
}

/*
 * The lag of the last third after the warm-up against that of the second: a load that settles has
 * no trend left. The least lag has to grow too: a burst may raise the mean of a third, but is over
 * some time.
 */
static void judge_lag(const struct study_settling *settling, struct study_warmup *warmup)
{
    size_t from = settling->every > 0 ? (size_t)(settling->warmup / settling->every) : 0;
    size_t third = settling->count > from ? (settling->count - from) / 3 : 0;
    double offered = settling->last.emitted + settling->last.lag;
    double part = settling->count > 0 ? offered * (double)third / (double)settling->count : 0;

    if (third < STUDY_MSER_BATCH || offered <= 0) {
        return;
    }
    struct stretch second = look_at(&settling->lags[settling->count - 2 * third], third);
    struct stretch last = look_at(&settling->lags[settling->count - third], third);
    double grown = last.mean - second.mean;
    /* Poisson arrivals and exponential services wander by the root of their number: three sigma. */
    double least = fmax(LEAST_GROWTH * part, 3 * sqrt(2 * part));
    if (grown > least && last.least - second.least > least) {
        warmup->has_growth = true;
        warmup->growth_per_s = grown / ((double)third * (double)settling->every / 1e9);
        warmup->lag = settling->lags[settling->count - 1];
    }
}

/* The larger of the two correlations, of what is after the warm-up. */
static double correlation(const struct study_settling *settling, sim_time warmup)
{
    size_t from = settling->every > 0 ? (size_t)(warmup / settling->every) : settling->count;
    size_t count = settling->count > from ? settling->count - from : 0;

    return fmax(study_batch_correlation(&settling->served[settling->count - count], count),
                study_batch_correlation(&settling->ages[settling->count - count], count));
}

void study_settling_judge(const struct study_settling *settling, bool is_sought,
                          struct study_warmup *warmup)
{
    size_t cuts[2] = {0};

    *warmup = (struct study_warmup){.is_sought = is_sought};
    judge_lag(settling, warmup);
    if (!is_sought) {
        warmup->correlation = correlation(settling, settling->warmup);
        return;
    }
    warmup->is_found = study_mser5(settling->served, settling->count, &cuts[0]);
    warmup->is_found = study_mser5(settling->ages, settling->count, &cuts[1]) && warmup->is_found;
    warmup->beyond = (sim_time)(cuts[0] > cuts[1] ? cuts[0] : cuts[1]) * settling->every;
    warmup->cut = warmup->is_found ? warmup->beyond : 0;
    warmup->correlation = correlation(settling, warmup->cut);
}
