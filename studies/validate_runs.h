#ifndef STUDIES_VALIDATE_RUNS_H
#define STUDIES_VALIDATE_RUNS_H
/*
 * The runs behind a validation: one a seed, on as many threads as asked for.
 *
 * Every run writes only into its own places, so the number of threads changes nothing.
 */
#include "sim/histogram.h"
#include "studies/run.h"
#include "studies/validate.h"

/* What one seed gave. */
struct study_seed {
    uint64_t seed;
    double *values;     /* of each check */
    bool *has;          /* the run had a value for it */
    double *changes;    /* of each vertex: changes of activity, per second and subtask */
    char refusal[1024]; /* why the job could not start; empty when it did */
};

/*
 * Run params->seeds seeds of `spec`. `seeds` has that many entries with their seeds set and room
 * for all checks and vertices. Fills validation->tracks too. False when a run failed, or without a
 * word in *err when progress said stop.
 */
bool study_validate_run(struct study_validation *validation,
                        const struct study_validate_params *params, const struct net_spec *spec,
                        struct study_seed *seeds, struct sim_err *err);

#endif
