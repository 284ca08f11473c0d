/*
 * Chart data: what becomes of the samples of a result folder.
 *
 * The files are written to a folder of the test's own, because reading files is what is tested.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "plots/channels.h"
#include "plots/feed.h"
#include "plots/latency.h"
#include "plots/series.h"
#include "plots/summary.h"
#include "tests/support/assert_near.h"

static const char *const made[] = {
    "series.csv",
    "channels.csv",
    "latency.csv",
    "vertices.tsv",
    "vertex-1.tsv",
    "vertex-2.tsv",
    "vertex-3.tsv",
    "taskmanagers.tsv",
    "run.tsv",
    "taskmanager-1.tsv",
    "latency.tsv",
    "latency-1.tsv",
    "latency-2.tsv",
    "channels-out.dat",
    "channels-in.dat",
    "channels-out-labels.tsv",
    "channels-in-labels.tsv",
    "summary.json",
};

static int set_up(void **state)
{
    static char path[64];
    snprintf(path, sizeof path, "%s", "/tmp/sluice-feed-XXXXXX");
    *state = mkdtemp(path);
    return *state ? 0 : -1;
}

static int tear_down(void **state)
{
    char path[256];
    for (size_t i = 0; i < sizeof made / sizeof made[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", (char *)*state, made[i]);
        remove(path);
    }
    return rmdir(*state);
}

static const char *place(void **state, const char *name)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", (char *)*state, name);
    return path;
}

static void put(void **state, const char *name, const char *text)
{
    FILE *file = fopen(place(state, name), "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

/* The number in a column of a row (0 is the first behind the header); NaN when it is empty. */
static double get(void **state, const char *name, int row, const char *column)
{
    char text[4096];
    FILE *file = fopen(place(state, name), "r");
    assert_non_null(file);
    assert_non_null(fgets(text, sizeof text, file));
    int at = 0;
    for (char *word = text;
         strncmp(word, column, strlen(column)) != 0 || !strchr("\t\n", word[strlen(column)]);
         at++) {
        word = strchr(word, '\t');
        assert_non_null(word);
        word++;
    }
    for (int i = 0; i <= row; i++) {
        assert_non_null(fgets(text, sizeof text, file));
    }
    fclose(file);
    char *word = text;
    for (int i = 0; i < at; i++) {
        word = strchr(word, '\t') + 1;
    }
    return strchr("\t\n", *word) ? NAN : strtod(word, NULL);
}

static struct plt_series *read_series(void **state, const char *rows)
{
    char text[4096];
    snprintf(text, sizeof text, "t_s,vertex,subtask,metric,value\n%s", rows);
    put(state, "series.csv", text);
    struct sim_err err = {0};
    struct plt_series *series = plt_series_read(place(state, "series.csv"), &err);
    if (!series) {
        fail_msg("%s", err.text);
    }
    assert_true(plt_series_write(series, *state, &err));
    return series;
}

static void test_counters_become_rates_summed_over_the_subtasks(void **state)
{
    struct plt_series *series = read_series(state, "0,map,0,numRecordsIn,100\n"
                                                   "0,map,1,numRecordsIn,0\n"
                                                   "2,map,0,numRecordsIn,300\n"
                                                   "2,map,1,numRecordsIn,20\n"
                                                   "3,map,0,numRecordsIn,310\n"
                                                   "3,map,1,numRecordsIn,25\n");
    assert_true(isnan(get(state, "vertex-1.tsv", 0, "rate_in")));
    assert_near(get(state, "vertex-1.tsv", 1, "rate_in"), 110, 1e-6);
    assert_near(get(state, "vertex-1.tsv", 2, "rate_in"), 15, 1e-6);
    plt_series_destroy(series);
}

static void test_a_gauge_keeps_mean_least_and_most_of_the_subtasks(void **state)
{
    struct plt_series *series = read_series(state, "0,map,0,inPoolUsage,0.25\n"
                                                   "0,map,1,inPoolUsage,1\n"
                                                   "0,map,2,inPoolUsage,0.1\n"
                                                   "5,map,1,inPoolUsage,0.5\n");
    assert_near(get(state, "vertex-1.tsv", 0, "in_usage"), 0.45, 1e-6);
    assert_near(get(state, "vertex-1.tsv", 0, "in_usage_min"), 0.1, 1e-6);
    assert_near(get(state, "vertex-1.tsv", 0, "in_usage_max"), 1, 1e-6);
    assert_near(get(state, "vertex-1.tsv", 1, "in_usage"), 0.5, 1e-6);
    assert_near(get(state, "vertices.tsv", 0, "subtasks"), 3, 0);
    assert_near(plt_series_end(series), 5, 0);
    plt_series_destroy(series);
}

static void test_exact_times_win_over_gauges_whatever_comes_first(void **state)
{
    plt_series_destroy(read_series(state, "0,a,0,busyTimeMsPerSecond,111\n"
                                          "0,b,0,busyTimeMsPerSecond,222\n"
                                          "1,a,0,busy.exact,900\n"
                                          "1,a,0,busyTimeMsPerSecond,333\n"
                                          "2,a,0,busy.exact,800\n"));
    assert_true(isnan(get(state, "vertex-1.tsv", 0, "busy")));
    assert_near(get(state, "vertex-1.tsv", 1, "busy"), 900, 0);
    assert_near(get(state, "vertex-1.tsv", 2, "busy"), 800, 0);
    /* A gauge holds between its readings, and what a vertex does not tell about its time is none.
     */
    assert_near(get(state, "vertex-2.tsv", 2, "busy"), 222, 0);
    assert_near(get(state, "vertex-2.tsv", 2, "hard"), 0, 0);
}

static void test_back_pressure_is_that_of_one_subtask_at_one_time(void **state)
{
    plt_series_destroy(read_series(state, "0,a,0,busyTimeMsPerSecond,1000\n"
                                          "0,a,0,idleTimeMsPerSecond,0\n"
                                          "1,a,0,busy.exact,100\n"
                                          "1,a,0,idle.exact,100\n"
                                          "1,a,1,busy.exact,900\n"
                                          "1,a,1,idle.exact,102\n"
                                          "2,a,0,idle.exact,400\n"));
    assert_true(isnan(get(state, "vertex-1.tsv", 0, "pressed")));
    assert_near(get(state, "vertex-1.tsv", 1, "pressed"), 400, 1e-9);
    assert_near(get(state, "vertex-1.tsv", 1, "pressed_max"), 800, 1e-9);
    assert_near(get(state, "vertex-1.tsv", 1, "pressed_min"), 0, 0);
}

static void test_task_managers_are_no_vertices(void **state)
{
    struct plt_series *series = read_series(state, "0,tm0,0,UsedMemorySegments,7\n"
                                                   "0,sink,0,inPoolUsage,0\n"
                                                   "0,tm0,0,TotalMemorySegments,4096\n");
    assert_int_equal(plt_series_count(series, false), 1);
    assert_int_equal(plt_series_count(series, true), 1);
    assert_string_equal(plt_series_name(series, false, 0), "sink");
    assert_string_equal(plt_series_name(series, true, 0), "tm0");
    assert_true(plt_series_has(series, true, 0, PLT_TM_USED));
    assert_false(plt_series_has(series, false, 0, PLT_OUT_USAGE));
    plt_series_destroy(series);
}

static void test_a_long_run_is_cut_into_bins_that_keep_the_peaks(void **state)
{
    FILE *file = fopen(place(state, "series.csv"), "w");
    assert_non_null(file);
    fputs("t_s,vertex,subtask,metric,value\n", file);
    for (int i = 0; i < 60000; i++) {
        fprintf(file, "%d,map,0,outPoolUsage,%s\n", i, i == 31415 ? "1.5" : "0.5");
    }
    assert_int_equal(fclose(file), 0);
    struct sim_err err = {0};
    struct plt_series *series = plt_series_read(place(state, "series.csv"), &err);
    assert_non_null(series);
    assert_true(plt_series_write(series, *state, &err));
    double most = 0;
    double sum = 0;
    for (int bin = 0; bin < PLT_SERIES_BINS; bin++) {
        most = fmax(most, get(state, "vertex-1.tsv", bin, "out_usage_max"));
        sum += get(state, "vertex-1.tsv", bin, "out_usage");
    }
    assert_near(most, 1.5, 0);
    assert_near(sum / PLT_SERIES_BINS, 0.5 + 1.0 / 60000, 1e-4);
    plt_series_destroy(series);
}

/* The number in a column of a line of a raster. */
static double cell(void **state, const char *name, int line, int column)
{
    FILE *file = fopen(place(state, name), "r");
    assert_non_null(file);
    double value = NAN;
    for (int i = 0; i <= line * PLT_CHANNELS_COLUMNS + column; i++) {
        assert_int_equal(fscanf(file, "%lf", &value), 1);
    }
    fclose(file);
    return value;
}

static void test_channels_stand_in_groups_with_a_gap_between(void **state)
{
    put(state, "channels.csv",
        "t_s,vertex,subtask,side,edge,channel,queued\n"
        "0,sink,0,in,0,1,3\n"
        "0,sink,0,in,0,0,2\n"
        "0,other,0,in,0,0,9\n"
        "10,sink,0,in,0,1,7\n"
        "10,sink,0,in,0,0,2\n"
        "10,other,0,in,0,0,9\n");
    struct plt_series *series = read_series(state, "0,other,0,outPoolUsage,0\n"
                                                   "20,other,0,outPoolUsage,0\n"
                                                   "20,sink,0,inPoolUsage,0\n");
    struct plt_raster sides[2];
    struct sim_err err = {0};
    const struct plt_summary summary = {0};
    const struct plt_channels from = {place(state, "channels.csv"), series, &summary};
    assert_true(plt_channels_write(&from, *state, sides, &err));
    plt_series_destroy(series);
    assert_int_equal(sides[0].channels, 0);
    assert_int_equal(sides[1].channels, 3);
    assert_int_equal(sides[1].lines, 92); /* three channels of 30 lines, two lines of gap */
    assert_near(sides[1].most, 9, 0);
    /* The series name `other` first, and so does the map. */
    assert_near(cell(state, "channels-in.dat", 0, 399), 9, 0);
    assert_near(cell(state, "channels-in.dat", 30, 0), -1, 0);
    assert_near(cell(state, "channels-in.dat", 32, 0), 2, 0);
    assert_near(cell(state, "channels-in.dat", 62, 0), 3, 0);
    assert_near(cell(state, "channels-in.dat", 62, 199), 3, 0); /* holds until the next sample */
    assert_near(cell(state, "channels-in.dat", 62, 200), 7, 0);
}

/* Several edges at a vertex: the label says where each leads; what the summary does not know has
 * its number. */
static void test_channels_of_several_edges_name_the_other_end(void **state)
{
    static const char *const labels[] = {
        "line\tvertex\tother\trest\n",        "14.5\tmap\tsink\t0 \xe2\x86\x92 0\n",
        "46.5\tmap\tlog\t0 \xe2\x86\x92 0\n", "78.5\tmap\t-\t(edge 2) 0 \xe2\x86\x92 0\n",
        "110.5\tsink\t-\t0 \xe2\x86\x92 0\n",
    };
    struct plt_summary summary;
    struct plt_raster sides[2];
    struct sim_err err = {0};
    char line[200];
    put(state, "summary.json",
        "{\"edges\": [\n"
        "  {\"from\": \"filter\", \"to\": \"sink\", \"task\": \"map\", \"output\": 0, \"gate\": "
        "3},\n"
        "  {\"from\": \"filter\", \"to\": \"log\", \"task\": \"map\", \"output\": 1, \"gate\": 0}\n"
        "]}\n");
    put(state, "channels.csv",
        "t_s,vertex,subtask,side,edge,channel,queued\n"
        "0,map,0,out,0,0,3\n0,map,0,out,1,0,3\n0,map,0,out,2,0,3\n0,sink,0,out,0,0,3\n");
    struct plt_series *series = read_series(state, "1,map,0,outPoolUsage,0\n");
    plt_summary_read(place(state, "summary.json"), &summary);
    assert_int_equal(summary.edge_count, 2);
    const struct plt_channels from = {place(state, "channels.csv"), series, &summary};
    assert_true(plt_channels_write(&from, *state, sides, &err));
    plt_summary_finish(&summary);
    plt_series_destroy(series);
    assert_true(sides[0].has_others);
    assert_false(sides[1].has_others);
    FILE *file = fopen(place(state, "channels-out-labels.tsv"), "r");
    assert_non_null(file);
    for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++) {
        assert_non_null(fgets(line, sizeof line, file));
        assert_string_equal(line, labels[i]);
    }
    fclose(file);
}

static void test_many_channels_share_a_line_that_shows_the_fullest(void **state)
{
    FILE *file = fopen(place(state, "channels.csv"), "w");
    assert_non_null(file);
    fputs("t_s,vertex,subtask,side,edge,channel,queued\n", file);
    for (int i = 0; i < 1000; i++) {
        fprintf(file, "0,source,0,out,0,%d,%d\n", i, i == 501 ? 10 : 1);
    }
    assert_int_equal(fclose(file), 0);
    struct plt_series *series = read_series(state, "1,source,0,outPoolUsage,0\n");
    struct plt_raster sides[2];
    struct sim_err err = {0};
    const struct plt_summary summary = {0};
    const struct plt_channels from = {place(state, "channels.csv"), series, &summary};
    assert_true(plt_channels_write(&from, *state, sides, &err));
    plt_series_destroy(series);
    assert_int_equal(sides[0].channels_per_line, 6);
    assert_int_equal(sides[0].lines, 167);
    assert_near(cell(state, "channels-out.dat", 501 / 6, 5), 10, 0);
    assert_near(cell(state, "channels-out.dat", 501 / 6 - 1, 5), 1, 0);
}

static void test_latency_adds_subtasks_unless_all_is_there(void **state)
{
    put(state, "latency.csv",
        "vertex,subtask,low_ms,high_ms,count\n"
        "map,0,0,10,30\n"
        "map,1,0,10,20\n"
        "map,1,10,20,50\n"
        "sink,0,5,6,1000\n"
        "sink,all,100,200,100\n");
    uint32_t vertices = 0;
    struct sim_err err = {0};
    assert_true(plt_latency_write(place(state, "latency.csv"), *state, &vertices, &err));
    assert_int_equal(vertices, 2);
    assert_near(get(state, "latency.tsv", 0, "records"), 100, 0);
    assert_near(get(state, "latency.tsv", 0, "p50_ms"), 10, 1e-9);
    assert_near(get(state, "latency.tsv", 0, "p99_ms"), 19.8, 1e-9);
    assert_near(get(state, "latency.tsv", 1, "records"), 100, 0);
    assert_near(get(state, "latency.tsv", 1, "p50_ms"), 150, 1e-9);
    assert_near(get(state, "latency.tsv", 1, "max_ms"), 200, 0);
    assert_near(get(state, "latency-1.tsv", 1, "ms"), 10, 0);
    assert_near(get(state, "latency-1.tsv", 1, "share_later"), 0.5, 1e-9);
}

static void test_feed_tells_which_charts_can_be_drawn(void **state)
{
    struct plt_feed feed;
    struct sim_err err = {0};
    plt_series_destroy(read_series(state, "0,map,0,busy.exact,7\n"));
    assert_true(plt_feed(*state, *state, &feed, &err));
    assert_int_equal(feed.vertices, 1);
    assert_false(feed.has_buffers || feed.has_channels || feed.has_latency);
    put(state, "latency.csv", "vertex,subtask,low_ms,high_ms,count\nmap,all,1,2,0\n");
    plt_series_destroy(read_series(state, "0,map,0,outPool.used,7\n"));
    assert_true(plt_feed(*state, *state, &feed, &err));
    assert_true(feed.has_buffers);
    assert_false(feed.has_latency); /* no record arrived */
    put(state, "latency.csv", "vertex,subtask,low_ms,high_ms,count\nmap,all,1,2,3\n");
    assert_true(plt_feed(*state, *state, &feed, &err));
    assert_true(feed.has_latency);
}

#define feed_test(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        feed_test(test_counters_become_rates_summed_over_the_subtasks),
        feed_test(test_a_gauge_keeps_mean_least_and_most_of_the_subtasks),
        feed_test(test_exact_times_win_over_gauges_whatever_comes_first),
        feed_test(test_back_pressure_is_that_of_one_subtask_at_one_time),
        feed_test(test_task_managers_are_no_vertices),
        feed_test(test_a_long_run_is_cut_into_bins_that_keep_the_peaks),
        feed_test(test_channels_stand_in_groups_with_a_gap_between),
        feed_test(test_channels_of_several_edges_name_the_other_end),
        feed_test(test_many_channels_share_a_line_that_shows_the_fullest),
        feed_test(test_latency_adds_subtasks_unless_all_is_there),
        feed_test(test_feed_tells_which_charts_can_be_drawn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
