#ifndef STUDIES_RESULT_H
#define STUDIES_RESULT_H
/*
 * The files of a result folder that are written when the run is over: summary.csv, summary.json,
 * latency.csv, scenario.yaml, and error.txt of a job that could not start. (series.csv and
 * channels.csv are streamed, studies/run.h.) docs/result-folder.md describes them all.
 */
#include <stdbool.h>
#include <stdio.h>

#include "sim/error.h"
#include "studies/allotment.h"
#include "studies/diagnosis.h"
#include "studies/folder.h"
#include "studies/run.h"

struct study_result {
    const struct study_run *run;
    const struct study_diagnosis *diagnosis; /* NULL when the job could not start */
    const struct study_allotment *allotments;
    uint32_t allotment_count;
    const char *version;  /* of sluice */
    const char *scenario; /* the resolved scenario as text */
};

/* Write all of these files into the folder. */
bool study_result_write(const struct study_result *result, struct study_folder *folder,
                        struct sim_err *err);

/* Write one of them to any file; errors stay on it (ferror). */
void study_result_write_json(const struct study_result *result, FILE *out);
void study_result_write_summary(const struct study_run *run, FILE *out);
void study_result_write_latency(const struct study_run *run, FILE *out);

#endif
