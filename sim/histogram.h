#ifndef SIM_HISTOGRAM_H
#define SIM_HISTOGRAM_H
/*
 * A log-linear histogram of durations, for percentiles of latency in constant memory.
 *
 * Values below 2^8 ns have a bucket of their own; above, every power of two is cut into 2^7 equal
 * buckets, so a value is known to within 1/128 (0.8 %) of itself. Counts are integers: adding,
 * merging and quantiles are exact and independent of order. The smallest and largest value and the
 * sum are kept exactly. A power of two takes memory when its first value comes, and keeps it.
 */
#include <stddef.h>
#include <stdint.h>

#include "sim/compiler.h"
#include "sim/time.h"

struct sim_histogram;

struct sim_histogram *sim_histogram_create(void);
void sim_histogram_destroy(struct sim_histogram *histogram);

/* Count a value (negative ones count as 0) `times` times. */
void sim_histogram_add(struct sim_histogram *histogram, sim_time value, uint64_t times);

/* Count `count` values once each. */
void sim_histogram_add_all(struct sim_histogram *histogram, const sim_time *values, size_t count);
void sim_histogram_clear(struct sim_histogram *histogram);
void sim_histogram_merge(struct sim_histogram *into, const struct sim_histogram *other);

/*
 * What a histogram holds, in as little memory as its non-empty buckets take: for many of them that
 * are to be merged later. NULL when it is empty. The caller owns the result.
 */
struct sim_histogram_extract;
struct sim_histogram_extract *sim_histogram_extract(const struct sim_histogram *histogram);
void sim_histogram_extract_destroy(struct sim_histogram_extract *extract);

/* As sim_histogram_merge() with the histogram that the extract was taken of; NULL adds nothing. */
void sim_histogram_merge_extract(struct sim_histogram *into,
                                 const struct sim_histogram_extract *extract);

uint64_t sim_histogram_count(const struct sim_histogram *histogram);
sim_time sim_histogram_min(const struct sim_histogram *histogram);
sim_time sim_histogram_max(const struct sim_histogram *histogram);

/* Exact sum divided by the count; 0 when empty. In nanoseconds. */
double sim_histogram_mean(const struct sim_histogram *histogram);

/*
 * The smallest value v such that at least q of the observations are not above v (0 < q <= 1), as
 * the middle of its bucket, never outside [min, max]; exactly the maximum where no smaller value
 * will do; 0 when empty.
 */
sim_time sim_histogram_quantile(const struct sim_histogram *histogram, double q);

/* Visit the non-empty buckets in ascending order: [low, high) and their count. */
void sim_histogram_visit(const struct sim_histogram *histogram,
                         void (*visit)(void *arg, sim_time low, sim_time high, uint64_t count),
                         void *arg);

#endif
