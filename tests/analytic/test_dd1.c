/*
 * D/D/1: nothing is random, so every nanosecond is known.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/support/queues/station.h"

static struct station_result run(sim_time arrival, sim_time service, uint32_t servers,
                                 sim_time duration)
{
    return station_run(&(struct station_params){
        .arrivals = {.kind = SIM_DIST_CONSTANT, .a = (double)arrival},
        .service = {.kind = SIM_DIST_CONSTANT, .a = (double)service},
        .servers = servers,
        .duration = duration,
    });
}

static void test_nobody_waits_below_full_load(void **state)
{
    struct station_result result = run(1000, 700, 1, 1000000);
    /* The last one comes at the horizon. */
    assert_int_equal(result.left, 999);
    assert_int_equal(result.sojourn_min, 700);
    assert_int_equal(result.sojourn_max, 700);
    assert_true(result.waited_share == 0);
    assert_true(result.number == 999 * 700 / 1e6);
}

/* One leaves at the very instant at which the next comes; it must not find the server busy. */
static void test_nobody_waits_at_full_load(void **state)
{
    struct station_result result = run(1000, 1000, 1, 1000000);
    assert_int_equal(result.left, 999);
    assert_int_equal(result.sojourn_max, 1000);
    assert_true(result.waited_share == 0);
    assert_true(result.busy == 0.999);
}

/* Customer n = 0, 1, ... comes at 1000 (n + 1) and leaves at 1000 + 1700 (n + 1). */
static void test_queue_grows_by_the_excess_under_overload(void **state)
{
    const int64_t n = 100;
    struct station_result result = run(1000, 1700, 1, 1000 + n * 1700);
    assert_int_equal(result.left, n);
    assert_int_equal(result.sojourn_min, 1700);
    assert_int_equal(result.sojourn_max, 1700 + (n - 1) * 700);
    /* Both are sums of integers divided once. */
    assert_true(result.sojourn == (double)(n * 1700 + n * (n - 1) / 2 * 700) / (double)n);
    assert_true(result.waiting == (double)(n * (n - 1) / 2 * 700) / (double)n);
    assert_true(result.waited_share == (double)(n - 1) / (double)n);
}

static void test_two_servers_take_turns(void **state)
{
    struct station_result result = run(1000, 1999, 2, 100000);
    assert_int_equal(result.sojourn_min, 1999);
    assert_int_equal(result.sojourn_max, 1999);
    assert_int_equal(result.left, 98);
}

static void test_odd_nanoseconds_are_kept(void **state)
{
    struct station_result result = run(1000003, 999983, 1, 1000003 * (sim_time)5000);
    assert_int_equal(result.left, 4999);
    assert_int_equal(result.sojourn_min, 999983);
    assert_int_equal(result.sojourn_max, 999983);
    assert_true(result.busy ==
                (double)(4999 * (int64_t)999983) / (double)(5000 * (int64_t)1000003));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nobody_waits_below_full_load),
        cmocka_unit_test(test_nobody_waits_at_full_load),
        cmocka_unit_test(test_queue_grows_by_the_excess_under_overload),
        cmocka_unit_test(test_two_servers_take_turns),
        cmocka_unit_test(test_odd_nanoseconds_are_kept),
    };
    return cmocka_run_group_tests_name("dd1", tests, NULL, NULL);
}
