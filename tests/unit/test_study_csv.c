#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "studies/channels.h"
#include "studies/csv.h"
#include "studies/json.h"

static void assert_number(double value, const char *text)
{
    char buffer[STUDY_NUMBER_SIZE];

    assert_int_equal(study_number_format(buffer, value), strlen(text));
    assert_string_equal(buffer, text);
}

static void test_numbers_look_as_in_the_recordings(void **state)
{
    assert_number(0, "0");
    assert_number(-3, "-3");
    assert_number(1e9, "1000000000");
    assert_number(0.6, "0.6000");
    assert_number(99.99999, "100.0000");
    assert_number(218.64, "218.6");
    assert_number(-0.00004, "-0.0000");
    assert_number(-123.45, "-123.5");
    assert_number(1e15, "1e+15");
    assert_number(INFINITY, "inf");
}

static void assert_time(sim_time time, int decimals, const char *text)
{
    char buffer[STUDY_NUMBER_SIZE];

    assert_int_equal(study_time_format(buffer, time, decimals), strlen(text));
    assert_string_equal(buffer, text);
}

static void test_times_have_as_many_decimals_as_tell_them_apart(void **state)
{
    assert_int_equal(study_time_decimals(SIM_S / 2, 2), 2);
    assert_int_equal(study_time_decimals(10 * SIM_MS, 2), 2);
    assert_int_equal(study_time_decimals(5 * SIM_MS, 2), 3);
    assert_int_equal(study_time_decimals(1, 2), 9);
    assert_int_equal(study_time_decimals(SIM_S, 1), 1);
    assert_time(0, 2, "0.00");
    assert_time(1500 * SIM_MS, 2, "1.50");
    assert_time(12 * SIM_S + 7, 9, "12.000000007");
    assert_time(SIM_S - 1, 2, "1.00");
}

static void assert_quoted(const char *text, const char *want)
{
    char buffer[64];

    assert_int_equal(study_csv_quote(buffer, sizeof buffer, text), strlen(want));
    assert_string_equal(buffer, want);
}

static void test_fields_are_quoted_where_they_must_be(void **state)
{
    char small[4];

    assert_quoted("plain name", "plain name");
    assert_quoted("a,b", "\"a,b\"");
    assert_quoted("say \"so\"", "\"say \"\"so\"\"\"");
    assert_int_equal(study_csv_quote(small, sizeof small, "longer"), 6);
    assert_string_equal(small, "lon");
}

static void test_json_has_commas_escapes_and_null_for_what_is_no_number(void **state)
{
    char buffer[512] = "";
    FILE *out = fmemopen(buffer, sizeof buffer, "w");
    struct study_json json;

    study_json_begin(&json, out);
    study_json_object(&json, NULL);
    study_json_text(&json, "name", "a \"b\"\\\n\x01");
    study_json_list(&json, "list");
    study_json_int(&json, NULL, -1);
    study_json_inline(&json, NULL);
    study_json_number(&json, "x", 0.1);
    study_json_number(&json, "y", NAN);
    study_json_close(&json, '}');
    study_json_close(&json, ']');
    study_json_list(&json, "none");
    study_json_close(&json, ']');
    study_json_bool(&json, "yes", true);
    study_json_close(&json, '}');
    fclose(out);
    assert_string_equal(buffer,
                        "{\n  \"name\": \"a \\\"b\\\"\\\\\\n\\u0001\",\n  \"list\": [\n    -1,\n"
                        "    {\"x\": 0.1, \"y\": null}\n  ],\n  \"none\": [],\n"
                        "  \"yes\": true\n}\n");
}

static void test_channel_map_stays_small(void **state)
{
    /* As in the recordings. */
    assert_int_equal(study_channels_interval(60 * SIM_S, 16, true), SIM_S);
    /* Finer where a picture is wanted. */
    assert_int_equal(study_channels_interval(10 * SIM_S, 16, false), 50 * SIM_MS);
    assert_int_equal(study_channels_interval(60 * SIM_S, 16, false), 200 * SIM_MS);
    /* Coarser where there would be too many rows. */
    assert_int_equal(study_channels_interval(60 * SIM_S, 100000, false), 5 * SIM_S);
    assert_int_equal(study_channels_interval(60 * SIM_S, 100000, true), 5 * SIM_S);
    assert_int_equal(study_channels_interval(60 * SIM_S, 100001, true), 0);
    assert_int_equal(study_channels_interval(60 * SIM_S, 0, true), 0);
    assert_int_equal(study_channels_interval(INT64_MAX / 2, 100000, false), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers_look_as_in_the_recordings),
        cmocka_unit_test(test_times_have_as_many_decimals_as_tell_them_apart),
        cmocka_unit_test(test_fields_are_quoted_where_they_must_be),
        cmocka_unit_test(test_json_has_commas_escapes_and_null_for_what_is_no_number),
        cmocka_unit_test(test_channel_map_stays_small),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
