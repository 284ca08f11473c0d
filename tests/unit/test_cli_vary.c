#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "cli/vary.h"

static bool make(struct cli_variants *variants, struct sim_arena *arena, const char **texts,
                 size_t count)
{
    struct cli_value value = {count, texts};
    struct sim_err err = {0};
    bool is_good = cli_variants_make(variants, &value, arena, &err);

    assert_true(is_good || (err.code == SIM_ERR_USAGE && err.text[0] != 0));
    return is_good;
}

static void test_product_in_order(void **state)
{
    struct sim_arena *arena = sim_arena_create();
    const char *texts[] = {"flink.a.b=1,2", "run.seed=7,8,9"};
    struct cli_variants variants;

    assert_true(make(&variants, arena, texts, 2));
    assert_int_equal(variants.count, 6);
    assert_int_equal(variants.width, 2);
    assert_string_equal(variants.labels[0], "b=1, seed=7");
    assert_string_equal(variants.labels[1], "b=1, seed=8");
    assert_string_equal(variants.labels[5], "b=2, seed=9");
    assert_string_equal(variants.sets[4 * 2], "flink.a.b=2");
    assert_string_equal(variants.sets[4 * 2 + 1], "run.seed=8");
    sim_arena_destroy(arena);
}

static void test_keys_are_named_by_as_much_as_tells_them_apart(void **state)
{
    struct sim_arena *arena = sim_arena_create();
    const char *texts[] = {"job.vertices.a.parallelism=1,2", "job.vertices.b.parallelism=3",
                           "run.seed=7", "x.a.parallelism=4"};
    struct cli_variants variants;

    assert_true(make(&variants, arena, texts, 4));
    assert_string_equal(variants.labels[1],
                        "vertices.a.parallelism=2, b.parallelism=3, seed=7, x.a.parallelism=4");
    const char *suffix[] = {"seed=1,2", "run.seed=3"};
    assert_true(make(&variants, arena, suffix, 2));
    assert_string_equal(variants.labels[0], "seed=1, run.seed=3");
    sim_arena_destroy(arena);
}

static void test_more_keys_than_there_may_be(void **state)
{
    struct sim_arena *arena = sim_arena_create();
    const char *texts[CLI_MOST_KEYS + 1];
    struct cli_variants variants;

    for (size_t i = 0; i < CLI_MOST_KEYS + 1; i++) {
        texts[i] = "run.seed=1";
    }
    assert_false(make(&variants, arena, texts, CLI_MOST_KEYS + 1));
    sim_arena_destroy(arena);
}

static void test_commas_within_brackets_and_quotes_part_nothing(void **state)
{
    struct sim_arena *arena = sim_arena_create();
    const char *texts[] = {"job.edges[0].partition={weights: [1, 2]},\"a,b\",hash"};
    struct cli_variants variants;

    assert_true(make(&variants, arena, texts, 1));
    assert_int_equal(variants.count, 3);
    assert_string_equal(variants.sets[0], "job.edges[0].partition={weights: [1, 2]}");
    assert_string_equal(variants.sets[1], "job.edges[0].partition=\"a,b\"");
    assert_string_equal(variants.labels[2], "partition=hash");
    sim_arena_destroy(arena);
}

static void test_what_is_no_variation(void **state)
{
    static const char *const wrong[] = {"", "a", "=1,2", "a=", "a=1,", "a=,1", "a=1", "a=4,2,4"};
    struct sim_arena *arena = sim_arena_create();
    struct cli_variants variants;

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        const char *text = wrong[i];

        assert_false(make(&variants, arena, &text, 1));
    }
    assert_false(make(&variants, arena, (const char *[]){"run.seed=1,2", "run.seed=3"}, 2));
    assert_true(make(&variants, arena, NULL, 0));
    assert_int_equal(variants.count, 1);
    sim_arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_product_in_order),
        cmocka_unit_test(test_keys_are_named_by_as_much_as_tells_them_apart),
        cmocka_unit_test(test_more_keys_than_there_may_be),
        cmocka_unit_test(test_commas_within_brackets_and_quotes_part_nothing),
        cmocka_unit_test(test_what_is_no_variation),
    };

    return cmocka_run_group_tests_name("cli_vary", tests, NULL, NULL);
}
