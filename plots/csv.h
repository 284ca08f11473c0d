#ifndef PLOTS_CSV_H
#define PLOTS_CSV_H
/*
 * The files that charts are made from: those of a result folder are read, those for gnuplot
 * written.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "sim/csv.h"
#include "sim/error.h"

/* Open a file of a result folder and begin to read it (sim_csv_begin()). */
bool plt_csv_open(struct sim_csv *csv, const char *path, const char *header, struct sim_err *err);

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
