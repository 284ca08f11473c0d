#ifndef CLI_INTERVALS_H
#define CLI_INTERVALS_H
/*
 * Tables of means with their intervals, for people.
 */
#include <stdio.h>

#include "cli/report.h"
#include "studies/compare.h"

/* A value in the measure's own short form: "20001.3", "1.46 s", "98.7 %", "96.0 MiB". */
void cli_measure_format(char *buffer, size_t size, enum study_unit unit, double value);

/* The measures of one configuration: mean, half-width, number of replications. */
void cli_intervals_print(const struct study_compare *compare, uint32_t config,
                         enum cli_format format, FILE *out);

#endif
