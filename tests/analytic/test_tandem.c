/*
 * Two stations in a row with limited room and blocking after service, against the stationary
 * distribution of its Markov chain, solved as a system of linear equations.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <gsl/gsl_linalg.h>

#include "tests/support/confidence.h"
#include "tests/support/queues/tandem.h"

#define REPLICATIONS 20

/*
 * States: n1 customers at station 1, n2 at station 2, and whether server 1 is blocked, which it can
 * be only with station 2 full and someone at station 1.
 */
struct chain {
    uint32_t capacity[2];
    double rate[3]; /* arrivals, service 1, service 2 */
    size_t states;
};

static size_t state_of(const struct chain *chain, uint32_t n1, uint32_t n2, uint32_t blocked)
{
    return ((size_t)n1 * (chain->capacity[1] + 1) + n2) * 2 + blocked;
}

static bool is_state(const struct chain *chain, uint32_t n1, uint32_t n2, uint32_t blocked)
{
    return blocked == 0 || (n1 > 0 && n2 == chain->capacity[1]);
}

static void add_rate(gsl_matrix *balance, size_t from, size_t to, double rate)
{
    /* Row `to`: what flows in; row `from`: what flows out. */
    *gsl_matrix_ptr(balance, to, from) += rate;
    *gsl_matrix_ptr(balance, from, from) -= rate;
}

static void add_transitions(const struct chain *chain, gsl_matrix *balance, uint32_t n1,
                            uint32_t n2, uint32_t blocked)
{
    size_t from = state_of(chain, n1, n2, blocked);
    if (!is_state(chain, n1, n2, blocked)) {
        /* Never entered; leaves at once, so that its probability is 0 and the matrix regular. */
        add_rate(balance, from, state_of(chain, n1, n2, 0), 1);
        return;
    }
    if (n1 < chain->capacity[0]) {
        add_rate(balance, from, state_of(chain, n1 + 1, n2, blocked), chain->rate[0]);
    }
    if (n1 > 0 && blocked == 0) {
        bool has_room = n2 < chain->capacity[1];
        size_t to = has_room ? state_of(chain, n1 - 1, n2 + 1, 0) : state_of(chain, n1, n2, 1);
        add_rate(balance, from, to, chain->rate[1]);
    }
    if (n2 > 0) {
        size_t to = blocked ? state_of(chain, n1 - 1, n2, 0) : state_of(chain, n1, n2 - 1, 0);
        add_rate(balance, from, to, chain->rate[2]);
    }
}

/* The stationary distribution: balance x p = 0 with the last equation replaced by sum p = 1. */
static gsl_vector *solve(const struct chain *chain)
{
    gsl_matrix *balance = gsl_matrix_calloc(chain->states, chain->states);
    gsl_vector *right = gsl_vector_calloc(chain->states);
    gsl_vector *shares = gsl_vector_alloc(chain->states);
    gsl_permutation *permutation = gsl_permutation_alloc(chain->states);
    int sign;
    for (uint32_t n1 = 0; n1 <= chain->capacity[0]; n1++) {
        for (uint32_t n2 = 0; n2 <= chain->capacity[1]; n2++) {
            add_transitions(chain, balance, n1, n2, 0);
            add_transitions(chain, balance, n1, n2, 1);
        }
    }
    for (size_t i = 0; i < chain->states; i++) {
        gsl_matrix_set(balance, 0, i, 1);
    }
    gsl_vector_set(right, 0, 1);
    assert_int_equal(gsl_linalg_LU_decomp(balance, permutation, &sign), 0);
    assert_int_equal(gsl_linalg_LU_solve(balance, permutation, right, shares), 0);
    gsl_permutation_free(permutation);
    gsl_vector_free(right);
    gsl_matrix_free(balance);
    return shares;
}

static struct tandem_result solve_means(const struct chain *chain)
{
    gsl_vector *shares = solve(chain);
    struct tandem_result exact = {0};
    for (uint32_t n1 = 0; n1 <= chain->capacity[0]; n1++) {
        for (uint32_t n2 = 0; n2 <= chain->capacity[1]; n2++) {
            for (uint32_t blocked = 0; blocked < 2; blocked++) {
                double share = gsl_vector_get(shares, state_of(chain, n1, n2, blocked));
                exact.number[0] += share * n1;
                exact.number[1] += share * n2;
                exact.blocked += share * blocked;
                exact.throughput += share * (n2 > 0) * chain->rate[2];
            }
        }
    }
    gsl_vector_free(shares);
    return exact;
}

static void assert_tandem(struct tandem_params params, double rel)
{
    struct sim_tally first = {0};
    struct sim_tally second = {0};
    struct sim_tally blocked = {0};
    struct sim_tally throughput = {0};
    struct chain chain = {
        .capacity = {params.capacity[0], params.capacity[1]},
        .rate = {1.0 / (double)params.arrival_mean, 1.0 / (double)params.service_mean[0],
                 1.0 / (double)params.service_mean[1]},
        .states = ((size_t)params.capacity[0] + 1) * (params.capacity[1] + 1) * 2,
    };
    for (uint64_t i = 0; i < REPLICATIONS; i++) {
        params.replication = i;
        struct tandem_result result = tandem_run(&params);
        sim_tally_add(&first, result.number[0]);
        sim_tally_add(&second, result.number[1]);
        sim_tally_add(&blocked, result.blocked);
        sim_tally_add(&throughput, result.throughput);
    }
    struct tandem_result exact = solve_means(&chain);
    assert_covers(first, exact.number[0], rel);
    assert_covers(second, exact.number[1], rel);
    assert_covers(blocked, exact.blocked, 2 * rel);
    assert_covers(throughput, exact.throughput, rel);
}

static struct tandem_params make_params(uint32_t first, uint32_t second)
{
    return (struct tandem_params){
        .arrival_mean = SIM_MS,
        .service_mean = {800 * SIM_US, 900 * SIM_US},
        .capacity = {first, second},
        .warm_up = SIM_S,
        .duration = 60 * SIM_S,
        .seed = 5,
    };
}

static void test_small_buffers(void **state)
{
    assert_tandem(make_params(4, 3), 0.02);
}

static void test_no_buffer_between(void **state)
{
    assert_tandem(make_params(6, 1), 0.02);
}

static void test_slow_second_station_holds_the_first(void **state)
{
    struct tandem_params params = make_params(8, 5);
    params.service_mean[0] = 300 * SIM_US;
    params.service_mean[1] = 1500 * SIM_US;
    assert_tandem(params, 0.02);
}

/* Burke: with room for all, both are M/M/1. The chain is cut where hardly anyone comes. */
static void test_large_buffers_are_independent_queues(void **state)
{
    struct chain chain = {
        .capacity = {22, 22}, .rate = {0.5, 1.0, 1.25}, .states = (size_t)23 * 23 * 2};
    struct tandem_result exact = solve_means(&chain);
    assert_true(fabs(exact.number[0] - 1) < 1e-4);
    assert_true(fabs(exact.number[1] - 2.0 / 3) < 1e-4);
    assert_true(fabs(exact.throughput - 0.5) < 1e-6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_small_buffers),
        cmocka_unit_test(test_no_buffer_between),
        cmocka_unit_test(test_slow_second_station_holds_the_first),
        cmocka_unit_test(test_large_buffers_are_independent_queues),
    };
    return cmocka_run_group_tests_name("tandem", tests, NULL, NULL);
}
