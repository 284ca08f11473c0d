/* Little's law at every pool, subpartition, gate and channel, exactly, for buffers and for records,
 * and what moves between them is conserved. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "models/pool_internal.h"
#include "models/world_internal.h"
#include "tests/support/little.h"

static void small_memory(struct net_job *job)
{
    net_job_init(job);
    job->per_record = true; /* every record is counted at its own time */
    job->spec.config.memory.network_min = 160 * 32768;
    job->spec.config.memory.network_max = 160 * 32768;
    job->spec.machine.handover = 90 * SIM_US;
    job->spec.machine.wakeup = 120 * SIM_US;
}

/*
 * How many places have had anybody in them: global pools of task managers; output pools; of every
 * subpartition its queue, and its buffers as the pool counts them (of those that share broadcast
 * buffers the first only); of every gate with remote channels the pool and the filled buffers; of
 * every channel its buffers, and its records.
 */
struct places {
    uint32_t taskmanagers;
    uint32_t outputs;
    uint32_t channels;
    uint32_t sharing;
    uint32_t gates;
};

static void run_and_check(struct net_job *job, const struct places *places)
{
    net_job_start(job);
    struct little *little = little_create(job);
    for (int i = 1; i <= 5; i++) {
        net_job_run(job, i * 777 * SIM_MS);
        little_check(little);
    }
    assert_int_equal(little_check(little), places->taskmanagers + places->outputs +
                                               4 * places->channels - places->sharing +
                                               2 * places->gates);
    little_destroy(little);
    net_job_finish(job);
}

static void test_saturated_shuffle_with_a_slow_subtask(void **state)
{
    (void)state;
    struct net_job job;
    static const double slow_first[] = {3, 1};
    small_memory(&job);
    uint32_t source = net_job_source(&job, "source", 2, 0, INFINITY, 3000);
    uint32_t map = net_job_operator(&job, "map", 2, 1, SIM_MS, 2.0, 2000);
    uint32_t sink = net_job_operator(&job, "sink", 2, 0, SIM_MS, 1.0, 29);
    job.services[map][0].factor = slow_first;
    job.vertices[source].source.keys.count = 100;
    net_job_edge(&job, source, map, NET_PARTITION_REBALANCE);
    net_job_edge(&job, map, sink, NET_PARTITION_HASH);
    run_and_check(&job, &(struct places){2, .outputs = 4, .channels = 8, .gates = 4});
}

static void test_light_load_with_flushes_and_local_channels(void **state)
{
    (void)state;
    struct net_job job;
    small_memory(&job);
    uint32_t source = net_job_source(&job, "source", 2, 0, 300.0, 700);
    uint32_t sink = net_job_operator(&job, "sink", 4, NET_ANYWHERE, 2 * SIM_MS, 1.0, 29);
    job.vertices[source].source.is_poisson = true;
    job.spec.cluster.slots = 3; /* one sink beside the sources */
    net_job_edge(&job, source, sink, NET_PARTITION_REBALANCE);
    run_and_check(&job, &(struct places){2, .outputs = 2, .channels = 8, .gates = 3});
}

static void test_broadcast_and_two_inputs(void **state)
{
    (void)state;
    struct net_job job;
    small_memory(&job);
    uint32_t left = net_job_source(&job, "left", 1, 0, 500.0, 5000);
    uint32_t right = net_job_source(&job, "right", 2, 0, INFINITY, 20000);
    uint32_t join = net_job_operator(&job, "join", 2, 1, SIM_MS, 1.0, 29);
    job.vertices[join].is_connect = true;
    job.vertices[join].service_count = 2;
    net_job_edge(&job, left, join, NET_PARTITION_BROADCAST);
    net_job_edge(&job, right, join, NET_PARTITION_REBALANCE);
    run_and_check(&job, &(struct places){2, .outputs = 3, .channels = 6, .sharing = 1, .gates = 4});
}

static void test_no_exclusive_buffers(void **state)
{
    (void)state;
    struct net_job job;
    small_memory(&job);
    job.spec.config.buffers_per_channel = 0;
    uint32_t source = net_job_source(&job, "source", 2, 0, INFINITY, 3000);
    uint32_t sink = net_job_operator(&job, "sink", 2, 1, SIM_MS, 1.0, 29);
    net_job_edge(&job, source, sink, NET_PARTITION_REBALANCE);
    run_and_check(&job, &(struct places){2, .outputs = 2, .channels = 4, .gates = 2});
}

static void test_plain_tcp_and_a_link_in_trouble(void **state)
{
    (void)state;
    struct net_job job;
    const struct net_link_phase stall = {{.at = SIM_S, .length = 300 * SIM_MS}, 0.0};
    small_memory(&job);
    job.spec.config.transport = NET_TRANSPORT_TCP;
    job.spec.cluster.link.slow = &stall;
    job.spec.cluster.link.slow_count = 1;
    job.spec.cluster.link.jitter = (struct sim_dist){.kind = SIM_DIST_EXPONENTIAL, .a = SIM_MS};
    uint32_t source = net_job_source(&job, "source", 2, 0, INFINITY, 3000);
    uint32_t sink = net_job_operator(&job, "sink", 2, 1, SIM_MS, 1.0, 29);
    net_job_edge(&job, source, sink, NET_PARTITION_REBALANCE);
    run_and_check(&job, &(struct places){2, .outputs = 2, .channels = 4, .gates = 2});
}

/* Every task in one task manager: what is in a channel lies in its producer's pool (LIC-4). */
static void test_local_channels_of_several_stages(void **state)
{
    (void)state;
    struct net_job job;
    small_memory(&job);
    uint32_t source = net_job_source(&job, "source", 2, 0, INFINITY, 3000);
    uint32_t map = net_job_operator(&job, "map", 3, 0, SIM_MS, 1.5, 9000);
    uint32_t copy = net_job_operator(&job, "copy", 2, 0, SIM_MS / 4, 1.0, 700);
    uint32_t sink = net_job_operator(&job, "sink", 2, 0, SIM_MS, 1.0, 29);
    job.vertices[source].source.keys.count = 100;
    net_job_edge(&job, source, map, NET_PARTITION_HASH);
    net_job_edge(&job, map, copy, NET_PARTITION_REBALANCE);
    net_job_edge(&job, copy, sink, NET_PARTITION_BROADCAST);
    run_and_check(&job, &(struct places){1, .outputs = 7, .channels = 16, .sharing = 2});
}

static const sim_time checkpoints[] = {SIM_S / 2, SIM_S, 3 * SIM_S / 2, 5 * SIM_S / 2};

/* Barriers close buffers, block subpartitions, and are in queues where nothing counts them. */
static void test_aligned_checkpoints_on_both_kinds_of_channel(void **state)
{
    (void)state;
    struct net_job job;
    small_memory(&job);
    job.spec.run.checkpoint_times = checkpoints;
    job.spec.run.checkpoint_count = 4;
    uint32_t source = net_job_source(&job, "source", 2, 0, INFINITY, 3000);
    uint32_t map = net_job_operator(&job, "map", 2, 0, SIM_MS, 1.0, 2000);
    uint32_t sink = net_job_operator(&job, "sink", 2, 1, SIM_MS / 2, 1.0, 29);
    net_job_edge(&job, source, map, NET_PARTITION_REBALANCE);
    net_job_edge(&job, map, sink, NET_PARTITION_REBALANCE);
    run_and_check(&job, &(struct places){2, .outputs = 4, .channels = 8, .gates = 2});
}

/* CHK-9, CHK-10, CHK-12: barriers overtake, and buffers wait for the writer of channel state. */
static void test_unaligned_checkpoints_that_pin_buffers(void **state)
{
    (void)state;
    struct net_job job;
    small_memory(&job);
    job.spec.config.is_unaligned = true;
    job.spec.machine.state_latency = 16 * SIM_MS;
    job.spec.machine.state_bytes_per_second = 2e6;
    job.spec.run.checkpoint_times = checkpoints;
    job.spec.run.checkpoint_count = 4;
    uint32_t source = net_job_source(&job, "source", 2, 0, INFINITY, 3000);
    uint32_t map = net_job_operator(&job, "map", 2, 0, SIM_MS, 1.0, 2000);
    uint32_t sink = net_job_operator(&job, "sink", 2, 1, 3 * SIM_MS, 1.0, 29);
    net_job_edge(&job, source, map, NET_PARTITION_REBALANCE);
    net_job_edge(&job, map, sink, NET_PARTITION_REBALANCE);
    run_and_check(&job, &(struct places){2, .outputs = 4, .channels = 8, .gates = 2});
}

static void test_debloated_buffers(void **state)
{
    (void)state;
    struct net_job job;
    small_memory(&job);
    job.spec.config.has_debloating = true;
    job.spec.config.debloat_target = 50 * SIM_MS;
    uint32_t source = net_job_source(&job, "source", 2, 0, INFINITY, 300);
    uint32_t sink = net_job_operator(&job, "sink", 3, NET_ANYWHERE, SIM_MS, 1.0, 29);
    job.spec.cluster.slots = 2;
    job.spec.cluster.taskmanagers = 3;
    net_job_edge(&job, source, sink, NET_PARTITION_REBALANCE);
    run_and_check(&job, &(struct places){3, .outputs = 2, .channels = 6, .gates = 3});
}

/* A task that is fed by a chain, several hops behind the source. */
static void test_records_behind_a_chain(void **state)
{
    (void)state;
    struct net_job job;
    small_memory(&job);
    uint32_t source = net_job_source(&job, "source", 1, 0, 900.0, 3000);
    uint32_t parse = net_job_operator(&job, "parse", 2, 0, SIM_MS / 8, 1.0, 2000);
    uint32_t split = net_job_operator(&job, "split", 2, 0, SIM_MS / 8, 2.5, 900);
    uint32_t sink = net_job_operator(&job, "sink", 2, 1, SIM_MS / 4, 1.0, 29);
    job.vertices[source].source.is_poisson = true;
    net_job_edge(&job, source, parse, NET_PARTITION_REBALANCE);
    net_job_edge(&job, parse, split, NET_PARTITION_FORWARD);
    job.edges[1].is_chained = true;
    net_job_edge(&job, split, sink, NET_PARTITION_REBALANCE);
    run_and_check(&job, &(struct places){2, .outputs = 3, .channels = 6, .gates = 2});
}

/* ---- counts that are off ---- */

/* A job with a local channel at subpartition 0, and a remote one at 1, where nothing moves between
 * 1.1 s and 1.2 s. */
static struct little *start_quiet(struct net_job *job)
{
    small_memory(job);
    uint32_t source = net_job_source(job, "source", 1, 0, 1.0, 3000);
    uint32_t sink = net_job_operator(job, "sink", 2, NET_ANYWHERE, SIM_MS, 1.0, 29);
    job->spec.config.buffer_timeout = -1; /* the records stay in their open buffers */
    job->spec.cluster.has_slot_sharing = true;
    job->spec.cluster.slots = 1;
    net_job_edge(job, source, sink, NET_PARTITION_REBALANCE);
    net_job_start(job);
    struct little *little = little_create(job);
    net_job_run(job, 4 * SIM_S + 100 * SIM_MS);
    little_check(little);
    sim_set_audit(job->sim, NULL, NULL); /* which would notice as well */
    return little;
}

static void expect_off(struct net_job *job, struct little *little, const char *where)
{
    struct sim_err err = {0};
    uint32_t compared;
    little_look(little);
    net_job_run(job, 4 * SIM_S + 200 * SIM_MS);
    assert_false(little_holds(little, &compared, &err));
    if (strstr(err.text, where) == NULL) {
        fail_msg("'%s' does not say '%s'", err.text, where);
    }
    little_destroy(little);
    net_job_finish(job);
}

static void test_law_notices_a_queue_that_counts_one_too_many(void **state)
{
    (void)state;
    struct net_job job;
    struct little *little = start_quiet(&job);
    struct net_subpartition *sub = &job.world->tasks[0].outputs[0].partition.subs[0];
    assert_int_equal(sub->data_count, 1);
    sub->data_count++;
    expect_off(&job, little, "queue of a subpartition 0 of source/0");
}

static void test_law_notices_a_pool_that_counts_a_subpartition_wrong(void **state)
{
    (void)state;
    struct net_job job;
    struct little *little = start_quiet(&job);
    job.world->tasks[0].outputs[0].partition.pool->counts[1]--;
    expect_off(&job, little, "buffers of a subpartition 1 of source/0");
}

static void test_law_notices_a_global_pool_that_counts_wrong(void **state)
{
    (void)state;
    struct net_job job;
    struct little *little = start_quiet(&job);
    job.world->taskmanagers[1].segments.pool->params.segments++;
    expect_off(&job, little, "global pool");
}

static void test_law_notices_a_pool_whose_time_integral_is_off(void **state)
{
    (void)state;
    struct net_job job;
    struct little *little = start_quiet(&job);
    job.world->tasks[0].outputs[0].partition.pool->used_level.integral++;
    expect_off(&job, little, "output pool 0 of source/0: ");
}

static void test_law_notices_receive_buffers_that_are_counted_twice(void **state)
{
    (void)state;
    struct net_job job;
    struct little *little = start_quiet(&job);
    const struct net_link_end *link = &job.world->links[0];
    link = link->channel->is_remote ? link : &job.world->links[1];
    assert_true(link->channel->is_remote);
    link->channel->floating_read++;
    expect_off(&job, little, "receive buffers of a channel 0 of sink/");
}

static void test_law_notices_records_that_are_served_unseen_or_of_another_age(void **state)
{
    (void)state;
    struct net_job job;
    struct little *little = start_quiet(&job);
    job.world->tasks[1].records_in++;
    expect_off(&job, little, "sink/0 served");
    little = start_quiet(&job);
    sim_histogram_add(job.world->tasks[2].latency, 3, 1);
    expect_off(&job, little, "records to sink/1: ages");
}

/* The audit finds a record that got lost, and bytes that did. */
static void test_audit_notices_what_is_not_conserved(void **state)
{
    (void)state;
    struct net_job job;
    struct sim_err err = {0};
    small_memory(&job);
    uint32_t source = net_job_source(&job, "source", 1, 0, INFINITY, 3000);
    uint32_t sink = net_job_operator(&job, "sink", 1, 1, SIM_MS, 1.0, 29);
    net_job_edge(&job, source, sink, NET_PARTITION_REBALANCE);
    net_job_start(&job);
    net_job_run(&job, SIM_S);
    assert_true(net_world_audit(job.world, &err));
    job.world->tasks[1].records_in--;
    assert_false(net_world_audit(job.world, &err));
    assert_non_null(strstr(err.text, "records: 1 more"));
    job.world->tasks[1].records_in++;
    net_link_end_flow(&job.world->links[0])->bytes += 7;
    assert_false(net_world_audit(job.world, &err));
    assert_non_null(strstr(err.text, "INV-11"));
    net_job_finish(&job);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_saturated_shuffle_with_a_slow_subtask),
        cmocka_unit_test(test_light_load_with_flushes_and_local_channels),
        cmocka_unit_test(test_broadcast_and_two_inputs),
        cmocka_unit_test(test_no_exclusive_buffers),
        cmocka_unit_test(test_plain_tcp_and_a_link_in_trouble),
        cmocka_unit_test(test_local_channels_of_several_stages),
        cmocka_unit_test(test_aligned_checkpoints_on_both_kinds_of_channel),
        cmocka_unit_test(test_unaligned_checkpoints_that_pin_buffers),
        cmocka_unit_test(test_debloated_buffers),
        cmocka_unit_test(test_records_behind_a_chain),
        cmocka_unit_test(test_law_notices_a_queue_that_counts_one_too_many),
        cmocka_unit_test(test_law_notices_a_pool_that_counts_a_subpartition_wrong),
        cmocka_unit_test(test_law_notices_a_global_pool_that_counts_wrong),
        cmocka_unit_test(test_law_notices_a_pool_whose_time_integral_is_off),
        cmocka_unit_test(test_law_notices_receive_buffers_that_are_counted_twice),
        cmocka_unit_test(test_law_notices_records_that_are_served_unseen_or_of_another_age),
        cmocka_unit_test(test_audit_notices_what_is_not_conserved),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
