/*
 * Replications and comparisons: independent of the number of threads, paired, stopped in time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <math.h>

#include "studies/compare.h"
#include "studies/replicate.h"
#include "tests/support/assert_near.h"
#include "tests/support/small_job.h"

/* ---- the runner ---- */

struct taker {
    const struct net_spec *spec;
    uint64_t hashes[40];
    uint64_t taken;
    uint64_t enough; /* stop after so many */
};

static void describe(void *arg, uint64_t item, struct study_run_params *params)
{
    const struct taker *taker = arg;

    params->spec = taker->spec;
    params->seed = 7;
    params->replication = item;
}

static bool take(void *arg, uint64_t item, struct study_run *run)
{
    struct taker *taker = arg;

    assert_int_equal(item, taker->taken);
    taker->hashes[taker->taken++] = study_run_outcome(run)->trajectory_hash;
    study_run_destroy(run);
    return taker->taken < taker->enough;
}

static void run_items(struct taker *taker, uint64_t items, uint32_t jobs)
{
    struct study_replicate_params params = {
        .items = items, .jobs = jobs, .describe = describe, .take = take, .arg = taker};
    struct sim_err err = {0};
    bool was_interrupted;

    assert_true(study_replicate(&params, &was_interrupted, &err));
    assert_false(was_interrupted);
}

static void test_items_are_taken_in_order_by_any_number_of_threads(void **state)
{
    struct small_job job;
    struct taker one = {.enough = 100};

    small_job_make(&job);
    one.spec = &job.spec;
    run_items(&one, 24, 1);
    assert_int_equal(one.taken, 24);
    assert_true(one.hashes[0] != one.hashes[1]);
    for (uint32_t jobs = 2; jobs <= 9; jobs += 2) {
        struct taker many = {.enough = 100, .spec = &job.spec};

        run_items(&many, 24, jobs);
        assert_int_equal(many.taken, 24);
        assert_memory_equal(many.hashes, one.hashes, sizeof one.hashes);
    }
}

static void test_nothing_is_taken_after_enough(void **state)
{
    struct small_job job;

    small_job_make(&job);
    for (uint32_t jobs = 1; jobs <= 5; jobs += 2) {
        struct taker taker = {.enough = 5, .spec = &job.spec};

        run_items(&taker, 24, jobs);
        assert_int_equal(taker.taken, 5);
    }
}

static bool stop_at_once(void *arg, sim_time now, uint64_t events)
{
    return false;
}

static void test_interrupt_ends_all_threads(void **state)
{
    struct small_job job;
    struct taker taker = {.enough = 100};
    struct study_replicate_params params = {.items = 40,
                                            .jobs = 3,
                                            .describe = describe,
                                            .take = take,
                                            .arg = &taker,
                                            .progress = stop_at_once};
    struct sim_err err = {0};
    bool was_interrupted = false;

    small_job_make(&job);
    taker.spec = &job.spec;
    assert_true(study_replicate(&params, &was_interrupted, &err));
    assert_true(was_interrupted);
    assert_int_equal(taker.taken, 0);
}

/* ---- comparisons ---- */

static void compare_two(struct study_compare *compare, struct study_config *configs,
                        uint32_t replications, uint32_t jobs)
{
    struct sim_err err = {0};

    *compare = (struct study_compare){.configs = configs,
                                      .config_count = 2,
                                      .seed = 7,
                                      .replications = replications,
                                      .jobs = jobs};
    assert_true(study_compare_run(compare, &err));
    assert_true(compare->done == replications || compare->enough != STUDY_ENOUGH_COUNT);
}

static uint32_t measure_of(const struct study_config *config, const char *name)
{
    int64_t measure = study_measures_find(&config->measures, name);

    assert_true(measure >= 0);
    return (uint32_t)measure;
}

static void test_equal_configurations_are_the_same_in_every_pair(void **state)
{
    struct small_job job;
    struct study_compare compare;
    struct study_difference difference;
    struct sim_text text = {0};

    small_job_make(&job);
    struct study_config configs[] = {{.label = "A", .spec = &job.spec},
                                     {.label = "B", .spec = &job.spec}};
    compare_two(&compare, configs, 5, 2);
    difference = study_compare_difference(&compare, 0, 1,
                                          measure_of(&configs[1], "sink.latencyMs.p99"), 0.95);
    assert_int_equal(difference.kind, STUDY_DIFFERENCE_SAME);
    study_difference_tell(&difference, &text);
    assert_string_equal(sim_text_get(&text), "the same in all 5 pairs");
    sim_text_finish(&text);
    study_compare_finish(&compare);
}

/* The same arrivals and the same draws for services: 10 % longer services make latency higher in
 * every pair, by far more than the interval is wide. */
static void test_pairing_finds_a_small_change_and_takes_out_the_noise(void **state)
{
    struct small_job job;
    struct small_job slower;
    struct study_compare compare;
    struct study_difference difference;

    small_job_make(&job);
    small_job_make(&slower);
    slower.service.time.a = 2.2e6;
    struct study_config configs[] = {{.label = "A", .spec = &job.spec},
                                     {.label = "B", .spec = &slower.spec}};
    compare_two(&compare, configs, 10, 2);
    difference =
        study_compare_difference(&compare, 0, 1, measure_of(&configs[1], "sink.busy"), 0.95);
    assert_int_equal(difference.kind, STUDY_DIFFERENCE_HIGHER);
    assert_near(difference.interval.mean, 0.1 * difference.base, 0.1);
    assert_true(difference.gain > 10);
    study_compare_finish(&compare);
}

static void test_results_do_not_depend_on_jobs(void **state)
{
    struct small_job job;
    struct study_compare one;
    struct study_compare three;

    small_job_make(&job);
    struct study_config a[] = {{.label = "A", .spec = &job.spec},
                               {.label = "B", .spec = &job.spec}};
    struct study_config b[] = {{.label = "A", .spec = &job.spec},
                               {.label = "B", .spec = &job.spec}};
    for (int sought = 0; sought < 2; sought++) {
        job.spec.run.has_warmup = sought == 0;
        compare_two(&one, a, 6, 1);
        compare_two(&three, b, 6, 3);
        assert_int_equal(a[1].warmup.is_sought, sought);
        assert_memory_equal(a[1].values, b[1].values, 6 * a[1].measures.count * sizeof(double));
        study_compare_finish(&one);
        study_compare_finish(&three);
    }
}

/* B takes 2 s to settle, A does not: both are measured from B's cut on, in every replication, and
 * tell what runs tell that have it as their warm-up. */
static void test_longest_warmup_is_left_out_of_all(void **state)
{
    const struct net_factor_change changes[] = {{0, 6}, {2 * SIM_S, 1}};
    struct small_job jobs[2];
    struct study_compare sought;
    struct study_compare given;
    struct study_config a[2];
    struct study_config b[2];

    for (int i = 0; i < 2; i++) {
        small_job_make(&jobs[i]);
        jobs[i].spec.run.duration = 20 * SIM_S;
        jobs[i].spec.run.warmup = 0;
        jobs[i].spec.run.has_warmup = false;
        a[i] = (struct study_config){.label = "A", .spec = &jobs[i].spec};
        b[i] = a[i];
    }
    jobs[1].service.changes = changes;
    jobs[1].service.change_count = 2;
    compare_two(&sought, a, 4, 2);
    assert_true(a[1].warmup.cut > 2 * SIM_S && a[1].warmup.cut > a[0].warmup.cut);
    assert_int_equal(study_compare_cut(&sought, 0), a[1].warmup.cut);
    assert_int_equal(study_compare_cut(&sought, 1), a[1].warmup.cut);
    for (int i = 0; i < 2; i++) {
        jobs[i].spec.run.warmup = a[1].warmup.cut;
        jobs[i].spec.run.has_warmup = true;
    }
    compare_two(&given, b, 4, 2);
    for (int i = 0; i < 2; i++) {
        assert_memory_equal(a[i].values, b[i].values, 4 * a[i].measures.count * sizeof(double));
    }
    study_compare_finish(&sought);
    study_compare_finish(&given);
}

/* 125 of 200 records a second can be served. */
static void test_load_that_never_settles_has_no_averages(void **state)
{
    struct small_job job;
    struct small_job slower;
    struct study_compare compare;

    small_job_make(&job);
    small_job_make(&slower);
    slower.vertices[0].source.catches_up = true;
    slower.spec.run.duration = 30 * SIM_S;
    slower.service.time.a = 8e6;
    struct study_config configs[] = {{.label = "A", .spec = &job.spec},
                                     {.label = "B", .spec = &slower.spec}};
    compare_two(&compare, configs, 3, 2);
    uint32_t rate = measure_of(&configs[1], "sink.numRecordsIn.rate");
    assert_true(study_compare_is_measured(&compare, 0));
    assert_false(study_compare_is_measured(&compare, 1));
    assert_true(study_compare_is_unsettled(&compare, 1));
    assert_int_equal(study_compare_interval(&compare, 0, rate, 0.95).n, 3);
    assert_int_equal(study_compare_interval(&compare, 1, rate, 0.95).n, 0);
    assert_int_equal(study_compare_difference(&compare, 0, 1, rate, 0.95).kind,
                     STUDY_DIFFERENCE_NONE);
    assert_int_equal(compare.enough, STUDY_ENOUGH_COUNT);
    study_compare_finish(&compare);

    configs[0].spec = &slower.spec;
    compare_two(&compare, configs, 3, 2);
    assert_int_equal(compare.enough, STUDY_ENOUGH_UNSETTLED);
    assert_int_equal(compare.done, 1);
    study_compare_finish(&compare);
}

static void run_targets(struct study_compare *compare, struct study_config *config,
                        const struct study_target *target, uint32_t budget)
{
    struct sim_err err = {0};

    *compare = (struct study_compare){.configs = config,
                                      .config_count = 1,
                                      .seed = 7,
                                      .replications = budget,
                                      .targets = target,
                                      .target_count = 1,
                                      .jobs = 3};
    assert_true(study_compare_run(compare, &err));
}

static void test_precision_stops_when_it_is_reached(void **state)
{
    struct small_job job;
    struct study_compare compare;

    small_job_make(&job);
    struct study_config config = {.label = "A", .spec = &job.spec};
    const struct study_target easy = {"sink.numRecordsIn.rate", 0.5};
    run_targets(&compare, &config, &easy, 50);
    assert_int_equal(compare.done, STUDY_LEAST_REPLICATIONS);
    assert_int_equal(compare.enough, STUDY_ENOUGH_PRECISION);
    study_compare_finish(&compare);

    const struct study_target hard = {"sink.numRecordsIn.rate", 1e-6};
    run_targets(&compare, &config, &hard, 12);
    assert_int_equal(compare.done, 12);
    assert_int_equal(compare.enough, STUDY_ENOUGH_BUDGET);
    study_compare_finish(&compare);

    const struct study_target middle = {"sink.numRecordsIn.rate", 0.01};
    run_targets(&compare, &config, &middle, 200);
    assert_int_equal(compare.enough, STUDY_ENOUGH_PRECISION);
    assert_true(compare.done > STUDY_LEAST_REPLICATIONS && compare.done < 200);
    struct sim_interval interval = study_compare_interval(
        &compare, 0, measure_of(&config, "sink.numRecordsIn.rate"), SIM_CONFIDENCE);
    assert_true(sim_interval_relative(&interval) <= 0.01);
    study_compare_finish(&compare);
}

static void test_percentile_of_few_records_is_none(void **state)
{
    struct small_job job;
    struct study_compare compare;

    small_job_make(&job);
    job.spec.run.duration = 3 * SIM_S; /* 400 records after the warm-up */
    struct study_config configs[] = {{.label = "A", .spec = &job.spec},
                                     {.label = "B", .spec = &job.spec}};
    assert_int_equal(study_quantile_needs(0.99), 1000);
    assert_int_equal(study_quantile_needs(0.5), 20);
    compare_two(&compare, configs, 2, 1);
    assert_int_equal(
        study_compare_interval(&compare, 0, measure_of(&configs[0], "sink.latencyMs.p99"), 0.95).n,
        0);
    assert_int_equal(
        study_compare_interval(&compare, 0, measure_of(&configs[0], "sink.latencyMs.p50"), 0.95).n,
        2);
    study_compare_finish(&compare);
}

static void expect_words(const struct study_difference *difference, const char *want)
{
    struct sim_text text = {0};

    study_difference_tell(difference, &text);
    assert_string_equal(sim_text_get(&text), want);
    sim_text_finish(&text);
}

/* A sink too slow for its source: its one channel has data and no credit nearly all of the time. */
static void test_wait_for_credit_is_measured(void **state)
{
    struct small_job job;
    struct study_compare compare;

    small_job_make(&job);
    job.service.time.a = 20e6;
    job.phase.per_second = INFINITY;
    struct study_config configs[] = {{.label = "A", .spec = &job.spec},
                                     {.label = "B", .spec = &job.spec}};
    compare_two(&compare, configs, 2, 1);
    struct sim_interval interval = study_compare_interval(
        &compare, 0, measure_of(&configs[0], "source.waited.credit"), SIM_CONFIDENCE);
    assert_true(interval.mean > 0.1 && interval.mean <= 1);
    study_compare_finish(&compare);
}

static double mean_of(const struct study_compare *compare, uint32_t config, const char *name)
{
    return study_compare_interval(compare, config, measure_of(&compare->configs[config], name),
                                  SIM_CONFIDENCE)
        .mean;
}

/* Flushed after every record there is a message for each of them while the sink keeps up, with the
 * timeout few large ones; the bytes are the same. */
static void test_messages_and_what_is_in_them(void **state)
{
    struct small_job job;
    struct small_job flushed;
    struct study_compare compare;

    small_job_make(&job);
    small_job_make(&flushed);
    flushed.spec.config.buffer_timeout = 0;
    struct study_config configs[] = {{.label = "A", .spec = &job.spec},
                                     {.label = "B", .spec = &flushed.spec}};
    compare_two(&compare, configs, 2, 1);
    for (uint32_t c = 0; c < 2; c++) {
        double bytes = mean_of(&compare, c, "sink.numBuffersIn.rate") *
                       mean_of(&compare, c, "sink.bytesPerMessage");

        assert_near(bytes / mean_of(&compare, c, "sink.numRecordsIn.rate"), 1000, 0.02);
        assert_near(mean_of(&compare, c, "memory.peak"),
                    32768 * mean_of(&compare, c, "buffers.peak"), 1e-12);
    }
    assert_true(mean_of(&compare, 0, "sink.numBuffersIn.rate") < 20);
    assert_true(mean_of(&compare, 1, "sink.numBuffersIn.rate") > 150);
    study_compare_finish(&compare);
}

static void test_differences_in_words(void **state)
{
    expect_words(&(struct study_difference){.unit = STUDY_UNIT_RATE,
                                            .kind = STUDY_DIFFERENCE_HIGHER,
                                            .interval = {123, 11, 20},
                                            .base = 1000},
                 "faster by 12.3 % (11.2 to 13.4, 20 pairs)");
    expect_words(&(struct study_difference){.unit = STUDY_UNIT_MS,
                                            .kind = STUDY_DIFFERENCE_OPEN,
                                            .interval = {-0.4, 1.5, 20},
                                            .base = 100},
                 "no difference shown (-1.9 to +1.1 %)");
    expect_words(&(struct study_difference){.unit = STUDY_UNIT_MS,
                                            .kind = STUDY_DIFFERENCE_LOWER,
                                            .interval = {-50, 10, 12},
                                            .base = 100},
                 "lower by 50.0 % (40.0 to 60.0, 12 pairs)");
    expect_words(&(struct study_difference){.unit = STUDY_UNIT_SHARE,
                                            .kind = STUDY_DIFFERENCE_HIGHER,
                                            .interval = {0.031, 0.011, 9},
                                            .base = 0.5},
                 "higher by 3.1 points (2.0 to 4.2, 9 pairs)");
    expect_words(&(struct study_difference){.unit = STUDY_UNIT_BUFFERS,
                                            .kind = STUDY_DIFFERENCE_HIGHER,
                                            .interval = {3, 1, 9}},
                 "higher by 3.0 buffers (2.0 to 4.0, 9 pairs)");
    expect_words(&(struct study_difference){.unit = STUDY_UNIT_MS,
                                            .kind = STUDY_DIFFERENCE_HIGHER,
                                            .interval = {899, 1, 9},
                                            .base = 100},
                 "higher by 899.0 % (898.0 to 900.0, 9 pairs)");
    expect_words(&(struct study_difference){.unit = STUDY_UNIT_MS,
                                            .kind = STUDY_DIFFERENCE_HIGHER,
                                            .interval = {900, 10, 9},
                                            .base = 100},
                 "10.0 times as high (9.9 to 10.1, 9 pairs)");
    expect_words(&(struct study_difference){.unit = STUDY_UNIT_RATE,
                                            .kind = STUDY_DIFFERENCE_HIGHER,
                                            .interval = {199900, 100, 9},
                                            .base = 100},
                 "2000 times as fast (1999 to 2001, 9 pairs)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_items_are_taken_in_order_by_any_number_of_threads),
        cmocka_unit_test(test_nothing_is_taken_after_enough),
        cmocka_unit_test(test_interrupt_ends_all_threads),
        cmocka_unit_test(test_equal_configurations_are_the_same_in_every_pair),
        cmocka_unit_test(test_pairing_finds_a_small_change_and_takes_out_the_noise),
        cmocka_unit_test(test_results_do_not_depend_on_jobs),
        cmocka_unit_test(test_longest_warmup_is_left_out_of_all),
        cmocka_unit_test(test_load_that_never_settles_has_no_averages),
        cmocka_unit_test(test_precision_stops_when_it_is_reached),
        cmocka_unit_test(test_percentile_of_few_records_is_none),
        cmocka_unit_test(test_wait_for_credit_is_measured),
        cmocka_unit_test(test_messages_and_what_is_in_them),
        cmocka_unit_test(test_differences_in_words),
    };

    return cmocka_run_group_tests_name("study_compare", tests, NULL, NULL);
}
