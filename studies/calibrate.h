#ifndef STUDIES_CALIBRATE_H
#define STUDIES_CALIBRATE_H
/*
 * From a recording to a scenario: what must the job be like to have behaved like that?
 *
 * Looks at the series of a recording (and its placement, where it is there) and at nothing else.
 * Service times come from busy time per record, selectivities from records out per record in,
 * record sizes from bytes per record, rates from the samples that back pressure did not touch, skew
 * from the shares of the subtasks, sizes of pools and segments from the counters of buffers. Every
 * number is the roundest one that the recording allows, with its evidence as a comment.
 *
 * Not seen in a series, and so to be given or left at Flink's defaults: who is connected to whom
 * (unless the job is one chain), whether rates and services change over time, keys, timers of
 * operators, and Flink's configuration beyond buffers and segments.
 */
#include <stdbool.h>
#include <stddef.h>

#include "sim/error.h"
#include "sim/text.h"
#include "studies/recording.h"

struct study_calibrate_edge {
    const char *from;
    const char *to;
    const char *partition; /* NULL: estimated */
};

struct study_calibrate_params {
    const struct study_recording *recording;
    const char *name;
    const char *flink_version;
    const struct study_calibrate_edge *edges; /* none: one chain, in the order of latency */
    size_t edge_count;
    const char *const *settings; /* "KEY=VALUE" of Flink's configuration, as they are */
    size_t setting_count;
    double warmup_s; /* not looked at; negative: a fifth of the recording */
};

/* Append the scenario. False with SIM_ERR_INPUT when the recording lacks what is needed, or the
 * edges do not fit to it. */
bool study_calibrate(const struct study_calibrate_params *params, struct sim_text *scenario,
                     struct sim_err *err);

#endif
