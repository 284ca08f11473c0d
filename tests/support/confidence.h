#ifndef TESTS_SUPPORT_CONFIDENCE_H
#define TESTS_SUPPORT_CONFIDENCE_H
/*
 * A known answer against independent replications: the confidence interval of their mean, by
 * Student's t, must cover it. Include after cmocka.h.
 *
 * The level is 99.9 %, as a program makes some ten such checks and the seeds are fixed. An interval
 * covers anything when it is wide enough, so each check also says how narrow it must be.
 */
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdint.h>

#include "sim/stats.h"

#define CONFIDENCE_LEVEL 0.999

static inline double confidence_half_width(const struct sim_tally *tally)
{
    double n = (double)tally->n;
    return gsl_cdf_tdist_Pinv(1 - (1 - CONFIDENCE_LEVEL) / 2, n - 1) * sim_tally_sd(tally) /
           sqrt(n);
}

static inline void assert_covers_at(const struct sim_tally *tally, double want, double rel,
                                    const char *what, const char *file, int line)
{
    double half_width = confidence_half_width(tally);
    if (!(half_width <= rel * fabs(want)) || !(fabs(tally->mean - want) <= half_width)) {
        print_error("%s: got %.6g +- %.3g from %llu replications, want %.6g within %g of itself\n",
                    what, tally->mean, half_width, (unsigned long long)tally->n, want, rel);
        _fail(file, line);
    }
}

/* The interval of the tally's mean covers `want` and reaches at most rel x |want| to either side.
 */
#define assert_covers(tally, want, rel)                                                            \
    assert_covers_at(&(tally), (want), (rel), #tally, __FILE__, __LINE__)

#endif
