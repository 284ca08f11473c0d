#include "sim/stats.h"

#include <math.h>
#include <stddef.h>

#include "sim/assert.h"

void sim_tally_add(struct sim_tally *tally, double value)
{
    if (tally->n == 0 || value < tally->min) {
        tally->min = value;
    }
    if (tally->n == 0 || value > tally->max) {
        tally->max = value;
    }
    tally->n++;
    double before = value - tally->mean;
    tally->mean += before / (double)tally->n;
    tally->m2 += before * (value - tally->mean);
}

double sim_tally_variance(const struct sim_tally *tally)
{
    return tally->n > 1 ? tally->m2 / (double)(tally->n - 1) : 0.0;
}

double sim_tally_sd(const struct sim_tally *tally)
{
    return sqrt(sim_tally_variance(tally));
}

void sim_tally_merge(struct sim_tally *into, const struct sim_tally *other)
{
    if (other->n == 0) {
        return;
    }
    if (into->n == 0) {
        *into = *other;
        return;
    }
    double a = (double)into->n;
    double b = (double)other->n;
    double difference = other->mean - into->mean;
    into->n += other->n;
    into->mean += difference * b / (a + b);
    into->m2 += other->m2 + difference * difference * a * b / (a + b);
    into->min = other->min < into->min ? other->min : into->min;
    into->max = other->max > into->max ? other->max : into->max;
}

void sim_level_init(struct sim_level *level, int64_t value, sim_time now)
{
    *level = (struct sim_level){.value = value, .since = now, .integral = 0, .max = value};
}

sim_int128 sim_level_integral(const struct sim_level *level, sim_time now)
{
    sim_assert(NULL, now >= level->since);
    return level->integral + (sim_int128)level->value * (now - level->since);
}

void sim_level_mark(struct sim_level *level)
{
    level->max = level->value;
}

double sim_level_mean(sim_int128 earlier, sim_int128 later, sim_time elapsed)
{
    return elapsed > 0 ? (double)(later - earlier) / (double)elapsed : 0.0;
}
