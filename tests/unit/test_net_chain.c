/* Chained vertices: one task, records passed on by a call, services that add up. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "models/deadlock.h"
#include "tests/support/assert_near.h"
#include "tests/support/net_job.h"

enum { SOURCE, HEAD, TAIL, SINK };

/* A source, two chained operators in task manager 1, and a sink. */
static void build(struct net_job *job, double rate, double selectivity)
{
    net_job_init(job);
    job->spec.machine.record_cpu = SIM_US;
    net_job_source(job, "source", 1, 0, rate, 1000);
    net_job_operator(job, "head", 1, 1, 1 * SIM_MS, selectivity, 1000);
    net_job_operator(job, "tail", 1, 1, 2 * SIM_MS, 1.0, 500);
    net_job_operator(job, "sink", 1, 0, 100 * SIM_US, 1.0, 29);
    net_job_edge(job, SOURCE, HEAD, NET_PARTITION_FORWARD);
    net_job_edge(job, HEAD, TAIL, NET_PARTITION_FORWARD);
    net_job_edge(job, TAIL, SINK, NET_PARTITION_FORWARD);
    job->edges[1].is_chained = true;
}

static void test_services_of_a_chain_add_up(void **state)
{
    (void)state;
    struct net_job job;
    build(&job, INFINITY, 1.0);
    net_job_warm_up(&job, 3 * SIM_S);
    net_job_run(&job, 33 * SIM_S);
    struct net_task_totals head = net_job_totals(&job, HEAD, 0);
    struct net_task_totals tail = net_job_totals(&job, TAIL, 0);
    assert_int_equal(head.records_in, 10000);
    assert_in_range(tail.records_in, 9999, 10001);
    assert_int_equal(head.busy, 30 * SIM_S);
    assert_near((double)net_job_totals(&job, SINK, 0).records_in, 10000, 0.02);
    net_job_finish(&job);
}

/* What comes out of a record of the head goes down the chain before the next record comes in. */
static void test_selectivity_multiplies_the_services_behind_it(void **state)
{
    (void)state;
    struct net_job job;
    build(&job, INFINITY, 2.0);
    net_job_warm_up(&job, 5 * SIM_S);
    net_job_run(&job, 30 * SIM_S);
    struct net_task_totals head = net_job_totals(&job, HEAD, 0);
    struct net_task_totals tail = net_job_totals(&job, TAIL, 0);
    assert_int_equal(head.records_in, 5000); /* 1 ms + 2 x 2 ms each */
    assert_int_equal(head.records_out, 10000);
    assert_in_range(tail.records_in, 9999, 10001);
    assert_in_range(tail.records_out, 9999, 10001);
    net_job_finish(&job);
}

/* No pool, no gate and no channel in between; times and buffers belong to the task. */
static void test_chain_is_one_task_with_the_buffers_of_its_ends(void **state)
{
    (void)state;
    struct net_job job;
    build(&job, 100.0, 1.0);
    net_job_warm_up(&job, 3 * SIM_S);
    net_job_run(&job, 13 * SIM_S);
    struct net_task_totals head = net_job_totals(&job, HEAD, 0);
    struct net_task_totals tail = net_job_totals(&job, TAIL, 0);
    assert_int_equal(net_world_channel_count(job.world), 2 * 2);
    assert_int_equal(head.input_count, 1);
    assert_int_equal(head.output_count, 1);
    assert_int_equal(tail.input_count, 0);
    assert_int_equal(tail.output_count, 0);
    assert_int_equal(head.busy, 3 * SIM_S); /* 1000 records of 3 ms */
    assert_int_equal(tail.busy, head.busy);
    assert_int_equal(tail.idle, head.idle);
    assert_near(sim_histogram_mean(tail.latency) - sim_histogram_mean(head.latency), 1e6, 0.001);
    net_job_finish(&job);
}

static void test_source_that_is_chained_waits_for_its_chain(void **state)
{
    (void)state;
    struct net_job job;
    net_job_init(&job);
    uint32_t source = net_job_source(&job, "source", 2, 0, INFINITY, 1000);
    uint32_t map = net_job_operator(&job, "map", 2, 0, 2 * SIM_MS, 1.0, 1000);
    uint32_t sink = net_job_operator(&job, "sink", 1, 1, SIM_US, 1.0, 29);
    net_job_edge(&job, source, map, NET_PARTITION_FORWARD);
    net_job_edge(&job, map, sink, NET_PARTITION_REBALANCE);
    job.edges[0].is_chained = true;
    net_job_warm_up(&job, 3 * SIM_S);
    net_job_run(&job, 13 * SIM_S);
    struct net_task_totals totals = net_job_totals(&job, source, 1);
    assert_int_equal(totals.records_out, 5000);
    assert_int_equal(totals.busy, 10 * SIM_S);
    assert_near((double)net_job_totals(&job, sink, 0).records_in, 10000, 0.02);
    net_job_finish(&job);
}

/* The tail blocks in the middle of what one record of the head became, and goes on there. */
static void test_block_within_a_chain_loses_nothing(void **state)
{
    (void)state;
    struct net_job job;
    struct net_deadlock deadlock;
    build(&job, 5.0, 200.0);
    job.spec.config.max_overdraft_per_gate = 0;
    job.vertices[TAIL].record_size.a = 10000;
    job.services[TAIL][0].time.a = (double)(10 * SIM_US);
    job.services[SINK][0].time.a = (double)(1050 * SIM_US);
    net_job_warm_up(&job, 10 * SIM_S);
    net_job_run(&job, 30 * SIM_S);
    struct net_task_totals head = net_job_totals(&job, HEAD, 0);
    assert_true(head.hard > SIM_S);
    assert_near((double)net_job_totals(&job, SINK, 0).records_in, 20e9 / 1050e3, 0.001);
    assert_false(net_world_find_deadlock(job.world, &deadlock));
    net_job_finish(&job);
}

static void count_checkpoint(void *arg, const struct net_checkpoint *checkpoint)
{
    (void)checkpoint;
    ++*(uint32_t *)arg;
}

static void test_checkpoints_pass_a_chain_as_one_task(void **state)
{
    (void)state;
    struct net_job job;
    uint32_t completed = 0;
    build(&job, 100.0, 1.0);
    job.spec.config.checkpoint_interval = SIM_S;
    net_job_start(&job);
    net_world_on_checkpoint(job.world, count_checkpoint, &completed);
    net_job_run(&job, 20 * SIM_S);
    assert_in_range(completed, 19, 20);
    net_job_finish(&job);
}

static void test_only_lines_are_chained(void **state)
{
    (void)state;
    struct net_job job;
    struct net_world_params params = {.seed = 1};
    struct sim_err err = {0};
    build(&job, 1.0, 1.0);
    net_job_edge(&job, HEAD, SINK, NET_PARTITION_FORWARD);
    struct sim *sim = sim_create();
    assert_null(net_world_create(sim, &job.spec, &params, &err));
    assert_non_null(strstr(err.text, "'head' has another edge"));
    job.spec.edge_count--;
    job.vertices[TAIL].emit = (struct net_emit_spec){.every = SIM_S, .records = 1};
    assert_null(net_world_create(sim, &job.spec, &params, &err));
    assert_non_null(strstr(err.text, "'tail' emits by a timer"));
    sim_destroy(sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_services_of_a_chain_add_up),
        cmocka_unit_test(test_selectivity_multiplies_the_services_behind_it),
        cmocka_unit_test(test_chain_is_one_task_with_the_buffers_of_its_ends),
        cmocka_unit_test(test_source_that_is_chained_waits_for_its_chain),
        cmocka_unit_test(test_block_within_a_chain_loses_nothing),
        cmocka_unit_test(test_checkpoints_pass_a_chain_as_one_task),
        cmocka_unit_test(test_only_lines_are_chained),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
