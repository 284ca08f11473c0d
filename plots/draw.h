#ifndef PLOTS_DRAW_H
#define PLOTS_DRAW_H
/*
 * The charts of a result folder: chart data first, then gnuplot, one process a chart.
 *
 * The scripts are looked for in the folder that the environment names (SLUICE_PLOTS), then where
 * they were built from, then where they were installed. No shell takes part, so a path may hold
 * blanks and quotes. A picture is written beside its place and renamed: it is whole or absent.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/error.h"
#include "sim/text.h"

enum plt_terminal {
    PLT_SVG = 1,
    PLT_PNG = 2,
    PLT_DUMB = 4, /* characters, within 80 columns */
};

struct plt_order {
    const char *result;    /* the result folder */
    const char *directory; /* where the charts go; NULL: the folder `charts` in `result` */
    unsigned terminals;    /* PLT_SVG and the like, or-ed; 0: chart data only */
};

/*
 * Draw all charts for which the result has data, and keep the chart data in the folder `data`
 * beside them. What PLT_DUMB draws is added to `drawing`. What gnuplot says without failing, and
 * which charts were left out, is added to `notes`, a line each. Without gnuplot, or when it fails,
 * this is SIM_ERR_SYSTEM; the chart data are kept. A malformed result file is SIM_ERR_INPUT with
 * its line. Not more than one at a time may draw into the same folder.
 */
bool plt_draw(const struct plt_order *order, struct sim_text *drawing, struct sim_text *notes,
              struct sim_err *err);

/*
 * Draw with one script of the same folder, `name`.gp, from chart data that are there: the picture
 * `name`.svg or .png goes to `directory`, the data are in its folder `data`. PLT_DUMB is not drawn.
 */
bool plt_draw_script(const char *name, const char *directory, unsigned terminals,
                     struct sim_text *notes, struct sim_err *err);

/* Make a folder and those above it. */
bool plt_make_folders(const char *path, struct sim_err *err);

#endif
