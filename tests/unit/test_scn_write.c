/*
 * The writer: what it prints reads back to the same specification, for the recorded cases, the
 * shipped scenarios and one that uses every key.
 */
#include "scenarios/reader/scenario.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/cases.h"

static const char every_key[] =
    "name: \"every \\\"key\\\"\"\n"
    "description: \"two\\nlines: a # b\"\n"
    "flink-version: 1.20\n"
    "transport: tcp\n"
    "cluster:\n"
    "  taskmanagers: 3\n"
    "  slots-per-taskmanager: 4\n"
    "  link: {bandwidth: 1.5MB/s, latency: 1234567ns, jitter: {discrete: {values: [1ms, 2ms], "
    "weights: [9, 1]}}, slow: [{at: 5s, for: 2s, every: 60s, factor: 0.1}, {for: 1s, factor: 0}]}\n"
    "  nic: {send: 1Gbit/s}\n"
    "  pauses: [{at: 10s, for: 200ms, every: 5s, taskmanager: 1}, {for: 1s, vertex: sink, subtask: "
    "2}]\n"
    "  links: [{from: 0, to: 2, bandwidth: 100Mbit/s}, {from: 2, to: 0, latency: 7ms, "
    "jitter: {constant: 0s}, slow: [{for: 3s, factor: 0.5}]}]\n"
    "flink:\n"
    "  taskmanager.memory.flink.size: 1g\n"
    "  taskmanager.memory.network.fraction: 0.15\n"
    "  taskmanager.memory.managed.size: 1234567b\n"
    "  taskmanager.network.memory.max: 512m\n"
    "  taskmanager.network.memory.buffers-per-channel: 0\n"
    "  taskmanager.network.memory.read-buffer.required-per-gate.max: 77\n"
    "  taskmanager.network.numberOfBuffers: 2048\n"
    "  execution.buffer-timeout.enabled: false\n"
    "  execution.checkpointing.interval: 1500 ms\n"
    "  taskmanager.network.memory.buffer-debloat.enabled: true\n"
    "job:\n"
    "  vertices:\n"
    "    - name: 'Source: a -> b'\n"
    "      source: {phases: [{for: 1.5s, rate: 12.5k/s}, {for: 1us, rate: 0}, {for: 2min, rate: "
    "unlimited}], record-size: {lognormal: {mean: 200B, cv: 1.5}}, arrivals: poisson, catch-up: "
    "true, keys: {count: 10, zipf: 1.1}, seed: 99}\n"
    "    - {name: true, parallelism: 2, taskmanager: 1, source: {rate: 0.1/s, record-size: "
    "{uniform: "
    "[20B, 1kB]}}}\n"
    "    - name: join\n"
    "      parallelism: 2\n"
    "      process:\n"
    "        connect: true\n"
    "        by-input:\n"
    "          - {service: {gamma: {mean: 3ms, cv: 0.5}, factor: [1, 2.25], seed: 5}, selectivity: "
    "0.1}\n"
    "          - {service: {weibull: {scale: 1ms, shape: 0.7}}}\n"
    "        record-size: {discrete: {values: [100B, 1KiB], weights: [3, 1]}}\n"
    "    - {name: map, parallelism: 2, process: {service: {pareto: {min: 10us, tail: 2.5}, phases: "
    "[{for: 59s, factor: 1}, {for: 1s, factor: 20}], changes: [{at: 10s, factor: 2}, {at: 20s, "
    "factor: 1}]}}}\n"
    "    - {name: sink, parallelism: 3, process: {service: {empirical: {values: [1ms, 2.5ms, "
    "3ns]}}, emit: {every: 10s, records: 3}}}\n"
    "    - {name: both, process: {connect: true, service: {exponential: 1ms}, selectivity: 2}}\n"
    "  edges:\n"
    "    - {from: 'Source: a -> b', to: join, partition: hash}\n"
    "    - {from: true, to: join, partition: rescale}\n"
    "    - {from: join, to: map, partition: forward, chain: true}\n"
    "    - {from: map, to: sink, partition: {weights: [1, 0, 2.5]}}\n"
    "    - {from: map, to: both, partition: broadcast}\n"
    "    - {from: map, to: both, partition: rebalance}\n"
    "study: steady\n"
    "thresholds: [{metric: sink.latencyMs.p99, at-most: 200ms, at-least: 0ms}, {metric: a.busy, "
    "at-least: 95%}]\n"
    "run: {duration: 1h, warmup: 90s, sample: 250ms, seed: 9223372036854775807, channels: true, "
    "expect: failure}\n"
    "machine: {wake-up: 1ns, socket-buffer: 64KiB, state-bandwidth: 3GB/s}\n";

static void print_mistakes(const struct scn_scenario *scenario)
{
    struct sim_text text = {0};
    scn_diagnostics_format(&scenario->diagnostics, false, &text);
    print_error("%s", sim_text_get(&text));
    sim_text_finish(&text);
}

/* Write the scenario, read that, write again. */
static void assert_fixed_point(struct scn_scenario *scenario)
{
    struct sim_text first = {0};
    struct sim_text second = {0};
    struct scn_scenario again;
    scn_scenario_write(&scenario->spec, &first);
    struct scn_options options = {.label = "written"};
    if (!scn_scenario_read_text(&again, sim_text_get(&first), first.length, &options)) {
        print_mistakes(&again);
        fail();
    }
    scn_scenario_write(&again.spec, &second);
    assert_string_equal(sim_text_get(&first), sim_text_get(&second));
    scn_scenario_finish(&again);
    sim_text_finish(&first);
    sim_text_finish(&second);
}

static void check_file(const char *path)
{
    struct scn_scenario scenario;
    if (!scn_scenario_read_file(&scenario, path, NULL)) {
        print_mistakes(&scenario);
        fail();
    }
    assert_fixed_point(&scenario);
    scn_scenario_finish(&scenario);
}

static void test_recorded_cases_are_fixed_points(void **state)
{
    for (size_t i = 0; case_names[i]; i++) {
        char path[256];
        snprintf(path, sizeof(path), "tests/reference/jobs/%s/case.yaml", case_names[i]);
        check_file(path);
    }
}

static void test_shipped_scenarios_are_fixed_points(void **state)
{
    DIR *folder = opendir("scenarios");
    assert_non_null(folder);
    for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
        size_t length = strlen(entry->d_name);
        if (length > 5 && strcmp(entry->d_name + length - 5, ".yaml") == 0) {
            char path[300];
            snprintf(path, sizeof(path), "scenarios/%s", entry->d_name);
            check_file(path);
        }
    }
    closedir(folder);
}

static void read_every_key(struct scn_scenario *scenario)
{
    if (!scn_scenario_read_text(scenario, every_key, strlen(every_key), NULL)) {
        print_mistakes(scenario);
        fail();
    }
}

static void test_every_key_survives(void **state)
{
    struct scn_scenario scenario;
    read_every_key(&scenario);
    assert_fixed_point(&scenario);
    scn_scenario_finish(&scenario);
}

/* Pieces of what every_key is written as. */
static const char *const wanted[] = {
    "name: \"every \\\"key\\\"\"\n",
    "description: \"two\\nlines: a # b\"\n",
    "flink-version: \"1.20\"\n",
    "transport: tcp\n",
    "    bandwidth: 1500000B/s\n    latency: 1234.567us\n",
    "    - from: 2\n      to: 0\n      bandwidth: 1500000B/s\n      latency: 7ms\n",
    "  taskmanager.memory.flink.size: 1gb\n",
    "  taskmanager.memory.network.fraction: 0.15\n",
    "  taskmanager.memory.network.max: 512mb\n",
    "  taskmanager.network.numberOfBuffers: 2048\n",
    "  taskmanager.network.memory.max-overdraft-buffers-per-gate: 5\n",
    "  execution.buffer-timeout.enabled: false\n",
    "  execution.checkpointing.interval: 1500 ms\n",
    "    - name: \"Source: a -> b\"\n",
    "          - {for: 1.5s, rate: 12500/s}\n          - {for: 1us, rate: 0/s}\n",
    "          lognormal:\n            mean: 200B\n            cv: 1.5\n",
    "    - name: \"true\"\n      parallelism: 2\n      taskmanager: 1\n",
    "          uniform: [20B, 1000B]\n",
    "          - selectivity: 0.1\n",
    "              factor: [1, 2.25]\n",
    "            values: [100B, 1024B]\n            weights: [3, 1]\n",
    "            - {for: 1s, factor: 20}\n",
    "            - at: 10s\n              factor: 2\n",
    "        weights: [9, 1]\n    slow:\n      - at: 5s\n        for: 2s\n        every: "
    "60s\n        "
    "factor: 0.1\n      - at: 0s\n        for: 1s\n        factor: 0\n",
    "      jitter:\n        constant: 0s\n      slow:\n        - at: 0s\n          for: 3s\n   "
    "       "
    "factor: 0.5\n",
    "  nic:\n    send: 1Gbit/s\n",
    "    - at: 10s\n      for: 200ms\n      every: 5s\n      taskmanager: 1\n    - at: 0s\n    "
    "  for: "
    "1s\n      subtask: 2\n      vertex: sink\n",
    "            values: [1ms, 2.5ms, 3ns]\n",
    "        weights: [1, 0, 2.5]\n",
    "  seed: 9223372036854775807\n",
    "  expect: failure\n",
    "  socket-buffer: 65536B\n",
    "  state-bandwidth: 24Gbit/s\n",
};

/* Text that comes back the same could have lost the same thing twice; so look at the values. */
/* Keys that do not go with those above. */
static void test_end_of_a_run_survives(void **state)
{
    static const char text[] =
        "study: terminating\n"
        "job:\n"
        "  vertices:\n"
        "    - {name: a, source: {rate: 1/s, record-size: 1kB, records: 9000000000}}\n"
        "    - {name: b, process: {}}\n"
        "  edges: [{from: a, to: b, partition: forward}]\n"
        "run: {duration: 1h, until: {records: 8000000000, drained: true}}\n";
    struct scn_scenario scenario;
    struct sim_text written = {0};
    if (!scn_scenario_read_text(&scenario, text, strlen(text), NULL)) {
        print_mistakes(&scenario);
        fail();
    }
    assert_true(scenario.spec.vertices[0].source.records == 9000000000);
    assert_true(scenario.spec.run.until_records == 8000000000 && scenario.spec.run.until_drained);
    assert_fixed_point(&scenario);
    scn_scenario_write(&scenario.spec, &written);
    assert_non_null(strstr(sim_text_get(&written), "    records: 8000000000\n    drained: true\n"));
    sim_text_finish(&written);
    scn_scenario_finish(&scenario);
}

static void test_values_arrive_and_come_back(void **state)
{
    static const char *const unwanted[] = {"process.size", "network.min", "starting-segment-size",
                                           "buffer-timeout.interval"};
    struct scn_scenario scenario;
    struct sim_text text = {0};
    read_every_key(&scenario);
    scn_scenario_write(&scenario.spec, &text);
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        if (!strstr(sim_text_get(&text), wanted[i])) {
            print_error("missing: %s\nin:\n%s", wanted[i], sim_text_get(&text));
            fail();
        }
    }
    for (size_t i = 0; i < sizeof(unwanted) / sizeof(unwanted[0]); i++) {
        assert_null(strstr(sim_text_get(&text), unwanted[i]));
    }
    sim_text_finish(&text);
    scn_scenario_finish(&scenario);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_recorded_cases_are_fixed_points),
        cmocka_unit_test(test_shipped_scenarios_are_fixed_points),
        cmocka_unit_test(test_every_key_survives),
        cmocka_unit_test(test_end_of_a_run_survives),
        cmocka_unit_test(test_values_arrive_and_come_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
