#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "studies/diagnosis.h"
#include "studies/result.h"
#include "studies/run.h"

/* A source that is always ready, and a sink that serves 500 records a second. */
struct fixture {
    struct net_rate_phase phase;
    struct net_service_spec service;
    struct net_vertex_spec vertices[2];
    struct net_edge_spec edge;
    struct net_spec spec;
};

static void make(struct fixture *f)
{
    *f = (struct fixture){.phase = {SIM_TIME_MAX, INFINITY}};
    f->service.time = (struct sim_dist){.kind = SIM_DIST_CONSTANT, .a = 2e6};
    f->vertices[0] = (struct net_vertex_spec){
        .name = "source", .parallelism = 1, .taskmanager = 0, .is_source = true};
    f->vertices[0].source =
        (struct net_source_spec){.phases = &f->phase, .phase_count = 1, .seed = 1};
    f->vertices[0].record_size = (struct sim_dist){.kind = SIM_DIST_CONSTANT, .a = 1000};
    f->vertices[1] = (struct net_vertex_spec){.name = "sink",
                                              .parallelism = 1,
                                              .taskmanager = 1,
                                              .services = &f->service,
                                              .service_count = 1};
    f->vertices[1].record_size = (struct sim_dist){.kind = SIM_DIST_CONSTANT, .a = 100};
    f->edge = (struct net_edge_spec){0, 1, NET_PARTITION_REBALANCE, NULL, 0, false, 0};
    f->spec = (struct net_spec){.name = "two",
                                .description = "",
                                .vertices = f->vertices,
                                .vertex_count = 2,
                                .edges = &f->edge,
                                .edge_count = 1};
    net_config_init(&f->spec.config, NET_FLINK_1_20);
    net_machine_init(&f->spec.machine);
    f->spec.cluster =
        (struct net_cluster_spec){.taskmanagers = 2,
                                  .slots = 2,
                                  .link = {.bytes_per_second = 1.25e9, .latency = SIM_MS / 10}};
    f->spec.run = (struct net_run_spec){
        .duration = 20 * SIM_S, .warmup = 5 * SIM_S, .sample = SIM_S / 2, .seed = 7};
}

static struct study_run *run_it(const struct study_run_params *params)
{
    struct sim_err err = {0};
    struct study_run *run = study_run_create(params, &err);

    assert_non_null(run);
    assert_true(study_run_go(run, &err));
    return run;
}

static const struct study_row *find_row(const struct study_run *run, const char *vertex,
                                        bool is_all, const char *metric)
{
    size_t count;
    const struct study_row *rows = study_run_rows(run, &count);

    for (size_t i = 0; i < count; i++) {
        if (strcmp(rows[i].vertex, vertex) == 0 && strcmp(rows[i].metric, metric) == 0 &&
            rows[i].is_all == is_all) {
            return &rows[i];
        }
    }
    fail_msg("no row %s %s", vertex, metric);
    return NULL;
}

static void assert_between(double value, double low, double high)
{
    if (!(value >= low && value <= high)) {
        fail_msg("%g is not between %g and %g", value, low, high);
    }
}

static void test_run_counts_samples_as_the_recordings_do(void **state)
{
    struct fixture f;
    struct study_run *run;

    make(&f);
    run = run_it(&(struct study_run_params){.spec = &f.spec, .seed = 7});
    /* 5.0, 5.5, ... 20.0 are 31 samples with 30 differences between them. */
    assert_int_equal(find_row(run, "sink", false, "busy.exact")->tally.n, 31);
    assert_int_equal(find_row(run, "sink", false, "numRecordsIn")->tally.n, 30);
    assert_true(find_row(run, "sink", false, "numRecordsIn")->is_rate);
    assert_int_equal(find_row(run, "sink", true, "numRecordsIn")->tally.n, 30);
    assert_between(find_row(run, "sink", false, "numRecordsIn")->tally.mean, 499, 501);
    assert_int_equal(study_run_outcome(run)->window_from, 5 * SIM_S);
    assert_int_equal(study_run_outcome(run)->simulated, 20 * SIM_S);
    study_run_destroy(run);
}

static void test_run_finds_the_saturated_sink(void **state)
{
    struct fixture f;
    struct study_run *run;
    struct study_diagnosis diagnosis;
    const struct study_outcome *outcome;

    make(&f);
    run = run_it(&(struct study_run_params){.spec = &f.spec, .seed = 7});
    outcome = study_run_outcome(run);
    assert_between(outcome->vertices[1].records_in_per_s, 499, 501);
    assert_between(outcome->vertices[1].busy.mean, 0.99, 1);
    assert_between(outcome->vertices[0].back_pressured.mean, 0.9, 1);
    assert_int_equal(sim_histogram_count(outcome->vertices[1].latency),
                     outcome->tasks[1].records_in);
    study_diagnose(&diagnosis, outcome);
    assert_int_equal(diagnosis.cause, STUDY_CAUSE_SERVICE);
    assert_int_equal(diagnosis.vertex, 1);
    assert_int_equal(diagnosis.pressed, 0);
    study_diagnosis_finish(&diagnosis);
    study_run_destroy(run);
}

static bool stop_soon(void *arg, sim_time now, uint64_t events)
{
    (void)events;
    return now < *(sim_time *)arg;
}

static bool go_on(void *arg, sim_time now, uint64_t events)
{
    (void)now;
    (void)events;
    ++*(uint64_t *)arg;
    return true;
}

static void test_run_stops_when_progress_says_so(void **state)
{
    struct fixture f;
    sim_time limit = SIM_S;
    struct study_run *run;

    make(&f);
    run = run_it(&(struct study_run_params){
        .spec = &f.spec, .seed = 7, .progress = stop_soon, .progress_arg = &limit});
    assert_int_equal(study_run_outcome(run)->stop, STUDY_STOP_INTERRUPTED);
    assert_true(study_run_outcome(run)->simulated < 20 * SIM_S);
    study_run_destroy(run);
}

static void test_trajectory_does_not_depend_on_files_or_progress(void **state)
{
    struct fixture f;
    struct sim_err err = {0};
    uint64_t calls = 0;
    struct study_run *bare;
    struct study_run *full;
    struct study_folder *folder;
    char target[] = "/tmp/sluice-test-run-XXXXXX";

    make(&f);
    assert_non_null(mkdtemp(target));
    folder = study_folder_create(target, &err);
    assert_non_null(folder);
    bare = run_it(&(struct study_run_params){.spec = &f.spec, .seed = 7});
    full = run_it(&(struct study_run_params){.spec = &f.spec,
                                             .seed = 7,
                                             .wants_channels = true,
                                             .folder = folder,
                                             .progress = go_on,
                                             .progress_arg = &calls});
    assert_true(calls > 0);
    assert_int_equal(study_run_outcome(full)->trajectory_hash,
                     study_run_outcome(bare)->trajectory_hash);
    assert_int_equal(study_run_outcome(full)->events, study_run_outcome(bare)->events);
    study_run_destroy(bare);
    study_run_destroy(full);
    study_folder_discard(folder);
    rmdir(target);
}

static void test_another_seed_gives_another_trajectory(void **state)
{
    struct fixture f;
    struct study_run *one;
    struct study_run *other;

    make(&f);
    one = run_it(&(struct study_run_params){.spec = &f.spec, .seed = 7});
    other = run_it(&(struct study_run_params){.spec = &f.spec, .seed = 8});
    assert_true(study_run_outcome(one)->trajectory_hash !=
                study_run_outcome(other)->trajectory_hash);
    study_run_destroy(one);
    study_run_destroy(other);
}

static void test_job_that_cannot_start_is_an_outcome(void **state)
{
    struct fixture f;
    struct study_run *run;
    size_t count;

    make(&f);
    f.spec.config.memory.number_of_buffers = NET_UNSET;
    f.spec.config.memory.network_min = 65536;
    f.spec.config.memory.network_max = 65536;
    f.spec.config.memory.network_min_is_set = true;
    f.spec.config.memory.network_max_is_set = true;
    run = run_it(&(struct study_run_params){.spec = &f.spec, .seed = 7});
    assert_int_equal(study_run_outcome(run)->stop, STUDY_STOP_REFUSED);
    assert_non_null(
        strstr(study_run_outcome(run)->refusal, "Insufficient number of network buffers"));
    study_run_rows(run, &count);
    assert_int_equal(count, 0);
    study_run_destroy(run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_run_counts_samples_as_the_recordings_do),
        cmocka_unit_test(test_run_finds_the_saturated_sink),
        cmocka_unit_test(test_run_stops_when_progress_says_so),
        cmocka_unit_test(test_trajectory_does_not_depend_on_files_or_progress),
        cmocka_unit_test(test_another_seed_gives_another_trajectory),
        cmocka_unit_test(test_job_that_cannot_start_is_an_outcome),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
