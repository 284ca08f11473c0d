/* How much a job has under way at most: records of sources and what comes of them, buffers of
 * pools. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "models/load_bound.h"
#include "tests/support/net_job.h"

#define SEGMENTS 10000 /* of a task manager: enough for all */
#define OVERDRAFT 20

/* Of two gates with two remote channels each: two buffers a channel and eight more. */
#define GATES (UINT64_C(2) * (2 * 2 + 8))

/* LBP-5, TSK-4: what two records take of 512 bytes each, that may go over the end of a buffer. */
#define UNASKED (2 * (1 + 1))

static struct net_load_bound bound_of(const struct net_job *job)
{
    return net_load_bound_of(&job->spec, SEGMENTS);
}

static void test_records_are_what_sources_emit_and_what_comes_of_it(void **state)
{
    struct net_job job;
    (void)state;
    net_job_init(&job);
    uint32_t sink = net_job_operator(&job, "sink", 4, 0, SIM_MS, 0.0, 512);
    uint32_t middle = net_job_operator(&job, "middle", 3, 1, SIM_MS, 1.0, 512);
    uint32_t source = net_job_source(&job, "source", 2, 0, 1000, 512);
    net_job_edge(&job, middle, sink, NET_PARTITION_REBALANCE);
    net_job_edge(&job, source, middle, NET_PARTITION_REBALANCE);
    job.spec.run.duration = SIM_S;
    assert_int_equal(bound_of(&job).records, 2000 + 2000);
    job.spec.machine.record_cpu = 2 * SIM_MS;
    assert_int_equal(bound_of(&job).records, 1000 + 1000);
    job.vertices[source].source.records = 100;
    assert_int_equal(bound_of(&job).records, 200 + 200);
    job.services[middle][0].selectivity = 2.0;
    assert_int_equal(bound_of(&job).records, 200 + 400);
    job.vertices[middle].emit = (struct net_emit_spec){.every = 400 * SIM_MS, .records = 5};
    assert_int_equal(bound_of(&job).records, 200 + 400 + 2 * 5 * 3);
    job.edges[0].partition = NET_PARTITION_BROADCAST;
    assert_int_equal(bound_of(&job).records, 200 + 4 * (400 + 2 * 5 * 3));
    job.edges[1].partition = NET_PARTITION_BROADCAST;
    assert_int_equal(bound_of(&job).records, 3 * 200 + 4 * (3 * 400 + 2 * 5 * 3));
    /* each lies in two buffers at most, besides those that it fills */
    uint64_t queued = bound_of(&job).queued;
    job.vertices[source].source.records = 2;
    job.vertices[middle].emit.every = 0;
    assert_int_equal(bound_of(&job).records, 3 * 4 + 4 * 3 * 8);
    assert_in_range(bound_of(&job).queued, 2 * (3 * 4 + 4 * 3 * 8), 2.1 * (3 * 4 + 4 * 3 * 8));
    assert_true(bound_of(&job).queued < queued);
}

/* An unlimited source in a task manager and a sink in the other, two subtasks each. */
static void make_pair(struct net_job *job)
{
    net_job_init(job);
    uint32_t source = net_job_source(job, "source", 2, 0, INFINITY, 512);
    uint32_t sink = net_job_operator(job, "sink", 2, 1, SIM_MS, 0.0, 512);
    net_job_edge(job, source, sink, NET_PARTITION_REBALANCE);
}

static void test_records_are_what_buffers_hold_where_sources_emit_more(void **state)
{
    struct net_job job;
    (void)state;
    make_pair(&job);
    uint64_t of_buffer = (uint64_t)job.spec.config.memory.segment_size / 512;
    struct net_load_bound bound = bound_of(&job);
    assert_int_equal(bound.taken, GATES + 2 * (2 * (10 - 1) + UNASKED));
    assert_int_equal(bound.queued, bound.taken);
    assert_int_equal(bound.records, bound.taken * of_buffer);
    /* no more than there are in the one task manager and in the other */
    assert_int_equal(net_load_bound_of(&job.spec, 10).taken, 10 + 10);
    /* a broadcast: a partition's buffers lie in both of its subpartitions */
    job.edges[0].partition = NET_PARTITION_BROADCAST;
    bound = bound_of(&job);
    assert_int_equal(bound.taken, GATES + 2 * (10 - 1 + UNASKED));
    assert_int_equal(bound.queued, GATES + 2 * 2 * (10 - 1 + UNASKED));
    assert_int_equal(bound.records, bound.queued * of_buffer);
    /* LIC-5 */
    job.vertices[1].taskmanager = 0;
    assert_int_equal(bound_of(&job).taken, 2 * (10 - 1 + UNASKED));
}

static void test_partition_stops_at_the_limit_of_a_subpartition(void **state)
{
    struct net_job job;
    (void)state;
    make_pair(&job);
    job.spec.config.max_buffers_per_channel = 3;
    assert_int_equal(bound_of(&job).taken, GATES + 2 * (2 * (3 - 1) + UNASKED));
    job.vertices[0].record_size.a = 5 * 32768; /* six more for each of two records */
    assert_int_equal(bound_of(&job).taken, GATES + 2 * (2 * (3 - 1) + 2 * 6));
    job.vertices[0].record_size =
        (struct sim_dist){.kind = SIM_DIST_WEIBULL, .a = 100, .b = 1}; /* without end */
    assert_int_equal(bound_of(&job).taken, GATES + 2 * (12 + OVERDRAFT));
    job.vertices[0].record_size = (struct sim_dist){.a = 512};
    job.spec.config.has_debloating = true; /* buffers of 256 bytes */
    assert_int_equal(bound_of(&job).taken, GATES + 2 * (2 * (3 - 1) + 2 * (1 + 2)));
    job.spec.config.has_debloating = false;
    job.spec.config.transport = NET_TRANSPORT_TCP; /* LEG-1: no such limit, and no overdraft */
    assert_int_equal(bound_of(&job).taken, 2 * 12 + 2 * 12);
}

/* What a task emits for a record does not wait for room. */
static void test_what_is_emitted_at_once_goes_beyond_the_limit(void **state)
{
    struct net_job job;
    (void)state;
    net_job_init(&job);
    uint32_t source = net_job_source(&job, "source", 2, 0, INFINITY, 512);
    uint32_t first = net_job_operator(&job, "first", 2, 0, SIM_MS, 1.0, 512);
    uint32_t last = net_job_operator(&job, "last", 2, 0, SIM_MS, 1.0, 512);
    uint32_t sink = net_job_operator(&job, "sink", 2, 1, SIM_MS, 0.0, 512);
    net_job_edge(&job, source, first, NET_PARTITION_FORWARD);
    net_job_edge(&job, first, last, NET_PARTITION_FORWARD);
    net_job_edge(&job, last, sink, NET_PARTITION_REBALANCE);
    job.edges[0].is_chained = job.edges[1].is_chained = true;
    job.spec.config.max_buffers_per_channel = 2;
    uint64_t before = bound_of(&job).taken;
    assert_int_equal(before, GATES + 2 * (2 * (2 - 1) + UNASKED));
    job.services[sink][0].selectivity = 5.0; /* of no matter for those before it */
    job.vertices[sink].emit = (struct net_emit_spec){.every = SIM_S, .records = 1};
    assert_int_equal(bound_of(&job).taken, before);
    job.services[last][0].selectivity = 1.5;
    assert_int_equal(bound_of(&job).taken, GATES + 2 * (2 * (2 - 1) + 2 * UNASKED));
    job.services[first][0].selectivity = 3.0;
    assert_int_equal(bound_of(&job).taken, GATES + 2 * (2 * (2 - 1) + 2 * 3 * UNASKED));
}

static void test_timers_emit_beyond_the_limit(void **state)
{
    struct net_job job;
    (void)state;
    net_job_init(&job);
    uint32_t source = net_job_source(&job, "source", 2, 0, INFINITY, 512);
    uint32_t middle = net_job_operator(&job, "middle", 2, 0, SIM_MS, 1.0, 512);
    uint32_t sink = net_job_operator(&job, "sink", 2, 1, SIM_MS, 0.0, 512);
    net_job_edge(&job, source, middle, NET_PARTITION_REBALANCE);
    net_job_edge(&job, middle, sink, NET_PARTITION_REBALANCE);
    job.spec.config.max_buffers_per_channel = 2;
    uint64_t before = bound_of(&job).taken;
    job.vertices[middle].emit = (struct net_emit_spec){.every = SIM_S, .records = 1};
    uint64_t limited = 2 * (2 * (2 - 1) + UNASKED);
    assert_int_equal(bound_of(&job).taken, before - limited + 2 * (12 + OVERDRAFT));
}

/* Many of the smallest fit into a buffer, whatever the few large ones come to. */
static void test_rare_large_records_do_not_count_as_the_size_of_all(void **state)
{
    struct net_job job;
    (void)state;
    make_pair(&job);
    struct sim_dist *size = &job.vertices[0].record_size;
    *size = (struct sim_dist){.kind = SIM_DIST_PARETO, .a = 100, .b = 0.9, .most = 1 << 30};
    struct net_load_bound bound = bound_of(&job);
    double of_each = (double)bound.queued * 32768 / (double)bound.records;
    assert_true(of_each > 100 && of_each < 1500);
}

static void test_chance_may_bring_more_than_the_mean(void **state)
{
    struct net_job job;
    (void)state;
    make_pair(&job);
    job.spec.run.duration = SIM_S;
    job.phases[0].per_second = 400;
    assert_int_equal(bound_of(&job).records, 2 * 400);
    job.vertices[0].source.is_poisson = true;
    assert_int_equal(bound_of(&job).records, 2 * (400 + 6 * 20));
    /* few records may all be large ones */
    static const int64_t sizes[] = {17, 1 << 20};
    static const double weights[] = {0.9, 0.1};
    struct sim_err err;
    struct sim_dist *size = &job.vertices[0].record_size;
    *size = (struct sim_dist){
        .kind = SIM_DIST_DISCRETE, .values = sizes, .weights = weights, .count = 2};
    assert_true(sim_dist_prepare(size, &err));
    job.vertices[0].source.records = 2;
    job.spec.config.max_buffers_per_channel = 1000;
    job.spec.config.buffers_per_channel = 100;
    assert_int_equal(bound_of(&job).queued, 2 * 2 * (2 + (1 << 20) / 32768));
    sim_dist_finish(size);
}

/* LEG-2: 128 KiB, the sender's sockets, the link's round trip and three segments a connection. */
static void test_sockets_of_plain_tcp_hold_records_without_buffers(void **state)
{
    struct net_job job;
    (void)state;
    make_pair(&job);
    uint64_t in_buffers = 2 * 12 + 2 * 12;
    job.spec.config.transport = NET_TRANSPORT_TCP;
    job.spec.machine.socket_bytes = 1000000;
    job.spec.cluster.link.bytes_per_second = 1e8;
    job.spec.cluster.link.latency = 10 * SIM_MS;
    uint64_t in_sockets = 2 * (131072 + 1000000 + 2000000 + 3 * 32768);
    struct net_load_bound bound = bound_of(&job);
    assert_int_equal(bound.messages, in_sockets / 16384);
    assert_int_equal(bound.records, (in_buffers * 32768 + in_sockets) / 512);
    job.spec.config.buffer_timeout = 0; /* each record a message */
    assert_int_equal(bound_of(&job).messages, in_sockets / 512);
    struct net_link_override slow = {.from = 0, .to = 1, .link = job.spec.cluster.link};
    slow.link.latency = 20 * SIM_MS;
    job.spec.cluster.overrides = &slow;
    job.spec.cluster.override_count = 1;
    assert_int_equal(bound_of(&job).messages, (in_sockets + 2 * 2000000) / 512);
    job.spec.config.transport = NET_TRANSPORT_CREDIT;
    assert_int_equal(bound_of(&job).messages, 0);
}

static void test_job_that_cannot_start_has_nothing_under_way(void **state)
{
    struct net_job job;
    (void)state;
    make_pair(&job);
    job.spec.config.memory.network_min = job.spec.config.memory.network_max = 4 * 32768;
    struct net_load_bound bound = net_load_bound_of(&job.spec, 4);
    assert_int_equal(bound.taken, 0);
    assert_int_equal(bound.queued, 0);
    assert_int_equal(bound.records, 0);
}

static void test_channels_are_slow_where_a_chunk_takes_seconds(void **state)
{
    struct net_job job;
    (void)state;
    make_pair(&job);
    job.spec.run.duration = 10 * SIM_S;
    job.phases[0].per_second = 100; /* 50 a channel */
    assert_false(bound_of(&job).is_slow);
    job.phases[0].per_second = 50;
    assert_true(bound_of(&job).is_slow);
    const struct net_rate_phase phases[] = {{SIM_S, 1000}, {SIM_S, 0}, {SIM_S, 50}};
    job.vertices[0].source.phases = phases;
    job.vertices[0].source.phase_count = 2;
    assert_false(bound_of(&job).is_slow);
    job.vertices[0].source.phase_count = 3;
    assert_true(bound_of(&job).is_slow);
    job.vertices[0].source.phase_count = 2;
    job.vertices[0].record_size.a = 2000; /* a chunk for more than a buffer */
    assert_true(bound_of(&job).is_slow);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_records_are_what_sources_emit_and_what_comes_of_it),
        cmocka_unit_test(test_records_are_what_buffers_hold_where_sources_emit_more),
        cmocka_unit_test(test_partition_stops_at_the_limit_of_a_subpartition),
        cmocka_unit_test(test_what_is_emitted_at_once_goes_beyond_the_limit),
        cmocka_unit_test(test_timers_emit_beyond_the_limit),
        cmocka_unit_test(test_rare_large_records_do_not_count_as_the_size_of_all),
        cmocka_unit_test(test_chance_may_bring_more_than_the_mean),
        cmocka_unit_test(test_sockets_of_plain_tcp_hold_records_without_buffers),
        cmocka_unit_test(test_job_that_cannot_start_has_nothing_under_way),
        cmocka_unit_test(test_channels_are_slow_where_a_chunk_takes_seconds),
    };
    return cmocka_run_group_tests_name("net_load_bound", tests, NULL, NULL);
}
