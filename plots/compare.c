#include "plots/compare.h"

#include <math.h>
#include <string.h>

#include "plots/csv.h"
#include "plots/draw.h"
#include "sim/histogram.h"

#define PATH_SIZE 1024

/* The first vertex that is a sink. */
static const char *sink_of(const struct net_spec *spec)
{
    for (uint32_t v = 0; v < spec->vertex_count; v++) {
        if (study_is_sink(spec, v)) {
            return spec->vertices[v].name;
        }
    }
    return "";
}

static void write_interval(FILE *file, const struct study_compare *compare, uint32_t config,
                           const char *sink, const char *metric)
{
    const struct study_measures *measures = &compare->configs[config].measures;
    char name[512];
    int64_t measure;
    struct sim_interval interval = {0};

    snprintf(name, sizeof name, "%s%s%s", sink, sink[0] != 0 ? "." : "", metric);
    measure = study_measures_find(measures, name);
    if (measure >= 0) {
        interval = study_compare_interval(compare, config, (uint32_t)measure, SIM_CONFIDENCE);
    }
    if (interval.n == 0) {
        fputs("\t\t", file);
    } else {
        fprintf(file, "\t%.9g\t%.9g", interval.mean,
                isfinite(interval.half_width) ? interval.half_width : 0.0);
    }
}

struct curve {
    FILE *file;
    uint64_t total;
    uint64_t seen;
};

static void write_point(void *arg, sim_time low, sim_time high, uint64_t count)
{
    struct curve *curve = arg;

    curve->seen += count;
    fprintf(curve->file, "%.6f\t%.9g\n", (double)high / 1e6,
            (double)curve->seen / (double)curve->total);
}

static bool write_curve(const struct study_config *config, const char *sink, const char *data,
                        uint32_t number, struct sim_err *err)
{
    const struct study_outcome *outcome = study_run_outcome(config->first);
    struct plt_out out;
    char name[64];

    snprintf(name, sizeof name, "compare-latency-%u.tsv", number);
    if (!plt_out_open(&out, data, name, err)) {
        return false;
    }
    fputs("ms\tshare\n", out.file);
    for (uint32_t v = 0; v < outcome->spec->vertex_count; v++) {
        const struct sim_histogram *latency = outcome->vertices[v].latency;

        if (strcmp(outcome->vertices[v].name, sink) == 0 && sim_histogram_count(latency) > 0) {
            struct curve curve = {out.file, sim_histogram_count(latency), 0};

            sim_histogram_visit(latency, write_point, &curve);
        }
    }
    return plt_out_close(&out, err);
}

static bool write_data(const struct study_compare *compare, const char *sink, const char *data,
                       uint32_t *drawn, struct sim_err *err)
{
    struct plt_out out;

    if (!plt_out_open(&out, data, "compare.tsv", err)) {
        return false;
    }
    fputs("label\tsink\trate\trate_half\tp50\tp50_half\tp99\tp99_half\tpeak\tpeak_half\n",
          out.file);
    for (uint32_t c = 0; c < compare->config_count && *drawn < PLT_MOST_COMPARED; c++) {
        if (study_compare_is_refused(compare, c)) {
            continue;
        }
        plt_out_text(out.file, compare->configs[c].label);
        fputc('\t', out.file);
        plt_out_text(out.file, sink);
        write_interval(out.file, compare, c, sink, "numRecordsIn.rate");
        write_interval(out.file, compare, c, sink, "latencyMs.p50");
        write_interval(out.file, compare, c, sink, "latencyMs.p99");
        write_interval(out.file, compare, c, "", "buffers.peak");
        fputc('\n', out.file);
        (*drawn)++;
        if (!write_curve(&compare->configs[c], sink, data, *drawn, err)) {
            fclose(out.file);
            return false;
        }
    }
    return plt_out_close(&out, err);
}

bool plt_compare(const struct study_compare *compare, const char *result, struct sim_text *notes,
                 struct sim_err *err)
{
    const char *sink = sink_of(compare->configs[0].spec);
    char charts[PATH_SIZE];
    char data[PATH_SIZE];
    uint32_t drawn = 0;

    if (!plt_path(charts, sizeof charts, result, "charts", err) ||
        !plt_path(data, sizeof data, charts, "data", err) || !plt_make_folders(data, err) ||
        !write_data(compare, sink, data, &drawn, err)) {
        return false;
    }
    if (drawn < compare->config_count) {
        sim_text_add(notes, "%u of %u configurations are not in the chart\n",
                     compare->config_count - drawn, compare->config_count);
    }
    return drawn == 0 ||
           plt_draw_script("compare", charts, (unsigned)(PLT_SVG | PLT_PNG), notes, err);
}

static void write_cell(FILE *file, const struct study_compare *compare, uint32_t config,
                       uint32_t columns, const char *sink)
{
    const char *label = compare->configs[config].label;
    const char *comma = strstr(label, ", ");
    struct sim_text first = {0};

    sim_text_add(&first, "%.*s", comma != NULL ? (int)(comma - label) : (int)strlen(label), label);
    fprintf(file, "%u\t%u\t", config / columns, config % columns);
    plt_out_text(file, sim_text_get(&first));
    fputc('\t', file);
    plt_out_text(file, comma != NULL ? comma + 2 : "");
    write_interval(file, compare, config, sink, "numRecordsIn.rate");
    write_interval(file, compare, config, sink, "latencyMs.p99");
    write_interval(file, compare, config, "", "buffers.peak");
    fputc('\n', file);
    sim_text_finish(&first);
}

bool plt_compare_heat(const struct study_compare *compare, uint32_t columns, const char *result,
                      struct sim_text *notes, struct sim_err *err)
{
    const char *sink = sink_of(compare->configs[0].spec);
    char charts[PATH_SIZE];
    char data[PATH_SIZE];
    struct plt_out out;

    for (uint32_t c = 0; c < compare->config_count; c++) {
        if (study_compare_is_refused(compare, c)) {
            sim_text_add(notes, "no map of the two keys: '%s' could not start\n",
                         compare->configs[c].label);
            return true;
        }
    }
    if (!plt_path(charts, sizeof charts, result, "charts", err) ||
        !plt_path(data, sizeof data, charts, "data", err) || !plt_make_folders(data, err) ||
        !plt_out_open(&out, data, "compare-heat.tsv", err)) {
        return false;
    }
    fputs("row\tcolumn\trow_label\tcolumn_label\trate\trate_half\tp99\tp99_half\tpeak\tpeak_half\n",
          out.file);
    for (uint32_t c = 0; c < compare->config_count; c++) {
        write_cell(out.file, compare, c, columns, sink);
    }
    return plt_out_close(&out, err) &&
           plt_draw_script("compare-heat", charts, (unsigned)(PLT_SVG | PLT_PNG), notes, err);
}
