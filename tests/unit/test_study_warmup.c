/*
 * MSER-5 on series with a known transient, and loads that never settle.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>

#include "sim/random.h"
#include "studies/run.h"
#include "studies/warmup.h"
#include "tests/support/assert_near.h"
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

/* The bias at i, of three kinds of beginning. */
static double decaying(double i)
{
    return -10 * exp(-i / 30);
}

static double falling(double i)
{
    return i < 120 ? 8 * (1 - i / 120) : 0;
}

static double ringing(double i)
{
    return 12 * exp(-i / 40) * cos(i / 8);
}

/* What is left of the bias of the mean, on average over 50 series, as a part of what it was. */
static double bias_left(double (*bias)(double))
{
    struct sim_tally whole = {0};
    struct sim_tally rest = {0};

    for (uint64_t r = 0; r < 50; r++) {
        double values[COUNT];
        size_t cut;

        make_series(values, r, 0, 1);
        for (size_t i = 0; i < COUNT; i++) {
            values[i] += bias((double)i);
        }
        assert_true(study_mser5(values, COUNT, &cut));
        sim_tally_add(&whole, gsl_stats_mean(values, 1, COUNT) - 10);
        sim_tally_add(&rest, gsl_stats_mean(&values[cut], 1, COUNT - cut) - 10);
    }
    return fabs(rest.mean) / fabs(whole.mean);
}

/* The mean of what is left is that of the steady state, whatever the beginning was like. */
static void test_cut_takes_the_bias_out(void **state)
{
    assert_true(bias_left(decaying) < 0.1);
    assert_true(bias_left(falling) < 0.1);
    assert_true(bias_left(ringing) < 0.1);
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

/* Batches that depend on each other are told from those that do not. */
static void test_correlation_of_batches(void **state)
{
    struct sim_stream stream;
    double values[COUNT];
    unsigned correlated = 0;
    double slow = 0;

    for (uint64_t r = 0; r < 100; r++) {
        make_series(values, r, 0, 1);
        correlated += study_batch_correlation(values, COUNT) > 0.45;
    }
    assert_in_range(correlated, 0, 5);
    sim_stream_init(&stream, 1, 0, "series", "walk");
    for (size_t i = 0; i < COUNT; i++) {
        slow = 0.995 * slow + gsl_ran_gaussian(&stream.rng, 1);
        values[i] = slow;
    }
    assert_true(study_batch_correlation(values, COUNT) > 0.45);
    for (size_t i = 0; i < COUNT; i++) {
        values[i] = 3;
    }
    assert_true(study_batch_correlation(values, COUNT) == 0);
    assert_true(study_batch_correlation(values, STUDY_BATCHES - 1) == 0);
}

static void find(struct small_job *job, struct study_warmup *warmup)
{
    struct study_run_params params = {.spec = &job->spec, .seed = 7, .seeks_warmup = true};
    struct sim_err err = {0};
    struct study_run *run = study_run_create(&params, &err);

    assert_non_null(run);
    assert_true(study_run_go(run, &err));
    *warmup = *study_run_warmup(run);
    study_run_destroy(run);
}

static void test_warmup_of_a_job(void **state)
{
    struct small_job job;
    struct study_warmup warmup;

    small_job_make(&job);
    job.spec.run.duration = 60 * SIM_S;
    job.spec.run.has_warmup = false;
    find(&job, &warmup);
    assert_true(warmup.is_sought && warmup.is_found);
    assert_in_range(warmup.cut, 0, 30 * SIM_S);
    assert_int_equal(warmup.cut % (60 * SIM_S / STUDY_WINDOWS), 0);
    assert_false(warmup.has_growth);

    job.spec.run.has_warmup = true;
    find(&job, &warmup);
    assert_false(warmup.is_sought);
    assert_int_equal(warmup.cut, 0);
}

/* The services are six times as long for 10 s, and the queue is gone 3 s later. */
static void test_transient_of_a_job_is_cut(void **state)
{
    const struct net_factor_change changes[] = {{0, 6}, {10 * SIM_S, 1}};
    struct small_job job;
    struct study_warmup warmup;

    small_job_make(&job);
    job.spec.run = (struct net_run_spec){.duration = 60 * SIM_S, .sample = SIM_S, .seed = 7};
    job.service.changes = changes;
    job.service.change_count = 2;
    find(&job, &warmup);
    assert_true(warmup.is_found);
    assert_in_range(warmup.cut, 9 * SIM_S, 18 * SIM_S);
}

static struct study_run *run_job(const struct small_job *job, bool seeks_warmup)
{
    struct study_run_params params = {.spec = &job->spec, .seed = 7, .seeks_warmup = seeks_warmup};
    struct sim_err err = {0};
    struct study_run *run = study_run_create(&params, &err);

    assert_non_null(run);
    assert_true(study_run_go(run, &err));
    return run;
}

static void assert_same_rows(const struct study_run *a, const struct study_run *b)
{
    size_t counts[2];
    const struct study_row *rows[] = {study_run_rows(a, &counts[0]), study_run_rows(b, &counts[1])};

    assert_int_equal(counts[0], counts[1]);
    for (size_t i = 0; i < counts[0]; i++) {
        assert_string_equal(rows[0][i].metric, rows[1][i].metric);
        assert_int_equal(rows[0][i].tally.n, rows[1][i].tally.n);
        assert_near(rows[0][i].tally.mean, rows[1][i].tally.mean, 1e-9);
        assert_near(sim_tally_sd(&rows[0][i].tally), sim_tally_sd(&rows[1][i].tally), 1e-9);
        assert_true(rows[0][i].tally.min == rows[1][i].tally.min);
        assert_true(rows[0][i].tally.max == rows[1][i].tally.max);
    }
}

/* One run that is cut afterwards tells what a run tells whose warm-up was given. */
static void test_cut_run_is_as_one_with_that_warmup(void **state)
{
    struct small_job job;

    small_job_make(&job);
    job.spec.run.duration = 20 * SIM_S;
    job.spec.run.sample = SIM_S / 10;
    job.spec.config.checkpoint_interval = SIM_S;
    for (sim_time warmup = 0; warmup <= 10 * SIM_S; warmup += 5 * SIM_S) {
        job.spec.run.warmup = warmup;
        job.spec.run.has_warmup = true;
        struct study_run *given = run_job(&job, true);
        job.spec.run.has_warmup = false;
        job.spec.run.warmup = 0;
        struct study_run *cut = run_job(&job, true);
        study_run_cut(cut, warmup > 0 ? warmup - 1 : 0);
        const struct study_outcome *a = study_run_outcome(given);
        const struct study_outcome *b = study_run_outcome(cut);

        assert_int_equal(a->trajectory_hash, b->trajectory_hash);
        assert_int_equal(a->window_from, b->window_from);
        assert_int_equal(a->watched, b->watched);
        for (uint32_t t = 0; t < 2; t++) {
            assert_int_equal(a->tasks[t].records_in, b->tasks[t].records_in);
            assert_int_equal(a->tasks[t].busy, b->tasks[t].busy);
            assert_int_equal(a->tasks[t].out_used_max, b->tasks[t].out_used_max);
            assert_int_equal(a->tasks[t].in_used_max, b->tasks[t].in_used_max);
        }
        assert_int_equal(sim_histogram_count(a->vertices[1].latency),
                         sim_histogram_count(b->vertices[1].latency));
        assert_int_equal(sim_histogram_quantile(a->vertices[1].latency, 0.99),
                         sim_histogram_quantile(b->vertices[1].latency, 0.99));
        const struct sim_tally *durations[2] = {&study_run_checkpoints(given)->sums.duration_ms,
                                                &study_run_checkpoints(cut)->sums.duration_ms};
        assert_true(durations[0]->n > 0);
        assert_int_equal(durations[0]->n, durations[1]->n);
        assert_near(durations[0]->mean, durations[1]->mean, 1e-9);
        assert_same_rows(given, cut);
        study_run_destroy(given);
        study_run_destroy(cut);
    }
}

/* A cut beyond the last window that may be cut is one at half of the run. */
static void test_no_cut_is_beyond_half(void **state)
{
    struct small_job job;

    small_job_make(&job);
    job.spec.run.has_warmup = false;
    struct study_run *run = run_job(&job, true);
    study_run_cut(run, job.spec.run.duration);
    assert_int_equal(study_run_outcome(run)->window_from, job.spec.run.duration / 2);
    study_run_destroy(run);
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

/* In how many of 20 runs a load is said to grow, 300 s at this utilisation. */
static unsigned count_growing(double utilisation)
{
    unsigned growing = 0;

    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct small_job job;
        struct sim_err err = {0};

        small_job_make(&job);
        job.spec.run.duration = 300 * SIM_S;
        job.spec.run.sample = 10 * SIM_S;
        job.service.time.a = utilisation * 5e6;
        job.vertices[0].source.catches_up = true;
        struct study_run_params params = {.spec = &job.spec, .seed = seed};
        struct study_run *run = study_run_create(&params, &err);
        assert_true(run != NULL && study_run_go(run, &err));
        growing += study_run_warmup(run)->has_growth;
        study_run_destroy(run);
    }
    return growing;
}

/* A queue near its capacity wanders far, and comes back. */
static void test_growth_is_told_from_wandering(void **state)
{
    assert_int_equal(count_growing(0.9), 0);
    assert_int_equal(count_growing(0.98), 0);
    assert_in_range(count_growing(1.05), 18, 20);
    assert_int_equal(count_growing(1.1), 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_transient_is_cut),
        cmocka_unit_test(test_cut_takes_the_bias_out),
        cmocka_unit_test(test_hardly_anything_is_cut_of_a_steady_series),
        cmocka_unit_test(test_ramp_has_no_cut_within_the_first_half),
        cmocka_unit_test(test_constant_series_is_not_cut),
        cmocka_unit_test(test_few_values_are_not_judged),
        cmocka_unit_test(test_correlation_of_batches),
        cmocka_unit_test(test_warmup_of_a_job),
        cmocka_unit_test(test_transient_of_a_job_is_cut),
        cmocka_unit_test(test_cut_run_is_as_one_with_that_warmup),
        cmocka_unit_test(test_no_cut_is_beyond_half),
        cmocka_unit_test(test_load_that_never_settles),
        cmocka_unit_test(test_growth_is_told_from_wandering),
    };

    return cmocka_run_group_tests_name("study_warmup", tests, NULL, NULL);
}
