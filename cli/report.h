#ifndef CLI_REPORT_H
#define CLI_REPORT_H
/*
 * The report of a run on standard output.
 */
#include <stdio.h>

#include "studies/result.h"

enum cli_format {
    CLI_FORMAT_TABLE,
    CLI_FORMAT_JSON, /* as summary.json */
    CLI_FORMAT_CSV,  /* one row a vertex */
    CLI_FORMAT_MARKDOWN,
};

/* The choices of --format, and what each is. */
#define CLI_FORMATS "table|json|csv|md"
enum cli_format cli_format_of(const char *name);

struct cli_report {
    enum cli_format format;
    bool has_subtasks; /* a row for every subtask too, in a table for people */
};

void cli_report_print(const struct study_result *result, const struct cli_report *report,
                      FILE *out);

#endif
