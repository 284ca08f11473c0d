/* A whole world: start (SIZ-1), flushers (FLU), metrics (MET), reproducibility. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "models/rank.h"
#include "models/world_internal.h"
#include "tests/support/assert_near.h"
#include "tests/support/net_job.h"

/* ---- starting ---- */

static void test_job_without_enough_buffers_fails_with_flinks_text(void **state) /* SIZ-1, NBP-6 */
{
    (void)state;
    struct net_job job;
    net_job_init(&job);
    job.spec.config.memory.network_min = 32 * 32768;
    job.spec.config.memory.network_max = 32 * 32768;
    uint32_t source = net_job_source(&job, "source", 4, 0, INFINITY, 1000);
    uint32_t map = net_job_operator(&job, "map", 4, 1, SIM_MS, 1.0, 1000);
    uint32_t sink = net_job_operator(&job, "sink", 4, 0, SIM_MS, 1.0, 29);
    net_job_edge(&job, source, map, NET_PARTITION_REBALANCE);
    net_job_edge(&job, map, sink, NET_PARTITION_REBALANCE);
    struct sim *sim = sim_create();
    struct net_world_params params = {.seed = 1};
    struct sim_err err = {0};
    assert_null(net_world_create(sim, &job.spec, &params, &err));
    assert_int_equal(err.code, SIM_ERR_ANSWER);
    const char *start = "Insufficient number of network buffers: required ";
    assert_memory_equal(err.text, start, strlen(start));
    assert_non_null(strstr(err.text, "currently set to 32 of 32768 bytes each"));
    sim_destroy(sim);
}

/* TRAP-7: every pool holds a segment from the start; exclusive buffers are taken for good. */
static void test_idle_job_holds_one_segment_a_pool_and_its_exclusive_ones(void **state)
{
    (void)state;
    struct net_job job;
    net_job_init(&job);
    uint32_t source = net_job_source(&job, "source", 2, 0, 0.0, 1000);
    uint32_t sink = net_job_operator(&job, "sink", 2, 1, SIM_MS, 1.0, 29);
    net_job_edge(&job, source, sink, NET_PARTITION_REBALANCE);
    net_job_start(&job);
    net_job_run(&job, SIM_S);
    struct net_taskmanager_totals totals;
    net_world_taskmanager_totals(job.world, 0, &totals);
    assert_int_equal(totals.segments, 4096);
    assert_int_equal(totals.used_now, 2);
    assert_int_equal(totals.required, 2 * 3);
    net_world_taskmanager_totals(job.world, 1, &totals);
    assert_int_equal(totals.used_now, 2 + 2 * 2 * 2);
    net_job_finish(&job);
}

/* ---- totals ---- */

static void assert_same_totals(const struct net_task_totals *a, const struct net_task_totals *b)
{
    assert_int_equal(a->elapsed, b->elapsed);
    assert_int_equal(a->busy, b->busy);
    assert_int_equal(a->soft, b->soft);
    assert_int_equal(a->records_in, b->records_in);
    assert_int_equal(a->records_out, b->records_out);
    assert_int_equal(a->bytes_out, b->bytes_out);
    assert_int_equal(a->out_used_max, b->out_used_max);
    assert_int_equal(a->in_used_max, b->in_used_max);
    assert_true(a->out_used_mean == b->out_used_mean && a->in_used_mean == b->in_used_mean);
    assert_true((a->latency == NULL) == (b->latency == NULL));
    if (a->latency != NULL) {
        assert_int_equal(sim_histogram_count(a->latency), sim_histogram_count(b->latency));
        assert_true(sim_histogram_mean(a->latency) == sim_histogram_mean(b->latency));
        assert_int_equal(sim_histogram_min(a->latency), sim_histogram_min(b->latency));
        assert_int_equal(sim_histogram_quantile(a->latency, 0.9),
                         sim_histogram_quantile(b->latency, 0.9));
    }
}

/* A load that falls after 2 s: the peaks and the latencies of the first seconds are others. */
static void start_falling(struct net_job *job, struct net_rate_phase phases[2])
{
    net_job_init(job);
    uint32_t source = net_job_source(job, "source", 2, 0, 50.0, 10000);
    uint32_t sink = net_job_operator(job, "sink", 2, 1, 20 * SIM_MS, 1.0, 29);
    net_job_edge(job, source, sink, NET_PARTITION_REBALANCE);
    phases[0] = (struct net_rate_phase){2 * SIM_S, 80.0};
    phases[1] = (struct net_rate_phase){SIM_TIME_MAX / 2, 40.0};
    job->vertices[source].source.phases = phases;
    job->vertices[source].source.phase_count = 2;
    net_job_start(job);
}

static void test_cut_gives_the_totals_of_a_mark_at_its_time(void **state)
{
    (void)state;
    struct net_rate_phase phases[2];
    for (uint32_t first = 0; first < 4; first++) {
        struct net_job whole;
        struct net_job cut;
        start_falling(&whole, phases);
        net_job_run(&whole, (first + 1) * SIM_S);
        net_world_mark(whole.world);
        net_job_run(&whole, 9 * SIM_S);
        start_falling(&cut, phases);
        for (uint32_t m = 0; m < 4; m++) {
            net_job_run(&cut, (m + 1) * SIM_S);
            net_world_mark(cut.world);
        }
        net_job_run(&cut, 9 * SIM_S);
        net_world_cut(cut.world, first);
        for (uint32_t v = 0; v < 2; v++) {
            for (uint32_t s = 0; s < 2; s++) {
                struct net_task_totals totals[2] = {net_job_totals(&whole, v, s),
                                                    net_job_totals(&cut, v, s)};
                assert_same_totals(&totals[0], &totals[1]);
            }
        }
        net_job_finish(&whole);
        net_job_finish(&cut);
    }
}

/* ---- the end ---- */

/* Two sources of 100 records each, and a map between them and two sinks. */
static uint32_t make_ending(struct net_job *job)
{
    net_job_init(job);
    uint32_t source = net_job_source(job, "source", 2, 0, INFINITY, 1000);
    uint32_t map = net_job_operator(job, "map", 2, 1, SIM_MS, 2.0, 1000);
    uint32_t sink = net_job_operator(job, "sink", 2, 0, 3 * SIM_MS, 1.0, 29);
    net_job_edge(job, source, map, NET_PARTITION_REBALANCE);
    net_job_edge(job, map, sink, NET_PARTITION_REBALANCE);
    job->vertices[source].source.records = 100;
    return sink;
}

static uint64_t records_in(const struct net_job *job, uint32_t vertex)
{
    return net_job_totals(job, vertex, 0).records_in + net_job_totals(job, vertex, 1).records_in;
}

static void test_run_stops_at_the_very_record(void **state)
{
    (void)state;
    for (uint64_t records = 1; records <= 250; records += 83) {
        struct net_job job;
        uint32_t sink = make_ending(&job);
        job.spec.run.until_records = records;
        net_job_start(&job);
        net_job_run(&job, 100 * SIM_S);
        assert_int_equal(net_world_stopped_for(job.world), NET_STOP_RECORDS);
        assert_int_equal(records_in(&job, sink), records);
        assert_true(sim_now(job.sim) < 2 * SIM_S);
        net_job_finish(&job);
    }
}

/* The last of 200 records of 3 ms each is served; a moment before it is not. */
static void test_run_stops_when_the_last_record_is_served(void **state)
{
    (void)state;
    struct net_job job;
    uint32_t sink = make_ending(&job);
    job.spec.run.until_drained = true;
    net_job_start(&job);
    net_job_run(&job, 100 * SIM_S);
    sim_time end = sim_now(job.sim);
    assert_int_equal(net_world_stopped_for(job.world), NET_STOP_DRAINED);
    assert_int_equal(records_in(&job, sink), 400);
    assert_int_equal(net_world_records_in_flight(job.world), 0);
    assert_in_range(end, 600 * SIM_MS, 800 * SIM_MS);
    net_job_finish(&job);

    make_ending(&job);
    job.spec.run.until_drained = true;
    net_job_start(&job);
    net_job_run(&job, end - 1);
    assert_int_equal(net_world_stopped_for(job.world), NET_STOP_NONE);
    assert_int_equal(sim_now(job.sim), end - 1);
    net_job_finish(&job);
}

/* ---- flushers ---- */

/* Buffers that the sink takes in 10 s from a source of 50 records/s. */
static uint64_t buffers_taken(sim_time buffer_timeout)
{
    struct net_job job;
    net_job_init(&job);
    job.spec.config.buffer_timeout = buffer_timeout;
    uint32_t source = net_job_source(&job, "source", 1, 0, 50.0, 1000);
    uint32_t sink = net_job_operator(&job, "sink", 1, 1, SIM_MS, 1.0, 29);
    net_job_edge(&job, source, sink, NET_PARTITION_REBALANCE);
    net_job_warm_up(&job, 10009 * SIM_MS);
    net_job_run(&job, 20009 * SIM_MS);
    uint64_t buffers = net_job_totals(&job, sink, 0).buffers_in;
    net_job_finish(&job);
    return buffers;
}

static void test_flusher_sends_one_buffer_an_interval(void **state) /* FLU-1, FLU-3 */
{
    (void)state;
    assert_in_range(buffers_taken(100 * SIM_MS), 100, 100 + 16); /* and what fills up between */
}

static void test_timeout_zero_sends_every_record(void **state) /* FLU-4 */
{
    (void)state;
    assert_in_range(buffers_taken(0), 500, 500 + 16);
}

static void test_without_timeout_only_full_buffers_move(void **state) /* FLU-5 */
{
    (void)state;
    assert_in_range(buffers_taken(-1), 500 * 1000 / 32768, 500 * 1000 / 32768 + 1);
}

/* ---- metrics ---- */

/* The last value of each series of a run, and the number of its samples. */
struct capture {
    struct sim_recorder *recorder;
    double last[256];
    uint32_t samples[256];
};

static bool keep(void *arg, sim_time now, uint32_t series, double value)
{
    (void)now;
    struct capture *capture = arg;
    capture->last[series] = value;
    capture->samples[series]++;
    return true;
}

static void record(struct net_job *job, struct capture *capture)
{
    memset(capture, 0, sizeof *capture);
    capture->recorder =
        sim_recorder_create(job->sim, job->spec.run.sample, NET_RANK_SAMPLE, keep, capture);
    net_world_record(job->world, capture->recorder);
    assert_in_range(sim_recorder_count(capture->recorder), 1, 256);
    sim_recorder_start(capture->recorder);
}

static uint32_t find(const struct capture *capture, const char *group, uint32_t member,
                     const char *metric)
{
    for (uint32_t i = 0; i < sim_recorder_count(capture->recorder); i++) {
        const struct sim_series *series = sim_recorder_series(capture->recorder, i);
        if (strcmp(series->group, group) == 0 && series->member == member &&
            strcmp(series->metric, metric) == 0) {
            return i;
        }
    }
    print_error("no series %s/%u %s\n", group, member, metric);
    fail();
    return 0;
}

static double last(const struct capture *capture, const char *group, const char *metric)
{
    return capture->last[find(capture, group, 0, metric)];
}

/* A source behind a sink that is stuck in its first record: GT-10's numbers as metrics. */
static void test_metrics_of_a_stuck_job(void **state) /* MET-1 to MET-7, MET-9, MET-11 */
{
    (void)state;
    struct net_job job;
    net_job_init(&job);
    job.spec.config.buffer_timeout = -1;
    uint32_t source = net_job_source(&job, "source", 1, 0, INFINITY, 1000);
    uint32_t sink = net_job_operator(&job, "sink", 1, 1, 100000 * SIM_S, 1.0, 29);
    net_job_edge(&job, source, sink, NET_PARTITION_REBALANCE);
    struct capture capture;
    net_job_start(&job);
    record(&job, &capture);
    net_job_run(&job, 70 * SIM_S);
    assert_near(last(&capture, "sink", "inPoolUsage"), 1.0, 0);
    assert_near(last(&capture, "sink", "inputFloatingBuffersUsage"), 1.0, 0);
    assert_near(last(&capture, "sink", "inputExclusiveBuffersUsage"), 1.0, 0);
    assert_near(last(&capture, "sink", "inputQueueLength"), 9, 0); /* one is being read */
    assert_near(last(&capture, "sink", "numBuffersInRemote"), 1, 0);
    assert_near(last(&capture, "sink", "numRecordsIn"), 1, 0);
    assert_near(last(&capture, "sink", "inPool.size"), 8, 0);
    assert_near(last(&capture, "sink", "inPool.requested"), 8, 0);
    assert_near(last(&capture, "sink", "busy.exact"), 1000, 0);
    assert_near(last(&capture, "source", "outPoolUsage"), 1.0, 0);
    assert_near(last(&capture, "source", "outputQueueLength"), 10, 0); /* the open one counts */
    assert_near(last(&capture, "source", "numBuffersOut"), 19, 0);     /* finished ones */
    assert_near(last(&capture, "source", "numBytesOut"), 19 * 32768.0, 0);
    assert_near(last(&capture, "source", "outPool.used"), 10, 0);
    assert_near(last(&capture, "source", "softBackPressured.exact"), 1000, 0);
    assert_near(last(&capture, "source", "softBackPressuredTimeMsPerSecond"), 1000, 0);
    assert_near(last(&capture, "source", "backPressuredTimeMsPerSecond"), 1000, 0);
    assert_near(last(&capture, "sink", "busyTimeMsPerSecond"), 1000, 0);
    assert_near(last(&capture, "tm0", "UsedMemorySegments"), 10, 0);
    assert_near(last(&capture, "tm1", "AvailableMemorySegments"), 4096 - 10, 0);
    assert_near(last(&capture, "tm1", "TotalMemorySegments"), 4096, 0);
    sim_recorder_destroy(capture.recorder);
    net_job_finish(&job);
}

/* MET-6, MET-12, MET-13 of the same job, remote and local. */
static void test_metrics_of_queued_bytes_and_of_long_stretches(void **state)
{
    (void)state;
    for (uint32_t taskmanager = 0; taskmanager <= 1; taskmanager++) {
        struct net_job job;
        net_job_init(&job);
        job.spec.config.buffer_timeout = -1;
        uint32_t source = net_job_source(&job, "source", 1, 0, INFINITY, 1000);
        uint32_t sink = net_job_operator(&job, "sink", 1, taskmanager, 100000 * SIM_S, 1.0, 29);
        net_job_edge(&job, source, sink, NET_PARTITION_REBALANCE);
        struct capture capture;
        net_job_start(&job);
        record(&job, &capture);
        net_job_run(&job, 70 * SIM_S);
        bool is_remote = taskmanager == 1;
        assert_near(last(&capture, "sink", "inputQueueSize"), is_remote ? 9 * 32768.0 : 0, 0);
        double queued = last(&capture, "source", "outputQueueSize");
        double full = (is_remote ? 9 : 8) * 32768.0; /* a local reader holds one of the ten */
        assert_true(queued > full && queued < full + 32768.0);
        assert_near(last(&capture, "sink", is_remote ? "numBytesInRemote" : "numBytesInLocal"),
                    is_remote ? 32768.0 : 1000.0,
                    0); /* LIC-9: the first poll takes what is there */
        assert_near(last(&capture, "source", "isBackPressured"), 1, 0);
        assert_near(last(&capture, "source", "maxSoftBackPressureTimeMs"), 70000, 0.001);
        assert_near(last(&capture, "source", "maxHardBackPressureTimeMs"), 0, 0);
        assert_near(last(&capture, "source", "accumulateBackPressuredTimeMs"), 70000, 0.001);
        assert_true(last(&capture, "source", "accumulateBusyTimeMs") < 70);
        assert_near(last(&capture, "sink", "accumulateBusyTimeMs"), 70000, 0.001);
        sim_recorder_destroy(capture.recorder);
        net_job_finish(&job);
    }
}

/* 20 s of a source of 100 records/s, whose sink could take ten times as many. */
static void run_calm(struct net_job *job, struct capture *capture)
{
    net_job_init(job);
    uint32_t source = net_job_source(job, "source", 1, 0, 100.0, 1000);
    uint32_t sink = net_job_operator(job, "sink", 1, 1, SIM_MS, 1.0, 29);
    net_job_edge(job, source, sink, NET_PARTITION_REBALANCE);
    net_job_start(job);
    record(job, capture);
    net_job_run(job, 20 * SIM_S);
}

/* MET-13: unavailable is not the same as suspended, and an available pool is not back-pressured. */
static void test_calm_task_is_not_back_pressured(void **state)
{
    (void)state;
    struct net_job job;
    struct capture capture;
    run_calm(&job, &capture);
    assert_near(last(&capture, "source", "isBackPressured"), 0, 0);
    assert_near(last(&capture, "source", "accumulateIdleTimeMs"), 20000, 0.01);
    assert_near(last(&capture, "source", "maxSoftBackPressureTimeMs"), 0, 0);
    sim_recorder_destroy(capture.recorder);
    net_job_finish(&job);
}

static void test_series_are_sampled_as_the_recordings_do(void **state)
{
    (void)state;
    struct net_job job;
    struct capture capture;
    run_calm(&job, &capture);
    assert_int_equal(capture.samples[find(&capture, "sink", 0, "inPoolUsage")], 41);
    assert_int_equal(capture.samples[find(&capture, "sink", 0, "busy.exact")], 40);
    assert_int_equal(capture.samples[find(&capture, "sink", 0, "idleTimeMsPerSecond")], 5);
    assert_int_equal(capture.samples[find(&capture, "sink", 0, "latencyMs.p99")], 20);
    assert_int_equal(capture.samples[find(&capture, "sink", 0, "numBuffersInLocal")], 0);
    sim_recorder_destroy(capture.recorder);
    net_job_finish(&job);
}

/* MET-14 */
static void test_debloated_size_and_time_are_recorded(void **state)
{
    (void)state;
    struct net_job job;
    net_job_init(&job);
    job.spec.config.has_debloating = true;
    uint32_t source = net_job_source(&job, "source", 1, 0, 100.0, 1000);
    uint32_t sink = net_job_operator(&job, "sink", 1, 1, SIM_MS, 1.0, 29);
    net_job_edge(&job, source, sink, NET_PARTITION_REBALANCE);
    struct capture capture;
    net_job_start(&job);
    record(&job, &capture);
    net_job_run(&job, 150 * SIM_MS);
    assert_near(last(&capture, "sink", "debloatedBufferSize"), 1024, 0); /* before the first look */
    net_job_run(&job, 20 * SIM_S);
    assert_near(last(&capture, "sink", "debloatedBufferSize"), 32768, 0);
    /* DBL-4: one buffer of 32 KiB at 1000 B in the 1 ms in which the task is active (DBL-2). */
    assert_near(last(&capture, "sink", "estimatedTimeToConsumeBuffersMs"), 32, 0.1);
    sim_recorder_destroy(capture.recorder);
    net_job_finish(&job);
}

/* ---- connections ---- */

/* NET-1, NET-2: one a pair of task managers and direction, of however many edges; 1.20 may have
 * more. */
static void test_edges_share_one_connection_a_direction(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        struct net_job job;
        net_job_init(&job);
        job.spec.config.tcp_connections = i == 1 ? 2 : 1;
        uint32_t there = i == 2 ? 0 : 1;
        for (uint32_t j = 0; j < 2; j++) {
            net_job_source(&job, j == 0 ? "a" : "b", 2, 0, 100.0, 1000);
            net_job_operator(&job, j == 0 ? "c" : "d", 2, there, SIM_MS, 1.0, 29);
            net_job_edge(&job, 2 * j, 2 * j + 1, NET_PARTITION_REBALANCE);
        }
        net_job_operator(&job, "e", 1, 0, SIM_MS, 1.0, 29);
        net_job_edge(&job, 1, 4, NET_PARTITION_REBALANCE);
        net_job_start(&job);
        static const uint32_t connections[] = {2, 3, 0};
        assert_int_equal(job.world->connection_count, connections[i]);
        net_job_finish(&job);
    }
}

/* ---- broadcast, reproducibility ---- */

static void test_broadcast_reaches_every_subtask_from_one_segment(void **state) /* WR-8 */
{
    (void)state;
    struct net_job job;
    net_job_init(&job);
    uint32_t source = net_job_source(&job, "source", 1, 0, 100.0, 1000);
    uint32_t sink = net_job_operator(&job, "sink", 4, 1, SIM_MS, 1.0, 29);
    net_job_edge(&job, source, sink, NET_PARTITION_BROADCAST);
    net_job_warm_up(&job, 1005 * SIM_MS);
    net_job_run(&job, 21005 * SIM_MS);
    for (uint32_t i = 0; i < 4; i++) {
        assert_near((double)net_job_totals(&job, sink, i).records_in, 2000, 0.01);
    }
    struct net_task_totals totals = net_job_totals(&job, source, 0);
    assert_int_equal(totals.buffers_out % 4, 0);
    assert_in_range(totals.out_used_max, 1, 2);
    net_job_finish(&job);
}

static uint64_t hash_of_run(uint64_t seed, uint64_t replication)
{
    struct net_job job;
    net_job_init(&job);
    net_machine_init(&job.spec.machine);
    uint32_t source = net_job_source(&job, "source", 2, 0, 200.0, 1000);
    uint32_t sink = net_job_operator(&job, "sink", 2, 1, 4 * SIM_MS, 1.0, 29);
    job.vertices[source].source.is_poisson = true;
    net_job_edge(&job, source, sink, NET_PARTITION_REBALANCE);
    job.sim = sim_create();
    struct net_world_params params = {.seed = seed, .replication = replication};
    job.world = net_world_create(job.sim, &job.spec, &params, NULL);
    assert_non_null(job.world);
    net_world_start(job.world);
    net_job_run(&job, 5 * SIM_S);
    uint64_t hash = sim_trace_hash(job.sim);
    net_job_finish(&job);
    return hash;
}

static void test_run_is_a_function_of_seed_and_replication(void **state)
{
    (void)state;
    assert_int_equal(hash_of_run(1, 0), hash_of_run(1, 0));
    assert_true(hash_of_run(1, 0) != hash_of_run(2, 0));
    assert_true(hash_of_run(1, 0) != hash_of_run(1, 1));
}

/* The hash sees segments come and go even where there is no message: a job of local channels. */
static void test_hash_covers_buffers(void **state)
{
    (void)state;
    uint64_t hashes[2];
    for (uint32_t i = 0; i < 2; i++) {
        struct net_job job;
        net_job_init(&job);
        job.spec.config.buffer_timeout = -1;
        uint32_t source = net_job_source(&job, "source", 1, 0, 100.0, 1000 + i);
        uint32_t sink = net_job_operator(&job, "sink", 1, 0, SIM_MS, 1.0, 29);
        net_job_edge(&job, source, sink, NET_PARTITION_REBALANCE);
        net_job_start(&job);
        net_job_run(&job, 2 * SIM_S); /* 6 buffers, filled at other times */
        hashes[i] = sim_trace_hash(job.sim);
        net_job_finish(&job);
    }
    assert_true(hashes[0] != hashes[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_job_without_enough_buffers_fails_with_flinks_text),
        cmocka_unit_test(test_idle_job_holds_one_segment_a_pool_and_its_exclusive_ones),
        cmocka_unit_test(test_run_stops_at_the_very_record),
        cmocka_unit_test(test_run_stops_when_the_last_record_is_served),
        cmocka_unit_test(test_cut_gives_the_totals_of_a_mark_at_its_time),
        cmocka_unit_test(test_flusher_sends_one_buffer_an_interval),
        cmocka_unit_test(test_timeout_zero_sends_every_record),
        cmocka_unit_test(test_without_timeout_only_full_buffers_move),
        cmocka_unit_test(test_metrics_of_a_stuck_job),
        cmocka_unit_test(test_metrics_of_queued_bytes_and_of_long_stretches),
        cmocka_unit_test(test_calm_task_is_not_back_pressured),
        cmocka_unit_test(test_series_are_sampled_as_the_recordings_do),
        cmocka_unit_test(test_debloated_size_and_time_are_recorded),
        cmocka_unit_test(test_edges_share_one_connection_a_direction),
        cmocka_unit_test(test_broadcast_reaches_every_subtask_from_one_segment),
        cmocka_unit_test(test_hash_covers_buffers),
        cmocka_unit_test(test_run_is_a_function_of_seed_and_replication),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
