#ifndef STUDIES_CALIBRATE_ESTIMATE_H
#define STUDIES_CALIBRATE_ESTIMATE_H
/*
 * What the series of a recording tell about each vertex.
 */
#include "sim/arena.h"
#include "studies/calibrate.h"

/* Between two samples; times in seconds. */
struct study_window {
    double from;
    double to;
    double sample; /* usual distance of two samples */
};

struct study_estimate_edge {
    uint32_t from;
    uint32_t to;
    const char *partition;
    const char *why; /* evidence; NULL: it was given */
};

struct study_estimate_subtask {
    double records_in; /* in the window */
    double records_out;
    double busy_ms;
    double service_ms; /* busy per record; 0 when there were none */
};

/* A vertex; times are means over its subtasks, counts are sums. */
struct study_estimate_vertex {
    const char *name;
    uint32_t parallelism;
    bool has_input;
    bool has_output;
    struct study_estimate_subtask *subtasks;
    double seconds; /* between the first and the last sample of the window */
    double records_in;
    double records_out;
    double busy; /* ms per second */
    double idle;
    double pressed;      /* soft and hard */
    bool has_dispersion; /* else the next is 0 */
    double dispersion;   /* of the service time: variance over squared mean */
    double bytes_out;    /* since the start, as the next three */
    double records_all;  /* out */
    double buffers_out;
    double out_pool_size; /* largest seen, of one subtask's pools together */
    double in_pool_size;
    double latency_ms; /* mean over the samples; negative: none */
    bool is_remote;    /* some of its input channels */
    bool is_unlimited; /* source */
    bool is_poisson;
    double rate; /* source, of one subtask */
    const char *rate_why;
    double rate_dispersion;
    uint32_t taskmanager; /* UINT32_MAX: more than one, or not known */
};

struct study_estimate {
    struct sim_arena *arena; /* of the caller */
    const struct study_recording *recording;
    struct study_window window;
    struct study_estimate_vertex *vertices;
    uint32_t vertex_count;
    struct study_estimate_edge *edges;
    uint32_t edge_count;
    uint32_t taskmanagers;
    bool has_placement;
    uint32_t slots;
    double segment_bytes;
    double segment_evidence; /* bytes per buffer; 0: not seen */
    double total_segments;   /* of a task manager; 0: not known */
    double floating;         /* buffers per gate; negative: not seen */
    double exclusive;        /* per channel */
};

/* Estimate everything. False as study_calibrate(). */
bool study_estimate_make(struct study_estimate *estimate,
                         const struct study_calibrate_params *params, struct sim_err *err);

/* Who is connected to whom, and how (studies/calibrate_graph.c). */
bool study_estimate_graph(struct study_estimate *estimate,
                          const struct study_calibrate_params *params, struct sim_err *err);

/* The number with the fewest digits that is within `uncertainty` of `value`. */
double study_roundest(double value, double uncertainty);

#endif
