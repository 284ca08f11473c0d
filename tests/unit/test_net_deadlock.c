/* Finding subtasks that wait for ever, and only those. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "models/deadlock.h"
#include "models/world_internal.h"
#include "tests/support/net_job.h"

#define KB 1000

/*
 * One task manager with just enough segments for everybody's minimum. The source's large records
 * go into its overdraft, which takes the segments that the map's output has a right to; the map
 * blocks with a few half full buffers open, which nobody but itself can fill (TRAP-6, TRAP-8,
 * TRAP-10).
 */
static void build_starved_map(struct net_job *job, int64_t overdraft)
{
    net_job_init(job);
    job->spec.cluster.taskmanagers = 1;
    job->spec.config.memory.network_min = 20 * 32768;
    job->spec.config.memory.network_max = 20 * 32768;
    job->spec.config.max_overdraft_per_gate = overdraft;
    uint32_t source = net_job_source(job, "source", 1, 0, INFINITY, 300 * KB);
    uint32_t map = net_job_operator(job, "map", 1, 0, 10 * SIM_MS, 8.0, 1 * KB);
    uint32_t sink = net_job_operator(job, "sink", 8, 0, SIM_MS, 1.0, 29);
    net_job_edge(job, source, map, NET_PARTITION_FORWARD);
    net_job_edge(job, map, sink, NET_PARTITION_REBALANCE);
}

static void test_overdraft_that_starves_a_neighbour_is_found(void **state)
{
    (void)state;
    struct net_job job;
    struct net_deadlock deadlock;
    build_starved_map(&job, 20);
    net_job_start(&job);
    assert_false(net_world_find_deadlock(job.world, &deadlock));
    net_job_run(&job, 20 * SIM_S);
    assert_true(net_world_find_deadlock(job.world, &deadlock));
    assert_int_equal(deadlock.stuck, 2);
    assert_true(deadlock.records > 0);
    assert_true(deadlock.since > 0 && deadlock.since < SIM_S);
    assert_int_equal(deadlock.wait_count, 2);
    assert_int_equal(deadlock.cycle_from, 0);
    bool is_map_first = deadlock.waits[0].vertex == 1;
    const struct net_wait *map = &deadlock.waits[is_map_first ? 0 : 1];
    const struct net_wait *source = &deadlock.waits[is_map_first ? 1 : 0];
    assert_int_equal(map->kind, NET_WAIT_GLOBAL_POOL);
    assert_true(map->is_blocked);
    assert_int_equal(map->for_vertex, 0);
    assert_int_equal(source->kind, NET_WAIT_QUOTA);
    assert_int_equal(source->for_vertex, 1);
    assert_non_null(strstr(deadlock.text, "map/0 is blocked within a record"));
    assert_non_null(strstr(deadlock.text, "task manager 0 has none left"));
    assert_non_null(strstr(deadlock.remedy, "max-overdraft-buffers-per-gate to 0 (now 20)"));
    net_job_finish(&job);
}

static void test_remedy_frees_it(void **state)
{
    (void)state;
    struct net_job job;
    struct net_deadlock deadlock;
    build_starved_map(&job, 0);
    net_job_warm_up(&job, 10 * SIM_S);
    net_job_run(&job, 20 * SIM_S);
    assert_false(net_world_find_deadlock(job.world, &deadlock));
    assert_true(net_job_totals(&job, 1, 0).records_in > 900);
    net_job_finish(&job);
}

static void test_slow_consumer_is_no_deadlock(void **state)
{
    (void)state;
    struct net_job job;
    struct net_deadlock deadlock;
    net_job_init(&job);
    uint32_t source = net_job_source(&job, "source", 2, 0, INFINITY, 1000);
    uint32_t sink = net_job_operator(&job, "sink", 2, 1, 100000 * SIM_S, 1.0, 29);
    net_job_edge(&job, source, sink, NET_PARTITION_REBALANCE);
    net_job_start(&job);
    net_job_run(&job, 100 * SIM_S);
    assert_false(net_world_find_deadlock(job.world, &deadlock));
    net_job_finish(&job);
}

/* Where one buffer of a subpartition is its limit, the open one holds up the source; the barrier of
 * every checkpoint closes it, so the job goes on each time. Without checkpoints it never does. */
static void test_job_that_a_checkpoint_frees_is_no_deadlock(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct net_job job;
        struct net_deadlock deadlock;
        net_job_init(&job);
        job.spec.config.max_buffers_per_channel = 1;
        job.spec.config.checkpoint_interval = i == 0 ? 0 : 2 * SIM_S;
        job.spec.machine.state_bytes_per_second = 1e9;
        uint32_t source = net_job_source(&job, "source", 1, 0, INFINITY, 1000);
        uint32_t sink = net_job_operator(&job, "sink", 1, 1, SIM_MS, 1.0, 29);
        net_job_edge(&job, source, sink, NET_PARTITION_REBALANCE);
        net_job_start(&job);
        net_job_run(&job, 9 * SIM_S);
        assert_true(net_world_find_deadlock(job.world, &deadlock) == (i == 0));
        uint64_t before = net_job_totals(&job, sink, 0).records_in;
        net_job_run(&job, 19 * SIM_S);
        assert_true((net_job_totals(&job, sink, 0).records_in > before) == (i == 1));
        net_job_finish(&job);
    }
}

/* The one that waits is the only one who could end it, and is told so (LBP-5). */
static void test_open_buffer_that_is_the_limit_is_told_with_its_remedy(void **state)
{
    (void)state;
    static const enum net_partition_kind kinds[] = {NET_PARTITION_REBALANCE,
                                                    NET_PARTITION_BROADCAST};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        for (int limit = 1; limit <= 2; limit++) {
            struct net_job job;
            struct net_deadlock deadlock;
            net_job_init(&job);
            job.spec.config.max_buffers_per_channel = limit;
            uint32_t source = net_job_source(&job, "source", 1, 0, 200.0, 1000);
            uint32_t sink = net_job_operator(&job, "sink", 2, 1, SIM_MS, 1.0, 29);
            net_job_edge(&job, source, sink, kinds[i]);
            net_job_start(&job);
            net_job_run(&job, 9 * SIM_S);
            bool is_found = net_world_find_deadlock(job.world, &deadlock);
            assert_true(is_found == (limit == 1));
            if (is_found) {
                assert_int_equal(deadlock.stuck, 1);
                assert_int_equal(deadlock.wait_count, 1);
                assert_false(deadlock.waits[0].is_for_someone);
                assert_non_null(strstr(deadlock.text, "buffer that source/0 itself has begun to"));
                assert_non_null(strstr(deadlock.remedy, "max-buffers-per-channel to 2 or more"));
            }
            net_job_finish(&job);
        }
    }
}

/* Records that lie in open buffers, which nobody flushes, hold nobody up. */
static void test_finished_source_is_no_deadlock(void **state)
{
    (void)state;
    struct net_job job;
    struct net_deadlock deadlock;
    static const struct net_rate_phase once[] = {{SIM_S, 100.0}, {SIM_TIME_MAX / 4, 0.0}};
    net_job_init(&job);
    job.spec.config.buffer_timeout = -1;
    uint32_t source = net_job_source(&job, "source", 1, 0, 1.0, 1000);
    uint32_t sink = net_job_operator(&job, "sink", 1, 1, SIM_MS, 1.0, 29);
    job.vertices[source].source.phases = once;
    job.vertices[source].source.phase_count = 2;
    net_job_edge(&job, source, sink, NET_PARTITION_REBALANCE);
    net_job_start(&job);
    net_job_run(&job, 100 * SIM_S);
    assert_true(net_world_records_in_flight(job.world) > 0);
    assert_false(net_world_find_deadlock(job.world, &deadlock));
    net_job_finish(&job);
}

/* A source without room and a sink without data, and all that will help them is on a long link. */
static void test_messages_that_are_under_way_are_no_deadlock(void **state)
{
    (void)state;
    struct net_job job;
    struct net_deadlock deadlock;
    uint32_t waiting = 0;
    net_job_init(&job);
    job.spec.cluster.link.latency = 500 * SIM_MS;
    uint32_t source = net_job_source(&job, "source", 1, 0, INFINITY, 1000);
    uint32_t sink = net_job_operator(&job, "sink", 1, 1, SIM_US, 1.0, 29);
    net_job_edge(&job, source, sink, NET_PARTITION_REBALANCE);
    net_job_start(&job);
    for (int i = 1; i <= 50; i++) {
        net_job_run(&job, i * 97 * SIM_MS);
        assert_false(net_world_find_deadlock(job.world, &deadlock));
        const struct net_task *tasks = job.world->tasks;
        waiting += tasks[0].thread == NET_THREAD_SUSPENDED && tasks[0].waits_for_room &&
                   tasks[1].thread == NET_THREAD_SUSPENDED && !tasks[1].waits_for_room;
    }
    assert_true(waiting > 30);
    net_job_finish(&job);
}

/* Whatever a job is doing, it is not stuck while it goes on. */
static void test_busy_job_is_never_stuck(void **state)
{
    (void)state;
    struct net_job job;
    struct net_deadlock deadlock;
    net_job_init(&job);
    job.spec.config.buffers_per_channel = 0;
    job.spec.machine.handover = 90 * SIM_US;
    job.spec.machine.wakeup = 120 * SIM_US;
    uint32_t source = net_job_source(&job, "source", 2, 0, INFINITY, 40000);
    uint32_t map = net_job_operator(&job, "map", 2, 1, 2 * SIM_MS, 1.0, 40000);
    uint32_t sink = net_job_operator(&job, "sink", 2, 0, 3 * SIM_MS, 1.0, 29);
    net_job_edge(&job, source, map, NET_PARTITION_REBALANCE);
    net_job_edge(&job, map, sink, NET_PARTITION_REBALANCE);
    net_job_start(&job);
    for (sim_time at = SIM_MS; at < 500 * SIM_MS; at += 37 * SIM_US) {
        net_job_run(&job, at);
        assert_false(net_world_find_deadlock(job.world, &deadlock));
    }
    net_job_finish(&job);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_overdraft_that_starves_a_neighbour_is_found),
        cmocka_unit_test(test_remedy_frees_it),
        cmocka_unit_test(test_slow_consumer_is_no_deadlock),
        cmocka_unit_test(test_job_that_a_checkpoint_frees_is_no_deadlock),
        cmocka_unit_test(test_open_buffer_that_is_the_limit_is_told_with_its_remedy),
        cmocka_unit_test(test_finished_source_is_no_deadlock),
        cmocka_unit_test(test_messages_that_are_under_way_are_no_deadlock),
        cmocka_unit_test(test_busy_job_is_never_stuck),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
