/* A recording becomes a scenario that behaves like it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scenarios/reader/scenario.h"
#include "studies/calibrate.h"
#include "studies/calibrate_estimate.h"
#include "studies/validate.h"
#include "tests/support/assert_near.h"
#include "tests/support/folder.h"

static void read_recording(const char *name, struct study_recording *recording)
{
    struct sim_err err = {0};
    char path[512];

    snprintf(path, sizeof path, "%s/tests/reference/jobs/%s", getenv("SLUICE_SOURCE_ROOT"), name);
    if (!study_recording_read(recording, path, &err)) {
        fail_msg("%s:%u: %s", err.file, (unsigned)err.line, err.text);
    }
}

/* Calibrate, and read what came out as a scenario. */
static void calibrate(const struct study_calibrate_params *params, struct scn_scenario *scenario)
{
    struct sim_text text = {0};
    struct sim_err err = {0};

    if (!study_calibrate(params, &text, &err)) {
        fail_msg("%s", err.text);
    }
    if (!scn_scenario_read_text(scenario, text.bytes, text.length, NULL)) {
        struct sim_text mistakes = {0};

        scn_diagnostics_format(&scenario->diagnostics, false, &mistakes);
        fail_msg("%s\n%s", sim_text_get(&text), sim_text_get(&mistakes));
    }
    sim_text_finish(&text);
}

static void calibrate_case(const char *name, double warmup_s,
                           const struct study_calibrate_edge *edges, size_t edge_count,
                           struct scn_scenario *scenario)
{
    struct study_recording recording;
    struct study_calibrate_params params = {.recording = &recording,
                                            .name = name,
                                            .flink_version = "2.2",
                                            .edges = edges,
                                            .edge_count = edge_count,
                                            .warmup_s = warmup_s};

    read_recording(name, &recording);
    calibrate(&params, scenario);
    study_recording_finish(&recording);
}

static const struct net_vertex_spec *vertex_of(const struct scn_scenario *scenario,
                                               const char *name)
{
    for (uint32_t v = 0; v < scenario->spec.vertex_count; v++) {
        if (strcmp(scenario->spec.vertices[v].name, name) == 0) {
            return &scenario->spec.vertices[v];
        }
    }
    fail_msg("no vertex %s", name);
    return NULL;
}

static void test_roundest_number_has_the_fewest_digits(void **state)
{
    (void)state;
    assert_near(study_roundest(1.9998, 0.001), 2, 0);
    assert_near(study_roundest(1.9998, 0.0001), 1.9998, 0);
    assert_near(study_roundest(124.98, 0.05), 125, 0);
    assert_near(study_roundest(0.1234, 0.001), 0.123, 1e-12);
    assert_near(study_roundest(0, 0.1), 0, 0);
    assert_near(study_roundest(1.0 / 3, 0), 1.0 / 3, 1e-14);
}

/* Recorded, calibrated, simulated: within twice the tolerances of the recording. */
static void test_calibrated_chains_behave_like_their_recordings(void **state)
{
    static const struct {
        const char *name;
        double warmup_s;
    } cases[] = {
        {"linear-p1", 15},         {"linear-p2-three-stages", 20},
        {"linear-p4-b32-f64", 15}, {"rate-50", 15},
        {"local-p2", 15},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct scn_scenario scenario;
        struct study_recording recording;
        struct study_validation validation;
        struct sim_err err = {0};

        calibrate_case(cases[i].name, cases[i].warmup_s, NULL, 0, &scenario);
        read_recording(cases[i].name, &recording);
        struct study_validate_params params = {
            .spec = &scenario.spec, .recording = &recording, .seeds = 8, .threads = 1};
        if (!study_validate(&validation, &params, &err)) {
            fail_msg("%s: %s", cases[i].name, err.text);
        }
        assert_true(validation.compared >= 20);
        for (size_t c = 0; c < validation.check_count; c++) {
            const struct study_check *check = &validation.checks[c];

            if (check->verdict != STUDY_VERDICT_SKIPPED &&
                !(check->is_simulated && check->error <= 2 * check->tolerance)) {
                fail_msg("%s %s %s: recorded %g, simulated %g to %g", cases[i].name, check->vertex,
                         check->metric, check->recorded, check->least, check->most);
            }
        }
        study_validation_finish(&validation);
        study_recording_finish(&recording);
        scn_scenario_finish(&scenario);
    }
}

static void test_calibration_finds_the_numbers_of_a_chain(void **state)
{
    struct scn_scenario scenario;
    const struct net_vertex_spec *map;

    (void)state;
    calibrate_case("linear-p2-three-stages", 20, NULL, 0, &scenario);
    map = vertex_of(&scenario, "map");
    assert_int_equal(scenario.spec.edge_count, 2);
    assert_string_equal(scenario.spec.vertices[scenario.spec.edges[1].from].name, "map");
    assert_int_equal(map->parallelism, 2);
    assert_int_equal(map->taskmanager, 1);
    assert_int_equal(map->services[0].time.kind, SIM_DIST_CONSTANT);
    assert_near(map->services[0].time.a, 1e6, 0.03);
    assert_near(map->services[0].selectivity, 1, 0);
    assert_near(map->record_size.a, 800, 0.003);
    assert_near(vertex_of(&scenario, "sink")->services[0].time.a, 4e6, 0.001);
    assert_true(isinf(vertex_of(&scenario, "source")->source.phases[0].per_second));
    assert_int_equal(scenario.spec.config.buffers_per_channel, 2);
    assert_int_equal(scenario.spec.config.floating_buffers_per_gate, 8);
    assert_int_equal(scenario.spec.config.memory.segment_size, 32768);
    scn_scenario_finish(&scenario);
}

static void test_calibration_tells_random_from_constant(void **state)
{
    struct scn_scenario scenario;

    (void)state;
    calibrate_case("rate-95-poisson", 20, NULL, 0, &scenario);
    assert_true(vertex_of(&scenario, "source")->source.is_poisson);
    assert_near(vertex_of(&scenario, "source")->source.phases[0].per_second, 237.5, 0.02);
    assert_int_equal(vertex_of(&scenario, "sink")->services[0].time.kind, SIM_DIST_EXPONENTIAL);
    assert_near(vertex_of(&scenario, "sink")->services[0].time.a, 4e6, 0.03);
    scn_scenario_finish(&scenario);
    calibrate_case("exp-service-p2", 15, NULL, 0, &scenario);
    assert_int_equal(vertex_of(&scenario, "sink")->services[0].time.kind, SIM_DIST_EXPONENTIAL);
    scn_scenario_finish(&scenario);
}

/* A service that takes ten times as long every other 2 s is not random. */
static void test_calibration_tells_change_from_chance(void **state)
{
    struct test_folder folder;
    struct study_recording recording;
    struct scn_scenario scenario;
    struct sim_text series = {0};
    struct sim_err err = {0};
    double records = 0;

    (void)state;
    sim_text_add(&series, "t_s,vertex,subtask,metric,value\n");
    for (int i = 0; i <= 80; i++) {
        records += i % 8 < 4 ? 500 : 50;
        sim_text_add(&series, "%g,sink,0,numRecordsIn,%g\n%g,sink,0,busy.exact,1000\n", i * 0.5,
                     records, i * 0.5);
        sim_text_add(&series, "%g,source,0,numRecordsOut,%g\n%g,source,0,busy.exact,3\n", i * 0.5,
                     records, i * 0.5);
    }
    test_folder_make(&folder);
    test_folder_write(&folder, "series.csv", sim_text_get(&series));
    assert_true(study_recording_read(&recording, folder.path, &err));
    struct study_calibrate_params params = {
        .recording = &recording, .name = "x", .flink_version = "2.2", .warmup_s = 0};
    calibrate(&params, &scenario);
    assert_int_equal(vertex_of(&scenario, "sink")->services[0].time.kind, SIM_DIST_CONSTANT);
    scn_scenario_finish(&scenario);
    study_recording_finish(&recording);
    sim_text_finish(&series);
    test_folder_remove(&folder);
}

static void test_calibration_finds_skew_and_slow_subtasks(void **state)
{
    struct scn_scenario scenario;
    const struct net_vertex_spec *sink;

    (void)state;
    calibrate_case("weights-1x4-hot", 15, NULL, 0, &scenario);
    assert_int_equal(scenario.spec.edges[0].partition, NET_PARTITION_WEIGHTS);
    assert_near(scenario.spec.edges[0].weights[0], 4.0 / 7, 0.01);
    assert_near(scenario.spec.edges[0].weights[3], 1.0 / 7, 0.01);
    scn_scenario_finish(&scenario);
    calibrate_case("rebalance-4x4-slow-subtask", 20, NULL, 0, &scenario);
    sink = vertex_of(&scenario, "sink");
    assert_int_equal(scenario.spec.edges[0].partition, NET_PARTITION_REBALANCE);
    assert_non_null(sink->services[0].factor);
    assert_near(sink->services[0].factor[0] / sink->services[0].factor[1], 4, 0.05);
    scn_scenario_finish(&scenario);
}

static void test_calibration_takes_a_rate_where_nothing_held_it_back(void **state)
{
    struct scn_scenario scenario;

    (void)state;
    calibrate_case("rate-105", 20, NULL, 0, &scenario);
    assert_near(vertex_of(&scenario, "source")->source.phases[0].per_second, 525, 0.01);
    scn_scenario_finish(&scenario);
}

static void test_edges_that_are_given_make_other_graphs(void **state)
{
    static const struct study_calibrate_edge edges[] = {{"fast", "merge", NULL},
                                                        {"slow", "merge", "rebalance"}};
    struct scn_scenario scenario;

    (void)state;
    calibrate_case("union-two-rates", 15, edges, 2, &scenario);
    assert_int_equal(scenario.spec.edge_count, 2);
    assert_true(isinf(vertex_of(&scenario, "fast")->source.phases[0].per_second));
    assert_near(vertex_of(&scenario, "slow")->source.phases[0].per_second, 100, 0.01);
    scn_scenario_finish(&scenario);
}

static void test_settings_are_taken_as_they_are(void **state)
{
    static const char *const settings[] = {"execution.buffer-timeout.interval=50ms",
                                           "taskmanager.network.memory.buffers-per-channel=5"};
    struct study_recording recording;
    struct scn_scenario scenario;
    struct study_calibrate_params params = {.recording = &recording,
                                            .name = "a \"name\": # odd\n",
                                            .flink_version = "1.20",
                                            .settings = settings,
                                            .setting_count = 2,
                                            .warmup_s = -1};

    (void)state;
    read_recording("linear-p1", &recording);
    calibrate(&params, &scenario);
    assert_string_equal(scenario.spec.name, "a \"name\": # odd\n");
    assert_int_equal(scenario.spec.config.buffers_per_channel, 5);
    assert_int_equal(scenario.spec.config.buffer_timeout, 50 * SIM_MS);
    assert_int_equal(scenario.spec.run.warmup, 12 * SIM_S);
    scn_scenario_finish(&scenario);
    study_recording_finish(&recording);
}

static void assert_refused(const struct study_calibrate_params *params, const char *says)
{
    struct sim_text text = {0};
    struct sim_err err = {0};

    assert_false(study_calibrate(params, &text, &err));
    assert_int_equal(err.code, SIM_ERR_INPUT);
    assert_int_equal(text.length, 0);
    if (strstr(err.text, says) == NULL) {
        fail_msg("'%s' does not say '%s'", err.text, says);
    }
    sim_text_finish(&text);
}

static void test_what_cannot_be_told_is_refused(void **state)
{
    static const struct study_calibrate_edge unknown = {"fast", "nowhere", NULL};
    static const struct study_calibrate_edge backwards = {"merge", "fast", NULL};
    struct study_recording recording;
    struct study_calibrate_params params = {
        .recording = &recording, .name = "x", .flink_version = "2.2", .warmup_s = 15};
    struct test_folder folder;
    struct sim_err err = {0};

    (void)state;
    read_recording("union-two-rates", &recording);
    assert_refused(&params, "--edge");
    params.edges = &unknown;
    params.edge_count = 1;
    assert_refused(&params, "nowhere");
    params.edges = &backwards;
    assert_refused(&params, "leads from 'merge'");
    params.edge_count = 0;
    params.warmup_s = 1000;
    assert_refused(&params, "warm-up");
    study_recording_finish(&recording);
    test_folder_make(&folder);
    test_folder_write(&folder, "series.csv", "t_s,vertex,subtask,metric,value\n");
    assert_true(study_recording_read(&recording, folder.path, &err));
    params.warmup_s = 0;
    assert_refused(&params, "no vertex");
    study_recording_finish(&recording);
    test_folder_remove(&folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_roundest_number_has_the_fewest_digits),
        cmocka_unit_test(test_calibrated_chains_behave_like_their_recordings),
        cmocka_unit_test(test_calibration_finds_the_numbers_of_a_chain),
        cmocka_unit_test(test_calibration_tells_random_from_constant),
        cmocka_unit_test(test_calibration_tells_change_from_chance),
        cmocka_unit_test(test_calibration_finds_skew_and_slow_subtasks),
        cmocka_unit_test(test_calibration_takes_a_rate_where_nothing_held_it_back),
        cmocka_unit_test(test_edges_that_are_given_make_other_graphs),
        cmocka_unit_test(test_settings_are_taken_as_they_are),
        cmocka_unit_test(test_what_cannot_be_told_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
