/*
 * `--set PATH=VALUE`: what each form of path changes, and what is said about a wrong one.
 */
#include "scenarios/reader/override.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "scenarios/reader/scenario.h"

static const char text[] = "cluster: {slots-per-taskmanager: 4}\n"
                           "flink:\n"
                           "  execution: {buffer-timeout: {interval: 5ms}}\n"
                           "  taskmanager.network.memory.fraction: 0.2\n"
                           "job:\n"
                           "  vertices:\n"
                           "    - {name: s, source: {rate: 1/s, record-size: 100B}}\n"
                           "    - {name: s.x, process: {service: {exponential: 5ms}}}\n"
                           "    - {name: sink, process: {}}\n"
                           "  edges:\n"
                           "    - {from: s, to: s.x, partition: rebalance}\n"
                           "    - {from: s.x, to: sink, partition: rebalance}\n"
                           "run: {duration: 10s}\n";

/* Read the text with up to three overrides. */
static bool read_with(struct scn_scenario *scenario, const char *first, const char *second,
                      const char *third)
{
    const char *overrides[] = {first, second, third};
    struct scn_options options = {.overrides = overrides};
    while (options.override_count < 3 && overrides[options.override_count]) {
        options.override_count++;
    }
    bool is_good = scn_scenario_read_text(scenario, text, strlen(text), &options);
    for (const struct scn_diagnostic *item = scenario->diagnostics.first; item && is_good;
         item = item->next) {
        print_error("%s\n", item->text);
    }
    return is_good;
}

static void test_a_key_is_set_whether_it_stands_there_or_not(void **state)
{
    struct scn_scenario scenario;
    assert_true(read_with(&scenario, "run.duration=3s", "run.seed=42", "machine.wake-up=0s"));
    assert_int_equal(scenario.spec.run.duration, 3 * SIM_S);
    assert_int_equal(scenario.spec.run.seed, 42);
    assert_int_equal(scenario.spec.machine.wakeup, 0);
    assert_int_equal(scenario.diagnostics.warnings, 0);
    scn_scenario_finish(&scenario);
    assert_true(read_with(&scenario, "name=other", "cluster.link.latency=2ms", NULL));
    assert_string_equal(scenario.spec.name, "other");
    assert_int_equal(scenario.spec.cluster.link.latency, 2 * SIM_MS);
    assert_int_equal(scenario.spec.cluster.slots, 4);
    scn_scenario_finish(&scenario);
}

static void test_the_later_of_two_goes_before_the_earlier(void **state)
{
    struct scn_scenario scenario;
    assert_true(read_with(&scenario, "run.duration=3s", "run.duration=4s", NULL));
    assert_int_equal(scenario.spec.run.duration, 4 * SIM_S);
    scn_scenario_finish(&scenario);
    assert_true(read_with(&scenario, "run={duration: 3s, seed: 5}", "run.seed=6", NULL));
    assert_int_equal(scenario.spec.run.duration, 3 * SIM_S);
    assert_int_equal(scenario.spec.run.seed, 6);
    scn_scenario_finish(&scenario);
}

/* The same option under another name, or nested, gives way: nothing is set twice. */
static void test_a_flink_key_replaces_all_its_spellings(void **state)
{
    struct scn_scenario scenario;
    assert_true(read_with(&scenario, "flink.execution.buffer-timeout.interval=20ms",
                          "flink.taskmanager.memory.network.fraction=0.3",
                          "flink.taskmanager.network.memory.buffers-per-channel=32"));
    assert_int_equal(scenario.spec.config.buffer_timeout, 20 * SIM_MS);
    assert_true(scenario.spec.config.memory.network_fraction == 0.3f);
    assert_int_equal(scenario.spec.config.buffers_per_channel, 32);
    scn_scenario_finish(&scenario);
    assert_true(read_with(&scenario, "flink.execution.buffer-timeout=30ms", NULL, NULL));
    assert_int_equal(scenario.spec.config.buffer_timeout, 30 * SIM_MS);
    scn_scenario_finish(&scenario);
}

static void test_vertices_are_found_by_their_longest_name(void **state)
{
    struct scn_scenario scenario;
    assert_true(read_with(&scenario, "job.vertices.s.parallelism=2",
                          "job.vertices.s.x.parallelism=3",
                          "job.vertices.s.x.process.service={constant: 7ms}"));
    assert_int_equal(scenario.spec.vertices[0].parallelism, 2);
    assert_int_equal(scenario.spec.vertices[1].parallelism, 3);
    assert_int_equal(scenario.spec.vertices[1].services[0].time.kind, SIM_DIST_CONSTANT);
    assert_true(scenario.spec.vertices[1].services[0].time.a == 7000000);
    scn_scenario_finish(&scenario);
    assert_true(read_with(&scenario, "job.vertices.s.source.rate=10k/s",
                          "job.vertices[1].process.service.exponential=1ms", NULL));
    assert_true(scenario.spec.vertices[0].source.phases[0].per_second == 10000);
    assert_true(scenario.spec.vertices[1].services[0].time.a == 1000000);
    scn_scenario_finish(&scenario);
}

static void test_edges_are_found_by_their_number(void **state)
{
    struct scn_scenario scenario;
    assert_true(read_with(&scenario, "job.edges[1].partition={weights: [3]}",
                          "job.edges[0].partition=hash", NULL));
    assert_int_equal(scenario.spec.edges[0].partition, NET_PARTITION_HASH);
    assert_int_equal(scenario.spec.edges[1].partition, NET_PARTITION_WEIGHTS);
    assert_int_equal(scenario.spec.edges[1].weight_count, 1);
    scn_scenario_finish(&scenario);
}

static const struct wrong {
    const char *override;
    const char *expected; /* what follows "--set OVERRIDE: " */
} rows[] = {
    {"run.sample=abc",
     "'sample': 'abc' is not a duration; expected a number with ns, us, ms, s, min, h or d, as "
     "in 250ms\n"
     "  --set run.sample=abc\n"
     "                   ^~~\n"},
    {"run.sampel=1s", "unknown key 'sampel', did you mean 'sample'?\n"
                      "  --set run.sampel=1s\n"
                      "            ^~~~~~\n"},
    {"run.sample=", "'sample' must be a duration such as 250ms, found nothing\n"
                    "  --set run.sample=\n"
                    "                   ^\n"},
    {"run.sample=[1", "this is no YAML: flow sequence without a closing bracket\n"
                      "  --set run.sample=[1\n"
                      "                   ^\n"},
    {"run.sample", "expected PATH=VALUE, such as run.duration=30s\n"
                   "  --set run.sample\n"
                   "        ^~~~~~~~~~\n"},
    {"run..sample=1s", "a key is missing in the path\n"
                       "  --set run..sample=1s\n"
                       "            ^\n"},
    {"job.vertices.snk.parallelism=2", "there is no vertex 'snk', did you mean 'sink'?\n"
                                       "  --set job.vertices.snk.parallelism=2\n"
                                       "                     ^~~\n"},
    {"job.vertices.sink=2",
     "expected job.vertices.NAME.KEY with the name of a vertex: s, s.x, sink\n"
     "  --set job.vertices.sink=2\n"
     "                     ^~~~\n"},
    {"job.vertices.parallelism=2",
     "expected job.vertices.NAME.KEY with the name of a vertex: s, s.x, sink\n"
     "  --set job.vertices.parallelism=2\n"
     "                     ^~~~~~~~~~~\n"},
    {"job.edges[2].partition=hash", "there is no entry 2: the list has 2, counted from 0\n"
                                    "  --set job.edges[2].partition=hash\n"
                                    "                 ^~~\n"},
    {"job.edges[x].partition=hash", "expected [N], a number from 0\n"
                                    "  --set job.edges[x].partition=hash\n"
                                    "                 ^\n"},
    {"job.edges[0]=3", "the path must end with a key that can be set\n"
                       "  --set job.edges[0]=3\n"
                       "                    ^\n"},
    {"cluster.links[0].from=0", "there is no list 'links' in the scenario\n"
                                "  --set cluster.links[0].from=0\n"
                                "                ^~~~~\n"},
    {"flink.taskmanager.memory.segment-size=3kb",
     "Invalid configuration value for taskmanager.memory.segment-size : 3072 - Minimum memory "
     "segment size is 4096\n"
     "  --set flink.taskmanager.memory.segment-size=3kb\n"
     "                                              ^~~\n"},
    {"flink.taskmanager.memory.sgment-size=32kb",
     "unknown key 'taskmanager.memory.sgment-size', did you mean "
     "'taskmanager.memory.segment-size'?\n"
     "  --set flink.taskmanager.memory.sgment-size=32kb\n"
     "              ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~\n"},
};

static void test_a_wrong_one_is_shown_with_carets(void **state)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct scn_scenario scenario;
        struct sim_text found = {0};
        struct sim_text expected = {0};
        assert_false(read_with(&scenario, rows[i].override, NULL, NULL));
        scn_diagnostics_format(&scenario.diagnostics, false, &found);
        sim_text_add(&expected, "--set %s: %s", rows[i].override, rows[i].expected);
        assert_string_equal(sim_text_get(&found), sim_text_get(&expected));
        sim_text_finish(&found);
        sim_text_finish(&expected);
        scn_scenario_finish(&scenario);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_key_is_set_whether_it_stands_there_or_not),
        cmocka_unit_test(test_the_later_of_two_goes_before_the_earlier),
        cmocka_unit_test(test_a_flink_key_replaces_all_its_spellings),
        cmocka_unit_test(test_vertices_are_found_by_their_longest_name),
        cmocka_unit_test(test_edges_are_found_by_their_number),
        cmocka_unit_test(test_a_wrong_one_is_shown_with_carets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
