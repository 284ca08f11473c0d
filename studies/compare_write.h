#ifndef STUDIES_COMPARE_WRITE_H
#define STUDIES_COMPARE_WRITE_H
/*
 * A comparison as JSON and CSV (docs/comparison.schema.json, docs/comparing.md).
 */
#include <stdio.h>

#include "studies/compare.h"
#include "studies/json.h"

/* The member "replications" of summary.json: count, reason to stop, measures with intervals. */
void study_compare_write_config(struct study_json *json, const struct study_compare *compare,
                                uint32_t config);

/* The measures of a configuration with their intervals, one row each. */
void study_compare_write_config_csv(const struct study_compare *compare, uint32_t config,
                                    FILE *out);

#endif
