/*
 * The log-linear histogram.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/histogram.h"
#include "sim/random.h"
#include "tests/support/assert_failure.h"
#include "tests/support/assert_near.h"

static void test_empty_histogram_is_all_zero(void **state)
{
    struct sim_histogram *histogram = sim_histogram_create();
    assert_int_equal(sim_histogram_count(histogram), 0);
    assert_int_equal(sim_histogram_quantile(histogram, 0.5), 0);
    assert_true(sim_histogram_mean(histogram) == 0);
    sim_histogram_destroy(histogram);
    sim_histogram_destroy(NULL);
}

static void test_small_values_are_exact(void **state)
{
    struct sim_histogram *histogram = sim_histogram_create();
    for (sim_time value = 1; value <= 100; value++) {
        sim_histogram_add(histogram, value, 1);
    }
    for (int percent = 1; percent <= 100; percent++) {
        assert_int_equal(sim_histogram_quantile(histogram, percent / 100.0), percent);
    }
    assert_int_equal(sim_histogram_quantile(histogram, 0.001), 1);
    assert_int_equal(sim_histogram_quantile(histogram, 0.501), 51);
    assert_true(sim_histogram_mean(histogram) == 50.5);
    sim_histogram_destroy(histogram);
}

static int compare(const void *a, const void *b)
{
    sim_time x = *(const sim_time *)a;
    sim_time y = *(const sim_time *)b;
    return (x > y) - (x < y);
}

#define VALUES 5000

/* Against the sorted list, over values from nanoseconds to hours. */
static void test_quantiles_are_within_a_bucket_of_the_sorted_list(void **state)
{
    struct sim_histogram *histogram = sim_histogram_create();
    struct sim_stream stream;
    sim_time values[VALUES];
    sim_stream_init_seed(&stream, 8);
    for (int i = 0; i < VALUES; i++) {
        values[i] = (sim_time)(sim_stream_bits(&stream) >> (20 + sim_stream_below(&stream, 44)));
        sim_histogram_add(histogram, values[i], 1);
    }
    qsort(values, VALUES, sizeof values[0], compare);
    for (int i = 1; i <= VALUES; i++) {
        sim_time got = sim_histogram_quantile(histogram, (double)i / VALUES);
        assert_near((double)got, (double)values[i - 1], 1.0 / 128);
    }
    assert_int_equal(sim_histogram_min(histogram), values[0]);
    assert_int_equal(sim_histogram_max(histogram), values[VALUES - 1]);
    assert_int_equal(sim_histogram_quantile(histogram, 1), values[VALUES - 1]);
    sim_histogram_destroy(histogram);
}

struct bucket {
    sim_time low;
    sim_time high;
    uint64_t count;
    int visits;
};

static void keep_bucket(void *arg, sim_time low, sim_time high, uint64_t count)
{
    struct bucket *bucket = arg;
    /* In ascending order, without overlap. */
    assert_true(bucket->visits == 0 || low >= bucket->high);
    *bucket = (struct bucket){low, high, count, bucket->visits + 1};
}

static void test_every_value_lies_in_its_bucket(void **state)
{
    for (int power = 0; power < 63; power++) {
        for (sim_time off = -1; off <= 1; off++) {
            sim_time value = ((sim_time)1 << power) + off;
            struct sim_histogram *histogram = sim_histogram_create();
            struct bucket bucket = {0};
            sim_histogram_add(histogram, value, 3);
            sim_histogram_visit(histogram, keep_bucket, &bucket);
            assert_int_equal(bucket.visits, 1);
            assert_int_equal(bucket.count, 3);
            assert_true(bucket.low <= value && value < bucket.high);
            assert_true(bucket.high - bucket.low <= (value < 256 ? 1 : value / 128 + 1));
            assert_int_equal(sim_histogram_quantile(histogram, 0.5), value);
            sim_histogram_destroy(histogram);
        }
    }
}

static void test_visit_goes_through_all_in_ascending_order(void **state)
{
    struct sim_histogram *histogram = sim_histogram_create();
    struct bucket bucket = {0};
    sim_histogram_add(histogram, 1000000, 1);
    sim_histogram_add(histogram, 0, 2);
    sim_histogram_add(histogram, SIM_TIME_MAX, 1);
    sim_histogram_add(histogram, 300, 1);
    sim_histogram_visit(histogram, keep_bucket, &bucket);
    assert_int_equal(bucket.visits, 4);
    assert_true(bucket.high == SIM_TIME_MAX);
    sim_histogram_destroy(histogram);
}

static void test_negative_counts_as_zero_and_no_times_as_nothing(void **state)
{
    struct sim_histogram *histogram = sim_histogram_create();
    sim_histogram_add(histogram, -5, 1);
    sim_histogram_add(histogram, 77, 0);
    assert_int_equal(sim_histogram_count(histogram), 1);
    assert_int_equal(sim_histogram_min(histogram), 0);
    assert_int_equal(sim_histogram_max(histogram), 0);
    sim_histogram_clear(histogram);
    assert_int_equal(sim_histogram_count(histogram), 0);
    sim_histogram_add(histogram, 9, 1);
    assert_int_equal(sim_histogram_min(histogram), 9);
    sim_histogram_destroy(histogram);
}

static void test_merge_is_as_if_all_had_gone_into_one(void **state)
{
    struct sim_histogram *whole = sim_histogram_create();
    struct sim_histogram *parts[2] = {sim_histogram_create(), sim_histogram_create()};
    struct sim_histogram *empty = sim_histogram_create();
    struct sim_stream stream;
    sim_stream_init_seed(&stream, 9);
    for (int i = 0; i < 1000; i++) {
        sim_time value = (sim_time)sim_stream_below(&stream, 1000000);
        sim_histogram_add(whole, value, 2);
        sim_histogram_add(parts[i % 2], value, 2);
    }
    sim_histogram_merge(parts[0], parts[1]);
    sim_histogram_merge(parts[0], empty);
    sim_histogram_merge(empty, parts[0]);
    assert_int_equal(sim_histogram_count(empty), 2000);
    assert_true(sim_histogram_mean(empty) == sim_histogram_mean(whole));
    assert_int_equal(sim_histogram_min(empty), sim_histogram_min(whole));
    assert_int_equal(sim_histogram_max(empty), sim_histogram_max(whole));
    for (int i = 1; i <= 100; i++) {
        assert_int_equal(sim_histogram_quantile(empty, i / 100.0),
                         sim_histogram_quantile(whole, i / 100.0));
    }
    sim_histogram_destroy(whole);
    sim_histogram_destroy(parts[0]);
    sim_histogram_destroy(parts[1]);
    sim_histogram_destroy(empty);
}

static void take(void *arg, sim_time low, sim_time high, uint64_t count)
{
    uint64_t *hash = arg;
    *hash = *hash * 31 + (uint64_t)low * 7 + (uint64_t)high * 3 + count;
}

static void test_extract_merges_as_its_histogram_does(void **state)
{
    struct sim_histogram *whole = sim_histogram_create();
    struct sim_histogram *part = sim_histogram_create();
    struct sim_histogram *sum = sim_histogram_create();
    uint64_t hashes[2] = {0};
    assert_null(sim_histogram_extract(part));
    sim_histogram_merge_extract(sum, NULL);
    for (int i = 0; i < 4; i++) {
        sim_histogram_clear(part);
        for (sim_time j = 0; j < 100; j++) {
            sim_time value = j * j * j * 1000 * (i + 1) + i;
            sim_histogram_add(part, value, (uint64_t)j % 3);
            sim_histogram_add(whole, value, (uint64_t)j % 3);
        }
        struct sim_histogram_extract *extract = sim_histogram_extract(part);
        sim_histogram_merge_extract(sum, extract);
        sim_histogram_extract_destroy(extract);
    }
    sim_histogram_visit(whole, take, &hashes[0]);
    sim_histogram_visit(sum, take, &hashes[1]);
    assert_true(hashes[0] == hashes[1]);
    assert_int_equal(sim_histogram_count(sum), sim_histogram_count(whole));
    assert_int_equal(sim_histogram_min(sum), sim_histogram_min(whole));
    assert_int_equal(sim_histogram_max(sum), sim_histogram_max(whole));
    assert_true(sim_histogram_mean(sum) == sim_histogram_mean(whole));
    sim_histogram_destroy(whole);
    sim_histogram_destroy(part);
    sim_histogram_destroy(sum);
}

static void test_quantile_outside_its_range_is_an_assertion(void **state)
{
    struct sim_histogram *histogram = sim_histogram_create();
    sim_assert_handler before = sim_assert_set_handler(fail_as_mock);
    expect_assert_failure(sim_histogram_quantile(histogram, 0));
    expect_assert_failure(sim_histogram_quantile(histogram, 1.01));
    sim_assert_set_handler(before);
    sim_histogram_destroy(histogram);
}

/* 1000 lies in [1000, 1004), whose middle is 1001. */
static void test_quantile_is_the_middle_of_its_bucket(void **state)
{
    struct sim_histogram *histogram = sim_histogram_create();
    sim_histogram_add(histogram, 10, 1);
    sim_histogram_add(histogram, 1000, 8);
    sim_histogram_add(histogram, 5000, 1);
    assert_int_equal(sim_histogram_quantile(histogram, 0.5), 1001);
    sim_histogram_destroy(histogram);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty_histogram_is_all_zero),
        cmocka_unit_test(test_small_values_are_exact),
        cmocka_unit_test(test_quantiles_are_within_a_bucket_of_the_sorted_list),
        cmocka_unit_test(test_quantile_is_the_middle_of_its_bucket),
        cmocka_unit_test(test_every_value_lies_in_its_bucket),
        cmocka_unit_test(test_visit_goes_through_all_in_ascending_order),
        cmocka_unit_test(test_negative_counts_as_zero_and_no_times_as_nothing),
        cmocka_unit_test(test_merge_is_as_if_all_had_gone_into_one),
        cmocka_unit_test(test_extract_merges_as_its_histogram_does),
        cmocka_unit_test(test_quantile_outside_its_range_is_an_assertion),
    };
    return cmocka_run_group_tests_name("sim_histogram", tests, NULL, NULL);
}
