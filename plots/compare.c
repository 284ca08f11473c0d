#include "plots/compare.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "plots/comparison.h"
#include "plots/csv.h"
#include "plots/draw.h"
#include "plots/latency.h"
#include "plots/series.h"
#include "plots/summary.h"

enum {
    PATH_SIZE = 1024,
    MOST_VERTICES = 2000,
};

/* A vertex of any of the configurations. */
struct vertex {
    const char *name;
    bool is_reader;
    bool is_writer;
    uint32_t series[PLT_COMPARE_LAID]; /* number of its samples in each configuration laid over */
    uint32_t curve[PLT_COMPARE_LAID];  /* of its latency; 0: none */
};

struct feeding {
    const char *result;
    const char *data;
    struct plt_comparison comparison;
    struct vertex *vertices;
    uint32_t vertex_count;
    uint32_t laid[PLT_COMPARE_LAID]; /* indices of configurations */
    uint32_t laid_count;
    struct plt_summary summary; /* of the first; without a title where they are not all the same */
    double end_s;
    bool has_samples;
    bool has_curves;
};

bool plt_compare_is(const char *result)
{
    char path[PATH_SIZE];

    return plt_path(path, sizeof path, result, "compare.csv", NULL) && access(path, F_OK) == 0;
}

/* ---- what there is ---- */

static struct vertex *find_vertex(struct feeding *feeding, const char *name)
{
    for (uint32_t v = 0; v < feeding->vertex_count; v++) {
        if (strcmp(feeding->vertices[v].name, name) == 0) {
            return &feeding->vertices[v];
        }
    }
    return NULL;
}

static void find_vertices(struct feeding *feeding)
{
    const struct plt_comparison *comparison = &feeding->comparison;

    feeding->vertices =
        sim_arena_alloc(comparison->arena, comparison->measure_count, sizeof *feeding->vertices);
    for (uint32_t m = 0; m < comparison->measure_count; m++) {
        const char *name = comparison->measures[m].vertex;
        struct vertex *vertex = find_vertex(feeding, name);

        if (name[0] == 0) {
            continue;
        }
        if (vertex == NULL) {
            vertex = &feeding->vertices[feeding->vertex_count++];
            vertex->name = name;
        }
        vertex->is_reader |= strcmp(comparison->measures[m].metric, "numRecordsIn.rate") == 0;
        vertex->is_writer |= strcmp(comparison->measures[m].metric, "numRecordsOut.rate") == 0;
    }
}

static bool is_sink(const struct vertex *vertex)
{
    return vertex->is_reader && !vertex->is_writer;
}

static bool is_laid(const struct feeding *feeding, uint32_t config)
{
    for (uint32_t i = 0; i < feeding->laid_count; i++) {
        if (feeding->laid[i] == config) {
            return true;
        }
    }
    return false;
}

/* Those that are laid over each other: the first ones, and the baseline in any case. */
static void choose_laid(struct feeding *feeding)
{
    const struct plt_comparison *comparison = &feeding->comparison;

    for (uint32_t c = 0; c < comparison->config_count; c++) {
        if (comparison->configs[c].is_started && feeding->laid_count < PLT_COMPARE_LAID) {
            feeding->laid[feeding->laid_count++] = c;
        }
    }
    if (comparison->baseline < comparison->config_count &&
        !is_laid(feeding, comparison->baseline)) {
        feeding->laid[PLT_COMPARE_LAID - 1] = comparison->baseline;
    }
}

/* ---- each configuration's own chart data ---- */

static bool feed_series(struct feeding *feeding, uint32_t place, const char *from, const char *to,
                        struct sim_err *err)
{
    char path[PATH_SIZE];
    struct plt_series *series;
    bool is_good;

    if (!plt_path(path, sizeof path, from, "series.csv", err)) {
        return false;
    }
    series = plt_series_read(path, err);
    if (series == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < plt_series_count(series, false); i++) {
        struct vertex *vertex = find_vertex(feeding, plt_series_name(series, false, i));

        if (vertex != NULL) {
            vertex->series[place] = i + 1;
            feeding->has_samples = true;
        }
    }
    feeding->end_s = fmax(feeding->end_s, plt_series_end(series));
    is_good = plt_series_write(series, to, err);
    plt_series_destroy(series);
    return is_good;
}

/* The names in latency.tsv, in the order of the curves. */
static bool number_curves(struct feeding *feeding, uint32_t place, const char *to,
                          struct sim_err *err)
{
    char path[PATH_SIZE];
    char line[2048];
    uint32_t number = 0;
    FILE *file;

    if (!plt_path(path, sizeof path, to, "latency.tsv", err)) {
        return false;
    }
    file = fopen(path, "r");
    if (file == NULL) {
        return sim_err_set(err, SIM_ERR_SYSTEM, "cannot read %s", path);
    }
    for (bool is_header = true; fgets(line, sizeof line, file) != NULL; is_header = false) {
        line[strcspn(line, "\t\n")] = 0;
        struct vertex *vertex = is_header ? NULL : find_vertex(feeding, line);

        number += !is_header;
        if (vertex != NULL) {
            vertex->curve[place] = number;
            feeding->has_curves |= is_sink(vertex);
        }
    }
    fclose(file);
    return true;
}

static bool feed_latency(struct feeding *feeding, uint32_t place, const char *from, const char *to,
                         struct sim_err *err)
{
    char path[PATH_SIZE];
    uint32_t curves;

    return plt_path(path, sizeof path, from, "latency.csv", err) &&
           (access(path, F_OK) != 0 ||
            (plt_latency_write(path, to, &curves, err) && number_curves(feeding, place, to, err)));
}

static bool feed_config(struct feeding *feeding, uint32_t place, struct sim_err *err)
{
    uint32_t number = feeding->comparison.configs[feeding->laid[place]].number;
    struct plt_summary summary;
    char name[32];
    char from[PATH_SIZE];
    char to[PATH_SIZE];
    char path[PATH_SIZE];

    snprintf(name, sizeof name, "config-%02u", number);
    if (!plt_path(from, sizeof from, feeding->result, name, err) ||
        !plt_path(to, sizeof to, feeding->data, name, err) || !plt_make_folders(to, err) ||
        !plt_path(path, sizeof path, from, "summary.json", err)) {
        return false;
    }
    plt_summary_read(path, &summary);
    plt_summary_finish(&summary); /* its edges are not drawn here */
    if (place == 0) {
        feeding->summary = summary;
    } else if (strcmp(feeding->summary.title, summary.title) != 0) {
        feeding->summary.title[0] = 0;
    }
    return feed_series(feeding, place, from, to, err) &&
           (!feeding->comparison.configs[feeding->laid[place]].is_settled ||
            feed_latency(feeding, place, from, to, err));
}

/* ---- tables of all configurations ---- */

static bool write_run(const struct feeding *feeding, uint32_t shown, struct sim_err *err)
{
    const struct plt_comparison *comparison = &feeding->comparison;
    struct plt_out out;

    if (!plt_out_open(&out, feeding->data, "run.tsv", err)) {
        return false;
    }
    fputs("key\tvalue\ntitle\t", out.file);
    plt_out_text(out.file, feeding->summary.title[0] != 0 ? feeding->summary.title : "comparison");
    fputs("\ncaption\t", out.file);
    plt_out_text(out.file, feeding->summary.caption);
    fprintf(out.file, "%s%u replication%s\nkeys\t", feeding->summary.caption[0] != 0 ? ", " : "",
            comparison->replications, comparison->replications == 1 ? "" : "s");
    for (uint32_t k = 0; k < comparison->key_count; k++) {
        fputs(k > 0 ? ", " : "", out.file);
        plt_out_text(out.file, comparison->keys[k]);
    }
    fprintf(out.file,
            "%s\nend_s\t%.9g\nwarmup_s\t%.9g\nvertices\t0\ntask_managers\t0\nconfigs\t%u\n"
            "laid\t%u\nleft_out\t%u\n",
            comparison->key_count > 0 ? "" : "-", feeding->end_s, feeding->summary.warm_up_s, shown,
            feeding->laid_count, comparison->config_count - shown);
    return plt_out_close(&out, err);
}

static bool write_configs(const struct feeding *feeding, uint32_t shown, struct sim_err *err)
{
    const struct plt_comparison *comparison = &feeding->comparison;
    struct plt_out out;

    if (!plt_out_open(&out, feeding->data, "compare.tsv", err)) {
        return false;
    }
    fputs("number\tlabel\tis_laid\tnote\n", out.file);
    for (uint32_t c = 0; c < shown; c++) {
        const struct plt_compared *config = &comparison->configs[c];
        const char *note = c == comparison->baseline ? "baseline" : "-";

        note = !config->is_started ? "cannot start" : !config->is_settled ? "never settles" : note;
        fprintf(out.file, "%u\t", config->number);
        plt_out_text(out.file, config->short_label);
        fprintf(out.file, "\t%d\t%s\n", is_laid(feeding, c), note);
    }
    return plt_out_close(&out, err);
}

/* A row of compare-latency.tsv or compare-time.tsv: the number in every configuration's folder. */
static void write_numbers(FILE *file, const char *name, const char *side, const uint32_t *numbers,
                          uint32_t count)
{
    plt_out_text(file, name);
    fprintf(file, "\t%s", side);
    for (uint32_t i = 0; i < count; i++) {
        fprintf(file, "\t%u", numbers[i]);
    }
    fputc('\n', file);
}

static bool has_any(const uint32_t *numbers, uint32_t count)
{
    uint32_t any = 0;

    for (uint32_t i = 0; i < count; i++) {
        any |= numbers[i];
    }
    return any != 0;
}

static bool write_latency(const struct feeding *feeding, struct sim_text *notes,
                          struct sim_err *err)
{
    struct plt_out out;
    uint32_t sinks = 0;

    if (!plt_out_open(&out, feeding->data, "compare-latency.tsv", err)) {
        return false;
    }
    fputs("sink\tside\n", out.file);
    for (uint32_t v = 0; v < feeding->vertex_count; v++) {
        const struct vertex *vertex = &feeding->vertices[v];

        if (is_sink(vertex) && has_any(vertex->curve, feeding->laid_count) &&
            ++sinks <= PLT_COMPARE_SINKS) {
            write_numbers(out.file, vertex->name, "in", vertex->curve, feeding->laid_count);
        }
    }
    if (sinks > PLT_COMPARE_SINKS) {
        sim_text_add(notes, "%u of %u sinks are not in the charts\n", sinks - PLT_COMPARE_SINKS,
                     sinks);
    }
    return plt_out_close(&out, err);
}

static bool write_time(const struct feeding *feeding, struct sim_text *notes, struct sim_err *err)
{
    struct plt_out out;
    uint32_t rows = 0;

    if (!plt_out_open(&out, feeding->data, "compare-time.tsv", err)) {
        return false;
    }
    fputs("vertex\tside\n", out.file);
    for (uint32_t v = 0; v < feeding->vertex_count; v++) {
        const struct vertex *vertex = &feeding->vertices[v];

        if (!has_any(vertex->series, feeding->laid_count)) {
            continue;
        }
        if (vertex->is_reader && ++rows <= PLT_COMPARE_ROWS) {
            write_numbers(out.file, vertex->name, "in", vertex->series, feeding->laid_count);
        }
        if (vertex->is_writer && ++rows <= PLT_COMPARE_ROWS) {
            write_numbers(out.file, vertex->name, "out", vertex->series, feeding->laid_count);
        }
    }
    if (rows > PLT_COMPARE_ROWS) {
        sim_text_add(notes,
                     "the chart over time has the inputs and outputs of the first vertices only, "
                     "%u of %u\n",
                     (unsigned)PLT_COMPARE_ROWS, rows);
    }
    return plt_out_close(&out, err);
}

/* ---- dots ---- */

struct panels {
    FILE *file;
    uint32_t count;
};

/* A panel of dots, where any configuration has the measure. `unit` divides. */
static bool write_panel(const struct feeding *feeding, struct panels *panels, uint32_t row,
                        uint32_t column, const char *vertex, const char *metric, const char *title,
                        double unit, struct sim_err *err)
{
    const struct plt_comparison *comparison = &feeding->comparison;
    const struct plt_measured *measure = plt_comparison_find(comparison, vertex, metric);
    double low = INFINITY;
    double high = -INFINITY;
    double base = NAN;
    struct plt_out out;
    char name[64];

    snprintf(name, sizeof name, "compare-dots-%u.tsv", panels->count + 1);
    if (!plt_out_open(&out, feeding->data, name, err)) {
        return false;
    }
    fputs("config\tmean\thalf_width\n", out.file);
    for (uint32_t c = 0; measure != NULL && c < comparison->config_count; c++) {
        const struct plt_mean *value = &measure->means[c];

        if (c < PLT_COMPARE_DOTS && !isnan(value->mean)) {
            fprintf(out.file, "%u\t%.9g\t%.9g\n", c + 1, value->mean / unit, value->half / unit);
            low = fmin(low, (value->mean - value->half) / unit);
            high = fmax(high, (value->mean + value->half) / unit);
            base = c == comparison->baseline ? value->mean / unit : base;
        }
    }
    if (low <= high) {
        panels->count++;
        fprintf(panels->file, "%u\t%u\t", row, column);
        plt_out_text(panels->file, vertex[0] != 0 ? vertex : "(job)");
        fprintf(panels->file, "\t%s\t%.9g\t%.9g\t", title, low, high);
        fprintf(panels->file, isnan(base) ? "\n" : "%.9g\n", base);
    }
    return plt_out_close(&out, err);
}

static bool write_panels(const struct feeding *feeding, uint32_t *count, struct sim_err *err)
{
    static const struct {
        const char *metric;
        const char *title;
        double unit;
    } of_sinks[] = {{"numRecordsIn.rate", "records/s", 1},
                    {"latencyMs.p50", "latency p50 (ms)", 1},
                    {"latencyMs.p99", "latency p99 (ms)", 1}},
      of_job[] = {{"memory.peak", "peak memory (MiB)", 1048576},
                  {"checkpoint.duration", "checkpoint (ms)", 1}};
    struct panels panels = {0};
    struct plt_out out;
    uint32_t row = 0;
    bool is_good = true;

    if (!plt_out_open(&out, feeding->data, "compare-panels.tsv", err)) {
        return false;
    }
    panels.file = out.file;
    fputs("row\tcolumn\tvertex\ttitle\tlow\thigh\tbaseline\n", out.file);
    for (uint32_t v = 0; v < feeding->vertex_count && row < PLT_COMPARE_SINKS; v++) {
        if (!is_sink(&feeding->vertices[v])) {
            continue;
        }
        for (uint32_t i = 0; i < 3 && is_good; i++) {
            is_good = write_panel(feeding, &panels, row, i, feeding->vertices[v].name,
                                  of_sinks[i].metric, of_sinks[i].title, of_sinks[i].unit, err);
        }
        row++;
    }
    for (uint32_t i = 0; i < 2 && is_good; i++) {
        is_good = write_panel(feeding, &panels, i, 3, "", of_job[i].metric, of_job[i].title,
                              of_job[i].unit, err);
    }
    *count = panels.count;
    return plt_out_close(&out, is_good ? err : NULL) && is_good;
}

/* ---- the map of two keys ---- */

/* The index of a value among those of a key that came before; new ones are added. */
static uint32_t place_of(const struct plt_comparison *comparison, const char **seen,
                         uint32_t *count, uint32_t config, uint32_t key)
{
    const char *value = comparison->values[config * comparison->key_count + key];

    for (uint32_t i = 0; i < *count; i++) {
        if (strcmp(seen[i], value) == 0) {
            return i;
        }
    }
    seen[*count] = value;
    return (*count)++;
}

static void write_cell(FILE *file, const struct plt_comparison *comparison, uint32_t config,
                       const char *vertex, const char *metric, double unit)
{
    const struct plt_measured *measure = plt_comparison_find(comparison, vertex, metric);
    double value = measure != NULL ? measure->means[config].mean : NAN;

    if (isnan(value)) {
        fputs("\t", file);
    } else {
        fprintf(file, "\t%.9g", value / unit);
    }
}

static bool write_map(const struct feeding *feeding, bool *has_map, struct sim_err *err)
{
    const struct plt_comparison *comparison = &feeding->comparison;
    const char **seen[2];
    uint32_t counts[2] = {0};
    bool has_any_cell = false;
    const char *sink = "";
    struct plt_out out;

    if (comparison->key_count != 2) {
        return true;
    }
    for (uint32_t v = feeding->vertex_count; v-- > 0;) {
        sink = is_sink(&feeding->vertices[v]) ? feeding->vertices[v].name : sink;
    }
    if (!plt_out_open(&out, feeding->data, "compare-heat.tsv", err)) {
        return false;
    }
    for (int k = 0; k < 2; k++) {
        seen[k] = (const char **)sim_arena_alloc(comparison->arena, comparison->config_count,
                                                 sizeof(char *));
    }
    fputs("row\tcolumn\trow_value\tcolumn_value\trate\tp99_ms\tmemory_mib\n", out.file);
    for (uint32_t c = 0; c < comparison->config_count; c++) {
        uint32_t row = place_of(comparison, seen[0], &counts[0], c, 0);
        uint32_t column = place_of(comparison, seen[1], &counts[1], c, 1);

        has_any_cell = has_any_cell || comparison->configs[c].is_settled;
        fprintf(out.file, "%u\t%u\t", row, column);
        plt_out_text(out.file, seen[0][row]);
        fputc('\t', out.file);
        plt_out_text(out.file, seen[1][column]);
        write_cell(out.file, comparison, c, sink, "numRecordsIn.rate", 1);
        write_cell(out.file, comparison, c, sink, "latencyMs.p99", 1);
        write_cell(out.file, comparison, c, "", "memory.peak", 1048576);
        fputc('\n', out.file);
    }
    *has_map = counts[0] > 1 && counts[1] > 1 && has_any_cell;
    return plt_out_close(&out, err);
}

static bool feed_all(struct feeding *feeding, struct plt_compare_feed *feed, struct sim_text *notes,
                     struct sim_err *err)
{
    const struct plt_comparison *comparison = &feeding->comparison;
    uint32_t shown = comparison->config_count < PLT_COMPARE_DOTS ? comparison->config_count
                                                                 : (uint32_t)PLT_COMPARE_DOTS;
    uint32_t panels = 0;

    find_vertices(feeding);
    choose_laid(feeding);
    for (uint32_t i = 0; i < feeding->laid_count; i++) {
        if (!feed_config(feeding, i, err)) {
            return false;
        }
    }
    if (shown < comparison->config_count) {
        sim_text_add(notes, "%u of %u configurations are not in the chart of dots\n",
                     comparison->config_count - shown, comparison->config_count);
    }
    if (feeding->laid_count < comparison->config_count) {
        sim_text_add(notes, "%u of %u configurations are laid over each other\n",
                     feeding->laid_count, comparison->config_count);
    }
    if (!write_run(feeding, shown, err) || !write_configs(feeding, shown, err) ||
        !write_latency(feeding, notes, err) || !write_time(feeding, notes, err) ||
        !write_panels(feeding, &panels, err) || !write_map(feeding, &feed->has_map, err)) {
        return false;
    }
    feed->has_dots = panels > 0;
    feed->has_time = feeding->has_samples;
    return true;
}

bool plt_compare_feed(const char *result, const char *data, struct plt_compare_feed *feed,
                      struct sim_text *notes, struct sim_err *err)
{
    struct feeding feeding = {.result = result, .data = data};
    struct plt_compare_feed found = {0};
    char path[PATH_SIZE];
    bool is_good = plt_path(path, sizeof path, result, "compare.csv", err);

    if (!is_good) {
        return false;
    }
    is_good = plt_comparison_read(&feeding.comparison, path, err) &&
              feed_all(&feeding, &found, notes, err);
    plt_comparison_finish(&feeding.comparison);
    if (is_good) {
        *feed = found;
    }
    return is_good;
}
