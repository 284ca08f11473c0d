/* The task loop: rules TSK and UIG, and what DES-4 and LBP-8 mean to a task. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "models/world_internal.h"
#include "tests/support/assert_near.h"
#include "tests/support/net_job.h"

#define STUCK (100000 * SIM_S) /* a service that never ends */

/* ---- saturated and idle ---- */

static void test_saturated_operator_serves_without_a_gap(void **state)
{
    (void)state;
    struct net_job job;
    net_job_init(&job);
    uint32_t source = net_job_source(&job, "source", 1, 0, INFINITY, 1000);
    uint32_t sink = net_job_operator(&job, "sink", 1, 1, 2 * SIM_MS, 1.0, 29);
    net_job_edge(&job, source, sink, NET_PARTITION_REBALANCE);
    net_job_warm_up(&job, 5 * SIM_S);
    net_job_run(&job, 15 * SIM_S);
    struct net_task_totals totals = net_job_totals(&job, sink, 0);
    assert_int_equal(totals.records_in, 5000);
    assert_int_equal(totals.busy, 10 * SIM_S);
    assert_int_equal(totals.idle, 0);
    net_job_finish(&job);
}

static void test_source_is_idle_between_records_that_are_not_due(void **state) /* TSK-10 */
{
    (void)state;
    struct net_job job;
    net_job_init(&job);
    job.spec.machine.record_cpu = 5 * SIM_US;
    uint32_t source = net_job_source(&job, "source", 1, 0, 100.0, 1000);
    uint32_t sink = net_job_operator(&job, "sink", 1, 1, SIM_MS, 1.0, 29);
    net_job_edge(&job, source, sink, NET_PARTITION_REBALANCE);
    net_job_warm_up(&job, 1005 * SIM_MS);
    net_job_run(&job, 11005 * SIM_MS);
    struct net_task_totals totals = net_job_totals(&job, source, 0);
    assert_int_equal(totals.records_out, 1000);
    assert_int_equal(totals.busy, 1000 * 5 * SIM_US);
    assert_int_equal(totals.idle, 10 * SIM_S - 1000 * 5 * SIM_US);
    net_job_finish(&job);
}

static void test_wakeup_counts_as_busy(void **state) /* TSK-8 */
{
    (void)state;
    struct net_job job;
    net_job_init(&job);
    job.spec.machine.wakeup = SIM_MS;
    job.spec.config.buffer_timeout = 0; /* one record a wake-up */
    uint32_t source = net_job_source(&job, "source", 1, 0, 100.0, 1000);
    uint32_t sink = net_job_operator(&job, "sink", 1, 1, 3 * SIM_MS, 1.0, 29);
    net_job_edge(&job, source, sink, NET_PARTITION_REBALANCE);
    net_job_warm_up(&job, 1009 * SIM_MS);
    net_job_run(&job, 2009 * SIM_MS);
    struct net_task_totals totals = net_job_totals(&job, sink, 0);
    assert_int_equal(totals.records_in, 100);
    assert_int_equal(totals.busy, 100 * (SIM_MS + 3 * SIM_MS));
    net_job_finish(&job);
}

/* ---- soft back pressure ---- */

/* A source behind a consumer that never finishes its first record. */
static void fill_up(struct net_job *job, uint32_t parallelism, uint32_t taskmanager)
{
    net_job_init(job);
    job->spec.config.buffer_timeout = -1;
    uint32_t source = net_job_source(job, "source", parallelism, 0, INFINITY, 1000);
    uint32_t sink = net_job_operator(job, "sink", parallelism, taskmanager, STUCK, 1.0, 29);
    net_job_edge(job, source, sink, NET_PARTITION_REBALANCE);
    net_job_warm_up(job, 10 * SIM_S);
    net_job_run(job, 20 * SIM_S);
}

/* GT-10: 10 buffers of the sender, 2 exclusive and 8 floating of the receiver. */
static void test_stuck_consumer_fills_both_pools(void **state)
{
    (void)state;
    struct net_job job;
    fill_up(&job, 1, 1);
    struct net_task_totals source = net_job_totals(&job, 0, 0);
    struct net_task_totals sink = net_job_totals(&job, 1, 0);
    assert_int_equal(source.soft, 10 * SIM_S);
    assert_int_equal(source.hard, 0);
    assert_int_equal(source.blocked_by_quota, 10 * SIM_S);
    assert_near(source.out_usage_mean, 1.0, 0);
    assert_near(sink.in_usage_mean, 1.0, 0);
    assert_near(source.out_used_mean, 10.0, 0);
    assert_near(sink.in_used_mean, 10.0, 0);
    assert_int_equal(source.waited_for_credit, 10 * SIM_S);
    net_job_finish(&job);
}

/* LIC-4, LIC-5: a local consumer holds the producer's buffers, and none of its own. */
static void test_stuck_local_consumer_fills_the_producer_alone(void **state)
{
    (void)state;
    struct net_job job;
    fill_up(&job, 1, 0);
    struct net_task_totals source = net_job_totals(&job, 0, 0);
    struct net_task_totals sink = net_job_totals(&job, 1, 0);
    assert_near(source.out_used_mean, 10.0, 0);
    assert_int_equal(sink.in_used_max, 0);
    assert_int_equal(sink.local_channels, 1);
    assert_int_equal(source.soft, 10 * SIM_S);
    net_job_finish(&job);
}

/* GT-11: one subpartition at its limit stops the whole partition, below its quota of 16. */
static void test_one_stuck_consumer_stops_all_producers_below_their_quota(void **state)
{
    (void)state;
    struct net_job job;
    net_job_init(&job);
    static const double stuck_first[] = {1e9, 1, 1, 1};
    uint32_t source = net_job_source(&job, "source", 4, 0, INFINITY, 1000);
    uint32_t sink = net_job_operator(&job, "sink", 4, 1, SIM_MS, 1.0, 29);
    job.services[sink][0].factor = stuck_first;
    net_job_edge(&job, source, sink, NET_PARTITION_REBALANCE);
    net_job_warm_up(&job, 10 * SIM_S);
    net_job_run(&job, 20 * SIM_S);
    for (uint32_t i = 0; i < 4; i++) {
        struct net_task_totals totals = net_job_totals(&job, source, i);
        assert_int_equal(totals.soft, 10 * SIM_S);
        assert_int_equal(totals.blocked_by_channel_limit, 10 * SIM_S);
        assert_int_equal(totals.hottest_output, 0);
        assert_in_range(totals.out_used_max, 10, 13);
    }
    assert_near(net_job_totals(&job, sink, 0).in_usage_mean, 1.0, 0);
    assert_int_equal(net_job_totals(&job, sink, 1).idle, 10 * SIM_S);
    net_job_finish(&job);
}

/* TSK-6: without room the time counts as back pressure, even though nothing comes in. */
/* TSK-5: the open buffer of the suspended source could take 32 more records. */
static void test_suspended_task_leaves_its_open_buffer_as_it_is(void **state)
{
    (void)state;
    struct net_job job;
    fill_up(&job, 1, 1);
    const struct net_task *source = net_world_task(job.world, 0, 0);
    uint64_t records = 19 * 32768 / 1000 + 1; /* the last one needed the twentieth buffer */
    assert_int_equal(source->records_out, records);
    assert_int_equal(source->outputs[0].partition.builders[0]->committed,
                     records * 1000 - 19 * 32768);
    net_job_finish(&job);
}

static void test_no_room_goes_before_no_input(void **state)
{
    (void)state;
    struct net_job job;
    net_job_init(&job);
    job.spec.config.buffer_timeout = 0;
    uint32_t source = net_job_source(&job, "source", 1, 0, 1.0, 1000);
    uint32_t map = net_job_operator(&job, "map", 1, 1, SIM_MS, 25.0, 32768);
    uint32_t sink = net_job_operator(&job, "sink", 1, 0, STUCK, 1.0, 29);
    net_job_edge(&job, source, map, NET_PARTITION_REBALANCE);
    net_job_edge(&job, map, sink, NET_PARTITION_REBALANCE);
    net_job_warm_up(&job, 1500 * SIM_MS); /* the first record has filled the map's output */
    net_job_run(&job, 1900 * SIM_MS);
    struct net_task_totals totals = net_job_totals(&job, map, 0);
    assert_int_equal(totals.soft, 400 * SIM_MS);
    assert_int_equal(totals.idle, 0);
    net_job_finish(&job);
}

/* TSK-2: a turn that only handled an event is followed by the same test. The timer's burst fills
 * the output of a task that is idle, and stays so; the next barrier finds it without room. */
static void test_no_room_is_noticed_after_an_event_too(void **state)
{
    (void)state;
    struct net_job job;
    net_job_init(&job);
    job.spec.config.checkpoint_interval = SIM_S;
    uint32_t source = net_job_source(&job, "source", 1, 0, 0.0, 1000);
    uint32_t map = net_job_operator(&job, "map", 1, 1, SIM_MS, 1.0, 32768);
    uint32_t sink = net_job_operator(&job, "sink", 1, 0, STUCK, 1.0, 29);
    job.vertices[map].emit = (struct net_emit_spec){.every = 20 * SIM_S, .records = 25};
    net_job_edge(&job, source, map, NET_PARTITION_REBALANCE);
    net_job_edge(&job, map, sink, NET_PARTITION_REBALANCE);
    net_job_warm_up(&job, 22 * SIM_S);
    net_job_run(&job, 30 * SIM_S);
    struct net_task_totals totals = net_job_totals(&job, map, 0);
    assert_int_equal(totals.soft, 8 * SIM_S);
    assert_int_equal(totals.idle, 0);
    net_job_finish(&job);
}

/* TSK-4, TRAP-32: the record that fills the pool is completed, and the next one is not begun. */
static void test_record_that_fills_the_pool_is_completed(void **state)
{
    (void)state;
    struct net_job job;
    net_job_init(&job);
    job.spec.config.buffer_timeout = -1;
    uint32_t source = net_job_source(&job, "source", 1, 0, INFINITY, 400000);
    uint32_t sink = net_job_operator(&job, "sink", 1, 1, STUCK, 1.0, 29);
    net_job_edge(&job, source, sink, NET_PARTITION_REBALANCE);
    net_job_start(&job);
    net_job_run(&job, 10 * SIM_S);
    struct net_task_totals totals = net_job_totals(&job, source, 0);
    /* 10 buffers at the receiver hold 327,680 B: the first record needs 12.2 buffers. The sender
     * goes on into its overdraft and stops between two records. */
    assert_true(totals.records_out * 400000 >= 10 * 32768);
    assert_true(totals.out_used_max > 10);
    assert_int_equal(totals.hard, 0);
    net_job_finish(&job);
}

/* ---- hard back pressure ---- */

static struct net_task_totals flat_map(int64_t overdraft, double selectivity)
{
    struct net_job job;
    net_job_init(&job);
    job.spec.config.max_overdraft_per_gate = overdraft;
    uint32_t source = net_job_source(&job, "source", 1, 0, 20.0, 1000);
    uint32_t map = net_job_operator(&job, "flatmap", 1, 1, 10 * SIM_MS, selectivity, 4000);
    uint32_t sink = net_job_operator(&job, "sink", 1, 0, 2 * SIM_MS, 1.0, 29);
    net_job_edge(&job, source, map, NET_PARTITION_REBALANCE);
    net_job_edge(&job, map, sink, NET_PARTITION_REBALANCE);
    net_job_warm_up(&job, 15 * SIM_S);
    net_job_run(&job, 45 * SIM_S);
    struct net_task_totals totals = net_job_totals(&job, map, 0);
    net_job_finish(&job);
    return totals;
}

static void test_record_without_buffers_blocks_the_thread(void **state) /* WR-4 */
{
    (void)state;
    struct net_task_totals totals = flat_map(0, 40.0);
    assert_true(totals.hard > 10 * SIM_S);
    assert_int_equal(totals.idle + totals.soft + totals.hard + totals.busy, 30 * SIM_S);
}

static void test_overdraft_turns_hard_into_soft_back_pressure(void **state) /* LBP-7 */
{
    (void)state;
    struct net_task_totals totals = flat_map(5, 40.0);
    assert_int_equal(totals.hard, 0);
    assert_true(totals.soft > 10 * SIM_S);
    assert_true(totals.out_used_max > 10);
}

/* ---- mails ---- */

/* TSK-7: a timer emits while the task is suspended for output, into quota and overdraft. */
static void test_timer_emits_while_the_task_is_suspended(void **state)
{
    (void)state;
    struct net_job job;
    net_job_init(&job);
    uint32_t source = net_job_source(&job, "source", 1, 0, INFINITY, 1000);
    uint32_t map = net_job_operator(&job, "map", 1, 1, SIM_MS, 1.0, 1000);
    uint32_t sink = net_job_operator(&job, "sink", 1, 0, STUCK, 1.0, 29);
    job.vertices[map].emit = (struct net_emit_spec){.every = SIM_S, .records = 3};
    net_job_edge(&job, source, map, NET_PARTITION_REBALANCE);
    net_job_edge(&job, map, sink, NET_PARTITION_REBALANCE);
    net_job_warm_up(&job, 10500 * SIM_MS);
    net_job_run(&job, 20500 * SIM_MS);
    struct net_task_totals totals = net_job_totals(&job, map, 0);
    assert_int_equal(totals.records_in, 0);
    assert_int_equal(totals.records_out, 10 * 3);
    assert_int_equal(totals.soft, 10 * SIM_S);
    net_job_finish(&job);
}

/* TSK-1: a timer never comes between the start and the end of a service. */
static void test_timer_waits_for_the_end_of_the_service(void **state)
{
    (void)state;
    struct net_job job;
    net_job_init(&job);
    job.spec.config.buffer_timeout = 0;
    uint32_t source = net_job_source(&job, "source", 1, 0, 1.0, 1000);
    uint32_t map = net_job_operator(&job, "map", 1, 0, 700 * SIM_MS, 0.0, 1000);
    uint32_t sink = net_job_operator(&job, "sink", 1, 0, SIM_MS, 1.0, 29);
    job.vertices[map].emit = (struct net_emit_spec){.every = 1500 * SIM_MS, .records = 1};
    net_job_edge(&job, source, map, NET_PARTITION_REBALANCE);
    net_job_edge(&job, map, sink, NET_PARTITION_REBALANCE);
    net_job_start(&job); /* the first record comes at 1 s and is served until 1.7 s */
    net_job_run(&job, 1690 * SIM_MS);
    assert_int_equal(net_job_totals(&job, map, 0).records_out, 0);
    net_job_run(&job, 1710 * SIM_MS);
    assert_int_equal(net_job_totals(&job, map, 0).records_out, 1);
    net_job_finish(&job);
}

/*
 * A burst that blocks for longer than its period: the next one follows when it is out, none is
 * heaped up; and a record is as old as its own writing, not as the burst.
 */
static void test_late_bursts_follow_one_another(void **state)
{
    (void)state;
    struct net_job job;
    net_job_init(&job);
    job.spec.config.max_overdraft_per_gate = 0;
    uint32_t source = net_job_source(&job, "source", 1, 0, 1.0, 1000);
    uint32_t window = net_job_operator(&job, "window", 1, 1, SIM_MS, 0.0, 32768);
    uint32_t sink = net_job_operator(&job, "sink", 1, 0, 10 * SIM_MS, 1.0, 29);
    job.vertices[window].emit = (struct net_emit_spec){.every = SIM_S, .records = 150};
    net_job_edge(&job, source, window, NET_PARTITION_REBALANCE);
    net_job_edge(&job, window, sink, NET_PARTITION_REBALANCE);
    net_job_warm_up(&job, 20 * SIM_S);
    net_job_run(&job, 50 * SIM_S);
    assert_near((double)net_job_totals(&job, window, 0).records_out, 3000, 0.001);
    assert_true(net_job_totals(&job, window, 0).records_in > 10); /* some between the bursts */
    /* About 20 records wait in the pools of sender and receiver. */
    assert_true(sim_histogram_max(net_job_totals(&job, sink, 0).latency) < 300 * SIM_MS);
    net_job_finish(&job);
}

/* ---- several inputs ---- */

/* Two saturated inputs with records of 1000 B and 3000 B in one operator. */
static void two_inputs(struct net_job *job, bool is_connect)
{
    net_job_init(job);
    uint32_t small = net_job_source(job, "small", 1, 0, INFINITY, 1000);
    uint32_t large = net_job_source(job, "large", 1, 0, INFINITY, 3000);
    uint32_t merge = net_job_operator(job, "merge", 1, 1, SIM_MS, 1.0, 29);
    job->vertices[merge].is_connect = is_connect;
    job->vertices[merge].service_count = is_connect ? 2 : 1;
    net_job_edge(job, small, merge, NET_PARTITION_REBALANCE);
    net_job_edge(job, large, merge, NET_PARTITION_REBALANCE);
    net_job_warm_up(job, 10 * SIM_S);
    net_job_run(job, 110 * SIM_S);
}

static void test_two_inputs_alternate_record_by_record(void **state) /* TSK-9 */
{
    (void)state;
    struct net_job job;
    two_inputs(&job, true);
    assert_near((double)net_job_totals(&job, 0, 0).records_out, 50000.0, 0.002);
    assert_near((double)net_job_totals(&job, 1, 0).records_out, 50000.0, 0.002);
    net_job_finish(&job);
}

static void test_union_alternates_buffer_by_buffer(void **state) /* UIG-1 */
{
    (void)state;
    struct net_job job;
    two_inputs(&job, false);
    assert_near((double)net_job_totals(&job, 0, 0).records_out, 75000.0, 0.002);
    assert_near((double)net_job_totals(&job, 1, 0).records_out, 25000.0, 0.002);
    net_job_finish(&job);
}

/* WR-14: with two outputs the slower one holds back both. */
static void test_every_output_must_be_available(void **state)
{
    (void)state;
    struct net_job job;
    net_job_init(&job);
    uint32_t source = net_job_source(&job, "source", 1, 0, INFINITY, 1000);
    uint32_t fast = net_job_operator(&job, "fast", 1, 1, SIM_MS, 1.0, 29);
    uint32_t slow = net_job_operator(&job, "slow", 1, 1, 5 * SIM_MS, 1.0, 29);
    net_job_edge(&job, source, fast, NET_PARTITION_REBALANCE);
    net_job_edge(&job, source, slow, NET_PARTITION_REBALANCE);
    net_job_warm_up(&job, 10 * SIM_S);
    net_job_run(&job, 110 * SIM_S);
    assert_int_equal(net_job_totals(&job, slow, 0).records_in, 20000);
    assert_near((double)net_job_totals(&job, fast, 0).records_in, 20000.0, 0.005);
    net_job_finish(&job);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_saturated_operator_serves_without_a_gap),
        cmocka_unit_test(test_source_is_idle_between_records_that_are_not_due),
        cmocka_unit_test(test_wakeup_counts_as_busy),
        cmocka_unit_test(test_stuck_consumer_fills_both_pools),
        cmocka_unit_test(test_stuck_local_consumer_fills_the_producer_alone),
        cmocka_unit_test(test_one_stuck_consumer_stops_all_producers_below_their_quota),
        cmocka_unit_test(test_suspended_task_leaves_its_open_buffer_as_it_is),
        cmocka_unit_test(test_no_room_goes_before_no_input),
        cmocka_unit_test(test_no_room_is_noticed_after_an_event_too),
        cmocka_unit_test(test_record_that_fills_the_pool_is_completed),
        cmocka_unit_test(test_record_without_buffers_blocks_the_thread),
        cmocka_unit_test(test_overdraft_turns_hard_into_soft_back_pressure),
        cmocka_unit_test(test_timer_emits_while_the_task_is_suspended),
        cmocka_unit_test(test_timer_waits_for_the_end_of_the_service),
        cmocka_unit_test(test_late_bursts_follow_one_another),
        cmocka_unit_test(test_two_inputs_alternate_record_by_record),
        cmocka_unit_test(test_union_alternates_buffer_by_buffer),
        cmocka_unit_test(test_every_output_must_be_available),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
