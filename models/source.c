#include "models/source.h"

#include <math.h>
#include <stdlib.h>

#include "sim/assert.h"

/* Gaps between Poisson arrivals are drawn in billionths of the mean gap, as integers. */
#define GAP_UNIT 1e9

static const struct sim_dist GAP = {.kind = SIM_DIST_EXPONENTIAL, .a = GAP_UNIT};

void net_source_init(struct net_source *source, const struct net_source_spec *spec,
                     uint32_t subtask, uint32_t parallelism, const struct sim_dist *keys,
                     const struct net_stream_name *name)
{
    *source = (struct net_source){.spec = spec,
                                  .subtask = subtask,
                                  .parallelism = parallelism,
                                  .at = {.due = -1, .was_held_up = true},
                                  .horizon = SIM_TIME_MAX / 2};
    for (uint32_t i = 0; i < spec->phase_count; i++) {
        source->cycle += spec->phases[i].length;
    }
    uint64_t seed = name->seed * UINT64_C(0x9e3779b97f4a7c15) + spec->seed;
    sim_stream_init(&source->gaps.stream, seed, name->replication, name->entity, "arrivals");
    sim_stream_init(&source->keys.stream, seed, name->replication, name->entity, "keys");
    sim_draws_init(&source->gaps, &GAP);
    sim_draws_init(&source->keys, keys);
}

void net_keys_prepare(struct sim_dist *dist, const struct net_keys_spec *keys,
                      struct sim_arena *arena)
{
    *dist = (struct sim_dist){0};
    if (keys->count <= 1) {
        return;
    }
    int64_t *values = sim_arena_alloc(arena, keys->count, sizeof *values);
    double *weights = sim_alloc(keys->count, sizeof *weights);
    for (uint32_t k = 0; k < keys->count; k++) {
        values[k] = k;
        weights[k] = pow((double)k + 1.0, -keys->zipf);
    }
    dist->kind = SIM_DIST_DISCRETE;
    dist->values = values;
    dist->weights = weights;
    dist->count = keys->count;
    bool is_prepared = sim_dist_prepare(dist, &(struct sim_err){0});
    dist->weights = NULL; /* the table is all that drawing needs */
    free(weights);
    if (!is_prepared) {
        sim_oom(keys->count * (sizeof(size_t) + sizeof(double))); /* nothing else is wrong */
    }
}

/* The rate at `at`, and how long it still holds. Times mostly ascend, so the search goes on where
 * it ended: a trace may have many phases. */
static double rate_at(const struct net_source *source, struct net_rate_cursor *cursor, sim_time at,
                      sim_time *left)
{
    const struct net_rate_phase *phases = source->spec->phases;
    if (at < cursor->begin || at - cursor->begin >= source->cycle) {
        *cursor = (struct net_rate_cursor){.begin = at - at % source->cycle};
    }
    while (at - cursor->begin >= phases[cursor->index].length) {
        cursor->begin += phases[cursor->index].length;
        cursor->index = (cursor->index + 1) % source->spec->phase_count;
    }
    *left = phases[cursor->index].length - (at - cursor->begin);
    return phases[cursor->index].per_second;
}

/*
 * A gap that lies in one phase is that of every record of the phase whose gap does, too. Near the
 * phase's end that is left to the sum, whose last digit decides.
 */
static void remember_gap(struct net_rate_cursor *cursor, double need, sim_time gap,
                         sim_time phase_end)
{
    if (need == 1.0 && gap < phase_end / 2) {
        cursor->gap = gap;
        cursor->even_until = phase_end - 2 * gap - 2;
    }
}

/* The time at which the rate, integrated from `from` on, has made up `need` records. */
static sim_time reach(const struct net_source *source, struct net_rate_cursor *cursor,
                      sim_time from, double need)
{
    sim_time at = from;
    if (need == 1.0 && from >= cursor->begin && from < cursor->even_until &&
        from <= source->horizon) {
        return from + cursor->gap;
    }
    while (at <= source->horizon) {
        sim_time left;
        double rate = rate_at(source, cursor, at, &left);
        if (isinf(rate)) {
            return at;
        }
        double can = rate * (double)left / 1e9;
        if (rate > 0 && can >= need) {
            sim_time gap = (sim_time)(need / rate * 1e9);
            remember_gap(cursor, need, gap, at == from ? at + left : 0);
            return at + gap;
        }
        need -= can;
        at += left;
    }
    return SIM_TIME_MAX;
}

/* Subtasks start evenly spread over one interval. */
static sim_time first_due(struct net_source *source)
{
    double rate = source->spec->phases[0].per_second;
    double need =
        isinf(rate) || rate <= 0 ? 0.0 : ((double)source->subtask + 1.0) / source->parallelism;
    return reach(source, &source->at.cursor, 0, need);
}

bool net_source_foresee(const struct net_source *source, struct net_source_schedule *schedule,
                        sim_time now, sim_time *wait_until)
{
    if (now < source->start) {
        *wait_until = source->start;
        return false;
    }
    if (now < schedule->due) {
        schedule->was_held_up = false;
        *wait_until = schedule->due;
        return false;
    }
    schedule->is_late = schedule->was_held_up;
    schedule->was_held_up = false;
    schedule->emitted = now;
    return true;
}

bool net_source_poll(struct net_source *source, sim_time now, sim_time *wait_until)
{
    if (source->at.due < 0 && now >= source->start) {
        source->at.due = first_due(source);
    }
    return net_source_foresee(source, &source->at, now, wait_until);
}

int32_t net_source_key(struct net_source *source)
{
    return (int32_t)sim_draws_take(&source->keys);
}

static void advance(const struct net_source *source, struct net_source_schedule *schedule,
                    double need)
{
    bool is_shifted = schedule->is_late && !source->spec->catches_up;
    sim_time base = is_shifted ? schedule->emitted : schedule->due;
    schedule->count++;
    if (source->spec->records > 0 && schedule->count >= source->spec->records) {
        schedule->due = SIM_TIME_MAX;
        return;
    }
    schedule->due = reach(source, &schedule->cursor, base, need);
}

void net_source_foresee_next(struct net_source *source, struct net_source_schedule *schedule,
                             uint32_t index)
{
    bool is_poisson = source->spec->is_poisson;
    advance(source, schedule,
            is_poisson ? (double)sim_draws_peek(&source->gaps, index) / GAP_UNIT : 1.0);
}

void net_source_follow(struct net_source *source, const struct net_source_schedule *schedule,
                       uint32_t count)
{
    source->at = *schedule;
    if (source->spec->is_poisson) {
        sim_draws_skip(&source->gaps, count);
    }
}

void net_source_advance(struct net_source *source)
{
    bool is_poisson = source->spec->is_poisson;
    advance(source, &source->at,
            is_poisson ? (double)sim_draws_take(&source->gaps) / GAP_UNIT : 1.0);
}

bool net_source_has_ended(const struct net_source *source)
{
    return source->spec->records > 0 && source->at.count >= source->spec->records;
}

double net_source_lag(const struct net_source *source, sim_time now)
{
    if (source->at.due < 0 || source->at.due >= now) {
        return 0;
    }
    sim_time at = source->at.due;
    double due = 1.0;
    struct net_rate_cursor cursor = {0};
    while (at < now) {
        sim_time left;
        double rate = rate_at(source, &cursor, at, &left);
        if (isinf(rate)) {
            return 0;
        }
        left = left < now - at ? left : now - at;
        due += rate * (double)left / 1e9;
        at += left;
    }
    double left_over = (double)(source->spec->records - source->at.count);
    return source->spec->records > 0 && due > left_over ? left_over : due;
}
