#ifndef PLOTS_COMPARISON_H
#define PLOTS_COMPARISON_H
/*
 * A comparison as it stands in its result folder: compare.csv, read back.
 *
 * A measure is a metric of a vertex, or of the job, and
 * has a mean with its half-width for each configuration that knows it.
 */
#include <stdbool.h>
#include <stdint.h>

#include "sim/arena.h"
#include "sim/error.h"

enum {
    PLT_COMPARISON_MAX_CONFIGS = 1000,
    PLT_COMPARISON_MAX_MEASURES = 20000,
};

struct plt_mean {
    double mean; /* NAN: there is none */
    double half; /* half-width of the 95 % interval, 0 where it has none */
};

struct plt_compared {
    uint32_t number;         /* as in the file, from 1: its results are in config-NN */
    const char *label;       /* "key=value, key=value", or a scenario's name */
    bool is_started;         /* there is a run to be shown */
    bool is_settled;         /* and averages of it */
    const char *short_label; /* the values alone, where all labels are of the same keys */
};

struct plt_measured {
    const char *vertex; /* "" of the job */
    const char *metric;
    const char *unit;
    struct plt_mean *means; /* one a configuration */
};

struct plt_comparison {
    struct plt_compared *configs;
    uint32_t config_count;
    uint32_t baseline; /* index; config_count when it has no averages */
    struct plt_measured *measures;
    uint32_t measure_count;
    uint32_t measure_capacity;
    uint32_t replications; /* the most that any measure has */
    uint32_t key_count;    /* of the labels; 0 when they are not of the same keys */
    const char **keys;
    const char **values; /* config x key_count + key */
    struct sim_arena *arena;
};

/*
 * Read compare.csv at `path`. False as sim_csv_next(), or when it has no configuration. Either way
 * the caller calls plt_comparison_finish().
 */
bool plt_comparison_read(struct plt_comparison *comparison, const char *path, struct sim_err *err);
void plt_comparison_finish(struct plt_comparison *comparison);

/* A measure by vertex ("": the job) and metric; NULL when there is none. */
const struct plt_measured *plt_comparison_find(const struct plt_comparison *comparison,
                                               const char *vertex, const char *metric);

#endif
