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

struct study_compare;
struct study_thresholds;
struct study_warnings;

/* A row of summary.csv. */
struct study_result_row {
    const char *vertex;
    const char *metric;
    uint32_t subtask;
    bool is_all; /* of the whole vertex; `subtask` means nothing */
    uint64_t n;
    double mean;
    double sd;
    double min;
    double max;
    double quantile;   /* of a latency, between 0 and 1; 0: it is no quantile */
    uint32_t reps;     /* replications that `mean` is the mean of; 0: a single run */
    double half_width; /* with reps > 1: of the 95 % interval of the mean */
};

/* `row`, and the texts in it, are valid during the call. */
typedef void (*study_result_row_fn)(void *arg, const struct study_result_row *row);

/* The rows of a run in the order of summary.csv. */
void study_result_each_row(const struct study_run *run, study_result_row_fn fn, void *arg);

struct study_result {
    const struct study_run *run;
    const struct study_compare *compare; /* where it is one of several replications; or NULL */
    uint32_t config;                     /* of it */
    const struct study_thresholds *thresholds; /* judged; or NULL */
    const struct study_warnings *warnings;     /* or NULL */
    const char *warmup_from; /* where the warm-up is from: "scenario", "MSER-5"; or NULL */
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
/* The summary of several replications: with the columns reps and half_width. */
void study_result_write_rows(const struct study_result_row *rows, size_t count, FILE *out);
void study_result_write_latency(const struct study_run *run, FILE *out);

#endif
