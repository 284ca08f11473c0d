/* Flow control before credits: rules LEG. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "models/deadlock.h"
#include "models/sizing.h"
#include "tests/support/assert_near.h"
#include "tests/support/net_job.h"

#define STUCK (100000 * SIM_S)

static void test_pools_are_between_one_a_channel_and_the_rule_of_thumb(void **state) /* LEG-1 */
{
    (void)state;
    struct net_config config;
    struct net_partition_size partition;
    struct net_gate_size gate;
    net_config_init(&config, NET_FLINK_1_20);
    config.transport = NET_TRANSPORT_TCP;
    net_size_partition(&config, NULL, NET_TYPE_PIPELINED_BOUNDED, 5, &partition);
    assert_int_equal(partition.required, 5);
    assert_int_equal(partition.max, 5 * 2 + 8);
    assert_int_equal(partition.max_overdraft, 0);
    assert_true(net_size_gate(&config, NULL, NET_TYPE_PIPELINED_BOUNDED, 5, &gate, NULL));
    assert_int_equal(gate.exclusive_per_channel, 0);
    assert_int_equal(gate.floating_min, 5);
    assert_int_equal(gate.floating_max, 5 * 2 + 8);
}

/* Two pairs of source and sink over one connection; the second sink is slow. */
static void build_neighbours(struct net_job *job, enum net_transport transport, sim_time service)
{
    net_job_init(job);
    job->spec.config.transport = transport;
    uint32_t one = net_job_source(job, "one", 1, 0, 1000.0, 1000);
    uint32_t two = net_job_source(job, "two", 1, 0, INFINITY, 1000);
    uint32_t fast = net_job_operator(job, "fast", 1, 1, 100 * SIM_US, 1.0, 29);
    uint32_t slow = net_job_operator(job, "slow", 1, 1, service, 1.0, 29);
    net_job_edge(job, one, fast, NET_PARTITION_FORWARD);
    net_job_edge(job, two, slow, NET_PARTITION_FORWARD);
}

static void test_slow_channel_stalls_the_whole_connection(void **state) /* LEG-3, LEG-4 */
{
    (void)state;
    struct net_job job;
    build_neighbours(&job, NET_TRANSPORT_TCP, STUCK);
    net_job_warm_up(&job, 10 * SIM_S);
    net_job_run(&job, 20 * SIM_S);
    assert_int_equal(net_job_totals(&job, 2, 0).records_in, 0);
    assert_int_equal(net_job_totals(&job, 2, 0).idle, 10 * SIM_S);
    assert_int_equal(net_job_totals(&job, 0, 0).hard, 10 * SIM_S);
    struct net_deadlock deadlock;
    assert_false(net_world_find_deadlock(job.world, &deadlock)); /* the slow one still works */
    net_job_finish(&job);
}

static void test_with_credits_the_neighbour_does_not_notice(void **state)
{
    (void)state;
    struct net_job job;
    build_neighbours(&job, NET_TRANSPORT_CREDIT, STUCK);
    net_job_warm_up(&job, 10 * SIM_S);
    net_job_run(&job, 20 * SIM_S);
    assert_near((double)net_job_totals(&job, 2, 0).records_in, 10000, 0.01);
    net_job_finish(&job);
}

/* The sender serves its channels in turn, so both get as many buffers. */
static void test_neighbour_falls_to_the_pace_of_the_slow_channel(void **state)
{
    (void)state;
    struct net_job job;
    build_neighbours(&job, NET_TRANSPORT_TCP, 5 * SIM_MS);
    net_job_warm_up(&job, 40 * SIM_S);
    net_job_run(&job, 80 * SIM_S);
    assert_near((double)net_job_totals(&job, 3, 0).records_in, 8000, 0.001);
    assert_near((double)net_job_totals(&job, 2, 0).records_in, 8000, 0.05);
    net_job_finish(&job);
}

/* Behind a stuck consumer lie its pool, the sockets, what Netty holds and the producer's pool: the
 * last two share segments. */
static void test_sockets_fill_up_behind_a_stuck_consumer(void **state) /* LEG-4 */
{
    (void)state;
    struct net_job job;
    net_job_init(&job);
    job.spec.config.transport = NET_TRANSPORT_TCP;
    uint32_t source = net_job_source(&job, "source", 1, 0, INFINITY, 1000);
    uint32_t sink = net_job_operator(&job, "sink", 1, 1, STUCK, 1.0, 29);
    net_job_edge(&job, source, sink, NET_PARTITION_FORWARD);
    net_job_start(&job);
    net_job_run(&job, 10 * SIM_S);
    struct net_task_totals totals = net_job_totals(&job, source, 0);
    /* 10 buffers of the sink, 10 of the source; 131,072 B and 250,000 B that fill the link hold 11
     * messages. */
    assert_in_range(totals.records_out * 1000, 30 * 32768, 31 * 32768);
    assert_int_equal(totals.out_used_max, 10);
    net_job_finish(&job);
}

/* LEG-5: a task never stops between records, only in the middle of one; there is no overdraft. */
static void test_back_pressure_is_hard_alone(void **state)
{
    (void)state;
    struct net_job job;
    net_job_init(&job);
    job.spec.config.transport = NET_TRANSPORT_TCP;
    uint32_t source = net_job_source(&job, "source", 2, 0, INFINITY, 1000);
    uint32_t map = net_job_operator(&job, "map", 2, 1, SIM_MS, 1.0, 1000);
    uint32_t sink = net_job_operator(&job, "sink", 2, 0, 3 * SIM_MS, 1.0, 29);
    net_job_edge(&job, source, map, NET_PARTITION_REBALANCE);
    net_job_edge(&job, map, sink, NET_PARTITION_REBALANCE);
    net_job_warm_up(&job, 20 * SIM_S);
    net_job_run(&job, 40 * SIM_S);
    for (uint32_t v = source; v <= map; v++) {
        struct net_task_totals totals = net_job_totals(&job, v, 0);
        assert_int_equal(totals.soft, 0);
        assert_true(totals.hard > 10 * SIM_S);
        assert_true(totals.out_used_max <= 2 * 2 + 8);
    }
    assert_near((double)net_job_totals(&job, sink, 0).records_in, 20.0 * 1000 / 3, 0.001);
    net_job_finish(&job);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pools_are_between_one_a_channel_and_the_rule_of_thumb),
        cmocka_unit_test(test_slow_channel_stalls_the_whole_connection),
        cmocka_unit_test(test_with_credits_the_neighbour_does_not_notice),
        cmocka_unit_test(test_neighbour_falls_to_the_pace_of_the_slow_channel),
        cmocka_unit_test(test_sockets_fill_up_behind_a_stuck_consumer),
        cmocka_unit_test(test_back_pressure_is_hard_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
