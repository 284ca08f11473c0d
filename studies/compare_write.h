#ifndef STUDIES_COMPARE_WRITE_H
#define STUDIES_COMPARE_WRITE_H
/*
 * A comparison as JSON and CSV (docs/comparison.schema.json, docs/comparing.md).
 */
#include <stdio.h>

#include "studies/compare.h"
#include "studies/json.h"
#include "studies/threshold.h"
#include "studies/warnings.h"

/* The member "replications" of summary.json: count, reason to stop, measures with intervals. */
void study_compare_write_config(struct study_json *json, const struct study_compare *compare,
                                uint32_t config);

/* The measures of a configuration with their intervals, one row each. */
void study_compare_write_config_csv(const struct study_compare *compare, uint32_t config,
                                    FILE *out);

/* A comparison as a whole, as it is put into files. */
struct study_comparison {
    const struct study_compare *compare;
    uint32_t baseline; /* index of a configuration */
    const char *version;
    const struct study_warnings *warnings;     /* one a configuration; or NULL */
    const struct study_thresholds *thresholds; /* one a configuration, judged; or NULL */
};

/* The members "warnings" and "thresholds". */
void study_warnings_write(struct study_json *json, const struct study_warnings *warnings);
void study_thresholds_write(struct study_json *json, const struct study_thresholds *thresholds);

/* compare.json */
void study_comparison_write_json(const struct study_comparison *comparison, FILE *out);

/* compare.csv: one row for each measure of each configuration, with its difference from the
 * baseline. */
void study_comparison_write_csv(const struct study_comparison *comparison, FILE *out);

#endif
