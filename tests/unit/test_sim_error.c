/*
 * The error value and assertions.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>

#include "sim/assert.h"
#include "sim/error.h"
#include "sim/sim.h"

static void test_set_fills_code_and_text_without_a_place(void **state)
{
    struct sim_err err;
    memset(&err, 0x55, sizeof err);
    assert_false(sim_err_set(&err, SIM_ERR_LIMIT, "%d is above %s", 7, "six"));
    assert_int_equal(err.code, SIM_ERR_LIMIT);
    assert_string_equal(err.text, "7 is above six");
    assert_string_equal(err.file, "");
    assert_int_equal(err.line, 0);
    assert_int_equal(err.column, 0);
}

static void test_set_at_fills_the_place(void **state)
{
    struct sim_err err;
    assert_false(sim_err_set_at(&err, SIM_ERR_INPUT, "a.yaml", 14, 9, "unknown key"));
    assert_string_equal(err.file, "a.yaml");
    assert_int_equal(err.line, 14);
    assert_int_equal(err.column, 9);
    assert_false(sim_err_set_at(&err, SIM_ERR_INPUT, NULL, 1, 2, "x"));
    assert_string_equal(err.file, "");
}

static void test_set_errno_adds_the_reason(void **state)
{
    struct sim_err err;
    assert_false(sim_err_set_errno(&err, ENOENT, "cannot open %s", "x.csv"));
    assert_int_equal(err.code, SIM_ERR_SYSTEM);
    assert_string_equal(err.text, "cannot open x.csv: No such file or directory");
}

static void test_text_is_one_line_without_control_codes(void **state)
{
    struct sim_err err;
    sim_err_set(&err, SIM_ERR_INPUT, "found 'a\nb\x1b[31m\x7f'");
    assert_string_equal(err.text, "found 'a b?[31m?'");
    sim_err_set_at(&err, SIM_ERR_INPUT, "bad\nname", 1, 1, "x");
    assert_string_equal(err.file, "bad name");
}

static void test_long_text_is_cut_at_a_whole_character(void **state)
{
    struct sim_err err;
    char text[2048];
    /* Characters of two bytes, shifted by one so that the cut falls into the middle of one. */
    for (size_t shift = 0; shift < 2; shift++) {
        memset(text, 'a', shift);
        for (size_t i = shift; i + 2 < sizeof text; i += 2) {
            memcpy(text + i, "\xc3\xa4", 2);
        }
        text[1801] = '\0';
        text[1800] = shift == 0 ? '\0' : text[1800];
        sim_err_set(&err, SIM_ERR_INPUT, "%s", text);
        size_t length = strlen(err.text);
        assert_true(length >= sizeof err.text - 3 && length < sizeof err.text);
        assert_string_equal(err.text + length - 3, "...");
        assert_int_equal((length - 3 - shift) % 2, 0);
        assert_memory_equal(err.text, text, length - 3);
    }
}

static void test_null_error_is_fine(void **state)
{
    assert_false(sim_err_set(NULL, SIM_ERR_INPUT, "x"));
    assert_false(sim_err_set_at(NULL, SIM_ERR_INPUT, "f", 1, 1, "x"));
    assert_false(sim_err_set_errno(NULL, ENOENT, "x"));
}

/* What the handler was told, reached through the run it was told about. */
static jmp_buf jump;

static void jump_out(const char *file, int line, const char *condition,
                     const struct sim *simulation)
{
    assert_string_equal(condition, "1 > 2");
    assert_true(line > 0);
    assert_non_null(strstr(file, "test_sim_error.c"));
    assert_non_null(simulation);
    longjmp(jump, 1);
}

static void test_failed_assertion_calls_the_handler(void **state)
{
    struct sim *sim = sim_create();
    sim_assert_handler before = sim_assert_set_handler(jump_out);
    if (setjmp(jump) == 0) {
        sim_assert(sim, 1 < 2);
        sim_assert(sim, 1 > 2);
        fail_msg("the assertion came back");
    }
    assert_true(sim_assert_set_handler(NULL) == jump_out);
    assert_true(sim_assert_set_handler(before) == before);
    sim_destroy(sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_set_fills_code_and_text_without_a_place),
        cmocka_unit_test(test_set_at_fills_the_place),
        cmocka_unit_test(test_set_errno_adds_the_reason),
        cmocka_unit_test(test_text_is_one_line_without_control_codes),
        cmocka_unit_test(test_long_text_is_cut_at_a_whole_character),
        cmocka_unit_test(test_null_error_is_fine),
        cmocka_unit_test(test_failed_assertion_calls_the_handler),
    };
    return cmocka_run_group_tests_name("sim_error", tests, NULL, NULL);
}
