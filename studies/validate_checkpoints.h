#ifndef STUDIES_VALIDATE_CHECKPOINTS_H
#define STUDIES_VALIDATE_CHECKPOINTS_H
/*
 * Checkpoints of a recording beside those of the runs.
 *
 * The trigger times of a recording are input: a run triggers its checkpoints then. Compared are
 * means over those that were triggered after the warm-up and completed: the duration of the whole,
 * and of each vertex start delay, alignment and what was persisted, over its subtasks.
 */
#include <stdbool.h>
#include <stddef.h>

#include "models/spec.h"
#include "sim/arena.h"
#include "studies/checkpoints.h"
#include "studies/recording.h"

/* All trigger times of a recording, ascending; NULL when there are none. */
const sim_time *study_validate_triggers(const struct study_recording *recording,
                                        struct sim_arena *arena, uint32_t *count);

struct study_checkpoint_mean {
    const char *vertex; /* "job": of the whole */
    const char *metric; /* "checkpoint.end_to_end_duration" and the like */
    double mean;
};

/* The recorded means; returns how many. Vertices that the scenario does not have are left out. */
size_t study_validate_checkpoints(const struct net_spec *spec,
                                  const struct study_recording *recording, struct sim_arena *arena,
                                  struct study_checkpoint_mean **means);

/* The same mean of a run; false when it had no such checkpoint. */
bool study_validate_checkpoint_value(const struct study_checkpoints *checkpoints,
                                     const char *vertex, const char *metric, double *value);

#endif
