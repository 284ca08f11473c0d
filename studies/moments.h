#ifndef STUDIES_MOMENTS_H
#define STUDIES_MOMENTS_H
/*
 * Where the bottleneck was, and when: bottlenecks move with the load, and a mean over the whole run
 * shows none of them.
 *
 * Every sampling interval from the first window on is judged by itself: if a vertex was
 * back-pressured in it, the last such vertex and its busiest successor are the place. The interval
 * goes to that successor's account if it was busy, to the exchange in front of it if not.
 */
#include <stdbool.h>
#include <stdint.h>

#include "models/spec.h"
#include "sim/recorder.h"
#include "sim/time.h"
#include "studies/windows.h"

/* Shares of an interval, the largest over the subtasks of a vertex. */
struct study_load {
    double busy;
    double pressed; /* soft and hard back pressure */
};

/* An edge from a back-pressured vertex to one that is not. */
struct study_border {
    bool is_found;
    uint32_t from;
    uint32_t to;
};

/* Of all edges from a vertex that is pressed more than `threshold` to one that is not, the one with
 * the busiest consumer. `loads` has one entry a vertex. */
struct study_border study_border_find(const struct net_spec *spec, const struct study_load *loads,
                                      double threshold);

/* More than this share of the time back-pressured counts, of an interval as of the whole run.
 * (Flink's Web UI says OK up to 10 %, UI-1; but a source that is held back for 5 % of the time has
 * lost that much of its rate.) */
#define STUDY_PRESSED 0.05

/* In an interval, busy for more than this share counts. */
#define STUDY_MOMENT_BUSY 0.5

/* How long a place was the bottleneck. */
struct study_moment {
    uint32_t vertex;
    bool is_exchange;      /* the way to it, not its service */
    sim_time total;        /* in all intervals */
    sim_time longest_from; /* its longest stretch without a break */
    sim_time longest_to;
};

struct study_moments;

/* For a run of `spec` (borrowed) whose series have all been added to `recorder`, and whose windows
 * are these. The caller owns it. */
struct study_moments *study_moments_create(const struct net_spec *spec,
                                           const struct sim_recorder *recorder,
                                           const struct study_windows *windows);
void study_moments_destroy(struct study_moments *moments);

/* Take a sample of a series, in the order of the recorder. */
void study_moments_add(struct study_moments *moments, sim_time now, uint32_t series, double value);

/* Before the list is asked for: it is of the windows from this one on, not from the first. */
void study_moments_cut(struct study_moments *moments, uint32_t first);

/* After the run: the places that were the bottleneck for some time, longest first; valid until the
 * moments are destroyed. *watched is the length of all intervals. */
const struct study_moment *study_moments_list(struct study_moments *moments, uint32_t *count,
                                              sim_time *watched);

#endif
