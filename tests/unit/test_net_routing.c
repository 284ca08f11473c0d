/*
 * Routing (WR-13): round robins, Flink's own key groups, weights.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "models/routing.h"
#include "sim/arena.h"

static struct sim_arena *arena_of(void **state)
{
    return *state;
}

static int set_up(void **state)
{
    *state = sim_arena_create();
    return 0;
}

static int tear_down(void **state)
{
    sim_arena_destroy(*state);
    return 0;
}

static struct net_router make(struct sim_arena *arena, enum net_partition_kind kind,
                              uint32_t channels, uint32_t start)
{
    struct net_router router;
    struct net_edge_spec edge = {.partition = kind};
    net_router_init(&router, &edge, channels, start, arena);
    return router;
}

static void assert_sequence(struct net_router *router, const uint32_t *expected, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(net_router_next(router, (int32_t)(i * 31)), expected[i]);
    }
}

static void test_rebalance_goes_round_from_its_start(void **state)
{
    struct net_router router = make(arena_of(state), NET_PARTITION_REBALANCE, 3, 2);
    assert_sequence(&router, (uint32_t[]){2, 0, 1, 2, 0, 1}, 6);
}

static void test_rescale_goes_round_from_the_first(void **state)
{
    struct net_router router = make(arena_of(state), NET_PARTITION_RESCALE, 3, 2);
    assert_sequence(&router, (uint32_t[]){0, 1, 2, 0}, 4);
}

static void test_forward_knows_one_way_and_broadcast_all(void **state)
{
    struct net_router forward = make(arena_of(state), NET_PARTITION_FORWARD, 1, 0);
    assert_sequence(&forward, (uint32_t[]){0, 0}, 2);
    struct net_router broadcast = make(arena_of(state), NET_PARTITION_BROADCAST, 4, 3);
    assert_sequence(&broadcast, (uint32_t[]){NET_ROUTER_ALL, NET_ROUTER_ALL}, 2);
}

static void test_weights_are_spread_smoothly(void **state)
{
    static const double weights[] = {4.0, 1.0, 1.0, 1.0};
    struct net_edge_spec edge = {
        .partition = NET_PARTITION_WEIGHTS, .weights = weights, .weight_count = 4};
    struct net_router router;
    net_router_init(&router, &edge, 4, 0, arena_of(state));
    /* credits by hand: 4 1 1 1, 1 2 2 2 (the first of the largest), 5 -4 3 3, ... */
    assert_sequence(&router, (uint32_t[]){0, 1, 0, 2, 0, 3, 0, 0, 1, 0, 2, 0, 3, 0}, 14);
}

static void test_credits_that_differ_by_rounding_alone_are_equal(void **state)
{
    static const double weights[] = {0.1, 0.1, 0.1};
    struct net_edge_spec edge = {
        .partition = NET_PARTITION_WEIGHTS, .weights = weights, .weight_count = 3};
    struct net_router router;
    net_router_init(&router, &edge, 3, 0, arena_of(state));
    for (uint32_t i = 0; i < 3000; i++) {
        assert_int_equal(net_router_next(&router, 0), i % 3);
    }
}

static void test_default_max_parallelism_is_a_power_of_two_in_its_range(void **state)
{
    (void)state;
    static const uint32_t rows[][2] = {{1, 128},       {85, 128},      {86, 256},
                                       {170, 256},     {171, 256},     {172, 512},
                                       {20000, 32768}, {30000, 32768}, {4000000000u, 32768}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(net_default_max_parallelism(rows[i][0]), rows[i][1]);
    }
}

/* Shares of keys 0 .. count - 1 of weights 1 / (k + 1)^zipf. */
static void check_shares(struct sim_arena *arena, uint32_t keys, double zipf,
                         const double *expected, uint32_t channels)
{
    double share[4] = {0.0};
    double sum = 0.0;
    struct net_router router = make(arena, NET_PARTITION_HASH, channels, 0);
    for (uint32_t k = 0; k < keys; k++) {
        double weight = pow(k + 1.0, -zipf);
        uint32_t channel = net_router_next(&router, (int32_t)k);
        assert_true(channel < channels);
        share[channel] += weight;
        sum += weight;
    }
    for (uint32_t c = 0; c < channels; c++) {
        assert_true(fabs(share[c] / sum - expected[c]) <= 0.5000001e-5);
    }
}

/* Recorded with Flink's own key group assignment, five digits. */
static void test_hash_gives_the_shares_that_flink_gives(void **state)
{
    check_shares(arena_of(state), 64, 0.8, (double[]){0.23316, 0.12033, 0.37078, 0.27573}, 4);
    check_shares(arena_of(state), 1000, 0.6, (double[]){0.47998, 0.52002}, 2);
}

static void test_murmur_is_never_negative(void **state)
{
    (void)state;
    for (int64_t code = INT32_MIN; code <= INT32_MAX; code += 9973) {
        assert_true(net_murmur((int32_t)code) >= 0);
    }
    /* by hand from the definition, with Python's integers */
    assert_int_equal(net_murmur(0), 593689054);
    assert_int_equal(net_murmur(-2089875627), 0); /* hashes to the smallest int */
    assert_int_equal(net_murmur(1), 68075478);
    assert_int_equal(net_murmur(-1), 1982413648);
    assert_int_equal(net_murmur(INT32_MIN), 1718298732);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_rebalance_goes_round_from_its_start, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_rescale_goes_round_from_the_first, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_forward_knows_one_way_and_broadcast_all, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_weights_are_spread_smoothly, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_credits_that_differ_by_rounding_alone_are_equal,
                                        set_up, tear_down),
        cmocka_unit_test(test_default_max_parallelism_is_a_power_of_two_in_its_range),
        cmocka_unit_test_setup_teardown(test_hash_gives_the_shares_that_flink_gives, set_up,
                                        tear_down),
        cmocka_unit_test(test_murmur_is_never_negative),
    };
    return cmocka_run_group_tests_name("net_routing", tests, NULL, NULL);
}
