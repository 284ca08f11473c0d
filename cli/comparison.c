#include "cli/comparison.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/intervals.h"
#include "cli/table.h"
#include "cli/verdicts.h"

#define WORDS_COLUMN 34
#define MOST_COLUMNS 5 /* of configurations side by side, in 80 columns */

/* A, B, ...; then numbers. */
static void name_config(char name[16], uint32_t config)
{
    if (config < 26) {
        snprintf(name, 16, "%c", (int)('A' + config));
    } else {
        snprintf(name, 16, "%" PRIu32, config + 1);
    }
}

static void print_verdicts(const struct study_comparison *comparison, enum cli_format format,
                           FILE *out)
{
    bool is_any = false;
    char name[16];

    for (uint32_t c = 0; comparison->thresholds != NULL && c < comparison->compare->config_count;
         c++) {
        name_config(name, c);
        cli_verdicts_print(&comparison->thresholds[c], name, format, out);
        is_any = is_any || comparison->thresholds[c].count > 0;
    }
    fputs(is_any ? "\n" : "", out);
}

/* Why a configuration has no numbers. */
static void print_silence(const struct study_config *config, FILE *out)
{
    const struct study_outcome *outcome = study_run_outcome(config->first);
    struct sim_text text = {0};

    if (outcome->stop == STUDY_STOP_REFUSED) {
        /* Flink's text in one line, so that it can be searched for. */
        fprintf(out, "    cannot start:\n    %s\n", outcome->refusal);
    } else if (config->warmup.has_growth) {
        sim_text_add(&text,
                     "never settles: the sources' lag grows by %.1f records/s, to %.0f records at "
                     "the end. No averages.",
                     config->warmup.growth_per_s, config->warmup.lag);
        fputs("    ", out);
        cli_wrap(out, sim_text_get(&text), 4, 4);
    }
    sim_text_finish(&text);
}

/* Where the numbers begin: once, or of each configuration where they differ. */
static void add_cuts(const struct study_compare *compare, struct sim_text *text)
{
    bool is_sought = false;
    bool is_same = true;
    char name[16];

    for (uint32_t c = 0; c < compare->config_count; c++) {
        is_sought = is_sought || compare->configs[c].warmup.is_sought;
        is_same = is_same && study_compare_cut(compare, c) == study_compare_cut(compare, 0);
    }
    sim_text_add(text, " Measured from ");
    for (uint32_t c = 0; c < (is_same ? 1 : compare->config_count); c++) {
        name_config(name, c);
        sim_text_add(text, "%s%g s%s%s%s", c > 0 ? ", " : "",
                     (double)study_compare_cut(compare, c) / 1e9, is_same ? "" : " (",
                     is_same ? "" : name, is_same ? "" : ")");
    }
    sim_text_add(text, " on%s.", is_sought ? ", the warm-up being found by MSER-5" : "");
}

static void print_heading(const struct study_comparison *comparison, FILE *out)
{
    const struct study_compare *compare = comparison->compare;
    struct sim_text text = {0};
    char name[16];

    for (uint32_t c = 0; c < compare->config_count; c++) {
        name_config(name, c);
        fprintf(out, "%-3s %s%s\n", name, compare->configs[c].label,
                c == comparison->baseline ? " (baseline)" : "");
        print_silence(&compare->configs[c], out);
    }
    fputc('\n', out);
    sim_text_add(
        &text,
        "Seed %" PRIu64 ", %" PRIu32
        " replication%s of each (%s) on common random numbers. +- is the half-width of the "
        "95 %% interval",
        compare->seed, compare->done, compare->done == 1 ? "" : "s",
        study_enough_name(compare->enough));
    if (compare->config_count > 2) {
        sim_text_add(&text,
                     "; those of differences are wider, so that the %" PRIu32
                     " against the baseline hold together (Bonferroni)",
                     compare->config_count - 1);
    }
    sim_text_add(&text, ".");
    if (compare->enough != STUDY_ENOUGH_REFUSED) {
        add_cuts(compare, &text);
    }
    cli_wrap(out, sim_text_get(&text), 0, 0);
    fputc('\n', out);
    sim_text_finish(&text);
}

/* ---- what is asked first: one block a measure, one line a configuration ---- */

static bool is_first(const struct study_measure *measure)
{
    return measure->is_headline || measure->kind == STUDY_MEASURE_MEMORY ||
           measure->kind == STUDY_MEASURE_ALL_ALLOTTED || measure->kind == STUDY_MEASURE_ALL_USED ||
           measure->kind == STUDY_MEASURE_CHECKPOINT;
}

static void print_words(const struct study_comparison *comparison, uint32_t config,
                        uint32_t measure, FILE *out)
{
    struct sim_text text = {0};

    if (config == comparison->baseline) {
        fputs("baseline\n", out);
        return;
    }
    struct study_difference difference =
        study_compare_difference(comparison->compare, comparison->baseline, config, measure,
                                 study_compare_level(comparison->compare));
    study_difference_tell(&difference, &text);
    cli_wrap(out, sim_text_get(&text), WORDS_COLUMN, WORDS_COLUMN);
    sim_text_finish(&text);
}

static void print_line(const struct study_comparison *comparison, uint32_t config, uint32_t measure,
                       FILE *out)
{
    const struct study_compare *compare = comparison->compare;
    enum study_unit unit = compare->configs[config].measures.list[measure].unit;
    struct sim_interval interval = study_compare_interval(compare, config, measure, SIM_CONFIDENCE);
    char name[16];
    char mean[32];
    char half[32];

    name_config(name, config);
    cli_measure_format(mean, sizeof mean, unit, interval.mean);
    cli_measure_format(half, sizeof half, unit, interval.half_width);
    if (interval.n == 0) {
        fprintf(out, "  %-3s %-*s", name, WORDS_COLUMN - 6, "too few samples");
    } else {
        fprintf(out, "  %-3s %12s +- %-10s  ", name, mean, half);
    }
    if (interval.n > 0 && interval.n < compare->done) {
        /* The others had too few samples. */
        fprintf(out, "(%" PRIu64 " of %" PRIu32 ") ", interval.n, compare->done);
    }
    print_words(comparison, config, measure, out);
}

static void print_block(const struct study_comparison *comparison, const char *name,
                        const struct study_measure *like, FILE *out)
{
    const struct study_compare *compare = comparison->compare;

    fprintf(out, "%s%s%s\n", like->vertex != NULL ? like->vertex : "",
            like->vertex != NULL ? ": " : "", like->what);
    for (uint32_t c = 0; c < compare->config_count; c++) {
        int64_t measure = study_measures_find(&compare->configs[c].measures, name);

        if (measure >= 0 && study_compare_is_measured(compare, c)) {
            print_line(comparison, c, (uint32_t)measure, out);
        }
    }
    fputc('\n', out);
}

/* Whether an earlier configuration has the measure too. */
static bool is_repeated(const struct study_compare *compare, uint32_t config, const char *name)
{
    for (uint32_t c = 0; c < config; c++) {
        if (study_measures_find(&compare->configs[c].measures, name) >= 0) {
            return true;
        }
    }
    return false;
}

static void print_blocks(const struct study_comparison *comparison, FILE *out)
{
    const struct study_compare *compare = comparison->compare;
    char name[256];

    for (uint32_t c = 0; c < compare->config_count; c++) {
        const struct study_measures *measures = &compare->configs[c].measures;

        for (uint32_t m = 0; m < measures->count; m++) {
            study_measure_name(&measures->list[m], name, sizeof name);
            if (is_first(&measures->list[m]) && !is_repeated(compare, c, name)) {
                print_block(comparison, name, &measures->list[m], out);
            }
        }
    }
}

/* ---- everything, of a few configurations: a table a vertex ---- */

/* "+-" as a part of the mean, or in points of a share. */
static void add_value(struct cli_table *table, enum study_unit unit,
                      const struct sim_interval *interval)
{
    char text[32];
    double relative = 100 * sim_interval_relative(interval);

    if (interval->n == 0) {
        cli_table_add(table, "-");
        cli_table_add(table, "-");
        return;
    }
    cli_measure_format(text, sizeof text, unit, interval->mean);
    cli_table_add(table, "%s", text);
    relative = unit == STUDY_UNIT_SHARE ? 100 * interval->half_width : relative;
    if (isfinite(relative)) {
        cli_table_add(table, relative < 99.95 ? "%.1f" : "%.0f", relative);
    } else {
        cli_table_add(table, "-");
    }
}

static void add_difference(struct cli_table *table, const struct study_difference *difference)
{
    bool is_share = difference->unit == STUDY_UNIT_SHARE;
    double scale = is_share ? 0.01 : fabs(difference->base) / 100;

    switch (difference->kind) {
    case STUDY_DIFFERENCE_NONE:
        cli_table_add(table, "-");
        break;
    case STUDY_DIFFERENCE_SAME:
        cli_table_add(table, "same");
        break;
    case STUDY_DIFFERENCE_OPEN:
        cli_table_add(table, "none shown");
        break;
    case STUDY_DIFFERENCE_LOWER:
    case STUDY_DIFFERENCE_HIGHER:
        if (study_difference_factor(difference) > 0) {
            double factor = study_difference_factor(difference);

            cli_table_add(table, factor < 100 ? "x %.1f" : "x %.0f", factor);
        } else if (scale == 0) {
            cli_table_add(table, "%+.3g", difference->interval.mean);
        } else {
            double value = difference->interval.mean / scale;

            cli_table_add(table, fabs(value) < 0.05 ? "%+.2g %s" : "%+.1f %s", value,
                          is_share ? "pt" : "%");
        }
        break;
    }
}

/* The interval of a measure by name; n is 0 where the configuration has none. */
static struct sim_interval interval_of(const struct study_compare *compare, uint32_t config,
                                       const char *name)
{
    int64_t measure = study_measures_find(&compare->configs[config].measures, name);

    if (measure < 0 || !study_compare_is_measured(compare, config)) {
        return (struct sim_interval){0};
    }
    return study_compare_interval(compare, config, (uint32_t)measure, SIM_CONFIDENCE);
}

/* A share of time that nobody ever spent is not worth a line, nor is what nobody has. */
static bool is_nothing(const struct study_compare *compare, const char *name, enum study_unit unit)
{
    bool has_any = false;

    for (uint32_t c = 0; c < compare->config_count; c++) {
        struct sim_interval interval = interval_of(compare, c, name);

        has_any = has_any || (interval.n > 0 && (unit != STUDY_UNIT_SHARE || interval.mean != 0));
    }
    return !has_any;
}

static struct study_difference difference_of(const struct study_comparison *comparison,
                                             uint32_t config, const char *name)
{
    const struct study_compare *compare = comparison->compare;
    int64_t measure = study_measures_find(&compare->configs[config].measures, name);

    if (measure < 0 || config == comparison->baseline ||
        !study_compare_is_measured(compare, config) ||
        !study_compare_is_measured(compare, comparison->baseline)) {
        return (struct study_difference){.kind = STUDY_DIFFERENCE_NONE};
    }
    return study_compare_difference(compare, comparison->baseline, config, (uint32_t)measure,
                                    study_compare_level(compare));
}

/* Of two: each with its half-width, and the difference. */
static void add_pair(struct cli_table *table, const struct study_comparison *comparison,
                     const struct study_measure *like, const char *name)
{
    uint32_t a = comparison->baseline;
    uint32_t b = 1 - a;
    struct sim_interval of_a = interval_of(comparison->compare, a, name);
    struct sim_interval of_b = interval_of(comparison->compare, b, name);
    struct study_difference difference = difference_of(comparison, b, name);

    add_value(table, like->unit, &of_a);
    add_value(table, like->unit, &of_b);
    add_difference(table, &difference);
}

static void format_mean(char *text, size_t size, enum study_unit unit, double value)
{
    bool is_rate = unit == STUDY_UNIT_RATE || unit == STUDY_UNIT_MESSAGES;

    if (is_rate && value >= 1000 && value < 1e6) {
        snprintf(text, size, "%.0f/s", value); /* columns are narrow here */
    } else {
        cli_measure_format(text, size, unit, value);
    }
}

/* Of several: their means, with a star where they differ from the baseline. */
static void add_means(struct cli_table *table, const struct study_comparison *comparison,
                      const struct study_measure *like, const char *name)
{
    for (uint32_t c = 0; c < comparison->compare->config_count; c++) {
        struct sim_interval interval = interval_of(comparison->compare, c, name);
        struct study_difference difference = difference_of(comparison, c, name);
        bool is_other =
            difference.kind == STUDY_DIFFERENCE_LOWER || difference.kind == STUDY_DIFFERENCE_HIGHER;
        char text[32] = "-";

        if (interval.n > 0) {
            format_mean(text, sizeof text, like->unit, interval.mean);
        }
        cli_table_add(table, "%s%s", text, is_other ? "*" : " ");
    }
}

/* How the tables of the vertices look; the vertex is the title of the first column. */
struct layout {
    struct cli_column *columns;
    size_t column_count;
    void (*add)(struct cli_table *table, const struct study_comparison *comparison,
                const struct study_measure *like, const char *name);
    enum cli_format format;
};

/* The rows of one vertex (NULL: of the job); how many were left out. */
static uint32_t print_vertex(const struct study_comparison *comparison, const char *vertex,
                             const struct layout *layout, FILE *out)
{
    const struct study_compare *compare = comparison->compare;
    struct cli_table table;
    uint32_t left_out = 0;
    char name[256];

    layout->columns[0].title = vertex != NULL ? vertex : "(job)";
    cli_table_init(&table, layout->columns, layout->column_count);
    for (uint32_t c = 0; c < compare->config_count; c++) {
        const struct study_measures *measures = &compare->configs[c].measures;

        for (uint32_t m = 0; m < measures->count; m++) {
            const struct study_measure *measure = &measures->list[m];
            bool is_here = vertex == NULL
                               ? measure->vertex == NULL
                               : measure->vertex != NULL && strcmp(measure->vertex, vertex) == 0;

            study_measure_name(measure, name, sizeof name);
            if (!is_here || is_repeated(compare, c, name)) {
                continue;
            }
            if (is_nothing(compare, name, measure->unit)) {
                left_out++;
                continue;
            }
            cli_table_add(&table, "%s", measure->what);
            layout->add(&table, comparison, measure, name);
        }
    }
    if (layout->format == CLI_FORMAT_MARKDOWN) {
        cli_table_print_markdown(&table, out);
    } else {
        cli_table_print(&table, out);
    }
    fputc('\n', out);
    cli_table_finish(&table);
    return left_out;
}

/* Print a table for every vertex of any configuration, and for the job. */
static uint32_t print_vertices(const struct study_comparison *comparison,
                               const struct layout *layout, FILE *out)
{
    const struct study_compare *compare = comparison->compare;
    uint32_t left_out = 0;

    for (uint32_t c = 0; c < compare->config_count; c++) {
        const struct net_spec *spec = compare->configs[c].spec;

        for (uint32_t v = 0; v < spec->vertex_count; v++) {
            char busy[256];

            snprintf(busy, sizeof busy, "%s.busy", spec->vertices[v].name);
            if (!is_repeated(compare, c, busy)) {
                left_out += print_vertex(comparison, spec->vertices[v].name, layout, out);
            }
        }
    }
    return left_out + print_vertex(comparison, NULL, layout, out);
}

static void print_left_out(uint32_t left_out, FILE *out)
{
    if (left_out > 0) {
        fprintf(out, "Left out: %" PRIu32 " row%s 0 everywhere; --format csv has all.\n", left_out,
                left_out == 1 ? " that is" : "s that are");
    }
}

static void print_pair(const struct study_comparison *comparison, enum cli_format format, FILE *out)
{
    char names[2][16];
    char alone[2][2][32];
    char difference[40];

    name_config(names[0], comparison->baseline);
    name_config(names[1], 1 - comparison->baseline);
    for (int i = 0; i < 2; i++) {
        snprintf(alone[i][0], sizeof alone[i][0], "%.15s mean", names[i]);
        snprintf(alone[i][1], sizeof alone[i][1], "%.15s +-%%", names[i]);
    }
    snprintf(difference, sizeof difference, "difference of %.15s", names[1]);
    struct cli_column columns[] = {
        {NULL, NULL, true, NULL},
        {names[0], "mean", false, alone[0][0]},
        {names[0], "+-%", false, alone[0][1]},
        {names[1], "mean", false, alone[1][0]},
        {names[1], "+-%", false, alone[1][1]},
        {"difference", names[1], false, difference},
    };
    const struct layout layout = {columns, sizeof columns / sizeof columns[0], add_pair, format};
    uint32_t left_out = print_vertices(comparison, &layout, out);

    cli_wrap(
        out,
        "+-% is a part of the mean, of shares in points; so are differences (pt). Buffers used "
        "at peak: every pool's own peak, summed up.",
        0, 0);
    print_left_out(left_out, out);
}

static void print_few(const struct study_comparison *comparison, enum cli_format format, FILE *out)
{
    struct cli_column columns[1 + MOST_COLUMNS] = {{NULL, NULL, true, NULL}};
    char names[MOST_COLUMNS][16];
    uint32_t count = comparison->compare->config_count;

    for (uint32_t c = 0; c < count; c++) {
        name_config(names[c], c);
        columns[1 + c] = (struct cli_column){NULL, names[c], false, NULL};
    }
    const struct layout layout = {columns, 1 + (size_t)count, add_means, format};
    uint32_t left_out = print_vertices(comparison, &layout, out);

    cli_wrap(out,
             "Means; a * differs from the baseline. Left out here: their intervals; --format csv "
             "and compare.csv have them. Buffers used at peak: every pool's own peak, summed up.",
             0, 0);
    print_left_out(left_out, out);
}

/* ---- what pairing gave ---- */

static void print_gain(const struct study_comparison *comparison, FILE *out)
{
    const struct study_compare *compare = comparison->compare;
    double least = INFINITY;
    double most = 0;
    char text[160];

    for (uint32_t c = 0; c < compare->config_count; c++) {
        for (uint32_t m = 0; m < compare->configs[c].measures.count; m++) {
            if (c == comparison->baseline || !compare->configs[c].measures.list[m].is_headline) {
                continue;
            }
            struct study_difference difference = study_compare_difference(
                compare, comparison->baseline, c, m, study_compare_level(compare));
            if (difference.kind > STUDY_DIFFERENCE_SAME && isfinite(difference.gain)) {
                least = fmin(least, difference.gain);
                most = fmax(most, difference.gain);
            }
        }
    }
    if (most > 0) {
        char low[32];
        char high[32];

        snprintf(low, sizeof low, "%.*f", least < 10, least);
        snprintf(high, sizeof high, "%.*f", most < 10, most);
        snprintf(text, sizeof text,
                 "Pairing divided the variance of the sinks' differences by %s%s%s.", low,
                 strcmp(low, high) != 0 ? " to " : "", strcmp(low, high) != 0 ? high : "");
        cli_wrap(out, text, 0, 0);
    }
}

static void print_people(const struct study_comparison *comparison, enum cli_format format,
                         FILE *out)
{
    const struct study_compare *compare = comparison->compare;
    bool is_markdown = format == CLI_FORMAT_MARKDOWN;

    print_verdicts(comparison, format, out);
    fputs(is_markdown ? "```\n" : "", out);
    print_heading(comparison, out);
    if (compare->enough != STUDY_ENOUGH_REFUSED && compare->enough != STUDY_ENOUGH_UNSETTLED) {
        print_blocks(comparison, out);
    }
    fputs(is_markdown ? "```\n\n" : "", out);
    if (compare->config_count == 2 && study_compare_is_measured(compare, 0) &&
        study_compare_is_measured(compare, 1)) {
        print_pair(comparison, format, out);
    } else if (compare->config_count <= MOST_COLUMNS && compare->enough != STUDY_ENOUGH_REFUSED &&
               compare->enough != STUDY_ENOUGH_UNSETTLED) {
        print_few(comparison, format, out);
    } else if (compare->config_count > MOST_COLUMNS) {
        cli_wrap(out,
                 "Left out here: the measures of every vertex; --format csv, compare.csv and a "
                 "comparison of up to five have them.",
                 0, 0);
    }
    print_gain(comparison, out);
}

void cli_comparison_print(const struct study_comparison *comparison, enum cli_format format,
                          FILE *out)
{
    switch (format) {
    case CLI_FORMAT_TABLE:
    case CLI_FORMAT_MARKDOWN:
        print_people(comparison, format, out);
        break;
    case CLI_FORMAT_JSON:
        study_comparison_write_json(comparison, out);
        break;
    case CLI_FORMAT_CSV:
        study_comparison_write_csv(comparison, out);
        break;
    }
}
