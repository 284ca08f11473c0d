/* Changing loads: pauses, services that change at a time, sizes of records, links in trouble. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "models/service.h"
#include "sim/dist.h"
#include "tests/support/assert_near.h"
#include "tests/support/net_job.h"

/* An unlimited source in task manager 0, a sink of 1 ms in task manager 1. */
static void build_pair(struct net_job *job, double rate)
{
    net_job_init(job);
    uint32_t source = net_job_source(job, "source", 1, 0, rate, 1000);
    uint32_t sink = net_job_operator(job, "sink", 1, 1, SIM_MS, 1.0, 29);
    net_job_edge(job, source, sink, NET_PARTITION_REBALANCE);
}

/* Records that the sink served in the last 10 of 20 s. */
static uint64_t served(struct net_job *job)
{
    net_job_warm_up(job, 10 * SIM_S);
    net_job_run(job, 20 * SIM_S);
    uint64_t records = net_job_totals(job, 1, 0).records_in;
    net_job_finish(job);
    return records;
}

/* ---- pauses ---- */

static void test_pause_takes_its_time_from_a_saturated_task(void **state)
{
    (void)state;
    struct net_job job;
    build_pair(&job, INFINITY);
    const struct net_pause_spec pause = {
        .window = {.at = 12500 * SIM_US, .length = 100 * SIM_MS, .every = SIM_S},
        .taskmanager = NET_ANYWHERE,
        .vertex = 1,
        .subtask = 0,
    };
    job.spec.cluster.pauses = &pause;
    job.spec.cluster.pause_count = 1;
    assert_int_equal(served(&job), 9000);
}

static void test_pause_of_another_task_manager_is_carried_by_the_buffers(void **state)
{
    (void)state;
    struct net_job job;
    build_pair(&job, INFINITY);
    const struct net_pause_spec pause = {
        .window = {.at = 5 * SIM_MS, .length = 100 * SIM_MS, .every = SIM_S},
        .taskmanager = 0,
        .vertex = NET_ANYWHERE,
        .subtask = NET_ANYWHERE,
    };
    job.spec.cluster.pauses = &pause;
    job.spec.cluster.pause_count = 1;
    assert_int_equal(served(&job), 10000); /* 20 buffers of 32 records last 640 ms */
}

static void test_pause_longer_than_the_buffers_last_stops_the_sink(void **state)
{
    (void)state;
    struct net_job job;
    build_pair(&job, INFINITY);
    const struct net_pause_spec pause = {
        .window = {.at = 12 * SIM_S, .length = 3 * SIM_S},
        .taskmanager = 0,
        .vertex = NET_ANYWHERE,
        .subtask = NET_ANYWHERE,
    };
    job.spec.cluster.pauses = &pause;
    job.spec.cluster.pause_count = 1;
    uint64_t records = served(&job);
    assert_in_range(records, 7600, 7700);
}

/* Data that arrives in a pause wakes the task at its end. */
static void test_waiting_task_wakes_up_after_the_pause(void **state)
{
    (void)state;
    struct net_job job;
    build_pair(&job, 10.0);
    job.spec.config.buffer_timeout = 0;
    const struct net_pause_spec pauses[] = {
        {.window = {.at = 10050 * SIM_MS, .length = 900 * SIM_MS},
         .taskmanager = 1,
         .vertex = NET_ANYWHERE,
         .subtask = NET_ANYWHERE},
        {.window = {.at = 10500 * SIM_MS, .length = 100 * SIM_MS}, /* within the other: no more */
         .taskmanager = 1,
         .vertex = NET_ANYWHERE,
         .subtask = NET_ANYWHERE},
    };
    job.spec.cluster.pauses = pauses;
    job.spec.cluster.pause_count = 2;
    net_job_warm_up(&job, 10040 * SIM_MS);
    net_job_run(&job, 10940 * SIM_MS);
    assert_int_equal(net_job_totals(&job, 1, 0).records_in, 0);
    net_job_run(&job, 10960 * SIM_MS);
    assert_int_equal(net_job_totals(&job, 1, 0).records_in, 9);
    net_job_finish(&job);
}

/* ---- services ---- */

static void test_service_changes_at_given_times(void **state)
{
    (void)state;
    static const struct net_factor_change changes[] = {{12 * SIM_S, 2.0}, {16 * SIM_S, 0.5}};
    struct net_job job;
    build_pair(&job, INFINITY);
    job.services[1][0].changes = changes;
    job.services[1][0].change_count = 2;
    assert_near((double)served(&job), 2000 + 2000 + 8000, 0.0002);
}

/* The longest variate, times the largest factors that a scenario may have, is still a time. */
static void test_scaled_service_is_no_longer_than_a_variate(void **state)
{
    (void)state;
    static const struct net_factor_change changes[] = {{0, 1e6}};
    static const double factor[] = {1e6};
    const struct net_service_spec service = {
        .factor = factor, .changes = changes, .change_count = 1, .selectivity = 1.0};
    assert_int_equal(net_service_time(&service, 0, 1000, 0), 1000000000000000);
    assert_int_equal(net_service_time(&service, 0, SIM_DIST_MAX / 1000, 0), SIM_DIST_MAX);
    assert_int_equal(net_service_time(&service, 0, SIM_DIST_MAX, 0), SIM_DIST_MAX);
}

/* ---- records ---- */

static void test_record_sizes_are_drawn_from_their_distribution(void **state)
{
    (void)state;
    struct net_job job;
    struct sim_err err = {0};
    static const int64_t sizes[] = {100, 2000};
    static const double weights[] = {3.0, 1.0};
    build_pair(&job, 500.0);
    struct sim_dist *size = &job.vertices[0].record_size;
    *size = (struct sim_dist){
        .kind = SIM_DIST_DISCRETE, .values = sizes, .weights = weights, .count = 2};
    assert_true(sim_dist_prepare(size, &err));
    net_job_warm_up(&job, 10 * SIM_S);
    net_job_run(&job, 110 * SIM_S);
    struct net_task_totals totals = net_job_totals(&job, 0, 0);
    assert_near((double)totals.bytes_out / (double)totals.records_out, 575.0, 0.02);
    sim_dist_finish(size);
    net_job_finish(&job);
}

/* ---- links ---- */

/* The flow through a link that is the bottleneck follows the bandwidth that is left. */
static void test_slow_phase_of_a_link_throttles_the_job(void **state)
{
    (void)state;
    const struct net_link_phase slow = {{.at = 15 * SIM_S, .length = 100 * SIM_S}, 0.5};
    struct net_job job;
    build_pair(&job, INFINITY);
    job.spec.cluster.link = (struct net_link_spec){
        .bytes_per_second = 500e3, .latency = SIM_MS, .slow = &slow, .slow_count = 1};
    /* 500 records/s for 5 s, 250 records/s for 5 s, headers aside */
    assert_near((double)served(&job), 3750, 0.01);
}

static void test_stall_of_a_link_stops_the_sink(void **state)
{
    (void)state;
    const struct net_link_phase stall = {{.at = 12 * SIM_S, .length = 4 * SIM_S}, 0.0};
    struct net_job job;
    build_pair(&job, INFINITY);
    job.spec.cluster.link.slow = &stall;
    job.spec.cluster.link.slow_count = 1;
    assert_in_range(served(&job), 6000, 6400); /* 10 buffers are behind the link already */
}

/* Two producers in one task manager share what its interface can send. */
static void test_interface_limits_all_connections_together(void **state)
{
    (void)state;
    struct net_job job;
    net_job_init(&job);
    job.spec.cluster.taskmanagers = 3;
    job.spec.cluster.nic.send = 600e3;
    uint32_t source = net_job_source(&job, "source", 1, 0, INFINITY, 1000);
    uint32_t one = net_job_operator(&job, "one", 1, 1, SIM_MS, 1.0, 29);
    uint32_t other = net_job_operator(&job, "other", 1, 2, SIM_MS, 1.0, 29);
    net_job_edge(&job, source, one, NET_PARTITION_REBALANCE);
    net_job_edge(&job, source, other, NET_PARTITION_REBALANCE);
    net_job_warm_up(&job, 10 * SIM_S);
    net_job_run(&job, 30 * SIM_S);
    assert_near((double)net_job_totals(&job, one, 0).records_in, 6000, 0.02);
    assert_near((double)net_job_totals(&job, other, 0).records_in, 6000, 0.02);
    net_job_finish(&job);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pause_takes_its_time_from_a_saturated_task),
        cmocka_unit_test(test_pause_of_another_task_manager_is_carried_by_the_buffers),
        cmocka_unit_test(test_pause_longer_than_the_buffers_last_stops_the_sink),
        cmocka_unit_test(test_waiting_task_wakes_up_after_the_pause),
        cmocka_unit_test(test_service_changes_at_given_times),
        cmocka_unit_test(test_scaled_service_is_no_longer_than_a_variate),
        cmocka_unit_test(test_record_sizes_are_drawn_from_their_distribution),
        cmocka_unit_test(test_slow_phase_of_a_link_throttles_the_job),
        cmocka_unit_test(test_stall_of_a_link_stops_the_sink),
        cmocka_unit_test(test_interface_limits_all_connections_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
