#ifndef CLI_VERDICTS_H
#define CLI_VERDICTS_H
/*
 * What became of the thresholds of a scenario, for people; before everything else.
 */
#include <stdio.h>

#include "cli/report.h"
#include "studies/threshold.h"

/* One line a threshold, after the name of its configuration, or NULL where there is one. Prints
 * nothing of none. */
void cli_verdicts_print(const struct study_thresholds *thresholds, const char *name,
                        enum cli_format format, FILE *out);

#endif
