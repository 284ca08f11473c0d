/*
 * MSER-5 on series with a known transient, and loads that never settle.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <gsl/gsl_randist.h>
#include <math.h>

#include "sim/random.h"
#include "studies/warmup.h"
#include "tests/support/small_job.h"

#define COUNT 1000

/* A mean of 10 with correlated noise, and a bias that decays with a time constant of `decay`. */
static void make_series(double *values, uint64_t replication, double bias, double decay)
{
    struct sim_stream stream;
    double noise = 0;

    sim_stream_init(&stream, 1, replication, "series", "noise");
    for (size_t i = 0; i < COUNT; i++) {
        noise = 0.5 * noise + gsl_ran_gaussian(&stream.rng, 0.2);
        values[i] = 10 + noise + bias * exp(-(double)i / decay);
    }
}

/* Cut at ten time constants at most, and not before one and a half (the bias is still a fifth of
 * the mean there). */
static void test_transient_is_cut(void **state)
{
    for (uint64_t r = 0; r < 50; r++) {
        double values[COUNT];
        size_t cut;

        make_series(values, r, -10, 30);
        assert_true(study_mser5(values, COUNT, &cut));
        assert_int_equal(cut % STUDY_MSER_BATCH, 0);
        assert_in_range(cut, 45, 300);
    }
}

/* Without a transient hardly anything is lost: on average less than a tenth. */
static void test_hardly_anything_is_cut_of_a_steady_series(void **state)
{
    size_t all = 0;

    for (uint64_t r = 0; r < 50; r++) {
        double values[COUNT];
        size_t cut;

        make_series(values, r, 0, 1);
        study_mser5(values, COUNT, &cut);
        all += cut;
    }
    assert_true(all < 50 * COUNT / 10);
}

static void test_ramp_has_no_cut_within_the_first_half(void **state)
{
    double values[COUNT];
    size_t cut;

    for (size_t i = 0; i < COUNT; i++) {
        values[i] = (double)i;
    }
    assert_false(study_mser5(values, COUNT, &cut));
    assert_true(cut > COUNT / 2);
}

static void test_constant_series_is_not_cut(void **state)
{
    double values[COUNT];
    size_t cut = 7;

    for (size_t i = 0; i < COUNT; i++) {
        values[i] = 3;
    }
    assert_true(study_mser5(values, COUNT, &cut));
    assert_int_equal(cut, 0);
}

static void test_few_values_are_not_judged(void **state)
{
    double values[2 * STUDY_MSER_LEAST * STUDY_MSER_BATCH] = {0};
    size_t cut;

    assert_false(study_mser5(values, sizeof values / sizeof values[0] - 1, &cut));
    assert_true(study_mser5(values, sizeof values / sizeof values[0], &cut));
}

static void find(struct small_job *job, struct study_warmup *warmup)
{
    struct study_run_params params = {.spec = &job->spec, .seed = 7};
    struct sim_err err = {0};

    assert_true(study_warmup_find(&params, warmup, &err));
}

static void test_warmup_of_a_job(void **state)
{
    struct small_job job;
    struct study_warmup warmup;

    small_job_make(&job);
    job.spec.run.duration = 60 * SIM_S;
    job.spec.run.sample = SIM_S / 10;
    find(&job, &warmup);
    assert_true(warmup.is_found);
    assert_in_range(warmup.cut, 0, 30 * SIM_S);
    assert_false(warmup.has_growth);
}

/* 200 records a second are offered and 125 can be served: the lag grows by 75 a second. */
static void test_load_that_never_settles(void **state)
{
    struct small_job job;
    struct study_warmup warmup;

    small_job_make(&job);
    job.spec.run.duration = 60 * SIM_S;
    job.service.time.a = 8e6;
    job.vertices[0].source.catches_up = true;
    find(&job, &warmup);
    assert_true(warmup.has_growth);
    assert_true(warmup.growth_per_s > 65 && warmup.growth_per_s < 85);
    assert_true(warmup.lag > 2000);

    job.service.time.a = 4e6;
    find(&job, &warmup);
    assert_false(warmup.has_growth);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_transient_is_cut),
        cmocka_unit_test(test_hardly_anything_is_cut_of_a_steady_series),
        cmocka_unit_test(test_ramp_has_no_cut_within_the_first_half),
        cmocka_unit_test(test_constant_series_is_not_cut),
        cmocka_unit_test(test_few_values_are_not_judged),
        cmocka_unit_test(test_warmup_of_a_job),
        cmocka_unit_test(test_load_that_never_settles),
    };

    return cmocka_run_group_tests_name("study_warmup", tests, NULL, NULL);
}
