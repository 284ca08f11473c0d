#include "cli/intervals.h"

#include <inttypes.h>
#include <math.h>

#include "cli/table.h"
#include "sim/number.h"

static const struct cli_column columns[] = {
    {NULL, "vertex", true, NULL}, {NULL, "", true, NULL},   {NULL, "mean", false, NULL},
    {NULL, "+-", false, NULL},    {NULL, "n", false, NULL},
};

void cli_measure_format(char *buffer, size_t size, enum study_unit unit, double value)
{
    if (!isfinite(value)) {
        snprintf(buffer, size, "-");
        return;
    }
    switch (unit) {
    case STUDY_UNIT_RATE:
        if (fabs(value) >= 1e6) {
            sim_number_format_count(buffer, size, value);
        } else {
            snprintf(buffer, size, "%.1f/s", value);
        }
        break;
    case STUDY_UNIT_MESSAGES:
        snprintf(buffer, size, "%.1f/s", value);
        break;
    case STUDY_UNIT_SHARE:
        snprintf(buffer, size, "%.1f %%", 100 * value);
        break;
    case STUDY_UNIT_MS:
        sim_number_format_duration(buffer, size, (sim_time)(value * 1e6));
        break;
    case STUDY_UNIT_BUFFERS:
        snprintf(buffer, size, "%.1f", value);
        break;
    case STUDY_UNIT_BYTES:
        sim_number_format_bytes(buffer, size, (int64_t)value);
        break;
    }
}

/* A share of time that nobody ever spent is not worth a line. */
static bool is_shown(const struct study_measure *measure, const struct sim_interval *interval)
{
    return measure->unit != STUDY_UNIT_SHARE || interval->mean != 0 ||
           measure->kind == STUDY_MEASURE_BUSY || measure->kind == STUDY_MEASURE_BACK_PRESSURED;
}

static void add_row(struct cli_table *table, const struct study_measure *measure,
                    const struct sim_interval *interval)
{
    char text[32];

    cli_table_add(table, "%s", measure->vertex != NULL ? measure->vertex : "(job)");
    cli_table_add(table, "%s", measure->what);
    if (interval->n == 0) {
        cli_table_add(table, "too few samples");
        cli_table_add(table, "-");
    } else {
        cli_measure_format(text, sizeof text, measure->unit, interval->mean);
        cli_table_add(table, "%s", text);
        cli_measure_format(text, sizeof text, measure->unit, interval->half_width);
        cli_table_add(table, "%s", text);
    }
    cli_table_add(table, "%" PRIu64, interval->n);
}

void cli_intervals_print(const struct study_compare *compare, uint32_t config,
                         enum cli_format format, FILE *out)
{
    const struct study_measures *measures = &compare->configs[config].measures;
    struct cli_table table;
    uint32_t left_out = 0;

    cli_table_init(&table, columns, sizeof columns / sizeof columns[0]);
    for (uint32_t m = 0; m < measures->count; m++) {
        struct sim_interval interval = study_compare_interval(compare, config, m, SIM_CONFIDENCE);

        if (is_shown(&measures->list[m], &interval)) {
            add_row(&table, &measures->list[m], &interval);
        } else {
            left_out++;
        }
    }
    if (format == CLI_FORMAT_MARKDOWN) {
        cli_table_print_markdown(&table, out);
    } else {
        cli_table_print(&table, out);
    }
    if (left_out > 0) {
        fprintf(out, "%s(%" PRIu32 " shares that are 0 are left out)\n",
                format == CLI_FORMAT_MARKDOWN ? "\n" : "", left_out);
    }
    fputc('\n', out);
    cli_table_finish(&table);
}
