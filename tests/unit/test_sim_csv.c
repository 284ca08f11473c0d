#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sim/csv.h"

#define HEADER "name,count"

static FILE *file_of(const char *text)
{
    FILE *file = tmpfile();
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    rewind(file);
    return file;
}

/* Read `text` to its end or first mistake; the rows that were good, and the mistake. */
static uint32_t read_all(const char *text, struct sim_err *err)
{
    struct sim_csv csv;
    uint32_t rows = 0;
    enum sim_csv_next next;
    *err = (struct sim_err){0};
    if (!sim_csv_begin(&csv, file_of(text), "file", HEADER, err)) {
        return 0;
    }
    while ((next = sim_csv_next(&csv, err)) == SIM_CSV_ROW) {
        uint32_t value;
        if (!sim_csv_index(&csv, 1, 100, &value, err)) {
            break;
        }
        rows++;
    }
    sim_csv_close(&csv);
    return rows;
}

static void expect_mistake(const char *text, uint32_t line, uint32_t column, const char *part)
{
    struct sim_err err;
    read_all(text, &err);
    if (err.code != SIM_ERR_INPUT || err.line != line || err.column != column ||
        strstr(err.text, part) == NULL) {
        fail_msg("'%s' gives %u:%u: %s; expected %u:%u and '%s'", text, err.line, err.column,
                 err.text, line, column, part);
    }
}

static void test_csv_quotes_keep_commas_and_doubled_quotes(void **state)
{
    struct sim_csv csv;
    struct sim_err err = {0};
    (void)state;
    assert_true(
        sim_csv_begin(&csv, file_of(HEADER "\n\"a,\"\"b\"\"\",7\n,\n"), "file", HEADER, &err));
    assert_int_equal(sim_csv_next(&csv, &err), SIM_CSV_ROW);
    assert_int_equal(csv.field_count, 2);
    assert_string_equal(csv.fields[0], "a,\"b\"");
    assert_string_equal(csv.fields[1], "7");
    assert_int_equal(csv.line, 2);
    assert_int_equal(sim_csv_next(&csv, &err), SIM_CSV_ROW);
    assert_string_equal(csv.fields[0], "");
    assert_string_equal(csv.fields[1], "");
    assert_int_equal(sim_csv_next(&csv, &err), SIM_CSV_END);
    assert_int_equal(err.code, 0);
    sim_csv_close(&csv);
}

static void test_csv_reads_all_rows_with_any_line_end(void **state)
{
    struct sim_err err;
    (void)state;
    assert_int_equal(read_all(HEADER "\na,1\nb,2\n", &err), 2);
    assert_int_equal(err.code, 0);
    assert_int_equal(read_all(HEADER "\r\na,1\r\n", &err), 1);
    assert_int_equal(err.code, 0);
    assert_int_equal(read_all(HEADER "\n", &err), 0);
    assert_int_equal(err.code, 0);
}

static void test_csv_mistakes_have_their_place(void **state)
{
    (void)state;
    expect_mistake("", 1, 1, "an empty file");
    expect_mistake("name;count\n", 1, 1, "expected the header 'name,count', found 'name;count'");
    expect_mistake(HEADER "\na,1\nb\n", 3, 1, "1 fields, the header 2");
    expect_mistake(HEADER "\na,1", 2, 1, "cut off");
    expect_mistake(HEADER "\na,1,2\n", 2, 1, "3 fields, the header 2");
    expect_mistake(HEADER "\n\"a,1\n", 2, 1, "quote");
    expect_mistake(HEADER "\na,101\n", 2, 3, "100");
    expect_mistake(HEADER "\na,x\n", 2, 3, "x");
    expect_mistake(HEADER "\na,1.5\n", 2, 3, "1.5");
    expect_mistake(HEADER "\na,-1\n", 2, 3, "-1");
}

static void test_csv_line_that_is_too_long_is_a_mistake(void **state)
{
    char text[sizeof HEADER + SIM_CSV_MAX_LINE + 16] = HEADER "\n";
    size_t length = strlen(text);
    (void)state;
    memset(text + length, 'a', SIM_CSV_MAX_LINE + 8);
    expect_mistake(text, 2, 1, "long");
}

static void test_csv_number_lies_in_its_range(void **state)
{
    struct sim_csv csv;
    struct sim_err err = {0};
    double value = -1;
    (void)state;
    assert_true(sim_csv_begin(&csv, file_of(HEADER "\n0.25,nan\n"), "file", HEADER, &err));
    assert_int_equal(sim_csv_next(&csv, &err), SIM_CSV_ROW);
    assert_true(sim_csv_number(&csv, 0, 0, 1, &value, &err));
    assert_true(value >= 0.25 && value <= 0.25);
    assert_false(sim_csv_number(&csv, 0, 0.5, 1, &value, &err));
    assert_false(sim_csv_number(&csv, 1, -1e300, 1e300, &value, &err));
    assert_true(value >= 0.25 && value <= 0.25);
    sim_csv_close(&csv);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_csv_quotes_keep_commas_and_doubled_quotes),
        cmocka_unit_test(test_csv_reads_all_rows_with_any_line_end),
        cmocka_unit_test(test_csv_mistakes_have_their_place),
        cmocka_unit_test(test_csv_line_that_is_too_long_is_a_mistake),
        cmocka_unit_test(test_csv_number_lies_in_its_range),
    };
    return cmocka_run_group_tests_name("sim_csv", tests, NULL, NULL);
}
