/*
 * Intervals cover as often as they say: 200 studies each of queues with known answers.
 *
 * The seeds were fixed before the first run. With SLUICE_LONG=1 in the environment a replication
 * has 10^5 customers (tests/long.sh); else fewer, so that the suite stays quick. The bounds are
 * those of a binomial count: 181 of 200 at 95 % is exceeded downwards with a probability of 0.3 %.
 * Sequential stopping is allowed to cover less often, as it stops when the spread looks small.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <math.h>

#include "sim/interval.h"
#include "tests/support/queues/station.h"
#include "tests/support/queues/tandem.h"

#define STUDIES 200
#define REPLICATIONS 20
#define CUSTOMERS_LONG 100000
#define CUSTOMERS_SHORT 2000
#define ARRIVAL SIM_MS
#define WARM_UP (1000 * ARRIVAL)

static sim_time duration(void)
{
    return (getenv("SLUICE_LONG") != NULL ? CUSTOMERS_LONG : CUSTOMERS_SHORT) * ARRIVAL;
}

/* Customers in an M/M/1 queue at rho = 0.8; exactly 4. */
static double mm1(uint64_t seed, uint64_t replication, sim_time length)
{
    const struct station_params params = {
        .arrivals = {.kind = SIM_DIST_EXPONENTIAL, .a = (double)ARRIVAL},
        .service = {.kind = SIM_DIST_EXPONENTIAL, .a = 0.8 * (double)ARRIVAL},
        .servers = 1,
        .warm_up = WARM_UP,
        .duration = length,
        .seed = seed,
        .replication = replication,
    };

    return station_run(&params).number;
}

/* Customers at the second of two stations with room for everybody: as M/M/1 at rho = 0.7. */
static double tandem(uint64_t seed, uint64_t replication, sim_time length)
{
    const struct tandem_params params = {
        .arrival_mean = ARRIVAL,
        .service_mean = {ARRIVAL / 2, ARRIVAL * 7 / 10},
        .capacity = {1000, 1000},
        .warm_up = WARM_UP,
        .duration = length,
        .seed = seed,
        .replication = replication,
    };

    return tandem_run(&params).number[1];
}

typedef double (*queue_fn)(uint64_t seed, uint64_t replication, sim_time length);

/* How many of the studies cover `exact`; `first` is the seed of the first of them. */
static unsigned count_covering(queue_fn queue, double exact, uint64_t first)
{
    unsigned covering = 0;

    for (uint64_t s = 0; s < STUDIES; s++) {
        struct sim_tally tally = {0};

        for (uint64_t r = 0; r < REPLICATIONS; r++) {
            sim_tally_add(&tally, queue(first + s, r, duration()));
        }
        struct sim_interval interval = sim_interval_of(&tally, SIM_CONFIDENCE);
        covering += fabs(interval.mean - exact) <= interval.half_width;
    }
    print_message("%u of %u intervals cover\n", covering, STUDIES);
    return covering;
}

static void test_mm1_is_covered(void **state)
{
    assert_in_range(count_covering(mm1, 4, 10000), 181, 200);
}

static void test_tandem_is_covered(void **state)
{
    assert_in_range(count_covering(tandem, 0.7 / 0.3, 20000), 181, 200);
}

/* At least 10 replications, until the half-width is 10 % of the mean, at most 100. */
static void test_sequential_stopping_covers_nearly_as_often(void **state)
{
    unsigned covering = 0;

    for (uint64_t s = 0; s < STUDIES; s++) {
        struct sim_tally tally = {0};
        struct sim_interval interval;

        do {
            sim_tally_add(&tally, mm1(30000 + s, tally.n, duration()));
            interval = sim_interval_of(&tally, SIM_CONFIDENCE);
        } while (tally.n < 10 || (tally.n < 100 && sim_interval_relative(&interval) > 0.1));
        covering += fabs(interval.mean - 4) <= interval.half_width;
    }
    print_message("%u of %u intervals cover\n", covering, STUDIES);
    assert_in_range(covering, 172, 200);
}

static void test_equal_configurations_are_rarely_called_different(void **state)
{
    unsigned different = 0;

    for (uint64_t s = 0; s < STUDIES; s++) {
        double a[REPLICATIONS];
        double b[REPLICATIONS];

        for (uint64_t r = 0; r < REPLICATIONS; r++) {
            a[r] = mm1(40000 + s, r, duration());
            b[r] = mm1(50000 + s, r, duration());
        }
        struct sim_interval interval = sim_interval_paired(a, b, REPLICATIONS, SIM_CONFIDENCE);
        different += fabs(interval.mean) > interval.half_width;
    }
    print_message("%u of %u called different\n", different, STUDIES);
    assert_in_range(different, 0, 19);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mm1_is_covered),
        cmocka_unit_test(test_tandem_is_covered),
        cmocka_unit_test(test_sequential_stopping_covers_nearly_as_often),
        cmocka_unit_test(test_equal_configurations_are_rarely_called_different),
    };

    return cmocka_run_group_tests_name("coverage", tests, NULL, NULL);
}
