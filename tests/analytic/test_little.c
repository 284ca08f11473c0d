/* Little's law at every pool, gate and channel, exactly, and what moves between them is conserved.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "models/world_internal.h"
#include "tests/support/little.h"

static void small_memory(struct net_job *job)
{
    net_job_init(job);
    job->spec.config.memory.network_min = 160 * 32768;
    job->spec.config.memory.network_max = 160 * 32768;
    job->spec.machine.handover = 90 * SIM_US;
    job->spec.machine.wakeup = 120 * SIM_US;
}

static void run_and_check(struct net_job *job, uint32_t places)
{
    net_job_start(job);
    struct little *little = little_create(job);
    for (int i = 1; i <= 5; i++) {
        net_job_run(job, i * 777 * SIM_MS);
        little_check(little);
    }
    assert_true(little_check(little) >= places);
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
    run_and_check(&job, 4 + 2 * 4 + 4);
}

static void test_light_load_with_flushes_and_local_channels(void **state)
{
    (void)state;
    struct net_job job;
    small_memory(&job);
    uint32_t source = net_job_source(&job, "source", 2, 0, 300.0, 700);
    uint32_t sink = net_job_operator(&job, "sink", 4, NET_ANYWHERE, 2 * SIM_MS, 1.0, 29);
    job.vertices[source].source.is_poisson = true;
    job.spec.cluster.slots = 2;
    job.spec.cluster.taskmanagers = 3;
    net_job_edge(&job, source, sink, NET_PARTITION_REBALANCE);
    run_and_check(&job, 2 + 4);
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
    run_and_check(&job, 3 + 2 * 4 + 2);
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
    run_and_check(&job, 2 + 4 + 2);
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
    run_and_check(&job, 2 + 4 + 2);
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
    job.world->links[0].flow.bytes += 7;
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
        cmocka_unit_test(test_audit_notices_what_is_not_conserved),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
