#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "sim/sim.h"
#include "studies/samples.h"
#include "tests/support/assert_near.h"

/* Two subtasks of "map" and one of "a,b": what each of their series tells at each instant. */
struct plan {
    double values[5][8];
    bool is_there[5][8];
    unsigned at[5];
};

static bool probe(void *owner, uint32_t what, sim_time now, double *value)
{
    struct plan *plan = owner;
    unsigned at = plan->at[what]++;

    (void)now;
    *value = plan->values[what][at];
    return plan->is_there[what][at];
}

static void fill(struct plan *plan, uint32_t what, const double *values)
{
    for (int i = 0; i < 5; i++) {
        plan->values[what][i] = values[i];
        plan->is_there[what][i] = values[i] >= 0;
    }
}

/* What counts begins at 2 s: said beforehand, or by a cut. */
static const struct study_windows from_2 = {.from = 2 * SIM_S, .count = 1};
static const struct study_windows cut_at_2 = {.length = SIM_S, .count = 4};

/* Run four seconds with a sample each. */
static struct study_samples *record(struct plan *plan, const struct study_windows *windows,
                                    FILE *out)
{
    static const struct sim_series series[] = {
        {"map", 0, "numRecordsIn", true, 1, probe, NULL, NULL, 0},
        {"map", 1, "numRecordsIn", true, 1, probe, NULL, NULL, 1},
        {"map", 1, "usage", false, 1, probe, NULL, NULL, 2},
        {"map", 0, "usage", false, 1, probe, NULL, NULL, 3},
        {"a,b", 0, "latencyMs.mean", false, 1, probe, NULL, NULL, 4},
    };
    struct sim *sim = sim_create();
    struct study_samples *samples = study_samples_create(SIM_S, windows, out);
    struct sim_recorder *recorder = sim_recorder_create(sim, SIM_S, 0, study_samples_add, samples);

    for (size_t i = 0; i < sizeof series / sizeof series[0]; i++) {
        struct sim_series one = series[i];

        one.owner = plan;
        sim_recorder_add(recorder, &one);
    }
    study_samples_bind(samples, recorder);
    sim_recorder_start(recorder);
    sim_run(sim, 4 * SIM_S);
    sim_recorder_destroy(recorder);
    sim_destroy(sim);
    return samples;
}

static void assert_row(const struct study_row *row, const char *metric, bool is_all,
                       uint32_t subtask, const double *n_mean_min_max)
{
    assert_string_equal(row->vertex, "map");
    assert_string_equal(row->metric, metric);
    assert_int_equal(row->is_all, is_all);
    assert_int_equal(row->subtask, subtask);
    assert_true((double)row->tally.n == n_mean_min_max[0]);
    assert_near(row->tally.mean, n_mean_min_max[1], 1e-14); /* merged tallies round */
    assert_true(row->tally.min == n_mean_min_max[2]);
    assert_true(row->tally.max == n_mean_min_max[3]);
}

static void check_rows(const struct study_windows *windows, uint32_t first)
{
    struct plan plan = {0};
    struct study_samples *samples;
    const struct study_row *rows;
    size_t count;

    fill(&plan, 0, (double[]){0, 1000, 1100, 1300, 1400});
    fill(&plan, 1, (double[]){0, 0, 10, 10, 50});
    fill(&plan, 2, (double[]){9, 9, 0.5, 0, 1});
    fill(&plan, 3, (double[]){9, 9, 0.5, 1, 1});
    fill(&plan, 4, (double[]){7, 7, 7, 7, 7});
    samples = record(&plan, windows, NULL);
    study_samples_cut(samples, first);
    rows = study_samples_rows(samples, &count);
    assert_int_equal(count, 6); /* latency has no rows here */
    assert_row(&rows[0], "numRecordsIn", false, 0, (double[]){2, 150, 100, 200});
    assert_row(&rows[1], "usage", false, 0, (double[]){3, 2.5 / 3, 0.5, 1});
    assert_row(&rows[2], "numRecordsIn", false, 1, (double[]){2, 20, 0, 40});
    assert_row(&rows[3], "usage", false, 1, (double[]){3, 0.5, 0, 1});
    assert_row(&rows[4], "numRecordsIn", true, 0, (double[]){2, 170, 140, 200});
    assert_row(&rows[5], "usage", true, 0, (double[]){3, 2.0 / 3, 0.5, 1});
    assert_true(rows[0].is_rate);
    assert_false(rows[1].is_rate);
    study_samples_destroy(samples);
}

static void test_rows_are_of_the_window_and_all_sums_or_averages(void **state)
{
    check_rows(&from_2, 0);
}

/* Samples at the cut count; the rate up to it does not. */
static void test_rows_after_a_cut_are_those_of_a_window_from_there(void **state)
{
    check_rows(&cut_at_2, 2);
}

static void test_missing_samples_are_left_out(void **state)
{
    struct plan plan = {0};
    struct study_samples *samples;
    const struct study_row *rows;
    size_t count;

    fill(&plan, 0, (double[]){-1, -1, -1, 100, 300});
    fill(&plan, 1, (double[]){-1, -1, -1, -1, -1});
    fill(&plan, 2, (double[]){-1, -1, -1, -1, 4});
    fill(&plan, 3, (double[]){-1, -1, -1, 1, 2});
    fill(&plan, 4, (double[]){-1, -1, -1, -1, -1});
    samples = record(&plan, &from_2, NULL);
    rows = study_samples_rows(samples, &count);
    assert_int_equal(count, 5);
    assert_row(&rows[0], "numRecordsIn", false, 0, (double[]){1, 200, 200, 200});
    assert_row(&rows[1], "usage", false, 0, (double[]){2, 1.5, 1, 2});
    assert_row(&rows[2], "usage", false, 1, (double[]){1, 4, 4, 4});
    assert_row(&rows[3], "numRecordsIn", true, 0, (double[]){1, 200, 200, 200});
    assert_row(&rows[4], "usage", true, 0, (double[]){2, 2, 1, 3});
    study_samples_destroy(samples);
}

static void test_samples_are_streamed_as_they_come(void **state)
{
    struct plan plan = {0};
    char buffer[2048] = "";
    FILE *out = fmemopen(buffer, sizeof buffer, "w");
    const char *head = "t_s,vertex,subtask,metric,value\n"
                       "0.00,map,0,numRecordsIn,0\n"
                       "0.00,map,1,usage,0.2500\n"
                       "0.00,\"a,b\",0,latencyMs.mean,7\n"
                       "1.00,map,0,numRecordsIn,123456\n";

    fill(&plan, 0, (double[]){0, 123456, -1, -1, -1});
    fill(&plan, 1, (double[]){-1, -1, -1, -1, -1});
    fill(&plan, 2, (double[]){0.25, -1, -1, -1, -1});
    fill(&plan, 3, (double[]){-1, -1, -1, -1, -1});
    fill(&plan, 4, (double[]){7, -1, -1, -1, -1});
    study_samples_destroy(record(&plan, &from_2, out));
    fclose(out);
    assert_string_equal(buffer, head);
}

static void test_failed_write_stops_the_run(void **state)
{
    struct plan plan = {0};
    FILE *out = fopen("/dev/full", "w");
    struct study_samples *samples;

    assert_non_null(out);
    setvbuf(out, NULL, _IONBF, 0);
    samples = record(&plan, &from_2, out);
    assert_int_not_equal(study_samples_error(samples), 0);
    study_samples_destroy(samples);
    fclose(out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_are_of_the_window_and_all_sums_or_averages),
        cmocka_unit_test(test_rows_after_a_cut_are_those_of_a_window_from_there),
        cmocka_unit_test(test_missing_samples_are_left_out),
        cmocka_unit_test(test_samples_are_streamed_as_they_come),
        cmocka_unit_test(test_failed_write_stops_the_run),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
