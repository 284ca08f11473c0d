/*
 * The size report: the article's job in every form, the refusal, and lines that fit.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/arena.h"
#include "studies/size.h"

static int set_up(void **state)
{
    *state = sim_arena_create();
    return 0;
}

static int tear_down(void **state)
{
    sim_arena_destroy(*state);
    return 0;
}

/* The article's exchange: 4 to 4 by hash, B = 32, F = 64. */
static struct study_size_quick article(void)
{
    struct study_size_quick quick = {.producers = 4,
                                     .consumers = 4,
                                     .partition = NET_PARTITION_HASH,
                                     .slots = 1,
                                     .has_slot_sharing = true};
    net_config_init(&quick.config, NET_FLINK_1_20);
    quick.config.buffers_per_channel = 32;
    quick.config.floating_buffers_per_gate = 64;
    return quick;
}

static struct study_size make(const struct study_size_quick *quick, struct sim_arena *arena)
{
    struct study_size size = {0};
    struct sim_err err = {0};
    if (!study_size_make(&size, study_size_quick_spec(quick, arena), arena, &err)) {
        fail_msg("%s", err.text);
    }
    return size;
}

/* The caller frees the text. */
static char *print(const struct study_size *size, enum study_size_format format)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    assert_non_null(out);
    study_size_print(size, format, out);
    assert_int_equal(fclose(out), 0);
    return text;
}

static void assert_has(const char *text, const char *part)
{
    if (text == NULL || strstr(text, part) == NULL) {
        fail_msg("no '%s' in\n%s", part, text != NULL ? text : "nothing");
    }
}

static void assert_fits(const char *text)
{
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        if (length > 80 || (length > 0 && text[length - 1] == ' ')) {
            fail_msg("too long or a blank at the end: '%.*s'", (int)length, text);
        }
        text += length + (text[length] == '\n');
    }
}

static void test_the_article_is_answered_with_what_flink_allots(void **state)
{
    struct study_size_quick quick = article();
    struct study_size size = make(&quick, *state);
    assert_int_equal(size.rule_of_thumb, 384);
    assert_int_equal(size.demand.least_segments, 102);
    assert_true(size.demand.starts);
    /* output and input of 4 x 32 + 64 segments, one slot */
    assert_int_equal(size.autoscaler_bytes, 2 * 192 * 32768);
    const struct net_pool_demand *gate = &size.demand.pools[4];
    assert_true(gate->is_input);
    assert_int_equal(study_size_required(gate), 97);
    assert_int_equal(study_size_configured(&quick.config, gate->channels), 192);
    assert_int_equal(study_size_maximum(gate), 160);
    char *text = print(&size, STUDY_SIZE_TABLE);
    assert_fits(text);
    assert_has(text, "producer -> consumer       4  4       0         5    192      192      384");
    assert_has(text, "consumer <- producer       4  4       3        97    192      160      384");
    assert_has(text, "network.fraction 0.1");
    assert_has(text, "The job starts: 102 of 4096 segments");
    assert_has(text, "taskmanager.memory.network.min: 3342336b");
    free(text);
}

static void test_a_job_that_cannot_start_is_told_in_flinks_words(void **state)
{
    struct study_size_quick quick = article();
    quick.config.memory.network_min = quick.config.memory.network_max = 101 * 32768;
    struct study_size size = make(&quick, *state);
    assert_false(size.demand.starts);
    assert_int_equal(size.refusal.code, SIM_ERR_ANSWER);
    char *text = print(&size, STUDY_SIZE_TABLE);
    assert_fits(text);
    assert_has(text, "Insufficient number of network buffers: required 32, but only 31 available.");
    assert_has(text, "starts it: 102 segments");
    free(text);
    text = print(&size, STUDY_SIZE_CSV);
    assert_has(text, "job,,,,starts,0\n");
    assert_has(text, "job,,,,error,\"Insufficient number of network buffers: required 32, but");
    free(text);
}

static void test_the_table_fits_with_large_numbers_and_long_names(void **state)
{
    struct study_size_quick quick = article();
    quick.producers = 1900;
    quick.consumers = 2000;
    quick.config.buffers_per_channel = 100000;
    struct net_spec *spec = study_size_quick_spec(&quick, *state);
    spec->vertices[0].name = "a source with a name that nobody in his right mind would write out";
    struct study_size size;
    assert_true(study_size_make(&size, spec, *state, NULL));
    char *text = print(&size, STUDY_SIZE_TABLE);
    assert_fits(text);
    assert_has(text, "a source");
    free(text);
    size.demand.memory.segment_size = INT64_C(1) << 30;
    assert_int_equal(study_size_bytes(&size, INT64_C(1) << 40), INT64_MAX);
}

static void test_csv_and_json_name_every_quantity(void **state)
{
    struct study_size_quick quick = article();
    struct study_size size = make(&quick, *state);
    char *text = print(&size, STUDY_SIZE_CSV);
    assert_has(text, "scope,vertex,index,peer,metric,value\n");
    assert_has(text, "memory,,,,network_bytes,134217730\n");
    assert_has(text, "partition,producer,3,consumer,required,5\n");
    assert_has(text, "gate,consumer,0,producer,exclusive,96\n");
    assert_has(text, "taskmanager,,2,,guaranteed,102\n");
    assert_has(text, "job,,,,least_bytes,3342336\n");
    free(text);
    text = print(&size, STUDY_SIZE_JSON);
    assert_has(text, "\"starts\": true");
    assert_has(text, "\"network_bound\": \"fraction\"");
    assert_has(text, "\"rule_of_thumb\": 384");
    free(text);
}

static void test_markdown_has_a_row_a_kind_of_pool(void **state)
{
    struct study_size_quick quick = article();
    struct study_size size = make(&quick, *state);
    char *text = print(&size, STUDY_SIZE_MD);
    assert_has(text, "| consumer <- producer | 4 | 4 | 3 | 97 | 192 | 160 | 384 |\n");
    assert_has(text, "|:--|--:|");
    free(text);
}

static void test_a_quick_look_has_as_many_task_managers_as_slots_are_needed(void **state)
{
    struct study_size_quick quick = article();
    quick.slots = 3;
    assert_int_equal(study_size_quick_spec(&quick, *state)->cluster.taskmanagers, 2);
    quick.has_slot_sharing = false;
    assert_int_equal(study_size_quick_spec(&quick, *state)->cluster.taskmanagers, 3);
    quick.producers = 9;
    quick.has_slot_sharing = true;
    assert_int_equal(study_size_quick_spec(&quick, *state)->cluster.taskmanagers, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_the_article_is_answered_with_what_flink_allots, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_a_job_that_cannot_start_is_told_in_flinks_words,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_the_table_fits_with_large_numbers_and_long_names,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_csv_and_json_name_every_quantity, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_markdown_has_a_row_a_kind_of_pool, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_a_quick_look_has_as_many_task_managers_as_slots_are_needed, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("study_size", tests, NULL, NULL);
}
