#ifndef STUDIES_VALIDATE_TRACKS_H
#define STUDIES_VALIDATE_TRACKS_H
/*
 * The course of a job: its recorded series beside those of the seeds.
 */
#include "studies/validate.h"

/* Values that the series of all seeds may take. */
#define STUDY_TRACKS_MAX_VALUES 50000000u

/*
 * Add a track for each vertex and each metric worth looking at, with its recorded part filled in
 * and room for the simulated one. False with SIM_ERR_LIMIT when there would be too many values.
 */
bool study_tracks_init(struct study_validation *validation,
                       const struct study_validate_params *params, struct sim_err *err);

/* After all runs. An instant without a value in any seed gets NAN. */
void study_tracks_take_medians(struct study_validation *validation);

/*
 * Share of the recorded samples that are within `tolerance` of the median, which as a whole may be
 * early or late by up to `shift_s` seconds. 0 when there are no samples.
 */
double study_track_share_within(const struct study_track *track, double tolerance, double shift_s);

#endif
