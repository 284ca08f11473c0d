#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "cli/table.h"

static const char pools[] = "pools";

static const struct cli_column columns[] = {
    {NULL, "vertex", true, NULL},
    {pools, "used", false, "pools used"},
    {pools, "of", false, NULL},
};

static void fill(struct cli_table *table, const char *name)
{
    cli_table_init(table, columns, 3);
    cli_table_add(table, "%s", name);
    cli_table_add(table, "%.1f", 7.25);
    cli_table_add(table, "%d", 1000);
    cli_table_add(table, "b");
    cli_table_add(table, "-");
    cli_table_add(table, "-");
}

static void assert_printed(const char *name, void (*print)(const struct cli_table *, FILE *),
                           const char *want)
{
    char buffer[1024] = "";
    FILE *out = fmemopen(buffer, sizeof buffer, "w");
    struct cli_table table;

    fill(&table, name);
    print(&table, out);
    fclose(out);
    cli_table_finish(&table);
    assert_string_equal(buffer, want);
}

static void test_columns_are_aligned_under_their_groups(void **state)
{
    assert_printed("gr\xc3\xb6\xc3\x9f"
                   "e",
                   cli_table_print,
                   "          pools\n"
                   "vertex  used    of\n"
                   "gr\xc3\xb6\xc3\x9f"
                   "e    7.2  1000\n"
                   "b          -     -\n");
}

static void test_long_names_are_cut_to_80_columns(void **state)
{
    char buffer[1024] = "";
    char name[200];
    FILE *out = fmemopen(buffer, sizeof buffer, "w");
    struct cli_table table;

    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = 0;
    memcpy(name,
           "gr\xc3\xb6\xc3\x9f"
           "e",
           7);
    name[sizeof name - 2] = '7';
    fill(&table, name);
    cli_table_print(&table, out);
    fclose(out);
    cli_table_finish(&table);
    assert_non_null(strstr(buffer, "\ngr\xc3\xb6\xc3\x9f"
                                   "exx"));
    assert_non_null(strstr(buffer, "xxx~xxx"));
    assert_non_null(strstr(buffer, "xx7   7.2  1000\n"));
    for (char *line = strtok(buffer, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        assert_true(strlen(line) <= 82); /* two characters of two bytes */
    }
}

static void test_short_names_are_not_widened_when_others_are_too_wide(void **state)
{
    char buffer[1024] = "";
    FILE *out = fmemopen(buffer, sizeof buffer, "w");
    struct cli_table table;

    cli_table_init(&table, columns, 3);
    cli_table_add(&table, "a");
    cli_table_add(&table, "%090d", 1);
    cli_table_add(&table, "2");
    cli_table_print(&table, out);
    fclose(out);
    cli_table_finish(&table);
    assert_non_null(strstr(buffer, "\na       000"));
}

static void test_csv_quotes_what_needs_it(void **state)
{
    assert_printed("a,b", cli_table_print_csv, "vertex,used,of\n\"a,b\",7.2,1000\nb,-,-\n");
}

static void test_markdown_escapes_bars(void **state)
{
    assert_printed("a|b", cli_table_print_markdown,
                   "| vertex | pools used | of |\n| --- | ---: | ---: |\n"
                   "| a\\|b | 7.2 | 1000 |\n| b | - | - |\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_columns_are_aligned_under_their_groups),
        cmocka_unit_test(test_long_names_are_cut_to_80_columns),
        cmocka_unit_test(test_short_names_are_not_widened_when_others_are_too_wide),
        cmocka_unit_test(test_csv_quotes_what_needs_it),
        cmocka_unit_test(test_markdown_escapes_bars),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
