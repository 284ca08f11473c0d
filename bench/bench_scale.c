/*
 * What a channel, a queued buffer and an event cost as a job grows.
 *
 * usage: bench_scale run SCENARIO PARALLELISM
 *        bench_scale queue SCENARIO PARALLELISM RECORD_SIZE
 *
 * SCENARIO is bench/scale.yaml: an all-to-all edge whose channels are all remote. `run` builds it,
 * lets it run until every channel has carried something, then measures; it prints one line:
 * parallelism, channels, seconds of the processor to build it, bytes a channel at rest (asked of
 * the allocator, and resident), bytes a channel once it runs, nanoseconds an event, events a
 * record, seconds of the processor for a simulated one, peak memory in MiB.
 *
 * `queue` lets the sinks stand still until nothing moves and prints: parallelism, buffers that hold
 * data, records in them, bytes that this took beyond the state at rest, bytes a buffer.
 *
 * What is asked of the allocator is that of the GNU C library (mallinfo2), its bookkeeping
 * included.
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "models/rank.h"
#include "models/world.h"
#include "scenarios/reader/scenario.h"
#include "sim/number.h"
#include "sim/recorder.h"
#include "sim/sim.h"
#include "sim/text.h"

#define SUBTASKS_A_TASKMANAGER 10
#define SEGMENT_BYTES 32768
#define LEAST_EVENTS 2000000
#define SLICE (10 * SIM_MS)
#define OVERRIDES 8
#define FOR_EVER (1000000 * SIM_S) /* the sources stop with the run */
#define STANDSTILL (60 * SIM_S)    /* by then everything is full */

/* One run of the scenario at one parallelism. */
struct bench {
    struct scn_scenario scenario;
    uint32_t parallelism;
    uint64_t channels;
    struct sim *sim;
    struct net_world *world;
    struct sim_recorder *recorder;
    size_t asked_before;
    size_t asked_at_rest;
    size_t resident_before;
    size_t resident_at_rest;
    double build_seconds;
};

/* Of this process: others that run beside it do not count. */
static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* Bytes that the heap has handed out. */
static size_t asked(void)
{
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

static size_t resident(void)
{
    unsigned long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file != NULL) {
        if (fscanf(file, "%*u %lu", &pages) != 1) {
            pages = 0;
        }
        fclose(file);
    }
    return (size_t)pages * (size_t)sysconf(_SC_PAGESIZE);
}

static double peak_mib(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_maxrss / 1024.0;
}

/* As many task managers as the subtasks need, each with the network memory that ten gates need. */
static bool read_scenario(struct bench *bench, const char *path, const char *const *more,
                          size_t more_count)
{
    char texts[5][96];
    const char *overrides[OVERRIDES];
    uint32_t p = bench->parallelism;
    uint32_t taskmanagers = 2 * ((p + SUBTASKS_A_TASKMANAGER - 1) / SUBTASKS_A_TASKMANAGER);
    unsigned long segments = SUBTASKS_A_TASKMANAGER * (2ul * p + 20);
    unsigned long mib = segments * SEGMENT_BYTES / (1024 * 1024) + 4;

    snprintf(texts[0], sizeof texts[0], "job.vertices.source.parallelism=%u", p);
    snprintf(texts[1], sizeof texts[1], "job.vertices.sink.parallelism=%u", p);
    snprintf(texts[2], sizeof texts[2], "cluster.taskmanagers=%u", taskmanagers);
    snprintf(texts[3], sizeof texts[3], "flink.taskmanager.memory.network.min=%lum", mib);
    snprintf(texts[4], sizeof texts[4], "flink.taskmanager.memory.network.max=%lum", mib);
    size_t count = 0;
    for (; count < 5; count++) {
        overrides[count] = texts[count];
    }
    for (size_t i = 0; i < more_count && count < OVERRIDES; i++) {
        overrides[count++] = more[i];
    }
    const struct scn_options options = {.overrides = overrides, .override_count = count};
    if (scn_scenario_read_file(&bench->scenario, path, &options)) {
        bench->scenario.spec.run.duration = FOR_EVER;
        return true;
    }
    struct sim_text text = {0};
    scn_diagnostics_format(&bench->scenario.diagnostics, true, &text);
    fputs(sim_text_get(&text), stderr);
    sim_text_finish(&text);
    return false;
}

static bool drop_sample(void *arg, sim_time now, uint32_t series, double value)
{
    (void)now, (void)series;
    *(double *)arg += value;
    return true;
}

static bool build(struct bench *bench, double *sink)
{
    struct sim_err err = {0};
    const struct net_spec *spec = &bench->scenario.spec;
    const struct net_world_params params = {.seed = spec->run.seed};
    bench->asked_before = asked();
    bench->resident_before = resident();
    double began = seconds_now();
    bench->sim = sim_create();
    bench->world = net_world_create(bench->sim, spec, &params, &err);
    if (bench->world == NULL) {
        fprintf(stderr, "bench_scale: %s\n", err.text);
        return false;
    }
    bench->recorder =
        sim_recorder_create(bench->sim, spec->run.sample, NET_RANK_SAMPLE, drop_sample, sink);
    net_world_record(bench->world, bench->recorder);
    net_world_start(bench->world);
    sim_recorder_start(bench->recorder);
    bench->build_seconds = seconds_now() - began;
    bench->asked_at_rest = asked();
    bench->resident_at_rest = resident();
    bench->channels = net_world_channel_count(bench->world) / 2;
    return true;
}

static uint64_t records_served(const struct bench *bench)
{
    uint64_t served = 0;
    for (uint32_t i = 0; i < bench->parallelism; i++) {
        struct net_task_totals totals;
        net_world_task_totals(bench->world, 1, i, &totals);
        served += totals.records_in;
    }
    return served;
}

static void run_to(struct bench *bench, sim_time at)
{
    sim_run(bench->sim, at);
}

static double a_channel(const struct bench *bench, size_t from, size_t to)
{
    return to > from ? (double)(to - from) / (double)bench->channels : 0.0;
}

/* Once every channel has carried a record, its rings have the size that they keep. */
static void measure_run(struct bench *bench)
{
    run_to(bench, 3 * (sim_time)bench->parallelism * SIM_MS + 500 * SIM_MS);
    size_t asked_running = asked();
    uint64_t events = sim_events_fired(bench->sim);
    uint64_t records = records_served(bench);
    sim_time from = sim_now(bench->sim);
    double began = seconds_now();
    while (sim_events_fired(bench->sim) - events < LEAST_EVENTS) {
        run_to(bench, sim_now(bench->sim) + SLICE);
    }
    double took = seconds_now() - began;
    double fired = (double)(sim_events_fired(bench->sim) - events);
    double served = (double)(records_served(bench) - records);
    double simulated = (double)(sim_now(bench->sim) - from) * 1e-9;
    printf("%8u %9llu %8.3f %8.1f %8.1f %8.1f %8.1f %8.2f %10.4f %8.1f\n", bench->parallelism,
           (unsigned long long)bench->channels, bench->build_seconds,
           a_channel(bench, bench->asked_before, bench->asked_at_rest),
           a_channel(bench, bench->resident_before, bench->resident_at_rest),
           a_channel(bench, bench->asked_before, asked_running), took / fired * 1e9, fired / served,
           took / simulated, peak_mib());
}

static void measure_queue(struct bench *bench)
{
    run_to(bench, STANDSTILL);
    size_t full = asked();
    uint64_t buffers = 0;
    for (uint32_t i = 0; i < net_world_channel_count(bench->world); i++) {
        struct net_channel_view view;
        net_world_channel(bench->world, i, &view);
        buffers += view.queued;
    }
    double bytes = (double)(full - bench->asked_at_rest);
    printf("%8u %10llu %10llu %12.0f %8.1f\n", bench->parallelism, (unsigned long long)buffers,
           (unsigned long long)net_world_records_in_flight(bench->world), bytes,
           bytes / (double)buffers);
}

static void finish(struct bench *bench)
{
    sim_recorder_destroy(bench->recorder);
    net_world_destroy(bench->world);
    sim_destroy(bench->sim);
    scn_scenario_finish(&bench->scenario);
}

int main(int argc, char **argv)
{
    bool is_run = argc == 4 && strcmp(argv[1], "run") == 0;
    bool is_queue = argc == 5 && strcmp(argv[1], "queue") == 0;
    int64_t parallelism;
    struct bench bench = {0};
    char size[96];
    const char *more[] = {"job.vertices.source.source.rate=100k/s",
                          "job.vertices.sink.process.service.constant=1000s", size};
    double sink = 0;
    if ((!is_run && !is_queue) ||
        !sim_number_parse_int(argv[3], 1, NET_MAX_SUBTASKS / 2, &parallelism, NULL)) {
        fputs("usage: bench_scale run SCENARIO PARALLELISM\n"
              "       bench_scale queue SCENARIO PARALLELISM RECORD_SIZE\n",
              stderr);
        return 2;
    }
    bench.parallelism = (uint32_t)parallelism;
    snprintf(size, sizeof size, "job.vertices.source.source.record-size=%s",
             is_queue ? argv[4] : "");
    bool is_done = read_scenario(&bench, argv[2], more, is_queue ? 3 : 0) && build(&bench, &sink);
    if (is_done && is_run) {
        measure_run(&bench);
    } else if (is_done) {
        measure_queue(&bench);
    }
    finish(&bench);
    return is_done ? 0 : 1;
}
