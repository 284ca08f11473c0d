#ifndef PLOTS_CSV_H
#define PLOTS_CSV_H
/*
 * The comma-separated files of a result folder, read row by row.
 *
 * A row is a line; a field may stand in double quotes, inside which a comma is text and "" is one
 * quote. Every row has as many fields as the header. A mistake is told with file and line, for a
 * result folder may come from another program or a full disk.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/error.h"

enum {
    PLT_CSV_MAX_FIELDS = 16,
    PLT_CSV_MAX_LINE = 4096, /* bytes of a line, the newline included */
};

struct plt_csv {
    FILE *file;
    char path[1024];
    uint32_t line; /* of the present row, from 1 */
    size_t field_count;
    char *fields[PLT_CSV_MAX_FIELDS]; /* of the present row; valid until the next one */
    char text[PLT_CSV_MAX_LINE + 1];
};

enum plt_csv_next {
    PLT_CSV_ROW,
    PLT_CSV_END,
    PLT_CSV_ERROR,
};

/*
 * Open `path`, whose first line must be `header` (names with commas between them). False when it
 * cannot be opened or begins otherwise. After success the caller must call plt_csv_close().
 */
bool plt_csv_open(struct plt_csv *csv, const char *path, const char *header, struct sim_err *err);
void plt_csv_close(struct plt_csv *csv);

/* Go to the next row. Writes *err with PLT_CSV_ERROR only. */
enum plt_csv_next plt_csv_next(struct plt_csv *csv, struct sim_err *err);

/* The number in a field of the present row; it must lie in [low, high]. */
bool plt_csv_number(const struct plt_csv *csv, size_t field, double low, double high, double *value,
                    struct sim_err *err);

/* As plt_csv_number() for whole numbers from 0 to `high`. */
bool plt_csv_index(const struct plt_csv *csv, size_t field, uint32_t high, uint32_t *value,
                   struct sim_err *err);

/* A file of chart data that is being written. */
struct plt_out {
    FILE *file;
    char path[1024];
};

bool plt_out_open(struct plt_out *out, const char *directory, const char *name,
                  struct sim_err *err);

/* Close it; false when not all of it could be written. */
bool plt_out_close(struct plt_out *out, struct sim_err *err);

/* Write a field of chart data, which are separated by tabs: control characters as blanks and a
 * quote as an apostrophe, for gnuplot has no way to write either inside a field. */
void plt_out_text(FILE *file, const char *text);

/* Join a folder and a name; false when the result does not fit. */
bool plt_path(char *path, size_t size, const char *directory, const char *name,
              struct sim_err *err);

#endif
