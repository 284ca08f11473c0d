/*
 * Studies of a simulated job, from the random streams to the words about a difference, cover as
 * often as they say: what test_coverage.c shows of queues, here through the very functions that the
 * commands use.
 *
 * Records arrive by a Poisson process, so in the steady state the sink takes exactly the offered
 * rate, on average. The seeds were fixed before the first run; the bounds are those of a binomial
 * count, as there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "studies/compare.h"
#include "tests/support/small_job.h"

#define STUDIES 200
#define REPLICATIONS 20
#define RATE 200.0
#define MEASURE "sink.numRecordsIn.rate"

/* A second of records at a utilisation of 0.4 after the first half of a second. */
static void make_job(struct small_job *job)
{
    small_job_make(job);
    job->spec.config.memory.network_min = 64 * 32768;
    job->spec.config.memory.network_max = 64 * 32768;
    job->spec.config.memory.network_min_is_set = true;
    job->spec.config.memory.network_max_is_set = true;
    job->spec.run.duration = 3 * SIM_S / 2;
    job->spec.run.warmup = SIM_S / 2;
}

static void run(struct study_compare *compare, struct study_config *configs, uint32_t count,
                uint64_t seed, const struct study_target *target)
{
    struct sim_err err = {0};

    *compare = (struct study_compare){.configs = configs,
                                      .config_count = count,
                                      .seed = seed,
                                      .replications = target != NULL ? STUDY_BUDGET : REPLICATIONS,
                                      .targets = target,
                                      .target_count = target != NULL ? 1 : 0,
                                      .jobs = 2};
    assert_true(study_compare_run(compare, &err));
}

/* Studies whose interval covers the rate; `first` is the seed of the first of them. */
static unsigned count_covering(uint64_t first, const struct study_target *target)
{
    unsigned covering = 0;

    for (uint64_t s = 0; s < STUDIES; s++) {
        struct small_job job;
        struct study_compare compare;

        make_job(&job);
        struct study_config config = {.label = "A", .spec = &job.spec};
        run(&compare, &config, 1, first + s, target);
        int64_t measure = study_measures_find(&config.measures, MEASURE);
        struct sim_interval interval =
            study_compare_interval(&compare, 0, (uint32_t)measure, SIM_CONFIDENCE);
        covering += fabs(interval.mean - RATE) <= interval.half_width;
        assert_true(target == NULL || compare.enough == STUDY_ENOUGH_PRECISION);
        study_compare_finish(&compare);
    }
    print_message("%u of %u intervals cover\n", covering, STUDIES);
    return covering;
}

static void test_interval_covers_the_offered_rate(void **state)
{
    assert_in_range(count_covering(60000, NULL), 181, 200);
}

static void test_sequential_stopping_covers_nearly_as_often(void **state)
{
    const struct study_target target = {MEASURE, 0.025};

    assert_in_range(count_covering(70000, &target), 172, 200);
}

/* The same job twice, whose sources have streams of their own: independent random numbers. */
static void test_equal_jobs_are_rarely_called_different(void **state)
{
    unsigned different = 0;

    for (uint64_t s = 0; s < STUDIES; s++) {
        struct small_job jobs[2];
        struct study_compare compare;

        make_job(&jobs[0]);
        make_job(&jobs[1]);
        jobs[1].vertices[0].source.seed = 2;
        struct study_config configs[] = {{.label = "A", .spec = &jobs[0].spec},
                                         {.label = "B", .spec = &jobs[1].spec}};
        run(&compare, configs, 2, 80000 + s, NULL);
        int64_t measure = study_measures_find(&configs[1].measures, MEASURE);
        struct study_difference difference = study_compare_difference(
            &compare, 0, 1, (uint32_t)measure, study_compare_level(&compare));
        different +=
            difference.kind == STUDY_DIFFERENCE_LOWER || difference.kind == STUDY_DIFFERENCE_HIGHER;
        study_compare_finish(&compare);
    }
    print_message("%u of %u called different\n", different, STUDIES);
    assert_in_range(different, 0, 19);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_interval_covers_the_offered_rate),
        cmocka_unit_test(test_sequential_stopping_covers_nearly_as_often),
        cmocka_unit_test(test_equal_jobs_are_rarely_called_different),
    };

    return cmocka_run_group_tests_name("study_coverage", tests, NULL, NULL);
}
