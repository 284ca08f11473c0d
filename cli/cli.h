#ifndef CLI_CLI_H
#define CLI_CLI_H
/*
 * The program's verbs. A verb is one file cli/cmd_<verb>.c with one constant table; main.c lists
 * them. A verb returns its exit status; results go to stdout, everything else to stderr.
 */
#include <stdbool.h>
#include <stddef.h>

#include "cli/options.h"
#include "sim/error.h"
#include "sim/text.h"

/* Exit statuses. */
enum cli_status {
    CLI_DONE = 0,
    CLI_SYSTEM = 1, /* a disk full, a program missing; what was written is whole */
    CLI_USAGE = 2,
    CLI_INPUT = 3,  /* the scenario is invalid */
    CLI_ANSWER = 4, /* the answer is no */
    CLI_BUG = 70,
    CLI_INTERRUPTED = 130,
};

struct cli_verb {
    const char *name;
    const char *summary;  /* one line for `sluice --help` */
    const char *operands; /* as in "SCENARIO", "FILE..." */
    size_t least_operands;
    size_t most_operands; /* SIZE_MAX: any number */
    const char *about;    /* paragraphs, separated by newlines, wrapped when printed */
    const char *examples; /* lines printed as they are, at most 76 wide, each ends with a newline */
    const struct cli_option *options;
    int (*run)(const struct cli_args *args); /* an exit status */
};

extern const struct cli_verb cli_verb_run;
extern const struct cli_verb cli_verb_compare;
extern const struct cli_verb cli_verb_check;
extern const struct cli_verb cli_verb_plot;
extern const struct cli_verb cli_verb_size;
extern const struct cli_verb cli_verb_replay;
extern const struct cli_verb cli_verb_validate;
extern const struct cli_verb cli_verb_calibrate;

/* The exit status of an error. */
int cli_status_of(enum sim_err_code code);

/* Print "sluice: TEXT" or "FILE:LINE:COLUMN: TEXT" to stderr; returns the exit status. */
int cli_fail(const struct sim_err *err);

/* Append the last part of a path, slashes at its end left out. */
void cli_add_name(struct sim_text *text, const char *path);

/* Whether colours go to stdout, and whether a progress line goes to stderr: only on a terminal;
 * NO_COLOR switches colours off. */
bool cli_has_colour(void);
bool cli_has_progress(void);

/*
 * Draw the charts of a result folder as `sluice plot` does; `directory` NULL puts them into it,
 * `terminals` are PLT_SVG and the like. Returns an exit status; what went wrong is on stderr.
 */
int cli_plot(const char *result, const char *directory, unsigned terminals);

#endif
