#ifndef PLOTS_LATENCY_H
#define PLOTS_LATENCY_H
/*
 * The latency distribution of each vertex (latency.csv), as the share of records that are later
 * than x.
 *
 * The tail is what people ask for, and only this form shows it: on two logarithmic axes one record
 * in a thousand has as much room as one in two. The file holds buckets of a histogram per vertex
 * and subtask, or of all its subtasks together (`all`); where `all` is missing, subtasks are added.
 */
#include <stdbool.h>
#include <stdint.h>

#include "sim/error.h"

enum {
    PLT_LATENCY_MAX_VERTICES = 2000,
    PLT_LATENCY_MAX_BUCKETS = 4000000, /* rows of the file */
};

/*
 * Read latency.csv at `path` and write into `directory`: latency.tsv, a row a vertex (name,
 * records, p50_ms, p99_ms, p999_ms, max_ms), and for row N latency-N.tsv (ms, share_later).
 * *vertices tells how many rows, 0 when no record arrived. Within a bucket records are taken as
 * evenly spread.
 */
bool plt_latency_write(const char *path, const char *directory, uint32_t *vertices,
                       struct sim_err *err);

#endif
