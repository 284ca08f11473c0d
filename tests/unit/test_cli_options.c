#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "cli/options.h"

enum { OPTION_OUTPUT, OPTION_SET, OPTION_PLOT, OPTION_VERBOSE, OPTION_FORMAT };

static const struct cli_option options[] = {
    {.name = "output", .letter = 'o', .argument = "DIR", .help = "where to"},
    {.name = "set", .argument = "PATH=VALUE", .may_repeat = true, .help = "change a value"},
    {.name = "plot", .help = "draw"},
    {.name = "verbose", .letter = 'v', .help = "tell more"},
    {.name = "format", .argument = "FORMAT", .choices = "table|json", .help = "how"},
    {.name = NULL},
};

static bool parse(struct cli_args *args, struct sim_err *err, int argc, const char *const *words)
{
    char *argv[16];

    for (int i = 0; i < argc; i++) {
        argv[i] = (char *)(uintptr_t)words[i];
    }
    return cli_args_parse(args, options, argc, argv, err);
}

#define PARSE(args, err, ...)                                                                      \
    parse(args, err, (int)(sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *)),                \
          (const char *[]){__VA_ARGS__})

static void assert_refused(struct sim_err *err, const char *text)
{
    assert_int_equal(err->code, SIM_ERR_USAGE);
    assert_string_equal(err->text, text);
}

static void test_options_and_operands_mix_in_any_order(void **state)
{
    struct cli_args args;
    struct sim_err err = {0};

    assert_true(PARSE(&args, &err, "a.yaml", "-o", "x", "--set", "a=1", "--set=b=2", "-v", "-"));
    assert_int_equal(args.operand_count, 2);
    assert_string_equal(args.operands[0], "a.yaml");
    assert_string_equal(args.operands[1], "-");
    assert_string_equal(cli_args_text(&args, OPTION_OUTPUT), "x");
    assert_int_equal(args.values[OPTION_SET].count, 2);
    assert_string_equal(args.values[OPTION_SET].texts[0], "a=1");
    assert_string_equal(args.values[OPTION_SET].texts[1], "b=2");
    assert_true(cli_args_has(&args, OPTION_VERBOSE));
    assert_false(cli_args_has(&args, OPTION_PLOT));
    assert_null(cli_args_text(&args, OPTION_FORMAT));
    cli_args_finish(&args);
}

static void test_short_options_bundle_and_take_attached_values(void **state)
{
    struct cli_args args;
    struct sim_err err = {0};

    assert_true(PARSE(&args, &err, "-vvoout"));
    assert_int_equal(args.values[OPTION_VERBOSE].count, 2);
    assert_string_equal(cli_args_text(&args, OPTION_OUTPUT), "out");
    cli_args_finish(&args);
}

static void test_two_dashes_end_the_options(void **state)
{
    struct cli_args args;
    struct sim_err err = {0};

    assert_true(PARSE(&args, &err, "--", "--plot"));
    assert_false(cli_args_has(&args, OPTION_PLOT));
    assert_string_equal(args.operands[0], "--plot");
    cli_args_finish(&args);
}

static void test_unknown_option_names_the_nearest_spelling(void **state)
{
    struct cli_args args = {0};
    struct sim_err err = {0};

    assert_false(PARSE(&args, &err, "--outptu", "x"));
    assert_refused(&err, "unknown option '--outptu', did you mean '--output'?");
    assert_false(PARSE(&args, &err, "--quite-another"));
    assert_refused(&err, "unknown option '--quite-another'");
    assert_false(PARSE(&args, &err, "-x"));
    assert_refused(&err, "unknown option '-x'");
    assert_null(args.values);
}

static void test_a_number_is_read_and_named_where_it_is_none(void **state)
{
    struct cli_args args;
    struct sim_err err = {0};
    int64_t value = 7;

    assert_true(PARSE(&args, &err, "--output=12"));
    assert_true(cli_args_number(&args, OPTION_VERBOSE, 1, 20, &value, &err));
    assert_int_equal(value, 7);
    assert_true(cli_args_number(&args, OPTION_OUTPUT, 1, 20, &value, &err));
    assert_int_equal(value, 12);
    assert_false(cli_args_number(&args, OPTION_OUTPUT, 1, 11, &value, &err));
    assert_refused(&err, "option '--output': 12 is out of range; expected 1 to 11");
    assert_int_equal(value, 12);
    cli_args_finish(&args);
}

static void test_missing_superfluous_and_wrong_values_are_refused(void **state)
{
    struct cli_args args = {0};
    struct sim_err err = {0};

    assert_false(PARSE(&args, &err, "--output"));
    assert_refused(&err, "option '--output' needs a value: --output DIR");
    assert_false(PARSE(&args, &err, "-o"));
    assert_refused(&err, "option '-o' needs a value: -o DIR");
    assert_false(PARSE(&args, &err, "--plot=yes"));
    assert_refused(&err, "option '--plot' takes no value");
    assert_false(PARSE(&args, &err, "-o", "a", "-o", "b"));
    assert_refused(&err, "option '--output' is given twice");
    assert_false(PARSE(&args, &err, "--format", "tab"));
    assert_refused(&err, "option '--format' takes table|json, not 'tab'");
}

static void test_help_is_known_to_every_table(void **state)
{
    struct cli_args args;
    struct sim_err err = {0};

    assert_true(PARSE(&args, &err, "-vh", "--nonsense"));
    assert_true(args.has_help);
    cli_args_finish(&args);
    assert_true(PARSE(&args, &err, "--help"));
    assert_true(args.has_help);
    cli_args_finish(&args);
}

static void test_wrapped_text_stays_within_80_columns(void **state)
{
    char buffer[1024] = {0};
    FILE *out = fmemopen(buffer, sizeof buffer, "w");

    fputs("  -x  ", out);
    cli_wrap(out,
             "a text that is long enough to need a second line, because eighty columns are "
             "not many when some are used up already",
             6, 6);
    fclose(out);
    assert_string_equal(buffer,
                        "  -x  a text that is long enough to need a second line, because eighty "
                        "columns\n      are not many when some are used up already\n");
    for (char *line = strtok(buffer, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        assert_true(strlen(line) <= 80);
    }
}

static void test_percent_sign_stays_with_its_number(void **state)
{
    char buffer[1024] = {0};
    FILE *out = fmemopen(buffer, sizeof buffer, "w");

    cli_wrap(out,
             "some words that fill the first line nearly to its end, and then a number: abcd 99 %, "
             "100 %.",
             0, 0);
    fclose(out);
    assert_string_equal(buffer, "some words that fill the first line nearly to its end, and then a "
                                "number: abcd\n99 %, 100 %.\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_options_and_operands_mix_in_any_order),
        cmocka_unit_test(test_short_options_bundle_and_take_attached_values),
        cmocka_unit_test(test_two_dashes_end_the_options),
        cmocka_unit_test(test_unknown_option_names_the_nearest_spelling),
        cmocka_unit_test(test_a_number_is_read_and_named_where_it_is_none),
        cmocka_unit_test(test_missing_superfluous_and_wrong_values_are_refused),
        cmocka_unit_test(test_help_is_known_to_every_table),
        cmocka_unit_test(test_percent_sign_stays_with_its_number),
        cmocka_unit_test(test_wrapped_text_stays_within_80_columns),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
