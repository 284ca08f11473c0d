/*
 * Mistakes in scenarios: every kind with its exact line and column, what was expected, and the
 * nearest right spelling. Columns are those of keys and values as an editor counts them.
 */
#include "scenarios/reader/scenario.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/mistakes.h"

static void test_what_the_mistakes_are_put_into_is_fine(void **state)
{
    static const struct mistake texts[] = {
        {JOB RUN, ""},
        {WITH("{name: x, process: {}}"), ""},
        {SERVICE("{constant: 1ms}"), ""},
        {SOURCE_OF("{rate: 1/s, record-size: 100B}"), ""},
        {EDGES("    - {from: s, to: k, partition: hash}\n"), ""},
        {FLINK("taskmanager.memory.segment-size: 32kb"), ""},
    };
    CHECK_WARNINGS(texts);
}

static void test_unknown_and_misspelt_keys(void **state)
{
    static const struct mistake mistakes[] = {
        {AFTER("clustr: {}"), "8:1: unknown key 'clustr', did you mean 'cluster'?"},
        {AFTER("foo: 1"),
         "8:1: unknown key 'foo'; the keys here are name, description, "
         "flink-version, transport, cluster, flink, job, run, study, thresholds, machine"},
        {WITH("{name: x, paralelism: 4, process: {}}"),
         "4:17: unknown key 'paralelism', did you mean 'parallelism'?"},
        {SERVICE("{constnt: 1ms}"), "4:37: unknown key 'constnt', did you mean 'constant'?"},
        {SOURCE_OF("{rate: 1/s, recordsize: 10B}"),
         "3:37: unknown key 'recordsize', did you mean 'record-size'?"},
        {FLINK("taskmanager.network.memory.floating-bufers-per-gate: 8"),
         "9:3: unknown key 'taskmanager.network.memory.floating-bufers-per-gate', did you mean "
         "'taskmanager.network.memory.floating-buffers-per-gate'?"},
        {FLINK("floating-buffers-per-gate: 8"),
         "9:3: unknown key 'floating-buffers-per-gate', did you mean "
         "'taskmanager.network.memory.floating-buffers-per-gate'?"},
        {FLINK("taskmanager.foo: 8"),
         "9:3: unknown key 'taskmanager.foo'; it is not one of Flink's that sluice knows"},
        {FLINK("taskmanager: {memory: {segmentsize: 32kb}}"),
         "9:26: unknown key 'taskmanager.memory.segmentsize', did you mean "
         "'taskmanager.memory.segment-size'?"},
    };
    CHECK(mistakes);
}

/* What somebody gets who pastes a configuration of Flink at the top of a scenario. */
static void test_keys_of_flink_outside_their_section(void **state)
{
    static const struct mistake mistakes[] = {
        {AFTER("taskmanager.memory.process.size: 4g"),
         "8:1: unknown key 'taskmanager.memory.process.size'; Flink's configuration belongs under "
         "the key 'flink'"},
        {AFTER("taskmanager.network.memory.fraction: 0.1"),
         "8:1: unknown key 'taskmanager.network.memory.fraction'; Flink's configuration belongs "
         "under the key 'flink'"},
        {AFTER("jobmanager.rpc.address: localhost"),
         "8:1: unknown key 'jobmanager.rpc.address'; Flink's configuration belongs under the key "
         "'flink'"},
        {AFTER("execution: {checkpointing: {interval: 5s}}"),
         "8:1: unknown key 'execution'; Flink's configuration belongs under the key 'flink'"},
        {AFTER("\"\": 1"),
         "8:1: unknown key ''; the keys here are name, description, "
         "flink-version, transport, cluster, flink, job, run, study, thresholds, machine"},
    };
    CHECK(mistakes);
}

static void test_keys_in_the_wrong_section(void **state)
{
    static const struct mistake mistakes[] = {
        {RUN_OF("{duration: 1s, thresholds: []}"),
         "7:21: unknown key 'thresholds'; it belongs at the top level"},
        {AFTER("duration: 10s"), "8:1: unknown key 'duration'; it belongs under 'run'"},
        {AFTER("slots-per-taskmanager: 2"),
         "8:1: unknown key 'slots-per-taskmanager'; it belongs under 'cluster'"},
        {WITH("{name: x, process: {}, selectivity: 2}"),
         "4:30: unknown key 'selectivity'; it belongs under 'process'"},
        {WITH("{name: x, process: {}, rate: 2/s}"),
         "4:30: unknown key 'rate'; it belongs under 'source'"},
    };
    CHECK(mistakes);
}

static void test_keys_that_are_missing_or_stand_there_twice(void **state)
{
    static const struct mistake mistakes[] = {
        {"", "1:1: there is no scenario here; it needs at least the keys 'job' and 'run'"},
        {"# only a comment\n",
         "1:1: there is no scenario here; it needs at least the keys 'job' and 'run'"},
        {"name: a\n", "1:1: the key 'job' is missing here (the job graph)\n"
                      "1:1: the key 'run' is missing here (what is run and recorded)"},
        {RUN_OF("{sample: 1s}"), "7:6: the key 'duration' is missing here (simulated time)"},
        {RUN_OF("{duration: 1s, duration: 2s}"),
         "7:21: the key 'duration' stands here twice, first in line 7"},
        {AFTER("run: {duration: 3s}"), "8:1: the key 'run' stands here twice, first in line 7"},
        {FLINK("execution.buffer-timeout.interval: 1ms\n"
               "  execution.buffer-timeout.interval: 2ms"),
         "10:3: the key 'execution.buffer-timeout.interval' stands here twice, first in line 9"},
        {FLINK("execution: {buffer-timeout: {interval: 1ms}}\n"
               "  execution.buffer-timeout.interval: 2ms"),
         "10:3: the key 'execution.buffer-timeout.interval' stands here twice, first in line 9"},
        {WITH("{name: x}"), "4:7: a vertex needs 'source' or 'process'"},
        {SOURCE_OF("{record-size: 100B}"), "3:25: a source needs 'rate', 'phases' or 'trace'"},
        {SERVICE("{seed: 3}"), "4:36: a distribution is missing here: constant, exponential, "
                               "uniform, gamma, lognormal, weibull, pareto, discrete or empirical"},
        {SERVICE("{gamma: {mean: 1ms}}"),
         "4:44: the key 'cv' is missing here (standard deviation as a part of the mean)"},
        {EDGES("    - {from: s, partition: hash}\n"),
         "6:7: the key 'to' is missing here (vertex that reads)"},
    };
    CHECK(mistakes);
}

static void test_values_of_the_wrong_type(void **state)
{
    static const struct mistake mistakes[] = {
        {RUN_OF("{duration: 10}"), "7:17: 'duration': '10' is not a duration; expected a number "
                                   "with ns, us, ms, s, min, h or d, as in 250ms"},
        {RUN_OF("{duration: 10 parsecs}"),
         "7:17: 'duration': '10 parsecs' is not a duration; expected a number with ns, us, ms, s, "
         "min, h or d, as in 250ms"},
        {RUN_OF("{duration: [10s]}"),
         "7:17: 'duration' must be a duration such as 250ms, found a list"},
        {RUN_OF("{duration: }"), "7:7: 'duration' must be a duration such as 250ms, found nothing"},
        {RUN_OF("10s"), "7:6: expected a mapping of keys to values, found '10s'"},
        {RUN_OF("{duration: 10s, seed: 1.5}"), "7:28: 'seed': '1.5' is not a whole number"},
        {RUN_OF("{duration: 10s, channels: yes}"),
         "7:32: 'channels' must be true or false, found 'yes'"},
        {RUN_OF("{duration: 10s, expect: failur}"),
         "7:30: 'expect' must be 'success' or 'failure', found 'failur'; did you mean 'failure'?"},
        {WITH("{name: x, parallelism: two, process: {}}"),
         "4:30: 'parallelism': 'two' is not a whole number"},
        {WITH("{name: [x], process: {}}"), "4:14: 'name' must be text, found a list\n"
                                           "4:14: a vertex needs a name of 1 to 100 bytes\n"
                                           "8:21: there is no vertex 'x'"},
        {SOURCE_OF("{rate: 350, record-size: 100B}"),
         "3:32: 'rate': '350' is not a rate; expected a number with /s, k/s or M/s, as in 350/s, "
         "or unlimited"},
        {SOURCE_OF("{rate: 1/s, record-size: 100}"),
         "3:50: 'record-size': '100' is not a size; expected a number with B, kB, MB, GB, KiB, MiB "
         "or GiB, as in 120B"},
        {SOURCE_OF("{rate: 1/s, record-size: 100kb}"),
         "3:50: 'record-size': '100kb' is not a size; expected a number with B, kB, MB, GB, KiB, "
         "MiB or GiB, as in 120B"},
        {SOURCE_OF("{rate: 1/s, record-size: 100B, arrivals: poison}"),
         "3:66: 'arrivals' must be 'constant' or 'poisson', found 'poison'; did you mean "
         "'poisson'?"},
        {SERVICE("{constant: 1 sec}"), "4:47: 'constant': '1 sec' is not a duration; expected a "
                                       "number with ns, us, ms, s, min, h or d, as in 250ms"},
        {SERVICE("{uniform: [1ms]}"), "4:46: 'uniform' must be [low, high], found 1 values"},
        {SERVICE("{uniform: 1ms}"), "4:46: 'uniform' must be a list of durations, found '1ms'"},
        {SERVICE("{gamma: 1ms}"), "4:44: expected a mapping of keys to values, found '1ms'"},
        {SERVICE("5ms"), "4:36: expected a distribution, such as {constant: 5ms}, found '5ms'"},
        {SERVICE("fast"), "4:36: expected a mapping of keys to values, found 'fast'"},
    };
    CHECK(mistakes);
}

static void test_sections_and_words_that_are_wrong(void **state)
{
    static const struct mistake mistakes[] = {
        {SERVICE("{discrete: {values: [1ms, 2B], weights: [1, x]}}"),
         "4:62: 'values': '2B' is not a duration; expected a number with ns, us, ms, s, min, h or "
         "d, as in 250ms\n"
         "4:80: 'weights': 'x' is not a number"},
        {PROCESS("{selectivity: all}"), "4:40: 'selectivity': 'all' is not a number"},
        {PROCESS("[]"), "4:26: expected a mapping of keys to values, found a list"},
        {FLINK("taskmanager.memory.segment-size: 32kB/s"),
         "9:36: 'taskmanager.memory.segment-size': '32kB/s' is not a memory size as Flink reads "
         "it; expected a whole number with b, k, kb, m, mb, g, gb, t or tb (each by 1024), as in "
         "32kb"},
        {FLINK("execution.buffer-timeout.interval: 1.5s"),
         "9:38: 'execution.buffer-timeout.interval': '1.5s' is not a duration as Flink reads it; "
         "expected a whole number with ns, ms, s, min, h or d, as in 100 ms"},
        {FLINK("taskmanager.network.detailed-metrics: on"),
         "9:41: 'taskmanager.network.detailed-metrics' must be true or false, found 'on'"},
        {FLINK("taskmanager.network.memory.buffers-per-channel: 2.0"),
         "9:51: 'taskmanager.network.memory.buffers-per-channel': '2.0' is not a whole number"},
        {AFTER("flink: [a]"), "8:8: expected a mapping of keys to values, found a list"},
        {AFTER("cluster: 3"), "8:10: expected a mapping of keys to values, found '3'"},
        {AFTER("cluster: {link: {bandwidth: 10G}}"),
         "8:29: 'bandwidth': '10G' is not a bandwidth; expected a number with bit/s, kbit/s, "
         "Mbit/s, Gbit/s, B/s, kB/s, MB/s or GB/s, as in 10Gbit/s"},
        {AFTER("machine: {wake-up: soon}"), "8:20: 'wake-up': 'soon' is not a duration; expected a "
                                            "number with ns, us, ms, s, min, h or d, as in 250ms"},
        {AFTER("transport: udp"), "8:12: 'transport' must be 'credit' or 'tcp', found 'udp'"},
        {AFTER("flink-version: 1.2"), "8:16: 'flink-version' must be '1.20' or '2.2', found '1.2'"},
        {AFTER("flink-version: 3.0"), "8:16: 'flink-version' must be '1.20' or '2.2', found '3.0'"},
        {EDGES("    - {from: s, to: k, partition: hsah}\n"),
         "6:35: 'partition' must be {weights: [...]}, 'forward', 'rebalance', 'rescale', 'hash' or "
         "'broadcast', found 'hsah'; did you mean 'hash'?"},
        {EDGES("    - {from: s, to: k, partition: {wieghts: [1]}}\n"),
         "6:36: unknown key 'wieghts', did you mean 'weights'?"},
        {EDGES("    - {from: s, to: k, partition: {weights: 1}}\n"),
         "6:45: 'weights' must be a list of numbers, found '1'"},
        {EDGES("    - {from: [s], to: k, partition: hash}\n"),
         "6:14: 'from' must be text, found a list"},
    };
    CHECK(mistakes);
}

static void test_values_out_of_range(void **state)
{
    static const struct mistake mistakes[] = {
        {RUN_OF("{duration: 0s}"), "7:17: 'duration' must be more than 0, found '0s'"},
        {RUN_OF("{duration: 10s, warmup: 10s}"), "7:30: 'warmup' must be shorter than 'duration'"},
        {RUN_OF("{duration: 10s, until: {records: 5}}"),
         "7:29: 'until' goes with 'study: terminating': a steady study ends at 'duration'"},
        {RUN_OF("{duration: 10s, until: {drained: true}}\nstudy: terminating"),
         "7:29: source 's' has no end: give it 'records', or leave 'drained' out"},
        {RUN_OF("{duration: 10s, until: {drained: maybe}}\nstudy: terminating"),
         "7:39: 'drained' must be true or false, found 'maybe'"},
        {RUN_OF("{duration: 10s, sample: 0ms}"), "7:30: 'sample' must be more than 0, found '0ms'"},
        {RUN_OF("{duration: 10s, sample: 1us}"),
         "7:30: 10000000 samples are more than 1000000; choose a longer 'sample'"},
        {RUN_OF("{duration: 10s, seed: -1}"), "7:28: 'seed' must be at least 0, found -1"},
        {RUN_OF("{duration: 10s, seed: 9223372036854775808}"),
         "7:28: 'seed': 9223372036854775808 is out of range; expected -9223372036854775808 to "
         "9223372036854775807"},
        {RUN_OF("{duration: 20000d}"), "7:17: 'duration' must be at most 277778 h, found '20000d'"},
        {WITH("{name: x, parallelism: 0, process: {}}"),
         "4:30: 'parallelism' must be at least 1, found 0"},
        {WITH("{name: x, parallelism: 1000000000, process: {}}"),
         "4:30: 'parallelism' must be at most 100000, the limit of subtasks in a job, found "
         "1000000000"},
        {WITH("{name: x, taskmanager: 1, process: {}}"),
         "4:30: there is no task manager 1: the cluster has 1, counted from 0"},
        {WITH("{name: x, taskmanager: -1, process: {}}"),
         "4:30: 'taskmanager' must be at least 0, found -1"},
        {SOURCE_OF("{rate: 0/s, record-size: 100B}"),
         "3:32: 'rate' must be more than 0, found '0/s'"},
        {SOURCE_OF("{rate: 1/s, record-size: 16B}"),
         "3:50: 'record-size' must be at least 17 B, found '16B'"},
        {SOURCE_OF("{rate: 1/s, record-size: {constant: 16B}}"),
         "3:50: 'record-size' must be from 17B to 1073741824B, found 16B"},
        {SOURCE_OF("{rate: 1/s, record-size: {discrete: {values: [4294967296B], weights: [1]}}}"),
         "3:50: 'record-size' must be from 17B to 1073741824B, found 4294967296B"},
        {SOURCE_OF("{phases: [{for: 1s, rate: 0}], record-size: 20B}"),
         "3:34: the rate is 0 in every phase"},
    };
    CHECK(mistakes);
}

static void test_distributions_and_lists_out_of_range(void **state)
{
    static const struct mistake mistakes[] = {
        {SOURCE_OF("{phases: [{for: 0s, rate: 1/s}], record-size: 20B}"),
         "3:41: 'for' must be more than 0, found '0s'"},
        {SOURCE_OF("{rate: 1/s, record-size: 20B, keys: {count: 0, zipf: -1}}"),
         "3:69: 'count' must be at least 1, found 0\n"
         "3:78: 'zipf' must be at least 0, found '-1'"},
        {PROCESS("{selectivity: -0.5}"), "4:40: 'selectivity' must be at least 0, found '-0.5'"},
        {PROCESS("{emit: {every: 0s, records: -1}}"),
         "4:41: 'every' must be more than 0, found '0s'\n"
         "4:54: 'records': '-1' is not a count; expected a whole number, also with k or M, as in "
         "100000 or 20k"},
        {RUN_OF("{duration: 1s, until: {records: 2e9M}}"),
         "7:38: 'records' must be at most 1000000000000000, found 2000000000000000"},
        {SERVICE("{uniform: [2ms, 1ms]}"),
         "4:46: the maximum of the distribution must not be below its minimum"},
        {SERVICE("{weibull: {scale: 1ms, shape: 0}}"),
         "4:66: 'shape' must be at least 0.01, found '0'"},
        {SERVICE("{discrete: {values: [1ms], weights: [0]}}"),
         "4:47: the weights of the distribution must not all be 0"},
        {SERVICE("{constant: 1ms, factor: [-1]}"), "4:61: 'factor' must be at least 0, found '-1'"},
        {EDGES("    - {from: s, to: k, partition: {weights: [0]}}\n"),
         "6:45: the weights must not all be 0"},
        {EDGES("    - {from: s, to: k, partition: {weights: [-1]}}\n"),
         "6:46: 'weights' must be at least 0, found '-1'"},
        {AFTER("cluster: {taskmanagers: 1000000000}"),
         "8:25: 'taskmanagers' must be at most 10000, the limit of a cluster, found 1000000000"},
        {AFTER("cluster: {taskmanagers: 0}"), "8:25: 'taskmanagers' must be at least 1, found 0"},
        {AFTER("cluster: {link: {bandwidth: 0.5B/s}}"),
         "8:29: 'bandwidth': '0.5B/s' is not a bandwidth; the least is 1B/s"},
    };
    CHECK(mistakes);
}

static void test_flink_values_out_of_range(void **state)
{
    static const struct mistake mistakes[] = {
        {FLINK("taskmanager.network.memory.buffers-per-channel: -1"),
         "9:51: 'taskmanager.network.memory.buffers-per-channel' must be at least 0, found -1"},
        {FLINK("taskmanager.network.memory.floating-buffers-per-gate: 0"),
         "9:57: 'taskmanager.network.memory.floating-buffers-per-gate' must be at least 1, found "
         "0"},
        {FLINK("taskmanager.network.memory.buffer-debloat.target: 0 ms"),
         "9:53: 'taskmanager.network.memory.buffer-debloat.target' must be more than 0, found '0 "
         "ms'"},
        {FLINK("taskmanager.memory.network.fraction: 1"),
         "9:40: 'taskmanager.memory.network.fraction' must be less than 1, found '1'"},
        {FLINK("taskmanager.memory.segment-size: 2kb"),
         "9:36: Invalid configuration value for taskmanager.memory.segment-size : 2048 - Minimum "
         "memory segment size is 4096"},
        {FLINK("taskmanager.memory.segment-size: 5000"),
         "9:36: Invalid configuration value for taskmanager.memory.segment-size : 5000 - Memory "
         "segment size must be a power of 2."},
        {FLINK("taskmanager.network.memory.min: 2g\n  taskmanager.network.memory.max: 1g"),
         "10:35: 'taskmanager.network.memory.min' (2147483648 bytes) is more than "
         "'taskmanager.network.memory.max' (1073741824 bytes)"},
        {FLINK("taskmanager.memory.network.min: 2g\n"
               "  taskmanager.memory.network.max: 1g"),
         "10:35: 'taskmanager.memory.network.min' (2147483648 bytes) is more than "
         "'taskmanager.memory.network.max' (1073741824 bytes)"},
        {FLINK("taskmanager.memory.network.max: 1m"),
         "9:35: 'taskmanager.memory.network.min' (67108864 bytes) is more than "
         "'taskmanager.memory.network.max' (1048576 bytes)"},
        {FLINK("taskmanager.memory.network.min: 3000g\n"
               "  taskmanager.memory.process.size: 9000g\n"
               "  taskmanager.memory.network.fraction: 0.5"),
         "9:3: the cluster has 147435520 buffers, the limit is 67108864; lower the network memory"},
    };
    CHECK(mistakes);
}

static void test_things_that_exclude_each_other(void **state)
{
    static const struct mistake mistakes[] = {
        {WITH("{name: x, source: {rate: 1/s, record-size: 20B}, process: {}}"),
         "4:56: 'process' and 'source' exclude each other: a vertex is one of them"},
        {SOURCE_OF("{rate: 1/s, phases: [{for: 1s, rate: 1/s}], record-size: 20B}"),
         "3:37: 'rate' and 'phases' exclude each other: a source has one of them"},
        {SERVICE("{constant: 1ms, exponential: 1ms}"),
         "4:52: 'constant' and 'exponential' exclude each other: one distribution is needed"},
        {SERVICE("{empirical: {file: a.csv, values: [1ms]}}"),
         "4:48: 'empirical' needs either 'file' or 'values'"},
        {SERVICE("{empirical: {}}"), "4:48: 'empirical' needs either 'file' or 'values'"},
        {SERVICE("{empirical: {values: [1ms], unit: ms}}"),
         "4:64: 'unit' goes with 'file'; 'values' have units of their own"},
        {PROCESS("{by-input: [{}, {}]}"), "4:27: 'by-input' needs 'connect: true'"},
        {PROCESS("{connect: yes, by-input: [{}, {}]}"),
         "4:36: 'connect' must be true or false, found 'yes'"},
        {PROCESS("{connect: true, by-input: [{}], selectivity: 2}"),
         "4:26: 'connect' needs two inputs, but 1 edge leads into 'k'\n"
         "4:52: 'by-input' must be a list of two, one for each input\n"
         "4:58: 'selectivity' and 'by-input' exclude each other: each input has its own"},
        {EDGES("    - {from: s, to: k, partition: hash, chain: true}\n"),
         "6:41: 'chain' needs 'partition: forward'"},
    };
    CHECK(mistakes);
}

static void test_names(void **state)
{
    static const struct mistake mistakes[] = {
        {WITH("{name: tm12, process: {}}"),
         "4:14: 'tm12' is the name of a task manager in the results; choose another\n"
         "8:21: there is no vertex 'x'"},
        {WITH("{name: '', process: {}}"), "4:14: a vertex needs a name of 1 to 100 bytes\n"
                                          "8:21: there is no vertex 'x'"},
        {WITH("{name: 'a,b', process: {}}"),
         "4:14: the name of a vertex must not have commas, quotes, brackets or line breaks\n"
         "8:21: there is no vertex 'x'"},
        {WITH("{name: s, process: {}}"), "4:14: there are two vertices 's', the first in line 3\n"
                                         "8:21: there is no vertex 'x'"},
    };
    CHECK(mistakes);
}

static void test_edges_that_lead_nowhere_or_round(void **state)
{
    static const struct mistake mistakes[] = {
        {EDGES("    - {from: s, to: kk, partition: hash}\n"),
         "6:21: there is no vertex 'kk', did you mean 'k'?"},
        {EDGES("    - {from: source, to: k, partition: hash}\n"),
         "6:14: there is no vertex 'source'"},
        {JOB_HEAD SOURCE "    - {name: k, parallelism: 2, process: {}}\n"
                         "  edges:\n    - {from: s, to: k}\n" RUN CLUSTER,
         "6:7: the key 'partition' is missing here (how records are spread over the channels)"},
        {EDGES("    - {from: s, to: k, partition: hash}\n"
               "    - {from: k, to: s, partition: hash}\n"),
         "3:14: the source 's' cannot have an input\n"
         "7:21: the edges form a cycle: s -> k -> s"},
        {EDGES("    - {from: s, to: k, partition: hash}\n"
               "    - {from: k, to: k, partition: hash}\n"),
         "7:21: the edges form a cycle: k -> k"},
        {"job:\n"
         "  vertices:\n"
         "    - {name: s, source: {rate: 1/s, record-size: 100B}}\n"
         "    - {name: a, process: {}}\n"
         "    - {name: b, process: {}}\n"
         "    - {name: c, process: {}}\n"
         "  edges:\n"
         "    - {from: s, to: a, partition: hash}\n"
         "    - {from: a, to: b, partition: hash}\n"
         "    - {from: b, to: c, partition: hash}\n"
         "    - {from: c, to: a, partition: hash}\n"
         "run: {duration: 10s}\n",
         "10:21: the edges form a cycle: c -> a -> b -> c"},
    };
    CHECK(mistakes);
}

static void test_vertices_with_wrong_edges(void **state)
{
    static const struct mistake mistakes[] = {
        {"job:\n"
         "  vertices:\n"
         "    - {name: s, source: {rate: 1/s, record-size: 100B}}\n"
         "    - {name: k, process: {}}\n"
         "    - {name: lonely, process: {}}\n"
         "    - {name: idle, source: {rate: 1/s, record-size: 20B}}\n"
         "  edges:\n"
         "    - {from: s, to: k, partition: rebalance}\n"
         "run: {duration: 10s}\n",
         "5:14: no edge leads into 'lonely', and it is no source\n"
         "6:14: no edge leaves the source 'idle'"},
        {"job:\n"
         "  vertices:\n"
         "    - {name: s, source: {rate: 1/s, record-size: 100B}}\n"
         "    - {name: k, process: {connect: true}}\n"
         "  edges:\n"
         "    - {from: s, to: k, partition: rebalance}\n"
         "run: {duration: 10s}\n",
         "4:26: 'connect' needs two inputs, but 1 edge leads into 'k'"},
        {"job:\n"
         "  vertices:\n"
         "    - {name: s, parallelism: 2, source: {rate: 1/s, record-size: 100B}}\n"
         "    - {name: k, process: {}}\n"
         "  edges:\n"
         "    - {from: s, to: k, partition: forward}\n"
         "run: {duration: 10s}\n",
         "6:35: 'forward' needs equal parallelism, but 's' has 2 and 'k' has 1; use rescale or "
         "rebalance"},
        {"job:\n"
         "  vertices:\n"
         "    - {name: s, source: {rate: 1/s, record-size: 100B}}\n"
         "    - {name: k, parallelism: 2, process: {service: {constant: 1ms, factor: [1, 2, 3]}}}\n"
         "  edges:\n"
         "    - {from: s, to: k, partition: {weights: [1]}}\n"
         "run: {duration: 10s}\n",
         "4:76: 3 factors for 2 subtasks: 'factor' needs one for each\n"
         "6:35: 1 weights for the 2 subtasks of 'k'"},
        {"job: {vertices: [], edges: }\n"
         "run: {duration: 10s}\n",
         "1:17: 'vertices' must be a list with at least one entry, found an empty one\n"
         "1:21: 'edges' must be a list with at least one entry, found nothing"},
    };
    CHECK(mistakes);
}

static void test_slots_and_limits(void **state)
{
    static const struct mistake mistakes[] = {
        {"job:\n"
         "  vertices:\n"
         "    - {name: s, parallelism: 5, source: {rate: 1/s, record-size: 100B}}\n"
         "    - {name: k, process: {}}\n"
         "  edges:\n"
         "    - {from: s, to: k, partition: rebalance}\n"
         "run: {duration: 10s}\n"
         "cluster: {taskmanagers: 2, slots-per-taskmanager: 2}\n",
         "3:7: vertex 's' needs 5 slots, but only 4 are left in the cluster; raise "
         "slots-per-taskmanager or taskmanagers, or lower its parallelism"},
        {"job:\n"
         "  vertices:\n"
         "    - {name: s, source: {rate: 1/s, record-size: 100B}}\n"
         "    - {name: k, process: {}}\n"
         "  edges:\n"
         "    - {from: s, to: k, partition: rebalance}\n"
         "run: {duration: 10s}\n"
         "cluster: {slots-per-taskmanager: 1, slot-sharing: false}\n",
         "4:7: vertex 'k' needs 1 slot, but none is left in the cluster; raise "
         "slots-per-taskmanager or taskmanagers, or lower its parallelism"},
        {"job:\n"
         "  vertices:\n"
         "    - {name: s, parallelism: 3, taskmanager: 1, source: {rate: 1/s, record-size: 100B}}\n"
         "    - {name: k, process: {}}\n"
         "  edges:\n"
         "    - {from: s, to: k, partition: rebalance}\n"
         "run: {duration: 10s}\n"
         "cluster: {taskmanagers: 2, slots-per-taskmanager: 2}\n",
         "3:7: vertex 's' needs 3 slots of task manager 1, but only 2 are left there; raise "
         "slots-per-taskmanager or lower its parallelism"},
        {"job:\n"
         "  vertices:\n"
         "    - {name: s, parallelism: 90000, source: {rate: 1/s, record-size: 100B}}\n"
         "    - {name: k, parallelism: 90000, process: {}}\n"
         "  edges:\n"
         "    - {from: s, to: k, partition: rebalance}\n"
         "run: {duration: 10s}\n",
         "3:5: the job has 180000 subtasks, the limit is 100000; lower the parallelism"},
        {"job:\n"
         "  vertices:\n"
         "    - {name: s, parallelism: 9000, source: {rate: 1/s, record-size: 100B}}\n"
         "    - {name: k, parallelism: 9000, process: {}}\n"
         "  edges:\n"
         "    - {from: s, to: k, partition: rebalance}\n"
         "run: {duration: 10s}\n",
         "6:5: the job has 81000000 channels, the limit is 4000000; lower the parallelism"},
        {AFTER("cluster: {taskmanagers: 2, links: [{from: 0, to: 2}]}"),
         "8:36: there is no task manager 2: the cluster has 2, counted from 0"},
        {AFTER("cluster: {taskmanagers: 2, links: [{from: 1, to: 1}]}"),
         "8:36: a link leads from one task manager to another"},
        {AFTER("cluster: {taskmanagers: 2, links: [{from: 0, to: 1}, {from: 0, to: 1}]}"),
         "8:54: the link from 0 to 1 stands here twice"},
    };
    CHECK(mistakes);
}

static void test_texts_that_are_no_yaml(void **state)
{
    static const struct mistake mistakes[] = {
        {"a: [1, 2\n", "1:4: this is no YAML: flow sequence without a closing bracket"},
        {"a: b: c\n", "1:5: this is no YAML: invalid nested block mapping on the same line"},
        {"name: x\n"
         "  more: 1\n",
         "1:7: this is no YAML: invalid multiline plain key"},
        {"a: \"open\n"
         "b: 1\n",
         "1:4: this is no YAML: wrongly indented double-quoted scalar"},
        {"\tname: x\n", "1:1: this is no YAML: invalid tab as indendation in a mapping"},
        {"a: @x\n", "1:4: this is no YAML: plain scalar cannot start with '@'"},
        {"- a\n", "1:1: expected a mapping of keys to values, found a list"},
        {"only text\n", "1:1: expected a mapping of keys to values, found 'only text'"},
        {"? [a]\n"
         ": b\n",
         "1:3: a key must be plain text"},
        {"a: b\n"
         "---\n"
         "c: d\n",
         "3:1: a scenario is one YAML document, here a second begins"},
        {"%YAML 1.2\n"
         "---\n"
         "a: b\n",
         "1:1: a line must not begin with '%': YAML directives are not supported"},
        {"a: &x 1\n", "1:4: YAML anchors (&) and aliases (*) are not supported; write the value "
                      "out, or put it in quotes"},
        {"a: *x\n", "1:4: YAML anchors (&) and aliases (*) are not supported; write the value out, "
                    "or put it in quotes"},
        {"a: !!str x\n",
         "1:4: YAML tags (!) are not supported; leave the tag away, or put the value in quotes"},
        {"a: \"\\x07\"\n", "1:4: the text contains a control character"},
    };
    CHECK(mistakes);
}

static void test_several_mistakes_in_one_go(void **state)
{
    static const struct mistake mistakes[] = {
        {"nam: x\n"
         "flink-version: 1.20\n"
         "cluster: {taskmanagers: 2, slot-sharing: maybe}\n"
         "flink:\n"
         "  taskmanager.memory.segment-size: 5000\n"
         "  execution.buffer-timeout: 10 parsecs\n"
         "job:\n"
         "  vertices:\n"
         "    - {name: source, paralelism: 2, source: {rate: 350, record-size: 400}}\n"
         "    - {name: sink, process: {service: {constant: 1.2 sec}, selectivity: -1}}\n"
         "  edges:\n"
         "    - {from: source, to: snk, partition: rebalance}\n"
         "run: {duration: 80s, warmup: 90s, sample: 0s}\n",
         "1:1: unknown key 'nam', did you mean 'name'?\n"
         "3:42: 'slot-sharing' must be true or false, found 'maybe'\n"
         "5:36: Invalid configuration value for taskmanager.memory.segment-size : 5000 - Memory "
         "segment size must be a power of 2.\n"
         "6:29: 'execution.buffer-timeout': '10 parsecs' is not a duration as Flink reads it; "
         "expected a whole number with ns, ms, s, min, h or d, as in 100 ms\n"
         "9:22: unknown key 'paralelism', did you mean 'parallelism'?\n"
         "9:52: 'rate': '350' is not a rate; expected a number with /s, k/s or M/s, as in 350/s, "
         "or unlimited\n"
         "9:70: 'record-size': '400' is not a size; expected a number with B, kB, MB, GB, KiB, MiB "
         "or GiB, as in 120B\n"
         "10:50: 'constant': '1.2 sec' is not a duration; expected a number with ns, us, ms, s, "
         "min, h or d, as in 250ms\n"
         "10:73: 'selectivity' must be at least 0, found '-1'\n"
         "12:26: there is no vertex 'snk', did you mean 'sink'?\n"
         "13:30: 'warmup' must be shorter than 'duration'\n"
         "13:43: 'sample' must be more than 0, found '0s'"},
    };
    CHECK(mistakes);
}

static void test_windows_changes_and_traces(void **state)
{
    static const struct mistake mistakes[] = {
        {AFTER("cluster: {pauses: [{at: 1s, for: 2s, every: 2s}]}"),
         "8:45: 'every' must be longer than 'for'"},
        {AFTER("cluster: {pauses: [{at: 1s}]}"),
         "8:20: the key 'for' is missing here (how long it takes)"},
        {AFTER("cluster: {pauses: []}"),
         "8:19: 'pauses' must be a list with at least one entry, found an empty one"},
        {AFTER("cluster: {pauses: [{for: 1s, taskmanager: 1}]}"),
         "8:43: there is no task manager 1: the cluster has 1, counted from 0"},
        {AFTER("cluster: {pauses: [{for: 1s, vertex: kk}]}"),
         "8:38: there is no vertex 'kk', did you mean 'k'?"},
        {AFTER("cluster: {pauses: [{for: 1s, subtask: 0}]}"), "8:39: 'subtask' needs 'vertex'"},
        {AFTER("cluster: {pauses: [{for: 1s, vertex: k, subtask: 1}]}"),
         "8:50: there is no subtask 1: 'k' has 1, counted from 0"},
        {AFTER("cluster: {link: {slow: [{for: 1s, factor: 1.5}]}}"),
         "8:43: 'factor' must be at most 1, found '1.5'"},
        {AFTER("cluster: {link: {slow: [{for: 2s, every: 1s, factor: 0.5}]}}"),
         "8:42: 'every' must be longer than 'for'"},
        {AFTER("cluster: {link: {jitter: 3ms}}"),
         "8:26: expected a distribution, such as {constant: 3ms}, found '3ms'"},
        {AFTER("cluster: {link: {jitter: {}}}"),
         "8:26: a distribution is missing here: constant, exponential, uniform, gamma, lognormal, "
         "weibull, pareto, discrete or empirical"},
        {AFTER("cluster: {nic: {send: 0B/s, recieve: 1B/s}}"),
         "8:23: 'send': '0B/s' is not a bandwidth; the least is 1B/s\n"
         "8:29: unknown key 'recieve', did you mean 'receive'?"},
        {SERVICE("{constant: 1ms, changes: [{at: 2s, factor: 1}, {at: 1s, factor: 2}]}"),
         "4:88: 'at' must be later than that of the entry before"},
        {SOURCE_OF("{rate: 1/s, trace: {file: a.csv}, record-size: 20B}"),
         "3:37: 'rate' and 'trace' exclude each other: a source has one of them"},
        {SOURCE_OF("{trace: {factor: 2}, record-size: 20B}"),
         "3:33: the key 'file' is missing here (CSV file beside the scenario: a time in seconds "
         "and the rate from then on, one a line; the last lasts as long as the one before)"},
        {SOURCE_OF("{trace: {file: a.csv, factor: 0}, record-size: 20B}"),
         "3:55: 'factor' must be at least 1e-09, found '0'"},
    };
    CHECK(mistakes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_the_mistakes_are_put_into_is_fine),
        cmocka_unit_test(test_unknown_and_misspelt_keys),
        cmocka_unit_test(test_keys_of_flink_outside_their_section),
        cmocka_unit_test(test_keys_in_the_wrong_section),
        cmocka_unit_test(test_keys_that_are_missing_or_stand_there_twice),
        cmocka_unit_test(test_values_of_the_wrong_type),
        cmocka_unit_test(test_sections_and_words_that_are_wrong),
        cmocka_unit_test(test_values_out_of_range),
        cmocka_unit_test(test_distributions_and_lists_out_of_range),
        cmocka_unit_test(test_flink_values_out_of_range),
        cmocka_unit_test(test_things_that_exclude_each_other),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_edges_that_lead_nowhere_or_round),
        cmocka_unit_test(test_vertices_with_wrong_edges),
        cmocka_unit_test(test_slots_and_limits),
        cmocka_unit_test(test_texts_that_are_no_yaml),
        cmocka_unit_test(test_windows_changes_and_traces),
        cmocka_unit_test(test_several_mistakes_in_one_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
