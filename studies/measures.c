#include "studies/measures.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/histogram.h"

/* Records that must lie beyond a quantile. */
#define BEYOND 10

/* Of the metrics that a shortened name may mean, so many are told. */
#define MOST_SUGGESTED 4

/* Which vertices have a measure. */
enum owner {
    OF_READER, /* has an input */
    OF_ASKED,  /* has an input, and a threshold names it */
    OF_WRITER, /* has an output */
    OF_ALL,
    OF_JOB,
    OF_CHECKPOINTS, /* the job, when it makes checkpoints */
    OF_END,         /* the job, when something may end the run before its time */
};

struct kind {
    const char *metric;
    const char *what;
    enum study_unit unit;
    enum owner owner;
};

/* In the order in which they are shown. */
static const struct kind kinds[] = {
    [STUDY_MEASURE_RECORDS_IN] = {"numRecordsIn.rate", "records in", STUDY_UNIT_RATE, OF_READER},
    [STUDY_MEASURE_RECORDS_OUT] = {"numRecordsOut.rate", "records out", STUDY_UNIT_RATE, OF_WRITER},
    [STUDY_MEASURE_MESSAGES] = {"numBuffersIn.rate", "messages in", STUDY_UNIT_MESSAGES, OF_READER},
    [STUDY_MEASURE_FILL] = {"bytesPerMessage", "bytes a message", STUDY_UNIT_BYTES, OF_READER},
    [STUDY_MEASURE_LATENCY] = {"latencyMs", "latency, mean", STUDY_UNIT_MS, OF_READER},
    [STUDY_MEASURE_LATENCY_P50] = {"latencyMs.p50", "latency p50", STUDY_UNIT_MS, OF_READER},
    [STUDY_MEASURE_LATENCY_P95] = {"latencyMs.p95", "latency p95", STUDY_UNIT_MS, OF_ASKED},
    [STUDY_MEASURE_LATENCY_P99] = {"latencyMs.p99", "latency p99", STUDY_UNIT_MS, OF_READER},
    [STUDY_MEASURE_LATENCY_P999] = {"latencyMs.p999", "latency p99.9", STUDY_UNIT_MS, OF_ASKED},
    [STUDY_MEASURE_BUSY] = {"busy", "busy", STUDY_UNIT_SHARE, OF_ALL},
    [STUDY_MEASURE_BUSY_MAX] = {"busy.max", "busy, busiest subtask", STUDY_UNIT_SHARE, OF_ALL},
    [STUDY_MEASURE_BACK_PRESSURED] = {"backPressured", "back-pressured", STUDY_UNIT_SHARE,
                                      OF_WRITER},
    [STUDY_MEASURE_OUT_USAGE] = {"outPoolUsage", "output pool usage", STUDY_UNIT_SHARE, OF_WRITER},
    [STUDY_MEASURE_IN_USAGE] = {"inPoolUsage", "input pool usage", STUDY_UNIT_SHARE, OF_READER},
    [STUDY_MEASURE_QUOTA] = {"blocked.quota", "blocked by quota", STUDY_UNIT_SHARE, OF_WRITER},
    [STUDY_MEASURE_CHANNEL_LIMIT] = {"blocked.channelLimit", "blocked by channel limit",
                                     STUDY_UNIT_SHARE, OF_WRITER},
    [STUDY_MEASURE_GLOBAL_POOL] = {"blocked.globalPool", "blocked by global pool", STUDY_UNIT_SHARE,
                                   OF_WRITER},
    [STUDY_MEASURE_CREDIT] = {"waited.credit", "channels without credit", STUDY_UNIT_SHARE,
                              OF_WRITER},
    [STUDY_MEASURE_LINK] = {"waited.link", "channels waiting for link", STUDY_UNIT_SHARE,
                            OF_WRITER},
    [STUDY_MEASURE_ALLOTTED] = {"buffers.allotted", "buffers allotted", STUDY_UNIT_BUFFERS, OF_ALL},
    [STUDY_MEASURE_USED] = {"buffers.peak", "buffers used at peak", STUDY_UNIT_BUFFERS, OF_ALL},
    [STUDY_MEASURE_MEMORY] = {"networkMemory", "network memory", STUDY_UNIT_BYTES, OF_JOB},
    [STUDY_MEASURE_ALL_ALLOTTED] = {"buffers.allotted", "buffers allotted", STUDY_UNIT_BUFFERS,
                                    OF_JOB},
    [STUDY_MEASURE_ALL_USED] = {"buffers.peak", "buffers used at peak", STUDY_UNIT_BUFFERS, OF_JOB},
    [STUDY_MEASURE_MEMORY_USED] = {"memory.peak", "memory used at peak", STUDY_UNIT_BYTES, OF_JOB},
    [STUDY_MEASURE_CHECKPOINT] = {"checkpoint.duration", "checkpoint duration", STUDY_UNIT_MS,
                                  OF_CHECKPOINTS},
    [STUDY_MEASURE_END] = {"end", "time to the end", STUDY_UNIT_MS, OF_END},
};

#define KINDS (sizeof kinds / sizeof kinds[0])

bool study_is_sink(const struct net_spec *spec, uint32_t vertex)
{
    for (uint32_t e = 0; e < spec->edge_count; e++) {
        if (spec->edges[e].from == vertex) {
            return false;
        }
    }
    return !spec->vertices[vertex].is_source;
}

/* The metric's name where `name` is one of that vertex; or NULL. */
static const char *metric_in(const char *name, const char *vertex)
{
    size_t length = strlen(vertex);

    return strncmp(name, vertex, length) == 0 && name[length] == '.' ? name + length + 1 : NULL;
}

static bool is_asked(const struct net_spec *spec, uint32_t vertex, const char *metric)
{
    for (uint32_t i = 0; i < spec->threshold_count; i++) {
        const char *rest = metric_in(spec->thresholds[i].metric, spec->vertices[vertex].name);

        if (rest != NULL && strcmp(rest, metric) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_owner(const struct net_spec *spec, uint32_t vertex, const struct kind *kind)
{
    switch (kind->owner) {
    case OF_READER:
        return !spec->vertices[vertex].is_source;
    case OF_ASKED:
        return !spec->vertices[vertex].is_source && is_asked(spec, vertex, kind->metric);
    case OF_WRITER:
        return spec->vertices[vertex].is_source || !study_is_sink(spec, vertex);
    case OF_ALL:
        return true;
    case OF_JOB:
    case OF_CHECKPOINTS:
    case OF_END:
        return false;
    }
    return false;
}

static void add(struct study_measures *measures, struct study_measure *list,
                const struct net_spec *spec, size_t kind, uint32_t vertex)
{
    bool is_of_job = kinds[kind].owner >= OF_JOB;
    bool is_first = kind == STUDY_MEASURE_RECORDS_IN || kind == STUDY_MEASURE_LATENCY_P99;

    list[measures->count++] = (struct study_measure){
        .kind = (enum study_measure_kind)kind,
        .index = vertex,
        .vertex = is_of_job ? NULL : spec->vertices[vertex].name,
        .metric = kinds[kind].metric,
        .what = kinds[kind].what,
        .unit = kinds[kind].unit,
        .is_headline =
            kind == STUDY_MEASURE_END || (!is_of_job && is_first && study_is_sink(spec, vertex)),
    };
}

void study_measures_make(struct study_measures *measures, const struct net_spec *spec,
                         struct sim_arena *arena)
{
    size_t most = (size_t)(spec->vertex_count + 1) * KINDS;
    struct study_measure *list = sim_arena_alloc(arena, most, sizeof *list);
    bool has_checkpoints = spec->config.checkpoint_interval > 0 || spec->run.checkpoint_count > 0;
    bool has_end = spec->run.until_records > 0 || spec->run.until_drained;

    *measures = (struct study_measures){.list = list};
    for (uint32_t v = 0; v < spec->vertex_count; v++) {
        for (size_t k = 0; k < KINDS; k++) {
            if (is_owner(spec, v, &kinds[k])) {
                add(measures, list, spec, k, v);
            }
        }
    }
    for (size_t k = 0; k < KINDS; k++) {
        if (kinds[k].owner == OF_JOB || (kinds[k].owner == OF_CHECKPOINTS && has_checkpoints) ||
            (kinds[k].owner == OF_END && has_end)) {
            add(measures, list, spec, k, 0);
        }
    }
}

uint64_t study_quantile_needs(double q)
{
    return (uint64_t)ceil(BEYOND / (1 - q) - 1e-6);
}

static double quantile(const struct sim_histogram *latency, double q)
{
    if (sim_histogram_count(latency) < study_quantile_needs(q)) {
        return NAN;
    }
    return (double)sim_histogram_quantile(latency, q) / 1e6;
}

/* Times of the subtasks of a vertex, added up. */
struct times {
    double elapsed;
    double messages; /* taken from gates */
    double bytes;    /* in them */
    double quota;
    double channel_limit;
    double global_pool;
    double credit;
    double link;
    double outputs;  /* times elapsed */
    double allotted; /* buffers */
    double used;
};

static struct times add_times(const struct study_outcome *outcome, uint32_t from, uint32_t to)
{
    struct times times = {0};

    for (uint32_t i = from; i < to; i++) {
        const struct net_task_totals *task = &outcome->tasks[i];
        double elapsed = (double)task->elapsed;

        times.elapsed += elapsed;
        times.messages += (double)task->buffers_in;
        times.bytes += (double)task->bytes_in;
        times.outputs += elapsed * task->output_count;
        times.quota += (double)task->blocked_by_quota;
        times.channel_limit += (double)task->blocked_by_channel_limit;
        times.global_pool += (double)task->blocked_by_global_pool;
        times.credit += (double)task->waited_for_credit;
        times.link += (double)task->waited_for_link;
        times.allotted += (double)(task->out_max + task->in_floating_max + task->in_exclusive);
        times.used += (double)(task->out_used_max + task->in_used_max);
    }
    return times;
}

static double share(double part, double of)
{
    return of > 0 ? part / of : 0;
}

static double memory(const struct study_outcome *outcome)
{
    double bytes = 0;

    for (uint32_t t = 0; t < outcome->spec->cluster.taskmanagers; t++) {
        bytes += (double)outcome->taskmanagers[t].segments *
                 (double)outcome->spec->config.memory.segment_size;
    }
    return bytes;
}

static double read_job(enum study_measure_kind kind, const struct study_run *run)
{
    const struct study_outcome *outcome = study_run_outcome(run);
    const struct sim_tally *checkpoints = &study_run_checkpoints(run)->sums.duration_ms;
    const struct times times = add_times(outcome, 0, outcome->first[outcome->spec->vertex_count]);

    switch (kind) {
    case STUDY_MEASURE_MEMORY:
        return memory(outcome);
    case STUDY_MEASURE_ALL_ALLOTTED:
        return times.allotted;
    case STUDY_MEASURE_ALL_USED:
        return times.used;
    case STUDY_MEASURE_MEMORY_USED:
        return times.used * (double)outcome->spec->config.memory.segment_size;
    case STUDY_MEASURE_END:
        return outcome->stop == STUDY_STOP_RECORDS || outcome->stop == STUDY_STOP_DRAINED
                   ? (double)outcome->simulated / 1e6
                   : NAN;
    default: /* STUDY_MEASURE_CHECKPOINT */
        return checkpoints->n > 0 ? checkpoints->mean : NAN;
    }
}

/* The channels that lead out of all subtasks of a vertex. */
static double channels_of(const struct net_spec *spec, uint32_t vertex)
{
    double channels = 0;

    for (uint32_t e = 0; e < spec->edge_count; e++) {
        const struct net_edge_spec *edge = &spec->edges[e];
        double from = spec->vertices[edge->from].parallelism;
        double to = spec->vertices[edge->to].parallelism;
        bool is_pointwise =
            edge->partition == NET_PARTITION_FORWARD || edge->partition == NET_PARTITION_RESCALE;

        if (edge->from == vertex) {
            channels += is_pointwise ? fmax(from, to) : from * to;
        }
    }
    return channels;
}

static double read_totals(enum study_measure_kind kind, const struct study_outcome *outcome,
                          uint32_t vertex)
{
    const struct times times =
        add_times(outcome, outcome->first[vertex], outcome->first[vertex + 1]);
    double channel_time =
        times.elapsed / outcome->vertices[vertex].parallelism * channels_of(outcome->spec, vertex);

    switch (kind) {
    case STUDY_MEASURE_MESSAGES:
        return share(times.messages, times.elapsed / outcome->vertices[vertex].parallelism / 1e9);
    case STUDY_MEASURE_FILL:
        return times.messages > 0 ? times.bytes / times.messages : NAN;
    case STUDY_MEASURE_QUOTA:
        return share(times.quota, times.outputs);
    case STUDY_MEASURE_CHANNEL_LIMIT:
        return share(times.channel_limit, times.outputs);
    case STUDY_MEASURE_GLOBAL_POOL:
        return share(times.global_pool, times.outputs);
    case STUDY_MEASURE_CREDIT:
        return share(times.credit, channel_time);
    case STUDY_MEASURE_LINK:
        return share(times.link, channel_time);
    case STUDY_MEASURE_ALLOTTED:
        return times.allotted;
    default: /* STUDY_MEASURE_USED */
        return times.used;
    }
}

static double read_one(const struct study_measure *measure, const struct study_run *run)
{
    const struct study_outcome *outcome = study_run_outcome(run);
    const struct study_vertex *vertex = &outcome->vertices[measure->index];

    if (measure->vertex == NULL) {
        return read_job(measure->kind, run);
    }
    switch (measure->kind) {
    case STUDY_MEASURE_RECORDS_IN:
        return vertex->records_in_per_s;
    case STUDY_MEASURE_RECORDS_OUT:
        return vertex->records_out_per_s;
    case STUDY_MEASURE_LATENCY:
        return sim_histogram_count(vertex->latency) > 0 ? sim_histogram_mean(vertex->latency) / 1e6
                                                        : NAN;
    case STUDY_MEASURE_LATENCY_P50:
        return quantile(vertex->latency, 0.5);
    case STUDY_MEASURE_LATENCY_P95:
        return quantile(vertex->latency, 0.95);
    case STUDY_MEASURE_LATENCY_P99:
        return quantile(vertex->latency, 0.99);
    case STUDY_MEASURE_LATENCY_P999:
        return quantile(vertex->latency, 0.999);
    case STUDY_MEASURE_BUSY:
        return vertex->busy.mean;
    case STUDY_MEASURE_BUSY_MAX:
        return vertex->busy.max;
    case STUDY_MEASURE_BACK_PRESSURED:
        return vertex->back_pressured.mean;
    case STUDY_MEASURE_OUT_USAGE:
        return vertex->out_usage_mean;
    case STUDY_MEASURE_IN_USAGE:
        return vertex->in_usage_mean;
    default:
        return read_totals(measure->kind, outcome, measure->index);
    }
}

void study_measures_read(const struct study_measures *measures, const struct study_run *run,
                         double *values)
{
    for (uint32_t i = 0; i < measures->count; i++) {
        values[i] = read_one(&measures->list[i], run);
    }
}

int study_measure_name(const struct study_measure *measure, char *buffer, size_t size)
{
    if (measure->vertex == NULL) {
        return snprintf(buffer, size, "%s", measure->metric);
    }
    return snprintf(buffer, size, "%s.%s", measure->vertex, measure->metric);
}

int64_t study_measures_find(const struct study_measures *measures, const char *name)
{
    for (uint32_t i = 0; i < measures->count; i++) {
        const struct study_measure *measure = &measures->list[i];
        const char *rest = name;

        if (measure->vertex != NULL) {
            rest = metric_in(name, measure->vertex);
        }
        if (rest != NULL && strcmp(rest, measure->metric) == 0) {
            return i;
        }
    }
    return -1;
}

/* Whether a measure's metric has `rest` as its last parts, as latencyMs.p99 has p99. */
static bool ends_with(const char *metric, const char *rest)
{
    size_t length = strlen(metric);
    size_t part = strlen(rest);

    return length == part ? strcmp(metric, rest) == 0
                          : length > part && metric[length - part - 1] == '.' &&
                                strcmp(metric + length - part, rest) == 0;
}

/* Append those that a name leaves out the beginning or the middle of, as p99 and sink.p99 do:
 * ", did you mean 'map.latencyMs.p99' or 'sink.latencyMs.p99'". Returns how many. */
static uint32_t suggest_longer(const struct study_measures *measures, const char *name,
                               struct sim_text *text)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < measures->count && count < MOST_SUGGESTED; i++) {
        const struct study_measure *measure = &measures->list[i];
        const char *rest = measure->vertex != NULL ? metric_in(name, measure->vertex) : NULL;

        if (ends_with(measure->metric, rest != NULL ? rest : name)) {
            char whole[256];

            study_measure_name(measure, whole, sizeof whole);
            sim_text_add(text, "%s'%s'", count++ == 0 ? ", did you mean " : " or ", whole);
        }
    }
    return count;
}

/* The same for a name that is misspelt. */
static bool suggest_nearest(const struct study_measures *measures, const char *name,
                            struct sim_text *text)
{
    struct sim_arena *arena = sim_arena_create();
    const char **names = (const char **)sim_arena_alloc(arena, measures->count, sizeof *names);
    int nearest;

    for (uint32_t i = 0; i < measures->count; i++) {
        char whole[256];

        study_measure_name(&measures->list[i], whole, sizeof whole);
        names[i] = sim_arena_strdup(arena, whole);
    }
    nearest = sim_text_nearest(name, names, measures->count);
    if (nearest >= 0) {
        sim_text_add(text, ", did you mean '%s'", names[nearest]);
    }
    sim_arena_destroy(arena);
    return nearest >= 0;
}

void study_measures_suggest(const struct study_measures *measures, const char *name,
                            struct sim_text *text)
{
    char example[256];

    if (suggest_longer(measures, name, text) > 0 || suggest_nearest(measures, name, text)) {
        sim_text_add(text, "?");
        return;
    }
    study_measure_name(&measures->list[measures->count > 1 ? 1 : 0], example, sizeof example);
    sim_text_add(text, "; metrics are VERTEX.NAME, as in %s (docs/comparing.md lists them)",
                 example);
}

const char *study_unit_name(enum study_unit unit)
{
    static const char *const names[] = {"records/s", "share", "ms",
                                        "buffers",   "bytes", "messages/s"};

    return names[unit];
}

const char *study_unit_key(enum study_unit unit)
{
    static const char *const keys[] = {"per_s", "share", "ms", "buffers", "bytes", "per_s"};

    return keys[unit];
}
