#ifndef SCENARIOS_DIAGNOSTICS_H
#define SCENARIOS_DIAGNOSTICS_H
/*
 * What the reader has to say about a scenario: mistakes and warnings, each with its place.
 *
 * The reader goes on after a mistake, so that several are told in one go. A place is a range of
 * bytes in a source: the text of a file, or one `--set PATH=VALUE` of the command line. Line and
 * column are worked out when a diagnostic is printed:
 *
 *     pipeline.yaml:14:9: unknown key 'paralelism', did you mean 'parallelism'?
 *         paralelism: 4
 *         ^~~~~~~~~~
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/arena.h"
#include "sim/compiler.h"
#include "sim/text.h"

/* More mistakes than this are counted, but not kept. */
#define SCN_MAX_ERRORS 100

/* A text that was read. Borrowed strings. */
struct scn_source {
    const char *label; /* name of the file, or "--set PATH=VALUE" */
    const char *text;  /* of the file; the label again for an override */
    size_t length;
    bool is_override;
};

/* A range of a source. Line 0: no place inside it. */
struct scn_place {
    const struct scn_source *source;
    uint32_t line; /* from 1 */
    size_t offset; /* bytes from the start of the text */
    size_t length; /* bytes; a caret stands under each */
};

struct scn_diagnostic {
    bool is_warning;
    struct scn_place place;
    const char *text; /* one line: what was found, what was expected, what to do */
    struct scn_diagnostic *next;
};

/* The list; starts as {.arena = ...} and keeps everything in that arena. */
struct scn_diagnostics {
    struct sim_arena *arena;
    struct scn_diagnostic *first;
    struct scn_diagnostic *last;
    uint32_t errors;
    uint32_t warnings;
};

/* Add a mistake. */
void scn_error(struct scn_diagnostics *list, struct scn_place place, const char *format, ...)
    SIM_PRINTF(3, 4);

/* Add a warning: the scenario is run all the same. */
void scn_warning(struct scn_diagnostics *list, struct scn_place place, const char *format, ...)
    SIM_PRINTF(3, 4);

/* Whether another mistake would only be counted: no need to look for a right spelling then. */
bool scn_diagnostics_are_full(const struct scn_diagnostics *list);

/* Put the list into the order of the places, the file before the overrides. */
void scn_diagnostics_sort(struct scn_diagnostics *list);

/* The column of a place, in characters from 1; 0 when the place is a whole file. */
uint32_t scn_place_column(const struct scn_place *place);

/* Append `label:line:column: text`, the source line and a caret line. */
void scn_diagnostic_format(const struct scn_diagnostic *diagnostic, struct sim_text *text);

/* Append all warnings or all mistakes, in order. */
void scn_diagnostics_format(const struct scn_diagnostics *list, bool warnings,
                            struct sim_text *text);

#endif
