/*
 * A comparison read back from its compare.csv: configurations, measures, and what labels are made
 * of.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "plots/comparison.h"
#include "tests/support/assert_near.h"

#define HEADER                                                                                     \
    "config,label,vertex,metric,unit,reps,mean,half_width,difference,low,high,pairs,verdict,"      \
    "variance_reduction\n"

static bool read_text(struct plt_comparison *comparison, const char *text, struct sim_err *err)
{
    char path[] = "/tmp/sluice-comparison-XXXXXX";
    FILE *file = fdopen(mkstemp(path), "w");

    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
    bool is_good = plt_comparison_read(comparison, path, err);
    remove(path);
    return is_good;
}

static void test_measures_of_each_configuration(void **state)
{
    struct plt_comparison comparison;
    struct sim_err err = {0};

    assert_true(read_text(&comparison,
                          HEADER "1,a,sink,busy,share,3,0.5,0.1,,,,,,\n"
                                 "1,a,,networkMemory,bytes,3,100,,,,,,,\n"
                                 "3,c,sink,busy,share,4,0.25,0.1,,,,,baseline,\n"
                                 "3,c,other,busy,share,0,,,,,,,baseline,\n",
                          &err));
    assert_int_equal(comparison.config_count, 2);
    assert_int_equal(comparison.configs[1].number, 3);
    assert_int_equal(comparison.baseline, 1);
    assert_int_equal(comparison.replications, 4);
    assert_int_equal(comparison.measure_count, 3);
    const struct plt_measured *busy = plt_comparison_find(&comparison, "sink", "busy");
    assert_near(busy->means[0].mean, 0.5, 0);
    assert_near(busy->means[1].mean, 0.25, 0);
    assert_near(busy->means[1].half, 0.1, 0);
    const struct plt_measured *memory = plt_comparison_find(&comparison, "", "networkMemory");
    assert_near(memory->means[0].mean, 100, 0);
    assert_true(isnan(memory->means[1].mean));
    assert_true(isnan(plt_comparison_find(&comparison, "other", "busy")->means[1].mean));
    assert_null(plt_comparison_find(&comparison, "sink", "networkMemory"));
    plt_comparison_finish(&comparison);
}

static void test_labels_of_the_same_keys_are_taken_apart(void **state)
{
    struct plt_comparison comparison;
    struct sim_err err = {0};

    assert_true(read_text(&comparison,
                          HEADER "1,\"a=1, partition={weights: [1, 2]}\",s,busy,share,1,1,,,,,,,\n"
                                 "2,\"a=2, partition=\"\"x, y\"\"\",s,busy,share,1,1,,,,,,,\n",
                          &err));
    assert_int_equal(comparison.key_count, 2);
    assert_string_equal(comparison.keys[0], "a");
    assert_string_equal(comparison.keys[1], "partition");
    assert_string_equal(comparison.values[1], "{weights: [1, 2]}");
    assert_string_equal(comparison.configs[1].short_label, "2, \"x, y\"");
    plt_comparison_finish(&comparison);
}

static void test_labels_that_are_not_of_the_same_keys_stay_whole(void **state)
{
    static const char *const pairs[][2] = {
        {"a=1", "b=1"}, {"a=1", "plain"}, {"a=1", "a=1, b=2"}, {"a=1, b=2", "a=1"},
        {"=", "=1"},    {"a=1, ", "a=1"}, {"[", "]"},
    };

    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        struct plt_comparison comparison;
        struct sim_err err = {0};
        char text[1024];

        snprintf(text, sizeof text,
                 HEADER "1,\"%s\",s,busy,share,1,1,,,,,,,\n2,\"%s\",s,busy,share,1,1,,,,,,,\n",
                 pairs[i][0], pairs[i][1]);
        assert_true(read_text(&comparison, text, &err));
        assert_int_equal(comparison.key_count, 0);
        assert_string_equal(comparison.configs[0].short_label, pairs[i][0]);
        assert_string_equal(comparison.configs[1].short_label, pairs[i][1]);
        plt_comparison_finish(&comparison);
    }
}

static void test_what_is_no_comparison(void **state)
{
    static const char *const wrong[] = {
        "",
        "config,label\n",
        HEADER,
        HEADER "x,a,s,busy,share,1,1,,,,,,,\n",
        HEADER "1,a,s,busy,share,-1,1,,,,,,,\n",
        HEADER "1,a,s,busy,share,1,much,,,,,,,\n",
        HEADER "1,a,s,busy,share,1,1,-2,,,,,,\n",
    };

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct plt_comparison comparison;
        struct sim_err err = {0};

        assert_false(read_text(&comparison, wrong[i], &err));
        assert_int_equal(err.code, SIM_ERR_INPUT);
        plt_comparison_finish(&comparison);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_measures_of_each_configuration),
        cmocka_unit_test(test_labels_of_the_same_keys_are_taken_apart),
        cmocka_unit_test(test_labels_that_are_not_of_the_same_keys_stay_whole),
        cmocka_unit_test(test_what_is_no_comparison),
    };

    return cmocka_run_group_tests_name("plt_comparison", tests, NULL, NULL);
}
