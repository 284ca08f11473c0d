#ifndef STUDIES_RECORDING_INDEX_H
#define STUDIES_RECORDING_INDEX_H
/*
 * The names of a recording, each kept once, and its series by name.
 */
#include "studies/recording.h"

struct study_recording_index *study_recording_index_create(void);
void study_recording_index_destroy(struct study_recording_index *index);

/* The one copy of `name`, which lives as long as the index. NULL when there are too many names or
 * it is too long. */
const char *study_recording_name(struct study_recording_index *index, const char *name);

/* The one copy of `name`, or NULL when there is none. */
const char *study_recording_known(const struct study_recording_index *index, const char *name);

/*
 * The place of a series in recording->series, or UINT32_MAX. `vertex` and `metric` are copies of
 * the index.
 */
uint32_t study_recording_find(const struct study_recording *recording, const char *vertex,
                              uint32_t subtask, const char *metric);

/* Add an empty series; returns its place. */
uint32_t study_recording_add(struct study_recording *recording, const char *vertex,
                             uint32_t subtask, const char *metric);

/* Store a sample. */
void study_recording_sample(struct study_recorded_series *series, double seconds, double value);

#endif
