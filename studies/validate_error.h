#ifndef STUDIES_VALIDATE_ERROR_H
#define STUDIES_VALIDATE_ERROR_H
/*
 * A job that did not start: Flink's error text beside that of the runs.
 *
 * The text is a template with numbers. Template, total and segment size must be the same. Which
 * request fails, and how many buffers are left then, differs from run to run, because tasks start
 * in any order; these two numbers must be possible ones.
 */
#include <stddef.h>

#include "models/spec.h"
#include "studies/validate_runs.h"

#define STUDY_ERROR_CHECKS 5

struct study_error_check {
    const char *metric;
    const char *rule;
    bool is_good;
    double recorded;
    double mean; /* over the seeds */
    double least;
    double most;
};

/* Compare error.txt with what the seeds gave. Returns the number of checks written. */
size_t study_error_compare(const struct net_spec *spec, const char *recorded,
                           const struct study_seed *seeds, uint32_t seed_count,
                           struct study_error_check checks[STUDY_ERROR_CHECKS]);

#endif
