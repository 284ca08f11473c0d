#include "sim/interval.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

#include "sim/assert.h"

double sim_interval_level(double level, uint64_t count)
{
    return 1 - (1 - level) / (double)(count > 0 ? count : 1);
}

struct sim_interval sim_interval_of(const struct sim_tally *tally, double level)
{
    struct sim_interval interval = {tally->mean, INFINITY, tally->n};

    sim_assert(NULL, level > 0 && level < 1);
    if (tally->n >= 2) {
        double n = (double)tally->n;

        interval.half_width =
            gsl_cdf_tdist_Pinv(1 - (1 - level) / 2, n - 1) * sim_tally_sd(tally) / sqrt(n);
    }
    return interval;
}

struct sim_interval sim_interval_paired(const double *a, const double *b, size_t count,
                                        double level)
{
    struct sim_tally differences = {0};

    for (size_t i = 0; i < count; i++) {
        sim_tally_add(&differences, b[i] - a[i]);
    }
    return sim_interval_of(&differences, level);
}

double sim_interval_gain(const double *a, const double *b, size_t count)
{
    struct sim_tally of_a = {0};
    struct sim_tally of_b = {0};
    struct sim_tally differences = {0};

    for (size_t i = 0; i < count; i++) {
        sim_tally_add(&of_a, a[i]);
        sim_tally_add(&of_b, b[i]);
        sim_tally_add(&differences, b[i] - a[i]);
    }
    double apart = sim_tally_variance(&of_a) + sim_tally_variance(&of_b);
    double paired = sim_tally_variance(&differences);
    if (paired > 0) {
        return apart / paired;
    }
    return apart > 0 ? INFINITY : 1;
}

double sim_interval_relative(const struct sim_interval *interval)
{
    if (interval->half_width == 0) {
        return 0;
    }
    return interval->mean != 0 ? interval->half_width / fabs(interval->mean) : INFINITY;
}
