#ifndef SIM_DIST_H
#define SIM_DIST_H
/*
 * Distributions of durations, sizes and counts. Exponential variates are the engine's own
 * (sim/random.h), the others come from GSL (gsl_ran_*); every one is rounded to an integer as it
 * leaves here, so no double from the mathematical library enters the state of a run.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/arena.h"
#include "sim/error.h"
#include "sim/random.h"

enum sim_dist_kind {
    SIM_DIST_CONSTANT,    /* a */
    SIM_DIST_UNIFORM,     /* a to b */
    SIM_DIST_EXPONENTIAL, /* mean a */
    SIM_DIST_GAMMA,       /* mean a, coefficient of variation b */
    SIM_DIST_LOGNORMAL,   /* mean a, coefficient of variation b */
    SIM_DIST_WEIBULL,     /* scale a, shape b */
    SIM_DIST_PARETO,      /* minimum a, tail index b (> 1 for a finite mean) */
    SIM_DIST_DISCRETE,    /* values[i] with weights[i] */
    SIM_DIST_EMPIRICAL,   /* values[i], each as likely, in random order */
};

/*
 * A distribution of non-negative integers (nanoseconds, bytes). Starts as {0}, which is the
 * constant 0. The tables are borrowed and must outlive it; sim_dist_prepare() makes what sampling
 * needs.
 */
struct sim_dist {
    enum sim_dist_kind kind;
    double a;
    double b;
    const int64_t *values; /* DISCRETE, EMPIRICAL */
    const double *weights; /* DISCRETE */
    size_t count;          /* of values */
    int64_t least;         /* variates below are moved to it */
    int64_t most;          /* and those above to this; 0: there are no such limits */
    /* made by sim_dist_prepare() */
    void *table;       /* DISCRETE: gsl_ran_discrete_t */
    double log_offset; /* LOGNORMAL: mean of the logarithm of what `a` is multiplied by, */
    double log_sd;     /* and its standard deviation */
};

/* Check the parameters and make what sampling needs, of a discrete distribution a table. On failure
 * *err says which parameter is wrong. */
bool sim_dist_prepare(struct sim_dist *dist, struct sim_err *err);

/* Free what sim_dist_prepare() made. */
void sim_dist_finish(struct sim_dist *dist);

/* The largest variate, 2^62. */
#define SIM_DIST_MAX ((int64_t)1 << 62)

/* One variate, rounded to the nearest integer, never negative, at most SIM_DIST_MAX, and within the
 * limits of the distribution. */
int64_t sim_dist_draw(const struct sim_dist *dist, struct sim_stream *stream);

/* The next `count` variates, the same as one by one. Exponential ones take a fraction of the time.
 */
void sim_dist_draw_many(const struct sim_dist *dist, struct sim_stream *stream, int64_t *values,
                        size_t count);

/* The mean without limits; infinite for a Pareto distribution with b <= 1. */
double sim_dist_mean(const struct sim_dist *dist);

/* No variate is above this; SIM_DIST_MAX where the distribution has no end. */
int64_t sim_dist_upper(const struct sim_dist *dist);

/*
 * What many variates come to on average at least, or nearly: the mean, or that of 256 variates,
 * always the same ones, without the four largest, where it is less. So values that hardly ever come
 * do not count, although they may make the mean, or make it infinite.
 */
double sim_dist_trimmed_mean(const struct sim_dist *dist);

/*
 * Read the values of an empirical distribution from CSV text: one number a line in the first
 * column, an optional heading, comments after '#'. Each value is multiplied by `unit` (SIM_MS for a
 * file in milliseconds) and rounded. The values live in the arena. At most 10^6 lines; errors name
 * the line. `name` is used in messages.
 */
bool sim_dist_read_csv(struct sim_dist *dist, const char *name, const char *text, double unit,
                       struct sim_arena *arena, struct sim_err *err);

#endif
