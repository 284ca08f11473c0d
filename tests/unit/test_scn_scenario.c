/*
 * Whole scenarios: the recorded cases are read as they are, and the numbers arrive where the model
 * looks for them. Mistakes have tests of their own (test_scn_diagnostics.c).
 */
#include "scenarios/reader/scenario.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/cases.h"

static struct net_spec *read_case(struct scn_scenario *scenario, const char *name)
{
    char path[256];
    snprintf(path, sizeof(path), "tests/reference/jobs/%s/case.yaml", name);
    if (!scn_scenario_read_file(scenario, path, NULL)) {
        struct sim_text text = {0};
        scn_diagnostics_format(&scenario->diagnostics, false, &text);
        print_error("%s", sim_text_get(&text));
        sim_text_finish(&text);
        fail();
    }
    return &scenario->spec;
}

static void test_every_recorded_case_is_a_scenario(void **state)
{
    uint32_t count = 0;
    for (; case_names[count]; count++) {
        struct scn_scenario scenario;
        struct net_spec *spec = read_case(&scenario, case_names[count]);
        assert_string_equal(spec->name, case_names[count]);
        assert_int_equal(spec->config.version, NET_FLINK_2_2);
        assert_false(spec->cluster.has_slot_sharing);
        assert_int_equal(spec->cluster.taskmanagers, 2);
        scn_scenario_finish(&scenario);
    }
    assert_int_equal(count, 35);
}

static void test_log_analytics_arrives_whole(void **state)
{
    struct scn_scenario scenario;
    struct net_spec *spec = read_case(&scenario, "log-analytics");
    assert_int_equal(spec->vertex_count, 4);
    assert_int_equal(spec->edge_count, 3);
    const struct net_vertex_spec *source = &spec->vertices[0];
    assert_true(source->is_source);
    assert_int_equal(source->parallelism, 2);
    assert_int_equal(source->taskmanager, 0);
    assert_int_equal(source->source.phase_count, 1);
    assert_true(source->source.phases[0].per_second == 350);
    assert_true(source->source.is_poisson);
    assert_false(source->source.catches_up);
    assert_int_equal(source->source.keys.count, 1000);
    assert_true(source->source.keys.zipf == 0.6);
    assert_int_equal(source->source.seed, 1);
    assert_true(source->record_size.a == 400);
    const struct net_vertex_spec *aggregate = &spec->vertices[2];
    assert_int_equal(aggregate->service_count, 1);
    assert_int_equal(aggregate->services[0].time.kind, SIM_DIST_CONSTANT);
    assert_true(aggregate->services[0].time.a == 2600000);
    assert_true(aggregate->services[0].selectivity == 0);
    assert_true(aggregate->record_size.a == 120);
    assert_int_equal(aggregate->emit.every, SIM_S);
    assert_int_equal(aggregate->emit.records, 40);
    const struct net_vertex_spec *writer = &spec->vertices[3];
    assert_int_equal(writer->services[0].time.kind, SIM_DIST_EXPONENTIAL);
    assert_true(writer->services[0].selectivity == 1);
    assert_true(writer->record_size.a == 29);
    assert_int_equal(spec->edges[1].from, 1);
    assert_int_equal(spec->edges[1].to, 2);
    assert_int_equal(spec->edges[1].partition, NET_PARTITION_HASH);
    assert_int_equal(spec->run.duration, 80 * SIM_S);
    assert_int_equal(spec->run.warmup, 20 * SIM_S);
    assert_int_equal(spec->run.sample, 500 * SIM_MS);
    scn_scenario_finish(&scenario);
}

static void test_flink_keys_arrive_in_the_configuration(void **state)
{
    struct scn_scenario scenario;
    struct net_spec *spec = read_case(&scenario, "scarce-buffers-b6");
    assert_int_equal(spec->config.buffers_per_channel, 6);
    assert_int_equal(spec->config.floating_buffers_per_gate, 8);
    assert_int_equal(spec->config.max_buffers_per_channel, 10);
    assert_int_equal(spec->config.max_overdraft_per_gate, 20);
    assert_int_equal(spec->config.buffer_timeout, 100 * SIM_MS);
    assert_int_equal(spec->config.memory.network_min, 3456 * 1024);
    assert_int_equal(spec->config.memory.network_max, 3456 * 1024);
    assert_true(spec->config.memory.network_min_is_set);
    assert_false(spec->config.memory.network_fraction_is_set);
    scn_scenario_finish(&scenario);
    spec = read_case(&scenario, "exact-fit");
    assert_int_equal(spec->config.buffer_timeout, -1);
    scn_scenario_finish(&scenario);
    spec = read_case(&scenario, "insufficient-buffers");
    assert_true(spec->run.expects_failure);
    scn_scenario_finish(&scenario);
}

static void test_phases_factors_and_weights_arrive(void **state)
{
    struct scn_scenario scenario;
    struct net_spec *spec = read_case(&scenario, "burst-floating");
    assert_int_equal(spec->vertices[0].source.phase_count, 2);
    assert_int_equal(spec->vertices[0].source.phases[0].length, 1500 * SIM_MS);
    assert_true(spec->vertices[0].source.phases[1].per_second == 30);
    scn_scenario_finish(&scenario);
    spec = read_case(&scenario, "broadcast-1x4");
    assert_int_equal(spec->edges[0].partition, NET_PARTITION_BROADCAST);
    assert_true(spec->vertices[1].services[0].factor[2] == 1.5);
    scn_scenario_finish(&scenario);
    spec = read_case(&scenario, "weights-1x4-hot");
    assert_int_equal(spec->edges[0].partition, NET_PARTITION_WEIGHTS);
    assert_int_equal(spec->edges[0].weight_count, 4);
    assert_true(spec->edges[0].weights[0] == 4);
    scn_scenario_finish(&scenario);
}

static void test_a_source_without_limit_has_an_infinite_rate(void **state)
{
    struct scn_scenario scenario;
    struct net_spec *spec = read_case(&scenario, "linear-p1");
    assert_true(isinf(spec->vertices[0].source.phases[0].per_second));
    assert_int_equal(spec->vertices[0].source.phases[0].length, SIM_TIME_MAX);
    scn_scenario_finish(&scenario);
}

/* A scenario with one source and one sink, both replaced by the arguments where not NULL. */
static struct net_spec *read_text(struct scn_scenario *scenario, const char *head,
                                  const char *source, const char *process)
{
    struct sim_text text = {0};
    sim_text_add(&text,
                 "%s\njob:\n  vertices:\n    - {name: s, source: %s}\n    - {name: k, process: "
                 "%s}\n  edges:\n    - {from: s, to: k, partition: rebalance}\n",
                 head ? head : "run: {duration: 1min}",
                 source ? source : "{rate: 1/s, record-size: 100B}", process ? process : "{}");
    struct scn_options options = {.directory = "tests/unit/data"};
    bool is_good = scn_scenario_read_text(scenario, sim_text_get(&text), text.length, &options);
    sim_text_finish(&text);
    if (!is_good) {
        scn_diagnostics_format(&scenario->diagnostics, false, &text);
        print_error("%s", sim_text_get(&text));
        sim_text_finish(&text);
        fail();
    }
    return &scenario->spec;
}

static void test_everything_has_a_default(void **state)
{
    struct scn_scenario scenario;
    struct net_spec *spec = read_text(&scenario, NULL, NULL, NULL);
    assert_string_equal(spec->name, "scenario");
    assert_string_equal(spec->description, "");
    assert_int_equal(spec->config.version, NET_FLINK_1_20);
    assert_int_equal(spec->config.transport, NET_TRANSPORT_CREDIT);
    assert_int_equal(spec->config.max_overdraft_per_gate, 5);
    assert_int_equal(spec->config.memory.process_size, INT64_C(1728) << 20);
    assert_int_equal(spec->config.memory.number_of_buffers, NET_UNSET);
    assert_int_equal(spec->cluster.taskmanagers, 1);
    assert_int_equal(spec->cluster.slots, 1);
    assert_true(spec->cluster.has_slot_sharing);
    assert_true(spec->cluster.link.bytes_per_second == 1.25e9);
    assert_int_equal(spec->cluster.link.latency, 100 * SIM_US);
    assert_int_equal(spec->vertices[0].parallelism, 1);
    assert_int_equal(spec->vertices[0].taskmanager, NET_ANYWHERE);
    assert_int_equal(spec->vertices[0].line, 4);
    assert_int_equal(spec->vertices[1].service_count, 1);
    assert_true(spec->vertices[1].services[0].time.a == 0);
    assert_int_equal(spec->vertices[1].services[0].seed, 1);
    assert_int_equal(spec->run.warmup, 0);
    assert_int_equal(spec->run.sample, 500 * SIM_MS);
    assert_int_equal(spec->run.seed, 1);
    assert_false(spec->run.has_channels);
    assert_false(spec->run.expects_failure);
    assert_int_equal(spec->machine.wakeup, 120 * SIM_US);
    assert_int_equal(spec->machine.record_cpu, 1500);
    scn_scenario_finish(&scenario);
}

/* YAML reads the number 1.2 where 1.20 is written; a version is text. */
static void test_the_version_is_read_as_it_is_written(void **state)
{
    static const struct {
        const char *text;
        enum net_version version;
    } rows[] = {{"flink-version: 1.20", NET_FLINK_1_20},
                {"flink-version: \"1.20\"", NET_FLINK_1_20},
                {"flink-version: 2.2", NET_FLINK_2_2},
                {"flink-version: '2.2'", NET_FLINK_2_2}};
    for (size_t i = 0; i < 4; i++) {
        struct scn_scenario scenario;
        char head[100];
        snprintf(head, sizeof(head), "%s\nrun: {duration: 1s}", rows[i].text);
        struct net_spec *spec = read_text(&scenario, head, NULL, NULL);
        assert_int_equal(spec->config.version, rows[i].version);
        assert_int_equal(spec->config.max_overdraft_per_gate,
                         rows[i].version == NET_FLINK_1_20 ? 5 : 20);
        scn_scenario_finish(&scenario);
    }
}

static void test_flink_keys_may_be_nested_or_under_older_names(void **state)
{
    struct scn_scenario scenario;
    struct net_spec *spec = read_text(
        &scenario,
        "run: {duration: 1s}\nflink:\n  taskmanager:\n    memory: {segment-size: 16kb, "
        "network.min: 1m}\n    network.memory.exclusive-buffers-request-timeout-ms: 5000\n"
        "  taskmanager.network.memory: {max: 2MB, max-overdraft-buffers-per-gate: 0}\n"
        "  execution.buffer-timeout: 0\n",
        NULL, NULL);
    assert_int_equal(spec->config.memory.segment_size, 16384);
    assert_int_equal(spec->config.memory.network_min, 1 << 20);
    assert_int_equal(spec->config.memory.network_max, 2 << 20);
    assert_true(spec->config.memory.network_max_is_set);
    assert_int_equal(spec->config.request_timeout, 5 * SIM_S);
    assert_int_equal(spec->config.max_overdraft_per_gate, 0);
    assert_int_equal(spec->config.buffer_timeout, 0);
    scn_scenario_finish(&scenario);
}

/* MEM-2: the size of the sample configuration stands in only where nothing else tells. */
static void test_the_sample_size_gives_way_to_any_other_total(void **state)
{
    static const struct {
        const char *keys;
        int64_t process;
    } rows[] = {
        {"taskmanager.memory.network.min: 1m", INT64_C(1728) << 20},
        {"taskmanager.memory.process.size: 2g", INT64_C(2) << 30},
        {"taskmanager.memory.flink.size: 1g", NET_UNSET},
        {"taskmanager.memory.task.heap.size: 1g", INT64_C(1728) << 20},
        {"{taskmanager.memory.task.heap.size: 1g, taskmanager.memory.managed.size: 1g}", NET_UNSET},
        {"{taskmanager.memory.flink.size: 1g, taskmanager.memory.process.size: 2g}", INT64_C(2)
                                                                                         << 30},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct scn_scenario scenario;
        char head[200];
        snprintf(head, sizeof(head), "run: {duration: 1s}\nflink: %s%s%s",
                 rows[i].keys[0] == '{' ? "" : "{", rows[i].keys,
                 rows[i].keys[0] == '{' ? "" : "}");
        struct net_spec *spec = read_text(&scenario, head, NULL, NULL);
        assert_int_equal(spec->config.memory.process_size, rows[i].process);
        scn_scenario_finish(&scenario);
    }
}

static void test_connections_below_one_are_one(void **state)
{
    struct scn_scenario scenario;
    struct net_spec *spec = read_text(
        &scenario, "run: {duration: 1s}\nflink: {taskmanager.network.max-num-tcp-connections: 0}",
        NULL, NULL);
    assert_int_equal(spec->config.tcp_connections, 1); /* CFG-1 */
    scn_scenario_finish(&scenario);
}

static void test_links_of_pairs_take_the_rest_from_the_link(void **state)
{
    struct scn_scenario scenario;
    struct net_spec *spec = read_text(
        &scenario,
        "run: {duration: 1s}\ncluster: {taskmanagers: 3, mini-cluster: true, link: {bandwidth: "
        "1MB/s, latency: 3ms}, links: [{from: 0, to: 2, latency: 1s}, {from: 2, to: 1, bandwidth: "
        "8kbit/s}]}",
        NULL, NULL);
    assert_int_equal(spec->cluster.override_count, 2);
    assert_int_equal(spec->cluster.overrides[0].to, 2);
    assert_int_equal(spec->cluster.overrides[0].link.latency, SIM_S);
    assert_true(spec->cluster.overrides[0].link.bytes_per_second == 1e6);
    assert_int_equal(spec->cluster.overrides[1].from, 2);
    assert_int_equal(spec->cluster.overrides[1].link.latency, 3 * SIM_MS);
    assert_true(spec->cluster.overrides[1].link.bytes_per_second == 1e3);
    assert_true(spec->config.memory.is_local_execution);
    scn_scenario_finish(&scenario);
}

static void test_distributions_of_services_and_sizes(void **state)
{
    static const struct {
        const char *text;
        enum sim_dist_kind kind;
        double a;
        double b;
    } rows[] = {
        {"{constant: 1.2ms}", SIM_DIST_CONSTANT, 1200000, 0},
        {"{exponential: 1us}", SIM_DIST_EXPONENTIAL, 1000, 0},
        {"{uniform: [1ms, 2ms]}", SIM_DIST_UNIFORM, 1e6, 2e6},
        {"{gamma: {mean: 3ms, cv: 0.5}}", SIM_DIST_GAMMA, 3e6, 0.5},
        {"{lognormal: {mean: 3ms, cv: 2}}", SIM_DIST_LOGNORMAL, 3e6, 2},
        {"{weibull: {scale: 1s, shape: 1.5}}", SIM_DIST_WEIBULL, 1e9, 1.5},
        {"{pareto: {min: 1s, tail: 2.5}}", SIM_DIST_PARETO, 1e9, 2.5},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct scn_scenario scenario;
        char process[100];
        snprintf(process, sizeof(process), "{service: %s}", rows[i].text);
        struct net_spec *spec =
            read_text(&scenario, NULL, "{rate: 1/s, record-size: {exponential: 300B}}", process);
        assert_int_equal(spec->vertices[1].services[0].time.kind, rows[i].kind);
        assert_true(spec->vertices[1].services[0].time.a == rows[i].a);
        assert_true(spec->vertices[1].services[0].time.b == rows[i].b);
        assert_int_equal(spec->vertices[0].record_size.kind, SIM_DIST_EXPONENTIAL);
        assert_true(spec->vertices[0].record_size.a == 300);
        scn_scenario_finish(&scenario);
    }
}

static void test_listed_values_come_from_the_scenario_or_a_file(void **state)
{
    struct scn_scenario scenario;
    struct net_spec *spec =
        read_text(&scenario, NULL,
                  "{rate: 1/s, record-size: {discrete: {values: [100B, 2kB], weights: [3, 1]}}}",
                  "{service: {empirical: {values: [1ms, 2us]}}}");
    const struct sim_dist *size = &spec->vertices[0].record_size;
    assert_int_equal(size->kind, SIM_DIST_DISCRETE);
    assert_int_equal(size->count, 2);
    assert_int_equal(size->values[1], 2000);
    assert_true(size->weights[0] == 3);
    assert_non_null(size->table);
    assert_int_equal(spec->vertices[1].services[0].time.values[1], 2000);
    scn_scenario_finish(&scenario);
    spec = read_text(&scenario, NULL, "{rate: 1/s, record-size: {empirical: {file: values.csv}}}",
                     "{service: {empirical: {file: values.csv, unit: us}}}");
    size = &spec->vertices[0].record_size;
    assert_int_equal(size->kind, SIM_DIST_EMPIRICAL);
    assert_int_equal(size->count, 3);
    assert_int_equal(size->values[2], 300);
    assert_int_equal(spec->vertices[1].services[0].time.values[0], 100500);
    scn_scenario_finish(&scenario);
    spec = read_text(&scenario, NULL, NULL, "{service: {empirical: {file: values.csv}}}");
    assert_int_equal(spec->vertices[1].services[0].time.values[0], 100500000);
    scn_scenario_finish(&scenario);
}

static void test_a_text_without_a_folder_names_no_files(void **state)
{
    static const char text[] =
        "run: {duration: 1s}\njob: {vertices: [{name: s, source: {rate: 1/s, record-size: "
        "{empirical: {file: /etc/hostname}}}}, {name: k, process: {}}], edges: [{from: s, to: k, "
        "partition: hash}]}";
    struct scn_scenario scenario;
    assert_false(scn_scenario_read_text(&scenario, text, strlen(text), NULL));
    assert_string_equal(scenario.diagnostics.first->text,
                        "a scenario without a file of its own cannot name files");
    scn_scenario_finish(&scenario);
}

/* TSK-9: always one service an input, whether they are written apart or not. */
static void test_two_inputs_have_two_services(void **state)
{
    static const char *const processes[] = {
        "{connect: true, service: {constant: 2ms}, selectivity: 0.5}",
        "{connect: true, by-input: [{service: {constant: 2ms}, selectivity: 0.5}, {}]}"};
    for (size_t i = 0; i < 2; i++) {
        struct scn_scenario scenario;
        struct sim_text text = {0};
        sim_text_add(&text,
                     "run: {duration: 1s}\njob:\n  vertices: [{name: s, source: {rate: 1/s, "
                     "record-size: 20B}}, {name: k, process: %s}]\n  edges: [{from: s, to: k, "
                     "partition: hash}, {from: s, to: k, partition: hash}]\n",
                     processes[i]);
        assert_true(scn_scenario_read_text(&scenario, sim_text_get(&text), text.length, NULL));
        const struct net_vertex_spec *join = &scenario.spec.vertices[1];
        assert_true(join->is_connect);
        assert_int_equal(join->service_count, 2);
        assert_true(join->services[0].time.a == 2e6);
        assert_true(join->services[0].selectivity == 0.5);
        assert_true(join->services[1].time.a == (i == 0 ? 2e6 : 0));
        assert_true(join->services[1].selectivity == (i == 0 ? 0.5 : 1));
        sim_text_finish(&text);
        scn_scenario_finish(&scenario);
    }
}

/* Times count from the first; the last rate lasts as long as the one before it. */
static void test_recorded_rates_become_phases(void **state)
{
    struct scn_scenario scenario;
    struct net_spec *spec = read_text(
        &scenario, NULL, "{trace: {file: rates.csv, factor: 0.5}, record-size: 20B}", NULL);
    const struct net_source_spec *source = &spec->vertices[0].source;
    assert_int_equal(source->phase_count, 3);
    assert_int_equal(source->phases[0].length, 10 * SIM_S);
    assert_true(source->phases[0].per_second == 50);
    assert_int_equal(source->phases[1].length, 2500 * SIM_MS);
    assert_true(source->phases[1].per_second == 0);
    assert_int_equal(source->phases[2].length, 2500 * SIM_MS);
    assert_true(source->phases[2].per_second == 125.25);
    scn_scenario_finish(&scenario);
}

static void test_files_of_rates_that_are_wrong(void **state)
{
    static const struct {
        const char *file;
        const char *expected;
    } rows[] = {
        {"rates-back.csv", "rates-back.csv:3: the time must be later than the one before"},
        {"rates-word.csv", "rates-word.csv:2: 'many' is not a number"},
        {"rates-none.csv",
         "rates-none.csv:1: no rows; expected a time in seconds and a rate in each line"},
        {"no-such-file.csv",
         "cannot open 'tests/unit/data/no-such-file.csv': No such file or directory"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct scn_scenario scenario;
        struct sim_text text = {0};
        struct scn_options options = {.directory = "tests/unit/data"};
        sim_text_add(&text,
                     "run: {duration: 1s}\njob: {vertices: [{name: s, source: {trace: {file: %s}, "
                     "record-size: 20B}}, {name: k, process: {}}], edges: [{from: s, to: k, "
                     "partition: hash}]}\n",
                     rows[i].file);
        assert_false(scn_scenario_read_text(&scenario, sim_text_get(&text), text.length, &options));
        assert_int_equal(scenario.diagnostics.errors, 1);
        assert_string_equal(scenario.diagnostics.first->text, rows[i].expected);
        sim_text_finish(&text);
        scn_scenario_finish(&scenario);
    }
}

static void test_what_disturbs_a_cluster_arrives(void **state)
{
    struct scn_scenario scenario;
    struct net_spec *spec = read_text(
        &scenario,
        "run: {duration: 1s}\ncluster:\n  taskmanagers: 2\n  link: {jitter: {exponential: 2ms}, "
        "slow: [{at: 3s, for: 1s, every: 10s, factor: 0}]}\n  links: [{from: 0, to: 1, slow: "
        "[{for: "
        "1s, factor: 0.5}]}]\n  nic: {send: 1Gbit/s, receive: 8Mbit/s}\n  pauses: [{at: 1s, for: "
        "50ms, every: 2s}, {for: 1s, vertex: k, subtask: 0, taskmanager: 1}]\n",
        NULL, "{service: {constant: 1ms, changes: [{at: 0s, factor: 3}, {at: 5s, factor: 1}]}}");
    const struct net_cluster_spec *cluster = &spec->cluster;
    assert_int_equal(cluster->link.jitter.kind, SIM_DIST_EXPONENTIAL);
    assert_true(cluster->link.jitter.a == 2e6);
    assert_int_equal(cluster->link.slow_count, 1);
    assert_int_equal(cluster->link.slow[0].window.at, 3 * SIM_S);
    assert_int_equal(cluster->link.slow[0].window.every, 10 * SIM_S);
    assert_true(cluster->link.slow[0].factor == 0);
    assert_true(cluster->overrides[0].link.jitter.a == 2e6);
    assert_true(cluster->overrides[0].link.slow[0].factor == 0.5);
    assert_int_equal(cluster->overrides[0].link.slow[0].window.every, 0);
    assert_true(cluster->nic.send == 1.25e8);
    assert_true(cluster->nic.receive == 1e6);
    assert_int_equal(cluster->pause_count, 2);
    assert_int_equal(cluster->pauses[0].window.length, 50 * SIM_MS);
    assert_int_equal(cluster->pauses[0].taskmanager, NET_ANYWHERE);
    assert_int_equal(cluster->pauses[0].vertex, NET_ANYWHERE);
    assert_int_equal(cluster->pauses[0].subtask, NET_ANYWHERE);
    assert_int_equal(cluster->pauses[1].vertex, 1);
    assert_int_equal(cluster->pauses[1].taskmanager, 1);
    assert_int_equal(cluster->pauses[1].subtask, 0);
    const struct net_service_spec *service = &spec->vertices[1].services[0];
    assert_int_equal(service->change_count, 2);
    assert_int_equal(service->changes[1].at, 5 * SIM_S);
    assert_true(service->changes[0].factor == 3);
    scn_scenario_finish(&scenario);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_recorded_case_is_a_scenario),
        cmocka_unit_test(test_log_analytics_arrives_whole),
        cmocka_unit_test(test_flink_keys_arrive_in_the_configuration),
        cmocka_unit_test(test_phases_factors_and_weights_arrive),
        cmocka_unit_test(test_a_source_without_limit_has_an_infinite_rate),
        cmocka_unit_test(test_everything_has_a_default),
        cmocka_unit_test(test_the_version_is_read_as_it_is_written),
        cmocka_unit_test(test_flink_keys_may_be_nested_or_under_older_names),
        cmocka_unit_test(test_the_sample_size_gives_way_to_any_other_total),
        cmocka_unit_test(test_connections_below_one_are_one),
        cmocka_unit_test(test_links_of_pairs_take_the_rest_from_the_link),
        cmocka_unit_test(test_distributions_of_services_and_sizes),
        cmocka_unit_test(test_listed_values_come_from_the_scenario_or_a_file),
        cmocka_unit_test(test_a_text_without_a_folder_names_no_files),
        cmocka_unit_test(test_two_inputs_have_two_services),
        cmocka_unit_test(test_recorded_rates_become_phases),
        cmocka_unit_test(test_files_of_rates_that_are_wrong),
        cmocka_unit_test(test_what_disturbs_a_cluster_arrives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
