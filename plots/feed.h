#ifndef PLOTS_FEED_H
#define PLOTS_FEED_H
/*
 * The chart data of a result folder: small files that the gnuplot scripts read as they are.
 *
 * The scripts know nothing of subtasks, counters and histograms; what they draw is prepared here.
 * A result folder may lack channels.csv or latency.csv; their charts are left out then.
 */
#include <stdbool.h>
#include <stdint.h>

#include "sim/error.h"

struct plt_feed {
    uint32_t vertices;
    uint32_t task_managers;
    bool has_usages;   /* any pool's usage */
    bool has_buffers;  /* any pool's buffers in use */
    bool has_channels; /* a channel map can be drawn */
    bool has_latency;
};

/*
 * Read the result folder `result` and write the chart data into the folder `directory`, which must
 * exist: run.tsv (key, value), and what plots/series.h, plots/channels.h and plots/latency.h name.
 */
bool plt_feed(const char *result, const char *directory, struct plt_feed *feed,
              struct sim_err *err);

#endif
