/*
 * Distributions: moments within five standard errors of the exact ones, limits, CSV.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/dist.h"
#include "sim/stats.h"
#include "sim/time.h"
#include "tests/support/assert_near.h"

#define DRAWS 100000

static struct sim_tally draw(struct sim_dist *dist, uint64_t seed)
{
    struct sim_stream stream;
    struct sim_tally tally = {0};
    struct sim_err err;
    assert_true(sim_dist_prepare(dist, &err));
    sim_stream_init_seed(&stream, seed);
    for (int i = 0; i < DRAWS; i++) {
        int64_t value = sim_dist_draw(dist, &stream);
        assert_true(value >= 0);
        sim_tally_add(&tally, (double)value);
    }
    sim_dist_finish(dist);
    return tally;
}

/* The mean within five standard errors, the standard deviation within `sd_rel` of itself. */
static void assert_moments(struct sim_dist dist, double mean, double sd, double sd_rel)
{
    struct sim_tally tally = draw(&dist, 21);
    assert_near(sim_dist_mean(&dist), mean, 1e-12);
    assert_near(tally.mean, mean, 5 * sd / sqrt(DRAWS) / mean);
    assert_near(sim_tally_sd(&tally), sd, sd_rel);
}

static void test_constant(void **state)
{
    struct sim_dist zero = {0};
    struct sim_tally tally = draw(&zero, 1);
    assert_true(tally.max == 0);
    struct sim_dist dist = {.kind = SIM_DIST_CONSTANT, .a = 1.2e6};
    tally = draw(&dist, 1);
    assert_true(tally.min == 1.2e6 && tally.max == 1.2e6);
}

static void test_draws_are_rounded_to_the_nearest(void **state)
{
    struct sim_dist dist = {.kind = SIM_DIST_CONSTANT, .a = 1.6};
    struct sim_tally tally = draw(&dist, 1);
    assert_true(tally.min == 2 && tally.max == 2);
    dist.a = 1.4;
    tally = draw(&dist, 1);
    assert_true(tally.min == 1 && tally.max == 1);
}

static void test_uniform(void **state)
{
    struct sim_dist dist = {.kind = SIM_DIST_UNIFORM, .a = 1e6, .b = 3e6};
    assert_moments(dist, 2e6, 2e6 / sqrt(12), 0.01);
    struct sim_tally tally = draw(&dist, 2);
    assert_true(tally.min >= 1e6 && tally.min < 1.001e6);
    assert_true(tally.max <= 3e6 && tally.max > 2.999e6);
}

static void test_exponential(void **state)
{
    struct sim_dist dist = {.kind = SIM_DIST_EXPONENTIAL, .a = 5e6};
    assert_moments(dist, 5e6, 5e6, 0.02);
}

static void test_gamma(void **state)
{
    struct sim_dist dist = {.kind = SIM_DIST_GAMMA, .a = 5e6, .b = 0.5};
    assert_moments(dist, 5e6, 2.5e6, 0.02);
    dist.b = 2;
    assert_moments(dist, 5e6, 1e7, 0.05);
    dist.b = 0;
    struct sim_tally tally = draw(&dist, 3);
    assert_true(tally.min == 5e6 && tally.max == 5e6);
}

static void test_lognormal(void **state)
{
    struct sim_dist dist = {.kind = SIM_DIST_LOGNORMAL, .a = 5e6, .b = 0.5};
    assert_moments(dist, 5e6, 2.5e6, 0.03);
    dist.b = 0;
    struct sim_tally tally = draw(&dist, 3);
    assert_true(tally.min == 5e6 && tally.max == 5e6);
}

static void test_weibull(void **state)
{
    struct sim_dist dist = {.kind = SIM_DIST_WEIBULL, .a = 1e6, .b = 2};
    /* Rayleigh: mean a sqrt(pi) / 2, variance a^2 (1 - pi / 4). */
    assert_moments(dist, 1e6 * sqrt(acos(-1)) / 2, 1e6 * sqrt(1 - acos(-1) / 4), 0.02);
}

static void test_pareto(void **state)
{
    struct sim_dist dist = {.kind = SIM_DIST_PARETO, .a = 1e6, .b = 5};
    assert_moments(dist, 1.25e6, 1e6 * sqrt(5.0 / 3) / 4, 0.1);
    struct sim_tally tally = draw(&dist, 4);
    assert_true(tally.min >= 1e6);
    dist.b = 1;
    assert_true(isinf(sim_dist_mean(&dist)));
}

/* A tail without a mean is cut at 2^62, not wrapped around. */
static void test_draws_stay_within_2_to_the_62(void **state)
{
    struct sim_dist dist = {.kind = SIM_DIST_PARETO, .a = 1e15, .b = 0.1};
    struct sim_tally tally = draw(&dist, 5);
    assert_true(tally.max == 0x1p62);
}

static void test_draws_are_moved_to_the_limits(void **state)
{
    struct sim_dist dist = {.kind = SIM_DIST_EXPONENTIAL, .a = 20, .least = 17, .most = 30};
    struct sim_tally tally = draw(&dist, 8);
    assert_true(tally.min == 17 && tally.max == 30);
    dist = (struct sim_dist){.kind = SIM_DIST_PARETO, .a = 100, .b = 0.05, .least = 17};
    dist.most = (int64_t)1 << 30;
    assert_true(draw(&dist, 5).max == 0x1p30);
}

static void test_discrete(void **state)
{
    static const int64_t values[] = {10, 20, 70};
    static const double weights[] = {1, 0, 3};
    struct sim_dist dist = {
        .kind = SIM_DIST_DISCRETE, .values = values, .weights = weights, .count = 3};
    assert_moments(dist, 55, 60 * sqrt(3) / 4, 0.02);
    struct sim_stream stream;
    struct sim_err err;
    assert_true(sim_dist_prepare(&dist, &err));
    sim_stream_init_seed(&stream, 6);
    for (int i = 0; i < 1000; i++) {
        assert_int_not_equal(sim_dist_draw(&dist, &stream), 20);
    }
    sim_dist_finish(&dist);
    sim_dist_finish(&dist);
}

static void test_empirical(void **state)
{
    static const int64_t values[] = {1, 2, 3, 4};
    struct sim_dist dist = {.kind = SIM_DIST_EMPIRICAL, .values = values, .count = 4};
    assert_moments(dist, 2.5, sqrt(1.25), 0.02);
}

/* What a variate is depends on the stream alone, so it is the same every time. */
static void test_same_stream_gives_same_draws(void **state)
{
    struct sim_dist dist = {.kind = SIM_DIST_GAMMA, .a = 5e6, .b = 0.5};
    struct sim_tally first = draw(&dist, 7);
    struct sim_tally again = draw(&dist, 7);
    assert_true(first.mean == again.mean && first.m2 == again.m2);
}

/* The same many at a time as one by one, and what follows too: where they are rounded in the usual
 * way, where halves come up often, beyond what a double counts one by one, and within limits. */
static void test_draws_are_the_same_many_at_a_time(void **state)
{
    static const struct sim_dist dists[] = {
        {.kind = SIM_DIST_EXPONENTIAL, .a = 1e9},
        {.kind = SIM_DIST_EXPONENTIAL, .a = 0},
        {.kind = SIM_DIST_EXPONENTIAL, .a = 1.5},
        {.kind = SIM_DIST_EXPONENTIAL, .a = 0x1p45},
        {.kind = SIM_DIST_EXPONENTIAL, .a = 0x1p46},
        {.kind = SIM_DIST_EXPONENTIAL, .a = 0x1p51},
        {.kind = SIM_DIST_EXPONENTIAL, .a = 0x1p60},
        {.kind = SIM_DIST_EXPONENTIAL, .a = 20, .least = 17, .most = 30},
        {.kind = SIM_DIST_CONSTANT, .a = 7},
        {.kind = SIM_DIST_GAMMA, .a = 5e6, .b = 0.5},
    };
    enum { MOST = 1000 };
    static int64_t values[MOST];
    for (size_t dist = 0; dist < sizeof dists / sizeof *dists; dist++) {
        struct sim_stream stream;
        struct sim_stream other;
        sim_stream_init_seed(&stream, dist);
        sim_stream_init_seed(&other, dist);
        for (size_t count = 0; count <= MOST; count = 2 * count + 1) {
            sim_dist_draw_many(&dists[dist], &stream, values, count);
            for (size_t i = 0; i < count; i++) {
                assert_int_equal(values[i], sim_dist_draw(&dists[dist], &other));
            }
        }
        assert_true(sim_stream_bits(&stream) == sim_stream_bits(&other));
    }
}

static void assert_refused(struct sim_dist dist, const char *part)
{
    struct sim_err err = {.code = SIM_ERR_NONE};
    assert_false(sim_dist_prepare(&dist, &err));
    assert_int_equal(err.code, SIM_ERR_INPUT);
    if (strstr(err.text, part) == NULL) {
        fail_msg("'%s' does not say '%s'", err.text, part);
    }
}

static void test_wrong_parameters_are_named(void **state)
{
    static const int64_t values[] = {1, -1};
    static const double weights[] = {0, 0};
    assert_refused((struct sim_dist){.kind = SIM_DIST_CONSTANT, .a = -1}, "mean");
    assert_refused((struct sim_dist){.kind = SIM_DIST_EXPONENTIAL, .a = NAN}, "mean");
    assert_refused((struct sim_dist){.kind = SIM_DIST_UNIFORM, .a = 2, .b = 1}, "maximum");
    assert_refused((struct sim_dist){.kind = SIM_DIST_GAMMA, .a = 2, .b = -1}, "variation");
    assert_refused((struct sim_dist){.kind = SIM_DIST_WEIBULL, .a = 2, .b = 0}, "shape");
    assert_refused((struct sim_dist){.kind = SIM_DIST_PARETO, .a = 2, .b = 0}, "tail");
    assert_refused((struct sim_dist){.kind = SIM_DIST_EMPIRICAL}, "at least one");
    assert_refused((struct sim_dist){.kind = SIM_DIST_EMPIRICAL, .values = values, .count = 2},
                   "value 2");
    assert_refused(
        (struct sim_dist){
            .kind = SIM_DIST_DISCRETE, .values = values, .weights = weights, .count = 1},
        "all be 0");
}

static bool read_csv(struct sim_dist *dist, const char *text, struct sim_err *err,
                     struct sim_arena *arena)
{
    return sim_dist_read_csv(dist, "service.csv", text, (double)SIM_MS, arena, err);
}

static void test_upper_end_is_that_of_the_largest_variate(void **state)
{
    static const int64_t values[] = {10, 500, 70};
    static const double weights[] = {1, 2, 3};
    static const double weights_without[] = {1, 0, 3};
    (void)state;
    struct sim_dist constant = {.a = 6.5};
    assert_int_equal(sim_dist_upper(&constant), 7);
    struct sim_dist uniform = {.kind = SIM_DIST_UNIFORM, .a = 100, .b = 300};
    assert_int_equal(sim_dist_upper(&uniform), 300);
    struct sim_dist discrete = {
        .kind = SIM_DIST_DISCRETE, .values = values, .weights = weights, .count = 3};
    assert_int_equal(sim_dist_upper(&discrete), 500);
    struct sim_dist exponential = {.kind = SIM_DIST_EXPONENTIAL, .a = 1000};
    assert_in_range(sim_dist_upper(&exponential), 36800, 40000);
    discrete.weights = weights_without;
    assert_int_equal(sim_dist_upper(&discrete), 70);
    discrete.kind = SIM_DIST_EMPIRICAL;
    assert_int_equal(sim_dist_upper(&discrete), 500);
    discrete.most = 400;
    assert_int_equal(sim_dist_upper(&discrete), 400);
    constant.least = 20;
    assert_int_equal(sim_dist_upper(&constant), 20);
    for (int kind = SIM_DIST_GAMMA; kind <= SIM_DIST_PARETO; kind++) {
        struct sim_dist endless = {.kind = kind, .a = 5, .b = 1};
        assert_true(sim_dist_upper(&endless) == SIM_DIST_MAX);
        endless.most = 1000;
        assert_int_equal(sim_dist_upper(&endless), 1000);
    }
}

static void test_trimmed_mean_is_without_what_hardly_ever_comes(void **state)
{
    static const int64_t values[] = {100, 300000000};
    static const double weights[] = {0.999, 0.001};
    struct sim_err err;
    (void)state;
    struct sim_dist constant = {.a = 6.5};
    assert_true(sim_dist_trimmed_mean(&constant) == 7);
    struct sim_dist exponential = {.kind = SIM_DIST_EXPONENTIAL, .a = 1000};
    assert_in_range(sim_dist_trimmed_mean(&exponential), 800, 1000);
    struct sim_dist pareto = {.kind = SIM_DIST_PARETO, .a = 100, .b = 0.9};
    assert_in_range(sim_dist_trimmed_mean(&pareto), 200, 1500);
    struct sim_dist discrete = {
        .kind = SIM_DIST_DISCRETE, .values = values, .weights = weights, .count = 2};
    assert_true(sim_dist_prepare(&discrete, &err));
    assert_true(sim_dist_trimmed_mean(&discrete) == 100);
    sim_dist_finish(&discrete);
    for (int i = 1; i < 100;
         i++) { /* whatever the 256 variates happen to be, never above the mean */
        double parts[] = {1 - i / 100.0, i / 100.0};
        discrete.weights = parts;
        assert_true(sim_dist_prepare(&discrete, &err));
        double trimmed = sim_dist_trimmed_mean(&discrete);
        double mean = sim_dist_mean(&discrete);
        assert_true(trimmed <= mean && (i < 10 || trimmed > mean / 2));
        sim_dist_finish(&discrete);
    }
    constant.least = 17; /* limits count */
    assert_true(sim_dist_trimmed_mean(&constant) == 17);
}

static void test_csv_is_read(void **state)
{
    struct sim_arena *arena = sim_arena_create();
    struct sim_dist dist = {0};
    struct sim_err err;
    assert_true(read_csv(&dist, "# measured\nservice_ms,who\n1.5,a\n\n 2 \r\n0.0000004 # tiny\n3",
                         &err, arena));
    assert_int_equal(dist.kind, SIM_DIST_EMPIRICAL);
    assert_int_equal(dist.count, 4);
    assert_int_equal(dist.values[0], 1500000);
    assert_int_equal(dist.values[1], 2000000);
    assert_int_equal(dist.values[2], 0);
    assert_int_equal(dist.values[3], 3000000);
    sim_arena_destroy(arena);
}

static void test_csv_errors_name_the_line(void **state)
{
    struct sim_arena *arena = sim_arena_create();
    struct sim_dist dist = {0};
    struct sim_err err;
    static const char *const wrong[] = {"ms\n1\nms\n", "#\nms\nms\n1\n", "1\n\n-1\n",
                                        "1\n2\n3x\n",  "1\n2\n,5\n",     "1\n2\n1e30\n"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_false(read_csv(&dist, wrong[i], &err, arena));
        assert_int_equal(err.line, 3);
        assert_string_equal(err.file, "service.csv");
        assert_int_equal(dist.count, 0);
    }
    assert_false(read_csv(&dist, "", &err, arena));
    assert_false(read_csv(&dist, "# nothing\n", &err, arena));
    sim_arena_destroy(arena);
}

static void test_csv_has_a_limit_of_lines(void **state)
{
    struct sim_arena *arena = sim_arena_create();
    struct sim_dist dist = {0};
    struct sim_err err;
    const size_t lines = 1000001;
    char *text = malloc(2 * lines + 1);
    assert_non_null(text);
    for (size_t i = 0; i < lines; i++) {
        memcpy(text + 2 * i, "1\n", 3);
    }
    assert_false(read_csv(&dist, text, &err, arena));
    assert_int_equal(err.code, SIM_ERR_LIMIT);
    assert_true(read_csv(&dist, text + 2, &err, arena));
    assert_int_equal(dist.count, 1000000);
    free(text);
    sim_arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_constant),
        cmocka_unit_test(test_draws_are_rounded_to_the_nearest),
        cmocka_unit_test(test_uniform),
        cmocka_unit_test(test_exponential),
        cmocka_unit_test(test_gamma),
        cmocka_unit_test(test_lognormal),
        cmocka_unit_test(test_weibull),
        cmocka_unit_test(test_pareto),
        cmocka_unit_test(test_draws_stay_within_2_to_the_62),
        cmocka_unit_test(test_draws_are_moved_to_the_limits),
        cmocka_unit_test(test_discrete),
        cmocka_unit_test(test_empirical),
        cmocka_unit_test(test_same_stream_gives_same_draws),
        cmocka_unit_test(test_draws_are_the_same_many_at_a_time),
        cmocka_unit_test(test_wrong_parameters_are_named),
        cmocka_unit_test(test_upper_end_is_that_of_the_largest_variate),
        cmocka_unit_test(test_trimmed_mean_is_without_what_hardly_ever_comes),
        cmocka_unit_test(test_csv_is_read),
        cmocka_unit_test(test_csv_errors_name_the_line),
        cmocka_unit_test(test_csv_has_a_limit_of_lines),
    };
    return cmocka_run_group_tests_name("sim_dist", tests, NULL, NULL);
}
