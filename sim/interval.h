#ifndef SIM_INTERVAL_H
#define SIM_INTERVAL_H
/*
 * Confidence intervals of a mean from independent replications, by Student's t (GSL's quantiles).
 *
 * Replications are independent and each gives one number, so nothing is assumed about correlation
 * within a run. What is estimated is the mean of that number; a quantile of latency is a number of
 * a replication like any other.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/stats.h"

/* The level of all intervals that are shown. */
#define SIM_CONFIDENCE 0.95

struct sim_interval {
    double mean;
    double half_width; /* infinite with fewer than two values */
    uint64_t n;
};

/*
 * The level at which each of `count` intervals must be made so that all of them hold together with
 * `level` (Bonferroni): 1 - (1 - level) / count. A count of 0 is as 1.
 */
double sim_interval_level(double level, uint64_t count);

/* The interval of the mean of the tally's values, at a level between 0 and 1. */
struct sim_interval sim_interval_of(const struct sim_tally *tally, double level);

/* Of the mean of b[i] - a[i], paired by i: both met the same random numbers. */
struct sim_interval sim_interval_paired(const double *a, const double *b, size_t count,
                                        double level);

/*
 * How much smaller pairing made the variance of the difference: (var a + var b) / var (b - a). 1
 * when it did not help, below 1 when it did harm; infinite when the differences are all the same
 * and the values are not; 1 when nothing varies.
 */
double sim_interval_gain(const double *a, const double *b, size_t count);

/* The half-width as a part of the mean; 0 of an interval of width 0, infinite where the mean is 0.
 */
double sim_interval_relative(const struct sim_interval *interval);

#endif
