#ifndef CLI_COMPARISON_H
#define CLI_COMPARISON_H
/*
 * The report of a comparison on standard output.
 */
#include <stdio.h>

#include "cli/report.h"
#include "studies/compare_write.h"

void cli_comparison_print(const struct study_comparison *comparison, enum cli_format format,
                          FILE *out);

#endif
