#ifndef PLOTS_VALIDATION_H
#define PLOTS_VALIDATION_H
/*
 * A recorded job and its simulation laid over each other: what Flink did as a line, the range of
 * the seeds as a band with their median in it.
 */
#include <stdbool.h>

#include "sim/error.h"
#include "sim/text.h"
#include "studies/validate.h"

/*
 * Write the chart data into the folder `data` of `directory`, both of which are made, and draw
 * validation.svg and validation.png (terminals: PLT_SVG, PLT_PNG) in `directory`. As plt_draw().
 */
bool plt_validation(const struct study_validation *validation, const char *directory,
                    unsigned terminals, struct sim_text *notes, struct sim_err *err);

#endif
