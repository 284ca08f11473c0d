/*
 * A job in its steady state allocates nothing, whatever its channels are, and its footprint is
 * known before. Linked with --wrap, so every call to the allocator from the engine and the model
 * comes by here.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "models/flow.h"
#include "models/footprint.h"
#include "models/load_bound.h"
#include "models/rank.h"
#include "sim/recorder.h"
#include "tests/support/allocations.h"
#include "tests/support/net_job.h"

/* Until every queue has been as long as it gets, and latencies of every magnitude have come. */
#define WARM (20 * SIM_S)

static bool count_sample(void *arg, sim_time now, uint32_t series, double value)
{
    (void)now, (void)series, (void)value;
    (*(uint64_t *)arg)++;
    return true;
}

/* Remote and local channels, broadcast, keys, a blocked writer, a timer: between warm start and end
 * every second is like the one before. */
static void make_job(struct net_job *job)
{
    net_job_init(job);
    uint32_t source = net_job_source(job, "source", 2, NET_ANYWHERE, INFINITY, 500);
    uint32_t middle = net_job_operator(job, "middle", 2, NET_ANYWHERE, 300 * SIM_US, 1.0, 700);
    uint32_t sink = net_job_operator(job, "sink", 2, NET_ANYWHERE, 400 * SIM_US, 1.0, 100);
    uint32_t copy = net_job_operator(job, "copy", 2, NET_ANYWHERE, 20 * SIM_US, 1.0, 100);
    job->vertices[source].source.keys.count = 100;
    net_job_edge(job, source, middle, NET_PARTITION_HASH);
    net_job_edge(job, middle, sink, NET_PARTITION_REBALANCE);
    net_job_edge(job, middle, copy, NET_PARTITION_BROADCAST);
}

static void check_no_allocation(struct net_job *job)
{
    uint64_t samples = 0;
    net_job_start(job);
    struct sim_recorder *recorder =
        sim_recorder_create(job->sim, 100 * SIM_MS, NET_RANK_SAMPLE, count_sample, &samples);
    net_world_record(job->world, recorder);
    sim_recorder_start(recorder);
    net_job_run(job, WARM);
    uint64_t before = allocations_so_far().count;
    uint64_t events = sim_events_fired(job->sim);
    uint64_t samples_before = samples;
    net_job_run(job, WARM + 2 * SIM_S);
    assert_int_equal(allocations_so_far().count, before);
    assert_true(sim_events_fired(job->sim) > events + 2000);
    assert_true(samples > samples_before + 1000);
    sim_recorder_destroy(recorder);
    net_job_finish(job);
}

static void test_a_job_allocates_nothing_once_it_runs(void **state)
{
    struct net_job job;
    (void)state;
    make_job(&job);
    check_no_allocation(&job);
    make_job(&job);
    job.per_record = true;
    check_no_allocation(&job);
}

static void test_plain_tcp_allocates_nothing_either(void **state)
{
    struct net_job job;
    (void)state;
    make_job(&job);
    job.spec.config.transport = NET_TRANSPORT_TCP;
    check_no_allocation(&job);
}

static void test_checkpoints_and_debloating_allocate_nothing_either(void **state)
{
    struct net_job job;
    (void)state;
    make_job(&job);
    job.spec.config.checkpoint_interval = 500 * SIM_MS;
    job.spec.config.is_unaligned = true;
    job.spec.config.has_debloating = true;
    job.spec.machine.state_bytes_per_second = 1e9;
    check_no_allocation(&job);
}

static void test_footprint_is_more_than_a_run_takes_and_not_much_more(void **state)
{
    struct net_job job;
    struct net_footprint footprint;
    (void)state;
    make_job(&job);
    net_footprint_estimate(&job.spec, &footprint);
    assert_int_equal(footprint.subtasks, 8);
    assert_int_equal(footprint.channels, 12);
    uint64_t before = allocations_so_far().bytes;
    net_job_start(&job);
    uint64_t built = allocations_so_far().bytes - before;
    net_job_run(&job, 2 * SIM_S);
    assert_true(allocations_so_far().bytes - before < footprint.bytes);
    assert_true(footprint.buffers * 16 < built);
    job.spec.run.has_warmup = true;
    uint64_t records = net_world_records_in_flight(job.world);
    net_footprint_estimate(&job.spec, &footprint);
    assert_true(records <= footprint.records);
    net_job_finish(&job);
}

/* Words that each record takes by the estimate of a job. */
static uint64_t estimate_words(const struct net_job *job)
{
    const uint64_t chunk = sizeof(struct net_flow_large_chunk);
    struct net_footprint footprint;
    net_footprint_estimate(&job->spec, &footprint);
    uint64_t bytes = footprint.bytes - footprint.bytes_without_records;
    return (bytes * NET_FLOW_WORDS + chunk - 1) / chunk / footprint.records;
}

/* A record whose key or size is another than that of the one before takes three words. */
static void test_footprint_of_records_tells_whether_they_are_alike(void **state)
{
    struct net_job job;
    (void)state;
    net_job_init(&job);
    uint32_t source = net_job_source(&job, "source", 1, 0, 2000, 40);
    uint32_t sink = net_job_operator(&job, "sink", 1, 1, 10000 * SIM_S, 0.0, 40);
    net_job_edge(&job, source, sink, NET_PARTITION_REBALANCE);
    job.is_without_audits = true;
    job.spec.run.has_warmup = true;
    job.spec.run.duration = 3 * SIM_S;
    assert_int_equal(estimate_words(&job), 1);
    job.vertices[sink].emit.every = SIM_S;
    assert_int_equal(estimate_words(&job), 3);
    job.vertices[sink].emit.every = 0;
    job.vertices[source].record_size.kind = SIM_DIST_UNIFORM;
    assert_int_equal(estimate_words(&job), 3);
    job.vertices[source].record_size.kind = SIM_DIST_CONSTANT;
    job.vertices[source].source.keys.count = 1000;
    assert_int_equal(estimate_words(&job), 3);
    net_job_start(&job);
    int64_t before = allocations_so_far().held;
    net_job_run(&job, 3 * SIM_S);
    int64_t taken = allocations_so_far().held - before;
    uint64_t words = net_world_records_in_flight(job.world) * sizeof(uint32_t);
    assert_true(words > 5900 * sizeof(uint32_t));
    assert_in_range(taken, 2 * words, 4 * words);
    net_job_finish(&job);
}

/* Starts a job, runs it to its end, and compares what is held then with what was foretold. */
static void check_footprint(struct net_job *job)
{
    struct net_footprint footprint;
    job->spec.run.has_warmup = true;
    net_footprint_estimate(&job->spec, &footprint);
    int64_t before = allocations_so_far().held;
    net_job_start(job);
    net_job_run(job, job->spec.run.duration);
    assert_true(net_world_records_in_flight(job->world) <= footprint.records);
    assert_in_range(allocations_so_far().held - before, footprint.bytes / 4, footprint.bytes);
    net_job_finish(job);
}

/* Buffers that wait by the hundred in each channel are more than what is around them. */
static void test_footprint_covers_deep_queues(void **state)
{
    struct net_job job;
    (void)state;
    net_job_init(&job);
    uint32_t source = net_job_source(&job, "source", 10, 0, 20000, 32 * 1024 - 4);
    uint32_t sink = net_job_operator(&job, "sink", 10, 1, 10000 * SIM_S, 0.0, 100);
    net_job_edge(&job, source, sink, NET_PARTITION_REBALANCE);
    job.is_without_audits = true;
    job.spec.config.memory.process_size = INT64_C(16) << 30;
    job.spec.config.memory.network_min = INT64_C(2) << 30;
    job.spec.config.buffers_per_channel = 260;
    job.spec.run.duration = 5 * SIM_S;
    check_footprint(&job);
}

/* Each record is in as many channels as there are consumers. */
static void test_footprint_covers_broadcasts(void **state)
{
    struct net_job job;
    (void)state;
    net_job_init(&job);
    uint32_t source = net_job_source(&job, "source", 4, 0, 50000, 100);
    uint32_t sink = net_job_operator(&job, "sink", 30, 1, 10000 * SIM_S, 0.0, 100);
    net_job_edge(&job, source, sink, NET_PARTITION_BROADCAST);
    job.vertices[source].source.is_poisson = true;
    job.is_without_audits = true;
    job.spec.run.duration = SIM_S;
    check_footprint(&job);
}

/* CHK-9, CHK-12: every buffer may wait to be written, in a ring that grows by copying. */
static void test_footprint_covers_what_checkpoints_write(void **state)
{
    struct net_job job;
    struct net_footprint without;
    struct net_footprint with;
    (void)state;
    make_job(&job);
    job.spec.config.checkpoint_interval = SIM_S;
    net_footprint_estimate(&job.spec, &without);
    job.spec.config.is_unaligned = true;
    net_footprint_estimate(&job.spec, &with);
    struct net_load_bound bound =
        net_load_bound_of(&job.spec, without.buffers / job.spec.cluster.taskmanagers);
    assert_true(bound.taken > 0);
    assert_int_equal(with.bytes - without.bytes, bound.taken * 3 * 40);
    job.spec.config.checkpoint_interval = 0;
    net_footprint_estimate(&job.spec, &with);
    assert_int_equal(with.bytes, without.bytes);
    job.spec.run.checkpoint_count = 1;
    net_footprint_estimate(&job.spec, &with);
    assert_true(with.bytes > without.bytes);
}

/* Whole records lie in a chunk: nine of three words, in 28. */
static void test_footprint_knows_what_chunks_leave_free(void **state)
{
    struct net_job job;
    struct net_footprint footprint;
    (void)state;
    net_job_init(&job);
    uint32_t source = net_job_source(&job, "source", 1, 0, 1e6, 40);
    uint32_t sink = net_job_operator(&job, "sink", 1, 1, SIM_MS, 0.0, 40);
    net_job_edge(&job, source, sink, NET_PARTITION_REBALANCE);
    job.vertices[source].source.keys.count = 1000;
    job.spec.run.duration = SIM_S / 1000;
    net_footprint_estimate(&job.spec, &footprint);
    assert_int_equal(footprint.records, 1000);
    assert_int_equal(footprint.bytes - footprint.bytes_without_records, (1000 / 9 + 1) * 128);
}

static void test_footprint_covers_keys(void **state)
{
    struct net_job job;
    struct net_footprint footprint;
    (void)state;
    net_job_init(&job);
    uint32_t source = net_job_source(&job, "source", 1, 0, 100, 100);
    uint32_t sink = net_job_operator(&job, "sink", 1, 1, SIM_MS, 0.0, 100);
    net_job_edge(&job, source, sink, NET_PARTITION_HASH);
    job.vertices[source].source.keys = (struct net_keys_spec){.count = 1000000, .zipf = 1};
    job.spec.run.duration = SIM_S;
    job.spec.run.has_warmup = true;
    net_footprint_estimate(&job.spec, &footprint);
    uint64_t before = allocations_so_far().bytes;
    net_job_start(&job);
    uint64_t asked = allocations_so_far().bytes - before;
    assert_in_range(footprint.bytes, asked, asked + asked / 4);
    net_job_finish(&job);
}

/* What Flink refuses takes no memory for what it would have been. */
static void test_refused_job_asks_for_no_more_than_there_is(void **state)
{
    struct net_job job;
    struct sim_err err;
    (void)state;
    net_job_init(&job);
    uint32_t source = net_job_source(&job, "source", 1, 0, 1000, 512);
    uint32_t sink = net_job_operator(&job, "sink", 1, 1, SIM_MS, 0.0, 512);
    net_job_edge(&job, source, sink, NET_PARTITION_REBALANCE);
    job.spec.config.buffers_per_channel = INT32_MAX;
    job.spec.config.floating_buffers_per_gate = 1;
    job.sim = sim_create();
    uint64_t before = allocations_so_far().bytes;
    assert_null(net_world_create(job.sim, &job.spec, &(struct net_world_params){.seed = 1}, &err));
    assert_int_equal(err.code, SIM_ERR_ANSWER);
    assert_true(allocations_so_far().bytes - before < 100 << 20);
    sim_destroy(job.sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_job_allocates_nothing_once_it_runs),
        cmocka_unit_test(test_plain_tcp_allocates_nothing_either),
        cmocka_unit_test(test_checkpoints_and_debloating_allocate_nothing_either),
        cmocka_unit_test(test_footprint_is_more_than_a_run_takes_and_not_much_more),
        cmocka_unit_test(test_footprint_of_records_tells_whether_they_are_alike),
        cmocka_unit_test(test_footprint_covers_deep_queues),
        cmocka_unit_test(test_footprint_covers_broadcasts),
        cmocka_unit_test(test_footprint_covers_what_checkpoints_write),
        cmocka_unit_test(test_footprint_knows_what_chunks_leave_free),
        cmocka_unit_test(test_footprint_covers_keys),
        cmocka_unit_test(test_refused_job_asks_for_no_more_than_there_is),
    };
    return cmocka_run_group_tests_name("net_allocation", tests, NULL, NULL);
}
