#ifndef PLOTS_COMPARE_H
#define PLOTS_COMPARE_H
/*
 * The chart data of a comparison's result folder, which has compare.csv and a result folder for
 * each configuration in it.
 *
 * Three charts are made from them: means with intervals and the latency distributions laid over
 * each other (compare.gp), the configurations over time in one picture (compare-time.gp), and, of
 * two varied keys, maps of what came out (compare-heat.gp).
 */
#include <stdbool.h>
#include <stdint.h>

#include "sim/error.h"
#include "sim/text.h"

enum {
    PLT_COMPARE_DOTS = 40, /* more configurations are not told apart as lines of dots */
    PLT_COMPARE_LAID = 8,  /* nor more than this when they are laid over each other */
    PLT_COMPARE_SINKS = 3,
    PLT_COMPARE_ROWS = 8, /* of the chart over time */
};

struct plt_compare_feed {
    bool has_dots;
    bool has_time; /* a configuration has samples */
    bool has_map;  /* the configurations are all combinations of the values of two keys */
};

/* Whether a result folder is that of a comparison. */
bool plt_compare_is(const char *result);

/*
 * Write the chart data of the comparison in `result` into the folder `data`, which must exist:
 *
 * - run.tsv: facts, as of a run;
 * - compare.tsv: a row a configuration in the chart (number, label, whether it is laid over the
 *   others, and "baseline", "cannot start", "never settles" or "-");
 * - compare-panels.tsv and compare-dots-N.tsv: what the dots of panel N are of, and the dots;
 * - compare-latency.tsv: a row a sink, with the number of its curve in the folder of each
 *   configuration that is laid over the others, 0 where it has none;
 * - compare-time.tsv: a row a vertex and side, with the number of that vertex there;
 * - compare-heat.tsv: a row a combination;
 * - config-NN/: the chart data of a configuration (plots/series.h, plots/latency.h).
 *
 * `notes` gets a line for whatever is left out. False as plt_draw().
 */
bool plt_compare_feed(const char *result, const char *data, struct plt_compare_feed *feed,
                      struct sim_text *notes, struct sim_err *err);

#endif
