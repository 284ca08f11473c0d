#ifndef PLOTS_SUMMARY_H
#define PLOTS_SUMMARY_H
/*
 * The few facts about a run that a chart states: read from the result folder's summary.json.
 */
#include <stdbool.h>
#include <stdint.h>

/* An exchange, and what channels.csv calls it at either end. */
struct plt_edge {
    char from[120];
    char to[120];
    char task[120];  /* the vertex whose outputs it is one of: the first of a chain */
    uint32_t output; /* of `task`, from 0 */
    uint32_t gate;   /* of `to`, from 0 */
};

struct plt_summary {
    char title[260];   /* the scenario's name; empty when unknown */
    double warm_up_s;  /* 0 when unknown or none */
    char caption[260]; /* seed and the like; empty when unknown */
    char verdict[320]; /* the deadlock, or the bottleneck in a line; empty when unknown */
    struct plt_edge *edges;
    uint32_t edge_count; /* 0 when unknown */
};

/*
 * Scan the file at `path` for the keys of its outermost object. What is missing, or no JSON at all,
 * leaves the field empty: a chart can do without.
 */
void plt_summary_read(const char *path, struct plt_summary *summary);
void plt_summary_finish(struct plt_summary *summary);

#endif
