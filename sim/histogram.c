#include "sim/histogram.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "sim/arena.h"
#include "sim/assert.h"

#define EXACT_BITS 8 /* values below 2^8 have a bucket of their own */
#define STEP_BITS 7  /* buckets of a power of two above that: 2^7 */
#define EXACT ((size_t)1 << EXACT_BITS)
#define STEPS ((size_t)1 << STEP_BITS)
#define BUCKETS (EXACT + (63 - EXACT_BITS) * STEPS)
#define ROWS (BUCKETS / STEPS)

/* The buckets in rows of a power of two each; a row comes into being with its first value, so that
 * a thousand tasks whose latencies span a few powers take a few kilobytes each. */
struct sim_histogram {
    uint64_t n;
    sim_int128 sum;
    sim_time min;
    sim_time max;
    uint64_t *rows[ROWS]; /* of STEPS counts; NULL: all zero */
};

_Static_assert(EXACT % STEPS == 0, "the exact buckets are whole rows");

/* A bucket that is not empty. */
struct entry {
    uint64_t count;
    uint32_t bucket;
};

struct sim_histogram_extract {
    uint64_t n;
    sim_int128 sum;
    sim_time min;
    sim_time max;
    size_t entry_count;
    struct entry entries[];
};

static size_t bucket_of(sim_time value)
{
    uint64_t bits = (uint64_t)value;
    if (bits < EXACT) {
        return (size_t)bits;
    }
    unsigned power = SIM_LOG2(bits);
    size_t step = (size_t)(bits >> (power - STEP_BITS)) & (STEPS - 1);
    return EXACT + (power - EXACT_BITS) * STEPS + step;
}

/* The smallest value of a bucket, and how many values it has. */
static sim_time bucket_low(size_t bucket, sim_time *width)
{
    if (bucket < EXACT) {
        *width = 1;
        return (sim_time)bucket;
    }
    unsigned power = (unsigned)((bucket - EXACT) / STEPS) + EXACT_BITS;
    uint64_t step = (bucket - EXACT) % STEPS;
    *width = (sim_time)1 << (power - STEP_BITS);
    return (sim_time)((STEPS + step) << (power - STEP_BITS));
}

struct sim_histogram *sim_histogram_create(void)
{
    return sim_alloc(1, sizeof(struct sim_histogram));
}

void sim_histogram_destroy(struct sim_histogram *histogram)
{
    if (histogram == NULL) {
        return;
    }
    for (size_t row = 0; row < ROWS; row++) {
        free(histogram->rows[row]);
    }
    free(histogram);
}

static uint64_t count_of(const struct sim_histogram *histogram, size_t bucket)
{
    const uint64_t *row = histogram->rows[bucket / STEPS];
    return row != NULL ? row[bucket % STEPS] : 0;
}

static uint64_t *row_for(struct sim_histogram *histogram, size_t row)
{
    if (SIM_UNLIKELY(histogram->rows[row] == NULL)) {
        histogram->rows[row] = sim_alloc(STEPS, sizeof *histogram->rows[row]);
    }
    return histogram->rows[row];
}

void sim_histogram_add(struct sim_histogram *histogram, sim_time value, uint64_t times)
{
    if (times == 0) {
        return;
    }
    value = value < 0 ? 0 : value;
    if (histogram->n == 0 || value < histogram->min) {
        histogram->min = value;
    }
    if (histogram->n == 0 || value > histogram->max) {
        histogram->max = value;
    }
    histogram->n += times;
    histogram->sum += (sim_int128)value * (sim_int128)times;
    size_t bucket = bucket_of(value);
    row_for(histogram, bucket / STEPS)[bucket % STEPS] += times;
}

void sim_histogram_add_all(struct sim_histogram *histogram, const sim_time *values, size_t count)
{
    sim_time min = histogram->n > 0 ? histogram->min : SIM_TIME_MAX;
    sim_time max = histogram->max;
    uint64_t low = 0;
    uint64_t high = 0;
    for (size_t i = 0; i < count; i++) {
        sim_time value = values[i] < 0 ? 0 : values[i];
        min = value < min ? value : min;
        max = value > max ? value : max;
        low += (uint32_t)value;
        high += (uint64_t)value >> 32;
        size_t bucket = bucket_of(value);
        row_for(histogram, bucket / STEPS)[bucket % STEPS]++;
    }
    if (count > 0) {
        histogram->n += count;
        histogram->sum += ((sim_int128)high << 32) + low;
        histogram->min = min;
        histogram->max = max;
    }
}

/* Only the rows between the smallest and the largest value can have counts; they are kept. */
void sim_histogram_clear(struct sim_histogram *histogram)
{
    if (histogram->n == 0) {
        return;
    }
    size_t last = bucket_of(histogram->max) / STEPS;
    for (size_t row = bucket_of(histogram->min) / STEPS; row <= last; row++) {
        if (histogram->rows[row] != NULL) {
            memset(histogram->rows[row], 0, STEPS * sizeof *histogram->rows[row]);
        }
    }
    histogram->n = 0;
    histogram->sum = 0;
    histogram->min = 0;
    histogram->max = 0;
}

/* Merge all but the counts of `n` > 0 observations. */
static void merge_facts(struct sim_histogram *into, uint64_t n, sim_int128 sum, sim_time min,
                        sim_time max)
{
    if (into->n == 0 || min < into->min) {
        into->min = min;
    }
    if (into->n == 0 || max > into->max) {
        into->max = max;
    }
    into->n += n;
    into->sum += sum;
}

void sim_histogram_merge(struct sim_histogram *into, const struct sim_histogram *other)
{
    if (other->n == 0) {
        return;
    }
    merge_facts(into, other->n, other->sum, other->min, other->max);
    size_t last = bucket_of(other->max) / STEPS;
    for (size_t row = bucket_of(other->min) / STEPS; row <= last; row++) {
        for (size_t i = 0; other->rows[row] != NULL && i < STEPS; i++) {
            row_for(into, row)[i] += other->rows[row][i];
        }
    }
}

struct sim_histogram_extract *sim_histogram_extract(const struct sim_histogram *histogram)
{
    struct sim_histogram_extract *extract;
    size_t first = bucket_of(histogram->min);
    size_t last = bucket_of(histogram->max);
    size_t used = 0;

    if (histogram->n == 0) {
        return NULL;
    }
    for (size_t i = first; i <= last; i++) {
        used += count_of(histogram, i) > 0;
    }
    extract = sim_alloc(1, sizeof *extract + used * sizeof extract->entries[0]);
    extract->n = histogram->n;
    extract->sum = histogram->sum;
    extract->min = histogram->min;
    extract->max = histogram->max;
    for (size_t i = first; i <= last; i++) {
        if (count_of(histogram, i) > 0) {
            extract->entries[extract->entry_count++] =
                (struct entry){.count = count_of(histogram, i), .bucket = (uint32_t)i};
        }
    }
    return extract;
}

void sim_histogram_extract_destroy(struct sim_histogram_extract *extract)
{
    free(extract);
}

void sim_histogram_merge_extract(struct sim_histogram *into,
                                 const struct sim_histogram_extract *extract)
{
    if (extract == NULL) {
        return;
    }
    merge_facts(into, extract->n, extract->sum, extract->min, extract->max);
    for (size_t i = 0; i < extract->entry_count; i++) {
        uint32_t bucket = extract->entries[i].bucket;
        row_for(into, bucket / STEPS)[bucket % STEPS] += extract->entries[i].count;
    }
}

uint64_t sim_histogram_count(const struct sim_histogram *histogram)
{
    return histogram->n;
}

sim_time sim_histogram_min(const struct sim_histogram *histogram)
{
    return histogram->min;
}

sim_time sim_histogram_max(const struct sim_histogram *histogram)
{
    return histogram->max;
}

double sim_histogram_mean(const struct sim_histogram *histogram)
{
    return histogram->n > 0 ? (double)histogram->sum / (double)histogram->n : 0.0;
}

/* The smallest rank r of n with r / n >= q; corrects what the product loses in rounding. */
static uint64_t rank_of(double q, uint64_t n)
{
    uint64_t rank = (uint64_t)ceil(q * (double)n);
    rank = rank < 1 ? 1 : rank > n ? n : rank;
    while (rank > 1 && (double)(rank - 1) / (double)n >= q) {
        rank--;
    }
    return rank;
}

sim_time sim_histogram_quantile(const struct sim_histogram *histogram, double q)
{
    sim_assert(NULL, q > 0 && q <= 1);
    if (histogram->n == 0) {
        return 0;
    }
    uint64_t rank = rank_of(q, histogram->n);
    if (rank == histogram->n) {
        return histogram->max;
    }
    size_t bucket = bucket_of(histogram->min);
    uint64_t below = histogram->rows[bucket / STEPS][bucket % STEPS];
    while (below < rank) {
        bucket++;
        if (histogram->rows[bucket / STEPS] == NULL) {
            bucket += STEPS - 1;
        } else {
            below += histogram->rows[bucket / STEPS][bucket % STEPS];
        }
    }
    sim_time width;
    sim_time middle = bucket_low(bucket, &width);
    middle += (width - 1) / 2;
    middle = middle > histogram->max ? histogram->max : middle;
    return middle < histogram->min ? histogram->min : middle;
}

void sim_histogram_visit(const struct sim_histogram *histogram,
                         void (*visit)(void *arg, sim_time low, sim_time high, uint64_t count),
                         void *arg)
{
    for (size_t i = 0; i < BUCKETS; i++) {
        if (count_of(histogram, i) > 0) {
            sim_time width;
            sim_time low = bucket_low(i, &width);
            sim_time high = low > SIM_TIME_MAX - width ? SIM_TIME_MAX : low + width;
            visit(arg, low, high, count_of(histogram, i));
        }
    }
}
