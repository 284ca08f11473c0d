/* When checkpoints are triggered, and what at-least-once means: rule CHK-1 and Flink's checkpoint
 * coordinator. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/checkpoint_job.h"

/* A checkpoint every 500 ms, of which each takes about 1.3 s. */
static void init_often(struct net_job *job)
{
    checkpoint_job_init(job, INFINITY, 2 * SIM_MS);
    job->spec.run.checkpoint_times = NULL;
    job->spec.run.checkpoint_count = 0;
    job->spec.config.checkpoint_interval = 500 * SIM_MS;
}

static void test_one_checkpoint_at_a_time(void **state)
{
    (void)state;
    struct net_job job;
    struct checkpoints_seen seen;
    init_often(&job);
    checkpoint_job_run(&job, &seen, 20 * SIM_S);
    assert_in_range(seen.count, 13, 17);
    for (uint32_t i = 1; i < seen.count; i++) {
        assert_true(seen.triggered[i] - seen.triggered[i - 1] > 1100 * SIM_MS);
    }
    net_job_finish(&job);
}

/* Flink reconsiders a trigger that came too early, and counts the interval from then. */
static void test_pause_follows_each_checkpoint(void **state)
{
    (void)state;
    struct net_job job;
    struct checkpoints_seen seen;
    init_often(&job);
    job.spec.config.checkpoint_pause = 3 * SIM_S;
    checkpoint_job_run(&job, &seen, 30 * SIM_S);
    assert_in_range(seen.count, 5, 7);
    assert_int_equal(seen.triggered[0], 3 * SIM_S);
    for (uint32_t i = 1; i < seen.count; i++) {
        sim_time apart = seen.triggered[i] - seen.triggered[i - 1];
        assert_in_range(apart, 3 * SIM_S + 1100 * SIM_MS, 3 * SIM_S + 1400 * SIM_MS);
    }
    net_job_finish(&job);
}

/* CHK-1: at least once, barriers are counted while the channels go on, whatever the key of
 * unaligned ones says: the channel that is not slow is never blocked. */
static void test_barriers_block_nothing_at_least_once(void **state)
{
    (void)state;
    uint64_t quick[2];
    for (int i = 0; i < 2; i++) {
        struct net_job job;
        struct checkpoints_seen seen;
        checkpoint_job_init(&job, 100.0, 2 * SIM_MS);
        job.spec.config.is_at_least_once = i == 1;
        job.spec.config.is_unaligned = i == 1;
        job.spec.run.checkpoint_count = 1;
        uint32_t slow = net_job_source(&job, "slow", 1, 0, INFINITY, 1000);
        uint32_t stage = net_job_operator(&job, "stage", 1, 0, 100 * SIM_MS, 0.0, 29);
        net_job_edge(&job, slow, stage, NET_PARTITION_REBALANCE);
        net_job_edge(&job, stage, 1, NET_PARTITION_REBALANCE);
        checkpoint_job_run(&job, &seen, 6 * SIM_S);
        quick[i] = net_job_totals(&job, 1, 0).records_in;
        assert_int_equal(seen.count, 0); /* the barrier is still behind the slow stage's data */
        net_job_run(&job, 120 * SIM_S);
        assert_int_equal(seen.count, 1);
        assert_int_equal(seen.last.persisted_bytes, 0);
        assert_true(seen.tasks[1].alignment > 10 * SIM_S);
        net_job_finish(&job);
    }
    assert_in_range(quick[0], 290, 310); /* nothing after 3 s */
    assert_in_range(quick[1], 585, 601);
}

static void test_checkpoints_come_at_the_interval(void **state)
{
    (void)state;
    struct net_job job;
    struct checkpoints_seen seen;
    checkpoint_job_init(&job, 100.0, 2 * SIM_MS);
    job.spec.run.checkpoint_times = NULL;
    job.spec.run.checkpoint_count = 0;
    job.spec.config.checkpoint_interval = 2 * SIM_S;
    checkpoint_job_run(&job, &seen, 20 * SIM_S);
    assert_in_range(seen.count, 9, 10);
    assert_in_range(seen.triggered[0], 0, 2 * SIM_S);
    for (uint32_t i = 1; i < seen.count; i++) {
        assert_int_equal(seen.triggered[i] - seen.triggered[i - 1], 2 * SIM_S);
    }
    net_job_finish(&job);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_checkpoint_at_a_time),
        cmocka_unit_test(test_pause_follows_each_checkpoint),
        cmocka_unit_test(test_checkpoints_come_at_the_interval),
        cmocka_unit_test(test_barriers_block_nothing_at_least_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
