#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H
/*
 * The options of a verb, from one table: what is accepted, what takes a value, what --help prints.
 *
 * Long options are "--name", "--name VALUE" or "--name=VALUE"; short ones "-o", "-o VALUE",
 * "-oVALUE", and flags may be put together ("-vq"). "--" ends the options; "-" alone is an operand.
 * Options and operands may stand in any order. Every table has --help without saying so.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/error.h"

struct cli_option {
    const char *name;     /* without dashes; NULL ends a table */
    char letter;          /* or 0 */
    const char *argument; /* name of its value in the help; NULL: a flag */
    const char *choices;  /* "table|json|csv|md", or NULL: any value */
    bool may_repeat;
    const char *help; /* lower case, without a full stop */
};

/* What one option was given: how often, and the values in order. Borrowed from argv. */
struct cli_value {
    size_t count;
    const char **texts; /* NULL entries for flags */
};

struct cli_args {
    const struct cli_option *options; /* the table */
    struct cli_value *values;         /* one an option, in the order of the table */
    size_t value_count;
    const char **operands;
    size_t operand_count;
    bool has_help; /* --help or -h was seen; nothing else is checked then */
    void *storage;
};

/*
 * Read argv[0] .. argv[argc - 1], which are all after the verb. False with SIM_ERR_USAGE and what
 * to write instead. On success the caller calls cli_args_finish(); *args is untouched on failure.
 */
bool cli_args_parse(struct cli_args *args, const struct cli_option *options, int argc, char **argv,
                    struct sim_err *err);
void cli_args_finish(struct cli_args *args);

/* Whether option `index` was given, and its last value (NULL when it was not given). */
bool cli_args_has(const struct cli_args *args, size_t index);
const char *cli_args_text(const struct cli_args *args, size_t index);

/* Read the whole number that option `index` was given last; *value stays as it is when it was not
 * given. False with SIM_ERR_USAGE. */
bool cli_args_number(const struct cli_args *args, size_t index, int64_t low, int64_t high,
                     int64_t *value, struct sim_err *err);

/* Print the options as two columns, at most 80 wide, --help last. */
void cli_options_print(FILE *out, const struct cli_option *options);

/* Print a paragraph, broken at blanks: `first` columns are used up in the first line, later lines
 * begin with `indent` blanks. Ends with a newline. */
void cli_wrap(FILE *out, const char *text, size_t first, size_t indent);

#endif
