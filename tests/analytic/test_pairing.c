/*
 * Common random numbers on variants of scenarios/article.yaml: the variance of a difference that is
 * taken pair by pair, against that of as many independent runs.
 *
 * With random services each replication of every variant meets the same draws. Where buffers differ
 * the throughput is that of the sinks' services, so pairing takes out all of the noise; where the
 * services differ, the draws are the same ones scaled. The latency depends on how full the pools
 * are at which moment as well; there pairing must help, and of its 99th percentile do no harm. The
 * seeds were fixed before the first run.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "scenarios/reader/scenario.h"
#include "studies/compare.h"

#define REPLICATIONS 20
#define SEED 11
#define OTHER_SEED 12

#define RANDOM "job.vertices.sink.process.service={exponential: 200us}"
#define SHORT "run={duration: 3s, warmup: 1s, sample: 500ms}"
#define MEMORY "flink.taskmanager.network.memory."

/* How many times less the variance of the paired difference is at least. */
#define LEAST_OF_RATE 5.0
#define LEAST_OF_LATENCY 1.5

/* Where the variances are equal, the ratio of two of 20 values each is below this in one of forty
 * cases (F distribution). */
#define NO_HARM 0.4

static const char *const variants[] = {
    MEMORY "buffers-per-channel=2",
    MEMORY "floating-buffers-per-gate=8",
    MEMORY "max-buffers-per-channel=5",
    "flink.execution.buffer-timeout.interval=10ms",
    "job.vertices.sink.process.service={exponential: 220us}",
};

static void read_variant(struct scn_scenario *scenario, const char *change)
{
    const char *const overrides[] = {RANDOM, SHORT, change};
    const struct scn_options options = {.overrides = overrides,
                                        .override_count = change != NULL ? 3 : 2};

    assert_true(scn_scenario_read_file(scenario, "scenarios/article.yaml", &options));
}

static void run(struct study_compare *compare, struct study_config *configs, uint32_t count,
                uint64_t seed)
{
    struct sim_err err = {0};

    *compare = (struct study_compare){.configs = configs,
                                      .config_count = count,
                                      .seed = seed,
                                      .replications = REPLICATIONS,
                                      .jobs = 2};
    assert_true(study_compare_run(compare, &err));
}

static double value_of(const struct study_config *config, uint32_t replication, const char *name)
{
    int64_t measure = study_measures_find(&config->measures, name);

    assert_true(measure >= 0);
    return config->values[(size_t)replication * config->measures.count + (size_t)measure];
}

/* The variance of independent differences, as a multiple of that of paired ones. */
static double gain_of(const struct study_config *base, const struct study_config *paired,
                      const struct study_config *apart, const char *name)
{
    struct sim_tally independent = {0};
    struct sim_tally pairs = {0};

    for (uint32_t r = 0; r < REPLICATIONS; r++) {
        double from = value_of(base, r, name);

        sim_tally_add(&pairs, value_of(paired, r, name) - from);
        sim_tally_add(&independent, value_of(apart, r, name) - from);
    }
    return sim_tally_variance(&independent) / sim_tally_variance(&pairs);
}

static void check_variant(const char *change)
{
    struct scn_scenario base;
    struct scn_scenario changed;
    struct study_compare paired;
    struct study_compare apart;
    double rate;
    double latency;
    double tail;

    read_variant(&base, NULL);
    read_variant(&changed, change);
    struct study_config together[] = {{.label = "A", .spec = &base.spec},
                                      {.label = "B", .spec = &changed.spec}};
    struct study_config alone = {.label = "B", .spec = &changed.spec};
    run(&paired, together, 2, SEED);
    run(&apart, &alone, 1, OTHER_SEED);
    rate = gain_of(&together[0], &together[1], &alone, "sink.numRecordsIn.rate");
    latency = gain_of(&together[0], &together[1], &alone, "sink.latencyMs");
    tail = gain_of(&together[0], &together[1], &alone, "sink.latencyMs.p99");
    print_message("%s: the variance is divided by %.1f (records/s), %.1f (latency), %.1f (p99)\n",
                  change, rate, latency, tail);
    assert_true(rate >= LEAST_OF_RATE);
    assert_true(latency >= LEAST_OF_LATENCY);
    assert_true(tail >= NO_HARM);
    study_compare_finish(&paired);
    study_compare_finish(&apart);
    scn_scenario_finish(&base);
    scn_scenario_finish(&changed);
}

static void test_pairing_takes_out_the_noise(void **state)
{
    for (size_t i = 0; i < sizeof variants / sizeof variants[0]; i++) {
        check_variant(variants[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pairing_takes_out_the_noise),
    };

    return cmocka_run_group_tests_name("pairing", tests, NULL, NULL);
}
