#include "models/source.h"

#include <math.h>

#include "sim/assert.h"

/* Gaps between Poisson arrivals are drawn in billionths of the mean gap, as integers. */
#define GAP_UNIT 1e9

void net_source_init(struct net_source *source, const struct net_source_spec *spec,
                     uint32_t subtask, uint32_t parallelism, const struct sim_dist *keys,
                     const struct net_stream_name *name)
{
    *source = (struct net_source){.spec = spec,
                                  .subtask = subtask,
                                  .parallelism = parallelism,
                                  .due = -1,
                                  .was_held_up = true,
                                  .keys = keys,
                                  .horizon = SIM_TIME_MAX / 2};
    for (uint32_t i = 0; i < spec->phase_count; i++) {
        source->cycle += spec->phases[i].length;
    }
    uint64_t seed = name->seed * UINT64_C(0x9e3779b97f4a7c15) + spec->seed;
    sim_stream_init(&source->gaps, seed, name->replication, name->entity, "arrivals");
    sim_stream_init(&source->key_stream, seed, name->replication, name->entity, "keys");
}

void net_keys_prepare(struct sim_dist *dist, const struct net_keys_spec *keys,
                      struct sim_arena *arena)
{
    *dist = (struct sim_dist){0};
    if (keys->count <= 1) {
        return;
    }
    int64_t *values = sim_arena_alloc(arena, keys->count, sizeof *values);
    double *weights = sim_arena_alloc(arena, keys->count, sizeof *weights);
    for (uint32_t k = 0; k < keys->count; k++) {
        values[k] = k;
        weights[k] = pow((double)k + 1.0, -keys->zipf);
    }
    dist->kind = SIM_DIST_DISCRETE;
    dist->values = values;
    dist->weights = weights;
    dist->count = keys->count;
    bool is_prepared = sim_dist_prepare(dist, &(struct sim_err){0});
    sim_assert(NULL, is_prepared);
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

/* The time at which the rate, integrated from `from` on, has made up `need` records. */
static sim_time reach(struct net_source *source, sim_time from, double need)
{
    sim_time at = from;
    while (at <= source->horizon) {
        sim_time left;
        double rate = rate_at(source, &source->cursor, at, &left);
        if (isinf(rate)) {
            return at;
        }
        double can = rate * (double)left / 1e9;
        if (rate > 0 && can >= need) {
            return at + (sim_time)(need / rate * 1e9);
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
    if (isinf(rate) || rate <= 0) {
        return reach(source, 0, 0.0);
    }
    return reach(source, 0, ((double)source->subtask + 1.0) / source->parallelism);
}

bool net_source_poll(struct net_source *source, sim_time now, sim_time *wait_until)
{
    if (now < source->start) {
        *wait_until = source->start;
        return false;
    }
    if (source->due < 0) {
        source->due = first_due(source);
    }
    if (now < source->due) {
        source->was_held_up = false;
        *wait_until = source->due;
        return false;
    }
    source->is_late = source->was_held_up;
    source->was_held_up = false;
    source->emitted = now;
    return true;
}

int32_t net_source_key(struct net_source *source)
{
    return (int32_t)sim_dist_draw(source->keys, &source->key_stream);
}

void net_source_advance(struct net_source *source)
{
    sim_time base = source->is_late && !source->spec->catches_up ? source->emitted : source->due;
    double need = 1.0;
    if (source->spec->is_poisson) {
        const struct sim_dist gap = {.kind = SIM_DIST_EXPONENTIAL, .a = GAP_UNIT};
        need = (double)sim_dist_draw(&gap, &source->gaps) / GAP_UNIT;
    }
    source->due = reach(source, base, need);
}

double net_source_lag(const struct net_source *source, sim_time now)
{
    if (source->due < 0 || source->due >= now) {
        return 0;
    }
    sim_time at = source->due;
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
    return due;
}
