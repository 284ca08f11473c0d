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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_recorded_case_is_a_scenario),
        cmocka_unit_test(test_log_analytics_arrives_whole),
        cmocka_unit_test(test_flink_keys_arrive_in_the_configuration),
        cmocka_unit_test(test_phases_factors_and_weights_arrive),
        cmocka_unit_test(test_a_source_without_limit_has_an_infinite_rate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
