/*
 * Running statistics: count-weighted and time-weighted.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/random.h"
#include "sim/stats.h"
#include "tests/support/assert_failure.h"
#include "tests/support/assert_near.h"

static void test_tally_of_known_numbers(void **state)
{
    static const double values[] = {2, 4, 4, 4, 5, 5, 7, 9};
    struct sim_tally tally = {0};
    assert_true(sim_tally_sd(&tally) == 0);
    for (size_t i = 0; i < 8; i++) {
        sim_tally_add(&tally, values[i]);
    }
    assert_int_equal(tally.n, 8);
    assert_near(tally.mean, 5, 1e-15);
    assert_near(sim_tally_variance(&tally), 32.0 / 7, 1e-15);
    assert_near(sim_tally_sd(&tally), sqrt(32.0 / 7), 1e-15);
    assert_true(tally.min == 2 && tally.max == 9);
}

static void test_tally_of_one_observation(void **state)
{
    struct sim_tally tally = {0};
    sim_tally_add(&tally, -3);
    assert_true(tally.mean == -3 && tally.min == -3 && tally.max == -3);
    assert_true(sim_tally_variance(&tally) == 0);
}

/* The naive sum of squares loses all digits here. */
static void test_tally_keeps_its_digits_far_from_zero(void **state)
{
    struct sim_tally tally = {0};
    for (int i = 0; i < 1000; i++) {
        sim_tally_add(&tally, 1e9 + i % 3);
    }
    assert_near(sim_tally_variance(&tally), (333 * 4 + 333 - 999.0 * 999 / 1000) / 999, 1e-9);
}

static void test_merged_tallies_are_as_one(void **state)
{
    struct sim_tally whole = {0};
    struct sim_tally parts[2] = {{0}};
    struct sim_tally empty = {0};
    struct sim_stream stream;
    sim_stream_init_seed(&stream, 1);
    for (int i = 0; i < 1000; i++) {
        double value = 100 * sim_stream_uniform(&stream);
        sim_tally_add(&whole, value);
        sim_tally_add(&parts[i % 7 == 0], value);
    }
    sim_tally_merge(&parts[0], &parts[1]);
    sim_tally_merge(&parts[0], &empty);
    assert_int_equal(parts[0].n, 1000);
    assert_near(parts[0].mean, whole.mean, 1e-13);
    assert_near(sim_tally_sd(&parts[0]), sim_tally_sd(&whole), 1e-12);
    assert_true(parts[0].min == whole.min && parts[0].max == whole.max);
    sim_tally_merge(&empty, &whole);
    assert_true(empty.n == 1000 && empty.mean == whole.mean);
}

static void test_level_integral_is_exact(void **state)
{
    struct sim_level level;
    sim_level_init(&level, 3, 10);
    sim_level_set(&level, 5, 20);
    sim_level_set(&level, 1, 20);
    sim_level_set(&level, -2, 25);
    assert_true(sim_level_integral(&level, 25) == 30 + 5);
    assert_true(sim_level_integral(&level, 35) == 35 - 20);
    assert_int_equal(level.max, 5);
    sim_level_mark(&level);
    assert_int_equal(level.max, -2);
    assert_near(sim_level_mean(0, sim_level_integral(&level, 35), 25), 15.0 / 25, 1e-15);
    assert_true(sim_level_mean(0, 10, 0) == 0);
}

/* A thousand million over thirty years does not fit 64 bits. */
static void test_level_integral_does_not_overflow(void **state)
{
    struct sim_level level;
    sim_time years = 30 * (sim_time)365 * 86400 * SIM_S;
    sim_level_init(&level, 1000000000, 0);
    sim_level_set(&level, 0, years);
    sim_int128 integral = sim_level_integral(&level, years + 5);
    assert_true(integral == (sim_int128)years * 1000000000);
    assert_near(sim_level_mean(0, integral, years), 1e9, 1e-15);
}

static void test_level_does_not_look_back(void **state)
{
    struct sim_level level;
    sim_level_init(&level, 1, 10);
    sim_assert_handler before = sim_assert_set_handler(fail_as_mock);
    expect_assert_failure(sim_level_integral(&level, 9));
    sim_assert_set_handler(before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tally_of_known_numbers),
        cmocka_unit_test(test_tally_of_one_observation),
        cmocka_unit_test(test_tally_keeps_its_digits_far_from_zero),
        cmocka_unit_test(test_merged_tallies_are_as_one),
        cmocka_unit_test(test_level_integral_is_exact),
        cmocka_unit_test(test_level_integral_does_not_overflow),
        cmocka_unit_test(test_level_does_not_look_back),
    };
    return cmocka_run_group_tests_name("sim_stats", tests, NULL, NULL);
}
