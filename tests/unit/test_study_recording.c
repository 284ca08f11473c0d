/* Recordings are read strictly: what is there, and every kind of mistake with its place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "studies/recording.h"
#include "tests/support/folder.h"

static const char summary[] = "vertex,subtask,metric,n,mean,sd,min,max\n"
                              "sink,0,busy.exact,91,999.5,0.5,998,1000\n"
                              "sink,all,busy.exact,91,999.5,0.5,998,1000\n";
static const char series[] = "t_s,vertex,subtask,metric,value\n"
                             "0.00,sink,0,numRecordsIn,0\n"
                             "0.00,sink,1,numRecordsIn,0\n"
                             "0.51,sink,0,numRecordsIn,250\n"
                             "0.52,sink,1,numRecordsIn,240\n";
static const char placement[] =
    "vertex,subtask,taskmanager,remote_inputs,local_inputs,out_pools,in_pools\n"
    "sink,0,1,2,1,,1/3/8\n"
    "source,0,0,0,0,3/12/12 2/4/5,\n";
static const char checkpoints[] = "id,t_s,vertex,subtask,metric,value\n"
                                  "2,1.022,job,-1,end_to_end_duration,3214\n"
                                  "2,1.022,sink,1,start_delay_ms,20\n";
static const char channels[] = "t_s,vertex,subtask,side,edge,channel,queued\n"
                               "0.0,sink,0,in,0,1,7\n"
                               "1.0,source,0,out,1,0,9\n";
static const char spread[] = "vertex,subtask,metric,runs,mean,sd,min,max,rel_sd\n"
                             "sink,all,busy.exact,3,999,1.5,998,1000,0.0015\n"
                             "sink,all,idle.exact,3,0,0,0,0,\n";

static int make_folder(void **state)
{
    struct test_folder *folder = malloc(sizeof *folder);

    assert_non_null(folder);
    test_folder_make(folder);
    test_folder_write(folder, "summary.csv", summary);
    test_folder_write(folder, "series.csv", series);
    *state = folder;
    return 0;
}

static int remove_folder(void **state)
{
    test_folder_remove(*state);
    free(*state);
    return 0;
}

static void read_good(const struct test_folder *folder, struct study_recording *recording)
{
    struct sim_err err = {0};

    if (!study_recording_read(recording, folder->path, &err)) {
        fail_msg("%s:%u: %s", err.file, (unsigned)err.line, err.text);
    }
}

static void test_recording_has_summary_and_series(void **state)
{
    struct study_recording recording;
    const struct study_recorded_series *one;

    read_good(*state, &recording);
    assert_int_equal(recording.row_count, 2);
    assert_false(recording.rows[0].is_all);
    assert_int_equal(recording.rows[0].n, 91);
    assert_true(recording.rows[1].is_all);
    assert_true(study_recording_row(&recording, "sink", "busy.exact") == &recording.rows[1]);
    assert_null(study_recording_row(&recording, "sink", "idle.exact"));
    assert_int_equal(recording.series_count, 2);
    one = study_recording_series(&recording, "sink", 1, "numRecordsIn");
    assert_non_null(one);
    assert_int_equal(one->count, 2);
    assert_true(one->seconds[1] == 0.52 && one->values[1] == 240);
    assert_null(study_recording_series(&recording, "sink", 2, "numRecordsIn"));
    assert_null(study_recording_series(&recording, "map", 0, "numRecordsIn"));
    assert_null(recording.error);
    study_recording_finish(&recording);
}

static void test_recording_has_the_files_that_may_be_absent(void **state)
{
    const struct test_folder *folder = *state;
    struct study_recording recording;

    test_folder_write(folder, "placement.csv", placement);
    test_folder_write(folder, "checkpoints.csv", checkpoints);
    test_folder_write(folder, "channels.csv", channels);
    test_folder_write(folder, "spread.csv", spread);
    test_folder_write(folder, "error.txt", "why it failed\n");
    read_good(folder, &recording);
    assert_int_equal(recording.task_count, 2);
    assert_int_equal(recording.tasks[0].input_count, 1);
    assert_int_equal(recording.tasks[0].inputs[0].current, 3);
    assert_int_equal(recording.tasks[0].local_inputs, 1);
    assert_int_equal(recording.tasks[1].output_count, 2);
    assert_int_equal(recording.tasks[1].outputs[1].max, 5);
    assert_int_equal(recording.checkpoint_count, 2);
    assert_true(recording.checkpoints[0].is_job);
    assert_false(recording.checkpoints[1].is_job);
    assert_int_equal(recording.checkpoints[1].subtask, 1);
    assert_int_equal(recording.channel_count, 2);
    assert_true(recording.channels[0].is_input);
    assert_int_equal(recording.channels[1].queued, 9);
    assert_int_equal(recording.spread_count, 2);
    assert_true(study_recording_spread(&recording, "sink", "busy.exact")->sd == 1.5);
    assert_string_equal(recording.error, "why it failed\n");
    study_recording_finish(&recording);
}

static void test_recording_of_a_job_that_failed_may_have_no_more_than_its_error(void **state)
{
    struct test_folder folder;
    struct study_recording recording;
    struct sim_err err = {0};

    test_folder_make(&folder);
    assert_false(study_recording_read(&recording, folder.path, &err));
    assert_int_equal(err.code, SIM_ERR_SYSTEM);
    assert_non_null(strstr(err.text, "series.csv"));
    test_folder_write(&folder, "error.txt", "no");
    read_good(&folder, &recording);
    assert_string_equal(recording.error, "no");
    assert_int_equal(recording.row_count, 0);
    study_recording_finish(&recording);
    test_folder_remove(&folder);
}

/* Recordings have both files: the one must follow from the other. */
static void test_summary_follows_from_the_series(void **state)
{
    struct study_recording recording;
    struct sim_err err = {0};
    size_t count;
    char path[512];

    (void)state;
    snprintf(path, sizeof path, "%s/tests/reference/jobs/linear-p2-three-stages",
             getenv("SLUICE_SOURCE_ROOT"));
    assert_true(study_recording_read(&recording, path, &err));
    count = recording.row_count;
    study_recording_summarise(&recording, 20);
    assert_true(recording.row_count > count + 40);
    for (size_t i = count; i < recording.row_count; i++) {
        const struct study_recorded_row *ours = &recording.rows[i];
        const struct study_recorded_row *theirs =
            study_recording_row(&recording, ours->vertex, ours->metric);

        assert_true(theirs != NULL && theirs != ours);
        if (strcmp(ours->metric, "latencyMs") != 0) {
            assert_int_equal(ours->n, theirs->n);
            assert_true(fabs(ours->mean - theirs->mean) <= 0.001 * fabs(theirs->mean) + 0.06);
        }
    }
    study_recording_finish(&recording);
}

/* One mistake: in which file, in which line, and a word of what is said. */
struct mistake {
    const char *name;
    const char *text;
    uint32_t line;
    const char *says;
};

static void test_mistakes_are_told_with_file_and_line(void **state)
{
    static const struct mistake mistakes[] = {
        {"summary.csv", "vertex,metric\n", 1, "header"},
        {"summary.csv", "", 1, "empty file"},
        {"summary.csv", "vertex,subtask,metric,n,mean,sd,min,max\na,0,m,1,1,1,1\n", 2, "7 fields"},
        {"summary.csv", "vertex,subtask,metric,n,mean,sd,min,max\na,0,m,1,x,1,1,1\n", 2, "number"},
        {"summary.csv", "vertex,subtask,metric,n,mean,sd,min,max\na,some,m,1,1,1,1,1\n", 2,
         "whole number"},
        {"summary.csv", "vertex,subtask,metric,n,mean,sd,min,max\na,0,m,1,1,1,1,1", 2, "cut off"},
        {"summary.csv", "vertex,subtask,metric,n,mean,sd,min,max\n,0,m,1,1,1,1,1\n", 2, "empty"},
        {"series.csv", "t_s,vertex,subtask,metric,value\n0,a,0,m,1\n0,a,0,m,2\n", 3, "not later"},
        {"series.csv", "t_s,vertex,subtask,metric,value\n-1,a,0,m,1\n", 2, "expected 0 to"},
        {"series.csv", "t_s,vertex,subtask,metric,value\n0,a,0,m,nan\n", 2, "number"},
        {"series.csv", "t_s,vertex,subtask,metric,value\n0,a,0,m,1e999\n", 2, "too large"},
        {"placement.csv",
         "vertex,subtask,taskmanager,remote_inputs,local_inputs,out_pools,in_pools\na,0,0,0,0,1/2,"
         "\n",
         2, "required/current/max"},
        {"placement.csv",
         "vertex,subtask,taskmanager,remote_inputs,local_inputs,out_pools,in_pools\n"
         "a,0,0,0,0,1/2/3  1/2/3,\n",
         2, "required/current/max"},
        {"channels.csv", "t_s,vertex,subtask,side,edge,channel,queued\n0,a,0,up,0,0,1\n", 2,
         "'in' nor 'out'"},
        {"checkpoints.csv", "id,t_s,vertex,subtask,metric,value\n1,0,a,-2,m,1\n", 2,
         "whole number"},
    };
    const struct test_folder *folder = *state;

    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        struct study_recording recording;
        struct sim_err err = {0};
        char path[256];

        test_folder_write(folder, "summary.csv", summary);
        test_folder_write(folder, "series.csv", series);
        test_folder_write(folder, mistakes[i].name, mistakes[i].text);
        assert_false(study_recording_read(&recording, folder->path, &err));
        assert_int_equal(err.code, SIM_ERR_INPUT);
        assert_int_equal(err.line, mistakes[i].line);
        if (strstr(err.text, mistakes[i].says) == NULL ||
            strstr(err.file, mistakes[i].name) == NULL) {
            fail_msg("mistake %zu: %s:%u: %s", i, err.file, (unsigned)err.line, err.text);
        }
        snprintf(path, sizeof path, "%s/%s", folder->path, mistakes[i].name);
        remove(path);
    }
}

/* A small generator of its own: the damage is the same every time. */
static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

static void test_damaged_bytes_end_in_a_recording_or_an_error(void **state)
{
    static const struct {
        const char *name;
        const char *text;
    } files[] = {
        {"summary.csv", summary},         {"series.csv", series},     {"placement.csv", placement},
        {"checkpoints.csv", checkpoints}, {"channels.csv", channels}, {"spread.csv", spread},
    };
    const struct test_folder *folder = *state;
    uint32_t random = 1;
    unsigned good = 0;
    unsigned bad = 0;

    for (unsigned round = 0; round < 180; round++) {
        size_t which = round % (sizeof files / sizeof files[0]);
        size_t length = strlen(files[which].text);
        char bytes[512];
        struct study_recording recording;
        struct sim_err err = {0};

        memcpy(bytes, files[which].text, length);
        for (unsigned i = 0; i <= round % 3; i++) {
            bytes[next_random(&random) % length] = (char)next_random(&random);
        }
        test_folder_write_bytes(folder, files[which].name, bytes,
                                round % 7 == 0 ? next_random(&random) % length : length);
        if (study_recording_read(&recording, folder->path, &err)) {
            good++;
            study_recording_finish(&recording);
        } else {
            bad++;
            assert_true(err.code == SIM_ERR_INPUT && err.line > 0);
        }
        test_folder_write(folder, files[which].name, files[which].text);
    }
    assert_true(good > 0 && bad > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_recording_has_summary_and_series, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(test_recording_has_the_files_that_may_be_absent,
                                        make_folder, remove_folder),
        cmocka_unit_test(test_recording_of_a_job_that_failed_may_have_no_more_than_its_error),
        cmocka_unit_test(test_summary_follows_from_the_series),
        cmocka_unit_test_setup_teardown(test_mistakes_are_told_with_file_and_line, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(test_damaged_bytes_end_in_a_recording_or_an_error,
                                        make_folder, remove_folder),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
