/* Checkpoints and debloating of a whole job: rules CHK and DBL. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "models/rank.h"
#include "models/world_internal.h"
#include "tests/support/assert_near.h"
#include "tests/support/checkpoint_job.h"
#include "tests/support/net_job.h"

/* ---- aligned ---- */

static void test_aligned_barrier_waits_behind_all_queued_data(void **state) /* CHK-1, CHK-4 */
{
    (void)state;
    struct net_job job;
    struct checkpoints_seen seen;
    checkpoint_job_init(&job, INFINITY, 2 * SIM_MS);
    checkpoint_job_run(&job, &seen, 20 * SIM_S);
    assert_int_equal(seen.count, 4);
    /* About 20 buffers of 32.768 records are in front of it. */
    assert_in_range(seen.tasks[1].start_delay, 1100 * SIM_MS, 1311 * SIM_MS);
    assert_int_equal(seen.last.persisted_bytes, 0);
    assert_int_equal(seen.tasks[1].alignment, 0); /* CHK-13: one channel */
    assert_true(seen.last.duration >= seen.tasks[1].start_delay + 4 * SIM_MS);
    /* The channel goes on afterwards: the sink never runs dry. */
    assert_near((double)net_job_totals(&job, 1, 0).records_in, 10000, 0.001);
    net_job_finish(&job);
}

/* TSK-7, CHK-3: a source that is suspended for output takes its checkpoint all the same. */
static void test_soft_back_pressure_does_not_delay_the_trigger(void **state)
{
    (void)state;
    struct net_job job;
    struct checkpoints_seen seen;
    checkpoint_job_init(&job, INFINITY, 2 * SIM_MS);
    job.spec.machine.wakeup = SIM_MS;
    checkpoint_job_run(&job, &seen, 20 * SIM_S);
    assert_int_equal(seen.tasks[0].start_delay, 4 * SIM_MS + SIM_MS);
    net_job_finish(&job);
}

/* CHK-3: a task that is blocked within a record cannot take its checkpoint. */
static void test_hard_back_pressure_delays_the_barrier(void **state)
{
    (void)state;
    struct checkpoints_seen seen[2];
    for (int i = 0; i < 2; i++) {
        struct net_job job;
        checkpoint_job_init(&job, INFINITY, 20 * SIM_MS);
        job.spec.config.max_overdraft_per_gate = i == 0 ? 0 : 20;
        job.vertices[0].record_size.a = 600000; /* 18.3 buffers */
        checkpoint_job_run(&job, &seen[i], 30 * SIM_S);
        net_job_finish(&job);
    }
    assert_int_equal(seen[1].tasks[0].start_delay, 4 * SIM_MS);
    assert_true(seen[0].tasks[0].start_delay > 4 * SIM_MS);
}

/* WR-11, TRAP-18: without a flusher, the barrier moves what is in the open buffer. */
static void test_barrier_closes_open_buffers(void **state)
{
    (void)state;
    struct net_job job;
    struct checkpoints_seen seen;
    checkpoint_job_init(&job, 2.0, SIM_MS);
    job.spec.config.buffer_timeout = -1;
    checkpoint_job_run(&job, &seen, 2 * SIM_S);
    assert_int_equal(net_job_totals(&job, 1, 0).records_in, 0);
    net_job_run(&job, 3200 * SIM_MS);
    assert_int_equal(net_job_totals(&job, 1, 0).records_in, 6); /* emitted until 3 s */
    assert_int_equal(net_job_totals(&job, 0, 0).buffers_out, 1);
    net_job_finish(&job);
}

/* CHK-2, CHK-4: the faster channel is blocked until the slower one's barrier is there. */
static void test_alignment_lasts_from_the_first_to_the_last_barrier(void **state)
{
    (void)state;
    struct net_job job;
    struct checkpoints_seen seen;
    checkpoint_job_init(&job, INFINITY, 2 * SIM_MS);
    uint32_t light = net_job_source(&job, "light", 1, 0, 5.0, 1000);
    net_job_edge(&job, light, 1, NET_PARTITION_REBALANCE);
    checkpoint_job_run(&job, &seen, 20 * SIM_S);
    assert_int_equal(seen.count, 4);
    assert_true(seen.tasks[1].start_delay < 200 * SIM_MS); /* of the light one */
    assert_true(seen.tasks[1].alignment > 900 * SIM_MS);
    assert_true(seen.tasks[1].processed_bytes > 400000);
    assert_near((double)net_job_totals(&job, light, 0).records_out, 100, 0.02);
    net_job_finish(&job);
}

/* RIC-6, CRD-7, CHK-5: without exclusive buffers, credit must be asked for anew after a barrier. */
static void test_aligned_checkpoints_without_exclusive_buffers(void **state)
{
    (void)state;
    struct net_job job;
    struct checkpoints_seen seen;
    checkpoint_job_init(&job, INFINITY, 2 * SIM_MS);
    job.spec.config.buffers_per_channel = 0;
    checkpoint_job_run(&job, &seen, 20 * SIM_S);
    assert_int_equal(seen.count, 4);
    assert_near((double)net_job_totals(&job, 1, 0).records_in, 10000, 0.001);
    net_job_finish(&job);
}

/* ---- unaligned ---- */

/* CHK-9, CHK-10: everything in flight is persisted, and nothing waits for it. */
static void test_unaligned_barrier_overtakes_and_persists_what_is_in_flight(void **state)
{
    (void)state;
    struct net_job job;
    struct checkpoints_seen seen;
    checkpoint_job_init(&job, INFINITY, 2 * SIM_MS);
    job.spec.config.is_unaligned = true;
    checkpoint_job_run(&job, &seen, 20 * SIM_S);
    assert_int_equal(seen.count, 4);
    assert_true(seen.tasks[1].start_delay < 10 * SIM_MS);
    assert_in_range(seen.tasks[0].persisted_bytes, 9 * 32768 - 1000, 10 * 32768);
    assert_in_range(seen.tasks[1].persisted_bytes, 9 * 32768, 10 * 32768);
    assert_int_equal(seen.last.persisted_bytes,
                     seen.tasks[0].persisted_bytes + seen.tasks[1].persisted_bytes);
    assert_near((double)net_job_totals(&job, 1, 0).records_in, 10000, 0.001);
    net_job_finish(&job);
}

/* SIM-2: what a task takes to get its checkpoint ready delays its barrier, on every hop, whether
 * the barrier overtakes or not; nothing behind an aligned one is read before it is out. */
static void test_each_hop_of_a_barrier_takes_its_time(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        sim_time delays[2][3];
        for (int j = 0; j < 2; j++) {
            struct net_job job;
            struct checkpoints_seen seen;
            checkpoint_job_init(&job, 100.0, SIM_US);
            job.spec.config.is_unaligned = i == 1;
            job.spec.machine.barrier_delay = j * 3 * SIM_MS;
            net_job_operator(&job, "last", 1, 0, SIM_US, 1.0, 29);
            job.vertices[1].record_size.a = 1000;
            net_job_edge(&job, 1, 2, NET_PARTITION_REBALANCE);
            checkpoint_job_run(&job, &seen, 20 * SIM_S);
            assert_int_equal(seen.count, 4);
            for (int k = 0; k < 3; k++) {
                delays[j][k] = seen.tasks[k].start_delay;
            }
            net_job_finish(&job);
        }
        assert_int_equal(delays[1][0], delays[0][0]);
        assert_in_range(delays[1][1], delays[0][1] + 2900 * SIM_US, delays[0][1] + 3100 * SIM_US);
        assert_in_range(delays[1][2], delays[0][2] + 5900 * SIM_US, delays[0][2] + 6100 * SIM_US);
    }
}

/* LIC, CHK-10: of a local channel the queue is the producer's state. */
static void test_unaligned_over_a_local_channel(void **state)
{
    (void)state;
    struct net_job job;
    struct checkpoints_seen seen;
    checkpoint_job_init(&job, INFINITY, 2 * SIM_MS);
    job.spec.config.is_unaligned = true;
    job.vertices[1].taskmanager = 0;
    checkpoint_job_run(&job, &seen, 20 * SIM_S);
    assert_int_equal(seen.count, 4);
    assert_in_range(seen.tasks[0].persisted_bytes, 8 * 32768, 10 * 32768);
    assert_in_range(seen.tasks[1].persisted_bytes, 0, 32768); /* what it is reading */
    net_job_finish(&job);
}

/* CHK-10: slices of a local channel are the consumer's state while its barrier is outstanding: the
 * producer is blocked within a record when the other one's barrier starts the checkpoint. */
static void test_slices_before_a_late_local_barrier_are_persisted(void **state)
{
    (void)state;
    struct net_job job;
    struct checkpoints_seen seen;
    checkpoint_job_init(&job, 1.0, 500 * SIM_MS);
    job.spec.config.is_unaligned = true;
    job.spec.config.max_overdraft_per_gate = 0;
    job.spec.run.checkpoint_count = 1;
    uint32_t local = net_job_source(&job, "local", 1, 1, INFINITY, 600000); /* 18.3 buffers */
    net_job_edge(&job, local, 1, NET_PARTITION_REBALANCE);
    checkpoint_job_run(&job, &seen, 10 * SIM_S);
    assert_int_equal(seen.count, 1);
    assert_true(seen.tasks[local].start_delay > 4 * SIM_MS);
    assert_true(seen.tasks[1].alignment > 0);
    assert_in_range(seen.tasks[1].persisted_bytes, 5 * 32768, 30 * 32768);
    net_job_finish(&job);
}

/* CHK-12: buffers that are being written are not recycled, so a slow upload stops the flow. */
static void test_persisted_buffers_are_held_until_they_are_written(void **state)
{
    (void)state;
    uint64_t records[2];
    for (int i = 0; i < 2; i++) {
        struct net_job job;
        struct checkpoints_seen seen;
        checkpoint_job_init(&job, INFINITY, 2 * SIM_MS);
        job.spec.config.is_unaligned = true;
        job.spec.machine.state_bytes_per_second = i == 0 ? 1e9 : 5000.0;
        checkpoint_job_run(&job, &seen, 7 * SIM_S);
        records[i] = net_job_totals(&job, 1, 0).records_in;
        net_job_finish(&job);
    }
    assert_near((double)records[0], 3500, 0.001);
    assert_true(records[1] < 2200);
}

/* CHK-10: what is queued behind the barrier as the checkpoint starts is not its state. The sink is
 * in a service of 400 ms when the barrier comes, 100 ms after it began; a record comes every 25 ms.
 */
static void test_data_that_came_behind_the_barrier_is_not_persisted(void **state)
{
    (void)state;
    struct net_job job;
    struct checkpoints_seen seen;
    static const struct net_factor_phase slow[] = {{.length = 2890 * SIM_MS, .factor = 1.0},
                                                   {.length = 17 * SIM_S, .factor = 200.0}};
    checkpoint_job_init(&job, 40.0, 2 * SIM_MS);
    job.services[1][0].phases = slow;
    job.services[1][0].phase_count = 2;
    job.spec.config.is_unaligned = true;
    job.spec.config.buffer_timeout = 0;
    job.spec.run.checkpoint_count = 1;
    checkpoint_job_run(&job, &seen, 6 * SIM_S);
    assert_int_equal(seen.count, 1);
    assert_int_equal(seen.tasks[0].persisted_bytes, 0);
    assert_in_range(seen.tasks[1].start_delay, 295 * SIM_MS, 305 * SIM_MS);
    assert_int_equal(seen.tasks[1].persisted_bytes, 4 * 1000); /* of 2.925, 2.95, 2.975 and 3 s */
    net_job_finish(&job);
}

/* ---- aligned, with a time-out ---- */

static void init_timeout(struct net_job *job, double rate)
{
    checkpoint_job_init(job, rate, 2 * SIM_MS);
    job->spec.config.is_unaligned = true;
    job->spec.config.aligned_timeout = 300 * SIM_MS;
}

static void test_barrier_that_is_not_late_stays_aligned(void **state) /* CHK-6, CHK-8 */
{
    (void)state;
    struct net_job job;
    struct checkpoints_seen seen;
    init_timeout(&job, 100.0);
    checkpoint_job_run(&job, &seen, 20 * SIM_S);
    assert_int_equal(seen.count, 4);
    assert_int_equal(seen.last.persisted_bytes, 0);
    assert_true(seen.longest < 200 * SIM_MS);
    net_job_finish(&job);
}

/* CHK-8: the sender turns its barrier; all in front of it becomes state. */
static void test_late_barrier_overtakes_after_the_timeout(void **state)
{
    (void)state;
    struct net_job job;
    struct checkpoints_seen seen;
    init_timeout(&job, INFINITY);
    checkpoint_job_run(&job, &seen, 20 * SIM_S);
    assert_int_equal(seen.count, 4);
    assert_in_range(seen.tasks[1].start_delay, 300 * SIM_MS, 320 * SIM_MS);
    assert_true(seen.tasks[0].persisted_bytes > 0);
    assert_true(seen.tasks[1].persisted_bytes > 0);
    assert_near((double)net_job_totals(&job, 1, 0).records_in, 10000, 0.001);
    net_job_finish(&job);
}

/* CHK-7, CHK-8: a remote and a local channel; local channels do not announce (CHK-6), their
 * producer's timer turns the barrier. */
static void test_timeout_with_remote_and_local_channels(void **state)
{
    (void)state;
    struct net_job job;
    struct checkpoints_seen seen;
    init_timeout(&job, INFINITY);
    uint32_t local = net_job_source(&job, "local", 1, 1, INFINITY, 1000);
    net_job_edge(&job, local, 1, NET_PARTITION_REBALANCE);
    checkpoint_job_run(&job, &seen, 20 * SIM_S);
    assert_int_equal(seen.count, 4);
    assert_in_range(seen.tasks[1].start_delay, 300 * SIM_MS, 320 * SIM_MS);
    assert_true(seen.tasks[1].alignment < 20 * SIM_MS);
    assert_in_range(seen.tasks[0].persisted_bytes, 4 * 32768, 10 * 32768);
    assert_in_range(seen.tasks[local].persisted_bytes, 4 * 32768, 10 * 32768);
    assert_in_range(seen.tasks[1].persisted_bytes, 7 * 32768, 12 * 32768); /* the remote queue */
    assert_near((double)net_job_totals(&job, 1, 0).records_in, 10000, 0.001);
    net_job_finish(&job);
}

/* CHK-7: a barrier that has reached the receiver's queue is moved to its front by the receiver. */
static void test_receiver_moves_announced_barriers_to_the_front(void **state)
{
    (void)state;
    struct net_job job;
    struct checkpoints_seen seen;
    checkpoint_job_init(&job, 400.0, 2 * SIM_MS); /* all that is queued is at the receiver */
    static const struct net_factor_phase slow[] = {{.length = 2900 * SIM_MS, .factor = 1.0},
                                                   {.length = 17 * SIM_S, .factor = 40.0}};
    job.services[1][0].phases = slow;
    job.services[1][0].phase_count = 2;
    job.spec.config.is_unaligned = true;
    job.spec.config.aligned_timeout = 300 * SIM_MS;
    job.spec.run.checkpoint_count = 1;
    checkpoint_job_run(&job, &seen, 6 * SIM_S);
    assert_int_equal(seen.count, 1);
    assert_int_equal(seen.tasks[0].persisted_bytes, 0);
    assert_true(seen.tasks[1].persisted_bytes > 0);
    assert_in_range(seen.tasks[1].start_delay, 300 * SIM_MS, 480 * SIM_MS);
    net_job_finish(&job);
}

/*
 * CHK-7: a barrier that is processed too late starts the checkpoint at once, not with the next
 * mail. Local channels announce nothing, and the producers, which are in a long service as their
 * timers fire, turn no barrier. So the first barrier that the sink comes to, 106 ms old, is the
 * first that tells it of the checkpoint: all that comes of the other channel from then on is state.
 */
static void test_late_barrier_starts_the_checkpoint_before_the_next_record(void **state)
{
    (void)state;
    struct net_job job;
    struct checkpoints_seen seen;
    static const sim_time once[] = {3120 * SIM_MS};
    net_job_init(&job);
    job.spec.config.memory.segment_size = 4096;
    job.spec.config.buffer_timeout = 0;
    job.spec.config.is_unaligned = true;
    job.spec.config.aligned_timeout = 60 * SIM_MS;
    job.spec.machine.state_bytes_per_second = 1e9;
    job.spec.run.checkpoint_times = once;
    job.spec.run.checkpoint_count = 1;
    uint32_t source = net_job_source(&job, "source", 1, 0, 1 / 0.35, 100);
    uint32_t few = net_job_operator(&job, "few", 1, 0, 300 * SIM_MS, 10.0, 1000);
    uint32_t many = net_job_operator(&job, "many", 1, 0, 300 * SIM_MS, 30.0, 1000);
    uint32_t sink = net_job_operator(&job, "sink", 1, 0, 6 * SIM_MS, 1.0, 29);
    net_job_edge(&job, source, few, NET_PARTITION_REBALANCE);
    net_job_edge(&job, source, many, NET_PARTITION_REBALANCE);
    net_job_edge(&job, few, sink, NET_PARTITION_REBALANCE);
    net_job_edge(&job, many, sink, NET_PARTITION_REBALANCE);
    checkpoint_job_run(&job, &seen, 5 * SIM_S);
    assert_int_equal(seen.count, 1);
    assert_int_equal(seen.tasks[sink].start_delay, 106 * SIM_MS);
    assert_int_equal(seen.tasks[few].persisted_bytes + seen.tasks[many].persisted_bytes, 0);
    /* 19 of the 30 records were still to come. */
    assert_int_equal(seen.tasks[sink].alignment, 19 * 6 * SIM_MS);
    assert_int_equal(seen.tasks[sink].persisted_bytes, 19 * 1000);
    net_job_finish(&job);
}

/* ---- edges that do not support unaligned checkpoints ---- */

static const enum net_partition_kind FORCED[] = {NET_PARTITION_FORWARD, NET_PARTITION_RESCALE,
                                                 NET_PARTITION_BROADCAST};

/* CHK-1: whatever is configured, barriers of pointwise and broadcast edges are aligned, and no
 * time-out makes them overtake. */
static void test_pointwise_and_broadcast_edges_stay_aligned(void **state)
{
    (void)state;
    for (int i = 0; i < 6; i++) {
        struct net_job job;
        struct checkpoints_seen seen;
        checkpoint_job_init(&job, INFINITY, 2 * SIM_MS);
        job.spec.config.is_unaligned = true;
        job.spec.config.aligned_timeout = i < 3 ? 0 : 300 * SIM_MS;
        job.edges[0].partition = FORCED[i % 3];
        checkpoint_job_run(&job, &seen, 20 * SIM_S);
        assert_int_equal(seen.count, 4);
        assert_in_range(seen.tasks[1].start_delay, 1000 * SIM_MS, 1311 * SIM_MS);
        assert_int_equal(seen.last.persisted_bytes, 0);
        net_job_finish(&job);
    }
}

/* CHK-1: one such edge forces all edges of its consumer. */
static void test_one_forced_edge_forces_all_inputs_of_its_vertex(void **state)
{
    (void)state;
    struct net_job job;
    struct checkpoints_seen seen;
    checkpoint_job_init(&job, INFINITY, 2 * SIM_MS);
    job.spec.config.is_unaligned = true;
    uint32_t other = net_job_source(&job, "other", 1, 0, INFINITY, 1000);
    net_job_edge(&job, other, 1, NET_PARTITION_BROADCAST);
    checkpoint_job_run(&job, &seen, 20 * SIM_S);
    assert_true(seen.count > 0);
    assert_true(seen.tasks[0].start_delay < 10 * SIM_MS);
    assert_true(seen.tasks[1].start_delay > 1000 * SIM_MS);
    assert_int_equal(seen.last.persisted_bytes, 0);
    net_job_finish(&job);
}

/* CHK-1: behind a forced edge the checkpoint goes on unaligned, or with its time-out. */
static void test_checkpoint_is_unaligned_again_behind_a_forced_edge(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct net_job job;
        struct checkpoints_seen seen;
        net_job_init(&job);
        job.spec.machine.state_bytes_per_second = 1e9;
        job.spec.run.checkpoint_times = CHECKPOINT_TIMES;
        job.spec.run.checkpoint_count = 1;
        job.spec.config.is_unaligned = true;
        job.spec.config.aligned_timeout = i == 0 ? 0 : 300 * SIM_MS;
        net_job_source(&job, "source", 1, 0, INFINITY, 1000);
        net_job_operator(&job, "map", 1, 1, SIM_MS, 1.0, 1000);
        net_job_operator(&job, "sink", 1, 0, 2 * SIM_MS, 1.0, 29);
        net_job_edge(&job, 0, 1, NET_PARTITION_FORWARD);
        net_job_edge(&job, 1, 2, NET_PARTITION_REBALANCE);
        checkpoint_job_run(&job, &seen, 20 * SIM_S);
        assert_int_equal(seen.count, 1);
        assert_int_equal(seen.tasks[0].persisted_bytes, 0);
        assert_true(seen.tasks[1].start_delay > 1000 * SIM_MS);
        assert_in_range(seen.tasks[1].persisted_bytes, 7 * 32768, 10 * 32768);
        assert_in_range(seen.tasks[2].persisted_bytes, 8 * 32768, 10 * 32768);
        assert_true(seen.tasks[2].start_delay < seen.tasks[1].start_delay + 10 * SIM_MS);
        net_job_finish(&job);
    }
}

/* CHK-8: a forced barrier that leaves is not one that the time-out waits for. */
static void test_output_state_waits_for_timeoutable_barriers_only(void **state)
{
    (void)state;
    struct net_job job;
    struct checkpoints_seen seen;
    init_timeout(&job, INFINITY);
    uint32_t quick = net_job_operator(&job, "quick", 1, 1, 1, 1.0, 29);
    net_job_edge(&job, 0, quick, NET_PARTITION_FORWARD);
    checkpoint_job_run(&job, &seen, 20 * SIM_S);
    assert_int_equal(seen.count, 4);
    assert_true(seen.tasks[quick].start_delay < 300 * SIM_MS);
    assert_true(seen.tasks[0].acknowledged >= 300 * SIM_MS);
    assert_in_range(seen.tasks[0].persisted_bytes, 3 * 32768, 6 * 32768); /* 10 less 0.3 s */
    net_job_finish(&job);
}

/* CHK-7: when the last barrier comes there is nothing left to overtake, however late it is: the
 * task's own barrier leaves timeoutable, which shows by its announcement (CHK-6). */
static void test_late_last_barrier_is_still_an_aligned_one(void **state)
{
    (void)state;
    uint64_t elements[2];
    for (int i = 0; i < 2; i++) {
        struct net_job job;
        struct checkpoints_seen seen;
        net_job_init(&job);
        job.spec.machine.checkpoint_rpc = 4 * SIM_MS;
        job.spec.machine.state_bytes_per_second = 1e9;
        job.spec.run.checkpoint_times = CHECKPOINT_TIMES;
        job.spec.run.checkpoint_count = 4;
        job.spec.config.is_unaligned = true;
        job.spec.config.aligned_timeout = i == 0 ? SIM_MS : 10 * SIM_S;
        job.spec.machine.timer_lateness = 5 * SIM_MS; /* the barriers are faster than the timers */
        net_job_source(&job, "source", 1, 0, 10.0, 1000);
        net_job_operator(&job, "map", 1, 0, SIM_MS, 1.0, 1000);
        net_job_operator(&job, "sink", 1, 1, SIM_MS, 1.0, 29);
        net_job_edge(&job, 0, 1, NET_PARTITION_REBALANCE);
        net_job_edge(&job, 1, 2, NET_PARTITION_REBALANCE);
        checkpoint_job_run(&job, &seen, 20 * SIM_S);
        assert_int_equal(seen.count, 4);
        assert_int_equal(seen.last.persisted_bytes, 0);
        elements[i] = net_job_totals(&job, 2, 0).buffers_in;
        net_job_finish(&job);
    }
    assert_int_equal(elements[0], elements[1]);
}

/* CHK-16: source and sink share a task manager, and a file unless there is one for each. */
static void test_source_acknowledges_with_the_sinks_of_its_file(void **state)
{
    (void)state;
    for (int64_t most = 1; most <= 5; most += 4) {
        struct net_job job;
        struct checkpoints_seen seen;
        checkpoint_job_init(&job, INFINITY, 2 * SIM_MS);
        job.spec.config.is_unaligned = true;
        job.spec.config.aligned_timeout = 500 * SIM_MS;
        job.spec.config.subtasks_per_state_file = most;
        job.vertices[1].taskmanager = 0;
        checkpoint_job_run(&job, &seen, 20 * SIM_S);
        assert_int_equal(seen.count, 4);
        sim_time apart = seen.tasks[1].acknowledged - seen.tasks[0].acknowledged;
        assert_true(most == 1 ? apart != 0 : apart == 0);
        net_job_finish(&job);
    }
}

/* CHK-11, CHK-12: a task is done when its state is written. */
static void test_acknowledgement_waits_for_the_state(void **state)
{
    (void)state;
    struct net_job job;
    struct checkpoints_seen seen;
    checkpoint_job_init(&job, INFINITY, 2 * SIM_MS);
    job.spec.config.is_unaligned = true;
    job.spec.machine.state_bytes_per_second = 1e6;
    job.spec.machine.state_latency = 50 * SIM_MS;
    checkpoint_job_run(&job, &seen, 20 * SIM_S);
    assert_int_equal(seen.count, 4);
    for (uint32_t i = 0; i < 2; i++) {
        double written = 50e6 + (double)seen.tasks[i].persisted_bytes * 1e3;
        assert_near((double)seen.tasks[i].state_writing, written, 1e-6);
        assert_int_equal(seen.tasks[i].acknowledged,
                         seen.tasks[i].start_delay + seen.tasks[i].state_writing + 4 * SIM_MS);
    }
    assert_int_equal(seen.last.duration, seen.tasks[0].acknowledged > seen.tasks[1].acknowledged
                                             ? seen.tasks[0].acknowledged
                                             : seen.tasks[1].acknowledged);
    net_job_finish(&job);
}

/* CHK-10, CHK-12: what a task has received is written, and so free again, before what it has
 * emitted. */
static void test_input_state_is_written_before_output_state(void **state)
{
    (void)state;
    struct net_job job;
    net_job_init(&job);
    job.spec.machine.state_bytes_per_second = 1e5; /* a third of a second a buffer */
    job.spec.run.checkpoint_times = CHECKPOINT_TIMES;
    job.spec.run.checkpoint_count = 1;
    job.spec.config.is_unaligned = true;
    net_job_source(&job, "source", 1, 0, INFINITY, 1000);
    net_job_operator(&job, "map", 1, 1, 1, 1.0, 1000);
    net_job_operator(&job, "sink", 1, 0, 2 * SIM_MS, 1.0, 29);
    net_job_edge(&job, 0, 1, NET_PARTITION_REBALANCE);
    net_job_edge(&job, 1, 2, NET_PARTITION_REBALANCE);
    net_job_start(&job);
    net_job_run(&job, 3 * SIM_S + SIM_MS);
    uint64_t before = net_job_totals(&job, 1, 0).records_out;
    net_job_run(&job, 6 * SIM_S); /* its ten receive buffers take 3.2 s */
    uint64_t after = net_job_totals(&job, 1, 0).records_out;
    assert_in_range(after - before, 0, 33); /* no more than the open buffer */
    net_job_finish(&job);
}

/* ---- debloating ---- */

static void run_debloated(struct net_job *job, enum net_version version, bool has_debloating)
{
    checkpoint_job_init(job, INFINITY, 2 * SIM_MS);
    job->spec.run.checkpoint_count = 0;
    job->spec.run.checkpoint_times = NULL;
    if (version == NET_FLINK_1_20) {
        net_config_init(&job->spec.config, NET_FLINK_1_20);
    }
    job->spec.config.has_debloating = has_debloating;
    job->spec.config.debloat_target = 300 * SIM_MS;
    net_job_warm_up(job, 30 * SIM_S);
    net_job_run(job, 60 * SIM_S);
}

static double mean_latency_ms(const struct net_job *job)
{
    return sim_histogram_mean(net_job_totals(job, 1, 0).latency) / 1e6;
}

/* DBL-1 to DBL-7: what is in flight is consumed within the target; DBL-8: by as many buffers. */
static void test_debloating_brings_the_latency_to_its_target(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct net_job with;
        struct net_job without;
        enum net_version version = i == 0 ? NET_FLINK_1_20 : NET_FLINK_2_2;
        run_debloated(&with, version, true);
        run_debloated(&without, version, false);
        assert_near(mean_latency_ms(&with), 300.0, 0.25);
        assert_true(mean_latency_ms(&without) > 1000.0);
        assert_near(net_job_totals(&with, 1, 0).in_usage_mean, 1.0, 0.02);
        assert_int_equal(net_job_totals(&with, 1, 0).records_in, 15000);
        net_job_finish(&with);
        net_job_finish(&without);
    }
}

/* DBL-2: a gate that has nothing for its task is not measured, also where another input keeps the
 * task busy. */
static void test_throughput_of_an_idle_input_is_of_its_active_time(void **state)
{
    (void)state;
    for (uint32_t inputs = 1; inputs <= 2; inputs++) {
        struct net_job job;
        checkpoint_job_init(&job, 20.0, SIM_MS);
        job.spec.run.checkpoint_count = 0;
        job.spec.run.checkpoint_times = NULL;
        job.spec.config.has_debloating = true;
        if (inputs == 2) {
            uint32_t other = net_job_source(&job, "other", 1, 0, 20.0, 1000);
            net_job_edge(&job, other, 1, NET_PARTITION_REBALANCE);
            job.vertices[1].is_connect = true;
            job.vertices[1].service_count = 2;
        }
        net_job_start(&job);
        net_job_run(&job, 20 * SIM_S);
        const struct net_task *sink = net_world_task(job.world, 1, 0);
        for (uint32_t i = 0; i < inputs; i++) {
            /* Active: 2 ms of each 100; on the wall clock it would be 20 kB/s. */
            assert_true(sink->inputs[i].gates[0].throughput.bytes_per_sec > 300000);
        }
        net_job_finish(&job);
    }
}

/* SUB-14, DBL-9: 2.2 begins with 1 KiB, 1.20 with whole segments. */
static void test_first_buffers_are_small_in_2_2_alone(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct net_job job;
        checkpoint_job_init(&job, 100.0, SIM_MS);
        if (i == 0) {
            net_config_init(&job.spec.config, NET_FLINK_1_20);
        }
        job.spec.run.checkpoint_count = 0;
        job.spec.run.checkpoint_times = NULL;
        job.spec.config.has_debloating = true;
        job.spec.config.buffer_timeout = -1;
        net_job_start(&job);
        net_job_run(&job, 195 * SIM_MS); /* 19 records, before the first recalculation */
        assert_int_equal(net_job_totals(&job, 0, 0).buffers_out, i == 0 ? 0 : 18);
        net_job_finish(&job);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_aligned_barrier_waits_behind_all_queued_data),
        cmocka_unit_test(test_soft_back_pressure_does_not_delay_the_trigger),
        cmocka_unit_test(test_hard_back_pressure_delays_the_barrier),
        cmocka_unit_test(test_barrier_closes_open_buffers),
        cmocka_unit_test(test_alignment_lasts_from_the_first_to_the_last_barrier),
        cmocka_unit_test(test_aligned_checkpoints_without_exclusive_buffers),
        cmocka_unit_test(test_unaligned_barrier_overtakes_and_persists_what_is_in_flight),
        cmocka_unit_test(test_each_hop_of_a_barrier_takes_its_time),
        cmocka_unit_test(test_unaligned_over_a_local_channel),
        cmocka_unit_test(test_slices_before_a_late_local_barrier_are_persisted),
        cmocka_unit_test(test_timeout_with_remote_and_local_channels),
        cmocka_unit_test(test_persisted_buffers_are_held_until_they_are_written),
        cmocka_unit_test(test_barrier_that_is_not_late_stays_aligned),
        cmocka_unit_test(test_late_barrier_overtakes_after_the_timeout),
        cmocka_unit_test(test_receiver_moves_announced_barriers_to_the_front),
        cmocka_unit_test(test_data_that_came_behind_the_barrier_is_not_persisted),
        cmocka_unit_test(test_late_barrier_starts_the_checkpoint_before_the_next_record),
        cmocka_unit_test(test_pointwise_and_broadcast_edges_stay_aligned),
        cmocka_unit_test(test_one_forced_edge_forces_all_inputs_of_its_vertex),
        cmocka_unit_test(test_checkpoint_is_unaligned_again_behind_a_forced_edge),
        cmocka_unit_test(test_output_state_waits_for_timeoutable_barriers_only),
        cmocka_unit_test(test_late_last_barrier_is_still_an_aligned_one),
        cmocka_unit_test(test_source_acknowledges_with_the_sinks_of_its_file),
        cmocka_unit_test(test_acknowledgement_waits_for_the_state),
        cmocka_unit_test(test_input_state_is_written_before_output_state),
        cmocka_unit_test(test_debloating_brings_the_latency_to_its_target),
        cmocka_unit_test(test_throughput_of_an_idle_input_is_of_its_active_time),
        cmocka_unit_test(test_first_buffers_are_small_in_2_2_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
