/*
 * How fast the event loop is on a whole job, and how much memory a run takes.
 *
 * usage: bench_run SCENARIO [PATH=VALUE]...
 *
 * Runs the scenario once, its series sampled and written to /dev/null, and prints one line:
 * simulated seconds, events, wall-clock seconds of the loop, million events per second, records per
 * second of simulated time that were served, peak memory in MiB.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "models/rank.h"
#include "models/world.h"
#include "scenarios/reader/scenario.h"
#include "sim/recorder.h"
#include "sim/sim.h"
#include "sim/text.h"

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static double peak_mib(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_maxrss / 1024.0;
}

static bool write_sample(void *arg, sim_time now, uint32_t series, double value)
{
    return fprintf(arg, "%.3f,%u,%.9g\n", (double)now * 1e-9, series, value) > 0;
}

static uint64_t records_served(const struct net_world *world, const struct net_spec *spec)
{
    uint64_t served = 0;
    for (uint32_t v = 0; v < spec->vertex_count; v++) {
        for (uint32_t i = 0; i < spec->vertices[v].parallelism; i++) {
            struct net_task_totals totals;
            net_world_task_totals(world, v, i, &totals);
            served += totals.records_in;
        }
    }
    return served;
}

static bool run(const struct net_spec *spec)
{
    struct sim_err err = {0};
    struct sim *sim = sim_create();
    const struct net_world_params params = {.seed = spec->run.seed,
                                            .per_record = getenv("PER_RECORD") != NULL};
    struct net_world *world = net_world_create(sim, spec, &params, &err);
    if (world == NULL) {
        fprintf(stderr, "bench_run: %s\n", err.text);
        sim_destroy(sim);
        return false;
    }
    FILE *sink = fopen("/dev/null", "w");
    struct sim_recorder *recorder =
        sim_recorder_create(sim, spec->run.sample, NET_RANK_SAMPLE, write_sample, sink);
    net_world_record(world, recorder);
    net_world_start(world);
    sim_recorder_start(recorder);

    double began = seconds_now();
    sim_run(sim, spec->run.duration);
    double took = seconds_now() - began;

    double simulated = (double)spec->run.duration * 1e-9;
    double events = (double)sim_events_fired(sim);
    printf("%-14.0f %12.0f %10.2f %14.2f %14.0f %12.1f  %016llx\n", simulated, events, took,
           events / took * 1e-6, (double)records_served(world, spec) / simulated, peak_mib(),
           (unsigned long long)sim_trace_hash(sim));
    sim_recorder_destroy(recorder);
    fclose(sink);
    net_world_destroy(world);
    sim_destroy(sim);
    return true;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: bench_run SCENARIO [PATH=VALUE]...\n");
        return 2;
    }
    struct scn_scenario scenario;
    const struct scn_options options = {.overrides = (const char *const *)argv + 2,
                                        .override_count = (size_t)argc - 2};
    bool is_done = false;
    if (scn_scenario_read_file(&scenario, argv[1], &options)) {
        is_done = run(&scenario.spec);
    } else {
        struct sim_text text = {0};
        scn_diagnostics_format(&scenario.diagnostics, true, &text);
        fputs(sim_text_get(&text), stderr);
        sim_text_finish(&text);
    }
    scn_scenario_finish(&scenario);
    return is_done ? 0 : 1;
}
