/*
 * Confidence intervals: against printed tables of Student's t, and what pairing gains.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/interval.h"
#include "tests/support/assert_near.h"

static struct sim_tally tally_of(const double *values, size_t count)
{
    struct sim_tally tally = {0};

    for (size_t i = 0; i < count; i++) {
        sim_tally_add(&tally, values[i]);
    }
    return tally;
}

static void test_half_width_is_students(void **state)
{
    /* mean 5, standard deviation 2 (n - 1), n = 4: t(0.975, 3) = 3.182446 */
    static const double values[] = {5 - 1.7320508075688772, 5 - 1.7320508075688772,
                                    5 + 1.7320508075688772, 5 + 1.7320508075688772};
    struct sim_tally tally = tally_of(values, 4);
    struct sim_interval interval = sim_interval_of(&tally, 0.95);

    assert_near(interval.mean, 5, 1e-12);
    assert_near(interval.half_width, 3.182446, 1e-6);
    assert_int_equal(interval.n, 4);
    /* t(0.995, 3) = 5.840909 */
    assert_near(sim_interval_of(&tally, 0.99).half_width, 5.840909, 1e-6);
}

static void test_one_value_has_no_interval(void **state)
{
    static const double value = 7;
    struct sim_tally tally = tally_of(&value, 1);

    assert_true(isinf(sim_interval_of(&tally, 0.95).half_width));
    tally = (struct sim_tally){0};
    assert_true(isinf(sim_interval_of(&tally, 0.95).half_width));
}

static void test_bonferroni_shares_the_error(void **state)
{
    assert_near(sim_interval_level(0.95, 1), 0.95, 1e-15);
    assert_near(sim_interval_level(0.95, 5), 0.99, 1e-15);
    assert_near(sim_interval_level(0.95, 0), 0.95, 1e-15);
}

static void test_pairs_are_differences(void **state)
{
    static const double a[] = {10, 20, 30};
    static const double b[] = {11, 22, 33};
    struct sim_interval interval = sim_interval_paired(a, b, 3, 0.95);

    /* differences 1, 2, 3: sd 1, t(0.975, 2) = 4.302653 */
    assert_near(interval.mean, 2, 1e-12);
    assert_near(interval.half_width, 4.302653 / sqrt(3), 1e-6);
    /* variances 100 and 121, of the difference 1 */
    assert_near(sim_interval_gain(a, b, 3), 221, 1e-12);
}

static void test_gain_where_nothing_varies(void **state)
{
    static const double a[] = {1, 1, 1};
    static const double b[] = {3, 3, 3};
    static const double c[] = {1, 2, 3};
    static const double d[] = {2, 3, 4};

    assert_near(sim_interval_gain(a, b, 3), 1, 0);
    assert_true(isinf(sim_interval_gain(c, d, 3)));
}

static void test_relative_half_width(void **state)
{
    assert_near(sim_interval_relative(&(struct sim_interval){-50, 1, 9}), 0.02, 1e-15);
    assert_near(sim_interval_relative(&(struct sim_interval){0, 0, 9}), 0, 0);
    assert_true(isinf(sim_interval_relative(&(struct sim_interval){0, 1, 9})));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_half_width_is_students),
        cmocka_unit_test(test_one_value_has_no_interval),
        cmocka_unit_test(test_bonferroni_shares_the_error),
        cmocka_unit_test(test_pairs_are_differences),
        cmocka_unit_test(test_gain_where_nothing_varies),
        cmocka_unit_test(test_relative_half_width),
    };

    return cmocka_run_group_tests_name("sim_interval", tests, NULL, NULL);
}
