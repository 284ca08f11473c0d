/*
 * The pools and the debloater against recorded behaviour of Flink's own classes, and the replay
 * itself: that it finds what was changed in a trace, and that it survives what is no trace. The
 * limit of differences is zero.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/text.h"
#include "studies/replay.h"
#include "tests/support/replay_all.h"
#include "tests/support/temporary.h"

#define REFERENCE "tests/reference/pool/"

static char *read_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    struct sim_text text = {0};
    char bytes[4096];
    size_t length;
    while ((length = fread(bytes, 1, sizeof bytes, file)) > 0) {
        sim_text_add_bytes(&text, bytes, length);
    }
    (void)fclose(file);
    return text.bytes;
}

/* Replay a trace that is given as bytes. */
static bool replay_bytes(const char *bytes, size_t length, struct study_replay_report *report,
                         struct sim_err *err)
{
    struct temporary file;
    assert_true(temporary_make(&file, bytes, length));
    bool is_followed = study_replay_file(file.path, report, err);
    temporary_remove(&file);
    return is_followed;
}

static void test_pools_do_what_flink_did_in_all_traces_of_normal_use(void **state)
{
    assert_int_equal(replay_all(REFERENCE "pool_*[!k].trace"), 36);
}

static void test_pools_do_what_flink_did_where_nobody_should_go(void **state)
{
    assert_int_equal(replay_all(REFERENCE "pool_*_quirk.trace"), 4);
}

static void test_debloater_does_what_flink_did_in_all_traces(void **state)
{
    assert_int_equal(replay_all(REFERENCE "debloat_*.trace"), 12);
}

/* Replace the first occurrence of `old` behind the line that starts with `operation`; the replay
 * must stop at that operation. */
static void assert_finds_change(const char *path, const char *operation, const char *old,
                                const char *new, uint64_t number)
{
    char *trace = read_file(path);
    char *at = strstr(trace, operation);
    assert_non_null(at);
    char *place = strstr(at, old);
    assert_non_null(place);
    struct sim_text changed = {0};
    sim_text_add_bytes(&changed, trace, (size_t)(place - trace));
    sim_text_add(&changed, "%s%s", new, place + strlen(old));
    struct study_replay_report report = {0};
    struct sim_err err = {0};
    assert_true(replay_bytes(changed.bytes, changed.length, &report, &err));
    assert_false(report.agrees);
    assert_int_equal(report.operation, number);
    assert_int_equal(report.operations, number - 1);
    study_replay_report_finish(&report);
    sim_text_finish(&changed);
    free(trace);
}

/* DBL-3: 1.20 counts in whole bytes, cut at every step; 2.2 does not, so the same trace differs
 * there. */
static void test_debloater_of_1_20_does_what_that_version_did(void **state)
{
    assert_int_equal(replay_all("tests/reference/pool-1.20/debloat_*.trace"), 6);
    assert_finds_change("tests/reference/pool-1.20/debloat_00.trace", "debloattrace",
                        "flink 1.20.3", "flink 2.2.0", 25);
}

static void test_replay_stops_at_the_operation_whose_result_was_changed(void **state)
{
    assert_finds_change(REFERENCE "pool_02_overdraft.trace", "\n> 37 ", "= buf 12", "= buf 13", 37);
    assert_finds_change(REFERENCE "debloat_02.trace", "\n> 4 ", " 36871 -1 ", " 36872 -1 ", 4);
}

static void test_replay_stops_at_the_operation_whose_events_were_changed(void **state)
{
    const char *path = REFERENCE "pool_03_redistribute.trace";
    assert_finds_change(path, "\n> 522 ", "! fut 8\n! fut 14\n", "! fut 14\n! fut 8\n", 522);
    assert_finds_change(path, "\n> 522 ", "! fut 14\n", "", 522);
    assert_finds_change(path, "\n> 522 ", "! fut 14\n", "! fut 14\n! gfut\n", 522);
}

static void test_replay_stops_at_the_operation_whose_state_was_changed(void **state)
{
    const char *path = REFERENCE "pool_02_overdraft.trace";
    assert_finds_change(path, "\n> 37 ", "c 0 3 4\n", "c 0 3 5\n", 37);
    assert_finds_change(path, "\n> 37 ", "c 0 3 4\n", "", 37);
    assert_finds_change(path, "\n> 3 ", "p 0 0 9 2 2 0 1", "p 0 0 9 2 2 0 0", 3);
}

/* A difference in the state before the first operation is number 0. */
static void test_replay_compares_the_state_before_the_first_operation(void **state)
{
    static const char trace[] = "pooltrace 1\norder key\nglobal 3 32 500\ng 4 0 0 0 1 0\nend 0\n";
    struct study_replay_report report = {0};
    struct sim_err err = {0};
    assert_true(replay_bytes(trace, sizeof trace - 1, &report, &err));
    assert_false(report.agrees);
    assert_int_equal(report.operation, 0);
    study_replay_report_finish(&report);
}

static void test_replay_says_what_both_sides_said(void **state)
{
    static const char trace[] = "pooltrace 1\norder key\nglobal 3 32 500\ng 3 0 0 0 1 0\n"
                                "> 1 create 0 0 1 2 0 1 0\n= ok\ng 2 1 1 1 1 2\n"
                                "p 0 0 3 1 1 0 1 0 0 0 0 0\nend 1\n";
    struct study_replay_report report = {0};
    struct sim_err err = {0};
    assert_true(replay_bytes(trace, sizeof trace - 1, &report, &err));
    struct sim_text text = {0};
    study_replay_format(&report, &text);
    const char *body = strchr(sim_text_get(&text), ':');
    assert_string_equal(body,
                        ":5: differs at operation 1: create 0 0 1 2 0 1 0\n"
                        "    result of the trace                    result of the model\n"
                        "    ok                                     ok\n"
                        "    state of the trace                     state of the model\n"
                        "    g 2 1 1 1 1 2                          g 2 1 1 1 1 2\n"
                        "  * p 0 0 3 1 1 0 1 0 0 0 0 0              p 0 0 2 1 1 0 1 0 0 0 0 0\n");
    sim_text_finish(&text);
    study_replay_report_finish(&report);
}

/* Lines that are too long for columns are shown from the difference on. */
static void test_replay_shows_where_long_lines_differ(void **state)
{
    char *trace = read_file(REFERENCE "pool_06_insufficient.trace");
    char *place = strstr(trace, "but only 47 ");
    assert_non_null(place);
    place[9] = '5';
    struct study_replay_report report = {0};
    struct sim_err err = {0};
    assert_true(replay_bytes(trace, strlen(trace), &report, &err));
    assert_false(report.agrees);
    struct sim_text text = {0};
    study_replay_format(&report, &text);
    assert_non_null(strstr(sim_text_get(&text), "required 48, but only 57 available"));
    assert_non_null(strstr(sim_text_get(&text), "required 48, but only 47 available"));
    for (const char *at = strchr(sim_text_get(&text), '\n') + 1; *at != '\0';) {
        size_t length = strcspn(at, "\n");
        assert_true(length <= 80);
        at += length + 1;
    }
    sim_text_finish(&text);
    study_replay_report_finish(&report);
    free(trace);
}

/* Replace words of a trace by others that matter, and see that nothing worse comes of it than a
 * difference or a mistake with its line. */
static void test_replay_survives_random_changes(void **state)
{
    static const char *const words[] = {"-1", "0",    "1",        "2147483647", "-2147483648",
                                        "7",  "abcd", "16777216", "",           "999999999999"};
    char *trace = read_file(REFERENCE "pool_08_mixed.trace");
    size_t length = strlen(trace);
    uint64_t random = 1;
    struct study_replay_report report = {0};
    for (int turn = 0; turn < 300; turn++) {
        random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        const char *start = trace + (random >> 20) % (length / 2);
        start += strcspn(start, " ") + 1;
        struct sim_text changed = {0};
        sim_text_add_bytes(&changed, trace, (size_t)(start - trace));
        sim_text_add(&changed, "%s%s", words[(random >> 9) % (sizeof words / sizeof words[0])],
                     start + strcspn(start, " \n"));
        struct sim_err err = {0};
        if (!replay_bytes(changed.bytes, changed.length, &report, &err)) {
            assert_int_equal(err.code, SIM_ERR_INPUT);
            assert_true(err.line > 0);
        }
        sim_text_finish(&changed);
    }
    study_replay_report_finish(&report);
    free(trace);
}

#define HEAD "pooltrace 1\norder key\nglobal 3 32 500\ng 3 0 0 0 1 0\n"

/* Each is refused at the given line. */
static void test_replay_refuses_what_is_no_trace(void **state)
{
    static const struct {
        const char *trace;
        uint32_t line;
    } cases[] = {
        {"", 1},
        {"\n", 1},
        {"nosuchtrace 1\n", 1},
        {"pooltrace 2\n", 1},
        {"\xff\xfe\x1b[31m\n", 1},
        {"pooltrace 1\norder k\xc3\xa9y\n", 2},
        {"pooltrace 1", 1},
        {"pooltrace 1\nend 0\n", 2},
        {"pooltrace 1\nglobal 3 32 500\nend 0\n", 3},
        {"pooltrace 1\norder odd\n", 2},
        {"pooltrace 1\nglobal 0 32 500\n", 2},
        {"pooltrace 1\nglobal 99999999 32 500\n", 2},
        {"pooltrace 1\nglobal 3 32\n", 2},
        {"pooltrace 1\nglobal 3 32 500 1\n", 2},
        {"pooltrace 1\nglobal 3  500\n", 2},
        {"pooltrace 1\nglobal 03 32 500\n", 2},
        {"pooltrace 1\nglobal 3 32 99999999999999999999\n", 2},
        {"pooltrace 1\nglobal 3 32 5000000000\n", 2},
        {"pooltrace 1\nunknown 3\n", 2},
        {HEAD, 5},
        {HEAD "end 1\n", 5},
        {HEAD "end 0\nmore\n", 6},
        {HEAD "> 2 shutdown\n", 5},
        {HEAD "> 1 \n", 5},
        {HEAD "> 1 fly 0\n", 5},
        {HEAD "> 1 shutdown\n! gfut\n", 6},
        {HEAD "> 1 request 0 0\n", 5},
        {HEAD "> 1 create 0 0 1 2 -1 1 0\n", 5},
        {HEAD "> 1 create 0 0 1 2 2000000 1 0\n", 5},
        {HEAD "> 1 create -1 0 1 2 0 1 0\n", 5},
        {HEAD "> 1 recycle_unpooled -1\n", 5},
        {HEAD "> 1 recycle_unpooled 1 0\n", 5},
        {HEAD "> 1 recycle_unpooled 2147483647 0\n", 5},
        {"debloattrace 1\nclock 5\nend 0\n", 3},
        {"debloattrace 1\nclock -5\nend 0\n", 2},
        {"debloattrace 1\ndebloater 1000 32 16 64 25 20\n", 2},
        {"debloattrace 1\ndebloater 1000 32 64 16 25 20\nclock 5\n> 1 data -1\n", 4},
        {"debloattrace 1\ndebloater 1000 32 64 16 25 20\nclock 5\n> 1 advance -1\n", 4},
    };
    struct study_replay_report report = {0};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct sim_err err = {0};
        if (replay_bytes(cases[i].trace, strlen(cases[i].trace), &report, &err)) {
            fail_msg("case %zu was accepted", i);
        }
        assert_int_equal(err.code, SIM_ERR_INPUT);
        assert_int_equal(err.line, cases[i].line);
        for (const char *at = err.text; *at != '\0'; at++) {
            assert_in_range(*at, ' ', '~'); /* nothing that a terminal would obey */
        }
    }
    study_replay_report_finish(&report);
}

/* Calls that no recorder can have written: a segment that is not held like that, a subpartition or
 * policy that does not exist. */
static void test_replay_refuses_impossible_calls(void **state)
{
    static const char *const calls[] = {
        "request 0 2",   "request 0 -2",         "recycle 0 0 0", "recycle 0 3 0",
        "recycle 0 1 0", "recycle 0 -1 0",       "recycle 1 0 0", "listen 0 0 sleep 0",
        "destroy 1",     "create 0 0 1 1 0 1 0", "request 0",     "listen 0 0",
    };
    struct study_replay_report report = {0};
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        struct sim_text trace = {0};
        sim_text_add(&trace,
                     HEAD "> 1 create 0 0 1 2 2 1 0\n= ok\ng 2 1 1 1 1 2\n"
                          "p 0 0 2 1 1 0 1 0 0 0 0 0\n> 2 request 0 1\n= buf 0\ng 1 1 1 1 1 2\n"
                          "p 0 0 2 2 1 1 0 0 1 0 0 0\nc 0 1 1\n> 3 %s\n= ok\nend 3\n",
                     calls[i]);
        struct sim_err err = {0};
        if (replay_bytes(trace.bytes, trace.length, &report, &err)) {
            fail_msg("'%s' was accepted, agrees %d at %d", calls[i], report.agrees,
                     (int)report.operation);
        }
        assert_int_equal(err.code, SIM_ERR_INPUT);
        assert_int_equal(err.line, 14);
        sim_text_finish(&trace);
    }
    study_replay_report_finish(&report);
}

static void test_replay_refuses_lines_with_zero_bytes_and_endless_lines(void **state)
{
    struct study_replay_report report = {0};
    struct sim_err err = {0};
    assert_false(replay_bytes("pooltrace 1\nname \0x\n", 20, &report, &err));
    assert_int_equal(err.code, SIM_ERR_INPUT);
    assert_int_equal(err.line, 2);
    size_t length = 3 << 20;
    char *bytes = malloc(length);
    assert_non_null(bytes);
    memset(bytes, 'x', length);
    assert_false(replay_bytes(bytes, length, &report, &err));
    assert_int_equal(err.line, 1);
    free(bytes);
    study_replay_report_finish(&report);
}

/* Every prefix of a trace ends too early. */
static void test_replay_refuses_a_trace_that_is_cut_off(void **state)
{
    char *trace = read_file(REFERENCE "pool_05_exclusive.trace");
    size_t length = strlen(trace);
    struct study_replay_report report = {0};
    for (size_t cut = 0; cut < length; cut += 1 + length / 97) {
        struct sim_err err = {0};
        bool is_followed = replay_bytes(trace, cut, &report, &err);
        assert_true(!is_followed || !report.agrees);
    }
    struct sim_err err = {0};
    assert_true(replay_bytes(trace, length, &report, &err));
    assert_true(report.agrees);
    study_replay_report_finish(&report);
    free(trace);
}

static void test_replay_of_a_missing_file_is_no_input_error(void **state)
{
    struct study_replay_report report = {0};
    struct sim_err err = {0};
    assert_false(study_replay_file("/nonexistent/x.trace", &report, &err));
    assert_int_equal(err.code, SIM_ERR_SYSTEM);
    study_replay_report_finish(&report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pools_do_what_flink_did_in_all_traces_of_normal_use),
        cmocka_unit_test(test_pools_do_what_flink_did_where_nobody_should_go),
        cmocka_unit_test(test_debloater_does_what_flink_did_in_all_traces),
        cmocka_unit_test(test_debloater_of_1_20_does_what_that_version_did),
        cmocka_unit_test(test_replay_stops_at_the_operation_whose_result_was_changed),
        cmocka_unit_test(test_replay_stops_at_the_operation_whose_events_were_changed),
        cmocka_unit_test(test_replay_stops_at_the_operation_whose_state_was_changed),
        cmocka_unit_test(test_replay_compares_the_state_before_the_first_operation),
        cmocka_unit_test(test_replay_says_what_both_sides_said),
        cmocka_unit_test(test_replay_shows_where_long_lines_differ),
        cmocka_unit_test(test_replay_survives_random_changes),
        cmocka_unit_test(test_replay_refuses_what_is_no_trace),
        cmocka_unit_test(test_replay_refuses_impossible_calls),
        cmocka_unit_test(test_replay_refuses_lines_with_zero_bytes_and_endless_lines),
        cmocka_unit_test(test_replay_refuses_a_trace_that_is_cut_off),
        cmocka_unit_test(test_replay_of_a_missing_file_is_no_input_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
