/* What a channel and a queued buffer may take, of all that the allocator hands out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/allocations.h"
#include "tests/support/net_job.h"

#define A_CHANNEL_AT_REST 512 /* bytes, without its share of subtasks and connections */
#define A_QUEUED_BUFFER 64
#define A_RECORD 8

/* P sources in one task manager, P sinks that stand still in the other, an all-to-all edge between
 * them, and as many segments as its exclusive and floating buffers are. */
static void start_job(struct net_job *job, uint32_t parallelism, uint32_t record_bytes)
{
    net_job_init(job);
    uint32_t source = net_job_source(job, "source", parallelism, 0, 100000, record_bytes);
    uint32_t sink = net_job_operator(job, "sink", parallelism, 1, 10000 * SIM_S, 0.0, record_bytes);
    net_job_edge(job, source, sink, NET_PARTITION_REBALANCE);
    job->is_without_audits = true;
    job->spec.cluster.slots = parallelism;
    job->spec.run.has_warmup = true;
    int64_t segments = (int64_t)parallelism * (2 * parallelism + 8) + 10;
    struct net_memory_config *memory = &job->spec.config.memory;
    memory->process_size = INT64_C(64) << 30;
    memory->network_min = memory->network_max = segments * memory->segment_size;
    net_job_start(job);
}

static int64_t bytes_at_rest(uint32_t parallelism)
{
    struct net_job job;
    int64_t before = allocations_so_far().held;
    start_job(&job, parallelism, 1000);
    assert_int_equal(net_world_channel_count(job.world), 2 * parallelism * parallelism);
    int64_t bytes = allocations_so_far().held - before;
    net_job_finish(&job);
    assert_int_equal(allocations_so_far().held, before);
    return bytes;
}

/* Subtasks come and go with the parallelism, channels with its square: the second difference is
 * that of two channels for each pair. */
static void test_channel_at_rest_stays_within_its_budget(void **state)
{
    (void)state;
    const uint32_t p = 100;
    int64_t bend = bytes_at_rest(3 * p) - 2 * bytes_at_rest(2 * p) + bytes_at_rest(p);
    int64_t channel = bend / (2 * p * p);
    if (channel > A_CHANNEL_AT_REST) {
        fail_msg("a channel takes %lld bytes at rest", (long long)channel);
    }
    assert_true(channel > A_CHANNEL_AT_REST / 2); /* else they were not counted */
}

static uint64_t queued_buffers(const struct net_world *world)
{
    uint64_t buffers = 0;
    for (uint32_t i = 0; i < net_world_channel_count(world); i++) {
        struct net_channel_view view;
        net_world_channel(world, i, &view);
        buffers += view.queued;
    }
    return buffers;
}

/* From a buffer for every record to many records in each. */
static void test_queued_buffers_and_records_stay_within_theirs(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {32764, 4000, 1000, 100};
    const uint32_t p = 50;
    for (uint32_t i = 0; i < 4; i++) {
        struct net_job job;
        start_job(&job, p, sizes[i]);
        int64_t before = allocations_so_far().held;
        net_job_run(&job, 60 * SIM_S);
        int64_t bytes = allocations_so_far().held - before;
        uint64_t buffers = queued_buffers(job.world);
        uint64_t records = net_world_records_in_flight(job.world);
        assert_in_range(buffers, 4 * p * p, 5 * p * p);
        if (bytes > (int64_t)(A_QUEUED_BUFFER * buffers + A_RECORD * records)) {
            fail_msg("%lld bytes for %llu buffers with %llu records", (long long)bytes,
                     (unsigned long long)buffers, (unsigned long long)records);
        }
        net_job_finish(&job);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_channel_at_rest_stays_within_its_budget),
        cmocka_unit_test(test_queued_buffers_and_records_stay_within_theirs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
