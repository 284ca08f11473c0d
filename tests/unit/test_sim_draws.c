/*
 * Variates drawn ahead: the same as one by one, in their order, whatever was looked at.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "sim/draws.h"

static void start_draws(struct sim_draws *draws, const struct sim_dist *dist)
{
    sim_stream_init(&draws->stream, 1, 0, "map/0", "service");
    sim_draws_init(draws, dist);
}

static void test_variates_that_were_looked_at_come_in_their_order(void **state)
{
    static const struct sim_dist DIST = {.kind = SIM_DIST_EXPONENTIAL, .a = 1e9};
    struct sim_draws looked;
    struct sim_draws taken;
    start_draws(&looked, &DIST);
    start_draws(&taken, &DIST);
    for (uint32_t round = 0; round < 200; round++) {
        uint32_t ahead = round * 7 % SIM_DRAWS_AHEAD;
        int64_t last = sim_draws_peek(&looked, ahead);
        uint32_t used = ahead * (round % 4) / 3; /* the look ahead was cut, or not */
        for (uint32_t i = 0; i < used; i++) {
            assert_int_equal(sim_draws_take(&looked), sim_draws_take(&taken));
        }
        if (used == ahead) {
            assert_int_equal(sim_draws_take(&looked), last);
            assert_int_equal(sim_draws_take(&taken), last);
        }
    }
    (void)sim_draws_peek(&looked, 20);
    sim_draws_skip(&looked, 5);
    for (uint32_t i = 0; i < 5; i++) {
        (void)sim_draws_take(&taken);
    }
    assert_int_equal(sim_draws_take(&looked), sim_draws_take(&taken));
}

static void test_taken_variates_are_those_of_the_stream(void **state)
{
    static const struct sim_dist dists[] = {
        {.kind = SIM_DIST_EXPONENTIAL, .a = 1e9},
        {.kind = SIM_DIST_GAMMA, .a = 5e6, .b = 0.5},
        {.kind = SIM_DIST_CONSTANT, .a = 7},
    };
    for (size_t dist = 0; dist < sizeof dists / sizeof *dists; dist++) {
        struct sim_draws draws;
        struct sim_stream stream;
        start_draws(&draws, &dists[dist]);
        sim_stream_init(&stream, 1, 0, "map/0", "service");
        assert_int_equal(draws.is_constant, dists[dist].kind == SIM_DIST_CONSTANT);
        assert_int_equal(draws.constant, draws.is_constant ? 7 : 0);
        for (int i = 0; i < 1000; i++) {
            assert_int_equal(sim_draws_take(&draws), sim_dist_draw(&dists[dist], &stream));
        }
    }
}

/* The counts of what was taken and drawn go over the end of their range. */
static void test_counts_may_start_anew(void **state)
{
    static const struct sim_dist DIST = {.kind = SIM_DIST_EXPONENTIAL, .a = 1e9};
    struct sim_draws draws;
    struct sim_stream stream;
    start_draws(&draws, &DIST);
    sim_stream_init(&stream, 1, 0, "map/0", "service");
    draws.taken = draws.drawn = UINT32_MAX - 100;
    for (int i = 0; i < 300; i++) {
        int64_t value = sim_draws_peek(&draws, 0);
        assert_int_equal(sim_draws_take(&draws), value);
        assert_int_equal(value, sim_dist_draw(&DIST, &stream));
    }
}

/* Those of a constant as well, of which more may be taken than were looked at. */
static void test_counts_of_a_constant_may_start_anew(void **state)
{
    static const struct sim_dist DIST = {.kind = SIM_DIST_CONSTANT, .a = 7};
    struct sim_draws draws;
    start_draws(&draws, &DIST);
    draws.taken = draws.drawn = UINT32_MAX - 100;
    for (uint32_t i = 0; i < 300; i++) {
        assert_int_equal(sim_draws_peek(&draws, i % SIM_DRAWS_AHEAD), 7);
        assert_int_equal(sim_draws_take(&draws), 7);
        sim_draws_skip(&draws, i % 100);
    }
    assert_true(draws.is_constant);
    assert_int_equal(draws.constant, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_variates_that_were_looked_at_come_in_their_order),
        cmocka_unit_test(test_taken_variates_are_those_of_the_stream),
        cmocka_unit_test(test_counts_may_start_anew),
        cmocka_unit_test(test_counts_of_a_constant_may_start_anew),
    };
    return cmocka_run_group_tests_name("sim_draws", tests, NULL, NULL);
}
