/*
 * Thresholds: units, verdicts, and the interval in which nothing is decided; warnings.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "studies/threshold.h"
#include "studies/warnings.h"
#include "tests/support/small_job.h"

#define PLACE "a.yaml", 9, 5

static bool read(const struct net_threshold_spec *list, uint32_t count,
                 struct study_thresholds *thresholds, struct sim_arena *arena)
{
    static struct small_job job;
    bool is_good;

    small_job_make(&job);
    job.spec.thresholds = list;
    job.spec.threshold_count = count;
    is_good = study_thresholds_read(thresholds, &job.spec, arena);
    for (uint32_t i = 0; i < thresholds->mistake_count; i++) {
        assert_int_equal(thresholds->mistakes[i].code, SIM_ERR_INPUT);
        assert_string_equal(thresholds->mistakes[i].file, "a.yaml");
        assert_int_equal(thresholds->mistakes[i].line, 9);
        assert_int_equal(thresholds->mistakes[i].column, 5);
    }
    return is_good;
}

static void test_limits_have_the_unit_of_their_metric(void **state)
{
    struct sim_arena *arena = sim_arena_create();
    const struct net_threshold_spec good[] = {
        {"sink.numRecordsIn.rate", "9.5k/s", NULL, PLACE},
        {"sink.latencyMs.p99", NULL, "200ms", PLACE},
        {"sink.busy", "5%", "0.9", PLACE},
        {"networkMemory", NULL, "1GiB", PLACE},
        {"buffers.peak", NULL, "100", PLACE},
        {"sink.latencyMs.p95", NULL, "100ms", PLACE},
        {"sink.latencyMs.p999", NULL, "300ms", PLACE},
    };
    const struct net_threshold_spec bad[] = {
        {"sink.numRecordsIn.rate", "9500", NULL, PLACE},
        {"sink.latencyMs.p99", NULL, "200", PLACE},
        {"sink.busy", "101%", NULL, PLACE},
        {"sink.nothing", "1", NULL, PLACE},
        {"buffers.peak", "1ms", NULL, PLACE},
    };
    struct study_thresholds thresholds;

    assert_true(read(good, 7, &thresholds, arena));
    assert_int_equal(thresholds.count, 8);
    assert_true(thresholds.list[0].limit == 9500 && thresholds.list[0].is_least);
    assert_true(thresholds.list[1].limit == 200 && !thresholds.list[1].is_least);
    assert_true(thresholds.list[2].limit == 0.05 && thresholds.list[3].limit == 0.9);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(read(&bad[i], 1, &thresholds, arena));
    }
    assert_false(read(bad, 5, &thresholds, arena));
    assert_int_equal(thresholds.mistake_count, 5);
    sim_arena_destroy(arena);
}

static bool has_warning(const struct study_warnings *warnings, const char *code)
{
    for (uint32_t i = 0; i < warnings->count; i++) {
        assert_true(warnings->list[i].remedy[0] != 0);
        if (strcmp(warnings->list[i].code, code) == 0) {
            return true;
        }
    }
    return false;
}

static void run(struct study_compare *compare, struct study_config *config, uint32_t replications)
{
    struct sim_err err = {0};

    *compare = (struct study_compare){
        .configs = config, .config_count = 1, .seed = 7, .replications = replications, .jobs = 2};
    assert_true(study_compare_run(compare, &err));
}

/* 200 records a second arrive, more or less. */
static void test_verdicts(void **state)
{
    struct sim_arena *arena = sim_arena_create();
    const struct net_threshold_spec list[] = {
        {"sink.numRecordsIn.rate", "150/s", NULL, PLACE},
        {"sink.numRecordsIn.rate", "250/s", NULL, PLACE},
        {"sink.numRecordsIn.rate", NULL, "150/s", PLACE},
        {"sink.numRecordsIn.rate", "200/s", NULL, PLACE},
    };
    struct study_thresholds thresholds;
    struct small_job job;
    struct study_compare compare;

    small_job_make(&job);
    struct study_config config = {.label = "A", .spec = &job.spec};
    assert_true(read(list, 4, &thresholds, arena));
    run(&compare, &config, 10);
    study_thresholds_judge(&thresholds, &compare, 0);
    assert_int_equal(thresholds.list[0].verdict, STUDY_THRESHOLD_KEPT);
    assert_int_equal(thresholds.list[1].verdict, STUDY_THRESHOLD_BROKEN);
    assert_int_equal(thresholds.list[2].verdict, STUDY_THRESHOLD_BROKEN);
    assert_int_equal(thresholds.list[3].verdict, STUDY_THRESHOLD_NOT_DECIDED);
    assert_true(study_thresholds_are_broken(&thresholds));
    thresholds.count = 1;
    assert_false(study_thresholds_are_broken(&thresholds));
    config.warmup.has_growth = true;
    study_thresholds_judge(&thresholds, &compare, 0);
    assert_int_equal(thresholds.list[0].verdict, STUDY_THRESHOLD_UNSETTLED);
    assert_true(study_thresholds_are_broken(&thresholds));
    study_compare_finish(&compare);
    sim_arena_destroy(arena);
}

/* Percentiles that only a threshold asks for; 1400 records are too few for the last one. */
static void test_percentiles_that_thresholds_name(void **state)
{
    struct sim_arena *arena = sim_arena_create();
    const struct net_threshold_spec list[] = {
        {"sink.latencyMs.p50", NULL, "10s", PLACE},
        {"sink.latencyMs.p95", NULL, "10s", PLACE},
        {"sink.latencyMs.p99", NULL, "10s", PLACE},
        {"sink.latencyMs.p999", NULL, "10s", PLACE},
    };
    struct study_thresholds thresholds;
    struct small_job job;
    struct study_compare compare;

    small_job_make(&job);
    struct study_config config = {.label = "A", .spec = &job.spec};
    job.spec.thresholds = list;
    job.spec.threshold_count = 4;
    assert_true(study_thresholds_read(&thresholds, &job.spec, arena));
    run(&compare, &config, 3);
    study_thresholds_judge(&thresholds, &compare, 0);
    assert_true(thresholds.list[0].interval.mean < thresholds.list[1].interval.mean);
    assert_true(thresholds.list[1].interval.mean < thresholds.list[2].interval.mean);
    assert_int_equal(thresholds.list[1].verdict, STUDY_THRESHOLD_KEPT);
    assert_int_equal(thresholds.list[3].interval.n, 0);
    assert_int_equal(thresholds.list[3].verdict, STUDY_THRESHOLD_NOT_DECIDED);
    study_compare_finish(&compare);
    sim_arena_destroy(arena);
}

static void test_warnings_name_what_to_doubt(void **state)
{
    struct sim_arena *arena = sim_arena_create();
    const struct study_warmup lost = {
        .is_sought = true, .beyond = 5 * SIM_S, .has_growth = true, .lag = 10};
    struct study_warnings warnings;
    struct small_job job;
    struct study_compare compare;

    small_job_make(&job);
    struct study_config config = {.label = "A", .spec = &job.spec};
    run(&compare, &config, 10);
    study_warnings_make(&warnings, &compare, 0, arena);
    assert_int_equal(warnings.count, 0);
    config.warmup = lost;
    study_warnings_make(&warnings, &compare, 0, arena);
    assert_true(has_warning(&warnings, "warm-up-beyond-half"));
    assert_true(has_warning(&warnings, "never-settles"));
    study_compare_finish(&compare);

    job.spec.run.duration = 3 * SIM_S; /* 400 records */
    job.spec.config.checkpoint_interval = SIM_S;
    job.service.time.a = 20e6;
    job.spec.cluster.link.latency = 10 * SIM_MS;
    run(&compare, &config, 3);
    study_warnings_make(&warnings, &compare, 0, arena);
    assert_true(has_warning(&warnings, "few-replications"));
    assert_true(has_warning(&warnings, "too-short"));
    assert_true(has_warning(&warnings, "few-samples"));
    assert_true(has_warning(&warnings, "near-saturation"));
    assert_true(has_warning(&warnings, "not-validated"));
    study_compare_finish(&compare);
    sim_arena_destroy(arena);
}

static void test_warnings_of_the_scenario(void **state)
{
    struct sim_arena *arena = sim_arena_create();
    struct study_warnings warnings;
    struct small_job job;
    struct study_compare compare;

    small_job_make(&job); /* the sink is busy 40 % of the time */
    job.spec.cluster.cores = 1;
    struct study_config config = {.label = "A", .spec = &job.spec};
    run(&compare, &config, 10);
    study_warnings_make(&warnings, &compare, 0, arena);
    assert_int_equal(warnings.count, 0);
    study_compare_finish(&compare);

    job.spec.cluster.cores = 0.3;
    job.spec.run.warmup = 4 * SIM_S + 1;
    job.spec.config.floating_buffers_per_gate = 65;
    run(&compare, &config, 10);
    study_warnings_make(&warnings, &compare, 0, arena);
    assert_true(has_warning(&warnings, "too-few-cores"));
    assert_true(has_warning(&warnings, "warm-up-beyond-half"));
    assert_true(has_warning(&warnings, "not-validated"));
    config.warmup.correlation = 0.5;
    study_warnings_make(&warnings, &compare, 0, arena);
    assert_true(has_warning(&warnings, "correlated-batches"));
    study_compare_finish(&compare);

    job.spec.run.is_terminating = true;
    job.spec.run.warmup = 0;
    job.vertices[1].emit.every = SIM_S;
    run(&compare, &config, 10);
    study_warnings_make(&warnings, &compare, 0, arena);
    assert_false(has_warning(&warnings, "too-short"));
    job.spec.run.is_terminating = false;
    study_warnings_make(&warnings, &compare, 0, arena);
    assert_true(has_warning(&warnings, "too-short"));
    study_compare_finish(&compare);
    sim_arena_destroy(arena);
}

/* Whether ten runs of the job are warned of. */
static bool is_warned(const struct small_job *job, const char *code)
{
    struct sim_arena *arena = sim_arena_create();
    struct study_warnings warnings;
    struct study_compare compare;
    struct study_config config = {.label = "A", .spec = &job->spec};
    bool is_there;

    run(&compare, &config, 10);
    study_warnings_make(&warnings, &compare, 0, arena);
    is_there = has_warning(&warnings, code);
    study_compare_finish(&compare);
    sim_arena_destroy(arena);
    return is_there;
}

/* CHK-14 */
static void test_warning_of_a_checkpoint_that_flink_would_give_up(void **state)
{
    struct small_job job;

    small_job_make(&job);
    job.spec.config.checkpoint_interval = SIM_S / 2;
    job.spec.config.checkpoint_timeout = 600 * SIM_S;
    job.spec.machine.state_bytes_per_second = 1e9;
    assert_false(is_warned(&job, "checkpoint-timeout"));
    job.spec.config.checkpoint_timeout = 1;
    assert_true(is_warned(&job, "checkpoint-timeout"));
}

/* NBP-13 */
static void test_warning_of_pools_that_may_take_more_than_there_is(void **state)
{
    struct small_job job;

    small_job_make(&job);
    assert_false(is_warned(&job, "network-memory"));
    job.spec.config.memory.network_min = 6 * 32768;
    job.spec.config.memory.network_max = job.spec.config.memory.network_min;
    assert_true(is_warned(&job, "network-memory"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_limits_have_the_unit_of_their_metric),
        cmocka_unit_test(test_verdicts),
        cmocka_unit_test(test_percentiles_that_thresholds_name),
        cmocka_unit_test(test_warnings_name_what_to_doubt),
        cmocka_unit_test(test_warnings_of_the_scenario),
        cmocka_unit_test(test_warning_of_a_checkpoint_that_flink_would_give_up),
        cmocka_unit_test(test_warning_of_pools_that_may_take_more_than_there_is),
    };

    return cmocka_run_group_tests_name("study_threshold", tests, NULL, NULL);
}
