/*
 * Buffer debloating (rules DBL-2 to DBL-5 and DBL-9; vector GT-5).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "models/debloat.h"
#include "sim/time.h"

static struct net_debloater make_debloater(enum net_version version, int32_t starting_size)
{
    struct net_debloater_params params = {.version = version,
                                          .target_ms = 1000,
                                          .starting_size = starting_size,
                                          .max_size = 32768,
                                          .min_size = 256,
                                          .threshold_percent = 25,
                                          .samples = 20};
    struct net_debloater debloater;
    net_debloater_init(&debloater, &params);
    return debloater;
}

/* GT-5; DBL-3 */
static void test_sizes_shrink_by_the_average_when_nothing_comes_in(void **state)
{
    static const int32_t rounded[] = {29647, 26824, 24269, 21958, 19867, 17974};
    static const int32_t cut[] = {29647, 26823, 24268, 21956, 19864};
    struct net_debloater debloater = make_debloater(NET_FLINK_2_2, 32768);
    for (size_t i = 0; i < sizeof rounded / sizeof rounded[0]; i++) {
        assert_int_equal(net_debloater_next_size(&debloater, 0, 1), rounded[i]);
    }
    debloater = make_debloater(NET_FLINK_1_20, 32768);
    for (size_t i = 0; i < sizeof cut / sizeof cut[0]; i++) {
        assert_int_equal(net_debloater_next_size(&debloater, 0, 1), cut[i]);
    }
}

/* GT-5; DBL-3, DBL-9: growth is limited by twice the last size. */
static void test_sizes_grow_from_1_kib_to_the_segment_in_39_steps(void **state)
{
    static const int32_t first[] = {1122, 1228, 1345, 1473, 1614, 1767, 1936, 2120, 2322, 2543,
                                    2785, 3051, 3341, 3659, 4008, 4390, 4808, 5266, 5767, 6316};
    static const int32_t last[] = {27077, 29656, 32481, 32768};
    struct net_debloater debloater = make_debloater(NET_FLINK_2_2, 1024);
    for (int step = 1; step <= 45; step++) {
        int32_t size = net_debloater_next_size(&debloater, INT64_MAX, 1);
        if (step <= 20) {
            assert_int_equal(size, first[step - 1]);
        } else if (step >= 36) {
            assert_int_equal(size, last[step < 39 ? step - 36 : 3]);
        }
    }
}

/* DBL-3 */
static void test_sizes_never_fall_below_the_least(void **state)
{
    struct net_debloater debloater = make_debloater(NET_FLINK_2_2, 32768);
    struct net_debloater older = make_debloater(NET_FLINK_1_20, 32768);
    int32_t size = 0;
    for (int step = 0; step < 100; step++) {
        size = net_debloater_next_size(&debloater, 0, 1);
        (void)net_debloater_next_size(&older, 0, 1);
    }
    assert_int_equal(size, 256);
    assert_int_equal(net_debloater_next_size(&older, 0, 1), 256);
}

/* DBL-3: no buffers in use count as one. */
static void test_target_is_shared_by_the_buffers_in_use(void **state)
{
    struct net_debloater debloater = make_debloater(NET_FLINK_2_2, 32768);
    assert_int_equal(net_debloater_desired_bytes(&debloater, 123456), 123456);
    debloater.params.target_ms = 10;
    assert_int_equal(net_debloater_desired_bytes(&debloater, 123456), 1234);
    /* As Flink's product of 64 bits, which wraps around. */
    debloater.params.target_ms = 39924;
    assert_int_equal(net_debloater_desired_bytes(&debloater, 603854940559000), 5661560573167964);
    struct net_debloater none = make_debloater(NET_FLINK_2_2, 1024);
    struct net_debloater one = make_debloater(NET_FLINK_2_2, 1024);
    (void)net_debloater_recalculate(&none, 1500, 0);
    (void)net_debloater_recalculate(&one, 1500, 1);
    assert_int_equal(none.estimated_ms, one.estimated_ms);
}

/* DBL-4: the product of size and number has 32 bits. */
static void test_estimated_time_is_what_is_in_use_by_throughput(void **state)
{
    struct net_debloater debloater = make_debloater(NET_FLINK_2_2, 32768);
    (void)net_debloater_recalculate(&debloater, 32768 * 8, 8);
    assert_int_equal(debloater.announced_size, 32768);
    assert_int_equal(debloater.estimated_ms, 1000);
    (void)net_debloater_recalculate(&debloater, 32768 * 65536L, 65536);
    assert_int_equal(debloater.estimated_ms, (int64_t)INT32_MIN * 1000 / (32768 * 65536L));
}

/* DBL-5 */
static void test_small_changes_are_not_announced(void **state)
{
    struct net_debloater debloater = make_debloater(NET_FLINK_2_2, 4096);
    int32_t announced = 0;
    int32_t size = 0;
    for (int step = 0; step < 3 && announced == 0; step++) {
        announced = net_debloater_recalculate(&debloater, INT32_MAX, 1);
        size = (int32_t)(debloater.average + 0.5);
        assert_int_equal(announced != 0, abs(size - 4096) >= 1024);
    }
    assert_int_equal(announced, size);
    assert_int_equal(debloater.announced_size, size);

    /* The largest size is announced however near it is, but only once. */
    debloater = make_debloater(NET_FLINK_2_2, 32000);
    assert_int_equal(net_debloater_recalculate(&debloater, INT32_MAX, 1), 32768);
    assert_int_equal(net_debloater_recalculate(&debloater, INT32_MAX, 1), 0);
}

/* DBL-2 */
static void test_throughput_counts_only_active_time(void **state)
{
    struct net_throughput throughput = {0};
    net_throughput_add(&throughput, 1000, 50 * SIM_MS);
    net_throughput_pause(&throughput, 150 * SIM_MS);
    net_throughput_resume(&throughput, 400 * SIM_MS);
    net_throughput_add(&throughput, 500, 420 * SIM_MS);
    assert_int_equal(net_throughput_calculate(&throughput, 500 * SIM_MS), 7500);

    /* Without time the last value is kept; bytes start anew. */
    net_throughput_add(&throughput, 999, 500 * SIM_MS);
    assert_int_equal(net_throughput_calculate(&throughput, 500 * SIM_MS), 7500);
    assert_int_equal(net_throughput_calculate(&throughput, 600 * SIM_MS), 0);
    net_throughput_pause(&throughput, 600 * SIM_MS);
    assert_int_equal(net_throughput_calculate(&throughput, 900 * SIM_MS), 0);
}

/* DBL-2: time is told in whole milliseconds, and rates are cut. */
static void test_throughput_is_cut_to_whole_bytes_and_milliseconds(void **state)
{
    struct net_throughput throughput = {0};
    net_throughput_add(&throughput, 1, 1999 * SIM_US);
    assert_int_equal(net_throughput_calculate(&throughput, 4 * SIM_MS), 333);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sizes_shrink_by_the_average_when_nothing_comes_in),
        cmocka_unit_test(test_sizes_grow_from_1_kib_to_the_segment_in_39_steps),
        cmocka_unit_test(test_sizes_never_fall_below_the_least),
        cmocka_unit_test(test_target_is_shared_by_the_buffers_in_use),
        cmocka_unit_test(test_estimated_time_is_what_is_in_use_by_throughput),
        cmocka_unit_test(test_small_changes_are_not_announced),
        cmocka_unit_test(test_throughput_counts_only_active_time),
        cmocka_unit_test(test_throughput_is_cut_to_whole_bytes_and_milliseconds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
