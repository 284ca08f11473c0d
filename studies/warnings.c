#include "studies/warnings.h"

#include <math.h>

#include "sim/histogram.h"
#include "sim/number.h"
#include "sim/text.h"

#define MOST 64

/* A window should be so many of the longest time constant. */
#define TIME_CONSTANTS 10.0

/* From here on means of a queue converge slowly. */
#define NEARLY_SATURATED 0.95

#define WIDE 0.10

/* What recorded jobs were held against the model (tests/reference/jobs). */
#define VALIDATED_PARALLELISM 4u
#define VALIDATED_LATENCY SIM_MS

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
    if (warmup->has_growth) {
        warn(maker, STUDY_WARNING_NEVER_SETTLES,
             "Lower the rate or raise the capacity; or say 'study: terminating' when the load has "
             "an end.",
             "The load never settles: the sources' lag grows by %.1f records/s, to %.0f records at "
             "the end. Averages say nothing about a job that falls behind.",
             warmup->growth_per_s, warmup->lag);
    }
}

/* The longest time that anything in the job takes to come round. */
static sim_time longest_time(const struct maker *maker, const char **what)
{
    const struct net_spec *spec = maker->config->spec;
    const struct study_outcome *outcome = study_run_outcome(maker->config->first);
    sim_time longest = 0;

    for (uint32_t v = 0; v < spec->vertex_count; v++) {
        const struct net_source_spec *source = &spec->vertices[v].source;
        sim_time cycle = 0;
        const struct sim_histogram *latency = outcome->vertices[v].latency;

        if (sim_histogram_count(latency) > 0 && sim_histogram_quantile(latency, 0.5) > longest) {
            longest = sim_histogram_quantile(latency, 0.5);
            *what = "the median latency";
        }
        for (uint32_t p = 0; spec->vertices[v].is_source && source->phase_count > 1 &&
                             p < source->phase_count && cycle < SIM_TIME_MAX / 2;
             p++) {
            cycle += source->phases[p].length < SIM_TIME_MAX / 4 ? source->phases[p].length : 0;
        }
        if (cycle > longest) {
            longest = cycle;
            *what = "the cycle of a source's rates";
        }
    }
    if (spec->config.checkpoint_interval > longest) {
        longest = spec->config.checkpoint_interval;
        *what = "the checkpoint interval";
    }
    return longest;
}

static void warn_of_length(const struct maker *maker)
{
    const struct study_outcome *outcome = study_run_outcome(maker->config->first);
    sim_time window = outcome->simulated - outcome->window_from;
    const char *what = "";
    sim_time longest = longest_time(maker, &what);
    char text[2][32];

    if (!maker->config->spec->run.is_terminating &&
        (double)window < TIME_CONSTANTS * (double)longest) {
        sim_number_format_duration(text[0], sizeof text[0], window);
        sim_number_format_duration(text[1], sizeof text[1], longest);
        warn(maker, "too-short", "Raise run.duration to ten times that, beside the warm-up.",
             "The window of %s is short against %s, %s.", text[0], what, text[1]);
    }
}

static void warn_of_saturation(const struct maker *maker)
{
    const struct study_outcome *outcome = study_run_outcome(maker->config->first);

    for (uint32_t v = 0; v < outcome->spec->vertex_count; v++) {
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
        if (interval.n < maker->compare->done) {
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

static void warn_of_unvalidated(const struct maker *maker)
{
    const struct net_spec *spec = maker->config->spec;
    struct sim_text text = {0};
    uint32_t widest = 0;

    for (uint32_t v = 0; v < spec->vertex_count; v++) {
        widest = spec->vertices[v].parallelism > widest ? spec->vertices[v].parallelism : widest;
    }
    if (widest > VALIDATED_PARALLELISM) {
        sim_text_add(&text, ", parallelism %u (up to %u)", widest, VALIDATED_PARALLELISM);
    }
    if (spec->cluster.link.latency > VALIDATED_LATENCY) {
        sim_text_add(&text, ", links slower than one machine's");
    }
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
    warn_of_length(&maker);
    if (compare->done > 1 && compare->done < STUDY_LEAST_REPLICATIONS) {
        warn(&maker, "few-replications", "Use --replications 10 or more.",
             "%u replications are few: the intervals are wide, and rest on the numbers being "
             "nearly normal.",
             (unsigned)compare->done);
    }
    warn_of_saturation(&maker);
    warn_of_intervals(&maker);
    warn_of_unvalidated(&maker);
}
