/*
 * M/M/1/K: room for K customers, others are lost. With load r the station holds n of them for a
 * share of time (1 - r) r^n / (1 - r^(K + 1)).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/support/confidence.h"
#include "tests/support/queues/station.h"

#define REPLICATIONS 20
#define ARRIVAL_NS 1e6

/* The share of time with n of at most K customers. */
static double share(double load, uint32_t capacity, uint32_t n)
{
    double total = 0;
    for (uint32_t i = 0; i <= capacity; i++) {
        total += pow(load, i);
    }
    return pow(load, n) / total;
}

static void assert_station(double load, uint32_t capacity, double rel)
{
    struct sim_tally number = {0};
    struct sim_tally lost = {0};
    struct sim_tally busy = {0};
    struct sim_tally sojourn = {0};
    double exact_number = 0;
    for (uint64_t i = 0; i < REPLICATIONS; i++) {
        struct station_result result = station_run(&(struct station_params){
            .arrivals = {.kind = SIM_DIST_EXPONENTIAL, .a = ARRIVAL_NS},
            .service = {.kind = SIM_DIST_EXPONENTIAL, .a = load * ARRIVAL_NS},
            .servers = 1,
            .capacity = capacity,
            .warm_up = SIM_S,
            .duration = 80 * SIM_S,
            .seed = 3,
            .replication = i,
        });
        sim_tally_add(&number, result.number);
        sim_tally_add(&lost, result.lost_share);
        sim_tally_add(&busy, result.busy);
        sim_tally_add(&sojourn, result.sojourn);
    }
    for (uint32_t n = 0; n <= capacity; n++) {
        exact_number += n * share(load, capacity, n);
    }
    double exact_lost = share(load, capacity, capacity);
    assert_covers(number, exact_number, rel);
    assert_covers(lost, exact_lost, 2 * rel);
    assert_covers(busy, 1 - share(load, capacity, 0), rel);
    assert_covers(sojourn, exact_number * ARRIVAL_NS / (1 - exact_lost), rel);
}

static void test_room_for_five_at_eighty_percent(void **state)
{
    assert_station(0.8, 5, 0.015);
}

static void test_room_for_ten_at_full_load(void **state)
{
    assert_station(1.0, 10, 0.025);
}

static void test_room_for_three_under_overload(void **state)
{
    assert_station(2.0, 3, 0.01);
}

/* Erlang's loss system with one server. */
static void test_room_for_one(void **state)
{
    assert_station(0.5, 1, 0.01);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_room_for_five_at_eighty_percent),
        cmocka_unit_test(test_room_for_ten_at_full_load),
        cmocka_unit_test(test_room_for_three_under_overload),
        cmocka_unit_test(test_room_for_one),
    };
    return cmocka_run_group_tests_name("mm1k", tests, NULL, NULL);
}
