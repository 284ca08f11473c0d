#ifndef TESTS_SUPPORT_ASSERT_FAILURE_H
#define TESTS_SUPPORT_ASSERT_FAILURE_H
/*
 * Failed assertions of the program as cmocka's own, so that expect_assert_failure(call) works.
 * Include after cmocka.h; install with sim_assert_set_handler(fail_as_mock).
 */
#include "sim/assert.h"

static inline void fail_as_mock(const char *file, int line, const char *condition,
                                const struct sim *simulation)
{
    mock_assert(0, condition, file, line);
}

#endif
