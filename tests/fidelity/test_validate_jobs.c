/*
 * Every recorded job against its simulation: at least 95 % of the metrics of each case and at least
 * 95 % of the cases are within their tolerances.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios/reader/scenario.h"
#include "studies/validate.h"
#include "tests/support/cases.h"

static void validate_case(const char *name, struct study_validation *validation)
{
    struct scn_scenario scenario;
    struct study_recording recording;
    struct sim_err err = {0};
    char path[512];

    snprintf(path, sizeof path, "%s/tests/reference/jobs/%s", getenv("SLUICE_SOURCE_ROOT"), name);
    if (!study_recording_read(&recording, path, &err)) {
        fail_msg("%s: %s:%u: %s", name, err.file, (unsigned)err.line, err.text);
    }
    strcat(path, "/case.yaml");
    assert_true(scn_scenario_read_file(&scenario, path, NULL));
    struct study_validate_params params = {.spec = &scenario.spec,
                                           .recording = &recording,
                                           .seeds = STUDY_VALIDATE_SEEDS,
                                           .threads = 2};
    if (!study_validate(validation, &params, &err)) {
        fail_msg("%s: %s", name, err.text);
    }
    study_recording_finish(&recording);
    scn_scenario_finish(&scenario);
}

static void print_outside(const struct study_validation *validation)
{
    for (size_t i = 0; i < validation->check_count; i++) {
        const struct study_check *check = &validation->checks[i];

        if (check->verdict == STUDY_VERDICT_OUTSIDE) {
            print_message("# %s %s %s: recorded %.5g, simulated %.5g to %.5g, tolerance %.3g\n",
                          validation->name, check->vertex, check->metric, check->recorded,
                          check->least, check->most, check->tolerance);
        }
    }
}

static void test_simulated_jobs_are_within_tolerance_of_the_recordings(void **state)
{
    size_t cases = 0;
    size_t holding = 0;

    (void)state;
    for (size_t i = 0; case_names[i] != NULL; i++) {
        struct study_validation validation;

        validate_case(case_names[i], &validation);
        assert_true(validation.compared > 0);
        print_outside(&validation);
        cases++;
        holding += study_validation_holds(&validation);
        study_validation_finish(&validation);
    }
    print_message("# %zu of %zu cases hold\n", holding, cases);
    assert_true((double)holding >= STUDY_VALIDATE_ENOUGH * (double)cases);
}

/* A tolerance that everything meets would prove nothing. */
static void test_another_job_is_outside(void **state)
{
    struct scn_scenario scenario;
    struct study_recording recording;
    struct study_validation validation;
    struct sim_err err = {0};
    const char *const overrides[] = {
        "flink.taskmanager.network.memory.floating-buffers-per-gate=4"};
    const struct scn_options options = {.overrides = overrides, .override_count = 1};
    char path[512];

    (void)state;
    snprintf(path, sizeof path, "%s/tests/reference/jobs/linear-p2-three-stages",
             getenv("SLUICE_SOURCE_ROOT"));
    assert_true(study_recording_read(&recording, path, &err));
    strcat(path, "/case.yaml");
    assert_true(scn_scenario_read_file(&scenario, path, &options));
    struct study_validate_params params = {
        .spec = &scenario.spec, .recording = &recording, .seeds = 2, .threads = 1};
    assert_true(study_validate(&validation, &params, &err));
    assert_false(study_validation_holds(&validation));
    study_validation_finish(&validation);
    study_recording_finish(&recording);
    scn_scenario_finish(&scenario);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_simulated_jobs_are_within_tolerance_of_the_recordings),
        cmocka_unit_test(test_another_job_is_outside),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
