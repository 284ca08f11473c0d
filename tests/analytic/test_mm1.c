/*
 * M/M/1: random arrivals, exponential service, one server, at 70 % load.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/support/assert_near.h"
#include "tests/support/confidence.h"
#include "tests/support/queues/station.h"

#define REPLICATIONS 20
#define ARRIVAL_NS 1e6
#define LOAD 0.7

struct seen {
    struct sim_tally number;
    struct sim_tally busy;
    struct sim_tally sojourn;
    struct sim_tally waiting;
    struct sim_tally waited_share;
    struct sim_tally p50;
    struct sim_tally p99;
};

static struct station_result run(uint64_t replication)
{
    return station_run(&(struct station_params){
        .arrivals = {.kind = SIM_DIST_EXPONENTIAL, .a = ARRIVAL_NS},
        .service = {.kind = SIM_DIST_EXPONENTIAL, .a = LOAD * ARRIVAL_NS},
        .servers = 1,
        .warm_up = SIM_S,
        .duration = 200 * SIM_S,
        .seed = 1,
        .replication = replication,
    });
}

static int run_all(void **state)
{
    static struct seen seen;
    for (uint64_t i = 0; i < REPLICATIONS; i++) {
        struct station_result result = run(i);
        sim_tally_add(&seen.number, result.number);
        sim_tally_add(&seen.busy, result.busy);
        sim_tally_add(&seen.sojourn, result.sojourn);
        sim_tally_add(&seen.waiting, result.waiting);
        sim_tally_add(&seen.waited_share, result.waited_share);
        sim_tally_add(&seen.p50, (double)result.sojourn_p50);
        sim_tally_add(&seen.p99, (double)result.sojourn_p99);
    }
    *state = &seen;
    return 0;
}

static void test_mean_number_is_load_over_one_minus_load(void **state)
{
    struct seen *seen = *state;
    assert_covers(seen->number, LOAD / (1 - LOAD), 0.02);
}

static void test_server_is_busy_for_the_load(void **state)
{
    struct seen *seen = *state;
    assert_covers(seen->busy, LOAD, 0.004);
}

static void test_mean_sojourn_and_waiting(void **state)
{
    struct seen *seen = *state;
    double service = LOAD * ARRIVAL_NS;
    assert_covers(seen->sojourn, service / (1 - LOAD), 0.02);
    assert_covers(seen->waiting, service * LOAD / (1 - LOAD), 0.03);
}

/* Random arrivals see time averages: who waits are those who find it busy. */
static void test_share_that_waits_is_the_load(void **state)
{
    struct seen *seen = *state;
    assert_covers(seen->waited_share, LOAD, 0.005);
}

/* The sojourn time is exponential; a quantile may be off by a bucket of the histogram (0.4 %),
 * which is less than the interval's width. */
static void test_sojourn_is_exponential(void **state)
{
    struct seen *seen = *state;
    double mean = LOAD * ARRIVAL_NS / (1 - LOAD);
    assert_covers(seen->p50, mean * log(2), 0.02);
    assert_covers(seen->p99, mean * log(100), 0.04);
}

/* Little's law ties the two measurements of one run; only those inside at the ends are between. */
static void test_littles_law_holds_in_every_run(void **state)
{
    for (uint64_t i = 0; i < 3; i++) {
        struct station_result result = run(i);
        double rate = (double)result.left / (200.0 * (double)SIM_S);
        assert_near(rate * result.sojourn, result.number, 5e-4);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mean_number_is_load_over_one_minus_load),
        cmocka_unit_test(test_server_is_busy_for_the_load),
        cmocka_unit_test(test_mean_sojourn_and_waiting),
        cmocka_unit_test(test_share_that_waits_is_the_load),
        cmocka_unit_test(test_sojourn_is_exponential),
        cmocka_unit_test(test_littles_law_holds_in_every_run),
    };
    return cmocka_run_group_tests_name("mm1", tests, run_all, NULL);
}
