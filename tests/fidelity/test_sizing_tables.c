/*
 * The tables that Flink's own classes computed: every row must come out the same, the rows that
 * end in an exception included; and what is changed in a table, or is none, must be found.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "studies/size_table.h"
#include "tests/support/temporary.h"

#define FOLDER "tests/reference/pool/"
#define FOLDER_1_20 "tests/reference/pool-1.20/"

static void check_table_of(const char *path, enum net_version version, const char *kind,
                           uint64_t rows)
{
    struct study_size_table table = {0};
    struct sim_err err = {0};
    if (!study_size_table_check(path, version, &table, &err)) {
        fail_msg("%s:%u: %s", path, err.line, err.text);
    }
    if (!table.agrees) {
        fail_msg("%s:%u: %s is '%s', Flink has '%s'", path, table.line, table.column, table.got,
                 table.expected);
    }
    assert_string_equal(table.kind, kind);
    assert_int_equal(table.rows, rows);
}

/* What 1.20.3 and 2.2.0 compute alike. */
static void check_table(const char *name, const char *kind, uint64_t rows)
{
    char path[256];
    snprintf(path, sizeof path, FOLDER "%s", name);
    check_table_of(path, NET_FLINK_2_2, kind, rows);
    check_table_of(path, NET_FLINK_1_20, kind, rows);
}

/* SIZ-2, SIZ-3, BAT-1, BAT-2 */
static void test_partitions_have_the_sizes_that_flink_computes(void **state)
{
    (void)state;
    check_table("sizing_partition.csv", "partition", 2180);
}

/* SIZ-4, BAT-3 */
static void test_gates_have_the_sizes_that_flink_computes(void **state)
{
    (void)state;
    check_table("sizing_gate.csv", "gate", 3888);
}

/* SIZ-9 */
static void test_tasks_announce_the_buffers_that_flink_announces(void **state)
{
    (void)state;
    check_table("sizing_announce.csv", "announce", 1000);
}

/* MEM-2 to MEM-7, MEM-9 */
static void test_memory_is_divided_to_the_byte_as_flink_does(void **state)
{
    (void)state;
    check_table("sizing_memory.csv", "memory", 1600);
}

/* CFG-1 */
static void test_a_task_manager_has_flinks_defaults(void **state)
{
    (void)state;
    check_table_of(FOLDER "sizing_defaults.csv", NET_FLINK_2_2, "defaults", 17);
    check_table_of(FOLDER_1_20 "sizing_defaults.csv", NET_FLINK_1_20, "defaults", 15);
}

/* Check a table that is given as text. */
static bool check_text(const char *text, struct study_size_table *table, struct sim_err *err)
{
    struct temporary file;
    assert_true(temporary_make(&file, text, strlen(text)));
    bool is_done = study_size_table_check(file.path, NET_FLINK_2_2, table, err);
    temporary_remove(&file);
    return is_done;
}

#define PARTITIONS                                                                                 \
    "type,buffers_per_channel,floating_per_gate,sort_min_parallelism,sort_min_buffers,"            \
    "subpartitions,tiered,tiered_exclusive,min,max\n"
#define GATES                                                                                      \
    "type,max_required_per_gate,buffers_per_channel,floating_per_gate,channels,tiered,"            \
    "exclusive_per_channel,floating_min,floating_max,target_total,error\n"

static void test_the_first_cell_that_differs_is_found(void **state)
{
    (void)state;
    struct study_size_table table;
    assert_true(check_text(PARTITIONS "PIPELINED_BOUNDED,2,8,1,512,4,0,0,5,16\n"
                                      "PIPELINED_BOUNDED,2,8,1,512,4,0,0,5,17\n",
                           &table, NULL));
    assert_false(table.agrees);
    assert_int_equal(table.rows, 1);
    assert_int_equal(table.line, 3);
    assert_string_equal(table.column, "max");
    assert_string_equal(table.expected, "17");
    assert_string_equal(table.got, "16");
}

static void test_an_exception_must_be_the_same_and_not_missing(void **state)
{
    (void)state;
    struct study_size_table table;
    assert_true(check_text(GATES "PIPELINED,-1,2,0,4,0,,,,,\"IllegalStateException: Wrong number "
                                 "of floating buffers.\"\n",
                           &table, NULL));
    assert_true(table.agrees);
    assert_true(check_text(GATES "PIPELINED,-1,2,0,4,0,,,,,\n", &table, NULL));
    assert_false(table.agrees);
    assert_string_equal(table.column, "error");
    assert_true(check_text(GATES "PIPELINED,-1,2,8,4,0,2,1,8,16,\"IllegalStateException: no\"\n",
                           &table, NULL));
    assert_false(table.agrees);
    assert_string_equal(table.got, "");
}

static void test_what_is_no_table_is_refused_with_its_line(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint32_t line;
    } rows[] = {
        {"", 0},
        {"name,number\n", 1},
        {"name,\"value\n", 1},
        {PARTITIONS "PIPELINED_BOUNDED,2,8,1\n", 2},
        {PARTITIONS "PIPELINED_BOUNDED,2,8,1,512,4,0,0,5,16,7\n", 2},
        {PARTITIONS "PIPED,2,8,1,512,4,0,0,5,16\n", 2},
        {PARTITIONS "PIPELINED_BOUNDED,two,8,1,512,4,0,0,5,16\n", 2},
        {PARTITIONS "PIPELINED_BOUNDED,2,8,1,512,99999999999,0,0,5,16\n", 2},
        {"name,value\nbuffers_per_channel,2\ncolour,7\n", 3},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct study_size_table table = {.rows = 77};
        struct sim_err err = {0};
        assert_false(check_text(rows[i].text, &table, &err));
        assert_int_equal(err.code, SIM_ERR_INPUT);
        assert_int_equal(err.line, rows[i].line);
        assert_int_equal(table.rows, 77);
    }
    struct study_size_table table;
    struct sim_err err = {0};
    assert_false(study_size_table_check("tests/no such file", NET_FLINK_2_2, &table, &err));
    assert_int_equal(err.code, SIM_ERR_SYSTEM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_partitions_have_the_sizes_that_flink_computes),
        cmocka_unit_test(test_gates_have_the_sizes_that_flink_computes),
        cmocka_unit_test(test_tasks_announce_the_buffers_that_flink_announces),
        cmocka_unit_test(test_memory_is_divided_to_the_byte_as_flink_does),
        cmocka_unit_test(test_a_task_manager_has_flinks_defaults),
        cmocka_unit_test(test_the_first_cell_that_differs_is_found),
        cmocka_unit_test(test_an_exception_must_be_the_same_and_not_missing),
        cmocka_unit_test(test_what_is_no_table_is_refused_with_its_line),
    };
    return cmocka_run_group_tests_name("sizing_tables", tests, NULL, NULL);
}
