/*
 * Numbers and units from users.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <math.h>

#include "sim/number.h"

static const int64_t FAILED = -12345;

typedef bool (*parse_fn)(const char *text, int64_t *result, struct sim_err *err);

/* The result, or FAILED when it was refused, which must leave the result alone. */
static int64_t parse(parse_fn fn, const char *text)
{
    struct sim_err err = {.code = SIM_ERR_NONE};
    int64_t result = FAILED;
    if (!fn(text, &result, &err)) {
        assert_int_equal(result, FAILED);
        assert_int_equal(err.code, SIM_ERR_INPUT);
        assert_true(err.text[0] != '\0');
        return FAILED;
    }
    assert_int_equal(err.code, SIM_ERR_NONE);
    return result;
}

static int64_t duration(const char *text)
{
    return parse(sim_number_parse_duration, text);
}

static int64_t size(const char *text)
{
    return parse(sim_number_parse_size, text);
}

static int64_t flink_size(const char *text)
{
    return parse(sim_number_parse_flink_size, text);
}

static int64_t flink_duration(const char *text)
{
    return parse(sim_number_parse_flink_duration, text);
}

static void test_durations_are_exact(void **state)
{
    assert_int_equal(duration("250ms"), 250000000);
    assert_int_equal(duration("1.5 s"), 1500000000);
    assert_int_equal(duration("30s"), 30 * SIM_S);
    assert_int_equal(duration("0.1ms"), 100000);
    assert_int_equal(duration("1us"), 1000);
    assert_int_equal(duration("7ns"), 7);
    assert_int_equal(duration("2min"), 120 * SIM_S);
    assert_int_equal(duration("1h"), 3600 * SIM_S);
    assert_int_equal(duration("2d"), 172800 * SIM_S);
    assert_int_equal(duration("0s"), 0);
    assert_int_equal(duration("1e3ms"), SIM_S);
    assert_int_equal(duration("1E-3 s"), SIM_MS);
    assert_int_equal(duration("0.000000000000000000000000001e27ns"), 1);
    assert_int_equal(duration("1000000000000000000000000000000000000e-36ns"), 1);
    assert_int_equal(duration("1e-99999999999999999999s"), 0);
    assert_int_equal(duration("9223372036854775807ns"), INT64_MAX);
    assert_int_equal(duration("9223372036.854775807s"), INT64_MAX);
}

static void test_durations_round_to_the_nearest(void **state)
{
    assert_int_equal(duration("0.4ns"), 0);
    assert_int_equal(duration("0.4999999999ns"), 0);
    assert_int_equal(duration("0.5ns"), 1);
    assert_int_equal(duration("0.05ns"), 0);
    assert_int_equal(duration("1.5ns"), 2);
    assert_int_equal(duration("1e-400ns"), 0);
}

static void test_durations_need_the_whole_text_and_a_unit(void **state)
{
    static const char *const wrong[] = {
        "",
        "ms",
        "5",
        "0",
        "5 ",
        " 5ms",
        "5ms ",
        "5  ms",
        "5parsecs",
        "-5ms",
        "+5s",
        "1,5s",
        ".5s",
        "5.s",
        "5.ms",
        "0x5ms",
        "infs",
        "nans",
        "5MS",
        "5 m",
        "5e",
        "5es",
        "5e+s",
        "1e400s",
        "1e99999999999999999999s",
        "9223372036854775808ns",
        "5ms5ms",
        "1e4294967296ns",
        "1_000s",
        "\xd9\xa5s",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        if (duration(wrong[i]) != FAILED) {
            fail_msg("'%s' was read as a duration", wrong[i]);
        }
    }
}

static void test_error_names_what_was_found_and_expected(void **state)
{
    struct sim_err err;
    sim_time result;
    assert_false(sim_number_parse_duration("5 parsecs", &result, &err));
    assert_string_equal(err.text,
                        "'5 parsecs' is not a duration; expected a number with ns, us, ms, "
                        "s, min, h or d, as in 250ms");
    assert_false(sim_number_parse_duration("1e300d", &result, &err));
    assert_string_equal(err.text, "'1e300d' is too large for a duration");
}

static void test_sizes(void **state)
{
    assert_int_equal(size("120B"), 120);
    assert_int_equal(size("4.5kB"), 4500);
    assert_int_equal(size("1 MB"), 1000000);
    assert_int_equal(size("2GB"), 2000000000);
    assert_int_equal(size("32KiB"), 32768);
    assert_int_equal(size("1.5MiB"), 1572864);
    assert_int_equal(size("1GiB"), 1073741824);
    assert_int_equal(size("32kb"), FAILED);
    assert_int_equal(size("32"), FAILED);
    assert_int_equal(size("32b"), FAILED);
    assert_int_equal(size("1e10GiB"), FAILED);
}

static void test_flink_sizes(void **state)
{
    assert_int_equal(flink_size("1234"), 1234);
    assert_int_equal(flink_size("1234b"), 1234);
    assert_int_equal(flink_size("1234 bytes"), 1234);
    assert_int_equal(flink_size("32kb"), 32768);
    assert_int_equal(flink_size("32k"), 32768);
    assert_int_equal(flink_size("32 KB"), 32768);
    assert_int_equal(flink_size(" 32kibibytes "), 32768);
    assert_int_equal(flink_size("1728m"), 1728 * (int64_t)1048576);
    assert_int_equal(flink_size("1mebibytes"), 1048576);
    assert_int_equal(flink_size("1GB"), 1073741824);
    assert_int_equal(flink_size("2tebibytes"), (int64_t)2 << 40);
    assert_int_equal(flink_size("8388607t"), (int64_t)8388607 << 40);
    assert_int_equal(flink_size("8388608t"), FAILED);
    assert_int_equal(flink_size("9223372036854775807"), INT64_MAX);
    assert_int_equal(flink_size("9223372036854775808"), FAILED);
    assert_int_equal(flink_size("1.5kb"), FAILED);
    assert_int_equal(flink_size("1e3"), FAILED);
    assert_int_equal(flink_size("kb"), FAILED);
    assert_int_equal(flink_size("-1"), FAILED);
    assert_int_equal(flink_size("1kib"), FAILED);
    assert_int_equal(flink_size("1k b"), FAILED);
    assert_int_equal(flink_size(""), FAILED);
}

static void test_flink_durations(void **state)
{
    assert_int_equal(flink_duration("100"), 100 * SIM_MS);
    assert_int_equal(flink_duration("100 ms"), 100 * SIM_MS);
    assert_int_equal(flink_duration("30s"), 30 * SIM_S);
    assert_int_equal(flink_duration("1 SECONDS"), SIM_S);
    assert_int_equal(flink_duration("2min"), 120 * SIM_S);
    assert_int_equal(flink_duration("2m"), 120 * SIM_S);
    assert_int_equal(flink_duration("1day"), 86400 * SIM_S);
    assert_int_equal(flink_duration("5micros"), 5000);
    assert_int_equal(flink_duration("5\xc2\xb5s"), 5000);
    assert_int_equal(flink_duration("5nanoseconds"), 5);
    assert_int_equal(flink_duration("5us"), FAILED);
    assert_int_equal(flink_duration("0.5s"), FAILED);
    assert_int_equal(flink_duration("s"), FAILED);
    assert_int_equal(flink_duration("5 fortnightsandmanymore"), FAILED);
    assert_int_equal(flink_duration("1 min 5 s"), FAILED);
    assert_int_equal(flink_duration("99999999999999999999d"), FAILED);
}

static bool is_int(const char *text, int64_t low, int64_t high, int64_t want)
{
    int64_t result = FAILED;
    struct sim_err err;
    return sim_number_parse_int(text, low, high, &result, &err) && result == want;
}

static void test_ints(void **state)
{
    int64_t result = FAILED;
    struct sim_err err;
    assert_true(is_int("12", 0, 12, 12));
    assert_true(is_int("-12", -12, 12, -12));
    assert_true(is_int("-9223372036854775808", INT64_MIN, INT64_MAX, INT64_MIN));
    assert_true(is_int("9223372036854775807", INT64_MIN, INT64_MAX, INT64_MAX));
    static const char *const wrong[] = {"", "-", "+1", "1.0", "1e2", " 1", "1 ", "0x1", "--1", "a"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_false(sim_number_parse_int(wrong[i], INT64_MIN, INT64_MAX, &result, &err));
    }
    assert_false(sim_number_parse_int("9223372036854775808", INT64_MIN, INT64_MAX, &result, &err));
    assert_false(sim_number_parse_int("99999999999999999999999999999999999999999999", INT64_MIN,
                                      INT64_MAX, &result, &err));
    assert_false(sim_number_parse_int("13", 0, 12, &result, &err));
    assert_string_equal(err.text, "13 is out of range; expected 0 to 12");
    assert_false(sim_number_parse_int("-1", 0, 12, &result, NULL));
    assert_int_equal(result, FAILED);
}

static void test_doubles(void **state)
{
    double result = -1;
    struct sim_err err;
    assert_true(sim_number_parse_double("0.1", 0, 1, &result, &err));
    assert_true(result == 0.1);
    assert_true(sim_number_parse_double("-2.5e-3", -1, 1, &result, &err));
    assert_true(result == -2.5e-3);
    result = -1;
    static const char *const wrong[] = {"",   "nan",   "inf", "0x1p3", "1.",  ".5", " 1",
                                        "1 ", "1e400", "1e",  "2",     "1,0", "-",  "1f"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_false(sim_number_parse_double(wrong[i], -1, 1, &result, &err));
    }
    assert_false(sim_number_parse_double("1e400", 0, INFINITY, &result, &err));
    assert_true(result == -1);
}

static void test_counts(void **state)
{
    int64_t count = -1;
    struct sim_err err = {0};
    static const struct {
        const char *text;
        int64_t count;
    } right[] = {{"0", 0},          {"100000", 100000},  {"20k", 20000},
                 {"1.5M", 1500000}, {"2 k", 2000},       {"2.50", -1},
                 {"1.0005k", -1},   {"0.001k", 1},       {"1e3", 1000},
                 {"-1", -1},        {"20K", -1},         {"k", -1},
                 {"", -1},          {"20k/s", -1},       {"9223372036854776k", -1},
                 {"1e-3k", 1},      {"20000.000", 20000}};
    for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++) {
        count = -1;
        assert_int_equal(sim_number_parse_count(right[i].text, &count, &err), right[i].count >= 0);
        assert_int_equal(count, right[i].count);
    }
    assert_false(sim_number_parse_count("2.5", &count, &err));
    assert_string_equal(err.text, "'2.5' is not a count; expected a whole number, also with k or "
                                  "M, as in 100000 or 20k");
    assert_false(sim_number_parse_count("9223372036855M", &count, &err));
    assert_string_equal(err.text, "'9223372036855M' is too large for a count");
}

static void test_rates(void **state)
{
    double rate = -1;
    struct sim_err err;
    assert_true(sim_number_parse_rate("350/s", &rate, &err));
    assert_true(rate == 350);
    assert_true(sim_number_parse_rate("10k/s", &rate, &err));
    assert_true(rate == 10000);
    assert_true(sim_number_parse_rate("1.5 M/s", &rate, &err));
    assert_true(rate == 1500000);
    assert_true(sim_number_parse_rate("237.5/s", &rate, &err));
    assert_true(rate == 237.5);
    rate = -1;
    static const char *const wrong[] = {"350",   "0/s", "-1/s",    "350 /s ",  "350/min",
                                        "inf/s", "/s",  "1e999/s", "unlimited"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_false(sim_number_parse_rate(wrong[i], &rate, &err));
    }
    assert_true(rate == -1);
}

static void test_bandwidths(void **state)
{
    double bandwidth = -1;
    struct sim_err err;
    assert_true(sim_number_parse_bandwidth("10Gbit/s", &bandwidth, &err));
    assert_true(bandwidth == 1.25e9);
    assert_true(sim_number_parse_bandwidth("100 MB/s", &bandwidth, &err));
    assert_true(bandwidth == 1e8);
    assert_true(sim_number_parse_bandwidth("1B/s", &bandwidth, &err));
    assert_true(bandwidth == 1);
    bandwidth = -1;
    assert_false(sim_number_parse_bandwidth("7bit/s", &bandwidth, &err));
    assert_false(sim_number_parse_bandwidth("1MiB/s", &bandwidth, &err));
    assert_false(sim_number_parse_bandwidth("10Gbit", &bandwidth, &err));
    assert_true(bandwidth == -1);
}

static void assert_duration_text(sim_time value, const char *want)
{
    char buffer[32];
    sim_number_format_duration(buffer, sizeof buffer, value);
    assert_string_equal(buffer, want);
}

static void test_durations_are_printed_for_people(void **state)
{
    assert_duration_text(0, "0 s");
    assert_duration_text(999, "999 ns");
    assert_duration_text(1000, "1.00 us");
    assert_duration_text(1500000, "1.50 ms");
    assert_duration_text(99949999, "99.9 ms");
    assert_duration_text(99950001, "100 ms");
    assert_duration_text(999600000, "1.00 s");
    assert_duration_text(60 * SIM_S, "60.0 s");
    assert_duration_text(150 * SIM_S, "2.50 min");
    assert_duration_text(3 * 3600 * SIM_S, "3.00 h");
    assert_duration_text(-1500000, "-1.50 ms");
}

static void test_bytes_and_counts_are_printed_for_people(void **state)
{
    char buffer[32];
    sim_number_format_bytes(buffer, sizeof buffer, 32768);
    assert_string_equal(buffer, "32.0 KiB");
    sim_number_format_bytes(buffer, sizeof buffer, 1023);
    assert_string_equal(buffer, "1023 B");
    sim_number_format_bytes(buffer, sizeof buffer, (int64_t)134217728);
    assert_string_equal(buffer, "128 MiB");
    sim_number_format_count(buffer, sizeof buffer, 12345);
    assert_string_equal(buffer, "12.3k");
    sim_number_format_count(buffer, sizeof buffer, 7);
    assert_string_equal(buffer, "7");
    sim_number_format_count(buffer, sizeof buffer, 0.25);
    assert_string_equal(buffer, "0.25");
    sim_number_format_count(buffer, sizeof buffer, 2.5e6);
    assert_string_equal(buffer, "2.50M");
    sim_number_format_count(buffer, 3, 2.5e6);
    assert_string_equal(buffer, "2.");
}

static void assert_double_text(double value, const char *want)
{
    char buffer[40];
    sim_number_format_double(buffer, sizeof buffer, value);
    assert_string_equal(buffer, want);
    assert_true(strtod(buffer, NULL) == value);
}

static void test_doubles_are_printed_so_that_they_read_back(void **state)
{
    assert_double_text(0.1, "0.1");
    assert_double_text(0, "0");
    assert_double_text(1e22, "1e+22");
    assert_double_text(1.0 / 3, "0.3333333333333333");
    assert_double_text(0.1 + 0.2, "0.30000000000000004");
    assert_double_text(-1234.5, "-1234.5");
    assert_double_text(1000000, "1000000");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_durations_are_exact),
        cmocka_unit_test(test_durations_round_to_the_nearest),
        cmocka_unit_test(test_durations_need_the_whole_text_and_a_unit),
        cmocka_unit_test(test_error_names_what_was_found_and_expected),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_flink_sizes),
        cmocka_unit_test(test_flink_durations),
        cmocka_unit_test(test_ints),
        cmocka_unit_test(test_doubles),
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_rates),
        cmocka_unit_test(test_bandwidths),
        cmocka_unit_test(test_durations_are_printed_for_people),
        cmocka_unit_test(test_bytes_and_counts_are_printed_for_people),
        cmocka_unit_test(test_doubles_are_printed_so_that_they_read_back),
    };
    return cmocka_run_group_tests_name("sim_number", tests, NULL, NULL);
}
