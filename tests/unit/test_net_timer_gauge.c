/* Flink's one-minute gauges beside exact times: rules MET-10 to MET-12. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "models/timer_gauge.h"

static void test_every_instant_belongs_to_one_activity(void **state) /* INV-12 */
{
    (void)state;
    struct net_time_account account;
    net_time_account_init(&account, NET_ACTIVITY_BUSY, 0, 0);
    net_time_account_set(&account, NET_ACTIVITY_IDLE, 7);
    net_time_account_set(&account, NET_ACTIVITY_SOFT, 19);
    net_time_account_set(&account, NET_ACTIVITY_HARD, 20);
    net_time_account_set(&account, NET_ACTIVITY_BUSY, 50);
    assert_int_equal(net_time_account_total(&account, NET_ACTIVITY_BUSY, 60), 7 + 10);
    assert_int_equal(net_time_account_total(&account, NET_ACTIVITY_IDLE, 60), 12);
    assert_int_equal(net_time_account_total(&account, NET_ACTIVITY_SOFT, 60), 1);
    assert_int_equal(net_time_account_total(&account, NET_ACTIVITY_HARD, 60), 30);
    net_time_account_set(&account, NET_ACTIVITY_BUSY, 61); /* none */
    assert_int_equal(account.changes, 4);
}

/* One of 12 intervals idle. */
static void test_gauge_is_the_mean_of_the_last_minute(void **state)
{
    (void)state;
    struct net_time_account account;
    net_time_account_init(&account, NET_ACTIVITY_IDLE, 0, 0);
    net_time_account_update(&account, 5 * SIM_S);
    assert_int_equal(net_time_account_gauge(&account, NET_ACTIVITY_IDLE), 1000);
    net_time_account_set(&account, NET_ACTIVITY_BUSY, 5 * SIM_S);
    for (int i = 2; i <= 12; i++) {
        net_time_account_update(&account, i * 5 * SIM_S);
    }
    assert_int_equal(net_time_account_gauge(&account, NET_ACTIVITY_IDLE), 5000 / 60);
    assert_int_equal(net_time_account_gauge(&account, NET_ACTIVITY_BUSY), 1000 - 5000 / 60);
    net_time_account_update(&account, 65 * SIM_S); /* the idle interval leaves the ring */
    assert_int_equal(net_time_account_gauge(&account, NET_ACTIVITY_IDLE), 0);
}

static void test_running_stretch_is_cut_at_each_update(void **state)
{
    (void)state;
    struct net_time_account account;
    net_time_account_init(&account, NET_ACTIVITY_SOFT, 0, 0);
    net_time_account_update(&account, 5 * SIM_S);
    net_time_account_update(&account, 10 * SIM_S);
    assert_int_equal(net_time_account_gauge(&account, NET_ACTIVITY_SOFT), 1000);
}

/* MET-12: a stretch is measured from its own start, over the update that cuts it, and stands for
 * one interval after the one in which it ended. */
static void test_longest_stretch_of_the_last_interval_is_reported(void **state)
{
    (void)state;
    struct net_time_account account;
    net_time_account_init(&account, NET_ACTIVITY_BUSY, 0, 0);
    net_time_account_set(&account, NET_ACTIVITY_SOFT, 4 * SIM_S);
    assert_int_equal(net_time_account_longest(&account, NET_ACTIVITY_SOFT), 0);
    net_time_account_update(&account, 5 * SIM_S);
    assert_int_equal(net_time_account_longest(&account, NET_ACTIVITY_SOFT), 1000);
    net_time_account_set(&account, NET_ACTIVITY_BUSY, 7 * SIM_S);
    net_time_account_set(&account, NET_ACTIVITY_SOFT, 8 * SIM_S);
    net_time_account_set(&account, NET_ACTIVITY_BUSY, 9 * SIM_S);
    net_time_account_update(&account, 10 * SIM_S);
    assert_int_equal(net_time_account_longest(&account, NET_ACTIVITY_SOFT), 3000);
    net_time_account_update(&account, 15 * SIM_S);
    assert_int_equal(net_time_account_longest(&account, NET_ACTIVITY_SOFT), 0);
}

/* MET-12 */
static void test_totals_accumulate_and_busy_is_the_rest(void **state)
{
    (void)state;
    struct net_time_account account;
    net_time_account_init(&account, NET_ACTIVITY_BUSY, SIM_S, 0);
    net_time_account_set(&account, NET_ACTIVITY_IDLE, 3 * SIM_S);
    net_time_account_set(&account, NET_ACTIVITY_HARD, 4 * SIM_S);
    net_time_account_update(&account, 6 * SIM_S);
    net_time_account_set(&account, NET_ACTIVITY_IDLE, 7 * SIM_S);
    assert_int_equal(net_time_account_accumulated(&account, NET_ACTIVITY_IDLE, 9 * SIM_S), 1000);
    net_time_account_update(&account, 9 * SIM_S);
    assert_int_equal(net_time_account_accumulated(&account, NET_ACTIVITY_IDLE, 9 * SIM_S), 3000);
    assert_int_equal(net_time_account_accumulated(&account, NET_ACTIVITY_HARD, 9 * SIM_S), 3000);
    assert_int_equal(net_time_account_accumulated(&account, NET_ACTIVITY_SOFT, 9 * SIM_S), 0);
    assert_int_equal(net_time_account_accumulated(&account, NET_ACTIVITY_BUSY, 9 * SIM_S), 2000);
}

/* Stretches of 0.9 ms that never cross a whole millisecond are not seen, others count double. */
static void test_measurements_are_in_whole_milliseconds(void **state)
{
    (void)state;
    for (int crossing = 0; crossing <= 1; crossing++) {
        struct net_time_account account;
        sim_time offset = crossing ? 500 * SIM_US : 0;
        net_time_account_init(&account, NET_ACTIVITY_BUSY, 0, offset);
        for (sim_time at = 0; at < 5 * SIM_S; at += 2 * SIM_MS) {
            net_time_account_set(&account, NET_ACTIVITY_IDLE, at);
            net_time_account_set(&account, NET_ACTIVITY_BUSY, at + 900 * SIM_US);
        }
        net_time_account_update(&account, 5 * SIM_S);
        assert_int_equal(net_time_account_gauge(&account, NET_ACTIVITY_IDLE), crossing ? 500 : 0);
        assert_int_equal(net_time_account_total(&account, NET_ACTIVITY_IDLE, 5 * SIM_S),
                         2500 * 900 * SIM_US);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_instant_belongs_to_one_activity),
        cmocka_unit_test(test_gauge_is_the_mean_of_the_last_minute),
        cmocka_unit_test(test_running_stretch_is_cut_at_each_update),
        cmocka_unit_test(test_longest_stretch_of_the_last_interval_is_reported),
        cmocka_unit_test(test_totals_accumulate_and_busy_is_the_rest),
        cmocka_unit_test(test_measurements_are_in_whole_milliseconds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
