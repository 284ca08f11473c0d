/*
 * A closed credit loop against exact mean value analysis.
 *
 * Single servers with exponential service and delays of any distribution have a product form, so
 * the recursion over the number of credits is exact for constant latency too.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/support/assert_near.h"
#include "tests/support/confidence.h"
#include "tests/support/queues/credit_loop.h"

#define REPLICATIONS 20

/* Reiser and Lavenberg: what a message meets at a server is the mean with one credit less. */
static struct credit_loop_result solve(const struct credit_loop_params *params)
{
    double service[2] = {(double)params->produce_mean, (double)params->consume_mean};
    double holds[2] = {0, 0};
    double throughput = 0;
    for (uint32_t n = 1; n <= params->credits; n++) {
        double stay[2] = {service[0] * (1 + holds[0]), service[1] * (1 + holds[1])};
        throughput = n / (stay[0] + stay[1] + 2.0 * (double)params->latency);
        holds[0] = throughput * stay[0];
        holds[1] = throughput * stay[1];
    }
    return (struct credit_loop_result){
        .throughput = throughput, .producer_holds = holds[0], .consumer_holds = holds[1]};
}

static void assert_loop(uint32_t credits, sim_time produce, sim_time consume, sim_time latency)
{
    struct credit_loop_params params = {
        .credits = credits,
        .produce_mean = produce,
        .consume_mean = consume,
        .latency = latency,
        .warm_up = SIM_S,
        .duration = 40 * SIM_S,
        .seed = 6,
    };
    struct sim_tally throughput = {0};
    struct sim_tally producer = {0};
    struct sim_tally consumer = {0};
    for (uint64_t i = 0; i < REPLICATIONS; i++) {
        params.replication = i;
        struct credit_loop_result result = credit_loop_run(&params);
        sim_tally_add(&throughput, result.throughput);
        sim_tally_add(&producer, result.producer_holds);
        sim_tally_add(&consumer, result.consumer_holds);
    }
    struct credit_loop_result exact = solve(&params);
    assert_covers(throughput, exact.throughput, 0.01);
    assert_covers(producer, exact.producer_holds, 0.03);
    assert_covers(consumer, exact.consumer_holds, 0.03);
}

static void test_one_credit_alternates(void **state)
{
    assert_loop(1, SIM_MS, SIM_MS, 500 * SIM_US);
}

static void test_few_credits_are_bound_by_latency(void **state)
{
    assert_loop(2, SIM_MS, 700 * SIM_US, 5 * SIM_MS);
}

static void test_ten_credits_over_a_short_link(void **state)
{
    assert_loop(10, SIM_MS, 900 * SIM_US, 100 * SIM_US);
}

static void test_many_credits_are_bound_by_the_consumer(void **state)
{
    assert_loop(40, 500 * SIM_US, SIM_MS, 2 * SIM_MS);
}

/* Without latency all credits are at one of the two, and the shares are known in closed form. */
static void test_no_latency_is_the_closed_form(void **state)
{
    struct credit_loop_params params = {
        .credits = 4, .produce_mean = SIM_MS, .consume_mean = 500 * SIM_US};
    double total = 0;
    double at_producer = 0;
    for (int n = 0; n <= 4; n++) {
        total += pow(2, n);
        at_producer += n * pow(2, n);
    }
    assert_near(solve(&params).producer_holds, at_producer / total, 1e-12);
    assert_loop(4, SIM_MS, 500 * SIM_US, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_credit_alternates),
        cmocka_unit_test(test_few_credits_are_bound_by_latency),
        cmocka_unit_test(test_ten_credits_over_a_short_link),
        cmocka_unit_test(test_many_credits_are_bound_by_the_consumer),
        cmocka_unit_test(test_no_latency_is_the_closed_form),
    };
    return cmocka_run_group_tests_name("credit_loop", tests, NULL, NULL);
}
