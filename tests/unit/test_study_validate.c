/* How close is close enough, and what a validation makes of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scenarios/reader/scenario.h"
#include "sim/arena.h"
#include "studies/result.h"
#include "studies/validate.h"
#include "studies/validate_checkpoints.h"
#include "studies/validate_error.h"
#include "studies/validate_rules.h"
#include "studies/validate_tracks.h"
#include "tests/support/assert_near.h"
#include "tests/support/folder.h"

static const char job_text[] =
    "name: small\n"
    "cluster: {taskmanagers: 2, slots-per-taskmanager: 2}\n"
    "job:\n"
    "  vertices:\n"
    "    - {name: source, taskmanager: 0, source: {rate: unlimited, record-size: 1000B}}\n"
    "    - {name: sink, taskmanager: 1, process: {service: {constant: 2ms}}}\n"
    "  edges:\n"
    "    - {from: source, to: sink, partition: rebalance}\n"
    "run: {duration: 12s, warmup: 4s, sample: 500ms}\n";

static void read_job(struct scn_scenario *scenario, const char *text)
{
    assert_true(scn_scenario_read_text(scenario, text, strlen(text), NULL));
}

/* ---- tolerances ---- */

/* Rules for the small job beside a recording of these rows. */
struct rules_fixture {
    struct test_folder folder;
    struct scn_scenario scenario;
    struct study_recording recording;
    struct study_rules rules;
    double changes[3];
    double p50[3];
    bool is_split[3];
};

static void make_rules(struct rules_fixture *f, const char *job, const char *rows)
{
    struct sim_err err = {0};
    char text[2000];

    *f = (struct rules_fixture){0};
    test_folder_make(&f->folder);
    snprintf(text, sizeof text, "vertex,subtask,metric,n,mean,sd,min,max\n%s", rows);
    test_folder_write(&f->folder, "summary.csv", text);
    test_folder_write(&f->folder, "series.csv", "t_s,vertex,subtask,metric,value\n");
    read_job(&f->scenario, job);
    assert_true(study_recording_read(&f->recording, f->folder.path, &err));
    f->rules = (struct study_rules){.spec = &f->scenario.spec,
                                    .recording = &f->recording,
                                    .changes_per_s = f->changes,
                                    .latency_p50 = f->p50,
                                    .has_split_latency = f->is_split};
    study_rules_init(&f->rules);
}

static void drop_rules(struct rules_fixture *f)
{
    study_recording_finish(&f->recording);
    scn_scenario_finish(&f->scenario);
    test_folder_remove(&f->folder);
}

#define SOURCE 0
#define SINK 1

static void assert_tolerance(const struct rules_fixture *f, uint32_t vertex, const char *metric,
                             double recorded, double want)
{
    struct study_tolerance got = study_rules_tolerance(&f->rules, vertex, metric, recorded);

    if (!got.is_compared || fabs(got.value - want) > 1e-9 * fabs(want)) {
        fail_msg("%s %g: %g instead of %g (%s)", metric, recorded, got.value, want, got.rule);
    }
}

static void assert_skipped(const struct rules_fixture *f, uint32_t vertex, const char *metric,
                           double recorded)
{
    assert_false(study_rules_tolerance(&f->rules, vertex, metric, recorded).is_compared);
}

static const char saturated_rows[] = "source,all,busy.exact,9,3,0,3,3\n"
                                     "sink,all,busy.exact,9,999,0,999,999\n"
                                     "sink,all,latencyMs,900,500,100,400,600\n"
                                     "sink,all,latencyMs.p50,900,500,0,500,500\n";

static void test_tolerances_are_those_of_the_table(void **state)
{
    struct rules_fixture f;

    (void)state;
    make_rules(&f, job_text, saturated_rows);
    assert_tolerance(&f, SINK, "numRecordsIn.rate", 500, 1.5);
    assert_tolerance(&f, SOURCE, "numRecordsOut.rate", 1000, 3);
    assert_tolerance(&f, SOURCE, "numBuffersOut.rate", 100, 0.7);
    assert_tolerance(&f, SINK, "numBuffersInRemote.rate", 100, 1);
    assert_tolerance(&f, SINK, "inPoolUsage", 1, 0.02);
    assert_tolerance(&f, SOURCE, "outPoolUsage", 1, 0.02);
    assert_tolerance(&f, SINK, "inputExclusiveBuffersUsage", 1, 0.03);
    assert_tolerance(&f, SINK, "inputFloatingBuffersUsage", 1, 0.03);
    assert_tolerance(&f, SINK, "inputQueueLength", 9, 0.3);
    assert_tolerance(&f, SOURCE, "outputQueueLength", 9, 0.3);
    assert_tolerance(&f, SINK, "latencyMs", 500, 10);
    assert_tolerance(&f, SINK, "latencyMs", 50, 1.5);
    assert_tolerance(&f, SINK, "latencyMs.p50", 500, 10);
    assert_tolerance(&f, SINK, "latencyMs.p99", 500, 25);
    assert_tolerance(&f, SINK, "latencyMs.p99", 50, 5);
    assert_tolerance(&f, SINK, "debloatedBufferSize", 1000, 250);
    assert_tolerance(&f, SINK, "estimatedTimeToConsumeBuffersMs", 1000, 250);
    assert_tolerance(&f, UINT32_MAX, "checkpoint.end_to_end_duration", 1000, 50);
    assert_tolerance(&f, SINK, "checkpoint.persisted_bytes", 1000, 30);
    assert_true(study_rules_tolerance(&f.rules, SOURCE, "outPool.size", 10).value < 0.0001);
    assert_false(study_rules_knows("outPool.used"));
    drop_rules(&f);
}

static void test_rates_are_never_told_closer_than_one_count(void **state)
{
    struct rules_fixture f;

    (void)state;
    make_rules(&f, job_text, saturated_rows);
    assert_tolerance(&f, SINK, "numRecordsIn.rate", 2, 1.0 / 8); /* 12 s without 4 s */
    drop_rules(&f);
}

static void test_times_of_sources_depend_on_their_changes_of_state(void **state)
{
    struct rules_fixture f;

    (void)state;
    make_rules(&f, job_text, saturated_rows);
    f.changes[SOURCE] = 10;
    assert_tolerance(&f, SOURCE, "idle.exact", 900, 10);
    f.changes[SOURCE] = 100;
    assert_tolerance(&f, SOURCE, "idle.exact", 900, 50);
    f.changes[SINK] = 100;
    assert_tolerance(&f, SINK, "busy.exact", 999, 10);
    drop_rules(&f);
}

static void test_times_of_operators_depend_on_whether_they_are_saturated(void **state)
{
    struct rules_fixture f;

    (void)state;
    make_rules(&f, job_text, saturated_rows);
    assert_tolerance(&f, SINK, "busy.exact", 999, 10);
    assert_tolerance(&f, UINT32_MAX, "UsedMemorySegments", 10, 0.00005);
    drop_rules(&f);
    make_rules(&f, job_text,
               "source,all,busy.exact,9,999,0,999,999\nsink,all,busy.exact,9,600,0,600,600\n");
    assert_tolerance(&f, SINK, "busy.exact", 600, 20);
    assert_skipped(&f, UINT32_MAX, "UsedMemorySegments", 10);
    drop_rules(&f);
}

static void test_latencies_that_say_little_are_not_compared(void **state)
{
    struct rules_fixture f;

    (void)state;
    make_rules(&f, job_text,
               "sink,all,latencyMs,900,0.9,0.1,0,3\nsink,all,latencyMs.p50,900,0.8,0,0.8,0.8\n");
    assert_skipped(&f, SINK, "latencyMs", 0.9);
    assert_skipped(&f, SINK, "latencyMs.p99", 12);
    drop_rules(&f);
    make_rules(&f, job_text,
               "sink,all,latencyMs,900,100,151,0,900\nsink,all,latencyMs.p50,900,9,0,9,9\n");
    assert_tolerance(&f, SINK, "latencyMs", 100, 2);
    assert_skipped(&f, SINK, "latencyMs.p50", 9);
    assert_skipped(&f, SINK, "latencyMs.p99", 900);
    drop_rules(&f);
}

static void test_tails_are_wider_with_a_fan_out_or_checkpoints(void **state)
{
    static const char fan_out[] = "name: wide\n"
                                  "cluster: {taskmanagers: 2, slots-per-taskmanager: 2}\n"
                                  "job:\n"
                                  "  vertices:\n"
                                  "    - {name: source, source: {rate: 10/s, record-size: 1000B}}\n"
                                  "    - {name: sink, process: {}}\n"
                                  "    - {name: other, process: {}}\n"
                                  "  edges:\n"
                                  "    - {from: source, to: sink, partition: rebalance}\n"
                                  "    - {from: source, to: other, partition: rebalance}\n"
                                  "run: {duration: 12s, warmup: 4s, sample: 500ms}\n";
    char with_checkpoints[1000];
    struct rules_fixture f;

    (void)state;
    make_rules(&f, fan_out, saturated_rows);
    assert_tolerance(&f, SINK, "latencyMs.p99", 500, 60);
    drop_rules(&f);
    snprintf(with_checkpoints, sizeof with_checkpoints,
             "%sflink: {execution.checkpointing.interval: 5s}\n", job_text);
    make_rules(&f, with_checkpoints, saturated_rows);
    assert_tolerance(&f, SINK, "latencyMs.p99", 500, 60);
    drop_rules(&f);
}

static void test_task_managers_are_compared_where_the_scenario_says_who_runs_where(void **state)
{
    static const char anywhere[] = "name: free\n"
                                   "cluster: {taskmanagers: 2, slots-per-taskmanager: 2}\n"
                                   "job:\n"
                                   "  vertices:\n"
                                   "    - {name: source, source: {rate: 9/s, record-size: 99B}}\n"
                                   "    - {name: sink, process: {}}\n"
                                   "  edges:\n"
                                   "    - {from: source, to: sink, partition: rebalance}\n"
                                   "run: {duration: 12s, warmup: 4s, sample: 500ms}\n";
    struct rules_fixture f;

    (void)state;
    make_rules(&f, anywhere, saturated_rows);
    assert_skipped(&f, UINT32_MAX, "UsedMemorySegments", 10);
    drop_rules(&f);
}

/* ---- a whole validation ---- */

/* Run the job and keep what it did as if it were a recording. */
static void record_run(const struct net_spec *spec, uint64_t seed, const struct test_folder *folder)
{
    struct study_run_params params = {.spec = spec, .seed = seed};
    struct sim_err err = {0};
    char target[100];
    char path[128];
    FILE *summary;

    snprintf(target, sizeof target, "%s/result", folder->path);
    params.folder = study_folder_create(target, &err);
    assert_non_null(params.folder);
    struct study_run *run = study_run_create(&params, &err);
    assert_non_null(run);
    assert_true(study_run_go(run, &err));
    snprintf(path, sizeof path, "%s/series.csv", study_folder_path(params.folder));
    char moved[128];
    snprintf(moved, sizeof moved, "%s/series.csv", folder->path);
    assert_int_equal(rename(path, moved), 0);
    snprintf(path, sizeof path, "%s/summary.csv", folder->path);
    summary = fopen(path, "w");
    assert_non_null(summary);
    study_result_write_summary(run, summary);
    assert_int_equal(fclose(summary), 0);
    study_run_destroy(run);
    study_folder_discard(params.folder);
}

struct recorded_job {
    struct test_folder folder;
    struct scn_scenario scenario;
    struct study_recording recording;
};

static void make_recorded_job(struct recorded_job *job)
{
    struct sim_err err = {0};

    test_folder_make(&job->folder);
    read_job(&job->scenario, job_text);
    record_run(&job->scenario.spec, 3, &job->folder);
    if (!study_recording_read(&job->recording, job->folder.path, &err)) {
        fail_msg("%s:%u: %s", err.file, (unsigned)err.line, err.text);
    }
}

static void drop_recorded_job(struct recorded_job *job)
{
    study_recording_finish(&job->recording);
    scn_scenario_finish(&job->scenario);
    test_folder_remove(&job->folder);
}

static void validate(const struct recorded_job *job, uint32_t seeds, uint32_t threads,
                     struct study_validation *validation)
{
    struct study_validate_params params = {.spec = &job->scenario.spec,
                                           .recording = &job->recording,
                                           .seeds = seeds,
                                           .threads = threads};
    struct sim_err err = {0};

    if (!study_validate(validation, &params, &err)) {
        fail_msg("%s", err.text);
    }
}

static struct study_recorded_row *row_of(struct recorded_job *job, const char *vertex,
                                         const char *metric)
{
    for (size_t i = 0; i < job->recording.row_count; i++) {
        struct study_recorded_row *row = &job->recording.rows[i];

        if (row->is_all && strcmp(row->vertex, vertex) == 0 && strcmp(row->metric, metric) == 0) {
            return row;
        }
    }
    fail_msg("no row %s %s", vertex, metric);
    return NULL;
}

static const struct study_check *check_of(const struct study_validation *validation,
                                          const char *vertex, const char *metric)
{
    for (size_t i = 0; i < validation->check_count; i++) {
        if (strcmp(validation->checks[i].vertex, vertex) == 0 &&
            strcmp(validation->checks[i].metric, metric) == 0) {
            return &validation->checks[i];
        }
    }
    fail_msg("no check %s %s", vertex, metric);
    return NULL;
}

static void test_a_run_is_within_tolerance_of_its_own_recording(void **state)
{
    struct recorded_job job;
    struct study_validation validation;

    (void)state;
    make_recorded_job(&job);
    validate(&job, 4, 1, &validation);
    assert_true(validation.compared >= 20);
    assert_int_equal(validation.within, validation.compared);
    assert_true(study_validation_holds(&validation));
    assert_int_equal(validation.seeds, 4);
    study_validation_finish(&validation);
    drop_recorded_job(&job);
}

static void test_one_changed_number_is_found(void **state)
{
    struct recorded_job job;
    struct study_validation validation;
    const struct study_check *check;

    (void)state;
    make_recorded_job(&job);
    row_of(&job, "sink", "numRecordsIn.rate")->mean += 5;
    validate(&job, 2, 1, &validation);
    assert_int_equal(validation.within, validation.compared - 1);
    check = check_of(&validation, "sink", "numRecordsIn.rate");
    assert_int_equal(check->verdict, STUDY_VERDICT_OUTSIDE);
    assert_near(check->error, check->recorded - check->most, 1e-12);
    assert_true(check->least <= check->mean && check->mean <= check->most);
    assert_near(check->tolerance, 0.003 * check->recorded, 1e-12);
    study_validation_finish(&validation);
    drop_recorded_job(&job);
}

static void test_a_metric_that_runs_do_not_have_is_outside(void **state)
{
    struct recorded_job job;
    struct study_validation validation;

    (void)state;
    make_recorded_job(&job);
    row_of(&job, "sink", "inPool.requested")->metric = "debloatedBufferSize";
    validate(&job, 2, 1, &validation);
    assert_int_equal(check_of(&validation, "sink", "debloatedBufferSize")->verdict,
                     STUDY_VERDICT_OUTSIDE);
    assert_false(check_of(&validation, "sink", "debloatedBufferSize")->is_simulated);
    study_validation_finish(&validation);
    drop_recorded_job(&job);
}

static void test_the_number_of_threads_changes_nothing(void **state)
{
    struct recorded_job job;
    struct study_validation one;
    struct study_validation many;

    (void)state;
    make_recorded_job(&job);
    validate(&job, 5, 1, &one);
    validate(&job, 5, 4, &many);
    assert_int_equal(one.check_count, many.check_count);
    for (size_t i = 0; i < one.check_count; i++) {
        assert_true(one.checks[i].least == many.checks[i].least);
        assert_true(one.checks[i].most == many.checks[i].most);
        assert_true(one.checks[i].mean == many.checks[i].mean);
    }
    assert_true(one.track_count > 0);
    for (size_t t = 0; t < one.track_count; t++) {
        assert_memory_equal(one.tracks[t].median, many.tracks[t].median,
                            one.tracks[t].simulated_count * sizeof(double));
    }
    study_validation_finish(&one);
    study_validation_finish(&many);
    drop_recorded_job(&job);
}

static void test_recordings_of_other_jobs_are_refused(void **state)
{
    struct recorded_job job;
    struct study_validation validation;
    struct sim_err err = {0};

    (void)state;
    make_recorded_job(&job);
    struct study_validate_params params = {
        .spec = &job.scenario.spec, .recording = &job.recording, .seeds = 1, .threads = 1};
    job.scenario.spec.vertices[1].name = "drain";
    assert_false(study_validate(&validation, &params, &err));
    assert_int_equal(err.code, SIM_ERR_INPUT);
    assert_non_null(strstr(err.text, "'sink'"));
    drop_recorded_job(&job);
}

/* ---- the course of a metric ---- */

static void test_a_course_may_be_early_or_late_by_the_shift(void **state)
{
    /* A step from 0 to 1 between 1.0 s and 1.1 s, recorded 0.2 s later. */
    double seconds[40];
    double median[40];
    double recorded[40];
    struct study_track track = {.recorded_count = 40,
                                .recorded_seconds = seconds,
                                .recorded = recorded,
                                .simulated_count = 40,
                                .simulated_seconds = seconds,
                                .median = median};

    (void)state;
    for (int i = 0; i < 40; i++) {
        seconds[i] = 0.1 * i;
        median[i] = i > 10 ? 1 : 0;
        recorded[i] = i > 12 ? 1 : 0;
    }
    assert_near(study_track_share_within(&track, 0.1, 0), 38.0 / 40, 1e-12);
    assert_near(study_track_share_within(&track, 0.1, 0.15), 39.0 / 40, 1e-12);
    assert_near(study_track_share_within(&track, 0.1, 0.25), 1, 1e-12);
    assert_near(study_track_share_within(&track, 1, 0), 1, 1e-12);
}

static void test_phases_of_a_source_make_its_course_count(void **state)
{
    static const char phases[] =
        "name: waves\n"
        "cluster: {taskmanagers: 2, slots-per-taskmanager: 2}\n"
        "job:\n"
        "  vertices:\n"
        "    - name: source\n"
        "      taskmanager: 0\n"
        "      source: {record-size: 1000B, phases: [{for: 2s, rate: 900/s}, {for: 2s, rate: "
        "10/s}]}\n"
        "    - {name: sink, taskmanager: 1, process: {service: {constant: 2ms}}}\n"
        "  edges:\n"
        "    - {from: source, to: sink, partition: rebalance}\n"
        "run: {duration: 12s, warmup: 4s, sample: 250ms}\n";
    struct recorded_job job;
    struct study_validation validation;
    struct sim_err err = {0};
    const struct study_check *check;

    (void)state;
    test_folder_make(&job.folder);
    read_job(&job.scenario, phases);
    record_run(&job.scenario.spec, 3, &job.folder);
    assert_true(study_recording_read(&job.recording, job.folder.path, &err));
    validate(&job, 3, 1, &validation);
    check = check_of(&validation, "sink", "inPoolUsage.trajectory");
    assert_int_equal(check->verdict, STUDY_VERDICT_WITHIN);
    assert_true(check->mean >= 0.95);
    study_validation_finish(&validation);
    /* The waves come a second late. */
    for (size_t i = 0; i < job.recording.series_count; i++) {
        struct study_recorded_series *series = &job.recording.series[i];

        for (uint32_t k = 0; k < series->count; k++) {
            series->seconds[k] += 1;
        }
    }
    validate(&job, 3, 1, &validation);
    check = check_of(&validation, "sink", "inPoolUsage.trajectory");
    assert_int_equal(check->verdict, STUDY_VERDICT_OUTSIDE);
    study_validation_finish(&validation);
    drop_recorded_job(&job);
}

/* ---- checkpoints ---- */

static void test_checkpoints_count_when_complete_and_after_the_warm_up(void **state)
{
    struct recorded_job job;
    struct sim_arena *arena = sim_arena_create();
    struct study_checkpoint_mean *means;
    struct sim_err err = {0};
    const sim_time *times;
    uint32_t count;

    (void)state;
    test_folder_make(&job.folder);
    read_job(&job.scenario, job_text);
    test_folder_write(&job.folder, "series.csv", "t_s,vertex,subtask,metric,value\n");
    test_folder_write(&job.folder, "checkpoints.csv",
                      "id,t_s,vertex,subtask,metric,value\n"
                      "3,9.5,sink,0,start_delay_ms,900\n" /* never complete */
                      "1,1.25,job,-1,end_to_end_duration,100\n"
                      "1,1.25,sink,0,start_delay_ms,50\n" /* within the warm-up */
                      "2,5.5,job,-1,end_to_end_duration,30\n"
                      "2,5.5,sink,0,start_delay_ms,20\n"
                      "2,5.5,sink,1,start_delay_ms,22\n"
                      "2,5.5,elsewhere,0,start_delay_ms,7\n");
    assert_true(study_recording_read(&job.recording, job.folder.path, &err));
    times = study_validate_triggers(&job.recording, arena, &count);
    assert_int_equal(count, 3);
    assert_int_equal(times[0], 1250 * SIM_MS);
    assert_int_equal(times[2], 9500 * SIM_MS);
    assert_int_equal(study_validate_checkpoints(&job.scenario.spec, &job.recording, arena, &means),
                     2);
    assert_string_equal(means[0].vertex, "sink");
    assert_near(means[0].mean, 21, 0);
    assert_string_equal(means[1].vertex, "job");
    assert_near(means[1].mean, 30, 0);
    sim_arena_destroy(arena);
    drop_recorded_job(&job);
}

/* ---- a job that does not start ---- */

#define ERROR_TEXT(required, available, total)                                                     \
    "Insufficient number of network buffers: required " required ", but only " available           \
    " available. The total number of network buffers is currently set to " total                   \
    " of 32768 bytes each."

static bool is_error_good(const char *recorded, const char *simulated)
{
    struct scn_scenario scenario;
    struct study_seed seed = {.seed = 1};
    struct study_error_check checks[STUDY_ERROR_CHECKS];
    bool is_good = true;

    read_job(&scenario, job_text);
    snprintf(seed.refusal, sizeof seed.refusal, "%s", simulated);
    size_t count = study_error_compare(&scenario.spec, recorded, &seed, 1, checks);
    assert_true(count > 0);
    for (size_t i = 0; i < count; i++) {
        is_good = is_good && checks[i].is_good;
    }
    scn_scenario_finish(&scenario);
    return is_good;
}

static void test_errors_agree_where_their_numbers_are_possible(void **state)
{
    (void)state;
    assert_true(is_error_good("Caused by: " ERROR_TEXT("2", "0", "32") "\n\tat x\n",
                              ERROR_TEXT("2", "1", "32")));
    /* No request asks for 7 buffers, and 2 are enough for 2. */
    assert_false(is_error_good(ERROR_TEXT("2", "0", "32"), ERROR_TEXT("7", "0", "32")));
    assert_false(is_error_good(ERROR_TEXT("2", "0", "32"), ERROR_TEXT("2", "2", "32")));
    assert_false(is_error_good(ERROR_TEXT("2", "0", "32"), ERROR_TEXT("2", "0", "33")));
    assert_false(is_error_good(ERROR_TEXT("2", "0", "32"), ERROR_TEXT("2", "0", "32") " Really."));
    assert_false(is_error_good(ERROR_TEXT("2", "0", "32"), "")); /* it started */
}

static void test_other_errors_must_be_the_same_text(void **state)
{
    (void)state;
    assert_true(is_error_good("java.lang.X: no floating buffer\n\tat", "no floating buffer"));
    assert_false(is_error_good("java.lang.X: no floating buffer\n\tat", "another"));
    assert_false(is_error_good("java.lang.X: no floating buffer\n\tat", ""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tolerances_are_those_of_the_table),
        cmocka_unit_test(test_rates_are_never_told_closer_than_one_count),
        cmocka_unit_test(test_times_of_sources_depend_on_their_changes_of_state),
        cmocka_unit_test(test_times_of_operators_depend_on_whether_they_are_saturated),
        cmocka_unit_test(test_latencies_that_say_little_are_not_compared),
        cmocka_unit_test(test_tails_are_wider_with_a_fan_out_or_checkpoints),
        cmocka_unit_test(test_task_managers_are_compared_where_the_scenario_says_who_runs_where),
        cmocka_unit_test(test_a_run_is_within_tolerance_of_its_own_recording),
        cmocka_unit_test(test_one_changed_number_is_found),
        cmocka_unit_test(test_a_metric_that_runs_do_not_have_is_outside),
        cmocka_unit_test(test_the_number_of_threads_changes_nothing),
        cmocka_unit_test(test_recordings_of_other_jobs_are_refused),
        cmocka_unit_test(test_a_course_may_be_early_or_late_by_the_shift),
        cmocka_unit_test(test_phases_of_a_source_make_its_course_count),
        cmocka_unit_test(test_checkpoints_count_when_complete_and_after_the_warm_up),
        cmocka_unit_test(test_errors_agree_where_their_numbers_are_possible),
        cmocka_unit_test(test_other_errors_must_be_the_same_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
