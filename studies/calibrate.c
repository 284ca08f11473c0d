#include "studies/calibrate.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/number.h"
#include "studies/calibrate_estimate.h"

#define SATURATED 990.0 /* ms per second busy */
#define TWO_POINTS 20.0 /* ms per second */
#define CONSTANT 0.3    /* dispersion below which a service time counts as constant */
#define EXPONENTIAL_LOW 0.7
#define EXPONENTIAL_HIGH 1.4
#define RANDOM                                                                                     \
    9.0 /* dispersion above which it is no random service but one that changes over time */
#define FACTORS_DIFFER 0.03 /* from the mean service time */

struct writer {
    const struct study_calibrate_params *params;
    const struct study_estimate *estimate;
    struct sim_text *out;
};

static const char *number(char *buffer, size_t size, double value)
{
    sim_number_format_double(buffer, size, value);
    return buffer;
}

/* Add a number as short as it can be. */
static void add_number(const struct writer *writer, double value, const char *unit)
{
    char text[64];

    sim_text_add(writer->out, "%s%s", number(text, sizeof text, value), unit);
}

/* A name in double quotes, for it may hold anything. */
static void add_quoted(const struct writer *writer, const char *name)
{
    sim_text_add(writer->out, "\"");
    for (; *name != '\0'; name++) {
        unsigned char byte = (unsigned char)*name;

        if (byte == '"' || byte == '\\') {
            sim_text_add(writer->out, "\\%c", byte);
        } else if (byte < 0x20 || byte == 0x7f) {
            sim_text_add(writer->out, "\\x%02x", byte);
        } else {
            sim_text_add(writer->out, "%c", byte);
        }
    }
    sim_text_add(writer->out, "\"");
}

static void write_head(const struct writer *writer)
{
    const struct study_estimate *estimate = writer->estimate;

    sim_text_add(writer->out,
                 "# Estimated by sluice calibrate from the series of a recording, %g s to %g s of "
                 "it. Each number is\n"
                 "# the roundest one that the recording allows; what it was told by stands beside "
                 "it. Not seen in a\n"
                 "# series, so check: rates and services that change over time, keys, timers, "
                 "buffer timeout and the\n"
                 "# rest of Flink's configuration.\n",
                 estimate->window.from, estimate->window.to);
    sim_text_add(writer->out, "name: ");
    add_quoted(writer, writer->params->name);
    sim_text_add(writer->out, "\nflink-version: \"%s\"\n", writer->params->flink_version);
    sim_text_add(writer->out,
                 "cluster: {taskmanagers: %" PRIu32 ", slots-per-taskmanager: %" PRIu32
                 ", slot-sharing: false} # %s\n",
                 estimate->taskmanagers, estimate->slots,
                 estimate->has_placement ? "placement.csv"
                                         : "no placement.csv: by whether buffers came from remote");
}

/* Whether the caller sets this key. */
static bool is_set(const struct writer *writer, const char *key)
{
    size_t length = strlen(key);

    for (size_t i = 0; i < writer->params->setting_count; i++) {
        if (strncmp(writer->params->settings[i], key, length) == 0 &&
            writer->params->settings[i][length] == '=') {
            return true;
        }
    }
    return false;
}

static void write_setting(const struct writer *writer, const char *key, double value,
                          const char *unit, const char *why)
{
    if (!is_set(writer, key)) {
        sim_text_add(writer->out, "  %s: ", key);
        add_number(writer, value, unit);
        sim_text_add(writer->out, " # %s\n", why);
    }
}

static void write_flink(const struct writer *writer)
{
    const struct study_estimate *estimate = writer->estimate;
    char why[128];

    sim_text_add(writer->out, "flink:\n");
    if (estimate->segment_evidence > 0) {
        snprintf(why, sizeof why, "numBytesOut / numBuffersOut = %.1f", estimate->segment_evidence);
    } else {
        snprintf(why, sizeof why, "too few full buffers to tell; Flink's default");
    }
    write_setting(writer, "taskmanager.memory.segment-size", estimate->segment_bytes, "b", why);
    if (estimate->total_segments > 0) {
        double bytes = estimate->total_segments * estimate->segment_bytes;

        snprintf(why, sizeof why, "TotalMemorySegments = %.0f", estimate->total_segments);
        write_setting(writer, "taskmanager.memory.network.min", bytes, "b", why);
        write_setting(writer, "taskmanager.memory.network.max", bytes, "b", why);
    }
    if (estimate->floating >= 0) {
        write_setting(writer, "taskmanager.network.memory.floating-buffers-per-gate",
                      estimate->floating, "", "largest inPool.size per gate");
    }
    if (estimate->exclusive >= 0) {
        write_setting(writer, "taskmanager.network.memory.buffers-per-channel", estimate->exclusive,
                      "", "(largest outPool.size - floating) per channel");
    }
    for (size_t i = 0; i < writer->params->setting_count; i++) {
        const char *setting = writer->params->settings[i];
        size_t length = strcspn(setting, "=");

        sim_text_add(writer->out, "  %.*s: %s # given\n", (int)length, setting,
                     setting + length + (setting[length] == '='));
    }
}

/* Copies of a record that the outputs of a vertex make: bytes count for each. */
static double copies_of(const struct study_estimate *estimate, uint32_t vertex)
{
    double copies = 0;

    for (uint32_t e = 0; e < estimate->edge_count; e++) {
        const struct study_estimate_edge *edge = &estimate->edges[e];

        if (edge->from == vertex) {
            copies += strcmp(edge->partition, "broadcast") == 0
                          ? estimate->vertices[edge->to].parallelism
                          : 1;
        }
    }
    return copies;
}

/* Channels of a vertex's outputs, of all subtasks. */
static double channels_of(const struct study_estimate *estimate, uint32_t vertex)
{
    double channels = 0;

    for (uint32_t e = 0; e < estimate->edge_count; e++) {
        if (estimate->edges[e].from == vertex) {
            channels += (double)estimate->vertices[vertex].parallelism *
                        estimate->vertices[estimate->edges[e].to].parallelism;
        }
    }
    return channels;
}

/* numBytesOut lacks what is in buffers that are not full yet: nothing to a segment per channel. */
static void write_record_size(const struct writer *writer, uint32_t index, const char *indent)
{
    const struct study_estimate *estimate = writer->estimate;
    const struct study_estimate_vertex *vertex = &estimate->vertices[index];
    double copies = copies_of(estimate, index);
    double size;
    double half;

    if (copies <= 0 || vertex->records_all <= 0) {
        return;
    }
    size = vertex->bytes_out / vertex->records_all / copies;
    half =
        channels_of(estimate, index) * estimate->segment_bytes / vertex->records_all / copies / 2;
    sim_text_add(writer->out, "%srecord-size: ", indent);
    add_number(writer, round(fmax(17, study_roundest(size + half, fmax(0.002 * size, half)))), "B");
    sim_text_add(writer->out, " # %.0f bytes in full buffers / %.0f records", vertex->bytes_out,
                 vertex->records_all);
    if (copies > 1) {
        sim_text_add(writer->out, " / %.0f copies", copies);
    }
    sim_text_add(writer->out, " = %.2f, open ones add up to %.2f\n", size, 2 * half);
}

static void write_source(const struct writer *writer, uint32_t index)
{
    const struct study_estimate_vertex *vertex = &writer->estimate->vertices[index];

    sim_text_add(writer->out, "      source:\n");
    if (vertex->is_unlimited) {
        sim_text_add(writer->out,
                     "        rate: unlimited # back-pressured %.1f ms/s, idle %.1f ms/s\n",
                     vertex->pressed, vertex->idle);
    } else {
        sim_text_add(writer->out, "        rate: ");
        add_number(writer, vertex->rate, "/s");
        sim_text_add(writer->out, " # %s, a subtask; back-pressured %.1f ms/s\n", vertex->rate_why,
                     vertex->pressed);
    }
    if (vertex->is_poisson) {
        sim_text_add(writer->out,
                     "        arrivals: poisson # variance / mean of the records of a sample = "
                     "%.2f\n",
                     vertex->rate_dispersion);
    }
    write_record_size(writer, index, "        ");
}

/* Busy time per record. */
static double measured_service_of(const struct study_estimate_vertex *vertex)
{
    double busy = 0;

    for (uint32_t s = 0; s < vertex->parallelism; s++) {
        busy += vertex->subtasks[s].busy_ms;
    }
    return busy / vertex->records_in;
}

/*
 * The mean service time. Wake-ups count as busy in a task that waits at times; one that never waits
 * is off by a record at either end, by times of samples in hundredths of a second, and by chance.
 */
static double service_of(const struct study_estimate_vertex *vertex)
{
    double mean = measured_service_of(vertex);
    double share =
        2 * vertex->parallelism / vertex->records_in + 0.02 / vertex->seconds +
        (vertex->dispersion < CONSTANT ? 0 : sqrt(vertex->dispersion / vertex->records_in));

    if (vertex->busy < SATURATED) {
        share = fmin(0.05, fmax(0.02, TWO_POINTS / vertex->busy));
    }
    return study_roundest(mean, share * mean);
}

static void write_distribution(const struct writer *writer,
                               const struct study_estimate_vertex *vertex)
{
    double dispersion = vertex->dispersion;
    char mean[64];

    number(mean, sizeof mean, service_of(vertex));
    sim_text_add(writer->out, "          ");
    if (dispersion < CONSTANT || dispersion > RANDOM) {
        sim_text_add(writer->out, "constant: %sms", mean);
    } else if (dispersion >= EXPONENTIAL_LOW && dispersion <= EXPONENTIAL_HIGH) {
        sim_text_add(writer->out, "exponential: %sms", mean);
    } else {
        sim_text_add(writer->out, "gamma: {mean: %sms, cv: %.2f}", mean, sqrt(dispersion));
    }
    sim_text_add(writer->out, " # busy %.1f ms/s, %.0f records of %u subtasks in %.1f s; ",
                 vertex->busy, vertex->records_in, (unsigned)vertex->parallelism, vertex->seconds);
    if (vertex->has_dispersion) {
        sim_text_add(writer->out, "variance / mean^2 = %.3f%s\n", dispersion,
                     dispersion > RANDOM ? ": it changes over time, see busy.exact" : "");
    } else {
        sim_text_add(writer->out, "spread not told\n");
    }
}

/* Where subtasks are slower or faster than the mean. */
static void write_factors(const struct writer *writer, const struct study_estimate_vertex *vertex)
{
    double mean = measured_service_of(vertex);
    bool differ = false;

    for (uint32_t s = 0; s < vertex->parallelism; s++) {
        double factor = vertex->subtasks[s].service_ms / mean;
        double chance = 4 * sqrt(vertex->dispersion / fmax(1, vertex->subtasks[s].records_in));

        differ = differ || (vertex->subtasks[s].records_in > 0 &&
                            fabs(factor - 1) > fmax(FACTORS_DIFFER, chance));
    }
    if (!differ) {
        return;
    }
    sim_text_add(writer->out, "          factor: [");
    for (uint32_t s = 0; s < vertex->parallelism; s++) {
        double factor = vertex->subtasks[s].service_ms / mean;

        sim_text_add(writer->out, s > 0 ? ", " : "");
        add_number(writer, factor > 0 ? study_roundest(factor, 0.01 * factor) : 1, "");
    }
    sim_text_add(writer->out, "] # busy per record of each subtask\n");
}

static void write_process(const struct writer *writer, uint32_t index)
{
    const struct study_estimate_vertex *vertex = &writer->estimate->vertices[index];

    sim_text_add(writer->out, "      process:\n");
    if (service_of(vertex) > 0) {
        sim_text_add(writer->out, "        service:\n");
        write_distribution(writer, vertex);
        write_factors(writer, vertex);
    }
    if (vertex->has_output) {
        double selectivity = vertex->records_out / vertex->records_in;
        double uncertainty =
            fmax(0.002 * selectivity, 2 * vertex->parallelism / vertex->records_in);

        sim_text_add(writer->out, "        selectivity: ");
        add_number(writer, study_roundest(selectivity, uncertainty), "");
        sim_text_add(writer->out, " # %.0f records out, %.0f in\n", vertex->records_out,
                     vertex->records_in);
        write_record_size(writer, index, "        ");
    }
}

static void write_vertices(const struct writer *writer)
{
    const struct study_estimate *estimate = writer->estimate;

    sim_text_add(writer->out, "job:\n  vertices:\n");
    for (uint32_t v = 0; v < estimate->vertex_count; v++) {
        const struct study_estimate_vertex *vertex = &estimate->vertices[v];

        sim_text_add(writer->out, "    - name: ");
        add_quoted(writer, vertex->name);
        sim_text_add(writer->out, "\n      parallelism: %" PRIu32 "\n", vertex->parallelism);
        if (vertex->taskmanager != UINT32_MAX) {
            sim_text_add(writer->out, "      taskmanager: %" PRIu32 "\n", vertex->taskmanager);
        }
        if (vertex->has_input) {
            write_process(writer, v);
        } else {
            write_source(writer, v);
        }
    }
}

static void write_weights(const struct writer *writer, const struct study_estimate_vertex *vertex)
{
    sim_text_add(writer->out, "{weights: [");
    for (uint32_t s = 0; s < vertex->parallelism; s++) {
        double share = vertex->subtasks[s].records_in / vertex->records_in;

        sim_text_add(writer->out, s > 0 ? ", " : "");
        add_number(writer, study_roundest(share, 0.0005), "");
    }
    sim_text_add(writer->out, "]}");
}

static void write_edges(const struct writer *writer)
{
    const struct study_estimate *estimate = writer->estimate;

    sim_text_add(writer->out, "  edges:\n");
    for (uint32_t e = 0; e < estimate->edge_count; e++) {
        const struct study_estimate_edge *edge = &estimate->edges[e];

        sim_text_add(writer->out, "    - from: ");
        add_quoted(writer, estimate->vertices[edge->from].name);
        sim_text_add(writer->out, "\n      to: ");
        add_quoted(writer, estimate->vertices[edge->to].name);
        sim_text_add(writer->out, "\n      partition: ");
        if (strcmp(edge->partition, "weights") == 0) {
            write_weights(writer, &estimate->vertices[edge->to]);
        } else {
            sim_text_add(writer->out, "%s", edge->partition);
        }
        sim_text_add(writer->out, " # %s\n", edge->why != NULL ? edge->why : "given");
    }
}

static void write_run(const struct writer *writer)
{
    const struct study_window *window = &writer->estimate->window;

    sim_text_add(writer->out, "run: {duration: ");
    add_number(writer, window->to, "s, warmup: ");
    add_number(writer, window->from, "s, sample: ");
    add_number(writer, round(window->sample * 1000), "ms}\n");
}

bool study_calibrate(const struct study_calibrate_params *params, struct sim_text *scenario,
                     struct sim_err *err)
{
    struct study_estimate estimate = {.arena = sim_arena_create()};
    struct writer writer = {params, &estimate, scenario};
    bool is_good = study_estimate_make(&estimate, params, err);

    if (is_good) {
        write_head(&writer);
        write_flink(&writer);
        write_vertices(&writer);
        write_edges(&writer);
        write_run(&writer);
    }
    sim_arena_destroy(estimate.arena);
    return is_good;
}
