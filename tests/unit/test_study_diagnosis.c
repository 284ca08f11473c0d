#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "studies/allotment.h"
#include "studies/diagnosis.h"

#define WINDOW (100 * SIM_S)

/* source (1) -> map (2) -> sink (4), with totals that a test sets in percent of the window. */
struct fixture {
    struct net_vertex_spec vertices[3];
    struct net_edge_spec edges[2];
    struct net_service_spec service;
    struct net_spec spec;
    struct study_outcome outcome;
    struct study_diagnosis diagnosis;
};

static int set_up(void **state)
{
    static struct fixture f;
    static const char *const names[] = {"source", "map", "sink"};
    static const uint32_t parallelism[] = {1, 2, 4};

    f = (struct fixture){0};
    for (uint32_t v = 0; v < 3; v++) {
        f.vertices[v] = (struct net_vertex_spec){.name = names[v],
                                                 .parallelism = parallelism[v],
                                                 .taskmanager = v,
                                                 .is_source = v == 0,
                                                 .services = &f.service,
                                                 .service_count = v > 0};
        f.vertices[v].record_size = (struct sim_dist){.kind = SIM_DIST_CONSTANT, .a = 1000};
    }
    f.edges[0] = (struct net_edge_spec){.from = 0, .to = 1, .partition = NET_PARTITION_HASH};
    f.edges[1] = (struct net_edge_spec){.from = 1, .to = 2, .partition = NET_PARTITION_REBALANCE};
    f.spec = (struct net_spec){.name = "three",
                               .vertices = f.vertices,
                               .vertex_count = 3,
                               .edges = f.edges,
                               .edge_count = 2};
    net_config_init(&f.spec.config, NET_FLINK_1_20);
    f.spec.cluster =
        (struct net_cluster_spec){.taskmanagers = 3, .slots = 4, .link = {.bytes_per_second = 1e6}};
    study_outcome_init(&f.outcome, &f.spec);
    for (uint32_t i = 0; i < f.outcome.first[3]; i++) {
        f.outcome.tasks[i] = (struct net_task_totals){.elapsed = WINDOW, .idle = WINDOW};
        f.outcome.tasks[i].records_in = 1000;
        f.outcome.taskmanager_of[i] = i == 0 ? 0 : i < 3 ? 1 : 2;
    }
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    study_diagnosis_finish(&f->diagnosis);
    study_outcome_finish(&f->outcome);
    return 0;
}

static struct net_task_totals *task(struct fixture *f, uint32_t vertex, uint32_t subtask)
{
    return &f->outcome.tasks[f->outcome.first[vertex] + subtask];
}

static sim_time percent(double share)
{
    return (sim_time)(share / 100 * (double)WINDOW);
}

/* All subtasks of a vertex: busy and soft back-pressured in percent, the rest idle. */
static void spend(struct fixture *f, uint32_t vertex, double busy, double soft)
{
    for (uint32_t s = 0; s < f->vertices[vertex].parallelism; s++) {
        struct net_task_totals *totals = task(f, vertex, s);

        totals->busy = percent(busy);
        totals->soft = percent(soft);
        totals->idle = WINDOW - totals->busy - totals->soft;
    }
}

static const struct study_diagnosis *diagnose(struct fixture *f)
{
    study_outcome_sum(&f->outcome);
    study_diagnose(&f->diagnosis, &f->outcome);
    return &f->diagnosis;
}

static void assert_says(const struct sim_text *text, const char *part)
{
    if (strstr(sim_text_get(text), part) == NULL) {
        fail_msg("'%s' does not say '%s'", sim_text_get(text), part);
    }
}

/* Raising the parallelism of one of them would not even be a scenario. */
static void test_a_chain_is_one_bottleneck(void **state)
{
    struct fixture *f = *state;
    const struct study_diagnosis *diagnosis;

    f->edges[1].partition = NET_PARTITION_FORWARD;
    f->edges[1].is_chained = true;
    spend(f, 0, 1, 99);
    spend(f, 1, 99, 0);
    spend(f, 2, 99, 0);
    diagnosis = diagnose(f);
    assert_says(&diagnosis->what,
                "map and sink, chained in one task: their services are the limit");
    assert_says(&diagnosis->advice, "Raise the parallelism of map and sink together");
    assert_int_equal(diagnosis->key.length, 0);
}

/* The totals of a task are sums over its outputs, so a full pool beside an empty one must not be
 * told as "24 buffers are used up, 15 at most". */
static void test_one_of_several_output_pools_is_told_as_one(void **state)
{
    struct fixture *f = *state;
    struct net_edge_spec edges[] = {
        {.from = 0, .to = 1, .partition = NET_PARTITION_HASH},
        {.from = 0, .to = 2, .partition = NET_PARTITION_HASH},
    };
    struct net_task_totals *source = task(f, 0, 0);

    f->spec.edges = edges;
    spend(f, 0, 1, 99);
    spend(f, 1, 99, 0);
    spend(f, 2, 10, 0);
    source->blocked_by_quota = percent(99);
    source->out_size_mean = 24;
    source->out_used_mean = 14;
    source->out_used_max = 15;
    assert_says(&diagnose(f)->why,
                "because one of its 2 output pools is used up (of their 24 buffers together 14.0 "
                "on average over all the time, 15 at most)");
    study_diagnosis_finish(&f->diagnosis);
    source->blocked_by_quota = 0;
    source->blocked_by_channel_limit = percent(99);
    assert_says(&diagnose(f)->why, "Of the 24 buffers of its 2 output pools 14.0 are used");
    study_diagnosis_finish(&f->diagnosis);
    source->blocked_by_channel_limit = 0;
    source->blocked_by_global_pool = percent(99);
    assert_says(&diagnose(f)->why, "though its output pools may still grow (14.0 of 24 buffers");
}

static void test_nobody_back_pressured_is_no_bottleneck(void **state)
{
    struct fixture *f = *state;
    const struct study_diagnosis *diagnosis;

    spend(f, 0, 1, 4);
    spend(f, 1, 50, 0);
    spend(f, 2, 25, 0);
    diagnosis = diagnose(f);
    assert_int_equal(diagnosis->cause, STUDY_CAUSE_NONE);
    assert_int_equal(diagnosis->vertex, 1);
    assert_int_equal(diagnosis->key.length, 0);
    assert_says(&diagnosis->why, "map is busiest: 50.0 %");
    assert_says(&diagnosis->advice, "2.00 times");
}

static void test_busy_vertex_behind_the_last_back_pressured_one_is_it(void **state)
{
    struct fixture *f = *state;
    const struct study_diagnosis *diagnosis;

    spend(f, 0, 1, 99);
    spend(f, 1, 30, 70);
    spend(f, 2, 99, 0);
    task(f, 1, 1)->soft += percent(0.1);
    task(f, 1, 1)->blocked_by_quota = percent(70);
    task(f, 1, 1)->blocked_by_channel_limit = percent(5);
    diagnosis = diagnose(f);
    assert_int_equal(diagnosis->cause, STUDY_CAUSE_SERVICE);
    assert_int_equal(diagnosis->vertex, 2);
    assert_int_equal(diagnosis->pressed, 1);
    assert_int_equal(diagnosis->pressed_worst, 1);
    assert_int_equal(diagnosis->limit, STUDY_LIMIT_QUOTA);
    assert_true(diagnosis->limit_share > 0.699 && diagnosis->limit_share < 0.701);
    assert_says(&diagnosis->advice, "job.vertices.sink.parallelism");
    assert_says(&diagnosis->why, "map is back-pressured 70.1 %");
}

static void test_saturated_vertex_is_it_even_before_anybody_is_pressed(void **state)
{
    struct fixture *f = *state;

    spend(f, 2, 100, 0);
    assert_int_equal(diagnose(f)->cause, STUDY_CAUSE_SERVICE);
    assert_false(f->diagnosis.has_pressed);
}

static void test_a_source_that_is_busy_emits_as_fast_as_it_can(void **state)
{
    struct fixture *f = *state;

    spend(f, 0, 100, 0);
    assert_int_equal(diagnose(f)->cause, STUDY_CAUSE_SERVICE);
    assert_says(&f->diagnosis.what, "source: it emits as fast as it can");
    assert_says(&f->diagnosis.advice, "machine.record-cpu");
}

static void test_a_bottleneck_that_moves_is_said_to(void **state)
{
    struct fixture *f = *state;
    const struct study_moment moments[] = {
        {.vertex = 1, .total = 6 * SIM_S, .longest_from = SIM_S, .longest_to = 7 * SIM_S},
        {.vertex = 2, .total = 3 * SIM_S, .longest_from = 7 * SIM_S, .longest_to = 10 * SIM_S},
    };

    spend(f, 2, 100, 0);
    f->outcome.moments = moments;
    f->outcome.watched = 10 * SIM_S;
    f->outcome.moment_count = 1;
    diagnose(f);
    assert_string_equal(sim_text_get(&f->diagnosis.when),
                        "map 60.0 % of the time (longest from 1.0 to 7.0 s); nowhere 40.0 %.");
    f->outcome.moment_count = 2;
    study_diagnosis_finish(&f->diagnosis);
    study_diagnose(&f->diagnosis, &f->outcome);
    assert_string_equal(
        sim_text_get(&f->diagnosis.when),
        "It moves: map 60.0 % of the time (longest from 1.0 to 7.0 s), sink 30.0 % of the time "
        "(longest from 7.0 to 10.0 s); nowhere 10.0 %.");
    f->outcome.moment_count = 0;
}

static void test_one_busy_subtask_is_skew_and_its_share_is_told(void **state)
{
    struct fixture *f = *state;
    const struct study_diagnosis *diagnosis;

    spend(f, 0, 1, 99);
    spend(f, 1, 10, 90);
    spend(f, 2, 20, 0);
    task(f, 2, 3)->busy = percent(100);
    task(f, 2, 3)->records_in = 2000;
    task(f, 1, 0)->soft = percent(90.5);
    task(f, 1, 0)->blocked_by_channel_limit = percent(90);
    task(f, 1, 0)->hottest_output = 3;
    diagnosis = diagnose(f);
    assert_int_equal(diagnosis->cause, STUDY_CAUSE_SKEW);
    assert_int_equal(diagnosis->subtask, 3);
    assert_int_equal(diagnosis->limit, STUDY_LIMIT_CHANNEL);
    assert_string_equal(sim_text_get(&diagnosis->key),
                        "taskmanager.network.memory.max-buffers-per-channel");
    assert_string_equal(diagnosis->direction, "up");
    assert_says(&diagnosis->what, "it gets 40.0 % of the records");
    assert_says(&diagnosis->why, "subpartition 3 of its output");
    assert_says(&diagnosis->advice, "Spread its keys");
}

static void test_slow_subtask_with_an_even_share_is_not_a_hot_key(void **state)
{
    struct fixture *f = *state;

    spend(f, 1, 10, 90);
    spend(f, 2, 20, 0);
    task(f, 2, 0)->busy = percent(100);
    assert_int_equal(diagnose(f)->cause, STUDY_CAUSE_SKEW);
    assert_says(&f->diagnosis.advice, "slower than the others");
}

static void test_pressed_source_with_pauses_is_bursts(void **state)
{
    struct fixture *f = *state;

    spend(f, 0, 20, 30);
    spend(f, 1, 85, 0);
    task(f, 0, 0)->blocked_by_quota = percent(30);
    task(f, 0, 0)->emitted_late = 5000;
    assert_int_equal(diagnose(f)->cause, STUDY_CAUSE_BURSTS);
    assert_int_equal(f->diagnosis.vertex, 1);
    assert_string_equal(f->diagnosis.direction, "up");
    assert_says(&f->diagnosis.why, "5000 records were due");
}

static void test_bursts_against_the_channel_limit_need_that_limit(void **state)
{
    struct fixture *f = *state;

    spend(f, 0, 20, 30);
    spend(f, 1, 85, 0);
    task(f, 0, 0)->blocked_by_channel_limit = percent(30);
    assert_int_equal(diagnose(f)->cause, STUDY_CAUSE_BURSTS);
    assert_string_equal(sim_text_get(&f->diagnosis.key),
                        "taskmanager.network.memory.max-buffers-per-channel");
}

static void test_hard_back_pressure_is_explained(void **state)
{
    struct fixture *f = *state;

    spend(f, 1, 10, 50);
    spend(f, 2, 100, 0);
    task(f, 1, 0)->hard = percent(39.9);
    task(f, 1, 0)->idle = percent(0.1);
    assert_says(&diagnose(f)->why, "For 39.9 % of the time it was blocked in the middle");
    assert_says(&f->diagnosis.why, "5 overdraft buffers");
}

/* LEG-3 to LEG-5 */
static void test_before_credits_a_neighbour_on_the_connection_is_told(void **state)
{
    struct fixture *f = *state;
    const struct study_diagnosis *diagnosis;

    f->spec.config.transport = NET_TRANSPORT_TCP;
    f->edges[0].to = 2; /* the map feeds nobody that is busy: it is the neighbour */
    f->spec.edge_count = 1;
    spend(f, 0, 1, 0);
    task(f, 0, 0)->hard = percent(99);
    task(f, 0, 0)->idle = 0;
    task(f, 0, 0)->blocked_by_quota = percent(99);
    spend(f, 1, 1, 0);
    task(f, 1, 0)->hard = percent(90);
    task(f, 1, 0)->idle = percent(9);
    spend(f, 2, 100, 0);
    diagnosis = diagnose(f);
    assert_int_equal(diagnosis->vertex, 2);
    assert_says(&diagnosis->why, "hard back pressure): before credits nothing else held a task up");
    assert_says(&diagnosis->why,
                "So is map, though nothing from there goes to anybody busy: without");
}

static void test_data_without_credit_before_an_idle_consumer_needs_buffers(void **state)
{
    struct fixture *f = *state;

    spend(f, 0, 1, 99);
    spend(f, 1, 40, 0);
    task(f, 0, 0)->waited_for_credit = percent(150);
    task(f, 0, 0)->waited_for_link = percent(10);
    assert_int_equal(diagnose(f)->cause, STUDY_CAUSE_CREDIT);
    assert_string_equal(sim_text_get(&f->diagnosis.key),
                        "taskmanager.network.memory.floating-buffers-per-gate");
}

static void test_data_with_credit_before_a_busy_connection_need_a_link(void **state)
{
    struct fixture *f = *state;
    const struct study_diagnosis *diagnosis;

    spend(f, 1, 1, 99);
    spend(f, 2, 40, 0);
    /* 4 x 23,750 records of 1000 B in 100 s: 950 kB/s of 1 MB/s */
    for (uint32_t s = 0; s < 4; s++) {
        task(f, 2, s)->records_in = 23750;
    }
    task(f, 1, 0)->waited_for_link = percent(90);
    task(f, 1, 0)->waited_for_credit = percent(1);
    diagnosis = diagnose(f);
    assert_int_equal(diagnosis->cause, STUDY_CAUSE_LINK);
    assert_int_equal(diagnosis->link_from, 1);
    assert_int_equal(diagnosis->link_to, 2);
    assert_true(diagnosis->link_share > 0.949 && diagnosis->link_share < 0.951);
    assert_string_equal(sim_text_get(&diagnosis->key), "cluster.link.bandwidth");
    /* over four remote channels */
    assert_says(&diagnosis->why, "waited for credit 0.2 % and for the connection 22.5 %");
}

static void test_link_that_is_slow_at_times_only_is_called_so(void **state)
{
    struct fixture *f = *state;

    spend(f, 1, 1, 99);
    spend(f, 2, 40, 0);
    task(f, 1, 0)->waited_for_link = percent(90);
    assert_int_equal(diagnose(f)->cause, STUDY_CAUSE_LINK);
    assert_says(&f->diagnosis.advice, "stands still at times");
}

static void test_pool_that_binds_before_idle_consumers_is_named(void **state)
{
    struct fixture *f = *state;

    spend(f, 1, 1, 99);
    spend(f, 2, 40, 0);
    task(f, 1, 0)->blocked_by_global_pool = percent(99);
    assert_int_equal(diagnose(f)->cause, STUDY_CAUSE_GLOBAL);
    assert_string_equal(sim_text_get(&f->diagnosis.key), "taskmanager.memory.network.fraction");
    assert_says(&f->diagnosis.what, "task manager 1");
}

static void test_channel_limit_before_idle_consumers_is_named(void **state)
{
    struct fixture *f = *state;

    spend(f, 1, 1, 99);
    spend(f, 2, 40, 0);
    task(f, 1, 0)->blocked_by_channel_limit = percent(99);
    assert_int_equal(diagnose(f)->cause, STUDY_CAUSE_CHANNEL);
    assert_string_equal(sim_text_get(&f->diagnosis.key),
                        "taskmanager.network.memory.max-buffers-per-channel");
}

static void test_keys_that_flink_2_has_not_are_called_so(void **state)
{
    struct fixture *f = *state;

    f->spec.config.version = NET_FLINK_2_2;
    spend(f, 1, 1, 99);
    spend(f, 2, 40, 0);
    assert_int_equal(diagnose(f)->cause, STUDY_CAUSE_QUOTA);
    assert_says(&f->diagnosis.advice, "a constant in Flink 2.x");
}

static void test_records_older_than_the_warm_up_are_doubted(void **state)
{
    struct fixture *f = *state;
    struct sim_histogram *latency = sim_histogram_create();

    f->outcome.window_from = 10 * SIM_S;
    f->outcome.simulated = 110 * SIM_S;
    sim_histogram_add(latency, 9 * SIM_S, 10);
    task(f, 2, 0)->latency = latency;
    assert_int_equal(diagnose(f)->note.length, 0);
    study_diagnosis_finish(&f->diagnosis);
    sim_histogram_add(latency, 14 * SIM_S, 1000);
    assert_says(&diagnose(f)->note, "sink served were older than 14");
    sim_histogram_destroy(latency);
}

static void test_allotment_has_the_rule_and_what_flink_allots(void **state)
{
    struct fixture *f = *state;
    struct sim_arena *arena = sim_arena_create();
    struct study_allotment *allotments;
    struct sim_err err = {0};
    uint32_t count;

    f->spec.config.buffers_per_channel = 32;
    f->spec.config.floating_buffers_per_gate = 64;
    task(f, 1, 1)->out_used_max = 17;
    task(f, 1, 1)->blocked_by_channel_limit = percent(50);
    task(f, 2, 2)->in_used_max = 130;
    study_outcome_sum(&f->outcome);
    assert_true(study_allotments(&f->outcome, arena, &allotments, &count, &err));
    assert_int_equal(count, 2);
    assert_int_equal(allotments[1].rule, 2 * (32 + 64));
    assert_int_equal(allotments[1].partition_required, 5);      /* SIZ-2: P + 1 */
    assert_int_equal(allotments[1].partition_max, 4 * 32 + 64); /* SIZ-2: P B + F */
    assert_int_equal(allotments[1].gate_exclusive, 2 * 32);     /* SIZ-4 */
    assert_int_equal(allotments[1].gate_max, 2 * 32 + 64);
    assert_int_equal(allotments[1].partition_most, 17);
    assert_int_equal(allotments[1].gate_most, 130);
    assert_int_equal(allotments[1].limit, STUDY_LIMIT_CHANNEL);
    sim_arena_destroy(arena);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_chain_is_one_bottleneck),
        TEST(test_one_of_several_output_pools_is_told_as_one),
        TEST(test_nobody_back_pressured_is_no_bottleneck),
        TEST(test_busy_vertex_behind_the_last_back_pressured_one_is_it),
        TEST(test_saturated_vertex_is_it_even_before_anybody_is_pressed),
        TEST(test_a_source_that_is_busy_emits_as_fast_as_it_can),
        TEST(test_a_bottleneck_that_moves_is_said_to),
        TEST(test_one_busy_subtask_is_skew_and_its_share_is_told),
        TEST(test_slow_subtask_with_an_even_share_is_not_a_hot_key),
        TEST(test_pressed_source_with_pauses_is_bursts),
        TEST(test_bursts_against_the_channel_limit_need_that_limit),
        TEST(test_hard_back_pressure_is_explained),
        TEST(test_before_credits_a_neighbour_on_the_connection_is_told),
        TEST(test_data_without_credit_before_an_idle_consumer_needs_buffers),
        TEST(test_data_with_credit_before_a_busy_connection_need_a_link),
        TEST(test_link_that_is_slow_at_times_only_is_called_so),
        TEST(test_pool_that_binds_before_idle_consumers_is_named),
        TEST(test_channel_limit_before_idle_consumers_is_named),
        TEST(test_keys_that_flink_2_has_not_are_called_so),
        TEST(test_records_older_than_the_warm_up_are_doubted),
        TEST(test_allotment_has_the_rule_and_what_flink_allots),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
