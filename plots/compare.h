#ifndef PLOTS_COMPARE_H
#define PLOTS_COMPARE_H
/*
 * The chart of a comparison: dots with intervals, the latency distributions laid over each other,
 * and latency over time.
 */
#include "sim/error.h"
#include "sim/text.h"
#include "studies/compare.h"

/* More configurations than this are not told apart in one picture. */
#define PLT_MOST_COMPARED 12

/*
 * Draw charts/compare.svg and .png into the result folder of a comparison, which must be in its
 * place. The first sink is shown that all configurations have. Configurations beyond
 * PLT_MOST_COMPARED and those that could not start are left out, and `notes` says so. False as
 * plt_draw().
 */
bool plt_compare(const struct study_compare *compare, const char *result, struct sim_text *notes,
                 struct sim_err *err);

/*
 * Of two varied keys, `columns` values of the second one for each of the first: draw
 * charts/compare-heat.svg and .png, maps of throughput, p99 and buffers used, with the cells marked
 * that have 95 % of the best throughput. Labels of configurations are "KEY=V, KEY2=V2". Nothing is
 * drawn when a job could not start.
 */
bool plt_compare_heat(const struct study_compare *compare, uint32_t columns, const char *result,
                      struct sim_text *notes, struct sim_err *err);

#endif
