#ifndef STUDIES_CHECKPOINTS_H
#define STUDIES_CHECKPOINTS_H
/*
 * The checkpoints of a run: streamed to checkpoints.csv in the form of the recordings, and summed
 * up after the run: of those that were triggered in a window that counts.
 */
#include <stdint.h>
#include <stdio.h>

#include "models/coordinator.h"
#include "models/spec.h"
#include "sim/stats.h"
#include "studies/windows.h"

/* Over all subtasks of a vertex and all checkpoints. Times in ms. */
struct study_checkpoint_vertex {
    struct sim_tally start_delay_ms;
    struct sim_tally alignment_ms;
    struct sim_tally persisted_bytes;
    struct sim_tally processed_bytes;
};

/* Of the checkpoints of a window, or of all that count. */
struct study_checkpoint_sums {
    struct sim_tally duration_ms;             /* trigger to last acknowledgement */
    struct sim_tally persisted_bytes;         /* of buffers in flight, of the whole job */
    struct study_checkpoint_vertex *vertices; /* as in the specification */
};

struct study_checkpoints {
    const struct net_spec *spec;       /* borrowed */
    FILE *out;                         /* borrowed; or NULL */
    uint64_t complete;                 /* all of the run */
    struct study_checkpoint_sums sums; /* after study_checkpoints_cut() */
    struct study_windows windows;
    struct study_checkpoint_sums *each; /* of each window */
};

/* Write the header, if there is a file. */
void study_checkpoints_init(struct study_checkpoints *checkpoints, const struct net_spec *spec,
                            const struct study_windows *windows, FILE *out);
void study_checkpoints_finish(struct study_checkpoints *checkpoints);

/* For net_world_on_checkpoint(); `arg` is the checkpoints. Errors stay on the file (ferror). */
void study_checkpoints_add(void *arg, const struct net_checkpoint *checkpoint);

/* Sum up those of the windows from this one on; once, after the run. */
void study_checkpoints_cut(struct study_checkpoints *checkpoints, uint32_t first);

#endif
