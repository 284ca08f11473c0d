/*
 * Spans: what a task does between two points of interaction is done at once, and nobody can tell.
 *
 * Most tests run a job twice, with spans and with an event a record, and look at both at the same
 * times. The whole of it is held against each other by tests/cli/spans.py; here each rule has a job
 * in which little else happens, and numbers that are known.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "models/rank.h"
#include "models/world_internal.h"
#include "tests/support/net_job.h"

/* Audits look into every task after every event; here it is the model that has to. */
static void start_without_audits(struct net_job *job)
{
    net_job_start(job);
    sim_set_audit(job->sim, NULL, NULL);
}

/* ---- the same job twice ---- */

struct twins {
    struct net_job spans;
    struct net_job plain;
};

static void start_twins(struct twins *twins, void (*build)(struct net_job *job))
{
    build(&twins->spans);
    build(&twins->plain);
    twins->plain.per_record = true;
    start_without_audits(&twins->spans);
    start_without_audits(&twins->plain);
}

static void assert_same_task(const struct twins *twins, uint32_t vertex, uint32_t subtask)
{
    struct net_task_totals spans = net_job_totals(&twins->spans, vertex, subtask);
    struct net_task_totals plain = net_job_totals(&twins->plain, vertex, subtask);
    assert_int_equal(spans.records_in, plain.records_in);
    assert_int_equal(spans.records_out, plain.records_out);
    assert_int_equal(spans.bytes_in, plain.bytes_in);
    assert_int_equal(spans.bytes_out, plain.bytes_out);
    assert_int_equal(spans.buffers_out, plain.buffers_out);
    assert_int_equal(spans.busy, plain.busy);
    assert_int_equal(spans.idle, plain.idle);
    assert_int_equal(spans.soft, plain.soft);
    assert_int_equal(spans.hard, plain.hard);
    if (spans.latency != NULL) {
        assert_int_equal(sim_histogram_count(spans.latency), sim_histogram_count(plain.latency));
        assert_true(sim_histogram_mean(spans.latency) == sim_histogram_mean(plain.latency));
    }
    const struct net_task *task = net_world_task(twins->spans.world, vertex, subtask);
    const struct net_task *other = net_world_task(twins->plain.world, vertex, subtask);
    for (uint32_t i = 0; i < task->output_count; i++) {
        assert_int_equal(net_partition_queue_bytes(&task->outputs[i].partition),
                         net_partition_queue_bytes(&other->outputs[i].partition));
    }
}

static void assert_same(const struct twins *twins)
{
    const struct net_spec *spec = &twins->spans.spec;
    for (uint32_t v = 0; v < spec->vertex_count; v++) {
        for (uint32_t s = 0; s < spec->vertices[v].parallelism; s++) {
            assert_same_task(twins, v, s);
        }
    }
    assert_int_equal(net_world_records_in_flight(twins->spans.world),
                     net_world_records_in_flight(twins->plain.world));
    assert_true(sim_trace_hash(twins->spans.sim) == sim_trace_hash(twins->plain.sim));
}

/* Look at both at `looks` times up to `until`, evenly spread. */
static void run_twins(struct twins *twins, sim_time until, uint32_t looks)
{
    sim_time begin = sim_now(twins->spans.sim);
    for (uint32_t i = 1; i <= looks; i++) {
        sim_time at = begin + (until - begin) / looks * i;
        net_job_run(&twins->spans, at);
        net_job_run(&twins->plain, at);
        assert_same(twins);
    }
}

/* Events of the job with an event a record, for one of that with spans. */
static uint64_t saving(const struct twins *twins)
{
    return sim_events_fired(twins->plain.sim) / sim_events_fired(twins->spans.sim);
}

static void finish_twins(struct twins *twins)
{
    net_job_finish(&twins->spans);
    net_job_finish(&twins->plain);
}

/* ---- jobs ---- */

#define RECORD 100u /* bytes; 327.68 of them in a segment */

/* A source that emits a record at 0, 1, 2, ... ms, to a sink on the other task manager. */
static void build_ticking(struct net_job *job)
{
    net_job_init(job);
    job->spec.machine.record_cpu = SIM_MS;
    job->spec.config.buffer_timeout = -1;
    uint32_t source = net_job_source(job, "source", 1, 0, INFINITY, RECORD);
    uint32_t sink = net_job_operator(job, "sink", 1, 1, SIM_MS, 1.0, 29);
    net_job_edge(job, source, sink, NET_PARTITION_FORWARD);
}

/* An operator of 1 ms that always has records, from 1 s on, and a sink. */
static void build_saturated(struct net_job *job)
{
    net_job_init(job);
    job->spec.machine.record_cpu = SIM_US;
    job->spec.config.buffer_timeout = -1;
    uint32_t source = net_job_source(job, "source", 1, 0, INFINITY, RECORD);
    uint32_t map = net_job_operator(job, "map", 1, 1, SIM_MS, 1.0, RECORD);
    uint32_t sink = net_job_operator(job, "sink", 1, 0, 10 * SIM_US, 1.0, 29);
    net_job_edge(job, source, map, NET_PARTITION_FORWARD);
    net_job_edge(job, map, sink, NET_PARTITION_FORWARD);
}

#define MAP 1

static struct net_task *map_of(const struct net_job *job)
{
    return net_world_task(job->world, MAP, 0);
}

/* In the middle of a service of the map, and of a span; the map's records up to then. */
static uint64_t run_into_service(struct net_job *job)
{
    start_without_audits(job);
    net_job_run(job, SIM_S);
    struct net_task *map = map_of(job);
    net_task_catch_up(map);
    assert_in_range(map->span.count - map->span.done, 10, NET_SPAN_STEPS);
    net_job_run(job, map->span.ends[map->span.done + 5] + 500 * SIM_US);
    return net_job_totals(job, MAP, 0).records_in;
}

/* ---- who looks ---- */

/* FLU-1: the flush at 10.5 ms sends the records that were emitted at 0 to 10 ms, the next one those
 * that came since. */
static void test_flush_sends_what_is_written_so_far(void **state)
{
    (void)state;
    struct net_job job;
    build_ticking(&job);
    job.spec.config.buffer_timeout = SIM_S;
    start_without_audits(&job);
    const struct net_task *source = net_world_task(job.world, 0, 0);
    for (uint32_t ms = 10; ms <= 30; ms += 20) {
        sim_time at = ms * SIM_MS + 500 * SIM_US;
        sim_event_schedule(job.sim, source->outputs[0].flusher, at);
        net_job_run(&job, at + 400 * SIM_US);
        assert_int_equal(net_job_totals(&job, 1, 0).bytes_in, (ms + 1) * RECORD);
    }
    assert_true(source->span.done < source->span.count); /* and nothing was cut for it */
    net_job_finish(&job);
}

/* SIM-11: a timer comes before a task at the same instant, so before the record of 10 ms. */
static void test_flush_at_the_time_of_a_record_comes_before_it(void **state)
{
    (void)state;
    struct net_job job;
    build_ticking(&job);
    job.spec.config.buffer_timeout = SIM_S;
    start_without_audits(&job);
    sim_event_schedule(job.sim, net_world_task(job.world, 0, 0)->outputs[0].flusher, 10 * SIM_MS);
    net_job_run(&job, 10900 * SIM_US);
    assert_int_equal(net_job_totals(&job, 1, 0).bytes_in, 10 * RECORD);
    net_job_finish(&job);
}

/* BB-6: what is written between a flush and the poll goes along. */
static void test_poll_takes_what_was_written_since_the_flush(void **state)
{
    (void)state;
    struct net_job job;
    build_ticking(&job);
    job.spec.config.buffer_timeout = SIM_S;
    job.spec.machine.handover = 3 * SIM_MS;
    start_without_audits(&job);
    sim_event_schedule(job.sim, net_world_task(job.world, 0, 0)->outputs[0].flusher,
                       10500 * SIM_US);
    net_job_run(&job, 13900 * SIM_US);
    assert_int_equal(net_job_totals(&job, 1, 0).bytes_in, 14 * RECORD);
    net_job_finish(&job);
}

/* A record of every whole millisecond, that of the horizon included, however often one looks. */
static void test_totals_count_what_is_over(void **state)
{
    (void)state;
    struct net_job job;
    build_ticking(&job);
    start_without_audits(&job);
    for (sim_time at = 0; at < 200 * SIM_MS; at += 130 * SIM_US) {
        net_job_run(&job, at);
        uint64_t records = (uint64_t)(at / SIM_MS) + 1;
        assert_int_equal(net_job_totals(&job, 0, 0).records_out, records);
        assert_int_equal(net_world_records_in_flight(job.world), records);
        const struct net_task *source = net_world_task(job.world, 0, 0);
        assert_int_equal(net_partition_queue_bytes(&source->outputs[0].partition),
                         records * RECORD);
    }
    net_job_finish(&job);
}

/* The same through the recorder, whose samples are events. */
struct samples {
    uint32_t series;
    uint32_t count;
    double values[64];
};

static bool keep(void *arg, sim_time now, uint32_t series, double value)
{
    struct samples *samples = arg;
    (void)now;
    if (series == samples->series && samples->count < 64) {
        samples->values[samples->count++] = value;
    }
    return true;
}

static void test_samples_count_what_is_over(void **state)
{
    (void)state;
    struct net_job job;
    build_ticking(&job);
    job.spec.run.sample = 2500 * SIM_US;
    start_without_audits(&job);
    struct samples samples = {.series = UINT32_MAX};
    struct sim_recorder *recorder =
        sim_recorder_create(job.sim, job.spec.run.sample, NET_RANK_SAMPLE, keep, &samples);
    net_world_record(job.world, recorder);
    for (uint32_t i = 0; i < sim_recorder_count(recorder); i++) {
        const struct sim_series *series = sim_recorder_series(recorder, i);
        if (strcmp(series->metric, "numRecordsOut") == 0 && strcmp(series->group, "source") == 0) {
            samples.series = i;
        }
    }
    sim_recorder_start(recorder);
    net_job_run(&job, 26 * SIM_MS);
    assert_int_equal(samples.count, 11);
    for (uint32_t i = 0; i < samples.count; i++) {
        assert_true(samples.values[i] == floor(2.5 * i) + 1);
    }
    sim_recorder_destroy(recorder);
    net_job_finish(&job);
}

/* ---- what is attended to ---- */

/* TSK-1, TSK-7: a timer in mid-service waits for its end, and no longer. */
static void test_burst_of_a_timer_comes_after_the_record_in_service(void **state)
{
    (void)state;
    struct net_job job;
    build_saturated(&job);
    job.vertices[MAP].emit = (struct net_emit_spec){.every = 3600 * SIM_S, .records = 7};
    uint64_t before = run_into_service(&job);
    uint64_t out = net_job_totals(&job, MAP, 0).records_out;
    sim_time now = sim_now(job.sim);
    sim_event_schedule(job.sim, map_of(&job)->timer, now + 100 * SIM_US);
    net_job_run(&job, now + 499 * SIM_US);
    assert_int_equal(net_job_totals(&job, MAP, 0).records_out, out);
    net_job_run(&job, now + 500 * SIM_US);
    assert_int_equal(net_job_totals(&job, MAP, 0).records_out, out + 1 + 7);
    assert_int_equal(net_job_totals(&job, MAP, 0).records_in, before + 1);
    net_job_finish(&job);
}

/* DBL-1 */
static void test_debloating_comes_after_the_record_in_service(void **state)
{
    (void)state;
    struct net_job job;
    build_saturated(&job);
    job.spec.config.has_debloating = true;
    job.spec.config.debloat_period = 10 * SIM_S;
    job.spec.config.memory.starting_segment_size = 32768;
    (void)run_into_service(&job);
    sim_time now = sim_now(job.sim);
    sim_event timer = map_of(&job)->debloat_timer;
    sim_event_schedule(job.sim, timer, now + 100 * SIM_US);
    net_job_run(&job, now + SIM_MS);
    assert_int_equal(sim_event_time(job.sim, timer), now + 500 * SIM_US + 10 * SIM_S);
    net_job_finish(&job);
}

static void note_delay(void *arg, const struct net_checkpoint *checkpoint)
{
    *(sim_time *)arg = checkpoint->tasks[0].start_delay;
}

/* CHK-3: the source takes its checkpoint between two records. */
static void test_checkpoint_is_triggered_after_the_record_in_service(void **state)
{
    (void)state;
    static const sim_time TIMES[] = {40300 * SIM_US};
    struct net_job job;
    sim_time delay = -1;
    build_ticking(&job);
    job.spec.run.checkpoint_times = TIMES;
    job.spec.run.checkpoint_count = 1;
    job.spec.machine.state_bytes_per_second = 1e9;
    start_without_audits(&job);
    net_world_on_checkpoint(job.world, note_delay, &delay);
    net_job_run(&job, SIM_S);
    assert_int_equal(delay, 700 * SIM_US);
    net_job_finish(&job);
}

static void test_pause_delays_the_record_in_service(void **state)
{
    (void)state;
    struct net_job job;
    build_saturated(&job);
    uint64_t records = run_into_service(&job);
    sim_time now = sim_now(job.sim);
    net_task_pause(map_of(&job), now + 50 * SIM_MS);
    net_job_run(&job, now + 50499 * SIM_US);
    assert_int_equal(net_job_totals(&job, MAP, 0).records_in, records);
    net_job_run(&job, now + 50500 * SIM_US);
    assert_int_equal(net_job_totals(&job, MAP, 0).records_in, records + 1);
    net_job_run(&job, now + 53500 * SIM_US);
    assert_int_equal(net_job_totals(&job, MAP, 0).records_in, records + 4);
    net_job_finish(&job);
}

/* TSK-9: a first input that always has records, and one that has a record now and then. Only
 * records of the second one give any. */
static void build_two_inputs(struct net_job *job)
{
    net_job_init(job);
    job->spec.config.buffer_timeout = 7 * SIM_MS;
    job->spec.machine.record_cpu = SIM_US;
    uint32_t many = net_job_source(job, "many", 1, 0, INFINITY, RECORD);
    uint32_t few = net_job_source(job, "few", 1, 0, 10.0, RECORD);
    uint32_t join = net_job_operator(job, "join", 1, 1, SIM_MS, 0.0, RECORD);
    uint32_t sink = net_job_operator(job, "sink", 1, 0, SIM_US, 1.0, 29);
    job->vertices[join].is_connect = true;
    job->vertices[join].service_count = 2;
    job->services[join][1].selectivity = 1.0;
    job->services[join][1].time.a = 300.0 * SIM_US;
    net_job_edge(job, many, join, NET_PARTITION_FORWARD);
    net_job_edge(job, few, join, NET_PARTITION_FORWARD);
    net_job_edge(job, join, sink, NET_PARTITION_FORWARD);
}

static void test_other_input_is_served_after_the_record_in_service(void **state)
{
    (void)state;
    struct net_job job;
    build_two_inputs(&job);
    start_without_audits(&job);
    const struct net_task *join = net_world_task(job.world, 2, 0);
    sim_time now = SIM_S;
    net_job_run(&job, now);
    while (join->inputs[1].ready_count == 0) {
        net_job_run(&job, now += 10 * SIM_US);
    }
    uint64_t records = net_job_totals(&job, 2, 0).records_in;
    sim_time end = sim_event_time(job.sim, join->step);
    assert_in_range(end - now, 10 * SIM_US, SIM_MS); /* in mid-service */
    net_job_run(&job, end - 1);
    assert_int_equal(net_job_totals(&job, 2, 0).records_in, records);
    net_job_run(&job, end);
    assert_int_equal(net_job_totals(&job, 2, 0).records_in, records + 1);
    assert_ptr_equal(join->served, &join->inputs[1]);
    net_job_run(&job, end + 300 * SIM_US);
    assert_int_equal(net_job_totals(&job, 2, 0).records_out, 10);
    net_job_finish(&job);
}

static void test_two_inputs_with_spans_are_served_as_without(void **state)
{
    (void)state;
    struct twins twins;
    start_twins(&twins, build_two_inputs);
    run_twins(&twins, 3 * SIM_S, 1000);
    finish_twins(&twins);
}

/* Both have records all the time: the look ahead takes turns too. */
static void build_full_inputs(struct net_job *job)
{
    build_two_inputs(job);
    job->phases[1].per_second = INFINITY;
    job->services[2][0].selectivity = 0.4;
}

static void test_inputs_that_are_full_take_turns_in_a_span(void **state)
{
    (void)state;
    struct twins twins;
    start_twins(&twins, build_full_inputs);
    run_twins(&twins, 3 * SIM_S, 700);
    finish_twins(&twins);
}

/* ---- the same and cheaper ---- */

static void test_saturated_job_takes_a_tenth_of_the_events(void **state)
{
    (void)state;
    struct twins twins;
    start_twins(&twins, build_saturated);
    run_twins(&twins, 10 * SIM_S, 1);
    assert_in_range(net_job_totals(&twins.spans, MAP, 0).records_in, 9999, 10001);
    assert_in_range(saving(&twins), 10, 1000);
    finish_twins(&twins);
}

/* Records that are alike, dealt out in turn; `bytes` of each. */
static uint32_t even_bytes;

static void build_even(struct net_job *job)
{
    net_job_init(job);
    job->spec.machine.record_cpu = SIM_US;
    job->spec.machine.timer_lateness = 30 * SIM_US;
    job->spec.config.buffer_timeout = 33 * SIM_MS;
    uint32_t source = net_job_source(job, "source", 2, 0, INFINITY, even_bytes);
    uint32_t map = net_job_operator(job, "map", 2, 1, 300 * SIM_US, 1.0, even_bytes);
    uint32_t sink = net_job_operator(job, "sink", 3, 0, 150 * SIM_US, 1.0, 29);
    net_job_edge(job, source, map, NET_PARTITION_RESCALE);
    net_job_edge(job, map, sink, NET_PARTITION_REBALANCE);
}

/* Sizes that leave something of a segment, that fill it to the last byte, and that exceed it. */
static void test_records_that_are_alike_fill_buffers_as_one_by_one(void **state)
{
    (void)state;
    static const uint32_t BYTES[] = {100, 127, 512, 1024, 4096, 16384, 32768, 40000};
    for (size_t i = 0; i < sizeof BYTES / sizeof BYTES[0]; i++) {
        struct twins twins;
        even_bytes = BYTES[i];
        start_twins(&twins, build_even);
        run_twins(&twins, SIM_S, 171);
        finish_twins(&twins);
    }
}

/* Variates for everything: sizes, services, keys, gaps, and a selectivity that is not whole. */
static void build_random(struct net_job *job)
{
    static const struct sim_dist SIZE = {.kind = SIM_DIST_EXPONENTIAL, .a = 150.0};
    static const struct sim_dist TIME = {.kind = SIM_DIST_EXPONENTIAL, .a = 200.0 * SIM_US};
    static const double WEIGHTS[] = {1.0, 3.0, 0.5};
    net_job_init(job);
    job->spec.machine.record_cpu = SIM_US;
    job->spec.config.buffer_timeout = 10 * SIM_MS;
    uint32_t source = net_job_source(job, "source", 2, 0, 4000.0, RECORD);
    uint32_t map = net_job_operator(job, "map", 2, 1, 0, 1.7, RECORD);
    uint32_t sink = net_job_operator(job, "sink", 3, 0, 100 * SIM_US, 1.0, 29);
    job->vertices[source].record_size = SIZE;
    job->vertices[source].source.is_poisson = true;
    job->vertices[source].source.catches_up = true;
    job->vertices[source].source.keys = (struct net_keys_spec){.count = 50, .zipf = 1.0};
    job->vertices[map].record_size = SIZE;
    job->services[map][0].time = TIME;
    net_job_edge(job, source, map, NET_PARTITION_HASH);
    net_job_edge(job, map, sink, NET_PARTITION_WEIGHTS);
    job->edges[1].weights = WEIGHTS;
    job->edges[1].weight_count = 3;
}

static void test_random_job_is_the_same_wherever_it_is_looked_at(void **state)
{
    (void)state;
    struct twins twins;
    start_twins(&twins, build_random);
    run_twins(&twins, 2 * SIM_S, 777);
    assert_in_range(sim_events_fired(twins.spans.sim) * 4, 1,
                    sim_events_fired(twins.plain.sim) * 3);
    finish_twins(&twins);
}

/* A source that is chained to two operators; its rate has phases. */
static void build_chain(struct net_job *job)
{
    static const struct net_rate_phase PHASES[] = {{30 * SIM_MS, 900.0}, {50 * SIM_MS, INFINITY}};
    net_job_init(job);
    job->spec.machine.record_cpu = SIM_US;
    job->spec.config.buffer_timeout = 50 * SIM_MS;
    uint32_t source = net_job_source(job, "source", 2, 0, INFINITY, RECORD);
    uint32_t first = net_job_operator(job, "first", 2, 0, 200 * SIM_US, 0.5, RECORD);
    uint32_t second = net_job_operator(job, "second", 2, 0, 100 * SIM_US, 3.0, RECORD);
    uint32_t sink = net_job_operator(job, "sink", 3, 1, 50 * SIM_US, 1.0, 29);
    job->vertices[source].source.phases = PHASES;
    job->vertices[source].source.phase_count = 2;
    net_job_edge(job, source, first, NET_PARTITION_FORWARD);
    net_job_edge(job, first, second, NET_PARTITION_FORWARD);
    net_job_edge(job, second, sink, NET_PARTITION_REBALANCE);
    job->edges[0].is_chained = true;
    job->edges[1].is_chained = true;
}

static void test_chain_is_the_same_wherever_it_is_looked_at(void **state)
{
    (void)state;
    struct twins twins;
    start_twins(&twins, build_chain);
    run_twins(&twins, 2 * SIM_S, 777);
    assert_in_range(saving(&twins), 2, 1000);
    finish_twins(&twins);
}

/* Services may be as long as a variate can be: no sum of several ever matters. */
static void check_endless_service(double selectivity)
{
    struct net_job job;
    build_ticking(&job);
    job.services[1][0].time.a = 0x1p61;
    job.services[1][0].selectivity = selectivity;
    start_without_audits(&job);
    net_job_run(&job, SIM_S);
    const struct net_task *sink = net_world_task(job.world, 1, 0);
    assert_int_equal(net_job_totals(&job, 1, 0).records_in, 1);
    assert_true(sink->inputs[0].has_current);
    assert_int_equal(sink->span.count, 0);
    net_job_finish(&job);
}

static void test_what_will_never_be_is_not_foreseen(void **state)
{
    (void)state;
    check_endless_service(1.0);
    check_endless_service(0.5);
    struct net_job job;
    build_ticking(&job);
    job.spec.machine.record_cpu = (sim_time)1 << 61;
    start_without_audits(&job);
    net_job_run(&job, SIM_S);
    assert_int_equal(net_job_totals(&job, 0, 0).records_out, 1);
    assert_int_equal(net_world_task(job.world, 0, 0)->span.count, 0);
    net_job_finish(&job);
}

/* ---- what is looked at ahead stays as it is ---- */

static void assert_router_stays(const struct net_edge_spec *edge)
{
    enum { CHANNELS = 4 };
    struct sim_arena *arena = sim_arena_create();
    struct net_router router;
    struct net_router alone;
    struct net_router clone;
    net_router_init(&router, edge, CHANNELS, 2, arena);
    net_router_init(&alone, edge, CHANNELS, 2, arena);
    net_router_clone(&clone, &router, arena);
    for (uint32_t round = 0; round < 50; round++) {
        uint32_t ahead[20];
        net_router_follow(&clone, &router);
        for (uint32_t i = 0; i < 20; i++) {
            ahead[i] = net_router_next(&clone, 3);
        }
        for (uint32_t i = 0; i < round % 20; i++) {
            uint32_t target = net_router_next(&router, 3);
            assert_int_equal(target, ahead[i]);
            assert_int_equal(target, net_router_next(&alone, 3));
        }
    }
    sim_arena_destroy(arena);
}

static void test_foresight_leaves_a_router_where_it_is(void **state)
{
    (void)state;
    static const double WEIGHTS[] = {1.0, 0.3, 2.0, 0.9};
    const struct net_edge_spec edges[] = {
        {.partition = NET_PARTITION_REBALANCE},
        {.partition = NET_PARTITION_RESCALE},
        {.partition = NET_PARTITION_HASH},
        {.partition = NET_PARTITION_WEIGHTS, .weights = WEIGHTS, .weight_count = 4},
    };
    for (size_t i = 0; i < sizeof edges / sizeof edges[0]; i++) {
        assert_router_stays(&edges[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_flush_sends_what_is_written_so_far),
        cmocka_unit_test(test_flush_at_the_time_of_a_record_comes_before_it),
        cmocka_unit_test(test_poll_takes_what_was_written_since_the_flush),
        cmocka_unit_test(test_totals_count_what_is_over),
        cmocka_unit_test(test_samples_count_what_is_over),
        cmocka_unit_test(test_burst_of_a_timer_comes_after_the_record_in_service),
        cmocka_unit_test(test_debloating_comes_after_the_record_in_service),
        cmocka_unit_test(test_checkpoint_is_triggered_after_the_record_in_service),
        cmocka_unit_test(test_pause_delays_the_record_in_service),
        cmocka_unit_test(test_other_input_is_served_after_the_record_in_service),
        cmocka_unit_test(test_two_inputs_with_spans_are_served_as_without),
        cmocka_unit_test(test_inputs_that_are_full_take_turns_in_a_span),
        cmocka_unit_test(test_saturated_job_takes_a_tenth_of_the_events),
        cmocka_unit_test(test_records_that_are_alike_fill_buffers_as_one_by_one),
        cmocka_unit_test(test_random_job_is_the_same_wherever_it_is_looked_at),
        cmocka_unit_test(test_chain_is_the_same_wherever_it_is_looked_at),
        cmocka_unit_test(test_what_will_never_be_is_not_foreseen),
        cmocka_unit_test(test_foresight_leaves_a_router_where_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
