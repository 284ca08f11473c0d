#include "studies/calibrate_estimate.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOWHERE UINT32_MAX
#define MS 1000.0
#define LEAST_FREE_SAMPLES 3 /* to tell a rate from */
#define HELD_BACK 10.0       /* ms per second of back pressure that show in a rate */
#define POISSON 0.5          /* dispersion of counts from which arrivals count as random */

double study_roundest(double value, double uncertainty)
{
    for (int digits = 0; digits < 15; digits++) {
        char text[64];
        double rounded;

        snprintf(text, sizeof text, "%.*e", digits, value);
        rounded = strtod(text, NULL);
        if (fabs(rounded - value) <= uncertainty) {
            return rounded;
        }
    }
    return value;
}

static const struct study_recorded_series *series_of(const struct study_estimate *estimate,
                                                     const struct study_estimate_vertex *vertex,
                                                     uint32_t subtask, const char *metric)
{
    const struct study_recorded_series *series =
        study_recording_series(estimate->recording, vertex->name, subtask, metric);

    return series != NULL && series->count > 0 ? series : NULL;
}

/* The first sample of the window; the number of samples when there is none. */
static uint32_t first_in(const struct study_recorded_series *series,
                         const struct study_window *window)
{
    uint32_t i = 0;

    while (i < series->count && series->seconds[i] < window->from) {
        i++;
    }
    return i;
}

/* Growth of a counter in the window; *seconds in which it grew. */
static double growth(const struct study_recorded_series *series, const struct study_window *window,
                     double *seconds)
{
    uint32_t first;

    *seconds = 0;
    if (series == NULL) {
        return 0;
    }
    first = first_in(series, window);
    if (first + 1 >= series->count) {
        return 0;
    }
    *seconds = series->seconds[series->count - 1] - series->seconds[first];
    return series->values[series->count - 1] - series->values[first];
}

/* A gauge of ms per second since the sample before: ms in the window. */
static double total_ms(const struct study_recorded_series *series,
                       const struct study_window *window)
{
    double sum = 0;

    if (series == NULL) {
        return 0;
    }
    for (uint32_t i = first_in(series, window) + 1; i < series->count; i++) {
        sum += series->values[i] * (series->seconds[i] - series->seconds[i - 1]);
    }
    return sum;
}

static double mean_of(const struct study_recorded_series *series, const struct study_window *window,
                      double otherwise)
{
    double sum = 0;
    uint32_t count = 0;

    for (uint32_t i = series != NULL ? first_in(series, window) : 0;
         series != NULL && i < series->count; i++) {
        sum += series->values[i];
        count++;
    }
    return count > 0 ? sum / count : otherwise;
}

static double largest_of(const struct study_recorded_series *series, double otherwise)
{
    for (uint32_t i = 0; series != NULL && i < series->count; i++) {
        otherwise = i == 0 ? series->values[i] : fmax(otherwise, series->values[i]);
    }
    return otherwise;
}

static double last_of(const struct study_recorded_series *series)
{
    return series != NULL ? series->values[series->count - 1] : 0;
}

/* The value of the sample taken at the same time, or 0. Gauges of the time since the sample before
 * begin one sample after counters. */
static double value_at(const struct study_recorded_series *series, double seconds)
{
    uint32_t low = 0;
    uint32_t high = series != NULL ? series->count : 0;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (series->seconds[middle] < seconds) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return series != NULL && low < series->count && series->seconds[low] <= seconds
               ? series->values[low]
               : 0;
}

/* ---- a vertex ---- */

/* Time in one activity, over `elapsed` seconds: exact where it was recorded, else as Flink's own
 * gauge of the last minute says at the end. */
static double activity_ms(const struct study_estimate *estimate,
                          const struct study_recorded_series *exact,
                          const struct study_recorded_series *gauge, double elapsed)
{
    return exact != NULL ? total_ms(exact, &estimate->window) : last_of(gauge) * elapsed;
}

static void estimate_subtask(const struct study_estimate *estimate,
                             struct study_estimate_vertex *vertex, uint32_t s)
{
    struct study_estimate_subtask *subtask = &vertex->subtasks[s];
    const struct study_window *window = &estimate->window;
    double p = vertex->parallelism;
    double seconds;
    double elapsed = 0;

    subtask->records_in = growth(series_of(estimate, vertex, s, "numRecordsIn"), window, &seconds);
    elapsed = fmax(elapsed, seconds);
    subtask->records_out =
        growth(series_of(estimate, vertex, s, "numRecordsOut"), window, &seconds);
    elapsed = fmax(elapsed, seconds);
    subtask->busy_ms = activity_ms(estimate, series_of(estimate, vertex, s, "busy.exact"),
                                   series_of(estimate, vertex, s, "busyTimeMsPerSecond"), elapsed);
    if (subtask->records_in > 0) {
        subtask->service_ms = subtask->busy_ms / subtask->records_in;
    }
    vertex->seconds = fmax(vertex->seconds, elapsed);
    vertex->records_in += subtask->records_in;
    vertex->records_out += subtask->records_out;
    if (elapsed > 0) {
        vertex->busy += subtask->busy_ms / elapsed / p;
        vertex->idle +=
            activity_ms(estimate, series_of(estimate, vertex, s, "idle.exact"),
                        series_of(estimate, vertex, s, "idleTimeMsPerSecond"), elapsed) /
            elapsed / p;
        vertex->pressed +=
            (activity_ms(estimate, series_of(estimate, vertex, s, "softBackPressured.exact"),
                         series_of(estimate, vertex, s, "softBackPressuredTimeMsPerSecond"),
                         elapsed) +
             activity_ms(estimate, series_of(estimate, vertex, s, "hardBackPressured.exact"),
                         series_of(estimate, vertex, s, "hardBackPressuredTimeMsPerSecond"),
                         elapsed)) /
            elapsed / p;
    }
    vertex->bytes_out += last_of(series_of(estimate, vertex, s, "numBytesOut"));
    vertex->records_all += last_of(series_of(estimate, vertex, s, "numRecordsOut"));
    vertex->buffers_out += last_of(series_of(estimate, vertex, s, "numBuffersOut"));
    vertex->out_pool_size =
        fmax(vertex->out_pool_size, largest_of(series_of(estimate, vertex, s, "outPool.size"), 0));
    vertex->in_pool_size =
        fmax(vertex->in_pool_size, largest_of(series_of(estimate, vertex, s, "inPool.size"), 0));
    vertex->is_remote =
        vertex->is_remote || last_of(series_of(estimate, vertex, s, "numBuffersInRemote")) > 0;
}

/*
 * Variance of the service time over its squared mean: how far the busy time of a sample is from
 * what its number of records takes on average, summed over all samples and subtasks. A saturated
 * operator is always busy, so there it is the number of records that varies.
 */
static double service_dispersion(const struct study_estimate *estimate,
                                 const struct study_estimate_vertex *vertex)
{
    double squares = 0;
    double records = 0;

    for (uint32_t s = 0; s < vertex->parallelism; s++) {
        const struct study_recorded_series *count = series_of(estimate, vertex, s, "numRecordsIn");
        const struct study_recorded_series *busy = series_of(estimate, vertex, s, "busy.exact");
        double mean = vertex->subtasks[s].service_ms;

        if (count == NULL || busy == NULL || mean <= 0) {
            continue;
        }
        for (uint32_t i = first_in(count, &estimate->window) + 1; i < count->count; i++) {
            double in_sample = count->values[i] - count->values[i - 1];
            double busy_ms =
                value_at(busy, count->seconds[i]) * (count->seconds[i] - count->seconds[i - 1]);
            double off = busy_ms / mean - in_sample;

            squares += off * off;
            records += in_sample;
        }
    }
    return records > 0 ? squares / records : 0;
}

struct free_samples {
    uint32_t count;
    double records;
    double seconds;
};

/* Samples in which a source was not held back; from the first second on, for subtasks start at
 * different times. */
static void gather_free(const struct study_estimate *estimate,
                        const struct study_estimate_vertex *vertex, double from,
                        struct free_samples *free_samples)
{
    for (uint32_t s = 0; s < vertex->parallelism; s++) {
        const struct study_recorded_series *out = series_of(estimate, vertex, s, "numRecordsOut");
        const struct study_recorded_series *soft =
            series_of(estimate, vertex, s, "softBackPressured.exact");
        const struct study_recorded_series *hard =
            series_of(estimate, vertex, s, "hardBackPressured.exact");

        for (uint32_t i = 1; out != NULL && soft != NULL && i < out->count; i++) {
            double pressed = value_at(soft, out->seconds[i]) + value_at(hard, out->seconds[i]);

            if (out->seconds[i - 1] >= from && pressed < 2 * HELD_BACK) {
                free_samples->count++;
                free_samples->records += out->values[i] - out->values[i - 1];
                free_samples->seconds +=
                    (out->seconds[i] - out->seconds[i - 1]) * (1 - pressed / MS);
            }
        }
    }
}

/* Variance over mean of the numbers of records in the samples of a window. */
static double rate_dispersion(const struct study_estimate *estimate,
                              const struct study_estimate_vertex *vertex)
{
    double squares = 0;
    double records = 0;

    for (uint32_t s = 0; s < vertex->parallelism; s++) {
        const struct study_recorded_series *out = series_of(estimate, vertex, s, "numRecordsOut");

        for (uint32_t i = out != NULL ? first_in(out, &estimate->window) + 1 : 0;
             out != NULL && i < out->count; i++) {
            double expected = vertex->rate * (out->seconds[i] - out->seconds[i - 1]);
            double off = out->values[i] - out->values[i - 1] - expected;

            squares += off * off;
            records += expected;
        }
    }
    return records > 0 ? squares / records : 0;
}

static void estimate_source(const struct study_estimate *estimate,
                            struct study_estimate_vertex *vertex)
{
    struct free_samples free_samples = {0};
    double mean =
        vertex->seconds > 0 ? vertex->records_out / vertex->seconds / vertex->parallelism : 0;

    if (vertex->pressed >= HELD_BACK && vertex->idle < 5 * HELD_BACK) {
        vertex->is_unlimited = true;
        return;
    }
    if (vertex->pressed < HELD_BACK) {
        /* A record at either end, and times of samples in hundredths of a second. */
        vertex->rate = study_roundest(
            mean, mean * (2 / fmax(2, vertex->records_out) + 0.02 / fmax(1, vertex->seconds)));
        vertex->rate_why = "records out per second";
        vertex->rate_dispersion = rate_dispersion(estimate, vertex);
        vertex->is_poisson = vertex->rate_dispersion > POISSON;
        return;
    }
    gather_free(estimate, vertex, 1, &free_samples);
    if (free_samples.count >= LEAST_FREE_SAMPLES && free_samples.seconds > 0) {
        double rate = free_samples.records / free_samples.seconds;

        vertex->rate = study_roundest(rate, 2 / free_samples.seconds);
        vertex->rate_why = "records out per second in samples without back pressure";
    } else {
        vertex->rate = study_roundest(mean / (1 - vertex->pressed / MS), mean * 0.01);
        vertex->rate_why = "records out per second without back pressure";
    }
}

static bool estimate_vertex(struct study_estimate *estimate, struct study_estimate_vertex *vertex,
                            struct sim_err *err)
{
    double latency = 0;
    uint32_t present = 0;

    vertex->subtasks =
        sim_arena_alloc(estimate->arena, vertex->parallelism, sizeof *vertex->subtasks);
    for (uint32_t s = 0; s < vertex->parallelism; s++) {
        double mean =
            mean_of(series_of(estimate, vertex, s, "latencyMs.mean"), &estimate->window, -1);

        estimate_subtask(estimate, vertex, s);
        if (mean >= 0) {
            latency += mean;
            present++;
        }
    }
    vertex->latency_ms = present > 0 ? latency / present : -1;
    if (vertex->seconds <= 0 || vertex->records_in + vertex->records_out <= 0) {
        return sim_err_set(err, SIM_ERR_INPUT,
                           "series.csv tells nothing of vertex '%s' after the warm-up: two samples "
                           "of numRecordsIn or numRecordsOut with records between them are needed",
                           vertex->name);
    }
    if (vertex->has_input) {
        /* A task that is held back at times works in bursts, and what wakes it up takes time of
         * its own: that varies more than the service does. */
        vertex->has_dispersion =
            vertex->pressed < HELD_BACK && series_of(estimate, vertex, 0, "busy.exact") != NULL;
        vertex->dispersion = vertex->has_dispersion ? service_dispersion(estimate, vertex) : 0;
    } else {
        estimate_source(estimate, vertex);
    }
    return true;
}

/* ---- the cluster ---- */

/* Task managers have series too, without a job on them as well. */
static bool has_taskmanager(const struct study_recording *recording, uint32_t index)
{
    char name[32];

    snprintf(name, sizeof name, "tm%u", (unsigned)index);
    return study_recording_series(recording, name, 0, "TotalMemorySegments") != NULL;
}

/* Rows of placement.csv, or what the counters tell: whether channels are local. */
static void place(struct study_estimate *estimate)
{
    const struct study_recording *recording = estimate->recording;
    uint32_t total = 0;
    bool has_remote = false;

    while (has_taskmanager(recording, estimate->taskmanagers)) {
        estimate->taskmanagers++;
    }
    for (uint32_t v = 0; v < estimate->vertex_count; v++) {
        estimate->vertices[v].taskmanager = NOWHERE;
        total += estimate->vertices[v].parallelism;
        has_remote = has_remote || estimate->vertices[v].is_remote;
    }
    estimate->has_placement = recording->task_count > 0;
    if (!estimate->has_placement) {
        if (estimate->taskmanagers < (has_remote ? 2u : 1u)) {
            estimate->taskmanagers = has_remote ? 2 : 1;
        }
        estimate->slots = total;
        return;
    }
    for (size_t i = 0; i < recording->task_count; i++) {
        uint32_t taskmanager = recording->tasks[i].taskmanager;
        uint32_t here = 0;

        if (taskmanager >= estimate->taskmanagers) {
            estimate->taskmanagers = taskmanager + 1;
        }
        for (size_t j = 0; j < recording->task_count; j++) {
            here += recording->tasks[j].taskmanager == taskmanager;
        }
        estimate->slots = here > estimate->slots ? here : estimate->slots;
    }
    for (uint32_t v = 0; v < estimate->vertex_count; v++) {
        struct study_estimate_vertex *vertex = &estimate->vertices[v];
        bool is_one = true;

        for (size_t i = 0; i < recording->task_count; i++) {
            if (strcmp(recording->tasks[i].vertex, vertex->name) == 0) {
                is_one = is_one && (vertex->taskmanager == NOWHERE ||
                                    vertex->taskmanager == recording->tasks[i].taskmanager);
                vertex->taskmanager = recording->tasks[i].taskmanager;
            }
        }
        vertex->taskmanager = is_one ? vertex->taskmanager : NOWHERE;
    }
}

/* Without a placement: neighbours of a chain in turn, where channels are remote. */
static void place_by_counters(struct study_estimate *estimate)
{
    for (uint32_t round = 0; round < estimate->vertex_count; round++) {
        for (uint32_t e = 0; e < estimate->edge_count; e++) {
            struct study_estimate_vertex *from = &estimate->vertices[estimate->edges[e].from];
            struct study_estimate_vertex *to = &estimate->vertices[estimate->edges[e].to];

            if (!from->has_input) {
                from->taskmanager = 0;
            }
            if (from->taskmanager != NOWHERE && to->taskmanager == NOWHERE) {
                to->taskmanager = to->is_remote ? 1 - from->taskmanager : from->taskmanager;
            }
        }
    }
}

/* Filled segments are counted when they leave, so bytes per buffer are the size of a segment. */
static void estimate_segments(struct study_estimate *estimate)
{
    double bytes = 0;
    double buffers = 0;
    const struct study_recorded_series *total;

    for (uint32_t v = 0; v < estimate->vertex_count; v++) {
        bytes += estimate->vertices[v].bytes_out;
        buffers += estimate->vertices[v].buffers_out;
    }
    estimate->segment_bytes = 32768;
    if (buffers >= 10) {
        estimate->segment_evidence = bytes / buffers;
        estimate->segment_bytes = exp2(round(log2(estimate->segment_evidence)));
    }
    total = study_recording_series(estimate->recording, "tm0", 0, "TotalMemorySegments");
    estimate->total_segments = total != NULL ? largest_of(total, 0) : 0;
}

static uint32_t count_edges(const struct study_estimate *estimate, uint32_t vertex, bool into)
{
    uint32_t count = 0;

    for (uint32_t e = 0; e < estimate->edge_count; e++) {
        count += (into ? estimate->edges[e].to : estimate->edges[e].from) == vertex;
    }
    return count;
}

/* Largest sizes of pools: of a gate F, of a partition channels x B + F. */
static void estimate_buffers(struct study_estimate *estimate)
{
    estimate->floating = -1;
    estimate->exclusive = -1;
    for (uint32_t v = 0; v < estimate->vertex_count; v++) {
        uint32_t gates = count_edges(estimate, v, true);

        if (gates > 0 && estimate->vertices[v].in_pool_size > 0) {
            estimate->floating =
                fmax(estimate->floating, round(estimate->vertices[v].in_pool_size / gates));
        }
    }
    for (uint32_t v = 0; v < estimate->vertex_count && estimate->floating >= 0; v++) {
        double channels = 0;
        double partitions = count_edges(estimate, v, false);
        double size = estimate->vertices[v].out_pool_size - partitions * estimate->floating;

        for (uint32_t e = 0; e < estimate->edge_count; e++) {
            if (estimate->edges[e].from == v) {
                channels += strcmp(estimate->edges[e].partition, "forward") == 0
                                ? 1
                                : estimate->vertices[estimate->edges[e].to].parallelism;
            }
        }
        if (channels > 0 && size >= 0) {
            estimate->exclusive = fmax(estimate->exclusive, round(size / channels));
        }
    }
}

/* ---- all of it ---- */

/* Vertices are what has records; others are task managers. */
static void find_vertices(struct study_estimate *estimate)
{
    const struct study_recording *recording = estimate->recording;

    estimate->vertices =
        sim_arena_alloc(estimate->arena, recording->series_count, sizeof *estimate->vertices);
    for (size_t i = 0; i < recording->series_count; i++) {
        const struct study_recorded_series *series = &recording->series[i];
        bool is_input = strcmp(series->metric, "numRecordsIn") == 0;
        bool is_output = strcmp(series->metric, "numRecordsOut") == 0;
        uint32_t v = 0;

        if (!is_input && !is_output) {
            continue;
        }
        while (v < estimate->vertex_count && estimate->vertices[v].name != series->vertex) {
            v++;
        }
        if (v == estimate->vertex_count) {
            estimate->vertices[estimate->vertex_count++].name = series->vertex;
        }
        estimate->vertices[v].has_input = estimate->vertices[v].has_input || is_input;
        estimate->vertices[v].has_output = estimate->vertices[v].has_output || is_output;
        if (series->subtask >= estimate->vertices[v].parallelism) {
            estimate->vertices[v].parallelism = series->subtask + 1;
        }
    }
}

/* Sources first, then by name, as the series stand. */
static int compare_vertices(const void *left, const void *right)
{
    const struct study_estimate_vertex *a = left;
    const struct study_estimate_vertex *b = right;

    return a->has_input != b->has_input ? (a->has_input ? 1 : -1) : strcmp(a->name, b->name);
}

/* From the warm-up to the last sample; the usual distance between two. */
static bool find_window(struct study_estimate *estimate,
                        const struct study_calibrate_params *params, struct sim_err *err)
{
    const struct study_recording *recording = params->recording;
    double shortest = HUGE_VAL;
    double end = 0;
    double step;

    for (size_t i = 0; i < recording->series_count; i++) {
        const struct study_recorded_series *series = &recording->series[i];

        end = fmax(end, series->seconds[series->count - 1]);
        if (series->count > 1) {
            step = (series->seconds[series->count - 1] - series->seconds[0]) / (series->count - 1);
            shortest = fmin(shortest, step);
        }
    }
    if (!isfinite(shortest)) {
        return sim_err_set(err, SIM_ERR_INPUT,
                           "series.csv has no metric with two samples; nothing can be estimated");
    }
    estimate->window.sample = study_roundest(shortest, 0.03 * shortest);
    estimate->window.to = study_roundest(end, estimate->window.sample / 2);
    estimate->window.from = params->warmup_s >= 0
                                ? params->warmup_s
                                : study_roundest(estimate->window.to / 5, estimate->window.to / 50);
    return estimate->window.from < estimate->window.to ||
           sim_err_set(err, SIM_ERR_INPUT,
                       "the recording ends at %g s, before the warm-up of %g s is over",
                       estimate->window.to, estimate->window.from);
}

bool study_estimate_make(struct study_estimate *estimate,
                         const struct study_calibrate_params *params, struct sim_err *err)
{
    estimate->recording = params->recording;
    find_vertices(estimate);
    if (estimate->vertex_count == 0) {
        return sim_err_set(err, SIM_ERR_INPUT,
                           "series.csv has no vertex: neither numRecordsIn nor numRecordsOut");
    }
    qsort(estimate->vertices, estimate->vertex_count, sizeof *estimate->vertices, compare_vertices);
    if (!find_window(estimate, params, err)) {
        return false;
    }
    for (uint32_t v = 0; v < estimate->vertex_count; v++) {
        if (!estimate_vertex(estimate, &estimate->vertices[v], err)) {
            return false;
        }
    }
    if (!study_estimate_graph(estimate, params, err)) {
        return false;
    }
    place(estimate);
    if (!estimate->has_placement) {
        place_by_counters(estimate);
    }
    estimate_segments(estimate);
    estimate_buffers(estimate);
    return true;
}
