/*
 * M/D/1 and M/G/1: the mean waiting time by Pollaczek and Khinchine,
 * load x service x (1 + cv^2) / (2 (1 - load)), for service times of several kinds.
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

/* `cv` is the coefficient of variation of `service`. */
static void assert_waiting(struct sim_dist service, double cv, double rel)
{
    struct sim_tally waiting = {0};
    struct sim_tally number = {0};
    struct sim_err err;
    assert_true(sim_dist_prepare(&service, &err));
    double mean = sim_dist_mean(&service);
    double load = mean / ARRIVAL_NS;
    for (uint64_t i = 0; i < REPLICATIONS; i++) {
        struct station_result result = station_run(&(struct station_params){
            .arrivals = {.kind = SIM_DIST_EXPONENTIAL, .a = ARRIVAL_NS},
            .service = service,
            .servers = 1,
            .warm_up = SIM_S,
            .duration = 80 * SIM_S,
            .seed = 2,
            .replication = i,
        });
        sim_tally_add(&waiting, result.waiting);
        sim_tally_add(&number, result.number);
    }
    double exact = load * mean * (1 + cv * cv) / (2 * (1 - load));
    assert_covers(waiting, exact, rel);
    assert_covers(number, (exact + mean) / ARRIVAL_NS, rel);
}

static void test_constant_service(void **state)
{
    assert_waiting((struct sim_dist){.kind = SIM_DIST_CONSTANT, .a = 6e5}, 0, 0.02);
}

static void test_constant_service_at_high_load(void **state)
{
    assert_waiting((struct sim_dist){.kind = SIM_DIST_CONSTANT, .a = 8e5}, 0, 0.05);
}

static void test_uniform_service(void **state)
{
    assert_waiting((struct sim_dist){.kind = SIM_DIST_UNIFORM, .a = 0, .b = 1.2e6}, sqrt(1.0 / 3),
                   0.03);
}

static void test_gamma_service(void **state)
{
    assert_waiting((struct sim_dist){.kind = SIM_DIST_GAMMA, .a = 6e5, .b = 1.5}, 1.5, 0.05);
}

static void test_lognormal_service(void **state)
{
    assert_waiting((struct sim_dist){.kind = SIM_DIST_LOGNORMAL, .a = 6e5, .b = 0.8}, 0.8, 0.04);
}

static void test_discrete_service(void **state)
{
    static const int64_t values[] = {200000, 1000000};
    struct sim_dist service = {.kind = SIM_DIST_EMPIRICAL, .values = values, .count = 2};
    assert_waiting(service, 4.0 / 6, 0.03);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_constant_service),
        cmocka_unit_test(test_constant_service_at_high_load),
        cmocka_unit_test(test_uniform_service),
        cmocka_unit_test(test_gamma_service),
        cmocka_unit_test(test_lognormal_service),
        cmocka_unit_test(test_discrete_service),
    };
    return cmocka_run_group_tests_name("mg1", tests, NULL, NULL);
}
