#include "studies/warnings.h"

#include <inttypes.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "sim/histogram.h"
#include "sim/number.h"
#include "sim/text.h"

#define MOST 64

/* A window should be so many of the longest time constant. */
#define TIME_CONSTANTS 10.0

/* From here on means of a queue converge slowly. */
#define NEARLY_SATURATED 0.95

#define WIDE 0.10

/* Twenty batches that do not depend on each other are above this in about one of a hundred runs. */
#define CORRELATED 0.45

/* What recorded jobs were held against the model (tests/reference/jobs). */
#define VALIDATED_PARALLELISM 4u
#define VALIDATED_LATENCY SIM_MS
#define VALIDATED_RECORD 100000.0

/* The same of Flink's own keys. */
static const struct range {
    const char *name;
    size_t offset; /* of an int64_t in struct net_config */
    int64_t least;
    int64_t most;
} validated[] = {
    {"buffers-per-channel", offsetof(struct net_config, buffers_per_channel), 0, 32},
    {"floating-buffers-per-gate", offsetof(struct net_config, floating_buffers_per_gate), 1, 64},
    {"max-buffers-per-channel", offsetof(struct net_config, max_buffers_per_channel), 4, 10},
    {"max-overdraft-buffers-per-gate", offsetof(struct net_config, max_overdraft_per_gate), 0, 20},
    {"segment-size", offsetof(struct net_config, memory.segment_size), 4096, 32768},
};

struct maker {
    struct study_warnings *warnings;
    const struct study_compare *compare;
    const struct study_config *config;
    uint32_t index;
    struct sim_arena *arena;
};

SIM_PRINTF(4, 5)
static void warn(const struct maker *maker, const char *code, const char *remedy,
                 const char *format, ...)
{
    struct study_warnings *warnings = maker->warnings;
    struct sim_text text = {0};
    va_list args;

    if (warnings->count == MOST) {
        return;
    }
    va_start(args, format);
    sim_text_addv(&text, format, args);
    va_end(args);
    warnings->list[warnings->count++] = (struct study_warning){
        .code = code,
        .text = sim_arena_strdup(maker->arena, sim_text_get(&text)),
        .remedy = sim_arena_strdup(maker->arena, remedy),
    };
    sim_text_finish(&text);
}

static void warn_of_warmup(const struct maker *maker)
{
    const struct study_warmup *warmup = &maker->config->warmup;
    const struct net_run_spec *run = &maker->config->spec->run;
    char beyond[32];

    if (warmup->is_sought && !warmup->is_found) {
        sim_number_format_duration(beyond, sizeof beyond, warmup->beyond);
        warn(maker, "warm-up-beyond-half",
             "Raise run.duration, say run.warmup, or 'study: terminating' when the beginning "
             "counts.",
             "MSER-5 finds no end of the warm-up within the first half of the run (it would cut at "
             "%s): nothing is left out.",
             beyond);
    }
    if (!warmup->is_sought && run->warmup > run->duration / 2) {
        warn(maker, "warm-up-beyond-half", "Raise run.duration, or leave less out.",
             "The warm-up is more than half of the run.");
    }
    if (warmup->has_growth) {
        warn(maker, STUDY_WARNING_NEVER_SETTLES,
             "Lower the rate or raise the capacity; or say 'study: terminating' when the load has "
             "an end.",
             "The load never settles: the sources' lag grows by %.1f records/s, to %.0f records at "
             "the end. Averages say nothing about a job that falls behind.",
             warmup->growth_per_s, warmup->lag);
    }
}

/* A time that something in the job takes to come round. */
struct constant {
    sim_time length;
    const char *what;
};

static void keep_longer(struct constant *longest, sim_time length, const char *what)
{
    if (length > longest->length) {
        *longest = (struct constant){length, what};
    }
}

/* A phase without an end does not come round. */
static sim_time add_phase(sim_time cycle, sim_time length)
{
    sim_time sum = length < SIM_TIME_MAX / 4 ? cycle + length : cycle;

    return sum < SIM_TIME_MAX / 2 ? sum : SIM_TIME_MAX / 2;
}

static sim_time cycle_of_rates(const struct net_source_spec *source)
{
    sim_time cycle = 0;

    for (uint32_t p = 0; source->phase_count > 1 && p < source->phase_count; p++) {
        cycle = add_phase(cycle, source->phases[p].length);
    }
    return cycle;
}

static sim_time cycle_of_service(const struct net_service_spec *service)
{
    sim_time cycle = 0;

    for (uint32_t p = 0; service->phase_count > 1 && p < service->phase_count; p++) {
        cycle = add_phase(cycle, service->phases[p].length);
    }
    return cycle;
}

static struct constant longest_time(const struct maker *maker)
{
    const struct net_spec *spec = maker->config->spec;
    const struct study_outcome *outcome = study_run_outcome(maker->config->first);
    struct constant longest = {0, ""};

    for (uint32_t v = 0; v < spec->vertex_count; v++) {
        const struct net_vertex_spec *vertex = &spec->vertices[v];
        const struct sim_histogram *latency = outcome->vertices[v].latency;

        if (sim_histogram_count(latency) > 0) {
            keep_longer(&longest, sim_histogram_quantile(latency, 0.5), "the median latency");
        }
        if (vertex->is_source) {
            keep_longer(&longest, cycle_of_rates(&vertex->source), "the cycle of a source's rates");
        }
        for (uint32_t s = 0; s < vertex->service_count; s++) {
            keep_longer(&longest, cycle_of_service(&vertex->services[s]),
                        "the cycle of a service's factors");
        }
        keep_longer(&longest, vertex->emit.every, "the period of a timer that emits");
    }
    for (uint32_t p = 0; p < spec->cluster.pause_count; p++) {
        keep_longer(&longest, spec->cluster.pauses[p].window.every, "the time between two pauses");
    }
    keep_longer(&longest, spec->config.checkpoint_interval, "the checkpoint interval");
    return longest;
}

/* Whether it did. */
static bool warn_of_length(const struct maker *maker)
{
    const struct study_outcome *outcome = study_run_outcome(maker->config->first);
    sim_time window = outcome->simulated - outcome->window_from;
    const struct constant longest = longest_time(maker);
    char text[2][32];

    bool is_short = !maker->config->spec->run.is_terminating &&
                    (double)window < TIME_CONSTANTS * (double)longest.length;

    if (is_short) {
        sim_number_format_duration(text[0], sizeof text[0], window);
        sim_number_format_duration(text[1], sizeof text[1], longest.length);
        warn(maker, "too-short", "Raise run.duration to ten times that, beside the warm-up.",
             "The window of %s is short against %s, %s.", text[0], longest.what, text[1]);
    }
    return is_short;
}

static void warn_of_correlation(const struct maker *maker)
{
    const struct study_warmup *warmup = &maker->config->warmup;

    if (warmup->correlation > CORRELATED && !warmup->has_growth) {
        warn(maker, "correlated-batches",
             "Raise run.duration; replications tell how far a mean of such a run may be off.",
             "Each of the %d batches of the run resembles the one before it (correlation %.2f): "
             "the run is short against what it remembers.",
             STUDY_BATCHES, warmup->correlation);
    }
}

/* A vertex that is chained to the one before it is in the same task. */
static bool is_chained(const struct net_spec *spec, uint32_t vertex)
{
    for (uint32_t e = 0; e < spec->edge_count; e++) {
        if (spec->edges[e].to == vertex && spec->edges[e].is_chained) {
            return true;
        }
    }
    return false;
}

/* Tasks of a task manager that are busy at a time, on average. */
static double busy_tasks(const struct study_outcome *outcome, uint32_t taskmanager)
{
    double busy = 0;

    for (uint32_t v = 0; v < outcome->spec->vertex_count; v++) {
        for (uint32_t t = outcome->first[v];
             !is_chained(outcome->spec, v) && t < outcome->first[v + 1]; t++) {
            const struct net_task_totals *task = &outcome->tasks[t];

            if (outcome->taskmanager_of[t] == taskmanager && task->elapsed > 0) {
                busy += (double)task->busy / (double)task->elapsed;
            }
        }
    }
    return busy;
}

/* CHK-14 */
static void warn_of_checkpoints(const struct maker *maker)
{
    const struct study_checkpoints *checkpoints = study_run_checkpoints(maker->config->first);
    sim_time timeout = maker->config->spec->config.checkpoint_timeout;
    char text[2][32];

    if (!study_run_has_checkpoints(maker->config->first) || checkpoints->sums.duration_ms.n == 0 ||
        checkpoints->sums.duration_ms.max <= (double)timeout / 1e6) {
        return;
    }
    sim_number_format_duration(text[0], sizeof text[0],
                               (sim_time)(checkpoints->sums.duration_ms.max * 1e6));
    sim_number_format_duration(text[1], sizeof text[1], timeout);
    warn(maker, "checkpoint-timeout",
         "Raise execution.checkpointing.timeout, or let barriers overtake "
         "(execution.checkpointing.unaligned.enabled).",
         "A checkpoint took %s, longer than execution.checkpointing.timeout, %s: Flink would have "
         "given it up, and by default restarted the job.",
         text[0], text[1]);
}

/* NBP-13 */
static void warn_of_usage(const struct maker *maker)
{
    const struct study_outcome *outcome = study_run_outcome(maker->config->first);

    if (outcome->usage_warning.length > 0) {
        warn(maker, "network-memory",
             "Raise taskmanager.memory.network.min and max, or give gates and partitions fewer "
             "buffers: 'sluice size' counts them.",
             "Task manager %u would log: '%s'.", outcome->usage_taskmanager,
             sim_text_get(&outcome->usage_warning));
    }
}

static void warn_of_cores(const struct maker *maker)
{
    const struct study_outcome *outcome = study_run_outcome(maker->config->first);
    const struct net_cluster_spec *cluster = &outcome->spec->cluster;

    for (uint32_t t = 0; cluster->cores > 0 && t < cluster->taskmanagers; t++) {
        double busy = busy_tasks(outcome, t);

        if (busy > cluster->cores) {
            warn(maker, "too-few-cores",
                 "Give the task managers more cores, or spread the job over more of them.",
                 "In task manager %u %.1f tasks are busy at a time, on average, and it has %g "
                 "core%s: in reality they would wait for each other, which is not simulated.",
                 t, busy, cluster->cores, cluster->cores == 1 ? "" : "s");
            return;
        }
    }
}

static void warn_of_saturation(const struct maker *maker)
{
    const struct study_outcome *outcome = study_run_outcome(maker->config->first);

    for (uint32_t v = 0; !outcome->spec->run.is_terminating && v < outcome->spec->vertex_count;
         v++) {
        const struct study_vertex *vertex = &outcome->vertices[v];

        if (!outcome->spec->vertices[v].is_source && vertex->busy.max > NEARLY_SATURATED) {
            warn(maker, "near-saturation",
                 "Read the latency as that of full buffers; for that of a load, lower the rate.",
                 "A subtask of %s is busy %.1f %% of the time: at such a utilisation queues fill "
                 "whatever buffers there are.",
                 vertex->name, 100 * vertex->busy.max);
            return;
        }
    }
}

static void warn_of_intervals(const struct maker *maker)
{
    const struct study_measures *measures = &maker->config->measures;
    char name[256];

    for (uint32_t m = 0; m < measures->count; m++) {
        struct sim_interval interval =
            study_compare_interval(maker->compare, maker->index, m, SIM_CONFIDENCE);
        double relative = sim_interval_relative(&interval);

        if (!measures->list[m].is_headline || maker->config->warmup.has_growth) {
            continue;
        }
        study_measure_name(&measures->list[m], name, sizeof name);
        if (interval.n < maker->compare->done && measures->list[m].kind == STUDY_MEASURE_END) {
            warn(maker, "end-not-reached", "Raise run.duration.",
                 "%u of %u replications took all of run.duration, before run.until was reached.",
                 (unsigned)(maker->compare->done - interval.n), (unsigned)maker->compare->done);
        } else if (interval.n < maker->compare->done) {
            warn(maker, "few-samples", "Raise run.duration.",
                 "%s: too few records for that percentile in %u of %u replications (it takes ten "
                 "beyond it).",
                 name, (unsigned)(maker->compare->done - interval.n),
                 (unsigned)maker->compare->done);
        } else if (interval.n > 1 && relative > WIDE) {
            warn(maker, "wide-interval", "Use --precision, or a longer run.",
                 "%s: the half-width of the interval is %.0f %% of the mean.", name,
                 100 * relative);
        }
    }
}

/* Keys of Flink outside of the range that was recorded. */
static void add_ranges(struct sim_text *text, const struct net_config *config)
{
    for (size_t i = 0; i < sizeof validated / sizeof validated[0]; i++) {
        int64_t value;

        memcpy(&value, (const char *)config + validated[i].offset, sizeof value);
        if (value < validated[i].least || value > validated[i].most) {
            sim_text_add(text, ", %s %" PRId64 " (%" PRId64 " to %" PRId64 ")", validated[i].name,
                         value, validated[i].least, validated[i].most);
        }
    }
}

static void warn_of_unvalidated(const struct maker *maker)
{
    const struct net_spec *spec = maker->config->spec;
    struct sim_text text = {0};
    uint32_t widest = 0;
    double largest = 0;

    for (uint32_t v = 0; v < spec->vertex_count; v++) {
        largest = fmax(largest, sim_dist_mean(&spec->vertices[v].record_size));
        widest = spec->vertices[v].parallelism > widest ? spec->vertices[v].parallelism : widest;
    }
    if (widest > VALIDATED_PARALLELISM) {
        sim_text_add(&text, ", parallelism %u (up to %u)", widest, VALIDATED_PARALLELISM);
    }
    if (spec->cluster.link.latency > VALIDATED_LATENCY) {
        sim_text_add(&text, ", links slower than one machine's");
    }
    if (isfinite(largest) && largest > VALIDATED_RECORD) {
        sim_text_add(&text, ", records of %.0f bytes (up to %.0f)", largest, VALIDATED_RECORD);
    }
    add_ranges(&text, &spec->config);
    if (spec->config.transport == NET_TRANSPORT_TCP) {
        sim_text_add(&text, ", transport tcp");
    }
    if (text.length > 0) {
        warn(maker, "not-validated",
             "Record a job like it and hold it against the model with 'sluice validate'.",
             "Outside of what was held against recordings of Flink: %s.", sim_text_get(&text) + 2);
    }
    sim_text_finish(&text);
}

void study_warnings_make(struct study_warnings *warnings, const struct study_compare *compare,
                         uint32_t config, struct sim_arena *arena)
{
    struct maker maker = {warnings, compare, &compare->configs[config], config, arena};

    *warnings =
        (struct study_warnings){.list = sim_arena_alloc(arena, MOST, sizeof(struct study_warning))};
    if (study_compare_is_refused(compare, config)) {
        return;
    }
    warn_of_warmup(&maker);
    if (!warn_of_length(&maker)) { /* else it is no wonder */
        warn_of_correlation(&maker);
    }
    if (compare->done > 1 && compare->done < STUDY_LEAST_REPLICATIONS) {
        warn(&maker, "few-replications", "Use --replications 10 or more.",
             "%u replications are few: the intervals are wide, and rest on the numbers being "
             "nearly normal.",
             (unsigned)compare->done);
    }
    warn_of_saturation(&maker);
    warn_of_checkpoints(&maker);
    warn_of_usage(&maker);
    warn_of_cores(&maker);
    warn_of_intervals(&maker);
    warn_of_unvalidated(&maker);
}
