#ifndef TESTS_SUPPORT_ASSERT_NEAR_H
#define TESTS_SUPPORT_ASSERT_NEAR_H
/*
 * Comparing doubles: within a relative error, printing both when they are not. Include after
 * cmocka.h.
 */
#include <math.h>

static inline void assert_near_at(double got, double want, double rel, const char *what,
                                  const char *file, int line)
{
    /* The comparison fails for a NaN on either side. */
    if (!(fabs(got - want) <= rel * fabs(want))) {
        print_error("%s: got %.17g, want %.17g within a factor of 1 +- %g\n", what, got, want, rel);
        _fail(file, line);
    }
}

/* `got` is within rel x |want| of `want`; rel = 0 asks for equality. */
#define assert_near(got, want, rel) assert_near_at((got), (want), (rel), #got, __FILE__, __LINE__)

#endif
