#ifndef CLI_TABLE_H
#define CLI_TABLE_H
/*
 * A table of a report, in three forms: aligned columns for people, comma-separated values, and
 * Markdown. Cells are texts; the first column stands left, the others right.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "sim/arena.h"
#include "sim/compiler.h"

struct cli_column {
    const char *group; /* heading over this and its neighbours of the same group; NULL: none */
    const char *title;
    bool is_left;
    const char *alone; /* the heading in Markdown, where there are no groups; NULL: the title */
};

struct cli_table {
    struct sim_arena *arena;
    const struct cli_column *columns;
    size_t column_count;
    const char **cells; /* row by row */
    size_t cell_count;
    size_t capacity;
};

/* `columns` is borrowed. The caller ends it by cli_table_finish(). */
void cli_table_init(struct cli_table *table, const struct cli_column *columns, size_t count);
void cli_table_finish(struct cli_table *table);

/* Add the next cell; a row is full when every column has one. */
void cli_table_add(struct cli_table *table, const char *format, ...) SIM_PRINTF(2, 3);

/* Aligned; where the lines would be longer than 80, the first column is cut in its
 * middle, with a '~'. */
void cli_table_print(const struct cli_table *table, FILE *out);
void cli_table_print_csv(const struct cli_table *table, FILE *out);
void cli_table_print_markdown(const struct cli_table *table, FILE *out);

#endif
